//! From the words of a question to a [`Plan`] over one table. Every word must be accounted for: by what is wanted, a
//! column, a value of a column, a number that a column is compared with, the table's name, or as one that says nothing.
//! Two readings, or a word that is left over, and there is no plan.

mod bounds;
mod mentions;
mod reading;

use super::plan::{Direction, Filter, Measure, Plan};
use super::words::{Trigger, Wanted, Word, Wording, words};
use super::{Column, Table, Values};
use crate::find::Language;

/// A question that is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What is computed.
    pub plan: Plan,
    /// Columns that say which row is which, or that were asked for.
    pub shown: Vec<usize>,
    /// How many words are columns or values of this table, and not just its name.
    pub weight: usize,
}

/// What a table is called: the words of each name of it.
pub type Names = Vec<Vec<Word>>;

/// The words that a table's name has.
pub fn names_of(names: &[&str], language: Language) -> Names {
    let names = names.iter().map(|name| words(name, language));
    names.filter(|name| !name.is_empty()).collect()
}

/// The plan for `question` over `table`; none unless there is exactly one reading.
pub fn plan(question: &str, language: Language, table: &Table, names: &Names) -> Option<Planned> {
    let (words, file_named) = without_file(words(question, language), names);
    let asked = Asked {
        text: question,
        words,
        file_named,
        language,
        wording: Wording::of(language),
        table,
        names,
    };
    let mut readings = [false, true]
        .into_iter()
        .filter_map(|headers_first| asked.read(headers_first));
    let first = readings.next()?;
    readings.all(|other| other.plan == first.plan).then_some(first)
}

/// Without a file's whole name with its ending: "prices" in "prices-2025.csv" is no column. And whether there was one.
fn without_file(mut words: Vec<Word>, names: &Names) -> (Vec<Word>, bool) {
    let folded = |words: &[Word]| words.iter().map(|word| word.folded.clone()).collect::<Vec<_>>();
    for name in names {
        let name = folded(name);
        let place = (0..words.len().saturating_sub(name.len())).find(|at| {
            let ending = &words[at + name.len()].folded;
            ENDINGS.contains(&ending.as_str()) && folded(&words[*at..at + name.len()]) == name
        });
        if let Some(at) = place {
            words.drain(at..=at + name.len());
            return (words, true);
        }
    }
    (words, false)
}

/// What files of tables are called at the end.
const ENDINGS: &[&str] = &["csv", "tsv", "xlsx", "xls", "xlsb", "ods"];

/// A question over a table.
struct Asked<'a> {
    text: &'a str,
    words: Vec<Word>,
    /// Whether it names the table's file; those words are taken out.
    file_named: bool,
    language: Language,
    wording: &'static Wording,
    table: &'a Table,
    names: &'a Names,
}

impl Asked<'_> {
    fn column(&self, column: usize) -> &Column {
        &self.table.columns[column]
    }

    fn values(&self, column: usize) -> &Values {
        &self.table.columns[column].values
    }

    /// One reading; `headers_first`: words of headers are no other words.
    fn read(&self, headers_first: bool) -> Option<Planned> {
        let mut used = vec![false; self.words.len()];
        let mut headers = Vec::new();
        if headers_first {
            headers = self.headers(&mut used);
        }
        let mut triggers: Vec<Trigger> = self.wording.triggers(&self.words);
        triggers.retain(|trigger| !used[trigger.at.clone()].iter().any(|used| *used));
        let mut bounds = self.bounds(&used);
        // "maximal 5" is no highest value.
        triggers.retain(|trigger| !bounds.iter().any(|bound| bound.at.contains(&trigger.at.start)));
        bounds.retain(|bound| bound.comparison.is_some());
        for at in bounds
            .iter()
            .map(|bound| &bound.at)
            .chain(triggers.iter().map(|trigger| &trigger.at))
        {
            used[at.clone()].fill(true);
        }
        let (wanted, compounds) = self.wanted(&triggers, &used)?;
        for compound in &compounds {
            used[compound.at.start] = true;
        }
        headers.extend(compounds);
        headers.extend(self.headers(&mut used));
        let values = self.value_mentions(&headers, &mut used)?;
        headers.extend(self.parts_of_headers(&mut used)?);
        headers.sort_by_key(|header| header.at.start);
        let reading = reading::Reading::new(self, wanted, triggers, headers, values, bounds, used);
        reading.plan()
    }

    /// What is wanted, and the columns named by compounds like "Gesamtbetrag".
    fn wanted(&self, triggers: &[Trigger], used: &[bool]) -> Option<(Combined, Vec<mentions::Header>)> {
        let mut all: Vec<Wanted> = triggers.iter().map(|trigger| trigger.wanted).collect();
        let mut compounds = Vec::new();
        for (at, word) in self.words.iter().enumerate().filter(|(at, _)| !used[*at]) {
            if let Some((wanted, rest)) = self.wording.compound(word)
                && let Some(column) = self.column_named(rest)
                && self.column_named(&word.folded).is_none()
            {
                all.push(wanted);
                compounds.push(mentions::Header {
                    at: at..at + 1,
                    column,
                });
            }
        }
        Some((Combined::of(&all)?, compounds))
    }
}

/// What all that is wanted comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combined {
    One(Wanted),
    /// "How many rows in total" counts, "How many kilowatt hours in total" adds up a column.
    CountOrSum,
    /// The group whose result is the highest or lowest.
    Best(Direction, Wanted),
}

impl Combined {
    fn of(all: &[Wanted]) -> Option<Self> {
        let mut main: Vec<Wanted> = Vec::new();
        for wanted in all.iter().filter(|wanted| **wanted != Wanted::Rows) {
            if !main.contains(wanted) {
                main.push(*wanted);
            }
        }
        match main.as_slice() {
            [] => all.first().map(|_| Self::One(Wanted::Rows)),
            [one] => Some(Self::One(*one)),
            [Wanted::Distinct, Wanted::Sum] | [Wanted::Sum, Wanted::Distinct] => {
                Some(Self::One(Wanted::Distinct))
            }
            [Wanted::Count, Wanted::Sum] | [Wanted::Sum, Wanted::Count] => Some(Self::CountOrSum),
            [
                Wanted::Extreme(direction),
                other @ (Wanted::Sum | Wanted::Average | Wanted::Count),
            ]
            | [
                other @ (Wanted::Sum | Wanted::Average | Wanted::Count),
                Wanted::Extreme(direction),
            ] => Some(Self::Best(*direction, *other)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
