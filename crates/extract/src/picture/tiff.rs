//! TIFF files: a page a frame, of the kinds that scanners, fax machines and archives make.

use std::borrow::Cow;
use std::io::Cursor;
use std::ops::ControlFlow;

use ::tiff::ColorType;
use ::tiff::decoder::{Decoder, DecodingResult, Limits};
use ::tiff::tags::Tag;
use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{ExtractSummary, Page, PageSource};
use image::GrayImage;

use super::directory::Directories;
use super::{DECODER_MEMORY, DECODER_PIXELS, damaged, fax, luma, over_white};
use crate::page::Sink;

/// Frames of a file.
pub(super) const MOST_FRAMES: u32 = 2_000;

type Frames<'a> = Decoder<Cursor<Cow<'a, [u8]>>>;

/// Reads a file. Returns the number of pages.
pub(super) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let fault = |error: tiff::TiffError| damaged(&error.to_string());
    let mut limits = Limits::default();
    limits.decoding_buffer_size = DECODER_MEMORY as usize;
    let directories = Directories::of(bytes);
    let open = Decoder::new(Cursor::new(directories.without_palettes(bytes)));
    let mut frames = open.map_err(fault)?.with_limits(limits);
    let mut number = 0;
    loop {
        number += 1;
        let has_palette = directories.has_palette(number - 1);
        let extracted = match frame(&mut frames, bytes, has_palette) {
            Ok(image) => super::page(number, None, image),
            Err(why) => {
                about.warnings.push(Warning::new(
                    format!("page {number} could not be read ({why}); save it as PNG or JPEG and add that"),
                    Notice::PageUnreadable {
                        page: number,
                        detail: why.to_string(),
                    },
                ));
                ExtractedPage::new(Page::new(number, "", PageSource::Failed), None)
            }
        };
        if sink(extracted) == ControlFlow::Break(()) || number == MOST_FRAMES || !frames.more_images() {
            return Ok(number);
        }
        if let Err(error) = frames.next_image() {
            about.warnings.push(Warning::new(
                format!("the pages after page {number} could not be read ({error})"),
                Notice::RestUnreadable {
                    page: number,
                    detail: error.to_string(),
                },
            ));
            return Ok(number);
        }
    }
}

/// The frame at which the decoder stands.
fn frame(frames: &mut Frames<'_>, bytes: &[u8], has_palette: bool) -> std::result::Result<GrayImage, String> {
    let fault = |error: tiff::TiffError| error.to_string();
    let (width, height) = frames.dimensions().map_err(fault)?;
    if u64::from(width) * u64::from(height) > DECODER_PIXELS {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    if let Some(fax) = fax::read(frames, bytes, width, height)? {
        return Ok(fax);
    }
    let color = frames.colortype().map_err(fault)?;
    let values: Vec<u8> = match frames.read_image().map_err(fault)? {
        DecodingResult::U8(values) => values,
        DecodingResult::U16(values) => values.into_iter().map(|value| (value >> 8) as u8).collect(),
        _ => return Err("its samples are no shades of light".to_owned()),
    };
    let palette = if has_palette { palette(frames) } else { None };
    // Of planes that lie one after the other, the first one comes alone: red, or black on white.
    let planes = frames.find_tag_unsigned::<u16>(Tag::PlanarConfiguration);
    let plane = planes.is_ok_and(|planes| planes == Some(2));
    let most = |bits: u8| (1_u16 << bits) - 1;
    let grey: Vec<u8> = match (color, palette) {
        (ColorType::Gray(bits @ (1 | 2 | 4 | 8)), Some(shades)) => {
            let shade = |index: u8| shades.get(usize::from(index)).copied().unwrap_or(255);
            unpack(&values, width as usize, bits).map(shade).collect()
        }
        (ColorType::Gray(bits @ (1 | 2 | 4)), None) => {
            let stretched = |value: u8| (u16::from(value) * 255 / most(bits)) as u8;
            unpack(&values, width as usize, bits).map(stretched).collect()
        }
        (ColorType::Gray(8 | 16), None) => values,
        (ColorType::RGB(8 | 16) | ColorType::RGBA(8 | 16), None) if plane => values,
        // The first is the brightness.
        (ColorType::YCbCr(8), None) => values.chunks_exact(3).map(|p| p[0]).collect(),
        (
            ColorType::GrayA(8 | 16)
            | ColorType::Multiband {
                bit_depth: 8 | 16,
                num_samples: 2,
            },
            None,
        ) => values.chunks_exact(2).map(|p| over_white(p[0], p[1])).collect(),
        (ColorType::RGB(8 | 16), None) => values.chunks_exact(3).map(|p| luma([p[0], p[1], p[2]])).collect(),
        (ColorType::RGBA(8 | 16), None) => values
            .chunks_exact(4)
            .map(|p| over_white(luma([p[0], p[1], p[2]]), p[3]))
            .collect(),
        (ColorType::CMYK(8 | 16), None) => values
            .chunks_exact(4)
            .map(|p| {
                let ink = |value: u8| (u32::from(255 - value) * u32::from(255 - p[3]) / 255) as u8;
                luma([ink(p[0]), ink(p[1]), ink(p[2])])
            })
            .collect(),
        (other, _) => return Err(format!("its kind of colour ({other:?}) is not read")),
    };
    GrayImage::from_raw(width, height, grey).ok_or_else(|| "it is cut short".to_owned())
}

/// The brightness of each colour of the frame's palette: all reds, then greens, then blues, of 16 bits.
fn palette(frames: &mut Frames<'_>) -> Option<Vec<u8>> {
    let colors = frames.get_tag_u16_vec(Tag::ColorMap).ok()?;
    let count = colors.len() / 3;
    let at = |n: usize| (colors[n] >> 8) as u8;
    Some(
        (0..count)
            .map(|n| luma([at(n), at(count + n), at(2 * count + n)]))
            .collect(),
    )
}

/// Samples of a byte or less, each row beginning with a byte.
fn unpack(values: &[u8], width: usize, bits: u8) -> impl Iterator<Item = u8> {
    let each = 8 / usize::from(bits);
    let most = ((1_u16 << bits) - 1) as u8;
    let rows = values.chunks_exact(width.div_ceil(each).max(1));
    rows.flat_map(move |row| {
        (0..width).map(move |x| {
            let shift = 8 - usize::from(bits) * (x % each + 1);
            row[x / each] >> shift & most
        })
    })
}
