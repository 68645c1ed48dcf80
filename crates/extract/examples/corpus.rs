//! Reads a corpus through the worker, as the app would.
//!
//! With `--judge FOLDER [TYPE ...]` the folder's `manifest.csv` says what every file must give
//! (columns `file`, `type`, `expect`) and its `ground_truth.csv` which of them have a reference
//! text (`file`, `gt`): prints a table per type, the files that missed, and the slowest one. Types
//! that are named limit it to these. `--texts FOLDER` before it writes the texts there.
//!
//! Without, reads every file named on standard input and prints one JSON line a file: how it
//! ended, how long it took, how much text came out. With a folder as argument, the texts are
//! written there, and the images of pages without text as PGM files.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use footnote_core::ocr::{ExtractedPage, PageImage};
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, PageSource};
use footnote_core::{Error, ErrorCode};
use footnote_extract::{WORKER_ARG, WorkerConfig, WorkerExtractor, worker_main};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(WORKER_ARG) {
        return worker_main();
    }
    let Ok(program) = std::env::current_exe() else {
        return ExitCode::FAILURE;
    };
    let extractor = WorkerExtractor::new(WorkerConfig::new(program));
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut texts = None;
    if args.first().is_some_and(|arg| arg == "--texts") && args.len() > 1 {
        texts = Some(PathBuf::from(args.remove(1)));
        args.remove(0);
    }
    let done = match args.split_first() {
        Some((flag, rest)) if flag == "--judge" && !rest.is_empty() => {
            judge(&extractor, Path::new(&rest[0]), &rest[1..], texts.as_deref())
        }
        first => list(
            &extractor,
            first.map(|(folder, _)| Path::new(folder)).or(texts.as_deref()),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// How reading a file ended.
struct Reading {
    text: String,
    pages: u32,
    chars: usize,
    empty: u32,
    failed: u32,
    ms: u64,
    /// What pages without text show, by page.
    images: Vec<(u32, PageImage)>,
    result: Result<ExtractSummary, Error>,
}

impl Reading {
    fn of(extractor: &WorkerExtractor, file: &Path) -> Self {
        let since = Instant::now();
        let (mut text, mut chars, mut pages, mut empty, mut failed) = (String::new(), 0, 0, 0, 0);
        let mut images = Vec::new();
        let result = extractor.extract(
            file,
            &mut |extracted: ExtractedPage| {
                let page = extracted.page;
                images.extend(extracted.image.map(|image| (page.number, image)));
                pages += 1;
                chars += page.text.chars().filter(|c| !c.is_whitespace()).count();
                empty += u32::from(page.source == PageSource::Empty);
                failed += u32::from(page.source == PageSource::Failed);
                text.push_str(&page.text);
                text.push('\u{c}');
                ControlFlow::Continue(())
            },
            &Default::default(),
        );
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Self {
            text,
            pages,
            chars,
            empty,
            failed,
            ms,
            result,
            images,
        }
    }

    fn write_text(&self, folder: Option<&Path>, file: &Path) {
        if let Some(folder) = folder {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for (number, image) in &self.images {
                let head = format!("P5\n# dpi {}\n{} {}\n255\n", image.dpi, image.width, image.height);
                let bytes = [head.as_bytes(), &image.grey].concat();
                let _ = std::fs::write(folder.join(format!("{name}-{number}.pgm")), bytes);
            }
            let _ = std::fs::write(folder.join(name + ".txt"), &self.text);
        }
    }

    /// Why this is not what the manifest wants; none if it is.
    fn fault(&self, expect: &str) -> Option<String> {
        let told = |error: &Error| {
            // These are how the host reports a worker that did not end by itself.
            let broke = [
                "crashed",
                "it took longer than",
                "of memory",
                "without an answer",
                "gave up",
            ];
            let broke = broke.iter().any(|words| error.message.contains(words));
            (broke || error.hint.is_none()).then(|| error.message.clone())
        };
        let wanted = |what: &str| match &self.result {
            Ok(_) => Some(format!(
                "{what}; it gave {} pages, {} characters",
                self.pages, self.chars
            )),
            Err(error) => Some(format!("{what}; it said: {}", error.message)),
        };
        match (expect, &self.result) {
            ("text", Ok(_)) if self.chars > 0 && self.failed == 0 => None,
            ("text", _) => wanted("text was expected"),
            ("password_error", Err(error)) if error.code == Some(ErrorCode::PasswordNeeded) => None,
            ("password_error", _) => wanted("a password error was expected"),
            ("no_text_layer", Ok(_)) if self.pages > 0 => None,
            ("no_text_layer", _) => wanted("pages were expected"),
            // Anything that ends in order: pages, or an error with a remedy.
            (_, Ok(_)) => None,
            (_, Err(error)) => {
                told(error).map(|said| format!("an orderly end was expected; it said: {said}"))
            }
        }
    }
}

fn list(extractor: &WorkerExtractor, folder: Option<&Path>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for file in std::io::stdin().lock().lines().map_while(Result::ok) {
        let read = Reading::of(extractor, Path::new(&file));
        read.write_text(folder, Path::new(&file));
        let line = serde_json::json!({
            "file": file, "ms": read.ms, "pages": read.pages, "chars": read.chars,
            "empty": read.empty, "failed": read.failed, "images": read.images.len(),
            "error": read.result.as_ref().err().map(|e| e.message.clone()),
            "code": read.result.as_ref().err().and_then(|e| e.code),
            "warnings": read.result.map(|s| s.warnings).unwrap_or_default(),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What is known about the files of one type.
#[derive(Default)]
struct Row {
    files: u32,
    met: u32,
    /// Recall and F1 of every file with a reference.
    scores: Vec<(f64, f64)>,
    slowest: (u64, String),
}

fn judge(
    extractor: &WorkerExtractor,
    root: &Path,
    types: &[String],
    texts: Option<&Path>,
) -> std::io::Result<()> {
    let references: HashMap<String, String> = records(&root.join("ground_truth.csv"), ["file", "gt", "kind"])
        .unwrap_or_default()
        .into_iter()
        .map(|[file, gt, _]| (file, gt))
        .collect();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let (mut faults, mut low) = (Vec::new(), Vec::new());
    for [file, kind, expect] in records(&root.join("manifest.csv"), ["file", "type", "expect"])? {
        if !types.is_empty() && !types.contains(&kind) {
            continue;
        }
        let path = root.join(&file);
        let read = Reading::of(extractor, &path);
        read.write_text(texts, &path);
        let row = rows.entry(kind).or_default();
        row.files += 1;
        if read.ms >= row.slowest.0 {
            row.slowest = (read.ms, file.clone());
        }
        let mut fault = read.fault(&expect);
        if fault.is_none() && !path.exists() {
            fault = Some("the file is not there".into());
        }
        match fault {
            Some(fault) => faults.push(format!("{file} ({expect}): {fault}")),
            None => row.met += 1,
        }
        let reference = references
            .get(&file)
            .and_then(|gt| std::fs::read_to_string(root.join(gt)).ok());
        if let Some(reference) = reference {
            let (recall, f1) = agreement(&plain(&reference), &read.text);
            row.scores.push((recall, f1));
            if recall < 0.95 {
                low.push(format!("{file}: recall {recall:.3}, F1 {f1:.3}"));
            }
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "| type | met | references | recall | F1 | slowest |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let (mut files, mut met) = (0, 0);
    for (kind, row) in &rows {
        files += row.files;
        met += row.met;
        let mean = |of: fn(&(f64, f64)) -> f64| match row.scores.len() {
            0 => "-".to_owned(),
            count => format!("{:.3}", row.scores.iter().map(of).sum::<f64>() / count as f64),
        };
        let (ms, name) = &row.slowest;
        let (recall, f1) = (mean(|s| s.0), mean(|s| s.1));
        let references = row.scores.len();
        writeln!(
            out,
            "| {kind} | {}/{} | {references} | {recall} | {f1} | {ms} ms {name} |",
            row.met, row.files
        )?;
    }
    writeln!(out, "| all | {met}/{files} | | | | |")?;
    for (title, lines) in [("Not as expected", &faults), ("Recall under 0.95", &low)] {
        if !lines.is_empty() {
            writeln!(out, "\n{title}:")?;
        }
        for line in lines {
            writeln!(out, "- {line}")?;
        }
    }
    Ok(())
}

/// The named columns of a table with a header line.
fn records<const N: usize>(path: &Path, columns: [&str; N]) -> std::io::Result<Vec<[String; N]>> {
    let mut reader = csv::Reader::from_path(path).map_err(std::io::Error::other)?;
    let names = reader.headers().map_err(std::io::Error::other)?.clone();
    let places = columns.map(|column| names.iter().position(|name| name == column));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(std::io::Error::other)?;
        rows.push(places.map(|place| place.and_then(|n| record.get(n)).unwrap_or_default().to_owned()));
    }
    Ok(rows)
}

/// A reference without what its notation adds: comments, link targets, escapes.
fn plain(reference: &str) -> String {
    let mut out = String::with_capacity(reference.len());
    let mut rest = reference;
    while let Some(at) = rest.find(['<', ']', '\\', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let skipped = if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else if rest.starts_with("](") {
            rest.find(')').map(|end| end + 1)
        } else {
            None
        };
        let entity = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")];
        let entity = entity.iter().find(|(name, _)| rest.starts_with(name));
        let length = match (skipped, entity) {
            (Some(length), _) => {
                out.push(' ');
                length
            }
            (None, Some((name, character))) => {
                out.push_str(character);
                name.len()
            }
            // A backslash only shields the character behind it.
            (None, None) => {
                out.push_str(if rest.starts_with('\\') { "" } else { &rest[..1] });
                1
            }
        };
        rest = &rest[length..];
    }
    out + rest
}

/// Recall and F1 of the words of `found` against those of `reference`, each as often as it occurs.
fn agreement(reference: &str, found: &str) -> (f64, f64) {
    let (wanted, got) = (words(reference), words(found));
    let total = |words: &HashMap<String, u32>| f64::from(words.values().sum::<u32>());
    let common: u32 = wanted
        .iter()
        .map(|(word, n)| got.get(word).map_or(0, |m| *n.min(m)))
        .sum();
    let (common, wanted, got) = (f64::from(common), total(&wanted), total(&got));
    if wanted == 0.0 {
        return (1.0, if got == 0.0 { 1.0 } else { 0.0 });
    }
    (common / wanted, 2.0 * common / (wanted + got))
}

/// Runs of letters and digits in small letters; scripts without blanks by character.
fn words(text: &str) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    let mut word = String::new();
    let mut count = |word: &mut String| {
        if !word.is_empty() {
            *counts.entry(std::mem::take(word)).or_insert(0) += 1;
        }
    };
    for c in text.chars() {
        let alone = matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}');
        if alone || !c.is_alphanumeric() {
            count(&mut word);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        if alone {
            count(&mut word);
        }
    }
    count(&mut word);
    counts
}
