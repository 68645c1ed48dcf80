//! Reading objects of a PDF without trusting them: everything may be missing, of another type, or
//! refer to itself.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use pdf_extract::{Dictionary, Document, Object, Stream};

/// Page trees deeper than this refer to themselves.
const MAX_PARENTS: usize = 64;
/// Bytes that a page draws at most. Maps of a whole country take tens of megabytes.
const MAX_CONTENT: u64 = 128 << 20;
/// The most that zlib packs.
const MAX_RATIO: u64 = 1032;

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

/// Whether what zlib packed is no longer than a page's drawing may be: the decoder has no limit.
fn unpacks_to_little(stream: &Stream) -> bool {
    let filters = stream.filters().unwrap_or_default();
    let packed = filters.iter().filter(|filter| **filter == b"FlateDecode").count();
    match packed {
        0 => true,
        1 if (stream.content.len() as u64).saturating_mul(MAX_RATIO) <= MAX_CONTENT => true,
        1 => {
            let from = ZlibDecoder::new(stream.content.as_slice());
            let length = std::io::copy(&mut from.take(MAX_CONTENT + 1), &mut std::io::sink());
            // One that breaks off is short enough, or the decoder would not have come to the break.
            length.unwrap_or(0) <= MAX_CONTENT
        }
        // Nobody packs twice but to make a bomb.
        _ => false,
    }
}

/// A stream's decoded bytes; none of one that unpacks to more than any page draws. A fault in the middle keeps what came before it, where the decoder
/// gives it out.
pub(super) fn contents(stream: &Stream) -> Cow<'_, [u8]> {
    if stream.dict.get(b"Filter").is_err() {
        return Cow::Borrowed(&stream.content);
    }
    if !unpacks_to_little(stream) {
        return Cow::Borrowed(&[]);
    }
    match stream.decompressed_content() {
        Ok(bytes) => Cow::Owned(bytes),
        Err(_) => Cow::Borrowed(&[]),
    }
}
