//! The directories of a TIFF file, as far as its decoder leaves something to be done: it refuses frames with a palette.

use std::borrow::Cow;
use std::collections::HashSet;

use super::tiff::MOST_FRAMES;

/// A larger file is not copied for the sake of its palettes.
const MOST_COPIED: usize = 128 << 20;
/// `PhotometricInterpretation`, and what it is of indices into a palette and of shades of grey.
const INTERPRETATION: u64 = 262;
const PALETTE: u64 = 3;
const GREY: u8 = 1;

/// Where frames say that they have a palette.
#[derive(Debug, Default)]
pub(super) struct Directories {
    /// Such frames, from 0, and the byte that says so.
    palettes: Vec<(u32, usize)>,
}

impl Directories {
    /// Looks through a file; what is broken ends the search.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let _ = found.walk(bytes);
        found
    }

    /// Whether a frame, from 0, has a palette.
    pub(super) fn has_palette(&self, frame: u32) -> bool {
        self.palettes.iter().any(|(with, _)| *with == frame)
    }

    /// The file with indices said to be shades of grey.
    pub(super) fn without_palettes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.palettes.is_empty() || bytes.len() > MOST_COPIED {
            return Cow::Borrowed(bytes);
        }
        let mut copy = bytes.to_vec();
        for (_, at) in &self.palettes {
            copy[*at] = GREY;
        }
        Cow::Owned(copy)
    }

    fn walk(&mut self, bytes: &[u8]) -> Option<()> {
        let is_little = bytes.starts_with(b"II");
        let number = |at: usize, size: usize| {
            let bytes = bytes.get(at..at.checked_add(size)?)?;
            let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            Some(if is_little {
                bytes.iter().rev().fold(0, fold)
            } else {
                bytes.iter().fold(0, fold)
            })
        };
        let is_big = number(2, 2)? == 43;
        // Bytes of an offset, of the count of entries, of an entry, and of it before its value.
        let (offset, count, entry, value) = if is_big { (8, 8, 20, 12) } else { (4, 2, 12, 8) };
        let mut next = number(if is_big { 8 } else { 4 }, offset)?;
        let mut seen = HashSet::new();
        for frame in 0..MOST_FRAMES {
            let at = usize::try_from(next).ok()?;
            if at == 0 || !seen.insert(at) {
                break;
            }
            let entries = usize::try_from(number(at, count)?).ok()?;
            let first = at.checked_add(count)?;
            let end = first.checked_add(entries.checked_mul(entry)?)?;
            next = number(end, offset)?;
            for at in (first..end).step_by(entry) {
                if number(at, 2)? == INTERPRETATION && number(at + value, 2)? == PALETTE {
                    let low = if is_little { at + value } else { at + value + 1 };
                    self.palettes.push((frame, low));
                }
            }
        }
        Some(())
    }
}
