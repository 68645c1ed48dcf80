//! File formats to pages of text with positions, in a worker process.
//!
//! Parsers meet files that strangers made. They panic, loop, and ask for all memory there is, so
//! they never run in the app's own process: [`WorkerExtractor`] starts one process a file, which
//! runs [`worker_main`] and sends the pages back one by one. Whatever happens in there ends as an
//! error that names file, page, cause and remedy.
//!
//! What every page promises, whatever its format: blocks and word places lie inside the text, in
//! order, without overlaps, counted in characters.

mod archive;
mod calendar;
mod code;
mod compound;
mod docx;
mod drawing;
mod epub;
mod field;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod host;
mod html;
#[cfg(any(test, feature = "fuzz"))]
mod invariants;
mod locked;
mod mail;
mod markdown;
mod markup;
mod merged;
mod nest;
mod notebook;
mod odf;
mod ooxml;
mod own;
mod package;
mod page;
mod paged;
mod parse;
mod pdf;
mod picture;
mod rtf;
mod sandbox;
mod script;
mod sheet;
mod slides;
mod slides97;
mod sniff;
mod source;
#[cfg(test)]
mod testing;
mod text;
mod wire;
mod word97;
mod wordperfect;
mod worker;
mod xml;
mod xmltext;

pub use host::{WorkerConfig, WorkerExtractor};
pub use sandbox::{Enforcement, SandboxStatus};
pub use worker::worker_main;

/// First argument with which the command line and the desktop app re-invoke themselves as the
/// worker; on it they call [`worker_main`] before anything else.
pub const WORKER_ARG: &str = "__extract-worker";
