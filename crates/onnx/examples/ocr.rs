//! Reads images of pages and measures: milliseconds and characters a page, and where a text lies beside
//! the image (`page.txt` beside `page.pgm`) the share of its characters that were read right.
//!
//! `cargo run -p footnote-onnx --example ocr -- MODEL_FOLDER THREADS PAGE.pgm...`
//!
//! The images are binary grey PGM files (a comment `# dpi N` is kept by the reader's example `corpus`,
//! which writes them). Lines of whatever page layout are put in order as ingestion does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use footnote_core::ocr::{ExtractedPage, PageImage, PageReader};
use footnote_core::types::{Page, PageSource};
use footnote_onnx::{OcrOptions, OnnxRecognizer, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

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
        serde_json::json!({"pages": pages, "ms_per_page": millis / f64::from(pages.max(1)), "accuracy": accuracy})
    );
    Ok(())
}

/// A binary grey PGM of 8 bits; a comment `# dpi N` says how large its pixels are.
fn pgm(bytes: &[u8]) -> Option<PageImage> {
    let (mut at, mut fields, mut dpi) = (0, Vec::new(), 200.0);
    while fields.len() < 4 {
        let rest = bytes.get(at..)?;
        if rest.first()?.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with(b"#") {
            let end = rest.iter().position(|b| *b == b'\n')?;
            let comment = String::from_utf8_lossy(&rest[1..end]).into_owned();
            dpi = comment
                .trim()
                .strip_prefix("dpi ")
                .and_then(|n| n.parse().ok())
                .unwrap_or(dpi);
            at += end;
        } else {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            fields.push(String::from_utf8_lossy(&rest[..end]).into_owned());
            at += end;
        }
    }
    let (width, height): (u32, u32) = (fields[1].parse().ok()?, fields[2].parse().ok()?);
    let grey = bytes.get(at + 1..)?.to_vec();
    (fields[0] == "P5" && fields[3] == "255" && grey.len() as u64 == u64::from(width) * u64::from(height))
        .then_some(PageImage {
            width,
            height,
            dpi,
            grey,
        })
}

/// White space as single blanks.
fn plain(text: &str) -> Vec<char> {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .collect()
}

/// Edit distance (Levenshtein, 1965).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
