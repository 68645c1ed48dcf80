//! What a sentence of an answer is held against: the sentences of a page, and the rows of its tables.

use std::collections::HashSet;
use std::ops::Range;

use crate::text::{self, Term, content_terms};

/// A sentence or a row of a table.
pub(super) struct Unit {
    /// Its bytes in the page's text.
    pub range: Range<usize>,
    /// Its words.
    pub terms: HashSet<Term>,
    /// Of a row: its table and cells.
    pub row: Option<Row>,
}

/// A row of a table.
pub(super) struct Row {
    /// Number of the table on its page.
    pub table: usize,
    /// The words of its cells.
    pub cells: Vec<HashSet<Term>>,
}

/// What the rows of a table share.
pub(super) struct Table {
    /// The bytes of the row that names the columns, if one does.
    pub header: Option<Range<usize>>,
    /// The words of each column's name; empty without a header.
    pub columns: Vec<HashSet<Term>>,
}

/// The sentences and rows of `page` in order, and its tables.
///
/// Rows are lines with their cells parted as the readers of documents write them ("a | b") or as Markdown does
/// ("| a | b |"), two of them at least one below the other.
pub(super) fn units(page: &str) -> (Vec<Unit>, Vec<Table>) {
    let (mut units, mut tables) = (Vec::new(), Vec::new());
    let mut before = 0;
    for lines in tables_of(page) {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            continue;
        };
        sentences(page, before..first.start, &mut units);
        before = last.end;
        let cells = |line: &Range<usize>| -> Vec<HashSet<Term>> {
            let words = |cell| content_terms(cell).into_iter().collect();
            cells(&page[line.clone()]).map(words).collect()
        };
        let is_header = lines.len() > 1 && !cells_of(page, first).any(is_number);
        tables.push(Table {
            header: is_header.then(|| first.clone()),
            columns: if is_header { cells(first) } else { Vec::new() },
        });
        units.extend(lines.into_iter().map(|line| {
            let cells = cells(&line);
            Unit {
                terms: cells.iter().flatten().cloned().collect(),
                row: Some(Row {
                    table: tables.len() - 1,
                    cells,
                }),
                range: line,
            }
        }));
    }
    sentences(page, before..page.len(), &mut units);
    (units, tables)
}

fn sentences(page: &str, within: Range<usize>, units: &mut Vec<Unit>) {
    let found = text::sentences(&page[within.clone()]);
    units.extend(found.into_iter().map(|range| {
        let range = range.start + within.start..range.end + within.start;
        Unit {
            terms: content_terms(&page[range.clone()]).into_iter().collect(),
            range,
            row: None,
        }
    }));
}

/// The rows of every table of a page, without the rules that Markdown draws below headers.
fn tables_of(page: &str) -> Vec<Vec<Range<usize>>> {
    let (mut tables, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    for line in page.split_inclusive('\n') {
        let range = text::trimmed(page, at..at + line.len());
        at += line.len();
        match range.filter(|range| is_row(&page[range.clone()])) {
            Some(row) => open.push(row),
            None => tables.push(std::mem::take(&mut open)),
        }
    }
    tables.push(open);
    tables.retain(|rows| rows.len() > 1);
    for rows in &mut tables {
        rows.retain(|row| page[row.clone()].contains(char::is_alphanumeric));
    }
    tables
}

fn is_row(line: &str) -> bool {
    line.contains(" | ") || line.ends_with(" |") || line.starts_with('|')
}

fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim_matches('|').split('|').map(str::trim)
}

fn cells_of<'a>(page: &'a str, row: &Range<usize>) -> impl Iterator<Item = &'a str> {
    cells(&page[row.clone()])
}

/// Whether a cell holds an amount. Years name columns.
fn is_number(cell: &str) -> bool {
    let is_year = cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20"));
    !is_year && cell.contains(|c: char| c.is_ascii_digit()) && !cell.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(page: &str) -> Vec<(&str, Option<usize>)> {
        let (units, _) = units(page);
        units
            .into_iter()
            .map(|unit| (&page[unit.range], unit.row.map(|row| row.table)))
            .collect()
    }

    #[test]
    fn rows_are_units_of_their_own_and_what_stands_around_them_is_sentences() {
        let page = "The dues of\nevery berth:\nBerth | Dues (kr)\nCoal pier | 120,480\nSt. Olaf. East |\n\nAll paid. None owes.";
        assert_eq!(
            told(page),
            [
                ("The dues of\nevery berth:", None),
                ("Berth | Dues (kr)", Some(0)),
                ("Coal pier | 120,480", Some(0)),
                ("St. Olaf. East |", Some(0)),
                ("All paid.", None),
                ("None owes.", None),
            ]
        );
        let (_, tables) = units(page);
        assert_eq!(tables[0].columns.len(), 2);
    }

    #[test]
    fn markdown_s_rules_are_no_rows() {
        let page = "| a | 2023 |\n|---|---|\n| b | 1 |\n";
        assert_eq!(told(page), [("| a | 2023 |", Some(0)), ("| b | 1 |", Some(0))]);
        let (_, tables) = units(page);
        assert!(tables[0].header.is_some(), "years name columns");
    }

    #[test]
    fn a_table_without_names_of_its_columns_has_none() {
        let (_, tables) = units("North | 214\nSouth | 87");
        assert!(tables[0].header.is_none() && tables[0].columns.is_empty());
        assert_eq!(told("grep x | wc | sort"), [("grep x | wc | sort", None)]);
    }
}
