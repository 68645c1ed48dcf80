//! Watched folders, as people ask for them. [`super::following`] does the work.

use std::path::Path;

use super::*;
use crate::history::{DocumentEvent, Happening};
use crate::ids::FolderId;
use crate::problem::Problem;
use crate::watch::{Fate, FolderState, FolderStatus, WatchedFolder};

impl Engine {
    /// Watches a folder: what is in it joins the library, and stays as the folder has it for as long as somebody
    /// follows ([`Engine::follow`]). `ignore` has a pattern of `.gitignore` each.
    ///
    /// # Errors
    /// It is no folder, or lies in a watched one, or has one in it.
    pub async fn watch_folder(
        &self,
        path: &Path,
        collection: &str,
        ignore: Vec<String>,
    ) -> Result<WatchedFolder> {
        // Without a slash at the end, and without dots.
        let path: PathBuf = std::path::absolute(path)?.components().collect();
        let place = path.display();
        let meta = tokio::fs::metadata(&path)
            .await
            .map_err(|error| Error::from(error).at(&place))?;
        if !meta.is_dir() {
            return Err(
                Error::user(format!("{place} is a file, and only folders can be watched"))
                    .problem(Problem::FolderIsFile)
                    .hint("Add the file, or watch the folder that it lies in")
                    .about(&place),
            );
        }
        for other in self.inner.parts.ledger.folders().await? {
            let known = other.path.display();
            if other.path == path {
                return Err(Error::user(format!("{place} is watched already"))
                    .problem(Problem::FolderWatched)
                    .hint("It needs no second watch")
                    .about(&place));
            }
            if other.holds(&path) {
                return Err(
                    Error::user(format!("{place} lies in {known}, which is watched already"))
                        .problem(Problem::FolderInside {
                            folder: known.to_string(),
                        })
                        .hint("Its files are in the library, or will be")
                        .about(&place),
                );
            }
            if path.starts_with(&other.path) || other.path.starts_with(&path) {
                return Err(
                    Error::user(format!("{place} has {known} in it, which is watched already"))
                        .problem(Problem::FolderAround {
                            folder: known.to_string(),
                        })
                        .hint("Stop watching that folder first; its documents can stay")
                        .about(&place),
                );
            }
        }
        let folder = WatchedFolder {
            id: FolderId::new(),
            path,
            collection: crate::collections::name(collection)?,
            ignore: patterns(ignore),
            paused: false,
            added_at: now(),
            last_scan: None,
            device: None,
        };
        self.inner.parts.ledger.put_folder(&folder).await?;
        self.inner.following.look_at(&folder.id);
        Ok(folder)
    }

    /// Watched folders, oldest first, with what is going on in each.
    pub async fn watched_folders(&self) -> Result<Vec<FolderStatus>> {
        let ledger = &self.inner.parts.ledger;
        let folders = ledger.folders().await?;
        if folders.is_empty() {
            return Ok(Vec::new());
        }
        let waiting = self.waiting().await?;
        let mut statuses = Vec::with_capacity(folders.len());
        for folder in folders {
            let mut status = FolderStatus {
                documents: ledger.documents_below(&folder.collection, &folder.path).await?,
                waiting: waiting
                    .iter()
                    .filter(|job| job.collection == folder.collection && folder.holds(&job.path))
                    .count() as u32,
                state: FolderState::Idle,
                missing: 0,
                errors: Vec::new(),
                folder,
            };
            self.inner.following.describe(&mut status);
            if status.state == FolderState::Idle && !status.folder.paused {
                let there = tokio::fs::metadata(&status.folder.path).await;
                if !there.is_ok_and(|meta| meta.is_dir()) {
                    status.state = FolderState::Offline;
                }
            }
            statuses.push(status);
        }
        Ok(statuses)
    }

    /// Stops watching a folder, and with [`Fate::Remove`] removes its documents for good. Returns how many went.
    ///
    /// # Errors
    /// There is no such folder, or what the stores say.
    pub async fn unwatch_folder(&self, id: &FolderId, documents: Fate) -> Result<u32> {
        let folder = self.folder(id).await?;
        self.inner.parts.ledger.remove_folder(id).await?;
        self.inner.following.forget(id);
        let Fate::Remove(quotes) = documents else {
            return Ok(0);
        };
        let of_it = |path: &Path, collection: &str| collection == folder.collection && folder.holds(path);
        for mut job in self.inner.parts.ledger.jobs(true).await? {
            if of_it(&job.path, &job.collection) {
                self.cancel_job(&job.id);
                if job.status == JobStatus::Queued {
                    job.status = JobStatus::Canceled;
                    self.inner.parts.ledger.update_job(&job).await?;
                } else if job.status == JobStatus::Failed {
                    self.inner.parts.ledger.remove_job(&job.id).await?;
                }
            }
        }
        // Whatever is at work has ended by the time it is this one's turn.
        drop(self.inner.ingest.lock().await);
        let gone = self.documents_of(&folder).await?;
        let ids: Vec<_> = gone.into_iter().map(|document| document.id).collect();
        self.remove_all(&ids, quotes).await?;
        Ok(ids.len() as u32)
    }

    /// Leaves a folder's changes alone, or takes them up again.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn pause_folder(&self, id: &FolderId, paused: bool) -> Result<()> {
        let folder = self.folder(id).await?;
        let changed = WatchedFolder { paused, ..folder };
        self.inner.parts.ledger.put_folder(&changed).await?;
        self.inner.following.look_at(id);
        Ok(())
    }

    /// Gives a folder other patterns of what is left out. Documents that they leave out go; files that they no
    /// longer leave out come.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn set_folder_ignore(&self, id: &FolderId, ignore: Vec<String>) -> Result<()> {
        let folder = self.folder(id).await?;
        let ignore = patterns(ignore);
        let changed = WatchedFolder { ignore, ..folder };
        self.inner.parts.ledger.put_folder(&changed).await?;
        self.inner.following.look_at(id);
        Ok(())
    }

    /// Looks through a folder anew, and takes up what was left out before: files whose job was canceled or dismissed.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn scan_folder(&self, id: &FolderId) -> Result<()> {
        let folder = self.folder(id).await?;
        let ledger = &self.inner.parts.ledger;
        let documents = self.documents_of(&folder).await?;
        let known: HashSet<&Path> = documents.iter().map(|document| document.path.as_path()).collect();
        let mut left = ledger.seen_files(id).await?;
        left.retain(|file| !known.contains(file.path.as_path()));
        let left: Vec<_> = left.into_iter().map(|file| file.path).collect();
        ledger.forget_files(id, &left).await?;
        self.inner.following.look_at(id);
        Ok(())
    }

    /// Says what becomes of documents whose files went away all at once. Those that stay are no longer the
    /// folder's business, unless their files come back. Returns how many were removed.
    ///
    /// # Errors
    /// There is no such folder, or what the stores say.
    pub async fn settle_missing(&self, id: &FolderId, documents: Fate) -> Result<u32> {
        let folder = self.folder(id).await?;
        let mut missing = self.inner.following.take_missing(id);
        // What came back meanwhile is not missing.
        missing.retain(|(_, path)| !path.exists());
        let paths: Vec<_> = missing.iter().map(|(_, path)| path.clone()).collect();
        let mut removed = 0;
        if let Fate::Remove(quotes) = documents {
            let ids: Vec<_> = missing.into_iter().map(|(document, _)| document).collect();
            self.remove_all(&ids, quotes).await?;
            removed = ids.len() as u32;
        } else {
            for (document, _) in missing {
                let event = DocumentEvent::now(Happening::Kept);
                self.inner.parts.ledger.add_event(&document, &event).await?;
            }
        }
        self.inner.parts.ledger.forget_files(&folder.id, &paths).await?;
        Ok(removed)
    }

    async fn folder(&self, id: &FolderId) -> Result<WatchedFolder> {
        let folders = self.inner.parts.ledger.folders().await?;
        folders
            .into_iter()
            .find(|folder| folder.id == *id)
            .ok_or_else(|| not_found("watched folder"))
    }
}

fn patterns(typed: Vec<String>) -> Vec<String> {
    let trimmed = typed.into_iter().map(|pattern| pattern.trim().to_owned());
    trimmed.filter(|pattern| !pattern.is_empty()).collect()
}
