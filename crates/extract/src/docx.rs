//! Word documents (Office Open XML): the zip package, its parts, and the order to read them in.

mod body;
mod math;
mod parts;
mod styles;
mod table;

pub(crate) use styles::{format_number, script_of};

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::ExtractSummary;

use crate::ooxml;
use crate::package::Package;
use crate::page::{Sink, hidden_left_out, send_pieces};

/// Reads a Word document. Returns the number of pages.
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
    ooxml::describe(&mut package, about);
    let style_xml = package.side_text(&side("styles.xml")).unwrap_or_default();
    let styles = styles::parse(&style_xml);
    if about.language.is_none() {
        about.language = styles::language(&style_xml);
    }
    let numbering = package.side_text(&side("numbering.xml"));
    let numbering = numbering
        .map(|xml| styles::parse_numbering(&xml))
        .unwrap_or_default();
    let mut notes = body::Notes::default();
    for (name, kind) in [("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")] {
        if let Some(xml) = package.side_text(&side(name)) {
            notes.add(kind, &xml, &styles);
        }
    }
    let relations = ooxml::relations(&mut package, &main);
    notes.add_comments(parts::comments(&mut package, &relations));
    let sides = body::Sides {
        notes: Some(&notes),
        alternatives: parts::alternatives(&mut package, &relations),
        relations: Some(&relations),
    };
    let xml = package
        .text(&main)?
        .ok_or_else(|| package.damaged(&format!("its text part {main} is missing")))?;
    let read = body::read(&xml, &styles, numbering, sides);
    if let Some(fault) = read.fault {
        // What came before the fault is still the user's text.
        about.warnings.push(Warning::new(
            format!("the text part is damaged ({fault}); what follows was not read"),
            Notice::RestNotRead {
                detail: fault.to_string(),
            },
        ));
    }
    if read.hidden {
        about.warnings.push(hidden_left_out());
    }
    let mut pieces = parts::running(&mut package, &relations, "header", &styles);
    pieces.extend(read.pieces);
    pieces.extend(parts::running(&mut package, &relations, "footer", &styles));
    send_pieces(&pieces, sink)
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
