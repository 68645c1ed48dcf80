//! What became of a document over time: when it came, each time it was read and why, what went wrong, where it moved.
//!
//! A history goes with its document: of one that was removed nothing stays.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::ids::RevisionId;
use crate::types::{Document, path_text};

/// Events kept of one document: the first, and the latest of the others. A file that a program writes to every
/// minute must not fill the register.
pub const EVENTS_KEPT: usize = 100;

/// Why a document was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It was new.
    Added,
    /// Its file had changed.
    Changed,
    /// The user asked for it.
    Asked,
    /// The index was made anew, for another embedder or other chunks.
    Index,
    /// Its rows in the index were missing.
    Repair,
    /// A model that reads images had come.
    Images,
    /// Before histories were kept; only the last reading is known.
    Unrecorded,
}

/// Something that became of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// It was read, and searches see what was read.
    Read {
        /// Why.
        occasion: Occasion,
        /// What came of it.
        revision: RevisionId,
        /// Number of pages.
        pages: u32,
        /// Pages whose text can be found.
        searchable_pages: u32,
        /// Number of chunks.
        chunks: u32,
        /// Number of things that could not be read.
        warnings: u32,
        /// The model that its chunks were embedded with; none if that was not noted.
        #[serde(default)]
        embedder: Option<String>,
    },
    /// It was to be read again and could not be; what was read before stayed.
    Failed {
        /// Why.
        error: Error,
    },
    /// Its file got another place or name.
    Moved {
        /// Where it was.
        #[serde(with = "path_text")]
        from: PathBuf,
    },
    /// It was moved to another collection.
    Collected {
        /// The name of the one it was in.
        from: String,
        /// The name of the one it went to.
        to: String,
    },
    /// Its file went away, and the user kept what was read of it.
    Kept,
    /// Its file is there again, unchanged.
    Returned,
}

/// Something that became of a document, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentEvent {
    /// RFC 3339.
    pub at: String,
    /// What it was.
    #[serde(flatten)]
    pub happening: Happening,
}

impl DocumentEvent {
    /// Says that something happened just now.
    pub fn now(happening: Happening) -> Self {
        Self {
            at: crate::ingest::now(),
            happening,
        }
    }

    /// Says that a document was read, as it is registered with that revision.
    pub fn read(
        document: &Document,
        revision: RevisionId,
        occasion: Occasion,
        embedder: Option<String>,
    ) -> Self {
        Self {
            at: document.indexed_at.clone(),
            happening: Happening::Read {
                occasion,
                revision,
                pages: document.pages,
                searchable_pages: document.searchable_pages,
                chunks: document.chunks,
                warnings: document.warnings.len() as u32,
                embedder,
            },
        }
    }
}

/// How often answers cite one revision of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedRevision {
    /// Which.
    pub revision: RevisionId,
    /// Answers that cite it.
    pub answers: u32,
    /// Their citations of it.
    pub citations: u32,
}

/// What became of a document, and which of its revisions saved answers cite.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The oldest first; see [`EVENTS_KEPT`].
    pub events: Vec<DocumentEvent>,
    /// In no order. One whose reading is no longer among the events may be here.
    pub cited: Vec<CitedRevision>,
}

impl History {
    /// Answers that cite a revision.
    pub fn answers(&self, revision: &RevisionId) -> u32 {
        let mut cited = self.cited.iter();
        cited
            .find(|cited| cited.revision == *revision)
            .map_or(0, |cited| cited.answers)
    }
}
