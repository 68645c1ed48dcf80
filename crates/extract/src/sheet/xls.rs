//! Excel 97 workbooks.

use std::io::Cursor;

use calamine::{DataType, Reader, Xls, XlsError};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};

use super::{Cell, SheetWriter, number};
use crate::compound::Compound;
use crate::package::{damaged, locked};
use crate::page::Sink;

const WHAT: &str = "Excel workbook";

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    if let Ok(mut file) = Compound::open(bytes, WHAT) {
        file.describe(about);
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

fn confused() -> Error {
    damaged(WHAT, "its records contradict each other")
}

fn translated(error: XlsError) -> Error {
    match error {
        XlsError::Password => locked(WHAT),
        error => damaged(WHAT, &format!("its records cannot be read ({error})")),
    }
}
