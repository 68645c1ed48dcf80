//! From a file to pages: reads it, finds out what it is, and hands it to its format's reader.

use std::any::Any;
use std::path::Path;

use footnote_core::types::ExtractSummary;
use footnote_core::{Error, ErrorCode, Problem, Result};

use crate::nest::Nest;
use crate::page::Sink;
use crate::sniff::Format;
use crate::source::Source;

/// Reads a file page by page; `path` is its name, as a hint, and `nest` where it lies. Runs in the worker.
pub(crate) fn parse_file(
    source: &Source,
    path: &Path,
    nest: &Nest,
    sink: &mut Sink<'_>,
) -> Result<ExtractSummary> {
    let mut about = ExtractSummary::default();
    let bytes = source.bytes();
    let format = Format::of_content(bytes, path);
    about.media_type = format
        .map(|format| format.media_type().into())
        .unwrap_or_default();
    about.pages = match format {
        // What may be larger than memory is read as a stream.
        Some(Format::Text) => crate::text::read(source.stream()?, sink)?,
        Some(Format::Csv) => crate::sheet::read_csv(source.stream()?, has_tabs(path), sink)?,
        Some(Format::Pdf) => crate::pdf::read(bytes, Some(source.shared()), nest, &mut about, sink)?,
        Some(format) => read_as(format, bytes, path, nest, &mut about, sink)?,
        None => read_locked(bytes, path, nest, &mut about, sink)?,
    };
    Ok(about)
}

/// A page of a picture as PNG, for people to look at. Runs in the worker.
pub(crate) fn show(source: &Source, path: &Path, number: u32) -> Result<Vec<u8>> {
    let bytes = source.bytes();
    match Format::of_content(bytes, path) {
        Some(Format::Image(kind)) => crate::picture::view(bytes, kind, number),
        _ => Err(Error::user("The file is no picture").hint("Read its text instead")),
    }
}

/// Reads a file's bytes by what they are; `name` is the tie-breaker, `nest` says how deep in others
/// the file lies. Pages are numbered from 1. Returns how many were sent.
pub(crate) fn read_bytes(
    bytes: &[u8],
    name: &Path,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    match Format::of_content(bytes, name) {
        Some(format) => read_as(format, bytes, name, nest, about, sink),
        None => read_locked(bytes, name, nest, about, sink),
    }
}

/// Reads what shows its format only when it was unlocked.
fn read_locked(
    bytes: &[u8],
    name: &Path,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let Some(opened) = crate::locked::open(bytes, nest.password()) else {
        return Err(unreadable(bytes, name));
    };
    let opened = opened?;
    match Format::of_content(&opened, name) {
        Some(format) => read_as(format, &opened, name, nest, about, sink),
        None => Err(unreadable(&opened, name)),
    }
}

/// Reads a file's bytes as what they are known to be; otherwise as [`read_bytes`].
pub(crate) fn read_as(
    format: Format,
    bytes: &[u8],
    name: &Path,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    about.media_type = format.media_type().into();
    match format {
        Format::Pdf => crate::pdf::read(bytes, None, nest, about, sink),
        Format::Image(kind) => crate::picture::read(bytes, kind, about, sink),
        Format::Docx => crate::docx::read(bytes, about, sink),
        Format::Doc => crate::word97::read(bytes, about, sink),
        Format::WordPerfect => crate::wordperfect::read(bytes, sink),
        Format::Odt | Format::Odp => crate::odf::read(bytes, about, sink),
        Format::Ods => crate::odf::read_sheets(bytes, about, sink),
        Format::Rtf => crate::rtf::read(bytes, about, sink),
        Format::Xlsx => crate::sheet::read_xlsx(bytes, about, sink),
        Format::Xlsb => crate::sheet::read_xlsb(bytes, about, sink),
        Format::Xls => crate::sheet::read_xls(bytes, about, sink),
        Format::Csv => crate::sheet::read_csv(bytes, has_tabs(name), sink),
        Format::Pptx => crate::slides::read(bytes, about, sink),
        Format::Ppt => crate::slides97::read(bytes, about, sink),
        Format::Html => crate::html::read(bytes, about, sink),
        Format::Markdown => crate::markdown::read(bytes, about, sink),
        Format::Text => crate::text::read(bytes, sink),
        Format::Eml => crate::mail::eml::read(bytes, nest, about, sink),
        Format::Mbox => crate::mail::mbox::read(bytes, nest, about, sink),
        Format::Msg => crate::mail::msg::read(bytes, nest, about, sink),
        Format::Tnef => crate::mail::tnef::read(bytes, nest, about, sink),
        Format::Mhtml => crate::mail::eml::read_mhtml(bytes, about, sink),
        Format::Zip => crate::archive::read_zip(bytes, nest, about, sink),
        Format::Gzip => crate::archive::read_gzip(bytes, name, nest, about, sink),
        Format::Tar => crate::archive::read_tar(bytes, nest, about, sink),
        Format::Epub => crate::epub::read(bytes, about, sink),
        Format::Calendar => crate::calendar::read(bytes, about, sink),
        Format::Xml => crate::xmltext::read(bytes, about, sink),
        Format::Notebook => crate::notebook::read(bytes, about, sink),
        Format::Markup(markup) => markup.read(bytes, about, sink),
        Format::Code(language) => crate::code::read(bytes, language, sink),
    }
}

/// Why this content is none of the formats.
fn unreadable(bytes: &[u8], path: &Path) -> Error {
    let packed: [&[u8]; 5] = [
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"\xfd7zXZ\0",
        b"BZh",
        b"\x28\xb5\x2f\xfd",
    ];
    if packed.iter().any(|magic| bytes.starts_with(magic)) {
        return Error::user("The archive is of a kind that Footnote does not open")
            .code(ErrorCode::Unsupported)
            .problem(Problem::UnsupportedArchive)
            .hint("Unpack it and add the files inside, or pack them as ZIP");
    }
    if let Some(kind) = photo(bytes) {
        return Error::user(format!(
            "The picture is in a format that Footnote does not read ({kind})"
        ))
        .code(ErrorCode::Unsupported)
        .problem(Problem::UnsupportedPicture {
            format: kind.to_string(),
        })
        .hint(
            "Open it in a viewer, export it as JPEG or PNG, and add that; phones send photos as JPEG \
                 if asked for the most compatible format",
        );
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
                    .problem(Problem::TooOld)
                    .hint("Open it in an office program, save it in a format of today (.docx, .xlsx, .pptx), and add the new file");
            }
            let problem = match bytes.is_empty() {
                true => Problem::EmptyFile,
                false => Problem::Misnamed { format: name.to_owned() },
            };
            let what = if bytes.is_empty() {
                "it is empty"
            } else {
                "its content is something else"
            };
            Error::user(format!("The file is no {name} although it is named so: {what}"))
                .problem(problem)
                .hint("Get the file again from where it came")
        }
        _ => Error::user("The file's format is not one that Footnote reads")
            .code(ErrorCode::Unsupported)
            .problem(Problem::UnsupportedFormat)
            .hint(
                "Save it as PDF, HTML or plain text, as an image, or in a Word, Excel, PowerPoint or OpenDocument format",
            ),
    }
}

/// The format of a picture that is known but not read, by its first bytes.
fn photo(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0x0a]) || bytes.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n") {
        return Some("JPEG XL");
    }
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    match bytes.get(8..12)? {
        b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some("HEIC"),
        b"avif" | b"avis" => Some("AVIF"),
        _ => None,
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
