//! Reads every file named on standard input through the worker, as the app would, and prints one
//! JSON line a file: how it ended, how long it took, how much text came out. With a folder as
//! argument, the texts are written there, and the images of pages without text as PGM files. `READERS` says how many
//! files are read at once; the last line has the time for all of them.

use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use footnote_core::Error;
use footnote_core::ocr::{ExtractedPage, PageImage};
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, PageSource};
use footnote_extract::{WORKER_ARG, WorkerConfig, WorkerExtractor, worker_main};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(WORKER_ARG) {
        return worker_main();
    }
    let Ok(program) = std::env::current_exe() else {
        return ExitCode::FAILURE;
    };
    let mut config = WorkerConfig::new(program);
    if let Some(readers) = std::env::var("READERS").ok().and_then(|n| n.parse().ok()) {
        config.readers = readers;
    }
    let extractor = WorkerExtractor::new(config);
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    match list(&extractor, folder.as_deref()) {
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
            None,
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
}

fn list(extractor: &WorkerExtractor, folder: Option<&Path>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let files: Vec<String> = std::io::stdin().lock().lines().map_while(Result::ok).collect();
    let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let since = Instant::now();
    for (at, file) in files.iter().enumerate() {
        let next = &paths[at + 1..paths.len().min(at + 5)];
        extractor.read_ahead(Some(Path::new(file)), next);
        let read = Reading::of(extractor, Path::new(file));
        read.write_text(folder, Path::new(file));
        let line = serde_json::json!({
            "file": file, "ms": read.ms, "pages": read.pages, "chars": read.chars,
            "empty": read.empty, "failed": read.failed, "images": read.images.len(),
            "error": read.result.as_ref().err().map(|e| e.message.clone()),
            "code": read.result.as_ref().err().and_then(|e| e.code),
            "warnings": read.result.map(|s| s.warnings).unwrap_or_default(),
        });
        writeln!(out, "{line}")?;
    }
    let total = serde_json::json!({ "files": files.len(), "ms": since.elapsed().as_millis() as u64 });
    writeln!(out, "{total}")
}
