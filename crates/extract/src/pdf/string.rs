//! Text strings (ISO 32000-1, 7.9.2.2).

use pdf_extract::{Dictionary, Document, Object};

use super::object::{contents, get};
use crate::page::collapse;

/// A text string's text. PDFDocEncoding is read as Windows' Western one, which agrees with it in
/// letters and most signs.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0,
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0,
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        bytes => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    text.trim_matches('\0').to_owned()
}

/// An entry that is a text string, on one line; none if it is blank.
pub(super) fn entry(doc: &Document, dict: &Dictionary, key: &[u8]) -> Option<String> {
    let Object::String(bytes, _) = get(doc, dict, key)? else {
        return None;
    };
    Some(collapse(&text(bytes))).filter(|text| !text.is_empty())
}

/// An entry that is a text string or stream, with its own lines; none if it is blank.
pub(super) fn paragraphs(doc: &Document, dict: &Dictionary, key: &[u8]) -> Option<String> {
    let text = match get(doc, dict, key)? {
        Object::String(bytes, _) => text(bytes),
        Object::Stream(stream) => text(&contents(stream)),
        _ => return None,
    };
    let lines = text.split(['\r', '\n', '\u{2028}', '\u{2029}']).map(collapse);
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
