//! JPEG 2000: archives and scanners keep pages in it.

use footnote_core::Result;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::ink::Ink;
use super::{DECODER_PIXELS, MAX_SIDE, damaged};

/// The picture of a file.
pub(super) fn decode<I: Ink>(bytes: &[u8]) -> Result<I> {
    let faulty = |error: hayro_jpeg2000::DecodeError| damaged(&error.to_string());
    let settings = DecodeSettings {
        // What is larger holds itself in half the size too.
        target_resolution: Some((MAX_SIDE / 2, MAX_SIDE / 2)),
        ..DecodeSettings::default()
    };
    let image = Image::new(bytes, &settings).map_err(faulty)?;
    if u64::from(image.width()) * u64::from(image.height()) > DECODER_PIXELS {
        return Err(damaged("it has too many pixels"));
    }
    let (channels, has_alpha) = (usize::from(image.color_space().num_channels()), image.has_alpha());
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(faulty)?;
    let own = decoded.components().len();
    let (width, height) = (image.width(), image.height());
    let shades = decoded.data_u8();
    if own == 0 || channels.min(own) == 0 {
        return Err(damaged("it has no channels"));
    }
    let mut values = Vec::with_capacity(shades.len() / own * I::VALUES);
    for pixel in shades.chunks_exact(own) {
        let color = match pixel[..channels.min(own)] {
            [red, green, blue] => [red, green, blue],
            [cyan, magenta, yellow, black] => {
                [255 - cyan, 255 - magenta, 255 - yellow].map(|light| over_black(light, black))
            }
            _ => [pixel[0]; 3],
        };
        let alpha = pixel.get(channels).filter(|_| has_alpha);
        I::color(&mut values, color, alpha.copied().unwrap_or(255));
    }
    I::image(width, height, values).ok_or_else(|| damaged("its size is not what it claims"))
}

fn over_black(light: u8, black: u8) -> u8 {
    let (light, black) = (u32::from(light), u32::from(black));
    ((light * (255 - black)) / 255) as u8
}
