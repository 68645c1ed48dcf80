//! Rows and columns that a sheet does not show. They are read like all others, because people look for what they put there; the
//! sheet's label says of them, and so does every citation.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::address::column_name;

/// Ranges of rows or of columns that are named; of more than that only that there are some.
const MOST_NAMED: usize = 3;
/// What a sheet can be wide.
const MAX_COLUMNS: u32 = 16_384;
/// Rows that are noted of a sheet; a filter can hide all but a few.
const MOST_ROWS: usize = 100_000;

/// What a sheet hides of itself.
#[derive(Debug, Default)]
pub(crate) struct HiddenParts {
    rows: BTreeSet<u32>,
    columns: BTreeSet<u32>,
    /// The first column that is not used, if that is known.
    end: Option<u32>,
}

impl HiddenParts {
    /// Notes a row, from 0.
    pub(crate) fn row(&mut self, row: u32) {
        if self.rows.len() < MOST_ROWS {
            self.rows.insert(row);
        }
    }

    /// Notes columns, from 0.
    pub(crate) fn columns(&mut self, columns: RangeInclusive<u32>) {
        let last = self.end.map_or(MAX_COLUMNS, |end| end.min(MAX_COLUMNS));
        self.columns.extend(columns.take_while(|column| *column < last));
    }

    /// Tells that no column from this one on is used: people hide what is right of their table. To be told first.
    pub(crate) fn end_columns(&mut self, end: u32) {
        self.end = Some(end);
    }

    /// The label of a sheet called so: `Costs (row 5 and columns C–D hidden)`.
    pub(crate) fn label(&self, name: &str) -> String {
        let rows = told(&self.rows, ["row", "rows"], |row| {
            (u64::from(row) + 1).to_string()
        });
        let columns = told(&self.columns, ["column", "columns"], column_name);
        match (rows, columns) {
            (None, None) => name.to_owned(),
            (Some(one), None) | (None, Some(one)) => format!("{name} ({one} hidden)"),
            (Some(rows), Some(columns)) => format!("{name} ({rows} and {columns} hidden)"),
        }
    }
}

fn told(numbers: &BTreeSet<u32>, [one, many]: [&str; 2], name: impl Fn(u32) -> String) -> Option<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let names = ranges.iter().map(|(first, last)| {
        if first == last {
            name(*first)
        } else {
            format!("{}–{}", name(*first), name(*last))
        }
    });
    match ranges.len() {
        0 => None,
        1 if numbers.len() == 1 => Some(format!("{one} {}", name(ranges[0].0))),
        n if n <= MOST_NAMED => Some(format!("{many} {}", names.collect::<Vec<_>>().join(", "))),
        _ => Some(format!("{} {many}", numbers.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(rows: &[u32], columns: &[u32]) -> String {
        let mut hidden = HiddenParts::default();
        rows.iter().for_each(|row| hidden.row(*row));
        columns
            .iter()
            .for_each(|column| hidden.columns(*column..=*column));
        hidden.label("Costs")
    }

    #[test]
    fn a_few_ranges_are_named_and_many_are_counted() {
        assert_eq!(label(&[], &[]), "Costs");
        assert_eq!(label(&[4], &[]), "Costs (row 5 hidden)");
        assert_eq!(label(&[6, 4, 5, 9], &[]), "Costs (rows 5–7, 10 hidden)");
        assert_eq!(label(&[], &[2, 3]), "Costs (columns C–D hidden)");
        assert_eq!(label(&[0], &[26]), "Costs (row 1 and column AA hidden)");
        assert_eq!(label(&[0, 2, 4, 6], &[]), "Costs (4 rows hidden)");
    }

    #[test]
    fn columns_right_of_the_table_do_not_count() {
        let mut hidden = HiddenParts::default();
        hidden.end_columns(5);
        hidden.columns(3..=16_383);
        assert_eq!(hidden.label("Costs"), "Costs (columns D–E hidden)");
        let mut hidden = HiddenParts::default();
        hidden.end_columns(3);
        hidden.columns(3..=u32::MAX);
        assert_eq!(hidden.label("Costs"), "Costs");
    }
}
