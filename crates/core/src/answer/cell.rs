//! The cell of a table that a question names by its row and its column. Small models read the row above or the column beside it
//! in a third of such questions (see `BENCHMARKS.md`); the cell itself is exact, and cites its row.

use std::collections::{HashMap, HashSet};

use unicode_segmentation::UnicodeSegmentation;

use super::stream::{Source, Written, place_words, proved};
use crate::citation::rows::{Cell, Row, TextTable, tables};
use crate::facts::{calendar_dates, may_be_year};
use crate::ids::RevisionId;
use crate::injection;
use crate::span::CharIndex;
use crate::text::{Term, content_terms, one_line};

/// Longer cells, in bytes, are texts of their own, for a model to read.
const LONGEST: usize = 200;

/// Words of questions that no single cell answers.
const BEYOND: &str = "why if not no without except besides more less fewer than most least highest lowest total sum together altogether \
    average mean difference between compare compared change changed increase increased decrease decreased rise risen rose \
    fall fell percent percentage share ratio per each every all any other both and or \
    warum wieso weshalb wenn falls nicht kein keine keinen keiner ohne außer mehr weniger als meisten wenigsten höchste \
    höchsten niedrigste niedrigsten summe gesamt insgesamt zusammen durchschnitt durchschnittlich unterschied zwischen \
    vergleich vergleiche veränderung gestiegen gesunken prozent anteil pro je jede jeder jedes alle allen andere anderen \
    beide und oder";

/// What a question's first words ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// "What", "how high".
    Anything,
    /// "How much", "how many".
    Amount,
    /// "Who", "which".
    Name,
    /// "When".
    Date,
}

impl Asks {
    fn of(words: &[String]) -> Option<Self> {
        const PREPOSITIONS: &[&str] = &[
            "at", "in", "on", "by", "for", "from", "to", "of", "with", "zu", "in", "an", "am", "auf", "mit",
            "für", "von", "bei",
        ];
        let mut words = words.iter().map(String::as_str).peekable();
        words.next_if(|word| PREPOSITIONS.contains(word));
        match words.next()? {
            "what" | "what's" | "was" => Some(Self::Anything),
            "how" => match words.next()? {
                "much" | "many" => Some(Self::Amount),
                "high" | "large" | "big" | "long" | "tall" | "heavy" | "old" | "wide" | "deep" | "far" => {
                    Some(Self::Anything)
                }
                _ => None,
            },
            "wie" => match words.next()? {
                "viel" | "viele" | "vielen" => Some(Self::Amount),
                "hoch" | "groß" | "lang" | "schwer" | "alt" | "breit" | "tief" | "weit" => {
                    Some(Self::Anything)
                }
                _ => None,
            },
            "wieviel" | "wieviele" => Some(Self::Amount),
            "who" | "which" | "wer" | "welche" | "welcher" | "welches" | "welchen" | "welchem" => {
                Some(Self::Name)
            }
            "when" | "wann" => Some(Self::Date),
            _ => None,
        }
    }

    /// Whether what stands in a cell can be the answer.
    fn fits(self, cell: &Cell, text: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Amount => cell.is_amount,
            Self::Name => !cell.is_amount,
            Self::Date => !calendar_dates(text).is_empty() || may_be_year(text),
        }
    }
}

/// The answer of the cell that a question names, if it names exactly one among the passages. It goes through the same checks
/// as what a model writes.
pub(super) fn looked_up(question: &str, sources: &[Source]) -> Option<Written> {
    let (said, n) = cell_asked_for(question, sources)?;
    proved(question, sources.to_vec(), &said, n)
}

/// What the one cell says that a question names by its row and its column, with both in front, and the number of its passage.
/// None if it names none, or several.
fn cell_asked_for(question: &str, sources: &[Source]) -> Option<(String, u32)> {
    let words: Vec<String> = question.unicode_words().map(str::to_lowercase).collect();
    let asks = Asks::of(&words)?;
    if BEYOND
        .split_whitespace()
        .any(|beyond| words.iter().any(|word| word == beyond))
    {
        return None;
    }
    let asked: HashSet<Term> = content_terms(question).into_iter().collect();
    let mut pages: HashMap<(&RevisionId, u32), Vec<TextTable>> = HashMap::new();
    let mut found: Option<(String, u32)> = None;
    for source in sources {
        let page = (&source.passage.revision, source.passage.page);
        let tables = pages.entry(page).or_insert_with(|| tables(&source.page_text));
        for said in said_in(tables, &asked, asks, source) {
            // Two passages of one page have the same table.
            if found.as_ref().is_some_and(|(first, _)| *first != said) {
                return None;
            }
            found.get_or_insert((said, source.passage.rank));
        }
    }
    found
}

/// What the cells say that the words of a question name in the tables of a passage's page: one of each table at most, and
/// only of rows in the passage.
fn said_in(tables: &[TextTable], asked: &HashSet<Term>, asks: Asks, source: &Source) -> Vec<String> {
    if tables.is_empty() {
        return Vec::new();
    }
    let page: &str = &source.page_text;
    let index = CharIndex::new(page);
    let above: HashSet<Term> = place_words(&source.passage).into_iter().collect();
    let said = tables.iter().filter_map(|table| {
        let (row, column) = cell_named(table, asked, &above)?;
        let text = |cell: &Cell| {
            one_line(&page[cell.range.clone()])
                .replace('[', "(")
                .replace(']', ")")
        };
        let (cell, name) = (row.cells.get(column)?, table.header.as_ref()?.cells.get(column)?);
        let value = text(cell);
        let fits = !cell.terms.is_empty() && value.len() <= LONGEST && asks.fits(cell, &value);
        let label = text(&row.cells[row.label()?]);
        let said = format!("{label}, {}: {value}", text(name));
        let reads = fits && index.span(row.range.clone()).overlaps(source.passage.span);
        // Nor does a model get to read what instructs it.
        (reads && injection::find(&said).is_empty()).then_some(said)
    });
    said.collect()
}

/// The only row and column of a table that the words of a question (`asked`) name, if it says nothing else. `above` are those of
/// the titles above the table.
fn cell_named<'t>(
    table: &'t TextTable,
    asked: &HashSet<Term>,
    above: &HashSet<Term>,
) -> Option<(&'t Row, usize)> {
    let header = table.header.as_ref()?;
    let [row] = table.rows_meant(asked, &HashSet::new(), above)[..] else {
        return None;
    };
    let row = &table.rows[row];
    if row.cells.len() != header.cells.len() || !row.cells.iter().any(|cell| cell.is_named_by(asked)) {
        return None;
    }
    let mut columns = table.columns_meant(asked);
    columns.retain(|column| row.label() != Some(*column) && !row.cells[*column].is_named_by(asked));
    let [column] = columns[..] else {
        return None;
    };
    table
        .accounts_for(asked, row, Some(column), above)
        .then_some((row, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARBOUR: &str = "The table gives, for each berth, the ships that called, the cargo landed and the dues that were paid.\n\n\
        Berth | Ships | Cargo (t) | Dues (kr) | Harbour master\n\
        North quay | 214 | 18,420 | 96,310 | Mr Berg\n\
        Coal pier | 87 | 31,055 | 120,480 | Ms Dahl\n\
        South quay | 39 | 52,700 |  | Ms Lund\n\n\
        The coal pier was dredged in May by hand.";

    fn source(rank: u32, title: &str, text: &str) -> Source {
        Source::for_test(rank, "norrvik-2024.md", title, text)
    }

    #[test]
    fn a_cell_is_found_by_its_row_and_its_column() {
        let sources = [
            source(1, "Regatta", "The coal pier is closed on the day of the regatta."),
            source(2, "Norrvik harbour 2024", HARBOUR),
            source(
                3,
                "Gemeinde Altdorf",
                "Bereich | Ansatz 2024 | Ansatz 2025\nBauhof | 412.000 | 438.500\nBücherei | 57.200 | 59.900",
            ),
            source(
                4,
                "Pumps",
                "Pump | Head (m) | Last overhaul\nIntake pump | 18 | April 2021\nHigh lift pump | 64 | May 2022",
            ),
        ];
        for (question, said, n) in [
            (
                "What are the dues of the coal pier?",
                "Coal pier, Dues (kr): 120,480",
                2,
            ),
            (
                "How many tonnes of cargo passed the coal pier in 2024?",
                "Coal pier, Cargo (t): 31,055",
                2,
            ),
            (
                "How many ships called at the north quay of Norrvik?",
                "North quay, Ships: 214",
                2,
            ),
            (
                "Who is harbour master at the coal pier?",
                "Coal pier, Harbour master: Ms Dahl",
                2,
            ),
            (
                "What dues were paid at the berth called coal pier?",
                "Coal pier, Dues (kr): 120,480",
                2,
            ),
            ("At which berth did 31,055 tonnes of cargo land?", "", 0),
            (
                "Wie hoch ist der Ansatz 2025 für die Bücherei in Altdorf?",
                "Bücherei, Ansatz 2025: 59.900",
                3,
            ),
            (
                "Wie viel ist für den Bauhof 2024 vorgesehen?",
                "Bauhof, Ansatz 2024: 412.000",
                3,
            ),
            (
                "When was the last overhaul of the high lift pump?",
                "High lift pump, Last overhaul: May 2022",
                4,
            ),
            (
                "What is the head of the high lift pump?",
                "High lift pump, Head (m): 64",
                4,
            ),
        ] {
            let found = cell_asked_for(question, &sources);
            let wanted = Some((said.to_owned(), n)).filter(|(said, _)| !said.is_empty());
            assert_eq!(found, wanted, "{question}");
        }
    }

    #[test]
    fn what_more_than_a_cell_is_asked_for_is_not_looked_up() {
        let sources = [source(1, "Norrvik harbour 2024", HARBOUR)];
        for question in [
            "Why are the dues of the coal pier so high?",
            "How many more ships called at the coal pier than at the north quay?",
            "What dues were paid at the north quay and the south quay?",
            "What are the dues of the coal pier in 2023?",
            "What are the dues of the coal pier in Bergen?",
            "Who paid the dues of the coal pier?",
            "What dues did the Borealis pay at the coal pier?",
            "How many ships did not call at the coal pier?",
            "How many ships were dredged at the coal pier?",
            // Two columns, two rows, no row, no column, an empty cell.
            "What cargo did the ships land at the coal pier?",
            "What are the dues of the quay?",
            "What are the dues?",
            "What about the coal pier?",
            "What dues were paid at the south quay?",
            "Are the dues of the coal pier 120,480?",
        ] {
            assert_eq!(cell_asked_for(question, &sources), None, "{question}");
        }
    }

    #[test]
    fn two_tables_that_say_different_things_say_nothing() {
        let other = HARBOUR.replace("120,480", "118,000");
        let ask = |sources: &[Source]| cell_asked_for("What are the dues of the coal pier?", sources);
        let twice = [
            source(1, "Norrvik harbour", HARBOUR),
            source(2, "Norrvik harbour", HARBOUR),
        ];
        assert_eq!(ask(&twice), Some(("Coal pier, Dues (kr): 120,480".to_owned(), 1)));
        let differing = [
            source(1, "Norrvik harbour", HARBOUR),
            source(2, "Norrvik harbour", &other),
        ];
        assert_eq!(ask(&differing), None);
    }
}
