//! What stands over the rows of a table in a sheet: its titles, and the names of its columns.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Row};

/// A name of a column is not longer.
const MAX_NAME: usize = 80;

/// How many of the first rows are titles over a table: one cell each, while the table has several
/// columns.
pub(super) fn titles(rows: &[Row]) -> usize {
    let count = rows.iter().take_while(|row| row.cells.len() == 1).count();
    if count < rows.len() && count < 4 { count } else { 0 }
}

/// How many of the first rows name the columns. Names of groups of columns are put over each of them.
pub(super) fn rows(rows: &mut [Row], columns: &BTreeSet<u32>) -> usize {
    if let [groups, names, _, ..] = rows
        && !groups.wide.is_empty()
    {
        // Names of groups, merged over those of their columns.
        let filled = grouped(groups, columns);
        if names_columns(&[&filled, &names.cells], columns.len()) {
            groups.cells = filled;
            return 2;
        }
    }
    let Some((first, rest)) = rows.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return 0;
    };
    if !names_columns(&[&first.cells], columns.len()) {
        return 0;
    }
    // A single column of words is a list unless there is something else below its first line.
    let values = rest
        .iter()
        .flat_map(|row| &row.cells)
        .any(|cell| is_value(&cell.text));
    usize::from(columns.len() > 1 || values)
}

/// The cells of a row with the merged ones in each of their columns.
fn grouped(row: &Row, columns: &BTreeSet<u32>) -> Vec<Cell> {
    let mut cells = row.cells.clone();
    for wide in &row.wide {
        let Some(whole) = row.cells.iter().find(|cell| cell.column == wide.start) else {
            continue;
        };
        for column in columns.range(wide.clone()).filter(|column| **column > wide.start) {
            cells.push(Cell {
                column: *column,
                ..whole.clone()
            });
        }
    }
    cells.sort_by_key(|cell| cell.column);
    cells.dedup_by_key(|cell| cell.column);
    cells
}

/// Whether these rows together have a name for each of so many columns.
fn names_columns(rows: &[&Vec<Cell>], columns: usize) -> bool {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let mut shown = rows.iter().flat_map(|row| row.iter());
    let plain = shown
        .clone()
        .all(|cell| !is_value(&cell.text) || is_year(&cell.text));
    let worded = shown.any(|cell| !is_value(&cell.text));
    for cell in rows.iter().flat_map(|row| row.iter()) {
        let name = names.entry(cell.column).or_default();
        name.push_str(&cell.text);
        name.push('\n');
    }
    // The corner over the rows' names is often blank.
    let filled = names.len() + 1 >= columns || names.len() * 4 >= columns * 3;
    let short = names.values().all(|name| name.chars().count() <= MAX_NAME);
    let different = names.values().collect::<BTreeSet<_>>().len() == names.len();
    filled && short && worded && plain && different
}

/// Whether a cell shows a number, an amount, a date or the like rather than words.
fn is_value(text: &str) -> bool {
    // "Q1" names a quarter; "5 m" is a value.
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let named = text.starts_with(char::is_alphabetic);
    text.chars().any(|c| c.is_ascii_digit()) && (letters == 0 || (letters == 1 && !named))
        || matches!(text, "TRUE" | "FALSE" | "true" | "false")
}

/// Whether this is a year of our time.
pub(crate) fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u16| (1900..2100).contains(&year))
}
