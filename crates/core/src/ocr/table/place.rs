//! Lines of a cell in reading order.

use super::Cell;
use crate::ocr::frame::Frame;

/// Sorts a cell's lines from the top, those on one height from the left.
pub(super) fn in_order(cell: &mut Cell, frame: Frame) {
    if cell.len() < 2 {
        return;
    }
    let mut placed: Vec<_> = std::mem::take(cell)
        .into_iter()
        .map(|line| {
            let (x, y) = {
                let span = frame.span(&line);
                (span.x, span.y)
            };
            (x, y, line)
        })
        .collect();
    placed.sort_by(|a, b| a.1.middle().total_cmp(&b.1.middle()));
    let mut level = 0;
    for n in 1..=placed.len() {
        let ends = n == placed.len()
            || placed[n].1.middle() - placed[level].1.middle()
                > 0.4 * placed[level].1.len().min(placed[n].1.len());
        if ends {
            placed[level..n].sort_by(|a, b| a.0.from.total_cmp(&b.0.from));
            level = n;
        }
    }
    cell.extend(placed.into_iter().map(|(.., line)| line));
}
