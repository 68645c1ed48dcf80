//! Jupyter notebooks: the cells' own texts, and what the code printed.

use footnote_core::types::{BlockKind, ExtractSummary};
use footnote_core::{Error, Problem, Result};
use serde_json::Value;

use crate::page::{Piece, Sink, heading_level, one_line, send_pieces};

/// An output longer than this is cut: progress bars and dumps say nothing more after it.
const MAX_OUTPUT: usize = 20_000;

/// Reads a notebook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let notebook: Value = serde_json::from_str(&crate::text::decode(bytes, None)).map_err(|error| {
        Error::user(format!("The notebook is damaged: {error}"))
            .problem(Problem::DamagedFile {
                detail: error.to_string(),
            })
            .hint("Open it in Jupyter and save it again, then add the new file")
    })?;
    // Version 3 keeps cells in worksheets.
    let sheets = notebook["worksheets"].as_array().into_iter().flatten();
    let cells = notebook["cells"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(sheets.flat_map(|sheet| sheet["cells"].as_array().into_iter().flatten()));
    let (mut pieces, mut number) = (Vec::new(), 0);
    for cell in cells {
        number += 1;
        self::cell(cell, &format!("cell {number}"), &mut pieces);
    }
    let heading = pieces
        .iter()
        .find(|piece: &&Piece| heading_level(piece.kind).is_some());
    let meta = &notebook["metadata"];
    about.title = text(&meta["title"])
        .or_else(|| heading.map(|piece| one_line(piece.text.trim_start_matches('#').trim())));
    about.author = meta["authors"][0]["name"].as_str().map(one_line);
    send_pieces(&pieces, sink)
}

fn cell(cell: &Value, address: &str, pieces: &mut Vec<Piece>) {
    let source = text(&cell["source"])
        .or_else(|| text(&cell["input"]))
        .unwrap_or_default();
    match cell["cell_type"].as_str() {
        Some("markdown") => {
            for (kind, range) in crate::markdown::blocks(&source) {
                pieces.push(Piece::new(kind, &source[range]).at(address));
            }
        }
        Some("heading") => {
            let level = cell["level"].as_u64().and_then(|level| u8::try_from(level).ok());
            let level = level.unwrap_or(1).clamp(1, 6);
            pieces.push(Piece::new(BlockKind::Heading { level }, source).at(address));
        }
        _ => pieces.push(Piece::new(BlockKind::Code, source).at(address)),
    }
    for output in cell["outputs"].as_array().into_iter().flatten() {
        let data = &output["data"];
        let said = [
            &output["text"],
            &data["text/markdown"],
            &data["text/plain"],
            &data["text/latex"],
        ];
        let mut said = said.into_iter().find_map(text).unwrap_or_default();
        if let Some(html) = text(&data["text/html"]) {
            let table = crate::html::pieces(&html)
                .into_iter()
                .filter(|piece| matches!(piece.kind, BlockKind::Table { .. }));
            let before = pieces.len();
            pieces.extend(table.map(|piece| {
                Piece {
                    marks: Vec::new(),
                    ..piece
                }
                .at(address)
            }));
            if pieces.len() > before {
                continue;
            }
        }
        if output["output_type"] == "error" || output["output_type"] == "pyerr" {
            let name = output["ename"].as_str().unwrap_or_default();
            said = format!("{name}: {}", output["evalue"].as_str().unwrap_or_default());
        }
        let end = said
            .char_indices()
            .nth(MAX_OUTPUT)
            .map_or(said.len(), |(at, _)| at);
        pieces.push(Piece::new(BlockKind::Code, &said[..end]).at(address));
    }
}

/// A text, or lines of one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => Some(lines.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn read_all(json: &str) -> Result<(ExtractSummary, Vec<footnote_core::types::Page>)> {
        let (mut about, mut pages) = (ExtractSummary::default(), Vec::new());
        read(json.as_bytes(), &mut about, &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
            ControlFlow::Continue(())
        })?;
        Ok((about, pages))
    }

    #[test]
    fn cells_and_what_they_printed_are_read() {
        let (about, pages) = read_all(
            r##"{"nbformat": 4, "metadata": {}, "cells": [
              {"cell_type": "markdown", "source": ["# Tides\n", "\n", "High at noon."]},
              {"cell_type": "code", "source": "print(1)", "outputs": [
                {"output_type": "stream", "text": ["1\n"]},
                {"output_type": "display_data", "data": {"text/html": "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "text/plain": "x"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "bad"}]}]}"##,
        )
        .unwrap();
        assert_eq!(about.title.as_deref(), Some("Tides"));
        assert_eq!(
            pages[0].text,
            "# Tides\n\nHigh at noon.\n\nprint(1)\n\n1\n\na | b\n1 | 2\n\nValueError: bad"
        );
        assert_eq!(pages[0].blocks[2].kind, BlockKind::Code);
        assert_eq!(pages[0].places[2].address, "cell 2");
    }

    #[test]
    fn a_damaged_notebook_is_an_error_with_a_hint() {
        let error = read_all("{\"cells\": [").unwrap_err();
        assert!(error.message.contains("damaged") && error.hint.is_some());
    }
}
