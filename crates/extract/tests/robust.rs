//! The robustness corpus, where it lies beside the project: hundreds of real files, each read in a
//! worker, against what its manifest says it must give.
//!
//! The folder is `FOOTNOTE_ROBUST`, else `../shared/eval/robust` beside the working tree; without
//! it nothing is tested. `manifest.csv` has the columns `file`, `type` and `expect`;
//! `ground_truth.csv` names reference texts (`file`, `gt`). The table is printed; with
//! `FOOTNOTE_UPDATE_BENCHMARKS=1` it is written into `BENCHMARKS.md`.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, PageSource};
use footnote_core::{Error, ErrorCode};
use footnote_extract::{WorkerConfig, WorkerExtractor};

/// Files that rightly give something else than their manifest wants.
const EXCEPTIONS: &[&str] = &[
    // A mail that can be read, with one locked archive attached: read, with a warning.
    "bin/tika__testRFC822_encrypted_zip",
    // Thirteen bytes of white space that are said to be text.
    "eml/unstructured__empty.eml",
];
/// The least mean recall and F1 against the references, by type. Of web pages the recall is of their
/// content without what frames it.
const BARS: &[(&str, f64, f64)] = &[
    ("pdf", 0.97, 0.98),
    ("html", 0.97, 0.0),
    ("docx", 0.95, 0.0),
    ("xlsx", 0.95, 0.0),
    ("pptx", 0.95, 0.0),
];
/// Nothing may take longer, in milliseconds.
const MOST_MS: u64 = 30_000;

#[test]
fn the_robustness_corpus_is_read_as_its_manifest_wants() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = std::env::var_os("FOOTNOTE_ROBUST")
        .map_or_else(|| project.join("../shared/eval/robust"), PathBuf::from);
    if !root.join("manifest.csv").is_file() {
        println!("no corpus in {}: nothing tested", root.display());
        return;
    }
    let outcome = judge(&root);
    let table = outcome.table();
    println!("{table}");
    for line in outcome.faults.iter().chain(&outcome.low) {
        println!("{line}");
    }
    if std::env::var_os("FOOTNOTE_UPDATE_BENCHMARKS").is_some() {
        let path = project.join("BENCHMARKS.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("<!-- robust -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- /robust -->").unwrap();
        std::fs::write(
            &path,
            format!("{before}<!-- robust -->\n{table}<!-- /robust -->{after}"),
        )
        .unwrap();
    }
    let unexpected: Vec<&String> = outcome
        .faults
        .iter()
        .filter(|fault| !EXCEPTIONS.iter().any(|file| fault.starts_with(file)))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for (kind, recall, f1) in BARS {
        let row = &outcome.rows[*kind];
        assert!(
            row.mean(|s| s.0) >= *recall,
            "recall of {kind}: {:.4}",
            row.mean(|s| s.0)
        );
        assert!(row.mean(|s| s.1) >= *f1, "F1 of {kind}: {:.4}", row.mean(|s| s.1));
    }
    for (kind, row) in &outcome.rows {
        assert!(
            row.slowest.0 < MOST_MS,
            "{kind}: {} took {} ms",
            row.slowest.1,
            row.slowest.0
        );
    }
}

/// How reading a file ended.
struct Reading {
    text: String,
    pages: u32,
    chars: usize,
    failed: u32,
    ms: u64,
    result: Result<ExtractSummary, Error>,
}

impl Reading {
    fn of(extractor: &WorkerExtractor, file: &Path) -> Self {
        let since = Instant::now();
        let (mut text, mut chars, mut pages, mut failed) = (String::new(), 0, 0, 0);
        let result = extractor.extract(
            file,
            None,
            &mut |extracted: ExtractedPage| {
                let page = extracted.page;
                pages += 1;
                chars += page.text.chars().filter(|c| !c.is_whitespace()).count();
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
            failed,
            ms,
            result,
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
            ("password_error", Err(error))
                if error.code == Some(ErrorCode::PasswordNeeded) || error.message.contains("cannot open") =>
            {
                None
            }
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

/// What is known about the files of one type.
#[derive(Default)]
struct Row {
    files: u32,
    met: u32,
    /// Recall and F1 of every file with a reference.
    scores: Vec<(f64, f64)>,
    slowest: (u64, String),
}

impl Row {
    fn mean(&self, of: fn(&(f64, f64)) -> f64) -> f64 {
        self.scores.iter().map(of).sum::<f64>() / self.scores.len().max(1) as f64
    }
}

#[derive(Default)]
struct Outcome {
    rows: BTreeMap<String, Row>,
    /// Files that are not as expected, and why.
    faults: Vec<String>,
    /// Files of little recall.
    low: Vec<String>,
}

fn judge(root: &Path) -> Outcome {
    let references: HashMap<String, String> = records(&root.join("ground_truth.csv"), ["file", "gt", "kind"])
        .unwrap_or_default()
        .into_iter()
        .map(|[file, gt, _]| (file, gt))
        .collect();
    let files = records(&root.join("manifest.csv"), ["file", "type", "expect"]).unwrap();
    let (next, outcome) = (AtomicUsize::new(0), Mutex::new(Outcome::default()));
    let work = || {
        let extractor = WorkerExtractor::new(WorkerConfig {
            args: Vec::new(),
            ..WorkerConfig::new(env!("CARGO_BIN_EXE_footnote-extract-worker"))
        });
        while let Some([file, kind, expect]) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = root.join(file);
            let read = Reading::of(&extractor, &path);
            let fault = if path.exists() {
                read.fault(expect)
            } else {
                Some("the file is not there".into())
            };
            let reference = references
                .get(file)
                .and_then(|gt| std::fs::read_to_string(root.join(gt)).ok());
            let score = reference.map(|reference| agreement(&plain(&reference), &read.text));
            let mut outcome = outcome.lock().unwrap();
            if let Some((recall, f1)) = score.filter(|score| score.0 < 0.95) {
                outcome
                    .low
                    .push(format!("{file}: recall {recall:.3}, F1 {f1:.3}"));
            }
            let row = outcome.rows.entry(kind.clone()).or_default();
            row.files += 1;
            row.met += u32::from(fault.is_none());
            row.scores.extend(score);
            if read.ms >= row.slowest.0 {
                row.slowest = (read.ms, file.clone());
            }
            outcome
                .faults
                .extend(fault.map(|fault| format!("{file} ({expect}): {fault}")));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut outcome = outcome.into_inner().unwrap();
    outcome.faults.sort();
    outcome.low.sort();
    outcome
}

impl Outcome {
    /// A row a type, in Markdown.
    fn table(&self) -> String {
        let mut out =
            String::from("| type | met | references | recall | F1 | slowest |\n|---|---|---|---|---|---|\n");
        let (mut files, mut met) = (0, 0);
        for (kind, row) in &self.rows {
            files += row.files;
            met += row.met;
            let mean = |of| match row.scores.len() {
                0 => "-".to_owned(),
                _ => format!("{:.3}", row.mean(of)),
            };
            let (recall, f1, references) = (mean(|s| s.0), mean(|s| s.1), row.scores.len());
            let (ms, name) = &row.slowest;
            let _ = writeln!(
                out,
                "| {kind} | {}/{} | {references} | {recall} | {f1} | {ms} ms {name} |",
                row.met, row.files
            );
        }
        let _ = writeln!(out, "| all | {met}/{files} | | | | |");
        out
    }
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
