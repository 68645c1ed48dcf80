//! The port on top of one table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use footnote_core::ports::{ChunkStore, RowFilter, StoreHealth};
use footnote_core::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};
use footnote_core::{DocumentId, Error, Result, RevisionId};
use futures::TryStreamExt;
use lancedb::connection::Connection;
use lancedb::database::CreateTableMode;
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::table::WriteOptions;
use lancedb::{ObjectStoreRegistry, Session, Table};
use tokio::sync::{Mutex, RwLock};

use crate::error::Translate;
use crate::filter::{one_of, quoted};
use crate::rows::{self, CHUNK_COLUMNS};
use crate::{disk, indexes, search};

const TABLE: &str = "chunks";
/// Ids in one SQL condition.
const IDS_PER_CONDITION: usize = 500;
/// Memory for parts of indexes that were read, and for descriptions of files.
const INDEX_CACHE_BYTES: usize = 512 << 20;
const METADATA_CACHE_BYTES: usize = 128 << 20;

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
    /// Searches read-lock it, for an old version's files may be in use until they are done; pruning
    /// and resetting write-lock it.
    open: RwLock<Option<Open>>,
}

#[derive(Clone)]
struct Open {
    table: Table,
    spec: IndexSpec,
}

impl LanceStore {
    /// Opens the store in `dir`; makes the folder if it is not there.
    ///
    /// # Errors
    /// The table is damaged or was written by a newer Footnote; nothing is changed then.
    pub async fn open(dir: &Path) -> Result<Self> {
        const DOING: &str = "opening it";
        std::fs::create_dir_all(dir).map_err(|e| Error::from(e).at(dir.display()))?;
        let uri = dir.to_str().ok_or_else(|| {
            Error::user(format!(
                "The path of the data folder is not Unicode: {}",
                dir.display()
            ))
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
        let open = match connection.open_table(TABLE).execute().await {
            Ok(table) => {
                // A table without a readable stamp counts as none: it is built anew.
                let schema = table.schema().await.during(DOING)?;
                rows::spec_of(&schema).map(|spec| Open { table, spec })
            }
            Err(lancedb::Error::TableNotFound { .. }) => None,
            Err(error) => return Err(error).during(DOING),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                connection,
                writing: Mutex::new(()),
                open: RwLock::new(open),
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
    async fn current(&self) -> Option<Open> {
        self.open.read().await.clone()
    }

    async fn reset(&self, spec: &IndexSpec) -> Result<()> {
        const DOING: &str = "starting a new index";
        let _writing = self.writing.lock().await;
        let schema = rows::schema(spec)?;
        let mut open = self.open.write().await;
        // Overwriting is one commit: the old table or the new, empty one is there.
        let table = self
            .connection
            .create_empty_table(TABLE, schema)
            .mode(CreateTableMode::Overwrite)
            .write_options(WriteOptions::default())
            .execute()
            .await
            .during(DOING)?;
        indexes::create_all(&table).await.during(DOING)?;
        indexes::prune(&table).await.during(DOING)?;
        *open = Some(Open {
            table,
            spec: spec.clone(),
        });
        Ok(())
    }

    async fn append(&self, rows: &[ChunkRow]) -> Result<()> {
        const DOING: &str = "adding chunks";
        if rows.is_empty() {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        let Some(Open { table, spec }) = self.current().await else {
            return Err(Error::bug("Chunks were added to an index that was not begun"));
        };
        let batch = rows::batch(&rows::schema(&spec)?, spec.dimension, rows)?;
        table.add(batch).execute().await.during(DOING)?;
        Ok(())
    }

    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()> {
        let _writing = self.writing.lock().await;
        let Some(Open { table, .. }) = self.current().await else {
            return Ok(());
        };
        for revisions in revisions.chunks(IDS_PER_CONDITION) {
            let condition = one_of("revision", revisions.iter().map(RevisionId::as_str));
            table.delete(condition.as_str()).await.during("deleting chunks")?;
        }
        Ok(())
    }

    async fn purge_document(&self, document: &DocumentId) -> Result<()> {
        const DOING: &str = "removing a document";
        let _writing = self.writing.lock().await;
        let Some(Open { table, .. }) = self.current().await else {
            return Ok(());
        };
        let condition = format!("document = {}", quoted(document.as_str()));
        // All of it, also if there is no row: a crash may have come between these steps.
        indexes::delete_for_good(&table, &condition).await.during(DOING)?;
        self.prune(&table).await
    }

    async fn optimize(&self) -> Result<()> {
        const DOING: &str = "tidying up";
        let _writing = self.writing.lock().await;
        let Some(Open { table, .. }) = self.current().await else {
            return Ok(());
        };
        indexes::bring_up_to_date(&table).await.during(DOING)?;
        self.prune(&table).await
    }

    /// Waits for running searches, for they read versions that go.
    async fn prune(&self, table: &Table) -> Result<()> {
        let _nobody_reads = self.open.write().await;
        indexes::prune(table).await.during("removing old files")
    }

    async fn health(&self) -> Result<StoreHealth> {
        const DOING: &str = "checking it";
        let open = self.open.read().await;
        let mut health = StoreHealth {
            bytes: disk::bytes_below(&self.dir),
            ..StoreHealth::default()
        };
        let Some(Open { table, .. }) = open.as_ref() else {
            return Ok(health);
        };
        let coverage = indexes::Coverage::of(table).await.during(DOING)?;
        health.rows = coverage.rows as u64;
        health.unindexed_rows = coverage.text_unindexed as u64;
        if let Some(dataset) = table.dataset()
            && let Err(error) = dataset.get().await.during(DOING)?.validate().await
        {
            health
                .faults
                .push(format!("the table contradicts itself: {error}"));
        }
        // Reading all rows finds files that are missing, cut short or garbled.
        match self.count_readable(table).await {
            Ok(rows) if rows == health.rows => {}
            Ok(rows) => health
                .faults
                .push(format!("{rows} of {} rows can be read", health.rows)),
            Err(error) => health.faults.push(error.message),
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
        Ok(self.inner.current().await.map(|open| open.spec))
    }

    async fn reset(&self, spec: &IndexSpec) -> Result<()> {
        let spec = spec.clone();
        self.write(|inner| async move { inner.reset(&spec).await }).await
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

    async fn purge_document(&self, document: &DocumentId) -> Result<()> {
        let document = document.clone();
        self.write(|inner| async move { inner.purge_document(&document).await })
            .await
    }

    async fn vectors(&self, revision: &RevisionId) -> Result<Vec<(String, Vec<f32>)>> {
        const DOING: &str = "reading vectors";
        let open = self.inner.open.read().await;
        let Some(Open { table, .. }) = open.as_ref() else {
            return Ok(Vec::new());
        };
        let mut stream = table
            .query()
            .only_if(one_of("revision", std::iter::once(revision.as_str())))
            .select(Select::columns(&["text_hash", rows::VECTOR]))
            .execute()
            .await
            .during(DOING)?;
        let mut vectors = Vec::new();
        while let Some(batch) = stream.try_next().await.during(DOING)? {
            vectors.extend(rows::vectors(&batch)?);
        }
        Ok(vectors)
    }

    async fn search_vector(&self, vector: &[f32], filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        let open = self.inner.open.read().await;
        let Some(Open { table, spec }) = open.as_ref() else {
            return Ok(Vec::new());
        };
        if vector.len() != spec.dimension {
            return Err(Error::bug(format!(
                "A query of {} numbers for an index of {}",
                vector.len(),
                spec.dimension
            )));
        }
        if k == 0 {
            return Ok(Vec::new());
        }
        search::by_vector(table, vector, filter, k).await
    }

    async fn search_text(&self, query: &str, filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>> {
        let open = self.inner.open.read().await;
        let Some(Open { table, .. }) = open.as_ref() else {
            return Ok(Vec::new());
        };
        if k == 0 {
            return Ok(Vec::new());
        }
        search::by_text(table, query, filter, k).await
    }

    async fn chunks(&self, revision: &RevisionId) -> Result<Vec<Chunk>> {
        const DOING: &str = "reading chunks";
        let open = self.inner.open.read().await;
        let Some(Open { table, .. }) = open.as_ref() else {
            return Ok(Vec::new());
        };
        let mut stream = table
            .query()
            .only_if(one_of("revision", std::iter::once(revision.as_str())))
            .select(Select::columns(&CHUNK_COLUMNS))
            .execute()
            .await
            .during(DOING)?;
        let mut chunks = Vec::new();
        while let Some(batch) = stream.try_next().await.during(DOING)? {
            chunks.extend(rows::chunks(&batch)?);
        }
        chunks.sort_by_key(|chunk| chunk.ordinal);
        Ok(chunks)
    }

    async fn revisions(&self) -> Result<Vec<(DocumentId, RevisionId, u64)>> {
        const DOING: &str = "counting chunks";
        let open = self.inner.open.read().await;
        let Some(Open { table, .. }) = open.as_ref() else {
            return Ok(Vec::new());
        };
        let mut stream = table
            .query()
            .select(Select::columns(&["document", "revision"]))
            .execute()
            .await
            .during(DOING)?;
        let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
        while let Some(batch) = stream.try_next().await.during(DOING)? {
            let (documents, revisions) = (
                rows::strings(&batch, "document")?,
                rows::strings(&batch, "revision")?,
            );
            for row in 0..batch.num_rows() {
                let key = (documents.value(row).to_owned(), revisions.value(row).to_owned());
                *counts.entry(key).or_default() += 1;
            }
        }
        let rows = counts.into_iter();
        Ok(rows
            .map(|((document, revision), n)| (DocumentId(document), RevisionId(revision), n))
            .collect())
    }

    async fn optimize(&self) -> Result<()> {
        self.write(|inner| async move { inner.optimize().await }).await
    }

    async fn health(&self) -> Result<StoreHealth> {
        self.inner.health().await
    }
}
