//! The frame in which most lines of a page run from left to right, so that sheets lying on their side or head are read
//! as they are meant. Its unit is the image's pixel, its origin the image's.

use super::{PageImage, RecognizedLine};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub from: f32,
    pub to: f32,
}

impl Extent {
    pub(super) fn len(self) -> f32 {
        (self.to - self.from).max(0.0)
    }

    pub(super) fn middle(self) -> f32 {
        (self.from + self.to) / 2.0
    }

    pub(super) fn shared(self, other: Self) -> f32 {
        (self.to.min(other.to) - self.from.max(other.from)).max(0.0)
    }

    pub(super) fn joined(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    pub(super) fn holds(self, at: f32) -> bool {
        self.from <= at && at <= self.to
    }
}

/// Something in the frame: a line, or a table whose words are kept elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Span<'a> {
    pub what: What<'a>,
    pub x: Extent,
    pub y: Extent,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Line(&'a RecognizedLine),
    /// The table's number.
    Table(usize),
}

impl<'a> Span<'a> {
    pub(super) fn line(&self) -> Option<&'a RecognizedLine> {
        match self.what {
            What::Line(line) => Some(line),
            What::Table(_) => None,
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.what, What::Table(_))
    }
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    sin: f32,
    cos: f32,
}

impl Frame {
    /// The frame that is turned by the direction in which most of the text runs.
    pub(super) fn of(lines: &[RecognizedLine]) -> Self {
        let (sin, cos) = direction(lines).sin_cos();
        Self { sin, cos }
    }

    /// A point of the image in the frame.
    pub(super) fn enter(self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x * self.cos + y * self.sin, y * self.cos - x * self.sin]
    }

    /// A point of the frame in the image.
    pub(super) fn leave(self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x * self.cos - y * self.sin, y * self.cos + x * self.sin]
    }

    /// A line with its place in the frame.
    pub(super) fn span(self, line: &RecognizedLine) -> Span<'_> {
        let turned = line.corners.map(|corner| self.enter(corner));
        // The middles of the sides: a box that leans by what is left of the skew is no higher for it.
        let middle = |a: usize, b: usize, axis: usize| (turned[a][axis] + turned[b][axis]) / 2.0;
        let extent = |a: f32, b: f32| Extent {
            from: a.min(b),
            to: a.max(b),
        };
        Span {
            what: What::Line(line),
            x: extent(middle(0, 3, 0), middle(1, 2, 0)),
            y: extent(middle(0, 1, 1), middle(2, 3, 1)),
        }
    }

    /// Where the image lies in the frame.
    pub(super) fn area(self, image: &PageImage) -> (Extent, Extent) {
        let (w, h) = (image.width as f32, image.height as f32);
        let corners = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]].map(|corner| self.enter(corner));
        let extent = |axis: usize| Extent {
            from: corners.iter().map(|p| p[axis]).fold(f32::INFINITY, f32::min),
            to: corners.iter().map(|p| p[axis]).fold(f32::NEG_INFINITY, f32::max),
        };
        (extent(0), extent(1))
    }

    /// The part of an image in an area of the frame, upright; the margins go on outside the image. None if there is
    /// nothing to see.
    pub(super) fn cut(self, image: &PageImage, x: Extent, y: Extent) -> Option<PageImage> {
        let (width, height) = (x.len().round() as usize, y.len().round() as usize);
        let (w, h) = (image.width as usize, image.height as usize);
        let most = 4 * (w.max(h) + 1);
        if width == 0
            || height == 0
            || width > most
            || height > most
            || image.grey.len() != w * h
            || w * h == 0
        {
            return None;
        }
        let mut grey = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                let [u, v] = self.leave([x.from + column as f32 + 0.5, y.from + row as f32 + 0.5]);
                grey.push(image.between(u - 0.5, v - 0.5).round() as u8);
            }
        }
        Some(PageImage {
            width: width as u32,
            height: height as u32,
            dpi: image.dpi,
            grey,
        })
    }
}

/// The direction in which most of the text runs, in radians: the quarter turn of most characters, then the
/// median of the angles of the lines near it.
fn direction(lines: &[RecognizedLine]) -> f32 {
    let quarter = std::f32::consts::FRAC_PI_2;
    let angle = |line: &RecognizedLine| {
        let [[x0, y0], [x1, y1], ..] = line.corners;
        (y1 - y0).atan2(x1 - x0)
    };
    let mut weights = [0usize; 4];
    let turn = |angle: f32| (angle / quarter).round().rem_euclid(4.0) as usize % 4;
    for line in lines {
        weights[turn(angle(line))] += line.text.chars().count();
    }
    let best = (0..4).max_by_key(|at| (weights[*at], 4 - *at)).unwrap_or(0);
    let base = best as f32 * quarter;
    // Short lines say little about the skew.
    let longest = lines
        .iter()
        .map(|line| line.text.chars().count())
        .max()
        .unwrap_or(0);
    let leanings = lines
        .iter()
        .filter(|line| turn(angle(line)) == best && line.text.chars().count() * 3 >= longest)
        .map(|line| {
            let lean = angle(line) - base;
            lean - (lean / (4.0 * quarter)).round() * 4.0 * quarter
        });
    base + median(leanings)
}

/// The upper median; 0 of nothing.
pub(super) fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Lines side by side, from left to right.
pub(super) struct Row<'a> {
    pub cells: Vec<Span<'a>>,
    pub y: Extent,
    pub height: f32,
}

/// The rows of spans that are sorted by their middles, from the top.
pub(super) fn rows(region: Vec<Span<'_>>) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for span in region {
        let fits = rows.last().is_some_and(|row| {
            let same = row.y.shared(span.y) > 0.5 * row.y.len().min(span.y.len());
            // One above the other is two rows, however low the space between them.
            same && row
                .cells
                .iter()
                .all(|cell| cell.x.shared(span.x) <= 0.3 * cell.x.len().min(span.x.len()))
        });
        match rows.last_mut().filter(|_| fits) {
            Some(row) => {
                row.height = row.height.max(span.y.len());
                row.cells.push(span);
            }
            None => rows.push(Row {
                y: span.y,
                height: span.y.len(),
                cells: vec![span],
            }),
        }
    }
    for row in &mut rows {
        row.cells.sort_by(|a, b| a.x.from.total_cmp(&b.x.from));
    }
    rows
}
