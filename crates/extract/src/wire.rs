//! What goes between the app and the worker process: one request line in, frames of JSON lines out.
//!
//! The file's path is not part of the request: it travels as an argument of the process, where the
//! system keeps its bytes whatever they are, while a JSON string could only carry Unicode.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use footnote_core::Error;
use footnote_core::ocr::{ExtractedPage, PageImage};
use footnote_core::types::{ExtractSummary, Page};
use serde::{Deserialize, Serialize};

use crate::picture::{MAX_PIXELS, MAX_SIDE};
use crate::sandbox::SandboxStatus;

/// The longest frame that the app reads. A page of text is a few kilobytes; a broken worker must
/// not be able to fill the app's memory.
pub(crate) const MAX_FRAME: usize = 64 * 1024 * 1024;

/// What the worker is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Address space in bytes.
    pub memory_limit: u64,
    /// Processor seconds.
    pub cpu_limit: u64,
    /// Whether the worker is to tell what protects it, and to read nothing.
    #[serde(default)]
    pub probe: bool,
}

/// What the worker answers: pages, then exactly one `Summary` or `Error`; to a probe, `Sandbox`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// The name outside: with a tag inside, a page would be parsed twice.
#[serde(rename_all = "snake_case")]
pub(crate) enum Frame {
    /// A page, in order.
    Page {
        /// The page.
        page: Box<Page>,
        /// Pages of the file in all, if known.
        of: Option<u32>,
        /// What the page shows, where its text is missing or worthless.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<WireImage>,
        /// With an image: what is to be said if nothing is recognised in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// The file was read to its end.
    Summary {
        /// What there is to say about it.
        summary: ExtractSummary,
    },
    /// What protects the worker; the only frame of a probe.
    Sandbox {
        /// As it tried out.
        status: SandboxStatus,
    },
    /// The file cannot be read.
    Error {
        /// Why.
        error: Error,
    },
}

/// An image of 8-bit grey on its way: its values through zlib, then Base64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WireImage {
    width: u32,
    height: u32,
    dpi: f32,
    grey: String,
}

impl WireImage {
    fn new(image: &PageImage) -> std::io::Result<Self> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&image.grey)?;
        Ok(Self {
            width: image.width,
            height: image.height,
            dpi: image.dpi,
            grey: STANDARD.encode(packed.finish()?),
        })
    }

    /// The image; none if it is not what it says, or larger than a worker may send.
    fn open(&self) -> Option<PageImage> {
        let size = u64::from(self.width) * u64::from(self.height);
        let fits = self.width.max(self.height) <= MAX_SIDE && size <= u64::from(MAX_PIXELS);
        if !fits || size == 0 || !(self.dpi.is_finite() && self.dpi > 0.0) {
            return None;
        }
        let packed = STANDARD.decode(&self.grey).ok()?;
        let mut grey = Vec::with_capacity(size as usize);
        ZlibDecoder::new(packed.as_slice())
            .take(size + 1)
            .read_to_end(&mut grey)
            .ok()?;
        (grey.len() as u64 == size).then_some(PageImage {
            width: self.width,
            height: self.height,
            dpi: self.dpi,
            grey,
        })
    }
}

impl Frame {
    /// A page on its way.
    pub(crate) fn of_page(extracted: ExtractedPage) -> std::io::Result<Self> {
        Ok(Self::Page {
            page: Box::new(extracted.page),
            of: extracted.of,
            image: extracted.image.as_ref().map(WireImage::new).transpose()?,
            warning: extracted.warning,
        })
    }
}

/// A page as it came; none if its image is broken.
pub(crate) fn arrived(
    page: Page,
    of: Option<u32>,
    image: Option<&WireImage>,
    warning: Option<String>,
) -> Option<ExtractedPage> {
    let image = match image {
        Some(image) => Some(image.open()?),
        None => None,
    };
    Some(ExtractedPage {
        page,
        of,
        image,
        warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> PageImage {
        PageImage {
            width: 300,
            height: 200,
            dpi: 150.0,
            grey: (0..60_000_u32).map(|at| (at * 7 % 251) as u8).collect(),
        }
    }

    #[test]
    fn images_arrive_as_they_were_sent() {
        let sent = WireImage::new(&image()).unwrap();
        assert_eq!(sent.open(), Some(image()));
    }

    #[test]
    fn images_that_lie_about_their_size_are_refused() {
        let sent = WireImage::new(&image()).unwrap();
        let lies = [
            (299, 200),
            (301, 200),
            (0, 200),
            (60_000, 1),
            (MAX_SIDE, MAX_SIDE),
        ];
        for (width, height) in lies {
            let lie = WireImage {
                width,
                height,
                ..sent.clone()
            };
            assert_eq!(lie.open(), None, "{width} x {height}");
        }
        let noise = WireImage {
            grey: "no base64".into(),
            ..sent
        };
        assert_eq!(noise.open(), None);
    }

    #[test]
    fn the_largest_image_of_noise_stays_below_eight_megabytes() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let grey: Vec<u8> = (0..MAX_PIXELS).map(|_| noise()).collect();
        let image = PageImage {
            width: MAX_PIXELS / 2_650,
            height: 2_650,
            dpi: 200.0,
            grey,
        };
        assert_eq!(image.grey.len() as u32, image.width * image.height);
        assert!(WireImage::new(&image).unwrap().grey.len() < 8_000_000);
    }
}
