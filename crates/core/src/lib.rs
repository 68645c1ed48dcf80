//! Footnote's domain: types, ports (traits that adapters implement), the ingest and answer
//! pipelines, and the engine facade that the command line and the window drive.
//!
//! Nothing here knows a window, a database, a file format, or ONNX Runtime. An adapter crate
//! implements one of the traits in [`ports`]; a composition root hands the adapters to
//! [`engine::Engine`].

pub mod answer;
pub mod calibrate;
pub mod chunk;
pub mod citation;
pub mod engine;
pub mod error;
pub mod export;
pub mod facts;
mod feedback;
pub mod find;
pub mod foreground;
pub mod fusion;
pub mod ids;
pub mod ingest;
pub mod injection;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod ocr;
pub mod password;
pub mod ports;
pub mod premise;
pub mod prompt;
pub mod query;
pub mod report;
pub mod retrieve;
pub mod sieve;
pub mod span;
pub mod text;
pub mod types;
pub mod whole;

pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use ids::{ChunkId, ConversationId, DocumentId, JobId, RevisionId, TurnId};
pub use password::Password;
