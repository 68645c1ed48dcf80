//! What mails, archives, books, markup, data and source code are.

use std::io::{Cursor, Read};
use std::path::Path;

use super::Format;
use crate::code::Language;
use crate::markup::Markup;

/// What lies in a zip package that is no office document.
pub(super) fn in_zip(bytes: &[u8], path: &Path) -> Option<Format> {
    let Ok(mut package) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        // A document that is a broken package is told by its name; a broken archive tells itself.
        return match Format::of_name(path) {
            Some(Format::Epub) => Some(Format::Epub),
            None | Some(Format::Zip) => Some(Format::Zip),
            Some(_) => None,
        };
    };
    let mut kind = String::new();
    if let Ok(part) = package.by_name("mimetype") {
        let _ = part.take(64).read_to_string(&mut kind);
    }
    let container = package.file_names().any(|name| name == "META-INF/container.xml");
    if kind.trim() == "application/epub+zip" || container {
        return Some(Format::Epub);
    }
    match Format::of_name(path) {
        // A package that lost the part which makes it what it is called.
        Some(named) if named.is_container() && named != Format::Zip => None,
        _ => Some(Format::Zip),
    }
}

/// What lies in a compound file that is no office document.
pub(super) fn in_compound(bytes: &[u8]) -> Option<Format> {
    let wide: Vec<u8> = "__properties_version1.0"
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    let found = bytes.windows(wide.len()).any(|window| window == wide);
    found.then_some(Format::Msg)
}

/// Packed files that are told by their first bytes.
pub(super) fn packed(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"\x1f\x8b") {
        Some(Format::Gzip)
    } else if head.starts_with(crate::mail::tnef::SIGNATURE) {
        Some(Format::Tnef)
    } else if crate::archive::is_tar(head) {
        Some(Format::Tar)
    } else {
        None
    }
}

/// What a file extension (in small letters) promises.
pub(super) fn of_extension(extension: &str) -> Option<Format> {
    Some(match extension {
        "eml" | "emlx" => Format::Eml,
        "mbox" | "mbx" => Format::Mbox,
        "msg" => Format::Msg,
        "tnef" => Format::Tnef,
        "mht" | "mhtml" => Format::Mhtml,
        "epub" => Format::Epub,
        "zip" => Format::Zip,
        "gz" | "tgz" => Format::Gzip,
        "tar" => Format::Tar,
        "ipynb" => Format::Notebook,
        "xml" | "svg" | "rss" | "atom" | "kml" | "gpx" | "opml" | "xsd" | "xsl" | "xslt" | "dbk"
        | "docbook" | "nxml" | "jats" | "tei" | "dita" | "ditamap" | "plist" | "wsdl" => Format::Xml,
        _ => {
            return Markup::of_extension(extension)
                .map(Format::Markup)
                .or_else(|| Language::of_extension(extension).map(Format::Code));
        }
    })
}

/// What a text is; `starts` is its beginning in small letters.
pub(super) fn of_text(starts: &str, bytes: &[u8], named: Option<Format>) -> Format {
    let notebook =
        starts.starts_with('{') && contains(bytes, b"\"nbformat\"") && contains(bytes, b"\"cells\"");
    match named {
        Some(Format::Notebook) => Format::Notebook,
        None | Some(Format::Code(Language::Json)) if notebook => Format::Notebook,
        None | Some(Format::Text) if starts.starts_with("<?xml") => Format::Xml,
        Some(named) => named,
        None if starts.starts_with(['{', '[']) && is_json(bytes) => Format::Code(Language::Json),
        None => Language::of_first_line(starts).map_or(Format::Text, Format::Code),
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}
