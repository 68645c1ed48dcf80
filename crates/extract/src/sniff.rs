//! What a file is: by its first bytes, then by its name.

mod office;

use std::path::Path;

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
            Self::Xls => "application/vnd.ms-excel",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Csv => "text/csv",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
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
            "xls" | "xlt" => Self::Xls,
            "ods" | "ots" | "fods" | "sxc" => Self::Ods,
            "csv" | "tsv" | "tab" => Self::Csv,
            "pptx" | "pptm" | "ppsx" | "ppsm" | "potx" | "potm" => Self::Pptx,
            "ppt" | "pps" | "pot" => Self::Ppt,
            "odp" | "otp" | "fodp" | "sxi" | "odg" => Self::Odp,
            "html" | "htm" | "xhtml" => Self::Html,
            "md" | "markdown" | "mdown" | "mkd" => Self::Markdown,
            "txt" | "text" | "log" | "rst" | "adoc" | "org" | "tex" => Self::Text,
            _ => return None,
        })
    }

    /// Whether files of this format never look like text.
    pub(crate) fn is_container(self) -> bool {
        !matches!(self, Self::Html | Self::Markdown | Self::Text | Self::Csv)
    }

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx | Self::Doc => "Word document",
            Self::WordPerfect => "WordPerfect document",
            Self::Odt => "OpenDocument text",
            Self::Rtf => "RTF document",
            Self::Xlsx | Self::Xls => "Excel workbook",
            Self::Ods => "OpenDocument spreadsheet",
            Self::Pptx | Self::Ppt => "PowerPoint presentation",
            Self::Odp => "OpenDocument presentation",
            Self::Csv => "table of values",
            Self::Html => "HTML page",
            Self::Markdown => "Markdown text",
            Self::Text => "text",
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
        if head.starts_with(b"PK\x03\x04") {
            return office::in_zip(bytes);
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0") {
            return office::in_compound(bytes);
        }
        if head.trim_ascii_start().starts_with(b"{\\rtf") {
            return Some(Self::Rtf);
        }
        if is_binary(head) {
            let old = Self::of_name(path) == Some(Self::Doc) && crate::wordperfect::is_one(bytes);
            return old.then_some(Self::WordPerfect);
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
            Some(Self::Csv) => Some(Self::Csv),
            _ => Some(Self::Text),
        }
    }
}

/// Whether these bytes are no text in any encoding: control characters that no text has, and not
/// the regular zeros of UTF-16.
fn is_binary(head: &[u8]) -> bool {
    if encoding_rs::Encoding::for_bom(head).is_some() {
        return false;
    }
    let odd = head
        .iter()
        .filter(|b| **b < 9 || (14..27).contains(*b) || (28..32).contains(*b))
        .count();
    let zeros = head.iter().filter(|b| **b == 0).count();
    let even_zeros = head.iter().step_by(2).filter(|b| **b == 0).count();
    let utf16 = zeros * 3 > head.len() && (even_zeros * 10 < zeros || even_zeros * 10 > zeros * 9);
    !utf16 && odd * 20 > head.len()
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
        assert_eq!(of(b"h\0e\0l\0l\0o\0 \0", "a.txt"), Some(Format::Text));
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
        assert_eq!(zipped(&[("picture.png", "x")]), None);
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
