//! Office Open XML workbooks with binary parts ([MS-XLSB]): cells by calamine, and which of them are merged.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};

use calamine::{Reader, SheetType, Xlsb, XlsbError};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};

use super::{Area, Cell, SheetWriter, number};
use crate::compound::u32_at;
use crate::ooxml;
use crate::package::{Package, damaged};
use crate::page::Sink;

const WHAT: &str = "Excel workbook";
/// The longest record that is held.
const MAX_RECORD: u32 = 1 << 16;
/// Merged cells of a sheet that count.
const MAX_MERGED: usize = 100_000;

type Workbook<'a> = Xlsb<Cursor<&'a [u8]>>;

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, WHAT)?;
    package.check_claims()?;
    ooxml::describe(&mut package, about);
    let confused = || damaged(WHAT, "its parts contradict each other");
    let opened = super::guarded(|| Xlsb::new(Cursor::new(bytes)));
    let mut workbook: Workbook<'_> = opened.ok_or_else(confused)?.map_err(translated)?;
    let parts = sheet_parts(&mut package);
    let mut writer = SheetWriter::new(sink);
    let mut fault = None;
    for sheet in workbook.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        writer.begin(Some(super::shown_name(&sheet)));
        for (rows, columns) in merged(&mut package, parts.get(&sheet.name)) {
            writer.merge(rows, columns);
        }
        let read = super::guarded(|| rows(&mut workbook, &sheet.name, &mut writer));
        if let Err(error) = read.unwrap_or_else(|| Err(confused())) {
            about.warnings.push(super::cut(&sheet.name, &error));
            fault.get_or_insert(error);
        }
        if writer.end().is_break() {
            return Ok(writer.sent());
        }
    }
    match fault {
        Some(fault) if writer.sent() == 0 => Err(fault),
        _ => Ok(writer.finish()),
    }
}

/// The part of every sheet, by the sheet's name.
fn sheet_parts(package: &mut Package<'_>) -> HashMap<String, String> {
    let main = ooxml::main_part(package, "xl/workbook.bin");
    let relations = ooxml::relations(package, &main);
    let mut parts = HashMap::new();
    let Some(stream) = package.stream(&main) else {
        return parts;
    };
    // BrtBundleSh: state, number, then the relation's id and the sheet's name as texts.
    each_record(stream, 156, |record| {
        let text = |at: usize| {
            let length = u32_at(record, at)? as usize;
            let bytes = record.get(at + 4..(at + 4).checked_add(length.checked_mul(2)?)?)?;
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
                .collect();
            Some((String::from_utf16_lossy(&units), at + 4 + bytes.len()))
        };
        if let Some((id, next)) = text(8)
            && let Some((name, _)) = text(next)
            && let Some(relation) = relations.get(&id)
        {
            parts.insert(name, relation.target.clone());
        }
    });
    parts
}

/// The merged cells of a sheet.
fn merged(package: &mut Package<'_>, part: Option<&String>) -> Vec<Area> {
    let mut areas = Vec::new();
    let Some(stream) = part.and_then(|part| package.stream(part)) else {
        return areas;
    };
    // BrtMergeCell: first and last row, first and last column.
    each_record(stream, 176, |record| {
        let number = |n: usize| u32_at(record, 4 * n);
        if let (Some(top), Some(bottom), Some(left), Some(right)) =
            (number(0), number(1), number(2), number(3))
            && areas.len() < MAX_MERGED
        {
            areas.push((top..bottom.saturating_add(1), left..right.saturating_add(1)));
        }
    });
    areas
}

/// Shows the records of a type, as far as the stream is whole ([MS-XLSB] 2.1.4).
fn each_record(stream: impl Read, wanted: u32, mut see: impl FnMut(&[u8])) {
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let mut record = Vec::new();
    while let Some((kind, length)) = number_of(&mut stream, 2).zip(number_of(&mut stream, 4)) {
        let mut body = (&mut stream).take(length.into());
        let whole = if kind == wanted && length <= MAX_RECORD {
            record.clear();
            body.read_to_end(&mut record)
                .is_ok_and(|read| read == length as usize)
        } else {
            std::io::copy(&mut body, &mut std::io::sink()).is_ok_and(|read| read == u64::from(length))
        };
        if !whole {
            return;
        }
        if kind == wanted && length <= MAX_RECORD {
            see(&record);
        }
    }
}

/// A number in seven bits a byte, of so many bytes at most.
fn number_of(stream: &mut impl Read, most: u32) -> Option<u32> {
    let mut number = 0;
    for n in 0..most {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        number |= u32::from(byte[0] & 0x7f) << (7 * n);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

fn rows(workbook: &mut Workbook<'_>, sheet: &str, writer: &mut SheetWriter<'_, '_>) -> Result<()> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(translated)?;
    super::send_rows(writer, || {
        let cell = reader.next_cell().map_err(translated)?;
        Ok(cell.map(|cell| {
            let (row, column) = cell.get_position();
            (row, Cell::new(column, &number::cell(cell.get_value(), None)))
        }))
    })
}

fn translated(error: XlsbError) -> Error {
    match error {
        XlsbError::FileNotFound(part) => damaged(WHAT, &format!("its part {part} is missing")),
        error => damaged(WHAT, &format!("its cells cannot be read ({error})")),
    }
}
