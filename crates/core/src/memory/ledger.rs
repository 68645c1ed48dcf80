//! The register in maps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use crate::cases::Case;
use crate::collections::{Collection, Which, Written};
use crate::error::{Error, ErrorCode, Result};
use crate::history::{CitedRevision, DocumentEvent, EVENTS_KEPT, Happening};
use crate::ids::{CaseId, ConversationId, DocumentId, FolderId, JobId, RevisionId, TurnId};
use crate::ports::{Ledger, PageText, RevisionCommit, TurnText};
use crate::preflight::Paces;
use crate::problem::Problem;
use crate::prompt::PromptCopy;
use crate::question::naming::DocumentName;
use crate::removal::Quotes;
use crate::types::{
    BlockKind, Conversation, Document, Feedback, IndexJob, JobStatus, Page, PageCoverage, Turn,
};
use crate::walk::{SeenFile, Stamp};
use crate::watch::WatchedFolder;

fn has_table(page: &Page) -> bool {
    let mut blocks = page.blocks.iter();
    blocks.any(|block| matches!(block.kind, BlockKind::Table { .. }))
}

/// A [`Ledger`] without a disk.
#[derive(Default)]
pub struct MemoryLedger {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<JobId, IndexJob>,
    documents: BTreeMap<DocumentId, Document>,
    /// Every revision with its document, current or not.
    revisions: BTreeMap<RevisionId, DocumentId>,
    pages: BTreeMap<(RevisionId, u32), Page>,
    removals: BTreeMap<DocumentId, Quotes>,
    turns: Vec<Turn>,
    /// Titles that were given.
    titles: BTreeMap<ConversationId, String>,
    pinned: BTreeSet<ConversationId>,
    folders: Vec<WatchedFolder>,
    seen: BTreeMap<(FolderId, PathBuf), Stamp>,
    paused: bool,
    paces: Paces,
    cases: Vec<Case>,
    events: BTreeMap<DocumentId, Vec<DocumentEvent>>,
    prompts: BTreeMap<(String, u32), PromptCopy>,
    /// Collection that the rows of documents were written under.
    written: BTreeMap<DocumentId, String>,
    /// Collection that documents joined, of those that were moved to another.
    joined: BTreeMap<DocumentId, String>,
}

impl State {
    fn visible(&self) -> impl Iterator<Item = &Document> {
        self.documents
            .values()
            .filter(|document| !self.removals.contains_key(&document.id))
    }

    /// The collection that a document joined.
    fn joined<'a>(&'a self, document: &'a Document) -> &'a str {
        self.joined.get(&document.id).unwrap_or(&document.collection)
    }

    fn take_in(&mut self, documents: &[DocumentId], collection: &str) -> Vec<DocumentId> {
        let mut stayed = Vec::new();
        for id in documents {
            let known = self.visible().find(|document| document.id == *id).cloned();
            let Some(document) = known.filter(|document| document.collection != collection) else {
                continue;
            };
            let taken = |other: &Document| other.collection == collection && other.path == document.path;
            if self.visible().any(taken) {
                stayed.push(id.clone());
                continue;
            }
            let joined = self.joined(&document).to_owned();
            if joined == collection {
                self.joined.remove(id);
            } else {
                self.joined.insert(id.clone(), joined);
            }
            for job in self.jobs.values_mut() {
                if job.collection == document.collection && job.path == document.path {
                    collection.clone_into(&mut job.collection);
                }
            }
            if let Some(moved) = self.documents.get_mut(id) {
                collection.clone_into(&mut moved.collection);
            }
            let event = DocumentEvent::now(Happening::Collected {
                from: document.collection,
                to: collection.to_owned(),
            });
            self.add_event(id, &event);
        }
        stayed
    }

    fn open_jobs(&self) -> impl Iterator<Item = &IndexJob> {
        self.jobs.values().filter(|job| job.status.is_open())
    }

    fn has_collection(&self, name: &str) -> bool {
        self.visible().any(|document| document.collection == name)
            || self.folders.iter().any(|folder| folder.collection == name)
            || self.open_jobs().any(|job| job.collection == name)
    }

    fn add_event(&mut self, document: &DocumentId, event: &DocumentEvent) {
        if self.documents.contains_key(document) {
            let events = self.events.entry(document.clone()).or_default();
            events.push(event.clone());
            if events.len() > EVENTS_KEPT {
                events.remove(1);
            }
        }
    }

    fn use_prompt(&mut self, prompt: &str, number: Option<u32>) {
        for copy in self.prompts.values_mut().filter(|copy| copy.prompt == prompt) {
            copy.in_use = number == Some(copy.number);
        }
    }

    fn is_current(&self, revision: &RevisionId) -> bool {
        self.visible()
            .any(|document| document.revision.as_ref() == Some(revision))
    }
}

impl MemoryLedger {
    fn state(&self) -> Result<MutexGuard<'_, State>> {
        self.state
            .lock()
            .map_err(|_| Error::bug("a test thread panicked"))
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn add_job(&self, job: &IndexJob) -> Result<()> {
        self.state()?.jobs.insert(job.id.clone(), job.clone());
        Ok(())
    }

    async fn update_job(&self, job: &IndexJob) -> Result<()> {
        let mut state = self.state()?;
        let known = state.jobs.get(&job.id);
        let collection = known.map_or_else(|| job.collection.clone(), |known| known.collection.clone());
        let job = IndexJob {
            collection,
            ..job.clone()
        };
        state.jobs.insert(job.id.clone(), job);
        Ok(())
    }

    async fn job(&self, id: &JobId) -> Result<Option<IndexJob>> {
        Ok(self.state()?.jobs.get(id).cloned())
    }

    async fn jobs(&self, unfinished: bool) -> Result<Vec<IndexJob>> {
        let open = |job: &&IndexJob| {
            !unfinished
                || matches!(
                    job.status,
                    JobStatus::Queued | JobStatus::Running | JobStatus::Failed
                )
        };
        Ok(self.state()?.jobs.values().filter(open).cloned().collect())
    }

    async fn remove_job(&self, id: &JobId) -> Result<()> {
        self.state()?.jobs.remove(id);
        Ok(())
    }

    async fn documents(&self) -> Result<Vec<Document>> {
        let mut documents: Vec<Document> = self.state()?.visible().cloned().collect();
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(documents)
    }

    async fn document(&self, id: &DocumentId) -> Result<Option<Document>> {
        Ok(self
            .state()?
            .visible()
            .find(|document| document.id == *id)
            .cloned())
    }

    async fn documents_below(&self, collection: &str, folder: &Path) -> Result<u32> {
        let state = self.state()?;
        let below = state
            .visible()
            .filter(|d| state.joined(d) == collection && d.path.starts_with(folder));
        Ok(below.count() as u32)
    }

    async fn document_at(&self, collection: &str, path: &Path) -> Result<Option<Document>> {
        let state = self.state()?;
        Ok(state
            .visible()
            .find(|d| d.collection == collection && d.path == path)
            .cloned())
    }

    async fn begin_revision(&self, document: &DocumentId, revision: &RevisionId) -> Result<()> {
        self.state()?.revisions.insert(revision.clone(), document.clone());
        Ok(())
    }

    async fn add_pages(&self, revision: &RevisionId, pages: &[Page]) -> Result<()> {
        let mut state = self.state()?;
        state.pages.extend(
            pages
                .iter()
                .map(|page| ((revision.clone(), page.number), page.clone())),
        );
        Ok(())
    }

    async fn commit_revision(&self, commit: &RevisionCommit) -> Result<Vec<RevisionId>> {
        let mut state = self.state()?;
        let id = &commit.document.id;
        let mut document = commit.document.clone();
        state.written.insert(id.clone(), document.collection);
        document.collection = match (state.documents.get(id), state.jobs.get(&commit.job)) {
            (Some(known), _) => known.collection.clone(),
            (None, Some(job)) => job.collection.clone(),
            (None, None) => commit.document.collection.clone(),
        };
        state.documents.insert(id.clone(), document);
        if let Some(job) = state.jobs.get_mut(&commit.job) {
            job.status = JobStatus::Done;
            job.document = Some(id.clone());
        }
        state.add_event(id, &commit.event);
        let others = state.revisions.iter().filter(|(revision, document)| {
            *document == id && Some(*revision) != commit.document.revision.as_ref()
        });
        Ok(others.map(|(revision, _)| revision.clone()).collect())
    }

    async fn forget_revision(&self, revision: &RevisionId) -> Result<()> {
        let mut state = self.state()?;
        if state.is_current(revision) {
            return Err(Error::bug("a current revision was to be forgotten"));
        }
        state.revisions.remove(revision);
        state.pages.retain(|(owner, _), _| owner != revision);
        Ok(())
    }

    async fn hidden_revisions(&self) -> Result<Vec<RevisionId>> {
        let state = self.state()?;
        Ok(state
            .revisions
            .keys()
            .filter(|revision| !state.is_current(revision))
            .cloned()
            .collect())
    }

    async fn current_revisions(&self) -> Result<Vec<(DocumentId, RevisionId, u32)>> {
        let state = self.state()?;
        Ok(state
            .visible()
            .filter_map(|d| Some((d.id.clone(), d.revision.clone()?, d.chunks)))
            .collect())
    }

    async fn page(&self, revision: &RevisionId, number: u32) -> Result<Option<Page>> {
        Ok(self.state()?.pages.get(&(revision.clone(), number)).cloned())
    }

    async fn page_texts(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<PageText>> {
        let state = self.state()?;
        let pages = state
            .pages
            .range((revision.clone(), from)..=(revision.clone(), u32::MAX));
        Ok(pages.take(limit as usize).map(|(_, page)| page.into()).collect())
    }

    async fn revisions_with_tables(&self) -> Result<Vec<RevisionId>> {
        let state = self.state()?;
        let pages = state.pages.iter().filter(|(_, page)| has_table(page));
        let mut revisions: Vec<RevisionId> = pages.map(|((revision, _), _)| revision.clone()).collect();
        revisions.dedup();
        revisions.retain(|revision| state.is_current(revision));
        Ok(revisions)
    }

    async fn table_pages(&self, revision: &RevisionId, from: u32, limit: u32) -> Result<Vec<Page>> {
        let state = self.state()?;
        let pages = state
            .pages
            .range((revision.clone(), from)..=(revision.clone(), u32::MAX));
        let pages = pages.map(|(_, page)| page).filter(|page| has_table(page));
        Ok(pages.take(limit as usize).cloned().collect())
    }

    async fn coverage(&self, revision: &RevisionId) -> Result<Vec<PageCoverage>> {
        let state = self.state()?;
        let pages = state.pages.iter().filter(|((of, _), _)| of == revision);
        let mut coverage: Vec<PageCoverage> = pages.map(|(_, page)| page.into()).collect();
        coverage.sort_by_key(|page| page.number);
        Ok(coverage)
    }

    async fn begin_removal(&self, documents: &[DocumentId], quotes: Quotes) -> Result<()> {
        let mut state = self.state()?;
        if documents.iter().any(|id| !state.documents.contains_key(id)) {
            return Err(Error::user("There is no such document")
                .code(ErrorCode::NotFound)
                .problem(Problem::Gone));
        }
        for document in documents {
            let said = state.removals.entry(document.clone()).or_default();
            *said = quotes.max(*said);
        }
        Ok(())
    }

    async fn undo_removal(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>> {
        let mut state = self.state()?;
        let mut back = Vec::new();
        for id in documents.iter().filter(|id| state.removals.contains_key(id)) {
            let taken = state.documents.get(id).is_none_or(|document| {
                let mut others = state.visible();
                others.any(|other| (&other.collection, &other.path) == (&document.collection, &document.path))
            });
            if !taken {
                back.push(id.clone());
            }
        }
        state.removals.retain(|id, _| !back.contains(id));
        Ok(back)
    }

    async fn removals(&self) -> Result<Vec<DocumentId>> {
        Ok(self.state()?.removals.keys().cloned().collect())
    }

    async fn finish_removal(&self, document: &DocumentId) -> Result<()> {
        let mut state = self.state()?;
        let revisions: Vec<RevisionId> = state
            .revisions
            .iter()
            .filter(|(_, owner)| *owner == document)
            .map(|(r, _)| r.clone())
            .collect();
        state.revisions.retain(|_, owner| owner != document);
        state.pages.retain(|(owner, _), _| !revisions.contains(owner));
        state
            .jobs
            .retain(|_, job| job.document.as_ref() != Some(document));
        state.documents.remove(document);
        state.written.remove(document);
        state.joined.remove(document);
        state.events.remove(document);
        let quotes = state.removals.remove(document).unwrap_or_default();
        for turn in &mut state.turns {
            turn.answer.withdraw(document, quotes);
        }
        for case in &mut state.cases {
            case.withdraw(document, quotes);
        }
        Ok(())
    }

    async fn conversations(&self) -> Result<Vec<Conversation>> {
        let state = self.state()?;
        let mut found: Vec<Conversation> = Vec::new();
        // The one with the newest turn comes to stand last.
        for turn in &state.turns {
            let known = found.iter().position(|c| c.id == turn.conversation);
            let mut conversation = match known {
                Some(at) => found.remove(at),
                None => Conversation {
                    id: turn.conversation.clone(),
                    title: turn.question.chars().take(80).collect(),
                    created_at: turn.created_at.clone(),
                    updated_at: turn.created_at.clone(),
                    turns: 0,
                    pinned: state.pinned.contains(&turn.conversation),
                },
            };
            conversation.turns += 1;
            conversation.updated_at.clone_from(&turn.created_at);
            if let Some(title) = state.titles.get(&turn.conversation) {
                conversation.title.clone_from(title);
            }
            found.push(conversation);
        }
        found.reverse();
        found.sort_by_key(|conversation| !conversation.pinned);
        Ok(found)
    }

    async fn rename_conversation(&self, conversation: &ConversationId, title: &str) -> Result<()> {
        self.state()?
            .titles
            .insert(conversation.clone(), title.to_owned());
        Ok(())
    }

    async fn pin_conversation(&self, conversation: &ConversationId, pinned: bool) -> Result<()> {
        let mut state = self.state()?;
        if pinned {
            state.pinned.insert(conversation.clone());
        } else {
            state.pinned.remove(conversation);
        }
        Ok(())
    }

    async fn turn_texts(&self) -> Result<Vec<TurnText>> {
        let state = self.state()?;
        let texts = state.turns.iter().rev().map(|turn| TurnText {
            turn: turn.id.clone(),
            conversation: turn.conversation.clone(),
            question: turn.question.clone(),
            answer: turn.answer.answer.clone(),
        });
        Ok(texts.collect())
    }

    async fn turn(&self, id: &TurnId) -> Result<Option<Turn>> {
        Ok(self.state()?.turns.iter().find(|turn| turn.id == *id).cloned())
    }

    async fn set_feedback(&self, turn: &TurnId, feedback: Option<&Feedback>) -> Result<()> {
        let mut state = self.state()?;
        if let Some(found) = state.turns.iter_mut().find(|found| found.id == *turn) {
            found.feedback = feedback.cloned();
        }
        Ok(())
    }

    async fn turns(&self, conversation: &ConversationId) -> Result<Vec<Turn>> {
        Ok(self
            .state()?
            .turns
            .iter()
            .filter(|turn| turn.conversation == *conversation)
            .cloned()
            .collect())
    }

    async fn add_turn(&self, turn: &Turn) -> Result<()> {
        self.state()?.turns.push(turn.clone());
        Ok(())
    }

    async fn remove_conversation(&self, conversation: &ConversationId) -> Result<()> {
        let mut state = self.state()?;
        state.turns.retain(|turn| turn.conversation != *conversation);
        state.titles.remove(conversation);
        state.pinned.remove(conversation);
        Ok(())
    }

    async fn move_document(
        &self,
        document: &DocumentId,
        path: &Path,
        title: &str,
        event: &DocumentEvent,
    ) -> Result<()> {
        let mut state = self.state()?;
        state.add_event(document, event);
        if let Some(document) = state.documents.get_mut(document) {
            document.path = path.to_owned();
            document.title = title.to_owned();
        }
        Ok(())
    }

    async fn add_event(&self, document: &DocumentId, event: &DocumentEvent) -> Result<()> {
        self.state()?.add_event(document, event);
        Ok(())
    }

    async fn events(&self, document: &DocumentId) -> Result<Vec<DocumentEvent>> {
        Ok(self.state()?.events.get(document).cloned().unwrap_or_default())
    }

    async fn last_event(&self, document: &DocumentId) -> Result<Option<DocumentEvent>> {
        let state = self.state()?;
        Ok(state
            .events
            .get(document)
            .and_then(|events| events.last().cloned()))
    }

    async fn languages(&self) -> Result<Vec<String>> {
        let state = self.state()?;
        let languages: BTreeSet<String> = state
            .visible()
            .filter_map(|document| document.language.clone())
            .collect();
        Ok(languages.into_iter().collect())
    }

    async fn document_names(&self, collection: Option<&str>) -> Result<Vec<DocumentName>> {
        let state = self.state()?;
        let searched = state.visible().filter(|document| {
            document.revision.is_some() && collection.is_none_or(|name| name == document.collection)
        });
        Ok(searched
            .map(|document| DocumentName {
                id: document.id.clone(),
                file: document.file_name(),
                title: document.title.clone(),
            })
            .collect())
    }

    async fn prompt_copies(&self) -> Result<Vec<PromptCopy>> {
        Ok(self.state()?.prompts.values().cloned().collect())
    }

    async fn add_prompt_copy(&self, copy: &PromptCopy) -> Result<()> {
        let mut state = self.state()?;
        if copy.in_use {
            state.use_prompt(&copy.prompt, None);
        }
        let key = (copy.prompt.clone(), copy.number);
        state.prompts.insert(key, copy.clone());
        Ok(())
    }

    async fn use_prompt(&self, prompt: &str, number: Option<u32>) -> Result<()> {
        self.state()?.use_prompt(prompt, number);
        Ok(())
    }

    async fn cited_revisions(&self, document: &DocumentId) -> Result<Vec<CitedRevision>> {
        let mut cited: Vec<CitedRevision> = Vec::new();
        for turn in &self.state()?.turns {
            let mut counted: BTreeMap<&RevisionId, u32> = BTreeMap::new();
            let citations = turn.answer.citations.iter();
            for citation in citations.filter(|citation| citation.document == *document) {
                *counted.entry(&citation.revision).or_default() += 1;
            }
            for (revision, citations) in counted {
                match cited.iter_mut().find(|cited| cited.revision == *revision) {
                    Some(cited) => {
                        (cited.answers, cited.citations) = (cited.answers + 1, cited.citations + citations)
                    }
                    None => cited.push(CitedRevision {
                        revision: revision.clone(),
                        answers: 1,
                        citations,
                    }),
                }
            }
        }
        Ok(cited)
    }

    async fn collections(&self) -> Result<Vec<Collection>> {
        let state = self.state()?;
        let mut found: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for document in state.visible() {
            found.entry(&document.collection).or_default().0 += 1;
        }
        for folder in &state.folders {
            found.entry(&folder.collection).or_default().1 += 1;
        }
        for job in state.open_jobs() {
            found.entry(&job.collection).or_default();
        }
        let collections = found.into_iter().map(|(name, (documents, folders))| Collection {
            name: name.to_owned(),
            documents,
            folders,
        });
        Ok(collections.collect())
    }

    async fn written(&self, collection: &str) -> Result<Vec<Written>> {
        let state = self.state()?;
        let mut found: BTreeMap<&String, (Vec<DocumentId>, Vec<DocumentId>)> = BTreeMap::new();
        for (id, name) in &state.written {
            let Some(document) = state.documents.get(id) else {
                continue;
            };
            let (inside, outside) = found.entry(name).or_default();
            let list = if document.collection == collection {
                inside
            } else {
                outside
            };
            list.push(id.clone());
        }
        found.retain(|_, (inside, _)| !inside.is_empty());
        let written = found.into_iter().map(|(name, (inside, outside))| Written {
            name: name.clone(),
            which: match outside.len() {
                0 => Which::All,
                out if out < inside.len() => Which::Except(outside),
                _ => Which::Only(inside),
            },
        });
        Ok(written.collect())
    }

    async fn move_to_collection(
        &self,
        documents: &[DocumentId],
        collection: &str,
    ) -> Result<Vec<DocumentId>> {
        Ok(self.state()?.take_in(documents, collection))
    }

    async fn move_folder(&self, folder: &FolderId, collection: &str) -> Result<Vec<DocumentId>> {
        let mut state = self.state()?;
        let known = state.folders.iter_mut().find(|known| known.id == *folder);
        let Some(known) = known else {
            return Err(Error::user("This folder is not watched").code(ErrorCode::NotFound));
        };
        let from = std::mem::replace(&mut known.collection, collection.to_owned());
        if from == collection {
            return Ok(Vec::new());
        }
        let folder = known.clone();
        let inside: Vec<DocumentId> = state
            .visible()
            .filter(|document| document.collection == from && folder.holds(&document.path))
            .map(|document| document.id.clone())
            .collect();
        let stayed = state.take_in(&inside, collection);
        let State {
            documents,
            joined,
            jobs,
            ..
        } = &mut *state;
        joined.retain(|id, joined| {
            let Some(document) = documents.get(id) else {
                return true;
            };
            if *joined == from && document.collection != from && folder.holds(&document.path) {
                collection.clone_into(joined);
            }
            *joined != document.collection
        });
        for job in jobs.values_mut() {
            if job.collection == from && folder.holds(&job.path) {
                collection.clone_into(&mut job.collection);
            }
        }
        Ok(stayed)
    }

    async fn rename_collection(&self, from: &str, to: &str) -> Result<()> {
        let mut state = self.state()?;
        if !state.has_collection(from) {
            return Err(crate::collections::gone());
        }
        if state.has_collection(to) {
            return Err(crate::collections::taken(to));
        }
        let State {
            documents,
            joined,
            folders,
            jobs,
            ..
        } = &mut *state;
        let names = documents.values_mut().map(|document| &mut document.collection);
        let names = names.chain(joined.values_mut());
        let names = names.chain(folders.iter_mut().map(|folder| &mut folder.collection));
        let names = names.chain(jobs.values_mut().map(|job| &mut job.collection));
        names
            .filter(|name| *name == from)
            .for_each(|name| to.clone_into(name));
        Ok(())
    }

    async fn moved_out(&self, collection: &str) -> Result<Vec<Document>> {
        let state = self.state()?;
        let moved = state
            .visible()
            .filter(|document| document.collection != collection && state.joined(document) == collection);
        Ok(moved.cloned().collect())
    }

    async fn folders(&self) -> Result<Vec<WatchedFolder>> {
        Ok(self.state()?.folders.clone())
    }

    async fn put_folder(&self, folder: &WatchedFolder) -> Result<()> {
        let mut state = self.state()?;
        match state.folders.iter_mut().find(|known| known.id == folder.id) {
            Some(known) => {
                let scanned = (known.last_scan.take(), known.device);
                *known = folder.clone();
                (known.last_scan, known.device) = scanned;
            }
            None => state.folders.push(folder.clone()),
        }
        Ok(())
    }

    async fn scanned_folder(&self, folder: &FolderId, at: &str, device: Option<u64>) -> Result<()> {
        let mut state = self.state()?;
        for known in state.folders.iter_mut().filter(|known| known.id == *folder) {
            known.last_scan = Some(at.to_owned());
            known.device = device;
        }
        Ok(())
    }

    async fn remove_folder(&self, folder: &FolderId) -> Result<()> {
        let mut state = self.state()?;
        state.folders.retain(|known| known.id != *folder);
        state.seen.retain(|(of, _), _| of != folder);
        Ok(())
    }

    async fn seen_files(&self, folder: &FolderId) -> Result<Vec<SeenFile>> {
        let state = self.state()?;
        let seen = state.seen.iter().filter(|((of, _), _)| of == folder);
        Ok(seen
            .map(|((_, path), stamp)| SeenFile {
                path: path.clone(),
                stamp: *stamp,
            })
            .collect())
    }

    async fn see_files(&self, folder: &FolderId, files: &[SeenFile]) -> Result<()> {
        let seen = files
            .iter()
            .map(|file| ((folder.clone(), file.path.clone()), file.stamp));
        self.state()?.seen.extend(seen);
        Ok(())
    }

    async fn forget_files(&self, folder: &FolderId, paths: &[PathBuf]) -> Result<()> {
        let mut state = self.state()?;
        for path in paths {
            state.seen.remove(&(folder.clone(), path.clone()));
        }
        Ok(())
    }

    async fn paused(&self) -> Result<bool> {
        Ok(self.state()?.paused)
    }

    async fn set_paused(&self, paused: bool) -> Result<()> {
        self.state()?.paused = paused;
        Ok(())
    }

    async fn paces(&self) -> Result<Paces> {
        Ok(self.state()?.paces.clone())
    }

    async fn set_paces(&self, paces: &Paces) -> Result<()> {
        self.state()?.paces = paces.clone();
        Ok(())
    }

    async fn cases(&self) -> Result<Vec<Case>> {
        Ok(self.state()?.cases.clone())
    }

    async fn add_cases(&self, cases: &[Case]) -> Result<()> {
        let mut state = self.state()?;
        for case in cases {
            match state.cases.iter_mut().find(|known| known.id == case.id) {
                Some(known) => known.clone_from(case),
                None => state.cases.push(case.clone()),
            }
        }
        Ok(())
    }

    async fn remove_case(&self, case: &CaseId) -> Result<()> {
        self.state()?.cases.retain(|known| known.id != *case);
        Ok(())
    }

    async fn check(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}
