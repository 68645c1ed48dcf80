//! Chunks in a vector.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Mutex;

use async_trait::async_trait;

use crate::collections::Written;
use crate::error::{Error, Result};
use crate::ids::{DocumentId, RevisionId};
use crate::ports::{ChunkStore, RowFilter, StoreHealth, StoredRevision};
use crate::text::content_terms;
use crate::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};

/// A [`ChunkStore`] without a disk.
#[derive(Default)]
pub struct MemoryChunkStore {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Every stamp there was; the last is that of new rows.
    specs: Vec<IndexSpec>,
    rows: Vec<(IndexSpec, ChunkRow)>,
}

impl MemoryChunkStore {
    fn state(&self) -> Result<std::sync::MutexGuard<'_, State>> {
        self.state
            .lock()
            .map_err(|_| Error::bug("a test thread panicked"))
    }

    fn rank(
        &self,
        filter: &RowFilter,
        k: usize,
        score: impl Fn(&IndexSpec, &ChunkRow) -> f32,
    ) -> Result<Vec<ChunkHit>> {
        let state = self.state()?;
        let current = state.specs.last();
        let mut hits: Vec<ChunkHit> = state
            .rows
            .iter()
            .filter(|(_, row)| !filter.hidden.contains(&row.revision))
            .filter(|(_, row)| {
                let of_it = |written: &Written| written.has(&row.collection, &row.document);
                let within = filter.within.as_ref();
                within.is_none_or(|within| within.iter().any(of_it))
            })
            .filter(|(_, row)| filter.documents.is_empty() || filter.documents.contains(&row.document))
            .map(|(spec, row)| ChunkHit {
                chunk: row.chunk.clone(),
                document: row.document.clone(),
                revision: row.revision.clone(),
                score: score(spec, row),
                vector: if current.is_some_and(|current| current.embedder == spec.embedder) {
                    row.vector.clone()
                } else {
                    Vec::new()
                },
            })
            .filter(|hit| hit.score > 0.0)
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(k);
        Ok(hits)
    }
}

#[async_trait]
impl ChunkStore for MemoryChunkStore {
    async fn spec(&self) -> Result<Option<IndexSpec>> {
        Ok(self.state()?.specs.last().cloned())
    }

    async fn begin(&self, spec: &IndexSpec) -> Result<()> {
        let mut state = self.state()?;
        state.specs.retain(|old| old != spec);
        state.specs.push(spec.clone());
        Ok(())
    }

    async fn embedders(&self) -> Result<Vec<String>> {
        let mut embedders: Vec<String> = Vec::new();
        for spec in self.state()?.specs.iter().rev() {
            if !embedders.contains(&spec.embedder) {
                embedders.push(spec.embedder.clone());
            }
        }
        Ok(embedders)
    }

    async fn append(&self, rows: Vec<ChunkRow>) -> Result<()> {
        let mut state = self.state()?;
        let spec = state
            .specs
            .last()
            .cloned()
            .ok_or_else(|| Error::bug("Chunks were added to an index that was not begun"))?;
        state.rows.extend(rows.into_iter().map(|row| (spec.clone(), row)));
        Ok(())
    }

    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()> {
        self.state()?
            .rows
            .retain(|(_, row)| !revisions.contains(&row.revision));
        Ok(())
    }

    async fn purge_documents(&self, documents: &[DocumentId]) -> Result<()> {
        self.state()?
            .rows
            .retain(|(_, row)| !documents.contains(&row.document));
        Ok(())
    }

    async fn vectors(
        &self,
        revision: &RevisionId,
        ordinals: Range<u32>,
    ) -> Result<Vec<(u32, String, Vec<f32>)>> {
        let state = self.state()?;
        let current = state.specs.last();
        let rows = state.rows.iter().filter(|(spec, row)| {
            row.revision == *revision
                && ordinals.contains(&row.chunk.ordinal)
                && current.is_some_and(|now| now.embedder == spec.embedder)
        });
        Ok(rows
            .map(|(_, row)| (row.chunk.ordinal, row.chunk.text_hash.clone(), row.vector.clone()))
            .collect())
    }

    async fn search_vector(
        &self,
        embedder: &str,
        vector: &[f32],
        filter: &RowFilter,
        k: usize,
    ) -> Result<Vec<ChunkHit>> {
        self.rank(filter, k, |spec, row| {
            if spec.embedder != embedder {
                return 0.0;
            }
            row.vector.iter().zip(vector).map(|(a, b)| a * b).sum()
        })
    }

    async fn search_text(&self, query: &str, filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        let asked: HashSet<_> = content_terms(query).into_iter().collect();
        self.rank(filter, k, |_, row| {
            let there: HashSet<_> = content_terms(&row.search_text()).into_iter().collect();
            asked.intersection(&there).count() as f32
        })
    }

    async fn chunks(&self, revision: &RevisionId) -> Result<Vec<Chunk>> {
        let state = self.state()?;
        let mut chunks: Vec<Chunk> = state
            .rows
            .iter()
            .filter(|(_, row)| row.revision == *revision)
            .map(|(_, row)| row.chunk.clone())
            .collect();
        chunks.sort_by_key(|chunk| chunk.ordinal);
        Ok(chunks)
    }

    async fn revisions(&self) -> Result<Vec<StoredRevision>> {
        let state = self.state()?;
        let current = state.specs.last();
        let mut counts: BTreeMap<(DocumentId, RevisionId, bool), u64> = BTreeMap::new();
        for (spec, row) in &state.rows {
            *counts
                .entry((row.document.clone(), row.revision.clone(), Some(spec) == current))
                .or_default() += 1;
        }
        Ok(counts
            .into_iter()
            .map(|((document, revision, current), rows)| StoredRevision {
                document,
                revision,
                rows,
                current,
            })
            .collect())
    }

    async fn optimize(&self) -> Result<()> {
        let mut state = self.state()?;
        let current = state.specs.last().cloned();
        let State { specs, rows } = &mut *state;
        specs.retain(|spec| Some(spec) == current.as_ref() || rows.iter().any(|(of, _)| of == spec));
        Ok(())
    }

    async fn health(&self) -> Result<StoreHealth> {
        Ok(StoreHealth {
            rows: self.state()?.rows.len() as u64,
            ..Default::default()
        })
    }
}
