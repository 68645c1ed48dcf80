//! Ruled tables: from ruling lines to grids of cells. Lengths are in points (1/72 inch).

/// A line that runs level or upright on a page as displayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Whether it is level.
    pub level: bool,
    /// Its height, or its distance from the left.
    pub at: f64,
    /// Where it begins: left or top.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// Lines closer than this, in points, are one.
const NEAR: f64 = 3.0;
/// Rows or columns narrower than this part nothing.
const NARROWEST: f64 = 5.0;
/// More columns are squared paper.
const MOST_COLUMNS: usize = 60;
/// More rows likewise.
const MOST_ROWS: usize = 400;
/// Lines on a page that are looked at; a page with more is a drawing.
const MOST_RULES: usize = 2000;

/// Cells between ruling lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Edges of the columns, from the left.
    pub xs: Vec<f64>,
    /// Edges of the rows, from the top.
    pub ys: Vec<f64>,
    /// Of every place, row by row: the place at the upper left of the cell that it is part of.
    cells: Vec<usize>,
}

impl Grid {
    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.xs.len() - 1
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ys.len() - 1
    }

    /// The space it takes: left, top, right, bottom.
    pub fn bounds(&self) -> [f64; 4] {
        let last = |edges: &[f64]| edges[edges.len() - 1];
        [self.xs[0], self.ys[0], last(&self.xs), last(&self.ys)]
    }

    /// Row and column at the upper left of the cell that holds a point.
    pub fn cell(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let slot = |edges: &[f64], at: f64| {
            let after = edges.partition_point(|edge| *edge <= at);
            (after > 0 && after < edges.len()).then(|| after - 1)
        };
        let (column, row) = (slot(&self.xs, x)?, slot(&self.ys, y)?);
        let first = self.cells[row * self.columns() + column];
        Some((first / self.columns(), first % self.columns()))
    }
}

/// Rows of equal length without the columns in which nothing stands.
pub fn without_empty_columns<T>(mut rows: Vec<Vec<Vec<T>>>) -> Vec<Vec<Vec<T>>> {
    let columns = rows.first().map_or(0, Vec::len);
    let used: Vec<bool> = (0..columns)
        .map(|column| rows.iter().any(|row| !row[column].is_empty()))
        .collect();
    for row in &mut rows {
        let mut column = 0;
        row.retain(|_| {
            column += 1;
            used[column - 1]
        });
    }
    rows
}

/// The grids of a page that have two columns and two rows at least.
pub fn grids(rules: &[Rule]) -> Vec<Grid> {
    if rules.len() > MOST_RULES {
        return Vec::new();
    }
    let rules = joined(rules);
    let mut group: Vec<usize> = (0..rules.len()).collect();
    for (n, level) in rules.iter().enumerate().filter(|(_, rule)| rule.level) {
        for (m, upright) in rules.iter().enumerate().filter(|(_, rule)| !rule.level) {
            let meets = (level.from - NEAR..=level.to + NEAR).contains(&upright.at)
                && (upright.from - NEAR..=upright.to + NEAR).contains(&level.at);
            if meets {
                let (a, b) = (root(&mut group, n), root(&mut group, m));
                group[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<Rule>> = Default::default();
    for (n, rule) in rules.iter().enumerate() {
        groups.entry(root(&mut group, n)).or_default().push(*rule);
    }
    groups.into_values().filter_map(|rules| grid(&rules)).collect()
}

/// The representative of a set, with the path to it made short.
fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// Lines of one direction on one another become one.
fn joined(rules: &[Rule]) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    rules.sort_by(|a, b| {
        a.level
            .cmp(&b.level)
            .then(a.at.total_cmp(&b.at))
            .then(a.from.total_cmp(&b.from))
    });
    let mut out: Vec<Rule> = Vec::new();
    for rule in rules {
        let same = out.iter_mut().rev().take(64).find(|last| {
            last.level == rule.level
                && (rule.at - last.at).abs() <= 1.5
                && rule.from <= last.to + NEAR
                && last.from <= rule.to + NEAR
        });
        match same {
            Some(last) => {
                last.from = last.from.min(rule.from);
                last.to = last.to.max(rule.to);
            }
            None => out.push(rule),
        }
    }
    out
}

fn grid(rules: &[Rule]) -> Option<Grid> {
    let edges = |level: bool| {
        let mut at: Vec<f64> = rules.iter().filter(|r| r.level == level).map(|r| r.at).collect();
        at.sort_by(f64::total_cmp);
        at.dedup_by(|next, last| *next - *last < NARROWEST);
        at
    };
    let (xs, ys) = (edges(false), edges(true));
    if xs.len() < 3 || ys.len() < 3 || xs.len() > MOST_COLUMNS || ys.len() > MOST_ROWS {
        return None;
    }
    let (columns, rows) = (xs.len() - 1, ys.len() - 1);
    // Whether a line runs along the edge at `at` beside the point `along`.
    let parted = |level: bool, at: f64, along: f64| {
        rules.iter().any(|rule| {
            rule.level == level
                && (rule.at - at).abs() < NARROWEST
                && (rule.from - NEAR..=rule.to + NEAR).contains(&along)
        })
    };
    let mut cells: Vec<usize> = (0..rows * columns).collect();
    for row in 0..rows {
        for column in 0..columns {
            let here = row * columns + column;
            let (x, y) = ((xs[column] + xs[column + 1]) / 2.0, (ys[row] + ys[row + 1]) / 2.0);
            if column > 0 && !parted(false, xs[column], y) {
                union(&mut cells, here, here - 1);
            }
            if row > 0 && !parted(true, ys[row], x) {
                union(&mut cells, here, here - columns);
            }
        }
    }
    let cells: Vec<usize> = (0..cells.len()).map(|at| root(&mut cells, at)).collect();
    Some(Grid { xs, ys, cells })
}

fn union(cells: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(cells, a), root(cells, b));
    cells[a.max(b)] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(at: f64, from: f64, to: f64) -> Rule {
        Rule {
            level: true,
            at,
            from,
            to,
        }
    }

    fn upright(at: f64, from: f64, to: f64) -> Rule {
        Rule {
            level: false,
            ..level(at, from, to)
        }
    }

    #[test]
    fn missing_lines_join_cells() {
        // Three columns, two rows; the first row's last two cells are one.
        let rules = [
            level(0.0, 0.0, 300.0),
            level(20.0, 0.0, 160.0),
            level(20.2, 155.0, 300.0),
            level(40.0, 0.0, 300.0),
            upright(0.0, 0.0, 40.0),
            upright(100.0, 0.0, 40.0),
            upright(200.0, 20.0, 40.0),
            upright(300.0, 0.0, 40.0),
            level(500.0, 0.0, 300.0),
        ];
        let grids = grids(&rules);
        assert_eq!(grids.len(), 1);
        assert_eq!((grids[0].rows(), grids[0].columns()), (2, 3));
        assert_eq!(grids[0].cell(250.0, 10.0), Some((0, 1)));
        assert_eq!(grids[0].cell(250.0, 30.0), Some((1, 2)));
        assert_eq!(grids[0].cell(350.0, 30.0), None);
    }

    #[test]
    fn a_frame_is_no_table() {
        let frame = [
            level(0.0, 0.0, 300.0),
            level(40.0, 0.0, 300.0),
            upright(0.0, 0.0, 40.0),
            upright(300.0, 0.0, 40.0),
        ];
        assert!(grids(&frame).is_empty());
    }
}
