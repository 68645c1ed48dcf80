//! Rich Text Format: tokens, destinations, and the structure they make.

mod charset;
mod lexer;
mod output;
mod reader;

pub(crate) use charset::of_codepage;

use footnote_core::Result;
use footnote_core::types::ExtractSummary;

use crate::page::{Piece, Sink, send_pieces};

/// Reads a document. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let pieces = reader::read(bytes, about);
    send_pieces(&pieces, sink)
}

/// The pieces of a document inside another.
pub(crate) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    reader::read(bytes, &mut ExtractSummary::default())
}

#[cfg(test)]
mod tests;
