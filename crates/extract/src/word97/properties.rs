//! Paragraph properties ([MS-DOC] 2.9.174): which paragraphs are headings, list items, table rows.

use super::runs::{Runs, modifiers};
use crate::compound::u16_at;

/// What is known about a paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Properties {
    /// 1 to 6.
    pub heading: Option<u8>,
    pub in_list: bool,
    pub list_level: u8,
    pub in_table: bool,
    /// Its mark ends a row.
    pub ends_row: bool,
    pub starts_page: bool,
    /// Its row repeats on every page.
    pub is_header: bool,
    /// The columns of its row, a bit each, whose cells go on from the row above.
    pub goes_on: u64,
}

/// Properties of paragraphs by the place of their marks.
pub(super) type Paragraphs = Runs<Properties>;

impl Paragraphs {
    /// Reads the pages that `plc` lists.
    pub(super) fn read(main: &[u8], plc: &[u8]) -> Self {
        // Each place is followed by twelve bytes about heights.
        Self::of_pages(main, plc, 13, papx)
    }
}

fn papx(page: &[u8], at: usize) -> Option<Properties> {
    let words = usize::from(*page.get(at)?);
    let (start, length) = if words == 0 {
        (at + 2, 2 * usize::from(*page.get(at + 1)?))
    } else {
        (at + 1, 2 * words - 1)
    };
    let bytes = page.get(start..(start + length).min(page.len()))?;
    let style = u16_at(bytes, 0)?;
    // The first styles are the headings, whatever the language.
    let heading = u8::try_from(style).ok().filter(|style| (1..10).contains(style));
    let mut properties = Properties {
        heading: heading.map(|level| level.min(6)),
        ..Properties::default()
    };
    for (code, operand) in modifiers(bytes.get(2..)?) {
        let first = operand.first().copied().unwrap_or(0);
        match code {
            0x2416 => properties.in_table = first != 0,
            0x2417 => properties.ends_row = first != 0,
            0x244c => properties.ends_row |= first != 0,
            0x244b => properties.in_table |= first != 0,
            0x2407 => properties.starts_page = first != 0,
            0x260a => properties.list_level = first.min(8),
            0x460b => properties.in_list = u16_at(operand, 0)? != 0,
            0x2640 => properties.heading = (first < 9).then(|| (first + 1).min(6)),
            0x3404 => properties.is_header = first != 0,
            0xd608 => properties.goes_on = continued(operand),
            // A cell and how it is merged: 1 goes on, 3 begins.
            0xd62b => {
                let (column, merged) = (operand.get(1).copied()?, operand.get(2).copied()?);
                if column < 64 {
                    properties.goes_on &= !(1 << column);
                    properties.goes_on |= u64::from(merged & 3 == 1) << column;
                }
            }
            _ => {}
        }
    }
    Some(properties)
}

/// The columns that go on from the row above, by a row's definition ([MS-DOC] 2.9.327): its length, the number of cells,
/// their borders, then twenty bytes a cell of which the first two tell how it is merged.
fn continued(operand: &[u8]) -> u64 {
    let end = u16_at(operand, 0).map_or(0, |length| usize::from(length) + 1);
    let Some(definition) = operand.get(2..end.min(operand.len())) else {
        return 0;
    };
    let count = usize::from(definition.first().copied().unwrap_or(0));
    let cells = definition.get(1 + 2 * (count + 1)..).unwrap_or_default();
    let flags = cells.chunks(20).map(|cell| u16_at(cell, 0).unwrap_or(0));
    flags
        .take(count.min(64))
        .enumerate()
        .map(|(column, flags)| u64::from(flags & 0x60 == 0x20) << column)
        .sum()
}
