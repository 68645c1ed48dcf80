//! Tables: words in the cells of ruled grids, and cells that stand under one another without lines.

use footnote_core::grid::{Grid, without_empty_columns};
use footnote_core::types::BlockKind;

use super::rows::{Row, rows};
use super::words::{Rect, Segment};

/// A cell with more characters is a part of a page's layout, not of a table.
const LONGEST_CELL: usize = 1500;
/// A line of a cell with more characters, in most lines of two columns, is running text.
const PROSE: usize = 40;
/// A name of a column is not longer.
const LONGEST_NAME: usize = 80;

/// A cell's lines, from the top.
pub(super) type Cell = Vec<Row>;

/// Rows of cells, as many in each row.
pub(super) struct Table {
    pub rows: Vec<Vec<Cell>>,
    pub header_rows: u16,
}

impl Table {
    fn new(mut rows: Vec<Vec<Cell>>) -> Self {
        let lines = || rows.iter().flatten().flatten();
        if lines().filter(|line| line.rtl).count() * 2 > lines().count() {
            rows.iter_mut().for_each(|row| row.reverse());
        }
        let header_rows = header_rows(&rows);
        Self { rows, header_rows }
    }

    /// What a page calls it.
    pub(super) fn kind(&self) -> BlockKind {
        BlockKind::Table {
            header_rows: self.header_rows,
        }
    }
}

/// Takes the words of ruled tables out of a page's segments; a segment without words stands for
/// each table where it was.
pub(super) fn ruled(mut segments: Vec<Segment>, grids: &[Grid]) -> (Vec<Table>, Vec<Segment>) {
    let mut grids: Vec<&Grid> = grids.iter().collect();
    let bounds = |grid: &Grid| {
        let [x0, y0, x1, y1] = grid.bounds();
        Rect { x0, y0, x1, y1 }
    };
    let area = |grid: &Grid| {
        let rect = bounds(grid);
        (rect.x1 - rect.x0) * (rect.y1 - rect.y0)
    };
    // A table in another's cell comes first.
    grids.sort_by(|a, b| area(a).total_cmp(&area(b)));
    let mut tables = Vec::new();
    for grid in grids {
        let touches = |segment: &Segment| segment.table.is_none() && overlap(segment.rect, bounds(grid));
        if segments.iter().filter(|segment| touches(segment)).count() < 3 {
            continue;
        }
        let mut cells: Vec<Vec<Vec<Segment>>> = vec![vec![Vec::new(); grid.columns()]; grid.rows()];
        let (mut outside, mut across, mut count) = (Vec::new(), 0, 0);
        for segment in segments.iter().filter(|segment| touches(segment)) {
            let place = |rect: Rect| grid.cell((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0);
            for run in segment.words.chunk_by(|a, b| place(a.rect) == place(b.rect)) {
                let Some(part) = Segment::new(run.to_vec()) else {
                    continue;
                };
                let Some((row, column)) = place(run[0].rect) else {
                    outside.push(part);
                    continue;
                };
                for word in run {
                    let y = (word.rect.y0 + word.rect.y1) / 2.0;
                    let slack = 0.25 * word.size;
                    count += 1;
                    across +=
                        usize::from(grid.cell(word.rect.x0 + slack, y) != grid.cell(word.rect.x1 - slack, y));
                }
                cells[row][column].push(part);
            }
        }
        let filled: Vec<Vec<Cell>> = cells
            .into_iter()
            .map(|row| row.into_iter().map(rows).collect())
            .filter(|row: &Vec<Cell>| row.iter().any(|cell| !cell.is_empty()))
            .collect();
        // Lines that run through words are drawings under text.
        if across * 20 > count || !is_table(&filled) {
            continue;
        }
        segments.retain(|segment| !touches(segment));
        segments.append(&mut outside);
        segments.push(Segment::for_table(tables.len(), bounds(grid)));
        tables.push(Table::new(without_empty_columns(filled)));
    }
    (tables, segments)
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
}

/// Whether ruled cells hold data: two columns and two rows of it, and no pages of text.
fn is_table(rows: &[Vec<Cell>]) -> bool {
    let filled = |row: &[Cell]| row.iter().filter(|cell| !cell.is_empty()).count();
    let wide = rows.iter().filter(|row| filled(row) > 1).count();
    let longest = rows.iter().flatten().map(chars).max().unwrap_or(0);
    wide > 1 && wide * 2 >= rows.len() && longest <= LONGEST_CELL
}

/// The lines of a block as a table, if their cells stand in columns. Gives the lines back if not.
pub(super) fn aligned(lines: Vec<Row>) -> Result<Table, Vec<Row>> {
    let Some(columns) = columns(&lines) else {
        return Err(lines);
    };
    let places: Vec<Option<Vec<usize>>> = lines.iter().map(|line| places(line, &columns)).collect();
    let odd = places.iter().filter(|places| places.is_none()).count();
    if odd * 5 > lines.len() || is_prose(&lines, &places, columns.len()) {
        return Err(lines);
    }
    let mut table: Vec<Vec<Cell>> = Vec::new();
    for (line, places) in lines.into_iter().zip(places) {
        let places = places.unwrap_or_else(|| nearest(&line, &columns));
        // A line under one of the later columns alone goes on with the cell above it.
        let goes_on = matches!(places.as_slice(), [only] if *only > 0);
        if !goes_on || table.is_empty() {
            table.push((0..columns.len()).map(|_| Cell::new()).collect());
        }
        let Some(row) = table.last_mut() else { continue };
        for (cell, place) in line.cells.into_iter().zip(places) {
            row[place].extend(Row::new(vec![cell]));
        }
    }
    Ok(Table::new(table))
}

/// The columns' left and right edges: where the cells of the fullest kind of line stand.
fn columns(lines: &[Row]) -> Option<Vec<(f64, f64)>> {
    let mut counts = std::collections::BTreeMap::new();
    for line in lines.iter().filter(|line| line.cells.len() > 1) {
        *counts.entry(line.cells.len()).or_insert(0_usize) += 1;
    }
    let total: usize = counts.values().sum();
    // The kind with most cells that is no exception.
    let (usual, _) = counts.iter().rev().find(|(_, count)| **count * 4 >= total)?;
    let merged = |least: usize| {
        let tabular = lines.iter().filter(|line| line.cells.len() >= least);
        let mut spans: Vec<(f64, f64)> = tabular
            .filter(|line| least == 2 || line.cells.len() == *usual)
            .flat_map(|line| line.cells.iter().map(|cell| (cell.rect.x0, cell.rect.x1)))
            .collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut columns: Vec<(f64, f64)> = Vec::new();
        for (from, to) in spans {
            match columns.last_mut().filter(|last| from < last.1) {
                Some(last) => last.1 = last.1.max(to),
                None => columns.push((from, to)),
            }
        }
        columns
    };
    // Lines with more cells than usual have columns of their own; names over several columns hide some.
    let all = merged(2);
    let columns = if all.len() >= *usual { all } else { merged(*usual) };
    let most = counts.keys().next_back().copied().unwrap_or(*usual);
    (total >= 2 && (*usual..=most).contains(&columns.len())).then_some(columns)
}

/// The column of each cell of a line; none if they do not fit the columns.
fn places(line: &Row, columns: &[(f64, f64)]) -> Option<Vec<usize>> {
    let mut next = 0;
    let mut places = Vec::with_capacity(line.cells.len());
    for cell in &line.cells {
        let shared = |(from, to): &(f64, f64)| to.min(cell.rect.x1) - from.max(cell.rect.x0);
        let over: Vec<usize> = (0..columns.len())
            .filter(|n| shared(&columns[*n]) > 0.2 * cell.size)
            .collect();
        let place = match over.as_slice() {
            [only] => *only,
            // The names of several columns stand over the first of them.
            [first, ..] if line.cells.len() > 1 => *first,
            _ => return None,
        };
        if place < next {
            return None;
        }
        next = over.last().map_or(place, |last| *last) + 1;
        places.push(place);
    }
    Some(places)
}

/// The columns nearest to the cells of a line that does not fit; one cell alone spans all of them.
fn nearest(line: &Row, columns: &[(f64, f64)]) -> Vec<usize> {
    if line.cells.len() == 1 {
        return vec![0];
    }
    let mut least = 0;
    let column = |cell: &Segment| {
        let middle = (cell.rect.x0 + cell.rect.x1) / 2.0;
        let off = |n: &usize| (columns[*n].0 - middle).max(middle - columns[*n].1).max(0.0);
        let found = (least..columns.len()).min_by(|a, b| off(a).total_cmp(&off(b)));
        least = found.unwrap_or(least);
        least
    };
    line.cells.iter().map(column).collect()
}

/// Whether two columns are mostly lines of running text, one beside the other.
fn is_prose(lines: &[Row], places: &[Option<Vec<usize>>], columns: usize) -> bool {
    let is_long = |column: usize| {
        let cells = lines.iter().zip(places).filter_map(|(line, places)| {
            let at = places.as_ref()?.iter().position(|place| *place == column)?;
            line.cells.get(at)
        });
        let (long, all) = cells.fold((0, 0), |(long, all), cell| {
            (long + usize::from(cell.chars() > PROSE), all + 1)
        });
        all > 0 && long * 2 >= all
    };
    (0..columns).filter(|column| is_long(*column)).count() > 1
}

fn chars(cell: &Cell) -> usize {
    cell.iter().map(Row::chars).sum()
}

/// How many of the first rows name the columns: those in bold above others, or one whose names stand
/// over numbers.
fn header_rows(rows: &[Vec<Cell>]) -> u16 {
    let is_bold = |row: &Vec<Cell>| row.iter().flatten().all(|line| line.bold);
    let bold = rows.iter().take_while(|row| is_bold(row)).count();
    if bold > 0 && bold < rows.len() && bold <= 3 {
        return bold as u16;
    }
    let Some((first, below)) = rows.split_first().filter(|(_, below)| !below.is_empty()) else {
        return 0;
    };
    let named = first.iter().filter(|cell| !cell.is_empty()).count();
    let names = first
        .iter()
        .all(|cell| chars(cell) <= LONGEST_NAME && !is_number(cell));
    let over_numbers = (0..first.len()).any(|column| {
        let cells = below
            .iter()
            .map(|row| &row[column])
            .filter(|cell| !cell.is_empty());
        let (numbers, all) = cells.fold((0, 0), |(numbers, all), cell| {
            (numbers + usize::from(is_number(cell)), all + 1)
        });
        all > 0 && numbers * 3 >= all * 2 && !first[column].is_empty()
    });
    u16::from(names && over_numbers && named * 2 > first.len())
}

/// Whether a cell is an amount, a date, a percentage: more digits than letters.
fn is_number(cell: &Cell) -> bool {
    let words = cell
        .iter()
        .flat_map(|line| &line.cells)
        .flat_map(|part| &part.words);
    let text: String = words.map(|word| word.text()).collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits > 0 && digits >= text.chars().filter(|c| c.is_alphabetic()).count()
}
