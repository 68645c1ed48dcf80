//! Tables as they stand in the text of a page: rows of cells, what names the rows and the columns, and which of them are meant.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::facts::{is_unit, is_year};
use crate::question::words_of_asking;
use crate::text::{self, Term, content_terms};

/// A table of a page.
pub(crate) struct TextTable {
    /// The row that names the columns, if one does.
    pub header: Option<Row>,
    /// All others; one at least.
    pub rows: Vec<Row>,
    /// The words of the paragraph right above it.
    pub lead: HashSet<Term>,
}

/// Words that a table need not have: those of asking, and those that say that what stands in a cell is there, and hardly more:
/// "the dues that were paid at the pier", "the power that a pump draws".
static LIGHT: LazyLock<HashSet<Term>> = LazyLock::new(|| {
    let mut light = words_of_asking();
    light.extend(content_terms(OF_HAVING));
    light
});

const OF_HAVING: &str = "pay paid cost charge charged call called pass passed land landed draw drawn drew take took taken use used \
    have had got get spend spent amount amounts value values figure figures number numbers measure measured list listed \
    give given show shown record recorded come came earn earned yield make made reach reached table row column according \
    tonnes tons kilograms kilos grams kilometres kilometers metres meters litres liters hours days weeks months years euros pounds \
    dollars francs crowns degrees people persons \
    kosten kostet kostete beträgt betragen betrug zahlen zahlt zahlte bezahlt gezahlt hat hatte haben hatten gab gibt wert \
    werte betrag zahl anzahl tabelle zeile spalte laut gemäß verbraucht ausgegeben eingenommen vorgesehen";

/// A row of a table.
pub(crate) struct Row {
    /// Its bytes in the page's text.
    pub range: Range<usize>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell of a row.
pub(crate) struct Cell {
    /// Its bytes in the page's text, without white space around it.
    pub range: Range<usize>,
    /// Its words.
    pub terms: HashSet<Term>,
    /// Whether it holds an amount; what does not may name its row.
    pub is_amount: bool,
}

/// The tables of `page` in order.
///
/// Rows are lines with their cells parted as the readers of documents write them ("a | b") or as Markdown does
/// ("| a | b |"), two of them at least one below the other.
pub(crate) fn tables(page: &str) -> Vec<TextTable> {
    let lines = lines_of_tables(page).into_iter();
    lines
        .filter_map(|lines| {
            let lead = lead(&page[..lines.first()?.start]);
            let mut rows = lines.into_iter().map(|line| row(page, line));
            let first = rows.next()?;
            let mut rows: Vec<Row> = rows.collect();
            let is_header = !first
                .cells
                .iter()
                .any(|cell| is_number(&page[cell.range.clone()]));
            if is_header && !rows.is_empty() {
                let header = Some(first);
                return Some(TextTable { header, rows, lead });
            }
            rows.insert(0, first);
            let header = None;
            Some(TextTable { header, rows, lead })
        })
        .collect()
}

impl TextTable {
    /// All rows in order, the header first.
    pub fn lines(&self) -> impl Iterator<Item = &Row> {
        self.header.iter().chain(&self.rows)
    }

    /// Whether a column's name has this word.
    pub fn names_a_column(&self, term: &Term) -> bool {
        let names = self.header.iter().flat_map(|header| &header.cells);
        names.into_iter().any(|name| name.terms.contains(term))
    }

    /// The rows, header aside, that `asked`, the words of a question, and `said`, those of a sentence that answers it, speak of:
    /// of those that share a word of their names, each that no other shares more with or the same. `place` has the words of the
    /// titles, which tell no row from another. None if no row is named.
    pub fn rows_meant(
        &self,
        asked: &HashSet<Term>,
        said: &HashSet<Term>,
        place: &HashSet<Term>,
    ) -> Vec<usize> {
        let named = self.rows.iter().map(|row| {
            let named = row.named(asked, said);
            let tells = named.iter().any(|term| !place.contains(*term));
            if tells { named } else { BTreeSet::new() }
        });
        let mut meant: Vec<usize> = largest(named)
            .into_iter()
            .flat_map(|(named, alike)| {
                if alike.len() == 1 {
                    return alike;
                }
                // "The intake pump A" and "the intake pump B" have both been said to the end, but for a letter; "a pump" is
                // none of them.
                let is_whole = |at: &usize| self.rows[*at].label_terms().all(|term| named.contains(term));
                let whole: Vec<usize> = alike.into_iter().filter(is_whole).collect();
                if whole.len() == 1 { whole } else { Vec::new() }
            })
            .collect();
        meant.sort_unstable();
        meant
    }

    /// Whether the row, the name of its label's column and of `column`, the titles (`place`) and what leads to the table account for
    /// all words of a question (`asked`). Words of asking, units, and words of no weight need no account.
    pub fn accounts_for(
        &self,
        asked: &HashSet<Term>,
        row: &Row,
        column: Option<usize>,
        place: &HashSet<Term>,
    ) -> bool {
        // "The flat on the first floor" is in the column of flats.
        let header = self
            .header
            .iter()
            .flat_map(|header| header.cells.iter().enumerate());
        let names: Vec<&Term> = header
            .filter(|(at, _)| column.is_none() || [column, row.label()].contains(&Some(*at)))
            .flat_map(|(_, cell)| &cell.terms)
            .collect();
        asked.iter().all(|term| {
            row.cells.iter().any(|cell| cell.terms.contains(term))
                || names.iter().any(|name| name.is_form_of(term))
                || place.contains(term)
                || is_unit(&term.0)
                // Another year's table may stand on the page.
                || (!term.is_number() && (LIGHT.contains(term) || self.lead.contains(term)))
        })
    }

    /// The columns that these words, or other forms of them, name in the same way. None without a header.
    pub fn columns_meant(&self, said: &HashSet<Term>) -> Vec<usize> {
        let names = self.header.iter().flat_map(|header| &header.cells);
        let named = names.map(|name| {
            let terms = name.terms.iter();
            let said = terms.filter(|term| said.iter().any(|said| term.is_form_of(said)));
            said.collect()
        });
        let mut meant: Vec<usize> = largest(named).into_values().flatten().collect();
        meant.sort_unstable();
        meant
    }
}

impl Row {
    /// The cell that the row goes by: its first one that is no amount, or else its first one with anything in it.
    pub fn label(&self) -> Option<usize> {
        let has_words = |cell: &Cell| !cell.terms.is_empty();
        let named = self
            .cells
            .iter()
            .position(|cell| !cell.is_amount && has_words(cell));
        named.or_else(|| self.cells.iter().position(has_words))
    }

    fn label_terms(&self) -> impl Iterator<Item = &Term> {
        self.label()
            .into_iter()
            .flat_map(|label| &self.cells[label].terms)
    }

    /// The words by which a question and a sentence that answers it name the row. What an answer has in another cell than the
    /// label is what it says of the row; and a long remark has words of everything.
    fn named(&self, asked: &HashSet<Term>, said: &HashSet<Term>) -> BTreeSet<&Term> {
        let label = self.label();
        let cells = self.cells.iter().enumerate();
        let words = cells.flat_map(|(at, cell)| {
            let is_label = label == Some(at);
            let counts = is_label || cell.is_named_by(asked);
            cell.terms
                .iter()
                .filter(move |term| counts && (asked.contains(*term) || (is_label && said.contains(*term))))
        });
        words.collect()
    }
}

impl Cell {
    /// Whether these words have half of its own, one at least.
    pub fn is_named_by(&self, words: &HashSet<Term>) -> bool {
        let known = self.terms.intersection(words).count();
        known > 0 && 2 * known >= self.terms.len()
    }
}

/// Those of these sets that have something and are no part of a larger one, each with the numbers of those that are the same.
fn largest<'t>(sets: impl Iterator<Item = BTreeSet<&'t Term>>) -> HashMap<BTreeSet<&'t Term>, Vec<usize>> {
    let mut alike: HashMap<BTreeSet<&Term>, Vec<usize>> = HashMap::new();
    for (at, set) in sets.enumerate().filter(|(_, set)| !set.is_empty()) {
        alike.entry(set).or_default().push(at);
    }
    let smaller: Vec<BTreeSet<&Term>> = alike
        .keys()
        .filter(|set| {
            alike
                .keys()
                .any(|more| more.len() > set.len() && more.is_superset(set))
        })
        .cloned()
        .collect();
    for set in smaller {
        alike.remove(&set);
    }
    alike
}

/// The lines of every table of a page, without the rules that Markdown draws below headers.
fn lines_of_tables(page: &str) -> Vec<Vec<Range<usize>>> {
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

/// The words of the last paragraph of what stands before a table.
fn lead(before: &str) -> HashSet<Term> {
    let last = text::paragraphs(before).pop();
    let words = last.into_iter().flat_map(|range| content_terms(&before[range]));
    words.collect()
}

fn is_row(line: &str) -> bool {
    line.contains(" | ") || line.ends_with(" |") || line.starts_with('|')
}

fn row(page: &str, range: Range<usize>) -> Row {
    let line = &page[range.clone()];
    let inner = line.trim_matches('|');
    let mut at = range.start + (line.len() - line.trim_start_matches('|').len());
    let cells = inner.split('|').map(|cell| {
        let begin = at + (cell.len() - cell.trim_start().len());
        at += cell.len() + 1;
        let text = cell.trim();
        Cell {
            range: begin..begin + text.len(),
            terms: content_terms(text).into_iter().collect(),
            is_amount: is_amount(text),
        }
    });
    let cells = cells.collect();
    Row { range, cells }
}

/// Whether a cell holds a number, with its unit or month behind it if need be.
fn is_amount(cell: &str) -> bool {
    let number = cell.trim_start_matches(|c: char| !c.is_alphanumeric());
    let words = cell
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty());
    is_number(cell) || (number.starts_with(|c: char| c.is_ascii_digit()) && words.count() == 1)
}

/// Whether a cell holds nothing but a number. Years name columns.
fn is_number(cell: &str) -> bool {
    !is_year(cell) && cell.contains(|c: char| c.is_ascii_digit()) && !cell.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Berth | Ships | Cargo (t) | Dues 2024 | Dues 2025\n\
        North quay | 214 | 18,420 | 96,310 | 97,000 kr\nCoal pier | 87 | 31,055 | 120,480 | 121,000 kr\n\
        South quay | 39 | | 12 March | 5";

    fn terms(text: &str) -> HashSet<Term> {
        content_terms(text).into_iter().collect()
    }

    #[test]
    fn cells_are_found_where_they_stand() {
        for page in [PAGE.to_owned(), format!("| {} |", PAGE.replace('\n', " |\n| "))] {
            let tables = tables(&page);
            let text = |cell: &Cell| page[cell.range.clone()].to_owned();
            let row: Vec<String> = tables[0].rows[1].cells.iter().map(text).collect();
            assert_eq!(row, ["Coal pier", "87", "31,055", "120,480", "121,000 kr"]);
            let amounts: Vec<bool> = tables[0].rows[2]
                .cells
                .iter()
                .map(|cell| cell.is_amount)
                .collect();
            assert_eq!(amounts, [false, true, false, true, true]);
            assert_eq!(tables[0].rows[2].label(), Some(0));
        }
    }

    #[test]
    fn what_shares_most_words_with_a_question_is_meant() {
        let tables = tables(PAGE);
        let rows = |asked: &str| tables[0].rows_meant(&terms(asked), &HashSet::new(), &terms("Norrvik quay"));
        assert_eq!(rows("What are the dues of the south quay?"), [2]);
        assert_eq!(rows("the coal pier and the north quay"), [0, 1]);
        let pumps = "Pump | Flow\nIntake pump A | 5\nIntake pump B | 6\nFire pump | 7";
        let pumps =
            |asked: &str| self::tables(pumps)[0].rows_meant(&terms(asked), &HashSet::new(), &HashSet::new());
        assert_eq!(pumps("the intake pump A"), [0]);
        assert_eq!(pumps("the intake pump B"), [1]);
        assert!(pumps("a pump").is_empty(), "any of them");
        assert!(rows("the quay of Norrvik").is_empty(), "that is its title");
        assert_eq!(rows("Which berth took 31,055 tonnes?"), [1]);
        assert!(rows("Who was there?").is_empty());
        let said = tables[0].rows_meant(&terms("Which one?"), &terms("North, 87"), &HashSet::new());
        assert_eq!(said, [0], "what an answer says of a row does not name it");
        assert!(!is_amount("1997") && is_amount("19.3") && is_amount("2 kg") && !is_amount("14 Quarry Road"));
        let columns = |asked: &str| tables[0].columns_meant(&terms(asked));
        assert_eq!(columns("What were the dues in 2025?"), [4]);
        assert_eq!(columns("What were the dues?"), [3, 4]);
        assert_eq!(columns("How many were shipped?"), [1]);
        assert!(columns("What is it?").is_empty());
    }

    #[test]
    fn a_table_without_names_of_its_columns_has_none() {
        let found = tables("North | 214\nSouth | 87");
        assert!(found[0].header.is_none() && found[0].rows.len() == 2);
        assert!(tables("grep x | wc | sort").is_empty());
        let found = tables("| a | 2023 |\n|---|---|\n| b | 1 |\n");
        assert!(found[0].header.is_some(), "years name columns");
    }
}
