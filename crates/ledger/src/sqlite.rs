//! The port on top of SQLite.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use footnote_core::cases::Case;
use footnote_core::collections::{Collection, Written};
use footnote_core::history::{CitedRevision, DocumentEvent};
use footnote_core::ports::{Ledger, PageText, RevisionCommit, TurnText};
use footnote_core::preflight::Paces;
use footnote_core::prompt::PromptCopy;
use footnote_core::question::naming::DocumentName;
use footnote_core::removal::Quotes;
use footnote_core::types::{Conversation, Document, Feedback, IndexJob, Page, PageCoverage, Turn};
use footnote_core::walk::SeenFile;
use footnote_core::watch::WatchedFolder;
use footnote_core::{CaseId, ConversationId, DocumentId, Error, FolderId, JobId, Result, RevisionId, TurnId};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::Translate;
use crate::{
    cases, collections, conversations, documents, folders, history, jobs, prompts, removal, revisions,
    schema, settings,
};

/// The register in one SQLite file. Clones share it.
///
/// SQLite blocks, so every call runs on tokio's pool for blocking work; one connection serves them
/// in turn. A caller that stops waiting does not undo what was begun.
#[derive(Clone)]
pub struct SqliteLedger {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl SqliteLedger {
    /// Opens the register at `path`; makes it, with its folder, if it is not there, and brings an
    /// older one up to date. Blocks for as long as that takes.
    ///
    /// # Errors
    /// A file that is damaged, foreign, or written by a newer Footnote; it is not changed then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let connection = schema::open(path)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            path: path.to_owned(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` with the connection, off the async threads.
    async fn with<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            // A panic while the lock was held rolled its transaction back; the connection is sound.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        })
        .await
        .map_err(|e| Error::bug(format!("Work on the register broke off: {e}")))?
    }

    /// Runs `work` in a transaction that is on disk when this returns.
    async fn write<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        self.with(move |connection| write(connection, doing, work)).await
    }
}

/// Runs `work` in a transaction; an error undoes it.
fn write<T>(
    connection: &mut Connection,
    doing: &str,
    work: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .during(doing)?;
    let result = work(&tx)?;
    tx.commit().during(doing)?;
    Ok(result)
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn add_job(&self, job: &IndexJob) -> Result<()> {
        let job = job.clone();
        self.write("adding a job", move |tx| jobs::put(tx, &job)).await
    }

    async fn update_job(&self, job: &IndexJob) -> Result<()> {
        let job = job.clone();
        self.write("updating a job", move |tx| jobs::put(tx, &job)).await
    }

    async fn job(&self, id: &JobId) -> Result<Option<IndexJob>> {
        let id = id.clone();
        self.with(move |c| jobs::get(c, &id)).await
    }

    async fn jobs(&self, unfinished: bool) -> Result<Vec<IndexJob>> {
        self.with(move |c| jobs::list(c, unfinished)).await
    }

    async fn remove_job(&self, id: &JobId) -> Result<()> {
        let id = id.clone();
        self.write("removing a job", move |tx| jobs::remove(tx, &id))
            .await
    }

    async fn documents(&self) -> Result<Vec<Document>> {
        self.with(|c| documents::list(c)).await
    }

    async fn document(&self, id: &DocumentId) -> Result<Option<Document>> {
        let id = id.clone();
        self.with(move |c| documents::get(c, &id)).await
    }

    async fn documents_below(&self, collection: &str, folder: &Path) -> Result<u32> {
        let (collection, folder) = (collection.to_owned(), folder.to_owned());
        self.with(move |c| documents::count_below(c, &collection, &folder))
            .await
    }

    async fn document_at(&self, collection: &str, path: &Path) -> Result<Option<Document>> {
        let (collection, path) = (collection.to_owned(), path.to_owned());
        self.with(move |c| documents::at(c, &collection, &path)).await
    }

    async fn begin_revision(&self, document: &DocumentId, revision: &RevisionId) -> Result<()> {
        let (document, revision) = (document.clone(), revision.clone());
        self.write("registering a revision", move |tx| {
            revisions::begin(tx, &document, &revision)
        })
        .await
    }

    async fn add_pages(&self, revision: &RevisionId, pages: &[Page]) -> Result<()> {
        let (revision, pages) = (revision.clone(), pages.to_vec());
        self.write("storing pages", move |tx| {
            revisions::add_pages(tx, &revision, &pages)
        })
        .await
    }

    async fn commit_revision(&self, commit: &RevisionCommit) -> Result<Vec<RevisionId>> {
        let commit = commit.clone();
        self.write("publishing a revision", move |tx| revisions::commit(tx, &commit))
            .await
    }

    async fn forget_revision(&self, revision: &RevisionId) -> Result<()> {
        let revision = revision.clone();
        self.write("forgetting a revision", move |tx| {
            revisions::forget(tx, &revision)
        })
        .await
    }

    async fn hidden_revisions(&self) -> Result<Vec<RevisionId>> {
        self.with(|c| revisions::hidden(c)).await
    }

    async fn current_revisions(&self) -> Result<Vec<(DocumentId, RevisionId, u32)>> {
        self.with(|c| revisions::current(c)).await
    }

    async fn page(&self, revision: &RevisionId, number: u32) -> Result<Option<Page>> {
        let revision = revision.clone();
        self.with(move |c| revisions::page(c, &revision, number)).await
    }

    async fn page_texts(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<PageText>> {
        let revision = revision.clone();
        self.with(move |c| revisions::page_texts(c, &revision, from, limit))
            .await
    }

    async fn revisions_with_tables(&self) -> Result<Vec<RevisionId>> {
        self.with(|c| revisions::with_tables(c)).await
    }

    async fn table_pages(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<Page>> {
        let revision = revision.clone();
        self.with(move |c| revisions::table_pages(c, &revision, from, limit))
            .await
    }

    async fn coverage(&self, revision: &RevisionId) -> Result<Vec<PageCoverage>> {
        let revision = revision.clone();
        self.with(move |c| revisions::coverage(c, &revision)).await
    }

    async fn begin_removal(&self, documents: &[DocumentId], quotes: Quotes) -> Result<()> {
        let documents = documents.to_vec();
        self.write("marking documents for removal", move |tx| {
            let mut documents = documents.iter();
            documents.try_for_each(|document| removal::begin(tx, document, quotes))
        })
        .await
    }

    async fn undo_removal(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>> {
        let documents = documents.to_vec();
        self.write("undoing a removal", move |tx| {
            let mut back = Vec::new();
            for document in documents {
                if removal::undo(tx, &document)? {
                    back.push(document);
                }
            }
            Ok(back)
        })
        .await
    }

    async fn removals(&self) -> Result<Vec<DocumentId>> {
        self.with(|c| removal::list(c)).await
    }

    async fn finish_removal(&self, document: &DocumentId) -> Result<()> {
        const DOING: &str = "removing a document";
        let document = document.clone();
        self.with(move |connection| {
            write(connection, DOING, |tx| {
                // A removal that was never begun must survive a crash as well.
                removal::mark(tx, &document, Quotes::Stay)?;
                removal::delete(tx, &document)
            })?;
            removal::wipe(connection)?;
            write(connection, DOING, |tx| removal::forget_mark(tx, &document))
        })
        .await
    }

    async fn conversations(&self) -> Result<Vec<Conversation>> {
        self.with(|c| conversations::list(c)).await
    }

    async fn rename_conversation(&self, conversation: &ConversationId, title: &str) -> Result<()> {
        let (conversation, title) = (conversation.clone(), title.to_owned());
        self.write("renaming a conversation", move |tx| {
            conversations::rename(tx, &conversation, &title)
        })
        .await
    }

    async fn pin_conversation(&self, conversation: &ConversationId, pinned: bool) -> Result<()> {
        let conversation = conversation.clone();
        self.write("pinning a conversation", move |tx| {
            conversations::pin(tx, &conversation, pinned)
        })
        .await
    }

    async fn turn_texts(&self) -> Result<Vec<TurnText>> {
        self.with(|c| conversations::texts(c)).await
    }

    async fn turn(&self, id: &TurnId) -> Result<Option<Turn>> {
        let id = id.clone();
        self.with(move |c| conversations::turn(c, &id)).await
    }

    async fn set_feedback(&self, turn: &TurnId, feedback: Option<&Feedback>) -> Result<()> {
        let (turn, feedback) = (turn.clone(), feedback.cloned());
        self.write("keeping feedback", move |tx| {
            conversations::set_feedback(tx, &turn, feedback.as_ref())
        })
        .await
    }

    async fn turns(&self, conversation: &ConversationId) -> Result<Vec<Turn>> {
        let conversation = conversation.clone();
        self.with(move |c| conversations::turns(c, &conversation)).await
    }

    async fn add_turn(&self, turn: &Turn) -> Result<()> {
        let turn = turn.clone();
        self.write("saving a turn", move |tx| conversations::add_turn(tx, &turn))
            .await
    }

    async fn remove_conversation(&self, conversation: &ConversationId) -> Result<()> {
        let conversation = conversation.clone();
        self.with(move |connection| {
            write(connection, "deleting a conversation", |tx| {
                conversations::remove(tx, &conversation)
            })?;
            removal::wipe(connection)
        })
        .await
    }

    async fn move_document(
        &self,
        document: &DocumentId,
        path: &Path,
        title: &str,
        event: &DocumentEvent,
    ) -> Result<()> {
        let (document, path, title) = (document.clone(), path.to_owned(), title.to_owned());
        let event = event.clone();
        self.write("moving a document", move |tx| {
            documents::rename(tx, &document, &path, &title)?;
            history::add(tx, &document, &event)
        })
        .await
    }

    async fn add_event(&self, document: &DocumentId, event: &DocumentEvent) -> Result<()> {
        let (document, event) = (document.clone(), event.clone());
        self.write("noting what became of a document", move |tx| {
            history::add(tx, &document, &event)
        })
        .await
    }

    async fn events(&self, document: &DocumentId) -> Result<Vec<DocumentEvent>> {
        let document = document.clone();
        self.with(move |c| history::list(c, &document)).await
    }

    async fn last_event(&self, document: &DocumentId) -> Result<Option<DocumentEvent>> {
        let document = document.clone();
        self.with(move |c| history::last(c, &document)).await
    }

    async fn languages(&self) -> Result<Vec<String>> {
        self.with(|c| documents::languages(c)).await
    }

    async fn document_names(&self, collection: Option<&str>) -> Result<Vec<DocumentName>> {
        let collection = collection.map(str::to_owned);
        self.with(move |c| documents::names(c, collection.as_deref()))
            .await
    }

    async fn prompt_copies(&self) -> Result<Vec<PromptCopy>> {
        self.with(|c| prompts::list(c)).await
    }

    async fn add_prompt_copy(&self, copy: &PromptCopy) -> Result<()> {
        let copy = copy.clone();
        self.write("saving a prompt", move |tx| prompts::add(tx, &copy))
            .await
    }

    async fn use_prompt(&self, prompt: &str, number: Option<u32>) -> Result<()> {
        let prompt = prompt.to_owned();
        self.write("choosing a prompt", move |tx| {
            prompts::choose(tx, &prompt, number)
        })
        .await
    }

    async fn cited_revisions(&self, document: &DocumentId) -> Result<Vec<CitedRevision>> {
        let document = document.clone();
        self.with(move |c| history::cited(c, &document)).await
    }

    async fn collections(&self) -> Result<Vec<Collection>> {
        self.with(|c| collections::list(c)).await
    }

    async fn written(&self, collection: &str) -> Result<Vec<Written>> {
        let collection = collection.to_owned();
        self.with(move |c| collections::written(c, &collection)).await
    }

    async fn move_to_collection(
        &self,
        documents: &[DocumentId],
        collection: &str,
    ) -> Result<Vec<DocumentId>> {
        let (documents, collection) = (documents.to_vec(), collection.to_owned());
        self.write("moving documents to a collection", move |tx| {
            collections::take_in(tx, &documents, &collection)
        })
        .await
    }

    async fn move_folder(&self, folder: &FolderId, collection: &str) -> Result<Vec<DocumentId>> {
        let (folder, collection) = (folder.clone(), collection.to_owned());
        self.write("moving a folder to a collection", move |tx| {
            collections::take_in_folder(tx, &folder, &collection)
        })
        .await
    }

    async fn rename_collection(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.write("renaming a collection", move |tx| {
            collections::rename(tx, &from, &to)
        })
        .await
    }

    async fn moved_out(&self, collection: &str) -> Result<Vec<Document>> {
        let collection = collection.to_owned();
        self.with(move |c| documents::moved_out(c, &collection)).await
    }

    async fn folders(&self) -> Result<Vec<WatchedFolder>> {
        self.with(|c| folders::list(c)).await
    }

    async fn put_folder(&self, folder: &WatchedFolder) -> Result<()> {
        let folder = folder.clone();
        self.write("writing a watched folder", move |tx| folders::put(tx, &folder))
            .await
    }

    async fn scanned_folder(&self, folder: &FolderId, at: &str, device: Option<u64>) -> Result<()> {
        let (folder, at) = (folder.clone(), at.to_owned());
        self.write("noting a look at a folder", move |tx| {
            folders::scanned(tx, &folder, &at, device)
        })
        .await
    }

    async fn remove_folder(&self, folder: &FolderId) -> Result<()> {
        let folder = folder.clone();
        self.write("forgetting a watched folder", move |tx| {
            folders::remove(tx, &folder)
        })
        .await
    }

    async fn seen_files(&self, folder: &FolderId) -> Result<Vec<SeenFile>> {
        let folder = folder.clone();
        self.with(move |c| folders::seen(c, &folder)).await
    }

    async fn see_files(&self, folder: &FolderId, files: &[SeenFile]) -> Result<()> {
        let (folder, files) = (folder.clone(), files.to_vec());
        self.write("noting files of a folder", move |tx| {
            folders::see(tx, &folder, &files)
        })
        .await
    }

    async fn forget_files(&self, folder: &FolderId, paths: &[PathBuf]) -> Result<()> {
        let (folder, paths) = (folder.clone(), paths.to_vec());
        self.write("forgetting files of a folder", move |tx| {
            folders::forget(tx, &folder, &paths)
        })
        .await
    }

    async fn paused(&self) -> Result<bool> {
        self.with(|c| Ok(settings::get(c, settings::PAUSED)?.is_some()))
            .await
    }

    async fn set_paused(&self, paused: bool) -> Result<()> {
        let value = paused.then_some("1");
        self.write("pausing", move |tx| settings::set(tx, settings::PAUSED, value))
            .await
    }

    async fn paces(&self) -> Result<Paces> {
        let kept = self.with(|c| settings::get(c, settings::PACES)).await?;
        kept.map_or(Ok(Paces::default()), |text| jobs::from_json(&text))
    }

    async fn set_paces(&self, paces: &Paces) -> Result<()> {
        let text = jobs::to_json(paces)?;
        self.write("keeping how long a file took", move |tx| {
            settings::set(tx, settings::PACES, Some(&text))
        })
        .await
    }

    async fn cases(&self) -> Result<Vec<Case>> {
        self.with(|c| cases::list(c)).await
    }

    async fn add_cases(&self, cases: &[Case]) -> Result<()> {
        let added = cases.to_vec();
        self.write("saving cases", move |tx| {
            added.iter().try_for_each(|case| cases::put(tx, case))
        })
        .await
    }

    async fn remove_case(&self, case: &CaseId) -> Result<()> {
        let case = case.clone();
        self.with(move |connection| {
            write(connection, "deleting a case", |tx| cases::remove(tx, &case))?;
            removal::wipe(connection)
        })
        .await
    }

    async fn check(&self) -> Result<Vec<String>> {
        self.with(|c| check(c)).await
    }
}

/// Faults of the file, of its references, and of what the tables say about each other.
fn check(connection: &Connection) -> Result<Vec<String>> {
    const DOING: &str = "checking the register";
    let strings = |sql: &str| -> rusqlite::Result<Vec<String>> {
        connection.prepare(sql)?.query_map([], |r| r.get(0))?.collect()
    };
    let mut faults = strings("PRAGMA integrity_check").during(DOING)?;
    faults.retain(|line| line != "ok");
    faults.extend(
        strings("SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' refers to a missing ' || \"parent\" FROM pragma_foreign_key_check")
            .during(DOING)?,
    );
    faults.extend(
        strings(
            "SELECT 'document ' || d.id || ' points to revision ' || d.revision || ', which is ' || r.state
             FROM documents d JOIN revisions r ON r.id = d.revision
             WHERE r.state <> 'current' OR r.document <> d.id",
        )
        .during(DOING)?,
    );
    faults.extend(
        strings(
            "SELECT 'revision ' || r.id || ' is current, but document ' || r.document || ' does not point to it'
             FROM revisions r LEFT JOIN documents d ON d.id = r.document AND d.revision = r.id
             WHERE r.state = 'current' AND d.id IS NULL",
        )
        .during(DOING)?,
    );
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::ErrorCode;
    use footnote_core::types::PageSource;

    #[tokio::test]
    async fn a_full_disk_undoes_the_write_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
        ledger.begin_revision(&"d".into(), &"r".into()).await.unwrap();
        ledger
            .connection
            .lock()
            .unwrap()
            .execute_batch("PRAGMA max_page_count = 30")
            .unwrap();
        let page = |number| Page::new(number, "word ".repeat(5000), PageSource::Text);
        let full = ledger
            .add_pages(&"r".into(), &[1, 2, 3, 4].map(page))
            .await
            .unwrap_err();
        assert_eq!(full.code, Some(ErrorCode::DiskFull));
        assert_eq!(full.message, "The disk is full; storing pages was undone");
        assert_eq!(ledger.page(&"r".into(), 1).await.unwrap(), None);
        assert_eq!(ledger.check().await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_panic_leaves_the_ledger_usable_and_its_transaction_undone() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
        let broken: Result<()> = ledger
            .write("testing", |tx| {
                removal::mark(tx, &"d".into(), Quotes::Stay)?;
                panic!("on purpose")
            })
            .await;
        assert!(broken.is_err());
        assert!(ledger.removals().await.unwrap().is_empty());
    }
}
