//! What the model is told to do, and the user's copies of it.

use footnote_core::prompt;
use serde::Serialize;
use specta::Type;

use super::mirror;

/// A prompt with the user's copies of it.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Prompt {
    /// Name and version.
    pub id: String,
    /// The text that comes with Footnote.
    pub text: String,
    /// The oldest first.
    pub copies: Vec<PromptCopy>,
}

/// A copy of a prompt that the user edited.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PromptCopy {
    /// From 1.
    pub number: u32,
    /// The whole text.
    pub text: String,
    /// RFC 3339.
    pub made_at: String,
    /// Whether it is used in place of the one that comes with Footnote.
    pub in_use: bool,
}

impl From<prompt::PromptCopies> for Prompt {
    fn from(value: prompt::PromptCopies) -> Self {
        Self {
            id: value.prompt.id.into(),
            text: value.prompt.text.trim_end().into(),
            copies: value
                .copies
                .into_iter()
                .map(|copy| PromptCopy {
                    number: copy.number,
                    text: copy.text,
                    made_at: copy.made_at,
                    in_use: copy.in_use,
                })
                .collect(),
        }
    }
}

mirror!(
    /// What became of a line.
    Change of prompt::Change {
        /// It is in both texts.
        Same,
        /// Only in the first.
        Removed,
        /// Only in the second.
        Added,
    }
);

/// A line of two texts side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiffLine {
    /// Where it is.
    pub change: Change,
    /// Without its end.
    pub text: String,
}

impl From<prompt::DiffLine> for DiffLine {
    fn from(value: prompt::DiffLine) -> Self {
        Self {
            change: value.change.into(),
            text: value.text,
        }
    }
}
