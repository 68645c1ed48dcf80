//! Footnote's domain: types, ports (traits that adapters implement), the ingest and answer
//! pipelines, and the engine facade that the command line and the window drive.
//!
//! Nothing here knows a window, a database, a file format, or ONNX Runtime. An adapter crate
//! implements one of the traits in [`ports`]; a composition root hands the adapters to
//! [`engine::Engine`].

pub mod advice;
pub mod answer;
pub mod brake;
pub mod calibrate;
pub mod cases;
pub mod chunk;
pub mod citation;
pub mod collections;
pub mod comparison;
pub mod diagnostics;
pub mod dropped;
pub mod engine;
pub mod entities;
pub mod error;
pub mod explain;
pub mod export;
pub mod facts;
mod feedback;
pub mod find;
pub mod foreground;
pub mod fusion;
pub mod grid;
pub mod history;
pub mod ids;
pub mod inflection;
pub mod ingest;
pub mod injection;
pub mod language;
pub mod locator;
pub mod log;
pub mod meant;
pub mod measure;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod metrics;
pub mod notice;
pub mod ocr;
pub mod otlp;
pub mod password;
pub mod personal;
pub mod polar;
pub mod ports;
pub mod preflight;
pub mod premise;
pub mod problem;
pub mod prompt;
pub mod prove;
pub mod query;
pub mod question;
mod reading;
pub mod removal;
pub mod report;
pub mod retrieve;
pub mod sieve;
pub mod span;
pub mod standing;
pub mod summary;
pub mod tables;
pub mod text;
pub mod types;
pub mod walk;
pub mod watch;
pub mod whole;

pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use ids::{CaseId, ChunkId, ConversationId, DocumentId, FolderId, JobId, RemovalId, RevisionId, TurnId};
pub use password::Password;
pub use problem::Problem;
