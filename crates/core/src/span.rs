//! Character positions.
//!
//! Offsets count Unicode scalar values (Rust `char`s, Python code points), from 0, end excluded.

use serde::{Deserialize, Serialize};

/// A half-open range of characters of a page's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CharSpan {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

impl CharSpan {
    /// From `start` up to, not including, `end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Number of characters.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it holds no character.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the two share a character.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The text it stands for; empty where it lies outside.
    pub fn of(self, text: &str) -> &str {
        let mut indices = text
            .char_indices()
            .map(|(i, _)| i)
            .chain(std::iter::once(text.len()));
        let Some(start) = indices.by_ref().nth(self.start as usize) else {
            return "";
        };
        if self.is_empty() {
            return "";
        }
        let end = indices.nth((self.len() - 1) as usize).unwrap_or(text.len());
        &text[start..end]
    }
}

/// Turns byte offsets of one text into character offsets, in constant time after one pass.
pub struct CharIndex {
    /// Character count before every 64th byte boundary, so memory stays small.
    checkpoints: Vec<u32>,
    bytes: Vec<u8>,
}

impl CharIndex {
    const STRIDE: usize = 64;

    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes().to_vec();
        let mut checkpoints = Vec::with_capacity(bytes.len() / Self::STRIDE + 1);
        let mut count = 0;
        for (i, byte) in bytes.iter().enumerate() {
            if i % Self::STRIDE == 0 {
                checkpoints.push(count);
            }
            count += u32::from(!is_continuation(*byte));
        }
        checkpoints.push(count);
        Self { checkpoints, bytes }
    }

    /// Characters before byte offset `byte`, which must lie on a character boundary.
    pub fn chars_before(&self, byte: usize) -> u32 {
        let byte = byte.min(self.bytes.len());
        let block = byte / Self::STRIDE;
        let from = block * Self::STRIDE;
        let base = self.checkpoints.get(block).copied().unwrap_or(0);
        base + self.bytes[from..byte]
            .iter()
            .filter(|b| !is_continuation(**b))
            .count() as u32
    }

    /// The character span of a byte range.
    pub fn span(&self, range: std::ops::Range<usize>) -> CharSpan {
        CharSpan::new(self.chars_before(range.start), self.chars_before(range.end))
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn span_of_agrees_with_collecting_chars(text in "\\PC{0,200}", a in 0u32..220, b in 0u32..220) {
            let span = CharSpan::new(a.min(b), a.max(b));
            let expected: String = text.chars().skip(span.start as usize).take(span.len() as usize).collect();
            prop_assert_eq!(span.of(&text), expected);
        }

        #[test]
        fn char_index_agrees_with_counting(text in "\\PC{0,300}") {
            let index = CharIndex::new(&text);
            for (n, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(index.chars_before(byte), n as u32);
            }
            prop_assert_eq!(index.chars_before(text.len()), text.chars().count() as u32);
        }
    }
}
