//! Drop to indexed: one file at a time, each step persisted so that a crash costs nothing.

mod earlier;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::earlier::Earlier;
use crate::brake::Brake;
use crate::chunk::{ChunkLimits, Chunker};
use crate::error::{Error, ErrorCode, Result};
use crate::foreground::Foreground;
use crate::history::{DocumentEvent, Happening, Occasion};
use crate::ids::{DocumentId, RevisionId};
use crate::inflection::terms_of;
use crate::ocr::{ExtractedPage, PageReader};
use crate::password::Password;
use crate::ports::{ChunkStore, Embedder, Extractor, Ledger, RevisionCommit, TextRole};
use crate::problem::Problem;
use crate::report::{IngestEvent, Reporter};
use crate::types::{Chunk, ChunkRow, Document, ExtractSummary, IndexJob, JobStatus, Page, PageSource, Step};
use crate::walk::{Rules, SeenFile, Stamp, extension, walk_while};

/// Chunks that are embedded together: bounds the work a cancel waits for.
const BATCH: usize = 32;
/// Chunks that are written together: each write is a version of the table.
const WRITTEN: usize = 512;
/// Writes of one document after which the store is tidied up, so that their number does not make each one slower.
const WRITES: usize = 16;
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
    /// Stops the file at work when indexing is halted.
    pub brake: Arc<Brake>,
    /// Revisions that are read again though their files did not change, and why.
    pub stale: Mutex<HashMap<RevisionId, Occasion>>,
}

/// What was found under some paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Files to read, by path.
    pub files: Vec<SeenFile>,
    /// Number of files whose format is not read, by extension.
    pub unsupported: BTreeMap<String, u32>,
    /// What could not be looked into, and named files that are not read.
    pub errors: Vec<Error>,
}

/// Looks through files and folders. Hidden and generated entries of folders are left out; a file named outright
/// is an error if its format is not read. `go_on` is told the number of files found again and again, and ends the
/// search when it returns false.
pub fn plan(paths: &[PathBuf], extractor: &dyn Extractor, go_on: &mut dyn FnMut(usize) -> bool) -> Plan {
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
            Ok(meta) if meta.is_dir() => {
                let before = plan.files.len();
                let found = walk_while(&path, &Rules::default(), extractor, &mut |more| {
                    go_on(before + more)
                });
                for (extension, files) in found.unsupported {
                    *plan.unsupported.entry(extension).or_default() += files;
                }
                plan.errors
                    .extend(found.unreadable.into_iter().map(|(_, error)| error));
                plan.files.extend(found.files);
            }
            Ok(_) if !extractor.supports(&path) => {
                *plan.unsupported.entry(extension(&path)).or_default() += 1;
                plan.errors.push(
                    Error::user("this format is not read yet")
                        .code(ErrorCode::Unsupported)
                        .problem(Problem::UnsupportedFormat)
                        .hint("Save it as PDF, a text format or an office format, and add that")
                        .at(path.display()),
                );
            }
            Ok(meta) => plan.files.push(SeenFile {
                path,
                stamp: Stamp::of(&meta),
            }),
        }
    }
    plan.files.sort_by(|a, b| a.path.cmp(&b.path));
    plan.files.dedup_by(|a, b| a.path == b.path);
    plan
}

fn path_error(path: &Path, error: std::io::Error) -> Error {
    let long = path.as_os_str().len() > 4_000;
    let translated = Error::from(error).at(path.display().to_string().chars().take(300).collect::<String>());
    if long {
        translated
            .problem(Problem::PathTooLong)
            .hint("The path is too long for this system; move the file to a shorter one")
    } else {
        translated
    }
}

impl Ingestor {
    /// Runs one job to its end and records it. The returned job says how it ended. `password` opens the
    /// file if it is locked; it is not recorded. `cancel` ends the job; if the brake is pulled instead, it is
    /// queued again.
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
        let began = Instant::now();
        job.status = JobStatus::Running;
        job.error = None;
        let revision = RevisionId::new();
        let work = cancel.child_token();
        let indexing = self.index(&mut job, password, &revision, reporter, &work);
        let result = self.brake.stopping(&work, indexing).await;
        match result {
            Ok(status) => {
                job.status = status;
                job.step = Step::Ready;
            }
            Err(error) => {
                self.discard(&revision).await?;
                job.status = if !error.is_canceled() {
                    JobStatus::Failed
                } else if work.is_cancelled() && !cancel.is_cancelled() {
                    job.step = Step::Queued;
                    JobStatus::Queued
                } else {
                    JobStatus::Canceled
                };
                if job.status == JobStatus::Failed {
                    tracing::info!(class = error.class(), step = ?job.step, "a file could not be read");
                }
                job.error = (!error.is_canceled()).then(|| name_file(error, &job.path));
            }
        }
        self.ledger.update_job(&job).await?;
        if let (JobStatus::Failed, Some(error)) = (job.status, &job.error)
            && let Some(document) = self.ledger.document_at(&job.collection, &job.path).await?
        {
            let error = error.clone();
            let event = DocumentEvent::now(Happening::Failed { error });
            self.ledger.add_event(&document.id, &event).await?;
        }
        if job.status == JobStatus::Done {
            self.note_pace(&job.path, began.elapsed().as_secs_f64()).await?;
        }
        reporter.report(IngestEvent::Job { job: job.clone() });
        Ok(job)
    }

    /// Keeps how long a file took, for estimates.
    async fn note_pace(&self, path: &Path, seconds: f64) -> Result<()> {
        if let Some(kind) = self.extractor.kind(path)
            && let Ok(stamp) = stamp(path)
        {
            let mut paces = self.ledger.paces().await?;
            paces.note(kind, stamp.bytes, seconds);
            self.ledger.set_paces(&paces).await?;
        }
        Ok(())
    }

    /// From now on this revision's file is read again even if it did not change.
    pub fn distrust(&self, revision: RevisionId, why: Occasion) {
        self.stale().insert(revision, why);
    }

    /// Whether the document has images that were left unread and can be read now.
    pub fn can_read_more(&self, document: &Document) -> bool {
        document.unread_images > 0 && self.pages.reads_images()
    }

    /// Why a document is read again; none if it need not be.
    fn occasion(&self, document: &Document, content_hash: &str, job: &IndexJob) -> Option<Occasion> {
        let stale = || self.stale().get(document.revision.as_ref()?).copied();
        let images = || self.can_read_more(document).then_some(Occasion::Images);
        if document.content_hash != content_hash {
            Some(Occasion::Changed)
        } else if document.revision.is_none() {
            Some(Occasion::Added)
        } else if job.read_again {
            Some(Occasion::Asked)
        } else {
            stale().or_else(images)
        }
    }

    /// A file that was gone, and whose document was kept, may be there again.
    async fn note_return(&self, document: &DocumentId) -> Result<()> {
        let last = self.ledger.last_event(document).await?;
        if last.is_some_and(|event| event.happening == Happening::Kept) {
            let event = DocumentEvent::now(Happening::Returned);
            self.ledger.add_event(document, &event).await?;
        }
        Ok(())
    }

    fn stale(&self) -> std::sync::MutexGuard<'_, HashMap<RevisionId, Occasion>> {
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
        let occasion = match &known {
            None => Occasion::Added,
            Some(document) => match self.occasion(document, &content_hash, job) {
                Some(occasion) => occasion,
                None => {
                    job.document = Some(document.id.clone());
                    self.note_return(&document.id).await?;
                    return Ok(JobStatus::Unchanged);
                }
            },
        };
        let id = known
            .as_ref()
            .map_or_else(DocumentId::new, |document| document.id.clone());
        job.document = Some(id.clone());
        self.step(job, Step::Reading, reporter).await?;
        self.ledger.begin_revision(&id, revision).await?;

        let old = known.and_then(|document| document.revision);
        let mut writer = Writer::new(self, job, &id, revision, old, reporter, cancel);
        let (summary, unread_images) = self.read(&job.path, password, cancel, &mut writer).await?;
        writer.flush(summary.language.clone()).await?;
        let totals = writer.totals;
        if stamp(&job.path)? != before {
            return Err(Error::runtime("The file was changed while it was being read")
                .problem(Problem::FileChanged)
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
            bytes: before.bytes,
            pages: totals.pages,
            searchable_pages: totals.searchable,
            unread_images,
            chunks: totals.chunks,
            warnings: summary.warnings,
            indexed_at: now(),
        };
        let embedder = Some(self.embedder.id());
        let event = DocumentEvent::read(&document, revision.clone(), occasion, embedder);
        let changing = self.visibility.write().await;
        let retired = self
            .ledger
            .commit_revision(&RevisionCommit {
                document,
                job: job.id.clone(),
                event,
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
        let (send, mut pages) = mpsc::channel::<(Page, Option<u32>, Option<&'static str>)>(PAGES_AHEAD);
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
                let language = reading.language();
                let sent = page.is_some_and(|page| send.blocking_send((page, total, language)).is_ok());
                if sent {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            let extracted = extractor.extract(&path, password.as_ref(), &mut sink, &stop);
            reading.end(extracted)
        });
        while let Some((page, total, language)) = pages.recv().await {
            writer.total = total;
            writer.language = language;
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
    /// Of the revision before.
    earlier: Earlier,
    /// What its pages tell of its language so far.
    language: Option<&'static str>,
    pages: Vec<Page>,
    chunks: Vec<Chunk>,
    /// Embedded, and not yet written.
    rows: Vec<ChunkRow>,
    writes: usize,
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
        old: Option<RevisionId>,
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
            language: None,
            earlier: Earlier::new(Arc::clone(&ingestor.store), old),
            pages: Vec::new(),
            chunks: Vec::new(),
            rows: Vec::new(),
            writes: 0,
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
            self.embed_batch().await?;
            self.chunks = rest;
        }
        if self.pages.len() >= BATCH {
            self.write_pages().await?;
        }
        Ok(())
    }

    /// Writes what is left, now that the document's language is known.
    async fn flush(&mut self, language: Option<String>) -> Result<()> {
        self.write_pages().await?;
        if !self.chunks.is_empty() {
            self.embed_batch().await?;
        }
        self.write(language).await
    }

    async fn write_pages(&mut self) -> Result<()> {
        let pages = std::mem::take(&mut self.pages);
        self.ingestor.ledger.add_pages(self.revision, &pages).await
    }

    async fn embed_batch(&mut self) -> Result<()> {
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
        self.totals.chunks += chunks.len() as u32;
        let rows = chunks.into_iter().zip(vectors).map(|(chunk, vector)| ChunkRow {
            chunk,
            document: self.document.clone(),
            revision: self.revision.clone(),
            collection: self.job.collection.clone(),
            terms: String::new(),
            vector,
        });
        self.rows.extend(rows);
        if self.rows.len() >= WRITTEN {
            self.write(self.language.map(str::to_owned)).await?;
        }
        self.progress(Step::Embedding, page);
        Ok(())
    }

    /// Writes the rows that wait. `language` is the document's, as far as it is known.
    async fn write(&mut self, language: Option<String>) -> Result<()> {
        let mut rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let rows = tokio::task::spawn_blocking(move || {
            for row in &mut rows {
                row.terms = terms_of(&row.chunk.embedded_text(), language.as_deref());
            }
            rows
        })
        .await
        .map_err(|e| Error::bug(format!("the search terms were not made: {e}")))?;
        self.ingestor.store.append(rows).await?;
        self.writes += 1;
        if self.writes.is_multiple_of(WRITES) {
            self.ingestor.store.optimize().await?;
        }
        Ok(())
    }

    /// Vectors for the chunks, in order; only texts that are new are embedded.
    async fn embed(&mut self, chunks: &[Chunk]) -> Result<Vec<Vec<f32>>> {
        self.earlier.reach().await?;
        let fresh: Vec<String> = chunks
            .iter()
            .filter(|chunk| !self.earlier.has(&chunk.text_hash))
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
                self.earlier
                    .take(&chunk.text_hash)
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

fn stamp(path: &Path) -> Result<Stamp> {
    let meta = std::fs::metadata(path).map_err(|error| path_error(path, error))?;
    Ok(Stamp::of(&meta))
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
