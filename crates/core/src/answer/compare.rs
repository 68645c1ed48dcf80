//! Two things side by side: each is searched for and told of by itself, so that neither takes the other's words.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::exhaustive::{passage, proved};
use super::notes::{Cost, Digest, Facts, list, send};
use super::{AnswerSink, Answerer, Draft, Outcome, Understood, ms};
use crate::comparison::Comparison;
use crate::error::{Error, Result};
use crate::find::Language;
use crate::meant::named;
use crate::sieve::in_scope;
use crate::types::{AnswerEvent, AnswerStage, Scope, Unproved};

/// Passages read for each side.
const PASSAGES: usize = 3;
/// Facts told of each side.
const FACTS: usize = 3;

impl Answerer {
    /// Tells of both sides what their passages say.
    pub(super) async fn compare(
        &self,
        comparison: &Comparison,
        understood: Understood,
        scope: &Scope,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Searching,
        });
        let searching = Instant::now();
        let documents = in_scope(self.ledger.as_ref(), scope).await?;
        let mut draft = Draft::new(&understood, scope);
        let mut sides = Vec::new();
        for side in &comparison.sides {
            let about = comparison.about(side);
            // What is named like a document is looked for there, and in what respect is all there is to look for.
            let own = named(&documents, side);
            let within = Scope {
                collection: scope.collection.clone(),
                documents: match own.is_empty() {
                    true => scope.documents.clone(),
                    false => own.iter().map(|document| document.id.clone()).collect(),
                },
            };
            let words = match (&comparison.respect, own.is_empty()) {
                (Some(respect), false) => respect,
                _ => &about,
            };
            let mut found = self
                .retrieve(understood.asked.reworded(words), within, PASSAGES, cancel)
                .await?;
            let evidence = self.gate.measure(words, &found.passages);
            if !self.gate.passes(&evidence) {
                found.passages.clear();
            }
            if evidence.score > draft.evidence.score {
                draft.evidence = evidence;
            }
            draft.found.candidates.extend(found.candidates);
            draft.found.filtered = draft.found.filtered.or(found.filtered);
            draft.found.passages.extend(found.passages.clone());
            sides.push((about, found.passages));
        }
        draft.timings.search = ms(searching);
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Reading,
        });
        let prompt = self.prompts.to_tell_about();
        let mut cost = Cost::default();
        let mut digests = Vec::new();
        for (side, (about, passages)) in comparison.sides.iter().zip(sides) {
            let ask = Facts {
                prompt: &prompt,
                about: &about,
                most: FACTS,
                unproved: Unproved::Marked,
            };
            let sources = self.sources(&passages).await?;
            digests.push(Digest {
                title: side.clone(),
                notes: self.noted(sources, ask, &mut cost, cancel).await?,
            });
        }
        let nothing = digests.iter().all(|digest| digest.notes.is_empty());
        if cost.canceled && nothing {
            return Err(Error::canceled());
        }
        if nothing {
            for (passage, rank) in draft.found.passages.iter_mut().zip(1..) {
                passage.rank = rank;
            }
            sink(AnswerEvent::Passages {
                query: draft.query.clone(),
                passages: draft.found.passages.clone(),
            });
            let mut answer = self.abstain(scope, &draft, None).await?;
            answer.tokens = cost.tokens;
            return Ok(Outcome::Abstained(answer));
        }
        let mut told = list(&digests);
        for digest in digests.iter().filter(|digest| digest.notes.is_empty()) {
            let text = match comparison.language {
                Language::English => format!(
                    "Your documents say nothing about {} that was found.",
                    digest.title
                ),
                Language::German => format!("Über {} wurde in den Dokumenten nichts gefunden.", digest.title),
            };
            told.text.push_str(&format!("\n\n{text}"));
            told.sentences.push(proved(text, Vec::new()));
        }
        draft.found.passages = told.citations.iter().map(passage).collect();
        draft.timings.first_token = Some(ms(draft.started));
        let mut answer = self.answer(&draft);
        answer.trace.prompt = prompt.id.into_owned();
        answer.trace.prompt_text = cost.prompt_text;
        answer.tokens = cost.tokens;
        send(&told.text, &told.citations, &draft, sink);
        answer.answer = told.text;
        answer.sentences = told.sentences;
        answer.citations = told.citations;
        answer.timings_ms.total = ms(draft.started);
        Ok(if cost.canceled {
            Outcome::Canceled(answer)
        } else {
            Outcome::Done(answer)
        })
    }
}
