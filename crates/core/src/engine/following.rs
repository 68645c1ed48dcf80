//! Following watched folders: what changes is waited out, looked at, and taken up.
//!
//! A change only says where to look. What is done follows from comparing the folder with what was seen of it before,
//! so a change that was told twice, late, or not at all costs a look and nothing else.

mod look;

use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::*;
use crate::ids::FolderId;
use crate::ports::{FolderChange, FolderGuard, FolderListener, FolderWatcher};
use crate::report::FolderEvent;
use crate::walk::{Rules, Stamp};
use crate::watch::{FolderState, FolderStatus, WatchedFolder};

/// A folder is looked at when nothing has changed for so long,
const QUIET: Duration = Duration::from_millis(500);
/// or changes have gone on for so long.
const AT_MOST: Duration = Duration::from_secs(3);
/// A file that was not written to for so long is taken to be complete.
const SETTLED: Duration = Duration::from_millis(1500);
/// Between two looks whether the folders are there.
const PRESENCE: Duration = Duration::from_secs(2);
/// Between two looks at a folder of which nothing was told: the system may have missed something.
const RESCAN: Duration = Duration::from_secs(60);
/// As [`RESCAN`], where the system cannot tell at all.
const RESCAN_UNTOLD: Duration = Duration::from_secs(5);
/// Looks take at most this part of the time,
const SHARE: u32 = 20;
/// as far as a change does not wait longer for its look than this.
const REST: Duration = Duration::from_secs(5);

/// What is known of the folders while somebody follows them.
#[derive(Default)]
pub(super) struct Following {
    folders: Mutex<HashMap<FolderId, Live>>,
    wake: Notify,
}

#[derive(Default)]
struct Live {
    state: Option<FolderState>,
    /// When the first and the last change since the last look were told.
    changed: Option<(Instant, Instant)>,
    /// To be looked at without waiting.
    due: bool,
    missing: Vec<(DocumentId, PathBuf)>,
    /// Of the last look.
    errors: Vec<Error>,
    /// Why the system cannot tell of changes.
    untold: Option<Error>,
    last_scan: Option<String>,
}

impl Following {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<FolderId, Live>) -> T) -> T {
        // Nothing panics while it is held.
        change(&mut self.folders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn live<T>(&self, id: &FolderId, change: impl FnOnce(&mut Live) -> T) -> T {
        self.with(|folders| change(folders.entry(id.clone()).or_default()))
    }

    /// Has a folder looked at without waiting.
    pub(super) fn look_at(&self, id: &FolderId) {
        self.live(id, |live| live.due = true);
        self.wake.notify_one();
    }

    fn changed(&self, id: &FolderId) {
        let now = Instant::now();
        self.live(id, |live| {
            let first = live.changed.map_or(now, |(first, _)| first);
            live.changed = Some((first, now));
        });
        self.wake.notify_one();
    }

    pub(super) fn forget(&self, id: &FolderId) {
        self.with(|folders| folders.remove(id));
        self.wake.notify_one();
    }

    pub(super) fn take_missing(&self, id: &FolderId) -> Vec<(DocumentId, PathBuf)> {
        self.live(id, |live| std::mem::take(&mut live.missing))
    }

    /// Adds what is known to a status.
    pub(super) fn describe(&self, status: &mut FolderStatus) {
        self.with(|folders| {
            let live = folders.get(&status.folder.id);
            if status.folder.paused {
                status.state = FolderState::Paused;
            } else if let Some(state) = live.and_then(|live| live.state) {
                status.state = state;
            }
            let Some(live) = live else { return };
            status.missing = live.missing.len() as u32;
            status.errors = live.untold.iter().chain(&live.errors).cloned().collect();
            if live.last_scan.is_some() {
                status.folder.last_scan.clone_from(&live.last_scan);
            }
        });
    }
}

impl Engine {
    /// Follows all watched folders, those to come included, until `cancel`: what is added, edited, renamed and
    /// deleted in them is so in the library. A file that waits or is at work then waits for the next start.
    ///
    /// What goes wrong with one folder is in its status, and the others are followed all the same.
    pub async fn follow(
        &self,
        watcher: Arc<dyn FolderWatcher>,
        reporter: Arc<dyn Reporter>,
        cancel: &CancellationToken,
    ) {
        let mut follower = Follower {
            engine: self.clone(),
            watcher,
            reporter,
            attached: HashMap::new(),
            work: JoinSet::new(),
        };
        let following = Arc::clone(&self.inner.following);
        loop {
            let turn = tokio::select! {
                turn = follower.turn() => turn,
                () = cancel.cancelled() => break,
            };
            if let Err(error) = turn {
                tracing::error!(class = error.class(), %error, "following folders");
            }
            tokio::select! {
                () = cancel.cancelled() => break,
                () = following.wake.notified() => {}
                () = tokio::time::sleep(follower.pause()) => {}
            }
            while follower.work.try_join_next().is_some() {}
        }
        following.with(|folders| folders.values_mut().for_each(|live| live.state = None));
        self.halt();
        while follower.work.join_next().await.is_some() {}
    }
}

/// Follows the folders.
struct Follower {
    engine: Engine,
    watcher: Arc<dyn FolderWatcher>,
    reporter: Arc<dyn Reporter>,
    /// Folders that are there and not paused.
    attached: HashMap<FolderId, Attached>,
    /// Jobs and removals.
    work: JoinSet<()>,
}

struct Attached {
    /// None if the system cannot tell of changes.
    guard: Option<Box<dyn FolderGuard>>,
    ignore: Vec<String>,
    /// When the last look ended, and how long it took.
    looked: Option<(Instant, Duration)>,
    /// Files that may still be being written, with the state they have had since.
    settling: HashMap<PathBuf, (Stamp, Instant)>,
}

impl Follower {
    /// Until the next turn, if nothing is told before.
    fn pause(&self) -> Duration {
        let settling = self.attached.values().any(|folder| !folder.settling.is_empty());
        let changing = self
            .engine
            .inner
            .following
            .with(|folders| folders.values().any(|live| live.changed.is_some()));
        if settling || changing { QUIET / 2 } else { PRESENCE }
    }

    async fn turn(&mut self) -> Result<()> {
        let folders = self.engine.inner.parts.ledger.folders().await?;
        let watched = |id: &FolderId| folders.iter().any(|folder| folder.id == *id && !folder.paused);
        self.attached.retain(|id, _| watched(id));
        let mut due = Vec::new();
        for folder in folders {
            if folder.paused {
                self.tell(&folder.id, FolderState::Paused);
                continue;
            }
            let Some(device) = presence(&folder).await? else {
                self.attached.remove(&folder.id);
                self.tell(&folder.id, FolderState::Offline);
                continue;
            };
            let known = self.attached.get(&folder.id);
            if known.is_none_or(|attached| attached.ignore != folder.ignore) {
                self.attach(&folder).await?;
            }
            if self.is_due(&folder.id) {
                due.push((folder, device));
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        self.look(due).await
    }

    /// Has the system tell of changes in a folder.
    async fn attach(&mut self, folder: &WatchedFolder) -> Result<()> {
        let following = Arc::clone(&self.engine.inner.following);
        let (id, root, rules) = (folder.id.clone(), folder.path.clone(), Rules::new(&folder.ignore));
        let extractor = Arc::clone(&self.engine.inner.parts.extractor);
        let listener: FolderListener = Arc::new(move |change| {
            if matters(&change, &root, &rules, extractor.as_ref()) {
                following.changed(&id);
            }
        });
        let (watcher, path) = (Arc::clone(&self.watcher), folder.path.clone());
        let watched = tokio::task::spawn_blocking(move || watcher.watch(&path, listener))
            .await
            .map_err(|e| Error::bug(format!("watching a folder stopped: {e}")))?;
        let (guard, untold) = match watched {
            Ok(guard) => (Some(guard), None),
            Err(error) => (None, Some(error)),
        };
        self.engine.inner.following.live(&folder.id, |live| {
            live.untold = untold;
            live.due = true;
        });
        self.attached.insert(
            folder.id.clone(),
            Attached {
                guard,
                ignore: folder.ignore.clone(),
                looked: None,
                settling: HashMap::new(),
            },
        );
        Ok(())
    }

    fn is_due(&self, id: &FolderId) -> bool {
        let Some(attached) = self.attached.get(id) else {
            return false;
        };
        let now = Instant::now();
        let (told, changed) = self
            .engine
            .inner
            .following
            .live(id, |live| (live.due, live.changed));
        let Some((looked, took)) = attached.looked else {
            return true;
        };
        // A large folder in which something changes all the time is not looked at all the time.
        let rested = now - looked >= (took * SHARE).min(REST);
        let quiet = changed.is_some_and(|(first, last)| now - last >= QUIET || now - first >= AT_MOST);
        let settled = attached
            .settling
            .values()
            .any(|(_, since)| now - *since >= SETTLED);
        let every = if attached.guard.is_some() {
            RESCAN
        } else {
            RESCAN_UNTOLD
        };
        told || rested && (quiet || settled) || now - looked >= every.max(took * SHARE)
    }

    fn tell(&self, id: &FolderId, state: FolderState) {
        let before = self
            .engine
            .inner
            .following
            .live(id, |live| live.state.replace(state));
        if before != Some(state) {
            self.reporter.folder(FolderEvent::Changed);
        }
    }
}

/// Whether a change can matter to the library. What programs keep in hidden folders must not make for looks.
fn matters(change: &FolderChange, root: &Path, rules: &Rules, extractor: &dyn Extractor) -> bool {
    let FolderChange::At(paths) = change else {
        return true;
    };
    paths.iter().any(|path| {
        let Ok(below) = path.strip_prefix(root) else {
            // The folder itself.
            return true;
        };
        !rules.leave_out_file(below) && (extractor.supports(path) || !path.is_file())
    })
}

/// Whether a folder is there: the number of its file system, where the system has one (else 0). An empty folder on
/// another file system than before is the place where a drive is to be mounted.
async fn presence(folder: &WatchedFolder) -> Result<Option<u64>> {
    let (path, before) = (folder.path.clone(), folder.device);
    tokio::task::spawn_blocking(move || {
        let meta = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_dir)?;
        let device = device(&meta);
        let moved = before.is_some_and(|before| before != device);
        let empty = || std::fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
        (!(moved && empty())).then_some(device)
    })
    .await
    .map_err(|e| Error::bug(format!("looking for a folder stopped: {e}")))
}

#[cfg(unix)]
fn device(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(meta)
}

#[cfg(not(unix))]
fn device(_: &std::fs::Metadata) -> u64 {
    0
}
