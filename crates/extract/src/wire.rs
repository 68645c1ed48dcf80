//! What goes between the app and the worker process: one request line in, frames of JSON lines out.
//!
//! The file's path is not part of the request: it travels as an argument of the process, where the
//! system keeps its bytes whatever they are, while a JSON string could only carry Unicode.

use footnote_core::Error;
use footnote_core::types::{ExtractSummary, Page};
use serde::{Deserialize, Serialize};

/// The longest frame that the app reads. A page of text is a few kilobytes; a broken worker must
/// not be able to fill the app's memory.
pub(crate) const MAX_FRAME: usize = 64 * 1024 * 1024;

/// What the worker is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Address space in bytes.
    pub memory_limit: u64,
    /// Processor seconds.
    pub cpu_limit: u64,
}

/// What the worker answers: pages, then exactly one `Summary` or `Error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub(crate) enum Frame {
    /// A page, in order.
    Page {
        /// The page.
        page: Box<Page>,
        /// Pages of the file in all, if known.
        of: Option<u32>,
    },
    /// The file was read to its end.
    Summary {
        /// What there is to say about it.
        summary: ExtractSummary,
    },
    /// The file cannot be read.
    Error {
        /// Why.
        error: Error,
    },
}
