//! What a sentence states exactly: numbers with their units, dates and times, names, and what it denies. A sentence that
//! says something else than its source in one of these is not carried by it, however many words they share.

mod dates;
mod names;
mod numbers;
#[cfg(test)]
mod tests;
mod units;

pub(crate) use dates::date_at;

use std::collections::HashSet;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Term, content_terms, is_raised};
use dates::{Known, Moment};
use numbers::Number;

/// What a number measures, of what is listed by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// An amount of money.
    Money,
    /// A share in percent.
    Percentage,
    /// A length of time, of an hour or more.
    Duration,
}

/// The numbers of a text that measure one of these, with their places in bytes, their units included.
pub(crate) fn measures(text: &str) -> Vec<(Range<usize>, Measure)> {
    let words: Vec<(usize, &str)> = number_words(text);
    let taken: Vec<_> = dates::moments(text, names::is_german(&words))
        .into_iter()
        .map(|(range, _)| range)
        .collect();
    let found = numbers::numbers(text, &words, &taken).into_iter();
    found
        .filter_map(|number| Some((unstopped(text, number.range), number.unit?.measure()?)))
        .collect()
}

/// Whether a word is one of a unit: "tonnes", "kr".
pub(crate) fn is_unit(word: &str) -> bool {
    units::behind(word).is_some_and(|(_, length)| length == word.len())
}

/// Whether a text is four digits that name a year rather than count something.
pub(crate) fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u16| (1900..2100).contains(&year))
}

/// Whether a text is a number that may be a year, where one is asked for.
pub(crate) fn may_be_year(text: &str) -> bool {
    text.parse().is_ok_and(|number| YEARS.contains(&number))
}

/// Numbers that may be years.
const YEARS: Range<f64> = 1000.0..2200.0;

/// A stretch without the stop that ends the sentence behind it: "3 May.", "two hours.".
fn unstopped(text: &str, range: Range<usize>) -> Range<usize> {
    let bare = text[range.clone()].strip_suffix('.');
    let bare = bare.filter(|bare| bare.ends_with(char::is_alphabetic));
    range.start..bare.map_or(range.end, |bare| range.start + bare.len())
}

/// The days and months that a text names, with their places in bytes. Not weekdays and times of day.
pub(crate) fn calendar_dates(text: &str) -> Vec<Range<usize>> {
    let german = names::is_german(&number_words(text));
    let mut found: Vec<_> = dates::moments(text, german)
        .into_iter()
        .filter(|(_, moment)| matches!(moment, Moment::Date(_)))
        .map(|(range, _)| unstopped(text, range))
        .collect();
    found.sort_by_key(|range| range.start);
    // "3 and 4 May" are two days at one place.
    found.dedup();
    found
}

/// The words of a text. A raised number belongs to what stands before it.
fn number_words(text: &str) -> Vec<(usize, &str)> {
    text.unicode_word_indices()
        .filter(|(_, word)| !word.chars().all(is_raised))
        .collect()
}

/// Where a sentence disagrees with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A number that the source does not have, or has of another unit.
    Number,
    /// A date, a weekday or a time of day that the source does not have.
    Date,
    /// A name that neither the source nor the question has.
    Name,
    /// Only one of them denies it.
    Negation,
}

/// The facts of a text.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    numbers: Vec<Number>,
    moments: Vec<Moment>,
    names: Vec<Term>,
    /// Names with digits, which are told apart in any language.
    codes: Vec<Term>,
    /// Words of dates and units. They may be capitalised, and are not compared as names.
    measured: HashSet<Term>,
    denied: HashSet<Term>,
    /// Words that are not denied.
    stated: HashSet<Term>,
}

impl Facts {
    /// Reads a text without markers.
    pub fn of(text: &str) -> Self {
        let words = number_words(text);
        let german = names::is_german(&words);
        let moments = dates::moments(text, german);
        let taken: Vec<_> = moments.iter().map(|(range, _)| range.clone()).collect();
        let numbers = numbers::numbers(text, &words, &taken);
        let measures = numbers.iter().filter(|number| number.unit.is_some());
        let measured: Vec<_> = measures.map(|number| number.range.clone()).chain(taken).collect();
        let mut facts = Self {
            codes: names::codes(&words, &measured),
            measured: measured
                .iter()
                .flat_map(|range| content_terms(&text[range.clone()]))
                .collect(),
            numbers,
            names: if german {
                Vec::new()
            } else {
                names::names(text, &words)
            },
            moments: moments.into_iter().map(|(_, moment)| moment).collect(),
            ..Self::default()
        };
        let clauses = text.split([',', ';', '.', ':', '(', ')', '!', '?', '\n']);
        for clause in clauses {
            let mut reach = 0;
            let mut words = clause.unicode_words().peekable();
            while let Some(word) = words.next() {
                let small = word.to_lowercase().replace('’', "'");
                let next = words.peek().copied().unwrap_or_default();
                if denies(&small) || matches!((small.as_str(), next), ("rather", "than") | ("instead", "of"))
                {
                    reach = REACH;
                    continue;
                }
                // "Not only" denies nothing.
                if reach == REACH && matches!(small.as_str(), "only" | "nur" | "just") {
                    reach = 0;
                }
                // "No longer supported" denies the support.
                if reach == REACH && matches!(small.as_str(), "longer" | "länger") {
                    continue;
                }
                for term in content_terms(word) {
                    if reach > 0 {
                        reach -= 1;
                        facts.denied.insert(term);
                    } else {
                        facts.stated.insert(term);
                    }
                }
            }
        }
        facts
    }

    /// Where this sentence disagrees with `source`; none if nowhere. `known` are names that need no proof: those of the
    /// question, and of the place where the source stands.
    pub fn fault(&self, source: &Self, known: &HashSet<Term>) -> Option<Fault> {
        if !self.numbers.iter().all(|number| source.gives(number, known)) {
            return Some(Fault::Number);
        }
        let written = |value: f64| source.numbers.iter().any(|number| number.values.contains(&value));
        let elsewhere = Known {
            terms: known,
            written: &written,
        };
        let dated = |moment: &Moment| moment.stands_in(&source.moments, &elsewhere);
        if !self.moments.iter().all(dated) {
            return Some(Fault::Date);
        }
        let named = |name: &Term| {
            known.contains(name)
                || self.measured.contains(name)
                || source.stated.contains(name)
                || source.denied.contains(name)
        };
        // "CD4" is also written "CD-4".
        let coded = |code: &Term| {
            let digits = code.0.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let (word, number) = code.0.split_at(digits);
            let parted = |part: &str| {
                content_terms(part)
                    .iter()
                    .all(|term| source.stated.contains(term) || source.denied.contains(term))
            };
            named(code) || source.codes.contains(code) || (parted(word) && parted(number))
        };
        if !self.names.iter().all(named) || !self.codes.iter().all(coded) {
            return Some(Fault::Name);
        }
        self.reverses(source, 1).then_some(Fault::Negation)
    }

    /// Whether one of the two denies what the other states: so many of the words denied, or all if they are fewer.
    pub fn reverses(&self, other: &Self, least: usize) -> bool {
        self.denies(other, least) || other.denies(self, least)
    }

    /// Whether this text denies what `other` states: so many of the words denied, or all if they are fewer.
    pub fn denies(&self, other: &Self, least: usize) -> bool {
        let clash = |term: &&Term| other.stated.contains(*term) && !other.denied.contains(*term);
        let clashes = self
            .denied
            .iter()
            .filter(clash)
            .filter(|term| !self.stated.contains(term));
        let count = clashes.count();
        count > 0 && count >= least.min(self.denied.len())
    }

    /// Whether this source has a number of a sentence, of the same unit or as much in another.
    fn gives(&self, number: &Number, known: &HashSet<Term>) -> bool {
        if self.numbers.iter().any(|there| number.agrees(there)) {
            return true;
        }
        if self.numbers.iter().any(|there| number.equals(there)) {
            return false;
        }
        let part = |value: &f64| self.moments.iter().any(|moment| moment.has_number(*value));
        let written = |value: &f64| known.contains(&Term(value.to_string()));
        (number.unit.is_none() && number.values.iter().any(part)) || number.values.iter().any(written)
    }

    /// Whether `other` gives another number or date than `said` (an answer) takes from here, of the same unit or of the same
    /// things. Years, dates and bare numbers count only if both sentences are `alike`. Numbers of the question say what is
    /// meant.
    pub fn counts_otherwise(&self, said: &Self, other: &Self, asked: &Self, alike: bool) -> bool {
        let same = |one: &Number, two: &Number| one.equals(two) || one.agrees(two);
        let known = |number: &&Number| {
            let here = |of: &[Number]| of.iter().find(|one| same(one, number)).cloned();
            here(&self.numbers).filter(|_| here(&asked.numbers).is_none())
        };
        let numbers: Vec<Number> = said.numbers.iter().filter_map(|number| known(&number)).collect();
        let shared = |moment: &&Moment| {
            let there = |of: &Self| of.moments.iter().any(|one| one.agrees(moment));
            there(self) && !there(asked)
        };
        let moments: Vec<&Moment> = said.moments.iter().filter(shared).collect();
        // Where one number agrees, the others are likely to be of something else.
        let another_number = |number: &Number| {
            let part = |moment: &Moment| number.values.iter().any(|value| moment.has_number(*value));
            let agreed = other.numbers.iter().any(|there| same(there, number))
                || (number.unit.is_none() && other.moments.iter().any(part));
            let dated = number.unit.is_none() && alike && !other.moments.is_empty();
            !agreed
                && (dated
                    || other
                        .numbers
                        .iter()
                        .any(|there| number.is_of_the_kind_of(there, alike)))
        };
        let another_moment = |moment: &Moment| {
            !other.moments.iter().any(|there| there.agrees(moment))
                && alike
                && other.moments.iter().any(|there| there.is_of_the_kind_of(moment))
        };
        (!numbers.is_empty() || !moments.is_empty())
            && numbers.iter().all(another_number)
            && moments.iter().all(|moment| another_moment(moment))
    }

    /// Whether `other` has a name in place of all those that `said` (an answer) takes from here.
    pub fn names_another(&self, said: &Self, other: &Self, asked: &Self) -> bool {
        let new = |name: &&Term| !asked.stated.contains(*name) && !asked.names.contains(name);
        let mut taken = said
            .names
            .iter()
            .filter(|name| self.names.contains(name))
            .filter(new)
            .peekable();
        let has = |facts: &Self, name: &Term| facts.stated.contains(name) || facts.denied.contains(name);
        taken.peek().is_some()
            && taken.all(|name| !has(other, name))
            && other.names.iter().filter(new).any(|name| !has(self, name))
    }

    /// The names in the text, in order.
    pub fn names(&self) -> &[Term] {
        &self.names
    }
}

/// Words that a denial reaches.
const REACH: usize = 2;

fn denies(word: &str) -> bool {
    const NEGATIONS: &[&str] = &[
        "not", "no", "never", "none", "nor", "neither", "cannot", "without", "nobody", "nothing", "nicht",
        "kein", "keine", "keinen", "keinem", "keiner", "keines", "nie", "niemals", "ohne", "weder",
    ];
    NEGATIONS.contains(&word) || word.ends_with("n't")
}
