//! WordPerfect 4 documents: text with functions in between, each enclosed in its own code. There is
//! no signature; a file is one if all its functions close.

use footnote_core::Result;
use footnote_core::types::BlockKind;

use crate::page::{Piece, Sink, collapse, send_pieces};

/// The longest function: the tab stops of a line.
const MAX_FUNCTION: usize = 512;
/// Fewer words than this may be chance.
const MIN_TEXT: usize = 16;

/// Whether the bytes can be such a document.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|byte| *byte >= 0xc0)
        && text(bytes).is_some_and(|text| text.chars().filter(|c| c.is_alphabetic()).count() >= MIN_TEXT)
}

/// Reads a document. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<u32> {
    let text = text(bytes).unwrap_or_default();
    let mut pieces = Vec::new();
    for (n, page) in text.split('\u{c}').enumerate() {
        let mut page_break = n > 0;
        for paragraph in page
            .split('\n')
            .map(collapse)
            .filter(|paragraph| !paragraph.is_empty())
        {
            pieces.push(Piece {
                page_break,
                ..Piece::new(BlockKind::Paragraph, paragraph)
            });
            page_break = false;
        }
    }
    send_pieces(&pieces, sink)
}

/// The text between the functions; none if this is something else.
fn text(bytes: &[u8]) -> Option<String> {
    let (mut text, mut at) = (String::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            0x0a => text.push('\n'),
            0x0c => text.push('\u{c}'),
            // The end of a line as it was broken.
            0x0d => text.push(' '),
            0x09 => text.push('\t'),
            0x20..=0x7e => text.push(char::from(byte)),
            0xa9 | 0xaa => text.push('-'),
            0x80..=0xbf => {}
            0xc0..=0xff => {
                let rest = &bytes[at..bytes.len().min(at + MAX_FUNCTION)];
                at += rest.iter().position(|other| *other == byte)? + 1;
            }
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_left_out_and_must_close() {
        let document = b"\xcb\x0a\x01\xf6\x01\xcbThe tide turns\x0dtwice a day.\x0a\x9cBold\x9d words.";
        assert!(is_one(document));
        assert_eq!(
            text(document).unwrap(),
            "\nThe tide turns twice a day.\nBold words."[1..].to_owned()
        );
        assert!(!is_one(b"\xcb\x0a\x01 never closed, though there is text"));
        assert!(!is_one(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"));
    }
}
