//! Collections, as people ask for them.

use super::*;
use crate::collections::{self, Collection};
use crate::ids::FolderId;
use crate::problem::Problem;
use crate::types::DEFAULT_COLLECTION;
use crate::watch::WatchedFolder;

impl Engine {
    /// Collections that a document, a watched folder or a file that waits is in, by name.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn collections(&self) -> Result<Vec<Collection>> {
        self.inner.parts.ledger.collections().await
    }

    /// Moves documents to a collection, which is made if it is not there. All share one index, so nothing is read or
    /// embedded again, and a file at work goes on. Returns the documents that stayed where they are, because the
    /// collection has one of the same file; ones that are gone are left out.
    ///
    /// # Errors
    /// The name is none, or what the ledger says; nothing was moved then.
    pub async fn move_to_collection(
        &self,
        documents: &[DocumentId],
        collection: &str,
    ) -> Result<Vec<DocumentId>> {
        let collection = collections::name(collection)?;
        let ledger = &self.inner.parts.ledger;
        let stayed = ledger.move_to_collection(documents, &collection).await?;
        tracing::info!(
            asked = documents.len(),
            stayed = stayed.len(),
            "documents were moved to a collection"
        );
        Ok(stayed)
    }

    /// Gives a collection another name. Watched folders and files that wait stay in it.
    ///
    /// # Errors
    /// There is no such collection, one has that name already, the name is none, or it is the one that documents join
    /// when none is chosen: whatever comes later would join it anew.
    pub async fn rename_collection(&self, from: &str, to: &str) -> Result<()> {
        let to = collections::name(to)?;
        if from == to {
            return Ok(());
        }
        if from == DEFAULT_COLLECTION {
            return Err(
                Error::user("The collection that documents join when none is chosen keeps its name")
                    .problem(Problem::CollectionKeepsName)
                    .hint("Move its documents to a new collection"),
            );
        }
        if to == DEFAULT_COLLECTION {
            return Err(collections::taken(&to));
        }
        self.inner.parts.ledger.rename_collection(from, &to).await
    }

    /// Has what comes in a watched folder join another collection, and moves the documents of its files there, with the
    /// files that wait. Those that were moved out of the folder's collection one by one stay where they are, and so does
    /// one whose file the other collection has already; the latter are returned.
    ///
    /// # Errors
    /// There is no such folder, the name is none, or what the ledger says; nothing was moved then.
    pub async fn move_folder(&self, folder: &FolderId, collection: &str) -> Result<Vec<DocumentId>> {
        let collection = collections::name(collection)?;
        let stayed = self.inner.parts.ledger.move_folder(folder, &collection).await?;
        self.inner.following.look_at(folder);
        Ok(stayed)
    }

    /// Documents of the files of a watched folder, also those that were moved to another collection since.
    pub(super) async fn documents_of(&self, folder: &WatchedFolder) -> Result<Vec<Document>> {
        let mut documents = self.documents().await?;
        documents.retain(|document| document.collection == folder.collection);
        documents.extend(self.inner.parts.ledger.moved_out(&folder.collection).await?);
        documents.retain(|document| folder.holds(&document.path));
        Ok(documents)
    }
}
