//! Word 97 to 2003 documents ([MS-DOC]): the text through the piece table, with what paragraph
//! properties say about headings, lists and tables, and character properties about what is raised or does not show.

mod looks;
mod pieces;
mod properties;
mod runs;
mod story;

use footnote_core::types::{BlockKind, ExtractSummary};
use footnote_core::{Error, Result};

use crate::compound::{Compound, u16_at, u32_at};
use crate::package::{damaged, sealed};
use crate::page::{Piece, Sink, hidden_left_out, send_pieces};
use looks::Looks;
use pieces::Text;
use properties::Paragraphs;
use story::{Format, Read};

const WHAT: &str = "Word document";

/// Reads a document. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut file = Compound::open(bytes, WHAT)?;
    file.describe(about);
    let main = file
        .stream("WordDocument")
        .ok_or_else(|| damaged(WHAT, "its text part is missing"))?;
    let flags = u16_at(&main, 0x0a).ok_or_else(|| damaged(WHAT, "its header is cut off"))?;
    if flags & 0x0100 != 0 {
        return Err(sealed(WHAT));
    }
    let magic = u16_at(&main, 0);
    let version = u16_at(&main, 2).unwrap_or(0);
    let read = match magic {
        Some(0xa5ec | 0xa5dc) if version < 0xc1 => old(&main),
        Some(0xa5ec) => {
            let name = if flags & 0x0200 != 0 { "1Table" } else { "0Table" };
            let table = file
                .stream(name)
                .or_else(|| file.stream("0Table"))
                .or_else(|| file.stream("1Table"));
            let table = table.ok_or_else(|| damaged(WHAT, &format!("its part {name} is missing")))?;
            modern(&main, &table)
        }
        _ => return Err(foreign()),
    };
    let read = read.ok_or_else(|| damaged(WHAT, "the table of its text cannot be read"))?;
    if read.hidden {
        about.warnings.push(hidden_left_out());
    }
    send_pieces(&read.pieces, sink)
}

fn foreign() -> Error {
    Error::user("The document is of a version of Word that Footnote does not read")
        .code(footnote_core::ErrorCode::Unsupported)
        .problem(footnote_core::Problem::TooOld)
        .hint("Open it in a word processor, save it as .docx, and add the new file")
}

/// Word 6 and 95: eight-bit text in one run.
fn old(main: &[u8]) -> Option<Read> {
    let (from, to) = (u32_at(main, 0x18)? as usize, u32_at(main, 0x1c)? as usize);
    let text = Text::of_bytes(main.get(from..to.min(main.len()))?);
    Some(story::read(&text, 0..text.len(), &Format::default()))
}

/// Word 97 and later.
fn modern(main: &[u8], table: &[u8]) -> Option<Read> {
    let clx = part(main, table, 0x01a2)?;
    let text = Text::of_pieces(main, clx)?;
    let format = Format {
        paragraphs: part(main, table, 0x0102)
            .map(|plc| Paragraphs::read(main, plc))
            .unwrap_or_default(),
        looks: part(main, table, 0x00fa)
            .map(|plc| Looks::read(main, plc))
            .unwrap_or_default(),
    };
    let mut begin = 0;
    let mut hidden = false;
    let mut stories = [0x4c, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x64].map(|at| {
        let length = u32_at(main, at).unwrap_or(0) as usize;
        let end = begin + length.min(text.len() - begin);
        let range = begin..end;
        begin = end;
        let read = story::read(&text, range, &format);
        hidden |= read.hidden;
        read.pieces
    });
    let mut pieces = std::mem::take(&mut stories[0]);
    // Text boxes belong to the text, wherever they are anchored.
    pieces.append(&mut stories[6]);
    for note in [1, 5, 4] {
        let notes = std::mem::take(&mut stories[note]);
        pieces.extend(notes.into_iter().map(|piece| Piece {
            page_break: false,
            ..Piece::new(BlockKind::Footnote, piece.text)
        }));
    }
    let mut running: Vec<String> = Vec::new();
    for piece in std::mem::take(&mut stories[2]) {
        if !running.contains(&piece.text) && running.len() < 100 {
            running.push(piece.text);
        }
    }
    pieces.extend(
        running
            .into_iter()
            .map(|text| Piece::new(BlockKind::Furniture, text)),
    );
    Some(Read { pieces, hidden })
}

/// A part of the table stream whose place and length stand at `at` in the header.
fn part<'a>(main: &[u8], table: &'a [u8], at: usize) -> Option<&'a [u8]> {
    let (offset, length) = (u32_at(main, at)? as usize, u32_at(main, at + 4)? as usize);
    table.get(offset..offset.checked_add(length)?)
}

#[cfg(test)]
mod tests;
