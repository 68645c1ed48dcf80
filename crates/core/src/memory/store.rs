//! Chunks in a vector.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::ids::{DocumentId, RevisionId};
use crate::ports::{ChunkStore, RowFilter, StoreHealth};
use crate::text::content_terms;
use crate::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};

/// A [`ChunkStore`] without a disk.
#[derive(Default)]
pub struct MemoryChunkStore {
    state: Mutex<(Option<IndexSpec>, Vec<ChunkRow>)>,
}

impl MemoryChunkStore {
    fn state(&self) -> Result<std::sync::MutexGuard<'_, (Option<IndexSpec>, Vec<ChunkRow>)>> {
        self.state
            .lock()
            .map_err(|_| Error::bug("a test thread panicked"))
    }

    fn rank(&self, filter: &RowFilter, k: usize, score: impl Fn(&ChunkRow) -> f32) -> Result<Vec<ChunkHit>> {
        let state = self.state()?;
        let mut hits: Vec<ChunkHit> = state
            .1
            .iter()
            .filter(|row| !filter.hidden.contains(&row.revision))
            .filter(|row| {
                filter
                    .scope
                    .collection
                    .as_ref()
                    .is_none_or(|c| *c == row.collection)
            })
            .filter(|row| filter.scope.documents.is_empty() || filter.scope.documents.contains(&row.document))
            .map(|row| ChunkHit {
                chunk: row.chunk.clone(),
                document: row.document.clone(),
                revision: row.revision.clone(),
                score: score(row),
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
        Ok(self.state()?.0.clone())
    }

    async fn reset(&self, spec: &IndexSpec) -> Result<()> {
        *self.state()? = (Some(spec.clone()), Vec::new());
        Ok(())
    }

    async fn append(&self, rows: Vec<ChunkRow>) -> Result<()> {
        self.state()?.1.extend(rows);
        Ok(())
    }

    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()> {
        self.state()?.1.retain(|row| !revisions.contains(&row.revision));
        Ok(())
    }

    async fn purge_document(&self, document: &DocumentId) -> Result<()> {
        self.state()?.1.retain(|row| row.document != *document);
        Ok(())
    }

    async fn vectors(&self, revision: &RevisionId) -> Result<Vec<(String, Vec<f32>)>> {
        let state = self.state()?;
        let rows = state.1.iter().filter(|row| row.revision == *revision);
        Ok(rows
            .map(|row| (row.chunk.text_hash.clone(), row.vector.clone()))
            .collect())
    }

    async fn search_vector(&self, vector: &[f32], filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        self.rank(filter, k, |row| {
            row.vector.iter().zip(vector).map(|(a, b)| a * b).sum()
        })
    }

    async fn search_text(&self, query: &str, filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        let asked: HashSet<_> = content_terms(query).into_iter().collect();
        self.rank(filter, k, |row| {
            let there: HashSet<_> = content_terms(&row.chunk.embedded_text()).into_iter().collect();
            asked.intersection(&there).count() as f32
        })
    }

    async fn chunks(&self, revision: &RevisionId) -> Result<Vec<Chunk>> {
        let state = self.state()?;
        let mut chunks: Vec<Chunk> = state
            .1
            .iter()
            .filter(|row| row.revision == *revision)
            .map(|row| row.chunk.clone())
            .collect();
        chunks.sort_by_key(|chunk| chunk.ordinal);
        Ok(chunks)
    }

    async fn revisions(&self) -> Result<Vec<(DocumentId, RevisionId, u64)>> {
        let mut counts: BTreeMap<(DocumentId, RevisionId), u64> = BTreeMap::new();
        for row in &self.state()?.1 {
            *counts
                .entry((row.document.clone(), row.revision.clone()))
                .or_default() += 1;
        }
        Ok(counts
            .into_iter()
            .map(|((document, revision), rows)| (document, revision, rows))
            .collect())
    }

    async fn optimize(&self) -> Result<()> {
        Ok(())
    }

    async fn health(&self) -> Result<StoreHealth> {
        Ok(StoreHealth {
            rows: self.state()?.1.len() as u64,
            ..Default::default()
        })
    }
}
