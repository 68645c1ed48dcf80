//! Conversations.

use footnote_core::types;
use serde::Serialize;
use specta::Type;

use super::Answer;

/// A chat, without its turns.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Identity.
    pub id: String,
    /// The first question, shortened.
    pub title: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Number of turns.
    pub turns: u32,
}

impl From<types::Conversation> for Conversation {
    fn from(value: types::Conversation) -> Self {
        Self {
            id: value.id.0,
            title: value.title,
            created_at: value.created_at,
            updated_at: value.updated_at,
            turns: value.turns,
        }
    }
}

/// One question with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    /// Identity.
    pub id: String,
    /// Its conversation.
    pub conversation: String,
    /// As asked.
    pub question: String,
    /// What came of it.
    pub answer: Answer,
    /// RFC 3339.
    pub created_at: String,
}

impl From<types::Turn> for Turn {
    fn from(value: types::Turn) -> Self {
        Self {
            id: value.id.0,
            conversation: value.conversation.0,
            question: value.question,
            answer: value.answer.into(),
            created_at: value.created_at,
        }
    }
}
