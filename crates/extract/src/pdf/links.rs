//! Hyperlinks: link annotations, and the words they lie on.

use footnote_core::span::CharSpan;
use footnote_core::types::{Link, TextRect};
use pdf_extract::{Dictionary, Document, Object};

use super::annotation;
use super::matrix::PageFrame;
use super::object::{get, get_dict, get_name, get_numbers};
use super::outline::Destinations;
use super::string;
use super::words::Rect;

/// Longer targets are data, not addresses.
const LONGEST: usize = 4096;

/// The links of a page with these words, in the text's order. Places within the document are named
/// by their page, as RFC 8118 does.
pub(super) fn links(
    doc: &Document,
    page: &Dictionary,
    words: &[TextRect],
    destinations: &Destinations<'_>,
    frame: PageFrame,
) -> Vec<Link> {
    let mut found = Vec::new();
    for dict in annotation::visible(doc, page) {
        if get_name(doc, dict, b"Subtype") != Some(b"Link") {
            continue;
        }
        let Some(target) = target(doc, dict, destinations) else {
            continue;
        };
        let areas = areas(doc, dict, frame);
        let on = |word: &TextRect| {
            let (x, y) = (
                f64::from(word.x + word.width / 2.0),
                f64::from(word.y + word.height / 2.0),
            );
            areas
                .iter()
                .any(|a| (a.x0..=a.x1).contains(&x) && (a.y0..=a.y1).contains(&y))
        };
        let mut run: Option<(usize, CharSpan)> = None;
        for (n, word) in words.iter().enumerate().filter(|(_, word)| on(word)) {
            match &mut run {
                Some((last, span)) if *last + 1 == n => (*last, span.end) = (n, word.span.end),
                _ => {
                    let before = run.replace((n, word.span));
                    found.extend(before.map(|(_, span)| Link {
                        span,
                        target: target.clone(),
                    }));
                }
            }
        }
        found.extend(run.map(|(_, span)| Link { span, target }));
    }
    found.sort_by_key(|link| (link.span.start, link.span.end));
    found.dedup();
    found
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
fn areas(doc: &Document, dict: &Dictionary, frame: PageFrame) -> Vec<Rect> {
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
    if quads.is_empty() {
        annotation::place(doc, dict, frame).into_iter().collect()
    } else {
        quads
    }
}
