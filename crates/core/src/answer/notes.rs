//! Facts written from passages, each with the place that carries it: what summaries and comparisons are made of.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::stream::{Source, Written};
use super::{AnswerSink, Answerer, Draft, Form, Order};
use crate::citation::{OnlySupplied, without_markers};
use crate::error::Result;
use crate::ports::{FinishReason, Sampling};
use crate::prompt::Prompt;
use crate::text::one_line;
use crate::types::{AnswerEvent, Citation, Passage, Sentence, TokenCounts, Unproved, Verdict};

/// A fact with its proof; the proofs' numbers are not set yet.
pub(super) struct Note {
    pub text: String,
    pub verdict: Verdict,
    pub proofs: Vec<Citation>,
}

/// What came of one document, or of one side of a comparison.
pub(super) struct Digest {
    pub title: String,
    pub notes: Vec<Note>,
}

/// Which facts are wanted.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub prompt: &'a Prompt,
    /// What about, if the prompt asks for that.
    pub about: &'a str,
    pub most: usize,
    /// What becomes of facts that no source carries.
    pub unproved: Unproved,
}

/// What writing them took.
#[derive(Default)]
pub(super) struct Cost {
    pub tokens: TokenCounts,
    /// The last prompt.
    pub prompt_text: String,
    pub canceled: bool,
}

impl Answerer {
    /// Facts as notes, without a word to the person who waits.
    pub(super) async fn noted(
        &self,
        sources: Vec<Source>,
        ask: Facts<'_>,
        cost: &mut Cost,
        cancel: &CancellationToken,
    ) -> Result<Vec<Note>> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let quiet: AnswerSink = Arc::new(|_| {});
        let written = self.write_facts(sources, ask, cost, &quiet, cancel).await?;
        Ok(notes(written, ask.most))
    }

    /// So many facts of the sources, as the prompt asks for them.
    pub(super) async fn write_facts(
        &self,
        sources: Vec<Source>,
        ask: Facts<'_>,
        cost: &mut Cost,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Written> {
        let passages: Vec<Passage> = sources.iter().map(|source| source.passage.clone()).collect();
        let order = Order {
            messages: ask.prompt.facts(ask.most, ask.about, &passages),
            // Sentences are as long as those they are made from; a runaway list is cut.
            max_tokens: 48 * ask.most + 32,
            sampling: Sampling::Greedy,
            form: Form::Markers(OnlySupplied {
                count: passages.len() as u32,
            }),
            most_sentences: ask.most,
            unproved: ask.unproved,
        };
        cost.prompt_text = super::prompt_text(&order.messages);
        let (written, generated, _) = self.stream("", sources, order, sink, cancel).await?;
        // It ends so, too, when it has enough sentences.
        cost.canceled |= generated.finish == FinishReason::Canceled && cancel.is_cancelled();
        cost.tokens.prompt += generated.tokens.prompt;
        cost.tokens.generated += generated.tokens.generated;
        cost.tokens.confirmed += generated.tokens.confirmed;
        cost.tokens.reused += generated.tokens.reused;
        cost.tokens.omitted += generated.tokens.omitted;
        Ok(written)
    }
}

/// What was written that its proofs carry: in full if any is, else in part.
fn notes(written: Written, most: usize) -> Vec<Note> {
    let mut proofs = written.citations.into_iter();
    let mut notes: Vec<Note> = written
        .sentences
        .into_iter()
        .map(|sentence| Note {
            proofs: proofs.by_ref().take(sentence.citations.len()).collect(),
            text: bare(&sentence.text),
            verdict: sentence.verdict,
        })
        .filter(|note| note.verdict != Verdict::Unsupported && !note.proofs.is_empty())
        .collect();
    if notes.iter().any(|note| note.verdict == Verdict::Supported) {
        notes.retain(|note| note.verdict == Verdict::Supported);
    }
    notes.truncate(most);
    notes
}

/// The notes as a list, by document if there are several, with their proofs numbered in order.
pub(super) fn list(digests: &[Digest]) -> Written {
    let mut told = Written {
        text: String::new(),
        sentences: Vec::new(),
        citations: Vec::new(),
        not_found: false,
        conflict: None,
        disagreements: Vec::new(),
        corrections: Default::default(),
    };
    for digest in digests.iter().filter(|digest| !digest.notes.is_empty()) {
        if digests.len() > 1 {
            let before = if told.text.is_empty() { "" } else { "\n\n" };
            told.text
                .push_str(&format!("{before}**{}**\n", digest.title.replace('*', "")));
        }
        for note in &digest.notes {
            let mut numbers = Vec::new();
            for proof in &note.proofs {
                let n = told.citations.len() as u32 + 1;
                told.citations.push(Citation { n, ..proof.clone() });
                numbers.push(n);
            }
            let shown: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let text = format!("{} [{}]", note.text, shown.join(", "));
            let before = if told.text.is_empty() { "- " } else { "\n- " };
            told.text.push_str(before);
            told.text.push_str(&text);
            told.sentences.push(Sentence {
                text,
                verdict: note.verdict,
                citations: numbers,
            });
        }
    }
    told
}

/// A written sentence without its markers, and without what makes it an item of a list.
fn bare(sentence: &str) -> String {
    let text = without_markers(sentence);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•'));
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < text.len() && digits.starts_with(['.', ')']);
    one_line(if numbered { &digits[1..] } else { text })
}

/// Sends what was told at once, after its passages.
pub(super) fn send(text: &str, citations: &[Citation], draft: &Draft, sink: &AnswerSink) {
    sink(AnswerEvent::Passages {
        query: draft.query.clone(),
        passages: draft.found.passages.clone(),
    });
    sink(AnswerEvent::Delta {
        text: text.to_owned(),
    });
    for citation in citations {
        sink(AnswerEvent::Citation {
            citation: citation.clone(),
        });
    }
}
