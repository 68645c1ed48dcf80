//! Lines cut where one cell ends and the next begins.

use crate::ocr::RecognizedLine;
use crate::ocr::frame::{Extent, Frame};

/// From where to where along its line each character goes, 0 to 1: half-way to its neighbours.
fn bounds(line: &RecognizedLine) -> Vec<f32> {
    let count = line.text.chars().count();
    if line.places.len() != count {
        return (0..=count).map(|at| at as f32 / count.max(1) as f32).collect();
    }
    let place = |at: usize| line.places[at].clamp(0.0, 1.0);
    (0..=count)
        .map(|at| match at {
            0 => 0.0,
            at if at == count => 1.0,
            at => (place(at - 1) + place(at)) / 2.0,
        })
        .collect()
}

/// Where each character's middle stands, along the frame, in a line that goes from end to end of `x`.
pub(super) fn middles(x: Extent, line: &RecognizedLine) -> Vec<f32> {
    let at = |share: f32| x.from + share * x.len();
    let count = line.text.chars().count();
    if line.places.len() == count {
        return line
            .places
            .iter()
            .map(|place| at(place.clamp(0.0, 1.0)))
            .collect();
    }
    bounds(line)
        .windows(2)
        .map(|pair| at((pair[0] + pair[1]) / 2.0))
        .collect()
}

/// The parts of a line before and behind its character `at`, without white space where it was cut.
pub(super) fn cut(line: &RecognizedLine, at: usize) -> (Option<RecognizedLine>, Option<RecognizedLine>) {
    let chars: Vec<char> = line.text.chars().collect();
    let at = at.min(chars.len());
    let end = (0..at)
        .rev()
        .find(|n| !chars[*n].is_whitespace())
        .map_or(0, |n| n + 1);
    let start = (at..chars.len())
        .find(|n| !chars[*n].is_whitespace())
        .unwrap_or(chars.len());
    (part(line, &chars, 0, end), part(line, &chars, start, chars.len()))
}

fn part(line: &RecognizedLine, chars: &[char], from: usize, to: usize) -> Option<RecognizedLine> {
    if from >= to {
        return None;
    }
    if from == 0 && to == chars.len() {
        return Some(line.clone());
    }
    let bounds = bounds(line);
    let (low, high) = (bounds[from], bounds[to].max(bounds[from]));
    let [a, b, c, d] = line.corners;
    let between = |p: [f32; 2], q: [f32; 2], at: f32| [p[0] + (q[0] - p[0]) * at, p[1] + (q[1] - p[1]) * at];
    let places = if line.places.len() == chars.len() && high > low {
        line.places[from..to]
            .iter()
            .map(|place| ((place - low) / (high - low)).clamp(0.0, 1.0))
            .collect()
    } else {
        Vec::new()
    };
    Some(RecognizedLine {
        text: chars[from..to].iter().collect(),
        confidence: line.confidence,
        corners: [
            between(a, b, low),
            between(a, b, high),
            between(d, c, high),
            between(d, c, low),
        ],
        places,
    })
}

/// A line or a part of one in the frame.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub line: RecognizedLine,
    pub x: Extent,
    pub y: Extent,
}

impl Fragment {
    pub(super) fn new(line: RecognizedLine, frame: Frame) -> Self {
        let span = frame.span(&line);
        let (x, y) = (span.x, span.y);
        Self { line, x, y }
    }

    /// Its parts, each from one of these characters on.
    pub(super) fn cut_at(&self, cuts: &[usize], frame: Frame) -> Vec<Self> {
        if cuts.is_empty() {
            return vec![self.clone()];
        }
        let (mut parts, mut rest, mut from) = (Vec::new(), Some(self.line.clone()), 0);
        for at in cuts {
            let Some(left) = rest.take() else { break };
            let (head, tail) = cut(&left, at - from);
            parts.extend(head);
            (rest, from) = (tail, *at);
        }
        parts.extend(rest);
        parts.into_iter().map(|line| Self::new(line, frame)).collect()
    }
}
