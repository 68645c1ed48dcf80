//! Frames as fax machines pack them (ITU-T T.4 and T.6), as far as the decoder of TIFF files cannot: group 3, and
//! bits in the order of the line.

use std::borrow::Cow;
use std::io::{Read, Seek};

use ::tiff::decoder::Decoder;
use ::tiff::tags::Tag;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use image::{GrayImage, Luma};

/// `T4Options`: rows refer to those before them.
const T4_OPTIONS: Tag = Tag::Unknown(292);

/// The frame at which the decoder stands, of the file with these bytes; none if it is packed in another way.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read<R: Read + Seek>(
    frames: &mut Decoder<R>,
    bytes: &[u8],
    width: u32,
    height: u32,
) -> Result<Option<GrayImage>, String> {
    let mut tag = |tag| frames.find_tag_unsigned::<u32>(tag).ok().flatten();
    let is_reversed = tag(Tag::FillOrder) == Some(2);
    let two_dimensional = tag(T4_OPTIONS).is_some_and(|options| options & 1 == 1);
    let (encoding, has_line_ends) = match tag(Tag::Compression) {
        Some(2) => (EncodingMode::Group3_1D, false),
        Some(3) if two_dimensional => (EncodingMode::Group3_2D, true),
        Some(3) => (EncodingMode::Group3_1D, true),
        Some(4) if is_reversed => (EncodingMode::Group4, false),
        _ => return Ok(None),
    };
    let is_negative = tag(Tag::PhotometricInterpretation) == Some(1);
    let rows = tag(Tag::RowsPerStrip).unwrap_or(height).clamp(1, height);
    let mut list = |tag| {
        frames
            .find_tag_unsigned_vec::<u64>(tag)
            .ok()
            .flatten()
            .unwrap_or_default()
    };
    let (offsets, lengths) = (list(Tag::StripOffsets), list(Tag::StripByteCounts));
    let mut image = Rows {
        image: GrayImage::from_pixel(width, height, Luma([255])),
        next: 0,
    };
    for (n, (offset, length)) in (0_u32..).zip(offsets.iter().zip(&lengths)) {
        let first = n.saturating_mul(rows);
        if first >= height {
            break;
        }
        let strip = usize::try_from(*offset).ok().zip(usize::try_from(*length).ok());
        let strip = strip.and_then(|(offset, length)| {
            let end = offset.checked_add(length)?.min(bytes.len());
            bytes.get(offset..end)
        });
        let strip = strip.ok_or("it is cut short")?;
        let strip = if is_reversed {
            Cow::Owned(strip.iter().map(|byte| byte.reverse_bits()).collect())
        } else {
            Cow::Borrowed(strip)
        };
        image.next = first;
        let settings = DecodeSettings {
            columns: width,
            rows: rows.min(height - first),
            end_of_block: encoding != EncodingMode::Group3_1D || has_line_ends,
            end_of_line: has_line_ends,
            rows_are_byte_aligned: !has_line_ends && encoding == EncodingMode::Group3_1D,
            encoding,
            strict: false,
        };
        let decoded = hayro_ccitt::decode(&strip, &mut image, &mut DecoderContext::new(settings));
        // A line that was disturbed ends the strip; what came before it stays.
        if decoded.is_err() && image.next == first {
            return Err("its lines are damaged".to_owned());
        }
    }
    let mut image = image.image;
    if is_negative {
        image::imageops::invert(&mut image);
    }
    Ok(Some(image))
}

/// Rows on their way to an image that is white.
struct Rows {
    image: GrayImage,
    next: u32,
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let width = self.image.width();
        if self.next >= self.image.height() {
            return;
        }
        for black in changes.chunks(2) {
            let end = black.get(1).copied().unwrap_or(width).min(width);
            for x in black[0].min(end)..end {
                self.image.put_pixel(x, self.next, Luma([0]));
            }
        }
        self.next += 1;
    }
}
