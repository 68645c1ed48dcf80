//! What office documents are: by the parts of their packages and the streams of their compound files.

use std::io::{Cursor, Read};

use super::Format;
use crate::compound::Compound;

/// How much of a part tells what the package is.
const ENOUGH: u64 = 256 * 1024;

/// The document in a zip package.
pub(super) fn in_zip(bytes: &[u8]) -> Option<Format> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    if let Some(format) = start(&mut zip, "mimetype").and_then(|kind| opendocument(&kind)) {
        return Some(format);
    }
    let types = start(&mut zip, "[Content_Types].xml").unwrap_or_default();
    let main = |kinds: &[&str]| kinds.iter().any(|kind| types.contains(kind));
    if main(&[
        "wordprocessingml.document.main",
        "wordprocessingml.template.main",
        "ms-word.document",
        "ms-word.template",
    ]) {
        return Some(Format::Docx);
    }
    if main(&["ms-excel.sheet.binary"]) {
        return Some(Format::Xlsb);
    }
    if main(&[
        "spreadsheetml.sheet.main",
        "spreadsheetml.template.main",
        "ms-excel.sheet.macro",
        "ms-excel.template.macro",
    ]) {
        return Some(Format::Xlsx);
    }
    if main(&[
        "presentationml.presentation.main",
        "presentationml.slideshow.main",
        "presentationml.template.main",
    ]) || types.contains("ms-powerpoint.") && types.contains(".main+xml")
    {
        return Some(Format::Pptx);
    }
    // Packages written by hand: their parts' usual names.
    let has = |folder: &str, name: &str| {
        zip.file_names().any(|part| {
            let part = part
                .trim_start_matches(['/', '\\'])
                .to_ascii_lowercase()
                .replace('\\', "/");
            part.starts_with(folder) && part.starts_with(name) && part.ends_with(".xml")
        })
    };
    match () {
        () if has("word/", "word/document") => Some(Format::Docx),
        () if has("xl/", "xl/workbook") => Some(Format::Xlsx),
        () if has("ppt/", "ppt/presentation") => Some(Format::Pptx),
        () => start(&mut zip, "content.xml").and_then(|xml| flat_opendocument(&xml)),
    }
}

fn start(zip: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    let mut text = Vec::new();
    let _ = zip.by_name(name).ok()?.take(ENOUGH).read_to_end(&mut text);
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The document in a compound file.
pub(super) fn in_compound(bytes: &[u8]) -> Option<Format> {
    let streams = match Compound::open(bytes, "") {
        Ok(file) => file.names(),
        // Hopeless ones are recognised too, so that the error can say what they are.
        Err(_) => ["WordDocument", "Workbook", "PowerPoint Document"]
            .into_iter()
            .filter(|name| {
                let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
                bytes.windows(wide.len()).any(|window| window == wide)
            })
            .map(str::to_owned)
            .collect(),
    };
    let has = |name: &str| streams.iter().any(|stream| stream.eq_ignore_ascii_case(name));
    match () {
        () if has("EncryptedPackage") => None,
        () if has("WordDocument") => Some(Format::Doc),
        () if has("Workbook") || has("Book") => Some(Format::Xls),
        () if has("PowerPoint Document") => Some(Format::Ppt),
        () => None,
    }
}

/// The document in one XML file.
pub(super) fn flat_opendocument(start: &str) -> Option<Format> {
    let root = start.find("<office:document")?;
    let rest = &start[root..];
    let kind = rest.find("office:mimetype=").map(|at| &rest[at + 17..]);
    if let Some(format) = kind.and_then(opendocument) {
        return Some(format);
    }
    let bodies = [
        ("<office:spreadsheet", Format::Ods),
        ("<office:presentation", Format::Odp),
        ("<office:text", Format::Odt),
    ];
    bodies
        .iter()
        .find(|(body, _)| rest.contains(body))
        .map(|(_, format)| *format)
}

fn opendocument(kind: &str) -> Option<Format> {
    let kind = kind.trim().strip_prefix("application/vnd.")?;
    let kind = kind
        .strip_prefix("oasis.opendocument.")
        .or_else(|| kind.strip_prefix("sun.xml."))?;
    let starts = |names: &[&str]| names.iter().any(|name| kind.starts_with(name));
    match () {
        () if starts(&["text", "writer"]) => Some(Format::Odt),
        () if starts(&["spreadsheet", "calc"]) => Some(Format::Ods),
        () if starts(&["presentation", "impress", "graphics", "draw"]) => Some(Format::Odp),
        () => None,
    }
}
