//! Tables among the recognised lines of a page: ruled ones by the lines in its picture, others by how their cells stand
//! under one another. A model that tells rows and columns is asked where that is not plain from the places alone.
//!
//! A table that is read wrongly is worse than lines one below the other, so what is not sure stays lines.

mod fragment;
mod place;
mod ruled;
mod runs;
mod structure;

use tokio_util::sync::CancellationToken;

use super::frame::{Extent, Frame, Span, What, median, rows};
use super::{PageImage, RecognizedLine, TableShape, ruling};
use crate::error::Result;
use crate::grid::{Rule, without_empty_columns};
use crate::ports::TextRecognizer;

/// A cell's lines, from the top.
pub(super) type Cell = Vec<RecognizedLine>;

/// Rows of cells, as many in each row.
#[derive(Debug)]
pub(super) struct Table {
    pub rows: Vec<Vec<Cell>>,
    pub header_rows: u16,
}

/// The picture of a page and what tells of its tables.
pub(super) struct Finder<'p> {
    image: &'p PageImage,
    frame: Frame,
    /// Length of a pixel in points.
    points: f64,
    /// Height of most lines, in pixels.
    body: f32,
    recognizer: &'p dyn TextRecognizer,
    cancel: &'p CancellationToken,
    rules: Vec<Rule>,
    /// What was found, by number.
    pub tables: Vec<Table>,
}

impl<'p> Finder<'p> {
    /// Looks at a page; at its picture only if some of its lines stand side by side.
    pub(super) fn new(
        image: &'p PageImage,
        frame: Frame,
        spans: &[Span<'_>],
        recognizer: &'p dyn TextRecognizer,
        cancel: &'p CancellationToken,
    ) -> Self {
        let side_by_side = rows(spans.to_vec())
            .iter()
            .filter(|row| row.cells.len() > 1)
            .count();
        let rules = if side_by_side > 1 {
            ruling::rules(image, frame, spans)
        } else {
            Vec::new()
        };
        Self {
            image,
            frame,
            points: 72.0 / f64::from(image.dpi.max(1.0)),
            body: median(spans.iter().map(|span| span.y.len())).max(4.0),
            recognizer,
            cancel,
            rules,
            tables: Vec::new(),
        }
    }

    /// A span that stands for a table which is kept now.
    fn keep<'a>(&mut self, table: Table, x: Extent, y: Extent) -> Span<'a> {
        self.tables.push(table);
        Span {
            what: What::Table(self.tables.len() - 1),
            x,
            y,
        }
    }

    /// The rows and columns that the model tells in an area of the frame; none without a model, or if it fails.
    ///
    /// # Errors
    /// Only a cancellation.
    fn shape(&self, x: Extent, y: Extent) -> Result<Option<TableShape>> {
        let Some(picture) = self.frame.cut(self.image, x, y) else {
            return Ok(None);
        };
        match self.recognizer.table(&picture, self.cancel) {
            Ok(Some(mut shape)) => {
                for corner in shape.cells.iter_mut().flat_map(|cell| &mut cell.corners) {
                    *corner = [corner[0] + x.from, corner[1] + y.from];
                }
                Ok(Some(shape))
            }
            Ok(None) => Ok(None),
            Err(error) if error.is_canceled() => Err(error),
            Err(error) => {
                tracing::warn!(class = error.class(), %error, "the structure of a table could not be told");
                Ok(None)
            }
        }
    }
}

/// Whether a cell is an amount, a date, a percentage: more digits than letters, or as many and a digit first ("Note 2024" is
/// a name).
fn is_number(cell: &[RecognizedLine]) -> bool {
    let chars = || cell.iter().flat_map(|line| line.text.chars());
    let digits = chars().filter(char::is_ascii_digit).count();
    let letters = chars().filter(|c| c.is_alphabetic()).count();
    digits > letters || digits > 0 && digits == letters && chars().next().is_some_and(|c| !c.is_alphabetic())
}

fn chars(cell: &Cell) -> usize {
    cell.iter().map(|line| line.text.chars().count()).sum()
}

/// A name of a column is not longer.
const LONGEST_NAME: usize = 80;
/// No table names its columns in more rows.
const MOST_HEADER_ROWS: usize = 3;

/// How many of the first rows name the columns: names that stand over numbers, or over a line that parts them from all
/// others (`parted`: so many rows stand over the first line). `spanned`: the rows whose cells stand over several columns.
fn header_rows(rows: &[Vec<Cell>], parted: Option<usize>, spanned: usize) -> u16 {
    let least = spanned.min(MOST_HEADER_ROWS - 1) + 1;
    if least >= rows.len()
        || rows[..least]
            .iter()
            .flatten()
            .any(|cell| chars(cell) > LONGEST_NAME)
    {
        return 0;
    }
    let heads = || rows[..least].iter().flatten().filter(|cell| !cell.is_empty());
    // "Use 2024" has more digits than letters, and is a name.
    let is_word = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    let named = |cell: &&Cell| cell.iter().any(|line| line.text.split_whitespace().any(is_word));
    let amounts = heads().filter(|cell| is_number(cell) && !named(cell)).count();
    // Years name columns, too.
    if parted.is_some_and(|parted| parted == least) && amounts * 2 < heads().count().max(1) {
        return least as u16;
    }
    if amounts > 0 {
        return 0;
    }
    let (heads, below) = rows.split_at(least);
    let columns = rows[0].len();
    let head = |column: usize| heads.iter().any(|row| !row[column].is_empty());
    let filled = (0..columns).filter(|column| head(*column)).count();
    let over_numbers = (0..columns).any(|column| {
        let cells = below
            .iter()
            .map(|row| &row[column])
            .filter(|cell| !cell.is_empty());
        let (numbers, all) = cells.fold((0, 0), |(numbers, all), cell| {
            (numbers + usize::from(is_number(cell)), all + 1)
        });
        all > 0 && numbers * 3 >= all * 2 && head(column)
    });
    if over_numbers && filled * 2 > columns {
        return least as u16;
    }
    0
}

/// Columns in which nothing stands are left out, and rows likewise.
fn without_empty(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    without_empty_columns(rows)
}
