//! Messages as they travel (RFC 5322 and MIME), and web pages saved the same way (MHTML).

use std::borrow::Cow;

use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{Mail, beneath, encrypted, is_armored, name_for};
use crate::nest::{Container, Nest};
use crate::page::{Sink, one_line};

/// Parts of one message; the rest is not read.
const MAX_PARTS: usize = 2_000;

/// Reads a message and what is attached to it. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    match MessageParser::default().parse(bytes) {
        Some(message) => read_message(&message, nest, about, sink),
        // Blank, or a text that only is named like a message.
        None => crate::text::read(bytes, sink),
    }
}

/// Reads the page of a web archive. Returns the number of pages.
pub(crate) fn read_mhtml(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let message = MessageParser::default().parse(bytes);
    let parts = message.iter().flat_map(|message| &message.parts);
    let page = parts
        .filter_map(|part| match &part.body {
            PartType::Html(html) => message.as_ref().map(|message| said(message, part, html)),
            _ => None,
        })
        .next()
        .ok_or_else(|| {
            Error::user("The web archive holds no page")
                .problem(Problem::NoPageInArchive)
                .hint("Save the page again, as HTML or PDF, and add that")
        })?;
    let pages = crate::html::read_text(&page, about, sink)?;
    let message = message.as_ref();
    about.title = about.title.take().or_else(|| message?.subject().map(one_line));
    about.date = about.date.take().or_else(|| {
        let date = message?.date().filter(|date| date.is_valid())?;
        Some(date.to_rfc3339())
    });
    Ok(pages)
}

fn read_message(
    message: &Message<'_>,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    match seal(message) {
        Seal::None => {}
        Seal::Encrypted => return Err(encrypted()),
        Seal::Signed(content) => return read_signed(message, content, nest, about, sink),
    }
    let bodies = |of: &[u32]| -> Vec<String> {
        let parts = of.iter().filter_map(|id| message.part(*id));
        parts
            .filter_map(|part| match &part.body {
                PartType::Text(text) | PartType::Html(text) => Some(said(message, part, text).into_owned()),
                _ => None,
            })
            .collect()
    };
    // Each list holds parts of the other kind too, where a part has only one.
    let (plain, html): (Vec<u32>, Vec<u32>) = (
        only(message, &message.text_body, |body| {
            matches!(body, PartType::Text(_))
        }),
        only(message, &message.html_body, |body| {
            matches!(body, PartType::Html(_))
        }),
    );
    let attached: Vec<(String, &MessagePart<'_>)> = attachments(message);
    let date = message.date().filter(|date| date.is_valid());
    let mail = Mail {
        subject: message.subject().unwrap_or_default().to_owned(),
        from: people(message.from().or_else(|| message.sender())),
        to: people(message.to()),
        cc: people(message.cc()),
        date: message.header_raw("Date").unwrap_or_default().to_owned(),
        when: date.map(mail_parser::DateTime::to_rfc3339),
        text: Some(bodies(&plain).join("\n\n")),
        html: Some(bodies(&html).join("\n")),
        attached: attached.iter().map(|(name, _)| name.clone()).collect(),
    };
    let says = |body: &Option<String>| body.as_deref().is_some_and(|body| !body.trim().is_empty());
    let sealed = message.parts.iter().any(|part| is_cipher(&kind_of(part)));
    if mail.text.as_deref().is_some_and(is_armored) || (sealed && !says(&mail.text) && !says(&mail.html)) {
        return Err(encrypted());
    }
    let pages = mail.send(about, sink)?;
    if attached.is_empty() {
        return Ok(pages);
    }
    let Some(deeper) = beneath(nest, about) else {
        return Ok(pages);
    };
    let mut inside = Container::new(deeper, pages, sink);
    for (name, part) in &attached {
        let flow = match &part.body {
            PartType::Message(message) => {
                inside.part(name, |nest, about, sink| read_message(message, nest, about, sink))
            }
            PartType::Text(text) | PartType::Html(text) => {
                inside.file(name, said(message, part, text).as_bytes())
            }
            _ => inside.file(name, part.contents()),
        };
        if flow.is_break() {
            break;
        }
    }
    Ok(inside.close(about))
}

/// A part's text. Where the message does not say in which encoding, `text` is a guess that may have
/// failed; then the bytes tell, or the page that they are.
fn said<'m>(message: &Message<'_>, part: &MessagePart<'_>, text: &'m str) -> Cow<'m, str> {
    let declared = part
        .content_type()
        .is_some_and(|kind| kind.has_attribute("charset"));
    if declared || !text.contains('\u{fffd}') {
        return Cow::Borrowed(text);
    }
    let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let Some(raw) = message.raw_message().get(range) else {
        return Cow::Borrowed(text);
    };
    let bytes = match part.encoding {
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
        Encoding::None => Some(raw.to_vec()),
    };
    bytes.map_or(Cow::Borrowed(text), |bytes| {
        Cow::Owned(crate::html::decode(&bytes))
    })
}

/// What lies beside the body and may hold text, with its name.
fn attachments<'m>(message: &'m Message<'m>) -> Vec<(String, &'m MessagePart<'m>)> {
    let parts = message.attachments().take(MAX_PARTS).enumerate();
    parts
        .filter(|(_, part)| !is_ornament(part))
        .map(|(n, part)| {
            let named = part.attachment_name().map(one_line);
            let name = named.filter(|name| !name.is_empty()).unwrap_or_else(|| {
                let nested = part.message().and_then(Message::subject).map(one_line);
                nested
                    .filter(|subject| !subject.is_empty())
                    .unwrap_or_else(|| name_for(&kind_of(part), n + 1))
            });
            (name, part)
        })
        .collect()
}

/// Signatures, and pictures that stand in the text.
fn is_ornament(part: &MessagePart<'_>) -> bool {
    let kind = kind_of(part);
    let signature = [
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    ];
    let inline = part.content_id().is_some() || matches!(part.body, PartType::InlineBinary(_));
    signature.contains(&kind.as_str()) || (kind.starts_with("image/") && inline)
}

fn is_cipher(kind: &str) -> bool {
    matches!(
        kind,
        "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/pgp-encrypted"
    )
}

fn kind_of(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(String::new, |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
    })
}

fn only(message: &Message<'_>, ids: &[u32], is: fn(&PartType<'_>) -> bool) -> Vec<u32> {
    let parts = ids.iter().copied();
    parts
        .filter(|id| message.part(*id).is_some_and(|part| is(&part.body)))
        .collect()
}

fn people(address: Option<&Address<'_>>) -> String {
    let list = address.into_iter().flat_map(Address::iter);
    let people = list.filter_map(|one| match (one.name(), one.address()) {
        (Some(name), Some(address)) if name != address => Some(format!("{name} <{address}>")),
        (Some(name), _) => Some(name.to_owned()),
        (None, address) => address.map(str::to_owned),
    });
    people.collect::<Vec<_>>().join(", ")
}

/// What a message has in place of a text that can be read.
enum Seal {
    None,
    /// Only the receiver's key opens it: all there is to read is who wrote to whom.
    Encrypted,
    /// The message lies inside its signature, if that can be unpacked.
    Signed(Option<Vec<u8>>),
}

fn seal(message: &Message<'_>) -> Seal {
    let root = message.root_part();
    let kind = kind_of(root);
    if kind == "multipart/encrypted" {
        return Seal::Encrypted;
    }
    if !["application/pkcs7-mime", "application/x-pkcs7-mime"].contains(&kind.as_str()) {
        return Seal::None;
    }
    let content = super::signed::content(root.contents());
    let how = root.content_type().and_then(|kind| kind.attribute("smime-type"));
    if content.is_some() || how.is_some_and(|how| how.eq_ignore_ascii_case("signed-data")) {
        return Seal::Signed(content);
    }
    Seal::Encrypted
}

/// Reads a message that lies inside its signature, with the head that stands outside.
fn read_signed(
    message: &Message<'_>,
    content: Option<Vec<u8>>,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let inner = content.ok_or_else(|| {
        Error::user("The message's text is packed inside its signature")
            .problem(Problem::SignedMail)
            .hint("Open it in a mail program, save or print it without the signature, and add that copy")
    })?;
    let mut whole = Vec::new();
    for (name, value) in message.headers_raw() {
        if !name.to_ascii_lowercase().starts_with("content-") {
            whole.extend(format!("{name}: {}\r\n", value.trim()).into_bytes());
        }
    }
    whole.extend(inner);
    read(&whole, &nest.deeper()?, about, sink)
}
