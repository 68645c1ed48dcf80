//! From the detector's map to boxes, as in "Real-time Scene Text Detection with Differentiable
//! Binarization" (Liao et al., 2020), section 3.4: threshold, connected regions, the smallest rectangle
//! around each, its mean as the score, and the growth that undoes the shrinking of the labels.

use super::geometry::{Quad, distance, from_top_left, grown, hull, smallest_rectangle};

/// The probability above which a pixel is text,
const THRESHOLD: f32 = 0.3;
/// the mean of the pixels that a box needs,
const LEAST_SCORE: f32 = 0.5;
/// and area over circumference times this is how far it grows.
const UNCLIP: f32 = 1.6;
/// Boxes lower than this many pixels of the map are specks.
const LEAST_SIDE: f32 = 3.0;
/// No page has more lines.
const MOST: usize = 2_000;

/// The boxes in a map of `width` by `height` probabilities, each beginning at its top left, clockwise.
pub(super) fn boxes(map: &[f32], width: usize, height: usize) -> Vec<Quad> {
    let mut seen: Vec<bool> = map.iter().map(|p| p.is_nan() || *p <= THRESHOLD).collect();
    let mut boxes = Vec::new();
    let (mut stack, mut edge) = (Vec::new(), Vec::new());
    for start in 0..seen.len().min(width * height) {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        edge.clear();
        let (mut sum, mut count) = (0.0_f64, 0_usize);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % width, at / width);
            sum += f64::from(map[at]);
            count += 1;
            let is_text = |x: usize, y: usize| map[y * width + x] > THRESHOLD;
            let inside = x > 0
                && y > 0
                && x + 1 < width
                && y + 1 < height
                && is_text(x - 1, y)
                && is_text(x + 1, y)
                && is_text(x, y - 1)
                && is_text(x, y + 1);
            if !inside {
                edge.push([x as i32, y as i32]);
            }
            for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let next = ny * width + nx;
                    if !seen[next] {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
        boxes.extend(region_box(&mut edge, sum / count as f64, count));
        if boxes.len() == MOST {
            break;
        }
    }
    boxes
}

/// The grown box of one region; none for a speck or a faint one.
fn region_box(edge: &mut Vec<[i32; 2]>, mean: f64, count: usize) -> Option<Quad> {
    if mean < f64::from(LEAST_SCORE) {
        return None;
    }
    // Pixels are squares: the outline runs half a pixel outside their middles.
    let tight = grown(smallest_rectangle(&hull(edge)), 0.5);
    let (a, b) = (distance(tight[0], tight[1]), distance(tight[1], tight[2]));
    if a.min(b) < LEAST_SIDE || count < 6 {
        return None;
    }
    let by = a * b * UNCLIP / (2.0 * (a + b));
    Some(from_top_left(grown(tight, by)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map with bars of a probability at (x, y, width, height).
    fn map(bars: &[(usize, usize, usize, usize, f32)]) -> Vec<f32> {
        let mut map = vec![0.01; 200 * 100];
        for (x, y, width, height, p) in bars {
            for row in *y..y + height {
                map[row * 200 + x..row * 200 + x + width].fill(*p);
            }
        }
        map
    }

    #[test]
    fn bars_become_boxes_that_have_grown_and_specks_do_not() {
        let map = map(&[
            (20, 10, 120, 8, 0.9),
            (20, 40, 60, 8, 0.35),
            (5, 80, 2, 2, 0.9),
            (100, 60, 80, 10, 0.7),
        ]);
        let boxes = boxes(&map, 200, 100);
        assert_eq!(boxes.len(), 2, "{boxes:?}");
        let [a, b, c, _] = boxes[0];
        let by = 120.0 * 8.0 * UNCLIP / 256.0;
        assert!(
            (a[0] - (19.5 - by)).abs() < 0.01 && (a[1] - (9.5 - by)).abs() < 0.01,
            "{a:?}"
        );
        assert!(
            (b[0] - (139.5 + by)).abs() < 0.01 && (c[1] - (17.5 + by)).abs() < 0.01,
            "{b:?} {c:?}"
        );
    }

    #[test]
    fn a_map_without_text_has_no_boxes() {
        assert!(boxes(&[0.0; 64], 8, 8).is_empty());
        assert!(boxes(&[f32::NAN; 64], 8, 8).is_empty());
        assert_eq!(boxes(&[1.0; 64], 8, 8).len(), 1, "text up to the margins");
    }
}
