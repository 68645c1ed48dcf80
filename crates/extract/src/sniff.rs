//! What a file is: by its first bytes, then by its name.

mod image;
mod office;
mod web;

use std::path::Path;

use footnote_core::types::FileKind;

pub(crate) use image::ImageKind;

use crate::code::Language;
use crate::markup::Markup;

/// A format that Footnote reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text.
    Docx,
    /// Word 97 to 2003.
    Doc,
    /// WordPerfect 4.
    WordPerfect,
    /// OpenDocument text.
    Odt,
    /// Rich Text Format.
    Rtf,
    /// Office Open XML workbook.
    Xlsx,
    /// Office Open XML workbook with binary parts.
    Xlsb,
    /// Excel 97 to 2003.
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// Values parted by commas, semicolons, tabs or bars.
    Csv,
    /// Office Open XML presentation.
    Pptx,
    /// PowerPoint 97 to 2003.
    Ppt,
    /// OpenDocument presentation or drawing.
    Odp,
    /// HTML, XHTML.
    Html,
    /// Markdown.
    Markdown,
    /// Any other text.
    Text,
    /// A picture, read by its text.
    Image(ImageKind),
    /// An e-mail message.
    Eml,
    /// Messages one after the other.
    Mbox,
    /// An Outlook message.
    Msg,
    /// A message as Outlook packs it for the internet.
    Tnef,
    /// A web page with its parts, as a message.
    Mhtml,
    /// A calendar, or address cards.
    Calendar,
    /// An electronic book.
    Epub,
    /// A ZIP archive of files.
    Zip,
    /// A file packed with GZIP.
    Gzip,
    /// A TAR archive.
    Tar,
    /// XML of any other kind.
    Xml,
    /// A Jupyter notebook.
    Notebook,
    /// Text with a markup language of its own.
    Markup(Markup),
    /// Source code or data in a language.
    Code(Language),
}

impl Format {
    /// The media type to report.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Doc => "application/msword",
            Self::WordPerfect => "application/vnd.wordperfect",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Rtf => "application/rtf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xlsb => "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Csv => "text/csv",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
            Self::Eml => "message/rfc822",
            Self::Mbox => "application/mbox",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Tnef => "application/vnd.ms-tnef",
            Self::Mhtml => "multipart/related",
            Self::Calendar => "text/calendar",
            Self::Epub => "application/epub+zip",
            Self::Zip => "application/zip",
            Self::Gzip => "application/gzip",
            Self::Tar => "application/x-tar",
            Self::Xml => "application/xml",
            Self::Notebook => "application/x-ipynb+json",
            Self::Markup(markup) => markup.media_type(),
            Self::Code(language) => language.media_type(),
            Self::Image(kind) => kind.media_type(),
        }
    }

    /// What it is, for people.
    pub(crate) fn kind(self) -> FileKind {
        match self {
            Self::Pdf => FileKind::Pdf,
            Self::Docx | Self::Doc | Self::WordPerfect | Self::Odt | Self::Rtf => FileKind::Document,
            Self::Xlsx | Self::Xlsb | Self::Xls | Self::Ods | Self::Csv => FileKind::Sheet,
            Self::Pptx | Self::Ppt | Self::Odp => FileKind::Slides,
            Self::Html | Self::Mhtml => FileKind::Web,
            Self::Eml | Self::Mbox | Self::Msg | Self::Tnef => FileKind::Mail,
            Self::Epub => FileKind::Book,
            Self::Image(_) => FileKind::Picture,
            Self::Zip | Self::Gzip | Self::Tar => FileKind::Archive,
            Self::Xml | Self::Notebook | Self::Code(_) => FileKind::Code,
            Self::Markdown | Self::Text | Self::Markup(_) | Self::Calendar => FileKind::Text,
        }
    }

    /// What a file name promises.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_ascii_lowercase();
        Some(match extension.as_str() {
            "pdf" => Self::Pdf,
            "docx" | "docm" | "dotx" | "dotm" => Self::Docx,
            "doc" | "dot" | "wp" | "wpd" => Self::Doc,
            "odt" | "ott" | "fodt" | "sxw" => Self::Odt,
            "rtf" => Self::Rtf,
            "xlsx" | "xlsm" | "xltx" | "xltm" => Self::Xlsx,
            "xlsb" => Self::Xlsb,
            "xls" | "xlt" => Self::Xls,
            "ods" | "ots" | "fods" | "sxc" => Self::Ods,
            "csv" | "tsv" | "tab" => Self::Csv,
            "pptx" | "pptm" | "ppsx" | "ppsm" | "potx" | "potm" => Self::Pptx,
            "ppt" | "pps" | "pot" => Self::Ppt,
            "odp" | "otp" | "fodp" | "sxi" | "odg" => Self::Odp,
            "html" | "htm" | "xhtml" => Self::Html,
            "md" | "markdown" | "mdown" | "mkd" => Self::Markdown,
            "txt" | "text" | "log" => Self::Text,
            _ => {
                return ImageKind::of_extension(&extension)
                    .map(Self::Image)
                    .or_else(|| web::of_extension(&extension));
            }
        })
    }

    /// Whether files of this format never look like text.
    pub(crate) fn is_container(self) -> bool {
        !matches!(
            self,
            Self::Html
                | Self::Markdown
                | Self::Text
                | Self::Csv
                | Self::Eml
                | Self::Mbox
                | Self::Mhtml
                | Self::Calendar
                | Self::Xml
                | Self::Notebook
                | Self::Markup(_)
                | Self::Code(_)
        )
    }

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx | Self::Doc => "Word document",
            Self::WordPerfect => "WordPerfect document",
            Self::Odt => "OpenDocument text",
            Self::Rtf => "RTF document",
            Self::Xlsx | Self::Xlsb | Self::Xls => "Excel workbook",
            Self::Ods => "OpenDocument spreadsheet",
            Self::Pptx | Self::Ppt => "PowerPoint presentation",
            Self::Odp => "OpenDocument presentation",
            Self::Csv => "table of values",
            Self::Html => "HTML page",
            Self::Markdown => "Markdown text",
            Self::Text => "text",
            Self::Eml | Self::Msg | Self::Tnef => "message",
            Self::Mbox => "mailbox",
            Self::Mhtml => "web archive",
            Self::Calendar => "calendar",
            Self::Epub => "EPUB book",
            Self::Zip | Self::Gzip | Self::Tar => "archive",
            Self::Xml => "XML document",
            Self::Notebook => "notebook",
            Self::Markup(_) => "marked-up text",
            Self::Code(_) => "source text",
            Self::Image(_) => "image",
        }
    }

    /// What the content shows, with the name as the tie-breaker. None: nothing that can be read.
    pub(crate) fn of_content(bytes: &[u8], path: &Path) -> Option<Self> {
        let head = &bytes[..bytes.len().min(1024)];
        // Mail gateways and web servers put junk before the header; readers accept it in the
        // first kilobyte.
        if head.windows(5).any(|w| w == b"%PDF-") {
            return Some(Self::Pdf);
        }
        if let Some(kind) = ImageKind::of_content(head) {
            return Some(Self::Image(kind));
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return office::in_zip(bytes).or_else(|| web::in_zip(bytes, path));
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0") {
            return office::in_compound(bytes).or_else(|| web::in_compound(bytes));
        }
        if let Some(packed) = web::packed(head) {
            return Some(packed);
        }
        if head.trim_ascii_start().starts_with(b"{\\rtf") {
            return Some(Self::Rtf);
        }
        if is_binary(head) {
            let old = Self::of_name(path) == Some(Self::Doc) && crate::wordperfect::is_one(bytes);
            return old.then_some(Self::WordPerfect);
        }
        if let Some(mail) = crate::mail::sniff(bytes) {
            return Some(mail);
        }
        let lower: Vec<u8> = head
            .iter()
            .filter(|b| **b != 0)
            .map(u8::to_ascii_lowercase)
            .collect();
        let starts = String::from_utf8_lossy(&lower);
        let starts = starts
            .trim_start_matches(['\u{feff}', '\u{fffd}', '�'])
            .trim_start();
        if crate::calendar::is_one(starts) {
            return Some(Self::Calendar);
        }
        let looks_html = starts.starts_with("<!doctype html")
            || starts.starts_with("<html")
            || (starts.starts_with('<') && starts.contains("<html"));
        if starts.contains("<office:document")
            && let Some(format) =
                office::flat_opendocument(&String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]))
        {
            return Some(format);
        }
        match Self::of_name(path) {
            Some(Self::Markdown) => Some(Self::Markdown),
            _ if looks_html => Some(Self::Html),
            Some(Self::Html) => Some(Self::Html),
            // A name that promises a container which the content is not: a broken download. As
            // text it would be noise.
            Some(name) if name.is_container() => None,
            named => Some(web::of_text(starts, bytes, named)),
        }
    }
}

/// Whether these bytes are no text in any encoding: control characters that no text has, and not
/// UTF-16 or UTF-32.
fn is_binary(head: &[u8]) -> bool {
    if encoding_rs::Encoding::for_bom(head).is_some() {
        return false;
    }
    let odd = head
        .iter()
        .filter(|b| **b < 9 || (14..27).contains(*b) || (28..32).contains(*b))
        .count();
    odd * 20 > head.len() && !crate::text::is_wide(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        let of = |bytes: &[u8], name: &str| Format::of_content(bytes, Path::new(name));
        assert_eq!(of(b"%PDF-1.4 ...", "letter.txt"), Some(Format::Pdf));
        assert_eq!(of(b"<!DOCTYPE html><p>x", "page.txt"), Some(Format::Html));
        assert_eq!(of(b"<p>fragment", "page.html"), Some(Format::Html));
        assert_eq!(of(b"<b>bold</b> claim", "notes.md"), Some(Format::Markdown));
        assert_eq!(of(b"plain words", "README"), Some(Format::Text));
        assert_eq!(of(b"plain words", "broken.pdf"), None);
        assert_eq!(
            of(
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0",
                "a.txt"
            ),
            None
        );
        let png = Some(Format::Image(ImageKind::Png));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n....", "scan.pdf"), png);
        assert_eq!(
            of(b"BMW builds cars and motorcycles", "a.txt"),
            Some(Format::Text)
        );
        assert_eq!(of(b"plain words", "broken.jpg"), None);
        let pixels = Some(Format::Image(ImageKind::Pnm));
        assert_eq!(of(b"P5\n# scanned\n2 1\n255\n\x00\xff", "scan"), pixels);
        assert_eq!(of(b"P7\nWIDTH 2\nHEIGHT 1\n", "scan"), pixels);
        for text in ["P5 is a pitch of the propeller", "P1 2024 was a good year"] {
            assert_eq!(of(text.as_bytes(), "a.txt"), Some(Format::Text));
        }
        assert_eq!(
            of(b"GIF89a\x02\0\x02\0", "a"),
            Some(Format::Image(ImageKind::Gif))
        );
        assert_eq!(of(b"h\0e\0l\0l\0o\0 \0", "a.txt"), Some(Format::Text));
        let cyrillic: Vec<u8> = "Маяк на мысу".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of(&cyrillic, "a.txt"), Some(Format::Text));
    }

    #[test]
    fn mails_data_and_packed_files_are_told_by_their_content() {
        let of = |bytes: &[u8], name: &str| Format::of_content(bytes, Path::new(name));
        let mail = b"Received: from x\r\n by y\r\nFrom: a@b.c\r\nSubject: hi\r\n\r\nbody";
        assert_eq!(of(mail, "letter"), Some(Format::Eml));
        assert_eq!(
            of(b"From a@b.c Thu Jan  1 10:00:00 2015\nFrom: a@b.c\n\nhi", "inbox"),
            Some(Format::Mbox)
        );
        assert_eq!(
            of(
                b"From: the harbour\nTo: nobody in particular it went\n\nx",
                "a.txt"
            ),
            Some(Format::Text)
        );
        assert_eq!(of(b"{\"a\": 1}", "data"), Some(Format::Code(Language::Json)));
        assert_eq!(of(b"{not json", "data"), Some(Format::Text));
        assert_eq!(
            of(b"{\"cells\": [], \"nbformat\": 4}", "book.json"),
            Some(Format::Notebook)
        );
        assert_eq!(of(b"<?xml version=\"1.0\"?><a>x</a>", "feed"), Some(Format::Xml));
        assert_eq!(
            of(b"#!/usr/bin/env python3\nx = 1\n", "tool"),
            Some(Format::Code(Language::Python))
        );
        assert_eq!(of(b"\x1f\x8b\x08\0", "x.txt"), Some(Format::Gzip));
        assert_eq!(of(b"Title\n=====\n", "a.rst"), Some(Format::Markup(Markup::Rst)));
        assert_eq!(of(b"plain words", "a.zip"), None);
    }

    #[test]
    fn packages_are_what_their_parts_say() {
        let types = |kind: &str| {
            format!("<Types><Override ContentType=\"application/vnd.{kind}.main+xml\"/></Types>")
        };
        let zipped =
            |parts: &[(&str, &str)]| Format::of_content(&crate::testing::package(parts), Path::new("a.bin"));
        for (kind, format) in [
            (
                "openxmlformats-officedocument.wordprocessingml.document",
                Format::Docx,
            ),
            ("ms-word.document.macroEnabled", Format::Docx),
            ("openxmlformats-officedocument.spreadsheetml.sheet", Format::Xlsx),
            ("ms-excel.sheet.macroEnabled", Format::Xlsx),
            ("ms-excel.sheet.binary.macroEnabled", Format::Xlsb),
            (
                "openxmlformats-officedocument.presentationml.slideshow",
                Format::Pptx,
            ),
            ("ms-powerpoint.presentation.macroEnabled", Format::Pptx),
        ] {
            assert_eq!(
                zipped(&[("[Content_Types].xml", &types(kind))]),
                Some(format),
                "{kind}"
            );
        }
        for (kind, format) in [
            ("text", Format::Odt),
            ("spreadsheet-template", Format::Ods),
            ("presentation", Format::Odp),
        ] {
            let kind = format!("application/vnd.oasis.opendocument.{kind}");
            assert_eq!(zipped(&[("mimetype", &kind)]), Some(format));
        }
        assert_eq!(zipped(&[("word\\document.xml", "<d/>")]), Some(Format::Docx));
        assert_eq!(zipped(&[("picture.png", "x")]), Some(Format::Zip));
        let compound = |stream: &str| {
            Format::of_content(&crate::testing::compound(&[(stream, b"x")]), Path::new("a.bin"))
        };
        assert_eq!(compound("WordDocument"), Some(Format::Doc));
        assert_eq!(compound("Workbook"), Some(Format::Xls));
        assert_eq!(compound("PowerPoint Document"), Some(Format::Ppt));
        let of = |bytes: &[u8], name: &str| Format::of_content(bytes, Path::new(name));
        assert_eq!(of(b"{\\rtf1 x}", "letter.doc"), Some(Format::Rtf));
        assert_eq!(of(b"a,b\n1,2\n", "dues.csv"), Some(Format::Csv));
        assert_eq!(of(b"a,b\n1,2\n", "dues.txt"), Some(Format::Text));
    }
}
