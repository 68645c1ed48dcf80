//! Question to cited answer.

mod compare;
mod decide;
mod disagree;
mod entailment;
mod exhaustive;
mod gate;
mod notes;
mod sections;
mod stream;
mod suggest;
mod summarize;
mod tabular;
mod wording;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

pub use gate::{Evidence, EvidenceGate};
use stream::{Source, Streamer, Written};

use crate::citation::OnlySupplied;
use crate::comparison::Comparison;
use crate::error::{Error, Result};
use crate::ids::{ConversationId, RevisionId, TurnId};
use crate::ingest::now;
use crate::locator::{Locator, locate, places_of};
use crate::naming::named_in;
use crate::ports::{
    ChunkStore, Constraint, Entailment, FinishReason, GenerateRequest, Generator, Ledger, Message, Reranker,
    Sampling, TableEngine,
};
use crate::prompt::{self, Prompt, Prompts};
use crate::query::Query;
use crate::reading::read_around;
use crate::retrieve::{QueryEmbedders, Retriever, SearchOutcome, SearchRequest, check_query};
use crate::sieve::{Filtered, in_scope};
use crate::summary::SummaryRequest;
use crate::tables::kept::KeptTables;
use crate::tables::words::may_be_computed;
use crate::types::{
    Answer, AnswerEvent, AnswerStage, Citation, Disagreement, IndexSpec, Page, Passage, Scope, SearchMode,
    Side, Timings, TokenCounts, Trace, Turn, Verdict,
};
use crate::whole::WholeScope;

/// Where an answer's events go. Called from any thread; must not block.
pub type AnswerSink = Arc<dyn Fn(AnswerEvent) + Send + Sync>;

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct AskRequest {
    /// As typed.
    pub question: String,
    /// Where to look.
    pub scope: Scope,
    /// The conversation it belongs to; a new one if none.
    pub conversation: Option<ConversationId>,
    /// How many passages the model reads at most.
    pub passages: usize,
    /// How much it may write.
    pub max_tokens: usize,
    /// How it chooses words.
    pub sampling: Sampling,
    /// Whether question and answer are kept in the conversation.
    pub keep: bool,
}

impl AskRequest {
    /// A question over all documents with the default settings.
    pub fn new(question: impl Into<String>) -> Self {
        Self {
            question: question.into(),
            scope: Scope::default(),
            conversation: None,
            passages: 5,
            max_tokens: 320,
            sampling: Sampling::Greedy,
            keep: true,
        }
    }
}

/// Most tokens of prompt and answer together, whatever the model could take: on a processor every
/// hundred tokens of prompt cost a person a noticeable wait.
const CONTEXT_BUDGET: usize = 4_096;

/// The parts that answering needs.
#[derive(Clone)]
pub struct Answerer {
    /// Embed the question.
    pub embedders: QueryEmbedders,
    /// Searched.
    pub store: Arc<dyn ChunkStore>,
    /// Has pages and conversations.
    pub ledger: Arc<dyn Ledger>,
    /// Writes.
    pub generator: Arc<dyn Generator>,
    /// Orders passages anew, if installed.
    pub reranker: Option<Arc<dyn Reranker>>,
    /// Judges sentences against their sources, if installed.
    pub entailment: Option<Arc<dyn Entailment>>,
    /// Computes over tables.
    pub tables: Arc<dyn TableEngine>,
    /// Tables of earlier questions.
    pub kept_tables: Arc<KeptTables>,
    /// Decides whether there is enough evidence to answer.
    pub gate: EvidenceGate,
    /// What the model is told to do.
    pub prompts: Prompts,
    /// What the index was made with.
    pub spec: IndexSpec,
    /// Held for reading while a search runs.
    pub visibility: Arc<tokio::sync::RwLock<()>>,
}

/// A question that stands alone.
struct Understood {
    conversation: ConversationId,
    started: Instant,
    /// With its filters.
    asked: Query,
    /// Without them.
    query: String,
    /// The id of the prompt that made it stand alone, if one did.
    rewrite_prompt: Option<String>,
    timings: Timings,
}

/// What is known before generation.
struct Draft {
    question: String,
    conversation: ConversationId,
    started: Instant,
    query: String,
    scope: Scope,
    found: SearchOutcome,
    evidence: Evidence,
    timings: Timings,
    rewrite_prompt: Option<String>,
    prompt_text: String,
    /// Those of the passages found.
    pages: Pages,
}

/// Pages by revision and number.
type Pages = HashMap<(RevisionId, u32), Page>;

impl Draft {
    fn new(understood: &Understood, scope: &Scope) -> Self {
        Self {
            scope: scope.clone(),
            question: understood.query.clone(),
            conversation: understood.conversation.clone(),
            started: understood.started,
            query: understood.query.clone(),
            found: SearchOutcome::default(),
            evidence: Evidence::default(),
            timings: understood.timings,
            rewrite_prompt: understood.rewrite_prompt.clone(),
            prompt_text: String::new(),
            pages: Pages::new(),
        }
    }
}

/// What the generator is to write.
struct Order {
    messages: Vec<Message>,
    max_tokens: usize,
    sampling: Sampling,
    form: Form,
    /// Sentences after which it is stopped.
    most_sentences: usize,
}

/// The form of what is written.
enum Form {
    /// Text with markers of supplied passages.
    Markers(OnlySupplied),
    /// A JSON value by this schema.
    Json(serde_json::Value),
}

impl Answerer {
    /// Answers; every event goes to `sink`, the last one being exactly one of `Done`, `Abstained`,
    /// `Failed` and `Canceled`. The turn is saved unless it failed, or is not to be kept.
    ///
    /// # Errors
    /// The error that `Failed` carries, or [`Error::canceled`].
    pub async fn ask(
        &self,
        request: AskRequest,
        sink: AnswerSink,
        cancel: CancellationToken,
    ) -> Result<Answer> {
        let result = self.run(&request, &sink, &cancel).await;
        match &result {
            Ok(Outcome::Done(answer)) => sink(AnswerEvent::Done {
                answer: Box::new(answer.clone()),
            }),
            Ok(Outcome::Abstained(answer)) => sink(AnswerEvent::Abstained {
                answer: Box::new(answer.clone()),
            }),
            Ok(Outcome::Canceled(answer)) => {
                sink(AnswerEvent::Canceled {
                    answer: Some(Box::new(answer.clone())),
                });
            }
            Err(error) if error.is_canceled() => sink(AnswerEvent::Canceled { answer: None }),
            Err(error) => sink(AnswerEvent::Failed { error: error.clone() }),
        }
        match result? {
            Outcome::Done(answer) | Outcome::Abstained(answer) => Ok(answer),
            Outcome::Canceled(_) => Err(Error::canceled()),
        }
    }

    async fn run(
        &self,
        request: &AskRequest,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        check_query(&request.question)?;
        let understood = self.understand(request, sink, cancel).await?;
        let mut outcome = self.outcome(request, understood, sink, cancel).await?;
        let (Outcome::Done(answer) | Outcome::Abstained(answer) | Outcome::Canceled(answer)) = &mut outcome;
        locate(self.ledger.as_ref(), places_of(answer)).await?;
        if !request.keep {
            return Ok(outcome);
        }
        let (Outcome::Done(answer) | Outcome::Abstained(answer) | Outcome::Canceled(answer)) = &outcome;
        self.ledger
            .add_turn(&Turn {
                id: answer.turn.clone(),
                conversation: answer.conversation.clone(),
                question: request.question.trim().to_owned(),
                answer: answer.clone(),
                feedback: None,
                created_at: now(),
            })
            .await?;
        Ok(outcome)
    }

    /// Takes the way that the question's wording asks for.
    async fn outcome(
        &self,
        request: &AskRequest,
        understood: Understood,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        if let Some(whole) = WholeScope::detect(&understood.query) {
            return self.count(&whole, understood, &request.scope, sink, cancel).await;
        }
        if let Some(summary) = SummaryRequest::detect(&understood.query)
            && let Some(outcome) = self
                .summarize(&summary, &understood, &request.scope, sink, cancel)
                .await?
        {
            return Ok(outcome);
        }
        if let Some(comparison) = Comparison::detect(&understood.query) {
            return self
                .compare(&comparison, understood, &request.scope, sink, cancel)
                .await;
        }
        match self.tabulate(&understood, &request.scope, sink, cancel).await? {
            Some(answer) => Ok(Outcome::Done(answer)),
            None => self.find(request, understood, sink, cancel).await,
        }
    }

    /// Answers from the best passages, or abstains.
    async fn find(
        &self,
        request: &AskRequest,
        understood: Understood,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        let mut draft = self.search(request, understood, sink, cancel).await?;
        sink(AnswerEvent::Passages {
            query: draft.query.clone(),
            passages: draft.found.passages.clone(),
        });
        if self.gate.passes(&draft.evidence) {
            self.write(request, &mut draft, sink, cancel).await
        } else {
            Ok(Outcome::Abstained(
                self.abstain(&request.scope, &draft, None).await?,
            ))
        }
    }

    /// Reads the question's filters, and makes it stand alone if it leans on the conversation.
    async fn understand(
        &self,
        request: &AskRequest,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Understood> {
        let started = Instant::now();
        let conversation = request.conversation.clone().unwrap_or_else(ConversationId::new);
        let turns = match &request.conversation {
            Some(id) => self.ledger.turns(id).await?,
            None => Vec::new(),
        };
        let mut asked = Query::parse(&request.question);
        asked.check()?;
        let mut query = asked.question();
        let mut timings = Timings::default();
        let mut rewrite_prompt = None;
        // "What is the total fee?" is short and stands alone; what points back does not.
        let alone = || goes_its_own_way(&query) || (may_be_computed(&query) && !points_back(&query));
        if depends_on_history(&query, &turns) && !alone() {
            sink(AnswerEvent::Stage {
                stage: AnswerStage::Rewriting,
            });
            query = self.rewrite(&query, turns, cancel).await?;
            asked = asked.reworded(&query);
            timings.rewrite = ms(started);
            rewrite_prompt = Some(self.prompts.to_rewrite().id.into_owned());
        }
        Ok(Understood {
            conversation,
            started,
            asked,
            query,
            rewrite_prompt,
            timings,
        })
    }

    async fn search(
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
        match self.found_by_name(request, &understood, cancel).await? {
            Some((found, evidence)) => (draft.found, draft.evidence) = (found, evidence),
            None => {
                draft.found = self
                    .retrieve(understood.asked, request.scope.clone(), request.passages, cancel)
                    .await?;
                draft.evidence = self.gate.measure(&draft.query, &draft.found.passages);
            }
        }
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
    ) -> Result<Option<(SearchOutcome, Evidence)>> {
        let scope = &request.scope;
        if !scope.documents.is_empty() || !understood.asked.filters().is_empty() {
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
        let mut found = self
            .retrieve(understood.asked.clone(), own, request.passages, cancel)
            .await?;
        // The name itself need not stand in the text.
        let evidence = self.gate.measure(&named.rest, &found.passages);
        if !self.gate.passes(&evidence) {
            return Ok(None);
        }
        found.filtered = Some(Filtered {
            filters: vec![format!("file:{}", named.file)],
            documents: named.documents.len() as u32,
            of: names.len() as u32,
            advice: None,
        });
        Ok(Some((found, evidence)))
    }

    /// The best passages for a query.
    async fn retrieve(
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
                candidate.dropped = Some("no room in the model's context".into());
            }
        }
        found.passages = kept;
        Ok(())
    }

    /// A follow-up made to stand alone; if the model does not manage, the question before it is
    /// searched along.
    async fn rewrite(&self, question: &str, turns: Vec<Turn>, cancel: &CancellationToken) -> Result<String> {
        let last = turns.last();
        let before = last.map_or_else(String::new, |turn| Query::parse(&turn.question).question());
        let history = prompt::history(&turns);
        let order = Order {
            messages: self.prompts.to_rewrite().rewrite(question, &history),
            // As much as the schema's longest question, in nearly any language.
            max_tokens: 160,
            sampling: Sampling::Greedy,
            form: Form::Json(prompt::rewrite_schema()),
            most_sentences: usize::MAX,
        };
        let rewritten = match self.generate(order, cancel, |_| ControlFlow::Continue(())).await {
            Ok((generated, _)) if generated.finish == FinishReason::Canceled => return Err(Error::canceled()),
            Ok((generated, _)) => prompt::rewritten(&generated.text),
            Err(error) if error.is_canceled() => return Err(error),
            // Searching can go on without; if the model is broken, the answer will say so.
            Err(_) => None,
        };
        Ok(rewritten
            .filter(|rewritten| stands_alone(rewritten, question, &history))
            // A question that only looks short is better searched as it is than mixed with another.
            .unwrap_or_else(|| {
                if points_back(question) {
                    format!("{before} {question}")
                } else {
                    question.to_owned()
                }
            }))
    }

    fn prompt(&self, question: &str) -> Prompt {
        self.prompts.to_answer(question, self.generator.weights())
    }

    async fn generate(
        &self,
        order: Order,
        cancel: &CancellationToken,
        mut each: impl FnMut(&str) -> ControlFlow<()> + Send + 'static,
    ) -> Result<(crate::ports::Generated, Option<Instant>)> {
        let (generator, cancel) = (Arc::clone(&self.generator), cancel.clone());
        tokio::task::spawn_blocking(move || {
            let mut first = None;
            let request = GenerateRequest {
                messages: &order.messages,
                max_tokens: order.max_tokens,
                stop: &[],
                sampling: order.sampling,
                constraint: Some(match &order.form {
                    Form::Markers(only) => Constraint::Text(only),
                    Form::Json(schema) => Constraint::Json(schema),
                }),
            };
            let mut sink = |piece: &str| {
                first.get_or_insert_with(Instant::now);
                each(piece)
            };
            let generated = generator.generate(&request, &mut sink, &cancel)?;
            Ok((generated, first))
        })
        .await
        .map_err(|e| Error::bug(format!("the generator stopped: {e}")))?
    }

    async fn write(
        &self,
        request: &AskRequest,
        draft: &mut Draft,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Reading,
        });
        if let Some(written) = decide::decided(draft)? {
            draft.timings.first_token = Some(ms(draft.started));
            let text = written.text.clone();
            sink(AnswerEvent::Delta { text });
            for citation in written.citations.iter().cloned() {
                sink(AnswerEvent::Citation { citation });
            }
            return Ok(Outcome::Done(self.done(draft, written).await?));
        }
        let sources = sources(&draft.found.passages, &draft.pages)?;
        let messages = self
            .prompt(&draft.question)
            .answer(&draft.question, &draft.found.passages);
        draft.prompt_text = prompt_text(&messages);
        let order = Order {
            messages,
            max_tokens: request.max_tokens,
            sampling: request.sampling,
            form: Form::Markers(OnlySupplied {
                count: draft.found.passages.len() as u32,
            }),
            most_sentences: usize::MAX,
        };
        let (written, generated, first) = self.stream(&draft.question, sources, order, sink, cancel).await?;
        draft.timings.first_token = first.map(|at| (at - draft.started).as_secs_f64() * 1e3);
        let supported = written
            .sentences
            .iter()
            .any(|sentence| sentence.verdict != Verdict::Unsupported);
        let canceled = generated.finish == FinishReason::Canceled;
        let refused = written.not_found || self.prompt(&draft.question).is_echoed_by(&written.text);
        if !canceled && (refused || !supported || written.conflict.is_some()) {
            let close = written.conflict.and(written.citations.first());
            let mut answer = self.abstain(&request.scope, draft, close).await?;
            answer.tokens = generated.tokens;
            return Ok(Outcome::Abstained(answer));
        }
        let mut answer = self.done(draft, written).await?;
        answer.tokens = generated.tokens;
        Ok(if canceled {
            Outcome::Canceled(answer)
        } else {
            Outcome::Done(answer)
        })
    }

    /// An answer of what was written.
    async fn done(&self, draft: &Draft, written: Written) -> Result<Answer> {
        let mut answer = self.answer(draft);
        answer.answer = written.text;
        answer.sentences = written.sentences;
        answer.citations = written.citations;
        answer.disagreements = self.dated(written.disagreements).await?;
        answer.timings_ms.total = ms(draft.started);
        Ok(answer)
    }

    /// What the generator writes by `order`, each sentence checked against `sources` as it streams; with the time of
    /// its first word.
    async fn stream(
        &self,
        question: &str,
        sources: Vec<Source>,
        order: Order,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<(Written, crate::ports::Generated, Option<Instant>)> {
        let streamer = Streamer::new(question, sources, Arc::clone(sink)).at_most(order.most_sentences);
        let streamer = Arc::new(Mutex::new(streamer));
        let feed = Arc::clone(&streamer);
        let writing = Arc::clone(sink);
        let mut begun = false;
        let (generated, first) = self
            .generate(order, cancel, move |piece| {
                if !std::mem::replace(&mut begun, true) {
                    writing(AnswerEvent::Stage {
                        stage: AnswerStage::Writing,
                    });
                }
                match feed.lock() {
                    Ok(mut streamer) => {
                        streamer.push(piece);
                        if streamer.is_full() {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    }
                    Err(_) => ControlFlow::Break(()),
                }
            })
            .await?;
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Checking,
        });
        let mut written = Arc::into_inner(streamer)
            .and_then(|streamer| streamer.into_inner().ok())
            .ok_or_else(|| Error::bug("the answer's stream broke"))?
            .finish();
        // What was written before a stop is kept with the verdicts it has.
        if let Some(entailment) = self.entailment.as_ref().filter(|_| !cancel.is_cancelled()) {
            entailment::judge(entailment, question, &mut written, cancel).await?;
        }
        Ok((written, generated, first))
    }

    /// The pages of passages, but for those that are not there any more.
    async fn pages(&self, passages: &[Passage]) -> Result<Pages> {
        let mut pages = Pages::new();
        for passage in passages {
            let key = (passage.revision.clone(), passage.page);
            if !pages.contains_key(&key)
                && let Some(page) = self.ledger.page(&passage.revision, passage.page).await?
            {
                pages.insert(key, page);
            }
        }
        Ok(pages)
    }

    /// The passages with the whole text of their pages, read for this.
    async fn sources(&self, passages: &[Passage]) -> Result<Vec<Source>> {
        sources(passages, &self.pages(passages).await?)
    }

    /// `close`: what would have carried the answer, had it been about the question.
    async fn abstain(&self, scope: &Scope, draft: &Draft, close: Option<&Citation>) -> Result<Answer> {
        let searched = in_scope(self.ledger.as_ref(), scope).await?.len();
        let mut answer = self.answer(draft);
        answer.abstained = true;
        answer.answer = gate::abstention_text(
            &draft.query,
            searched,
            &draft.found.passages,
            draft.found.filtered.as_ref(),
            close,
        );
        answer.timings_ms.total = ms(draft.started);
        Ok(answer)
    }

    /// Disagreements with the dates of their documents.
    async fn dated(&self, found: Vec<Vec<Citation>>) -> Result<Vec<Disagreement>> {
        let mut disagreements = Vec::with_capacity(found.len());
        for citations in found {
            let mut sides = Vec::with_capacity(citations.len());
            for citation in citations {
                let document = self.ledger.document(&citation.document).await?;
                sides.push(Side {
                    date: document.and_then(|document| document.date),
                    citation,
                });
            }
            disagreements.push(Disagreement { sides });
        }
        Ok(disagreements)
    }

    /// Ids of the models at work, by role.
    fn models(&self) -> Vec<(String, String)> {
        let mut models = vec![
            ("embedder".to_owned(), self.embedders.current.embedder.id()),
            ("generator".to_owned(), self.generator.id()),
        ];
        models.extend(
            self.reranker
                .iter()
                .map(|model| ("reranker".to_owned(), model.id())),
        );
        models.extend(
            self.entailment
                .iter()
                .map(|model| ("entailment".to_owned(), model.id())),
        );
        models
    }

    fn answer(&self, draft: &Draft) -> Answer {
        Answer {
            answer: String::new(),
            abstained: false,
            sentences: Vec::new(),
            citations: Vec::new(),
            disagreements: Vec::new(),
            passages: draft.found.passages.clone(),
            trace: Trace {
                query: draft.query.clone(),
                scope: draft.scope.clone(),
                prompt: self.prompt(&draft.question).id.into_owned(),
                rewrite_prompt: draft.rewrite_prompt.clone(),
                prompt_text: draft.prompt_text.clone(),
                models: self.models(),
                index: Some(self.spec.clone()),
                candidates: draft.found.candidates.clone(),
                evidence: draft.evidence.score,
                filtered: draft.found.filtered.clone(),
                scan: None,
                summarized: None,
                table: None,
            },
            timings_ms: draft.timings,
            tokens: TokenCounts::default(),
            conversation: draft.conversation.clone(),
            turn: TurnId::new(),
        }
    }
}

enum Outcome {
    Done(Answer),
    Abstained(Answer),
    Canceled(Answer),
}

/// Whether a rewritten question keeps what was asked and adds something that `history` has.
fn stands_alone(rewritten: &str, question: &str, history: &str) -> bool {
    let terms = crate::text::content_terms;
    let (new, old, history) = (terms(rewritten), terms(question), terms(history));
    let keeps = old.iter().filter(|term| new.contains(term)).count() * 2 >= old.len();
    keeps
        && new
            .iter()
            .any(|term| !old.contains(term) && history.contains(term))
}

/// The passages with the whole text of their pages: quotes are whole sentences.
fn sources(passages: &[Passage], pages: &Pages) -> Result<Vec<Source>> {
    let mut texts: HashMap<(RevisionId, u32), Arc<str>> = HashMap::new();
    let of = |passage: &Passage| {
        let key = (passage.revision.clone(), passage.page);
        let page = pages.get(&key).ok_or_else(|| {
            Error::runtime(format!("{} was changed or removed meanwhile", passage.title)).hint("Ask again")
        })?;
        let text = texts.entry(key).or_insert_with(|| page.text.as_str().into());
        Ok(Source {
            passage: passage.clone(),
            page_text: Arc::clone(text),
        })
    };
    passages.iter().map(of).collect()
}

/// Messages as a trace shows them.
fn prompt_text(messages: &[Message]) -> String {
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    texts.join("\n\n")
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Whether a question leans on the turns before it: it points back, or has hardly a word of its own.
fn depends_on_history(question: &str, turns: &[Turn]) -> bool {
    // "What is the capital of Poland?" has two words, one of them a name: that is enough to go on.
    let named = question
        .split_whitespace()
        .skip(1)
        .any(|word| word.starts_with(char::is_uppercase));
    let few = crate::text::content_terms(question).len() <= if named { 1 } else { 2 };
    !turns.is_empty() && (few || points_back(question))
}

/// Whether a question is answered otherwise than from the best passages, so that what it leans on is not missed.
fn goes_its_own_way(question: &str) -> bool {
    WholeScope::detect(question).is_some()
        || SummaryRequest::detect(question).is_some()
        || Comparison::detect(question).is_some()
}

/// Whether words of a question stand for something said before.
fn points_back(question: &str) -> bool {
    const POINTERS: &[&str] = &[
        "it", "its", "they", "them", "their", "he", "him", "his", "she", "her", "this", "that", "these",
        "those", "there", "one", "ones", "former", "latter", "same", "else", "er", "sie", "es", "ihn", "ihr",
        "sein", "seine", "dort", "davon", "dazu", "damit", "dieser", "diese", "dieses",
    ];
    let lower = question.to_lowercase();
    let begins = ["and ", "what about", "how about", "und ", "why?", "warum?"]
        .iter()
        .any(|b| lower.starts_with(b));
    let points = lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| POINTERS.contains(&word));
    begins || points
}
