//! The parts beside the text: headers, footers, comments, embedded documents.

use std::collections::HashMap;

use footnote_core::types::BlockKind;

use super::body;
use super::styles::{Numbering, Styles};
use crate::ooxml::Relation;
use crate::package::Package;
use crate::page::{Piece, collapse};
use crate::xml::{attribute, local};

/// The running headers (or footers) that the document has, each once.
pub(super) fn running(
    package: &mut Package<'_>,
    relations: &HashMap<String, Relation>,
    kind: &str,
    styles: &Styles,
) -> Vec<Piece> {
    let mut texts: Vec<String> = Vec::new();
    for relation in crate::slides::ordered(relations, &[kind]) {
        let Some(xml) = package.side_text(&relation.target) else {
            continue;
        };
        let read = body::read(&xml, styles, Numbering::default(), body::Sides::default());
        let lines: Vec<&str> = read.pieces.iter().map(|piece| piece.text.trim()).collect();
        let text = lines.join("\n");
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
        .into_iter()
        .map(|text| Piece::new(BlockKind::Furniture, text))
        .collect()
}

/// Comments by id, with who made them.
pub(super) fn comments(
    package: &mut Package<'_>,
    relations: &HashMap<String, Relation>,
) -> HashMap<String, String> {
    use quick_xml::events::Event;
    let mut comments: HashMap<String, String> = HashMap::new();
    for relation in crate::slides::ordered(relations, &["comments"]) {
        let xml = package.side_text(&relation.target).unwrap_or_default();
        let mut reader = crate::xml::reader(&xml);
        let (mut open, mut in_text) = (None, false);
        loop {
            let text = match reader.read_event() {
                Ok(Event::Start(element)) => {
                    match local(element.name().as_ref()) {
                        "comment" => {
                            let id = attribute(&element, "id").unwrap_or_default();
                            let author = attribute(&element, "author").filter(|name| !name.is_empty());
                            comments.insert(id.clone(), author.map_or_else(String::new, |name| name + ": "));
                            open = Some(id);
                        }
                        "t" => in_text = true,
                        _ => {}
                    }
                    continue;
                }
                Ok(Event::End(element)) => {
                    match local(element.name().as_ref()) {
                        "t" => in_text = false,
                        "p" => {}
                        _ => continue,
                    }
                    if in_text { continue } else { " ".to_owned() }
                }
                Ok(Event::Text(text)) if in_text => crate::xml::text_of(&text),
                Ok(Event::GeneralRef(name)) if in_text => crate::xml::entity(&name),
                Ok(Event::Eof) | Err(_) => break,
                _ => continue,
            };
            if let Some(comment) = open.as_ref().and_then(|id| comments.get_mut(id)) {
                // The ends of runs part nothing.
                if text != " " || !comment.ends_with(' ') {
                    comment.push_str(&text);
                }
            }
        }
    }
    for comment in comments.values_mut() {
        *comment = collapse(comment);
    }
    comments
}

/// What the documents embedded as alternatives for older programs say, by the id of their relation.
pub(super) fn alternatives(
    package: &mut Package<'_>,
    relations: &HashMap<String, Relation>,
) -> HashMap<String, Vec<Piece>> {
    let mut found = HashMap::new();
    for (id, relation) in relations
        .iter()
        .filter(|(_, relation)| relation.kind == "aFChunk")
    {
        let Ok(Some(bytes)) = package.bytes(&relation.target) else {
            continue;
        };
        let pieces = if bytes.starts_with(b"{\\rtf") {
            crate::rtf::pieces(&bytes)
        } else if bytes.starts_with(b"PK") {
            continue;
        } else {
            let text = crate::text::decode(&bytes, None);
            let lower = text.to_ascii_lowercase();
            match (lower.find("<html"), lower.rfind("</html>")) {
                (Some(from), Some(to)) if from < to => {
                    let inside = &text[from..to];
                    // In a mail message, lines may end with an escape.
                    let quoted = lower[..from].contains("quoted-printable");
                    crate::html::pieces(&if quoted {
                        unquoted(inside)
                    } else {
                        inside.to_owned()
                    })
                }
                _ if text.trim_start().starts_with('<') => crate::html::pieces(&text),
                _ => text
                    .split("\n\n")
                    .map(|paragraph| Piece::new(BlockKind::Paragraph, paragraph.trim()))
                    .collect(),
            }
        };
        found.insert(id.clone(), pieces);
    }
    found
}

/// Text without the escapes of quoted-printable (RFC 2045).
fn unquoted(text: &str) -> String {
    let (mut bytes, source, mut at) = (Vec::new(), text.as_bytes(), 0);
    while let Some(byte) = source.get(at) {
        at += 1;
        if *byte != b'=' {
            bytes.push(*byte);
            continue;
        }
        if source.get(at) == Some(&b'\n') {
            at += 1;
            continue;
        }
        let hex = source
            .get(at..at + 2)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                at += 2;
            }
            None => bytes.push(b'='),
        }
    }
    crate::text::decode(&bytes, None)
}
