//! What became of a document.

use footnote_core::history;
use serde::Serialize;
use specta::Type;

use super::{ErrorView, all, mirror, path_text};

mirror!(
    /// Why a document was read.
    Occasion of history::Occasion {
        /// It was new.
        Added,
        /// Its file had changed.
        Changed,
        /// The user asked for it.
        Asked,
        /// The index was made anew.
        Index,
        /// Its rows in the index were missing.
        Repair,
        /// Images can be read now.
        Images,
        /// Before histories were kept.
        Unrecorded,
    }
);

/// Something that became of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "what", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Happening {
    /// It was read.
    Read {
        /// Why.
        occasion: Occasion,
        /// What came of it.
        revision: String,
        /// Number of pages.
        pages: u32,
        /// Pages whose text can be found.
        searchable_pages: u32,
        /// Number of chunks.
        chunks: u32,
        /// Number of things that could not be read.
        warnings: u32,
        /// The model that its chunks were embedded with, if that was noted.
        embedder: Option<String>,
    },
    /// It could not be read again.
    Failed {
        /// Why.
        error: ErrorView,
    },
    /// Its file got another place or name.
    Moved {
        /// Where it was.
        from: String,
    },
    /// It was moved to another collection.
    Collected {
        /// The name of the one it was in.
        from: String,
        /// The name of the one it went to.
        to: String,
    },
    /// Its file went away, and it was kept.
    Kept,
    /// Its file is there again, unchanged.
    Returned,
}

impl From<history::Happening> for Happening {
    fn from(happening: history::Happening) -> Self {
        use history::Happening as Core;
        match happening {
            Core::Read {
                occasion,
                revision,
                pages,
                searchable_pages,
                chunks,
                warnings,
                embedder,
            } => Self::Read {
                occasion: occasion.into(),
                revision: revision.0,
                pages,
                searchable_pages,
                chunks,
                warnings,
                embedder,
            },
            Core::Failed { error } => Self::Failed { error: error.into() },
            Core::Moved { from } => Self::Moved {
                from: path_text(&from),
            },
            Core::Collected { from, to } => Self::Collected { from, to },
            Core::Kept => Self::Kept,
            Core::Returned => Self::Returned,
        }
    }
}

/// Something that became of a document, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DocumentEvent {
    /// RFC 3339.
    pub at: String,
    /// What it was.
    #[serde(flatten)]
    pub happening: Happening,
}

impl From<history::DocumentEvent> for DocumentEvent {
    fn from(event: history::DocumentEvent) -> Self {
        Self {
            at: event.at,
            happening: event.happening.into(),
        }
    }
}

/// How often answers cite one revision of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CitedRevision {
    /// Which.
    pub revision: String,
    /// Answers that cite it.
    pub answers: u32,
}

impl From<history::CitedRevision> for CitedRevision {
    fn from(cited: history::CitedRevision) -> Self {
        Self {
            revision: cited.revision.0,
            answers: cited.answers,
        }
    }
}

/// What became of a document, and which of its revisions answers cite.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DocumentHistory {
    /// The oldest first.
    pub events: Vec<DocumentEvent>,
    /// In no order.
    pub cited: Vec<CitedRevision>,
}

impl From<history::History> for DocumentHistory {
    fn from(history: history::History) -> Self {
        Self {
            events: all(history.events),
            cited: all(history.cited),
        }
    }
}
