//! How a frame of a TIFF file is to be looked at: which way up, and with pixels of which shape. Fax machines make pages of pixels
//! twice as high as they are wide, and scanners turn pages by a tag.

use std::io::{Read, Seek};

use ::tiff::decoder::Decoder;
use ::tiff::tags::Tag;
use image::DynamicImage;
use image::imageops::FilterType;
use image::metadata::Orientation;

use super::DECODER_PIXELS;
use super::ink::Ink;

/// Pixels that are so much longer than wide, or less, are taken for square: reading does not suffer.
const SQUARE: f64 = 1.1;
/// More than this is no shape of a pixel.
const LONGEST: f64 = 4.0;

/// What the tags of a frame say beside its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stance {
    orientation: Orientation,
    /// How much higher a pixel is than it is wide.
    height: f64,
}

impl Stance {
    /// That of the frame at which the decoder stands.
    pub(super) fn of<R: Read + Seek>(frames: &mut Decoder<R>) -> Self {
        let orientation = frames.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
        let mut pixels = |tag| {
            let fraction = frames.find_tag(tag).ok().flatten()?.into_u64_vec().ok()?;
            let [whole, parts] = fraction[..] else { return None };
            (whole > 0 && parts > 0).then(|| whole as f64 / parts as f64)
        };
        let across = pixels(Tag::XResolution);
        let height = across.zip(pixels(Tag::YResolution)).map_or(1.0, |(x, y)| x / y);
        Self {
            orientation: orientation
                .and_then(Orientation::from_exif)
                .unwrap_or(Orientation::NoTransforms),
            height,
        }
    }

    /// The image as it is to be looked at.
    pub(super) fn set<I: Ink>(self, image: I) -> I {
        let factor = self.height.max(1.0 / self.height);
        let is_square = !(SQUARE..=LONGEST).contains(&factor);
        if is_square && self.orientation == Orientation::NoTransforms {
            return image;
        }
        let mut image: DynamicImage = image.into();
        let longer = |side: u32| (f64::from(side) * factor).round() as u32;
        let (width, height) = match (image.width(), image.height()) {
            (width, height) if self.height > 1.0 => (width, longer(height)),
            (width, height) => (longer(width), height),
        };
        if !is_square && u64::from(width) * u64::from(height) <= DECODER_PIXELS {
            image = image.resize_exact(width, height, FilterType::Triangle);
        }
        image.apply_orientation(self.orientation);
        I::of(image)
    }
}
