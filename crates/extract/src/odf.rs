//! OpenDocument files: texts, spreadsheets, presentations; zipped or as one XML file.

mod body;
mod sheets;
mod styles;

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary, PageUnit};

use crate::package::{Package, damaged, sealed};
use crate::page::{Piece, Sink, collapse, hidden, hidden_left_out, one_line, send_pieces};
use crate::paged::Pager;

/// The XML of a document.
struct Source {
    content: String,
    styles: String,
}

/// Reads a text or a presentation. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let what = "OpenDocument file";
    let source = open(bytes, what, about)?;
    let mut styles = styles::Styles::default();
    styles.add(&source.styles);
    styles.add(&source.content);
    let read = body::read(&source.content, &styles);
    if let Some(fault) = read.fault {
        if read.pages.is_empty() && read.pieces.is_empty() {
            return Err(damaged(what, &format!("its content cannot be read ({fault})")));
        }
        about.warnings.push(Warning::new(
            format!("the content is damaged ({fault}); what follows was not read"),
            Notice::RestNotRead {
                detail: fault.to_string(),
            },
        ));
    }
    if read.hidden {
        about.warnings.push(hidden_left_out());
    }
    if read.is_presentation {
        let mut pager = Pager::new(PageUnit::Slide, sink);
        for slide in &read.pages {
            let title = slide
                .pieces
                .iter()
                .find(|p| p.kind == BlockKind::Heading { level: 1 });
            let title = title.map(|piece| one_line(&piece.text));
            about.title = about.title.take().or_else(|| title.clone());
            let label = title.or_else(|| slide.name.clone());
            let label = if slide.hidden {
                Some(hidden(label.as_deref()))
            } else {
                label
            };
            if pager.page(label.as_deref(), &slide.pieces).is_break() {
                return Ok(pager.sent());
            }
        }
        if read.pages.is_empty() {
            let _ = pager.page(None, &[]);
        }
        return Ok(pager.sent());
    }
    let (header, footer) = body::running(&source.styles, &styles);
    let mut pieces: Vec<Piece> = header;
    pieces.extend(read.pieces);
    pieces.extend(footer);
    send_pieces(&pieces, sink)
}

/// Reads a spreadsheet. Returns the number of pages.
pub(crate) fn read_sheets(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let source = open(bytes, "OpenDocument spreadsheet", about)?;
    let mut styles = styles::Styles::default();
    styles.add(&source.content);
    sheets::read(&source.content, &styles, about, sink)
}

/// The document's XML; fills in what it says about itself.
fn open(bytes: &[u8], what: &'static str, about: &mut ExtractSummary) -> Result<Source> {
    if !bytes.starts_with(b"PK") {
        let content = crate::text::decode(bytes, None);
        if let Some(meta) = between(&content, "<office:meta", "</office:meta>") {
            describe(meta, about);
        }
        let defaults = between(&content, "<office:styles", "</office:styles>").unwrap_or_default();
        about.language = about.language.take().or_else(|| styles::language(defaults));
        let styles = between(&content, "<office:master-styles", "</office:master-styles>");
        let styles = styles.unwrap_or_default().to_owned();
        return Ok(Source { content, styles });
    }
    let mut package = Package::open(bytes, what)?;
    let manifest = package.side_text("META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") || manifest.contains("encrypted-key") {
        return Err(sealed(what));
    }
    if let Some(meta) = package.side_text("meta.xml") {
        describe(&meta, about);
    }
    let content = package
        .text("content.xml")?
        .ok_or_else(|| package.damaged("its part content.xml is missing"))?;
    let styles = package.side_text("styles.xml").unwrap_or_default();
    about.language = about.language.take().or_else(|| styles::language(&styles));
    Ok(Source { content, styles })
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let start = text.find(open)?;
    let end = text[start..].find(close)? + start + close.len();
    Some(&text[start..end])
}

fn describe(meta: &str, about: &mut ExtractSummary) {
    let (mut creator, mut initial, mut date, mut created) = (None, None, None, None);
    crate::xml::each_text(meta, |name, text| {
        let text = Some(collapse(text)).filter(|text| !text.is_empty());
        match name {
            "title" => about.title = text,
            "language" => about.language = text,
            "creator" => creator = text,
            "initial-creator" => initial = text,
            "date" => date = text,
            "creation-date" => created = text,
            _ => {}
        }
    });
    about.author = initial.or(creator);
    about.date = date.or(created);
}

#[cfg(test)]
mod tests;
