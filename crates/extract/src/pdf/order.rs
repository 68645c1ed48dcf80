//! Reading order: columns side by side are read one after the other, tables row by row.

use super::words::{Rect, Segment};

/// Columns with fewer lines are more likely a table's cells.
const MIN_COLUMN_LINES: usize = 3;
/// Columns within columns end here.
const MAX_DEPTH: usize = 6;

/// Segments in the order to read: each zone is read in rows, from the top.
pub(super) fn zones(segments: Vec<Segment>) -> Vec<Vec<Segment>> {
    let mut out = Vec::new();
    split(segments, 0, &mut out);
    out
}

fn split(mut segments: Vec<Segment>, depth: usize, out: &mut Vec<Vec<Segment>>) {
    if segments.is_empty() {
        return;
    }
    segments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let gutter = if depth < MAX_DEPTH {
        find_gutter(&segments)
    } else {
        None
    };
    let Some(gutter) = gutter else {
        out.push(segments);
        return;
    };
    // What crosses the gutter (titles, wide figures' captions) parts the columns into zones.
    let mut zone = Vec::new();
    let mut crossing = Vec::new();
    for segment in segments {
        if segment.rect.x0 < gutter && segment.rect.x1 > gutter {
            if !zone.is_empty() {
                flush(&mut crossing, out);
            }
            columns(std::mem::take(&mut zone), gutter, depth, out);
            crossing.push(segment);
        } else {
            // A short piece on the line of a crossing one belongs to that line.
            let beside = crossing.last().is_some_and(|last| {
                zone.is_empty() && (last.baseline - segment.baseline).abs() < 0.3 * last.size
            });
            if beside {
                crossing.push(segment);
            } else {
                if zone.is_empty() {
                    flush(&mut crossing, out);
                }
                zone.push(segment);
            }
        }
    }
    flush(&mut crossing, out);
    columns(zone, gutter, depth, out);
}

fn flush(crossing: &mut Vec<Segment>, out: &mut Vec<Vec<Segment>>) {
    if !crossing.is_empty() {
        out.push(std::mem::take(crossing));
    }
}

/// Reads the left side, then the right, if both look like text; else row by row.
fn columns(zone: Vec<Segment>, gutter: f64, depth: usize, out: &mut Vec<Vec<Segment>>) {
    if zone.is_empty() {
        return;
    }
    let (left, right): (Vec<_>, Vec<_>) = zone.iter().partition(|segment| segment.rect.x1 <= gutter);
    if left.is_empty() || right.is_empty() || (is_text(&left) && is_text(&right)) {
        let (left, right): (Vec<_>, Vec<_>) = zone.into_iter().partition(|segment| segment.rect.x1 <= gutter);
        let one_sided = left.is_empty() || right.is_empty();
        let depth = if one_sided { MAX_DEPTH } else { depth + 1 };
        split(left, depth, out);
        split(right, depth, out);
    } else {
        out.push(zone);
    }
}

/// The line between two columns: few segments cross it, many stand beside each other on its sides.
fn find_gutter(segments: &[Segment]) -> Option<f64> {
    const STEPS: usize = 160;
    let left = segments.iter().map(|s| s.rect.x0).fold(f64::INFINITY, f64::min);
    let right = segments
        .iter()
        .map(|s| s.rect.x1)
        .fold(f64::NEG_INFINITY, f64::max);
    let counted: Vec<(Rect, usize)> = segments.iter().map(|s| (s.rect, s.chars())).collect();
    let mut best: Option<(f64, f64)> = None;
    for step in STEPS / 10..STEPS * 9 / 10 {
        let x = left + (right - left) * step as f64 / STEPS as f64;
        let (mut on_left, mut on_right, mut across) = (0_usize, 0_usize, 0_usize);
        let (mut left_lines, mut right_lines) = (0, 0);
        for (rect, chars) in &counted {
            if rect.x1 <= x {
                on_left += chars;
                left_lines += 1;
            } else if rect.x0 >= x {
                on_right += chars;
                right_lines += 1;
            } else {
                across += chars;
            }
        }
        if left_lines.min(right_lines) < MIN_COLUMN_LINES || across > 4 * on_left.min(on_right) {
            continue;
        }
        let score = on_left.min(on_right) as f64 - 1.5 * across as f64;
        if best.is_some_and(|(top, _)| score <= top) {
            continue;
        }
        let sides: (Vec<_>, Vec<_>) = segments
            .iter()
            .filter(|s| s.rect.x1 <= x || s.rect.x0 >= x)
            .partition(|segment| segment.rect.x1 <= x);
        if is_text(&sides.0) && is_text(&sides.1) {
            best = Some((score, x));
        }
    }
    best.map(|(_, x)| x)
}

/// Whether these lines are running text: long lines that fill their column.
fn is_text(lines: &[&Segment]) -> bool {
    if lines.len() < MIN_COLUMN_LINES {
        return false;
    }
    let left = lines.iter().map(|s| s.rect.x0).fold(f64::INFINITY, f64::min);
    let right = lines.iter().map(|s| s.rect.x1).fold(f64::NEG_INFINITY, f64::max);
    let width = (right - left).max(1.0);
    let filled = lines
        .iter()
        .filter(|s| s.rect.x1 - s.rect.x0 > 0.55 * width)
        .count();
    let chars: usize = lines.iter().map(|s| s.chars()).sum();
    filled * 2 >= lines.len() && chars >= 14 * lines.len()
}
