//! From lines that may be a table to its rows and columns.

use super::fragment::{Fragment, middles};
use super::place::in_order;
use super::runs::tight;
use super::{Cell, Finder, Table, header_rows, is_number, without_empty};
use crate::error::Result;
use crate::ocr::TableShape;
use crate::ocr::frame::{Extent, Span, median};

/// Of the lines, this many may run across columns.
const ACROSS: f32 = 0.15;
/// A space between two words of one cell is not wider than this, of the height of a line, from one letter's middle to
/// the next one's.
const SPACE: f32 = 0.85;
/// The least gap between two columns that all of their lines leave, of the height of a line.
const NARROW: f32 = 0.1;
/// More room than this parts cells wherever it is.
const WIDE_SPACE: f32 = 1.3;
/// Lines of running text are this many times as long as high.
const PROSE: f32 = 7.0;

/// Lines that stand as those of a table do.
pub(super) struct Candidate {
    fragments: Vec<Fragment>,
    pub x: Extent,
    pub y: Extent,
    /// Where the lines above and below it end and begin.
    free: Extent,
}

impl Candidate {
    /// `above` and `below`: where the rows before and behind stand.
    pub(super) fn new(fragments: Vec<Fragment>, above: Option<Extent>, below: Option<Extent>) -> Self {
        let join = |of: fn(&Fragment) -> Extent| {
            let none = Extent { from: 0.0, to: 0.0 };
            fragments.iter().map(of).reduce(Extent::joined).unwrap_or(none)
        };
        let (x, y) = (join(|fragment| fragment.x), join(|fragment| fragment.y));
        Self {
            free: Extent {
                from: above.map_or(f32::NEG_INFINITY, |above| above.to.min(y.from)),
                to: below.map_or(f32::INFINITY, |below| below.from.max(y.to)),
            },
            fragments,
            x,
            y,
        }
    }
}

/// Lines on one height, a list a column.
struct Band {
    cells: Vec<Vec<Fragment>>,
    y: Extent,
}

impl Finder<'_> {
    /// The rows and columns of lines that stand as those of a table do; none if that is not sure.
    ///
    /// # Errors
    /// Only a cancellation.
    pub(super) fn table(&self, candidate: &Candidate) -> Result<Option<Table>> {
        let Some(columns) = self.columns(candidate) else {
            return Ok(None);
        };
        if self.is_prose(candidate, &columns) {
            return Ok(None);
        }
        // What is around a table belongs to its picture, lines above it and below as well; words beyond do not.
        let margin = 0.5 * self.body;
        let x = Extent {
            from: candidate.x.from - margin,
            to: candidate.x.to + margin,
        };
        let y = Extent {
            from: (candidate.y.from - margin).max((candidate.free.from + candidate.y.from) / 2.0),
            to: (candidate.y.to + margin).min((candidate.free.to + candidate.y.to) / 2.0),
        };
        let shape = self.shape(x, y)?;
        Ok(self.built(candidate, &columns, shape.as_ref()))
    }

    /// The columns' edges: parted by gaps that no line ends in, and few run across.
    fn columns(&self, candidate: &Candidate) -> Option<Vec<Extent>> {
        // Where cells were read as one line, the room between them shows.
        let fragments: Vec<Fragment> = candidate
            .fragments
            .iter()
            .flat_map(|fragment| fragment.cut_at(&self.gaps(fragment, SPACE), self.frame))
            .collect();
        let extents: Vec<Extent> = fragments
            .iter()
            .map(|fragment| tight(fragment.x, fragment.y))
            .collect();
        let step = (0.05 * self.body).max(0.5);
        let count = (candidate.x.len() / step).ceil() as usize + 1;
        if count > 20_000 {
            return None;
        }
        let heights = median(fragments.iter().map(|fragment| fragment.y.len()));
        // Lines that run across each place, and those that begin or end near it.
        let (mut across, mut near) = (vec![0_usize; count], vec![0_usize; count]);
        let row = |from: f32, to: f32| {
            let stretch = candidate.y.from + from * heights..candidate.y.from + to * heights;
            fragments
                .iter()
                .filter(|fragment| stretch.contains(&fragment.y.middle()))
                .count()
        };
        let sparse = row(0.0, 0.8) < row(0.8, 1.75);
        let head = candidate.y.from + 0.8 * heights;
        for (extent, fragment) in extents.iter().zip(&fragments) {
            // Names over several columns begin and end between them.
            let free = sparse && fragment.y.middle() < head;
            let first = ((extent.from - candidate.x.from) / step).ceil().max(0.0) as usize;
            let last = (((extent.to - candidate.x.from) / step).floor() as usize).min(count - 1);
            for at in first..=last {
                let x = candidate.x.from + at as f32 * step;
                let (before, behind) = (x - extent.from, extent.to - x);
                // Boxes reach beyond their words now and then.
                let grazes = before.min(behind) < 0.35 * self.body;
                if free || grazes || before > self.body && behind > self.body {
                    across[at] += 1;
                } else {
                    near[at] += 1;
                }
            }
        }
        let lines = (candidate.y.len() / heights.max(1.0)).max(1.0);
        let most = ((lines * ACROSS) as usize).max(1);
        let mut columns: Vec<Extent> = Vec::new();
        for at in 0..count {
            if near[at] == 0 && across[at] <= most {
                continue;
            }
            let x = candidate.x.from + at as f32 * step;
            match columns
                .last_mut()
                .filter(|last| x - last.to <= NARROW * self.body + step)
            {
                Some(last) => last.to = x,
                None => columns.push(Extent { from: x, to: x }),
            }
        }
        // A gap in a column that is nearly empty makes two of it.
        columns.retain(|column| {
            extents.iter().any(|extent| {
                let inside = column.shared(*extent);
                inside > 0.0 && inside >= 0.6 * extent.len()
            })
        });
        // A name at one end of its column and amounts at the other leave a gap that parts nothing: they never stand side
        // by side.
        let stand = |column: Extent| -> Vec<Extent> {
            let inside = fragments.iter().zip(&extents);
            inside
                .filter(|(_, extent)| column.shared(**extent) > 0.5 * extent.len())
                .map(|(fragment, _)| fragment.y)
                .collect()
        };
        let mut at = 1;
        while at < columns.len() {
            let (left, right) = (stand(columns[at - 1]), stand(columns[at]));
            let beside = left
                .iter()
                .any(|a| right.iter().any(|b| a.shared(*b) > 0.4 * a.len().min(b.len())));
            if !beside && left.len().min(right.len()) <= 2 {
                columns[at - 1].to = columns[at].to;
                columns.remove(at);
            } else {
                at += 1;
            }
        }
        (columns.len() > 1).then_some(columns)
    }

    /// Whether the columns are running text side by side.
    fn is_prose(&self, candidate: &Candidate, columns: &[Extent]) -> bool {
        let prose = |column: &&Extent| {
            let lines: Vec<f32> = candidate
                .fragments
                .iter()
                .filter(|fragment| column.holds(fragment.x.middle()))
                .map(|fragment| fragment.x.len())
                .collect();
            let middle = median(lines.iter().copied());
            lines.len() > 2 && middle >= PROSE * self.body && middle >= 0.7 * column.len()
        };
        let running = columns.iter().filter(prose).count();
        // Numbers of items, and one column of text behind them.
        let marks = |column: &Extent| column.len() < 3.0 * self.body;
        running == columns.len()
            || running > 1 && running * 2 >= columns.len()
            || columns.len() == 2 && marks(&columns[0])
    }

    fn built(&self, candidate: &Candidate, columns: &[Extent], shape: Option<&TableShape>) -> Option<Table> {
        let bands = self.bands(candidate, columns)?;
        let (starts, parted) = self.starts(candidate, &bands, columns, shape)?;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut over_several = false;
        for (n, band) in bands.into_iter().enumerate() {
            if n == 0 || starts[n] {
                rows.push(vec![Vec::new(); columns.len()]);
            }
            let first = rows.len() == 1;
            let row = rows.last_mut()?;
            for (column, cell) in band.cells.into_iter().enumerate() {
                for fragment in cell {
                    let inner = tight(fragment.x, fragment.y);
                    let over = columns
                        .iter()
                        .filter(|other| other.shared(inner) > 0.25 * self.body);
                    over_several |= first && over.count() > 1;
                    row[column].push(fragment.line);
                }
            }
        }
        for cell in rows.iter_mut().flatten() {
            in_order(cell, self.frame);
        }
        over_several |= self.spread(&mut rows, columns, shape);
        // Names over several columns have the columns' own below them.
        let filled = |row: &[Cell]| row.iter().filter(|cell| !cell.is_empty()).count();
        let spanned = over_several && rows.len() > 2 && filled(&rows[0]) < filled(&rows[1]);
        let parted = parted.map(|band| starts[..=band].iter().skip(1).filter(|start| **start).count() + 1);
        let rows = without_empty(rows);
        let table = Table {
            header_rows: header_rows(&rows, parted, usize::from(spanned)),
            rows,
        };
        is_credible(&table).then_some(table)
    }

    /// The lines by height and column.
    fn bands(&self, candidate: &Candidate, columns: &[Extent]) -> Option<Vec<Band>> {
        let mut fragments: Vec<(usize, Fragment)> = Vec::new();
        for fragment in &candidate.fragments {
            for part in self.parted(fragment, columns) {
                fragments.push((column(&part, columns)?, part));
            }
        }
        fragments.sort_by(|a, b| a.1.y.middle().total_cmp(&b.1.y.middle()));
        let mut bands: Vec<Band> = Vec::new();
        for (column, fragment) in fragments {
            let level = bands.last().is_some_and(|band| {
                band.cells.iter().flatten().any(|other| {
                    let apart = (other.y.middle() - fragment.y.middle()).abs();
                    apart < 0.45 * other.y.len().min(fragment.y.len())
                })
            });
            match bands.last_mut().filter(|_| level) {
                Some(band) => {
                    band.y = band.y.joined(fragment.y);
                    band.cells[column].push(fragment);
                }
                None => {
                    let mut cells: Vec<Vec<Fragment>> = (0..columns.len()).map(|_| Vec::new()).collect();
                    let y = fragment.y;
                    cells[column].push(fragment);
                    bands.push(Band { cells, y });
                }
            }
        }
        Some(bands)
    }

    /// A line cut at the gaps that it runs across, where there is room between its words.
    fn parted(&self, fragment: &Fragment, columns: &[Extent]) -> Vec<Fragment> {
        let inner = tight(fragment.x, fragment.y);
        let letters: Vec<char> = fragment.line.text.chars().collect();
        let middles = middles(fragment.x, &fragment.line);
        let mut cuts = Vec::new();
        for pair in columns.windows(2) {
            let (from, to) = (pair[0].to, pair[1].from);
            if !(inner.from < from && inner.to > to) {
                continue;
            }
            // The last letter before the gap's middle, and the first behind it.
            let middle = (from + to) / 2.0;
            let written = || (0..letters.len()).filter(|n| !letters[*n].is_whitespace());
            let before = written().rfind(|n| middles[*n] <= middle);
            let behind = written().find(|n| middles[*n] > middle);
            if let (Some(before), Some(behind)) = (before, behind)
                && middles[behind] - middles[before] >= SPACE * self.body
            {
                cuts.push(behind);
            }
        }
        fragment.cut_at(&cuts, self.frame)
    }

    /// A line cut where there is more room between two letters than between words.
    pub(super) fn loosened(&self, span: &Span<'_>) -> Vec<Fragment> {
        let Some(line) = span.line() else {
            return Vec::new();
        };
        let whole = Fragment {
            line: line.clone(),
            x: span.x,
            y: span.y,
        };
        let cuts = self.gaps(&whole, WIDE_SPACE);
        whole.cut_at(&cuts, self.frame)
    }

    /// The letters of a line that stand at least so far behind the one before, in heights of a line.
    fn gaps(&self, fragment: &Fragment, room: f32) -> Vec<usize> {
        if fragment.line.places.is_empty() {
            return Vec::new();
        }
        let letters: Vec<char> = fragment.line.text.chars().collect();
        let middles = middles(fragment.x, &fragment.line);
        let written: Vec<usize> = (0..letters.len())
            .filter(|n| !letters[*n].is_whitespace())
            .collect();
        let wide = |pair: &&[usize]| middles[pair[1]] - middles[pair[0]] >= room * self.body;
        written.windows(2).filter(wide).map(|pair| pair[1]).collect()
    }

    /// Which bands begin a row, and the last one above the first level line. None if that is not sure.
    fn starts(
        &self,
        candidate: &Candidate,
        bands: &[Band],
        columns: &[Extent],
        shape: Option<&TableShape>,
    ) -> Option<(Vec<bool>, Option<usize>)> {
        if bands.len() < 2 {
            return None;
        }
        let levels = self.levels(candidate.x);
        let middle = |band: &Band| median(band.cells.iter().flatten().map(|fragment| fragment.y.middle()));
        let middles: Vec<f32> = bands.iter().map(middle).collect();
        let partly = |above: f32, below: f32| {
            self.rules.iter().any(|rule| {
                let along = Extent {
                    from: rule.from as f32,
                    to: rule.to as f32,
                };
                rule.level
                    && above < rule.at as f32
                    && (rule.at as f32) < below
                    && candidate.x.shared(along) > 0.9 * along.len()
            })
        };
        let ruled: Vec<Ruled> = (0..bands.len())
            .map(|n| {
                let between = |at: &f32| middles[n - 1] < *at && *at < middles[n];
                if n > 0 && levels.iter().any(between) {
                    Ruled::Across
                } else if n > 0 && partly(middles[n - 1], middles[n]) {
                    Ruled::Partly
                } else {
                    Ruled::No
                }
            })
            .collect();
        let parted = ruled
            .iter()
            .position(|ruled| *ruled == Ruled::Across)
            .map(|n| n - 1);
        let lines = ruled.iter().filter(|ruled| **ruled == Ruled::Across).count();
        let scores = self.scores(bands, columns.len(), &ruled, Reading::Top, true);
        // Lines under most rows are lines under all.
        if lines >= 3 && lines * 5 >= bands.len() {
            // Names over several columns have a shorter line under them.
            let head = |n: usize| parted.is_some_and(|parted| n <= parted);
            let starts: Vec<bool> = (0..bands.len())
                .map(|n| ruled[n] == Ruled::Across || head(n) && ruled[n] == Ruled::Partly)
                .collect();
            let count = starts.iter().skip(1).filter(|start| **start).count() + 1;
            if shape.is_none_or(|shape| (shape.rows as usize).abs_diff(count) <= 1) {
                return Some((starts, parted));
            }
        }
        let plain: Vec<bool> = scores.iter().map(|score| *score > 0.0).collect();
        let count = plain.iter().skip(1).filter(|start| **start).count() + 1;
        let sure = scores
            .iter()
            .skip(1)
            .map(|score| score.abs())
            .fold(f32::INFINITY, f32::min);
        let Some(shape) = shape else {
            return (sure >= 0.5).then_some((plain, parted));
        };
        let wanted = shape.rows as usize;
        if wanted == count {
            return Some((plain, parted));
        }
        if wanted == bands.len() {
            return Some((vec![true; bands.len()], parted));
        }
        let middle = self.scores(bands, columns.len(), &ruled, Reading::Middle, true);
        let others = [
            self.scores(bands, columns.len(), &ruled, Reading::Top, false),
            middle.clone(),
            self.scores(bands, columns.len(), &ruled, Reading::Middle, false),
        ];
        for scores in &others {
            let begins: Vec<bool> = scores.iter().map(|score| *score > 0.0).collect();
            if begins.iter().skip(1).filter(|start| **start).count() + 1 == wanted {
                return Some((begins, parted));
            }
        }
        if wanted < 2 || wanted > bands.len() {
            return (sure >= 1.0).then_some((plain, parted));
        }
        // As many rows as the model sees, where most speaks for them.
        for scores in [&scores, &middle] {
            let mut order: Vec<usize> = (1..bands.len()).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
            let (cut, joined) = order.split_at(wanted - 1);
            let least = cut.iter().map(|n| scores[*n]).fold(f32::INFINITY, f32::min);
            let most = joined
                .iter()
                .map(|n| scores[*n])
                .fold(f32::NEG_INFINITY, f32::max);
            if least > -1.0 && most < 1.0 && least - most > 0.25 {
                let mut starts = vec![false; bands.len()];
                cut.iter().for_each(|n| starts[*n] = true);
                return Some((starts, parted));
            }
        }
        (sure >= 1.0).then_some((plain, parted))
    }

    /// How much speaks for a row that begins with each band.
    /// `names`: whether those of the columns may have several lines.
    fn scores(
        &self,
        bands: &[Band],
        columns: usize,
        ruled: &[Ruled],
        reading: Reading,
        names: bool,
    ) -> Vec<f32> {
        let cells = |column: usize| bands.iter().flat_map(move |band| &band.cells[column]);
        let widths: Vec<f32> = (0..columns)
            .map(|column| {
                cells(column)
                    .map(|cell| tight(cell.x, cell.y).len())
                    .fold(0.0, f32::max)
            })
            .collect();
        let numeric: Vec<bool> = (0..columns)
            .map(|column| {
                let numbers = cells(column).filter(|cell| is_amount(cell)).count();
                numbers * 2 > cells(column).count()
            })
            .collect();
        // The distance of lines in one cell: the least that there is, but for outliers.
        let mut apart: Vec<f32> = (0..columns)
            .flat_map(|column| {
                let middles: Vec<f32> = cells(column).map(|cell| cell.y.middle()).collect();
                middles
                    .windows(2)
                    .map(|pair| pair[1] - pair[0])
                    .collect::<Vec<f32>>()
            })
            .filter(|apart| *apart > 0.4 * self.body)
            .collect();
        apart.sort_by(f32::total_cmp);
        let pitch = apart.get(apart.len() / 20).copied().unwrap_or(self.body);
        let mut scores = vec![f32::INFINITY; bands.len()];
        let mut row: Vec<bool> = bands[0].cells.iter().map(|cell| !cell.is_empty()).collect();
        for n in 1..bands.len() {
            let here = &bands[n];
            let (mut words, mut nearest, mut both, mut fresh) = (0.0_f32, f32::INFINITY, 0, 0);
            for column in 0..columns {
                let last = bands[..n].iter().rev().find_map(|band| band.cells[column].last());
                let (Some(last), Some(first)) = (last, here.cells[column].first()) else {
                    fresh += usize::from(!row[column] && !here.cells[column].is_empty());
                    continue;
                };
                let distance = first.y.middle() - last.y.middle();
                nearest = nearest.min(distance);
                if !row[column] {
                    fresh += 1;
                    continue;
                }
                if distance > 1.6 * pitch {
                    continue;
                }
                both += 1;
                words += match self.goes_on(last, first, widths[column], numeric[column]) {
                    true => -0.8,
                    false => 1.2,
                };
            }
            let mut score = words - 0.4;
            if nearest.is_finite() {
                score += (6.0 * (nearest - pitch) / self.body).clamp(-1.0, 3.0);
            }
            let filled = here.cells.iter().filter(|cell| !cell.is_empty()).count();
            let before = row.iter().filter(|filled| **filled).count();
            // Hardly ever do all cells of a row go on.
            if columns > 2 && both * 3 >= columns * 2 {
                score += 1.5;
            }
            if reading == Reading::Top {
                score += if here.cells[0].is_empty() { -1.0 } else { 1.0 };
                score += if filled < before { -0.5 } else { 0.3 };
                score += 0.4 * fresh as f32;
            }
            scores[n] = match ruled[n] {
                Ruled::Across => f32::INFINITY,
                Ruled::Partly => score.max(3.0),
                Ruled::No => score,
            };
            if scores[n] > 0.0 {
                row.fill(false);
            }
            for (filled, cell) in row.iter_mut().zip(&here.cells) {
                *filled |= !cell.is_empty();
            }
        }
        // Where no cell has several lines, the least distance is that of rows.
        let usual = apart.get(apart.len() / 2).copied().unwrap_or(pitch);
        let close = if pitch < 0.9 * usual {
            1.1 * pitch
        } else {
            0.93 * pitch
        };
        if names {
            self.hang(bands, &widths, close, &mut scores);
        }
        scores
    }

    /// Names of columns in several lines end on one height: what stands alone above a name is its beginning.
    fn hang(&self, bands: &[Band], widths: &[f32], close: f32, scores: &mut [f32]) {
        let is_filled = |band: &Band, column: usize| !band.cells[column].is_empty();
        let full = |band: &Band| {
            (0..widths.len())
                .filter(|column| is_filled(band, *column))
                .count()
        };
        let names = |band: &Band| !band.cells.iter().flatten().any(is_amount);
        // The names' last line: the fullest of the first few without amounts.
        let head = (0..bands.len().min(4))
            .take_while(|n| names(&bands[*n]))
            .max_by_key(|n| (full(&bands[*n]), usize::MAX - n));
        let Some(head) = head.filter(|head| *head > 0) else {
            return;
        };
        let mut at = head;
        while at > 0 && scores[at].is_finite() {
            let (above, below) = (&bands[at - 1], &bands[at]);
            let hangs = (0..widths.len())
                .filter(|column| is_filled(above, *column))
                .all(|column| {
                    let (Some(last), Some(first)) = (above.cells[column].last(), below.cells[column].first())
                    else {
                        return false;
                    };
                    let distance = first.y.middle() - last.y.middle();
                    distance < close
                        && self.goes_on(last, first, widths[column], false)
                        && tight(last.x, last.y).shared(tight(first.x, first.y)) > 0.0
                });
            if !hangs || full(above) >= full(below) && at == head {
                break;
            }
            scores[at] = -2.0;
            at -= 1;
        }
        if at < head && at > 0 {
            scores[at] = scores[at].max(2.0);
        }
    }

    /// Brings names that stand over several columns to the first of them. True if there are any.
    fn spread(&self, rows: &mut [Vec<Cell>], columns: &[Extent], shape: Option<&TableShape>) -> bool {
        let told = shape
            .filter(|shape| shape.rows as usize == rows.len() && shape.columns as usize == columns.len());
        let [names, below, ..] = rows else { return false };
        let filled = |row: &[Cell]| row.iter().filter(|cell| !cell.is_empty()).count();
        if filled(names) >= filled(below) {
            return false;
        }
        // Half-way between the columns.
        let edge = |n: usize| match n {
            0 => columns[0].from,
            n if n == columns.len() => columns[n - 1].to,
            n => (columns[n - 1].to + columns[n].from) / 2.0,
        };
        let mut any = false;
        for at in 0..columns.len() {
            let [line] = names[at].as_slice() else { continue };
            let span = self.frame.span(line);
            let (name, y) = (tight(span.x, span.y), span.y);
            let over = |n: usize| columns[n].shared(name) > 0.25 * self.body;
            let free = |n: usize| n == at || names[n].is_empty();
            // A line under the name runs along its columns.
            let under = self.rules.iter().find(|rule| {
                let along = Extent {
                    from: rule.from as f32,
                    to: rule.to as f32,
                };
                let near = y.middle()..y.to + 0.6 * self.body;
                rule.level
                    && near.contains(&(rule.at as f32))
                    && along.shared(name) > 0.9 * name.len()
                    && along.len() < 0.8 * (edge(columns.len()) - edge(0))
            });
            let first = match under {
                Some(rule) => {
                    let along = rule.from as f32..rule.to as f32;
                    (0..columns.len()).find(|n| along.contains(&columns[*n].middle()))
                }
                None => {
                    // The first column names the rows, and seldom shares its name.
                    let least = usize::from(!over(0));
                    let spans =
                        (least..columns.len()).flat_map(|a| (a + 1..columns.len()).map(move |b| (a, b)));
                    spans
                        .filter(|(a, b)| {
                            (*a..=*b).all(|n| free(n) && !below[n].is_empty())
                                && (0..columns.len()).all(|n| !over(n) || (*a..=*b).contains(&n))
                        })
                        .map(|(a, b)| {
                            let off = ((edge(a) + edge(b + 1)) / 2.0 - name.middle()).abs();
                            let seen = told.is_some_and(|shape| {
                                shape.cells.iter().any(|cell| {
                                    (cell.row, cell.column as usize, cell.columns as usize)
                                        == (0, a, b + 1 - a)
                                })
                            });
                            (a, if seen { off - 0.4 * self.body } else { off })
                        })
                        .filter(|(_, off)| *off < 0.7 * self.body)
                        .min_by(|a, b| a.1.total_cmp(&b.1))
                        .map(|(a, _)| a)
                }
            };
            if let Some(first) = first.filter(|first| free(*first)) {
                any = true;
                names.swap(first, at);
            }
        }
        any
    }

    /// Whether a line may go on with the one above it in a column: the next word had no room there, and amounts have one
    /// line.
    fn goes_on(&self, above: &Fragment, below: &Fragment, width: f32, numeric: bool) -> bool {
        if is_amount(above) && is_amount(below) || numeric && (is_amount(above) || is_amount(below)) {
            return false;
        }
        let (upper, lower) = (tight(above.x, above.y), tight(below.x, below.y));
        let count = below.line.text.chars().count().max(1) as f32;
        let word = below.line.text.split_whitespace().next().unwrap_or("");
        let first = lower.len() * word.chars().count() as f32 / count;
        upper.len() + first + 0.2 * self.body > width * 0.98
    }
}

/// Whether a level line runs between two lines of text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ruled {
    No,
    /// Under some of the columns.
    Partly,
    /// Under most of them.
    Across,
}

/// How cells stand in their rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// All begin on one height.
    Top,
    /// Around the middle.
    Middle,
}

fn is_amount(fragment: &Fragment) -> bool {
    is_number(std::slice::from_ref(&fragment.line))
}

/// The column of a line: the one that holds most of it, or the first of those that it stands over.
fn column(fragment: &Fragment, columns: &[Extent]) -> Option<usize> {
    let inner = tight(fragment.x, fragment.y);
    let over = (0..columns.len()).find(|n| columns[*n].shared(inner) > 0.0);
    over.or_else(|| {
        (0..columns.len()).min_by(|a, b| {
            let off = |n: usize| (columns[n].middle() - inner.middle()).abs();
            off(*a).total_cmp(&off(*b))
        })
    })
}

/// Whether most of a table is filled, and each of its columns holds something.
fn is_credible(table: &Table) -> bool {
    let columns = table.rows.first().map_or(0, Vec::len);
    if table.rows.len() < 2 || columns < 2 {
        return false;
    }
    let filled = |row: &Vec<Cell>| row.iter().filter(|cell| !cell.is_empty()).count();
    let all: usize = table.rows.iter().map(filled).sum();
    let wide = table.rows.iter().filter(|row| filled(row) > 1).count();
    let pairs = columns > 2 || wide >= 3;
    wide * 2 >= table.rows.len() && pairs && all * 5 >= 2 * columns * table.rows.len()
}
