//! What goes between the app and the worker process: one request in, frames out. Each is a length (four
//! bytes, the lowest first) with so many bytes of [MessagePack](https://msgpack.org) behind it: a page has
//! thousands of numbers, and spelling them out took a quarter of the time of reading it.
//!
//! The file's path is not part of the request: it travels as an argument of the process, where the
//! system keeps its bytes whatever they are, while a JSON string could only carry Unicode.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use footnote_core::notice::Warning;
use footnote_core::ocr::{ExtractedPage, LinkArea, PageImage};
use footnote_core::span::CharSpan;
use footnote_core::types::{ExtractSummary, Page, TextRect};
use footnote_core::{Error, Password};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::picture::{MAX_PIXELS, MAX_SIDE};
use crate::sandbox::SandboxStatus;

/// The longest frame that the app reads. A page of text is a few kilobytes; a broken worker must
/// not be able to fill the app's memory.
pub(crate) const MAX_FRAME: usize = 64 * 1024 * 1024;

/// What the worker is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// What to try on what is locked. It travels here, because the arguments of a process can be seen
    /// by others.
    #[serde(with = "password")]
    pub password: Option<Password>,
    /// Address space in bytes.
    pub memory_limit: u64,
    /// Processor seconds.
    pub cpu_limit: u64,
    /// What is wanted.
    pub task: Task,
}

/// What a worker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// To read the file's pages.
    Read,
    /// To show this page of a picture.
    Show(u32),
    /// To tell what protects it, and to read nothing.
    Probe,
}

/// Passwords on their way. They are no part of what is serialised elsewhere.
mod password {
    use footnote_core::Password;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(password: &Option<Password>, to: S) -> Result<S::Ok, S::Error> {
        password.as_ref().map(Password::expose).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Password>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.and_then(Password::new))
    }
}

/// What the worker answers: pages, then exactly one `Summary` or `Error`; asked to show, one `Picture` or `Error`; to a probe,
/// `Sandbox`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Frame {
    /// A page, in order.
    Page(Box<WirePage>),
    /// The file was read to its end.
    Summary {
        /// What there is to say about it.
        summary: ExtractSummary,
    },
    /// A page of a picture as people look at it.
    Picture {
        /// A PNG file.
        #[serde(with = "serde_bytes")]
        png: Vec<u8>,
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

/// Writes a request or a frame.
pub(crate) fn send(out: &mut impl Write, what: &impl Serialize) -> std::io::Result<()> {
    let bytes = rmp_serde::to_vec(what).map_err(std::io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&bytes)?;
    out.flush()
}

/// What came instead of a request or a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nothing more, or only a part.
    End,
    /// The announcement of more than [`MAX_FRAME`].
    TooLong,
    /// Bytes that are none.
    Garbage,
}

/// Reads a request or a frame.
pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, Missing> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(|_| Missing::End)?;
    let length = u64::from(u32::from_le_bytes(length));
    if length > MAX_FRAME as u64 {
        return Err(Missing::TooLong);
    }
    let mut bytes = Vec::new();
    // What is announced may never come: memory is taken as it does.
    let read = from.take(length).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() as u64 != length {
        return Err(Missing::End);
    }
    open(&bytes).ok_or(Missing::Garbage)
}

/// The request or the frame that these bytes are, all of them; none of others.
pub(crate) fn open<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut rest = bytes;
    let mut from = rmp_serde::Deserializer::new(&mut rest);
    // Frames are shallow; what is not would fill the stack.
    from.set_max_depth(32);
    let opened = T::deserialize(&mut from).ok()?;
    rest.is_empty().then_some(opened)
}

/// An image of 8-bit grey on its way: its values through zlib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WireImage {
    width: u32,
    height: u32,
    dpi: f32,
    #[serde(with = "serde_bytes")]
    grey: Vec<u8>,
}

impl WireImage {
    fn new(image: &PageImage) -> std::io::Result<Self> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&image.grey)?;
        Ok(Self {
            width: image.width,
            height: image.height,
            dpi: image.dpi,
            grey: packed.finish()?,
        })
    }

    /// The image; none if it is not what it says, or larger than a worker may send.
    fn open(&self) -> Option<PageImage> {
        let size = u64::from(self.width) * u64::from(self.height);
        let fits = self.width.max(self.height) <= MAX_SIDE && size <= u64::from(MAX_PIXELS);
        if !fits || size == 0 || !(self.dpi.is_finite() && self.dpi > 0.0) {
            return None;
        }
        let mut grey = Vec::with_capacity(size as usize);
        ZlibDecoder::new(self.grey.as_slice())
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

/// A page on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WirePage {
    /// All but its rectangles.
    page: Page,
    /// Start and end of a stretch of text, left and top of its place, width and height: in the page, each
    /// would carry its names along.
    rects: Vec<(u32, u32, f32, f32, f32, f32)>,
    /// Pages of the file in all, if known.
    of: Option<u32>,
    /// What the page shows, where its text is missing or worthless.
    image: Option<WireImage>,
    /// With an image: what is to be said if nothing is recognised in it.
    warning: Option<Warning>,
    /// With an image: where it leads elsewhere.
    links: Vec<LinkArea>,
}

impl WirePage {
    fn new(extracted: ExtractedPage) -> std::io::Result<Self> {
        let mut page = extracted.page;
        let rects = std::mem::take(&mut page.rects).into_iter();
        Ok(Self {
            page,
            rects: rects
                .map(|r| (r.span.start, r.span.end, r.x, r.y, r.width, r.height))
                .collect(),
            of: extracted.of,
            image: extracted.image.as_ref().map(WireImage::new).transpose()?,
            warning: extracted.warning,
            links: extracted.links,
        })
    }

    /// The page as it was sent; none if its image is broken.
    pub(crate) fn open(mut self) -> Option<ExtractedPage> {
        let rects = self.rects.into_iter();
        self.page.rects = rects
            .map(|(start, end, x, y, width, height)| TextRect {
                span: CharSpan { start, end },
                x,
                y,
                width,
                height,
            })
            .collect();
        let image = match self.image {
            Some(image) => Some(image.open()?),
            None => None,
        };
        Some(ExtractedPage {
            page: self.page,
            of: self.of,
            image,
            warning: self.warning,
            links: self.links,
        })
    }
}

impl Frame {
    /// A page as it is sent.
    pub(crate) fn of_page(extracted: ExtractedPage) -> std::io::Result<Self> {
        Ok(Self::Page(Box::new(WirePage::new(extracted)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::notice::Notice;
    use footnote_core::types::{Block, BlockKind, PageSource};

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
            grey: b"no zlib".to_vec(),
            ..sent
        };
        assert_eq!(noise.open(), None);
    }

    #[test]
    fn frames_arrive_as_they_were_sent() {
        let mut page = Page::new(3, "Fee: 4 €", PageSource::Text);
        page.blocks.push(Block {
            kind: BlockKind::Table { header_rows: 1 },
            span: CharSpan::new(0, 8),
        });
        page.rects.push(TextRect {
            span: CharSpan::new(5, 6),
            x: 0.1,
            y: -2.5e-8,
            width: 3.0,
            height: f32::MAX,
        });
        let extracted = ExtractedPage {
            image: Some(image()),
            warning: Some(
                Warning::new("page 2 has no text layer", Notice::NoTextLayer { page: 2 })
                    .and("too large", Notice::ImagesTooLarge),
            ),
            links: vec![LinkArea {
                target: "#page=2".into(),
                places: vec![[1.0, 2.0, 3.0, 4.5]],
            }],
            ..ExtractedPage::new(page, Some(9))
        };
        let Frame::Page(page) = Frame::of_page(extracted.clone()).unwrap() else {
            panic!("a page");
        };
        assert_eq!(page.clone().open(), Some(extracted));
        let frames = [
            Frame::Page(page),
            Frame::Summary {
                summary: ExtractSummary {
                    title: Some("Fees".into()),
                    ..ExtractSummary::default()
                },
            },
            Frame::Error {
                error: Error::user("locked")
                    .problem(footnote_core::Problem::PasswordNeeded)
                    .at("a.pdf")
                    .hint("open it")
                    .code(footnote_core::ErrorCode::PasswordNeeded),
            },
        ];
        let mut sent = Vec::new();
        for frame in &frames {
            send(&mut sent, frame).unwrap();
        }
        let mut from = sent.as_slice();
        for frame in frames {
            assert_eq!(receive(&mut from), Ok(frame));
        }
        assert_eq!(receive::<Frame>(&mut from), Err(Missing::End));
    }

    #[test]
    fn broken_frames_are_told_apart() {
        let of = |bytes: &[u8]| receive::<Frame>(&mut &*bytes);
        assert_eq!(of(b"\x03\0\0"), Err(Missing::End));
        assert_eq!(of(b"\x03\0\0\0ab"), Err(Missing::End));
        assert_eq!(of(b"\x03\0\0\0abc"), Err(Missing::Garbage));
        assert_eq!(of(b"\xff\xff\xff\xffabc"), Err(Missing::TooLong));
        let request = Request {
            password: Password::new("lantern"),
            memory_limit: 1,
            cpu_limit: 2,
            task: Task::Show(7),
        };
        let mut more = rmp_serde::to_vec(&request).unwrap();
        assert_eq!(open(&more), Some(request));
        more.push(0);
        assert_eq!(open::<Request>(&more), None);
        // Arrays in arrays, without end.
        let mut deep = 100_000_u32.to_le_bytes().to_vec();
        deep.resize(100_004, 0x91);
        assert_eq!(of(&deep), Err(Missing::Garbage));
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
