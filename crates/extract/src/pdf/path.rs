//! Paths of content streams, as far as ruling lines go: straight, level or upright, stroked or drawn
//! as thin boxes.

use footnote_core::grid::Rule;

use super::matrix::Matrix;
use super::words::Rect;

/// Boxes not wider than this many points are lines.
const THIN: f64 = 3.0;
/// How far a line may lean, in points.
const LEAN: f64 = 1.0;
/// Shorter ones are parts of signs.
const SHORTEST: f64 = 4.0;
/// Lines of one page; a page with more is a drawing.
const MOST: usize = 20_000;

/// The path under construction, and the lines that paths drew.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Points of every part, on the page as displayed.
    parts: Vec<Vec<(f64, f64)>>,
    /// Whether a part has curves, so that it is no box.
    curved: Vec<bool>,
    /// What was drawn.
    pub rules: Vec<Rule>,
}

impl Paths {
    /// Runs a path operator; others change nothing.
    pub(super) fn operate(&mut self, operator: &[u8], numbers: &[f64], ctm: Matrix) {
        match (operator, numbers) {
            (b"m", [x, y, ..]) => self.begin(vec![ctm.apply(*x, *y)]),
            (b"l", [x, y, ..]) => self.add(ctm.apply(*x, *y), false),
            (b"c", [_, _, _, _, x, y, ..]) | (b"v" | b"y", [_, _, x, y, ..]) => {
                self.add(ctm.apply(*x, *y), true);
            }
            (b"re", [x, y, w, h, ..]) => {
                let corners = [(*x, *y), (x + w, *y), (x + w, y + h), (*x, y + h), (*x, *y)];
                self.begin(corners.map(|(x, y)| ctm.apply(x, y)).to_vec());
            }
            (b"h", _) => self.close(),
            (b"S", _) => self.paint(true, false),
            (b"s", _) => {
                self.close();
                self.paint(true, false);
            }
            (b"f" | b"F" | b"f*", _) => self.paint(false, true),
            (b"B" | b"B*", _) => self.paint(true, true),
            (b"b" | b"b*", _) => {
                self.close();
                self.paint(true, true);
            }
            (b"n", _) => self.paint(false, false),
            _ => {}
        }
    }

    fn begin(&mut self, points: Vec<(f64, f64)>) {
        if self.parts.len() < MOST {
            self.parts.push(points);
            self.curved.push(false);
        }
    }

    fn add(&mut self, point: (f64, f64), curved: bool) {
        if let (Some(part), Some(is_curved)) = (self.parts.last_mut(), self.curved.last_mut())
            && part.len() < MOST
        {
            *is_curved |= curved;
            part.push(point);
        }
    }

    fn close(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.extend(part.first().copied());
        }
    }

    fn paint(&mut self, stroke: bool, fill: bool) {
        let parts = std::mem::take(&mut self.parts);
        let curved = std::mem::take(&mut self.curved);
        for (points, curved) in parts.iter().zip(curved) {
            if self.rules.len() >= MOST || curved {
                continue;
            }
            if fill {
                self.rules.extend(thin_box(points));
            }
            if stroke {
                let lines = points.windows(2).filter_map(|pair| line(pair[0], pair[1]));
                self.rules.extend(lines);
            }
        }
    }
}

/// A straight line as a rule.
fn line((x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> Option<Rule> {
    let sane = [x0, y0, x1, y1].iter().all(|n| n.is_finite() && n.abs() < 1e6);
    let (wide, high) = ((x1 - x0).abs(), (y1 - y0).abs());
    let rule = if high <= LEAN && wide >= SHORTEST {
        Rule {
            level: true,
            at: (y0 + y1) / 2.0,
            from: x0.min(x1),
            to: x0.max(x1),
        }
    } else if wide <= LEAN && high >= SHORTEST {
        Rule {
            level: false,
            at: (x0 + x1) / 2.0,
            from: y0.min(y1),
            to: y0.max(y1),
        }
    } else {
        return None;
    };
    sane.then_some(rule)
}

/// A filled box that is so thin that it is a line.
fn thin_box(points: &[(f64, f64)]) -> Option<Rule> {
    if !(4..=5).contains(&points.len()) {
        return None;
    }
    let corner = |(x, y): &(f64, f64)| Rect {
        x0: *x,
        y0: *y,
        x1: *x,
        y1: *y,
    };
    let all = points.iter().map(corner).reduce(Rect::union)?;
    let (x, y) = ((all.x0 + all.x1) / 2.0, (all.y0 + all.y1) / 2.0);
    if all.y1 - all.y0 <= THIN && all.x1 - all.x0 > THIN {
        line((all.x0, y), (all.x1, y))
    } else if all.x1 - all.x0 <= THIN {
        line((x, all.y0), (x, all.y1))
    } else {
        None
    }
}
