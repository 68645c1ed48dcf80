//! What a sentence states exactly: numbers with their units, names, and what it denies. A sentence that says
//! something else than its source in one of these is not carried by it, however many words they share.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Term, content_terms, is_raised};

/// Where a sentence disagrees with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A number that the source does not have, or has of another unit.
    Number,
    /// A name that neither the source nor the question has.
    Name,
    /// Only one of them denies it.
    Negation,
}

/// The facts of a text.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    numbers: Vec<Number>,
    names: Vec<Term>,
    denied: HashSet<Term>,
    /// Words that are not denied.
    stated: HashSet<Term>,
}

/// A number as it may be meant: "1.500" is one and a half or, in German, fifteen hundred.
#[derive(Clone, Debug, PartialEq)]
struct Number {
    values: Vec<f64>,
    unit: Option<&'static str>,
    /// The word behind it, if it has no unit: what is counted.
    counted: Option<Term>,
}

impl Number {
    fn equals(&self, other: &Self) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        self.values
            .iter()
            .any(|a| other.values.iter().any(|b| same(*a, *b)))
    }
}

impl Facts {
    /// Reads a text without markers.
    pub fn of(text: &str) -> Self {
        // A raised number belongs to what stands before it.
        let words: Vec<(usize, &str)> = text
            .unicode_word_indices()
            .filter(|(_, word)| !word.chars().all(is_raised))
            .collect();
        let mut facts = Self {
            numbers: numbers(text, &words),
            names: names(text, &words),
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
        if !self.numbers.iter().all(|number| number.stands_in(source, known)) {
            return Some(Fault::Number);
        }
        let named = |name: &Term| {
            known.contains(name) || source.stated.contains(name) || source.denied.contains(name)
        };
        if !self.names.iter().all(named) {
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

    /// Whether `other` gives another number than `said` (an answer) takes from here, of the same unit or of the same things.
    /// Years and bare numbers count only if both sentences are `alike`. Numbers of the question say what is meant.
    pub fn counts_otherwise(&self, said: &Self, other: &Self, asked: &Self, alike: bool) -> bool {
        let known = |number: &&Number| {
            let here = |of: &[Number]| of.iter().find(|one| one.equals(number)).cloned();
            here(&self.numbers).filter(|_| here(&asked.numbers).is_none())
        };
        let mut taken = said.numbers.iter().filter_map(|number| known(&number)).peekable();
        // Where one number agrees, the others are likely to be of something else.
        taken.peek().is_some()
            && taken.all(|number| {
                !other.numbers.iter().any(|there| there.equals(&number))
                    && other
                        .numbers
                        .iter()
                        .any(|there| number.is_of_the_kind_of(there, alike))
            })
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

impl Number {
    /// Whether the two measure, count or date the same kind of thing.
    fn is_of_the_kind_of(&self, other: &Self, alike: bool) -> bool {
        const MONEY: &[&str] = &["$", "€", "£", "kr", "CHF", "¥"];
        match (self.unit, other.unit) {
            (Some(one), Some(other)) => one == other || (MONEY.contains(&one) && MONEY.contains(&other)),
            (None, None) => alike || (self.counted.is_some() && self.counted == other.counted),
            _ => false,
        }
    }

    fn stands_in(&self, source: &Facts, known: &HashSet<Term>) -> bool {
        let mut alike = source
            .numbers
            .iter()
            .filter(|other| self.equals(other))
            .peekable();
        if alike.peek().is_none() {
            let written = |value: &f64| known.contains(&Term(value.to_string()));
            return self.values.iter().any(written);
        }
        alike.any(|other| self.unit.is_none() || other.unit.is_none() || self.unit == other.unit)
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

fn numbers(text: &str, words: &[(usize, &str)]) -> Vec<Number> {
    let mut found = Vec::new();
    for (n, (at, word)) in words.iter().enumerate() {
        let next = words.get(n + 1).map(|(_, next)| next.to_lowercase());
        let Some(mut values) = values(word) else { continue };
        if text[..*at].trim_end_matches(['-', '−', '(', '{']).ends_with('^') {
            continue;
        }
        if let Some(power) = power_of_ten(word, &text[at + word.len()..]) {
            values = vec![power];
        }
        let mut unit = next.as_deref().and_then(unit_of);
        if let Some(factor) = next.as_deref().and_then(scale) {
            values.iter_mut().for_each(|value| *value *= factor);
            unit = words
                .get(n + 2)
                .and_then(|(_, next)| unit_of(&next.to_lowercase()));
        }
        // Signs are no words.
        let before = text[..*at].trim_end().chars().next_back();
        let behind = text[at + word.len()..].trim_start().chars().next();
        let sign = |c: Option<char>| match c? {
            '%' => Some("%"),
            '$' => Some("$"),
            '€' => Some("€"),
            '£' => Some("£"),
            '°' => Some("°"),
            _ => None,
        };
        let unit = sign(behind).or(unit).or(sign(before));
        let counted = next.as_deref().filter(|_| unit.is_none());
        found.push(Number {
            values,
            unit,
            counted: counted.and_then(|next| content_terms(next).into_iter().next()),
        });
    }
    found
}

/// What "10" means with the exponent behind it.
fn power_of_ten(word: &str, behind: &str) -> Option<f64> {
    if word != "10" {
        return None;
    }
    let digits: String = match behind.strip_prefix('^') {
        Some(typed) => {
            let typed = typed.trim_start_matches(['(', '{']).replace('−', "-");
            let end = typed.find(|c: char| !c.is_ascii_digit() && c != '-');
            typed[..end.unwrap_or(typed.len())].to_owned()
        }
        None => behind
            .chars()
            .take_while(|c| is_raised(*c))
            .nfkc()
            .map(|c| if c == '−' { '-' } else { c })
            .collect(),
    };
    Some(10_f64.powi(digits.parse().ok()?))
}

/// What a word may mean as a number.
fn values(word: &str) -> Option<Vec<f64>> {
    const WORDS: &[(&str, f64)] = &[
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("eleven", 11.0),
        ("twelve", 12.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("zwei", 2.0),
        ("drei", 3.0),
        ("vier", 4.0),
        ("fünf", 5.0),
        ("sechs", 6.0),
        ("sieben", 7.0),
        ("acht", 8.0),
        ("neun", 9.0),
        ("zehn", 10.0),
        ("elf", 11.0),
        ("zwölf", 12.0),
        ("zwanzig", 20.0),
    ];
    let small = word.to_lowercase();
    if let Some((_, value)) = WORDS.iter().find(|(name, _)| *name == small) {
        return Some(vec![*value]);
    }
    if !small.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // "5th", "1960s", "90km".
    let digits = small.trim_end_matches(|c: char| !c.is_ascii_digit());
    if digits.contains(|c: char| !c.is_ascii_digit() && c != '.' && c != ',') {
        return None;
    }
    let plain = |text: String| text.parse::<f64>().ok();
    let mut values: Vec<f64> = [
        plain(digits.replace(',', "")),
        plain(digits.replace('.', "").replace(',', ".")),
    ]
    .into_iter()
    .flatten()
    .collect();
    values.dedup();
    (!values.is_empty()).then_some(values)
}

fn scale(word: &str) -> Option<f64> {
    match word {
        "hundred" | "hundert" => Some(1e2),
        "thousand" | "tausend" => Some(1e3),
        "million" | "millions" | "millionen" => Some(1e6),
        "billion" | "billions" | "milliarde" | "milliarden" => Some(1e9),
        "trillion" | "trillions" | "billionen" => Some(1e12),
        _ => None,
    }
}

/// One name for each unit.
fn unit_of(word: &str) -> Option<&'static str> {
    const UNITS: &[(&str, &[&str])] = &[
        ("%", &["percent", "prozent"]),
        ("$", &["dollar", "dollars", "usd"]),
        ("€", &["euro", "euros", "eur"]),
        ("£", &["pounds", "gbp"]),
        ("kr", &["kr", "crown", "crowns", "kronen", "sek", "nok", "dkk"]),
        ("CHF", &["chf", "franc", "francs", "franken"]),
        ("¥", &["yen", "jpy", "yuan", "cny"]),
        ("°", &["degrees", "degree", "grad", "celsius", "fahrenheit"]),
        ("K", &["k", "kelvin"]),
        (
            "km",
            &["km", "kilometre", "kilometres", "kilometer", "kilometers"],
        ),
        ("m", &["m", "metre", "metres", "meter", "meters", "metern"]),
        ("cm", &["cm", "centimetres", "centimeters", "zentimeter"]),
        ("mm", &["mm", "millimetres", "millimeters", "millimeter"]),
        ("mi", &["mile", "miles", "mi", "meilen"]),
        ("ft", &["ft", "foot", "feet", "fuß"]),
        ("in", &["inch", "inches"]),
        ("kg", &["kg", "kilogram", "kilograms", "kilogramm"]),
        ("g", &["g", "gram", "grams", "gramm"]),
        ("mg", &["mg", "milligrams", "milligramm"]),
        ("t", &["tonne", "tonnes", "ton", "tons", "tonnen"]),
        ("l", &["l", "litre", "litres", "liter", "liters", "litern"]),
        ("ml", &["ml", "millilitres", "milliliters", "milliliter"]),
        ("s", &["second", "seconds", "sekunde", "sekunden"]),
        ("min", &["minute", "minutes", "minuten", "min"]),
        ("h", &["hour", "hours", "stunde", "stunden", "h"]),
        ("d", &["day", "days", "tag", "tage", "tagen"]),
        ("wk", &["week", "weeks", "woche", "wochen"]),
        ("mo", &["month", "months", "monat", "monate", "monaten"]),
        ("yr", &["year", "years", "jahr", "jahre", "jahren"]),
    ];
    UNITS
        .iter()
        .find(|(_, names)| names.contains(&word))
        .map(|(unit, _)| *unit)
}

/// Capitalised words. In German, which capitalises all nouns, none are told apart.
fn names(text: &str, words: &[(usize, &str)]) -> Vec<Term> {
    const GERMAN: &[&str] = &[
        "der", "die", "das", "und", "ist", "ein", "eine", "den", "dem", "von", "nicht", "wird", "werden",
        "mit", "für", "auf", "im", "zu", "sich", "wurde",
    ];
    if words.iter().filter(|(_, word)| GERMAN.contains(word)).count() * 8 > words.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (n, (at, word)) in words.iter().enumerate() {
        if !word.starts_with(char::is_uppercase) || word.chars().any(|c| c.is_ascii_digit()) {
            continue;
        }
        let before = text[..*at].trim_end().chars().next_back();
        let opens =
            n == 0 || before.is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '"' | '“' | '•' | '-'));
        let small = word.to_lowercase();
        if opens && (OPENERS.contains(&small.as_str()) || small.ends_with("ly")) {
            continue;
        }
        found.extend(content_terms(word));
    }
    found
}

/// Words that begin sentences and are no names. Stop words are none either.
const OPENERS: &[&str] = &[
    "according",
    "after",
    "although",
    "another",
    "approximately",
    "around",
    "based",
    "because",
    "before",
    "besides",
    "between",
    "both",
    "by",
    "despite",
    "during",
    "each",
    "either",
    "every",
    "first",
    "following",
    "further",
    "furthermore",
    "given",
    "here",
    "however",
    "in",
    "instead",
    "like",
    "many",
    "more",
    "moreover",
    "most",
    "much",
    "no",
    "not",
    "one",
    "only",
    "other",
    "others",
    "overall",
    "people",
    "please",
    "same",
    "second",
    "several",
    "similar",
    "since",
    "some",
    "someone",
    "sorry",
    "still",
    "therefore",
    "third",
    "though",
    "through",
    "throughout",
    "thus",
    "today",
    "two",
    "three",
    "under",
    "unlike",
    "until",
    "upon",
    "using",
    "while",
    "within",
    "without",
    "yes",
    "yet",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(sentence: &str, source: &str) -> Option<Fault> {
        Facts::of(sentence).fault(&Facts::of(source), &HashSet::new())
    }

    #[test]
    fn numbers_are_compared_by_value_and_unit() {
        let source =
            "The tower, built in 1874, is 38 metres high and cost 1.5 million dollars; 12% was a gift.";
        for right in [
            "The tower is 38 m high.",
            "It was built in 1874.",
            "It cost $1,500,000.",
            "A gift paid 12 percent.",
        ] {
            assert_eq!(fault(right, source), None, "{right}");
        }
        for wrong in [
            "The tower is 83 metres high.",
            "The tower is 38 feet high.",
            "It cost 1.5 billion dollars.",
            "A gift paid two dollars.",
        ] {
            assert_eq!(fault(wrong, source), Some(Fault::Number), "{wrong}");
        }
        assert_eq!(fault("Es kostet 1.500 Euro.", "Price: 1,500 euros"), None);
        assert_eq!(fault("Three keepers live there.", "There are 3 keepers."), None);
    }

    #[test]
    fn powers_of_ten_are_no_other_numbers() {
        let source = "The sample had 3 × 10³ cells and 1,234¹ spores.";
        for right in [
            "It had 3 × 10³ cells.",
            "It had 3 × 10^3 cells.",
            "It had 1,234 spores.",
            "3 × 1000 cells",
        ] {
            assert_eq!(fault(right, source), None, "{right}");
        }
        for wrong in [
            "It had 103 cells.",
            "It had 10 cells.",
            "It had 10⁴ cells.",
            "It had 1,2341 spores.",
        ] {
            assert_eq!(fault(wrong, source), Some(Fault::Number), "{wrong}");
        }
    }

    #[test]
    fn names_must_stand_in_the_source() {
        let source = "Bethencourt took the title of King of the Canary Islands, as vassal to Henry III.";
        assert_eq!(
            fault("Bethencourt became King of the Canary Islands.", source),
            None
        );
        assert_eq!(fault("Approximately that title was taken.", source), None);
        assert_eq!(
            fault("Smith became King of the Canary Islands.", source),
            Some(Fault::Name)
        );
        assert_eq!(fault("He was a vassal to Edward III.", source), Some(Fault::Name));
        let known = content_terms("Who was Edward's vassal?").into_iter().collect();
        let answer = Facts::of("Bethencourt was Edward's vassal.");
        assert_eq!(answer.fault(&Facts::of(source), &known), None);
        assert_eq!(
            fault(
                "Die Lampe ist im Turm und wird geputzt.",
                "Der Turm hat eine Lampe."
            ),
            None
        );
    }

    #[test]
    fn denials_must_agree() {
        let source = "The lamp must not be cleaned with vinegar, but soda is allowed.";
        for right in ["The lamp must not be cleaned with vinegar.", "Soda is allowed."] {
            assert_eq!(fault(right, source), None, "{right}");
        }
        for wrong in ["The lamp must be cleaned with vinegar.", "Soda is not allowed."] {
            assert_eq!(fault(wrong, source), Some(Fault::Negation), "{wrong}");
        }
        assert_eq!(
            fault("The keeper doesn't live there.", "The keeper lives there."),
            Some(Fault::Negation)
        );
        assert_eq!(
            fault("It shines by day.", "It shines not only by night but by day."),
            None
        );
    }
}
