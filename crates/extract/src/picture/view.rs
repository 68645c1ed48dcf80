//! A page of a picture as people look at it, for kinds that no web view decodes.

use std::io::Cursor;

use footnote_core::{Error, ErrorCode, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageFormat, RgbImage};

use super::{damaged, decode, jpeg2000, smaller, tiff};
use crate::sniff::ImageKind;

/// The page of this number as PNG, within the limits of what is read: in its colours, what is transparent on white.
///
/// # Errors
/// The page is not there, or cannot be decoded.
pub(crate) fn view(bytes: &[u8], kind: ImageKind, number: u32) -> Result<Vec<u8>> {
    let format = match kind {
        ImageKind::Tiff => return packed(tiff::frame_at(bytes, number)?.into()),
        _ if number != 1 => return Err(missing(number)),
        ImageKind::Jpeg2000 => return packed(jpeg2000::decode::<RgbImage>(bytes)?.into()),
        ImageKind::Png => ImageFormat::Png,
        ImageKind::Jpeg => ImageFormat::Jpeg,
        ImageKind::WebP => ImageFormat::WebP,
        ImageKind::Bmp => ImageFormat::Bmp,
        ImageKind::Gif => ImageFormat::Gif,
        ImageKind::Pnm => ImageFormat::Pnm,
    };
    packed(decode(bytes, format).map_err(|error| damaged(&error.to_string()))?)
}

/// That a file has no page of this number.
pub(super) fn missing(number: u32) -> Error {
    Error::user(format!("The picture has no page {number}"))
        .code(ErrorCode::NotFound)
        .hint("Read it again; its file may have changed")
}

fn packed(image: DynamicImage) -> Result<Vec<u8>> {
    let image = match smaller(image.width(), image.height()) {
        Some((width, height)) => image.thumbnail_exact(width, height),
        None => image,
    };
    // Of values of 16 bits nobody sees the lower ones.
    let image = match image {
        image @ (DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_)) => image,
        image if image.color().has_alpha() => image.to_rgba8().into(),
        image if image.color().has_color() => image.to_rgb8().into(),
        image => image.to_luma8().into(),
    };
    let mut png = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    image
        .write_with_encoder(encoder)
        .map_err(|error| Error::bug(format!("The picture cannot be packed: {error}")))?;
    Ok(png.into_inner())
}
