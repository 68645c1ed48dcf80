//! Tables on their way to rows of text.

use crate::page::collapse;

/// Text of a merged cell that is longer is not repeated in each of its places.
const MAX_REPEATED: usize = 60;
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
        // Every row of a merged cell is about what it says.
        let above = self
            .above
            .get(column)
            .filter(|whole| text.is_empty() && whole.len() <= MAX_REPEATED);
        let text = match above {
            Some(whole) if std::mem::take(&mut self.goes_on) => whole.clone(),
            _ => text,
        };
        self.goes_on = false;
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
        let mut row = Vec::new();
        for (text, span) in cells {
            let repeated = !is_title && text.len() <= MAX_REPEATED;
            let columns = if is_title { 1 } else { span };
            row.push(text.clone());
            row.extend((1..columns).map(|_| if repeated { text.clone() } else { String::new() }));
        }
        self.rows.push(row.join(" | "));
        self.above = row;
    }
}
