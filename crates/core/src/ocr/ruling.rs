//! Ruling lines in the picture of a page: thin, dark, level or upright in the reading frame.

use super::PageImage;
use super::frame::{Extent, Frame, Span, median};
use crate::grid::Rule;

/// A line is darker than what is this far from it, in inches, on both sides.
const BESIDE: f32 = 0.028;
/// How much darker, of what parts ink from paper.
const DARKER: f32 = 0.13;
/// Values averaged along a line, against noise.
const ALONG: usize = 5;
/// Gaps that letters which come near may leave, in inches.
const GAP: f32 = 0.05;
/// Of a line, this much is seen at least.
const SEEN: f32 = 0.75;
/// What is left of the skew, as rise over run.
const LEAN: f32 = 0.012;
/// Stretches of one row of pixels that are looked at in one direction; a page with more is a picture.
const MOST_RUNS: usize = 60_000;

/// The lines of a page that part its words, in pixels of the frame.
pub(super) fn rules(image: &PageImage, frame: Frame, spans: &[Span<'_>]) -> Vec<Rule> {
    let (across, down) = frame.area(image);
    let Some(upright) = frame.cut(image, across, down) else {
        return Vec::new();
    };
    let body = median(spans.iter().map(|span| span.y.len())).max(4.0);
    let (width, height) = (upright.width as usize, upright.height as usize);
    let Some(contrast) = contrast(&upright.grey) else {
        return Vec::new();
    };
    let search = Search {
        beside: ((BESIDE * image.dpi).round() as usize).max(3),
        gap: (GAP * image.dpi).round().max(2.0) as usize,
        darker: (DARKER * contrast).max(10.0),
    };
    let mut found = Vec::new();
    for rule in search.level(&upright.grey, width, height, (2.5 * body) as usize) {
        let (at, along) = (rule.at + down.from, moved(rule.along, across.from));
        // What runs through words is a part of their letters.
        let inside = spans
            .iter()
            .filter(|span| (at - span.y.middle()).abs() < 0.3 * span.y.len());
        let covered: f32 = inside.map(|span| span.x.shared(along)).sum();
        if covered < 0.5 * along.len() {
            found.push(line(true, at, along));
        }
    }
    let mut turned = vec![0; width * height];
    for (y, row) in upright.grey.chunks_exact(width).enumerate() {
        for (x, value) in row.iter().enumerate() {
            turned[x * height + y] = *value;
        }
    }
    for rule in search.level(&turned, height, width, (0.9 * body) as usize) {
        let (at, along) = (rule.at + across.from, moved(rule.along, down.from));
        let core = |span: &Span<'_>| Extent {
            from: span.y.from + 0.15 * span.y.len(),
            to: span.y.to - 0.15 * span.y.len(),
        };
        let inside = spans.iter().filter(|span| {
            let slack = 0.2 * span.y.len();
            span.x.from + slack < at && at < span.x.to - slack
        });
        let covered: f32 = inside.map(|span| core(span).shared(along)).sum();
        if covered < 0.4 * along.len() {
            found.push(line(false, at, along));
        }
    }
    found
}

fn moved(extent: Extent, by: f32) -> Extent {
    Extent {
        from: extent.from + by,
        to: extent.to + by,
    }
}

fn line(level: bool, at: f32, along: Extent) -> Rule {
    Rule {
        level,
        at: f64::from(at),
        from: f64::from(along.from),
        to: f64::from(along.to),
    }
}

/// What parts ink from paper; none if there is hardly any ink.
fn contrast(grey: &[u8]) -> Option<f32> {
    let mut counts = [0_usize; 256];
    for value in grey {
        counts[usize::from(*value)] += 1;
    }
    let level = |share: f32| {
        let mut left = (grey.len() as f32 * share) as usize;
        counts
            .iter()
            .position(|count| {
                let reached = *count > left;
                left = left.saturating_sub(*count);
                reached
            })
            .unwrap_or(255) as f32
    };
    let contrast = level(0.75) - level(0.005);
    (contrast >= 40.0).then_some(contrast)
}

struct Search {
    beside: usize,
    gap: usize,
    darker: f32,
}

struct Found {
    at: f32,
    along: Extent,
}

/// A stretch of one row of pixels.
#[derive(Clone, Copy)]
struct Run {
    y: usize,
    from: usize,
    to: usize,
}

impl Search {
    /// Level lines of a picture, at least `least` pixels long.
    fn level(&self, grey: &[u8], width: usize, height: usize, least: usize) -> Vec<Found> {
        if width <= ALONG || height <= 2 * self.beside {
            return Vec::new();
        }
        // Sums along the rows, each of the last few values.
        let mut sums = vec![0_u16; width * height];
        for (row, out) in grey.chunks_exact(width).zip(sums.chunks_exact_mut(width)) {
            let mut sum = row[..ALONG].iter().map(|value| u16::from(*value)).sum::<u16>();
            for x in 0..width - ALONG {
                out[x + ALONG / 2] = sum;
                sum += u16::from(row[x + ALONG]);
                sum -= u16::from(row[x]);
            }
            let begin = out[ALONG / 2];
            out[..ALONG / 2].fill(begin);
            let last = width - ALONG + ALONG / 2 - 1;
            let end = out[last];
            out[last + 1..].fill(end);
        }
        let darker = (self.darker * ALONG as f32) as u16;
        let shortest = (2 * self.gap).max(12);
        let mut runs: Vec<Run> = Vec::new();
        for y in self.beside..height - self.beside {
            let row = |y: usize| &sums[y * width..(y + 1) * width];
            let (above, here, below) = (row(y - self.beside), row(y), row(y + self.beside));
            // Stretches without a gap; those that are near each other become one.
            let mut parts: Vec<(usize, usize)> = Vec::new();
            let mut flush = |parts: &mut Vec<(usize, usize)>| {
                runs.extend(
                    self.trimmed(parts)
                        .into_iter()
                        .filter(|run| run.1 - run.0 >= shortest)
                        .map(|(from, to)| Run { y, from, to }),
                );
                parts.clear();
            };
            for x in 0..width {
                if here[x] + darker > above[x].min(below[x]) {
                    continue;
                }
                match parts.last_mut() {
                    Some((_, to)) if x - *to <= 2 => *to = x,
                    Some((_, to)) if x - *to <= self.gap => parts.push((x, x)),
                    _ => {
                        flush(&mut parts);
                        parts.push((x, x));
                    }
                }
            }
            flush(&mut parts);
            if runs.len() > MOST_RUNS {
                return Vec::new();
            }
        }
        self.joined(&runs)
            .into_iter()
            .filter_map(|group| self.found(group, least))
            .collect()
    }

    /// From where to where neighbouring stretches go, without short ones at the ends: strokes of letters that stand where
    /// the line ends.
    fn trimmed(&self, parts: &[(usize, usize)]) -> Option<(usize, usize)> {
        let long = |part: &&(usize, usize)| part.1 - part.0 >= 2 * self.gap;
        match (parts.iter().find(long), parts.iter().rev().find(long)) {
            (Some(first), Some(last)) => Some((first.0, last.1)),
            _ => Some((parts.first()?.0, parts.last()?.1)),
        }
    }

    /// Stretches of neighbouring rows that touch.
    fn joined(&self, runs: &[Run]) -> Vec<Vec<Run>> {
        let mut group: Vec<usize> = (0..runs.len()).collect();
        fn root(group: &mut [usize], mut at: usize) -> usize {
            while group[at] != at {
                group[at] = group[group[at]];
                at = group[at];
            }
            at
        }
        let mut first = 0;
        for (n, run) in runs.iter().enumerate() {
            while runs[first].y + 2 < run.y {
                first += 1;
            }
            for (m, other) in runs.iter().enumerate().take(n).skip(first) {
                if run.from <= other.to + self.gap && other.from <= run.to + self.gap {
                    let (a, b) = (root(&mut group, n), root(&mut group, m));
                    group[a.max(b)] = a.min(b);
                }
            }
        }
        let mut groups: std::collections::BTreeMap<usize, Vec<Run>> = Default::default();
        for (n, run) in runs.iter().enumerate() {
            groups.entry(root(&mut group, n)).or_default().push(*run);
        }
        groups.into_values().collect()
    }

    fn found(&self, mut runs: Vec<Run>, least: usize) -> Option<Found> {
        let from = runs.iter().map(|run| run.from).min()?;
        let to = runs.iter().map(|run| run.to).max()?;
        let (top, bottom) = (runs.first()?.y, runs.last()?.y);
        let thickness = 2 * self.beside;
        if to - from < least || bottom - top > thickness + ((to - from) as f32 * LEAN) as usize {
            return None;
        }
        let weight: usize = runs.iter().map(|run| run.to - run.from + 1).sum();
        let at: usize = runs.iter().map(|run| run.y * (run.to - run.from + 1)).sum();
        runs.sort_by_key(|run| run.from);
        let (mut seen, mut end) = (0, from);
        for run in &runs {
            seen += (run.to + 1).saturating_sub(run.from.max(end));
            end = end.max(run.to + 1);
        }
        (seen as f32 >= SEEN * (to - from + 1) as f32).then(|| Found {
            at: at as f32 / weight.max(1) as f32 + 0.5,
            along: Extent {
                from: from as f32,
                to: (to + 1) as f32,
            },
        })
    }
}
