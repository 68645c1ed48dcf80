//! What a question says about where and how to search: what it points back to, which documents it names, which acronyms it
//! has, and whether it is several in one.

pub mod acronyms;
pub mod clauses;
pub mod dating;
pub mod naming;

use std::collections::HashSet;

use crate::comparison::Comparison;
use crate::summary::SummaryRequest;
use crate::text::{Term, content_terms};
use crate::types::Turn;
use crate::whole::WholeScope;

/// Words that say how something is asked, not what about: no source has to have them.
const ASKING: &str = "much many high long old often far big large deep tell explain describe compare list mention say \
    document file text page name viel viele hoch lang lange alt oft weit groß tief sagen erkläre erklären beschreibe \
    beschreiben vergleiche vergleichen nenne nennen dokument dokumente datei text seite";

/// See [`ASKING`].
pub(crate) fn words_of_asking() -> HashSet<Term> {
    content_terms(ASKING).into_iter().collect()
}

/// What the question is about; all its words, if it has none but those of asking.
pub(crate) fn asked_about(question: &str) -> HashSet<Term> {
    let words: HashSet<Term> = content_terms(question).into_iter().collect();
    let asking = words_of_asking();
    let about: HashSet<Term> = words.difference(&asking).cloned().collect();
    if about.is_empty() { words } else { about }
}

/// Whether a question says what it is about.
fn has_subject(question: &str) -> bool {
    let asking = words_of_asking();
    content_terms(question).iter().any(|term| !asking.contains(term))
}

/// Whether a question leans on the turns before it: it points back, or has hardly a word of its own.
pub(crate) fn depends_on_history(question: &str, turns: &[Turn]) -> bool {
    // "What is the capital of Poland?" has two words, one of them a name: that is enough to go on.
    let named = question
        .split_whitespace()
        .skip(1)
        .any(|word| word.starts_with(char::is_uppercase));
    let few = content_terms(question).len() <= if named { 1 } else { 2 };
    !turns.is_empty() && (few || points_back(question))
}

/// Whether a question is answered otherwise than from the best passages, so that what it leans on is not missed.
pub(crate) fn goes_its_own_way(question: &str) -> bool {
    WholeScope::detect(question).is_some()
        || SummaryRequest::detect(question).is_some()
        || Comparison::detect(question).is_some()
}

/// Words that stand for something said before.
const POINTERS: &[&str] = &[
    "it", "its", "they", "them", "their", "he", "him", "his", "she", "her", "this", "that", "these", "those",
    "there", "one", "ones", "former", "latter", "same", "else", "er", "sie", "es", "ihn", "ihr", "sein",
    "seine", "dort", "davon", "dazu", "damit", "dieser", "diese", "dieses",
];
/// Words of them that a later clause has for something said in the clause before it.
const WITHIN: &[&str] = &[
    "it", "its", "they", "them", "their", "he", "him", "his", "she", "her", "there", "er", "sie", "es",
    "ihn", "ihr", "sein", "seine", "dort", "davon", "dazu", "damit",
];
/// Words that begin a later clause.
const JOINS: &[&str] = &[
    "and", "or", "but", "if", "when", "while", "because", "before", "after", "until", "unless", "once",
    "since", "und", "oder", "aber", "wenn", "falls", "sobald", "nachdem", "bevor", "bis", "weil", "während",
    "solange",
];
/// Words that a clause must have for a later one to point to it.
const ANTECEDENT: usize = 2;

/// Whether words of a question stand for something said before it. What a later clause points to may stand in the clause
/// before: "When must the tenant leave if he gives notice?"
pub(crate) fn points_back(question: &str) -> bool {
    let lower = question.to_lowercase();
    let begins = ["and ", "what about", "how about", "und ", "why?", "warum?"]
        .iter()
        .any(|b| lower.starts_with(b));
    let mut joined = false;
    let mut at = 0;
    let points = lower.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let before = &lower[..at];
        at = (at + word.len() + 1).min(lower.len());
        while !lower.is_char_boundary(at) {
            at += 1;
        }
        if JOINS.contains(&word) && content_terms(before).len() >= ANTECEDENT {
            joined = true;
        }
        POINTERS.contains(&word) && !(joined && WITHIN.contains(&word))
    });
    begins || points
}

/// Whether a rewritten question keeps what was asked and adds something that `history` has.
pub(crate) fn stands_alone(rewritten: &str, question: &str, history: &str) -> bool {
    let (new, old, history) = (
        content_terms(rewritten),
        content_terms(question),
        content_terms(history),
    );
    let keeps = old.iter().filter(|term| new.contains(term)).count() * 2 >= old.len();
    keeps
        && new
            .iter()
            .any(|term| !old.contains(term) && history.contains(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_back_leans_on_what_was_said() {
        for question in [
            "How often must it be cleaned?",
            "What about the deposit?",
            "And when is the rent due?",
            "Wann ist er fällig?",
            "What else does the lease say?",
            "If it rains, what is done?",
            "Who said that the lamp is broken and when did they?",
            "Wie hoch ist diese Miete?",
        ] {
            assert!(points_back(question), "{question}");
        }
        for question in [
            "When must the tenant leave if he gives notice?",
            "Wann muss der Mieter ausziehen, wenn er kündigt?",
            "How often is the Corvo descaled and which acid is used for it?",
            "Who cleans the tower?",
        ] {
            assert!(!points_back(question), "{question}");
        }
    }

    #[test]
    fn how_something_is_asked_is_not_what_it_is_about() {
        let about = |question| {
            let mut words: Vec<String> = asked_about(question).into_iter().map(|term| term.0).collect();
            words.sort();
            words
        };
        assert_eq!(about("How much is the deposit?"), about("deposit"));
        assert_eq!(about("Erkläre, wie hoch die Kaution ist."), about("Kaution"));
        assert_eq!(
            about("Compare what the documents say about deposits and cleaning."),
            about("deposits cleaning")
        );
        assert_eq!(about("How long is it?"), ["long"]);
        assert!(has_subject("How much is the deposit?") && !has_subject("How long is it?"));
    }
}
