//! What Outlook packs a message in when it sends it over the internet, `winmail.dat` ([MS-OXTNEF]): the body as it
//! was written, and what is attached.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};

use super::msg::{body_of, code_page, id};
use super::{Mail, beneath, name_for};
use crate::compound::{u16_at, u32_at};
use crate::nest::{Container, Nest};
use crate::page::{Sink, one_line};

/// The first four bytes.
pub(crate) const SIGNATURE: &[u8] = b"\x78\x9f\x3e\x22";
/// Attachments of one message, and properties of one of its parts; the rest is not read.
const MAX_PARTS: usize = 2_000;

/// Attributes, as the format numbers them.
mod attribute {
    pub(super) const SUBJECT: u32 = 0x0001_8004;
    pub(super) const BODY: u32 = 0x0002_800c;
    pub(super) const CODE_PAGE: u32 = 0x0006_9007;
    pub(super) const MESSAGE: u32 = 0x0006_9003;
    pub(super) const ATTACHED: u32 = 0x0006_9002;
    pub(super) const NAME: u32 = 0x0001_8010;
    pub(super) const DATA: u32 = 0x0006_800f;
    pub(super) const ATTACHMENT: u32 = 0x0006_9005;
}

#[derive(Default)]
struct Attached<'a> {
    name: String,
    kind: String,
    data: &'a [u8],
}

/// Reads the message and what is attached to it. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut mail = Mail::default();
    let mut attached: Vec<Attached<'_>> = Vec::new();
    let mut encoding = WINDOWS_1252;
    for (kind, data) in attributes(bytes) {
        if kind == attribute::ATTACHED && attached.len() < MAX_PARTS {
            attached.push(Attached::default());
        }
        match (kind, attached.last_mut()) {
            (attribute::CODE_PAGE, _) => {
                let number = u32_at(data, 0).and_then(|number| u16::try_from(number).ok());
                encoding = number.and_then(code_page).unwrap_or(encoding);
            }
            (attribute::SUBJECT, _) if mail.subject.is_empty() => {
                mail.subject = decode(data, encoding);
            }
            (attribute::BODY, _) => mail.text = Some(decode(data, encoding)),
            (attribute::MESSAGE, _) => describe(&properties(data), encoding, &mut mail),
            (attribute::NAME, Some(last)) if last.name.is_empty() => last.name = decode(data, encoding),
            (attribute::DATA, Some(last)) => last.data = data,
            (attribute::ATTACHMENT, Some(last)) => {
                let properties = properties(data);
                let text = |id| Some(properties.text(id, encoding)).filter(|text| !text.is_empty());
                last.name = text(id::LONG_NAME).unwrap_or(std::mem::take(&mut last.name));
                last.kind = text(id::MIME_TYPE).unwrap_or_default();
                if let Some((kind, data)) = properties.value(id::DATA) {
                    // Objects have their class before them.
                    let from = if kind == 0x0d { 16 } else { 0 };
                    last.data = data.get(from..).unwrap_or_default();
                }
            }
            _ => {}
        }
    }
    let has_body = [&mail.text, &mail.html]
        .into_iter()
        .flatten()
        .any(|body| !body.trim().is_empty());
    if !has_body && attached.is_empty() {
        return Err(
            Error::user("The message is damaged: it has neither text nor attachments")
                .problem(Problem::EmptyMail)
                .hint("Ask the sender for the message as plain text or HTML, or for the files themselves"),
        );
    }
    for (one, number) in attached.iter_mut().zip(1..) {
        one.name = one_line(&one.name);
        if one.name.is_empty() {
            one.name = name_for(&one.kind, number);
        }
    }
    mail.attached = attached.iter().map(|one| one.name.clone()).collect();
    let pages = if has_body { mail.send(about, sink)? } else { 0 };
    let Some(deeper) = beneath(nest, about) else {
        return Ok(pages);
    };
    let mut inside = Container::new(deeper, pages, sink);
    for one in &attached {
        if inside.file(&one.name, one.data).is_break() {
            break;
        }
    }
    inside.close_or_fail("message", about)
}

/// The attributes in order, as far as the file is whole.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    // Signature and key.
    let mut at = 6;
    std::iter::from_fn(move || {
        let kind = u32_at(bytes, at + 1)?;
        let length = u32_at(bytes, at + 5)? as usize;
        let start = at + 9;
        let data = bytes.get(start..start.checked_add(length)?)?;
        // A checksum follows.
        at = start + length + 2;
        Some((kind, data))
    })
}

fn describe(properties: &Properties<'_>, encoding: &'static Encoding, mail: &mut Mail) {
    let text = |id| Some(properties.text(id, encoding)).filter(|text| !text.trim().is_empty());
    mail.subject = text(id::SUBJECT).unwrap_or(std::mem::take(&mut mail.subject));
    mail.from = text(id::SENDER_NAME).unwrap_or_default();
    mail.text = text(id::BODY).or(mail.text.take());
    let html = properties.value(id::BODY_HTML).map(|(kind, html)| match kind {
        0x102 => crate::html::decode(html),
        _ => properties.text(id::BODY_HTML, encoding),
    });
    let rtf = properties.value(id::BODY_RTF).map(|(_, rtf)| rtf);
    body_of(html, rtf, mail);
}

/// A MAPI property with its first value.
struct Property<'a> {
    id: u16,
    kind: u16,
    value: &'a [u8],
}

struct Properties<'a>(Vec<Property<'a>>);

impl<'a> Properties<'a> {
    fn value(&self, id: u16) -> Option<(u16, &'a [u8])> {
        let found = self.0.iter().find(|property| property.id == id)?;
        Some((found.kind, found.value))
    }

    /// A property that is a text; empty if there is none.
    fn text(&self, id: u16, encoding: &'static Encoding) -> String {
        match self.value(id) {
            Some((0x1f, wide)) => decode(wide, UTF_16LE),
            Some((0x1e, narrow)) => decode(narrow, encoding),
            _ => String::new(),
        }
    }
}

/// The properties ([MS-OXTNEF] 2.1.3.4), as far as they can be told apart.
fn properties(data: &[u8]) -> Properties<'_> {
    let mut found = Vec::new();
    let mut at = 4;
    while found.len() < MAX_PARTS
        && let Some((property, next)) = property(data, at)
    {
        found.push(property);
        at = next;
    }
    Properties(found)
}

/// The property at a place, and the place behind it.
fn property(data: &[u8], mut at: usize) -> Option<(Property<'_>, usize)> {
    let (kind, id) = (u16_at(data, at)?, u16_at(data, at + 2)?);
    at += 4;
    if id >= 0x8000 {
        // A name: its set, then a number or a text.
        let by_text = u32_at(data, at + 16)? != 0;
        let value = u32_at(data, at + 20)? as usize;
        at += 24;
        if by_text {
            at = at.checked_add(value.next_multiple_of(4))?;
        }
    }
    let several = kind & 0x1000 != 0;
    let kind = kind & !0x1000;
    let fixed = match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        0x0d | 0x1e | 0x1f | 0x102 => None,
        _ => return None,
    };
    let mut count = 1;
    if several || fixed.is_none() {
        count = u32_at(data, at)?;
        at += 4;
    }
    let mut first = None;
    for _ in 0..count {
        let length = match fixed {
            Some(length) => length,
            None => {
                at += 4;
                u32_at(data, at - 4)? as usize
            }
        };
        let value = data.get(at..at.checked_add(length)?)?;
        first.get_or_insert(value);
        at += length.next_multiple_of(4);
    }
    let value = first.unwrap_or_default();
    Some((Property { id, kind, value }, at))
}

fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    let text = encoding.decode_without_bom_handling(bytes).0;
    text.replace('\0', "")
}
