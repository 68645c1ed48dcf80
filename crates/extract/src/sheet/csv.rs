//! Values parted by commas, semicolons, tabs or bars.

use std::collections::HashMap;
use std::io::{self, Read};

use footnote_core::{Error, Result};

use super::{Cell, SheetWriter};
use crate::page::Sink;
use crate::text::Decoded;

/// How much of the file shows what parts its values.
const SAMPLE: usize = 64 * 1024;

/// Reads a file of values; `tabs` if its name says that tabs part them. Returns the number of pages.
///
/// # Errors
/// The reader's.
pub(crate) fn read(from: impl Read, tabs: bool, sink: &mut Sink<'_>) -> Result<u32> {
    let mut decoded = Decoded::new(from);
    let first = decoded
        .block()
        .map_err(Error::from)?
        .unwrap_or_default()
        .to_owned();
    let (body, named) = separator_line(&first);
    let delimiter = named.unwrap_or_else(|| sniff(body, tabs));
    let mut reader = reader(body.as_bytes().chain(decoded.rest()), delimiter);
    let mut record = ::csv::ByteRecord::new();
    let mut writer = SheetWriter::new(sink);
    // What programs that open such files count as rows: blank lines too.
    let mut row = u32::from(named.is_some());
    loop {
        let before = reader.position().line();
        // Flexible records of bytes: only the reader can fail.
        if !reader.read_byte_record(&mut record).map_err(io::Error::from)? {
            break;
        }
        let inside: usize = record.as_slice().iter().filter(|b| **b == b'\n').count();
        let lines = reader.position().line() - before;
        let blank = lines.saturating_sub(1 + inside as u64);
        row = row.saturating_add(u32::try_from(blank).unwrap_or(u32::MAX));
        let cells = record.iter().zip(0..).filter(|(field, _)| !field.is_empty());
        let cells = cells.map(|(field, column)| Cell::new(column, &String::from_utf8_lossy(field)));
        if writer.row(row, cells.collect()).is_break() {
            break;
        }
        row = row.saturating_add(1);
    }
    let _ = writer.end();
    Ok(writer.finish())
}

fn reader<R: Read>(text: R, delimiter: u8) -> ::csv::Reader<R> {
    ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
}

/// The rest of the text and the delimiter, if the first line is the one with which Excel is told.
fn separator_line(text: &str) -> (&str, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.trim_start_matches('\u{feff}').strip_prefix("sep=");
    match named.map(str::as_bytes) {
        Some(&[delimiter]) if delimiter.is_ascii() => (rest, Some(delimiter)),
        _ => (text, None),
    }
}

/// The delimiter that gives most records the same number of values, and more than one.
fn sniff(text: &str, tabs: bool) -> u8 {
    let end = text.floor_char_boundary(SAMPLE);
    // Half a line at the end of the sample would count as a short record.
    let sample = if end < text.len() {
        text[..end].rfind('\n').map_or(&text[..end], |at| &text[..at])
    } else {
        text
    };
    let score = |delimiter: u8| {
        let mut widths: HashMap<usize, usize> = HashMap::new();
        let mut total = 0;
        for record in reader(sample.as_bytes(), delimiter).byte_records().flatten() {
            *widths.entry(record.len()).or_default() += 1;
            total += 1;
        }
        let best = widths.into_iter().filter(|(width, _)| *width > 1);
        let best = best.max_by_key(|(width, count)| (*count, *width));
        best.map_or((0, 0), |(width, count)| (count * 100 / total, width))
    };
    let first = if tabs { *b"\t,;|" } else { *b",;\t|" };
    let mut winner = (first[0], (0, 0));
    for delimiter in first {
        let score = score(delimiter);
        if score > winner.1 {
            winner = (delimiter, score);
        }
    }
    winner.0
}
