//! Formatted disk pages ([MS-DOC] 2.9.23 and 2.9.26): which bytes of the text have which properties, and the modifiers that
//! properties are made of.

use crate::compound::{u16_at, u32_at};

const PAGE: usize = 512;

/// Properties by place in the file.
#[derive(Debug)]
pub(super) struct Runs<T> {
    /// First byte, byte behind, properties; in order.
    runs: Vec<(usize, usize, T)>,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self { runs: Vec::new() }
    }
}

impl<T: Copy + Default> Runs<T> {
    /// Reads the pages that `plc` lists. On each stand the places of its runs, then `width` bytes a run of which the first
    /// says where on the page, in words, `read` finds its properties. Those that it cannot read are as if unsaid.
    pub(super) fn of_pages(
        main: &[u8],
        plc: &[u8],
        width: usize,
        read: impl Fn(&[u8], usize) -> Option<T>,
    ) -> Self {
        let mut runs = Vec::new();
        let count = plc.len().saturating_sub(4) / 8;
        for n in 0..count {
            let Some(page) = u32_at(plc, 4 * (count + 1) + 4 * n) else {
                break;
            };
            let start = (page & 0x003f_ffff) as usize * PAGE;
            if let Some(page) = main.get(start..start + PAGE) {
                let _ = read_page(page, width, &read, &mut runs);
            }
        }
        runs.sort_by_key(|(first, _, _)| *first);
        Self { runs }
    }

    /// What is known about `byte`; none without properties.
    pub(super) fn at(&self, byte: usize) -> Option<T> {
        let run = self
            .runs
            .partition_point(|(first, _, _)| *first <= byte)
            .checked_sub(1)?;
        let (_, end, properties) = self.runs[run];
        (byte < end).then_some(properties)
    }
}

fn read_page<T: Default>(
    page: &[u8],
    width: usize,
    read: impl Fn(&[u8], usize) -> Option<T>,
    runs: &mut Vec<(usize, usize, T)>,
) -> Option<()> {
    let count = usize::from(*page.last()?);
    for n in 0..count {
        let (from, to) = (u32_at(page, 4 * n)? as usize, u32_at(page, 4 * n + 4)? as usize);
        let at = 2 * usize::from(*page.get(4 * (count + 1) + width * n)?);
        let properties = if at == 0 { None } else { read(page, at) };
        runs.push((from, to, properties.unwrap_or_default()));
    }
    Some(())
}

/// The property modifiers in `bytes`: the code of each, and what stands behind it, its operand first. Ends where one is cut off.
pub(super) fn modifiers(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let code = u16_at(bytes, 0)?;
        let operand = bytes.get(2..)?;
        rest = length_of(code, operand).and_then(|length| operand.get(length..));
        Some((code, operand))
    })
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
