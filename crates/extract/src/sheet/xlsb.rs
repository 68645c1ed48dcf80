//! Office Open XML workbooks with binary parts, by calamine: cells, and no more than that.

use std::io::Cursor;

use calamine::{Reader, SheetType, Xlsb, XlsbError};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};

use super::{Cell, SheetWriter, number};
use crate::ooxml;
use crate::package::{Package, damaged};
use crate::page::Sink;

const WHAT: &str = "Excel workbook";

type Workbook<'a> = Xlsb<Cursor<&'a [u8]>>;

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, WHAT)?;
    package.check_claims()?;
    ooxml::describe(&mut package, about);
    let confused = || damaged(WHAT, "its parts contradict each other");
    let opened = super::guarded(|| Xlsb::new(Cursor::new(bytes)));
    let mut workbook: Workbook<'_> = opened.ok_or_else(confused)?.map_err(translated)?;
    let mut writer = SheetWriter::new(sink);
    let mut fault = None;
    for sheet in workbook.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        writer.begin(Some(super::shown_name(&sheet)));
        let read = super::guarded(|| rows(&mut workbook, &sheet.name, &mut writer));
        if let Err(error) = read.unwrap_or_else(|| Err(confused())) {
            about.warnings.push(format!(
                "the sheet {} was not read to its end ({})",
                sheet.name, error.message
            ));
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
