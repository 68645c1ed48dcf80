//! Files inside a PDF: its own list of them, and those attached to places on its pages.

use std::collections::HashSet;

use flate2::read::ZlibDecoder;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use super::object::{as_dict, get_dict, get_name, get_stream};
use super::{annotation, string, tree};
use crate::nest::{Container, Nest};
use crate::page::Sink;

/// More files are counted out by the container, which says so.
const MOST: usize = 20_000;

/// A file and its name.
struct Embedded<'a> {
    name: String,
    stream: &'a Stream,
    /// Whether it says again what the document shows (ISO 32000-2, table 43).
    supplement: bool,
}

/// Reads the files inside, after `pages` pages of the document's own. Returns how many pages there
/// are then.
pub(super) fn read(
    doc: &Document,
    page_ids: &[ObjectId],
    nest: &Nest,
    pages: u32,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> u32 {
    let files = list(doc, page_ids);
    if files.is_empty() {
        return pages;
    }
    let nest = match nest.deeper() {
        Ok(nest) => nest,
        Err(error) => {
            about.warnings.push(Warning::new(
                format!("embedded files: {}", error.message),
                Notice::AttachmentsUnreadable {
                    detail: error.message.clone(),
                },
            ));
            return pages;
        }
    };
    let mut inside = Container::new(nest, pages, sink);
    for file in files {
        match unpack(file.stream, inside.nest()) {
            // Formulas once more, as MathML: the page has them.
            Ok(bytes) if file.supplement && is_formula(&bytes) => {}
            Ok(bytes) => {
                if inside.file(&file.name, &bytes).is_break() {
                    break;
                }
            }
            Err(error) => inside.fail(&file.name, error),
        }
    }
    inside.close(about)
}

fn list<'a>(doc: &'a Document, page_ids: &[ObjectId]) -> Vec<Embedded<'a>> {
    let mut files: Vec<Embedded<'a>> = Vec::new();
    let mut seen: HashSet<*const Stream> = HashSet::new();
    let mut add = |spec: &'a Dictionary, key: Option<&[u8]>| {
        let Some(stream) = get_dict(doc, spec, b"EF")
            .and_then(|held| get_stream(doc, held, b"UF").or_else(|| get_stream(doc, held, b"F")))
            .filter(|stream| seen.insert(std::ptr::from_ref(*stream)))
        else {
            return;
        };
        let name = string::entry(doc, spec, b"UF")
            .or_else(|| string::entry(doc, spec, b"F"))
            .or_else(|| Some(string::text(key?)).filter(|name| !name.trim().is_empty()))
            .unwrap_or_else(|| format!("embedded file {}", files.len() + 1));
        files.push(Embedded {
            name,
            stream,
            supplement: get_name(doc, spec, b"AFRelationship") == Some(b"Supplement"),
        });
    };
    let mut count = 0;
    if let Some(root) = tree::named(doc, b"EmbeddedFiles") {
        tree::walk(doc, root, |name, spec| {
            count += 1;
            if let Some(spec) = as_dict(spec) {
                add(spec, Some(name));
            }
            count < MOST
        });
    }
    for id in page_ids {
        let Some(page) = doc.get_object(*id).ok().and_then(as_dict) else {
            continue;
        };
        for dict in annotation::visible(doc, page) {
            if get_name(doc, dict, b"Subtype") == Some(b"FileAttachment")
                && let Some(spec) = get_dict(doc, dict, b"FS")
            {
                add(spec, None);
            }
        }
    }
    files
}

fn is_formula(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    head.windows(6).any(|part| part == b"MathML")
}

fn unpack(stream: &Stream, nest: &Nest) -> Result<Vec<u8>> {
    let packed = stream.content.len() as u64;
    let filters: Vec<&[u8]> = match stream.dict.get(b"Filter") {
        Err(_) => Vec::new(),
        Ok(Object::Name(name)) => vec![name],
        Ok(Object::Array(names)) => names.iter().filter_map(|name| name.as_name().ok()).collect(),
        Ok(_) => return Err(unknown()),
    };
    match filters.as_slice() {
        [] => nest.unpack(packed, stream.content.as_slice()),
        // Unpacked here, bit by bit: the library's own way knows no limit.
        [b"FlateDecode" | b"Fl"] if !stream.dict.has(b"DecodeParms") => {
            nest.unpack(packed, ZlibDecoder::new(stream.content.as_slice()))
        }
        _ => {
            let bytes = stream.decompressed_content().map_err(|_| unknown())?;
            nest.unpack(packed, bytes.as_slice())
        }
    }
}

fn unknown() -> Error {
    Error::user("It is packed in a way that this reader does not know")
        .problem(Problem::UnknownPacking)
        .hint("Save the file out of the PDF with a PDF viewer and add it by itself")
}
