//! Vectors of a document's earlier revision: what did not change is not embedded again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::ids::RevisionId;
use crate::ports::ChunkStore;

/// Chunks that are read at once.
const STRETCH: u32 = 4_096;
/// Chunks that are held: of a longer document, those about the place that its new text has come to.
const HELD: u32 = 4 * STRETCH;

/// The vectors of an earlier revision, by text hash.
pub(super) struct Earlier {
    store: Arc<dyn ChunkStore>,
    /// None: there is none, or all of it was read.
    revision: Option<RevisionId>,
    vectors: HashMap<String, (u32, Vec<f32>)>,
    /// Ordinal up to which it was read.
    read: u32,
    /// Ordinal of the last one that was asked for and there.
    place: u32,
}

impl Earlier {
    /// Those of `revision`; of nothing, if there is none.
    pub fn new(store: Arc<dyn ChunkStore>, revision: Option<RevisionId>) -> Self {
        Self {
            store,
            revision,
            vectors: HashMap::new(),
            read: 0,
            place: 0,
        }
    }

    /// Reads on as far as the next texts may stand.
    ///
    /// # Errors
    /// What the store says.
    pub async fn reach(&mut self) -> Result<()> {
        while let Some(revision) = &self.revision
            && self.read < self.place + HELD / 2
        {
            let stretch = self.read..self.read + STRETCH;
            let read = self.store.vectors(revision, stretch).await?;
            if read.is_empty() {
                self.revision = None;
            }
            self.read += STRETCH;
            self.vectors.extend(
                read.into_iter()
                    .map(|(ordinal, hash, vector)| (hash, (ordinal, vector))),
            );
            let passed = self.read.saturating_sub(HELD);
            self.vectors.retain(|_, (ordinal, _)| *ordinal >= passed);
        }
        Ok(())
    }

    /// Whether the vector of a text is there.
    pub fn has(&self, hash: &str) -> bool {
        self.vectors.contains_key(hash)
    }

    /// The vector of a text.
    pub fn take(&mut self, hash: &str) -> Option<Vec<f32>> {
        let (ordinal, vector) = self.vectors.get(hash)?;
        self.place = self.place.max(*ordinal);
        Some(vector.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryChunkStore;
    use crate::span::CharSpan;
    use crate::types::{Chunk, ChunkRow, IndexSpec};

    #[tokio::test]
    async fn all_of_a_long_document_is_found_in_its_order_with_few_held() {
        let store = MemoryChunkStore::default();
        let spec = IndexSpec {
            embedder: "e".into(),
            dimension: 1,
            chunker: "c".into(),
            schema: 1,
        };
        store.begin(&spec).await.unwrap();
        let count = 3 * HELD;
        let rows = (0..count).map(|ordinal| ChunkRow {
            chunk: Chunk {
                id: ordinal.to_string().as_str().into(),
                ordinal,
                page: 1,
                span: CharSpan::default(),
                text: String::new(),
                headings: Vec::new(),
                text_hash: format!("hash {ordinal}"),
            },
            document: "d".into(),
            revision: "old".into(),
            collection: String::new(),
            terms: String::new(),
            vector: vec![ordinal as f32],
        });
        store.append(rows.collect()).await.unwrap();
        let mut earlier = Earlier::new(Arc::new(store), Some("old".into()));
        // A thousand are new at the start, and a thousand are gone later.
        for ordinal in (0..count).filter(|ordinal| !(20_000..21_000).contains(ordinal)) {
            earlier.reach().await.unwrap();
            assert_eq!(
                earlier.take(&format!("hash {ordinal}")),
                Some(vec![ordinal as f32])
            );
            assert!(earlier.vectors.len() <= HELD as usize);
        }
        assert!(!earlier.has("hash of what is new"));
    }
}
