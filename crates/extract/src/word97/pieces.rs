//! The piece table: which bytes of the file are which characters of the text.

use encoding_rs::WINDOWS_1252;

use crate::compound::{u16_at, u32_at};

/// More text than this nobody wrote; piece tables can name the same bytes again and again.
const MAX_UNITS: usize = 64 * 1024 * 1024;

/// The text as UTF-16, by position, and where it stands in the file.
pub(super) struct Text {
    units: Vec<u16>,
    /// First position, first byte, bytes a unit.
    runs: Vec<(usize, usize, usize)>,
}

impl Text {
    /// Eight-bit text.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            units: wide(bytes).collect(),
            runs: Vec::new(),
        }
    }

    /// The text that the pieces of `clx` make ([MS-DOC] 2.9.38). None if the table is broken.
    pub(super) fn of_pieces(main: &[u8], clx: &[u8]) -> Option<Self> {
        let mut at = 0;
        while *clx.get(at)? == 1 {
            at += 3 + usize::from(u16_at(clx, at + 1)?);
        }
        if *clx.get(at)? != 2 {
            return None;
        }
        let length = u32_at(clx, at + 1)? as usize;
        let start = at + 5;
        let plc = clx.get(start..start.checked_add(length)?.min(clx.len()))?;
        let count = plc.len().checked_sub(4)? / 12;
        let mut text = Self {
            units: Vec::new(),
            runs: Vec::new(),
        };
        for n in 0..count {
            let (from, to) = (u32_at(plc, 4 * n)? as usize, u32_at(plc, 4 * n + 4)? as usize);
            let place = u32_at(plc, 4 * (count + 1) + 8 * n + 2)?;
            let Some(length) = to
                .checked_sub(from)
                .filter(|length| text.units.len() + length <= MAX_UNITS)
            else {
                break;
            };
            let compressed = place & 0x4000_0000 != 0;
            let place = (place & 0x3fff_ffff) as usize;
            let (place, width) = if compressed { (place / 2, 1) } else { (place, 2) };
            let end = place.saturating_add(length * width).min(main.len());
            let Some(bytes) = main.get(place..end) else { break };
            text.runs.push((text.units.len(), place, width));
            if compressed {
                text.units.extend(wide(bytes));
            } else {
                let units = bytes.chunks_exact(2);
                text.units
                    .extend(units.map(|unit| u16::from_le_bytes([unit[0], unit[1]])));
            }
            if bytes.len() < length * width {
                break;
            }
        }
        Some(text)
    }

    /// How many positions there are.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// The units at these positions.
    pub(super) fn units(&self, range: std::ops::Range<usize>) -> &[u16] {
        self.units.get(range).unwrap_or_default()
    }

    /// The byte of the file at which a position stands.
    pub(super) fn byte(&self, position: usize) -> Option<usize> {
        let run = self
            .runs
            .partition_point(|(first, _, _)| *first <= position)
            .checked_sub(1)?;
        let (first, place, width) = self.runs[run];
        Some(place + (position - first) * width)
    }
}

/// Eight-bit text as UTF-16, a unit a byte.
fn wide(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.iter().map(|byte| match byte {
        0x80..=0x9f => {
            let one = [*byte];
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&one);
            let unit = text.encode_utf16().next();
            unit.unwrap_or(0xfffd)
        }
        byte => u16::from(*byte),
    })
}
