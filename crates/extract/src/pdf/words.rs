//! From drawn characters to words, and from words to segments: runs of words that belong to one
//! line of one column.

use compact_str::CompactString;

use super::interpreter::Glyph;
use super::script;
use crate::script::Script;

/// A gap wider than this part of the font size parts words. Fonts set words a quarter apart;
/// kerning stays below a tenth.
const WORD_GAP: f64 = 0.13;
/// A gap wider than this part of the font size parts segments (columns, cells).
pub(super) const SEGMENT_GAP: f64 = 1.2;

/// Pieces drawn out of order join within this part of the font size: the gap between the columns
/// of a journal is hardly wider than a blank.
const JOIN_GAP: f64 = 0.45;

/// A box: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// Which way lines run on the displayed page. Each way is laid out by itself in coordinates where
/// text runs left to right and lines go down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Direction {
    Right,
    Down,
    Left,
    Up,
}

impl Direction {
    fn of(glyph: &Glyph) -> Self {
        let (dx, dy) = (glyph.to.0 - glyph.from.0, glyph.to.1 - glyph.from.1);
        match (dx.abs() >= dy.abs(), dx >= 0.0, dy >= 0.0) {
            (true, true, _) => Self::Right,
            (true, false, _) => Self::Left,
            (false, _, true) => Self::Down,
            (false, _, false) => Self::Up,
        }
    }

    fn to_layout(self, (x, y): (f64, f64)) -> (f64, f64) {
        match self {
            Self::Right => (x, y),
            Self::Down => (y, -x),
            Self::Left => (-x, -y),
            Self::Up => (-y, x),
        }
    }

    /// A layout box on the displayed page.
    pub(super) fn to_page(self, r: Rect) -> Rect {
        match self {
            Self::Right => r,
            Self::Down => Rect {
                x0: -r.y1,
                y0: r.x0,
                x1: -r.y0,
                y1: r.x1,
            },
            Self::Left => Rect {
                x0: -r.x1,
                y0: -r.y1,
                x1: -r.x0,
                y1: -r.y0,
            },
            Self::Up => Rect {
                x0: r.y0,
                y0: -r.x1,
                x1: r.y1,
                y1: -r.x0,
            },
        }
    }
}

/// A character in layout coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Letter {
    pub text: CompactString,
    pub x0: f64,
    pub x1: f64,
}

/// A word in layout coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub letters: Vec<Letter>,
    pub rect: Rect,
    pub baseline: f64,
    pub size: f64,
    pub bold: bool,
}

impl Word {
    /// What it says.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.letters.len() + 4);
        self.letters.iter().for_each(|letter| text.push_str(&letter.text));
        text
    }
}

/// Words of one line and one column, from left to right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    pub words: Vec<Word>,
    pub rect: Rect,
    pub baseline: f64,
    pub size: f64,
    /// The page's table that it stands for; it has no words then.
    pub table: Option<usize>,
}

impl Segment {
    /// Stands for a table of the page.
    pub(super) fn for_table(table: usize, rect: Rect) -> Self {
        Self {
            words: Vec::new(),
            rect,
            baseline: rect.y0,
            size: 10.0,
            table: Some(table),
        }
    }

    pub(super) fn new(words: Vec<Word>) -> Option<Self> {
        let rect = words.iter().map(|word| word.rect).reduce(Rect::union)?;
        // The largest word's line is the line; footnote marks float above it.
        let main = words.iter().max_by(|a, b| {
            let weight = |w: &Word| w.size * (w.letters.len() as f64).sqrt();
            weight(a).total_cmp(&weight(b))
        })?;
        Some(Self {
            rect,
            baseline: main.baseline,
            size: main.size,
            table: None,
            words,
        })
    }

    /// Number of characters.
    pub(super) fn chars(&self) -> usize {
        self.words.iter().map(|word| word.letters.len() + 1).sum()
    }
}

/// Parts glyphs by direction, most used first, and builds each one's segments.
pub(super) fn segments(glyphs: &[Glyph]) -> Vec<(Direction, Vec<Segment>)> {
    let directions = [Direction::Right, Direction::Down, Direction::Left, Direction::Up];
    let mut last = Direction::Right;
    let mut by_direction: [Vec<&Glyph>; 4] = Default::default();
    for glyph in glyphs {
        // A mark without width follows the letter that it stands on.
        let (dx, dy) = (glyph.to.0 - glyph.from.0, glyph.to.1 - glyph.from.1);
        let flat = dx * dx + dy * dy < 1e-12;
        let direction = if flat { last } else { Direction::of(glyph) };
        last = direction;
        by_direction[direction as usize].push(glyph);
    }
    let mut out: Vec<_> = directions
        .into_iter()
        .zip(by_direction)
        .filter(|(_, glyphs)| !glyphs.is_empty())
        .map(|(direction, glyphs)| (glyphs.len(), direction, glyphs))
        .collect();
    out.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    out.into_iter()
        .map(|(_, direction, glyphs)| (direction, merge(lines(words(&glyphs, direction)))))
        .collect()
}

/// Words in the file's order.
fn words(glyphs: &[&Glyph], direction: Direction) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(glyphs.len() / 4);
    let mut open = false;
    let mut drawn = Drawn::new(glyphs.len());
    for glyph in glyphs {
        let (x0, baseline) = direction.to_layout(glyph.from);
        let (x1, _) = direction.to_layout(glyph.to);
        let (x0, x1) = (x0.min(x1), x0.max(x1));
        let text = trimmed(&glyph.text);
        if text.is_empty() {
            open = false;
            continue;
        }
        if drawn.is_repeated(&text, x0, baseline, glyph.size) {
            continue;
        }
        // Marks without size still need a place.
        let size = if glyph.size > 0.1 { glyph.size } else { 1.0 };
        let rect = Rect {
            x0,
            y0: baseline - 0.78 * size,
            x1,
            y1: baseline + 0.22 * size,
        };
        let letter = Letter { text, x0, x1 };
        match words
            .last_mut()
            .filter(|word| open && continues(word, &letter, baseline, size))
        {
            Some(word) => {
                word.rect = word.rect.union(rect);
                word.letters.push(letter);
            }
            None => {
                // As many as most words have: growing costs more than the room.
                let mut letters = Vec::with_capacity(8);
                letters.push(letter);
                words.push(Word {
                    letters,
                    rect,
                    baseline,
                    size,
                    bold: glyph.bold,
                });
            }
        }
        open = true;
    }
    for word in &mut words {
        arrange(word);
    }
    words
}

/// A character without white space around it.
fn trimmed(text: &CompactString) -> CompactString {
    match text.as_bytes() {
        [0x21..=0x7e] => text.clone(),
        _ => text.trim().into(),
    }
}

/// Where characters were drawn, to know what is drawn twice.
struct Drawn {
    /// By square of the page: the place noted last, in `places`, counted from 1. Squares far apart may share
    /// one.
    last: Vec<u32>,
    /// Places, each with the one noted before it in the same square.
    places: Vec<Place>,
    /// The last size, and the side of a square for it.
    side: (f64, f64),
}

struct Place {
    character: char,
    x: f64,
    y: f64,
    before: u32,
}

impl Drawn {
    /// For so many characters.
    fn new(count: usize) -> Self {
        Self {
            last: vec![0; (2 * count).next_power_of_two().max(1024)],
            places: Vec::with_capacity(count),
            side: (0.0, 1.0),
        }
    }

    /// Notes a character's place, unless it stands there already. Bold is often drawn by drawing twice, a
    /// hair apart. A narrow "l" is a fifth of its size wide, so what is meant twice stands further apart.
    fn is_repeated(&mut self, text: &str, x: f64, y: f64, size: f64) -> bool {
        // Ligatures go by their first character: two that begin alike do not stand in one place either.
        let character = text.chars().next().unwrap_or_default();
        let reach = (size * 0.1).max(0.05);
        if self.side.0 != size {
            // A square holds a few letters: its side is a power of two, about five times the reach, the same for
            // sizes that are alike. The factor keeps usual sizes away from where that changes.
            self.side = (size, (reach * 8.6).log2().floor().exp2());
        }
        let side = self.side.1;
        let square = |at: f64| {
            let whole = (at / side) as i64;
            if at < 0.0 { whole - 1 } else { whole }
        };
        let mask = self.last.len() as u64 - 1;
        let slot = |column: i64, row: i64| {
            let mixed = (column as u64) ^ (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((mixed ^ (mixed >> 32)) & mask) as usize
        };
        for row in square(y - reach)..=square(y + reach) {
            for column in square(x - reach)..=square(x + reach) {
                let mut next = self.last[slot(column, row)];
                while let Some(place) = self.places.get((next as usize).wrapping_sub(1)) {
                    if place.character == character
                        && (place.x - x).abs() <= reach
                        && (place.y - y).abs() <= reach
                    {
                        return true;
                    }
                    next = place.before;
                }
            }
        }
        let own = slot(square(x), square(y));
        self.places.push(Place {
            character,
            x,
            y,
            before: self.last[own],
        });
        self.last[own] = self.places.len() as u32;
        false
    }
}

fn continues(word: &Word, letter: &Letter, baseline: f64, size: f64) -> bool {
    let Some(last) = word.letters.last() else {
        return false;
    };
    let same_line = (baseline - word.baseline).abs() < 0.25 * size.max(word.size);
    if same_line && size != word.size && is_set_apart(word, (&letter.text, baseline, size)) {
        return false;
    }
    let alike = size < word.size * 1.6 && word.size < size * 1.6;
    let after = letter.x0 - last.x1;
    // Right-to-left text may be drawn in reading order: the next letter then ends where this begins.
    let before = last.x0 - letter.x1;
    let limit = WORD_GAP * size.max(word.size);
    let touches = |gap: f64| gap < limit && gap > -0.5 * size;
    same_line && alike && (touches(after) || (touches(before) && letter.text.chars().any(is_rtl)))
}

/// Whether either is a number raised above the other's line.
fn is_set_apart(word: &Word, (text, baseline, size): (&str, f64, f64)) -> bool {
    let (line, own) = ((word.baseline, word.size), (baseline, size));
    (script::place(line, own) == Script::Above && script::is_raised(text))
        || (script::place(own, line) == Script::Above && script::is_raised(&word.text()))
}

/// Puts a word's letters in reading order.
fn arrange(word: &mut Word) {
    if word.letters.iter().any(|letter| letter.text.chars().any(is_rtl)) {
        // The file's order is unreliable for right-to-left text; places are not.
        word.letters.sort_by(|a, b| b.x0.total_cmp(&a.x0));
        // Digits run left to right all the same.
        let is_number = |l: &Letter| {
            l.text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".,:/".contains(c))
        };
        for run in word.letters.chunk_by_mut(|a, b| is_number(a) == is_number(b)) {
            if run.first().is_some_and(is_number) {
                run.reverse();
            }
        }
    }
}

/// Whether a character belongs to a script that is written from right to left.
pub(super) fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Joins words that follow each other in the file on one line.
fn lines(words: Vec<Word>) -> Vec<Segment> {
    let mut lines: Vec<Vec<Word>> = Vec::new();
    for word in words {
        let follows = lines.last().and_then(|line| line.last()).is_some_and(|last| {
            let size = word.size.max(last.size);
            let gap = word.rect.x0 - last.rect.x1;
            (word.baseline - last.baseline).abs() < 0.3 * size
                && gap > -0.3 * size
                && gap < SEGMENT_GAP * size
        });
        match lines.last_mut().filter(|_| follows) {
            Some(line) => line.push(word),
            None => {
                let mut line = Vec::with_capacity(16);
                line.push(word);
                lines.push(line);
            }
        }
    }
    lines.into_iter().filter_map(Segment::new).collect()
}

/// Joins segments of one line that the file drew out of order or piece by piece.
fn merge(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    segments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut segments: Vec<Option<Segment>> = segments.into_iter().map(Some).collect();
    let mut merged = Vec::with_capacity(segments.len());
    for first in 0..segments.len() {
        let Some(mut group) = segments[first].take() else {
            continue;
        };
        // Neighbours by height; the window is a line high.
        let (height, top) = (group.size * 1.5, group.baseline);
        let mut near: Vec<(usize, f64)> = (first + 1..)
            .zip(&segments[first + 1..])
            .filter_map(|(at, segment)| Some((at, segment.as_ref()?)))
            .take_while(|(_, segment)| segment.baseline - top <= height)
            .map(|(at, segment)| (at, segment.rect.x0))
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        // Grow to both sides until nothing touches any more.
        loop {
            let touches =
                |(at, _): &(usize, f64)| segments[*at].as_ref().is_some_and(|other| joins(&group, other));
            let Some(found) = near.iter().position(touches) else {
                break;
            };
            let (at, _) = near.remove(found);
            let mut words = std::mem::take(&mut group.words);
            words.extend(segments[at].take().into_iter().flat_map(|segment| segment.words));
            words.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
            match Segment::new(words) {
                Some(joined) => group = joined,
                None => break,
            }
        }
        group.words = join_words(std::mem::take(&mut group.words));
        merged.push(group);
    }
    merged
}

fn joins(a: &Segment, b: &Segment) -> bool {
    let size = a.size.max(b.size);
    let small = a.size.min(b.size);
    let shift = (a.baseline - b.baseline).abs();
    // Raised and lowered marks are smaller than their line.
    let same_line = shift < 0.3 * small || (small < 0.86 * size && shift < 0.55 * size);
    let gap = (b.rect.x0 - a.rect.x1).max(a.rect.x0 - b.rect.x1);
    same_line && gap < JOIN_GAP * size && gap > -0.5 * size
}

/// Pieces of one word, drawn apart, become one.
fn join_words(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        let touches = out.last().is_some_and(|last| {
            let gap = word.rect.x0 - last.rect.x1;
            let size = word.size.max(last.size);
            // Words drawn apart on purpose touch nearly; a blank drawn between them shows as a gap.
            gap.abs() < 0.06 * size
                && (word.baseline - last.baseline).abs() < 0.25 * size
                && (word.size == last.size || !is_set_apart(last, (&word.text(), word.baseline, word.size)))
        });
        match out.last_mut().filter(|_| touches) {
            Some(last) => {
                last.rect = last.rect.union(word.rect);
                last.letters.extend(word.letters);
                arrange(last);
            }
            None => out.push(word),
        }
    }
    out
}
