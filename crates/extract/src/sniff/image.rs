//! Pictures, by their first bytes and by their names.

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
    /// Graphics Interchange Format; of several frames the first.
    Gif,
    /// JPEG 2000, with or without a container.
    Jpeg2000,
    /// Portable any map: of bits, shades or colours.
    Pnm,
}

impl ImageKind {
    /// The media type to report.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::WebP => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Jpeg2000 => "image/jp2",
            Self::Pnm => "image/x-portable-anymap",
        }
    }

    /// What a file name's extension, in small letters, promises.
    pub(super) fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "png" => Self::Png,
            "jpg" | "jpeg" | "jpe" | "jfif" => Self::Jpeg,
            "tif" | "tiff" => Self::Tiff,
            "webp" => Self::WebP,
            "bmp" | "dib" => Self::Bmp,
            "gif" => Self::Gif,
            "jp2" | "j2k" | "j2c" | "jpc" | "jpf" | "jpx" => Self::Jpeg2000,
            "pbm" | "pgm" | "ppm" | "pnm" | "pam" => Self::Pnm,
            _ => return None,
        })
    }

    /// What the first bytes show.
    pub(super) fn of_content(bytes: &[u8]) -> Option<Self> {
        let size = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        Some(match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Self::Jpeg2000,
            [b'P', b'1'..=b'7', b'\n' | b'\r' | b' ' | b'\t', ..] if is_pnm(bytes) => Self::Pnm,
            // Two letters alone begin many a text.
            [b'B', b'M', ..] if size(6) == Some(0) && matches!(size(14), Some(12..=124)) => Self::Bmp,
            _ => return None,
        })
    }
}

/// Whether what follows the two letters, comments aside, is what a map of pixels declares: its size.
fn is_pnm(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[2..bytes.len().min(512)]);
    let mut lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let mut words = lines.by_ref().flat_map(str::split_whitespace);
    if bytes[1] == b'7' {
        return words.next() == Some("WIDTH");
    }
    let is_size = |word: Option<&str>| {
        word.and_then(|word| word.parse::<u32>().ok())
            .is_some_and(|n| n > 0)
    };
    is_size(words.next()) && is_size(words.next())
}
