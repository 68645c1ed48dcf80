//! What decoded pixels become: shades of grey to be read, colours to be looked at.

use image::{DynamicImage, GrayImage, RgbImage};

use super::{luma, over_white};

/// An image that takes pixels in order, row by row.
pub(super) trait Ink: Sized + Into<DynamicImage> {
    /// Values of a pixel.
    const VALUES: usize;

    /// A shade of grey.
    fn shade(out: &mut Vec<u8>, shade: u8);

    /// A colour of which so much is opaque.
    fn color(out: &mut Vec<u8>, color: [u8; 3], alpha: u8);

    /// The image of all that was taken; none if that is not as much as it has to be.
    fn image(width: u32, height: u32, values: Vec<u8>) -> Option<Self>;

    /// What was decoded at once.
    fn of(image: DynamicImage) -> Self;
}

impl Ink for GrayImage {
    const VALUES: usize = 1;

    fn shade(out: &mut Vec<u8>, shade: u8) {
        out.push(shade);
    }

    fn color(out: &mut Vec<u8>, color: [u8; 3], alpha: u8) {
        out.push(over_white(luma(color), alpha));
    }

    fn image(width: u32, height: u32, values: Vec<u8>) -> Option<Self> {
        Self::from_raw(width, height, values)
    }

    fn of(image: DynamicImage) -> Self {
        image.into_luma8()
    }
}

impl Ink for RgbImage {
    const VALUES: usize = 3;

    fn shade(out: &mut Vec<u8>, shade: u8) {
        out.extend([shade; 3]);
    }

    fn color(out: &mut Vec<u8>, color: [u8; 3], alpha: u8) {
        out.extend(color.map(|value| over_white(value, alpha)));
    }

    fn image(width: u32, height: u32, values: Vec<u8>) -> Option<Self> {
        Self::from_raw(width, height, values)
    }

    fn of(image: DynamicImage) -> Self {
        image.into_rgb8()
    }
}
