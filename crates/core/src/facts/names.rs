//! Names: words that are capitalised, where not all nouns are.

use std::ops::Range;

use crate::text::{Term, content_terms};

/// Whether a text, whose words are given, is German.
pub(super) fn is_german(words: &[(usize, &str)]) -> bool {
    const GERMAN: &[&str] = &[
        "der", "die", "das", "und", "ist", "ein", "eine", "den", "dem", "von", "nicht", "wird", "werden",
        "mit", "für", "auf", "im", "zu", "sich", "wurde",
    ];
    words.iter().filter(|(_, word)| GERMAN.contains(word)).count() * 8 > words.len()
}

/// Capitalised words. In German, which capitalises all nouns, none are told apart.
pub(super) fn names(text: &str, words: &[(usize, &str)]) -> Vec<Term> {
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

/// Words of letters and digits, as parts, errors and genes are called: "R290", "F11", "CD4". Not in `taken`, which are
/// numbers and dates.
pub(super) fn codes(words: &[(usize, &str)], taken: &[Range<usize>]) -> Vec<Term> {
    let is_code = |(at, word): &&(usize, &str)| {
        word.starts_with(char::is_alphabetic)
            && word.contains(|c: char| c.is_ascii_digit())
            && !taken.iter().any(|range| range.contains(at))
    };
    words
        .iter()
        .filter(is_code)
        .flat_map(|(_, word)| content_terms(word))
        .collect()
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
