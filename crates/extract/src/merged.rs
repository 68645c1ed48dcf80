//! Merged cells: what the places show that they cover.
//!
//! Every row and column of a merged cell is about what it says, so words are repeated in each of them. An amount
//! stands once: repeated, it would be summed up as often.

use std::ops::Range;

use footnote_core::tables::number::is_number;

/// Longer text is not repeated.
const MAX_REPEATED: usize = 60;
/// Merged cells side by side; a table that claims more is padding.
const MAX_REGIONS: usize = 1000;

/// What part of a table a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The rows that name the columns: whatever stands there is a name.
    Names,
    /// What names a row: its first cell.
    Label,
    /// The rest of a row.
    Values,
}

impl Part {
    /// Where a cell stands, by its column from 0.
    pub(crate) fn of(is_header: bool, column: usize) -> Self {
        match (is_header, column) {
            (true, _) => Self::Names,
            (false, 0) => Self::Label,
            (false, _) => Self::Values,
        }
    }
}

/// What a place shows that a cell saying `text` covers.
pub(crate) fn covered(text: &str, part: Part) -> &str {
    let amount = match part {
        Part::Names => false,
        Part::Label => is_number(text) && !crate::sheet::is_year(text),
        Part::Values => is_number(text),
    };
    if amount || text.len() > MAX_REPEATED {
        ""
    } else {
        text
    }
}

/// The merged cells of a table that is read row by row, rows and columns from 0.
#[derive(Debug, Default)]
pub(crate) struct Regions(Vec<Region>);

#[derive(Debug)]
struct Region {
    rows: Range<u32>,
    columns: Range<u32>,
    text: String,
}

impl Regions {
    /// Adds a cell that covers these places; one that covers its own alone is none.
    pub(crate) fn add(&mut self, rows: Range<u32>, columns: Range<u32>, text: &str) {
        let single = rows.len() <= 1 && columns.len() <= 1;
        if !single && self.0.len() < MAX_REGIONS {
            let text = text.to_owned();
            self.0.push(Region { rows, columns, text });
        }
    }

    /// What the cell says that covers this place.
    pub(crate) fn over(&self, row: u32, column: u32) -> Option<&str> {
        let over = self
            .0
            .iter()
            .find(|region| region.rows.contains(&row) && region.columns.contains(&column))?;
        Some(&over.text)
    }

    /// The cells that cover places of this row from above: their first columns, and what they say.
    pub(crate) fn beginnings(&self, row: u32) -> impl Iterator<Item = (u32, &str)> {
        let above = self.0.iter().filter(move |region| region.rows.start < row);
        above.map(|region| (region.columns.start, region.text.as_str()))
    }

    /// Whether a merged cell begins here.
    pub(crate) fn begins(&self, row: u32, column: u32) -> bool {
        let begins = |region: &Region| region.rows.start == row && region.columns.start == column;
        self.0.iter().any(begins)
    }

    /// Forgets what does not reach `row`.
    pub(crate) fn pass(&mut self, row: u32) {
        self.0.retain(|region| region.rows.end > row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_repeated_and_amounts_are_not() {
        for text in ["East", "Q1", "2024-03-09", "007"] {
            assert_eq!(covered(text, Part::Values), text);
        }
        for text in ["400", "1,234.50", "€ 12", "12 kg", "(5)", "2024", "95 %"] {
            assert_eq!(covered(text, Part::Values), "", "{text}");
            assert_eq!(covered(text, Part::Names), text);
        }
        assert_eq!(covered("2024", Part::Label), "2024");
        assert_eq!(covered("400", Part::Label), "");
        assert_eq!(covered(&"long ".repeat(20), Part::Names), "");
    }
}
