//! The register on disk: documents with their revisions and pages, index jobs, watched folders, conversations,
//! cases.
//!
//! [`SqliteLedger`] implements [`footnote_core::ports::Ledger`] on one SQLite file.
//! [`DataDirLock`] keeps two Footnotes out of one data folder.
//!
//! What holds after a power cut: every method is one transaction that reaches the disk before it
//! returns, so a document points to its old revision or to its new one, never to half of one.

mod cases;
mod collections;
mod conversations;
mod data_dir;
mod documents;
mod error;
mod folders;
mod history;
mod jobs;
mod lock;
mod paths;
mod prompts;
mod removal;
mod revisions;
mod schema;
mod settings;
mod sqlite;

pub use data_dir::{
    DataDir, Move, MovePlan, MoveProgress, MoveStage, Origin, POINTER, Removed, default_data_dir,
    remove_data, size_of,
};
pub use lock::DataDirLock;
pub use sqlite::SqliteLedger;
