//! From zones of segments to the text of a page with its blocks and the places of its words.

use footnote_core::span::CharSpan;
use footnote_core::types::{Block, BlockKind, TextRect};

use super::annotation::Comment;
use super::hyphen::{Hyphen, SOFT, Vocabulary};
use super::rows::{Row, is_bullet, line_pitch, rows, starts_block};
use super::script;
use super::table::{self, Table};
use super::words::{Direction, Rect, Segment, Word, is_rtl};
use crate::page::char_count;
use crate::script::{Script, written};

/// Text of a page under construction.
#[derive(Debug)]
pub(super) struct PageText<'a> {
    vocabulary: &'a Vocabulary,
    pub text: String,
    pub blocks: Vec<Block>,
    pub rects: Vec<TextRect>,
    /// Lines that run from left to right on the page as displayed.
    pub lines: Vec<Line>,
    chars: u32,
}

/// A line of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub span: CharSpan,
    /// Its place on the page.
    pub rect: Rect,
    /// Of its type.
    pub size: f64,
    /// Whether it is known for something else than furniture: one of several rows of a table, a
    /// heading of the outline.
    pub fixed: bool,
}

/// How often each font size was used so far, in tenths of a point; shows what running text is.
pub(super) type SizeCounts = std::collections::BTreeMap<u32, usize>;

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

impl<'a> PageText<'a> {
    /// An empty page of a document that uses these words.
    pub(super) fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            text: String::new(),
            blocks: Vec::new(),
            rects: Vec::new(),
            lines: Vec::new(),
            chars: 0,
        }
    }

    /// Appends a zone, read in rows; segments that stand for one of the tables become it.
    pub(super) fn add_zone(
        &mut self,
        mut zone: Vec<Segment>,
        direction: Direction,
        body: f64,
        tables: &[Table],
    ) {
        zone.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
        let mut open = Vec::new();
        for segment in zone {
            match segment.table.and_then(|table| tables.get(table)) {
                Some(table) => {
                    self.add_rows(rows(std::mem::take(&mut open)), direction, body);
                    self.add_table(table, direction);
                }
                None => open.push(segment),
            }
        }
        self.add_rows(rows(open), direction, body);
    }

    fn add_rows(&mut self, rows: Vec<Row>, direction: Direction, body: f64) {
        let pitch = line_pitch(&rows);
        let mut block: Vec<Row> = Vec::new();
        for row in rows {
            if block
                .last()
                .is_some_and(|last| starts_block(&block, last, &row, pitch))
            {
                self.add_block(std::mem::take(&mut block), direction, body);
            }
            block.push(row);
        }
        self.add_block(block, direction, body);
    }

    fn add_block(&mut self, rows: Vec<Row>, direction: Direction, body: f64) {
        let rows = if rows.iter().filter(|row| row.cells.len() > 1).count() > 1 {
            match table::aligned(rows) {
                Ok(table) => return self.add_table(&table, direction),
                Err(rows) => rows,
            }
        } else {
            rows
        };
        if rows.is_empty() {
            return;
        }
        let start = self.begin_block();
        for (n, row) in rows.iter().enumerate() {
            let broken = n > 0 && self.join(&rows[n - 1], row);
            if n > 0 && !broken {
                self.push("\n");
            }
            self.add_row(row, direction, broken);
        }
        self.end_block(start, kind(&rows, body));
    }

    fn add_table(&mut self, table: &Table, direction: Direction) {
        let start = self.begin_block();
        for (n, row) in table.rows.iter().enumerate() {
            if n > 0 {
                self.push("\n");
            }
            let from = self.chars;
            let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
            for (column, cell) in row.iter().enumerate().take(last + 1) {
                if column > 0 {
                    self.push(" | ");
                }
                self.add_cell(cell, direction);
            }
            let lines = row.iter().flatten();
            if let Some(rect) = lines.map(|line| line.rect).reduce(Rect::union)
                && direction == Direction::Right
            {
                let span = CharSpan::new(from, self.chars);
                let size = row.iter().flatten().map(|line| line.size).fold(0.0, f64::max);
                self.lines.push(Line {
                    span,
                    rect,
                    size,
                    fixed: true,
                });
            }
        }
        self.end_block(start, table.kind());
    }

    fn add_cell(&mut self, cell: &[Row], direction: Direction) {
        for (n, line) in cell.iter().enumerate() {
            if n > 0 && !self.join(&cell[n - 1], line) {
                self.push(" ");
            }
            let words = line.cells.iter().flat_map(|part| &part.words);
            self.add_words(
                reading_order(words.collect(), line.rtl),
                line.rtl,
                direction,
                false,
            );
        }
    }

    /// Parts what follows from what is there. Returns where it begins.
    fn begin_block(&mut self) -> u32 {
        if !self.text.is_empty() {
            self.push("\n\n");
        }
        self.chars
    }

    fn end_block(&mut self, start: u32, kind: BlockKind) {
        if self.chars > start {
            self.blocks.push(Block {
                kind,
                span: CharSpan::new(start, self.chars),
            });
        }
    }

    /// Whether the word at the end of `last` goes on in `row`; its hyphen is taken away if it was
    /// there for the break alone.
    fn join(&mut self, last: &Row, row: &Row) -> bool {
        if last.rtl || row.rtl || last.cells.len() != 1 || row.cells.len() != 1 {
            return false;
        }
        match self.vocabulary.judge(&last.last_word(), &row.first_word()) {
            Hyphen::Ends => false,
            Hyphen::Stays => true,
            Hyphen::Goes => {
                self.text.pop();
                self.chars -= 1;
                if let Some(rect) = self.rects.last_mut() {
                    rect.span.end = self.chars;
                }
                if let Some(line) = self.lines.last_mut() {
                    line.span.end = line.span.end.min(self.chars);
                }
                true
            }
        }
    }

    /// `broken` says that the first word began on the line before.
    fn add_row(&mut self, row: &Row, direction: Direction, broken: bool) {
        let start = self.chars;
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
            let words = reading_order(cell.words.iter().collect(), row.rtl);
            self.add_words(words, row.rtl, direction, broken);
        }
        if direction == Direction::Right && self.chars > start {
            self.lines.push(Line {
                span: CharSpan::new(start, self.chars),
                rect: row.rect,
                size: row.size,
                fixed: false,
            });
        }
    }

    /// Adds words of a line, in order. `broken` says that the first of them began on the line before.
    fn add_words(&mut self, words: Vec<&Word>, rtl: bool, direction: Direction, broken: bool) {
        let follows = if rtl { Vec::new() } else { script::follow(&words) };
        // The line's own break moves behind a word that it would break.
        let mut broken = broken;
        for (m, word) in words.into_iter().enumerate() {
            let follows = follows.get(m);
            if m > 0 && !follows.is_some_and(|follows| follows.touches) {
                self.push(if std::mem::take(&mut broken) { "\n" } else { " " });
            }
            match follows.map(|follows| follows.script) {
                None | Some(Script::Line) => self.add_word(word, direction),
                Some(script) => {
                    let start = self.chars;
                    let text = written(&word.text(), script, &self.text).into_owned();
                    self.push(&text);
                    self.place(start, direction.to_page(word.rect));
                }
            }
        }
    }

    fn add_word(&mut self, word: &Word, direction: Direction) {
        let start = self.chars;
        for letter in &word.letters {
            if let [0x21..=0x7e] = letter.text.as_bytes() {
                self.text.push_str(&letter.text);
                self.chars += 1;
                continue;
            }
            // A ligature may bring white space of its own; words have none.
            for c in letter.text.chars().filter(|c| !c.is_whitespace()) {
                self.text.push(if c == SOFT { '-' } else { c });
                self.chars += 1;
            }
        }
        if self.chars == start {
            return;
        }
        self.place(start, direction.to_page(word.rect));
    }

    /// Appends a comment as a block of its own; all of its words stand where the comment is.
    pub(super) fn add_comment(&mut self, comment: &Comment) {
        let start = self.begin_block();
        for (n, line) in comment.text.lines().enumerate() {
            for (m, word) in line.split_whitespace().enumerate() {
                match (n, m) {
                    (0, 0) => {}
                    (_, 0) => self.push("\n"),
                    _ => self.push(" "),
                }
                let from = self.chars;
                self.push(word);
                self.place(from, comment.rect);
            }
        }
        self.end_block(start, BlockKind::Footnote);
    }

    /// Notes where the word that began at `start` stands on the page.
    fn place(&mut self, start: u32, place: Rect) {
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
fn reading_order(mut order: Vec<&Word>, rtl: bool) -> Vec<&Word> {
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

fn kind(rows: &[Row], body: f64) -> BlockKind {
    let size = rows.iter().map(|row| row.size).fold(0.0, f64::max);
    let chars: usize = rows.iter().map(Row::chars).sum();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return BlockKind::Paragraph;
    };
    let ratio = size / body.max(0.1);
    let words = first
        .cells
        .iter()
        .flat_map(|cell| &cell.words)
        .flat_map(|w| &w.letters);
    let has_letters = words.flat_map(|l| l.text.chars()).any(char::is_alphabetic);
    // Cells side by side are a title only behind its number.
    let is_title = rows
        .iter()
        .all(|row| row.cells.len() == 1 || row.cells.len() == 2 && is_section_number(&row.cells[0]));
    let short = rows.len() <= 3 && chars <= 200 && has_letters && is_title;
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
    if short
        && rows.len() == 1
        && first.bold
        && ratio >= 0.95
        && chars <= 90
        && !last.ends_with(&['.', ',', ';'])
    {
        return BlockKind::Heading { level: 4 };
    }
    if is_bullet(&first.first_word()) {
        BlockKind::ListItem
    } else {
        BlockKind::Paragraph
    }
}

/// Whether a cell is what stands before a section's title: "2.1", "IV.", "A".
fn is_section_number(cell: &Segment) -> bool {
    let [word] = cell.words.as_slice() else {
        return false;
    };
    let text = word.text();
    let part = |part: &str| {
        !part.is_empty()
            && (part.chars().all(|c| c.is_ascii_digit())
                || part.chars().all(|c| "IVX".contains(c))
                || part.len() == 1 && part.chars().all(char::is_alphabetic))
    };
    text.trim_end_matches(['.', ')']).split('.').all(part)
}
