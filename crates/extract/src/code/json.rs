//! JSON: cuts between entries, the outermost that make parts of a readable size.

use std::ops::Range;

use footnote_core::types::BlockKind;

use crate::own::OwnBlock;

/// Parts longer than this are cut further inside.
const LONG: usize = 2_000;
/// Entries shorter than this share a part.
const SHORT: usize = 400;
/// Cuts deeper inside than this are not looked for.
const MAX_DEPTH: usize = 12;

/// A place where a part may end, with how many brackets are open there.
struct Cut {
    at: usize,
    depth: usize,
}

/// The entries of a JSON text, or of a text with a JSON value to a line.
pub(super) fn entries(text: &str) -> Vec<OwnBlock> {
    let cuts = cuts(text);
    let mut found = Vec::new();
    split(0..text.len(), &cuts, 0, &mut found);
    found.into_iter().map(|range| (BlockKind::Code, range)).collect()
}

fn cuts(text: &str) -> Vec<Cut> {
    let (mut cuts, mut depth, mut in_string, mut escaped) = (Vec::new(), 0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                // No string holds a line end: an open quote must not swallow the rest.
                b'"' | b'\n' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth <= MAX_DEPTH => cuts.push(Cut { at: at + 1, depth }),
            b'\n' if depth == 0 => cuts.push(Cut { at: at + 1, depth }),
            _ => {}
        }
    }
    cuts
}

/// Cuts `range` at the shallowest cuts in it, and parts that stay long again. `cuts` are those in
/// the range.
fn split(range: Range<usize>, cuts: &[Cut], depth: usize, out: &mut Vec<Range<usize>>) {
    if depth > MAX_DEPTH || cuts.is_empty() || (depth > 1 && range.len() <= LONG) {
        out.push(range);
        return;
    }
    let (mut start, mut first) = (range.start, 0);
    for (n, cut) in cuts.iter().enumerate() {
        if cut.depth == depth && cut.at - start >= SHORT {
            split(start..cut.at, &cuts[first..n], depth + 1, out);
            (start, first) = (cut.at, n + 1);
        }
    }
    if start < range.end {
        split(start..range.end, &cuts[first..], depth + 1, out);
    }
}
