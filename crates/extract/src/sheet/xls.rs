//! Excel 97 workbooks.

use std::io::Cursor;

use calamine::{DataType, Reader, Xls, XlsError};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};

use super::{Cell, SheetWriter, number};
use crate::compound::{Compound, u16_at};
use crate::package::{damaged, sealed};
use crate::page::Sink;

const WHAT: &str = "Excel workbook";

/// The reader of records makes room, twice, for every cell between the outermost ones of a sheet.
const MAX_AREA: u64 = 6 * 1024 * 1024;

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    if let Ok(mut file) = Compound::open(bytes, WHAT) {
        file.describe(about);
        let stream = file.stream("Workbook").or_else(|| file.stream("Book"));
        let Some(area) = stream.map_or(Some(0), |stream| area(&stream)) else {
            return Err(sealed(WHAT));
        };
        if area > MAX_AREA {
            let why =
                format!("The Excel workbook spreads its cells over {area} places, too many to read at once");
            return Err(
                Error::user(why).hint("Save it as .xlsx, which is read row by row, and add the new file")
            );
        }
    }
    let opened = super::guarded(|| Xls::new(Cursor::new(bytes)));
    let mut workbook = opened.ok_or_else(confused)?.map_err(translated)?;
    let mut writer = SheetWriter::new(sink);
    for sheet in workbook.sheets_metadata().to_vec() {
        let range = super::guarded(|| workbook.worksheet_range(&sheet.name));
        let range = match range.ok_or_else(confused)? {
            Ok(range) => range,
            Err(error) => {
                about
                    .warnings
                    .push(format!("the sheet {} was not read ({error})", sheet.name));
                continue;
            }
        };
        writer.begin(Some(sheet.name));
        let (top, left) = range.start().unwrap_or_default();
        for (row, cells) in (top..).zip(range.rows()) {
            let cells = (left..).zip(cells).filter(|(_, data)| !data.is_empty());
            let cells = cells.map(|(column, data)| Cell::new(column, &number::cell(data, None)));
            if writer.row(row, cells.collect()).is_break() {
                return Ok(writer.sent());
            }
        }
        if writer.end().is_break() {
            break;
        }
    }
    Ok(writer.finish())
}

/// How many cells lie between the outermost ones, of all sheets together ([MS-XLS] 2.4).
/// None if the records are encrypted.
fn area(stream: &[u8]) -> Option<u64> {
    let (mut all, mut at) = (0, 0);
    // First and last row and column of the sheet being read.
    let mut extent: Option<[u64; 4]> = None;
    let mut close = |extent: Option<[u64; 4]>| {
        if let Some([top, bottom, left, right]) = extent {
            all += (bottom - top + 1) * (right - left + 1);
        }
    };
    while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        let body = at + 4;
        at = body + usize::from(length);
        match kind {
            // `FilePass`
            0x002f if u16_at(stream, body).is_some() => return None,
            // The end of a sheet.
            0x000a => close(extent.take()),
            // Formulas, labels, numbers, truth values; the fourth and fifth several in a row.
            0x0006 | 0x00fd | 0x00d6 | 0x00bd | 0x00be | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                let last = if matches!(kind, 0x00bd | 0x00be) {
                    at.saturating_sub(2)
                } else {
                    body + 2
                };
                let places = (
                    u16_at(stream, body),
                    u16_at(stream, body + 2),
                    u16_at(stream, last),
                );
                if let (Some(row), Some(first), Some(last)) = places {
                    let (row, first, last) = (u64::from(row), u64::from(first), u64::from(last.max(first)));
                    let [top, bottom, left, right] = extent.unwrap_or([row, row, first, last]);
                    extent = Some([top.min(row), bottom.max(row), left.min(first), right.max(last)]);
                }
            }
            _ => {}
        }
    }
    close(extent);
    Some(all)
}

fn confused() -> Error {
    damaged(WHAT, "its records contradict each other")
}

fn translated(error: XlsError) -> Error {
    match error {
        XlsError::Password => sealed(WHAT),
        error => damaged(WHAT, &format!("its records cannot be read ({error})")),
    }
}
