//! Lines cut out of the page: turned upright and brought to the height that a graph takes.

use footnote_core::ocr::PageImage;

use super::geometry::{Point, Quad, distance};

/// Boxes this many times as high as wide hold text that runs up or down.
const UPRIGHT: f32 = 1.8;
/// Height of a line for the recogniser.
pub(super) const HEIGHT: usize = 48;
/// The least width that the recogniser was trained on is 320; narrower ones read as well and faster.
const LEAST_WIDTH: usize = 96;
/// The longest line: 42 times as long as high.
const MOST_WIDTH: usize = 2_048;
/// Lines asked whether they stand on their heads.
const VOTERS: usize = 9;

/// Whether lines stand on their heads: those that run across, and those that run along the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct UpsideDown {
    pub across: bool,
    pub along: bool,
}

/// A line's box with its corners as one reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub corners: Quad,
}

/// Whether the box is a line that runs up or down the page.
pub(super) fn is_along(quad: &Quad) -> bool {
    distance(quad[0], quad[3]) >= UPRIGHT * distance(quad[0], quad[1])
}

/// The box as read: one that runs along the page is taken to run upwards, as after a quarter turn.
pub(super) fn as_read(quad: Quad) -> Quad {
    let mut corners = quad;
    if is_along(&quad) {
        corners.rotate_right(1);
    }
    corners
}

impl Line {
    pub(super) fn new(quad: Quad, upside_down: UpsideDown) -> Self {
        let mut corners = as_read(quad);
        let turned = if is_along(&quad) {
            upside_down.along
        } else {
            upside_down.across
        };
        if turned {
            corners.rotate_left(2);
        }
        Self { corners }
    }

    /// Width in the recogniser's pixels, as its batches round it.
    pub(super) fn width(&self) -> usize {
        self.exact_width().next_multiple_of(32).max(LEAST_WIDTH)
    }

    /// Width of the line itself in the recogniser's pixels.
    pub(super) fn exact_width(&self) -> usize {
        let [a, b, _, d] = self.corners;
        let width = HEIGHT as f32 * distance(a, b) / distance(a, d).max(1.0);
        (width.ceil() as usize).clamp(1, MOST_WIDTH)
    }
}

/// The lines that are asked: the longest ones of each kind, which say most.
pub(super) fn orientation_sample(quads: &[Quad]) -> Vec<Quad> {
    let longest = |along: bool| {
        let mut kind: Vec<Quad> = quads
            .iter()
            .filter(|quad| is_along(quad) == along)
            .copied()
            .collect();
        let length = |quad: &Quad| distance(quad[0], quad[1]).max(distance(quad[0], quad[3]));
        kind.sort_by(|a, b| length(b).total_cmp(&length(a)));
        kind.truncate(VOTERS);
        kind
    };
    [longest(false), longest(true)].concat()
}

/// `width` by `height` samples of the box, row by row, handed to `put` with their place. Where the box is
/// larger than that, each is a mean, so that thin strokes do not fall between samples.
pub(super) fn sample(
    image: &PageImage,
    corners: &Quad,
    width: usize,
    height: usize,
    mut put: impl FnMut(usize, usize, f32),
) {
    let [a, b, _, d] = *corners;
    let along = [(b[0] - a[0]) / width as f32, (b[1] - a[1]) / width as f32];
    let down = [(d[0] - a[0]) / height as f32, (d[1] - a[1]) / height as f32];
    let taps = |step: Point| (step[0].hypot(step[1]).round() as usize).clamp(1, 4);
    let (across, below) = (taps(along), taps(down));
    let share = 1.0 / (across * below) as f32;
    for row in 0..height {
        for column in 0..width {
            let mut sum = 0.0;
            for i in 0..below {
                let v = row as f32 + (i as f32 + 0.5) / below as f32;
                for j in 0..across {
                    let u = column as f32 + (j as f32 + 0.5) / across as f32;
                    sum += image.between(
                        a[0] + along[0] * u + down[0] * v - 0.5,
                        a[1] + along[1] * u + down[1] * v - 0.5,
                    );
                }
            }
            put(column, row, sum * share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> PageImage {
        // Black left half, white right half.
        PageImage {
            width: 20,
            height: 10,
            dpi: 72.0,
            grey: (0..200).map(|at| if at % 20 < 10 { 0 } else { 255 }).collect(),
        }
    }

    fn values(corners: Quad, width: usize, height: usize) -> Vec<f32> {
        let mut values = vec![0.0; width * height];
        sample(&image(), &corners, width, height, |x, y, value| {
            values[y * width + x] = value
        });
        values
    }

    #[test]
    fn samples_follow_the_corners() {
        let quad = [[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]];
        assert_eq!(values(quad, 2, 1), [0.0, 255.0]);
        let mut turned = quad;
        turned.rotate_left(2);
        assert_eq!(values(turned, 2, 1), [255.0, 0.0]);
        let mut upwards = quad;
        upwards.rotate_right(1);
        assert_eq!(
            values(upwards, 1, 2),
            [0.0, 255.0],
            "from the lower left corner upwards"
        );
    }

    #[test]
    fn boxes_outside_the_page_have_its_margin() {
        let quad = [[-50.0, -50.0], [-20.0, -50.0], [-20.0, -40.0], [-50.0, -40.0]];
        assert_eq!(values(quad, 3, 1), [0.0; 3]);
    }

    #[test]
    fn only_long_boxes_are_read_upwards() {
        let letter = [[0.0, 0.0], [10.0, 0.0], [10.0, 16.0], [0.0, 16.0]];
        assert_eq!(as_read(letter), letter);
        let side = [[0.0, 0.0], [10.0, 0.0], [10.0, 90.0], [0.0, 90.0]];
        assert_eq!(as_read(side)[0], [0.0, 90.0]);
    }
}
