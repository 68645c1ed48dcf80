//! Parting blocks where single lines of them turn out to be something else.

use footnote_core::span::CharSpan;
use footnote_core::types::{Block, BlockKind, Page};

use crate::page::char_count;

/// Makes each of these stretches of the page's text a block of its own kind, apart from what it was
/// part of. They do not overlap; lines of furniture that follow each other make one block.
pub(super) fn set(page: &mut Page, parts: &[(CharSpan, BlockKind)]) {
    if parts.is_empty() {
        return;
    }
    let mut parts = parts.to_vec();
    parts.sort_by_key(|(span, _)| span.start);
    parts.dedup_by(|(next, kind), (last, before)| {
        let between = CharSpan::new(last.end, next.start.max(last.end));
        let joins = (*kind, *before) == (BlockKind::Furniture, BlockKind::Furniture)
            && between.of(&page.text) == "\n";
        if joins {
            last.end = next.end;
        }
        joins
    });
    let mut blocks: Vec<Block> = Vec::with_capacity(page.blocks.len() + parts.len());
    for block in std::mem::take(&mut page.blocks) {
        let mut inside = parts
            .iter()
            .filter(|(part, _)| part.overlaps(block.span))
            .peekable();
        if inside.peek().is_none() {
            blocks.push(block);
            continue;
        }
        let mut from = block.span.start;
        for (part, _) in inside {
            blocks.extend(trimmed(
                page,
                CharSpan::new(from, part.start.max(from)),
                block.kind,
            ));
            from = from.max(part.end);
        }
        blocks.extend(trimmed(
            page,
            CharSpan::new(from, block.span.end.max(from)),
            block.kind,
        ));
    }
    let own = parts
        .into_iter()
        .filter_map(|(span, kind)| trimmed(page, span, kind));
    blocks.extend(own);
    blocks.sort_by_key(|block| block.span.start);
    page.blocks = blocks;
}

/// A block without white space around it; none if nothing is left.
fn trimmed(page: &Page, span: CharSpan, kind: BlockKind) -> Option<Block> {
    if span.is_empty() {
        return None;
    }
    let text = span.of(&page.text);
    let start = span.start + char_count(text) - char_count(text.trim_start());
    let end = start + char_count(text.trim());
    (start < end).then(|| Block {
        kind,
        span: CharSpan::new(start, end),
    })
}
