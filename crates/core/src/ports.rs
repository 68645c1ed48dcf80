//! Ports: what the pipelines need from the world. Each has a fake in `core::memory`, for tests.
//!
//! Compute traits are synchronous (an owner thread runs them); store traits are async.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::cases::Case;
use crate::collections::{Collection, Written};
use crate::error::{Error, Result};
use crate::history::{CitedRevision, DocumentEvent};
use crate::ids::{CaseId, ConversationId, DocumentId, FolderId, JobId, RevisionId, TurnId};
use crate::ocr::{ExtractedPage, PageImage, RecognizedLine, TableShape};
use crate::password::Password;
use crate::personal::Found;
use crate::preflight::Paces;
use crate::prompt::PromptCopy;
use crate::question::naming::DocumentName;
use crate::removal::Quotes;
use crate::span::CharSpan;
use crate::tables::{Computed, Plan, Table};
use crate::types::{
    BlockKind, ChunkHit, ChunkRow, Conversation, Document, ExtractSummary, Feedback, FileKind, IndexJob,
    IndexSpec, Page, PageCoverage, PageSource, Scope, TokenCounts, Turn,
};
use crate::walk::SeenFile;
use crate::watch::WatchedFolder;

/// What a text is embedded as; some models want a different prefix for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextRole {
    /// A question.
    Query,
    /// A slice of a document.
    Passage,
}

/// Turns texts into unit-length vectors. A vector depends on its own text alone.
pub trait Embedder: Send + Sync {
    /// Model id with revision or hash; part of the [`IndexSpec`].
    fn id(&self) -> String;

    /// Length of a vector.
    fn dimension(&self) -> usize;

    /// Tokens a text may have, prefix and special tokens included; the rest would be cut off.
    fn max_tokens(&self) -> usize;

    /// One vector a text, in order. Checks `cancel` between batches.
    fn embed(&self, texts: &[String], role: TextRole, cancel: &CancellationToken) -> Result<Vec<Vec<f32>>>;

    /// The tokenizer's tokens of `text`, as byte ranges in order, without special tokens.
    fn token_offsets(&self, text: &str) -> Result<Vec<Range<usize>>>;
}

/// Scores passages against a query with a model that reads both.
pub trait Reranker: Send + Sync {
    /// Model id.
    fn id(&self) -> String;

    /// One score a passage, in order; higher is better.
    fn rerank(&self, query: &str, passages: &[String], cancel: &CancellationToken) -> Result<Vec<f32>>;
}

/// How a sentence relates to the text it was taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inference {
    /// Probability that the text says it, 0 to 1.
    pub entailed: f32,
    /// Probability that the text says otherwise, 0 to 1.
    pub contradicted: f32,
}

/// Judges whether a text says what a sentence says (natural language inference).
pub trait Entailment: Send + Sync {
    /// Model id.
    fn id(&self) -> String;

    /// One judgement for each pair of a text and a sentence, in order.
    fn infer(&self, pairs: &[(String, String)], cancel: &CancellationToken) -> Result<Vec<Inference>>;
}

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt; the model's own chat template joins them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

/// Decides which continuation of the text may be written. Used so that only markers of supplied
/// passages can appear.
pub trait TextConstraint: Send + Sync {
    /// Whether `piece` may follow `text` (all that was generated so far).
    fn allows(&self, text: &str, piece: &str) -> bool;
}

/// What may be written. Whatever is asked for, the text so far can always still become something allowed.
#[derive(Clone, Copy)]
pub enum Constraint<'a> {
    /// Judged on the text.
    Text(&'a dyn TextConstraint),
    /// One JSON value that fits this JSON Schema: objects with their `required` members, strings, numbers,
    /// integers, booleans, `enum`, `const`, arrays, and their bounds. The text ends with the value; only
    /// `max_tokens` or a cancellation can leave it unfinished, so give strings and arrays bounds.
    Json(&'a serde_json::Value),
}

/// How tokens are chosen. The same request gets the same text, whichever is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Always the most probable token: the precise choice, for answers.
    Greedy,
    /// As the model's publisher advises (temperature, nucleus, penalties); greedy if nothing is known.
    Advised {
        /// Same seed, same text.
        seed: u64,
    },
    /// Temperature and nucleus sampling with a seed.
    Nucleus {
        /// Above 0.
        temperature: f32,
        /// 0 to 1.
        top_p: f32,
        /// Same seed, same text.
        seed: u64,
    },
}

/// One generation.
pub struct GenerateRequest<'a> {
    /// The prompt.
    pub messages: &'a [Message],
    /// At most this many tokens are written.
    pub max_tokens: usize,
    /// Generation ends before any of these.
    pub stop: &'a [String],
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// What may be written; none: anything.
    pub constraint: Option<Constraint<'a>>,
}

/// Why a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn.
    EndOfTurn,
    /// A stop string came up.
    Stop,
    /// `max_tokens` or the context was reached.
    Length,
    /// The receiver asked to stop.
    Canceled,
}

/// A finished generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// All of the text.
    pub text: String,
    /// Token counts.
    pub tokens: TokenCounts,
    /// Why it ended.
    pub finish: FinishReason,
}

/// Writes text after a prompt.
pub trait Generator: Send + Sync {
    /// Model id with hash.
    fn id(&self) -> String;

    /// Number of weights, embeddings aside, roughly: what a model can be asked to do depends on it.
    fn weights(&self) -> u64;

    /// Tokens that prompt and answer may have together.
    fn context_tokens(&self) -> usize;

    /// Number of tokens of `text`.
    fn count_tokens(&self, text: &str) -> Result<usize>;

    /// Generates; every piece of text goes to `sink` as it is written. Returning
    /// [`ControlFlow::Break`] or cancelling `cancel` ends it within one token.
    ///
    /// Messages that do not fit into the context are made to fit: the oldest turns are left out first, then
    /// the middle of the longest message. The instructions and the last turn stay.
    ///
    /// # Errors
    /// Class `User` with [`crate::ErrorCode::QuestionTooLong`] if even that is not enough, or if the schema of a
    /// [`Constraint::Json`] cannot be followed; otherwise what stopped the model, with a remedy.
    fn generate(
        &self,
        request: &GenerateRequest<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<Generated>;
}

/// Finds and reads lines of text in images.
pub trait TextRecognizer: Send + Sync {
    /// Model id.
    fn id(&self) -> String;

    /// The lines of text in `image`, in no particular order, however they are turned. None found is an
    /// empty list. Checks `cancel` between batches.
    fn recognize(&self, image: &PageImage, cancel: &CancellationToken) -> Result<Vec<RecognizedLine>>;

    /// The rows and columns of the one table that fills `image`, which stands upright; its words are not read. None if
    /// there is no model for that.
    ///
    /// # Errors
    /// A cancellation, or what stopped the model.
    fn table(&self, image: &PageImage, cancel: &CancellationToken) -> Result<Option<TableShape>> {
        let _ = (image, cancel);
        Ok(None)
    }
}

/// Finds what tells who a text is about and has no form of its own: names, postal addresses.
pub trait PersonFinder: Send + Sync {
    /// Model id.
    fn id(&self) -> String;

    /// All that is found in `text`, in order, without overlaps; places in bytes. Blocks, and checks `cancel` between
    /// batches.
    fn find(&self, text: &str, cancel: &CancellationToken) -> Result<Vec<Found>>;
}

/// Reads files.
pub trait Extractor: Send + Sync {
    /// Whether files named so are read at all; folders are filtered by it.
    fn supports(&self, path: &Path) -> bool {
        self.kind(path).is_some()
    }

    /// What a file is by its name; none if its format is not read.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// Reads `path` page by page into `sink`; pages whose text is missing or worthless come with their
    /// image, for a [`TextRecognizer`]. `password` is tried on what is locked, in `path` and in the files
    /// inside it. [`ControlFlow::Break`] or `cancel` ends it.
    ///
    /// # Errors
    /// Names file, page where known, cause and remedy. A crash or hang of a parser is an error too.
    /// [`ErrorCode::PasswordNeeded`](crate::ErrorCode::PasswordNeeded) if the right password would help.
    fn extract(
        &self,
        path: &Path,
        password: Option<&Password>,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<ExtractSummary>;

    /// The files that are to be read after `current`, without a password and in this order: some may be begun before their turn,
    /// which [`Extractor::extract`] is. What was begun of others before is given up, so an empty list ends it. May be ignored,
    /// and without an implementation is.
    fn read_ahead(&self, current: Option<&Path>, next: &[PathBuf]) {
        let _ = (current, next);
    }

    /// A page of the picture at `path`, as PNG, in its colours and with the proportions of the page's size: for people to look at
    /// what the window itself cannot decode. Without an implementation, none can be shown.
    ///
    /// # Errors
    /// The file is no picture, has no such page, or cannot be decoded.
    fn picture(&self, path: &Path, page: u32, cancel: &CancellationToken) -> Result<Vec<u8>> {
        let _ = (page, cancel);
        Err(Error::user("The file cannot be shown as a picture")
            .hint("Read its text instead")
            .at(path.display()))
    }
}

/// What a [`FolderWatcher`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderChange {
    /// Something may have changed at these places.
    At(Vec<PathBuf>),
    /// Changes were lost; anything may have changed.
    Anywhere,
}

/// Takes what a [`FolderWatcher`] tells, from any thread. Must not block.
pub type FolderListener = Arc<dyn Fn(FolderChange) + Send + Sync>;

/// Held for as long as a folder is watched.
pub trait FolderGuard: Send + Sync {}

/// Tells of changes in folders. It may tell too much, and tells nothing of what others do on a network drive.
pub trait FolderWatcher: Send + Sync {
    /// Tells `listener` what changes in `folder` and below, until the guard is dropped. Blocks for as long as it
    /// takes to look through the folder.
    ///
    /// # Errors
    /// The folder is not there, or the system cannot watch that many.
    fn watch(&self, folder: &Path, listener: FolderListener) -> Result<Box<dyn FolderGuard>>;
}

/// Computes over tables.
#[async_trait]
pub trait TableEngine: Send + Sync {
    /// Computes `plan` over `table`, whose columns `shown` are selected where the result is rows. The table, the plan and
    /// nothing else decides what comes of it; nothing is written anywhere.
    ///
    /// # Errors
    /// [`Error::canceled`](crate::Error::canceled); class `Runtime` if it takes too long or too much memory.
    async fn compute(
        &self,
        table: &Arc<Table>,
        plan: &Plan,
        shown: &[usize],
        cancel: &CancellationToken,
    ) -> Result<Computed>;
}

/// Narrows a search before anything is ranked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowFilter {
    /// Only rows that are in one of these; all if there is none. No row is in an empty list.
    pub within: Option<Vec<Written>>,
    /// Only these documents, if any are named.
    pub documents: Vec<DocumentId>,
    /// Revisions that must not be seen: half-written or retired ones.
    pub hidden: Vec<RevisionId>,
}

impl RowFilter {
    /// What a search with this scope may see, as the ledger has it now.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn of(scope: Scope, ledger: &dyn Ledger) -> Result<Self> {
        let within = match &scope.collection {
            Some(collection) => Some(ledger.written(collection).await?),
            None => None,
        };
        Ok(Self {
            within,
            documents: scope.documents,
            hidden: ledger.hidden_revisions().await?,
        })
    }

    /// Whether it is narrowed by the user's scope.
    pub fn is_scoped(&self) -> bool {
        self.within.is_some() || !self.documents.is_empty()
    }
}

/// What a store says about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreHealth {
    /// Rows of all revisions.
    pub rows: u64,
    /// Rows not yet covered by the vector index and the text index (they are scanned).
    pub unindexed_rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Faults found; empty when sound.
    pub faults: Vec<String>,
}

/// Holds chunks, vectors and full text.
#[async_trait]
pub trait ChunkStore: Send + Sync {
    /// What new rows are made with; none before the first [`ChunkStore::begin`].
    async fn spec(&self) -> Result<Option<IndexSpec>>;

    /// Begins an index with this stamp, empty. Indexes with other stamps stay beside it: their rows are
    /// found and deleted as before, and each goes when its last row is gone and `optimize` is called. Does
    /// nothing if the stamp is that of the index already.
    async fn begin(&self, spec: &IndexSpec) -> Result<()>;

    /// Embedders whose vectors are stored, that of new rows first.
    async fn embedders(&self) -> Result<Vec<String>>;

    /// Appends rows, all or none.
    async fn append(&self, rows: Vec<ChunkRow>) -> Result<()>;

    /// Deletes every row of these revisions.
    async fn delete_revisions(&self, revisions: &[RevisionId]) -> Result<()>;

    /// Deletes every row of these documents and reclaims the space, so that no trace is left on disk. What held them is
    /// rewritten once, so that many cost little more than one.
    async fn purge_documents(&self, documents: &[DocumentId]) -> Result<()>;

    /// The vectors of a revision's chunks with these ordinals, each with its ordinal and text hash, for reuse; only those by
    /// the embedder of new rows, in no order.
    async fn vectors(
        &self,
        revision: &RevisionId,
        ordinals: Range<u32>,
    ) -> Result<Vec<(u32, String, Vec<f32>)>>;

    /// The `k` rows nearest to `vector` among those that `embedder` made, best first.
    async fn search_vector(
        &self,
        embedder: &str,
        vector: &[f32],
        filter: &RowFilter,
        k: usize,
    ) -> Result<Vec<ChunkHit>>;

    /// The `k` best rows for the words of `query`, best first. `query` is plain text; it is matched against [`ChunkRow::search_text`].
    async fn search_text(&self, query: &str, filter: &RowFilter, k: usize) -> Result<Vec<ChunkHit>>;

    /// All chunks of a revision, by ordinal.
    async fn chunks(&self, revision: &RevisionId) -> Result<Vec<crate::types::Chunk>>;

    /// What is stored of each revision, for reconciling with the ledger.
    async fn revisions(&self) -> Result<Vec<StoredRevision>>;

    /// Folds new rows into the indexes and compacts; cheap if there is little to do.
    async fn optimize(&self) -> Result<()>;

    /// Looks the store over.
    async fn health(&self) -> Result<StoreHealth>;
}

/// Rows of one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRevision {
    /// Whose.
    pub document: DocumentId,
    /// Which.
    pub revision: RevisionId,
    /// How many.
    pub rows: u64,
    /// Whether they lie in the index that new rows go to, and not in one before it.
    pub current: bool,
}

/// A page as far as looking through it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageText {
    /// From 1.
    pub number: u32,
    /// The page's text.
    pub text: String,
    /// What repeats from page to page ([`crate::types::BlockKind::Furniture`]).
    pub furniture: Vec<CharSpan>,
    /// Whether reading it failed.
    pub failed: bool,
}

impl From<&Page> for PageText {
    fn from(page: &Page) -> Self {
        let furniture = page
            .blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Furniture);
        Self {
            number: page.number,
            text: page.text.clone(),
            furniture: furniture.map(|block| block.span).collect(),
            failed: page.source == PageSource::Failed,
        }
    }
}

/// A turn as far as searching it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnText {
    /// Which.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// As asked.
    pub question: String,
    /// The answer's text.
    pub answer: String,
}

/// What a revision becomes when its rows are complete.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionCommit {
    /// The document as it will be registered (with `revision` set to the new one).
    pub document: Document,
    /// The job that made it.
    pub job: JobId,
    /// The reading, for the document's history.
    pub event: DocumentEvent,
}

/// The register: documents, revisions with their pages, jobs, conversations.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Adds a job as queued.
    async fn add_job(&self, job: &IndexJob) -> Result<()>;
    /// Writes a job's status, step, document and error; its collection stays the one it has.
    async fn update_job(&self, job: &IndexJob) -> Result<()>;
    /// One job.
    async fn job(&self, id: &JobId) -> Result<Option<IndexJob>>;
    /// Jobs, oldest first. `unfinished`: only queued, running and failed ones.
    async fn jobs(&self, unfinished: bool) -> Result<Vec<IndexJob>>;
    /// Forgets a job.
    async fn remove_job(&self, id: &JobId) -> Result<()>;

    /// All documents, by path.
    async fn documents(&self) -> Result<Vec<Document>>;
    /// One document.
    async fn document(&self, id: &DocumentId) -> Result<Option<Document>>;
    /// How many documents that joined a collection lie below a folder, wherever they were moved since.
    async fn documents_below(&self, collection: &str, folder: &Path) -> Result<u32>;
    /// The document of a collection at a path.
    async fn document_at(&self, collection: &str, path: &Path) -> Result<Option<Document>>;

    /// Registers a revision as being written, before its first row is.
    async fn begin_revision(&self, document: &DocumentId, revision: &RevisionId) -> Result<()>;
    /// Stores pages of a revision that is being written.
    async fn add_pages(&self, revision: &RevisionId, pages: &[Page]) -> Result<()>;
    /// In one transaction: the document points to the new revision, the old one is retired, the
    /// job is done. Returns the revisions of this document to delete from the chunk store. The document's collection
    /// is the one that the rows were written under; one that is registered stays in the collection that it is in
    /// now, and a new one joins that of the job, as both may have changed while it was read.
    async fn commit_revision(&self, commit: &RevisionCommit) -> Result<Vec<RevisionId>>;
    /// Forgets a revision that is not current, with its pages, after its rows are gone.
    async fn forget_revision(&self, revision: &RevisionId) -> Result<()>;
    /// Revisions that searches must not see: being written, or retired.
    async fn hidden_revisions(&self) -> Result<Vec<RevisionId>>;
    /// Current revisions with their documents and chunk counts.
    async fn current_revisions(&self) -> Result<Vec<(DocumentId, RevisionId, u32)>>;

    /// A page of a revision.
    async fn page(&self, revision: &RevisionId, number: u32) -> Result<Option<Page>>;
    /// The texts of up to `limit` pages of a revision from number `from` on, in order. Cheaper than
    /// [`Ledger::page`], for looking through all of them.
    async fn page_texts(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<PageText>>;
    /// Current revisions with a table on some page.
    async fn revisions_with_tables(&self) -> Result<Vec<RevisionId>>;
    /// Up to `limit` pages of a revision from number `from` on that have a table, in order.
    async fn table_pages(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<Page>>;
    /// How each page of a revision was read, in order.
    async fn coverage(&self, revision: &RevisionId) -> Result<Vec<PageCoverage>>;

    /// Marks documents for removal, all or none: from now on [`Ledger::hidden_revisions`] has their revisions, and
    /// [`Ledger::documents`], [`Ledger::document`] and [`Ledger::document_at`] no longer have them.
    /// Survives a crash, with what becomes of quotes; once [`Quotes::Go`] was said of one, that holds.
    async fn begin_removal(&self, documents: &[DocumentId], quotes: Quotes) -> Result<()>;
    /// Takes the marks off again, so that all is as it was, and returns the documents that are back. One that is not
    /// marked is left alone, and one whose place another document has taken stays marked.
    async fn undo_removal(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>>;
    /// Documents marked for removal.
    async fn removals(&self) -> Result<Vec<DocumentId>>;
    /// Forgets a document with its revisions, pages, jobs, and the passages of it in saved answers, and as its mark
    /// says, the quotes of it there and in cases; its traces vanish from disk. Without a mark, quotes stay.
    async fn finish_removal(&self, document: &DocumentId) -> Result<()>;

    /// Conversations: pinned ones before others, then latest first.
    async fn conversations(&self) -> Result<Vec<Conversation>>;
    /// Gives a conversation another title, as it is given. Does nothing if there is no such conversation.
    async fn rename_conversation(&self, conversation: &ConversationId, title: &str) -> Result<()>;
    /// Pins a conversation, or lets it go. Does nothing if there is no such conversation.
    async fn pin_conversation(&self, conversation: &ConversationId, pinned: bool) -> Result<()>;
    /// What was asked and answered in all turns, latest first.
    async fn turn_texts(&self) -> Result<Vec<TurnText>>;
    /// One turn.
    async fn turn(&self, id: &TurnId) -> Result<Option<Turn>>;
    /// Keeps what the user thinks of a turn, with the turn; none takes it back. Does nothing if there is no such turn.
    async fn set_feedback(&self, turn: &TurnId, feedback: Option<&Feedback>) -> Result<()>;
    /// Turns of a conversation in order.
    async fn turns(&self, conversation: &ConversationId) -> Result<Vec<Turn>>;
    /// Appends a turn; makes the conversation if it is new.
    async fn add_turn(&self, turn: &Turn) -> Result<()>;
    /// Deletes a conversation.
    async fn remove_conversation(&self, conversation: &ConversationId) -> Result<()>;

    /// Gives a document another place, and another title; its history gets `event`.
    async fn move_document(
        &self,
        document: &DocumentId,
        path: &Path,
        title: &str,
        event: &DocumentEvent,
    ) -> Result<()>;
    /// Adds to a document's history, which keeps [`EVENTS_KEPT`](crate::history::EVENTS_KEPT) of its events. Does
    /// nothing if there is no such document.
    async fn add_event(&self, document: &DocumentId, event: &DocumentEvent) -> Result<()>;
    /// What became of a document, the oldest first; nothing if there is none.
    async fn events(&self, document: &DocumentId) -> Result<Vec<DocumentEvent>>;
    /// The newest of a document's events; nothing if there is none.
    async fn last_event(&self, document: &DocumentId) -> Result<Option<DocumentEvent>>;
    /// The user's copies of prompts, the oldest of each prompt first.
    async fn prompt_copies(&self) -> Result<Vec<PromptCopy>>;
    /// Adds a copy. If it is in use, no other of its prompt is from now on.
    async fn add_prompt_copy(&self, copy: &PromptCopy) -> Result<()>;
    /// Takes a copy of a prompt in use, or with none the one that comes with Footnote.
    async fn use_prompt(&self, prompt: &str, number: Option<u32>) -> Result<()>;

    /// The languages (BCP 47) that documents are in, each once, in no order.
    async fn languages(&self) -> Result<Vec<String>>;
    /// What the documents are called that can be searched, of a collection or of all.
    async fn document_names(&self, collection: Option<&str>) -> Result<Vec<DocumentName>>;
    /// The revisions of a document that saved answers cite.
    async fn cited_revisions(&self, document: &DocumentId) -> Result<Vec<CitedRevision>>;

    /// Collections that a document, a watched folder or a file that waits is in, by name.
    async fn collections(&self) -> Result<Vec<Collection>>;
    /// How the rows of a collection's documents are found.
    async fn written(&self, collection: &str) -> Result<Vec<Written>>;
    /// In one transaction: moves documents to a collection, with the jobs of their files. A document stays where it is
    /// if the collection has one of the same file; returns those. Does nothing for one that is not there.
    async fn move_to_collection(&self, documents: &[DocumentId], collection: &str)
    -> Result<Vec<DocumentId>>;
    /// In one transaction: has what comes in a watched folder join another collection, and moves the documents of its
    /// collection that lie in it, with the jobs of its files, as [`Ledger::move_to_collection`] does.
    ///
    /// # Errors
    /// There is no such folder.
    async fn move_folder(&self, folder: &FolderId, collection: &str) -> Result<Vec<DocumentId>>;
    /// In one transaction: gives a collection another name, for its documents, folders and jobs.
    ///
    /// # Errors
    /// There is no such collection, or one has that name already.
    async fn rename_collection(&self, from: &str, to: &str) -> Result<()>;
    /// Documents that joined a collection and were moved to another.
    async fn moved_out(&self, collection: &str) -> Result<Vec<Document>>;

    /// Watched folders, oldest first.
    async fn folders(&self) -> Result<Vec<WatchedFolder>>;
    /// Writes a watched folder, new or not; when it was looked through last stays as it is.
    async fn put_folder(&self, folder: &WatchedFolder) -> Result<()>;
    /// Notes when a folder was looked through, and on which file system.
    async fn scanned_folder(&self, folder: &FolderId, at: &str, device: Option<u64>) -> Result<()>;
    /// Forgets a watched folder and what was seen of it; its documents stay.
    async fn remove_folder(&self, folder: &FolderId) -> Result<()>;
    /// Files of a folder with the state in which they were last taken up.
    async fn seen_files(&self, folder: &FolderId) -> Result<Vec<SeenFile>>;
    /// Notes the state of files of a folder.
    async fn see_files(&self, folder: &FolderId, files: &[SeenFile]) -> Result<()>;
    /// Forgets files of a folder.
    async fn forget_files(&self, folder: &FolderId, paths: &[PathBuf]) -> Result<()>;

    /// Whether indexing is paused.
    async fn paused(&self) -> Result<bool>;
    /// Notes whether indexing is paused.
    async fn set_paused(&self, paused: bool) -> Result<()>;
    /// How long reading takes on this machine; empty if none was set.
    async fn paces(&self) -> Result<Paces>;
    /// Keeps that.
    async fn set_paces(&self, paces: &Paces) -> Result<()>;

    /// The user's cases, the oldest first.
    async fn cases(&self) -> Result<Vec<Case>>;
    /// Adds cases, or writes them anew if they are there: all or none.
    async fn add_cases(&self, cases: &[Case]) -> Result<()>;
    /// Deletes a case.
    async fn remove_case(&self, case: &CaseId) -> Result<()>;

    /// Looks the database over; faults found, empty when sound.
    async fn check(&self) -> Result<Vec<String>>;
}
