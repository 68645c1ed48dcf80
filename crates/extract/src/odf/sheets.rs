//! Spreadsheets: cells as they are shown, row by row. Repeated blanks cost nothing.

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::ExtractSummary;
use quick_xml::events::{BytesStart, Event};

use super::styles::{Family, Styles};
use crate::page::{Sink, hidden};
use crate::script::{self, Script};
use crate::sheet::{Area, Cell, HiddenParts, SheetWriter, address};
use crate::xml::{attribute, entity, local, reader, text_of};

/// A cell or row that repeats more often is a pattern, not content.
const MAX_REPEAT: u32 = 1000;
/// What a sheet can be wide.
const MAX_COLUMNS: u32 = 16_384;

#[derive(Default)]
struct State<'a> {
    styles: Option<&'a Styles>,
    row: u32,
    row_repeat: u32,
    column: u32,
    repeat: u32,
    cells: Vec<Cell>,
    /// Rows and columns that the row's merged cells cover.
    merged: Vec<Area>,
    /// The cell's text as it is shown.
    text: String,
    /// Its value, if the text does not say it as well: a date.
    value: Option<String>,
    link: Option<String>,
    note: Option<String>,
    notes: Vec<(String, String)>,
    /// Depth of tables: cells can hold some.
    depth: usize,
    in_text: bool,
    /// Where the text being read stands on its line, for each span around it.
    scripts: Vec<Script>,
    skip: usize,
    /// What the sheets to come hide of themselves, in order.
    hidden: std::vec::IntoIter<HiddenParts>,
}

/// Reads the content. Returns the number of pages.
pub(super) fn read(
    xml: &str,
    styles: &Styles,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut writer = SheetWriter::new(sink);
    let mut state = State {
        styles: Some(styles),
        hidden: hidden_parts(xml).into_iter(),
        ..State::default()
    };
    let mut reader = reader(xml);
    let fault = loop {
        let flow = match reader.read_event() {
            Ok(Event::Start(element)) => state.start(&element, false, &mut writer),
            Ok(Event::Empty(element)) => state.start(&element, true, &mut writer),
            Ok(Event::End(element)) => state.end(local(element.name().as_ref()), &mut writer),
            Ok(Event::Text(text)) => state.push(&text_of(&text)),
            Ok(Event::GeneralRef(name)) => state.push(&entity(&name)),
            Ok(Event::Eof) => break None,
            Ok(_) => true,
            Err(error) => break Some(error.to_string()),
        };
        if !flow {
            return Ok(writer.sent());
        }
    };
    let _ = writer.end();
    if let Some(fault) = fault {
        if writer.sent() == 0 {
            let why = format!("its content cannot be read ({fault})");
            return Err(crate::package::damaged("OpenDocument spreadsheet", &why));
        }
        about.warnings.push(Warning::new(
            format!("the content is damaged ({fault}); what follows was not read"),
            Notice::RestNotRead {
                detail: fault.to_string(),
            },
        ));
    }
    Ok(writer.finish())
}

impl State<'_> {
    fn push(&mut self, text: &str) -> bool {
        if self.in_text && self.skip == 0 {
            let script = self.scripts.last().copied().unwrap_or_default();
            let into = self.note.as_mut().unwrap_or(&mut self.text);
            let from = into.len();
            into.push_str(text);
            script::rewrite(into, from, script);
        }
        true
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool, writer: &mut SheetWriter<'_, '_>) -> bool {
        if self.skip > 0 {
            self.skip += usize::from(!empty);
            return true;
        }
        let number = |name| attribute(element, name).and_then(|n| n.parse::<u32>().ok());
        let name = element.name();
        match local(name.as_ref()) {
            "shapes" | "forms" | "creator" | "date" | "tracked-changes" if !empty => self.skip = 1,
            "table" if !empty => {
                self.depth += 1;
                if self.depth == 1 {
                    let name = attribute(element, "name");
                    let style = attribute(element, "style-name").unwrap_or_default();
                    let hides = self.styles.and_then(|styles| styles.hides(Family::Table, &style));
                    let label = if hides == Some(true) {
                        Some(hidden(name.as_deref()))
                    } else {
                        name
                    };
                    let parts = self.hidden.next().unwrap_or_default();
                    writer.begin(label.map(|label| parts.label(&label)));
                    self.row = 0;
                }
            }
            "table-row" => {
                self.row_repeat = number("number-rows-repeated").unwrap_or(1).max(1);
                self.column = 0;
                if empty {
                    self.row = self.row.saturating_add(self.row_repeat);
                }
            }
            "table-cell" | "covered-table-cell" => {
                self.repeat = number("number-columns-repeated").unwrap_or(1).max(1);
                self.value = value(element);
                self.text.clear();
                let spanned = |name| number(name).unwrap_or(1).max(1);
                let (rows, columns) = (spanned("number-rows-spanned"), spanned("number-columns-spanned"));
                if rows > 1 || columns > 1 {
                    let below = self.row.saturating_add(rows);
                    let beside = self.column.saturating_add(columns);
                    self.merged.push((self.row..below, self.column..beside));
                }
                if empty {
                    self.end_cell();
                }
            }
            "p" => {
                self.in_text = !empty;
                let into = self.note.as_mut().unwrap_or(&mut self.text);
                if !into.is_empty() {
                    into.push('\n');
                }
            }
            "span" if !empty => {
                let style = attribute(element, "style-name").unwrap_or_default();
                let own = self.styles.and_then(|styles| styles.script(&style));
                let around = self.scripts.last().copied();
                self.scripts.push(own.or(around).unwrap_or_default());
            }
            "s" | "tab" | "line-break" => {
                self.push(" ");
            }
            "a" => self.link = attribute(element, "href"),
            "annotation" if !empty => self.note = Some(String::new()),
            _ => {}
        }
        true
    }

    fn end(&mut self, name: &str, writer: &mut SheetWriter<'_, '_>) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return true;
        }
        match name {
            "p" => {
                self.in_text = false;
                self.scripts.clear();
            }
            "span" => {
                self.scripts.pop();
            }
            "annotation" => {
                let note = self.note.take().unwrap_or_default();
                self.notes.push((address(self.row, self.column), note));
            }
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => {
                let cells = std::mem::take(&mut self.cells);
                for (rows, columns) in self.merged.drain(..) {
                    writer.merge(rows, columns);
                }
                let shown = if cells.is_empty() {
                    0
                } else {
                    self.row_repeat.min(MAX_REPEAT)
                };
                for n in 0..shown {
                    if writer.row(self.row.saturating_add(n), cells.clone()).is_break() {
                        return false;
                    }
                }
                self.row = self.row.saturating_add(self.row_repeat);
            }
            "table" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    for (address, note) in self.notes.drain(..) {
                        writer.note(address, &note);
                    }
                    return writer.end().is_continue();
                }
            }
            _ => {}
        }
        true
    }

    fn end_cell(&mut self) {
        let shown = self
            .value
            .take()
            .unwrap_or_else(|| std::mem::take(&mut self.text));
        self.text.clear();
        let link = self.link.take();
        if !shown.trim().is_empty() {
            for n in 0..self.repeat.min(MAX_REPEAT) {
                let column = self.column.saturating_add(n);
                if column < MAX_COLUMNS {
                    let link = link.clone();
                    self.cells.push(Cell {
                        link,
                        ..Cell::new(column, &shown)
                    });
                }
            }
        }
        self.column = self.column.saturating_add(self.repeat);
    }
}

/// What each sheet hides of itself: rows with something in them, and columns before the last that has something. A sheet's label is
/// needed before its rows come, so this is a look of its own, for files that hide any.
fn hidden_parts(xml: &str) -> Vec<HiddenParts> {
    let mut sheets: Vec<HiddenParts> = Vec::new();
    if !["visibility=\"collapse\"", "visibility=\"filter\""]
        .iter()
        .any(|hides| xml.contains(hides))
    {
        return sheets;
    }
    let mut reader = reader(xml);
    let (mut depth, mut skip) = (0_usize, 0_usize);
    let (mut row, mut rows, mut row_hides, mut row_says) = (0_u32, 1_u32, false, false);
    let (mut column, mut used) = (0_u32, 0_u32);
    let mut columns: Vec<std::ops::Range<u32>> = Vec::new();
    let mut at = 0_u32;
    loop {
        let (element, empty) = match reader.read_event() {
            Ok(Event::Start(element)) => (element, false),
            Ok(Event::Empty(element)) => (element, true),
            Ok(Event::End(element)) => {
                match local(element.name().as_ref()) {
                    _ if skip > 0 => skip -= 1,
                    "table-row" if depth == 1 => {
                        if row_hides && row_says {
                            let end = row.saturating_add(rows.min(MAX_REPEAT));
                            (row..end).for_each(|row| {
                                sheets.last_mut().into_iter().for_each(|sheet| sheet.row(row))
                            });
                        }
                        row = row.saturating_add(rows);
                    }
                    "table" => {
                        depth = depth.saturating_sub(1);
                        if depth == 0
                            && let Some(sheet) = sheets.last_mut()
                        {
                            sheet.end_columns(used);
                            for range in columns.drain(..).filter(|range| !range.is_empty()) {
                                sheet.columns(range.start..=range.end - 1);
                            }
                        }
                    }
                    _ => {}
                }
                continue;
            }
            Ok(Event::Eof) | Err(_) => return sheets,
            Ok(_) => continue,
        };
        if skip > 0 {
            skip += usize::from(!empty);
            continue;
        }
        let number = |name| {
            attribute(&element, name)
                .and_then(|n| n.parse::<u32>().ok())
                .unwrap_or(1)
                .max(1)
        };
        let hides = || attribute(&element, "visibility").is_some_and(|shown| shown != "visible");
        let name = element.name();
        match local(name.as_ref()) {
            "shapes" | "forms" | "tracked-changes" if !empty => skip = 1,
            "table" if !empty => {
                depth += 1;
                if depth == 1 {
                    sheets.push(HiddenParts::default());
                    (row, column, used) = (0, 0, 0);
                }
            }
            "table-column" if depth == 1 => {
                let end = column.saturating_add(number("number-columns-repeated"));
                if hides() {
                    columns.push(column..end);
                }
                column = end;
            }
            "table-row" if depth == 1 => {
                (rows, row_hides, row_says, at) = (number("number-rows-repeated"), hides(), false, 0);
                if empty {
                    row = row.saturating_add(rows);
                }
            }
            "table-cell" | "covered-table-cell" if depth == 1 => {
                at = at.saturating_add(number("number-columns-repeated"));
                if !empty {
                    row_says = true;
                    used = used.max(at);
                }
            }
            _ => {}
        }
    }
}

/// A date by its value: how it is shown depends on where.
fn value(cell: &BytesStart<'_>) -> Option<String> {
    let date = attribute(cell, "date-value")?;
    let date = date.strip_suffix("T00:00:00").unwrap_or(&date).to_owned();
    Some(date.replacen('T', " ", 1))
}
