//! The words of a question over a table, and what they ask for.

use std::ops::Range;

use crate::find::{Language, fold, stem};
use crate::query::Period;

use super::plan::Direction;

/// A word, a number or a date of a question or of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded.
    pub folded: String,
    /// What its forms have in common.
    pub stem: String,
    /// As written.
    pub text: String,
}

/// The words of a text. Dates and numbers are one word each, signs of money and percent are none.
pub fn words(text: &str, language: Language) -> Vec<Word> {
    let mut words = Vec::new();
    for piece in text.split_whitespace() {
        let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if Period::parse(bare).is_some() && bare.contains(['-', '.']) {
            words.push(bare.to_owned());
            continue;
        }
        let chars: Vec<char> = bare.chars().collect();
        let mut word = String::new();
        for (n, c) in chars.iter().enumerate() {
            let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
            let inside = matches!(c, '.' | ',') && digit(n.checked_sub(1)) && digit(Some(n + 1));
            if c.is_alphanumeric() || inside {
                // "500m" is a number and its unit.
                let number = word.starts_with(|c: char| c.is_ascii_digit());
                if number && c.is_alphabetic() {
                    words.push(std::mem::take(&mut word));
                }
                word.push(*c);
            } else if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    let made = words.into_iter().map(|text| Word {
        folded: fold(&text),
        stem: stem(&text, language),
        text,
    });
    made.collect()
}

/// What all forms of the first word of a text begin with: words that differ here need not be stemmed to be compared.
pub fn beginning(text: &str) -> String {
    let folded = fold(text);
    let word = folded.chars().skip_while(|c| !c.is_alphanumeric());
    word.take_while(|c| c.is_alphanumeric()).take(2).collect()
}

/// What a question asks for, by its wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// How many.
    Count,
    /// How many different ones.
    Distinct,
    /// The sum.
    Sum,
    /// The mean.
    Average,
    /// The highest or lowest.
    Extreme(Direction),
    /// The first so many.
    Top(Direction, u32),
    /// The rows.
    Rows,
}

/// A word or several that say what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Which words.
    pub at: Range<usize>,
    /// What they ask for.
    pub wanted: Wanted,
}

/// How a value is compared with a number or a day that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `over`, `after`
    Above,
    /// `at least`, `since`
    AtLeast,
    /// `under`, `before`
    Below,
    /// `at most`, `until`
    AtMost,
    /// `between … and …`
    Between,
}

/// The wording of one language. All words are folded.
pub struct Wording {
    triggers: &'static [(&'static str, Wanted)],
    /// Beginnings of compounds: "Gesamtbetrag".
    compounds: &'static [(&'static str, Wanted)],
    comparisons: &'static [(&'static str, Comparison)],
    /// "per", "for each"
    groups: &'static [&'static str],
    /// Between two bounds, or two values.
    pub and: &'static str,
    /// Between two values.
    pub or: &'static str,
    /// Words without a meaning of their own here.
    neutral: &'static [&'static str],
    /// What rows are called in general.
    rows: &'static [&'static str],
    months: [&'static str; 12],
}

impl Wording {
    /// The wording of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }

    /// Everything in these words that says what is wanted.
    pub fn triggers(&self, words: &[Word]) -> Vec<Trigger> {
        let mut found: Vec<Trigger> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let trigger = longest(self.triggers, &words[at..]);
            match trigger {
                Some((length, Top(direction, _))) => {
                    let number = words.get(at + length).and_then(|word| word.text.parse().ok());
                    if let Some(count) = number.filter(|count| (1..=100).contains(count)) {
                        found.push(Trigger {
                            at: at..at + length + 1,
                            wanted: Top(direction, count),
                        });
                        at += 1;
                    }
                    at += length;
                }
                Some((length, wanted)) => {
                    found.push(Trigger {
                        at: at..at + length,
                        wanted,
                    });
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// What the beginning of a compound asks for, and the rest of it.
    pub fn compound<'a>(&self, word: &'a Word) -> Option<(Wanted, &'a str)> {
        self.compounds.iter().find_map(|(start, wanted)| {
            let rest = word.folded.strip_prefix(start)?;
            (rest.chars().count() > 2).then_some((*wanted, rest))
        })
    }

    /// A comparison at the beginning of these words, and how many words it has.
    pub fn comparison(&self, words: &[Word]) -> Option<(usize, Comparison)> {
        longest(self.comparisons, words)
    }

    /// How many words at the beginning of these say that what follows is grouped by.
    pub fn group(&self, words: &[Word]) -> Option<usize> {
        let fitting = self.groups.iter().filter_map(|phrase| begins(words, phrase));
        fitting.max()
    }

    /// Whether a word says nothing about what is wanted.
    pub fn is_neutral(&self, word: &Word) -> bool {
        self.neutral.contains(&word.folded.as_str()) || self.is_row(word)
    }

    /// Whether a word stands for rows in general.
    pub fn is_row(&self, word: &Word) -> bool {
        self.rows.contains(&word.folded.as_str())
    }

    /// The month, from 1, that a word names.
    pub fn month(&self, word: &Word) -> Option<u8> {
        let at = self.months.iter().position(|month| *month == word.folded)?;
        u8::try_from(at + 1).ok()
    }

    fn familiar(&self, words: &[Word]) -> usize {
        let known = |word: &&Word| self.neutral.contains(&word.folded.as_str());
        words.iter().filter(known).count() + 2 * self.triggers(words).len()
    }
}

/// The longest of these phrases that the words begin with.
fn longest<T: Copy>(phrases: &[(&str, T)], words: &[Word]) -> Option<(usize, T)> {
    let fitting = phrases
        .iter()
        .filter_map(|(phrase, what)| Some((begins(words, phrase)?, *what)));
    fitting.max_by_key(|(length, _)| *length)
}

/// How many words a phrase has, if these begin with it.
fn begins(words: &[Word], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for part in phrase.split(' ') {
        if words.get(length)?.folded != part {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// The language of a question, as far as tables go.
pub fn language(question: &str) -> Language {
    let of = |language| Wording::of(language).familiar(&words(question, language));
    if of(Language::German) > of(Language::English) {
        Language::German
    } else {
        Language::English
    }
}

/// Whether a question is worded as one that is computed over a table may be. Most are not, and cost nothing.
pub fn may_be_computed(question: &str) -> bool {
    let language = language(question);
    let wording = Wording::of(language);
    let words = words(question, language);
    let triggers = wording.triggers(&words);
    let compared = (0..words.len()).any(|at| wording.comparison(&words[at..]).is_some());
    let compound = words.iter().any(|word| wording.compound(word).is_some());
    // "Which" alone asks for anything.
    let which = |trigger: &Trigger| trigger.wanted == Rows && is_which(&words[trigger.at.start]);
    compound || triggers.iter().any(|trigger| compared || !which(trigger))
}

fn is_which(word: &Word) -> bool {
    word.folded == "which" || word.folded.starts_with("welch")
}

use Direction::{Highest, Lowest};
use Wanted::{Average, Count, Distinct, Extreme, Rows, Sum, Top};

static ENGLISH: Wording = Wording {
    triggers: &[
        ("how many", Count),
        ("the number of", Count),
        ("number of", Count),
        ("count of", Count),
        ("count the", Count),
        ("count", Count),
        ("how many different", Distinct),
        ("how many distinct", Distinct),
        ("how many unique", Distinct),
        ("number of different", Distinct),
        ("number of distinct", Distinct),
        ("number of unique", Distinct),
        ("sum", Sum),
        ("total", Sum),
        ("altogether", Sum),
        ("in total", Sum),
        ("together", Sum),
        ("sum total", Sum),
        ("total sum", Sum),
        ("average", Average),
        ("on average", Average),
        ("mean", Average),
        ("avg", Average),
        ("highest", Extreme(Highest)),
        ("the most", Extreme(Highest)),
        ("the least", Extreme(Lowest)),
        ("largest", Extreme(Highest)),
        ("biggest", Extreme(Highest)),
        ("greatest", Extreme(Highest)),
        ("maximum", Extreme(Highest)),
        ("max", Extreme(Highest)),
        ("latest", Extreme(Highest)),
        ("most recent", Extreme(Highest)),
        ("lowest", Extreme(Lowest)),
        ("smallest", Extreme(Lowest)),
        ("minimum", Extreme(Lowest)),
        ("min", Extreme(Lowest)),
        ("earliest", Extreme(Lowest)),
        ("top", Top(Highest, 0)),
        ("bottom", Top(Lowest, 0)),
        ("list", Rows),
        ("show", Rows),
        ("which", Rows),
    ],
    compounds: &[],
    comparisons: &[
        ("over", Comparison::Above),
        ("above", Comparison::Above),
        ("exceeding", Comparison::Above),
        ("more than", Comparison::Above),
        ("greater than", Comparison::Above),
        ("higher than", Comparison::Above),
        ("larger than", Comparison::Above),
        ("bigger than", Comparison::Above),
        ("after", Comparison::Above),
        ("later than", Comparison::Above),
        ("at least", Comparison::AtLeast),
        ("no less than", Comparison::AtLeast),
        ("since", Comparison::AtLeast),
        ("under", Comparison::Below),
        ("below", Comparison::Below),
        ("less than", Comparison::Below),
        ("fewer than", Comparison::Below),
        ("lower than", Comparison::Below),
        ("smaller than", Comparison::Below),
        ("before", Comparison::Below),
        ("earlier than", Comparison::Below),
        ("at most", Comparison::AtMost),
        ("up to", Comparison::AtMost),
        ("no more than", Comparison::AtMost),
        ("until", Comparison::AtMost),
        ("between", Comparison::Between),
    ],
    groups: &[
        "per",
        "by",
        "for each",
        "for every",
        "in each",
        "in every",
        "of each",
        "of every",
        "grouped by",
    ],
    and: "and",
    or: "or",
    neutral: &[
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "to",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "there",
        "with",
        "where",
        "whose",
        "that",
        "which",
        "what",
        "who",
        "has",
        "have",
        "had",
        "having",
        "do",
        "does",
        "did",
        "all",
        "our",
        "my",
        "we",
        "i",
        "me",
        "us",
        "please",
        "show",
        "give",
        "tell",
        "list",
        "how",
        "much",
        "its",
        "and",
        "s",
        "value",
        "values",
        "column",
        "table",
        "sheet",
        "spreadsheet",
        "file",
        "csv",
        "tsv",
        "xlsx",
        "xls",
        "xlsb",
        "ods",
        "according",
        "whole",
        "used",
    ],
    rows: &[
        "row", "rows", "entry", "entries", "record", "records", "line", "lines",
    ],
    months: [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
};

static GERMAN: Wording = Wording {
    triggers: &[
        ("wie viele", Count),
        ("wieviele", Count),
        ("anzahl", Count),
        ("anzahl der", Count),
        ("die zahl der", Count),
        ("wie viele verschiedene", Distinct),
        ("wie viele unterschiedliche", Distinct),
        ("anzahl verschiedener", Distinct),
        ("anzahl der verschiedenen", Distinct),
        ("summe", Sum),
        ("gesamtsumme", Sum),
        ("insgesamt", Sum),
        ("gesamt", Sum),
        ("gesamte", Sum),
        ("gesamten", Sum),
        ("gesamter", Sum),
        ("gesamtes", Sum),
        ("zusammen", Sum),
        ("durchschnitt", Average),
        ("im durchschnitt", Average),
        ("durchschnittlich", Average),
        ("durchschnittliche", Average),
        ("durchschnittlichen", Average),
        ("durchschnittlicher", Average),
        ("durchschnittliches", Average),
        ("mittelwert", Average),
        ("im mittel", Average),
        ("mittlere", Average),
        ("mittlerer", Average),
        ("mittleren", Average),
        ("hochste", Extreme(Highest)),
        ("hochsten", Extreme(Highest)),
        ("hochster", Extreme(Highest)),
        ("hochstes", Extreme(Highest)),
        ("grosste", Extreme(Highest)),
        ("grossten", Extreme(Highest)),
        ("grosster", Extreme(Highest)),
        ("maximale", Extreme(Highest)),
        ("maximalen", Extreme(Highest)),
        ("maximaler", Extreme(Highest)),
        ("maximum", Extreme(Highest)),
        ("neueste", Extreme(Highest)),
        ("neuesten", Extreme(Highest)),
        ("spateste", Extreme(Highest)),
        ("niedrigste", Extreme(Lowest)),
        ("niedrigsten", Extreme(Lowest)),
        ("niedrigster", Extreme(Lowest)),
        ("geringste", Extreme(Lowest)),
        ("geringsten", Extreme(Lowest)),
        ("kleinste", Extreme(Lowest)),
        ("kleinsten", Extreme(Lowest)),
        ("minimale", Extreme(Lowest)),
        ("minimalen", Extreme(Lowest)),
        ("minimum", Extreme(Lowest)),
        ("fruheste", Extreme(Lowest)),
        ("fruhesten", Extreme(Lowest)),
        ("alteste", Extreme(Lowest)),
        ("top", Top(Highest, 0)),
        ("liste", Rows),
        ("zeige", Rows),
        ("zeig", Rows),
        ("nenne", Rows),
        ("welche", Rows),
        ("welcher", Rows),
        ("welches", Rows),
        ("welchen", Rows),
    ],
    compounds: &[("gesamt", Sum), ("durchschnitts", Average)],
    comparisons: &[
        ("uber", Comparison::Above),
        ("mehr als", Comparison::Above),
        ("grosser als", Comparison::Above),
        ("hoher als", Comparison::Above),
        ("nach", Comparison::Above),
        ("nach dem", Comparison::Above),
        ("mindestens", Comparison::AtLeast),
        ("ab", Comparison::AtLeast),
        ("seit", Comparison::AtLeast),
        ("seit dem", Comparison::AtLeast),
        ("unter", Comparison::Below),
        ("weniger als", Comparison::Below),
        ("kleiner als", Comparison::Below),
        ("niedriger als", Comparison::Below),
        ("geringer als", Comparison::Below),
        ("vor", Comparison::Below),
        ("vor dem", Comparison::Below),
        ("hochstens", Comparison::AtMost),
        ("maximal", Comparison::AtMost),
        ("bis", Comparison::AtMost),
        ("bis zu", Comparison::AtMost),
        ("bis zum", Comparison::AtMost),
        ("zwischen", Comparison::Between),
    ],
    groups: &[
        "pro",
        "je",
        "nach",
        "fur jede",
        "fur jeden",
        "fur jedes",
        "gruppiert nach",
    ],
    and: "und",
    or: "oder",
    neutral: &[
        "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "von",
        "vom", "in", "im", "am", "an", "auf", "fur", "aus", "mit", "bei", "zu", "zum", "zur", "ist", "sind",
        "war", "waren", "hat", "haben", "hatte", "gibt", "es", "wo", "deren", "dessen", "welche", "welcher",
        "welches", "welchen", "was", "wer", "wie", "hoch", "gross", "viel", "bitte", "zeige", "zeig",
        "nenne", "liste", "mir", "uns", "alle", "aller", "allen", "unsere", "unserer", "meine", "meiner",
        "und", "wert", "werte", "spalte", "tabelle", "blatt", "datei", "laut", "betragt", "liegt", "lautet",
        "ihr", "ihre", "csv", "tsv", "xlsx", "xls", "xlsb", "ods", "jahr",
    ],
    rows: &[
        "zeile",
        "zeilen",
        "eintrag",
        "eintrage",
        "eintragen",
        "datensatz",
        "datensatze",
        "datensatzen",
    ],
    months: [
        "januar",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_cannot_be_computed_are_told_at_once() {
        for question in [
            "How often must the lamp be cleaned?",
            "Which berth is for visitors?",
            "Who keeps the lighthouse?",
            "Wer wohnt im Turm?",
            "Welcher Liegeplatz ist für Gäste?",
        ] {
            assert!(!may_be_computed(question), "{question}");
        }
        for question in [
            "What is the total fee?",
            "Which berths have a depth over 4?",
            "Wie hoch ist der Gesamtbetrag?",
            "Welche Plätze haben eine Tiefe über 4?",
        ] {
            assert!(may_be_computed(question), "{question}");
        }
        assert_eq!(language("Wie viele Rechnungen sind offen?"), Language::German);
        assert_eq!(language("How many invoices are open in Köln?"), Language::English);
    }

    #[test]
    fn numbers_and_dates_are_one_word() {
        let texts = |text: &str| {
            words(text, Language::English)
                .into_iter()
                .map(|word| word.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            texts("over €1,234.50, since 2024-03-09 (expenses.csv), 12.5% or 500m."),
            [
                "over",
                "1,234.50",
                "since",
                "2024-03-09",
                "expenses",
                "csv",
                "12.5",
                "or",
                "500",
                "m"
            ]
        );
    }
}
