//! What the filters of a query leave of the documents, before anything is ranked.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::advice::Advice;
use crate::error::{Error, Result};
use crate::find::{Exact, Language, Wanted};
use crate::ids::{DocumentId, RevisionId};
use crate::ports::{Ledger, PageText};
use crate::query::{Filters, Query};
use crate::span::{CharIndex, CharSpan};
use crate::types::{ChunkHit, Document, Scope};

/// Pages read from the ledger at a time.
const PAGES_AT_A_TIME: u32 = 64;

/// What filters did, for people and for the trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filtered {
    /// The filters as they are typed.
    pub filters: Vec<String>,
    /// Documents that pass.
    pub documents: u32,
    /// Documents that were asked about.
    pub of: u32,
    /// If nothing was found: which filter left nothing, and what to do; in English.
    pub advice: Option<String>,
    /// The same by name; none in what an earlier version wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Advice>,
}

impl Filtered {
    fn advised(self, advice: Option<Advice>) -> Self {
        Self {
            advice: advice.as_ref().map(|advice| advice.told(Language::English)),
            why: advice,
            ..self
        }
    }

    /// What to do if nothing was found, in this language where its name is known.
    pub fn advice_in(&self, language: Language) -> Option<String> {
        match &self.why {
            Some(why) => Some(why.told(language)),
            None => self.advice.clone(),
        }
    }
}

/// A query's filters, applied to a scope.
pub(crate) struct Sieve {
    /// Documents that pass; all of the scope if none are named. `None`: there are none.
    pub scope: Option<Scope>,
    pub filtered: Option<Filtered>,
    /// Per phrase, where it stands.
    phrases: Vec<HashMap<(RevisionId, u32), Vec<CharSpan>>>,
    /// What must not stand in a passage.
    pub excluded: Vec<Wanted>,
}

impl Sieve {
    /// Applies the filters of `query` to the documents of `scope`. Reads every page of those that are left, if the
    /// query has exact words.
    ///
    /// # Errors
    /// What the ledger says, or [`Error::canceled`].
    pub async fn new(
        query: &Query,
        scope: &Scope,
        ledger: &dyn Ledger,
        cancel: &CancellationToken,
    ) -> Result<Self> {
        let filters = query.filters();
        if filters.is_empty() {
            return Ok(Self {
                scope: Some(scope.clone()),
                filtered: None,
                phrases: Vec::new(),
                excluded: Vec::new(),
            });
        }
        let within: Vec<Document> = in_scope(ledger, scope).await?;
        let of = within.len();
        let mut advice = filters.contradiction();
        let mut left = if advice.is_none() { within } else { Vec::new() };
        for step in [Step::Names, Step::Dates, Step::Languages] {
            let before = std::mem::take(&mut left);
            left = before
                .iter()
                .filter(|document| step.lets(filters, document))
                .cloned()
                .collect();
            if left.is_empty() && advice.is_none() && of > 0 {
                advice = Some(step.advice(filters, &before));
            }
        }
        let mut phrases = Vec::new();
        for phrase in &filters.phrases {
            let Some(exact) = Exact::new(phrase) else { continue };
            let (places, having) = places_of(&exact, &left, ledger, cancel).await?;
            left.retain(|document| having.contains(&document.id));
            if left.is_empty() && advice.is_none() && of > 0 {
                advice = Some(Advice::NotExact {
                    phrase: phrase.clone(),
                });
            }
            phrases.push(places);
        }
        let filtered = Filtered {
            filters: filters.shown(),
            documents: left.len() as u32,
            of: of as u32,
            ..Filtered::default()
        }
        .advised(advice);
        let narrowed = Scope {
            collection: scope.collection.clone(),
            documents: if left.len() == of {
                scope.documents.clone()
            } else {
                left.iter().map(|document| document.id.clone()).collect()
            },
        };
        Ok(Self {
            scope: (!left.is_empty()).then_some(narrowed),
            filtered: Some(filtered),
            phrases,
            excluded: filters
                .excluded
                .iter()
                .filter_map(|excluded| excluded.wanted())
                .collect(),
        })
    }

    /// Whether chunks of the documents that pass have to be looked at one by one.
    pub fn looks_at_chunks(&self) -> bool {
        !self.phrases.is_empty() || !self.excluded.is_empty()
    }

    /// Whether a chunk passes: it shares a character with every exact phrase, and has nothing that is excluded.
    pub fn lets(&self, hit: &ChunkHit) -> bool {
        let key = (hit.revision.clone(), hit.chunk.page);
        let there = |places: &HashMap<_, Vec<CharSpan>>| {
            places
                .get(&key)
                .is_some_and(|spans| spans.iter().any(|span| span.overlaps(hit.chunk.span)))
        };
        self.phrases.iter().all(there)
            && self
                .excluded
                .iter()
                .all(|wanted| wanted.find(&hit.chunk.text).is_empty())
    }

    /// What the filters did, given whether any passage was left.
    pub fn outcome(self, found: bool) -> Option<Filtered> {
        let mut filtered = self.filtered?;
        if found {
            filtered = filtered.advised(None);
        } else if filtered.advice.is_none() && filtered.of > 0 {
            let advice = if self.phrases.len() > 1 {
                Advice::NotAllExact
            } else if self.excluded.is_empty() {
                Advice::NothingFits
            } else {
                let shown = filtered.filters.iter().filter(|shown| shown.starts_with('-'));
                Advice::NothingWithout {
                    filters: shown.cloned().collect(),
                }
            };
            filtered = filtered.advised(Some(advice));
        }
        Some(filtered)
    }
}

/// A filter on documents.
#[derive(Clone, Copy)]
enum Step {
    Names,
    Dates,
    Languages,
}

impl Step {
    fn lets(self, filters: &Filters, document: &Document) -> bool {
        match self {
            Self::Names => filters.names(document),
            Self::Dates => filters.dated(document),
            Self::Languages => filters.spoken(document),
        }
    }

    /// Why none of `documents` passed.
    fn advice(self, filters: &Filters, documents: &[Document]) -> Advice {
        let shown = filters.shown();
        let these = |prefixes: &[&str]| {
            let chosen = shown
                .iter()
                .filter(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)));
            chosen.map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        let of = documents.len() as u32;
        match self {
            Self::Names => Advice::NotNamed {
                documents: of,
                filters: these(&["file:", "-file:"]),
            },
            Self::Dates => {
                let dated = |document: &&Document| document.date.is_some();
                let undated = of - documents.iter().filter(dated).count() as u32;
                let filters = these(&["after:", "before:"]);
                if undated == of {
                    Advice::Undated {
                        documents: of,
                        filters,
                    }
                } else {
                    Advice::OtherTime {
                        documents: of,
                        undated,
                        filters,
                    }
                }
            }
            Self::Languages => {
                let mut found: Vec<String> = documents
                    .iter()
                    .filter_map(|document| document.language.clone())
                    .collect();
                found.sort_unstable();
                found.dedup();
                let filters = these(&["lang:"]);
                if found.is_empty() {
                    Advice::LanguageUnknown {
                        documents: of,
                        filters,
                    }
                } else {
                    Advice::OtherLanguage {
                        documents: of,
                        languages: found,
                        filters,
                    }
                }
            }
        }
    }
}

/// The documents of a scope that can be searched, by path.
///
/// # Errors
/// What the ledger says.
pub(crate) async fn in_scope(ledger: &dyn Ledger, scope: &Scope) -> Result<Vec<Document>> {
    let mut documents = ledger.documents().await?;
    documents.retain(|document| {
        document.revision.is_some()
            && scope
                .collection
                .as_ref()
                .is_none_or(|name| *name == document.collection)
            && (scope.documents.is_empty() || scope.documents.contains(&document.id))
    });
    Ok(documents)
}

/// The pages of a revision with their texts, a few at a time.
pub(crate) struct Pages<'a> {
    pub ledger: &'a dyn Ledger,
    pub revision: &'a RevisionId,
    pub from: u32,
}

impl Pages<'_> {
    /// The next few; empty at the end.
    ///
    /// # Errors
    /// What the ledger says, or [`Error::canceled`].
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<Vec<PageText>> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        let pages = self
            .ledger
            .page_texts(self.revision, self.from, PAGES_AT_A_TIME)
            .await?;
        if let Some(last) = pages.last() {
            self.from = last.number + 1;
        }
        Ok(pages)
    }
}

/// What `find` finds in a page's text, what repeats from page to page aside.
pub(crate) fn spans_in(page: &PageText, find: impl Fn(&str) -> Vec<std::ops::Range<usize>>) -> Vec<CharSpan> {
    let found = find(&page.text);
    if found.is_empty() {
        return Vec::new();
    }
    let index = CharIndex::new(&page.text);
    let spans = found.into_iter().map(|range| index.span(range));
    spans
        .filter(|span| !page.furniture.iter().any(|furniture| furniture.overlaps(*span)))
        .collect()
}

type Places = HashMap<(RevisionId, u32), Vec<CharSpan>>;

/// Where a phrase stands in these documents, and which have it.
async fn places_of(
    exact: &Exact,
    documents: &[Document],
    ledger: &dyn Ledger,
    cancel: &CancellationToken,
) -> Result<(Places, HashSet<DocumentId>)> {
    let mut places = Places::new();
    let mut having = HashSet::new();
    for document in documents {
        let Some(revision) = &document.revision else {
            continue;
        };
        let mut pages = Pages {
            ledger,
            revision,
            from: 0,
        };
        loop {
            let batch = pages.next(cancel).await?;
            if batch.is_empty() {
                break;
            }
            let exact = exact.clone();
            let found = tokio::task::spawn_blocking(move || {
                let found = batch
                    .iter()
                    .map(|page| (page.number, spans_in(page, |text| exact.find(text))));
                found.filter(|(_, spans)| !spans.is_empty()).collect::<Vec<_>>()
            })
            .await
            .map_err(|e| Error::bug(format!("looking for exact words stopped: {e}")))?;
            for (number, spans) in found {
                having.insert(document.id.clone());
                places.insert((revision.clone(), number), spans);
            }
        }
    }
    Ok((places, having))
}
