//! Word documents (Office Open XML): the zip package, its parts, and the order to read them in.

mod body;
mod styles;

use std::io::{Cursor, Read};

use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::page::{Sink, collapse, send_pieces};

/// A part larger than this is not text that somebody wrote; packages can pack gigabytes of blanks
/// into kilobytes.
const MAX_PART: u64 = 256 * 1024 * 1024;

type Package<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// Reads a Word document. Returns the title and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("its package cannot be opened"))?;
    let main = main_part(&mut package);
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let side = |name: &str| {
        if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        }
    };
    let styles = part(&mut package, &side("styles.xml"))?
        .map(|xml| styles::parse(&xml))
        .unwrap_or_default();
    let numbering = part(&mut package, &side("numbering.xml"))?.map(|xml| styles::parse_numbering(&xml));
    let mut notes = body::Notes::default();
    for (name, kind) in [("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")] {
        if let Some(xml) = part(&mut package, &side(name))? {
            notes.add(kind, &xml, &styles);
        }
    }
    about.title = part(&mut package, "docProps/core.xml")?.and_then(|xml| core_title(&xml));
    let xml = part(&mut package, &main)?.ok_or_else(|| damaged("it has no text part"))?;
    let read = body::read(&xml, &styles, numbering.unwrap_or_default(), &notes);
    if let Some(fault) = read.fault {
        // What came before the fault is still the user's text.
        about.warnings.push(format!(
            "the text part is damaged ({fault}); what follows was not read"
        ));
    }
    send_pieces(&read.pieces, sink)
}

fn damaged(what: &str) -> Error {
    Error::user(format!("The Word document is damaged: {what}"))
        .hint("Open it in a word processor and save it again, then add the new file")
}

/// The name of the part that holds the text; the package's relations say which.
fn main_part(package: &mut Package<'_>) -> String {
    const USUAL: &str = "word/document.xml";
    let Ok(Some(relations)) = part(package, "_rels/.rels") else {
        return USUAL.into();
    };
    let mut found = None;
    let _ = each_start(&relations, |element| {
        let is_main = attribute(element, "Type").is_some_and(|t| t.ends_with("/officeDocument"));
        if is_main && found.is_none() {
            found = attribute(element, "Target");
        }
    });
    found
        .map(|target| target.trim_start_matches('/').to_owned())
        .unwrap_or_else(|| USUAL.into())
}

/// A part's text; none if the package has no such part.
fn part(package: &mut Package<'_>, name: &str) -> Result<Option<String>> {
    let entry = match package.by_name(name) {
        Ok(entry) => entry,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(_) => return Err(damaged(&format!("its part {name} cannot be opened"))),
    };
    let mut bytes = Vec::new();
    let read = entry.take(MAX_PART + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > MAX_PART {
        return Err(damaged(&format!("its part {name} unpacks to more than 256 MB")));
    }
    // A wrong checksum at the end leaves the text whole.
    if read.is_err() && bytes.is_empty() {
        return Err(damaged(&format!("its part {name} cannot be unpacked")));
    }
    Ok(Some(crate::text::decode(&bytes, None)))
}

fn core_title(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let (mut inside, mut title) = (false, String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) if local(element.name().as_ref()) == "title" => inside = true,
            Ok(Event::End(_)) if inside => break,
            Ok(Event::Text(text)) if inside => title.push_str(&text_of(&text)),
            Ok(Event::GeneralRef(name)) if inside => title.push_str(&entity(&name)),
            Ok(Event::Eof) | Err(_) => break,
            _ => {}
        }
    }
    Some(collapse(&title)).filter(|title| !title.is_empty())
}

/// Calls `visit` for every element's start. Stops at the first fault.
fn each_start(xml: &str, mut visit: impl FnMut(&BytesStart<'_>)) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event()? {
            Event::Start(element) | Event::Empty(element) => visit(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A name without its prefix; producers choose prefixes freely.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// An attribute's value by local name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find_map(|attribute| {
            let same = local(attribute.key.as_ref()) == name;
            same.then(|| {
                let raw = &attribute.value;
                quick_xml::escape::unescape(raw)
                    .map(|v| v.into_owned())
                    .unwrap_or_else(|_| raw.clone().into_owned())
            })
        })
}

/// The characters of a text event.
fn text_of(text: &quick_xml::events::BytesText<'_>) -> String {
    String::from(&**text)
}

/// The character that an entity stands for.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests;
