//! The engine: what the command line and the window drive.

mod census;
mod collections;
mod conversations;
mod folders;
mod following;
mod history;
mod judged;
mod models;
mod preflight;
mod prompts;
mod removal;
mod standing;

pub use judged::{NewCase, Replay};
pub use removal::Grace;
pub use standing::Standings;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use models::Writers;

use crate::answer::{AnswerSink, Answerer, AskRequest, EvidenceGate};
use crate::brake::Brake;
use crate::chunk::ChunkLimits;
use following::Following;
use removal::{PURGED_AT_ONCE, Removals};

use crate::error::{Error, ErrorCode, Result};
use crate::foreground::Foreground;
use crate::history::Occasion;
use crate::ids::{ConversationId, DocumentId, JobId, TurnId};
use crate::ingest::{Ingestor, Plan, now};
use crate::locator::locate;
use crate::ocr::PageReader;
use crate::password::Password;
use crate::ports::{
    ChunkStore, Entailment, Extractor, Generator, Ledger, Reranker, StoreHealth, TableEngine, TextRecognizer,
};
use crate::problem::Problem;
use crate::prompt::Prompts;
use crate::report::{IngestEvent, Reporter};
use crate::retrieve::{QueryEmbedders, Retriever, SearchOutcome, SearchRequest};
use crate::tables::kept::KeptTables;
use crate::types::{Answer, Chunk, Document, IndexJob, IndexSpec, JobStatus, Page, PageCoverage, Step, Turn};
use crate::walk::SeenFile;

/// Version of the rows in the chunk store.
pub const ROW_SCHEMA: u32 = 1;
/// Files indexed between two rounds of index upkeep.
const OPTIMIZE_EVERY: usize = 200;

/// The adapters an engine is made of.
pub struct EngineParts {
    /// Reads files.
    pub extractor: Arc<dyn Extractor>,
    /// Embed; documents are indexed with the current one.
    pub embedders: QueryEmbedders,
    /// Writes answers; none if no generator is installed.
    pub generator: Option<Arc<dyn Generator>>,
    /// Orders passages anew; none if not installed.
    pub reranker: Option<Arc<dyn Reranker>>,
    /// Judges sentences of answers against their sources; none if not installed.
    pub entailment: Option<Arc<dyn Entailment>>,
    /// Reads pages that are images; none if not installed.
    pub recognizer: Option<Arc<dyn TextRecognizer>>,
    /// Computes over tables.
    pub tables: Arc<dyn TableEngine>,
    /// Holds chunks.
    pub store: Arc<dyn ChunkStore>,
    /// Holds the rest.
    pub ledger: Arc<dyn Ledger>,
    /// Evidence, 0 to 1, below which no answer is written; see [`EvidenceGate`].
    pub least_evidence: f32,
    /// Prompts to try out, in place of those in use.
    pub trial_prompts: Prompts,
}

/// A cloneable handle to all of Footnote's work.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    parts: EngineParts,
    ingestor: Ingestor,
    spec: IndexSpec,
    visibility: Arc<RwLock<()>>,
    foreground: Arc<Foreground>,
    brake: Arc<Brake>,
    following: Arc<Following>,
    /// Those that can be undone yet.
    removals: Removals,
    /// Held for one file at a time, and for a removal.
    ingest: tokio::sync::Mutex<()>,
    /// Of the jobs at work or waiting in this process.
    canceling: Mutex<HashMap<JobId, CancellationToken>>,
    /// The models that can be exchanged while the engine works.
    writers: Writers,
    kept_tables: Arc<KeptTables>,
}

/// How an `add` or a resume ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AddOutcome {
    /// Every job as it ended.
    pub jobs: Vec<IndexJob>,
    /// Files left out because their format is not read.
    pub unsupported: u32,
    /// What could not be looked into.
    pub errors: Vec<Error>,
}

/// What `verify` found for one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// The document.
    pub document: Document,
    /// Whether the file is there and has the bytes that were indexed.
    pub file: FileState,
    /// Faults between register, pages and chunks; empty when sound.
    pub faults: Vec<String>,
}

/// A document's file, compared with what was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Same bytes.
    Same,
    /// Other bytes: add it again.
    Changed,
    /// Not there.
    Missing,
}

impl Engine {
    /// Puts the parts together and repairs what a crash has left: half-written and retired rows
    /// go, removals are finished, interrupted jobs wait in line again ([`Engine::resume`] runs
    /// them). If the index was made with another embedder or chunker, a new one is begun beside it and
    /// all documents are queued to be read anew; until its turn comes, each is found in the old one.
    /// Documents with images that no model had read are queued likewise once there is one.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn open(parts: EngineParts) -> Result<Self> {
        let embedder = &parts.embedders.current.embedder;
        let limits = ChunkLimits::for_embedder(embedder.max_tokens());
        let spec = IndexSpec {
            embedder: embedder.id(),
            dimension: embedder.dimension(),
            chunker: limits.version(),
            schema: ROW_SCHEMA,
        };
        let visibility = Arc::new(RwLock::new(()));
        let foreground = Arc::new(Foreground::default());
        let brake = Arc::new(Brake::default());
        if parts.ledger.paused().await? {
            brake.pull(false);
        }
        let ingestor = Ingestor {
            extractor: Arc::clone(&parts.extractor),
            pages: PageReader::new(parts.recognizer.clone()),
            embedder: Arc::clone(embedder),
            store: Arc::clone(&parts.store),
            ledger: Arc::clone(&parts.ledger),
            limits,
            visibility: Arc::clone(&visibility),
            stale: Mutex::default(),
            foreground: Arc::clone(&foreground),
            brake: Arc::clone(&brake),
        };
        let writers = Writers::new(&parts);
        let inner = Inner {
            parts,
            ingestor,
            spec,
            visibility,
            foreground,
            brake,
            following: Arc::default(),
            removals: Removals::default(),
            ingest: tokio::sync::Mutex::new(()),
            canceling: Mutex::new(HashMap::new()),
            writers,
            kept_tables: Arc::default(),
        };
        inner.reconcile().await?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether pages that are images can be read.
    pub fn reads_images(&self) -> bool {
        self.inner.ingestor.pages.reads_images()
    }

    /// Reads images from now on, if that could not be done before, and queues the documents that wait for
    /// it ([`Engine::resume`] runs them).
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn add_recognizer(&self, recognizer: Arc<dyn TextRecognizer>) -> Result<()> {
        self.inner.ingestor.pages.install(recognizer);
        self.inner.read_images().await
    }

    /// What the index is made with.
    pub fn spec(&self) -> &IndexSpec {
        &self.inner.spec
    }

    /// Adds files and folders: plans, persists one job a file, and runs them.
    ///
    /// # Errors
    /// What the ledger says; what is wrong with a file is in its job.
    pub async fn add(
        &self,
        paths: &[PathBuf],
        collection: &str,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<AddOutcome> {
        self.add_except(paths, &HashSet::new(), collection, reporter, cancel)
            .await
    }

    /// As [`Engine::add`], without the files of `except`, which are named in full.
    ///
    /// # Errors
    /// See [`Engine::add`].
    pub async fn add_except(
        &self,
        paths: &[PathBuf],
        except: &HashSet<PathBuf>,
        collection: &str,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<AddOutcome> {
        let collection = &crate::collections::name(collection)?;
        let planned = self.plan(paths, |_| {}, cancel).await?;
        let unsupported = planned.unsupported.values().sum();
        let Plan {
            mut files, errors, ..
        } = planned;
        files.retain(|file| !except.contains(&file.path));
        reporter.report(IngestEvent::Planned {
            files: files.len() as u32,
            bytes: files.iter().map(|file| file.stamp.bytes).sum(),
            unsupported,
            errors: errors.clone(),
        });
        let waiting = self.waiting().await?;
        let mut jobs = Vec::with_capacity(files.len());
        for SeenFile { path, .. } in files {
            // The same file dropped twice is one job.
            let same = waiting
                .iter()
                .find(|job| job.path == path && job.collection == *collection);
            let job = match same {
                Some(job) => job.clone(),
                None => {
                    let job = queued(path, collection);
                    self.inner.parts.ledger.add_job(&job).await?;
                    job
                }
            };
            reporter.report(IngestEvent::Job { job: job.clone() });
            jobs.push(job);
        }
        let jobs = self.run(jobs, None, reporter, cancel).await?;
        Ok(AddOutcome {
            jobs,
            unsupported,
            errors,
        })
    }

    /// Runs the jobs that an earlier process left unfinished.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn resume(&self, reporter: &dyn Reporter, cancel: &CancellationToken) -> Result<AddOutcome> {
        let jobs = self.run(self.waiting().await?, None, reporter, cancel).await?;
        Ok(AddOutcome {
            jobs,
            ..Default::default()
        })
    }

    /// Runs one failed or canceled job again; `password` opens its file if that is locked. It is forgotten
    /// with the end of the job: a file that is read anew later asks again.
    ///
    /// # Errors
    /// There is no such job, or what the ledger says.
    pub async fn retry(
        &self,
        job: &JobId,
        password: Option<Password>,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<IndexJob> {
        let mut job = self
            .inner
            .parts
            .ledger
            .job(job)
            .await?
            .ok_or_else(|| not_found("job"))?;
        job.status = JobStatus::Queued;
        job.error = None;
        self.inner.parts.ledger.update_job(&job).await?;
        self.run(vec![job], password, reporter, cancel)
            .await?
            .pop()
            .ok_or_else(|| not_found("job"))
    }

    /// Runs all failed jobs again, but for those that need a password.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn retry_failed(
        &self,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<Vec<IndexJob>> {
        let mut failed = self.unfinished_jobs().await?;
        let locked = |error: &Error| error.code == Some(ErrorCode::PasswordNeeded);
        failed.retain(|job| job.status == JobStatus::Failed && !job.error.as_ref().is_some_and(locked));
        for job in &mut failed {
            (job.status, job.step, job.error) = (JobStatus::Queued, Step::Queued, None);
            self.inner.parts.ledger.update_job(job).await?;
            reporter.report(IngestEvent::Job { job: job.clone() });
        }
        self.run(failed, None, reporter, cancel).await
    }

    /// Stops one job, at work or waiting.
    pub fn cancel_job(&self, job: &JobId) {
        if let Ok(canceling) = self.inner.canceling.lock()
            && let Some(token) = canceling.get(job)
        {
            token.cancel();
        }
    }

    /// Stops all jobs, at work and waiting.
    pub fn cancel_jobs(&self) {
        self.with_canceling(|canceling| canceling.values().for_each(CancellationToken::cancel));
    }

    /// Pauses indexing, over restarts too: what waits goes on waiting. `now`: the file at work goes back to those
    /// that wait; else it is read to its end.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn pause(&self, now: bool) -> Result<()> {
        self.inner.parts.ledger.set_paused(true).await?;
        self.inner.brake.pull(now);
        Ok(())
    }

    /// Ends a pause; [`Engine::resume`] runs what waits.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn unpause(&self) -> Result<()> {
        self.inner.parts.ledger.set_paused(false).await?;
        self.inner.brake.release();
        Ok(())
    }

    /// Whether indexing is paused.
    pub fn is_paused(&self) -> bool {
        self.inner.brake.is_pulled()
    }

    /// Stops indexing because the program ends: what waits or is at work goes on at the next start.
    pub fn halt(&self) {
        self.inner.brake.end();
    }

    /// Number of jobs that this process works on or will come to by itself.
    pub fn jobs_at_work(&self) -> u32 {
        let mut count = 0;
        self.with_canceling(|canceling| count = canceling.len() as u32);
        count
    }

    /// Jobs that wait, run, or failed.
    pub async fn unfinished_jobs(&self) -> Result<Vec<IndexJob>> {
        self.inner.parts.ledger.jobs(true).await
    }

    /// Forgets a failed job.
    pub async fn dismiss_job(&self, job: &JobId) -> Result<()> {
        self.inner.parts.ledger.remove_job(job).await
    }

    /// Searches.
    ///
    /// # Errors
    /// See [`Retriever::search`].
    pub async fn search(&self, request: &SearchRequest, cancel: &CancellationToken) -> Result<SearchOutcome> {
        let _waiting = self.inner.foreground.enter();
        let _visible = self.inner.visibility.read().await;
        let parts = &self.inner.parts;
        let reranker = self.inner.writers.reranker();
        let retriever = Retriever {
            embedders: &parts.embedders,
            store: parts.store.as_ref(),
            ledger: parts.ledger.as_ref(),
            reranker: reranker.as_ref(),
        };
        let mut found = retriever.search(request, cancel).await?;
        let places = found.passages.iter_mut().map(Into::into).collect();
        locate(parts.ledger.as_ref(), places).await?;
        Ok(found)
    }

    /// Answers a question; see [`Answerer::ask`].
    ///
    /// # Errors
    /// Those of [`Answerer::ask`], and a missing generator (also sent as `Failed`).
    pub async fn ask(
        &self,
        request: AskRequest,
        sink: AnswerSink,
        cancel: CancellationToken,
    ) -> Result<Answer> {
        let Some(generator) = self.inner.writers.generator() else {
            let error = Error::runtime("No model that writes answers is installed")
                .code(ErrorCode::ModelMissing)
                .problem(Problem::NoGenerator)
                .hint(
                    "Run `footnote models fetch`, or download it on the Models page; search works without it",
                );
            sink(crate::types::AnswerEvent::Failed { error: error.clone() });
            return Err(error);
        };
        let _waiting = self.inner.foreground.enter();
        self.answer_with(generator, request, sink, cancel).await
    }

    async fn answer_with(
        &self,
        generator: Arc<dyn Generator>,
        request: AskRequest,
        sink: AnswerSink,
        cancel: CancellationToken,
    ) -> Result<Answer> {
        match self.answerer(generator).await {
            Ok(answerer) => answerer.ask(request, sink, cancel).await,
            Err(error) => {
                sink(crate::types::AnswerEvent::Failed { error: error.clone() });
                Err(error)
            }
        }
    }

    /// At most three questions that the documents can answer, after a turn of a conversation: about what was found for it
    /// and not used. None without a generator.
    ///
    /// # Errors
    /// There is no such turn, or what searching says.
    pub async fn suggestions(
        &self,
        conversation: &ConversationId,
        turn: &TurnId,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>> {
        let mut turns = self.turns(conversation).await?;
        let at = turns.iter().position(|kept| kept.id == *turn);
        turns.truncate(at.ok_or_else(|| not_found("turn"))? + 1);
        match self.inner.writers.generator() {
            Some(generator) => self.answerer(generator).await?.suggest(&turns, cancel).await,
            None => Ok(Vec::new()),
        }
    }

    fn gate(&self) -> EvidenceGate {
        let parts = &self.inner.parts;
        EvidenceGate {
            unrelated: parts.embedders.current.unrelated,
            related: parts.embedders.current.related,
            least: parts.least_evidence,
        }
    }

    async fn answerer(&self, generator: Arc<dyn Generator>) -> Result<Answerer> {
        let parts = &self.inner.parts;
        Ok(Answerer {
            embedders: parts.embedders.clone(),
            store: Arc::clone(&parts.store),
            ledger: Arc::clone(&parts.ledger),
            generator,
            reranker: self.inner.writers.reranker(),
            entailment: self.inner.writers.grounder(),
            tables: Arc::clone(&parts.tables),
            kept_tables: Arc::clone(&self.inner.kept_tables),
            gate: self.gate(),
            prompts: self.prompts_in_use().await?,
            spec: self.inner.spec.clone(),
            visibility: Arc::clone(&self.inner.visibility),
        })
    }

    /// All documents, by path.
    pub async fn documents(&self) -> Result<Vec<Document>> {
        self.inner.parts.ledger.documents().await
    }

    /// One document.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn document(&self, id: &DocumentId) -> Result<Document> {
        self.inner
            .parts
            .ledger
            .document(id)
            .await?
            .ok_or_else(|| not_found("document"))
    }

    /// The documents at a path, in any collection.
    pub async fn documents_at(&self, path: &Path) -> Result<Vec<Document>> {
        let path = std::path::absolute(path)?;
        Ok(self
            .documents()
            .await?
            .into_iter()
            .filter(|document| document.path == path)
            .collect())
    }

    /// A page as it was read.
    ///
    /// # Errors
    /// The document is gone, or has no such page.
    pub async fn page(&self, id: &DocumentId, number: u32) -> Result<Page> {
        let document = self.document(id).await?;
        let revision = document.revision.ok_or_else(|| not_found("page"))?;
        self.inner
            .parts
            .ledger
            .page(&revision, number)
            .await?
            .ok_or_else(|| not_found("page"))
    }

    /// A page of a document that is a picture, as PNG; see [`Extractor::picture`]. Dropping the future
    /// ends the reader.
    ///
    /// # Errors
    /// What the extractor says.
    pub async fn picture(&self, document: &Document, number: u32) -> Result<Vec<u8>> {
        let (extractor, path) = (Arc::clone(&self.inner.parts.extractor), document.path.clone());
        let cancel = CancellationToken::new();
        let _guard = cancel.clone().drop_guard();
        tokio::task::spawn_blocking(move || extractor.picture(&path, number, &cancel))
            .await
            .map_err(|e| Error::bug(format!("showing a picture stopped: {e}")))?
    }

    /// The coverage map of a document: how each of its pages was read, in order.
    ///
    /// # Errors
    /// If there is no such document.
    pub async fn coverage(&self, id: &DocumentId) -> Result<Vec<PageCoverage>> {
        let document = self.document(id).await?;
        match document.revision {
            Some(revision) => self.inner.parts.ledger.coverage(&revision).await,
            None => Ok(Vec::new()),
        }
    }

    /// The chunks of a document as they are indexed, in order.
    ///
    /// # Errors
    /// There is no such document, or what the store says.
    pub async fn chunks(&self, id: &DocumentId) -> Result<Vec<Chunk>> {
        match self.document(id).await?.revision {
            Some(revision) => self.inner.parts.store.chunks(&revision).await,
            None => Ok(Vec::new()),
        }
    }

    /// Compares register, pages, chunks and files of all documents.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn verify(&self) -> Result<Vec<Verification>> {
        let mut report = Vec::new();
        for document in self.documents().await? {
            report.push(self.inner.verify(document).await?);
        }
        Ok(report)
    }

    /// Health of the chunk store.
    pub async fn store_health(&self) -> Result<StoreHealth> {
        self.inner.parts.store.health().await
    }

    /// Faults of the ledger; empty when sound.
    pub async fn ledger_faults(&self) -> Result<Vec<String>> {
        self.inner.parts.ledger.check().await
    }

    async fn waiting(&self) -> Result<Vec<IndexJob>> {
        let mut jobs = self.inner.parts.ledger.jobs(true).await?;
        jobs.retain(|job| job.status.is_open());
        Ok(jobs)
    }

    async fn run(
        &self,
        jobs: Vec<IndexJob>,
        password: Option<Password>,
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<Vec<IndexJob>> {
        let tokens: Vec<CancellationToken> = jobs.iter().map(|_| cancel.child_token()).collect();
        self.with_canceling(|canceling| {
            canceling.extend(jobs.iter().map(|job| job.id.clone()).zip(tokens.iter().cloned()));
        });
        let mut ended = Vec::with_capacity(jobs.len());
        let mut changed = 0;
        // However this ends, nothing is read ahead any more.
        let ahead = ReadingAhead(Arc::clone(&self.inner.parts.extractor));
        let mut rest: VecDeque<(IndexJob, CancellationToken)> = jobs.into_iter().zip(tokens).collect();
        while let Some((mut job, token)) = rest.pop_front() {
            let turn = self.inner.ingest.lock().await;
            let id = job.id.clone();
            // Another call may have run the same job while this one waited.
            if let Some(now) = self.inner.parts.ledger.job(&id).await? {
                job = now;
            }
            if job.status.is_open() {
                job = if token.is_cancelled() {
                    job.status = JobStatus::Canceled;
                    self.inner.parts.ledger.update_job(&job).await?;
                    reporter.report(IngestEvent::Job { job: job.clone() });
                    job
                } else if self.inner.brake.is_pulled() {
                    job
                } else {
                    // Its document may be on its way out and come back with it.
                    self.inner.come_back(&job).await?;
                    if password.is_none() {
                        ahead.next(self.inner.parts.ledger.as_ref(), &job, &rest).await?;
                    }
                    self.inner
                        .ingestor
                        .run(job, password.clone(), reporter, &token)
                        .await?
                };
                changed += usize::from(job.status == JobStatus::Done);
            }
            if changed == OPTIMIZE_EVERY {
                self.inner.parts.store.optimize().await?;
                changed = 0;
            }
            drop(turn);
            self.with_canceling(|canceling| {
                canceling.remove(&id);
            });
            ended.push(job);
        }
        drop(ahead);
        if changed > 0 {
            let _turn = self.inner.ingest.lock().await;
            // Another engine may have the store by now.
            if !self.inner.brake.is_ended() {
                self.inner.parts.store.optimize().await?;
            }
        }
        let count = |status| ended.iter().filter(|job| job.status == status).count() as u32;
        if !ended.is_empty() {
            let (indexed, failed) = (count(JobStatus::Done), count(JobStatus::Failed));
            tracing::info!(files = ended.len(), indexed, failed, "files were gone through");
        }
        reporter.report(IngestEvent::Finished {
            indexed: count(JobStatus::Done),
            unchanged: count(JobStatus::Unchanged),
            failed: count(JobStatus::Failed),
            canceled: count(JobStatus::Canceled),
        });
        Ok(ended)
    }

    fn with_canceling(&self, change: impl FnOnce(&mut HashMap<JobId, CancellationToken>)) {
        // A poisoned lock only means that a panic was reported elsewhere; the map is still whole.
        change(
            &mut self
                .inner
                .canceling
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        );
    }
}

/// Files that are read while the one before them is still being embedded. Dropping it gives them up.
struct ReadingAhead(Arc<dyn Extractor>);

impl ReadingAhead {
    /// Jobs that are looked at for such files.
    const MOST: usize = 4;

    /// Has the extractor begin with the next of these. Files that have a document already may be unchanged, which their hash
    /// tells without reading.
    async fn next(
        &self,
        ledger: &dyn Ledger,
        current: &IndexJob,
        jobs: &VecDeque<(IndexJob, CancellationToken)>,
    ) -> Result<()> {
        let mut paths = Vec::new();
        for (job, token) in jobs.iter().take(Self::MOST) {
            let is_new = job.status.is_open() && !token.is_cancelled();
            if is_new && ledger.document_at(&job.collection, &job.path).await?.is_none() {
                paths.push(job.path.clone());
            }
        }
        let (extractor, current) = (Arc::clone(&self.0), current.path.clone());
        tokio::task::spawn_blocking(move || extractor.read_ahead(Some(&current), &paths))
            .await
            .map_err(|e| Error::bug(format!("reading ahead stopped: {e}")))
    }
}

impl Drop for ReadingAhead {
    fn drop(&mut self) {
        self.0.read_ahead(None, &[]);
    }
}

impl Inner {
    async fn reconcile(&self) -> Result<()> {
        let (store, ledger) = (&self.parts.store, &self.parts.ledger);
        for mut job in ledger.jobs(true).await? {
            if job.status == JobStatus::Running {
                job.status = JobStatus::Queued;
                job.step = Step::Queued;
                ledger.update_job(&job).await?;
            }
        }
        for documents in ledger.removals().await?.chunks(PURGED_AT_ONCE) {
            self.purge(documents).await?;
        }
        store.begin(&self.spec).await?;
        let hidden = ledger.hidden_revisions().await?;
        store.delete_revisions(&hidden).await?;
        for revision in &hidden {
            ledger.forget_revision(revision).await?;
        }
        let current = ledger.current_revisions().await?;
        let known: HashSet<_> = current.iter().map(|(_, revision, _)| revision.clone()).collect();
        let stored = store.revisions().await?;
        let orphans: Vec<_> = stored
            .iter()
            .map(|stored| &stored.revision)
            .filter(|r| !known.contains(r))
            .cloned()
            .collect();
        if !orphans.is_empty() {
            store.delete_revisions(&orphans).await?;
        }
        let elsewhere: HashSet<_> = stored
            .iter()
            .filter(|stored| !stored.current)
            .map(|stored| stored.revision.clone())
            .collect();
        let rows: HashMap<_, _> = stored
            .into_iter()
            .filter(|stored| stored.current)
            .map(|stored| (stored.revision, stored.rows))
            .collect();
        let mut stale = Vec::new();
        for (document, revision, chunks) in current {
            if rows.get(&revision).copied().unwrap_or(0) != u64::from(chunks) {
                tracing::info!(%document, "its rows are missing or of an older index; it is read anew");
                stale.push(document);
                let older = elsewhere.contains(&revision);
                let why = if older { Occasion::Index } else { Occasion::Repair };
                self.ingestor.distrust(revision, why);
            }
        }
        self.read_anew(&stale).await?;
        self.read_images().await
    }

    /// Queues the documents with images that were left unread and can be read now.
    async fn read_images(&self) -> Result<()> {
        let mut documents = self.parts.ledger.documents().await?;
        documents.retain(|document| self.ingestor.can_read_more(document));
        let ids: Vec<_> = documents.into_iter().map(|document| document.id).collect();
        self.read_anew(&ids).await
    }

    /// Queues documents, unless a job of theirs waits already or has failed: that one is the user's to retry.
    async fn read_anew(&self, documents: &[DocumentId]) -> Result<()> {
        let jobs = self.parts.ledger.jobs(true).await?;
        let waiting: HashSet<_> = jobs.iter().map(|job| (&job.path, &job.collection)).collect();
        for id in documents {
            if let Some(document) = self.parts.ledger.document(id).await?
                && !waiting.contains(&(&document.path, &document.collection))
            {
                let job = queued(document.path.clone(), &document.collection);
                self.parts.ledger.add_job(&job).await?;
            }
        }
        Ok(())
    }

    async fn verify(&self, document: Document) -> Result<Verification> {
        let mut faults = Vec::new();
        if let Some(revision) = &document.revision {
            let chunks = self.parts.store.chunks(revision).await?;
            if chunks.len() as u32 != document.chunks {
                faults.push(format!(
                    "{} chunks are stored, {} were written",
                    chunks.len(),
                    document.chunks
                ));
            }
            let mut pages: HashMap<u32, Option<Page>> = HashMap::new();
            for chunk in chunks {
                let page = match pages.entry(chunk.page) {
                    std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        entry.insert(self.parts.ledger.page(revision, chunk.page).await?)
                    }
                };
                match page {
                    None => faults.push(format!("page {} is missing", chunk.page)),
                    Some(page) if chunk.span.of(&page.text) != chunk.text => {
                        faults.push(format!("a chunk of page {} differs from the page", chunk.page));
                    }
                    Some(_) => {}
                }
            }
        }
        let path = document.path.clone();
        let hash = document.content_hash.clone();
        let file = tokio::task::spawn_blocking(move || {
            match crate::ingest::hash_file(&path, &CancellationToken::new()) {
                Ok(now) if now == hash => FileState::Same,
                Ok(_) => FileState::Changed,
                Err(_) => FileState::Missing,
            }
        })
        .await
        .map_err(|e| Error::bug(format!("hashing stopped: {e}")))?;
        Ok(Verification {
            document,
            file,
            faults,
        })
    }
}

fn queued(path: PathBuf, collection: &str) -> IndexJob {
    IndexJob {
        id: JobId::new(),
        path,
        collection: collection.to_owned(),
        status: JobStatus::Queued,
        step: Step::Queued,
        document: None,
        error: None,
        read_again: false,
        created_at: now(),
    }
}

fn not_found(what: &str) -> Error {
    Error::user(format!("There is no such {what}"))
        .code(ErrorCode::NotFound)
        .problem(Problem::Gone)
        .hint("It may have been removed meanwhile")
}

#[cfg(test)]
mod tests;
