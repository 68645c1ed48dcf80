//! Answers that take reading every page: mentions counted, each place cited.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::wording::Wording;
use super::{AnswerSink, Answerer, Draft, Outcome, Understood, ms};
use crate::error::{Error, Result};
use crate::find::{Wanted, fold};
use crate::ids::{ConversationId, DocumentId};
use crate::injection;
use crate::meant::Meant;
use crate::ports::{Ledger, PageText};
use crate::query::Filters;
use crate::sieve::{Filtered, Pages, Sieve, in_scope, spans_in};
use crate::span::{CharIndex, CharSpan};
use crate::text::{one_line, sentences, trimmed};
use crate::types::{
    AnswerEvent, AnswerStage, Citation, Document, Passage, Scan, Scope, Scores, Sentence, Verdict,
};
use crate::whole::{Ask, WholeScope};

/// Documents that are listed, each with a citation at least.
const LISTED: usize = 100;
/// Citations in all, if so many documents leave room for more than one each: where a list is asked for, every place, up to
/// what a person can still go through; else what shows that the count is right.
const CITED: usize = 40;
const CITED_IN_LIST: usize = 500;
/// Citations of one document.
const CITED_PER_DOCUMENT: usize = 5;
/// Longest quote, in characters.
const QUOTE_CHARS: usize = 320;
/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What was found in one document.
pub(super) struct Found {
    pub document: Document,
    pub mentions: usize,
    /// Pages with a mention.
    pub pages: usize,
    /// The first places, as many as may be cited.
    pub places: Vec<Place>,
}

/// A stretch of a page with mentions.
pub(super) struct Place {
    pub page: u32,
    pub span: CharSpan,
    pub quote: String,
    pub mentions: usize,
    /// What stands there, each once, if a kind of thing is looked for and no word.
    pub said: Vec<String>,
}

/// What the scan came to.
#[derive(Default)]
pub(super) struct Tally {
    /// Documents with a mention, the ones with most first.
    pub found: Vec<Found>,
    /// What was found, folded, if a kind of thing is looked for and no word.
    pub different: HashSet<String>,
    /// Documents looked through.
    pub documents: usize,
    /// Pages looked through.
    pub pages: usize,
    /// Pages that are there and could not be read.
    pub unread: usize,
    /// Files that wait to be indexed.
    pub waiting: usize,
}

impl Tally {
    pub fn mentions(&self) -> usize {
        self.found.iter().map(|found| found.mentions).sum()
    }

    pub fn pages_with(&self) -> usize {
        self.found.iter().map(|found| found.pages).sum()
    }
}

/// What one page has.
struct OnPage {
    /// What was found, folded, if a kind of thing is looked for.
    said: Vec<String>,
    /// Mentions of each term.
    counts: Vec<usize>,
    mentions: usize,
    places: Vec<Place>,
}

impl Answerer {
    /// Looks through every page of the scope, or of the documents of it that the question is about; none if its words name
    /// no document.
    pub(super) async fn count(
        &self,
        whole: &WholeScope,
        understood: &Understood,
        scope: &Scope,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Outcome>> {
        let scanning = Instant::now();
        let ledger = self.ledger.as_ref();
        let sieve = Sieve::new(&understood.asked.without_phrases(), scope, ledger, cancel).await?;
        let all = match &sieve.scope {
            Some(scope) => in_scope(ledger, scope).await?,
            None => Vec::new(),
        };
        let spoken_of = self
            .spoken_of(whole.within.as_ref(), &understood.conversation)
            .await?;
        let Some(chosen) = whole.choose(&all, &spoken_of) else {
            return Ok(None);
        };
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Scanning,
        });
        let narrowed = (chosen.len() < all.len()).then(|| within(&chosen, all.len()));
        let documents: Vec<Document> = chosen.into_iter().cloned().collect();
        let mut tally = Tally {
            waiting: self.waiting().await?,
            ..Tally::default()
        };
        let (cited_in_all, cited_of_each) = match whole.ask {
            Ask::List => (CITED_IN_LIST, CITED_IN_LIST),
            Ask::Count | Ask::Any => (CITED, CITED_PER_DOCUMENT),
        };
        let search = Arc::new(Looking {
            whole: whole.clone(),
            excluded: sieve.excluded.clone(),
            most: cited_of_each,
        });
        let mut progress = Progress::new(sink, documents.iter().map(|document| document.pages).sum());
        for document in documents {
            // Between two documents a commit may pass; within one it may not.
            let _visible = self.visibility.read().await;
            let Some(document) = self.ledger.document(&document.id).await? else {
                continue;
            };
            if let Some(found) = look_through(
                document,
                &search,
                self.ledger.as_ref(),
                &mut tally,
                &mut progress,
                cancel,
            )
            .await?
            {
                tally.found.push(found);
            }
        }
        tally.found.sort_by_key(|found| std::cmp::Reverse(found.mentions));
        let mut filtered = sieve.outcome(!tally.found.is_empty());
        if let Some(mut narrowed) = narrowed {
            if let Some(typed) = filtered {
                narrowed.filters.splice(0..0, typed.filters);
                narrowed.of = typed.of;
            }
            filtered = Some(narrowed);
        }
        let wording = Wording::new(whole, filtered.as_ref());
        let cited = cite(&tally, cited_in_all);
        let (text, sentences) = wording.answer(&tally, &cited);
        let nothing_there = tally.documents == 0;
        let scan = Scan {
            terms: whole.terms.iter().map(|term| term.text.clone()).collect(),
            mentions: tally.mentions() as u32,
            pages_with: tally.pages_with() as u32,
            documents_with: tally.found.len() as u32,
            pages: tally.pages as u32,
            documents: tally.documents as u32,
            unread_pages: tally.unread as u32,
        };
        let mut draft = Draft::new(understood, scope);
        draft.found.passages = cited.iter().flatten().map(passage).collect();
        draft.found.filtered.clone_from(&filtered);
        draft.timings.search = ms(scanning);
        sink(AnswerEvent::Passages {
            query: draft.query.clone(),
            passages: draft.found.passages.clone(),
        });
        let mut answer = self.answer(&draft);
        answer.trace.prompt.clear();
        answer.trace.models.clear();
        answer.trace.scan = Some(scan);
        if !nothing_there {
            sink(AnswerEvent::Delta { text: text.clone() });
        }
        for citation in cited.into_iter().flatten() {
            sink(AnswerEvent::Citation {
                citation: citation.clone(),
            });
            answer.citations.push(citation);
        }
        answer.answer = text;
        answer.sentences = sentences;
        answer.timings_ms.total = ms(draft.started);
        if nothing_there {
            answer.abstained = true;
            return Ok(Some(Outcome::Abstained(answer)));
        }
        Ok(Some(Outcome::Done(answer)))
    }

    /// The documents that the answer before cites, if a request is about "this" one.
    pub(super) async fn spoken_of(
        &self,
        meant: Option<&Meant>,
        conversation: &ConversationId,
    ) -> Result<HashSet<DocumentId>> {
        let turns = match meant {
            Some(Meant::This) => self.ledger.turns(conversation).await?,
            _ => Vec::new(),
        };
        let cited = turns.last().into_iter().flat_map(|turn| &turn.answer.citations);
        Ok(cited.map(|citation| citation.document.clone()).collect())
    }

    async fn waiting(&self) -> Result<usize> {
        let jobs = self.ledger.jobs(true).await?;
        Ok(jobs.iter().filter(|job| job.status.is_open()).count())
    }
}

/// Reports pages looked through, not too often.
pub(super) struct Progress<'a> {
    sink: &'a AnswerSink,
    done: u32,
    total: u32,
    last: Instant,
}

impl<'a> Progress<'a> {
    pub fn new(sink: &'a AnswerSink, total: u32) -> Self {
        if total > 0 {
            sink(AnswerEvent::Progress { done: 0, total });
        }
        Self {
            sink,
            done: 0,
            total,
            last: Instant::now(),
        }
    }

    pub fn add(&mut self, pages: usize) {
        self.done = (self.done + pages as u32).min(self.total);
        if self.last.elapsed() >= REPORT_EVERY || self.done == self.total {
            self.last = Instant::now();
            (self.sink)(AnswerEvent::Progress {
                done: self.done,
                total: self.total,
            });
        }
    }
}

/// What is looked for on a page.
struct Looking {
    whole: WholeScope,
    excluded: Vec<Wanted>,
    /// Most places that are kept of a document.
    most: usize,
}

async fn look_through(
    document: Document,
    looking: &Arc<Looking>,
    ledger: &dyn Ledger,
    tally: &mut Tally,
    progress: &mut Progress<'_>,
    cancel: &CancellationToken,
) -> Result<Option<Found>> {
    let Some(revision) = document.revision.clone() else {
        return Ok(None);
    };
    let mut pages = Pages {
        ledger,
        revision: &revision,
        from: 0,
    };
    let mut counts = vec![0; looking.whole.terms.len()];
    let (mut mentions, mut with, mut places) = (0, 0, Vec::new());
    loop {
        let batch = pages.next(cancel).await?;
        if batch.is_empty() {
            break;
        }
        tally.pages += batch.len();
        tally.unread += batch.iter().filter(|page| page.failed).count();
        let read = batch.len();
        let looking = Arc::clone(looking);
        let mut room = looking.most - places.len();
        let on_pages: Vec<OnPage> = tokio::task::spawn_blocking(move || {
            batch
                .iter()
                .map(|page| {
                    let on_page = looking.on(page, room);
                    room -= on_page.places.len();
                    on_page
                })
                .collect()
        })
        .await
        .map_err(|e| Error::bug(format!("looking through the pages stopped: {e}")))?;
        for on_page in on_pages {
            counts
                .iter_mut()
                .zip(on_page.counts)
                .for_each(|(sum, count)| *sum += count);
            mentions += on_page.mentions;
            with += usize::from(on_page.mentions > 0);
            places.extend(on_page.places);
            tally.different.extend(on_page.said);
        }
        progress.add(read);
    }
    tally.documents += 1;
    tally.unread += document.unread_images as usize;
    let enough = if looking.whole.all {
        counts.iter().all(|count| *count > 0)
    } else {
        mentions > 0
    };
    Ok(enough.then_some(Found {
        document,
        mentions,
        pages: with,
        places,
    }))
}

impl Looking {
    /// The mentions on a page, and the first `room` places.
    fn on(&self, page: &PageText, room: usize) -> OnPage {
        let mut found: Vec<(CharSpan, usize)> = Vec::new();
        for (n, term) in self.whole.terms.iter().enumerate() {
            found.extend(
                spans_in(page, |text| term.wanted.find(text))
                    .into_iter()
                    .map(|span| (span, n)),
            );
        }
        found.sort_by_key(|(span, _)| *span);
        let listed = self.whole.entity().is_some();
        let mut on_page = OnPage {
            said: Vec::new(),
            counts: vec![0; self.whole.terms.len()],
            mentions: 0,
            places: Vec::new(),
        };
        if found.is_empty() {
            return on_page;
        }
        let quotable = Quotable::new(&page.text);
        let mut last: Option<CharSpan> = None;
        let mut end = 0;
        for (span, term) in found {
            let quoted = if room > 0 || !self.excluded.is_empty() {
                quotable.around(span)
            } else {
                0..0
            };
            let quote = &page.text[quoted.clone()];
            if self.excluded.iter().any(|wanted| !wanted.find(quote).is_empty()) {
                continue;
            }
            on_page.counts[term] += 1;
            // Where two terms share words, they are one mention.
            if span.start < end {
                continue;
            }
            end = span.end;
            on_page.mentions += 1;
            let said = listed.then(|| one_line(span.of(&page.text)));
            on_page.said.extend(said.iter().map(|said| fold(said)));
            let place = quotable.index.span(quoted);
            if last == Some(place) {
                if let Some(same) = on_page.places.last_mut() {
                    same.mentions += 1;
                    same.said.extend(said.filter(|said| !same.said.contains(said)));
                }
            } else if on_page.places.len() < room {
                last = Some(place);
                on_page.places.push(Place {
                    page: page.number,
                    span: place,
                    quote: quote.to_owned(),
                    mentions: 1,
                    said: said.into_iter().collect(),
                });
            } else {
                last = None;
            }
        }
        on_page
    }
}

/// A page's text, to be quoted from.
struct Quotable<'a> {
    text: &'a str,
    index: CharIndex,
    sentences: Vec<Range<usize>>,
}

impl<'a> Quotable<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            index: CharIndex::new(text),
            sentences: sentences(text),
        }
    }

    /// The sentence around a mention; of a long one, or of a table, the line; of a long line, the words around it.
    fn around(&self, span: CharSpan) -> Range<usize> {
        let hit = self.bytes(span);
        let whole = self
            .sentences
            .iter()
            .find(|range| range.start <= hit.start && hit.end <= range.end)
            .cloned()
            .unwrap_or_else(|| hit.clone());
        let short = |range: &Range<usize>| self.text[range.clone()].chars().count() <= QUOTE_CHARS;
        if short(&whole) {
            return whole;
        }
        let start = self.text[whole.start..hit.start]
            .rfind('\n')
            .map_or(whole.start, |at| whole.start + at + 1);
        let end = self.text[hit.end..whole.end]
            .find('\n')
            .map_or(whole.end, |at| hit.end + at);
        let line = trimmed(self.text, start..end).unwrap_or_else(|| hit.clone());
        if short(&line) {
            return line;
        }
        let room = QUOTE_CHARS.saturating_sub(span.len() as usize) / 2;
        let before = self.text[line.start..hit.start]
            .char_indices()
            .rev()
            .take(room)
            .last();
        let mut start = before.map_or(hit.start, |(at, _)| line.start + at);
        let after = self.text[hit.end..line.end].char_indices().nth(room);
        let mut end = after.map_or(line.end, |(at, _)| hit.end + at);
        if start > line.start {
            start = self.text[start..hit.start]
                .find(char::is_whitespace)
                .map_or(start, |at| start + at);
        }
        if end < line.end {
            end = self.text[hit.end..end]
                .rfind(char::is_whitespace)
                .map_or(end, |at| hit.end + at);
        }
        trimmed(self.text, start..end).unwrap_or(hit)
    }

    fn bytes(&self, span: CharSpan) -> Range<usize> {
        let start = self
            .text
            .char_indices()
            .nth(span.start as usize)
            .map_or(self.text.len(), |(at, _)| at);
        let length = self.text[start..].char_indices().nth(span.len() as usize);
        start..length.map_or(self.text.len(), |(at, _)| start + at)
    }
}

/// The citations of each document that is listed, numbered in order, about `most` in all.
fn cite(tally: &Tally, most: usize) -> Vec<Vec<Citation>> {
    let listed = &tally.found[..tally.found.len().min(LISTED)];
    let mut take: Vec<usize> = listed.iter().map(|_| 1).collect();
    let mut sum = take.len();
    // One more for everybody, as long as there is room.
    let longest = listed.iter().map(|found| found.places.len()).max();
    for _ in 1..longest.unwrap_or(0) {
        for (found, take) in listed.iter().zip(&mut take) {
            if sum < most && *take < found.places.len() {
                *take += 1;
                sum += 1;
            }
        }
    }
    let mut n = 0;
    listed
        .iter()
        .zip(take)
        .map(|(found, take)| {
            let places = found.places.iter().take(take);
            places
                .map(|place| {
                    n += 1;
                    Citation {
                        n,
                        document: found.document.id.clone(),
                        revision: found.document.revision.clone().unwrap_or_else(|| "".into()),
                        path: found.document.path.clone(),
                        title: found.document.title.clone(),
                        page: place.page,
                        span: place.span,
                        locator: Default::default(),
                        quote: place.quote.clone(),
                        score: 1.0,
                    }
                })
                .collect()
        })
        .collect()
}

/// The documents that a question is about, as the filter that it stands for. Of many, the first are named.
fn within(chosen: &[&Document], of: usize) -> Filtered {
    const NAMED: usize = 3;
    let named = Filters {
        files: chosen
            .iter()
            .take(NAMED)
            .map(|document| document.file_name())
            .collect(),
        ..Filters::default()
    };
    let mut filters = named.shown();
    filters.extend((chosen.len() > NAMED).then(|| "…".to_owned()));
    Filtered {
        filters,
        documents: chosen.len() as u32,
        of: of as u32,
        ..Filtered::default()
    }
}

/// A quote as a passage of its own, under its citation's number.
pub(super) fn passage(citation: &Citation) -> Passage {
    Passage {
        rank: citation.n,
        document: citation.document.clone(),
        revision: citation.revision.clone(),
        path: citation.path.clone(),
        title: citation.title.clone(),
        page: citation.page,
        span: citation.span,
        locator: citation.locator.clone(),
        headings: Vec::new(),
        injections: injection::find(&citation.quote),
        text: citation.quote.clone(),
        score: citation.score,
        scores: Scores::default(),
    }
}

/// A sentence that the scan proves.
pub(super) fn proved(text: String, citations: Vec<u32>) -> Sentence {
    Sentence {
        text,
        verdict: Verdict::Supported,
        citations,
    }
}
