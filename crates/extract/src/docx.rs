//! Word documents (Office Open XML): the zip package, its parts, and the order to read them in.

mod body;
mod styles;

pub(crate) use body::superscript;
pub(crate) use styles::format_number;

use footnote_core::Result;
use footnote_core::types::ExtractSummary;

use crate::ooxml;
use crate::package::Package;
use crate::page::{Sink, send_pieces};

/// Reads a Word document. Returns the title and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, "Word document")?;
    let main = ooxml::main_part(&mut package, "word/document.xml");
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let side = |name: &str| {
        if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        }
    };
    let styles = package
        .side_text(&side("styles.xml"))
        .map(|xml| styles::parse(&xml))
        .unwrap_or_default();
    let numbering = package
        .side_text(&side("numbering.xml"))
        .map(|xml| styles::parse_numbering(&xml));
    let mut notes = body::Notes::default();
    for (name, kind) in [("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")] {
        if let Some(xml) = package.side_text(&side(name)) {
            notes.add(kind, &xml, &styles);
        }
    }
    ooxml::describe(&mut package, about);
    let xml = package
        .text(&main)?
        .ok_or_else(|| package.damaged("it has no text part"))?;
    let read = body::read(&xml, &styles, numbering.unwrap_or_default(), &notes);
    if let Some(fault) = read.fault {
        // What came before the fault is still the user's text.
        about.warnings.push(format!(
            "the text part is damaged ({fault}); what follows was not read"
        ));
    }
    send_pieces(&read.pieces, sink)
}

/// Whether a picture's description is but the name of its file.
pub(crate) fn is_file_name(text: &str) -> bool {
    let name = text
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(text)
        .to_ascii_lowercase();
    let ends = [
        ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".emf", ".wmf", ".tif", ".tiff", ".webp",
    ];
    ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests;
