//! E-mail: what a message shows, whatever kind of file it came in.

pub(crate) mod eml;
mod lzfu;
pub(crate) mod mbox;
pub(crate) mod msg;
mod rtf;
mod signed;
pub(crate) mod tnef;

use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary, PageUnit};
use footnote_core::{Error, Problem, Result};

use crate::nest::Nest;
use crate::page::{Piece, Sink, collapse, heading_level, one_line, send_as};
use crate::sniff::Format;

/// What a message says about itself, and its body.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// Subject.
    pub subject: String,
    /// Sender, as shown.
    pub from: String,
    /// Recipients, as shown.
    pub to: String,
    /// Further recipients, as shown.
    pub cc: String,
    /// When it was sent, as shown.
    pub date: String,
    /// When it was sent, RFC 3339.
    pub when: Option<String>,
    /// Body as plain text.
    pub text: Option<String>,
    /// Body as HTML.
    pub html: Option<String>,
    /// Names of what is attached.
    pub attached: Vec<String>,
}

/// Where attachments are read; where they would lie too deep, none, and a warning.
fn beneath(nest: &Nest, about: &mut ExtractSummary) -> Option<Nest> {
    nest.deeper()
        .inspect_err(|error| {
            about.warnings.push(Warning::new(
                format!("attachments: {}", error.message),
                Notice::AttachmentsUnreadable {
                    detail: error.message.clone(),
                },
            ))
        })
        .ok()
}

impl Mail {
    /// Sends the message's own pages; attachments are the caller's. Returns how many.
    fn send(&self, about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
        let known = |text: &str| Some(one_line(text)).filter(|text| !text.is_empty());
        about.title = known(&self.subject);
        about.author = known(&self.from);
        about.date.clone_from(&self.when);
        let mut pieces = Vec::new();
        if let Some(subject) = known(&self.subject) {
            pieces.push(Piece::new(BlockKind::Heading { level: 1 }, collapse(&self.subject)).at("Subject"));
            about.title = Some(subject);
        }
        let attached = self.attached.join(", ");
        let head = [
            ("From", &self.from),
            ("To", &self.to),
            ("Cc", &self.cc),
            ("Date", &self.date),
            ("Attachments", &attached),
        ];
        let lines = head.iter().filter(|(_, value)| !value.trim().is_empty());
        let lines: Vec<String> = lines
            .map(|(name, value)| format!("{name}: {}", collapse(value)))
            .collect();
        pieces.push(Piece::new(BlockKind::Paragraph, lines.join("\n")).at("header"));
        pieces.extend(self.body());
        send_as(Some(PageUnit::Message), &pieces, sink)
    }

    /// The plain text, unless the HTML says more or says it with structure.
    fn body(&self) -> Vec<Piece> {
        let text = self.text.as_deref().unwrap_or_default().replace("\r\n", "\n");
        let paragraphs = crate::text::paragraphs(&text).into_iter();
        let plain: Vec<Piece> = paragraphs
            .map(|part| Piece::new(BlockKind::Paragraph, part))
            .collect();
        let Some(html) = self.html.as_deref().filter(|html| !html.trim().is_empty()) else {
            return plain;
        };
        let rich = crate::html::pieces(html);
        let letters = |pieces: &[Piece]| -> usize {
            let all = pieces.iter().flat_map(|piece| piece.text.chars());
            all.filter(|c| c.is_alphanumeric()).count()
        };
        let structured = rich.iter().any(|piece| {
            matches!(piece.kind, BlockKind::Table { .. }) || heading_level(piece.kind).is_some()
        });
        let (in_plain, in_rich) = (letters(&plain), letters(&rich));
        // A plain part that only says "your program shows no HTML" is none.
        if in_plain == 0 || in_plain * 2 < in_rich || (structured && in_rich * 5 >= in_plain * 4) {
            rich
        } else {
            plain
        }
    }
}

/// Which kind of mail a text is, by its first lines: headers of the kinds that every mail has.
pub(crate) fn sniff(bytes: &[u8]) -> Option<Format> {
    const TELLING: &[&str] = &[
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "received",
        "return-path",
        "delivered-to",
        "message-id",
        "mime-version",
        "content-type",
        "reply-to",
        "sender",
        "dkim-signature",
        "x-mailer",
        "user-agent",
    ];
    let head = &bytes[..bytes.len().min(16 * 1024)];
    let mut lines = head.split(|byte| *byte == b'\n');
    let is_mailbox = lines.clone().next().is_some_and(mbox::is_separator);
    if is_mailbox {
        lines.next();
    }
    let (mut telling, mut is_page, mut multipart) = (Vec::new(), false, false);
    for line in lines {
        let line = String::from_utf8_lossy(line).to_ascii_lowercase();
        let folded = line.starts_with([' ', '\t']);
        if line.trim().is_empty() {
            break;
        }
        is_page |= line.contains("multipart/related") || line.starts_with("snapshot-content-location:");
        multipart |= line.starts_with("content-type:") && line.contains("multipart/");
        if folded {
            continue;
        }
        let (name, _) = line.split_once(':')?;
        if name.is_empty() || name.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return None;
        }
        if let Some(known) = TELLING.iter().find(|known| **known == name)
            && !telling.contains(known)
        {
            telling.push(known);
        }
    }
    // A web archive has a page and its parts, and nobody whom it is for.
    let addressed = telling
        .iter()
        .any(|name| matches!(*name, "to" | "received" | "delivered-to"));
    match telling.len() {
        _ if is_mailbox => Some(Format::Mbox),
        2.. if is_page && !addressed => Some(Format::Mhtml),
        3.. => Some(Format::Eml),
        1.. if multipart => Some(Format::Eml),
        _ => None,
    }
}

/// The error of a message that only its receiver's key opens.
fn encrypted() -> Error {
    Error::user("The message is encrypted")
        .problem(Problem::EncryptedMail)
        .hint("Open it in the mail program that has the key, save or print it decrypted, and add that copy")
}

/// Whether a plain body is nothing but cipher text.
fn is_armored(text: &str) -> bool {
    text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----")
}

/// A name for an attachment that has none, so that its kind shows.
fn name_for(kind: &str, number: usize) -> String {
    let extension = match kind.to_ascii_lowercase().as_str() {
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "text/markdown" => "md",
        "application/pdf" => "pdf",
        "application/json" => "json",
        "application/zip" => "zip",
        kind if kind.starts_with("text/") => "txt",
        _ => return format!("attachment {number}"),
    };
    format!("attachment {number}.{extension}")
}

#[cfg(test)]
mod tests;
