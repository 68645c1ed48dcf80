//! What a question takes for granted. A passage about something very like it has words that would do for an answer:
//! "When did the company move to Lisbon?" beside "it moved from Lisbon in 1990". Such an answer is true of the source
//! and false to the question; here the two are compared.

mod opposites;
mod roles;

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use crate::facts::Facts;
use crate::polar::is_polar;
use crate::text::{Term, content_terms, sentences};
use opposites::OPPOSITES;
use roles::Roles;

/// Where a source speaks of something else than the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conflict {
    /// A number of the question does not stand there.
    Number,
    /// Nor does a name.
    Name,
    /// Only one of them denies it.
    Negation,
    /// The source has the opposite of a word of the question: "last" for "first", "to" for "from".
    Opposite,
    /// Another does it.
    Role,
    /// The answer is not of the kind asked for: no number for "how many", no time for "when".
    Kind,
    /// The question names another document that was found, by a word of its title.
    Document,
    /// Hardly a word of the question stands there.
    Topic,
}

/// A question's premises.
pub struct Premise {
    facts: Facts,
    terms: HashSet<Term>,
    numbers: Vec<String>,
    names: Vec<Term>,
    directions: Vec<(usize, Term)>,
    roles: Roles,
    kind: Option<Kind>,
    /// It is asked whether something is so: nothing of that is taken for granted.
    polar: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Count,
    Time,
}

impl Premise {
    /// Reads a question.
    pub fn of(question: &str) -> Self {
        let facts = Facts::of(question);
        let acronym = |word: &&str| word.len() > 1 && word.chars().all(|c| !c.is_lowercase());
        let acronyms: HashSet<Term> = question
            .unicode_words()
            .filter(acronym)
            .flat_map(content_terms)
            .collect();
        Self {
            terms: content_terms(question).into_iter().collect(),
            // "World War 2" and "type 1" are also written in Roman numerals and in words.
            numbers: digits(question)
                .into_iter()
                .filter(|number| number.len() > 2)
                .collect(),
            names: facts
                .names()
                .iter()
                .filter(|name| !acronyms.contains(name))
                .cloned()
                .chain(streets(question))
                .collect(),
            directions: directions(question),
            roles: Roles::of(question),
            kind: kind(question),
            polar: is_polar(question),
            facts,
        }
    }

    /// Where the source that carries `answer` disagrees with the question. `carrier` is the quote, `around` the passage
    /// with its titles, `everything` all that was found: a name may be introduced elsewhere. `others` are words of the
    /// question that stand in titles of other documents found.
    pub fn conflict(
        &self,
        answer: &str,
        carrier: &str,
        around: &str,
        everything: &HashSet<Term>,
        others: &HashSet<Term>,
    ) -> Option<Conflict> {
        let near: HashSet<Term> = content_terms(carrier).into_iter().collect();
        let there: HashSet<Term> = content_terms(around).into_iter().collect();
        let plain = |term: &&Term| !term.is_number() && !self.names.contains(term);
        let shared = self
            .terms
            .iter()
            .filter(plain)
            .filter(|term| there.contains(term))
            .count();
        let known = digits(around);
        let counted = |wanted: &String| known.iter().any(|number| same_number(wanted, number));
        if !self.numbers.iter().all(counted) {
            return Some(Conflict::Number);
        }
        // Names are spelled differently in other languages; a source without a word of the question may be in one.
        let named = |name: &Term| everything.iter().any(|term| same_name(&name.0, &term.0));
        if shared > 0 && !self.names.iter().all(named) {
            return Some(Conflict::Name);
        }
        let elsewhere = |term: &Term| !term.is_number() && !there.contains(term);
        if others.iter().any(elsewhere) {
            return Some(Conflict::Document);
        }
        if self.polar {
            return None;
        }
        if self.facts.reverses(&Facts::of(carrier), 2) || self.is_denied_beside(&near, around) {
            return Some(Conflict::Negation);
        }
        if self.is_opposed(&near, &there, carrier) {
            return Some(Conflict::Opposite);
        }
        if self.roles.are_reversed_in(carrier) {
            return Some(Conflict::Role);
        }
        if self.kind.is_some_and(|kind| !kind.fits(answer)) || self.asks_for_another_event(&there, carrier) {
            return Some(Conflict::Kind);
        }
        let present = self.terms.iter().filter(|term| there.contains(term)).count();
        let little = (present as f32) < TOPIC * self.terms.len() as f32;
        let apart = shared > 0 && self.shares_names_only(answer, &near);
        (present > 1 && little || apart).then_some(Conflict::Topic)
    }

    /// Whether the sentence that has most of the question's words, and clearly more of them than the answer's own, denies what
    /// the question takes for granted: "support for Windows 8" beside "Windows 8 is no longer supported".
    fn is_denied_beside(&self, near: &HashSet<Term>, around: &str) -> bool {
        let shared = |there: &HashSet<Term>| self.terms.iter().filter(|term| there.contains(term)).count();
        let own = shared(near);
        let closest = sentences(around)
            .into_iter()
            .map(|range| &around[range])
            .map(|sentence| (shared(&content_terms(sentence).into_iter().collect()), sentence))
            .max_by_key(|(count, _)| *count);
        closest
            .is_some_and(|(count, sentence)| count >= own + 2 && Facts::of(sentence).denies(&self.facts, 2))
    }

    /// Whether a sentence has a name of the question, which is not in the answer, and none of its many other words: it tells
    /// something else of that name.
    fn shares_names_only(&self, answer: &str, near: &HashSet<Term>) -> bool {
        let said = content_terms(answer);
        let (names, words): (Vec<&Term>, Vec<&Term>) = (self.terms.iter())
            .filter(|term| !term.is_number())
            .partition(|term| self.names.contains(term));
        let there = |term: &&&Term| near.contains(**term);
        words.len() >= MANY_WORDS
            && names.iter().any(|name| there(&name) && !said.contains(name))
            && !words.iter().any(|word| there(&word))
    }

    /// A year beside a name is of a birth or a death only if the source says so: in words, or as "(1815–1898)".
    fn asks_for_another_event(&self, there: &HashSet<Term>, carrier: &str) -> bool {
        const LIFE: &[&str] = &[
            "born",
            "birth",
            "birthday",
            "die",
            "died",
            "death",
            "dead",
            "killed",
            "murdered",
            "assassinated",
            "geboren",
            "geburt",
            "gestorben",
            "starb",
            "tod",
            "ermordet",
        ];
        let has = |terms: &HashSet<Term>| LIFE.iter().any(|word| has(terms, word));
        self.kind == Some(Kind::Time) && has(&self.terms) && !has(there) && !carrier.contains(['–', '*', '†'])
    }

    fn is_opposed(&self, near: &HashSet<Term>, there: &HashSet<Term>, carrier: &str) -> bool {
        let has = |terms: &HashSet<Term>, words: &[&str]| words.iter().any(|word| has(terms, word));
        let opposite = OPPOSITES.iter().any(|(one, other)| {
            let clash = |asked: &[&str], said: &[&str]| {
                has(&self.terms, asked) && !has(&self.terms, said) && has(near, said) && !has(there, asked)
            };
            clash(one, other) || clash(other, one)
        });
        let said = directions(carrier);
        opposite
            || self.directions.iter().any(|(way, term)| {
                said.contains(&(way ^ 1, term.clone())) && !said.contains(&(*way, term.clone()))
            })
    }
}

/// Whether a word is among `terms`; one that carries no meaning in some language ("die") never is.
fn has(terms: &HashSet<Term>, word: &str) -> bool {
    content_terms(word).iter().any(|term| terms.contains(term))
}

/// Share of the question's words that the passage must have.
const TOPIC: f32 = 0.4;
/// With fewer words besides its names, a question may well be answered in others.
const MANY_WORDS: usize = 4;

/// German names of streets, which look like any other noun of that language.
fn streets(question: &str) -> Vec<Term> {
    const ENDINGS: &[&str] = &["straße", "strasse", "gasse", "allee"];
    let is_street = |word: &&str| {
        let lower = word.to_lowercase();
        word.starts_with(char::is_uppercase)
            && ENDINGS
                .iter()
                .any(|ending| lower.len() > ending.len() + 2 && lower.ends_with(ending))
    };
    question
        .unicode_words()
        .filter(is_street)
        .flat_map(content_terms)
        .collect()
}

impl Kind {
    fn fits(self, answer: &str) -> bool {
        const COUNTS: &[&str] = &[
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "majority",
            "minority",
            "dozen",
            "dozens",
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
            "hundreds",
            "thousand",
            "thousands",
            "million",
            "millions",
            "billion",
            "billions",
            "half",
            "third",
            "quarter",
            "none",
            "no",
            "all",
            "both",
            "several",
            "many",
            "few",
            "most",
            "single",
            "every",
            "once",
            "twice",
            "couple",
            "ein",
            "eine",
            "einen",
            "zwei",
            "drei",
            "vier",
            "fünf",
            "sechs",
            "sieben",
            "acht",
            "neun",
            "zehn",
            "elf",
            "zwölf",
            "hundert",
            "tausend",
            "keine",
            "kein",
            "alle",
            "beide",
        ];
        let words: Vec<String> = answer.unicode_words().map(str::to_lowercase).collect();
        let counts = |word: &String| {
            COUNTS.contains(&word.as_str()) || word.chars().any(char::is_numeric) || !word.is_ascii()
        };
        match self {
            Self::Count => words.iter().any(counts),
            // A time can be told in too many ways ("after the war"); a bare name is none.
            Self::Time => {
                words.iter().any(counts) || words.len() > 3 || !answer.starts_with(char::is_uppercase)
            }
        }
    }
}

fn kind(question: &str) -> Option<Kind> {
    let lower = question.to_lowercase();
    if ["how many ", "wie viele ", "wieviele "]
        .iter()
        .any(|asked| lower.contains(asked))
    {
        Some(Kind::Count)
    } else if [
        "when ",
        "what year ",
        "in what year ",
        "in which year ",
        "wann ",
        "in welchem jahr ",
    ]
    .iter()
    .any(|asked| lower.starts_with(asked))
    {
        Some(Kind::Time)
    } else {
        None
    }
}

/// The numbers of a text that are written in digits, without separators and what is joined to them.
fn digits(text: &str) -> Vec<String> {
    text.unicode_words()
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(|word| {
            let number: String = word.chars().filter(char::is_ascii_digit).collect();
            if word.ends_with("0s") {
                format!("{number}s")
            } else {
                number
            }
        })
        .collect()
}

/// A decade has its years.
fn same_number(asked: &str, there: &str) -> bool {
    let (a, b) = (asked.trim_end_matches('s'), there.trim_end_matches('s'));
    let decade = (asked.ends_with('s') || there.ends_with('s')) && a.len() == 4 && b.len() == 4;
    a == b || (decade && a[..3] == b[..3])
}

/// The same name, allowing for endings ("Poland", "Polish") and slips of the pen.
fn same_name(asked: &str, there: &str) -> bool {
    if asked == there {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (asked.chars().collect(), there.chars().collect());
    let shorter = a.len().min(b.len());
    let begins = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    (begins >= 3 && begins * 2 >= shorter) || (shorter >= 5 && within_two(&a, &b))
}

/// Whether at most two changes of a letter make one of the other.
fn within_two(a: &[char], b: &[char]) -> bool {
    if a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, one) in a.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = corner + usize::from(one != other);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()] <= 2
}

/// Words that say which way, as pairs of opposites (2n and 2n + 1), with the words they stand before.
fn directions(text: &str) -> Vec<(usize, Term)> {
    const WAYS: [&str; 10] = [
        "from", "to", "before", "after", "above", "below", "inside", "outside", "with", "without",
    ];
    let words: Vec<String> = text.unicode_words().map(str::to_lowercase).collect();
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let Some(way) = WAYS.iter().position(|way| way == word) else {
            continue;
        };
        let behind = words[n + 1..]
            .iter()
            .take_while(|word| !WAYS.contains(&word.as_str()));
        found.extend(
            behind
                .flat_map(|word| content_terms(word))
                .take(2)
                .map(|term| (way, term)),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict(question: &str, answer: &str, source: &str) -> Option<Conflict> {
        Premise::of(question).conflict(
            answer,
            source,
            source,
            &content_terms(source).into_iter().collect(),
            &HashSet::new(),
        )
    }

    #[test]
    fn a_source_about_something_else_does_not_answer() {
        let proclaimed =
            "King George III issued the Royal Proclamation of 1763, which divided the territory.";
        let fled = "Several monks of Saint-Evroul fled to southern Italy.";
        let thesis =
            "The thesis states that only problems that can be solved in polynomial time can be computed.";
        for (question, answer, source, found) in [
            (
                "What did the Royal Proclamation of 1736 divide?",
                "the territory",
                proclaimed,
                Conflict::Number,
            ),
            (
                "Who issued the Papal Proclamation of 1763?",
                "George III",
                proclaimed,
                Conflict::Name,
            ),
            ("Who fled from southern Italy?", "monks", fled, Conflict::Opposite),
            (
                "Which thesis states that problems that cannot be solved in time can be computed?",
                "the thesis",
                thesis,
                Conflict::Negation,
            ),
            (
                "Who issued the last proclamation?",
                "George III",
                "King George issued the first proclamation.",
                Conflict::Opposite,
            ),
            (
                "When did Harold conquer England?",
                "1066",
                "In 1066, William conquered England, killing Harold.",
                Conflict::Role,
            ),
            (
                "How does the pathogen kill the cell?",
                "by enzymes",
                "The pathogen is killed by enzymes.",
                Conflict::Role,
            ),
            ("When was George III born?", "1763", proclaimed, Conflict::Kind),
            ("How many monks fled?", "Saint-Evroul", fled, Conflict::Kind),
        ] {
            assert_eq!(conflict(question, answer, source), Some(found), "{question}");
        }
    }

    fn conflict_in(question: &str, answer: &str, carrier: &str, around: &str) -> Option<Conflict> {
        Premise::of(question).conflict(
            answer,
            carrier,
            around,
            &content_terms(around).into_iter().collect(),
            &HashSet::new(),
        )
    }

    #[test]
    fn what_stands_beside_the_answer_counts() {
        let changes = "Changelog of Tidebook. ## 3.2.0 (18 February 2025)\n\n- Tracks can be exported to GPX.\n- Windows 8 is no longer \
                       supported.\n- The night view is darker.";
        let heading = "## 3.2.0 (18 February 2025)\n\n- Tracks can be exported to GPX.";
        let added = "Which version of Tidebook added support for Windows 8?";
        assert_eq!(
            conflict_in(added, "3.2.0", heading, changes),
            Some(Conflict::Negation)
        );
        let dropped = "Which version of Tidebook no longer supported Windows 8?";
        assert_eq!(conflict_in(dropped, "3.2.0", heading, changes), None);
        let tracks = "Which version of Tidebook can export tracks to GPX?";
        assert_eq!(conflict_in(tracks, "3.2.0", heading, changes), None);

        let agreement =
            "Service of the blast chiller. The agreement was signed by Ruth Amsel for Bramble Dairy.";
        let signed = "The agreement was signed by Ruth Amsel for Bramble Dairy.";
        let refrigerant = "Which refrigerant does the blast chiller of Bramble Dairy contain?";
        assert_eq!(
            conflict_in(refrigerant, "Ruth Amsel", signed, agreement),
            Some(Conflict::Topic)
        );
        let who = "Who signed the agreement on the blast chiller for Bramble Dairy?";
        assert_eq!(conflict_in(who, "Ruth Amsel", signed, agreement), None);

        let lease = "Vermietet wird der Lagerraum in der Kanalstraße 5. Die Kaution beträgt 1.920 Euro.";
        let deposit = "Die Kaution beträgt 1.920 Euro.";
        let asked = |street: &str| format!("Wie hoch ist die Kaution für den Lagerraum in der {street}?");
        assert_eq!(
            conflict_in(&asked("Hafenstraße"), "1.920 Euro", deposit, lease),
            Some(Conflict::Name)
        );
        assert_eq!(
            conflict_in(&asked("Kanalstraße"), "1.920 Euro", deposit, lease),
            None
        );
    }

    #[test]
    fn other_words_for_the_same_are_no_conflict() {
        let source = "In the 1960s the Polish city of Gdansk moved its archive, rather than the library, from the old town to the harbour.";
        for (question, answer) in [
            (
                "Where did the archive of Poland's city move to in 1964?",
                "the harbour",
            ),
            ("What did the city of Gdańsk move in the 1960s?", "its archive"),
            ("When was the archive moved from the old town?", "the 1960s"),
            ("Wohin kam das Archiv von Danzig?", "the harbour"),
            ("Where did the city move the archive?", "to the harbour"),
            ("Did the city not move the library from the harbour?", source),
        ] {
            assert_eq!(conflict(question, answer, source), None, "{question}");
        }
    }
}
