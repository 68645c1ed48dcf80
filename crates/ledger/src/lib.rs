//! The register on disk: documents with their revisions and pages, index jobs, conversations.
//!
//! [`SqliteLedger`] implements [`footnote_core::ports::Ledger`] on one SQLite file.
//! [`DataDirLock`] keeps two Footnotes out of one data folder.
//!
//! What holds after a power cut: every method is one transaction that reaches the disk before it
//! returns, so a document points to its old revision or to its new one, never to half of one.

mod conversations;
mod documents;
mod error;
mod folder;
mod jobs;
mod lock;
mod paths;
mod removal;
mod revisions;
mod schema;
mod sqlite;

pub use folder::default_data_dir;
pub use lock::DataDirLock;
pub use sqlite::SqliteLedger;
