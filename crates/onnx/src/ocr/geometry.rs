//! Points, hulls, and the smallest rectangle around them.

/// A point in pixels, x to the right, y down.
pub(super) type Point = [f32; 2];

/// A rectangle, turned in any way: its corners one after the other.
pub(super) type Quad = [Point; 4];

pub(super) fn distance(a: Point, b: Point) -> f32 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The convex hull, by Andrew's monotone chain.
pub(super) fn hull(points: &mut Vec<[i32; 2]>) -> Vec<Point> {
    points.sort_unstable();
    points.dedup();
    let cross = |o: [i32; 2], a: [i32; 2], b: [i32; 2]| {
        i64::from(a[0] - o[0]) * i64::from(b[1] - o[1]) - i64::from(a[1] - o[1]) * i64::from(b[0] - o[0])
    };
    let mut chain: Vec<[i32; 2]> = Vec::new();
    let mut half = |points: &mut dyn Iterator<Item = [i32; 2]>| {
        let start = chain.len();
        for point in points {
            while chain.len() >= start + 2
                && cross(chain[chain.len() - 2], chain[chain.len() - 1], point) <= 0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
    };
    if points.len() > 1 {
        half(&mut points.iter().copied());
        half(&mut points.iter().rev().copied());
    } else {
        chain.clone_from(points);
    }
    chain.into_iter().map(|[x, y]| [x as f32, y as f32]).collect()
}

/// The rectangle of least area around a convex hull: one of its sides lies on a side of the hull
/// (Freeman and Shapira, 1975).
pub(super) fn smallest_rectangle(hull: &[Point]) -> Quad {
    let mut best = (f32::INFINITY, [[0.0; 2]; 4]);
    for (at, from) in hull.iter().enumerate() {
        let to = hull[(at + 1) % hull.len()];
        let length = distance(*from, to);
        let [ux, uy] = if length < 1e-6 {
            [1.0, 0.0]
        } else {
            [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
        };
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for [x, y] in hull {
            let along = [x * ux + y * uy, y * ux - x * uy];
            for axis in 0..2 {
                low[axis] = low[axis].min(along[axis]);
                high[axis] = high[axis].max(along[axis]);
            }
        }
        let area = (high[0] - low[0]) * (high[1] - low[1]);
        if area < best.0 {
            let back = |a: f32, b: f32| [a * ux - b * uy, a * uy + b * ux];
            let corners = [
                back(low[0], low[1]),
                back(high[0], low[1]),
                back(high[0], high[1]),
                back(low[0], high[1]),
            ];
            best = (area, corners);
        }
    }
    best.1
}

/// The corners beginning at the top left of the box as it lies, clockwise: the first edge runs to the right.
pub(super) fn from_top_left(quad: Quad) -> Quad {
    let mut turned = quad;
    for _ in 0..4 {
        let [a, b, ..] = turned;
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        if dx > 0.0 && dx >= dy.abs() {
            break;
        }
        turned.rotate_left(1);
    }
    turned
}

/// Moves every side outwards by `by`.
pub(super) fn grown(quad: Quad, by: f32) -> Quad {
    let [a, b, _, d] = quad;
    let unit = |from: Point, to: Point| {
        let length = distance(from, to).max(1e-6);
        [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
    };
    let (u, v) = (unit(a, b), unit(a, d));
    let moved = |p: Point, along: f32, down: f32| {
        [
            p[0] + by * (u[0] * along + v[0] * down),
            p[1] + by * (u[1] * along + v[1] * down),
        ]
    };
    [
        moved(quad[0], -1.0, -1.0),
        moved(quad[1], 1.0, -1.0),
        moved(quad[2], 1.0, 1.0),
        moved(quad[3], -1.0, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_rectangle_of_a_leaning_bar_leans_with_it() {
        let (sin, cos) = 0.1_f32.sin_cos();
        let mut points: Vec<[i32; 2]> = (0..200)
            .flat_map(|x| (0..20).map(move |y| (x as f32, y as f32)))
            .map(|(x, y)| {
                [
                    (100.0 + x * cos - y * sin).round() as i32,
                    (x * sin + y * cos).round() as i32,
                ]
            })
            .collect();
        let quad = from_top_left(smallest_rectangle(&hull(&mut points)));
        let [a, b, _, d] = quad;
        assert!(
            (distance(a, b) - 199.0).abs() < 2.5 && (distance(a, d) - 19.0).abs() < 2.5,
            "{quad:?}"
        );
        assert!(((b[1] - a[1]) / (b[0] - a[0]) - 0.1).abs() < 0.02, "{quad:?}");
        assert!(d[1] > a[1], "clockwise as displayed");
    }

    #[test]
    fn a_box_grows_on_every_side() {
        let quad = grown([[10.0, 10.0], [30.0, 10.0], [30.0, 20.0], [10.0, 20.0]], 2.0);
        assert_eq!(quad, [[8.0, 8.0], [32.0, 8.0], [32.0, 22.0], [8.0, 22.0]]);
    }

    #[test]
    fn degenerate_hulls_make_rectangles_too() {
        for points in [vec![[3, 4]], vec![[3, 4], [3, 4]], vec![[0, 0], [5, 0], [9, 0]]] {
            let quad = smallest_rectangle(&hull(&mut points.clone()));
            assert!(quad.iter().flatten().all(|at| at.is_finite()), "{points:?}");
        }
    }
}
