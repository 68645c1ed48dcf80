//! Watched folders.

use footnote_core::watch;
use serde::Serialize;
use specta::Type;

use super::{ErrorView, all, mirror, path_text};

mirror!(
    /// What is going on with a watched folder.
    FolderState of watch::FolderState {
        /// Nobody follows it at the moment.
        Idle,
        /// Its changes are followed.
        Watching,
        /// It is being looked through.
        Scanning,
        /// It is not there.
        Offline,
        /// Its changes are left alone.
        Paused,
    }
);

/// A folder whose files are in the library, and stay as the folder has them.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WatchedFolder {
    /// Identity.
    pub id: String,
    /// Where it is.
    pub path: String,
    /// Collection its documents join.
    pub collection: String,
    /// What is left out besides the usual, a pattern of `.gitignore` each.
    pub ignore: Vec<String>,
    /// What is going on.
    pub state: FolderState,
    /// Documents in the library that lie in it.
    pub documents: u32,
    /// Files of it that wait to be read, or are being read.
    pub waiting: u32,
    /// Documents whose files went away all at once.
    pub missing: u32,
    /// RFC 3339.
    pub last_scan: Option<String>,
    /// What stands in the way.
    pub errors: Vec<ErrorView>,
}

impl From<watch::FolderStatus> for WatchedFolder {
    fn from(status: watch::FolderStatus) -> Self {
        Self {
            id: status.folder.id.0,
            path: path_text(&status.folder.path),
            collection: status.folder.collection,
            ignore: status.folder.ignore,
            state: status.state.into(),
            documents: status.documents,
            waiting: status.waiting,
            missing: status.missing,
            last_scan: status.folder.last_scan,
            errors: all(status.errors),
        }
    }
}
