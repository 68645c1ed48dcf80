//! Exchanging models while the engine works, and handing its work over to another engine.

use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;

use super::{Engine, EngineParts};
use crate::answer::{AnswerSink, AskRequest};
use crate::error::Result;
use crate::ports::{Entailment, Generator, Reranker};
use crate::types::Answer;

/// The models that nothing on disk depends on. What is being answered goes on with those it began with.
pub(super) struct Writers {
    generator: RwLock<Option<Arc<dyn Generator>>>,
    reranker: RwLock<Option<Arc<dyn Reranker>>>,
    grounder: RwLock<Option<Arc<dyn Entailment>>>,
}

impl Writers {
    pub(super) fn new(parts: &EngineParts) -> Self {
        Self {
            generator: RwLock::new(parts.generator.clone()),
            reranker: RwLock::new(parts.reranker.clone()),
            grounder: RwLock::new(parts.entailment.clone()),
        }
    }

    pub(super) fn generator(&self) -> Option<Arc<dyn Generator>> {
        let generator = self.generator.read();
        generator.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn reranker(&self) -> Option<Arc<dyn Reranker>> {
        let reranker = self.reranker.read();
        reranker.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn grounder(&self) -> Option<Arc<dyn Entailment>> {
        let grounder = self.grounder.read();
        grounder.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Engine {
    /// Answers are written by this model from the next question on.
    pub fn use_generator(&self, generator: Arc<dyn Generator>) {
        let slot = self.inner.writers.generator.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = Some(generator);
    }

    /// Passages are ordered by this model from the next question on; with none, they stay as the search ranks them.
    pub fn use_reranker(&self, reranker: Option<Arc<dyn Reranker>>) {
        let slot = self.inner.writers.reranker.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = reranker;
    }

    /// Sentences get a second opinion from this model from the next question on; with none, verdicts are those of the words.
    pub fn use_grounder(&self, grounder: Option<Arc<dyn Entailment>>) {
        let slot = self.inner.writers.grounder.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = grounder;
    }

    /// Answers a question with this model instead of the one in use; the turn is not kept.
    ///
    /// # Errors
    /// Those of [`Engine::ask`].
    pub async fn try_out(
        &self,
        mut request: AskRequest,
        generator: Arc<dyn Generator>,
        sink: AnswerSink,
        cancel: CancellationToken,
    ) -> Result<Answer> {
        request.keep = false;
        let _waiting = self.inner.foreground.enter();
        self.answer_with(generator, request, sink, cancel).await
    }

    /// Stops indexing so that another engine can be opened over the same stores: with another embedder, say. The file
    /// at work is given up and, like those behind it, waits for that engine. Comes back when nothing is written any more.
    pub async fn retire(&self) {
        self.halt();
        // Whoever writes holds this.
        let _turn = self.inner.ingest.lock().await;
        // The other engine finishes what was begun.
        self.inner.removals.give_up();
    }
}
