//! Question to cited answer.

mod cell;
mod compare;
mod decide;
mod disagree;
mod entailment;
mod exhaustive;
mod gate;
mod notes;
mod search;
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
use crate::locator::{locate, places_of};
use crate::ports::{
    ChunkStore, Constraint, Entailment, FinishReason, GenerateRequest, Generator, Ledger, Message, Reranker,
    Sampling, TableEngine,
};
use crate::problem::Problem;
use crate::prompt::{self, Prompt, Prompts};
use crate::query::Query;
use crate::question::{depends_on_history, goes_its_own_way, points_back, stands_alone};
use crate::retrieve::{QueryEmbedders, SearchOutcome, check_query};
use crate::sieve::in_scope;
use crate::summary::SummaryRequest;
use crate::tables::kept::KeptTables;
use crate::tables::words::may_be_computed;
use crate::types::{
    Answer, AnswerEvent, AnswerStage, Citation, Disagreement, IndexSpec, Page, Passage, Scope, Side, Timings,
    TokenCounts, Trace, Turn, Unproved, Verdict,
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
    /// What becomes of sentences that no source carries.
    pub unproved: Unproved,
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
            unproved: Unproved::Marked,
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
    unproved: Unproved,
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
    unproved: Unproved,
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
            unproved: understood.unproved,
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
    unproved: Unproved,
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
        if let Some(whole) = WholeScope::detect(&understood.query)
            && let Some(outcome) = self
                .count(&whole, &understood, &request.scope, sink, cancel)
                .await?
        {
            return Ok(outcome);
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
            unproved: request.unproved,
            timings,
        })
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
            unproved: Unproved::Marked,
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
        let sources = sources(&draft.found.passages, &draft.pages)?;
        let exact =
            decide::decided(&draft.question, &sources).or_else(|| cell::looked_up(&draft.question, &sources));
        if let Some(written) = exact {
            draft.timings.first_token = Some(ms(draft.started));
            let text = written.text.clone();
            sink(AnswerEvent::Delta { text });
            for citation in written.citations.iter().cloned() {
                sink(AnswerEvent::Citation { citation });
            }
            return Ok(Outcome::Done(self.done(draft, written).await?));
        }
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
            unproved: request.unproved,
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
        answer.trace.corrections = written.corrections;
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
        let unproved = order.unproved;
        let cited = self
            .entailment
            .as_ref()
            .map(|_| sources.clone())
            .unwrap_or_default();
        let streamer = Streamer::new(question, sources, Arc::clone(sink))
            .at_most(order.most_sentences)
            .leaving(unproved);
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
            entailment::judge(entailment, question, &cited, &mut written, cancel).await?;
        }
        if unproved == Unproved::Removed {
            written = written.without_unproved();
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
                acronyms: draft.found.acronyms.clone(),
                sub_questions: draft.found.sub_questions.clone(),
                corrections: Default::default(),
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

/// The passages with the whole text of their pages: quotes are whole sentences.
fn sources(passages: &[Passage], pages: &Pages) -> Result<Vec<Source>> {
    let mut texts: HashMap<(RevisionId, u32), Arc<str>> = HashMap::new();
    let of = |passage: &Passage| {
        let key = (passage.revision.clone(), passage.page);
        let page = pages.get(&key).ok_or_else(|| {
            Error::runtime(format!("{} was changed or removed meanwhile", passage.title))
                .problem(Problem::SourceChanged {
                    title: passage.title.clone(),
                })
                .hint("Ask again")
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
