//! The evidence gate: too little evidence, no generation.

use std::collections::HashSet;

use crate::sieve::Filtered;
use crate::text::{Term, content_terms, one_line};
use crate::types::{Citation, Passage};

/// Limits, chosen on the question sets named in `BENCHMARKS.md`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvidenceGate {
    /// Cosine similarity that unrelated texts reach with the embedder in use.
    pub unrelated: f32,
    /// Cosine similarity of a question and the passage that answers it.
    pub related: f32,
    /// Evidence below this is too little.
    pub least: f32,
}

/// How much the passages have to do with the question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The measure, 0 to 1: the mean of the two below.
    pub score: f32,
    /// Best share of the question's words that stand in one passage.
    pub words: f32,
    /// Best similarity, from `unrelated` (0) to `related` (1).
    pub meaning: f32,
}

impl EvidenceGate {
    /// Measures the passages against the question.
    pub fn measure(&self, question: &str, passages: &[Passage]) -> Evidence {
        let asked = asked_about(question);
        let mut evidence = Evidence::default();
        for passage in passages {
            let place = format!(
                "{} {} {}",
                passage.title,
                passage.headings.join(" "),
                passage.text
            );
            let there: HashSet<Term> = content_terms(&place).into_iter().collect();
            let shared = asked.intersection(&there).count() as f32 / asked.len().max(1) as f32;
            let cosine = passage.scores.vector.unwrap_or(self.unrelated);
            let meaning = ((cosine - self.unrelated) / (self.related - self.unrelated)).clamp(0.0, 1.0);
            evidence.words = evidence.words.max(shared);
            evidence.meaning = evidence.meaning.max(meaning);
        }
        evidence.score = (evidence.words + evidence.meaning) / 2.0;
        evidence
    }

    /// Whether there is enough to answer from.
    pub fn passes(&self, evidence: &Evidence) -> bool {
        evidence.score >= self.least
    }
}

/// Words that say how something is asked, not what about: no source has to have them.
const ASKING: &str = "much many high long old often far big large deep tell explain describe compare list mention say \
    document file text page name viel viele hoch lang lange alt oft weit groß tief sagen erkläre erklären beschreibe \
    beschreiben vergleiche vergleichen nenne nennen dokument dokumente datei text seite";

/// What the question is about; all its words, if it has none but those of asking.
pub(super) fn asked_about(question: &str) -> HashSet<Term> {
    let words: HashSet<Term> = content_terms(question).into_iter().collect();
    let asking: HashSet<Term> = content_terms(ASKING).into_iter().collect();
    let about: HashSet<Term> = words.difference(&asking).cloned().collect();
    if about.is_empty() { words } else { about }
}

/// What is said instead of an answer: what was searched, what came close, what to try. `close` is a sentence that would
/// answer a question very like this one.
pub fn abstention_text(
    query: &str,
    documents: usize,
    passages: &[Passage],
    filtered: Option<&Filtered>,
    close: Option<&Citation>,
) -> String {
    let of = match documents {
        0 => return "There are no documents to search yet. Add files or folders, then ask again.".to_owned(),
        1 => "1 document".to_owned(),
        n => format!("{n} documents"),
    };
    let searched = match filtered {
        Some(filtered) => format!("{} of {of} ({})", filtered.documents, filtered.filters.join(" ")),
        None => of,
    };
    let mut text = format!(
        "I cannot find this in your documents. I searched {searched} for “{}”.",
        query.trim()
    );
    if let Some(close) = close {
        let quote = one_line(&close.quote);
        text.push_str(&format!(
            " The closest is this, in {}, page {}, which is not the same: “{quote}”",
            close.title, close.page
        ));
    } else if let Some(closest) = passages.first() {
        text.push_str(&format!(
            " The closest passage is in {}, page {}.",
            closest.title, closest.page
        ));
    }
    let advice = filtered.and_then(|filtered| filtered.advice.as_deref());
    text.push(' ');
    text.push_str(advice.unwrap_or("Try other words, or add the document that has the answer."));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
