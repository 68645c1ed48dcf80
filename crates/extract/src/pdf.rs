//! PDF: loading, page geometry, and one page after the other.

mod blocks;
mod cmap;
mod composite;
mod font;
mod interpreter;
mod lexer;
mod matrix;
mod object;
mod order;
mod probe;
mod render;
mod repair;
mod words;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{ExtractSummary, Page, PageSource};
use footnote_core::{Error, ErrorCode, Result};
use pdf_extract::{Dictionary, Document, LoadOptions, Object, ObjectId};

use crate::page::{Sink, collapse};
use crate::source::Bytes;
use blocks::{PageText, SizeCounts};
use interpreter::{FontCache, Glyph, Interpreter};
use matrix::{Matrix, PageFrame};
use object::{as_dict, contents, get, get_dict, get_number, get_numbers, inherited, number, resolve};
use render::Renderer;

/// US Letter, which readers assume where a page states no size.
const DEFAULT_BOX: [f64; 4] = [0.0, 0.0, 612.0, 792.0];

/// Images larger than this in all (an A4 page at 600 dpi has 35 million) would not fit the worker's memory once
/// decoded, which would cost the whole file.
const MOST_PIXELS: f64 = 40e6;

/// Reads a PDF; `shared` are the same bytes, if they can be shared. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    shared: Option<Arc<Bytes>>,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let doc = load(bytes)?;
    let mut fonts = FontCache::new();
    let mut sizes = SizeCounts::new();
    let mut count = 0;
    let pages = catch_unwind(AssertUnwindSafe(|| doc.get_pages())).unwrap_or_default();
    if pages.is_empty() {
        return Err(damaged("it has no pages"));
    }
    let total = u32::try_from(pages.len()).ok();
    let mut renderer = Renderer::new(bytes, shared);
    for id in pages.into_values() {
        count += 1;
        let read = catch_unwind(AssertUnwindSafe(|| page(&doc, id, count, &mut fonts, &mut sizes)));
        let (page, fault) = read.unwrap_or_else(|cause| {
            let why = crate::parse::panic_text(cause.as_ref());
            let fault = Fault::Unreadable(format!("page {count} could not be read ({why})"));
            (Page::new(count, "", PageSource::Failed), Some(fault))
        });
        let mut extracted = ExtractedPage::new(page, total);
        match fault {
            None => {}
            Some(Fault::Final(warning)) => about.warnings.push(warning),
            Some(Fault::Unreadable(warning)) => match renderer.image(count) {
                Ok(image) => {
                    extracted.image = Some(image);
                    extracted.warning = Some(warning);
                }
                Err(why) => about
                    .warnings
                    .push(format!("{warning}; it cannot be shown either ({why})")),
            },
        }
        if sink(extracted).is_break() {
            break;
        }
    }
    about.title = title(&doc);
    Ok(count)
}

fn damaged(what: &str) -> Error {
    Error::user(format!("The PDF is damaged: {what}"))
        .hint("Open it in a PDF viewer and save or print it as a new PDF, then add that")
}

/// Loads and, if need be, decrypts with the empty password, which is what "protected against
/// printing" means.
fn load(bytes: &[u8]) -> Result<Document> {
    let locked = || {
        Error::user("The PDF is protected by a password")
            .code(ErrorCode::PasswordNeeded)
            .hint("Open it in a PDF viewer with its password, save a copy without one, and add the copy")
    };
    // Viewers accept junk before the header; offsets count from the header then.
    let start = bytes
        .windows(5)
        .take(1024)
        .position(|w| w == b"%PDF-")
        .unwrap_or(0);
    let is_encrypted = |bytes: &[u8]| bytes.windows(8).any(|w| w == b"/Encrypt");
    let mut fault = "it has no pages".to_owned();
    let rebuilt = std::iter::once_with(|| repair::rebuild(bytes)).flatten();
    let as_is = [bytes, &bytes[start..]]
        .into_iter()
        .take(1 + usize::from(start > 0))
        .map(Cow::Borrowed);
    for candidate in as_is.chain(rebuilt.map(Cow::Owned)) {
        match try_load(&candidate) {
            Ok(mut doc) => {
                if doc.is_encrypted() {
                    let opened = catch_unwind(AssertUnwindSafe(|| doc.decrypt("")));
                    if !matches!(opened, Ok(Ok(()))) {
                        return Err(locked());
                    }
                }
                if doc.page_iter().next().is_some() {
                    return Ok(doc);
                }
            }
            Err(pdf_extract::Error::InvalidPassword | pdf_extract::Error::Decryption(_)) => {
                return Err(locked());
            }
            Err(error) => fault = error.to_string(),
        }
    }
    // A key that fails leaves objects that cannot be told from damage.
    Err(if is_encrypted(bytes) {
        locked()
    } else {
        damaged(&fault)
    })
}

fn try_load(bytes: &[u8]) -> std::result::Result<Document, pdf_extract::Error> {
    let options = LoadOptions::with_filter(without_pixels);
    catch_unwind(|| Document::load_mem_with_options(bytes, options))
        .unwrap_or(Err(pdf_extract::Error::Unimplemented("a panic")))
}

/// Leaves out what images hold: the document keeps a copy of everything, and scans are all of a
/// large file. They are drawn from the file itself.
fn without_pixels(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && stream
            .dict
            .get(b"Subtype")
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"Image")
    {
        // An empty one would be read again.
        stream.content = vec![0];
    }
    // Streams are changed in place; only what lies packed in one is taken from here.
    let kept = match object {
        Object::Stream(_) => Object::Null,
        other => other.clone(),
    };
    Some((id, kept))
}

fn title(doc: &Document) -> Option<String> {
    let info = get_dict(doc, &doc.trailer, b"Info")?;
    let Object::String(bytes, _) = get(doc, info, b"Title")? else {
        return None;
    };
    let text = match bytes.as_slice() {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0,
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0,
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        // PDFDocEncoding agrees with this where titles are concerned.
        bytes => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let text = collapse(text.trim_matches('\0'));
    (!text.is_empty() && !text.to_ascii_lowercase().starts_with("untitled")).then_some(text)
}

/// Why a page has no text or little of use, in words for people.
enum Fault {
    /// Nothing can be done about it.
    Final(String),
    /// It shows something, so its image may be read.
    Unreadable(String),
}

/// A page and, if it has no text, the fault that says so.
fn page(
    doc: &Document,
    id: ObjectId,
    number: u32,
    fonts: &mut FontCache,
    sizes: &mut SizeCounts,
) -> (Page, Option<Fault>) {
    let empty = Dictionary::new();
    let dict = doc.get_object(id).ok().and_then(as_dict).unwrap_or(&empty);
    let frame = frame(doc, dict);
    let mut interpreter = Interpreter::new(doc, fonts);
    let resources = inherited(doc, dict, b"Resources")
        .and_then(as_dict)
        .unwrap_or(&empty);
    interpreter.run(&page_content(doc, dict), resources, frame.to_display);
    annotations(doc, dict, &mut interpreter, frame);
    let (glyphs, unknown) = (std::mem::take(&mut interpreter.glyphs), interpreter.unknown);
    let glyphs: Vec<Glyph> = glyphs
        .into_iter()
        .filter(|glyph| is_visible(glyph, frame))
        .collect();
    let directions = words::segments(&glyphs);
    for (_, segments) in &directions {
        blocks::count_sizes(segments, sizes);
    }
    let body = blocks::body_size(sizes);
    let mut text = PageText::default();
    for (direction, segments) in directions {
        for zone in order::zones(segments) {
            text.add_zone(zone, direction, body);
        }
    }
    let fault = if text.text.is_empty() {
        Some(if unknown > 0 {
            Fault::Unreadable(format!(
                "page {number} shows text that cannot be read: its fonts do not say which characters they draw"
            ))
        } else if is_blank(doc, dict, resources) {
            Fault::Final(format!("page {number} is blank"))
        } else {
            Fault::Unreadable(format!("page {number} has no text layer (a scan?)"))
        })
    } else if unknown > glyphs.len() {
        Some(Fault::Unreadable(format!(
            "page {number} is readable in part only: fonts do not say which characters they draw"
        )))
    } else {
        None
    };
    let fault = fault.map(|fault| match fault {
        Fault::Unreadable(why) if image_pixels(doc, resources) > MOST_PIXELS => {
            Fault::Final(format!("{why}; its images are too large to be read"))
        }
        other => other,
    });
    let source = if text.text.is_empty() {
        PageSource::Empty
    } else {
        PageSource::Text
    };
    let page = Page {
        blocks: text.blocks,
        rects: text.rects,
        size: Some((frame.width as f32, frame.height as f32)),
        ..Page::new(number, text.text, source)
    };
    (page, fault)
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

/// Draws what annotations show: filled-in form fields, typed comments, stamps.
fn annotations(doc: &Document, page: &Dictionary, interpreter: &mut Interpreter<'_>, frame: PageFrame) {
    let Some(Object::Array(items)) = get(doc, page, b"Annots") else {
        return;
    };
    for item in items {
        let Some(dict) = resolve(doc, item).and_then(as_dict) else {
            continue;
        };
        let flags = get_number(doc, dict, b"F").unwrap_or(0.0) as i64;
        let hidden = flags & 0b10_0010 != 0;
        let popup = object::get_name(doc, dict, b"Subtype") == Some(b"Popup");
        if hidden || popup {
            continue;
        }
        draw_annotation(doc, dict, interpreter, frame);
    }
}

/// Fits an annotation's appearance into its rectangle (ISO 32000-1, 12.5.5).
fn draw_annotation(
    doc: &Document,
    dict: &Dictionary,
    interpreter: &mut Interpreter<'_>,
    frame: PageFrame,
) -> Option<()> {
    let normal = get(doc, get_dict(doc, dict, b"AP")?, b"N")?;
    let form = match normal {
        Object::Stream(stream) => stream,
        // One appearance a state: a ticked box.
        Object::Dictionary(states) => object::get_stream(doc, states, object::get_name(doc, dict, b"AS")?)?,
        _ => return None,
    };
    let four = |dict: &Dictionary, key: &[u8]| <[f64; 4]>::try_from(get_numbers(doc, dict, key)?).ok();
    let rect = four(dict, b"Rect")?;
    let bbox = four(&form.dict, b"BBox")?;
    let own = get_numbers(doc, &form.dict, b"Matrix").and_then(|m| <[f64; 6]>::try_from(m).ok());
    let own = own.map_or(Matrix::IDENTITY, Matrix);
    let corners = [(0, 1), (2, 1), (0, 3), (2, 3)].map(|(x, y)| own.apply(bbox[x], bbox[y]));
    let low = corners
        .iter()
        .fold((f64::MAX, f64::MAX), |a, b| (a.0.min(b.0), a.1.min(b.1)));
    let high = corners
        .iter()
        .fold((f64::MIN, f64::MIN), |a, b| (a.0.max(b.0), a.1.max(b.1)));
    let (x, y) = (rect[0].min(rect[2]), rect[1].min(rect[3]));
    let stretch = |size: f64, span: f64| if span.abs() < 1e-6 { 1.0 } else { size.abs() / span };
    let sx = stretch(rect[2] - rect[0], high.0 - low.0);
    let sy = stretch(rect[3] - rect[1], high.1 - low.1);
    let fit = Matrix([sx, 0.0, 0.0, sy, x - low.0 * sx, y - low.1 * sy]);
    interpreter.form(form, &Dictionary::new(), fit.then(frame.to_display));
    Some(())
}

#[cfg(test)]
mod tests;
