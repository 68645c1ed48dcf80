//! AsciiDoc, line by line.

use footnote_core::types::BlockKind;

use super::{Open, bare, is_item};
use crate::own::{OwnBlock, lines};

pub(super) fn blocks(text: &str) -> Vec<OwnBlock> {
    let mut open = Open::default();
    // The fence that ends the block, and what the block is.
    let mut fence: Option<(String, BlockKind)> = None;
    for range in lines(text) {
        let line = text[range.clone()].trim_end();
        if let Some((end, kind)) = &fence {
            open.join(*kind, range);
            if line == end {
                open.end();
                fence = None;
            }
            continue;
        }
        if let Some(kind) = fenced(line) {
            open.begin(kind, range);
            fence = Some((line.to_owned(), kind));
        } else if let Some(level) = heading(line) {
            open.whole(BlockKind::Heading { level }, range);
        } else if line.is_empty() {
            open.end();
        } else if line.starts_with('.') && !line.starts_with("..") && !line.starts_with(". ") {
            // The title of the block that follows.
            open.whole(BlockKind::Caption, range);
        } else if is_item(line, &['*', '-', '.']) || line.contains(":: ") || line.ends_with("::") {
            open.begin(BlockKind::ListItem, range);
        } else {
            open.join(BlockKind::Paragraph, range);
        }
    }
    open.done()
}

pub(super) fn title(heading: &str) -> String {
    bare(heading, &['=', '#', ' '])
}

fn fenced(line: &str) -> Option<BlockKind> {
    let same = |sign: char| line.len() >= 4 && line.chars().all(|c| c == sign);
    match () {
        () if same('-') || same('.') || same('+') || line.starts_with("```") => Some(BlockKind::Code),
        () if line == "|===" || line == ",===" => Some(BlockKind::Table { header_rows: 0 }),
        () => None,
    }
}

fn heading(line: &str) -> Option<u8> {
    let signs = line.len() - line.trim_start_matches('=').len();
    let rest = line.trim_start_matches('=');
    let level = u8::try_from(signs).ok().filter(|level| (1..=6).contains(level))?;
    (rest.starts_with(' ') && rest.contains(|c: char| !c.is_whitespace())).then_some(level)
}
