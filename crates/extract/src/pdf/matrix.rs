//! Affine transformations as PDF writes them, and the page as it is displayed.

use super::words::Rect;

/// `[a b c d e f]` (ISO 32000-1, 8.3.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub [f64; 6]);

impl Matrix {
    /// Changes nothing.
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First a shift, then `self`.
    pub(super) fn after_shift(self, x: f64, y: f64) -> Self {
        let [a, b, c, d, e, f] = self.0;
        Self([a, b, c, d, x * a + y * c + e, x * b + y * d + f])
    }

    /// First `self`, then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, next.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    /// Where a point goes.
    pub(super) fn apply(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }
}

/// The visible part of a page and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PageFrame {
    /// From the file's coordinates to points from the top left of the page as displayed.
    pub to_display: Matrix,
    /// Width as displayed.
    pub width: f64,
    /// Height as displayed.
    pub height: f64,
}

impl PageFrame {
    /// The page of a box `[x0 y0 x1 y1]`, turned clockwise by `rotate` degrees.
    pub(super) fn new(visible: [f64; 4], rotate: i64) -> Self {
        let [x0, y0, x1, y1] = visible;
        let (w, h) = (x1 - x0, y1 - y0);
        let flip = Matrix([1.0, 0.0, 0.0, -1.0, -x0, y1]);
        let (turn, width, height) = match rotate.rem_euclid(360) {
            90 => (Matrix([0.0, 1.0, -1.0, 0.0, h, 0.0]), h, w),
            180 => (Matrix([-1.0, 0.0, 0.0, -1.0, w, h]), w, h),
            270 => (Matrix([0.0, -1.0, 1.0, 0.0, 0.0, w]), h, w),
            _ => (Matrix::IDENTITY, w, h),
        };
        Self {
            to_display: flip.then(turn),
            width,
            height,
        }
    }

    /// Where a box of the file, given by two corners, stands on the page as displayed.
    pub(super) fn rect(self, [a, b, c, d]: [f64; 4]) -> Rect {
        let ((x0, y0), (x1, y1)) = (self.to_display.apply(a, b), self.to_display.apply(c, d));
        Rect {
            x0: x0.min(x1),
            y0: y0.min(y1),
            x1: x0.max(x1),
            y1: y0.max(y1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_stand_where_the_viewer_shows_them() {
        let at = |rotate| {
            PageFrame::new([10.0, 20.0, 110.0, 220.0], rotate)
                .to_display
                .apply(10.0, 220.0)
        };
        // The corner at the top left of the unturned page.
        assert_eq!(at(0), (0.0, 0.0));
        assert_eq!(at(90), (200.0, 0.0));
        assert_eq!(at(180), (100.0, 200.0));
        assert_eq!(at(-90), (0.0, 100.0));
        assert_eq!(PageFrame::new([0.0, 0.0, 100.0, 200.0], 90).width, 200.0);
    }
}
