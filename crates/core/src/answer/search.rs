//! From a question to the passages that the model reads.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::{AnswerSink, Answerer, AskRequest, CONTEXT_BUDGET, Draft, Evidence, Pages, Understood, ms};
use crate::dropped::Dropped;
use crate::error::{Error, Result};
use crate::locator::Locator;
use crate::problem::Problem;
use crate::prompt;
use crate::query::Query;
use crate::question::acronyms::as_written;
use crate::question::dating::dated_in;
use crate::question::naming::named_in;
use crate::reading::read_around;
use crate::retrieve::{Retriever, SearchOutcome, SearchRequest};
use crate::sieve::Filtered;
use crate::types::{AnswerEvent, AnswerStage, Scope, SearchMode};

/// How much less evidence the documents of some days may have than all have.
const SLACK: f32 = 0.05;

/// What was found, and how much it has to do with the question.
struct Found {
    outcome: SearchOutcome,
    evidence: Evidence,
}

impl Answerer {
    pub(super) async fn search(
        &self,
        request: &AskRequest,
        understood: Understood,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Draft> {
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Searching,
        });
        let searching = Instant::now();
        let mut draft = Draft::new(&understood, &request.scope);
        let found = match self.found_by_name(request, &understood, cancel).await? {
            Some(found) => found,
            None => {
                let asked = understood.asked.clone();
                let all = self
                    .found(asked, request.scope.clone(), &understood.query, request, cancel)
                    .await?;
                match self.found_by_date(request, &understood, &all, cancel).await? {
                    Some(found) => found,
                    None => all,
                }
            }
        };
        (draft.found, draft.evidence) = (found.outcome, found.evidence);
        draft.question = self.wording(&draft.query, &draft.found);
        draft.pages = self
            .widen(&draft.query, &mut draft.found, request.max_tokens)
            .await?;
        draft.timings.rerank = draft.found.rerank_ms;
        draft.timings.search = ms(searching) - draft.found.rerank_ms;
        Ok(draft)
    }

    /// The best passages of the document that the question names, if it names one and that has enough to say.
    async fn found_by_name(
        &self,
        request: &AskRequest,
        understood: &Understood,
        cancel: &CancellationToken,
    ) -> Result<Option<Found>> {
        let scope = &request.scope;
        if !may_be_narrowed(scope, &understood.asked) {
            return Ok(None);
        }
        let names = self.ledger.document_names(scope.collection.as_deref()).await?;
        let Some(named) = named_in(&understood.query, &names) else {
            return Ok(None);
        };
        let own = Scope {
            documents: named.documents.clone(),
            ..scope.clone()
        };
        // The name itself need not stand in the text.
        let mut found = self
            .found(understood.asked.clone(), own, &named.rest, request, cancel)
            .await?;
        if !self.gate.passes(&found.evidence) {
            return Ok(None);
        }
        found.outcome.filtered = Some(Filtered {
            filters: vec![format!("file:{}", named.file)],
            documents: named.documents.len() as u32,
            of: names.len() as u32,
            ..Filtered::default()
        });
        Ok(Some(found))
    }

    /// The best passages of the documents of the days that the question names, if they have as much to say as `all` have: a
    /// file's own date may be missing or wrong.
    async fn found_by_date(
        &self,
        request: &AskRequest,
        understood: &Understood,
        all: &Found,
        cancel: &CancellationToken,
    ) -> Result<Option<Found>> {
        if !may_be_narrowed(&request.scope, &understood.asked) {
            return Ok(None);
        }
        let Some(dated) = dated_in(&understood.query, jiff::Zoned::now().date()) else {
            return Ok(None);
        };
        let asked = understood.asked.within(dated.after, dated.before);
        let found = self
            .found(asked, request.scope.clone(), &dated.rest, request, cancel)
            .await?;
        let least = self
            .measure(&dated.rest, &all.outcome)
            .score
            .max(all.evidence.score);
        let enough = self.gate.passes(&found.evidence) && found.evidence.score + SLACK >= least;
        Ok(enough.then_some(found))
    }

    /// The best passages for a query, measured against `about`.
    async fn found(
        &self,
        query: Query,
        scope: Scope,
        about: &str,
        request: &AskRequest,
        cancel: &CancellationToken,
    ) -> Result<Found> {
        let outcome = self.retrieve(query, scope, request.passages, cancel).await?;
        let evidence = self.measure(about, &outcome);
        Ok(Found { outcome, evidence })
    }

    /// Evidence for a question, or for the best supported of those that it is made of.
    fn measure(&self, question: &str, found: &SearchOutcome) -> Evidence {
        let parts = found.sub_questions.iter().map(String::as_str);
        let measured = std::iter::once(question)
            .chain(parts)
            .map(|part| self.gate.measure(&self.wording(part, found), &found.passages));
        measured
            .max_by(|a, b| a.score.total_cmp(&b.score))
            .unwrap_or_default()
    }

    /// A question in the passages' own words, where they have only the other side of an acronym.
    fn wording(&self, question: &str, found: &SearchOutcome) -> String {
        if found.acronyms.is_empty() {
            return question.to_owned();
        }
        let texts = found.passages.iter().map(|passage| {
            let headings = passage.headings.join("\n");
            format!("{}\n{headings}\n{}", passage.title, passage.text)
        });
        as_written(question, &found.acronyms, &texts.collect::<Vec<_>>().join("\n"))
    }

    /// The best passages for a query.
    pub(super) async fn retrieve(
        &self,
        query: Query,
        scope: Scope,
        limit: usize,
        cancel: &CancellationToken,
    ) -> Result<SearchOutcome> {
        let _visible = self.visibility.read().await;
        let retriever = Retriever {
            embedders: &self.embedders,
            store: self.store.as_ref(),
            ledger: self.ledger.as_ref(),
            reranker: self.reranker.as_ref(),
        };
        let request = SearchRequest {
            query,
            scope,
            mode: SearchMode::Hybrid,
            limit,
            per_document: None,
        };
        retriever.search(&request, cancel).await
    }

    /// Makes of the passages found what is read: with what stands around them, as many as fit. Returns their pages.
    ///
    /// # Errors
    /// Not even the question fits, or the register cannot be read.
    pub(crate) async fn widen(
        &self,
        question: &str,
        found: &mut SearchOutcome,
        max_tokens: usize,
    ) -> Result<Pages> {
        let pages = self.pages(&found.passages).await?;
        read_around(found, |passage| {
            pages.get(&(passage.revision.clone(), passage.page))
        });
        self.pack(question, found, max_tokens)?;
        for passage in &mut found.passages {
            if let Some(page) = pages.get(&(passage.revision.clone(), passage.page)) {
                passage.locator = Locator::of(page, passage.span);
            }
        }
        Ok(pages)
    }

    /// Leaves out the passages that do not fit into the model's context beside better ones.
    fn pack(&self, question: &str, found: &mut SearchOutcome, max_tokens: usize) -> Result<()> {
        let budget = self.generator.context_tokens().min(CONTEXT_BUDGET);
        let fixed: usize = self
            .prompt(question)
            .answer(question, &[])
            .iter()
            .map(|message| Ok(self.generator.count_tokens(&message.text)? + 8))
            .sum::<Result<usize>>()?;
        let Some(mut room) = budget.checked_sub(fixed + max_tokens).filter(|room| *room > 64) else {
            return Err(Error::user("The question is too long for the model's context")
                .code(crate::ErrorCode::QuestionTooLong)
                .problem(Problem::QuestionOverContext)
                .hint("Shorten the question"));
        };
        // Which candidate each passage was.
        let chosen = (0..found.candidates.len()).filter(|at| found.candidates[*at].dropped.is_none());
        let chosen: Vec<usize> = chosen.collect();
        let mut kept = Vec::with_capacity(found.passages.len());
        for (at, mut passage) in found.passages.drain(..).enumerate() {
            let size = self.generator.count_tokens(&prompt::passage_text(&passage))?;
            if let Some(left) = room.checked_sub(size) {
                room = left;
                passage.rank = kept.len() as u32 + 1;
                kept.push(passage);
            } else if let Some(candidate) = chosen.get(at).and_then(|at| found.candidates.get_mut(*at)) {
                // A shorter one after it may still fit.
                candidate.dropped = Some(Dropped::NoRoom);
            }
        }
        found.passages = kept;
        Ok(())
    }
}

/// Whether it is left to the question where to look.
fn may_be_narrowed(scope: &Scope, asked: &Query) -> bool {
    scope.documents.is_empty() && asked.filters().is_empty()
}
