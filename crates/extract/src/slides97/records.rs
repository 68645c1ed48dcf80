//! Records ([MS-PPT] 2.3.1) and where the live ones stand in the stream.

use std::collections::HashMap;
use std::ops::Range;

use crate::compound::{u16_at, u32_at};

pub(super) const DOCUMENT: u16 = 0x03e8;
pub(super) const SLIDE: u16 = 0x03ee;
pub(super) const SLIDE_ATOM: u16 = 0x03ef;
pub(super) const NOTES: u16 = 0x03f0;
pub(super) const SLIDE_PERSIST: u16 = 0x03f3;
pub(super) const OUTLINE_REF: u16 = 0x0f9e;
pub(super) const TEXT_HEADER: u16 = 0x0f9f;
pub(super) const TEXT_CHARS: u16 = 0x0fa0;
pub(super) const TEXT_BYTES: u16 = 0x0fa8;
pub(super) const SLIDE_LIST: u16 = 0x0ff0;
const USER_EDIT: u16 = 0x0ff5;
const PERSIST_DIRECTORY: u16 = 0x1772;
/// Every save can add an edit; more than this is a circle.
const MAX_EDITS: usize = 1000;
/// More objects than this no presentation has.
const MAX_OBJECTS: usize = 1_000_000;

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub kind: u16,
    pub instance: u16,
    pub body: Range<usize>,
    is_container: bool,
}

/// The record at a place.
pub(super) fn record(bytes: &[u8], at: usize) -> Option<Record> {
    let head = u16_at(bytes, at)?;
    let length = u32_at(bytes, at + 4)? as usize;
    let body = at + 8..(at + 8).saturating_add(length).min(bytes.len());
    Some(Record {
        kind: u16_at(bytes, at + 2)?,
        instance: head >> 4,
        body,
        is_container: head & 0xf == 0xf,
    })
}

/// All records at these places in order; those in containers follow their container.
pub(super) fn walk(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Record> + '_ {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let found = (at < range.end).then(|| record(bytes, at)).flatten()?;
        at = if found.is_container {
            found.body.start
        } else {
            found.body.end
        };
        Some(found)
    })
}

/// The objects of a presentation by id.
pub(super) struct Objects {
    pub document: Option<usize>,
    pub places: HashMap<u32, usize>,
    pub is_encrypted: bool,
}

/// Follows the edits from the last one back; the last word about an object counts.
pub(super) fn objects(bytes: &[u8], last_edit: usize) -> Objects {
    let mut objects = Objects {
        document: None,
        places: HashMap::new(),
        is_encrypted: false,
    };
    let (mut edit, mut document) = (last_edit, None);
    for _ in 0..MAX_EDITS {
        let Some(record) = record(bytes, edit).filter(|record| record.kind == USER_EDIT) else {
            break;
        };
        let body = &bytes[record.body];
        objects.is_encrypted |= body.len() >= 32;
        document = document.or_else(|| u32_at(body, 16));
        if let Some(at) = u32_at(body, 12) {
            directory(bytes, at as usize, &mut objects.places);
        }
        match u32_at(body, 8) {
            Some(before) if before > 0 && objects.places.len() < MAX_OBJECTS => edit = before as usize,
            _ => break,
        }
    }
    objects.document = document.and_then(|id| objects.places.get(&id).copied());
    objects
}

fn directory(bytes: &[u8], at: usize, places: &mut HashMap<u32, usize>) {
    let Some(record) = record(bytes, at).filter(|record| record.kind == PERSIST_DIRECTORY) else {
        return;
    };
    let body = &bytes[record.body];
    let mut at = 0;
    while let Some(head) = u32_at(body, at) {
        at += 4;
        let (first, count) = (head & 0x000f_ffff, head >> 20);
        for n in 0..count {
            let Some(place) = u32_at(body, at) else { return };
            at += 4;
            places.entry(first + n).or_insert(place as usize);
        }
    }
}
