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
    /// A picture, read by its text.
    Image(ImageKind),
}

/// A format of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ImageKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// TIFF, of one or more pages.
    Tiff,
    /// WebP.
    WebP,
    /// Windows bitmap.
    Bmp,
}

impl ImageKind {
    fn of_content(bytes: &[u8]) -> Option<Self> {
        let size = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        Some(match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Tiff,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            // Two letters alone begin many a text.
            [b'B', b'M', ..] if size(6) == Some(0) && matches!(size(14), Some(12..=124)) => Self::Bmp,
            _ => return None,
        })
    }
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
            Self::Image(ImageKind::Png) => "image/png",
            Self::Image(ImageKind::Jpeg) => "image/jpeg",
            Self::Image(ImageKind::Tiff) => "image/tiff",
            Self::Image(ImageKind::WebP) => "image/webp",
            Self::Image(ImageKind::Bmp) => "image/bmp",
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
            "txt" | "text" | "log" | "rst" | "adoc" | "org" | "tex" => Self::Text,
            "png" => Self::Image(ImageKind::Png),
            "jpg" | "jpeg" | "jpe" | "jfif" => Self::Image(ImageKind::Jpeg),
            "tif" | "tiff" => Self::Image(ImageKind::Tiff),
            "webp" => Self::Image(ImageKind::WebP),
            "bmp" | "dib" => Self::Image(ImageKind::Bmp),
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
        if let Some(kind) = ImageKind::of_content(head) {
            return Some(Self::Image(kind));
        }
        if head.starts_with(b"PK\x03\x04") {
            return is_docx(bytes).then_some(Self::Docx);
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0") || is_binary(head) {
            return None;
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
            Some(Self::Pdf | Self::Docx | Self::Image(_)) => None,
            Some(Self::Text) | None => Some(Self::Text),
        }
    }
}

fn is_docx(bytes: &[u8]) -> bool {
    zip::ZipArchive::new(std::io::Cursor::new(bytes)).is_ok_and(|archive| {
        archive
            .file_names()
            .any(|name| name.eq_ignore_ascii_case("word/document.xml"))
            || archive
                .file_names()
                .any(|n| n.starts_with("word/document") && n.ends_with(".xml"))
    })
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
        let png = Some(Format::Image(ImageKind::Png));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n....", "scan.pdf"), png);
        assert_eq!(
            of(b"BMW builds cars and motorcycles", "a.txt"),
            Some(Format::Text)
        );
        assert_eq!(of(b"plain words", "broken.jpg"), None);
        assert_eq!(of(b"h\0e\0l\0l\0o\0 \0", "a.txt"), Some(Format::Text));
    }
}
