//! Tables whose cells are parted by ruling lines.

use super::fragment::{cut, middles};
use super::place::in_order;
use super::{Cell, Finder, Table, chars, header_rows, without_empty};
use crate::grid::{Grid, Rule, grids};
use crate::ocr::RecognizedLine;
use crate::ocr::frame::{Extent, Span};

/// A cell with more characters is a part of a page's layout, not of a table.
const LONGEST_CELL: usize = 1500;
/// A word reaches into the cell beside it by this share of its characters at most, or is cut.
const REACH: f32 = 0.25;

impl Finder<'_> {
    /// Takes the lines of ruled tables out; a span stands for each table where it was.
    pub(in crate::ocr) fn ruled<'a>(&mut self, mut spans: Vec<Span<'a>>) -> Vec<Span<'a>> {
        let rules: Vec<Rule> = self
            .rules
            .iter()
            .map(|rule| Rule {
                level: rule.level,
                at: rule.at * self.points,
                from: rule.from * self.points,
                to: rule.to * self.points,
            })
            .collect();
        let mut grids = grids(&rules);
        let area = |grid: &Grid| {
            let [x0, y0, x1, y1] = grid.bounds();
            (x1 - x0) * (y1 - y0)
        };
        // A table in another's cell comes first.
        grids.sort_by(|a, b| area(a).total_cmp(&area(b)));
        for grid in grids {
            let [x0, y0, x1, y1] = grid.bounds().map(|at| (at / self.points) as f32);
            let (x, y) = (Extent { from: x0, to: x1 }, Extent { from: y0, to: y1 });
            let inside = |span: &Span<'_>| {
                !span.is_table() && x.shared(span.x) > 0.5 * span.x.len() && y.holds(span.y.middle())
            };
            if spans.iter().filter(|span| inside(span)).count() < 3 {
                continue;
            }
            let lines: Vec<&Span<'a>> = spans.iter().filter(|span| inside(span)).collect();
            let Some(table) = self.grid_table(&grid, &lines) else {
                continue;
            };
            spans.retain(|span| !inside(span));
            let kept = self.keep(table, x, y);
            spans.push(kept);
        }
        spans
    }

    fn grid_table(&self, grid: &Grid, spans: &[&Span<'_>]) -> Option<Table> {
        let mut cells: Vec<Vec<Cell>> = vec![vec![Vec::new(); grid.columns()]; grid.rows()];
        let (mut words, mut broken, mut outside) = (0, 0, 0);
        for span in spans {
            let line = span.line()?;
            let y = f64::from(span.y.middle()) * self.points;
            let column = |x: f32| grid.cell(f64::from(x) * self.points, y);
            let mut middles = middles(span.x, line);
            // The margins of a box reach over the lines around its cell.
            for x in &mut middles {
                *x = x.clamp(span.x.from, span.x.to);
            }
            let (parts, cut_words, all) = parts(line, &middles, column);
            (broken, words) = (broken + cut_words, words + all);
            for (place, part) in parts {
                match place {
                    Some((row, column)) => cells[row][column].push(part),
                    None => outside += 1,
                }
            }
        }
        // Lines that run through words are drawings under text, and words beside the cells are lost in them.
        if broken * 10 > words || outside > 0 {
            return None;
        }
        for cell in cells.iter_mut().flatten() {
            in_order(cell, self.frame);
        }
        if !is_table(&cells) || self.is_stacked(&cells) {
            return None;
        }
        let spanned = (0..grid.rows().min(2))
            .take_while(|row| {
                // A cell over several columns and names below it.
                let over = (1..grid.columns()).filter(|column| {
                    let middle = |edges: &[f64], at: usize| (edges[at] + edges[at + 1]) / 2.0;
                    let place = |c: usize| grid.cell(middle(&grid.xs, c), middle(&grid.ys, *row));
                    place(*column).is_some_and(|found| {
                        Some(found) == place(column - 1) && !cells[found.0][found.1].is_empty()
                    })
                });
                over.count() > 0 && cells[*row].iter().filter(|cell| !cell.is_empty()).count() > 1
            })
            .count();
        let rows = without_empty(cells);
        let header_rows = header_rows(&rows, None, spanned);
        Some(Table { rows, header_rows })
    }

    /// Whether rows stand in one cell of the grid, because lines part the columns alone or one line was not seen: short lines
    /// or amounts, one below the other, in most of a row's cells.
    fn is_stacked(&self, cells: &[Vec<Cell>]) -> bool {
        let is_amount = |line: &RecognizedLine| super::is_number(std::slice::from_ref(line));
        cells.iter().any(|row| {
            let filled = row.iter().filter(|cell| !cell.is_empty()).count();
            let tall = |least: usize| row.iter().filter(move |cell| cell.len() >= least);
            // Amounts do not go on in a second line.
            let doubled = tall(2).filter(|cell| cell.iter().any(is_amount)).count();
            let short = |cell: &&Cell| {
                let widths = || cell.iter().map(|line| self.frame.span(line).x.len());
                let longest = widths().fold(0.0, f32::max);
                // All but the last line of running text are about as long as the longest.
                let full = widths()
                    .take(cell.len() - 1)
                    .filter(|width| *width > 0.6 * longest)
                    .count();
                full * 4 < cell.len() * 3 || super::is_number(cell) || longest < 4.0 * self.body
            };
            let (three, stacked) = (tall(3).count(), tall(3).filter(short).count());
            doubled >= 2 && tall(2).count() * 3 >= 2 * filled || three >= 2 && stacked * 2 >= three
        })
    }
}

type Place = Option<(usize, usize)>;

/// The parts of a line that lie in one cell each, how many words had to be cut, and how many there are.
fn parts(
    line: &RecognizedLine,
    middles: &[f32],
    cell: impl Fn(f32) -> Place,
) -> (Vec<(Place, RecognizedLine)>, usize, usize) {
    let letters: Vec<char> = line.text.chars().collect();
    let mut places: Vec<Place> = middles.iter().map(|x| cell(*x)).collect();
    let (mut broken, mut words, mut at) = (0, 0, 0);
    while at < letters.len() {
        if letters[at].is_whitespace() {
            at += 1;
            continue;
        }
        let end = (at..letters.len())
            .find(|n| letters[*n].is_whitespace())
            .unwrap_or(letters.len());
        let word = &mut places[at..end];
        words += 1;
        // The place of most of its letters.
        let count = |place: Place, word: &[Place]| word.iter().filter(|other| **other == place).count();
        let most = word
            .iter()
            .copied()
            .filter(Option::is_some)
            .max_by_key(|place| count(*place, word));
        if let Some(most) = most {
            if count(most, word) as f32 >= (1.0 - REACH) * word.len() as f32 {
                word.fill(most);
            } else {
                // A margin is no place.
                word.iter_mut()
                    .filter(|place| place.is_none())
                    .for_each(|place| *place = most);
                broken += usize::from(count(most, word) < word.len());
            }
        }
        at = end;
    }
    let mut parts = Vec::new();
    let (mut rest, mut from) = (Some(line.clone()), 0);
    while let Some(left) = rest.take() {
        let count = left.text.chars().count();
        let first = from + left.text.chars().take_while(|c| c.is_whitespace()).count();
        let place = places.get(first).copied().flatten();
        let change = (first..from + count).find(|n| !letters[*n].is_whitespace() && places[*n] != place);
        let Some(change) = change else {
            parts.push((place, left));
            break;
        };
        let (head, tail) = cut(&left, change - from);
        parts.extend(head.map(|head| (place, head)));
        rest = tail;
        from = change;
    }
    (parts, broken, words)
}

/// Whether ruled cells hold data: two columns and two rows of it, and no pages of text.
fn is_table(rows: &[Vec<Cell>]) -> bool {
    let filled = |row: &[Cell]| row.iter().filter(|cell| !cell.is_empty()).count();
    let wide = rows.iter().filter(|row| filled(row) > 1).count();
    let used = rows.iter().filter(|row| filled(row) > 0).count();
    let longest = rows.iter().flatten().map(chars).max().unwrap_or(0);
    wide > 1 && wide * 2 >= used && longest <= LONGEST_CELL
}
