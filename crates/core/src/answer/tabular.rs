//! Answers that are computed over tables: found, planned, run, and each row of the result cited.

mod candidates;
mod said;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::exhaustive::{Progress, passage};
use super::notes::send;
use super::{AnswerSink, Answerer, Draft, Understood, ms};
use crate::error::{Error, Result};
use crate::ids::RevisionId;
use crate::problem::Problem;
use crate::sieve::{Sieve, in_scope};
use crate::span::CharSpan;
use crate::tables::build::unite;
use crate::tables::kept::Head;
use crate::tables::planner::Planned;
use crate::tables::read::{Raw, Reader};
use crate::tables::words::{language, may_be_computed};
use crate::tables::{Computed, Measure, RowPlace, Table, Values};
use crate::types::{Answer, AnswerEvent, AnswerStage, Citation, Document, Scope, TableQuery, TableUsed};
use candidates::{Choice, Tables};
use said::Said;

/// Pages of tables that are read for one question; where there are more, it is not answered so.
const MAX_PAGES: u32 = 5_000;
/// Pages read at a time.
const PAGES_AT_A_TIME: u32 = 16;

impl Answerer {
    /// The answer, if the question is computed over a table; none if it is not clear that it is, and how.
    pub(super) async fn tabulate(
        &self,
        understood: &Understood,
        scope: &Scope,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Answer>> {
        let question = &understood.query;
        if !may_be_computed(question) {
            return Ok(None);
        }
        let began = Instant::now();
        let ledger = self.ledger.as_ref();
        let sieve = Sieve::new(&understood.asked.without_phrases(), scope, ledger, cancel).await?;
        let Some(narrowed) = sieve.scope.as_ref().filter(|_| sieve.excluded.is_empty()) else {
            return Ok(None);
        };
        let having: HashSet<RevisionId> = ledger.revisions_with_tables().await?.into_iter().collect();
        self.kept_tables.retain(&having);
        let mut documents = in_scope(ledger, narrowed).await?;
        documents.retain(|document| {
            document
                .revision
                .as_ref()
                .is_some_and(|revision| having.contains(revision))
        });
        let pages: u32 = documents.iter().map(|document| document.pages).sum();
        if documents.is_empty() || pages > MAX_PAGES {
            return Ok(None);
        }
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Computing,
        });
        let Some(candidate) = self.candidate(question, documents, sink, cancel).await? else {
            return Ok(None);
        };
        let Candidate {
            table,
            planned,
            documents,
        } = candidate;
        let shown = shown(&table, &planned.plan, &planned.shown);
        let computed = self.tables.compute(&table, &planned.plan, &shown, cancel).await?;
        let said = Said {
            table: &table,
            plan: &planned.plan,
            shown: &shown,
            computed: &computed,
            documents: &documents,
            language: language(question),
        };
        let (text, sentences, cited) = said.answer();
        let citations: Vec<Citation> = (1..)
            .zip(&cited)
            .map(|(n, row)| said.cite(n, *row, &shown))
            .collect();
        let citations = self.quoted(citations).await?;
        let mut draft = Draft::new(understood, scope);
        draft.found.passages = citations.iter().map(passage).collect();
        draft.found.filtered = sieve.outcome(true);
        draft.timings.search = ms(began);
        send(&text, &citations, &draft, sink);
        let mut answer = self.answer(&draft);
        answer.trace.prompt.clear();
        answer.trace.models.clear();
        answer.trace.table = Some(used(&table, &computed, &documents));
        answer.citations = citations;
        answer.answer = text;
        answer.sentences = sentences;
        answer.timings_ms.total = ms(draft.started);
        Ok(Some(answer))
    }

    /// Finds the only table among those of these documents that the question can be computed over. Tables that are
    /// not kept from an earlier question are read.
    async fn candidate(
        &self,
        question: &str,
        documents: Vec<Document>,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Candidate>> {
        let unknown = documents.iter().filter(|document| {
            let revision = document.revision.as_ref();
            revision.is_some_and(|revision| self.kept_tables.heads(revision).is_none())
        });
        let mut reading = Reading {
            progress: Progress::new(sink, unknown.map(|document| document.pages).sum()),
            raws: HashMap::new(),
        };
        let mut tables = Tables::new(question);
        for document in documents {
            // Between two documents a commit may pass; within one it may not.
            let _visible = self.visibility.read().await;
            let Some(document) = self.ledger.document(&document.id).await? else {
                continue;
            };
            let Some(revision) = document.revision.clone() else {
                continue;
            };
            let heads = match self.kept_tables.heads(&revision) {
                Some(heads) => heads,
                None => {
                    let raws = self.read_tables(&revision, &mut reading.progress, cancel).await?;
                    let heads: Arc<[Head]> = raws.iter().map(|raw| Head::of(raw)).collect();
                    self.kept_tables.keep_heads(revision.clone(), Arc::clone(&heads));
                    reading.raws.insert(revision.clone(), raws);
                    heads
                }
            };
            if !tables.add(document, &heads) {
                reading.raws.remove(&revision);
            }
        }
        let choices = tables.choices();
        let tables = Arc::new(tables);
        let mut found: Option<Candidate> = None;
        for group in choices {
            for choice in group {
                let Some(table) = self.table(&choice, &mut reading, sink, cancel).await? else {
                    continue;
                };
                let (asked, whole, choice) = (Arc::clone(&tables), Arc::clone(&table), Arc::new(choice));
                let of = Arc::clone(&choice);
                let Some(planned) = blocking(cancel, move || asked.plan(&of, &whole)).await? else {
                    continue;
                };
                if found.is_some() {
                    return Ok(None);
                }
                found = Some(Candidate {
                    table,
                    planned,
                    documents: choice.documents.clone(),
                });
                break;
            }
        }
        Ok(found)
    }

    /// The tables of a choice as one; none if they cannot be that.
    async fn table<'a>(
        &self,
        choice: &Choice,
        reading: &mut Reading<'a>,
        sink: &'a AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Arc<Table>>> {
        if let Some(kept) = self.kept_tables.table(&choice.key) {
            return Ok(kept);
        }
        let missing: Vec<&Document> = choice
            .documents
            .iter()
            .filter(|document| {
                let revision = document.revision.as_ref();
                revision.is_some_and(|revision| !reading.raws.contains_key(revision))
            })
            .collect();
        if !missing.is_empty() {
            reading.progress = Progress::new(sink, missing.iter().map(|document| document.pages).sum());
        }
        for revision in missing
            .into_iter()
            .filter_map(|document| document.revision.clone())
        {
            let _visible = self.visibility.read().await;
            let raws = self.read_tables(&revision, &mut reading.progress, cancel).await?;
            reading.raws.insert(revision, raws);
        }
        let Some(sources) = choice.sources(&reading.raws) else {
            // Another revision has taken its place meanwhile.
            return Ok(None);
        };
        let name = choice.key.name.clone();
        let table = blocking(cancel, move || unite(name, sources).map(Arc::new)).await?;
        self.kept_tables.keep(choice.key.clone(), table.clone());
        Ok(table)
    }

    /// The tables of a revision, page by page.
    async fn read_tables(
        &self,
        revision: &RevisionId,
        progress: &mut Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<Vec<Arc<Raw>>> {
        let (mut reader, mut from) = (Reader::default(), 0);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let batch = self.ledger.table_pages(revision, from, PAGES_AT_A_TIME).await?;
            let Some(last) = batch.last() else { break };
            from = last.number + 1;
            progress.add(batch.len());
            reader = blocking(cancel, move || {
                batch.iter().for_each(|page| reader.page(page));
                reader
            })
            .await?;
        }
        Ok(reader.finish().into_iter().map(Arc::new).collect())
    }

    /// With the text of the page that each stands for.
    async fn quoted(&self, mut citations: Vec<Citation>) -> Result<Vec<Citation>> {
        let mut last: Option<(RevisionId, u32, String)> = None;
        for citation in &mut citations {
            let same = last
                .as_ref()
                .filter(|(revision, page, _)| *revision == citation.revision && *page == citation.page);
            if same.is_none() {
                let page = self.ledger.page(&citation.revision, citation.page).await?;
                let page = page.ok_or_else(|| {
                    Error::runtime(format!("{} was changed or removed meanwhile", citation.title))
                        .problem(Problem::SourceChanged {
                            title: citation.title.clone(),
                        })
                        .hint("Ask again")
                })?;
                last = Some((citation.revision.clone(), citation.page, page.text));
            }
            if let Some((_, _, text)) = &last {
                citation.quote = citation.span.of(text).to_owned();
            }
        }
        Ok(citations)
    }
}

/// A table, and what is computed over it.
struct Candidate {
    table: Arc<Table>,
    planned: Planned,
    /// Those that the table's parts refer to.
    documents: Vec<Document>,
}

/// What was read for this question.
struct Reading<'a> {
    progress: Progress<'a>,
    /// The tables of documents that the question may be about.
    raws: HashMap<RevisionId, Vec<Arc<Raw>>>,
}

async fn blocking<T: Send + 'static>(
    cancel: &CancellationToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let work = tokio::task::spawn_blocking(work);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::canceled()),
        done = work => done.map_err(|e| Error::bug(format!("reading the tables stopped: {e}"))),
    }
}

/// The columns that rows of the result are shown by: those asked for, or else the first one of words, and those that
/// the plan reads.
fn shown(table: &Table, plan: &crate::tables::Plan, asked: &[usize]) -> Vec<usize> {
    if plan.group.is_some()
        || !matches!(
            plan.measure,
            Measure::Rows | Measure::Extreme(..) | Measure::Top(..)
        )
    {
        return plan.columns();
    }
    let is_text = |column: &usize| matches!(table.columns[*column].values, Values::Text(_));
    let mut shown = asked.to_vec();
    if !shown.iter().any(is_text) {
        shown.extend((0..table.columns.len()).find(is_text));
    }
    shown.sort_by_key(|column| !is_text(column));
    for column in plan.columns() {
        if !shown.contains(&column) {
            shown.push(column);
        }
    }
    shown
}

/// From the first to the last of these cells of a row; of the whole row if they are blank.
fn span_of(place: &RowPlace, columns: &[usize]) -> CharSpan {
    let named: Vec<CharSpan> = columns.iter().filter_map(|column| place.cells[*column]).collect();
    let cells = if named.is_empty() {
        place.cells.iter().flatten().copied().collect()
    } else {
        named
    };
    let start = cells.iter().map(|cell| cell.start).min().unwrap_or_default();
    CharSpan::new(start, cells.iter().map(|cell| cell.end).max().unwrap_or(start))
}

fn used(table: &Arc<Table>, computed: &Computed, documents: &[Document]) -> TableQuery {
    TableQuery {
        sql: computed.sql.clone(),
        tables: table
            .parts
            .iter()
            .map(|part| TableUsed {
                document: documents[part.document].id.clone(),
                label: part.label.clone(),
            })
            .collect(),
        matched: computed.matched.len() as u32,
        rows: table.rows.len() as u32,
        totals: table.totals,
    }
}
