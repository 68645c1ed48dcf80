//! The stages, one after the other.

use std::collections::{HashMap, HashSet};

use tokio_util::sync::CancellationToken;
use unicode_segmentation::UnicodeSegmentation;

use super::{Asked, Closest, ExplainRequest, Explanation, Fact, Remedy, SearchStage, SearchStep, Target};
use crate::answer::{Answerer, AskRequest, EvidenceGate};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ChunkId, DocumentId, RevisionId};
use crate::inflection::Tongue;
use crate::ports::{Ledger, PageText, RowFilter};
use crate::problem::Problem;
use crate::query::Query;
use crate::retrieve::{DEEPEST, Rankings, Retriever, Search, SearchRequest, Stages, check_query, depth};
use crate::sieve::{Pages, Sieve};
use crate::span::CharSpan;
use crate::text::{content_terms, is_stop_word};
use crate::types::{
    Answer, Chunk, ChunkHit, Document, JobStatus, PageCoverage, PageSource, Scope, SearchMode,
};
use crate::whole::WholeScope;

/// Words of a passage that are named as a remedy.
const OWN_WORDS: usize = 4;

/// The parts that explaining needs.
pub(crate) struct Explainer<'a> {
    pub retriever: Retriever<'a>,
    pub gate: EvidenceGate,
    /// None if no generator is installed: then there is no context to look at.
    pub answerer: Option<&'a Answerer>,
    pub cancel: &'a CancellationToken,
}

/// What was asked, and what came of it.
struct Question {
    query: Query,
    scope: Scope,
    answer: Option<Answer>,
}

/// The steps so far.
#[derive(Default)]
struct Story {
    steps: Vec<SearchStep>,
    remedies: Vec<Remedy>,
    passage: Option<Closest>,
}

impl Story {
    fn passed(&mut self, stage: SearchStage, fact: Fact) {
        let lost = false;
        self.steps.push(SearchStep { stage, lost, fact });
    }

    fn lost(&mut self, stage: SearchStage, fact: Fact, remedies: impl IntoIterator<Item = Remedy>) {
        let lost = true;
        self.steps.push(SearchStep { stage, lost, fact });
        self.remedies = remedies.into_iter().collect();
    }

    fn is_lost(&self) -> bool {
        self.steps.last().is_some_and(|step| step.lost)
    }
}

impl Explainer<'_> {
    /// Explains.
    ///
    /// # Errors
    /// There is no such document, page or turn, the question cannot be searched, or what the models and stores say.
    pub async fn run(&self, request: &ExplainRequest) -> Result<Explanation> {
        let question = self.question(&request.asked).await?;
        question.query.check()?;
        check_query(&question.query.words())?;
        let document = self
            .ledger()
            .document(&request.target.document)
            .await?
            .ok_or_else(|| missing("There is no such document"))?;
        let mut story = Story::default();
        self.tell(&question, &document, &request.target, &mut story)
            .await?;
        Ok(Explanation {
            query: question.query.question(),
            document: document.id,
            path: document.path,
            title: document.title,
            passage: story.passage,
            steps: story.steps,
            remedies: story.remedies,
        })
    }

    fn ledger(&self) -> &dyn Ledger {
        self.retriever.ledger
    }

    async fn question(&self, asked: &Asked) -> Result<Question> {
        match asked {
            Asked::Question { text, scope } => Ok(Question {
                query: Query::parse(text),
                scope: scope.clone(),
                answer: None,
            }),
            Asked::Turn(id) => {
                let turn = self
                    .ledger()
                    .turn(id)
                    .await?
                    .ok_or_else(|| missing("There is no such answer"))?;
                let asked = Query::parse(&turn.question);
                let searched = &turn.answer.trace.query;
                let reworded = !searched.is_empty() && *searched != asked.question();
                Ok(Question {
                    query: if reworded { asked.reworded(searched) } else { asked },
                    scope: turn.answer.trace.scope.clone(),
                    answer: Some(turn.answer),
                })
            }
        }
    }

    async fn tell(
        &self,
        question: &Question,
        document: &Document,
        target: &Target,
        story: &mut Story,
    ) -> Result<()> {
        let Some(revision) = &document.revision else {
            story.lost(SearchStage::Document, Fact::NeverRead, [Remedy::Wait]);
            return Ok(());
        };
        self.document(document, story).await?;
        let whole = self.whole(question).await?;
        let asked = whole.as_ref().map_or(&[][..], |(_, asked)| asked);
        match outside(&question.scope, document).or_else(|| not_among(asked, document)) {
            Some(fact) => story.lost(SearchStage::Scope, fact, [Remedy::AskAll]),
            None => story.passed(SearchStage::Scope, Fact::InScope),
        }
        // A count looks for exact words by itself.
        let narrowing = if whole.is_some() {
            question.query.without_phrases()
        } else {
            question.query.clone()
        };
        if story.is_lost() {
            return Ok(());
        }
        let coverage = self.ledger().coverage(revision).await?;
        page(document, &coverage, target, story)?;
        if story.is_lost() {
            return Ok(());
        }
        let chunks = self.chunks(revision, document, target).await?;
        self.filters(&narrowing, document, &chunks, story).await?;
        if story.is_lost() {
            return Ok(());
        }
        if let Some((whole, _)) = whole {
            return self.counted(&whole, question, document, target, story).await;
        }
        if chunks.is_empty() {
            story.lost(SearchStage::Passages, Fact::NotStored, [Remedy::LookAtFile]);
            return Ok(());
        }
        let passages = chunks.len() as u32;
        story.passed(SearchStage::Passages, Fact::Stored { passages });
        self.searched(question, document, &chunks, story).await
    }

    /// The question, if it is one about every page, with the documents that it is about.
    async fn whole(&self, question: &Question) -> Result<Option<(WholeScope, Vec<DocumentId>)>> {
        let Some(whole) = WholeScope::detect(&question.query.question()) else {
            return Ok(None);
        };
        let all = crate::sieve::in_scope(self.ledger(), &question.scope).await?;
        let chosen = whole.choose(&all, &HashSet::new());
        let ids = chosen.map(|chosen| chosen.into_iter().map(|document| document.id.clone()).collect());
        Ok(ids.map(|ids| (whole, ids)))
    }

    async fn document(&self, document: &Document, story: &mut Story) -> Result<()> {
        let jobs = self.ledger().jobs(true).await?;
        let job = jobs
            .iter()
            .rfind(|job| job.path == document.path && job.collection == document.collection);
        let fact = match job.map(|job| job.status) {
            Some(JobStatus::Queued | JobStatus::Running) => Fact::Outdated,
            Some(JobStatus::Failed) => Fact::OutdatedFailed,
            _ => Fact::Indexed {
                pages: document.pages,
                passages: document.chunks,
            },
        };
        story.passed(SearchStage::Document, fact);
        Ok(())
    }

    /// The chunks of the target.
    async fn chunks(
        &self,
        revision: &RevisionId,
        document: &Document,
        target: &Target,
    ) -> Result<Vec<ChunkHit>> {
        let wanted = |chunk: &Chunk| {
            target.page.is_none_or(|page| page == chunk.page)
                && (target.page.is_none() || target.span.is_none_or(|span| touches(chunk.span, span)))
        };
        let chunks = self.retriever.store.chunks(revision).await?.into_iter();
        Ok(chunks
            .filter(wanted)
            .map(|chunk| ChunkHit {
                chunk,
                document: document.id.clone(),
                revision: revision.clone(),
                score: 0.0,
                vector: Vec::new(),
            })
            .collect())
    }

    async fn filters(
        &self,
        query: &Query,
        document: &Document,
        chunks: &[ChunkHit],
        story: &mut Story,
    ) -> Result<()> {
        let filters = query.each_filter();
        if filters.is_empty() {
            return Ok(());
        }
        let scope = Scope {
            collection: None,
            documents: vec![document.id.clone()],
        };
        for (filter, alone) in &filters {
            let sieve = Sieve::new(alone, &scope, self.ledger(), self.cancel).await?;
            let passes =
                sieve.scope.is_some() && (chunks.is_empty() || chunks.iter().any(|hit| sieve.lets(hit)));
            if !passes {
                let filter = filter.clone();
                let remedy = Remedy::DropFilter {
                    filter: filter.clone(),
                };
                story.lost(SearchStage::Filters, Fact::FilteredOut { filter }, [remedy]);
                return Ok(());
            }
        }
        let filters = filters.into_iter().map(|(filter, _)| filter).collect();
        story.passed(SearchStage::Filters, Fact::LetThrough { filters });
        Ok(())
    }

    /// What a count of all pages makes of the target.
    async fn counted(
        &self,
        whole: &WholeScope,
        question: &Question,
        document: &Document,
        target: &Target,
        story: &mut Story,
    ) -> Result<()> {
        let Some(revision) = &document.revision else {
            return Ok(());
        };
        let mut pages = Pages {
            ledger: self.ledger(),
            revision,
            from: target.page.unwrap_or(0),
        };
        let mut mentions = 0;
        'all: loop {
            let batch = pages.next(self.cancel).await?;
            if batch.is_empty() {
                break;
            }
            for page in batch {
                if target.page.is_some_and(|wanted| wanted != page.number) {
                    break 'all;
                }
                mentions += mentions_on(whole, &page, target.span);
            }
        }
        let terms = whole.terms.iter().map(|term| term.text.clone()).collect();
        if mentions == 0 {
            story.lost(SearchStage::Count, Fact::NotMentioned { terms }, []);
            return Ok(());
        }
        story.passed(SearchStage::Count, Fact::Mentioned { terms, mentions });
        let cited = question.answer.as_ref().and_then(|answer| {
            let citations = answer.citations.iter();
            citations
                .filter(|citation| citation.document == document.id)
                .find(|citation| target.page.is_none_or(|page| page == citation.page))
        });
        if let Some(citation) = cited {
            story.passed(SearchStage::Answer, Fact::Cited { n: citation.n });
        }
        Ok(())
    }

    /// The search, with its passages selected, packed and judged.
    async fn searched(
        &self,
        question: &Question,
        document: &Document,
        chunks: &[ChunkHit],
        story: &mut Story,
    ) -> Result<()> {
        let limit = AskRequest::new("").passages;
        let request = SearchRequest {
            query: question.query.clone(),
            scope: question.scope.clone(),
            mode: SearchMode::Hybrid,
            limit,
            per_document: None,
        };
        let mut stages = self.retriever.stages(&request, self.cancel).await?;
        let ours: HashSet<&ChunkId> = chunks.iter().map(|hit| &hit.chunk.id).collect();
        let considered = stages.outcome.candidates.iter();
        let shown = considered
            .clone()
            .filter(|candidate| candidate.dropped.is_none())
            .find(|candidate| ours.contains(&candidate.chunk));
        let furthest = shown.or_else(|| {
            considered
                .clone()
                .find(|candidate| ours.contains(&candidate.chunk))
        });
        let furthest = furthest.map(|candidate| candidate.chunk.clone());
        let deep = match &furthest {
            Some(chunk) => self.deep_if_needed(&request, &stages, chunk).await?,
            None => Some(self.deep(&request).await?),
        };
        let ranks = Ranks::new(&stages, deep.as_ref());
        let best = match &furthest {
            Some(id) => chunks.iter().find(|hit| hit.chunk.id == *id),
            None => chunks.iter().min_by_key(|hit| {
                let (meaning, words) = (ranks.meaning(&hit.chunk.id), ranks.words(&hit.chunk.id));
                (
                    meaning.unwrap_or(u32::MAX).min(words.unwrap_or(u32::MAX)),
                    hit.chunk.ordinal,
                )
            }),
        };
        let Some(best) = best else {
            return Ok(());
        };
        story.passage = Some(Closest {
            page: best.chunk.page,
            span: best.chunk.span,
            text: best.chunk.text.clone(),
        });
        self.ranks(question, best, &ranks, story).await?;
        let words = own_words(&question.query, &best.chunk, deep.as_ref());
        let nearer = || {
            let words = words.clone();
            (!words.is_empty())
                .then_some(Remedy::UseWords { words })
                .into_iter()
                .chain([Remedy::AskOnly])
        };
        if furthest.is_none() {
            let depth = depth(limit) as u32;
            story.lost(SearchStage::Fusion, Fact::NotAmongBest { depth }, nearer());
            return Ok(());
        }
        let id = &best.chunk.id;
        let fused = place(&stages.fused, id);
        let of = stages.fused.len() as u32;
        story.passed(SearchStage::Fusion, Fact::Fused { rank: fused, of });
        let reviewed = place(&stages.reviewed, id);
        let (from, to) = (fused, reviewed);
        story.passed(SearchStage::SecondLook, Fact::Moved { from, to });
        let at = stages
            .outcome
            .candidates
            .iter()
            .position(|candidate| candidate.chunk == *id);
        let rank = at.map_or(reviewed, |at| at as u32 + 1);
        if self.retriever.reranker.is_some() {
            story.passed(SearchStage::Rerank, Fact::Ranked { rank });
        }
        // Neighbouring chunks overlap; another one's rank is not this one's.
        let passage = stages.outcome.passages.iter().find(|passage| {
            passage.document == document.id
                && passage.page == best.chunk.page
                && passage.span == best.chunk.span
        });
        let Some(n) = passage.map(|passage| passage.rank) else {
            match stages.repeats.get(id) {
                Some(&better) => {
                    let rank = better;
                    story.lost(SearchStage::Selection, Fact::Repeats { rank }, []);
                }
                None => {
                    let limit = limit as u32;
                    story.lost(SearchStage::Selection, Fact::Below { rank, limit }, nearer());
                }
            }
            return Ok(());
        };
        story.passed(SearchStage::Selection, Fact::Selected { rank: n });
        self.answered(question, best, n, &mut stages, story).await?;
        if story.is_lost() && story.remedies.is_empty() {
            story.remedies = nearer().collect();
        }
        Ok(())
    }

    /// What comes after the search: context, evidence, and the answer if there is one.
    async fn answered(
        &self,
        question: &Question,
        best: &ChunkHit,
        n: u32,
        stages: &mut Stages,
        story: &mut Story,
    ) -> Result<()> {
        let asked = question.query.question();
        let evidence = self.gate.measure(&asked, &stages.outcome.passages);
        if let Some(answerer) = self.answerer {
            let read = &mut stages.outcome;
            answerer
                .widen(&asked, read, AskRequest::new("").max_tokens)
                .await?;
            let fits = read.passages.iter().any(|passage| {
                passage.document == best.document && same_place(passage.page, passage.span, best)
            });
            if !fits {
                story.lost(
                    SearchStage::Context,
                    Fact::NoRoom,
                    [Remedy::Shorten, Remedy::AskOnly],
                );
                return Ok(());
            }
            story.passed(SearchStage::Context, Fact::Fits);
        }
        let (percent, least) = (in_percent(evidence.score), in_percent(self.gate.least));
        if !self.gate.passes(&evidence) {
            story.lost(SearchStage::Evidence, Fact::TooLittle { percent, least }, []);
            return Ok(());
        }
        story.passed(SearchStage::Evidence, Fact::Enough { percent, least });
        let Some(answer) = &question.answer else {
            story.passed(SearchStage::Answer, Fact::Given { n });
            return Ok(());
        };
        let cited = answer.citations.iter().find(|citation| {
            citation.document == best.document && same_place(citation.page, citation.span, best)
        });
        let read = answer.passages.iter().find(|passage| {
            passage.document == best.document && same_place(passage.page, passage.span, best)
        });
        match (cited, read) {
            (Some(citation), _) if !answer.abstained => {
                story.passed(SearchStage::Answer, Fact::Cited { n: citation.n });
            }
            (_, Some(passage)) if answer.abstained => {
                story.lost(SearchStage::Answer, Fact::NoAnswer { n: passage.rank }, []);
            }
            (_, Some(passage)) => story.lost(SearchStage::Answer, Fact::NotCited { n: passage.rank }, []),
            (_, None) => story.lost(SearchStage::Answer, Fact::FoundNow, [Remedy::AskAgain]),
        }
        Ok(())
    }

    /// The ranks of the best chunk in both searches.
    async fn ranks(
        &self,
        question: &Question,
        best: &ChunkHit,
        ranks: &Ranks,
        story: &mut Story,
    ) -> Result<()> {
        let id = &best.chunk.id;
        let deepest = DEEPEST as u32;
        let meaning = match ranks.meaning(id) {
            Some(rank) => Fact::Ranked { rank },
            None if ranks.all_meaning => Fact::NoVector,
            None => Fact::RankedDeeper { depth: deepest },
        };
        story.passed(SearchStage::Meaning, meaning);
        let asked = words_of(&question.query.words());
        let there: HashSet<_> = content_terms(&best.chunk.embedded_text()).into_iter().collect();
        let shared = asked
            .iter()
            .filter(|word| content_terms(word).iter().any(|term| there.contains(term)))
            .cloned()
            .collect();
        let words = match ranks.words(id) {
            Some(rank) => Fact::RankedByWords { rank, words: shared },
            None if ranks.all_words => Fact::NoWords { words: asked },
            None => Fact::RankedDeeper { depth: deepest },
        };
        story.passed(SearchStage::Words, words);
        Ok(())
    }

    /// The searches as deep as they go, unless one of those that were made has the chunk in both.
    async fn deep_if_needed(
        &self,
        request: &SearchRequest,
        stages: &Stages,
        chunk: &ChunkId,
    ) -> Result<Option<Rankings>> {
        let known = stages.words.contains(chunk) && stages.meaning.iter().any(|ids| ids.contains(chunk));
        if known {
            return Ok(None);
        }
        Ok(Some(self.deep(request).await?))
    }

    async fn deep(&self, request: &SearchRequest) -> Result<Rankings> {
        let sieve = Sieve::new(&request.query, &request.scope, self.ledger(), self.cancel).await?;
        let scope = sieve.scope.clone().unwrap_or_else(|| request.scope.clone());
        let filter = RowFilter::of(scope, self.ledger()).await?;
        Search {
            embedders: self.retriever.embedders,
            store: self.retriever.store,
            query: &request.query.words(),
            tongues: &Tongue::of_library(self.ledger()).await?,
            filter: &filter,
            sieve: Some(&sieve).filter(|sieve| sieve.looks_at_chunks()),
            depth: DEEPEST,
            cancel: self.cancel,
        }
        .rankings(request.mode)
        .await
    }
}

/// Where chunks stand in both searches.
struct Ranks {
    meaning: Vec<HashMap<ChunkId, u32>>,
    words: HashMap<ChunkId, u32>,
    /// Whether the rankings have every chunk there is.
    all_meaning: bool,
    all_words: bool,
}

impl Ranks {
    fn new(stages: &Stages, deep: Option<&Rankings>) -> Self {
        let numbered = |ids: Vec<ChunkId>| ids.into_iter().zip(1..).collect::<HashMap<_, _>>();
        let of = |hits: &[ChunkHit]| hits.iter().map(|hit| hit.chunk.id.clone()).collect();
        match deep {
            Some(deep) => Self {
                all_meaning: deep.meaning.iter().all(|hits| hits.len() < DEEPEST),
                all_words: deep.words.len() < DEEPEST,
                meaning: deep.meaning.iter().map(|hits| numbered(of(hits))).collect(),
                words: numbered(of(&deep.words)),
            },
            None => Self {
                all_meaning: false,
                all_words: false,
                meaning: stages.meaning.iter().cloned().map(numbered).collect(),
                words: numbered(stages.words.clone()),
            },
        }
    }

    fn meaning(&self, id: &ChunkId) -> Option<u32> {
        self.meaning
            .iter()
            .filter_map(|ranks| ranks.get(id).copied())
            .min()
    }

    fn words(&self, id: &ChunkId) -> Option<u32> {
        self.words.get(id).copied()
    }
}

/// Why a document is not asked; none if it is.
fn outside(scope: &Scope, document: &Document) -> Option<Fact> {
    match &scope.collection {
        Some(collection) if *collection != document.collection => Some(Fact::OtherCollection {
            collection: collection.clone(),
        }),
        _ => not_among(&scope.documents, document),
    }
}

/// That a document is not among those asked, if only some are.
fn not_among(asked: &[DocumentId], document: &Document) -> Option<Fact> {
    (!asked.is_empty() && !asked.contains(&document.id)).then_some(Fact::NotAsked {
        documents: asked.len() as u32,
    })
}

/// Whether the target has text.
///
/// # Errors
/// There is no such page.
fn page(document: &Document, coverage: &[PageCoverage], target: &Target, story: &mut Story) -> Result<()> {
    let images = document.unread_images;
    let Some(number) = target.page else {
        let with_text = |page: &&PageCoverage| page.chars > 0 && page.source != PageSource::Failed;
        let some = coverage.iter().filter(with_text).count() as u32;
        let pages = document.pages;
        match (some, images) {
            (0, 0) => story.lost(SearchStage::Page, Fact::NoText, [Remedy::LookAtFile]),
            (0, _) => story.lost(
                SearchStage::Page,
                Fact::ImageUnread { images },
                [Remedy::ReadImages],
            ),
            _ => story.passed(SearchStage::Page, Fact::PagesWithText { some, pages }),
        }
        return Ok(());
    };
    let Some(page) = coverage.iter().find(|page| page.number == number) else {
        return Err(Error::user(format!(
            "{} has no page {number}; its last is {}",
            document.file_name(),
            coverage.last().map_or(0, |page| page.number)
        ))
        .code(ErrorCode::NotFound)
        .problem(Problem::PageMissing {
            page: number,
            last: coverage.last().map_or(0, |page| page.number),
        })
        .hint("Name a page that it has, or none"));
    };
    match page.source {
        PageSource::Failed => {
            let mut warnings = document.warnings.iter();
            let warning = warnings.find(|warning| names_page(warning, number)).cloned();
            // What waits for a model that reads images is counted in a warning of the document, not of the page.
            if warning.is_none() && images > 0 {
                story.lost(
                    SearchStage::Page,
                    Fact::ImageUnread { images },
                    [Remedy::ReadImages],
                );
            } else {
                story.lost(
                    SearchStage::Page,
                    Fact::PageFailed { warning },
                    [Remedy::LookAtFile],
                );
            }
        }
        PageSource::Text if page.chars > 0 => {
            story.passed(SearchStage::Page, Fact::PageText { page: number })
        }
        PageSource::Ocr if page.chars > 0 => {
            let percent = in_percent(page.confidence.unwrap_or_default());
            story.passed(
                SearchStage::Page,
                Fact::PageRecognized {
                    page: number,
                    percent,
                },
            );
        }
        _ => story.lost(SearchStage::Page, Fact::NoText, [Remedy::LookAtFile]),
    }
    Ok(())
}

/// Whether a warning is about this page: "page 3 is blank", not "page 31".
fn names_page(warning: &str, number: u32) -> bool {
    let named = format!("page {number}");
    let small = warning.to_lowercase();
    small
        .match_indices(&named)
        .any(|(at, _)| !small[at + named.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// How often the terms stand on a page, or within a span of it; what repeats from page to page aside.
fn mentions_on(whole: &WholeScope, page: &PageText, span: Option<CharSpan>) -> u32 {
    let found = whole.terms.iter().flat_map(|term| {
        let spans = crate::sieve::spans_in(page, |text| term.wanted.find(text));
        spans
            .into_iter()
            .filter(|found| span.is_none_or(|span| span.overlaps(*found)))
    });
    found.count() as u32
}

/// The words of a text that carry meaning, as written, each once.
fn words_of(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    text.unicode_words()
        .filter(|word| !is_stop_word(&word.to_lowercase()))
        .filter(|word| seen.insert(word.to_lowercase()))
        .map(ToOwned::to_owned)
        .collect()
}

/// Words that set a passage apart from what ranks before it, and that the question does not have.
fn own_words(query: &Query, chunk: &Chunk, deep: Option<&Rankings>) -> Vec<String> {
    let asked: HashSet<_> = content_terms(&query.words()).into_iter().collect();
    let others: Vec<HashSet<_>> = deep
        .into_iter()
        .flat_map(|deep| deep.meaning.iter().flatten())
        .filter(|hit| hit.chunk.id != chunk.id)
        .take(50)
        .map(|hit| content_terms(&hit.chunk.text).into_iter().collect())
        .collect();
    let mut counts: HashMap<_, f32> = HashMap::new();
    for term in content_terms(&chunk.embedded_text()) {
        *counts.entry(term).or_default() += 1.0;
    }
    let mut weighed: Vec<(f32, String)> = words_of(&chunk.embedded_text())
        .into_iter()
        .filter(|word| word.chars().count() > 3 && word.chars().all(char::is_alphabetic))
        .filter_map(|word| {
            let term = content_terms(&word).into_iter().next()?;
            let count = counts.get(&term).copied().unwrap_or(1.0);
            let holding = others.iter().filter(|terms| terms.contains(&term)).count() as f32;
            (!asked.contains(&term)).then(|| ((1.0 + count.ln()) / (1.0 + holding), word))
        })
        .collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    weighed
        .into_iter()
        .take(OWN_WORDS)
        .map(|(_, word)| word)
        .collect()
}

/// Whether a place is, at least in part, that of a chunk.
fn same_place(page: u32, span: CharSpan, hit: &ChunkHit) -> bool {
    page == hit.chunk.page && span.overlaps(hit.chunk.span)
}

/// Whether a chunk has a part of a span, or holds the place of an empty one.
fn touches(chunk: CharSpan, span: CharSpan) -> bool {
    chunk.overlaps(span) || (span.is_empty() && chunk.start <= span.start && span.start < chunk.end)
}

/// From 1; the last place for what is not there.
fn place(ids: &[ChunkId], id: &ChunkId) -> u32 {
    ids.iter().position(|other| other == id).unwrap_or(ids.len()) as u32 + 1
}

fn in_percent(share: f32) -> u32 {
    (share * 100.0).round() as u32
}

fn missing(what: &str) -> Error {
    Error::user(what)
        .code(ErrorCode::NotFound)
        .problem(Problem::Gone)
        .hint("It may have been removed meanwhile")
}
