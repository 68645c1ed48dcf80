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
            // Two letters alone begin many a text.
            [b'B', b'M', ..] if size(6) == Some(0) && matches!(size(14), Some(12..=124)) => Self::Bmp,
            _ => return None,
        })
    }
}
