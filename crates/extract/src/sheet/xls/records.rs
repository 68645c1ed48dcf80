//! What the records of a workbook say beside the values of its cells ([MS-XLS] 2.4): where cells lie, and the formats
//! of those that hold numbers.

use std::collections::HashMap;

use crate::compound::{u16_at, u32_at};
use crate::rtf::of_codepage;

/// The code page of western Macintoshes.
const MACINTOSH: u16 = 10_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// How many cells lie between the outermost ones, of all sheets together.
    pub area: u64,
    /// Where the sheets begin, in their order.
    sheets: Vec<u32>,
    /// The numbers of each sheet by where it begins: row, column, index into `styles`.
    numbers: HashMap<u32, Vec<(u16, u16, u16)>>,
    /// The format of each style.
    styles: Vec<u16>,
    /// Formats of the workbook's own.
    codes: HashMap<u16, String>,
    /// The code page of its texts, if it says so.
    codepage: Option<u16>,
}

impl Records {
    /// Reads the stream of a workbook. None if it is encrypted.
    pub(super) fn read(stream: &[u8]) -> Option<Self> {
        let (mut records, mut at) = (Self::default(), 0);
        let mut is_wide = true;
        // First and last row and column of the sheet being read.
        let mut extent: Option<[u64; 4]> = None;
        // Where the sheet being read begins; a chart in it is a stream of its own.
        let (mut sheet, mut depth) = (0, 0_usize);
        while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
            let (begin, body) = (at, at + 4);
            at = body + usize::from(length);
            let word = |n: usize| u16_at(stream, body + 2 * n);
            match kind {
                // `FilePass`
                0x002f if word(0).is_some() => return None,
                // `BOF`
                0x0809 => {
                    depth += 1;
                    if depth == 1 {
                        sheet = u32::try_from(begin).unwrap_or(u32::MAX);
                    }
                    is_wide = word(0) != Some(0x0500);
                }
                // `EOF`
                0x000a => {
                    depth = depth.saturating_sub(1);
                    if let Some([top, bottom, left, right]) = extent.take() {
                        records.area += (bottom - top + 1) * (right - left + 1);
                    }
                }
                0x0042 => records.codepage = word(0).or(records.codepage),
                0x0085 => records.sheets.extend(u32_at(stream, body)),
                0x00e0 => records.styles.extend(word(1)),
                0x041e => {
                    let text = stream.get(body + 2..at).unwrap_or_default();
                    let code = if is_wide {
                        wide(text)
                    } else {
                        narrow(text, records.codepage.unwrap_or(1252))
                    };
                    records.codes.extend(word(0).zip(code));
                }
                // Formulas, labels, numbers, truth values; `MulRk` and `MulBlank` several in a row.
                0x0006 | 0x00fd | 0x00d6 | 0x00bd | 0x00be | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                    let last = match kind {
                        0x00bd | 0x00be => u16_at(stream, at.saturating_sub(2)),
                        _ => word(1),
                    };
                    let (Some(row), Some(first), Some(last)) = (word(0), word(1), last) else {
                        continue;
                    };
                    let last = last.max(first);
                    let numbers = records.numbers.entry(sheet).or_default();
                    match kind {
                        0x0006 | 0x0203 | 0x027e => numbers.extend(word(2).map(|style| (row, first, style))),
                        0x00bd => {
                            // A style of two bytes, a number of four.
                            let style = |n: u16| word(2 + 3 * usize::from(n));
                            let all = (0..=last - first).map_while(|n| Some((row, first + n, style(n)?)));
                            numbers.extend(all);
                        }
                        _ => {}
                    }
                    let (row, first, last) = (u64::from(row), u64::from(first), u64::from(last));
                    let [top, bottom, left, right] = extent.unwrap_or([row, row, first, last]);
                    extent = Some([top.min(row), bottom.max(row), left.min(first), right.max(last)]);
                }
                _ => {}
            }
        }
        if let Some([top, bottom, left, right]) = extent {
            records.area += (bottom - top + 1) * (right - left + 1);
        }
        for numbers in records.numbers.values_mut() {
            numbers.sort_unstable();
        }
        Some(records)
    }

    /// The code page to read the workbook with, if it names it in the way of Excel before 1993.
    pub(super) fn codepage(&self) -> Option<u16> {
        match self.codepage? {
            0x8000 => Some(MACINTOSH),
            0x8001 => Some(1252),
            _ => None,
        }
    }

    /// The format of a number by the index of its sheet, and row and column from 0.
    pub(super) fn code(&self, sheet: usize, row: u32, column: u32) -> Option<&str> {
        let numbers = self.numbers.get(self.sheets.get(sheet)?)?;
        let at = numbers
            .binary_search_by_key(&(row, column), |(row, column, _)| {
                (u32::from(*row), u32::from(*column))
            })
            .ok()?;
        let format = *self.styles.get(usize::from(numbers[at].2))?;
        self.codes
            .get(&format)
            .map(String::as_str)
            .or_else(|| built_in(format))
    }
}

/// A text with its length and whether its characters are of two bytes in front.
fn wide(bytes: &[u8]) -> Option<String> {
    let length = usize::from(u16_at(bytes, 0)?);
    let text = bytes.get(3..)?;
    if bytes[2] & 1 == 0 {
        return Some(text.iter().take(length).copied().map(char::from).collect());
    }
    let units: Vec<u16> = text
        .chunks_exact(2)
        .take(length)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// A text as Excel 5 and 95 write it.
fn narrow(bytes: &[u8], codepage: u16) -> Option<String> {
    let (length, text) = bytes.split_first()?;
    let text = text.get(..usize::from(*length))?;
    let encoding = of_codepage(codepage.into()).unwrap_or(encoding_rs::WINDOWS_1252);
    Some(encoding.decode(text).0.into_owned())
}

/// The formats of numbers that workbooks do not write down.
fn built_in(format: u16) -> Option<&'static str> {
    Some(match format {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        37 | 38 => "#,##0;(#,##0)",
        39 | 40 => "#,##0.00;(#,##0.00)",
        _ => return None,
    })
}
