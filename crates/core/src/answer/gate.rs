//! The evidence gate: too little evidence, no generation.

use std::collections::HashSet;

use crate::find::Language;
use crate::question::asked_about;
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

/// What is said instead of an answer, in the language of the question: what was searched, what came close, what to try.
/// `close` is a sentence that would answer a question very like this one.
pub fn abstention_text(
    query: &str,
    documents: usize,
    passages: &[Passage],
    filtered: Option<&Filtered>,
    close: Option<&Citation>,
) -> String {
    let query = query.trim();
    let language = Language::of(query);
    let words = match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    };
    if documents == 0 {
        return words.nothing_yet.to_owned();
    }
    let of = (words.documents)(documents);
    let searched = match filtered {
        Some(filtered) => {
            let of_some = (words.of_documents)(filtered.documents, documents);
            format!("{of_some} ({})", filtered.filters.join(" "))
        }
        None => of,
    };
    let mut text = (words.searched)(&searched, query);
    if let Some(close) = close {
        let quote = one_line(&close.quote);
        let place = close.locator.told(close.page, language);
        text.push_str(&(words.close)(&close.title, &place, &quote));
    } else if let Some(closest) = passages.first() {
        let place = closest.locator.told(closest.page, language);
        text.push_str(&(words.closest)(&closest.title, &place));
    }
    let advice = filtered.and_then(|filtered| filtered.advice_in(language));
    text.push(' ');
    text.push_str(advice.as_deref().unwrap_or(words.advice));
    text
}

/// An abstention in one language.
struct Words {
    nothing_yet: &'static str,
    /// How many were searched.
    documents: fn(usize) -> String,
    /// So many of so many.
    of_documents: fn(u32, usize) -> String,
    searched: fn(&str, &str) -> String,
    /// What would have answered another question: title, place, quote.
    close: fn(&str, &str, &str) -> String,
    closest: fn(&str, &str) -> String,
    advice: &'static str,
}

static ENGLISH: Words = Words {
    nothing_yet: "There are no documents to search yet. Add files or folders, then ask again.",
    documents: |n| {
        if n == 1 {
            "1 document".to_owned()
        } else {
            format!("{n} documents")
        }
    },
    of_documents: |some, n| format!("{some} of {}", (ENGLISH.documents)(n)),
    searched: |searched, query| {
        format!("I cannot find this in your documents. I searched {searched} for “{query}”.")
    },
    close: |title, place, quote| {
        format!(" The closest is this, in {title}, {place}, which is not the same: “{quote}”")
    },
    closest: |title, place| format!(" The closest passage is in {title}, {place}."),
    advice: "Try other words, or add the document that has the answer.",
};

static GERMAN: Words = Words {
    nothing_yet: "Es gibt noch keine Dokumente. Fügen Sie Dateien oder Ordner hinzu und fragen Sie dann noch einmal.",
    documents: |n| {
        if n == 1 {
            "1 Dokument".to_owned()
        } else {
            format!("{n} Dokumente")
        }
    },
    of_documents: |some, n| {
        if n == 1 {
            format!("{some} von 1 Dokument")
        } else {
            format!("{some} von {n} Dokumenten")
        }
    },
    searched: |searched, query| {
        format!("Das finde ich in Ihren Dokumenten nicht. Nach „{query}“ durchsucht: {searched}.")
    },
    close: |title, place, quote| {
        format!(" Am nächsten kommt diese Stelle in {title}, {place}, die etwas anderes sagt: „{quote}“")
    },
    closest: |title, place| format!(" Am nächsten kommt eine Stelle in {title}, {place}."),
    advice: "Versuchen Sie es mit anderen Wörtern, oder fügen Sie das Dokument hinzu, in dem die Antwort steht.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abstentions_are_in_the_language_of_the_question() {
        let filtered = Filtered {
            filters: vec!["after:2023".to_owned()],
            documents: 2,
            ..Filtered::default()
        };
        let say = |question, documents, filtered| abstention_text(question, documents, &[], filtered, None);
        assert_eq!(
            say("How high is the tower?", 1, None),
            "I cannot find this in your documents. I searched 1 document for “How high is the tower?”. Try other words, or add \
             the document that has the answer."
        );
        assert!(
            say("How high is the tower?", 3, Some(&filtered))
                .contains("searched 2 of 3 documents (after:2023) for")
        );
        assert_eq!(
            say("Wie hoch ist der Turm?", 3, Some(&filtered)),
            "Das finde ich in Ihren Dokumenten nicht. Nach „Wie hoch ist der Turm?“ durchsucht: 2 von 3 Dokumenten \
             (after:2023). Versuchen Sie es mit anderen Wörtern, oder fügen Sie das Dokument hinzu, in dem die Antwort steht."
        );
        assert!(say("Wie hoch ist der Turm?", 1, None).contains("durchsucht: 1 Dokument."));
        assert!(say("Wie hoch ist der Turm?", 0, None).starts_with("Es gibt noch keine Dokumente."));
    }
}
