//! What the system tells about changes in folders: inotify on Linux, FSEvents on macOS, ReadDirectoryChangesW on
//! Windows, through `notify`.
//!
//! [`SystemWatcher`] implements [`footnote_core::ports::FolderWatcher`]. It passes on where something changed and
//! nothing more: what was renamed to what, and what belongs together, the engine finds out by looking.

use std::path::Path;
use std::sync::Mutex;

use footnote_core::ports::{FolderChange, FolderGuard, FolderListener, FolderWatcher};
use footnote_core::{Error, Problem, Result};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

/// The system's own way of telling.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemWatcher;

/// In a mutex because the watchers of some systems must not be shared; nobody locks it.
struct Watching(#[allow(dead_code, reason = "it watches until it is dropped")] Mutex<RecommendedWatcher>);

impl FolderGuard for Watching {}

impl FolderWatcher for SystemWatcher {
    fn watch(&self, folder: &Path, listener: FolderListener) -> Result<Box<dyn FolderGuard>> {
        let translated = |error: notify::Error| translate(&error, folder);
        let mut watcher = notify::recommended_watcher(move |event| {
            if let Some(change) = change(event) {
                listener(change);
            }
        })
        .map_err(translated)?;
        watcher
            .watch(folder, RecursiveMode::Recursive)
            .map_err(translated)?;
        Ok(Box::new(Watching(Mutex::new(watcher))))
    }
}

/// None for what changes nothing, such as a file being read: reading it is what follows from a change.
fn change(event: notify::Result<notify::Event>) -> Option<FolderChange> {
    let event = match event {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(%error, "changes in a folder may have been missed");
            return Some(FolderChange::Anywhere);
        }
    };
    if event.need_rescan() {
        return Some(FolderChange::Anywhere);
    }
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(FolderChange::At(event.paths)),
        EventKind::Access(_) => None,
        _ => Some(FolderChange::At(event.paths)),
    }
}

fn translate(error: &notify::Error, folder: &Path) -> Error {
    let told = match &error.kind {
        notify::ErrorKind::MaxFilesWatch => Error::runtime(
            "the system cannot tell of changes in so many folders; it is looked through every few seconds instead",
        )
        .problem(Problem::TooManyFolders)
        .hint("Raise the limit (sysctl fs.inotify.max_user_watches), or leave out folders that hold no documents"),
        notify::ErrorKind::PathNotFound => Error::user("the folder is not there")
            .problem(Problem::FolderMissing)
            .hint("Connect its drive, or stop watching it"),
        _ => Error::runtime(format!(
            "the system does not tell of changes here ({error}); it is looked through every few seconds instead"
        ))
        .problem(Problem::FolderPolled {
            detail: error.to_string(),
        })
        .hint("Nothing needs to be done; changes show a little later"),
    };
    told.at(folder.display())
}
