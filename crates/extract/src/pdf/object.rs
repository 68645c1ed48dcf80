//! Reading objects of a PDF without trusting them: everything may be missing, of another type, or
//! refer to itself.

use std::borrow::Cow;

use pdf_extract::{Dictionary, Document, Object, Stream};

/// Page trees deeper than this refer to themselves.
const MAX_PARENTS: usize = 64;

/// Follows references.
pub(super) fn resolve<'a>(doc: &'a Document, object: &'a Object) -> Option<&'a Object> {
    doc.dereference(object).ok().map(|(_, object)| object)
}

/// An entry of a dictionary, resolved; none for null.
pub(super) fn get<'a>(doc: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    resolve(doc, dict.get(key).ok()?).filter(|object| !matches!(object, Object::Null))
}

/// An entry that is a dictionary, or a stream's.
pub(super) fn get_dict<'a>(doc: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    as_dict(get(doc, dict, key)?)
}

/// An object as a dictionary; a stream's own one too.
pub(super) fn as_dict(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dict) => Some(dict),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

/// An entry that is a stream.
pub(super) fn get_stream<'a>(doc: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Stream> {
    get(doc, dict, key)?.as_stream().ok()
}

/// An entry that is a name.
pub(super) fn get_name<'a>(doc: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    get(doc, dict, key)?.as_name().ok()
}

/// A number, resolved.
pub(super) fn number(doc: &Document, object: &Object) -> Option<f64> {
    match resolve(doc, object)? {
        Object::Integer(n) => Some(*n as f64),
        Object::Real(n) => Some(f64::from(*n)).filter(|n| n.is_finite()),
        _ => None,
    }
}

/// An entry that is a number.
pub(super) fn get_number(doc: &Document, dict: &Dictionary, key: &[u8]) -> Option<f64> {
    number(doc, dict.get(key).ok()?)
}

/// An entry that is an array of numbers; what is none counts as 0.
pub(super) fn get_numbers(doc: &Document, dict: &Dictionary, key: &[u8]) -> Option<Vec<f64>> {
    let items = get(doc, dict, key)?.as_array().ok()?;
    Some(
        items
            .iter()
            .map(|item| number(doc, item).unwrap_or(0.0))
            .collect(),
    )
}

/// A page's entry, or that of the nearest parent that has it.
pub(super) fn inherited<'a>(doc: &'a Document, page: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let mut node = page;
    for _ in 0..MAX_PARENTS {
        if let Some(found) = get(doc, node, key) {
            return Some(found);
        }
        node = get_dict(doc, node, b"Parent")?;
    }
    None
}

/// A stream's decoded bytes. A fault in the middle keeps what came before it, where the decoder
/// gives it out.
pub(super) fn contents(stream: &Stream) -> Cow<'_, [u8]> {
    if stream.dict.get(b"Filter").is_err() {
        return Cow::Borrowed(&stream.content);
    }
    match stream.decompressed_content() {
        Ok(bytes) => Cow::Owned(bytes),
        Err(_) => Cow::Borrowed(&[]),
    }
}
