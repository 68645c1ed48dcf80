//! What crosses the window's boundary.
//!
//! Every type mirrors the domain type of the same name: fields in camelCase, tagged unions as serde
//! writes them, ids as strings, paths as text for people. Offsets count Unicode code points. The
//! interface's `bindings.ts` is generated from these types.

mod answer;
mod conversation;
mod data;
mod folder;
mod history;
mod judged;
mod library;
mod menu;
mod models;
mod preflight;
mod problem;
mod prompts;
mod removal;
mod standing;
mod status;
mod tray;

use std::path::Path;

use footnote_core::error;
use serde::Serialize;
use specta::Type;

pub use answer::{
    Answer, AnswerEvent, AnswerStage, AskRequest, Candidate, Citation, IndexSpec, Injection, Intent, Passage,
    Scope, Scores, Sentence, Timings, TokenCounts, Trace, Verdict,
};
pub use conversation::{Conversation, ConversationHit, ExportFormat, Turn};
pub use data::{DataFolder, DataOrigin, MoveEvent, MovePlan, MoveStage};
pub use folder::{FolderState, WatchedFolder};
pub use history::{CitedRevision, DocumentEvent, DocumentHistory, Happening, Occasion};
pub use judged::{Case, CaseRun, Explanation, Feedback, NewCase, WhyRequest};
pub use library::{
    Block, BlockKind, Bytes, Chunk, Document, IndexJob, IngestEvent, JobStatus, LibraryChanged, Page,
    PageCoverage, PageSource, Step, TextRect,
};
pub use menu::{CommandPicked, MenuKind, MenuLine, MenuView, StandardItem};
pub use models::{
    EmbedderCost, Fit, ImportedModel, ModelCard, ModelEvent, ModelFailure, ModelSpeed, ModelStep, ModelsView,
    ProviderAttempt, ProviderView, Room,
};
pub use preflight::{Copied, FileKind, KindTally, LeftOut, Preflight, Samples};
pub use problem::{Notice, Problem, Warning};
pub use prompts::{Change, DiffLine, Prompt, PromptCopy};
pub use removal::{Fate, Quotes, RemovalEvent};
pub use standing::{PageSpan, Piece, PieceKind, Quoted, Standing, Standings};
pub use status::{
    Arrivals, Arrived, EngineState, EngineStatus, FetchEvent, ModelState, ModelStatus, ProviderStatus,
    QuitAsked, StatusChanged,
};
pub use tray::{QuestionWanted, TrayAction, TrayChanged, TrayItem, TrayView};

/// A closed set of the domain as the wire has it: same names, one to one.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident of $core:path { $($(#[$inner:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, specta::Type)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$inner])* $variant),+
        }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                use $core as Core;
                match value {
                    $(Core::$variant => Self::$variant),+
                }
            }
        }
    };
}
pub(crate) use mirror;

/// A tagged union of the domain as the wire has it: same names and fields, one to one.
macro_rules! mirror_tagged {
    ($(#[$doc:meta])* $name:ident of $core:path, $tag:literal { $($variant:ident $({ $($field:ident: $type:ty $(=> $with:path)?),+ })?),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, specta::Type)]
        #[serde(tag = $tag, rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum $name {
            $($variant $({ $($field: $type),+ })?),+
        }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                use $core as Core;
                match value {
                    $(Core::$variant $({ $($field),+ })? => Self::$variant $({
                        $($field: crate::wire::mirror_field!($field $(, $with)?)),+
                    })?),+
                }
            }
        }
    };
}
pub(crate) use mirror_tagged;

/// A field of [`mirror_tagged!`]: as it is, or by the function after its `=>`.
macro_rules! mirror_field {
    ($field:ident) => {
        $field
    };
    ($field:ident, $with:path) => {
        $with($field)
    };
}
pub(crate) use mirror_field;

mirror!(
    /// Who can do something about an error.
    ErrorKind of error::ErrorKind {
        /// The input is at fault.
        User,
        /// The machine is at fault; a retry may help.
        Runtime,
        /// Footnote is at fault.
        Bug,
    }
);

mirror!(
    /// What the window acts on.
    ErrorCode of error::ErrorCode {
        /// Asked to stop.
        Canceled,
        /// A model file is not there yet.
        ModelMissing,
        /// The ONNX Runtime library cannot be used.
        RuntimeMissing,
        /// Another Footnote holds the data folder.
        StoreLocked,
        /// The disk has no room.
        DiskFull,
        /// The document is protected by a password.
        PasswordNeeded,
        /// No such document, conversation or job.
        NotFound,
        /// The question does not fit the model's context.
        QuestionTooLong,
        /// The format is not one Footnote reads.
        Unsupported,
    }
);

/// A fact and its remedy; every rejected command carries one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// Class.
    pub kind: ErrorKind,
    /// Set where the window acts on it.
    pub code: Option<ErrorCode>,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What happened by name, for the window's language.
    pub problem: Option<Box<Problem>>,
    /// The files and folders that the message names, outermost first.
    pub places: Vec<String>,
}

impl From<error::Error> for ErrorView {
    fn from(error: error::Error) -> Self {
        Self {
            kind: error.kind.into(),
            code: error.code.map(Into::into),
            message: error.message,
            hint: error.hint,
            problem: error.problem.map(|problem| Box::new((*problem).into())),
            places: error.places,
        }
    }
}

pub(crate) fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

pub(crate) fn all<T, U: From<T>>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(U::from).collect()
}

#[cfg(test)]
mod tests;
