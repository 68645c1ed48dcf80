//! Drop to indexed: one file at a time, each step persisted so that a crash costs nothing.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::chunk::{ChunkLimits, Chunker};
use crate::error::{Error, ErrorCode, Result};
use crate::foreground::Foreground;
use crate::ids::{DocumentId, RevisionId};
use crate::ocr::{ExtractedPage, PageReader};
use crate::password::Password;
use crate::ports::{ChunkStore, Embedder, Extractor, Ledger, RevisionCommit, TextRole};
use crate::report::{IngestEvent, Reporter};
use crate::types::{Chunk, ChunkRow, Document, ExtractSummary, IndexJob, JobStatus, Page, PageSource, Step};

/// Chunks that are embedded and written together: bounds memory, and the work a cancel waits for.
const BATCH: usize = 32;
/// Pages that may wait between the reader and the embedder.
const PAGES_AHEAD: usize = 8;

/// The parts that ingestion needs.
pub struct Ingestor {
    /// Reads files.
    pub extractor: Arc<dyn Extractor>,
    /// Reads pages that are images.
    pub pages: PageReader,
    /// Embeds chunks.
    pub embedder: Arc<dyn Embedder>,
    /// Gets the rows.
    pub store: Arc<dyn ChunkStore>,
    /// Gets the rest.
    pub ledger: Arc<dyn Ledger>,
    /// Chunk sizes.
    pub limits: ChunkLimits,
    /// Held for writing while searches change over from one revision to the next.
    pub visibility: Arc<tokio::sync::RwLock<()>>,
    /// Told of answers that somebody waits for.
    pub foreground: Arc<Foreground>,
    /// Revisions whose rows are missing or of an older index.
    pub stale: Mutex<HashSet<RevisionId>>,
}

/// What was found under some paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Files to read, sorted, with their size in bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// Number of files whose format is not read.
    pub unsupported: u32,
    /// What could not be looked into, and named files that are not read.
    pub errors: Vec<Error>,
}

/// Looks through files and folders. Hidden and generated entries of folders are left out; a file named outright
/// is an error if its format is not read.
pub fn plan(paths: &[PathBuf], extractor: &dyn Extractor) -> Plan {
    let mut plan = Plan::default();
    for path in paths {
        let path = match std::path::absolute(path) {
            Ok(path) => path,
            Err(error) => {
                plan.errors.push(Error::from(error).at(path.display()));
                continue;
            }
        };
        match std::fs::metadata(&path) {
            Err(error) => plan.errors.push(path_error(&path, error)),
            Ok(meta) if meta.is_dir() => walk(&path, extractor, &mut plan),
            Ok(_) if !extractor.supports(&path) => {
                plan.unsupported += 1;
                plan.errors.push(
                    Error::user(format!("{}: this format is not read yet", path.display()))
                        .code(ErrorCode::Unsupported)
                        .hint("Save it as PDF, a text format or an office format, and add that"),
                );
            }
            Ok(meta) => plan.files.push((path, meta.len())),
        }
    }
    plan.files.sort();
    plan.files.dedup();
    plan
}

fn path_error(path: &Path, error: std::io::Error) -> Error {
    let long = path.as_os_str().len() > 4_000;
    let translated = Error::from(error).at(path.display().to_string().chars().take(300).collect::<String>());
    if long {
        translated.hint("The path is too long for this system; move the file to a shorter one")
    } else {
        translated
    }
}

/// Whether a walk leaves this out: what is hidden, and what programs made and can make again
/// (folders of packages, and those marked by the Cache Directory Tagging Specification). The folder
/// that was asked for itself is never left out.
fn left_out(entry: &walkdir::DirEntry) -> bool {
    const GENERATED: &[&str] = &["node_modules", "bower_components", "__pycache__"];
    let name = entry.file_name().to_string_lossy();
    entry.depth() > 0
        && (name.starts_with('.')
            || entry.file_type().is_dir()
                && (GENERATED.contains(&&*name) || entry.path().join("CACHEDIR.TAG").is_file()))
}

fn walk(folder: &Path, extractor: &dyn Extractor, plan: &mut Plan) {
    for entry in walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !left_out(entry))
    {
        match entry {
            Err(error) => {
                let place = error.path().unwrap_or(folder).display().to_string();
                plan.errors
                    .push(Error::runtime(format!("{place}: cannot be looked into: {error}")));
            }
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) if !extractor.supports(entry.path()) => plan.unsupported += 1,
            Ok(entry) => {
                let size = entry.metadata().map(|meta| meta.len()).unwrap_or(0);
                plan.files.push((entry.into_path(), size));
            }
        }
    }
}

impl Ingestor {
    /// Runs one job to its end and records it. The returned job says how it ended. `password` opens the
    /// file if it is locked; it is not recorded.
    ///
    /// # Errors
    /// Only if the ledger itself fails; what is wrong with the file is in the job.
    pub async fn run(
        &self,
        mut job: IndexJob,
        password: Option<Password>,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<IndexJob> {
        job.status = JobStatus::Running;
        job.error = None;
        let revision = RevisionId::new();
        let result = self.index(&mut job, password, &revision, reporter, cancel).await;
        match result {
            Ok(status) => {
                job.status = status;
                job.step = Step::Ready;
            }
            Err(error) => {
                self.discard(&revision).await?;
                job.status = if error.is_canceled() {
                    JobStatus::Canceled
                } else {
                    JobStatus::Failed
                };
                job.error = (!error.is_canceled()).then(|| name_file(error, &job.path));
            }
        }
        self.ledger.update_job(&job).await?;
        reporter.report(IngestEvent::Job { job: job.clone() });
        Ok(job)
    }

    /// From now on this revision's file is read again even if it did not change.
    pub fn distrust(&self, revision: RevisionId) {
        self.stale().insert(revision);
    }

    /// Whether the document has images that were left unread and can be read now.
    pub fn can_read_more(&self, document: &Document) -> bool {
        document.unread_images > 0 && self.pages.reads_images()
    }

    fn distrusts(&self, revision: &RevisionId) -> bool {
        self.stale().contains(revision)
    }

    fn stale(&self) -> std::sync::MutexGuard<'_, HashSet<RevisionId>> {
        // A poisoned lock only means that a panic was reported elsewhere; the set is still whole.
        self.stale.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Removes what a revision that will not be finished has left.
    pub async fn discard(&self, revision: &RevisionId) -> Result<()> {
        self.store
            .delete_revisions(std::slice::from_ref(revision))
            .await?;
        self.ledger.forget_revision(revision).await
    }

    async fn index(
        &self,
        job: &mut IndexJob,
        password: Option<Password>,
        revision: &RevisionId,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<JobStatus> {
        self.step(job, Step::Hashing, reporter).await?;
        let before = stamp(&job.path)?;
        let content_hash = {
            let (path, cancel) = (job.path.clone(), cancel.clone());
            tokio::task::spawn_blocking(move || hash_file(&path, &cancel))
                .await
                .map_err(|e| Error::bug(format!("hashing stopped: {e}")))??
        };
        let known = self.ledger.document_at(&job.collection, &job.path).await?;
        if let Some(document) = &known
            && document.content_hash == content_hash
            && let Some(revision) = &document.revision
            && !self.distrusts(revision)
            && !self.can_read_more(document)
        {
            job.document = Some(document.id.clone());
            return Ok(JobStatus::Unchanged);
        }
        let id = known
            .as_ref()
            .map_or_else(DocumentId::new, |document| document.id.clone());
        job.document = Some(id.clone());
        self.step(job, Step::Reading, reporter).await?;
        self.ledger.begin_revision(&id, revision).await?;

        let mut writer = Writer::new(self, job, &id, revision, reporter, cancel);
        if let Some(old) = known.as_ref().and_then(|document| document.revision.as_ref()) {
            writer.known = self.store.vectors(old).await?.into_iter().collect();
        }
        let (summary, unread_images) = self.read(&job.path, password, cancel, &mut writer).await?;
        writer.flush().await?;
        let totals = writer.totals;
        if stamp(&job.path)? != before {
            return Err(Error::runtime("The file was changed while it was being read")
                .hint("Retry once it is no longer being written"));
        }
        self.step(job, Step::Writing, reporter).await?;
        let document = Document {
            id,
            collection: job.collection.clone(),
            path: job.path.clone(),
            title: title(&summary, &job.path),
            author: summary.author,
            date: summary.date,
            language: summary.language,
            media_type: summary.media_type,
            revision: Some(revision.clone()),
            content_hash,
            bytes: before.0,
            pages: totals.pages,
            searchable_pages: totals.searchable,
            unread_images,
            chunks: totals.chunks,
            warnings: summary.warnings,
            indexed_at: now(),
        };
        let changing = self.visibility.write().await;
        let retired = self
            .ledger
            .commit_revision(&RevisionCommit {
                document,
                job: job.id.clone(),
            })
            .await?;
        // From here on the new revision is what searches see; the rest is tidying, and what a
        // crash leaves of it is done at the next start.
        self.store.delete_revisions(&retired).await?;
        drop(changing);
        for old in &retired {
            self.ledger.forget_revision(old).await?;
        }
        Ok(JobStatus::Done)
    }

    async fn step(&self, job: &mut IndexJob, step: Step, reporter: &dyn Reporter) -> Result<()> {
        job.step = step;
        self.ledger.update_job(job).await?;
        reporter.report(IngestEvent::Job { job: job.clone() });
        Ok(())
    }

    /// Reads the file in a thread of its own while `writer` embeds what has come. Returns what is said of the
    /// whole, and the number of images left unread for want of a recogniser.
    async fn read(
        &self,
        path: &Path,
        password: Option<Password>,
        cancel: &CancellationToken,
        writer: &mut Writer<'_>,
    ) -> Result<(ExtractSummary, u32)> {
        let (send, mut pages) = mpsc::channel::<(Page, Option<u32>)>(PAGES_AHEAD);
        let (extractor, path) = (Arc::clone(&self.extractor), path.to_owned());
        let (images, foreground) = (self.pages.clone(), Arc::clone(&self.foreground));
        let runtime = tokio::runtime::Handle::current();
        // Ends the reader if the writer fails, and with the caller.
        let stop = cancel.child_token();
        let guard = stop.clone().drop_guard();
        let reader = tokio::task::spawn_blocking(move || {
            let mut reading = images.begin(stop.clone());
            let mut sink = |extracted: ExtractedPage| {
                if extracted.image.is_some() && images.reads_images() {
                    runtime.block_on(async {
                        tokio::select! {
                            () = foreground.clear() => {}
                            () = stop.cancelled() => {}
                        }
                    });
                }
                let total = extracted.of;
                let page = reading.page(extracted);
                let sent = page.is_some_and(|page| send.blocking_send((page, total)).is_ok());
                if sent {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            let extracted = extractor.extract(&path, password.as_ref(), &mut sink, &stop);
            reading.end(extracted)
        });
        while let Some((page, total)) = pages.recv().await {
            writer.total = total;
            writer.page(page).await?;
        }
        let summary = reader
            .await
            .map_err(|e| Error::bug(format!("the reader stopped: {e}")))?;
        drop(guard);
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        summary
    }
}

/// Gathers pages into batches of rows.
struct Writer<'a> {
    ingestor: &'a Ingestor,
    job: IndexJob,
    document: DocumentId,
    revision: &'a RevisionId,
    reporter: &'a dyn Reporter,
    cancel: &'a CancellationToken,
    /// Shared with the blocking task that runs it.
    chunker: Arc<Mutex<Chunker>>,
    /// Vectors of the revision before, by text hash.
    known: HashMap<String, Vec<f32>>,
    pages: Vec<Page>,
    chunks: Vec<Chunk>,
    totals: Totals,
    /// Pages of the file, if it says so beforehand.
    total: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    pages: u32,
    searchable: u32,
    chunks: u32,
}

impl<'a> Writer<'a> {
    fn new(
        ingestor: &'a Ingestor,
        job: &IndexJob,
        document: &DocumentId,
        revision: &'a RevisionId,
        reporter: &'a dyn Reporter,
        cancel: &'a CancellationToken,
    ) -> Self {
        let embedder = Arc::clone(&ingestor.embedder);
        let chunker = Chunker::new(
            ingestor.limits,
            Box::new(move |text: &str| embedder.token_offsets(text)),
        );
        Self {
            ingestor,
            job: job.clone(),
            document: document.clone(),
            revision,
            reporter,
            cancel,
            chunker: Arc::new(Mutex::new(chunker)),
            known: HashMap::new(),
            pages: Vec::new(),
            chunks: Vec::new(),
            totals: Totals::default(),
            total: None,
        }
    }

    async fn page(&mut self, page: Page) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        self.totals.pages += 1;
        self.totals.searchable += u32::from(matches!(page.source, PageSource::Text | PageSource::Ocr));
        let chunker = Arc::clone(&self.chunker);
        let (page, chunks) = tokio::task::spawn_blocking(move || {
            let mut chunker = chunker.lock().map_err(|_| Error::bug("the chunker stopped"))?;
            let chunks = chunker.page(&page)?;
            Ok::<_, Error>((page, chunks))
        })
        .await
        .map_err(|e| Error::bug(format!("the chunker stopped: {e}")))??;
        self.chunks.extend(chunks);
        self.pages.push(page);
        // Once embedding has begun, which takes the time, its progress is the file's.
        if self.totals.chunks == 0 {
            self.progress(Step::Reading, self.totals.pages);
        }
        while self.chunks.len() >= BATCH {
            let rest = self.chunks.split_off(BATCH);
            self.write().await?;
            self.chunks = rest;
        }
        if self.pages.len() >= BATCH {
            self.write_pages().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        self.write_pages().await?;
        if !self.chunks.is_empty() {
            self.write().await?;
        }
        Ok(())
    }

    async fn write_pages(&mut self) -> Result<()> {
        let pages = std::mem::take(&mut self.pages);
        self.ingestor.ledger.add_pages(self.revision, &pages).await
    }

    async fn write(&mut self) -> Result<()> {
        let chunks = std::mem::take(&mut self.chunks);
        let page = chunks.last().map_or(0, |chunk| chunk.page);
        tokio::select! {
            () = self.ingestor.foreground.clear() => {}
            () = self.cancel.cancelled() => return Err(Error::canceled()),
        }
        let vectors = self.embed(&chunks).await?;
        if self.cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        let rows: Vec<ChunkRow> = chunks
            .into_iter()
            .zip(vectors)
            .map(|(chunk, vector)| ChunkRow {
                chunk,
                document: self.document.clone(),
                revision: self.revision.clone(),
                collection: self.job.collection.clone(),
                vector,
            })
            .collect();
        self.totals.chunks += rows.len() as u32;
        self.ingestor.store.append(rows).await?;
        self.progress(Step::Embedding, page);
        Ok(())
    }

    /// Vectors for the chunks, in order; only texts that are new are embedded.
    async fn embed(&self, chunks: &[Chunk]) -> Result<Vec<Vec<f32>>> {
        let fresh: Vec<String> = chunks
            .iter()
            .filter(|chunk| !self.known.contains_key(&chunk.text_hash))
            .map(Chunk::embedded_text)
            .collect();
        let mut embedded = Vec::new().into_iter();
        if !fresh.is_empty() {
            let (embedder, cancel) = (Arc::clone(&self.ingestor.embedder), self.cancel.clone());
            embedded =
                tokio::task::spawn_blocking(move || embedder.embed(&fresh, TextRole::Passage, &cancel))
                    .await
                    .map_err(|e| Error::bug(format!("the embedder stopped: {e}")))??
                    .into_iter();
        }
        chunks
            .iter()
            .map(|chunk| {
                self.known
                    .get(&chunk.text_hash)
                    .cloned()
                    .or_else(|| embedded.next())
                    .ok_or_else(|| Error::bug("the embedder gave too few vectors"))
            })
            .collect()
    }

    /// `pages` have been through this step.
    fn progress(&self, step: Step, pages: u32) {
        self.reporter.report(IngestEvent::Progress {
            job: self.job.id.clone(),
            step,
            done: u64::from(pages),
            total: self.total.map(u64::from),
        });
    }
}

fn title(summary: &ExtractSummary, path: &Path) -> String {
    summary
        .title
        .as_deref()
        .map(str::trim)
        .filter(|title| !title.is_empty())
        .map(|title| title.chars().take(300).collect())
        .unwrap_or_else(|| {
            path.file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default()
        })
}

fn name_file(error: Error, path: &Path) -> Error {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    if name.is_empty() || error.message.contains(&name) {
        error
    } else {
        error.at(name)
    }
}

/// Size and time of the last change: enough to see that a file was written to meanwhile.
fn stamp(path: &Path) -> Result<(u64, Option<std::time::SystemTime>)> {
    let meta = std::fs::metadata(path).map_err(|error| path_error(path, error))?;
    Ok((meta.len(), meta.modified().ok()))
}

/// BLAKE3 of a file's bytes, in hexadecimal.
///
/// # Errors
/// The file cannot be read, or `cancel` was called.
pub fn hash_file(path: &Path, cancel: &CancellationToken) -> Result<String> {
    use std::io::Read;
    let mut file = std::fs::File::open(path).map_err(|error| path_error(path, error))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        let read = file.read(&mut buffer).map_err(|error| path_error(path, error))?;
        if read == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..read]);
    }
}

/// Now, RFC 3339 in UTC, to the second.
pub fn now() -> String {
    jiff::Timestamp::now()
        .round(jiff::Unit::Second)
        .map(|t| t.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::FakeExtractor;

    #[test]
    fn walks_leave_out_what_is_hidden_or_generated() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "notes.txt",
            ".secret.txt",
            "a/b/deep.txt",
            "node_modules/x/readme.txt",
            "build/out.txt",
        ];
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "words").unwrap();
        }
        std::fs::write(
            folder.path().join("build/CACHEDIR.TAG"),
            "Signature: 8a477f597d28d172789f06886806bc55",
        )
        .unwrap();
        let found = |from: &Path| {
            let mut plan = Plan::default();
            walk(from, &FakeExtractor::default(), &mut plan);
            let mut names: Vec<String> = plan
                .files
                .iter()
                .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(found(folder.path()), ["deep.txt", "notes.txt"]);
        // What was asked for by name is read.
        assert_eq!(found(&folder.path().join("build")), ["out.txt"]);
    }
}
