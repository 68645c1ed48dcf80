//! Watched folders: what is known of them, and what a look through one comes to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::ids::FolderId;
use crate::removal::Quotes;
use crate::walk::{SeenFile, Stamp, Walked};

/// A folder whose files are in the library, and stay as the folder has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedFolder {
    /// Identity.
    pub id: FolderId,
    /// Where it is, absolute.
    #[serde(with = "crate::types::path_text")]
    pub path: PathBuf,
    /// Collection its documents join.
    pub collection: String,
    /// What is left out besides the usual, a pattern of `.gitignore` each.
    pub ignore: Vec<String>,
    /// Whether its changes are left alone for now.
    pub paused: bool,
    /// RFC 3339.
    pub added_at: String,
    /// When it was last looked through, RFC 3339.
    pub last_scan: Option<String>,
    /// The file system it was on then, where the system has a number for that.
    #[serde(skip)]
    pub device: Option<u64>,
}

impl WatchedFolder {
    /// Whether a path lies in it.
    pub fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.path)
    }
}

/// What is going on with a watched folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderState {
    /// Nobody follows it at the moment.
    Idle,
    /// Its changes are followed.
    Watching,
    /// It is being looked through.
    Scanning,
    /// It is not there: its drive is unplugged, or it was moved. Its documents stay.
    Offline,
    /// Its changes are left alone until it is resumed.
    Paused,
}

/// A watched folder as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FolderStatus {
    /// The folder.
    #[serde(flatten)]
    pub folder: WatchedFolder,
    /// What is going on.
    pub state: FolderState,
    /// Documents in the library that lie in it.
    pub documents: u32,
    /// Files of it that wait to be read, or are being read.
    pub waiting: u32,
    /// Documents whose files went away all at once. They stay until it is said what becomes of them.
    pub missing: u32,
    /// What stands in the way.
    pub errors: Vec<Error>,
}

/// What becomes of documents that lose their watched folder, or their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They stay in the library as they are.
    Keep,
    /// They are removed, and what answers quote from them as said.
    Remove(Quotes),
}

/// What differs between what was seen of a folder and what is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or were written to.
    pub fresh: Vec<SeenFile>,
    /// Files that were there and are not any more.
    pub gone: Vec<PathBuf>,
}

/// Compares what was `seen` with what a look found. What lies below a place that could not be looked into is not
/// known to be gone.
pub fn changes(seen: &HashMap<PathBuf, Stamp>, found: &Walked) -> Changes {
    let now: HashMap<&Path, Stamp> = found
        .files
        .iter()
        .map(|file| (file.path.as_path(), file.stamp))
        .collect();
    let fresh = found
        .files
        .iter()
        .filter(|file| seen.get(&file.path) != Some(&file.stamp));
    let hidden = |path: &Path| found.unreadable.iter().any(|(place, _)| path.starts_with(place));
    let gone = seen
        .keys()
        .filter(|path| !now.contains_key(path.as_path()) && !hidden(path));
    let mut gone: Vec<PathBuf> = gone.cloned().collect();
    gone.sort();
    Changes {
        fresh: fresh.cloned().collect(),
        gone,
    }
}

/// Documents of a folder that may vanish at once without a question, whatever their share.
const FEW: usize = 20;

/// Whether so many documents of a folder went away at once that it is more likely an accident, or a drive that
/// did not come up, than meant.
pub fn is_mass_removal(gone: usize, of: usize) -> bool {
    of > FEW && gone * 2 > of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(bytes: u64) -> Stamp {
        Stamp { bytes, modified: 1 }
    }

    #[test]
    fn what_could_not_be_looked_into_is_not_gone() {
        let seen = ["/f/a", "/f/locked/b", "/f/c"].map(|path| (PathBuf::from(path), stamp(1)));
        let found = Walked {
            files: vec![SeenFile {
                path: "/f/c".into(),
                stamp: stamp(2),
            }],
            unsupported: std::collections::BTreeMap::new(),
            unreadable: vec![("/f/locked".into(), Error::runtime("denied"))],
        };
        let changes = changes(&seen.into(), &found);
        assert_eq!(changes.gone, [PathBuf::from("/f/a")]);
        assert_eq!(changes.fresh, found.files);
    }

    #[test]
    fn only_many_at_once_are_asked_about() {
        assert!(!is_mass_removal(20, 20));
        assert!(!is_mass_removal(10, 21));
        assert!(is_mass_removal(11, 21));
    }
}
