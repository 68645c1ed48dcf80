//! From a file to pages: reads it, finds out what it is, and hands it to its format's reader.

use std::any::Any;
use std::path::Path;

use footnote_core::types::ExtractSummary;
use footnote_core::{Error, ErrorCode, Result};

use crate::page::Sink;
use crate::sniff::Format;

/// Reads a file page by page. Runs in the worker.
pub(crate) fn parse_file(path: &Path, sink: &mut Sink<'_>) -> Result<ExtractSummary> {
    let bytes = std::fs::read(path).map_err(Error::from)?;
    let Some(format) = Format::of_content(&bytes, path) else {
        return Err(unreadable(&bytes, path));
    };
    let mut about = ExtractSummary {
        media_type: format.media_type().into(),
        ..ExtractSummary::default()
    };
    about.pages = match format {
        Format::Pdf => crate::pdf::read(&bytes, &mut about, sink)?,
        Format::Docx => crate::docx::read(&bytes, &mut about, sink)?,
        Format::Doc => crate::word97::read(&bytes, &mut about, sink)?,
        Format::WordPerfect => crate::wordperfect::read(&bytes, sink)?,
        Format::Odt | Format::Odp => crate::odf::read(&bytes, &mut about, sink)?,
        Format::Ods => crate::odf::read_sheets(&bytes, &mut about, sink)?,
        Format::Rtf => crate::rtf::read(&bytes, &mut about, sink)?,
        Format::Xlsx => crate::sheet::read_xlsx(&bytes, &mut about, sink)?,
        Format::Xls => crate::sheet::read_xls(&bytes, &mut about, sink)?,
        Format::Csv => crate::sheet::read_csv(&bytes, has_tabs(path), sink)?,
        Format::Pptx => crate::slides::read(&bytes, &mut about, sink)?,
        Format::Ppt => crate::slides97::read(&bytes, &mut about, sink)?,
        Format::Html => crate::html::read(&bytes, &mut about, sink)?,
        Format::Markdown => crate::markdown::read(&bytes, &mut about, sink)?,
        Format::Text => crate::text::read(&bytes, sink)?,
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
        Some(format) if format.is_container() => {
            let name = format.name();
            if bytes.starts_with(b"PK\x03\x04") && zip::ZipArchive::new(std::io::Cursor::new(bytes)).is_err()
            {
                let why = "its package cannot be opened, so part of the file may be missing";
                return crate::package::damaged(name, why);
            }
            if matches!(format, Format::Doc | Format::Xls | Format::Ppt) && !bytes.is_empty() {
                return Error::user(format!("The file is no {name} of 1997 or later, although it is named so"))
                    .code(ErrorCode::Unsupported)
                    .hint("Open it in an office program, save it in a format of today (.docx, .xlsx, .pptx), and add the new file");
            }
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
            .hint(
                "Save it as PDF, HTML or plain text, or in a Word, Excel, PowerPoint or OpenDocument format",
            ),
    }
}

/// Whether a file of values promises tabs by its name.
fn has_tabs(path: &Path) -> bool {
    path.extension()
        .is_some_and(|name| name.eq_ignore_ascii_case("tsv") || name.eq_ignore_ascii_case("tab"))
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
