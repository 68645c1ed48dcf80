//! File formats to pages of text with positions, in a worker process.
//!
//! Parsers meet files that strangers made. They panic, loop, and ask for all memory there is, so
//! they never run in the app's own process: [`WorkerExtractor`] starts one process a file, which
//! runs [`worker_main`] and sends the pages back one by one. Whatever happens in there ends as an
//! error that names file, page, cause and remedy.
//!
//! What every page promises, whatever its format: blocks and word places lie inside the text, in
//! order, without overlaps, counted in characters.

mod docx;
mod host;
mod html;
#[cfg(test)]
mod invariants;
mod markdown;
mod page;
mod parse;
mod pdf;
mod picture;
mod sniff;
mod text;
mod wire;
mod worker;

pub use host::{WorkerConfig, WorkerExtractor};
pub use worker::worker_main;

/// First argument with which the command line and the desktop app re-invoke themselves as the
/// worker; on it they call [`worker_main`] before anything else.
pub const WORKER_ARG: &str = "__extract-worker";
