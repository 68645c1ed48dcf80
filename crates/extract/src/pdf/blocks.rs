//! From zones of segments to the text of a page with its blocks and the places of its words.

use footnote_core::span::CharSpan;
use footnote_core::types::{Block, BlockKind, TextRect};

use super::words::{Direction, Rect, SEGMENT_GAP, Segment, Word, is_rtl};
use crate::page::char_count;

/// Text of a page under construction.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub text: String,
    pub blocks: Vec<Block>,
    pub rects: Vec<TextRect>,
    chars: u32,
}

/// How often each font size was used so far, in tenths of a point; shows what running text is.
pub(super) type SizeCounts = std::collections::BTreeMap<u32, usize>;

/// One line as displayed: cells from left to right.
struct Row {
    cells: Vec<Segment>,
    rect: Rect,
    baseline: f64,
    size: f64,
    bold: bool,
    rtl: bool,
}

impl Row {
    fn new(mut cells: Vec<Segment>) -> Option<Self> {
        cells.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
        // Within one column, what stands this close is one cell however it was drawn.
        let mut joined: Vec<Segment> = Vec::new();
        for cell in cells {
            let close = joined
                .last()
                .is_some_and(|last| cell.rect.x0 - last.rect.x1 < SEGMENT_GAP * cell.size.max(last.size));
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

    fn first_word(&self) -> String {
        let word = self.cells.first().and_then(|cell| cell.words.first());
        word.map(|word| word.letters.iter().map(|l| l.text.as_str()).collect())
            .unwrap_or_default()
    }

    fn chars(&self) -> usize {
        self.cells.iter().map(Segment::chars).sum()
    }
}

/// Adds the sizes of a page to the counts.
pub(super) fn count_sizes(segments: &[Segment], counts: &mut SizeCounts) {
    for word in segments.iter().flat_map(|segment| &segment.words) {
        *counts
            .entry((word.size * 10.0).round().max(0.0) as u32)
            .or_default() += word.letters.len();
    }
}

/// The size of running text: the one that most characters have.
pub(super) fn body_size(counts: &SizeCounts) -> f64 {
    counts
        .iter()
        .max_by_key(|(_, count)| **count)
        .map_or(10.0, |(size, _)| f64::from(*size) / 10.0)
}

impl PageText {
    /// Appends a zone, read in rows.
    pub(super) fn add_zone(&mut self, zone: Vec<Segment>, direction: Direction, body: f64) {
        let rows = rows(zone);
        let pitch = line_pitch(&rows);
        let mut block: Vec<Row> = Vec::new();
        for row in rows {
            if block
                .last()
                .is_some_and(|last| starts_block(&block, last, &row, pitch))
            {
                self.add_block(&std::mem::take(&mut block), direction, body);
            }
            block.push(row);
        }
        self.add_block(&block, direction, body);
    }

    fn add_block(&mut self, rows: &[Row], direction: Direction, body: f64) {
        if rows.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.push("\n\n");
        }
        let start = self.chars;
        for (n, row) in rows.iter().enumerate() {
            if n > 0 {
                self.push("\n");
            }
            self.add_row(row, direction);
        }
        if self.chars > start {
            self.blocks.push(Block {
                kind: kind(rows, body),
                span: CharSpan::new(start, self.chars),
            });
        }
    }

    fn add_row(&mut self, row: &Row, direction: Direction) {
        let cells: Vec<&Segment> = if row.rtl {
            row.cells.iter().rev().collect()
        } else {
            row.cells.iter().collect()
        };
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                // Cells stay apart, so that the words of two columns do not read as one phrase.
                self.push("\t");
            }
            for (m, word) in reading_order(&cell.words, row.rtl).into_iter().enumerate() {
                if m > 0 {
                    self.push(" ");
                }
                self.add_word(word, direction);
            }
        }
    }

    fn add_word(&mut self, word: &Word, direction: Direction) {
        let start = self.chars;
        let text: String = word.letters.iter().map(|letter| letter.text.as_str()).collect();
        // A ligature may bring white space of its own; words have none.
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        self.push(&text);
        if self.chars == start {
            return;
        }
        let place = direction.to_page(word.rect);
        self.rects.push(TextRect {
            span: CharSpan::new(start, self.chars),
            x: place.x0 as f32,
            y: place.y0 as f32,
            width: (place.x1 - place.x0) as f32,
            height: (place.y1 - place.y0) as f32,
        });
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += char_count(text);
    }
}

/// Words of a right-to-left line from the right; runs of other scripts within it from the left.
fn reading_order(words: &[Word], rtl: bool) -> Vec<&Word> {
    let mut order: Vec<&Word> = words.iter().collect();
    if rtl {
        order.reverse();
        let is_ltr = |word: &Word| !word.letters.iter().any(|letter| letter.text.chars().any(is_rtl));
        for run in order.chunk_by_mut(|a, b| is_ltr(a) == is_ltr(b)) {
            if run.first().is_some_and(|word| is_ltr(word)) {
                run.reverse();
            }
        }
    }
    order
}

/// Groups segments that stand on one line, from the top.
fn rows(mut zone: Vec<Segment>) -> Vec<Row> {
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
    rows
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
fn line_pitch(rows: &[Row]) -> f64 {
    let mut gaps: Vec<f64> = rows
        .windows(2)
        .map(|pair| (pair[1].baseline - pair[0].baseline) / pair[0].size.max(pair[1].size).max(0.1))
        .filter(|gap| *gap > 0.5 && *gap < 3.0)
        .collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(1.3)
}

fn starts_block(block: &[Row], last: &Row, row: &Row, pitch: f64) -> bool {
    let size = last.size.max(row.size).max(0.1);
    let gap = (row.baseline - last.baseline) / size;
    let grown = row.size > last.size * 1.12 || last.size > row.size * 1.12;
    // Double-spaced text is still text; its pitch is what counts.
    if gap > (pitch * 1.3).clamp(1.3, 2.6) || gap < 0.0 || grown || row.bold != last.bold && last.chars() < 80
    {
        return true;
    }
    if last.cells.len() > 1 || row.cells.len() > 1 {
        return (last.cells.len() > 1) != (row.cells.len() > 1) && !is_wrapped_cell(last, row);
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
    let last = row
        .cells
        .last()
        .and_then(|cell| cell.words.last())
        .and_then(|word| word.letters.last());
    last.is_some_and(|letter| letter.text.ends_with(['.', '!', '?', ':', '”', '"', '。']))
}

/// Whether a line's first word marks an item of a list.
fn is_bullet(word: &str) -> bool {
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

fn kind(rows: &[Row], body: f64) -> BlockKind {
    let size = rows.iter().map(|row| row.size).fold(0.0, f64::max);
    let chars: usize = rows.iter().map(Row::chars).sum();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return BlockKind::Paragraph;
    };
    let tabular = rows.iter().filter(|row| row.cells.len() > 1).count();
    if tabular >= 2 || (tabular == 1 && rows.len() == 1 && first.cells.len() > 2) {
        return BlockKind::Table { header_rows: 0 };
    }
    let ratio = size / body.max(0.1);
    let words = first
        .cells
        .iter()
        .flat_map(|cell| &cell.words)
        .flat_map(|w| &w.letters);
    let has_letters = words.flat_map(|l| l.text.chars()).any(char::is_alphabetic);
    let short = rows.len() <= 3 && chars <= 200 && has_letters;
    if short && ratio >= 1.15 {
        let level = if ratio >= 1.8 {
            1
        } else if ratio >= 1.4 {
            2
        } else {
            3
        };
        return BlockKind::Heading { level };
    }
    if short && rows.len() == 1 && first.bold && ratio >= 0.95 && chars <= 90 && !last_is_stop(last) {
        return BlockKind::Heading { level: 4 };
    }
    if is_bullet(&first.first_word()) {
        BlockKind::ListItem
    } else {
        BlockKind::Paragraph
    }
}

fn last_is_stop(row: &Row) -> bool {
    let last = row
        .cells
        .last()
        .and_then(|cell| cell.words.last())
        .and_then(|word| word.letters.last());
    last.is_some_and(|letter| letter.text.ends_with(['.', ',', ';']))
}
