//! Measures how tables of pages that are images are read: F1 of cells by row, column and text, and tables
//! found where there are none.
//!
//! `cargo run -p footnote-onnx --example tables -- OCR_FOLDER THREADS PAGE.pgm...`
//!
//! The pages come from `table_pages.py`, with the truth in `PAGE.json`. The recognised lines are kept in
//! `PAGE.lines.json`, so that a second run only lays them out. `TABLE_MODEL=FOLDER` has the model of table
//! structures read along; `SHOW=1` prints the tables that are not perfect. With `STRUCTURE=1` each picture is one table, and
//! what that model says of it is printed (`tests/reference/tables.py` holds that against the Python original).
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod pages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use footnote_core::ocr::{ExtractedPage, PageImage, PageReader, RecognizedLine, TableShape};
use footnote_core::ports::TextRecognizer;
use footnote_core::types::{BlockKind, Page, PageSource};
use footnote_onnx::{OcrOptions, OnnxRecognizer, Runtime, RuntimeOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use pages::{distance, pgm};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Lines that were recognised before; tables are looked at anew.
struct Replay {
    lines: Vec<RecognizedLine>,
    tables: Option<OnnxRecognizer>,
    millis: Mutex<f64>,
}

impl TextRecognizer for Replay {
    fn id(&self) -> String {
        "replay".into()
    }

    fn recognize(&self, _: &PageImage, _: &CancellationToken) -> footnote_core::Result<Vec<RecognizedLine>> {
        Ok(self.lines.clone())
    }

    fn table(
        &self,
        image: &PageImage,
        cancel: &CancellationToken,
    ) -> footnote_core::Result<Option<TableShape>> {
        let Some(tables) = &self.tables else {
            return Ok(None);
        };
        let since = Instant::now();
        let shape = tables.table(image, cancel);
        if let Ok(mut millis) = self.millis.lock() {
            *millis += since.elapsed().as_secs_f64() * 1000.0;
        }
        shape
    }
}

/// What was counted of one kind of page.
#[derive(Default)]
struct Tally {
    pages: usize,
    tables: usize,
    /// Tables all of whose cells are right, and no other is there.
    perfect: usize,
    /// Tables of which anything was found.
    found: usize,
    heads: usize,
    /// Tables with less than half of their cells right, or none of the page's.
    wrong: usize,
    cells: usize,
    told: usize,
    right: usize,
    exact: usize,
    layout: f64,
    model: f64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Fallible<()> {
    let mut args = std::env::args_os().skip(1);
    let (Some(model), Some(threads)) = (args.next(), args.next()) else {
        return Err("OCR_FOLDER THREADS PAGE.pgm...".into());
    };
    let threads: usize = threads.to_string_lossy().parse()?;
    let runtime = Runtime::load(RuntimeOptions {
        threads: Some(threads),
        ..RuntimeOptions::default()
    })?;
    let mut recognizer = OnnxRecognizer::open(&runtime, Path::new(&model), &OcrOptions::default())?;
    let structure = std::env::var_os("TABLE_MODEL").map(PathBuf::from);
    if let Some(folder) = &structure {
        recognizer = recognizer.with_tables(&runtime, folder, &OcrOptions::default())?;
    }
    if std::env::var_os("STRUCTURE").is_some() {
        return structures(args.map(PathBuf::from), &recognizer);
    }
    let show = std::env::var_os("SHOW").is_some();
    let cancel = CancellationToken::new();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for file in args.map(PathBuf::from) {
        let truth: Value = serde_json::from_slice(&std::fs::read(file.with_extension("json"))?)?;
        let image = pgm(&std::fs::read(&file)?).ok_or("no binary grey PGM")?;
        let replay = Arc::new(Replay {
            lines: lines(&file, &image, &recognizer, &cancel)?,
            tables: structure.is_some().then(|| recognizer.clone()),
            millis: Mutex::default(),
        });
        let reader = PageReader::new(Some(Arc::clone(&replay) as Arc<dyn TextRecognizer>));
        let extracted = ExtractedPage {
            image: Some(image),
            ..ExtractedPage::new(Page::new(1, "", PageSource::Empty), None)
        };
        let since = Instant::now();
        let page = reader.read(extracted, &mut Vec::new(), &cancel)?;
        let tally = tallies
            .entry(truth["kind"].as_str().unwrap_or("").to_owned())
            .or_default();
        tally.layout += since.elapsed().as_secs_f64() * 1000.0;
        tally.model += replay.millis.lock().map_or(0.0, |millis| *millis);
        tally.pages += 1;
        score(&truth, &page, tally, &file, show);
    }
    let mut all = Tally::default();
    for (kind, tally) in &tallies {
        report(kind, tally);
        for (sum, part) in [
            (&mut all.pages, tally.pages),
            (&mut all.tables, tally.tables),
            (&mut all.perfect, tally.perfect),
            (&mut all.found, tally.found),
            (&mut all.heads, tally.heads),
            (&mut all.wrong, tally.wrong),
            (&mut all.cells, tally.cells),
            (&mut all.told, tally.told),
            (&mut all.right, tally.right),
            (&mut all.exact, tally.exact),
        ] {
            *sum += part;
        }
        all.layout += tally.layout;
        all.model += tally.model;
    }
    report("all", &all);
    Ok(())
}

/// Prints what the model of table structures says of pictures that one table fills each.
fn structures(files: impl Iterator<Item = PathBuf>, recognizer: &OnnxRecognizer) -> Fallible<()> {
    for file in files {
        let image = pgm(&std::fs::read(&file)?).ok_or("no binary grey PGM")?;
        let since = Instant::now();
        let shape = recognizer
            .table(&image, &CancellationToken::new())?
            .ok_or("TABLE_MODEL names no folder with the model")?;
        let cells: Vec<_> = shape
            .cells
            .iter()
            .map(|cell| [cell.row, cell.column, cell.rows, cell.columns])
            .collect();
        let boxes: Vec<Vec<f32>> = shape.cells.iter().map(|cell| cell.corners.concat()).collect();
        println!(
            "{}",
            json!({"file": file.to_string_lossy(), "rows": shape.rows, "columns": shape.columns, "cells": cells,
                "boxes": boxes, "ms": since.elapsed().as_secs_f64() * 1000.0})
        );
    }
    Ok(())
}

fn report(kind: &str, tally: &Tally) {
    let share = |part: usize, of: usize| (part as f64 / of.max(1) as f64 * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({
            "kind": kind, "pages": tally.pages, "tables": tally.tables, "found": tally.found,
            "perfect": tally.perfect, "header right": tally.heads, "wrong": tally.wrong,
            "f1": share(2 * tally.right, tally.cells + tally.told),
            "f1 exact": share(2 * tally.exact, tally.cells + tally.told),
            "precision": share(tally.right, tally.told), "recall": share(tally.right, tally.cells),
            "layout ms a page": (tally.layout / tally.pages.max(1) as f64).round(),
            "model ms a page": (tally.model / tally.pages.max(1) as f64).round(),
        })
    );
}

/// A recognised line as it is kept: its text, confidence, corners and the places of its letters.
type Kept = (String, f32, [[f32; 2]; 4], Vec<f32>);

/// The lines of a page, from beside it if they were recognised before.
fn lines(
    file: &Path,
    image: &PageImage,
    recognizer: &OnnxRecognizer,
    cancel: &CancellationToken,
) -> Fallible<Vec<RecognizedLine>> {
    let kept = file.with_extension("lines.json");
    if let Ok(bytes) = std::fs::read(&kept) {
        let rows: Vec<Kept> = serde_json::from_slice(&bytes)?;
        let line = |(text, confidence, corners, places)| RecognizedLine {
            text,
            confidence,
            corners,
            places,
        };
        return Ok(rows.into_iter().map(line).collect());
    }
    let read = recognizer.recognize(image, cancel)?;
    let rows: Vec<_> = read
        .iter()
        .map(|line| (&line.text, line.confidence, line.corners, &line.places))
        .collect();
    std::fs::write(kept, serde_json::to_vec(&rows)?)?;
    Ok(read)
}

type Rows = Vec<Vec<String>>;

/// Counts what of the page's tables is right.
fn score(truth: &Value, page: &Page, tally: &mut Tally, file: &Path, show: bool) {
    let wanted: Vec<(Rows, u64)> = truth["tables"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|table| {
            let rows = serde_json::from_value(table["rows"].clone()).unwrap_or_default();
            (rows, table["header_rows"].as_u64().unwrap_or(0))
        })
        .collect();
    let mut told: Vec<(Rows, u64)> = page
        .blocks
        .iter()
        .filter_map(|block| match block.kind {
            BlockKind::Table { header_rows } => {
                let row = |line: &str| line.split(" | ").map(|cell| cell.trim().to_owned()).collect();
                let rows = block.span.of(&page.text).lines().map(row).collect();
                Some((rows, u64::from(header_rows)))
            }
            _ => None,
        })
        .collect();
    let filled = |rows: &Rows| rows.iter().flatten().filter(|cell| !cell.is_empty()).count();
    tally.tables += wanted.len();
    tally.told += told.iter().map(|(rows, _)| filled(rows)).sum::<usize>();
    for (rows, heads) in wanted {
        let cells = filled(&rows);
        tally.cells += cells;
        let best = (0..told.len()).max_by_key(|n| matches(&rows, &told[*n].0).0);
        let Some(best) = best.filter(|n| matches(&rows, &told[*n].0).0 > 0) else {
            if show {
                println!("{}: not found: {:?}", file.display(), rows.first());
            }
            continue;
        };
        let (found, found_heads) = told.swap_remove(best);
        let (right, exact) = matches(&rows, &found);
        tally.found += 1;
        tally.right += right;
        tally.exact += exact;
        tally.heads += usize::from(heads == found_heads);
        let perfect = right == cells && filled(&found) == cells;
        tally.perfect += usize::from(perfect);
        tally.wrong += usize::from(right * 2 < cells.max(filled(&found)));
        if show && !perfect {
            println!("{}: {right} of {cells}, {} told", file.display(), filled(&found));
            for n in 0..rows.len().max(found.len()) {
                let line = |rows: &Rows| rows.get(n).map(|row| row.join(" | ")).unwrap_or_default();
                println!("  {:100} // {}", line(&rows), line(&found));
            }
        } else if show && heads != found_heads {
            println!(
                "{}: {found_heads} header rows, not {heads}: {:?}",
                file.display(),
                rows.first()
            );
        }
    }
    tally.wrong += told.len();
    if show {
        for (rows, _) in told {
            println!("{}: no table: {rows:?}", file.display());
        }
    }
}

/// How many cells of `rows` are in `found`: but for a fifth of their characters, and exactly.
fn matches(rows: &Rows, found: &Rows) -> (usize, usize) {
    let (mut right, mut exact) = (0, 0);
    for (row, line) in rows.iter().zip(found) {
        for (cell, read) in row.iter().zip(line) {
            let (cell, read) = (plain(cell), plain(read));
            if cell.is_empty() || read.is_empty() {
                continue;
            }
            exact += usize::from(cell == read);
            right += usize::from(distance(&cell, &read) * 5 <= cell.len());
        }
    }
    (right, exact)
}

/// The characters without white space.
fn plain(text: &str) -> Vec<char> {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
