//! A second opinion on verdicts, where a model for it is installed.
//!
//! Words, numbers, names and denials are compared exactly, which tells what stands in a source and not what follows from
//! it. A model of inference may lift a sentence whose facts agree with its source and whose words do not, and casts doubt
//! on one that says the contrary in the same words. It never overrules a fact that differs.

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::stream::{Source, Written};
use crate::citation::without_markers;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::ports::{Entailment, Inference};
use crate::text::{content_terms, one_line};
use crate::types::{Citation, Verdict};

/// Probability from which the model is believed.
const SURE: f32 = 0.9;
/// Words that carry meaning below which there is no sentence to judge: a phrase says nothing by itself.
const LEAST_WORDS: usize = 4;

/// Judges the sentences of an answer to `question` against what they cite of `sources`.
///
/// # Errors
/// [`Error::canceled`]. A model that fails leaves the verdicts as they are.
pub(super) async fn judge(
    model: &Arc<dyn Entailment>,
    question: &str,
    sources: &[Source],
    written: &mut Written,
    cancel: &CancellationToken,
) -> Result<()> {
    let mut proofs = written.citations.iter();
    let mut judged = Vec::new();
    let mut pairs = Vec::new();
    for (at, sentence) in written.sentences.iter().enumerate() {
        let cited: Vec<&Citation> = proofs.by_ref().take(sentence.citations.len()).collect();
        let words = one_line(&without_markers(&sentence.text));
        if cited.is_empty() || content_terms(&words).len() < LEAST_WORDS {
            continue;
        }
        let said = |citation: &&Citation| Some(sources.get(citation.n as usize - 1)?.said(citation));
        let quotes: Vec<String> = cited.iter().filter_map(said).collect();
        let source = one_line(&quotes.join(" "));
        let titles = cited.iter().map(|citation| citation.title.as_str());
        let known: HashSet<_> = titles.chain([question]).flat_map(content_terms).collect();
        let agrees = Facts::of(&words).fault(&Facts::of(&source), &known).is_none();
        judged.push((at, agrees));
        pairs.push((source, words));
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let (model, token) = (Arc::clone(model), cancel.clone());
    let inferences = tokio::task::spawn_blocking(move || model.infer(&pairs, &token))
        .await
        .map_err(|e| Error::bug(format!("judging the sentences stopped: {e}")))?;
    let inferences = match inferences {
        Ok(inferences) => inferences,
        Err(error) if error.is_canceled() => return Err(error),
        Err(error) => {
            tracing::warn!(class = error.class(), %error, "the entailment model failed; verdicts are those of the words");
            return Ok(());
        }
    };
    for ((at, agrees), inference) in judged.into_iter().zip(inferences) {
        let sentence = &mut written.sentences[at];
        sentence.verdict = verdict(sentence.verdict, agrees, inference);
    }
    Ok(())
}

/// The verdict by words and model together; `agrees`: every fact of the sentence stands in its source.
fn verdict(by_words: Verdict, agrees: bool, inference: Inference) -> Verdict {
    match by_words {
        Verdict::Supported if inference.contradicted >= SURE => Verdict::Partly,
        Verdict::Partly if inference.contradicted >= SURE => Verdict::Unsupported,
        Verdict::Partly if agrees && inference.entailed >= SURE => Verdict::Supported,
        as_it_is => as_it_is,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_lifts_what_agrees_and_doubts_what_it_finds_contrary() {
        let says = |entailed, contradicted| Inference {
            entailed,
            contradicted,
        };
        assert_eq!(
            verdict(Verdict::Partly, true, says(0.95, 0.0)),
            Verdict::Supported
        );
        assert_eq!(verdict(Verdict::Partly, false, says(0.99, 0.0)), Verdict::Partly);
        assert_eq!(verdict(Verdict::Partly, true, says(0.7, 0.1)), Verdict::Partly);
        assert_eq!(
            verdict(Verdict::Supported, true, says(0.0, 0.95)),
            Verdict::Partly
        );
        assert_eq!(
            verdict(Verdict::Partly, true, says(0.0, 0.95)),
            Verdict::Unsupported
        );
        assert_eq!(
            verdict(Verdict::Unsupported, true, says(1.0, 0.0)),
            Verdict::Unsupported
        );
    }
}
