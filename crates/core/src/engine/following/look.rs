//! One look at some folders: what it finds, and what is done about it.

use super::*;
use crate::history::{DocumentEvent, Happening};
use crate::ingest::hash_file;
use crate::removal::Quotes;
use crate::walk::{SeenFile, Walked, walk};
use crate::watch::{changes, is_mass_removal};

/// When a folder was looked through last is written down this often if nothing changed: writing it each time would
/// wear the disk, and be a change itself where the data folder lies in a watched one.
const NOTE_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);
/// Errors of one look that are told.
const ERRORS_TOLD: usize = 5;

/// What a look at one folder found.
struct Look {
    folder: WatchedFolder,
    device: u64,
    /// New files and those that were written to, complete.
    fresh: Vec<SeenFile>,
    /// Sizes of those that may still be being written.
    unsettled: Vec<u64>,
    gone: Vec<PathBuf>,
    /// Files that were seen before.
    seen: HashSet<PathBuf>,
}

/// Documents by the collection of the folder that they are looked for from, and their file. One that was moved to
/// another collection is there for the folder that it came from, too, which goes on following its file.
type Documents = HashMap<(String, PathBuf), Document>;

impl Follower {
    /// Looks through folders and takes up what changed. They are looked at together, so that a file that moved
    /// from one to another keeps its document.
    pub(super) async fn look(&mut self, due: Vec<(WatchedFolder, u64)>) -> Result<()> {
        let mut looks = Vec::new();
        for (folder, device) in due {
            if let Some(look) = self.look_at(folder, device).await? {
                looks.push(look);
            }
        }
        if looks
            .iter()
            .any(|look| !look.fresh.is_empty() || !look.gone.is_empty())
        {
            let documents = self.engine.documents().await?;
            let mut documents: Documents = documents
                .into_iter()
                .map(|document| ((document.collection.clone(), document.path.clone()), document))
                .collect();
            for look in &looks {
                let collection = &look.folder.collection;
                for moved in self.engine.inner.parts.ledger.moved_out(collection).await? {
                    let key = (collection.clone(), moved.path.clone());
                    documents.entry(key).or_insert(moved);
                }
            }
            self.follow_moves(&mut looks, &mut documents).await?;
            for look in &mut looks {
                let of_folder = documents.keys();
                let of_folder = of_folder.filter(|(collection, path)| {
                    *collection == look.folder.collection && look.folder.holds(path)
                });
                let of_folder = of_folder.count();
                self.drop_gone(look, &documents, of_folder).await?;
                self.take_up(look, &documents).await?;
            }
        }
        for look in looks {
            if look.gone.is_empty() {
                // All came back.
                self.engine
                    .inner
                    .following
                    .live(&look.folder.id, |live| live.missing.clear());
            }
            self.note(&look).await?;
            self.tell(&look.folder.id, FolderState::Watching);
        }
        Ok(())
    }

    /// None if the folder went away meanwhile.
    async fn look_at(&mut self, folder: WatchedFolder, device: u64) -> Result<Option<Look>> {
        let engine = self.engine.clone();
        let following = &engine.inner.following;
        following.live(&folder.id, |live| (live.due, live.changed) = (false, None));
        self.tell(&folder.id, FolderState::Scanning);
        let began = Instant::now();
        let rules = Rules::new(&folder.ignore);
        let (path, extractor) = (folder.path.clone(), Arc::clone(&engine.inner.parts.extractor));
        let found = tokio::task::spawn_blocking(move || walk(&path, &rules, extractor.as_ref()))
            .await
            .map_err(|e| Error::bug(format!("looking through a folder stopped: {e}")))?;
        if presence(&folder).await? != Some(device) {
            return Ok(None);
        }
        // It may have gone to another collection while it was walked through.
        let known = engine.inner.parts.ledger.folders().await?;
        let Some(known) = known.into_iter().find(|known| known.id == folder.id) else {
            return Ok(None);
        };
        let folder = WatchedFolder {
            collection: known.collection,
            ..folder
        };
        let seen = engine.inner.parts.ledger.seen_files(&folder.id).await?;
        let seen: HashMap<PathBuf, Stamp> = seen.into_iter().map(|file| (file.path, file.stamp)).collect();
        let changes = changes(&seen, &found);
        let Some(attached) = self.attached.get_mut(&folder.id) else {
            return Ok(None);
        };
        let (fresh, unsettled) = attached.settle(changes.fresh);
        attached.looked = Some((Instant::now(), began.elapsed()));
        following.live(&folder.id, |live| live.errors = told(found));
        Ok(Some(Look {
            folder,
            device,
            fresh,
            unsettled,
            gone: changes.gone,
            seen: seen.into_keys().collect(),
        }))
    }

    /// A file that is gone from one place and has appeared with the same bytes in another has moved, and its
    /// document with it.
    async fn follow_moves(&self, looks: &mut [Look], documents: &mut Documents) -> Result<()> {
        let ledger = &self.engine.inner.parts.ledger;
        let mut lost: Vec<(FolderId, String, Document)> = Vec::new();
        for look in looks.iter() {
            let key = |path: &PathBuf| (look.folder.collection.clone(), path.clone());
            let of_look = look.gone.iter().filter_map(|path| documents.get(&key(path)));
            let of_folder = |document: &Document| {
                let folder = &look.folder;
                (folder.id.clone(), folder.collection.clone(), document.clone())
            };
            lost.extend(of_look.map(of_folder));
        }
        for at in 0..looks.len() {
            let collection = looks[at].folder.collection.clone();
            let mut stay = Vec::new();
            for file in std::mem::take(&mut looks[at].fresh) {
                let new = !looks[at].seen.contains(&file.path)
                    && !documents.contains_key(&(collection.clone(), file.path.clone()));
                let alike = |from: &str, document: &Document| {
                    new && *from == collection
                        && document.bytes == file.stamp.bytes
                        && !documents.contains_key(&(document.collection.clone(), file.path.clone()))
                };
                let hash = if lost.iter().any(|(_, from, document)| alike(from, document)) {
                    hash(file.path.clone()).await?
                } else {
                    None
                };
                let moved = lost.iter().position(|(_, from, document)| {
                    alike(from, document) && hash.as_ref() == Some(&document.content_hash)
                });
                let Some(moved) = moved else {
                    stay.push(file);
                    continue;
                };
                let (from, _, mut document) = lost.swap_remove(moved);
                let old = document.path.clone();
                let named = document.title == document.file_name();
                document.path.clone_from(&file.path);
                if named {
                    document.title = document.file_name();
                }
                let event = DocumentEvent::now(Happening::Moved { from: old.clone() });
                ledger
                    .move_document(&document.id, &document.path, &document.title, &event)
                    .await?;
                ledger
                    .see_files(&looks[at].folder.id, std::slice::from_ref(&file))
                    .await?;
                ledger.forget_files(&from, std::slice::from_ref(&old)).await?;
                looks
                    .iter_mut()
                    .for_each(|look| look.gone.retain(|path| *path != old));
                self.reporter.folder(FolderEvent::Moved {
                    from: old.clone(),
                    to: file.path.clone(),
                });
                documents.remove(&(collection.clone(), old));
                documents.insert((collection.clone(), file.path), document);
            }
            looks[at].fresh = stay;
        }
        Ok(())
    }

    /// Removes the documents of files that are gone, unless they are very many.
    async fn drop_gone(&mut self, look: &Look, documents: &Documents, of_folder: usize) -> Result<()> {
        let ledger = &self.engine.inner.parts.ledger;
        let id = &look.folder.id;
        let rules = Rules::new(&look.folder.ignore);
        let mut lost = Vec::new();
        let mut forgotten = Vec::new();
        for path in &look.gone {
            let below = path.strip_prefix(&look.folder.path).unwrap_or(path);
            // A file that is there after all has come since the look.
            if !rules.leave_out_file(below) && !matches!(path.try_exists(), Ok(false)) {
                continue;
            }
            match documents.get(&(look.folder.collection.clone(), path.clone())) {
                // It may be on its way to another name; the next look knows.
                Some(document) if look.unsettled.contains(&document.bytes) => {}
                Some(document) => lost.push((document.id.clone(), path.clone())),
                None => forgotten.push(path.clone()),
            }
        }
        for job in ledger.jobs(true).await? {
            if job.status == JobStatus::Failed && forgotten.contains(&job.path) {
                ledger.remove_job(&job.id).await?;
            }
        }
        let many = is_mass_removal(lost.len(), of_folder);
        let asked = if many { lost.clone() } else { Vec::new() };
        self.engine.inner.following.live(id, |live| live.missing = asked);
        if !many && !lost.is_empty() {
            forgotten.extend(lost.iter().map(|(_, path)| path.clone()));
            let (engine, reporter) = (self.engine.clone(), Arc::clone(&self.reporter));
            self.work.spawn(async move {
                let ids: Vec<_> = lost.iter().map(|(document, _)| document.clone()).collect();
                if let Err(error) = engine.remove_all(&ids, Quotes::Stay).await {
                    tracing::error!(class = error.class(), %error, "removing documents whose files are gone");
                }
                for (_, path) in lost {
                    reporter.folder(FolderEvent::Removed { path });
                }
            });
        }
        if !forgotten.is_empty() {
            ledger.forget_files(id, &forgotten).await?;
        }
        Ok(())
    }

    /// Queues what is new or changed, and sets it going.
    async fn take_up(&mut self, look: &Look, documents: &Documents) -> Result<()> {
        if look.fresh.is_empty() {
            return Ok(());
        }
        let ledger = &self.engine.inner.parts.ledger;
        let mut known: HashMap<(String, PathBuf), IndexJob> = HashMap::new();
        for job in ledger.jobs(true).await? {
            known.insert((job.collection.clone(), job.path.clone()), job);
        }
        let mut jobs = Vec::new();
        let mut seen = Vec::new();
        for file in &look.fresh {
            let document = documents.get(&(look.folder.collection.clone(), file.path.clone()));
            let collection = document.map_or(&look.folder.collection, |document| &document.collection);
            let job = match known.remove(&(collection.clone(), file.path.clone())) {
                // What is being read has the old state; the next look comes back to it.
                Some(job) if job.status == JobStatus::Running => {
                    if let Some(attached) = self.attached.get_mut(&look.folder.id) {
                        attached
                            .settling
                            .insert(file.path.clone(), (file.stamp, Instant::now()));
                    }
                    continue;
                }
                Some(mut job) => {
                    job.status = JobStatus::Queued;
                    job.step = Step::Queued;
                    job.error = None;
                    ledger.update_job(&job).await?;
                    job
                }
                None => {
                    let job = queued(file.path.clone(), collection);
                    ledger.add_job(&job).await?;
                    job
                }
            };
            self.reporter.report(IngestEvent::Job { job: job.clone() });
            jobs.push(job);
            seen.push(file.clone());
        }
        ledger.see_files(&look.folder.id, &seen).await?;
        let (engine, reporter) = (self.engine.clone(), Arc::clone(&self.reporter));
        self.work.spawn(async move {
            let ended = engine
                .run(jobs, None, reporter.as_ref(), &CancellationToken::new())
                .await;
            if let Err(error) = ended {
                tracing::error!(class = error.class(), %error, "reading files of a watched folder");
            }
            reporter.folder(FolderEvent::Changed);
        });
        Ok(())
    }

    /// Writes down that a folder was looked through.
    async fn note(&self, look: &Look) -> Result<()> {
        let at = now();
        let folder = &look.folder;
        let stale = |last: &String| {
            let last = last.parse::<jiff::Timestamp>();
            last.is_ok_and(|last| jiff::Timestamp::now().duration_since(last) > NOTE_EVERY)
        };
        let changed = !look.fresh.is_empty() || !look.gone.is_empty() || folder.device != Some(look.device);
        if changed || folder.last_scan.as_ref().is_none_or(stale) {
            let ledger = &self.engine.inner.parts.ledger;
            ledger.scanned_folder(&folder.id, &at, Some(look.device)).await?;
        }
        self.engine
            .inner
            .following
            .live(&folder.id, |live| live.last_scan = Some(at));
        Ok(())
    }
}

impl Attached {
    /// Parts files that are complete from those that may still be being written; of these, their sizes. A file is
    /// complete if it was last written to a while ago, or has not changed for a while.
    fn settle(&mut self, fresh: Vec<SeenFile>) -> (Vec<SeenFile>, Vec<u64>) {
        let before = std::mem::take(&mut self.settling);
        let (now, wall) = (Instant::now(), std::time::SystemTime::now());
        let wall = wall
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos() as i64;
        let (mut ready, mut unsettled) = (Vec::new(), Vec::new());
        for file in fresh {
            let since = match before.get(&file.path) {
                Some((stamp, since)) if *stamp == file.stamp => *since,
                _ => now,
            };
            let old = wall - file.stamp.modified > SETTLED.as_nanos() as i64;
            if old || now - since >= SETTLED {
                ready.push(file);
            } else {
                unsettled.push(file.stamp.bytes);
                self.settling.insert(file.path, (file.stamp, since));
            }
        }
        (ready, unsettled)
    }
}

/// None if the file cannot be read now; the job says why.
async fn hash(path: PathBuf) -> Result<Option<String>> {
    tokio::task::spawn_blocking(move || hash_file(&path, &CancellationToken::new()).ok())
        .await
        .map_err(|e| Error::bug(format!("hashing stopped: {e}")))
}

fn told(found: Walked) -> Vec<Error> {
    let errors = found.unreadable.into_iter().map(|(_, error)| error);
    errors.take(ERRORS_TOLD).collect()
}
