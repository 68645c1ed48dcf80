//! PowerPoint 97 to 2003 presentations ([MS-PPT]): the text of every slide, in the order they are shown.

mod records;

use std::collections::HashMap;

use encoding_rs::WINDOWS_1252;
use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary, PageUnit};

use crate::compound::{Compound, u32_at};
use crate::package::{damaged, sealed};
use crate::page::{Piece, Sink, one_line};
use crate::paged::Pager;
use records::{
    DOCUMENT, NOTES, OUTLINE_REF, Record, SLIDE, SLIDE_ATOM, SLIDE_LIST, SLIDE_PERSIST, TEXT_BYTES,
    TEXT_CHARS, TEXT_HEADER, objects, record, walk,
};

const WHAT: &str = "PowerPoint presentation";
/// What stands in `Current User` of an encrypted presentation.
const ENCRYPTED: u32 = 0xf3d1_c4df;

/// A text with its role: 0 a title, 1 a body, 2 notes, 4 other.
type Text = (u32, String);

/// A slide in the list of slides.
#[derive(Default)]
struct Listed {
    object: u32,
    id: u32,
    /// Its texts, to which its shapes refer by number.
    texts: Vec<Text>,
}

/// Reads a presentation. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut file = Compound::open(bytes, WHAT)?;
    file.describe(about);
    let user = file.stream("Current User").unwrap_or_default();
    if u32_at(&user, 12) == Some(ENCRYPTED) {
        return Err(sealed(WHAT));
    }
    let stream = file
        .stream("PowerPoint Document")
        .ok_or_else(|| damaged(WHAT, "its text part is missing"))?;
    let last_edit = u32_at(&user, 16).unwrap_or(0) as usize;
    let objects = objects(&stream, last_edit);
    if objects.is_encrypted {
        return Err(sealed(WHAT));
    }
    let document = objects.document.and_then(|at| record(&stream, at));
    let document = document.filter(|document| document.kind == DOCUMENT);
    let is_listed = document.is_some();
    let slides = document
        .map(|document| by_list(&stream, document, &objects.places))
        .unwrap_or_default();
    let slides = if slides.is_empty() {
        let found = by_scan(&stream);
        if !found.is_empty() {
            about.warnings.push(Warning::new(
                "the list of slides is damaged; slides are shown in the order they are stored",
                Notice::SlideOrderLost,
            ));
        }
        found
    } else {
        slides
    };
    if slides.is_empty() && !is_listed {
        return Err(damaged(WHAT, "it holds no slides that can be read"));
    }
    let mut pager = Pager::new(PageUnit::Slide, sink);
    for pieces in slides {
        let title = pieces
            .iter()
            .find(|piece| matches!(piece.kind, BlockKind::Heading { .. }));
        let title = title.map(|piece| one_line(&piece.text));
        if pager.page(title.as_deref(), &pieces).is_break() {
            break;
        }
    }
    if pager.sent() == 0 {
        let _ = pager.page(None, &[]);
    }
    Ok(pager.sent())
}

/// The slides as the document lists them.
fn by_list(stream: &[u8], document: Record, places: &HashMap<u32, usize>) -> Vec<Vec<Piece>> {
    let (mut slides, mut notes) = (Vec::new(), Vec::new());
    for list in walk(stream, document.body).filter(|record| record.kind == SLIDE_LIST) {
        match list.instance {
            0 => slides.extend(listed(stream, &list)),
            2 => notes.extend(listed(stream, &list)),
            _ => {}
        }
    }
    let object = |id: u32, kind: u16| {
        let record = record(stream, *places.get(&id)?)?;
        (record.kind == kind).then_some(record)
    };
    let pages = slides.into_iter().map(|slide| {
        let Some(record) = object(slide.object, SLIDE) else {
            return pieces(slide.texts);
        };
        let mut page = pieces(texts(stream, &record, &slide.texts));
        let atom = walk(stream, record.body).find(|record| record.kind == SLIDE_ATOM);
        let noted = atom
            .and_then(|atom| u32_at(stream, atom.body.start + 16))
            .unwrap_or(0);
        let noted = notes.iter().find(|note| noted != 0 && note.id == noted);
        if let Some(record) = noted.and_then(|note| object(note.object, NOTES)) {
            let written = texts(stream, &record, &[])
                .into_iter()
                .filter(|(role, _)| *role == 2);
            page.extend(written.flat_map(|text| pieces(vec![text])));
        }
        page
    });
    pages.collect()
}

/// The slides that stand in the stream, live or not.
fn by_scan(stream: &[u8]) -> Vec<Vec<Piece>> {
    let slides = walk(stream, 0..stream.len()).filter(|record| record.kind == SLIDE);
    let slides = slides.map(|slide| pieces(texts(stream, &slide, &[])));
    slides.filter(|pieces| !pieces.is_empty()).collect()
}

/// The slides in a list, with the texts that stand there.
fn listed(stream: &[u8], list: &Record) -> Vec<Listed> {
    let mut slides: Vec<Listed> = Vec::new();
    let mut role = 4;
    for record in walk(stream, list.body.clone()) {
        match record.kind {
            SLIDE_PERSIST => slides.push(Listed {
                object: u32_at(stream, record.body.start).unwrap_or(0),
                id: u32_at(stream, record.body.start + 12).unwrap_or(0),
                texts: Vec::new(),
            }),
            TEXT_HEADER => {
                role = u32_at(stream, record.body.start).unwrap_or(4);
                // A text can be empty; the shapes count it all the same.
                if let Some(slide) = slides.last_mut() {
                    slide.texts.push((role, String::new()));
                }
            }
            TEXT_CHARS | TEXT_BYTES => {
                if let Some(last) = slides.last_mut().and_then(|slide| slide.texts.last_mut()) {
                    *last = (role, text(stream, &record));
                }
            }
            _ => {}
        }
    }
    slides
}

/// The texts in the shapes of a slide, in the order they are drawn; those of the list that no shape
/// refers to stand first.
fn texts(stream: &[u8], slide: &Record, outline: &[Text]) -> Vec<Text> {
    let mut found = Vec::new();
    let mut used = vec![false; outline.len()];
    let mut role = 4;
    for record in walk(stream, slide.body.clone()) {
        match record.kind {
            TEXT_HEADER => role = u32_at(stream, record.body.start).unwrap_or(4),
            TEXT_CHARS | TEXT_BYTES => {
                found.push((role, text(stream, &record)));
                role = 4;
            }
            OUTLINE_REF => {
                let index = u32_at(stream, record.body.start).map_or(usize::MAX, |n| n as usize);
                if let (Some(text), Some(used)) = (outline.get(index), used.get_mut(index)) {
                    *used = true;
                    found.push(text.clone());
                }
            }
            _ => {}
        }
    }
    let unused = outline.iter().zip(used).filter(|(_, used)| !used);
    unused.map(|(text, _)| text.clone()).chain(found).collect()
}

fn text(stream: &[u8], record: &Record) -> String {
    let bytes = &stream[record.body.clone()];
    if record.kind == TEXT_BYTES {
        return WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// Texts as pieces, titles first.
fn pieces(mut texts: Vec<Text>) -> Vec<Piece> {
    let is_title = |role: u32| matches!(role, 0 | 6);
    texts.sort_by_key(|(role, _)| !is_title(*role));
    let mut pieces = Vec::new();
    for (role, text) in texts {
        let text = text.replace('\u{b}', "\n").replace('\0', "");
        if is_title(role) {
            let title = text.replace('\r', " ");
            pieces.push(Piece::new(BlockKind::Heading { level: 1 }, title.trim()));
            continue;
        }
        for paragraph in text.split('\r').map(str::trim) {
            // The place of a number or date that is filled in when the slide is drawn.
            if paragraph.is_empty() || paragraph == "*" {
                continue;
            }
            pieces.push(match role {
                1 | 7 | 8 => Piece::new(BlockKind::ListItem, format!("- {paragraph}")),
                2 => Piece::new(BlockKind::Footnote, paragraph),
                _ => Piece::new(BlockKind::Paragraph, paragraph),
            });
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
