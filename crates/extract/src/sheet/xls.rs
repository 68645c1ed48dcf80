//! Excel 97 workbooks: values through calamine, formats of numbers by ourselves.

mod records;

use std::io::Cursor;

use calamine::{DataType, Reader, Xls, XlsError, XlsOptions};
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};

use super::{Cell, SheetWriter, number};
use crate::compound::{self, Compound};
use crate::package::{damaged, sealed};
use crate::page::Sink;
use records::Records;

const WHAT: &str = "Excel workbook";

/// The reader of records makes room, twice, for every cell between the outermost ones of a sheet.
const MAX_AREA: u64 = 6 * 1024 * 1024;

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut file = Compound::open(bytes, WHAT)?;
    file.describe(about);
    let stream = file.stream("Workbook").or_else(|| file.stream("Book"));
    let stream = stream.ok_or_else(|| damaged(WHAT, "it has no workbook in it"))?;
    let records = Records::read(&stream).ok_or_else(|| sealed(WHAT))?;
    let area = records.area;
    if area > MAX_AREA {
        let why =
            format!("The Excel workbook spreads its cells over {area} places, too many to read at once");
        return Err(Error::user(why.clone())
            .problem(Problem::TooLargeTable { detail: why })
            .hint("Save it as .xlsx, which is read row by row, and add the new file"));
    }
    let mut options = XlsOptions::default();
    options.force_codepage = records.codepage();
    let container = compound::holding("Workbook", &stream)?;
    drop(stream);
    let opened = super::guarded(|| Xls::new_with_options(Cursor::new(container), options));
    let mut workbook = opened.ok_or_else(confused)?.map_err(translated)?;
    let mut writer = SheetWriter::new(sink);
    for (index, sheet) in workbook.sheets_metadata().to_vec().into_iter().enumerate() {
        let range = super::guarded(|| workbook.worksheet_range(&sheet.name));
        let range = match range.ok_or_else(confused)? {
            Ok(range) => range,
            Err(error) => {
                about.warnings.push(Warning::new(
                    format!("the sheet {} was not read ({error})", sheet.name),
                    Notice::SheetCut {
                        sheet: sheet.name.to_string(),
                        detail: error.to_string(),
                    },
                ));
                continue;
            }
        };
        let merged = workbook
            .merge_cells_by_sheet_name(&sheet.name)
            .unwrap_or_default();
        writer.begin(Some(super::shown_name(&sheet)));
        for area in merged {
            let (rows, columns) = (area.start.0..area.end.0 + 1, area.start.1..area.end.1 + 1);
            writer.merge(rows, columns);
        }
        let (top, left) = range.start().unwrap_or_default();
        for (row, cells) in (top..).zip(range.rows()) {
            let cells = (left..).zip(cells).filter(|(_, data)| !data.is_empty());
            let cells = cells.map(|(column, data)| {
                let code = records.code(index, row, column);
                Cell::new(column, &number::cell(data, code))
            });
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
        XlsError::Password => sealed(WHAT),
        error => damaged(WHAT, &format!("its records cannot be read ({error})")),
    }
}
