//! The evidence gate: too little evidence, no generation.

use std::collections::HashSet;

use crate::sieve::Filtered;
use crate::text::{Term, content_terms};
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
        let asked: HashSet<Term> = content_terms(question).into_iter().collect();
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
        let quote = close.quote.split_whitespace().collect::<Vec<_>>().join(" ");
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
