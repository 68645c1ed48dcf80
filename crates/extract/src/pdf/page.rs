//! One page: its geometry, what is drawn on it, and what is wrong with it.

use footnote_core::grid::grids;
use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::{LinkArea, links_on};
use footnote_core::types::{Page, PageSource};
use pdf_extract::{Dictionary, Document, Object, ObjectId};

use super::blocks::{self, PageText, SizeCounts};
use super::furniture::Held;
use super::hyphen::Vocabulary;
use super::interpreter::{FontCache, Glyph, Interpreter};
use super::matrix::PageFrame;
use super::object::{as_dict, contents, get, get_dict, get_number, inherited, number, resolve};
use super::outline::{Destinations, Outline};
use super::words::Direction;
use super::{annotation, links, order, table, words};

/// US Letter, which readers assume where a page states no size.
const DEFAULT_BOX: [f64; 4] = [0.0, 0.0, 612.0, 792.0];

/// Images larger than this in all (an A4 page at 600 dpi has 35 million) would not fit the worker's memory once
/// decoded, which would cost the whole file.
const MOST_PIXELS: f64 = 40e6;

/// Why a page has no text or little of use, in words for people.
pub(super) enum Fault {
    /// Nothing can be done about it.
    Final(Warning),
    /// It shows something, so its image may be read, and its links with that.
    Unreadable(Warning, Vec<LinkArea>),
}

/// What is known of the document as a whole: what it says, and what the pages read so far tell.
pub(super) struct Known<'a> {
    destinations: Destinations<'a>,
    outline: Outline,
    fonts: FontCache,
    sizes: SizeCounts,
    vocabulary: Vocabulary,
}

impl<'a> Known<'a> {
    /// Before the first of these pages is read.
    pub(super) fn new(doc: &'a Document, pages: &[ObjectId]) -> Self {
        let destinations = Destinations::new(doc, (1..).zip(pages.iter().copied()));
        Self {
            outline: Outline::new(doc, &destinations),
            destinations,
            fonts: FontCache::new(),
            sizes: SizeCounts::new(),
            vocabulary: Vocabulary::default(),
        }
    }
}

/// A page with, if it has no text, the fault that says so.
pub(super) fn read(doc: &Document, id: ObjectId, number: u32, known: &mut Known<'_>) -> Held<Option<Fault>> {
    let empty = Dictionary::new();
    let dict = doc.get_object(id).ok().and_then(as_dict).unwrap_or(&empty);
    let frame = frame(doc, dict);
    let mut interpreter = Interpreter::new(doc, &mut known.fonts);
    let resources = inherited(doc, dict, b"Resources")
        .and_then(as_dict)
        .unwrap_or(&empty);
    interpreter.run(&page_content(doc, dict), resources, frame.to_display);
    annotation::draw(doc, dict, &mut interpreter, frame);
    let (mut glyphs, unknown) = (std::mem::take(&mut interpreter.glyphs), interpreter.unknown);
    let work = interpreter.operations();
    let grids = grids(&interpreter.paths.rules);
    glyphs.retain(|glyph| is_visible(glyph, frame));
    let directions = words::segments(&glyphs);
    for (_, segments) in &directions {
        blocks::count_sizes(segments, &mut known.sizes);
        known.vocabulary.learn(segments);
    }
    let body = blocks::body_size(&known.sizes);
    let mut text = PageText::new(&known.vocabulary);
    for (direction, segments) in directions {
        let (tables, segments) = if direction == Direction::Right {
            table::ruled(segments, &grids)
        } else {
            (Vec::new(), segments)
        };
        for zone in order::zones(segments) {
            text.add_zone(zone, direction, body, &tables);
        }
    }
    let areas = links::link_areas(doc, dict, &known.destinations, frame);
    let unreadable =
        |why: String, notice: Notice| Fault::Unreadable(Warning::new(why, notice), areas.clone());
    let fault = if text.text.is_empty() {
        Some(if unknown > 0 {
            unreadable(
                format!(
                    "page {number} shows text that cannot be read: its fonts do not say which characters they draw"
                ),
                Notice::UnknownFonts { page: number },
            )
        } else if is_blank(doc, dict, resources) {
            Fault::Final(Warning::new(
                format!("page {number} is blank"),
                Notice::PageBlank { page: number },
            ))
        } else {
            unreadable(
                format!("page {number} has no text layer (a scan?)"),
                Notice::NoTextLayer { page: number },
            )
        })
    } else if unknown > glyphs.len() {
        Some(unreadable(
            format!("page {number} is readable in part only: fonts do not say which characters they draw"),
            Notice::PartlyUnknownFonts { page: number },
        ))
    } else {
        None
    };
    let fault = fault.map(|fault| match fault {
        Fault::Unreadable(why, _) if image_pixels(doc, resources) > MOST_PIXELS => {
            Fault::Final(why.and("its images are too large to be read", Notice::ImagesTooLarge))
        }
        other => other,
    });
    for comment in annotation::comments(doc, dict, frame) {
        text.add_comment(&comment);
    }
    let source = if text.text.is_empty() {
        PageSource::Empty
    } else {
        PageSource::Text
    };
    let mut page = Page {
        blocks: text.blocks,
        links: links_on(&text.rects, &areas),
        rects: text.rects,
        size: Some((frame.width as f32, frame.height as f32)),
        ..Page::new(number, text.text, source)
    };
    known.outline.apply(&mut page, &mut text.lines, frame);
    Held::new(page, &text.lines, body, work, fault)
}

/// Pixels of the images that the page names itself.
fn image_pixels(doc: &Document, resources: &Dictionary) -> f64 {
    let objects = get_dict(doc, resources, b"XObject");
    let pixels = objects.into_iter().flat_map(Dictionary::iter).map(|(_, object)| {
        let Some(Object::Stream(stream)) = resolve(doc, object) else {
            return 0.0;
        };
        let side = |key: &[u8]| get_number(doc, &stream.dict, key).unwrap_or(0.0);
        side(b"Width") * side(b"Height")
    });
    pixels.sum()
}

/// Whether nothing is drawn at all.
fn is_blank(doc: &Document, page: &Dictionary, resources: &Dictionary) -> bool {
    let draws = get_dict(doc, resources, b"XObject").is_some_and(|objects| !objects.is_empty());
    !draws && page_content(doc, page).len() < 64
}

/// The visible part: CropBox within MediaBox.
fn frame(doc: &Document, page: &Dictionary) -> PageFrame {
    let rect = |key: &[u8]| {
        let items = inherited(doc, page, key)?.as_array().ok()?;
        let numbers: Vec<f64> = items.iter().filter_map(|item| number(doc, item)).collect();
        let [a, b, c, d] = <[f64; 4]>::try_from(numbers).ok()?;
        let sorted = [a.min(c), b.min(d), a.max(c), b.max(d)];
        (sorted[2] - sorted[0] >= 1.0 && sorted[3] - sorted[1] >= 1.0).then_some(sorted)
    };
    let media = rect(b"MediaBox").unwrap_or(DEFAULT_BOX);
    let visible = rect(b"CropBox")
        .map(|crop| {
            [
                crop[0].max(media[0]),
                crop[1].max(media[1]),
                crop[2].min(media[2]),
                crop[3].min(media[3]),
            ]
        })
        .filter(|crop| crop[2] - crop[0] >= 1.0 && crop[3] - crop[1] >= 1.0)
        .unwrap_or(media);
    let rotate = inherited(doc, page, b"Rotate")
        .and_then(|rotate| number(doc, rotate))
        .unwrap_or(0.0);
    PageFrame::new(visible, rotate as i64)
}

/// What lies outside the page is not shown, so it is not quoted either.
fn is_visible(glyph: &Glyph, frame: PageFrame) -> bool {
    let inside = |(x, y): (f64, f64)| {
        (-2.0..=frame.width + 2.0).contains(&x) && (-2.0..=frame.height + 2.0).contains(&y)
    };
    inside(glyph.from) || inside(glyph.to)
}

/// The page's streams, one after the other; a token never spans two.
fn page_content(doc: &Document, page: &Dictionary) -> Vec<u8> {
    let mut out = Vec::new();
    let mut add = |object: &Object| {
        if let Some(Object::Stream(stream)) = resolve(doc, object) {
            out.extend_from_slice(&contents(stream));
            out.push(b'\n');
        }
    };
    match get(doc, page, b"Contents") {
        Some(Object::Array(items)) => items.iter().for_each(add),
        Some(other) => add(other),
        None => {}
    }
    out
}
