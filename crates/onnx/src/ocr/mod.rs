//! Text in images: PP-OCRv5 finds lines, turns them upright and reads them.
//!
//! Three graphs (Du et al., "PP-OCR", 2020 and its successors): a detector whose map says where text is
//! ([`regions`]), a classifier that says whether a line stands on its head, and a recogniser whose columns
//! are decoded by connectionist temporal classification ([`ctc`]).

mod crop;
mod ctc;
mod geometry;
mod model;
mod regions;
mod structure;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use footnote_core::ocr::{PageImage, RecognizedLine, TableShape};
use footnote_core::ports::TextRecognizer;
use footnote_core::{Error, ErrorCode, Problem, Result};
use tokio_util::sync::CancellationToken;

use crate::owner::{ModelHandle, Owner, Priority};
use crate::runtime::Runtime;
use ctc::Alphabet;
use model::Graphs;
use structure::Structure;

/// Lines whose widths add up to about this many pixels are read together: bounds memory, and the work a
/// cancel waits for.
const BATCH_WIDTH: usize = 4_000;

/// How a recogniser uses memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcrOptions {
    /// The model is unloaded when no page came for this long; none: never.
    pub unload_after: Option<Duration>,
}

impl Default for OcrOptions {
    fn default() -> Self {
        Self {
            unload_after: Some(Duration::from_secs(120)),
        }
    }
}

/// Finds and reads text with the model `ppocr-v5`. Cheap to clone; clones share the model.
#[derive(Clone)]
pub struct OnnxRecognizer {
    owner: Arc<Owner<Graphs>>,
    alphabet: Arc<Alphabet>,
    tables: Option<Arc<Tables>>,
}

/// The model that tells the rows and columns of tables.
struct Tables {
    file: PathBuf,
    owner: Owner<Structure>,
}

/// The files of the model.
pub(crate) const FILES: [&str; 4] = [
    "ppocrv5_det.onnx",
    "ppocrv5_cls.onnx",
    "ppocrv5_rec.onnx",
    "ppocr_keys_v5.txt",
];

impl OnnxRecognizer {
    /// Opens the model in `folder`, with the files as the catalog names them. The weights are loaded with
    /// the first page.
    ///
    /// # Errors
    /// [`ErrorCode::ModelMissing`] if a file is not there or the list of characters is not one.
    pub fn open(runtime: &Runtime, folder: &Path, options: &OcrOptions) -> Result<Self> {
        let missing = |what: String| {
            Error::runtime(what)
                .code(ErrorCode::ModelMissing)
                .problem(Problem::ModelMissing)
                .hint("Fetch the model again with `footnote models fetch ppocr-v5`")
        };
        for name in FILES {
            let file = folder.join(name);
            if !file.is_file() {
                return Err(missing(format!("{}: the file is not there", file.display())));
            }
        }
        let keys = folder.join(FILES[3]);
        let alphabet = std::fs::read_to_string(&keys)
            .ok()
            .and_then(|text| Alphabet::new(&text))
            .ok_or_else(|| missing(format!("{}: this is no list of characters", keys.display())))?;
        let (runtime, folder) = (runtime.clone(), folder.to_owned());
        let owner = Owner::start("ocr", options.unload_after, move || {
            Graphs::load(&runtime, &folder)
        })?;
        Ok(Self {
            owner: Arc::new(owner),
            alphabet: Arc::new(alphabet),
            tables: None,
        })
    }

    /// The same, with the model of table structures (`slanet-plus`) in `folder`. That is loaded with the first table
    /// whose model is there; until then, tables are told by their places alone.
    ///
    /// # Errors
    /// No thread can be started for it.
    pub fn with_tables(mut self, runtime: &Runtime, folder: &Path, options: &OcrOptions) -> Result<Self> {
        let (runtime, folder) = (runtime.clone(), folder.to_owned());
        let file = folder.join(structure::FILE);
        let owner = Owner::start("tables", options.unload_after, move || {
            Structure::load(&runtime, &folder)
        })?;
        self.tables = Some(Arc::new(Tables { file, owner }));
        Ok(self)
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        ModelHandle::new(&self.owner)
    }

    fn call<T: Send + 'static>(
        &self,
        cancel: &CancellationToken,
        work: impl FnOnce(&mut Graphs) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        self.owner.call(Priority::Background, cancel, work)
    }
}

impl TextRecognizer for OnnxRecognizer {
    fn id(&self) -> String {
        "ppocr-v5".into()
    }

    fn recognize(&self, image: &PageImage, cancel: &CancellationToken) -> Result<Vec<RecognizedLine>> {
        let (width, height) = (image.width as usize, image.height as usize);
        if width == 0 || height == 0 || image.grey.len() != width * height {
            return Err(Error::bug("The page's image is not as large as it says"));
        }
        let image = Arc::new(image.clone());
        let found = Arc::clone(&image);
        let quads = self.call(cancel, move |graphs| graphs.find(&found))?;
        let sample = crop::orientation_sample(&quads);
        let upside_down = if sample.is_empty() {
            crop::UpsideDown::default()
        } else {
            let image = Arc::clone(&image);
            self.call(cancel, move |graphs| graphs.vote(&image, &sample))?
        };
        let mut lines: Vec<crop::Line> = quads
            .into_iter()
            .map(|quad| crop::Line::new(quad, upside_down))
            .collect();
        // Lines of like length waste little of a batch's width.
        lines.sort_by_key(crop::Line::width);
        let (mut read, mut rest) = (Vec::with_capacity(lines.len()), lines.as_slice());
        while let Some(last) = batch_end(rest) {
            let (batch, after) = rest.split_at(last);
            rest = after;
            let (image, alphabet, batch) = (Arc::clone(&image), Arc::clone(&self.alphabet), batch.to_vec());
            read.extend(self.call(cancel, move |graphs| graphs.read(&image, &batch, &alphabet))?);
        }
        Ok(read)
    }

    fn table(&self, image: &PageImage, cancel: &CancellationToken) -> Result<Option<TableShape>> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        // It may have been fetched since.
        let Some(tables) = self.tables.as_ref().filter(|tables| tables.file.is_file()) else {
            return Ok(None);
        };
        let image = image.clone();
        tables
            .owner
            .call(Priority::Background, cancel, move |model| model.read(&image))
            .map(Some)
    }
}

/// How many of the lines, sorted by width, are read together; none if there are none.
fn batch_end(lines: &[crop::Line]) -> Option<usize> {
    let fits = lines
        .iter()
        .enumerate()
        .take_while(|(at, line)| (at + 1) * line.width() <= BATCH_WIDTH)
        .count();
    (!lines.is_empty()).then_some(fits.max(1))
}
