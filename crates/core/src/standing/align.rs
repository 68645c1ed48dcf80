//! Laying a quote against the stretch of a page that is most like it.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::words::Word;
use super::{Piece, PieceKind};
use crate::text;

/// A quote and a stretch of pages, compared.
pub(super) struct Aligned {
    /// Which of the words around are compared with the quote.
    pub stretch: Range<usize>,
    /// Share of the quote's words, by weight, that stand in it.
    pub kept: f32,
    /// The differences.
    pub pieces: Vec<Piece>,
}

/// How much a word that the other text has not takes off.
const GAP: f32 = 0.3;
/// Sentences that begin or end otherwise than the quote did are taken in whole, up to this many words more than the quote had there.
const MORE: usize = 8;
/// How much a new line takes off within a row of a table: the next row may have the figure that this one had.
const NEW_ROW: f32 = 4.0;

/// Lays `quote` against the stretch of `around` that fits it best; `text_of` has the text of a page. None if no word is in both.
pub(super) fn align<'a>(
    quote: &str,
    words: &[Word],
    around: &[Word],
    text_of: impl Fn(u32) -> &'a str,
) -> Option<Aligned> {
    let row = quote.contains(" | ") && !quote.contains('\n');
    let new_row = |at: usize| row && at > 0 && begins_line(around, at, &text_of);
    let (ours, theirs) = best_fit(words, around, new_row)?;
    let start = reach(theirs.start, ours.start, around, &text_of, false);
    let start = (start..=theirs.start)
        .rev()
        .find(|at| new_row(*at))
        .unwrap_or(start);
    let end = reach(theirs.end, words.len() - ours.end, around, &text_of, true);
    let end = (theirs.end..end).find(|at| new_row(*at)).unwrap_or(end);
    let stretch = start..end;
    let today = &around[stretch.clone()];
    let said = |word: &Word| &text_of(word.page)[word.range.clone()];
    let old: Vec<&str> = words.iter().map(|word| &quote[word.range.clone()]).collect();
    let new: Vec<&str> = today.iter().map(said).collect();
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut kept = 0.0;
    let mut steps: Vec<(PieceKind, Range<usize>)> = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        let chance = at > 0 && at + 1 < ops.len() && by_chance(op, words);
        match op {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => {
                let old = *old_index..old_index + len;
                kept += words[old.clone()].iter().map(|word| word.weight).sum::<f32>();
                let new = *new_index..new_index + len;
                if chance {
                    steps.extend([(PieceKind::Deleted, old), (PieceKind::Inserted, new)]);
                } else {
                    steps.push((PieceKind::Same, new));
                }
            }
            other => {
                steps.push((PieceKind::Deleted, other.old_range()));
                steps.push((PieceKind::Inserted, other.new_range()));
            }
        }
    }
    let whole: f32 = words.iter().map(|word| word.weight).sum();
    let old_text = |range: Range<usize>| slice(words, range, |_| quote);
    let new_text = |range: Range<usize>| slice(today, range, &text_of);
    Some(Aligned {
        kept: kept / whole,
        pieces: gather(steps, old_text, new_text),
        stretch,
    })
}

/// The parts of both rows of words that fit best (Smith and Waterman's local alignment).
/// `new_row` says before which words around a row ends.
fn best_fit(
    quote: &[Word],
    around: &[Word],
    new_row: impl Fn(usize) -> bool,
) -> Option<(Range<usize>, Range<usize>)> {
    let width = around.len() + 1;
    let cost: Vec<f32> = (0..around.len())
        .map(|at| if new_row(at) { NEW_ROW } else { 0.0 })
        .collect();
    let mut score = vec![0.0_f32; (quote.len() + 1) * width];
    let mut best = (0.0, 0, 0);
    for (i, word) in quote.iter().enumerate() {
        for (j, other) in around.iter().enumerate() {
            let same = word.folded.is_some() && word.folded == other.folded;
            let before = (score[i * width + j] - cost[j]).max(0.0);
            let met = if same { before + 2.0 * word.weight } else { 0.0 };
            let gap = score[i * width + j + 1].max(score[(i + 1) * width + j] - cost[j]) - GAP;
            let here = met.max(gap).max(0.0);
            score[(i + 1) * width + j + 1] = here;
            if here > best.0 {
                best = (here, i + 1, j + 1);
            }
        }
    }
    let (top, end_i, end_j) = best;
    if top <= 0.0 {
        return None;
    }
    let (mut i, mut j) = (end_i, end_j);
    let mut first = (end_i, end_j);
    while i > 0 && j > 0 && score[i * width + j] > 0.0 {
        let same = quote[i - 1].folded.is_some() && quote[i - 1].folded == around[j - 1].folded;
        let before = (score[(i - 1) * width + j - 1] - cost[j - 1]).max(0.0);
        if same && score[i * width + j] == before + 2.0 * quote[i - 1].weight {
            (i, j) = (i - 1, j - 1);
            first = (i, j);
            if before == 0.0 {
                break;
            }
        } else if score[i * width + j] == score[(i - 1) * width + j] - GAP {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    Some((first.0..end_i, first.1..end_j))
}

/// Whether a line or page begins with the word at `at`, which is not the first.
fn begins_line<'a>(around: &[Word], at: usize, text_of: &impl Fn(u32) -> &'a str) -> bool {
    let (Some(before), Some(word)) = (around.get(at - 1), around.get(at)) else {
        return false;
    };
    before.page != word.page || text_of(word.page)[before.range.end..word.range.start].contains('\n')
}

/// Where a stretch that ends at `edge` ends at last. If the quote goes on there with `more` words of its own, so does the stretch, to the
/// end of its sentence.
fn reach<'a>(
    edge: usize,
    more: usize,
    around: &[Word],
    text_of: &impl Fn(u32) -> &'a str,
    forward: bool,
) -> usize {
    let last = if forward { edge.checked_sub(1) } else { Some(edge) };
    let Some(word) = last.and_then(|at| around.get(at)) else {
        return edge;
    };
    if more == 0 {
        return edge;
    }
    let sentence = text::sentences(text_of(word.page))
        .into_iter()
        .find(|range| range.start <= word.range.start && word.range.end <= range.end);
    let Some(sentence) = sentence else {
        return edge;
    };
    let inside = |other: &&Word| {
        other.page == word.page && sentence.start <= other.range.start && other.range.end <= sentence.end
    };
    if forward {
        edge + around[edge..].iter().take(more + MORE).take_while(inside).count()
    } else {
        edge - around[..edge]
            .iter()
            .rev()
            .take(more + MORE)
            .take_while(inside)
            .count()
    }
}

/// Whether what is the same is a comma or an article between changes, which would cut them into shreds.
fn by_chance(op: &DiffOp, words: &[Word]) -> bool {
    match op {
        DiffOp::Equal { old_index, len, .. } => {
            words[*old_index..old_index + len]
                .iter()
                .map(|word| word.weight)
                .sum::<f32>()
                < 0.45
        }
        _ => false,
    }
}

/// Joins what follows each other: what was deleted, then what was inserted in its place.
fn gather(
    steps: Vec<(PieceKind, Range<usize>)>,
    old: impl Fn(Range<usize>) -> String,
    new: impl Fn(Range<usize>) -> String,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut deleted, mut inserted) = (String::new(), String::new());
    let flush = |pieces: &mut Vec<Piece>, deleted: &mut String, inserted: &mut String| {
        for (kind, text) in [(PieceKind::Deleted, deleted), (PieceKind::Inserted, inserted)] {
            if !text.is_empty() {
                pieces.push(Piece {
                    kind,
                    text: std::mem::take(text),
                });
            }
        }
    };
    for (kind, range) in steps {
        match kind {
            PieceKind::Deleted => deleted.push_str(&old(range)),
            PieceKind::Inserted => inserted.push_str(&new(range)),
            PieceKind::Same => {
                flush(&mut pieces, &mut deleted, &mut inserted);
                pieces.push(Piece {
                    kind,
                    text: new(range),
                });
            }
        }
    }
    flush(&mut pieces, &mut deleted, &mut inserted);
    pieces
}

/// The text of a row of words with the white space that follows; the last word of the row brings none. A page ends with a space.
fn slice<'a>(words: &[Word], range: Range<usize>, text_of: impl Fn(u32) -> &'a str) -> String {
    let mut out = String::new();
    for at in range {
        let word = &words[at];
        let text = text_of(word.page);
        match words.get(at + 1) {
            // What repeats on every page may lie between.
            Some(next)
                if next.page == word.page && text[word.range.end..next.range.start].trim().is_empty() =>
            {
                out.push_str(&text[word.range.start..next.range.start]);
            }
            Some(_) => {
                out.push_str(&text[word.range.clone()]);
                out.push(' ');
            }
            None => out.push_str(&text[word.range.clone()]),
        }
    }
    out
}
