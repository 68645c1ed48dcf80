//! Hyperlinks: link annotations.

use footnote_core::ocr::LinkArea;
use pdf_extract::{Dictionary, Document, Object};

use super::annotation;
use super::matrix::PageFrame;
use super::object::{get, get_dict, get_name, get_numbers};
use super::outline::Destinations;
use super::string;
use super::words::Rect;

/// Longer targets are data, not addresses.
const LONGEST: usize = 4096;

/// Where a page can be clicked. Places within the document are named by their page, as RFC 8118 does.
pub(super) fn link_areas(
    doc: &Document,
    page: &Dictionary,
    destinations: &Destinations<'_>,
    frame: PageFrame,
) -> Vec<LinkArea> {
    let links = annotation::visible(doc, page).into_iter();
    let links = links.filter(|dict| get_name(doc, dict, b"Subtype") == Some(b"Link"));
    let area = |dict| {
        Some(LinkArea {
            target: target(doc, dict, destinations)?,
            places: places(doc, dict, frame),
        })
    };
    links.filter_map(area).collect()
}

fn target(doc: &Document, dict: &Dictionary, destinations: &Destinations<'_>) -> Option<String> {
    if let Some(to) = destinations.of(dict) {
        return Some(format!("#page={}", to.page));
    }
    let action = get_dict(doc, dict, b"A")?;
    let target = match get_name(doc, action, b"S")? {
        b"URI" => string::entry(doc, action, b"URI")?,
        b"GoToR" | b"Launch" => match get(doc, action, b"F")? {
            Object::Dictionary(file) => {
                string::entry(doc, file, b"UF").or_else(|| string::entry(doc, file, b"F"))?
            }
            _ => string::entry(doc, action, b"F")?,
        },
        _ => return None,
    };
    (target.len() <= LONGEST).then_some(target)
}

/// Where a link can be clicked: its quadrilaterals, else its rectangle.
fn places(doc: &Document, dict: &Dictionary, frame: PageFrame) -> Vec<[f32; 4]> {
    let points = get_numbers(doc, dict, b"QuadPoints").unwrap_or_default();
    let quads: Vec<Rect> = points
        .chunks_exact(8)
        .filter_map(|quad| {
            let corners = quad
                .chunks_exact(2)
                .map(|at| frame.rect([at[0], at[1], at[0], at[1]]));
            corners.reduce(Rect::union)
        })
        .collect();
    let rects = if quads.is_empty() {
        annotation::place(doc, dict, frame).into_iter().collect()
    } else {
        quads
    };
    let sides = |rect: Rect| [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| side as f32);
    rects.into_iter().map(sides).collect()
}
