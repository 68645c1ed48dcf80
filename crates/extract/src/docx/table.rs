//! Tables on their way to rows of text.

use crate::merged::{Part, covered};
use crate::page::collapse;

/// A cell spans no more columns than a page can show.
const MAX_SPAN: usize = 64;

/// A table that is being read.
#[derive(Default)]
pub(super) struct Table {
    pub rows: Vec<String>,
    /// How many of the first rows repeat on every page.
    pub header_rows: u16,
    /// Whether the row being read is such a one.
    pub is_header: bool,
    /// The text of the cell being read.
    pub cell: String,
    /// How many columns it spans.
    pub span: usize,
    /// Whether it goes on from the row above.
    pub goes_on: bool,
    cells: Vec<(String, usize)>,
    /// The row above by column.
    above: Vec<String>,
}

impl Table {
    /// Ends the cell being read.
    pub(super) fn end_cell(&mut self) {
        let text = collapse(&std::mem::take(&mut self.cell));
        let span = std::mem::take(&mut self.span).clamp(1, MAX_SPAN);
        let column: usize = self.cells.iter().map(|(_, span)| span).sum();
        let goes_on = std::mem::take(&mut self.goes_on) && text.is_empty();
        let above = self.above.get(column).filter(|_| goes_on);
        let part = Part::of(self.is_header, column);
        let text = above.map_or(text, |whole| covered(whole, part).to_owned());
        self.cells.push((text, span));
    }

    /// Ends the row being read.
    pub(super) fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let is_header = std::mem::take(&mut self.is_header);
        if cells.iter().all(|(text, _)| text.is_empty()) {
            return;
        }
        if is_header && usize::from(self.header_rows) == self.rows.len() {
            self.header_rows += 1;
        }
        let is_title = cells.len() == 1;
        let part = if is_header { Part::Names } else { Part::Values };
        let mut row = Vec::new();
        for (text, span) in cells {
            let columns = if is_title { 1 } else { span };
            let rest = covered(&text, part).to_owned();
            row.push(text);
            row.extend((1..columns).map(|_| rest.clone()));
        }
        self.rows.push(row.join(" | "));
        self.above = row;
    }
}
