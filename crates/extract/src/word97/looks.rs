//! Character properties ([MS-DOC] 2.9.31), as far as they change what is said: raised, lowered, hidden, deleted.

use super::runs::{Runs, modifiers};
use crate::script::Script;

/// How characters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub script: Script,
    /// Formatted as hidden.
    pub hidden: bool,
    /// Struck out while changes were tracked.
    pub deleted: bool,
}

/// Looks by place in the file.
pub(super) type Looks = Runs<Look>;

impl Looks {
    /// Reads the pages that `plc` lists.
    pub(super) fn read(main: &[u8], plc: &[u8]) -> Self {
        Self::of_pages(main, plc, 1, chpx)
    }
}

fn chpx(page: &[u8], at: usize) -> Option<Look> {
    let length = usize::from(*page.get(at)?);
    let bytes = page.get(at + 1..(at + 1 + length).min(page.len()))?;
    let mut look = Look::default();
    for (code, operand) in modifiers(bytes) {
        let first = operand.first().copied().unwrap_or(0);
        // Switches are on, off, as the style has it, or the other way; styles hide nothing.
        let on = matches!(first, 1 | 0x81);
        match code {
            0x2a48 => {
                look.script = match first {
                    1 => Script::Above,
                    2 => Script::Below,
                    _ => Script::Line,
                }
            }
            0x083c => look.hidden = on,
            0x0800 => look.deleted = on,
            _ => {}
        }
    }
    Some(look)
}
