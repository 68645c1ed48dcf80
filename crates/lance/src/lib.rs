//! Chunks, vectors and full text in LanceDB.
//!
//! [`LanceStore`] implements [`footnote_core::ports::ChunkStore`] on one table, and
//! on more while an index is being replaced. All of its state is in Lance's own commits, each of which is
//! atomic: a process killed at any moment leaves a table as it was before or after the write it was in,
//! and files that no version names.
//!
//! Arrow and Lance types end at this crate's border.

mod disk;
mod error;
mod filter;
mod indexes;
mod process;
mod rows;
mod search;
mod store;
mod tables;

pub use process::bound_memory;
pub use store::LanceStore;
