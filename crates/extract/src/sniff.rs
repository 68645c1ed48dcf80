//! What a file is: by its first bytes, then by its name.

use std::path::Path;

/// A format that Footnote reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text.
    Docx,
    /// HTML, XHTML.
    Html,
    /// Markdown.
    Markdown,
    /// Any other text.
    Text,
    /// An e-mail message.
    Eml,
    /// Messages one after the other.
    Mbox,
    /// An Outlook message.
    Msg,
    /// A web page with its parts, as a message.
    Mhtml,
    /// A ZIP archive of files.
    Zip,
    /// A file packed with GZIP.
    Gzip,
    /// A TAR archive.
    Tar,
}

impl Format {
    /// The media type to report.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
            Self::Eml => "message/rfc822",
            Self::Mbox => "application/mbox",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Mhtml => "multipart/related",
            Self::Zip => "application/zip",
            Self::Gzip => "application/gzip",
            Self::Tar => "application/x-tar",
        }
    }

    /// What a file name promises.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_ascii_lowercase();
        Some(match extension.as_str() {
            "pdf" => Self::Pdf,
            "docx" | "docm" | "dotx" => Self::Docx,
            "html" | "htm" | "xhtml" => Self::Html,
            "md" | "markdown" | "mdown" | "mkd" => Self::Markdown,
            "eml" => Self::Eml,
            "mbox" | "mbx" => Self::Mbox,
            "msg" => Self::Msg,
            "mht" | "mhtml" => Self::Mhtml,
            "zip" => Self::Zip,
            "gz" | "tgz" => Self::Gzip,
            "tar" => Self::Tar,
            "txt" | "text" | "log" | "rst" | "adoc" | "org" | "tex" => Self::Text,
            _ => return None,
        })
    }

    /// What the content shows, with the name as the tie-breaker. None: nothing that can be read.
    pub(crate) fn of_content(bytes: &[u8], path: &Path) -> Option<Self> {
        let head = &bytes[..bytes.len().min(1024)];
        // Mail gateways and web servers put junk before the header; readers accept it in the
        // first kilobyte.
        if head.windows(5).any(|w| w == b"%PDF-") {
            return Some(Self::Pdf);
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return in_zip(bytes, path);
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0") {
            return in_compound_file(bytes);
        }
        if head.starts_with(b"\x1f\x8b") {
            return Some(Self::Gzip);
        }
        if crate::archive::is_tar(head) {
            return Some(Self::Tar);
        }
        if is_binary(head) {
            return None;
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
        let looks_html = starts.starts_with("<!doctype html")
            || starts.starts_with("<html")
            || (starts.starts_with('<') && starts.contains("<html"));
        match Self::of_name(path) {
            Some(Self::Markdown) => Some(Self::Markdown),
            _ if looks_html => Some(Self::Html),
            Some(Self::Html) => Some(Self::Html),
            // A name that promises a container which the content is not: a broken download. As
            // text it would be noise.
            Some(Self::Pdf | Self::Docx | Self::Msg | Self::Zip | Self::Gzip | Self::Tar) => None,
            Some(named) => Some(named),
            None => Some(Self::Text),
        }
    }
}

/// What a ZIP package holds.
fn in_zip(bytes: &[u8], path: &Path) -> Option<Format> {
    let Ok(package) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        // Its reader says what is wrong; a document that is a broken package is told by its name.
        let plain = Format::of_name(path).is_none_or(|named| named == Format::Zip);
        return plain.then_some(Format::Zip);
    };
    let any = |is: fn(&str) -> bool| package.file_names().any(is);
    if any(|name| name.starts_with("word/document") && name.ends_with(".xml")) {
        return Some(Format::Docx);
    }
    Some(Format::Zip)
}

/// What an OLE compound file holds.
fn in_compound_file(bytes: &[u8]) -> Option<Format> {
    contains_wide(bytes, "__properties_version1.0").then_some(Format::Msg)
}

/// Whether this name stands somewhere as UTF-16, as the directory of a compound file has it.
fn contains_wide(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
    bytes.windows(wide.len()).any(|window| window == wide)
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
}
