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
use image::{GrayImage, RgbImage};

use super::directory::Directories;
use super::ink::Ink;
use super::stance::Stance;
use super::view::missing;
use super::{DECODER_MEMORY, DECODER_PIXELS, damaged, fax};
use crate::page::Sink;

/// Frames of a file.
pub(super) const MOST_FRAMES: u32 = 2_000;

type Frames<'a> = Decoder<Cursor<Cow<'a, [u8]>>>;

/// Reads a file. Returns the number of pages.
pub(super) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let directories = Directories::of(bytes);
    let mut frames = open(bytes, &directories)?;
    let mut number = 0;
    loop {
        number += 1;
        let has_palette = directories.has_palette(number - 1);
        let extracted = match frame::<GrayImage>(&mut frames, bytes, has_palette) {
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

/// The frame of this number, in its colours.
pub(super) fn frame_at(bytes: &[u8], number: u32) -> Result<RgbImage> {
    let directories = Directories::of(bytes);
    let mut frames = open(bytes, &directories)?;
    if !(1..=MOST_FRAMES).contains(&number) {
        return Err(missing(number));
    }
    for _ in 1..number {
        if !frames.more_images() {
            return Err(missing(number));
        }
        frames.next_image().map_err(|error| damaged(&error.to_string()))?;
    }
    let has_palette = directories.has_palette(number - 1);
    frame(&mut frames, bytes, has_palette).map_err(|why| damaged(&format!("page {number}: {why}")))
}

fn open<'a>(bytes: &'a [u8], directories: &Directories) -> Result<Frames<'a>> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = DECODER_MEMORY as usize;
    let frames = Decoder::new(Cursor::new(directories.without_palettes(bytes)));
    let frames = frames.map_err(|error| damaged(&error.to_string()))?;
    Ok(frames.with_limits(limits))
}

/// The frame at which the decoder stands.
fn frame<I: Ink>(frames: &mut Frames<'_>, bytes: &[u8], has_palette: bool) -> std::result::Result<I, String> {
    let fault = |error: tiff::TiffError| error.to_string();
    let (width, height) = frames.dimensions().map_err(fault)?;
    if u64::from(width) * u64::from(height) > DECODER_PIXELS {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let stance = Stance::of(frames);
    if let Some(fax) = fax::read(frames, bytes, width, height)? {
        return Ok(stance.set(I::of(fax.into())));
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
    let mut out = Vec::with_capacity((width as usize * height as usize).saturating_mul(I::VALUES));
    match (color, palette) {
        (ColorType::Gray(bits @ (1 | 2 | 4 | 8)), Some(shades)) => {
            for index in unpack(&values, width as usize, bits) {
                let color = shades.get(usize::from(index)).copied();
                I::color(&mut out, color.unwrap_or([255; 3]), 255);
            }
        }
        (ColorType::Gray(bits @ (1 | 2 | 4)), None) => {
            let stretched = |value: u8| (u16::from(value) * 255 / most(bits)) as u8;
            unpack(&values, width as usize, bits).for_each(|value| I::shade(&mut out, stretched(value)));
        }
        (ColorType::Gray(8 | 16), None) => values.iter().for_each(|value| I::shade(&mut out, *value)),
        (ColorType::RGB(8 | 16) | ColorType::RGBA(8 | 16), None) if plane => {
            values.iter().for_each(|value| I::shade(&mut out, *value));
        }
        (ColorType::YCbCr(8), None) => colors::<I>(&mut out, &values, 3, |p| (rgb([p[0], p[1], p[2]]), 255)),
        (
            ColorType::GrayA(8 | 16)
            | ColorType::Multiband {
                bit_depth: 8 | 16,
                num_samples: 2,
            },
            None,
        ) => colors::<I>(&mut out, &values, 2, |p| ([p[0]; 3], p[1])),
        (ColorType::RGB(8 | 16), None) => colors::<I>(&mut out, &values, 3, |p| ([p[0], p[1], p[2]], 255)),
        (ColorType::RGBA(8 | 16), None) => colors::<I>(&mut out, &values, 4, |p| ([p[0], p[1], p[2]], p[3])),
        (ColorType::CMYK(8 | 16), None) => colors::<I>(&mut out, &values, 4, |p| {
            let ink = |value: u8| (u32::from(255 - value) * u32::from(255 - p[3]) / 255) as u8;
            ([ink(p[0]), ink(p[1]), ink(p[2])], 255)
        }),
        (other, _) => return Err(format!("its kind of colour ({other:?}) is not read")),
    }
    let image = I::image(width, height, out).ok_or("it is cut short")?;
    Ok(stance.set(image))
}

/// Adds pixels of so many samples, each a colour of which so much is opaque.
fn colors<I: Ink>(out: &mut Vec<u8>, values: &[u8], samples: usize, color: impl Fn(&[u8]) -> ([u8; 3], u8)) {
    for pixel in values.chunks_exact(samples) {
        let (color, alpha) = color(pixel);
        I::color(out, color, alpha);
    }
}

/// The colour that a brightness and two differences stand for (ITU-R BT.601, all values in use, as in JPEG).
pub(super) fn rgb([bright, blue, red]: [u8; 3]) -> [u8; 3] {
    let (bright, blue, red) = (f32::from(bright), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    let green = bright - 0.344_136 * blue - 0.714_136 * red;
    [bright + 1.402 * red, green, bright + 1.772 * blue].map(|value| value.round() as u8)
}

/// The colours of the frame's palette: all reds, then greens, then blues, of 16 bits.
fn palette(frames: &mut Frames<'_>) -> Option<Vec<[u8; 3]>> {
    let colors = frames.get_tag_u16_vec(Tag::ColorMap).ok()?;
    let count = colors.len() / 3;
    let at = |n: usize| (colors[n] >> 8) as u8;
    Some(
        (0..count)
            .map(|n| [at(n), at(count + n), at(2 * count + n)])
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
