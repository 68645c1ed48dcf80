//! Paragraph properties ([MS-DOC] 2.9.174): which paragraphs are headings, list items, table rows.

use crate::compound::{u16_at, u32_at};

const PAGE: usize = 512;

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

/// Properties by place in the file.
#[derive(Debug, Default)]
pub(super) struct Paragraphs {
    /// First byte, byte behind, properties; in order.
    runs: Vec<(usize, usize, Properties)>,
}

impl Paragraphs {
    /// Reads the pages that `plc` lists.
    pub(super) fn read(main: &[u8], plc: &[u8]) -> Self {
        let mut runs = Vec::new();
        let count = plc.len().saturating_sub(4) / 8;
        for n in 0..count {
            let Some(page) = u32_at(plc, 4 * (count + 1) + 4 * n) else {
                break;
            };
            let start = (page & 0x003f_ffff) as usize * PAGE;
            if let Some(page) = main.get(start..start + PAGE) {
                let _ = read_page(page, &mut runs);
            }
        }
        runs.sort_by_key(|(first, _, _)| *first);
        Self { runs }
    }

    /// What is known about the paragraph whose mark stands at `byte`; none without properties.
    pub(super) fn at(&self, byte: usize) -> Option<Properties> {
        let run = self
            .runs
            .partition_point(|(first, _, _)| *first <= byte)
            .checked_sub(1)?;
        let (_, end, properties) = self.runs[run];
        (byte < end).then_some(properties)
    }
}

fn read_page(page: &[u8], runs: &mut Vec<(usize, usize, Properties)>) -> Option<()> {
    let count = usize::from(*page.last()?);
    for n in 0..count {
        let (from, to) = (u32_at(page, 4 * n)? as usize, u32_at(page, 4 * n + 4)? as usize);
        let at = 2 * usize::from(*page.get(4 * (count + 1) + 13 * n)?);
        let properties = if at == 0 {
            Some(Properties::default())
        } else {
            papx(page, at)
        };
        runs.push((from, to, properties.unwrap_or_default()));
    }
    Some(())
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
    let mut rest = bytes.get(2..)?;
    while let Some(code) = u16_at(rest, 0) {
        let operand = rest.get(2..)?;
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
        rest = operand.get(length_of(code, operand)?..)?;
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

/// How long the operand of a property modifier is ([MS-DOC] 2.6.1, `spra`).
fn length_of(code: u16, operand: &[u8]) -> Option<usize> {
    Some(match code >> 13 {
        0 | 1 => 1,
        2 | 4 | 5 => 2,
        3 => 4,
        7 => 3,
        _ => match code {
            0xd608 => usize::from(u16_at(operand, 0)?) + 1,
            _ => usize::from(*operand.first()?) + 1,
        },
    })
}
