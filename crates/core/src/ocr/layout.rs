//! Lines in reading order: columns, rows, paragraphs and headings, with the places of the words.
//!
//! Works in the frame in which most lines run from left to right, so that sheets lying on their side
//! or head come out as they are read. Places go back to the page as it is displayed.

use std::ops::Range;

use tokio_util::sync::CancellationToken;

use super::frame::{Extent, Frame, Row, Span, What, median, rows};
use super::table::{Finder, Table};
use super::{PageImage, RecognizedLine};
use crate::error::Result;
use crate::ports::TextRecognizer;
use crate::span::CharSpan;
use crate::types::{Block, BlockKind, LineConfidence, TextRect};

/// A column has at least this many lines,
const COLUMN_LINES: usize = 3;
/// whose median is this many times as long as high. Shorter ones are the cells of a table, which is read
/// row by row.
const COLUMN_WIDTH: f32 = 7.0;
/// Of the lines, this many may run across two columns (titles, figures' captions).
const ACROSS: f32 = 0.4;
/// Columns within columns; a bound rather than a layout.
const DEPTH: usize = 6;

/// What the lines of a page make.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub text: String,
    pub blocks: Vec<Block>,
    pub rects: Vec<TextRect>,
    pub lines: Vec<LineConfidence>,
    chars: u32,
}

/// Puts `lines` of an image into reading order. `recognizer` is asked about tables among them.
///
/// # Errors
/// Only a cancellation.
pub(super) fn lay_out(
    lines: &[RecognizedLine],
    image: &PageImage,
    recognizer: &dyn TextRecognizer,
    cancel: &CancellationToken,
) -> Result<Laid> {
    let frame = Frame::of(lines);
    let mut spans: Vec<Span<'_>> = lines.iter().map(|line| frame.span(line)).collect();
    spans.sort_by(|a, b| a.y.middle().total_cmp(&b.y.middle()));
    let body = median(spans.iter().map(|span| span.y.len())).max(1.0);
    let mut finder = Finder::new(image, frame, &spans, recognizer, cancel);
    let spans = finder.ruled(spans);
    // Before columns are told: those of a table are no columns of text.
    let spans = finder.aligned(spans)?;
    let mut regions = Vec::new();
    split(spans, DEPTH, &mut regions);
    let several = regions.len() > 1;
    let mut laid = Laid::default();
    for mut region in regions {
        if several {
            region = finder.aligned(region)?;
        }
        laid.add_region(region, body, 72.0 / image.dpi.max(1.0), &finder.tables);
    }
    Ok(laid)
}

/// Cuts into regions in reading order: what runs across stands between what is left and right of a gutter.
fn split<'a>(mut spans: Vec<Span<'a>>, depth: usize, regions: &mut Vec<Vec<Span<'a>>>) {
    spans.sort_by(|a, b| a.y.middle().total_cmp(&b.y.middle()));
    let gutter = if depth == 0 { None } else { gutter(&spans) };
    let Some(gutter) = gutter else {
        if !spans.is_empty() {
            regions.push(spans);
        }
        return;
    };
    let (mut left, mut right, mut across) = (Vec::new(), Vec::new(), Vec::new());
    let mut flush = |left: &mut Vec<Span<'a>>, right: &mut Vec<Span<'a>>, across: &mut Vec<Span<'a>>| {
        for part in [across, left, right] {
            split(std::mem::take(part), depth - 1, regions);
        }
    };
    for span in spans {
        if span.x.to <= gutter || span.x.from >= gutter {
            if span.x.to <= gutter {
                &mut left
            } else {
                &mut right
            }
            .push(span);
        } else {
            if !left.is_empty() || !right.is_empty() {
                flush(&mut left, &mut right, &mut across);
            }
            across.push(span);
        }
    }
    flush(&mut left, &mut right, &mut across);
}

/// Where a gutter between two columns runs, if there is one.
fn gutter(spans: &[Span<'_>]) -> Option<f32> {
    if spans.len() < 2 * COLUMN_LINES {
        return None;
    }
    let height = median(spans.iter().map(|span| span.y.len())).max(1.0);
    let spans: Vec<&Span<'_>> = spans.iter().filter(|span| !span.is_table()).collect();
    let mut starts: Vec<f32> = spans.iter().map(|span| span.x.from - height * 0.25).collect();
    starts.sort_by(f32::total_cmp);
    starts.dedup_by(|a, b| *a - *b < height * 0.25);
    let mut best: Option<(usize, f32)> = None;
    for x in starts {
        let left: Vec<&Span<'_>> = spans.iter().copied().filter(|span| span.x.to <= x).collect();
        let right: Vec<&Span<'_>> = spans.iter().copied().filter(|span| span.x.from >= x).collect();
        let fewer = left.len().min(right.len());
        let across = spans.len() - left.len() - right.len();
        if fewer < COLUMN_LINES || across as f32 > ACROSS * spans.len() as f32 {
            continue;
        }
        let long = |side: &[&Span<'_>]| median(side.iter().map(|span| span.x.len())) >= COLUMN_WIDTH * height;
        let extent = |side: &[&Span<'_>]| side.iter().map(|span| span.y).reduce(Extent::joined);
        let beside = match (extent(&left), extent(&right)) {
            (Some(l), Some(r)) => l.shared(r) >= 0.5 * l.len().min(r.len()),
            _ => false,
        };
        if !long(&left) || !long(&right) || !beside {
            continue;
        }
        if best.is_none_or(|(most, _)| fewer > most) {
            best = Some((fewer, x));
        }
    }
    best.map(|(_, x)| x)
}

impl Laid {
    fn add_region(&mut self, mut region: Vec<Span<'_>>, body: f32, points: f32, tables: &[Table]) {
        region.sort_by(|a, b| a.y.middle().total_cmp(&b.y.middle()));
        let mut open = Vec::new();
        for span in region {
            match span.what {
                What::Line(_) => open.push(span),
                What::Table(number) => {
                    self.add_lines(std::mem::take(&mut open), body, points);
                    if let Some(table) = tables.get(number) {
                        self.add_table(table, points);
                    }
                }
            }
        }
        self.add_lines(open, body, points);
    }

    fn add_lines(&mut self, lines: Vec<Span<'_>>, body: f32, points: f32) {
        let rows = rows(lines);
        let pitches = rows
            .windows(2)
            .map(|pair| pair[1].y.middle() - pair[0].y.middle());
        let pitch = median(pitches).max(1.0);
        let mut from = 0;
        for at in 1..=rows.len() {
            let ends = at == rows.len() || {
                let (above, below) = (&rows[at - 1], &rows[at]);
                let ratio = above.height.max(1.0) / below.height.max(1.0);
                let apart = below.y.middle() - above.y.middle();
                apart > 1.4 * pitch.min(2.5 * body) || !(0.72..=1.39).contains(&ratio)
            };
            if ends {
                self.add_block(&rows[from..at], body, points);
                from = at;
            }
        }
    }

    fn add_block(&mut self, rows: &[Row<'_>], body: f32, points: f32) {
        if !self.text.is_empty() {
            self.push("\n\n");
        }
        let start = self.chars;
        for (n, row) in rows.iter().enumerate() {
            if n > 0 {
                self.push("\n");
            }
            for (m, cell) in row.cells.iter().enumerate() {
                if m > 0 {
                    // Cells stay apart, so that the words of two do not read as one phrase.
                    self.push("\t");
                }
                if let Some(line) = cell.line() {
                    self.add_line(line, points);
                }
            }
        }
        let height = median(rows.iter().map(|row| row.height));
        let words: usize = rows
            .iter()
            .flat_map(|row| &row.cells)
            .filter_map(Span::line)
            .map(|line| line.text.split_whitespace().count())
            .sum();
        let kind = if height >= 1.35 * body && rows.len() <= 3 && words <= 24 {
            BlockKind::Heading {
                level: if height >= 1.8 * body { 1 } else { 2 },
            }
        } else {
            BlockKind::Paragraph
        };
        self.blocks.push(Block {
            kind,
            span: CharSpan::new(start, self.chars),
        });
    }

    /// Appends a table: a line a row, cells parted by `" | "`.
    fn add_table(&mut self, table: &Table, points: f32) {
        if !self.text.is_empty() {
            self.push("\n\n");
        }
        let start = self.chars;
        for (n, row) in table.rows.iter().enumerate() {
            if n > 0 {
                self.push("\n");
            }
            let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
            for (column, cell) in row.iter().enumerate().take(last + 1) {
                if column > 0 {
                    self.push(" | ");
                }
                for (m, line) in cell.iter().enumerate() {
                    if m > 0 {
                        self.push(" ");
                    }
                    self.add_line(line, points);
                }
            }
        }
        self.blocks.push(Block {
            kind: BlockKind::Table {
                header_rows: table.header_rows,
            },
            span: CharSpan::new(start, self.chars),
        });
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count() as u32;
    }

    /// Appends a line, a rectangle a word.
    fn add_line(&mut self, line: &RecognizedLine, points: f32) {
        let chars: Vec<char> = line.text.chars().collect();
        let (start, mut begun) = (self.chars, false);
        for word in words(&chars) {
            if begun {
                self.push(" ");
            }
            begun = true;
            let span = CharSpan::new(self.chars, self.chars + word.len() as u32);
            let (from, to) = reach(line, &chars, &word);
            self.rects.push(rect(span, line, from, to, points));
            self.push(&chars[word].iter().collect::<String>());
        }
        self.lines.push(LineConfidence {
            span: CharSpan::new(start, self.chars),
            // More places than these are noise, and each page keeps its lines.
            confidence: (line.confidence.clamp(0.0, 1.0) * 1000.0).round() / 1000.0,
        });
    }
}

/// Runs without white space.
fn words(chars: &[char]) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        if c.is_whitespace() {
            continue;
        }
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) => word.end += 1,
            None => words.push(at..at + 1),
        }
    }
    words
}

/// From where to where along its line a word goes: half-way to its neighbours' characters.
fn reach(line: &RecognizedLine, chars: &[char], word: &Range<usize>) -> (f32, f32) {
    let count = chars.len().max(1) as f32;
    if line.places.len() != chars.len() {
        return (word.start as f32 / count, word.end as f32 / count);
    }
    let place = |at: usize| line.places[at].clamp(0.0, 1.0);
    let from = match word.start {
        0 => 0.0,
        at => (place(at - 1) + place(at)) / 2.0,
    };
    let to = match word.end {
        end if end == chars.len() => 1.0,
        end => (place(end - 1) + place(end)) / 2.0,
    };
    (from.min(to), from.max(to))
}

/// The upright rectangle around a stretch of a line, in points of the page.
fn rect(span: CharSpan, line: &RecognizedLine, from: f32, to: f32, points: f32) -> TextRect {
    let [a, b, c, d] = line.corners;
    let between = |p: [f32; 2], q: [f32; 2], at: f32| [p[0] + (q[0] - p[0]) * at, p[1] + (q[1] - p[1]) * at];
    let corners = [
        between(a, b, from),
        between(a, b, to),
        between(d, c, to),
        between(d, c, from),
    ];
    let bound = |axis: usize| {
        let low = corners.iter().map(|p| p[axis]).fold(f32::MAX, f32::min);
        let high = corners.iter().map(|p| p[axis]).fold(f32::MIN, f32::max);
        (low.max(0.0) * points, (high - low.max(0.0)).max(0.0) * points)
    };
    let ((x, width), (y, height)) = (bound(0), bound(1));
    TextRect {
        span,
        x,
        y,
        width,
        height,
    }
}
