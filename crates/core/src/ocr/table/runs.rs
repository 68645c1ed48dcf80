//! Where tables without lines around every cell may stand: rows of cells that leave the same gaps.

use super::Finder;
use super::structure::Candidate;
use crate::error::Result;
use crate::ocr::frame::{Extent, Row, Span, rows};

/// Boxes are larger than their text by this much of their height on each side.
pub(super) const MARGIN: f32 = 0.28;
/// The least gap between two columns, of the height of a line.
pub(super) const GAP: f32 = 0.25;
/// Rows further apart than this, between their boxes, are no part of one table.
const APART: f32 = 1.6;
/// Fewer rows with cells side by side are no table;
const LEAST_ROWS: usize = 3;
/// with a line under one of them, these.
const LEAST_RULED: usize = 2;

impl Finder<'_> {
    /// Takes tables out that are told by how their cells stand; a span stands for each where it was.
    ///
    /// # Errors
    /// Only a cancellation.
    pub(in crate::ocr) fn aligned<'a>(&mut self, mut spans: Vec<Span<'a>>) -> Result<Vec<Span<'a>>> {
        spans.sort_by(|a, b| a.y.middle().total_cmp(&b.y.middle()));
        let lines: Vec<Row<'a>> = rows(spans);
        let mut out: Vec<Span<'a>> = Vec::new();
        let (mut kept, mut next) = (0, 0);
        while next < lines.len() {
            let Some(end) = self.run(&lines, next) else {
                next += 1;
                continue;
            };
            let start = self.start(&lines, next, kept, end);
            let cells = lines[start..end].iter().flat_map(|row| &row.cells);
            let inside = cells.flat_map(|cell| self.loosened(cell)).collect();
            let edge = |row: Option<&Row<'a>>| row.map(|row| row.y);
            let above = start.checked_sub(1).and_then(|before| edge(lines.get(before)));
            let below = edge(lines.get(end));
            let candidate = Candidate::new(inside, above, below);
            match self.table(&candidate)? {
                Some(table) => {
                    out.extend(lines[kept..start].iter().flat_map(|row| row.cells.clone()));
                    let stands = self.keep(table, candidate.x, candidate.y);
                    out.push(stands);
                    (kept, next) = (end, end);
                }
                None => next = end,
            }
        }
        out.extend(lines[kept..].iter().flat_map(|row| row.cells.clone()));
        Ok(out)
    }

    /// The end of the run of rows that begins with row `first`; none if there is no table in sight.
    fn run(&self, lines: &[Row<'_>], first: usize) -> Option<usize> {
        if !self.is_tabular(&lines[first]) {
            return None;
        }
        let mut taken: Vec<Extent> = self.cells(&lines[first]);
        let (mut end, mut tabular, mut odd) = (first + 1, 1, 0);
        for (n, row) in lines.iter().enumerate().skip(first + 1) {
            let before = &lines[n - 1];
            if row.y.from - before.y.to > APART * self.body || row.cells.iter().any(Span::is_table) {
                break;
            }
            let columns = union(&taken, GAP * self.body);
            let cells = self.cells(row);
            let crossed = |cell: &Extent| {
                let gaps = columns.windows(2).map(|pair| (pair[0].to, pair[1].from));
                gaps.filter(|(from, to)| {
                    cell.from < *from - 0.2 * self.body && cell.to > *to + 0.2 * self.body
                })
                .count()
            };
            let crossing: usize = cells.iter().map(crossed).sum();
            if self.is_tabular(row) {
                let together: Vec<Extent> = taken.iter().chain(&cells).copied().collect();
                let left = union(&together, GAP * self.body).len();
                if left < 2 || left * 2 < columns.len() {
                    odd += 1;
                    if odd * 5 > tabular + 1 {
                        break;
                    }
                } else {
                    taken = together;
                }
                tabular += 1;
                end = n + 1;
            } else if crossing > 0 {
                let wide = columns.last()?.to - columns[0].from;
                if cells.iter().any(|cell| cell.len() >= 0.5 * wide) {
                    break;
                }
            } else if row.y.from - before.y.to <= 0.35 * self.body && end == n {
                // The last lines of cells that are higher than their neighbours.
                end = n + 1;
            }
        }
        // A word or two under the table are no part of it.
        let extent = |rows: &[Row<'_>]| rows.iter().map(|row| row.y).reduce(Extent::joined);
        let ruled = extent(&lines[first..end]).is_some_and(|y| self.ruled_inside(y, &union(&taken, 0.0)));
        let least = if ruled { LEAST_RULED } else { LEAST_ROWS };
        (tabular >= least && union(&taken, GAP * self.body).len() > 1).then_some(end)
    }

    /// The first row, with what stands alone above it: names over some of the columns, lines of names of several lines.
    fn start(&self, lines: &[Row<'_>], first: usize, kept: usize, end: usize) -> usize {
        let taken: Vec<Extent> = lines[first..end].iter().flat_map(|row| self.cells(row)).collect();
        let columns = union(&taken, GAP * self.body);
        let [head, .., last] = columns.as_slice() else {
            return first;
        };
        let mut start = first;
        while start > kept && first - start < 3 {
            let row = &lines[start - 1];
            let close = lines[start].y.from - row.y.to <= 1.2 * self.body;
            let [name] = self.cells(row)[..] else { break };
            let over_some = name.from > head.to
                && name.to < last.to + 0.5 * self.body
                && name.len() < 0.6 * (last.to - head.from);
            if !close || !over_some || row.cells.iter().any(|cell| cell.is_table() || is_caption(cell)) {
                break;
            }
            start -= 1;
        }
        start
    }

    /// Whether a level line parts rows in a stretch of the page.
    fn ruled_inside(&self, y: Extent, columns: &[Extent]) -> bool {
        let Some(x) = columns.iter().copied().reduce(Extent::joined) else {
            return false;
        };
        self.levels(x)
            .iter()
            .any(|at| y.from + 0.5 * self.body < *at && *at < y.to - 0.5 * self.body)
    }

    /// The heights of the level lines that run along most of `x`.
    pub(super) fn levels(&self, x: Extent) -> Vec<f32> {
        let mut levels: Vec<f32> = self
            .rules
            .iter()
            .filter(|rule| {
                let along = Extent {
                    from: rule.from as f32,
                    to: rule.to as f32,
                };
                rule.level && along.shared(x) >= 0.7 * x.len() && along.len() <= 1.5 * x.len()
            })
            .map(|rule| rule.at as f32)
            .collect();
        levels.sort_by(f32::total_cmp);
        levels
    }

    fn is_tabular(&self, row: &Row<'_>) -> bool {
        !row.cells.iter().any(Span::is_table)
            && self
                .cells(row)
                .windows(2)
                .any(|pair| pair[1].from - pair[0].to >= 0.9 * self.body)
    }

    /// Where a row's cells stand, without the margins of their boxes.
    fn cells(&self, row: &Row<'_>) -> Vec<Extent> {
        row.cells.iter().map(|cell| tight(cell.x, cell.y)).collect()
    }
}

/// Whether a line is the title of a table or figure, by its first words.
fn is_caption(span: &Span<'_>) -> bool {
    let text = span.line().map_or("", |line| line.text.as_str());
    let mut words = text.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else {
        return false;
    };
    let named = [
        "table",
        "tab.",
        "tabelle",
        "figure",
        "fig.",
        "abbildung",
        "abb.",
        "schedule",
        "anlage",
    ];
    named.contains(&first.to_lowercase().as_str())
        && second.starts_with(|c: char| c.is_ascii_digit() || c.is_uppercase())
}

/// A box's width without its margins.
pub(super) fn tight(x: Extent, y: Extent) -> Extent {
    let margin = (MARGIN * y.len()).min(0.25 * x.len());
    Extent {
        from: x.from + margin,
        to: x.to - margin,
    }
}

/// The stretches that any of them covers, parted by at least `gap`.
pub(super) fn union(extents: &[Extent], gap: f32) -> Vec<Extent> {
    let mut sorted = extents.to_vec();
    sorted.sort_by(|a, b| a.from.total_cmp(&b.from));
    let mut out: Vec<Extent> = Vec::new();
    for extent in sorted {
        match out.last_mut().filter(|last| extent.from - last.to < gap) {
            Some(last) => last.to = last.to.max(extent.to),
            None => out.push(extent),
        }
    }
    out
}
