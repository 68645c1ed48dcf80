//! Removing documents, and bringing them back.

use footnote_core::{removal, watch};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What becomes of the words that answers quote from a removed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Quotes {
    /// They stay, marked as withdrawn.
    Stay,
    /// They go with the document.
    Go,
}

impl From<Quotes> for removal::Quotes {
    fn from(value: Quotes) -> Self {
        match value {
            Quotes::Stay => Self::Stay,
            Quotes::Go => Self::Go,
        }
    }
}

/// What becomes of documents that lose their watched folder, or their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// They stay.
    Keep,
    /// They are removed; what answers quote from them stays.
    Remove,
    /// They are removed with what answers quote from them.
    RemoveWithQuotes,
}

impl From<Fate> for watch::Fate {
    fn from(value: Fate) -> Self {
        match value {
            Fate::Keep => Self::Keep,
            Fate::Remove => Self::Remove(removal::Quotes::Stay),
            Fate::RemoveWithQuotes => Self::Remove(removal::Quotes::Go),
        }
    }
}

/// How a removal goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RemovalEvent {
    /// The documents are out of sight, and can be brought back.
    Begun {
        /// The removal's id.
        removal: String,
        /// How many they are.
        documents: u32,
        /// Whether saved answers quote one of them.
        quoted: bool,
    },
    /// They cannot be brought back any more.
    Over,
    /// They are back.
    Undone,
}

impl From<removal::Removal> for RemovalEvent {
    fn from(value: removal::Removal) -> Self {
        Self::Begun {
            removal: value.id.0,
            documents: value.documents,
            quoted: value.quoted,
        }
    }
}

impl From<removal::RemovalEnd> for RemovalEvent {
    fn from(value: removal::RemovalEnd) -> Self {
        match value {
            removal::RemovalEnd::Removed => Self::Over,
            removal::RemovalEnd::Undone => Self::Undone,
        }
    }
}
