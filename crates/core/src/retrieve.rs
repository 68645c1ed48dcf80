//! Question to passages: both searches, fusion, a second look, collapse of near-duplicates, a cap per document.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::dropped::Dropped;
use crate::error::{Error, Result};
use crate::feedback;
use crate::fusion;
use crate::ids::{ChunkId, DocumentId};
use crate::inflection::{Tongue, asked};
use crate::injection;
use crate::ports::{ChunkStore, Embedder, Ledger, Reranker, RowFilter, TextRole};
use crate::problem::Problem;
use crate::query::Query;
use crate::question::acronyms::{Acronym, needed, with_both};
use crate::question::clauses::sub_questions;
use crate::sieve::{Filtered, Sieve};
use crate::text::{Term, content_terms};
use crate::types::{Candidate, ChunkHit, Document, Passage, Scope, Scores, SearchMode};

/// Longest query, in characters.
pub const MAX_QUERY_CHARS: usize = 4_000;

/// What a search does.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchRequest {
    /// What was typed.
    pub query: Query,
    /// Where to look.
    pub scope: Scope,
    /// Which searches run.
    pub mode: SearchMode,
    /// How many passages to return.
    pub limit: usize,
    /// Passages of one document after which those of others come first; none: no such cap.
    pub per_document: Option<usize>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchOutcome {
    /// In rank order.
    pub passages: Vec<Passage>,
    /// Everything that was considered.
    pub candidates: Vec<Candidate>,
    /// Milliseconds of the reranker, if one ran.
    pub rerank_ms: f64,
    /// What the query's filters did, if it has any.
    pub filtered: Option<Filtered>,
    /// Acronyms of the query, or their words, that were searched both ways.
    pub acronyms: Vec<Acronym>,
    /// The questions that the query is made of, if it is several; each was searched for by itself, too.
    pub sub_questions: Vec<String>,
}

/// A search with the order after each stage, best first.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    /// By meaning, once for each embedder whose vectors are stored.
    pub meaning: Vec<Vec<ChunkId>>,
    /// By words.
    pub words: Vec<ChunkId>,
    /// Both fused.
    pub fused: Vec<ChunkId>,
    /// After the second look; as fused, if there was none.
    pub reviewed: Vec<ChunkId>,
    /// Passages that others were left out for, by the chunk left out: their ranks.
    pub repeats: HashMap<ChunkId, u32>,
    /// What became of it.
    pub outcome: SearchOutcome,
}

/// How many hits each search gives for so many passages: deep enough that what one ranks low can still win by the other.
pub(crate) fn depth(limit: usize) -> usize {
    (limit * 4).clamp(LEAST_DEPTH, 1_000)
}

/// Hits that each search gives at least.
const LEAST_DEPTH: usize = 50;

/// An embedder, and how alike it finds texts.
#[derive(Clone)]
pub struct CalibratedEmbedder {
    /// The model.
    pub embedder: Arc<dyn Embedder>,
    /// Cosine similarity that unrelated texts reach with it.
    pub unrelated: f32,
    /// Cosine similarity of a question and the passage that answers it.
    pub related: f32,
}

impl CalibratedEmbedder {
    /// A similarity by this embedder as `other` would give it, so that one scale serves both.
    fn on_scale_of(&self, other: &Self, cosine: f32) -> f32 {
        let share = (cosine - self.unrelated) / (self.related - self.unrelated);
        other.unrelated + share * (other.related - other.unrelated)
    }
}

/// Everything that can embed a query.
#[derive(Clone)]
pub struct QueryEmbedders {
    /// The one that new rows are made with; scores are on its scale.
    pub current: CalibratedEmbedder,
    /// Those at hand of indexes that are being replaced. Rows of an embedder that is not at hand are found
    /// by their words only.
    pub earlier: Vec<CalibratedEmbedder>,
}

/// The parts a search needs.
pub struct Retriever<'a> {
    /// Embed the query.
    pub embedders: &'a QueryEmbedders,
    /// Searched.
    pub store: &'a dyn ChunkStore,
    /// Says what may be seen.
    pub ledger: &'a dyn Ledger,
    /// Orders the best candidates anew, if there is one.
    pub reranker: Option<&'a Arc<dyn Reranker>>,
}

impl Retriever<'_> {
    /// Runs the search.
    ///
    /// # Errors
    /// An empty or too long query, and what the embedder and the stores say.
    pub async fn search(&self, request: &SearchRequest, cancel: &CancellationToken) -> Result<SearchOutcome> {
        Ok(self.stages(request, cancel).await?.outcome)
    }

    /// Runs the search and keeps the order after each of its stages.
    ///
    /// # Errors
    /// As [`Retriever::search`].
    pub(crate) async fn stages(&self, request: &SearchRequest, cancel: &CancellationToken) -> Result<Stages> {
        let words = request.query.words();
        request.query.check()?;
        check_query(&words)?;
        let sieve = Sieve::new(&request.query, &request.scope, self.ledger, cancel).await?;
        let Some(scope) = sieve.scope.clone() else {
            return Ok(Stages {
                outcome: SearchOutcome {
                    filtered: sieve.outcome(false),
                    ..SearchOutcome::default()
                },
                ..Stages::default()
            });
        };
        let filter = RowFilter::of(scope, self.ledger).await?;
        let tongues = Tongue::of_library(self.ledger).await?;
        let depth = depth(request.limit);
        let search = |query| Search {
            embedders: self.embedders,
            store: self.store,
            query,
            tongues: &tongues,
            filter: &filter,
            sieve: Some(&sieve).filter(|sieve| sieve.looks_at_chunks()),
            depth,
            cancel,
        };
        let sub_questions = sub_questions(&words);
        let (mut stages, mut ranked) = first_stage(&search(&words), request.mode).await?;
        let (mut by_words, mut fused, mut ranks) = (vec![stages.words], vec![stages.fused], vec![ranked]);
        for question in &sub_questions {
            let (part, ranked) = first_stage(&search(question), request.mode).await?;
            stages.meaning.extend(part.meaning);
            by_words.push(part.words);
            fused.push(part.fused);
            ranks.push(ranked);
            for acronym in part.outcome.acronyms {
                // Most stand in the whole as well.
                if !stages.outcome.acronyms.contains(&acronym) {
                    stages.outcome.acronyms.push(acronym);
                }
            }
        }
        stages.words = in_turn(by_words, Clone::clone);
        stages.fused = in_turn(fused, Clone::clone);
        ranked = in_turn(ranks, |ranked| ranked.hit.chunk.id.clone());
        stages.outcome.sub_questions = sub_questions;
        stages.reviewed = ranked.iter().map(|ranked| ranked.hit.chunk.id.clone()).collect();
        let rerank_ms = self.rerank(&words, &mut ranked, cancel).await?;
        let mut documents: HashMap<DocumentId, Document> = HashMap::new();
        for ranked in &ranked {
            let id = &ranked.hit.document;
            if !documents.contains_key(id)
                && let Some(document) = self.ledger.document(id).await?
            {
                documents.insert(id.clone(), document);
            }
        }
        select(ranked, &documents, request, &mut stages);
        stages.outcome.rerank_ms = rerank_ms;
        stages.outcome.filtered = sieve.outcome(!stages.outcome.passages.is_empty());
        Ok(stages)
    }

    async fn rerank(&self, query: &str, ranked: &mut [Ranked], cancel: &CancellationToken) -> Result<f64> {
        let Some(reranker) = self.reranker else {
            return Ok(0.0);
        };
        let started = std::time::Instant::now();
        let top = ranked.len().min(30);
        let texts: Vec<String> = ranked[..top]
            .iter()
            .map(|r| r.hit.chunk.embedded_text())
            .collect();
        let (reranker, query, cancel) = (Arc::clone(reranker), query.to_owned(), cancel.clone());
        let scores = tokio::task::spawn_blocking(move || reranker.rerank(&query, &texts, &cancel))
            .await
            .map_err(|e| Error::bug(format!("the reranker stopped: {e}")))??;
        for (item, score) in ranked[..top].iter_mut().zip(scores) {
            item.scores.rerank = Some(score);
        }
        ranked[..top].sort_by(|a, b| {
            b.scores
                .rerank
                .unwrap_or(0.0)
                .total_cmp(&a.scores.rerank.unwrap_or(0.0))
        });
        Ok(started.elapsed().as_secs_f64() * 1e3)
    }
}

/// One search with the order after each of its steps, and what it found, best first.
async fn first_stage(search: &Search<'_>, mode: SearchMode) -> Result<(Stages, Vec<Ranked>)> {
    let rankings = search.rankings(mode).await?;
    let mut stages = Stages {
        meaning: rankings.meaning.iter().map(|hits| ids(hits)).collect(),
        words: ids(&rankings.words),
        ..Stages::default()
    };
    stages.outcome.acronyms = rankings.acronyms.clone();
    let (question, mut ranked) = rankings.fused();
    stages.fused = ranked.iter().map(|ranked| ranked.hit.chunk.id.clone()).collect();
    if mode == SearchMode::Hybrid {
        look_again(question.as_deref(), &mut ranked);
    }
    Ok((stages, ranked))
}

/// The first of each list, then the second of each, and so on, each item once.
fn in_turn<T, K: Eq + Hash>(lists: Vec<Vec<T>>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    while !lists.is_empty() {
        lists.retain_mut(|list| {
            // What another list had already does not cost this one its turn.
            let next = list.find(|item| seen.insert(key(item)));
            let any = next.is_some();
            out.extend(next);
            any
        });
    }
    out
}

/// Refuses what cannot be searched.
///
/// # Errors
/// Says why and what to do.
pub fn check_query(query: &str) -> Result<()> {
    if query.trim().is_empty() {
        return Err(Error::user("The question is empty")
            .problem(Problem::QuestionEmpty)
            .hint("Type what you want to know"));
    }
    let length = query.chars().count();
    if length > MAX_QUERY_CHARS {
        return Err(Error::user(format!(
            "The question has {length} characters; at most {MAX_QUERY_CHARS} can be searched for"
        ))
        .code(crate::ErrorCode::QuestionTooLong)
        .problem(Problem::QuestionTooLong {
            length: length as u32,
            most: MAX_QUERY_CHARS as u32,
        })
        .hint("Shorten the question; add long texts as documents instead"));
    }
    Ok(())
}

/// A chunk with the parts of its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The chunk.
    pub hit: ChunkHit,
    /// What each search gave it.
    pub scores: Scores,
    /// The words of its text that carry meaning.
    terms: Vec<Term>,
}

/// An index that is searched without a register of documents.
#[derive(Clone, Copy)]
pub struct BareIndex<'a> {
    /// Embed the query.
    pub embedders: &'a QueryEmbedders,
    /// Searched.
    pub store: &'a dyn ChunkStore,
    /// Languages of what is in it.
    pub tongues: &'a [Tongue],
}

/// The first stage alone: the searches of `mode`, `depth` deep each, fused. Best first.
///
/// # Errors
/// What the embedder and the store say.
pub async fn rank(
    index: BareIndex<'_>,
    query: &str,
    mode: SearchMode,
    filter: &RowFilter,
    depth: usize,
    cancel: &CancellationToken,
) -> Result<Vec<Ranked>> {
    let search = Search {
        embedders: index.embedders,
        store: index.store,
        query,
        tongues: index.tongues,
        filter,
        sieve: None,
        depth,
        cancel,
    };
    Ok(first_stage(&search, mode).await?.1)
}

/// Hits that are looked at for one that passes a query's filters, at most.
pub(crate) const DEEPEST: usize = 10_000;

/// One run of the first stage.
pub(crate) struct Search<'a> {
    pub embedders: &'a QueryEmbedders,
    pub store: &'a dyn ChunkStore,
    pub query: &'a str,
    /// Languages of the documents.
    pub tongues: &'a [Tongue],
    pub filter: &'a RowFilter,
    /// Looks at each hit before any is ranked against another.
    pub sieve: Option<&'a Sieve>,
    pub depth: usize,
    pub cancel: &'a CancellationToken,
}

/// What the searches of the first stage gave, best first.
pub(crate) struct Rankings {
    /// The question's vector by the current embedder, if the store has any of its.
    question: Option<Vec<f32>>,
    /// By meaning, once for each embedder.
    pub meaning: Vec<Vec<ChunkHit>>,
    /// By words.
    pub words: Vec<ChunkHit>,
    /// Acronyms of the question that were searched both ways.
    pub acronyms: Vec<Acronym>,
}

impl Rankings {
    /// The texts of the best hits of each search: those that an answer's search finds, however deep this one went.
    fn best_texts(&self) -> impl Iterator<Item = &str> {
        let rankings = std::iter::once(&self.words).chain(&self.meaning);
        let hits = rankings.flat_map(|hits| hits.iter().take(LEAST_DEPTH));
        hits.map(|hit| hit.chunk.text.as_str())
    }

    fn fused(self) -> (Option<Vec<f32>>, Vec<Ranked>) {
        (self.question, fuse(self.meaning, self.words))
    }
}

fn ids(hits: &[ChunkHit]) -> Vec<ChunkId> {
    hits.iter().map(|hit| hit.chunk.id.clone()).collect()
}

impl Search<'_> {
    /// The searches of `mode`, each for itself. If a document that they find explains an acronym of the question, or the
    /// acronym for words of the question, they are run with both.
    ///
    /// # Errors
    /// What the embedder and the store say.
    pub async fn rankings(&self, mode: SearchMode) -> Result<Rankings> {
        let found = self.rankings_for(self.query, mode).await?;
        let acronyms = needed(self.query, found.best_texts());
        if acronyms.is_empty() {
            return Ok(found);
        }
        let found = self.rankings_for(&with_both(self.query, &acronyms), mode).await?;
        Ok(Rankings { acronyms, ..found })
    }

    async fn rankings_for(&self, query: &str, mode: SearchMode) -> Result<Rankings> {
        let vector = async {
            if mode == SearchMode::Text {
                return Ok((None, Vec::new()));
            }
            self.by_vector(query).await
        };
        let text = async {
            if mode == SearchMode::Vector {
                return Ok(Vec::new());
            }
            let query = asked(query, self.tongues);
            let query: &str = &query;
            self.sieved(|depth| self.store.search_text(query, self.filter, depth))
                .await
        };
        let ((question, meaning), words) = tokio::try_join!(vector, text)?;
        Ok(Rankings {
            question,
            meaning,
            words,
            acronyms: Vec::new(),
        })
    }

    /// The question's vector by the current embedder, if the store has any of its, and a ranking for each embedder.
    async fn by_vector(&self, query: &str) -> Result<(Option<Vec<f32>>, Vec<Vec<ChunkHit>>)> {
        let embedders = self.embedders;
        let (mut question, mut rankings) = (None, Vec::new());
        for id in self.store.embedders().await? {
            let all = std::iter::once(&embedders.current).chain(&embedders.earlier);
            let Some(by) = all.into_iter().find(|by| by.embedder.id() == id) else {
                continue;
            };
            let vector = embed(&by.embedder, query, self.cancel).await?;
            let mut hits = self
                .sieved(|depth| self.store.search_vector(&id, &vector, self.filter, depth))
                .await?;
            for hit in &mut hits {
                hit.score = by.on_scale_of(&embedders.current, hit.score);
            }
            rankings.push(hits);
            if id == embedders.current.embedder.id() {
                question = Some(vector);
            }
        }
        Ok((question, rankings))
    }

    /// The best hits that pass the sieve: as many as without one, for which it looks deeper.
    async fn sieved<F>(&self, search: impl Fn(usize) -> F) -> Result<Vec<ChunkHit>>
    where
        F: Future<Output = Result<Vec<ChunkHit>>>,
    {
        let Some(sieve) = self.sieve else {
            return search(self.depth).await;
        };
        let mut depth = self.depth;
        loop {
            let mut hits = search(depth).await?;
            let exhausted = hits.len() < depth || depth >= DEEPEST;
            hits.retain(|hit| sieve.lets(hit));
            if exhausted || hits.len() >= self.depth {
                hits.truncate(self.depth);
                return Ok(hits);
            }
            depth = (depth * 8).min(DEEPEST);
        }
    }
}

async fn embed(embedder: &Arc<dyn Embedder>, query: &str, cancel: &CancellationToken) -> Result<Vec<f32>> {
    let embedder = Arc::clone(embedder);
    let (query, cancel) = (query.to_owned(), cancel.clone());
    tokio::task::spawn_blocking(move || embedder.embed(&[query], TextRole::Query, &cancel))
        .await
        .map_err(|e| Error::bug(format!("the embedder stopped: {e}")))??
        .pop()
        .ok_or_else(|| Error::bug("the embedder gave no vector"))
}

/// While an index is being replaced, each document's rows lie in the old one or in the new: their rankings
/// count alike.
fn fuse(vector: Vec<Vec<ChunkHit>>, text: Vec<ChunkHit>) -> Vec<Ranked> {
    let rankings: Vec<_> = vector
        .iter()
        .chain(std::iter::once(&text))
        .map(|hits| (1.0, ids(hits)))
        .collect();
    let fused = fusion::reciprocal_rank(&rankings);
    let mut found: HashMap<ChunkId, Ranked> = HashMap::new();
    for (hits, by_vector) in vector
        .into_iter()
        .map(|hits| (hits, true))
        .chain(std::iter::once((text, false)))
    {
        for hit in hits {
            let score = Some(hit.score);
            let ranked = found.entry(hit.chunk.id.clone()).or_insert_with(|| Ranked {
                terms: content_terms(&hit.chunk.text),
                hit,
                scores: Scores::default(),
            });
            if by_vector {
                ranked.scores.vector = score;
            } else {
                ranked.scores.text = score;
            }
        }
    }
    fused
        .into_iter()
        .filter_map(|(id, score)| {
            let mut ranked = found.remove(&id)?;
            ranked.scores.fused = Some(score);
            Some(ranked)
        })
        .collect()
}

/// Candidates that are looked at again. No more than a search for twenty-five passages finds.
const LOOKED_AT: usize = 200;

/// Orders the first candidates anew; the others stay behind them.
fn look_again(question: Option<&[f32]>, ranked: &mut [Ranked]) {
    let (looked_at, rest) = ranked.split_at_mut(LOOKED_AT.min(ranked.len()));
    let candidates: Vec<_> = looked_at
        .iter()
        .map(|ranked| feedback::Candidate {
            terms: &ranked.terms,
            vector: &ranked.hit.vector,
            by_text: ranked.scores.text,
            by_vector: ranked.scores.vector,
        })
        .collect();
    let Some(scores) = feedback::look_again(question, &candidates) else {
        return;
    };
    for (ranked, score) in looked_at.iter_mut().zip(scores) {
        ranked.scores.fused = Some(score);
    }
    for ranked in rest {
        ranked.scores.fused = Some(0.0);
    }
    looked_at.sort_by(|a, b| {
        b.scores
            .fused
            .unwrap_or(0.0)
            .total_cmp(&a.scores.fused.unwrap_or(0.0))
    });
}

/// What becomes of a candidate.
enum Fate {
    Shown,
    /// Shown if there is room behind the others, for this reason.
    Later(Dropped),
    Repeats(u32),
    Gone,
}

/// Takes the passages to show from what was ranked. What says the same as a better passage of another document, and what
/// comes after enough of one document, is shown behind the others, if there is room: copies of one text must not be all
/// that is read.
fn select(
    ranked: Vec<Ranked>,
    documents: &HashMap<DocumentId, Document>,
    request: &SearchRequest,
    stages: &mut Stages,
) {
    let mut first = Shown::default();
    let (mut order, mut later) = (Vec::new(), Vec::new());
    let mut dropped: Vec<Option<Dropped>> = Vec::with_capacity(ranked.len());
    for (at, ranked) in ranked.iter().enumerate() {
        if first.kept.len() >= request.limit {
            dropped.push(Some(Dropped::RankedBelow));
            order.push(at);
            continue;
        }
        match first.fate(ranked, documents, request.per_document) {
            Fate::Shown => {
                first.keep(ranked);
                dropped.push(None);
                order.push(at);
            }
            Fate::Later(reason) => {
                dropped.push(Some(reason));
                later.push(at);
            }
            Fate::Repeats(rank) => {
                stages.repeats.insert(ranked.hit.chunk.id.clone(), rank);
                dropped.push(Some(Dropped::RepeatsOwn));
                order.push(at);
            }
            Fate::Gone => {
                dropped.push(Some(Dropped::DocumentRemoved));
                order.push(at);
            }
        }
    }
    for at in &later[..later.len().min(request.limit - first.kept.len())] {
        dropped[*at] = None;
    }
    // Candidates stand in the order of the passages that they became.
    order.extend(later);
    let mut ranked: Vec<Option<Ranked>> = ranked.into_iter().map(Some).collect();
    for at in order {
        let Some(Ranked { hit, scores, .. }) = ranked[at].take() else {
            continue;
        };
        let candidate = Candidate {
            chunk: hit.chunk.id.clone(),
            document: hit.document.clone(),
            page: hit.chunk.page,
            scores,
            dropped: dropped[at].take(),
        };
        if let (None, Some(document)) = (&candidate.dropped, documents.get(&hit.document)) {
            stages.outcome.passages.push(Passage {
                rank: stages.outcome.passages.len() as u32 + 1,
                document: hit.document,
                revision: hit.revision,
                path: document.path.clone(),
                title: document.title.clone(),
                page: hit.chunk.page,
                span: hit.chunk.span,
                locator: Default::default(),
                headings: hit.chunk.headings,
                injections: injection::find(&hit.chunk.text),
                text: hit.chunk.text,
                score: scores.rerank.or(scores.fused).unwrap_or(0.0),
                scores,
            });
        }
        stages.outcome.candidates.push(candidate);
    }
}

/// What is shown so far.
#[derive(Default)]
struct Shown {
    kept: Vec<(DocumentId, HashSet<Term>)>,
}

impl Shown {
    fn keep(&mut self, ranked: &Ranked) {
        let terms = ranked.terms.iter().cloned().collect();
        self.kept.push((ranked.hit.document.clone(), terms));
    }

    fn fate(&self, ranked: &Ranked, documents: &HashMap<DocumentId, Document>, cap: Option<usize>) -> Fate {
        let document = &ranked.hit.document;
        if !documents.contains_key(document) {
            return Fate::Gone;
        }
        let terms: HashSet<Term> = ranked.terms.iter().cloned().collect();
        let same = |(_, other): &&(usize, &(DocumentId, HashSet<Term>))| alike(&terms, &other.1);
        let mut like = self.kept.iter().enumerate().filter(|at| same(&at)).peekable();
        if let Some((at, _)) = like.clone().find(|(_, (other, _))| other == document) {
            return Fate::Repeats(at as u32 + 1);
        }
        if let Some((at, _)) = like.peek() {
            return Fate::Later(Dropped::RepeatsElsewhere { rank: *at as u32 + 1 });
        }
        let count = self.kept.iter().filter(|(other, _)| other == document).count();
        if cap.is_some_and(|cap| count >= cap) {
            return Fate::Later(Dropped::EnoughOfDocument);
        }
        Fate::Shown
    }
}

/// Whether nine tenths of the words are shared.
fn alike(a: &HashSet<Term>, b: &HashSet<Term>) -> bool {
    let shared = a.intersection(b).count();
    let union = a.len() + b.len() - shared;
    union > 0 && shared as f32 / union as f32 >= 0.9
}
