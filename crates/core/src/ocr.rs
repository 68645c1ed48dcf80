//! Pages that are images: from recognised lines to a page of text with places.
//!
//! An extractor sends the image of a page whose text is missing or worthless along with the page. A
//! [`PageReader`] has its lines recognised, if a recogniser is installed, and puts them into reading
//! order. Each page is decided by itself: pages with text of their own stay as they are.

mod frame;
mod layout;
mod links;
mod ruling;
mod table;

pub use links::{LinkArea, links_on};

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::language::Told;
use crate::notice::{Notice, Warning};
use crate::ports::TextRecognizer;
use crate::span::CharSpan;
use crate::types::{Block, BlockKind, ExtractSummary, Page, PageSource, TextRect};

/// Text of less confidence is noise more often than not (PP-OCR's own limit).
const LEAST_CONFIDENCE: f32 = 0.5;
/// A page whose lines were read with less on average was hard to recognise.
const HARD_PAGE: f32 = 0.75;

/// A page as an image, 8-bit grey.
#[derive(Clone, Debug, PartialEq)]
pub struct PageImage {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Pixels an inch of the page.
    pub dpi: f32,
    /// `width * height` values, row by row from the top left; 0 is black.
    pub grey: Vec<u8>,
}

impl PageImage {
    /// The value at a point, 0 to 255, interpolated between the four pixels around it (their middles are whole
    /// numbers); the margins go on outside. There must be a pixel.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (width, height) = (self.width as usize, self.height as usize);
        let x = x.clamp(0.0, (width - 1) as f32);
        let y = y.clamp(0.0, (height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
        let (dx, dy) = (x - left as f32, y - top as f32);
        let at = |x: usize, y: usize| f32::from(self.grey[y * width + x]);
        let upper = at(left, top) * (1.0 - dx) + at(right, top) * dx;
        let lower = at(left, bottom) * (1.0 - dx) + at(right, bottom) * dx;
        upper * (1.0 - dy) + lower * dy
    }
}

/// A page as an extractor sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractedPage {
    /// The page.
    pub page: Page,
    /// Pages of the file in all, if known beforehand.
    pub of: Option<u32>,
    /// What the page shows, where its own text is missing or worthless.
    pub image: Option<PageImage>,
    /// With an image: what is to be said of the page if nothing is recognised in it.
    pub warning: Option<Warning>,
    /// With an image: where it leads elsewhere.
    pub links: Vec<LinkArea>,
}

impl ExtractedPage {
    /// A page with text of its own, or without anything to see.
    #[must_use]
    pub fn new(page: Page, of: Option<u32>) -> Self {
        Self {
            page,
            of,
            image: None,
            warning: None,
            links: Vec::new(),
        }
    }
}

/// A line of text recognised in an image.
#[derive(Clone, Debug, PartialEq)]
pub struct RecognizedLine {
    /// What it says.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f32,
    /// Its corners in pixels, as one reads it: start and end of its upper edge, end and start of its
    /// lower edge. The first edge's direction is the line's orientation.
    pub corners: [[f32; 2]; 4],
    /// Where each character stands along the line, 0 (start) to 1 (end), in order; as many as the
    /// text has characters, or none if unknown.
    pub places: Vec<f32>,
}

/// The rows and columns of a table in an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableShape {
    /// How many rows.
    pub rows: u32,
    /// How many columns.
    pub columns: u32,
    /// The cells, row by row; places that a cell before them covers have none.
    pub cells: Vec<ShapeCell>,
}

/// A cell of a [`TableShape`].
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeCell {
    /// Its first row, from 0.
    pub row: u32,
    /// Its first column, from 0.
    pub column: u32,
    /// How many rows it takes.
    pub rows: u32,
    /// How many columns it takes.
    pub columns: u32,
    /// Where it is, roughly: its corners in pixels, clockwise from the upper left.
    pub corners: [[f32; 2]; 4],
}

/// Makes text of pages that are images. Clones share the recogniser.
#[derive(Clone, Default)]
pub struct PageReader {
    recognizer: Arc<OnceLock<Arc<dyn TextRecognizer>>>,
}

impl PageReader {
    /// A reader; without a recogniser, pages that are images count as failed.
    #[must_use]
    pub fn new(recognizer: Option<Arc<dyn TextRecognizer>>) -> Self {
        let reader = Self::default();
        if let Some(recognizer) = recognizer {
            reader.install(recognizer);
        }
        reader
    }

    /// Reads images from now on, with the first recogniser that is given.
    pub fn install(&self, recognizer: Arc<dyn TextRecognizer>) {
        let _ = self.recognizer.set(recognizer);
    }

    /// Whether there is a recogniser.
    #[must_use]
    pub fn reads_images(&self) -> bool {
        self.recognizer.get().is_some()
    }

    /// Begins to read a file's pages. `cancel` ends a recognition that runs.
    #[must_use]
    pub fn begin(&self, cancel: CancellationToken) -> Reading {
        Reading {
            reader: self.clone(),
            cancel,
            warnings: Vec::new(),
            told: Told::default(),
            unread: 0,
            canceled: None,
        }
    }

    /// The page with the text of its image, if it has one and something is recognised in it. What
    /// cannot be read is said in `warnings`, except for the want of a recogniser: that concerns the
    /// document and is told once, when it has been read.
    ///
    /// # Errors
    /// Only a cancellation; a recogniser that fails is a warning of this page.
    pub fn read(
        &self,
        extracted: ExtractedPage,
        warnings: &mut Vec<Warning>,
        cancel: &CancellationToken,
    ) -> Result<Page> {
        let mut page = extracted.page;
        let Some(image) = extracted.image else {
            warnings.extend(extracted.warning);
            return Ok(page);
        };
        let number = page.number;
        let problem = extracted.warning.unwrap_or_else(|| {
            Warning::new(
                format!("page {number} is an image"),
                Notice::PageImage { page: number },
            )
        });
        let Some(recognizer) = self.recognizer.get() else {
            page.source = PageSource::Failed;
            return Ok(page);
        };
        let lines = match recognizer.recognize(&image, cancel) {
            Ok(lines) => lines,
            Err(error) if error.is_canceled() => return Err(error),
            Err(error) => {
                warnings.push(failure(problem, &error));
                page.source = PageSource::Failed;
                return Ok(page);
            }
        };
        match recognized(&page, &image, lines, recognizer.as_ref(), cancel)? {
            Some(mut read) => {
                read.links = links_on(&read.rects, &extracted.links);
                warnings.extend(doubt(&read));
                Ok(read)
            }
            None => {
                warnings.push(problem.and("no text was found in its image", Notice::NoTextInImage));
                Ok(page)
            }
        }
    }
}

/// One file on its way from an extractor's pages to pages of text; see [`PageReader::begin`].
pub struct Reading {
    reader: PageReader,
    cancel: CancellationToken,
    warnings: Vec<Warning>,
    /// What the pages so far tell of the document's language.
    told: Told,
    unread: u32,
    canceled: Option<Error>,
}

impl Reading {
    /// The page as text. None after a cancellation: the extractor is to stop, and [`Reading::end`] gives
    /// the error.
    pub fn page(&mut self, extracted: ExtractedPage) -> Option<Page> {
        if extracted.image.is_some() && !self.reader.reads_images() {
            self.unread += 1;
        }
        match self.reader.read(extracted, &mut self.warnings, &self.cancel) {
            Ok(page) => {
                self.told.page(&page.text);
                Some(page)
            }
            Err(error) => {
                self.canceled = Some(error);
                None
            }
        }
    }

    /// The language that the pages so far tell, if they tell one.
    pub fn language(&self) -> Option<&'static str> {
        self.told.language()
    }

    /// What is said of the whole file, given what the extractor said, and the number of images left unread
    /// for want of a recogniser.
    ///
    /// # Errors
    /// The extractor's, or the cancellation.
    pub fn end(self, extracted: Result<ExtractSummary>) -> Result<(ExtractSummary, u32)> {
        if let Some(error) = self.canceled {
            return Err(error);
        }
        let mut summary = extracted?;
        summary.warnings.extend(self.warnings);
        summary.language = self.told.settle(summary.language.as_deref());
        if self.unread > 0 {
            let are = match self.unread {
                1 => "1 page is an image".to_owned(),
                many => format!("{many} pages are images"),
            };
            summary.warnings.push(Warning::new(
                format!("{are}, and the model that reads images is not here; fetch the models, and the document is read again"),
                Notice::ImagesUnread { images: self.unread },
            ));
        }
        Ok((summary, self.unread))
    }
}

fn failure(problem: Warning, error: &Error) -> Warning {
    let hint = error
        .hint
        .as_ref()
        .map(|hint| format!(" ({hint})"))
        .unwrap_or_default();
    let detail = format!("{error}{hint}");
    problem.and(
        format_args!("recognising its image failed: {detail}"),
        Notice::RecognitionFailed {
            detail: detail.clone(),
        },
    )
}

fn doubt(page: &Page) -> Option<Warning> {
    let confidence = page.confidence.filter(|confidence| *confidence < HARD_PAGE)?;
    // Of a file inside another, the label names it.
    let label = page
        .label
        .as_ref()
        .map(|label| format!(" ({label})"))
        .unwrap_or_default();
    Some(Warning::new(
        format!(
            "page {}{label} was hard to recognise ({:.0} % sure): compare quotes with the page",
            page.number,
            confidence * 100.0
        ),
        Notice::HardToRecognize {
            page: page.number,
            percent: (confidence * 100.0).round() as u32,
        },
    ))
}

/// `page` with the text of `lines`; none if they say nothing. `recognizer` is asked about tables among them.
///
/// # Errors
/// Only a cancellation.
fn recognized(
    page: &Page,
    image: &PageImage,
    mut lines: Vec<RecognizedLine>,
    recognizer: &dyn TextRecognizer,
    cancel: &CancellationToken,
) -> Result<Option<Page>> {
    lines.retain(|line| {
        line.confidence >= LEAST_CONFIDENCE
            && !line.text.trim().is_empty()
            && line.corners.iter().flatten().all(|at| at.is_finite())
    });
    let (mut sure, mut chars) = (0.0, 0.0);
    for line in &lines {
        let count = line.text.chars().count() as f32;
        sure += line.confidence * count;
        chars += count;
    }
    if chars == 0.0 {
        return Ok(None);
    }
    let points = 72.0 / image.dpi.max(1.0);
    let laid = layout::lay_out(&lines, image, recognizer, cancel)?;
    let size = page
        .size
        .unwrap_or((image.width as f32 * points, image.height as f32 * points));
    let mut read = Page {
        label: page.label.clone(),
        unit: page.unit,
        confidence: Some((sure / chars).clamp(0.0, 1.0)),
        blocks: laid.blocks,
        rects: laid.rects,
        lines: laid.lines,
        size: Some(size),
        ..Page::new(page.number, laid.text, PageSource::Ocr)
    };
    keep_comments(&mut read, page);
    Ok(Some(read))
}

/// Appends the notes and comments of `page`, which are no part of its image, to what was read in that.
fn keep_comments(read: &mut Page, page: &Page) {
    let mut end = read.text.chars().count() as u32;
    let comments = page.blocks.iter();
    for block in comments.filter(|block| block.kind == BlockKind::Footnote) {
        read.text.push_str("\n\n");
        read.text.push_str(block.span.of(&page.text));
        let start = end + 2;
        end = start + block.span.len();
        let moved = |span: CharSpan| {
            CharSpan::new(
                span.start - block.span.start + start,
                span.end - block.span.start + start,
            )
        };
        read.blocks.push(Block {
            kind: block.kind,
            span: moved(block.span),
        });
        let inside =
            |rect: &&TextRect| block.span.start <= rect.span.start && rect.span.end <= block.span.end;
        read.rects
            .extend(page.rects.iter().filter(inside).map(|rect| TextRect {
                span: moved(rect.span),
                ..*rect
            }));
    }
}

#[cfg(test)]
mod tests;
