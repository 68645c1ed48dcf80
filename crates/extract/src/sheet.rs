//! Sheets of rows and cells, whatever file they come from: blocks at blank rows, column names, a
//! place for every cell, pages of bearable length. Rows are taken one by one; only those of the
//! page being made are held.

mod address;
mod csv;
mod header;
mod hidden;
mod number;
mod raised;
mod xls;
mod xlsb;
mod xlsx;

pub(crate) use self::csv::read as read_csv;
pub(crate) use address::{Area, address};
pub(crate) use header::is_year;
pub(crate) use hidden::HiddenParts;
pub(crate) use number::general as general_number;
pub(crate) use xls::read as read_xls;
pub(crate) use xlsb::read as read_xlsb;
pub(crate) use xlsx::read as read_xlsx;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{BlockKind, PageUnit};
use footnote_core::{Error, Result};

use crate::merged::{Part, Regions, covered};
use crate::page::{Mark, PageBuilder, Piece, SECTION_CHARS, Sink, What, collapse, hidden, split_long};

/// More cells on a page than this have their places by row: each one costs more than its text.
const MAX_CELL_PLACES: usize = 1500;
/// Rows times columns after which a page ends; blanks between cells count too.
const MAX_AREA: usize = 60_000;

/// A cell that holds something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// From 0.
    pub column: u32,
    /// What it shows, on one line.
    pub text: String,
    /// Where its hyperlink leads.
    pub link: Option<String>,
}

impl Cell {
    /// A cell that shows `text`.
    pub(crate) fn new(column: u32, text: &str) -> Self {
        // Strings of old workbooks may come with half of their UTF-16 left in.
        let text = if text.contains('\0') {
            collapse(&text.replace('\0', ""))
        } else {
            collapse(text)
        };
        Self {
            column,
            text,
            link: None,
        }
    }
}

#[derive(Clone, Debug)]
struct Row {
    /// From 0.
    number: u32,
    /// In order of columns, without blank ones.
    cells: Vec<Cell>,
    /// The columns that each merged cell of it covers.
    wide: Vec<Range<u32>>,
}

/// The name of a sheet, with a word if the workbook hides it.
fn shown_name(sheet: &calamine::Sheet) -> String {
    match sheet.visible {
        calamine::SheetVisible::Visible => sheet.name.clone(),
        _ => hidden(Some(&sheet.name)),
    }
}

/// Makes pages of sheets.
pub(crate) struct SheetWriter<'a, 'b> {
    sink: &'a mut Sink<'b>,
    sent: u32,
    stopped: bool,
    label: Option<String>,
    builder: PageBuilder,
    /// The table being read, as far as it is not on a page yet.
    rows: Vec<Row>,
    columns: BTreeSet<u32>,
    size: usize,
    /// The names of its columns, if a part of it is on a page already.
    continued: Option<Vec<Row>>,
    notes: Vec<(String, String)>,
    /// Whether the sheet's name is on a page.
    named: bool,
    /// Merged cells by their first row, of rows that did not come yet.
    merging: BTreeMap<u32, Vec<Area>>,
    /// Those that reach further down.
    merged: Regions,
}

impl<'a, 'b> SheetWriter<'a, 'b> {
    /// A writer that sends pages to `sink`.
    pub(crate) fn new(sink: &'a mut Sink<'b>) -> Self {
        Self {
            sink,
            sent: 0,
            stopped: false,
            label: None,
            builder: PageBuilder::of(PageUnit::Sheet),
            rows: Vec::new(),
            columns: BTreeSet::new(),
            size: 0,
            continued: None,
            notes: Vec::new(),
            named: false,
            merging: BTreeMap::new(),
            merged: Regions::default(),
        }
    }

    /// Begins a sheet.
    pub(crate) fn begin(&mut self, label: Option<String>) {
        self.label = label;
        self.named = false;
        self.merging.clear();
        self.merged = Regions::default();
    }

    /// Tells that a cell, the first of these rows and columns, covers them all. Its row must not have come yet.
    pub(crate) fn merge(&mut self, rows: Range<u32>, columns: Range<u32>) {
        self.merging.entry(rows.start).or_default().push((rows, columns));
    }

    /// Adds something that is no row, behind the rows before.
    pub(crate) fn piece(&mut self, piece: &Piece) {
        self.end_table();
        self.push(piece.kind, &piece.text, &piece.marks);
    }

    /// Adds a row, `number` from 0. Rows must come in order. Breaks when nobody wants more pages.
    pub(crate) fn row(&mut self, number: u32, mut cells: Vec<Cell>) -> ControlFlow<()> {
        cells.retain(|cell| !cell.text.trim().is_empty());
        if cells.is_empty() {
            return self.flow();
        }
        cells.sort_by_key(|cell| cell.column);
        cells.dedup_by_key(|cell| cell.column);
        let wide = self.fill(number, &mut cells);
        if self
            .rows
            .last()
            .is_some_and(|last| number > last.number.saturating_add(1))
        {
            self.end_table();
        }
        self.size += cells.iter().map(|cell| cell.text.len() + 3).sum::<usize>();
        self.columns.extend(cells.iter().map(|cell| cell.column));
        self.rows.push(Row { number, cells, wide });
        let area = self.rows.len().saturating_mul(self.columns.len());
        if self.builder.len() + self.size >= SECTION_CHARS || area > MAX_AREA {
            self.flush();
            self.send();
        }
        self.flow()
    }

    /// Fills in what merged cells of the rows above say of this one. Returns the columns that its own cover.
    fn fill(&mut self, number: u32, cells: &mut Vec<Cell>) -> Vec<Range<u32>> {
        self.merged.pass(number);
        let first = cells.first().map_or(0, |cell| cell.column);
        for (column, text) in self.merged.beginnings(number) {
            if let Err(at) = cells.binary_search_by_key(&column, |cell| cell.column) {
                let part = if column < first { Part::Label } else { Part::Values };
                let shown = covered(text, part);
                if !shown.is_empty() {
                    cells.insert(at, Cell::new(column, shown));
                }
            }
        }
        let later = self.merging.split_off(&number.saturating_add(1));
        let mut own = std::mem::replace(&mut self.merging, later);
        let mut wide = Vec::new();
        for (rows, columns) in own.remove(&number).unwrap_or_default() {
            if let Ok(at) = cells.binary_search_by_key(&columns.start, |cell| cell.column) {
                self.merged.add(rows, columns.clone(), &cells[at].text);
                if columns.len() > 1 {
                    wide.push(columns);
                }
            }
        }
        wide
    }

    /// Adds a note to the sheet; it stands behind its rows.
    pub(crate) fn note(&mut self, address: String, text: &str) {
        let text = collapse(text);
        if !text.is_empty() {
            self.notes.push((address, text));
        }
    }

    /// Ends the sheet.
    pub(crate) fn end(&mut self) -> ControlFlow<()> {
        self.end_table();
        for (address, text) in std::mem::take(&mut self.notes) {
            let mark = Mark {
                bytes: 0..address.len() + 2 + text.len(),
                what: What::Place(address.clone()),
            };
            self.push(BlockKind::Footnote, &format!("{address}: {text}"), &[mark]);
        }
        if !self.builder.is_empty() {
            self.send();
        }
        self.flow()
    }

    /// Ends the workbook. Returns how many pages were sent; one without text if nothing held any.
    pub(crate) fn finish(mut self) -> u32 {
        if self.sent == 0 {
            self.send();
        }
        self.sent
    }

    /// Pages sent so far.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stopped {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn send(&mut self) {
        self.sent += 1;
        let page = self.builder.finish(self.sent, self.label.clone());
        self.stopped |= self.stopped || (self.sink)(ExtractedPage::new(page, None)).is_break();
    }

    fn push(&mut self, kind: BlockKind, text: &str, marks: &[Mark]) {
        if let Some(name) = self.label.as_deref().filter(|_| !self.named) {
            self.builder.push(BlockKind::Heading { level: 1 }, name);
        }
        self.named = true;
        for part in split_long(text) {
            if self.builder.len() >= 2 * SECTION_CHARS {
                self.send();
            }
            self.builder.push_marked(kind, text, part, marks);
        }
    }

    fn end_table(&mut self) {
        let side_by_side = match self.continued {
            None => parts(&self.rows, &self.columns),
            Some(_) => Vec::new(),
        };
        if side_by_side.len() > 1 {
            let rows = std::mem::take(&mut self.rows);
            for columns in side_by_side {
                let part = rows.iter().map(|row| Row {
                    number: row.number,
                    wide: row.wide.clone(),
                    cells: row
                        .cells
                        .iter()
                        .filter(|cell| columns.contains(&cell.column))
                        .cloned()
                        .collect(),
                });
                self.rows = part.filter(|row| !row.cells.is_empty()).collect();
                self.columns = columns;
                self.flush();
                self.continued = None;
            }
        }
        self.flush();
        self.continued = None;
    }

    /// Puts the rows at hand on the page.
    fn flush(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let mut columns = std::mem::take(&mut self.columns);
        self.size = 0;
        if rows.is_empty() {
            return;
        }
        let header_rows = match &self.continued {
            // The page before has the names of the columns; without them these rows say little.
            Some(names) => {
                columns.extend(names.iter().flat_map(|row| &row.cells).map(|cell| cell.column));
                let count = names.len();
                rows.splice(0..0, names.iter().cloned());
                count
            }
            None => {
                let titles = header::titles(&rows);
                for row in rows.drain(..titles) {
                    let own = row.cells.iter().map(|cell| cell.column).collect();
                    let (text, marks) = lines(&[row], &own);
                    self.push(BlockKind::Caption, &text, &marks);
                }
                let count = header::rows(&mut rows, &columns);
                self.continued = Some(rows[..count].to_vec());
                count
            }
        };
        let (text, marks) = lines(&rows, &columns);
        let kind = if rows.len() == 1 && rows[0].cells.len() == 1 {
            BlockKind::Paragraph
        } else {
            BlockKind::Table {
                header_rows: u16::try_from(header_rows).unwrap_or(0),
            }
        };
        self.push(kind, &text, &marks);
    }
}

/// Sends the cells that `next` gives, row by row, until it has none or nobody wants more.
///
/// # Errors
/// Those of `next`; the rows before are sent.
fn send_rows(
    writer: &mut SheetWriter<'_, '_>,
    mut next: impl FnMut() -> Result<Option<(u32, Cell)>>,
) -> Result<()> {
    let (mut row, mut cells) = (0, Vec::new());
    let end = loop {
        let (at, cell) = match next() {
            Ok(Some(next)) => next,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        if at != row && !cells.is_empty() && writer.row(row, std::mem::take(&mut cells)).is_break() {
            return Ok(());
        }
        row = at;
        cells.push(cell);
    };
    let _ = writer.row(row, cells);
    end
}

/// The warning that a sheet ends where `error` came.
fn cut(sheet: &str, error: &Error) -> Warning {
    Warning::new(
        format!("the sheet {sheet} was not read to its end ({})", error.message),
        Notice::SheetCut {
            sheet: sheet.to_owned(),
            detail: error.message.clone(),
        },
    )
}

/// Runs a foreign reader, which may panic on files that contradict themselves. None if it did.
fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok()
}

/// Rows as lines, with the place of every cell, or of every row where there are many.
fn lines(rows: &[Row], columns: &BTreeSet<u32>) -> (String, Vec<Mark>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let by_row = rows.iter().map(|row| row.cells.len()).sum::<usize>() > MAX_CELL_PLACES;
    for (n, row) in rows.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        let begin = text.len();
        let mut cells = row.cells.iter().peekable();
        for (n, column) in columns.iter().enumerate() {
            // Blanks behind the last cell say nothing.
            if cells.peek().is_none() {
                break;
            }
            if n > 0 {
                text.push_str(" | ");
            }
            let Some(cell) = cells.next_if(|cell| cell.column == *column) else {
                continue;
            };
            let bytes = text.len()..text.len() + cell.text.len();
            text.push_str(&cell.text);
            if !by_row {
                marks.push(Mark {
                    bytes: bytes.clone(),
                    what: What::Place(address(row.number, cell.column)),
                });
            }
            if let Some(target) = &cell.link {
                marks.push(Mark {
                    bytes,
                    what: What::Link(target.clone()),
                });
            }
        }
        if by_row && let (Some(first), Some(last)) = (row.cells.first(), row.cells.last()) {
            let range = format!(
                "{}:{}",
                address(row.number, first.column),
                address(row.number, last.column)
            );
            marks.push(Mark {
                bytes: begin..text.len(),
                what: What::Place(range),
            });
        }
    }
    (text, marks)
}

/// The tables that stand side by side: parted by blank columns, two columns wide at least, and not
/// in the same rows. A blank column within one table parts nothing.
fn parts(rows: &[Row], columns: &BTreeSet<u32>) -> Vec<BTreeSet<u32>> {
    let mut parts: Vec<BTreeSet<u32>> = Vec::new();
    for column in columns {
        match parts.last_mut() {
            Some(part) if part.last().is_some_and(|last| last + 1 == *column) => {
                part.insert(*column);
            }
            _ => parts.push([*column].into()),
        }
    }
    let extent = |part: &BTreeSet<u32>| {
        let mut held = rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| part.contains(&cell.column)))
            .map(|row| row.number);
        let first = held.next();
        (first, held.next_back().or(first))
    };
    let wide = parts.len() > 1 && parts.len() < 16 && parts.iter().all(|part| part.len() > 1);
    if wide && parts.windows(2).all(|pair| extent(&pair[0]) != extent(&pair[1])) {
        parts
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
