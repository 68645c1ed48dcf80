//! Footnote's icon in the sizes of trays.

use tauri::image::Image;

/// From which all sizes are made.
const LARGE: Image<'static> = tauri::include_image!("icons/128x128.png");
/// Says that something waits to be looked at.
const DOT: [u8; 4] = [0xe0, 0x4f, 0x1a, 0xff];

/// One picture: four bytes a pixel, in rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Pixels of each side.
    pub(super) side: u32,
    /// Red, green, blue, opacity.
    pub(super) rgba: Vec<u8>,
}

/// The icon with sides of 128 divided by `by` pixels; `attention` puts a dot on it.
pub(super) fn icon(by: u32, attention: bool) -> Picture {
    let side = LARGE.width() / by;
    let mut rgba = Vec::with_capacity((side * side * 4) as usize);
    for y in 0..side {
        for x in 0..side {
            let pixel = mean(by, x, y);
            rgba.extend(if attention {
                dotted(pixel, side, x, y)
            } else {
                pixel
            });
        }
    }
    Picture { side, rgba }
}

/// The mean of a square of the large picture, colours weighed by how opaque they are.
fn mean(by: u32, x: u32, y: u32) -> [u8; 4] {
    let (mut colour, mut opacity) = ([0_u32; 3], 0_u32);
    for row in y * by..(y + 1) * by {
        for column in x * by..(x + 1) * by {
            let at = ((row * LARGE.width() + column) * 4) as usize;
            let Some(&[r, g, b, a]) = LARGE.rgba().get(at..at + 4) else {
                continue;
            };
            for (sum, part) in colour.iter_mut().zip([r, g, b]) {
                *sum += u32::from(part) * u32::from(a);
            }
            opacity += u32::from(a);
        }
    }
    let of = |sum: u32| (sum / opacity.max(1)) as u8;
    [
        of(colour[0]),
        of(colour[1]),
        of(colour[2]),
        (opacity / (by * by)) as u8,
    ]
}

/// A pixel with the dot over it, in the lower right; a gap keeps the dot apart from what is below.
fn dotted(pixel: [u8; 4], side: u32, x: u32, y: u32) -> [u8; 4] {
    let from_centre = |at: u32| (at as f32 + 0.5) / side as f32 - 0.74;
    let distance = from_centre(x).hypot(from_centre(y));
    match distance {
        d if d < 0.22 => DOT,
        d if d < 0.28 => [0; 4],
        _ => pixel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_a_whole_picture_and_the_dot_changes_it() {
        for by in [1, 2, 4] {
            let plain = icon(by, false);
            assert_eq!(plain.side, 128 / by);
            assert_eq!(plain.rgba.len(), (plain.side * plain.side * 4) as usize);
            assert!(
                plain.rgba.chunks(4).any(|pixel| pixel[3] == 255),
                "nothing is to be seen"
            );
            let dotted = icon(by, true);
            assert!(dotted.rgba.chunks(4).any(|pixel| pixel == DOT));
            assert!(!plain.rgba.chunks(4).any(|pixel| pixel == DOT));
        }
        assert_eq!(icon(1, false).rgba, LARGE.rgba());
    }
}
