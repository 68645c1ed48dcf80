//! Workers that are started before it is their files' turn, so that a file is read while the one before it is
//! still being embedded.
//!
//! A worker still reads one file and is gone with it: it has given up every access but to that, and what a
//! hostile file makes of it must not meet the next one.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::Worker;

/// Larger files are read when it is their turn: a worker needs memory by its file, and these are what many small
/// files are about.
const MAX_BYTES: u64 = 2 << 20;
/// While a file of more than this is read, no other one is: the app stays within its memory.
pub(super) const ALONE: u64 = 32 << 20;

/// How many files machines with so many cores read at once: half of the cores embed, and more than four readers
/// only wait for the embedder.
pub(super) fn readers(cores: usize) -> usize {
    (cores / 2).clamp(1, 4)
}

/// Workers at files whose turn comes.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    started: Mutex<Vec<Started>>,
}

#[derive(Debug)]
struct Started {
    path: PathBuf,
    stamp: Stamp,
    worker: Worker,
}

/// What a file's content stands and falls with, as far as that is known without reading it.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Which file lies at the path.
    #[cfg(unix)]
    file: (u64, u64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        metadata.is_file().then(|| Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            file: {
                use std::os::unix::fs::MetadataExt;
                (metadata.dev(), metadata.ino())
            },
        })
    }
}

impl Ahead {
    /// Has workers at the first `most` of the next files that are small enough, and at no others; but what is begun of the current
    /// one stays. A file whose worker cannot be started is left for its turn, which tells why.
    pub(super) fn keep(
        &self,
        current: Option<&Path>,
        next: &[PathBuf],
        most: usize,
        start: impl Fn(&Path) -> Option<Worker>,
    ) {
        let wanted: Vec<(&PathBuf, Stamp)> = next
            .iter()
            .filter_map(|path| Some((path, Stamp::of(path)?)))
            .filter(|(_, stamp)| stamp.bytes <= MAX_BYTES)
            .take(most)
            .collect();
        let mut started = self.started();
        // Before others are started, so that there are never more than `most`.
        started.retain(|one| {
            let same = |(path, stamp): &(&PathBuf, Stamp)| **path == one.path && *stamp == one.stamp;
            current == Some(one.path.as_path()) || wanted.iter().any(same)
        });
        for (path, stamp) in wanted {
            if !started.iter().any(|one| one.path == *path)
                && let Some(worker) = start(path)
            {
                started.push(Started {
                    path: path.clone(),
                    stamp,
                    worker,
                });
            }
        }
    }

    /// The worker at this file, if it has not changed since. `alone`: the others end.
    pub(super) fn take(&self, path: &Path, alone: bool) -> Option<Worker> {
        let mut started = self.started();
        let at = started.iter().position(|one| one.path == path);
        let found = at.map(|at| started.swap_remove(at));
        if alone {
            started.clear();
        }
        drop(started);
        found
            .filter(|one| Stamp::of(path).is_some_and(|now| now == one.stamp))
            .map(|one| one.worker)
    }

    fn started(&self) -> MutexGuard<'_, Vec<Started>> {
        // A poisoned lock only means that a panic was reported elsewhere; the list is still whole.
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn half_of_the_cores_read_but_never_none_nor_a_crowd() {
        let readers = [0, 1, 2, 3, 4, 6, 8, 64].map(super::readers);
        assert_eq!(readers, [1, 1, 1, 1, 2, 3, 4, 4]);
    }
}
