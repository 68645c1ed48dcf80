//! The port on top of the tables.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use footnote_core::ports::{ChunkStore, RowFilter, StoreHealth, StoredRevision};
use footnote_core::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};
use footnote_core::{DocumentId, Error, Problem, Result, RevisionId};
use futures::TryStreamExt;
use lancedb::connection::Connection;
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::{ObjectStoreRegistry, Session, Table};
use tokio::sync::{Mutex, RwLock};

use crate::error::Translate;
use crate::filter::{one_of, these};
use crate::rows::{self, CHUNK_COLUMNS};
use crate::tables::{Open, Tables};
use crate::{disk, indexes, process, search};

/// Ids in one SQL condition.
const IDS_PER_CONDITION: usize = 500;
/// Memory for parts of indexes that were read, and for descriptions of files. Tidying up a large index fills it each time, and a
/// search of half a million chunks is as fast with half of it as with four times as much: the system keeps the files, too.
const INDEX_CACHE_BYTES: usize = 64 << 20;
const METADATA_CACHE_BYTES: usize = 16 << 20;

/// Chunks in a LanceDB folder. Clones share it.
///
/// One process at a time may have a folder open (the ledger's `DataDirLock` sees to it): old versions
/// are pruned on the assumption that nobody else reads them.
#[derive(Clone)]
pub struct LanceStore {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    connection: Connection,
    /// One writer at a time. Searches do not wait for it.
    writing: Mutex<()>,
    /// Searches read-lock it, for an old version's files may be in use until they are done; pruning,
    /// beginning and dropping write-lock it.
    tables: RwLock<Tables>,
}

impl LanceStore {
    /// Opens the store in `dir`; makes the folder if it is not there.
    ///
    /// # Errors
    /// The index is damaged or was written by a newer Footnote; nothing is changed then.
    pub async fn open(dir: &Path) -> Result<Self> {
        const DOING: &str = "opening it";
        std::fs::create_dir_all(dir).map_err(|e| Error::from(e).at(dir.display()))?;
        let uri = dir.to_str().ok_or_else(|| {
            Error::user(format!(
                "The path of the data folder is not Unicode: {}",
                dir.display()
            ))
            .problem(Problem::PathNotUnicode)
            .hint("Choose another data folder with --data-dir")
        })?;
        let session = Session::new(
            INDEX_CACHE_BYTES,
            METADATA_CACHE_BYTES,
            Arc::new(ObjectStoreRegistry::default()),
        );
        let connection = lancedb::connect(uri)
            .session(Arc::new(session))
            .execute()
            .await
            .during(DOING)?;
        let tables = Tables::open(&connection).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                connection,
                writing: Mutex::new(()),
                tables: RwLock::new(tables),
            }),
        })
    }

    /// Runs a write to its end even if the caller stops waiting: a half-done one would leave its
    /// files behind, and its lock would be free while parts of it still run.
    async fn write<T, F>(&self, work: impl FnOnce(Arc<Inner>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        tokio::spawn(work(Arc::clone(&self.inner)))
            .await
            .map_err(|e| Error::bug(format!("Work on the index broke off: {e}")))?
    }
}

impl Inner {
    /// The tables as they are now; only a writer may use them without the lock.
    async fn all(&self) -> Tables {
        self.tables.read().await.clone()
    }

    async fn begin(&self, spec: &IndexSpec) -> Result<()> {
        let _writing = self.writing.lock().await;
        let mut tables = self.tables.write().await;
        if tables.current().is_some_and(|open| open.spec == *spec) {
            return Ok(());
        }
        tables.begin(&self.connection, spec).await
    }

    async fn append(&self, rows: &[ChunkRow]) -> Result<()> {
        const DOING: &str = "adding chunks";
        if rows.is_empty() {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        let tables = self.all().await;
        let Some(Open { table, spec, .. }) = tables.current() else {
            return Err(Error::bug("Chunks were added to an index that was not begun"));
        };
        let batch = rows::batch(&rows::schema(spec)?, spec.dimension, rows)?;
        table.add(batch).execute().await.during(DOING)?;
        Ok(())
    }

    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()> {
        let _writing = self.writing.lock().await;
        for Open { table, .. } in self.all().await.iter() {
            for revisions in revisions.chunks(IDS_PER_CONDITION) {
                let condition = one_of("revision", revisions.iter().map(RevisionId::as_str));
                table.delete(condition.as_str()).await.during("deleting chunks")?;
            }
        }
        Ok(())
    }

    async fn purge_documents(&self, documents: &[DocumentId]) -> Result<()> {
        const DOING: &str = "removing documents";
        let _writing = self.writing.lock().await;
        let condition = these(documents);
        for Open { table, .. } in self.all().await.iter() {
            // All of it, also if there is no row: a crash may have come between these steps.
            indexes::delete_for_good(table, &condition).await.during(DOING)?;
            self.prune(table).await?;
        }
        Ok(())
    }

    async fn optimize(&self) -> Result<()> {
        const DOING: &str = "tidying up";
        let _writing = self.writing.lock().await;
        self.tables.write().await.drop_empty(&self.connection).await?;
        for Open { table, .. } in self.all().await.iter() {
            indexes::bring_up_to_date(table).await.during(DOING)?;
            self.prune(table).await?;
        }
        process::give_back();
        Ok(())
    }

    /// Waits for running searches, for they read versions that go.
    async fn prune(&self, table: &Table) -> Result<()> {
        let _nobody_reads = self.tables.write().await;
        indexes::prune(table).await.during("removing old files")
    }

    async fn health(&self) -> Result<StoreHealth> {
        const DOING: &str = "checking it";
        let tables = self.tables.read().await;
        let mut health = StoreHealth {
            bytes: disk::bytes_below(&self.dir),
            ..StoreHealth::default()
        };
        for Open { table, .. } in tables.iter() {
            let coverage = indexes::Coverage::of(table).await.during(DOING)?;
            health.rows += coverage.rows as u64;
            health.unindexed_rows += coverage.text_unindexed as u64;
            if let Some(dataset) = table.dataset()
                && let Err(error) = dataset.get().await.during(DOING)?.validate().await
            {
                health
                    .faults
                    .push(format!("the table contradicts itself: {error}"));
            }
            // Reading all rows finds files that are missing, cut short or garbled.
            match self.count_readable(table).await {
                Ok(rows) if rows == coverage.rows as u64 => {}
                Ok(rows) => health
                    .faults
                    .push(format!("{rows} of {} rows can be read", coverage.rows)),
                Err(error) => health.faults.push(error.message),
            }
        }
        Ok(health)
    }

    async fn count_readable(&self, table: &Table) -> Result<u64> {
        const DOING: &str = "reading all of it";
        let mut stream = table.query().execute().await.during(DOING)?;
        let mut rows = 0;
        while let Some(batch) = stream.try_next().await.during(DOING)? {
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }
}

#[async_trait]
impl ChunkStore for LanceStore {
    async fn spec(&self) -> Result<Option<IndexSpec>> {
        let tables = self.inner.tables.read().await;
        Ok(tables.current().map(|open| open.spec.clone()))
    }

    async fn begin(&self, spec: &IndexSpec) -> Result<()> {
        let spec = spec.clone();
        self.write(|inner| async move { inner.begin(&spec).await }).await
    }

    async fn embedders(&self) -> Result<Vec<String>> {
        let mut embedders: Vec<String> = Vec::new();
        for open in self.inner.tables.read().await.iter() {
            if !embedders.contains(&open.spec.embedder) {
                embedders.push(open.spec.embedder.clone());
            }
        }
        Ok(embedders)
    }

    async fn append(&self, rows: Vec<ChunkRow>) -> Result<()> {
        self.write(|inner| async move { inner.append(&rows).await }).await
    }

    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()> {
        if revisions.is_empty() {
            return Ok(());
        }
        let revisions = revisions.to_vec();
        self.write(|inner| async move { inner.delete_revisions(&revisions).await })
            .await
    }

    async fn purge_documents(&self, documents: &[DocumentId]) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        let documents = documents.to_vec();
        self.write(|inner| async move { inner.purge_documents(&documents).await })
            .await
    }

    async fn vectors(
        &self,
        revision: &RevisionId,
        ordinals: Range<u32>,
    ) -> Result<Vec<(u32, String, Vec<f32>)>> {
        const DOING: &str = "reading vectors";
        let tables = self.inner.tables.read().await;
        let Some(current) = tables.current() else {
            return Ok(Vec::new());
        };
        let condition = format!(
            "{} AND ordinal >= {} AND ordinal < {}",
            one_of("revision", std::iter::once(revision.as_str())),
            ordinals.start,
            ordinals.end
        );
        let mut vectors = Vec::new();
        for Open { table, .. } in tables.iter().filter(|open| same_vectors(open, current)) {
            let mut stream = table
                .query()
                .only_if(condition.as_str())
                .select(Select::columns(&["ordinal", "text_hash", rows::VECTOR]))
                .execute()
                .await
                .during(DOING)?;
            while let Some(batch) = stream.try_next().await.during(DOING)? {
                vectors.extend(rows::hashed_vectors(&batch)?);
            }
        }
        Ok(vectors)
    }

    async fn search_vector(
        &self,
        embedder: &str,
        vector: &[f32],
        filter: &RowFilter,
        k: usize,
    ) -> Result<Vec<ChunkHit>> {
        let tables = self.inner.tables.read().await;
        let mut found = Vec::new();
        for open in tables.iter().filter(|open| open.spec.embedder == embedder) {
            let Open { table, spec, .. } = open;
            if vector.len() != spec.dimension {
                return Err(Error::bug(format!(
                    "A query of {} numbers for an index of {}",
                    vector.len(),
                    spec.dimension
                )));
            }
            if k > 0 {
                let hits = search::by_vector(table, vector, filter, k).await?;
                found.push(comparable(&tables, open, hits));
            }
        }
        Ok(search::best(found, k))
    }

    async fn search_text(&self, query: &str, filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        let tables = self.inner.tables.read().await;
        let mut found = Vec::new();
        for open in tables.iter() {
            if k > 0 {
                let hits = search::by_text(&open.table, query, filter, k).await?;
                found.push(comparable(&tables, open, hits));
            }
        }
        Ok(search::best(found, k))
    }

    async fn chunks(&self, revision: &RevisionId) -> Result<Vec<Chunk>> {
        const DOING: &str = "reading chunks";
        let tables = self.inner.tables.read().await;
        let mut chunks = Vec::new();
        for Open { table, .. } in tables.iter() {
            let mut stream = table
                .query()
                .only_if(one_of("revision", std::iter::once(revision.as_str())))
                .select(Select::columns(&CHUNK_COLUMNS))
                .execute()
                .await
                .during(DOING)?;
            while let Some(batch) = stream.try_next().await.during(DOING)? {
                chunks.extend(rows::chunks(&batch)?);
            }
        }
        chunks.sort_by_key(|chunk| chunk.ordinal);
        Ok(chunks)
    }

    async fn revisions(&self) -> Result<Vec<StoredRevision>> {
        const DOING: &str = "counting chunks";
        let tables = self.inner.tables.read().await;
        let mut counts: BTreeMap<(String, String, bool), u64> = BTreeMap::new();
        for (at, Open { table, .. }) in tables.iter().enumerate() {
            let mut stream = table
                .query()
                .select(Select::columns(&["document", "revision"]))
                .execute()
                .await
                .during(DOING)?;
            while let Some(batch) = stream.try_next().await.during(DOING)? {
                let (documents, revisions) = (
                    rows::strings(&batch, "document")?,
                    rows::strings(&batch, "revision")?,
                );
                for row in 0..batch.num_rows() {
                    let key = (
                        documents.value(row).to_owned(),
                        revisions.value(row).to_owned(),
                        at == 0,
                    );
                    *counts.entry(key).or_default() += 1;
                }
            }
        }
        Ok(counts
            .into_iter()
            .map(|((document, revision, current), rows)| StoredRevision {
                document: DocumentId(document),
                revision: RevisionId(revision),
                rows,
                current,
            })
            .collect())
    }

    async fn optimize(&self) -> Result<()> {
        self.write(|inner| async move { inner.optimize().await }).await
    }

    async fn health(&self) -> Result<StoreHealth> {
        self.inner.health().await
    }
}

/// The hits of a table, without their vectors if those are of another embedder than the current table's.
fn comparable(tables: &Tables, of: &Open, mut hits: Vec<ChunkHit>) -> Vec<ChunkHit> {
    if tables.current().is_none_or(|current| !same_vectors(of, current)) {
        for hit in &mut hits {
            hit.vector = Vec::new();
        }
    }
    hits
}

/// Whether the vectors of two tables came from the same embedder.
fn same_vectors(a: &Open, b: &Open) -> bool {
    a.spec.embedder == b.spec.embedder && a.spec.dimension == b.spec.dimension
}
