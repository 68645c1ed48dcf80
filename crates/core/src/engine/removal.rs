//! Removing documents, at once or with a grace.
//!
//! With a grace they are marked in the ledger, which hides them, and listed here. What is listed can be brought back;
//! whoever takes a removal off the list, its end or its undoing, has it alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::*;
use crate::ids::RemovalId;
use crate::removal::{HELD_AT_MOST, Quotes, Removal, RemovalEnd};

/// Documents that are deleted in one go: nothing is written to the index meanwhile, and the end of the program waits.
pub(super) const PURGED_AT_ONCE: usize = 200;

/// Removals that can be undone yet.
#[derive(Default)]
pub(super) struct Removals {
    /// Held while the list and the marks are changed together.
    changing: tokio::sync::Mutex<()>,
    listed: Mutex<HashMap<RemovalId, Pending>>,
}

struct Pending {
    documents: Vec<Document>,
    quotes: Quotes,
    stage: watch::Sender<Stage>,
}

impl Pending {
    fn ids(&self) -> Vec<DocumentId> {
        let documents = self.documents.iter();
        documents.map(|document| document.id.clone()).collect()
    }
}

/// The time in which a removal can be undone; [`Engine::see_through`] outlasts it.
#[derive(Debug)]
pub struct Grace {
    removal: RemovalId,
    stage: watch::Receiver<Stage>,
}

/// Where a removal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its grace runs.
    Waiting,
    /// Somebody looks at it; the grace begins anew when they let go.
    Held,
    /// Its grace is cut short.
    CutShort,
    /// It is undone.
    Undone,
}

impl Removals {
    fn listed(&self) -> MutexGuard<'_, HashMap<RemovalId, Pending>> {
        // Nothing panics while it is held.
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing can be undone here any more; the marks stay for whoever opens the stores next.
    pub(super) fn give_up(&self) {
        self.listed().clear();
    }

    /// Takes a document that is on its way out off its removal, unless its quotes go, too: whoever asked for that
    /// wants nothing of it to stay.
    fn take_at(&self, collection: &str, path: &Path) -> Option<DocumentId> {
        let mut listed = self.listed();
        let at = |document: &Document| document.collection == collection && document.path == path;
        let (id, pending) = listed
            .iter_mut()
            .find(|(_, pending)| pending.quotes == Quotes::Stay && pending.documents.iter().any(at))?;
        let index = pending.documents.iter().position(at)?;
        let document = pending.documents.swap_remove(index);
        if pending.documents.is_empty() {
            pending.stage.send_replace(Stage::Undone);
            let id = id.clone();
            listed.remove(&id);
        }
        Some(document.id)
    }
}

impl Engine {
    /// Removes a document and every trace of it but, as said, what answers quote. Searches stop seeing it at once; a
    /// crash meanwhile is finished at the next start.
    ///
    /// # Errors
    /// There is no such document, or what the stores say.
    pub async fn remove(&self, id: &DocumentId, quotes: Quotes) -> Result<Document> {
        let document = self.document(id).await?;
        self.remove_all(std::slice::from_ref(id), quotes).await?;
        Ok(document)
    }

    /// Removes documents, as [`Engine::remove`] does each: all are out of sight at once. One that is gone already is
    /// no error.
    pub(super) async fn remove_all(&self, documents: &[DocumentId], quotes: Quotes) -> Result<()> {
        let ids: Vec<_> = self.present(documents).await?.into_iter().map(|d| d.id).collect();
        self.inner.parts.ledger.begin_removal(&ids, quotes).await?;
        self.purge_all(&ids).await
    }

    /// Takes documents out of sight, so that they can be brought back until [`Engine::see_through`] has deleted them.
    /// Those that are gone already are left out.
    ///
    /// # Errors
    /// There is none of them, or what the ledger says.
    pub async fn remove_for_now(&self, documents: &[DocumentId], quotes: Quotes) -> Result<(Removal, Grace)> {
        let documents = self.present(documents).await?;
        if documents.is_empty() {
            return Err(not_found("document"));
        }
        let ids: Vec<_> = documents.iter().map(|document| document.id.clone()).collect();
        let ledger = &self.inner.parts.ledger;
        let mut quoted = false;
        for id in &ids {
            quoted = quoted || !ledger.cited_revisions(id).await?.is_empty();
        }
        let removal = Removal {
            id: RemovalId::new(),
            documents: ids.len() as u32,
            quoted,
        };
        let _changing = self.inner.removals.changing.lock().await;
        ledger.begin_removal(&ids, quotes).await?;
        let (sender, stage) = watch::channel(Stage::Waiting);
        let pending = Pending {
            documents,
            quotes,
            stage: sender,
        };
        self.inner.removals.listed().insert(removal.id.clone(), pending);
        let grace = Grace {
            removal: removal.id.clone(),
            stage,
        };
        Ok((removal, grace))
    }

    /// Waits until the grace of a removal is over, says so to `over`, and deletes its documents, which may have to wait
    /// for a file that is being read. `wait`, its length, begins anew whenever the removal is no longer held. On
    /// `cancel` the documents stay marked, and the next start deletes them.
    ///
    /// # Errors
    /// It was canceled, or what the stores say; the next start then finishes it.
    pub async fn see_through(
        &self,
        grace: Grace,
        wait: Duration,
        over: impl FnOnce(RemovalEnd),
        cancel: &CancellationToken,
    ) -> Result<()> {
        let removals = &self.inner.removals;
        let Grace { removal, mut stage } = grace;
        loop {
            let wait = match *stage.borrow_and_update() {
                Stage::Waiting => wait,
                Stage::Held => HELD_AT_MOST,
                Stage::CutShort => Duration::ZERO,
                Stage::Undone => break,
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(Error::canceled()),
                // An error: it is off the list, and nothing more will be said of it.
                changed = stage.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(wait) => break,
            }
        }
        let changing = removals.changing.lock().await;
        let ended = removals.listed().remove(&removal);
        drop(changing);
        let undone = *stage.borrow() == Stage::Undone;
        over(if undone {
            RemovalEnd::Undone
        } else {
            RemovalEnd::Removed
        });
        let documents = ended.map(|pending| pending.documents).unwrap_or_default();
        let ids: Vec<_> = documents.into_iter().map(|document| document.id).collect();
        self.purge_all(&ids).await
    }

    /// Holds a removal's grace, or lets it begin anew. Of one that has ended nothing is held.
    pub fn hold_removal(&self, removal: &RemovalId, held: bool) {
        self.stage(removal, if held { Stage::Held } else { Stage::Waiting });
    }

    /// Cuts a removal's grace short.
    pub fn finish_removal(&self, removal: &RemovalId) {
        self.stage(removal, Stage::CutShort);
    }

    /// Has a removal take what answers quote from its documents, too. False if it has ended.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn take_quotes(&self, removal: &RemovalId) -> Result<bool> {
        let _changing = self.inner.removals.changing.lock().await;
        let ids = {
            let mut listed = self.inner.removals.listed();
            let Some(pending) = listed.get_mut(removal) else {
                return Ok(false);
            };
            pending.quotes = Quotes::Go;
            pending.ids()
        };
        self.inner.parts.ledger.begin_removal(&ids, Quotes::Go).await?;
        Ok(true)
    }

    /// Brings the documents of a removal back as they were; nothing is read anew. Returns how many came back: none if
    /// it has ended, and not those whose files were added again meanwhile.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn undo_removal(&self, removal: &RemovalId) -> Result<u32> {
        let removals = &self.inner.removals;
        let changing = removals.changing.lock().await;
        let ids = removals.listed().get(removal).map(Pending::ids);
        let Some(mut ids) = ids else {
            return Ok(0);
        };
        let back = self.inner.parts.ledger.undo_removal(&ids).await?;
        if let Some(pending) = removals.listed().remove(removal) {
            pending.stage.send_replace(Stage::Undone);
        }
        drop(changing);
        ids.retain(|id| !back.contains(id));
        self.purge_all(&ids).await?;
        Ok(back.len() as u32)
    }

    fn stage(&self, removal: &RemovalId, stage: Stage) {
        if let Some(pending) = self.inner.removals.listed().get(removal) {
            pending.stage.send_replace(stage);
        }
    }

    async fn present(&self, documents: &[DocumentId]) -> Result<Vec<Document>> {
        let mut present = Vec::with_capacity(documents.len());
        for id in documents {
            present.extend(self.inner.parts.ledger.document(id).await?);
        }
        Ok(present)
    }

    /// Deletes what is marked.
    async fn purge_all(&self, documents: &[DocumentId]) -> Result<()> {
        for documents in documents.chunks(PURGED_AT_ONCE) {
            let _turn = self.inner.ingest.lock().await;
            // Another engine may have the stores by now, or the next start will: it finishes this.
            if self.inner.brake.is_ended() {
                break;
            }
            self.inner.purge(documents).await?;
        }
        Ok(())
    }

    /// The documents that these turns cite and that are not in the library, so that their quotes are withdrawn.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn withdrawn(&self, turns: &[Turn]) -> Result<HashSet<DocumentId>> {
        let known = self.documents().await?.into_iter().map(|d| d.id).collect();
        Ok(crate::removal::withdrawn(turns, &known))
    }
}

impl Inner {
    /// Brings back the document of a file that is to be read, if it is on its way out: its file was added again, or
    /// has changed in a watched folder.
    pub(super) async fn come_back(&self, job: &IndexJob) -> Result<()> {
        let _changing = self.removals.changing.lock().await;
        if let Some(id) = self.removals.take_at(&job.collection, &job.path) {
            self.parts.ledger.undo_removal(&[id]).await?;
        }
        Ok(())
    }

    pub(super) async fn purge(&self, documents: &[DocumentId]) -> Result<()> {
        self.parts.store.purge_documents(documents).await?;
        for document in documents {
            self.parts.ledger.finish_removal(document).await?;
        }
        self.kept_tables.clear();
        Ok(())
    }
}
