//! Pictures: a page a frame, each with its image and no text of its own.

mod directory;
mod fax;
mod ink;
mod jpeg2000;
mod stance;
mod tiff;
mod view;

use std::io::Cursor;

use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::{ExtractedPage, PageImage};
use footnote_core::types::{ExtractSummary, Page, PageSource};
use footnote_core::{Error, Problem, Result};
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader};

use crate::page::Sink;
use crate::sniff::ImageKind;
pub(crate) use view::view;

/// The longest side of a page's image, in pixels.
pub(crate) const MAX_SIDE: u32 = 4_000;
/// The most pixels of a page's image: an A4 page at 230 dpi; more would make a frame too long.
pub(crate) const MAX_PIXELS: u32 = 5_300_000;
/// What a decoder may allocate, and the most pixels it may be asked for.
const DECODER_MEMORY: u64 = 400 << 20;
const DECODER_PIXELS: u64 = 100_000_000;
/// Pixels an inch where nobody says: what browsers assume.
const DPI: f32 = 96.0;

/// Reads a picture. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    kind: ImageKind,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let format = match kind {
        ImageKind::Tiff => return tiff::read(bytes, about, sink),
        ImageKind::Jpeg2000 => {
            let _ = sink(page(1, Some(1), jpeg2000::decode::<GrayImage>(bytes)?));
            return Ok(1);
        }
        ImageKind::Png => ImageFormat::Png,
        ImageKind::Jpeg => ImageFormat::Jpeg,
        ImageKind::WebP => ImageFormat::WebP,
        ImageKind::Bmp => ImageFormat::Bmp,
        ImageKind::Gif => ImageFormat::Gif,
        ImageKind::Pnm => ImageFormat::Pnm,
    };
    let image = decode(bytes, format).map_err(|error| damaged(&error.to_string()))?;
    let _ = sink(page(1, Some(1), grey(&image)));
    Ok(1)
}

fn decode(bytes: &[u8], format: ImageFormat) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(DECODER_MEMORY);
    limits.max_image_width = Some(60_000);
    limits.max_image_height = Some(60_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // Cameras store pictures as the sensor lies and say how to turn them.
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// A page of a picture.
fn page(number: u32, of: Option<u32>, image: GrayImage) -> ExtractedPage {
    let (width, height) = image.dimensions();
    let image = match smaller(width, height) {
        Some((width, height)) => image::imageops::thumbnail(&image, width, height),
        None => image,
    };
    let points = 72.0 / DPI;
    let text = Page {
        size: Some((width as f32 * points, height as f32 * points)),
        ..Page::new(number, "", PageSource::Empty)
    };
    ExtractedPage {
        image: Some(PageImage {
            width: image.width(),
            height: image.height(),
            dpi: DPI * image.width() as f32 / width.max(1) as f32,
            grey: image.into_raw(),
        }),
        warning: Some(Warning::new(
            format!("page {number} is an image"),
            Notice::PageImage { page: number },
        )),
        ..ExtractedPage::new(text, of)
    }
}

/// The size of an image of `width` by `height` within the limits, if it is not within them itself.
fn smaller(width: u32, height: u32) -> Option<(u32, u32)> {
    let scale = fit(width as f32, height as f32, 1.0);
    let side = |pixels: u32| ((pixels as f32 * scale) as u32).max(1);
    (scale < 1.0).then(|| (side(width), side(height)))
}

fn grey(image: &DynamicImage) -> GrayImage {
    if !image.color().has_alpha() {
        return image.to_luma8();
    }
    let transparent = image.to_luma_alpha8();
    let mut grey = GrayImage::new(transparent.width(), transparent.height());
    for (to, from) in grey.pixels_mut().zip(transparent.pixels()) {
        to.0[0] = over_white(from.0[0], from.0[1]);
    }
    grey
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha)) / 255) as u8
}

/// Brightness of a colour (ITU-R BT.601).
pub(crate) fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000) as u8
}

/// `wanted`, or as much less as keeps an image of `width` by `height` within the limits.
pub(crate) fn fit(width: f32, height: f32, wanted: f32) -> f32 {
    let by_side = MAX_SIDE as f32 / width.max(height).max(1.0);
    let by_area = (MAX_PIXELS as f32 / (width * height).max(1.0)).sqrt();
    wanted.min(by_side * 0.999).min(by_area * 0.999)
}

fn damaged(what: &str) -> Error {
    Error::user(format!("The image cannot be read: {what}"))
        .problem(Problem::DamagedPicture {
            detail: what.to_owned(),
        })
        .hint("Open it in an image viewer, save it as PNG or JPEG, then add that")
}

#[cfg(test)]
mod tests;
