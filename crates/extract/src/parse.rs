//! From a file to pages: reads it, finds out what it is, and hands it to its format's reader.

use std::any::Any;
use std::path::Path;

use footnote_core::ocr::ExtractedPage;
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, ErrorCode, Result};

use crate::page::ImageSink;
use crate::sniff::Format;

/// Reads a file page by page. Runs in the worker.
pub(crate) fn parse_file(path: &Path, sink: &mut ImageSink<'_>) -> Result<ExtractSummary> {
    let bytes = std::fs::read(path).map_err(Error::from)?;
    let Some(format) = Format::of_content(&bytes, path) else {
        return Err(unreadable(&bytes, path));
    };
    let mut about = ExtractSummary {
        media_type: format.media_type().into(),
        ..ExtractSummary::default()
    };
    // Formats whose pages always have text of their own.
    let mut plain = |page, of| sink(ExtractedPage::new(page, of));
    about.pages = match format {
        Format::Docx => crate::docx::read(&bytes, &mut about, &mut plain)?,
        Format::Html => crate::html::read(&bytes, &mut about, &mut plain)?,
        Format::Markdown => crate::markdown::read(&bytes, &mut about, &mut plain)?,
        Format::Text => crate::text::read(&bytes, &mut plain)?,
        Format::Pdf => crate::pdf::read(&bytes, &mut about, sink)?,
        Format::Image(kind) => crate::picture::read(&bytes, kind, &mut about, sink)?,
    };
    Ok(about)
}

/// Why this content is none of the formats.
fn unreadable(bytes: &[u8], path: &Path) -> Error {
    let wide: Vec<u8> = "EncryptedPackage".bytes().flat_map(|b| [b, 0]).collect();
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") && bytes.windows(wide.len()).any(|w| w == wide) {
        return Error::user("The document is protected by a password")
            .code(ErrorCode::PasswordNeeded)
            .hint("Open it with its password, save a copy without one, and add the copy");
    }
    match Format::of_name(path) {
        Some(format @ (Format::Pdf | Format::Docx | Format::Image(_))) => {
            let name = match format {
                Format::Pdf => "PDF",
                Format::Docx => "Word document",
                _ => "image",
            };
            let what = if bytes.is_empty() {
                "it is empty"
            } else {
                "its content is something else"
            };
            Error::user(format!("The file is no {name} although it is named so: {what}"))
                .hint("Get the file again from where it came")
        }
        _ => Error::user("The file's format is not one that Footnote reads")
            .code(ErrorCode::Unsupported)
            .hint("Save it as PDF, Word (.docx), HTML, Markdown, plain text or an image (PNG, JPEG, TIFF)"),
    }
}

/// What a caught panic says, for people.
pub(crate) fn panic_text(cause: &(dyn Any + Send)) -> String {
    let text = cause
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("the reader gave up");
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(120)
        .collect()
}
