//! Lines of a zone, and where one block of them ends and the next begins.

use super::field::MARKS;
use super::words::{Rect, SEGMENT_GAP, Segment, Word, is_rtl};

/// One line as displayed: cells from left to right.
pub(super) struct Row {
    pub cells: Vec<Segment>,
    pub rect: Rect,
    pub baseline: f64,
    pub size: f64,
    pub bold: bool,
    pub rtl: bool,
}

impl Row {
    pub(super) fn new(mut cells: Vec<Segment>) -> Option<Self> {
        cells.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
        // Within one column, what stands this close is one cell however it was drawn.
        let mut joined: Vec<Segment> = Vec::new();
        for cell in cells {
            let close = joined.last().is_some_and(|last| {
                // The box that is ticked stands some way before what it says.
                let limit = if is_mark(last) { 3.0 } else { SEGMENT_GAP };
                cell.rect.x0 - last.rect.x1 < limit * cell.size.max(last.size)
            });
            match joined.pop_if(|_| close) {
                Some(mut last) => {
                    last.words.extend(cell.words);
                    joined.extend(Segment::new(last.words));
                }
                None => joined.push(cell),
            }
        }
        let cells = joined;
        let rect = cells.iter().map(|cell| cell.rect).reduce(Rect::union)?;
        let main = cells.iter().max_by_key(|cell| cell.chars())?;
        let words = || cells.iter().flat_map(|cell| &cell.words);
        let letters = || {
            words()
                .flat_map(|word| &word.letters)
                .flat_map(|letter| letter.text.chars())
        };
        let rtl =
            letters().filter(|c| is_rtl(*c)).count() * 2 > letters().filter(|c| c.is_alphabetic()).count();
        let bold = words().all(|word| word.bold);
        Some(Self {
            baseline: main.baseline,
            size: main.size,
            rect,
            bold,
            rtl,
            cells,
        })
    }

    pub(super) fn first_word(&self) -> String {
        let word = self.cells.first().and_then(|cell| cell.words.first());
        word.map(Word::text).unwrap_or_default()
    }

    pub(super) fn last_word(&self) -> String {
        let word = self.cells.last().and_then(|cell| cell.words.last());
        word.map(Word::text).unwrap_or_default()
    }

    /// Whether its last letter is one of these signs, or a ligature that ends in one.
    pub(super) fn ends_with(&self, signs: &[char]) -> bool {
        let word = self.cells.last().and_then(|cell| cell.words.last());
        word.and_then(|word| word.letters.last())
            .is_some_and(|letter| letter.text.ends_with(signs))
    }

    pub(super) fn chars(&self) -> usize {
        self.cells.iter().map(Segment::chars).sum()
    }
}

/// Whether this is a check box or radio button and nothing else.
fn is_mark(cell: &Segment) -> bool {
    let mut letters = cell.words.iter().flat_map(|word| &word.letters);
    matches!((letters.next(), letters.next()), (Some(only), None) if MARKS.contains(&only.text.as_str()))
}

/// Groups segments that stand on one line, from the top.
pub(super) fn rows(mut zone: Vec<Segment>) -> Vec<Row> {
    zone.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut groups: Vec<Vec<Segment>> = Vec::new();
    for segment in zone {
        let same = groups
            .last()
            .and_then(|group| group.first())
            .is_some_and(|first| {
                (segment.baseline - first.baseline).abs() < 0.4 * segment.size.min(first.size)
            });
        match groups.last_mut().filter(|_| same) {
            Some(group) => group.push(segment),
            None => groups.push(vec![segment]),
        }
    }
    let mut rows: Vec<Row> = groups.into_iter().filter_map(Row::new).collect();
    close_loose_lines(&mut rows);
    close_items(&mut rows);
    rows
}

/// The mark of a list's item and what it marks are one cell, however far apart.
fn close_items(rows: &mut [Row]) {
    for row in rows {
        if let [mark, text] = row.cells.as_slice()
            && mark.words.len() == 1
            && !row.rtl
            && is_bullet(&row.first_word())
            && text.rect.x0 - mark.rect.x1 < 4.0 * row.size
        {
            let words = row.cells.drain(..).flat_map(|cell| cell.words).collect();
            row.cells.extend(Segment::new(words));
        }
    }
}

/// A gap in one line between whole ones is loose setting, not a table.
fn close_loose_lines(rows: &mut [Row]) {
    let single: Vec<bool> = rows.iter().map(|row| row.cells.len() == 1).collect();
    for (n, row) in rows.iter_mut().enumerate() {
        let before = n.checked_sub(1).is_some_and(|n| single[n]);
        let after = single.get(n + 1).copied().unwrap_or(before);
        if let ([a, b], true, true) = (row.cells.as_slice(), before, after)
            && b.rect.x0 - a.rect.x1 < 2.5 * row.size
        {
            let words = row.cells.drain(..).flat_map(|cell| cell.words).collect();
            row.cells.extend(Segment::new(words));
        }
    }
}

/// The usual distance of lines: the median.
pub(super) fn line_pitch(rows: &[Row]) -> f64 {
    let mut gaps: Vec<f64> = rows
        .windows(2)
        .map(|pair| (pair[1].baseline - pair[0].baseline) / pair[0].size.max(pair[1].size).max(0.1))
        .filter(|gap| *gap > 0.5 && *gap < 3.0)
        .collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(1.3)
}

pub(super) fn starts_block(block: &[Row], last: &Row, row: &Row, pitch: f64) -> bool {
    let size = last.size.max(row.size).max(0.1);
    let gap = (row.baseline - last.baseline) / size;
    let grown = row.size > last.size * 1.12 || last.size > row.size * 1.12;
    // Names of columns are often bold.
    let both_tabular = last.cells.len() > 1 && row.cells.len() > 1;
    // Double-spaced text is still text; its pitch is what counts.
    if gap > (pitch * 1.3).clamp(1.3, 2.6)
        || gap < 0.0
        || grown
        || row.bold != last.bold && last.chars() < 80 && !both_tabular
    {
        return true;
    }
    if last.cells.len() > 1 || row.cells.len() > 1 {
        // A line that went on with a cell of the row above it is still part of the table.
        let above = block.iter().rev().find(|above| above.cells.len() > 1);
        let in_table = above.is_some_and(|above| last.cells.len() > 1 || is_wrapped_cell(above, last));
        return in_table != (row.cells.len() > 1) && !is_wrapped_cell(last, row);
    }
    if is_bullet(&row.first_word()) {
        return true;
    }
    // A first line set in, after a line that ended early or ended a sentence.
    let left = block.iter().map(|r| r.rect.x0).fold(f64::INFINITY, f64::min);
    let right = block.iter().map(|r| r.rect.x1).fold(f64::NEG_INFINITY, f64::max);
    let set_in = row.rect.x0 - left.min(last.rect.x0) > 0.8 * size && row.rect.x0 - last.rect.x0 > 0.8 * size;
    let ended = last.rect.x1 < right - 1.5 * size || ends_sentence(last);
    set_in && ended && !row.rtl
}

/// A single cell below a row of cells, under one of them, continues that cell.
fn is_wrapped_cell(last: &Row, row: &Row) -> bool {
    last.cells.len() > 1
        && row.cells.len() == 1
        && last
            .cells
            .iter()
            .skip(1)
            .any(|cell| (cell.rect.x0 - row.rect.x0).abs() < 0.5 * row.size)
}

fn ends_sentence(row: &Row) -> bool {
    row.ends_with(&['.', '!', '?', ':', '”', '"', '。'])
}

/// Whether a line's first word marks an item of a list.
pub(super) fn is_bullet(word: &str) -> bool {
    const MARKS: &str = "•◦▪■●○–—-*‣⁃✓➢§";
    let mut chars = word.chars();
    let single = matches!((chars.next(), chars.next()), (Some(c), None) if MARKS.contains(c));
    let stem = word.trim_start_matches('(').trim_end_matches([')', '.']);
    let numbered = stem.len() < word.len() && !stem.is_empty() && stem.len() <= 5;
    let count =
        stem.chars().all(|c| c.is_ascii_digit() || c == '.') && stem.chars().any(|c| c.is_ascii_digit());
    let letter = stem.len() == 1 && stem.chars().all(|c| c.is_ascii_lowercase()) && word.ends_with(')');
    single || (numbered && stem.len() <= 4 && (count || letter))
}
