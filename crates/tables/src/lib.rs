//! Plans over tables become read-only SQL, run by DataFusion on columns in memory.
//!
//! A query is made from a [`footnote_core::tables::Plan`] alone: names are quoted, values are literals of their type, and
//! nothing of a question or a document is ever SQL. The session has no other table, no files, and takes queries only.

mod batch;
mod engine;
mod sql;

pub use engine::DataFusionTables;
