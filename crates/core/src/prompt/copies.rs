//! The user's copies of prompts: none is ever overwritten, so every one can be gone back to.

use serde::{Deserialize, Serialize};
use similar::{Algorithm, ChangeTag, capture_diff_slices};

use super::BuiltIn;

/// Longest copy, in characters: each question waits for its tokens.
pub const LONGEST: usize = 8_000;

/// A copy of a prompt that the user edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptCopy {
    /// The id of the built-in one.
    pub prompt: String,
    /// Counts the copies of that prompt, from 1.
    pub number: u32,
    /// The whole text.
    pub text: String,
    /// RFC 3339.
    pub made_at: String,
    /// Whether it is used in place of the built-in one. One copy of a prompt is, or none.
    pub in_use: bool,
}

/// A prompt with its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptCopies {
    /// The one that comes with Footnote.
    pub prompt: &'static BuiltIn,
    /// The oldest first.
    pub copies: Vec<PromptCopy>,
}

impl PromptCopies {
    /// The number of the copy in use; none if the built-in one is.
    pub fn in_use(&self) -> Option<u32> {
        let copy = self.copies.iter().find(|copy| copy.in_use)?;
        Some(copy.number)
    }

    /// The text of a copy, or of the built-in one; none if there is no such copy.
    pub fn text(&self, number: Option<u32>) -> Option<&str> {
        match number {
            None => Some(self.prompt.text.trim_end()),
            Some(number) => {
                let copy = self.copies.iter().find(|copy| copy.number == number)?;
                Some(&copy.text)
            }
        }
    }
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is in both texts.
    Same,
    /// Only in the first.
    Removed,
    /// Only in the second.
    Added,
}

/// A line of two texts side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Where it is.
    pub change: Change,
    /// Without its end.
    pub text: String,
}

/// What makes `second` of `first`, line by line.
pub fn changes(first: &str, second: &str) -> Vec<DiffLine> {
    let lines = |text: &'_ str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (first, second) = (lines(first), lines(second));
    capture_diff_slices(Algorithm::Myers, &first, &second)
        .iter()
        .flat_map(|part| part.iter_changes(&first, &second))
        .map(|line| DiffLine {
            change: match line.tag() {
                ChangeTag::Equal => Change::Same,
                ChangeTag::Delete => Change::Removed,
                ChangeTag::Insert => Change::Added,
            },
            text: line.value(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_line_by_line() {
        let found: Vec<_> = changes("a\nb\nc", "a\nB\nc\nd")
            .into_iter()
            .map(|line| (line.change, line.text))
            .collect();
        let of = |change, text: &str| (change, text.to_owned());
        assert_eq!(
            found,
            [
                of(Change::Same, "a"),
                of(Change::Removed, "b"),
                of(Change::Added, "B"),
                of(Change::Same, "c"),
                of(Change::Added, "d"),
            ]
        );
        assert!(changes("", "").is_empty());
    }
}
