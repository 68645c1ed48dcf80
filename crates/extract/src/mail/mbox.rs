//! Mailboxes: many messages in one text, each begun by a line "From sender date".

use std::ops::Range;

use footnote_core::Result;
use footnote_core::types::ExtractSummary;

use crate::nest::{Container, Nest};
use crate::page::Sink;

/// Reads every message of a mailbox. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let parts = messages(bytes);
    if let [one] = parts.as_slice() {
        return super::eml::read(&unquoted(&bytes[one.clone()]), nest, about, sink);
    }
    let mut inside = Container::new(nest.deeper()?, 0, sink);
    for part in parts {
        let message = unquoted(&bytes[part]);
        let flow = inside.part("", |nest, about, sink| {
            super::eml::read(&message, nest, about, sink)
        });
        if flow.is_break() {
            break;
        }
    }
    inside.close_or_fail("mailbox", about)
}

/// Whether this line begins a message: "From", a sender, and a date that ends in a year or zone.
pub(crate) fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let rest = String::from_utf8_lossy(&rest[..rest.len().min(200)]).into_owned();
    let year = |word: &&str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    rest.contains(':') && rest.split_whitespace().any(|word| year(&word))
}

/// Where the messages are, without the lines that begin them.
fn messages(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at, mut start, mut after_blank) = (Vec::new(), 0, 0, true);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if after_blank && is_separator(line) {
            if bytes[start..at].iter().any(|byte| !byte.is_ascii_whitespace()) {
                found.push(start..at);
            }
            start = at + line.len();
        }
        at += line.len();
        after_blank = line.iter().all(u8::is_ascii_whitespace);
    }
    if bytes[start..].iter().any(|byte| !byte.is_ascii_whitespace()) || found.is_empty() {
        found.push(start..bytes.len());
    }
    found
}

/// Takes back the `>` that mailboxes put before lines that begin with "From ".
fn unquoted(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let arrows = line.iter().take_while(|byte| **byte == b'>').count();
        let quoted = arrows > 0 && line[arrows..].starts_with(b"From ");
        out.extend_from_slice(&line[usize::from(quoted)..]);
    }
    out
}
