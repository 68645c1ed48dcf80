//! The three graphs and what goes in and out of them.

use std::path::Path;

use footnote_core::ocr::{PageImage, RecognizedLine};
use footnote_core::{Error, Problem, Result};
use ort::session::Session;
use ort::value::Tensor;

use super::FILES;
use super::crop::{HEIGHT, Line, UpsideDown, as_read, is_along, sample};
use super::ctc::{Alphabet, decode};
use super::geometry::Quad;
use super::regions;
use crate::errors::from_ort;
use crate::runtime::{Runtime, Workload};

/// The detector sees pages at no more than this many pixels a side: a tenth of an inch of height is then
/// about ten pixels, of which it needs eight.
const DETECTOR_SIDE: usize = 1_280;
/// The classifier's input.
const CLASSIFIER: (usize, usize) = (160, 80);
/// Mean and deviation by channel of the pictures that detector and classifier were trained on (blue first).
const MEAN: [f32; 3] = [0.406, 0.456, 0.485];
const DEVIATION: [f32; 3] = [0.225, 0.224, 0.229];

/// The loaded model.
pub(super) struct Graphs {
    detector: Session,
    classifier: Session,
    recognizer: Session,
}

impl Graphs {
    pub(super) fn load(runtime: &Runtime, folder: &Path) -> Result<Self> {
        let open = |name: &str| {
            let placed = runtime.session(&folder.join(name), Workload::Encoder);
            placed.map(|(session, _)| session)
        };
        Ok(Self {
            detector: open(FILES[0])?,
            classifier: open(FILES[1])?,
            recognizer: open(FILES[2])?,
        })
    }

    /// The boxes of text in the page, in its pixels.
    pub(super) fn find(&mut self, image: &PageImage) -> Result<Vec<Quad>> {
        let (width, height) = (image.width as usize, image.height as usize);
        let scale = (DETECTOR_SIDE as f32 / width.max(height) as f32).min(1.0);
        let side = |pixels: usize| ((pixels as f32 * scale / 32.0).round() as usize).max(1) * 32;
        let (w, h) = (side(width), side(height));
        let whole = [
            [0.0, 0.0],
            [width as f32, 0.0],
            [width as f32, height as f32],
            [0.0, height as f32],
        ];
        let mut input = vec![0.0; 3 * w * h];
        fill(&mut input, image, &whole, w, h);
        let (shape, map) = run(&mut self.detector, vec![1, 3, h, w], input)?;
        let [.., rows, columns] = shape.as_slice() else {
            return Err(unexpected("detector"));
        };
        if map.len() != rows * columns || map.is_empty() {
            return Err(unexpected("detector"));
        }
        let back = [width as f32 / *columns as f32, height as f32 / *rows as f32];
        let boxes = regions::boxes(&map, *columns, *rows);
        Ok(boxes
            .into_iter()
            .map(|quad| quad.map(|[x, y]| [x * back[0], y * back[1]]))
            .collect())
    }

    /// Whether the lines of the page stand on their heads, by the votes of some of them.
    pub(super) fn vote(&mut self, image: &PageImage, lines: &[Quad]) -> Result<UpsideDown> {
        let (width, height) = CLASSIFIER;
        let each = 3 * width * height;
        let mut input = vec![0.0; lines.len() * each];
        for (line, part) in lines.iter().zip(input.chunks_exact_mut(each)) {
            fill(part, image, &as_read(*line), width, height);
        }
        let shape = vec![lines.len(), 3, height, width];
        let (_, votes) = run(&mut self.classifier, shape, input)?;
        if votes.len() != 2 * lines.len() {
            return Err(unexpected("classifier"));
        }
        let verdict = |along: bool| {
            let margin: f32 = lines
                .iter()
                .zip(votes.chunks_exact(2))
                .filter(|(line, _)| is_along(line) == along)
                .map(|(_, vote)| vote[1] - vote[0])
                .sum();
            margin > 0.0
        };
        Ok(UpsideDown {
            across: verdict(false),
            along: verdict(true),
        })
    }

    /// Reads lines together, padded to the longest.
    pub(super) fn read(
        &mut self,
        image: &PageImage,
        lines: &[Line],
        alphabet: &Alphabet,
    ) -> Result<Vec<RecognizedLine>> {
        let width = lines.iter().map(Line::width).max().unwrap_or(0);
        let plane = width * HEIGHT;
        // Zero, the middle grey, is what the model was trained to see as padding.
        let mut input = vec![0.0; lines.len() * 3 * plane];
        for (line, part) in lines.iter().zip(input.chunks_exact_mut(3 * plane.max(1))) {
            let (first, others) = part.split_at_mut(plane);
            sample(image, &line.corners, line.exact_width(), HEIGHT, |x, y, value| {
                first[y * width + x] = value / 127.5 - 1.0;
            });
            for other in others.chunks_exact_mut(plane) {
                other.copy_from_slice(first);
            }
        }
        let (shape, values) = run(&mut self.recognizer, vec![lines.len(), 3, HEIGHT, width], input)?;
        let [rows, columns, classes] = shape.as_slice() else {
            return Err(unexpected("recogniser"));
        };
        if (*rows, *classes) != (lines.len(), alphabet.len()) || *columns == 0 {
            return Err(unexpected("recogniser"));
        }
        let read = lines.iter().zip(values.chunks_exact(columns * classes));
        Ok(read
            .map(|(line, values)| {
                let decoded = decode(values, alphabet);
                let used = *columns as f32 * line.exact_width() as f32 / width as f32;
                RecognizedLine {
                    text: decoded.text,
                    confidence: decoded.confidence.clamp(0.0, 1.0),
                    corners: line.corners,
                    places: decoded
                        .columns
                        .iter()
                        .map(|column| (column / used).clamp(0.0, 1.0))
                        .collect(),
                }
            })
            .filter(|line| !line.text.is_empty())
            .collect())
    }
}

/// Fills three planes with the box as detector and classifier want it.
fn fill(planes: &mut [f32], image: &PageImage, corners: &Quad, width: usize, height: usize) {
    let size = width * height;
    sample(image, corners, width, height, |x, y, value| {
        for (channel, (mean, deviation)) in MEAN.iter().zip(DEVIATION).enumerate() {
            planes[channel * size + y * width + x] = (value / 255.0 - mean) / deviation;
        }
    });
}

/// Runs a graph with one input; its first output with its shape.
fn run(session: &mut Session, shape: Vec<usize>, data: Vec<f32>) -> Result<(Vec<usize>, Vec<f32>)> {
    let fail = |error: ort::Error| from_ort("recognise text", error);
    let input = Tensor::from_array((shape, data)).map_err(fail)?;
    let outputs = session.run(ort::inputs![input]).map_err(fail)?;
    let (shape, values) = outputs[0].try_extract_tensor::<f32>().map_err(fail)?;
    let shape = shape
        .iter()
        .map(|side| usize::try_from(*side).unwrap_or(0))
        .collect();
    Ok((shape, values.to_vec()))
}

fn unexpected(which: &str) -> Error {
    Error::runtime(format!(
        "The {which} of the text recognition gave a result of another shape"
    ))
    .problem(Problem::ModelMiscomputes {
        detail: format!("the {which} gave a result of another shape"),
    })
    .hint("Fetch the model again with `footnote models fetch ppocr-v5`")
}
