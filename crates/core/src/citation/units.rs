//! What a sentence of an answer is held against: the sentences of a page, and the rows of its tables.

use std::collections::HashSet;
use std::ops::Range;

use super::rows::{self, TextTable};
use crate::text::{self, Term, content_terms};

/// A sentence or a row of a table.
pub(super) struct Unit {
    /// Its bytes in the page's text.
    pub range: Range<usize>,
    /// Its words.
    pub terms: HashSet<Term>,
    /// Of a row: where it stands.
    pub row: Option<RowAt>,
}

/// The place of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowAt {
    /// Number of its table on the page.
    pub table: usize,
    /// Its number in the table; none of the row that names the columns.
    pub at: Option<usize>,
}

/// The sentences and rows of `page` in order, and its tables.
pub(super) fn units(page: &str) -> (Vec<Unit>, Vec<TextTable>) {
    let tables = rows::tables(page);
    let (mut units, mut before) = (Vec::new(), 0);
    for (table, text) in tables.iter().enumerate() {
        let headers = text.header.iter().count();
        for (line, row) in text.lines().enumerate() {
            // Between rows there is nothing but rules.
            if line == 0 {
                sentences(page, before..row.range.start, &mut units);
            }
            before = row.range.end;
            units.push(Unit {
                range: row.range.clone(),
                terms: row.cells.iter().flat_map(|cell| &cell.terms).cloned().collect(),
                row: Some(RowAt {
                    table,
                    at: line.checked_sub(headers),
                }),
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(page: &str) -> Vec<(&str, Option<RowAt>)> {
        let (units, _) = units(page);
        units
            .into_iter()
            .map(|unit| (&page[unit.range], unit.row))
            .collect()
    }

    const fn row(table: usize, at: Option<usize>) -> Option<RowAt> {
        Some(RowAt { table, at })
    }

    #[test]
    fn rows_are_units_of_their_own_and_what_stands_around_them_is_sentences() {
        let page = "The dues of\nevery berth:\nBerth | Dues (kr)\nCoal pier | 120,480\nSt. Olaf. East |\n\nAll paid. None owes.";
        assert_eq!(
            told(page),
            [
                ("The dues of\nevery berth:", None),
                ("Berth | Dues (kr)", row(0, None)),
                ("Coal pier | 120,480", row(0, Some(0))),
                ("St. Olaf. East |", row(0, Some(1))),
                ("All paid.", None),
                ("None owes.", None),
            ]
        );
        assert_eq!(told("grep x | wc | sort"), [("grep x | wc | sort", None)]);
    }

    #[test]
    fn markdown_s_rules_are_no_rows() {
        let page = "| a | 2023 |\n|---|---|\n| b | 1 |\n";
        assert_eq!(
            told(page),
            [("| a | 2023 |", row(0, None)), ("| b | 1 |", row(0, Some(0)))]
        );
    }
}
