//! Reads images of pages and measures: milliseconds and characters a page, and where a text lies beside
//! the image (`page.txt` beside `page.pgm`) the share of its characters that were read right, and how many of the lines that are
//! told as doubtful, and of those that are not, stand nowhere in it. `line_pages.py` writes pages for that.
//!
//! `cargo run -p footnote-onnx --example ocr -- MODEL_FOLDER THREADS PAGE.pgm...`
//!
//! The images are binary grey PGM files (a comment `# dpi N` is kept by the reader's example `corpus`,
//! which writes them). Lines of whatever page layout are put in order as ingestion does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod pages;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use footnote_core::ocr::{ExtractedPage, PageReader};
use footnote_core::types::{DOUBTFUL, Page, PageSource};
use footnote_onnx::{OcrOptions, OnnxRecognizer, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

use pages::{distance, pgm};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(model), Some(threads)) = (args.next(), args.next()) else {
        return Err("MODEL_FOLDER THREADS PAGE.pgm...".into());
    };
    let threads: usize = threads.to_string_lossy().parse()?;
    let runtime = Runtime::load(RuntimeOptions {
        threads: Some(threads),
        ..RuntimeOptions::default()
    })?;
    let recognizer = OnnxRecognizer::open(&runtime, Path::new(&model), &OcrOptions::default())?;
    let reader = PageReader::new(Some(Arc::new(recognizer)));
    let cancel = CancellationToken::new();
    let (mut wrong, mut total, mut millis, mut pages) = (0, 0, 0.0, 0);
    let mut lines = Lines::default();
    for (n, file) in args.map(PathBuf::from).enumerate() {
        let image = pgm(&std::fs::read(&file)?).ok_or("no binary grey PGM")?;
        let extracted = |image| ExtractedPage {
            image: Some(image),
            ..ExtractedPage::new(Page::new(1, "", PageSource::Empty), None)
        };
        if n == 0 {
            // The first page loads the model.
            reader.read(extracted(image.clone()), &mut Vec::new(), &cancel)?;
        }
        let (since, mut warnings) = (Instant::now(), Vec::new());
        let page = reader.read(extracted(image), &mut warnings, &cancel)?;
        let took = since.elapsed().as_secs_f64() * 1000.0;
        (millis, pages) = (millis + took, pages + 1);
        let truth = std::fs::read_to_string(file.with_extension("txt")).ok();
        if let Some(truth) = &truth {
            lines.add(&page, truth);
        }
        let accuracy = truth.map(|truth| {
            let (truth, read) = (plain(&truth), plain(&page.text));
            let errors = distance(&truth, &read);
            (wrong, total) = (wrong + errors, total + truth.len());
            1.0 - errors as f64 / truth.len().max(1) as f64
        });
        println!(
            "{}",
            serde_json::json!({
                "file": file.to_string_lossy(), "ms": took.round(), "chars": page.text.chars().count(),
                "confidence": page.confidence, "accuracy": accuracy, "warnings": warnings,
            })
        );
        if std::env::var_os("OCR_TEXT").is_some() {
            println!("{}", page.text);
        }
    }
    let accuracy = 1.0 - wrong as f64 / total.max(1) as f64;
    println!(
        "{}",
        serde_json::json!({
            "pages": pages, "ms_per_page": millis / f64::from(pages.max(1)), "accuracy": accuracy, "lines": lines.by_confidence(),
        })
    );
    Ok(())
}

/// Lines by how surely they were read.
#[derive(Default)]
struct Lines {
    /// Confidence, and whether the line stands in the truth as it was read.
    read: Vec<(f32, bool)>,
}

impl Lines {
    fn add(&mut self, page: &Page, truth: &str) {
        let truth = plain(truth);
        let chars: Vec<char> = page.text.chars().collect();
        for line in &page.lines {
            let text: String = chars[line.span.start as usize..line.span.end as usize]
                .iter()
                .collect();
            let text = plain(&text);
            let is_right = text.is_empty() || truth.windows(text.len()).any(|part| part == text);
            self.read.push((line.confidence, is_right));
        }
    }

    /// Lines, and those read wrongly among them, below each limit; below the last are all.
    fn by_confidence(&self) -> serde_json::Value {
        const LIMITS: [f32; 8] = [0.6, 0.75, 0.85, DOUBTFUL, 0.94, 0.96, 0.98, 2.0];
        let below = LIMITS.map(|limit| {
            let lines = self.read.iter().filter(|(confidence, _)| *confidence < limit);
            let (all, wrong) = lines.fold((0, 0), |(all, wrong), (_, is_right)| {
                (all + 1, wrong + usize::from(!is_right))
            });
            serde_json::json!({ "below": limit, "lines": all, "wrong": wrong })
        });
        serde_json::json!(below)
    }
}

/// White space as single blanks.
fn plain(text: &str) -> Vec<char> {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .collect()
}
