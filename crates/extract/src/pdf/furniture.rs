//! Running headers, footers and page numbers: short lines at the edge of a page that its neighbours
//! have at the same place, the same or counting along.
//!
//! Pages are held back until the ones after them are known; what is kept of the pages before them is
//! their edge lines alone.

use std::collections::VecDeque;

use footnote_core::span::CharSpan;
use footnote_core::types::{BlockKind, Page};

use super::apart;
use super::blocks::Line;

/// Pages on either side that a line is compared with: two of the same side of a bound book.
const REACH: usize = 4;
/// Operations of the pages held back, beyond which the oldest goes out: heavy pages take long, and
/// whoever waits for the first one must not wait for five.
const MOST_HELD: usize = 2_000_000;
/// Part of the page's height, at its top and at its bottom, where such lines stand.
const BAND: f64 = 0.15;
/// Lines of a band, counted from the edge.
const MOST_LINES: usize = 4;
/// Points that a line may be off its place.
const SLACK: f64 = 3.0;
/// Longer lines are text.
const MOST_CHARS: u32 = 200;
/// Larger type, as part of the running text's, is a title: those of slides repeat too.
const LARGEST: f64 = 1.3;

/// A line at the edge of a page.
#[derive(Clone, Debug, PartialEq)]
struct Edge {
    span: CharSpan,
    /// Whether it stands in the upper band; places count from that band's edge.
    top: bool,
    y: f64,
    /// The text with `#` for numbers.
    key: String,
    numbers: Vec<i64>,
    /// A number at the line's outer end with its place, where titles beside it change.
    folio: Option<(i64, f64)>,
}

/// A page on its way, with what depends on its neighbours still open.
pub(super) struct Held<T> {
    pub page: Page,
    /// What goes along with the page.
    pub with: T,
    edges: Vec<Edge>,
    work: usize,
}

impl<T> Held<T> {
    /// A page with its lines and the size of running text; `work` counts the operations that drew it.
    pub(super) fn new(page: Page, lines: &[Line], body: f64, work: usize, with: T) -> Self {
        let edges = edges(&page, lines, body);
        Self {
            page,
            with,
            edges,
            work,
        }
    }
}

/// Pages held back until their neighbours are known.
pub(super) struct Window<T> {
    /// Matches on other pages that make a line furniture.
    needed: usize,
    before: VecDeque<(u32, Vec<Edge>)>,
    held: VecDeque<Held<T>>,
}

impl<T> Window<T> {
    /// For a document of so many pages.
    pub(super) fn new(pages: usize) -> Self {
        Self {
            needed: if pages <= 3 { 1 } else { 2 },
            before: VecDeque::new(),
            held: VecDeque::new(),
        }
    }

    /// Takes the next page. Returns those whose neighbours are known now, in order.
    pub(super) fn push(&mut self, page: Held<T>) -> Vec<Held<T>> {
        self.held.push_back(page);
        let mut ready = Vec::new();
        while self.held.len() > REACH
            || self.held.len() > 1 && self.held.iter().map(|held| held.work).sum::<usize>() > MOST_HELD
        {
            ready.extend(self.release());
        }
        ready
    }

    /// The pages that are left, in order.
    pub(super) fn finish(mut self) -> Vec<Held<T>> {
        std::iter::from_fn(|| self.release()).collect()
    }

    fn release(&mut self) -> Option<Held<T>> {
        let mut held = self.held.pop_front()?;
        let others = || {
            let before = self.before.iter().map(|(number, edges)| (*number, edges));
            before.chain(self.held.iter().map(|other| (other.page.number, &other.edges)))
        };
        let number = held.page.number;
        let repeats = |edge: &Edge| {
            let count = |matches: fn(&Edge, &Edge, i64) -> bool| {
                others()
                    .filter(|(other, edges)| {
                        let ahead = i64::from(*other) - i64::from(number);
                        edges.iter().any(|candidate| matches(edge, candidate, ahead))
                    })
                    .count()
            };
            // A number with changing words beside it says less than a line that repeats as a whole.
            count(same_line) >= self.needed || count(same_folio) >= self.needed.max(2)
        };
        let furniture: Vec<_> = held
            .edges
            .iter()
            .filter(|edge| repeats(edge))
            .map(|edge| (edge.span, BlockKind::Furniture))
            .collect();
        apart::set(&mut held.page, &furniture);
        self.before.push_back((number, std::mem::take(&mut held.edges)));
        if self.before.len() > REACH {
            self.before.pop_front();
        }
        Some(held)
    }
}

/// Whether `b`, so many pages ahead, is the same line, or the same counting along.
fn same_line(a: &Edge, b: &Edge, ahead: i64) -> bool {
    a.top == b.top
        && (a.y - b.y).abs() <= SLACK
        && a.key == b.key
        && a.numbers
            .iter()
            .zip(&b.numbers)
            .all(|(a, b)| a == b || b.saturating_sub(*a) == ahead)
}

/// Whether `b`, so many pages ahead, has its page number where `a` has it.
fn same_folio(a: &Edge, b: &Edge, ahead: i64) -> bool {
    let (Some((m, x)), Some((n, z))) = (a.folio, b.folio) else {
        return false;
    };
    a.top == b.top && (a.y - b.y).abs() <= SLACK && (x - z).abs() <= SLACK && n.saturating_sub(m) == ahead
}

/// The short lines at the page's upper and lower edge.
fn edges(page: &Page, lines: &[Line], body: f64) -> Vec<Edge> {
    let Some((_, height)) = page.size.filter(|(_, height)| *height > 0.0) else {
        return Vec::new();
    };
    let height = f64::from(height);
    let middle = |line: &Line| (line.rect.y0 + line.rect.y1) / 2.0;
    let mut found = Vec::new();
    for top in [true, false] {
        let from_edge = |line: &Line| if top { middle(line) } else { height - middle(line) };
        let mut band: Vec<&Line> = lines
            .iter()
            .filter(|line| from_edge(line) <= BAND * height)
            .collect();
        band.sort_by(|a, b| from_edge(a).total_cmp(&from_edge(b)));
        let (mut count, mut last) = (0, f64::NEG_INFINITY);
        for line in band {
            let y = from_edge(line);
            if y - last > 0.5 * line.size {
                count += 1;
                last = y;
            }
            if count > MOST_LINES {
                break;
            }
            let fits = line.span.len() <= MOST_CHARS && line.size <= LARGEST * body && !line.fixed;
            if fits {
                found.extend(edge(line, &page.text, top, y));
            }
        }
    }
    found
}

fn edge(line: &Line, text: &str, top: bool, y: f64) -> Option<Edge> {
    let text = line.span.of(text);
    let (mut key, mut numbers) = (String::new(), Vec::new());
    let mut words = text.split_whitespace().peekable();
    words.peek()?;
    for word in words {
        if let Some(number) = roman(word) {
            key.push('#');
            numbers.push(number);
        } else {
            let mut rest = word;
            while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
                key.extend(rest[..at].chars().flat_map(char::to_lowercase));
                let digits = &rest[at..];
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                key.push('#');
                numbers.push(digits[..end].parse().unwrap_or(i64::MAX));
                rest = &digits[end..];
            }
            key.extend(rest.chars().flat_map(char::to_lowercase));
        }
        key.push(' ');
    }
    let value = |word: &str| word.parse().ok().filter(|n| *n >= 0).or_else(|| roman(word));
    let last = text.split_whitespace().next_back().and_then(value);
    let first = text.split_whitespace().next().and_then(value);
    let folio = last
        .map(|n| (n, line.rect.x1))
        .or(first.map(|n| (n, line.rect.x0)));
    Some(Edge {
        span: line.span,
        top,
        y,
        key,
        numbers,
        folio,
    })
}

/// A page number of a preface: small Roman numerals below 100.
fn roman(word: &str) -> Option<i64> {
    let mut total = 0;
    let mut last = 0;
    for c in word.chars().rev() {
        let value = match c {
            'i' => 1,
            'v' => 5,
            'x' => 10,
            'l' => 50,
            _ => return None,
        };
        if value < last {
            total -= value;
        } else {
            (total, last) = (total + value, value);
        }
    }
    (total > 0).then_some(total)
}
