//! Annotations: what they show on the page, and what is said in them.

use compact_str::ToCompactString as _;
use pdf_extract::{Dictionary, Document, Object};

use super::field::{self, Field};
use super::interpreter::{Glyph, Interpreter};
use super::matrix::{Matrix, PageFrame};
use super::object::{as_dict, get, get_dict, get_name, get_number, get_numbers, get_stream, resolve};
use super::string;
use super::words::Rect;

/// Annotations of one page; more are a trap.
const MOST: usize = 20_000;
/// Kinds whose contents are a comment, shown only when one asks for it (ISO 32000-1, 12.5.6.2).
const COMMENTS: &[&[u8]] = &[
    b"Text",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
    b"Ink",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Stamp",
    b"FileAttachment",
];

/// The annotations of a page that can be seen.
pub(super) fn visible<'a>(doc: &'a Document, page: &'a Dictionary) -> Vec<&'a Dictionary> {
    let Some(Object::Array(items)) = get(doc, page, b"Annots") else {
        return Vec::new();
    };
    let dicts = items
        .iter()
        .take(MOST)
        .filter_map(|item| resolve(doc, item).and_then(as_dict));
    dicts
        .filter(|dict| {
            let flags = get_number(doc, dict, b"F").unwrap_or(0.0) as i64;
            let hidden = flags & 0b10_0010 != 0;
            !hidden && get_name(doc, dict, b"Subtype") != Some(b"Popup")
        })
        .collect()
}

/// Draws what annotations show: form fields with their values, typed comments, stamps.
pub(super) fn draw(doc: &Document, page: &Dictionary, interpreter: &mut Interpreter<'_>, frame: PageFrame) {
    for dict in visible(doc, page) {
        let kind = get_name(doc, dict, b"Subtype");
        let field = (kind == Some(b"Widget")).then(|| Field::of(doc, dict)).flatten();
        if let Some(Field::Mark(mark)) = field {
            // The appearance is a sign of a font of pictures, or lines; what it means is said here.
            write(doc, dict, mark, None, &mut interpreter.glyphs, frame);
            continue;
        }
        let before = interpreter.glyphs.len();
        draw_annotation(doc, dict, interpreter, frame);
        let drawn = interpreter.glyphs[before..]
            .iter()
            .any(|glyph| !glyph.text.trim().is_empty());
        if drawn {
            continue;
        }
        // Writers may leave it to the viewer to draw the value.
        let text = match (field, kind) {
            (Some(Field::Text(text)), _) => Some(text),
            (None, Some(b"FreeText")) => string::paragraphs(doc, dict, b"Contents"),
            _ => None,
        };
        if let Some(text) = text {
            let size = field::font_size(doc, dict);
            write(doc, dict, &text, size, &mut interpreter.glyphs, frame);
        }
    }
}

/// A comment, and the annotation's place on the page as displayed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comment {
    pub text: String,
    pub rect: Rect,
}

/// The comments of a page, with who wrote them.
pub(super) fn comments(doc: &Document, page: &Dictionary, frame: PageFrame) -> Vec<Comment> {
    let read = |dict: &Dictionary| {
        let kind = get_name(doc, dict, b"Subtype")?;
        if !COMMENTS.contains(&kind) {
            return None;
        }
        let text = string::paragraphs(doc, dict, b"Contents")?;
        let author = string::entry(doc, dict, b"T");
        let rect = place(doc, dict, frame)?;
        let text = match author {
            Some(author) => format!("{author}: {text}"),
            None => text,
        };
        Some(Comment { text, rect })
    };
    visible(doc, page).into_iter().filter_map(read).collect()
}

/// An annotation's rectangle on the page as displayed.
pub(super) fn place(doc: &Document, dict: &Dictionary, frame: PageFrame) -> Option<Rect> {
    let [a, b, c, d] = <[f64; 4]>::try_from(get_numbers(doc, dict, b"Rect")?).ok()?;
    Some(frame.rect([a, b, c, d])).filter(|rect| {
        [rect.x0, rect.y0, rect.x1, rect.y1]
            .iter()
            .all(|n| n.is_finite() && n.abs() < 1e6)
    })
}

/// Sets text into an annotation's rectangle, as a viewer would that knows no font.
fn write(
    doc: &Document,
    dict: &Dictionary,
    text: &str,
    size: Option<f64>,
    glyphs: &mut Vec<Glyph>,
    frame: PageFrame,
) {
    /// Mean width of a character, as part of the font's size.
    const WIDTH: f64 = 0.5;
    const LINE: f64 = 1.2;
    let Some(rect) = place(doc, dict, frame) else {
        return;
    };
    let (width, height) = (rect.x1 - rect.x0, rect.y1 - rect.y0);
    let size = size.unwrap_or(0.7 * height).clamp(4.0, 12.0);
    let columns = ((width / (WIDTH * size)) as usize).max(1);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > columns {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    // One line stands in the middle, several begin at the top and are set closer if they must be.
    let pitch = (LINE * size).min(height / lines.len().max(1) as f64);
    let size = size.min(pitch.max(1.0));
    let first = if lines.len() == 1 {
        (rect.y0 + rect.y1) / 2.0 + 0.3 * size
    } else {
        rect.y0 + size
    };
    for (n, line) in lines.iter().enumerate() {
        let y = first + n as f64 * pitch;
        let step = (WIDTH * size).min(width / line.chars().count().max(1) as f64);
        for (m, c) in line.chars().enumerate() {
            let x = rect.x0 + m as f64 * step;
            glyphs.push(Glyph {
                text: c.to_compact_string(),
                from: (x, y),
                to: (x + step, y),
                size,
                bold: false,
            });
        }
        // What follows is another line.
        glyphs.push(Glyph {
            text: " ".into(),
            from: (rect.x1, y),
            to: (rect.x1, y),
            size,
            bold: false,
        });
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
        Object::Dictionary(states) => get_stream(doc, states, get_name(doc, dict, b"AS")?)?,
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
