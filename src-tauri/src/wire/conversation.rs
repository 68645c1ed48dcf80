//! Conversations.

use footnote_core::{export, types};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Answer, Feedback};

/// A chat, without its turns.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Identity.
    pub id: String,
    /// The first question, shortened, or what it was renamed to.
    pub title: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Number of turns.
    pub turns: u32,
    /// Whether it stays at the top.
    pub pinned: bool,
}

impl From<types::Conversation> for Conversation {
    fn from(value: types::Conversation) -> Self {
        Self {
            id: value.id.0,
            title: value.title,
            created_at: value.created_at,
            updated_at: value.updated_at,
            turns: value.turns,
            pinned: value.pinned,
        }
    }
}

/// A conversation that has the words searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConversationHit {
    /// Which.
    pub conversation: Conversation,
    /// The turn that has them; none if the title alone does.
    pub turn: Option<String>,
    /// The words around the first of them.
    pub excerpt: String,
}

impl From<types::ConversationHit> for ConversationHit {
    fn from(value: types::ConversationHit) -> Self {
        Self {
            conversation: value.conversation.into(),
            turn: value.turn.map(|turn| turn.0),
            excerpt: value.excerpt,
        }
    }
}

/// Form of an exported conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Text with marks.
    Markdown,
    /// One page without scripts.
    Html,
    /// Everything that was saved.
    Json,
}

impl From<ExportFormat> for export::ExportFormat {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Markdown => Self::Markdown,
            ExportFormat::Html => Self::Html,
            ExportFormat::Json => Self::Json,
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
    /// What the user thinks of it.
    pub feedback: Option<Feedback>,
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
            feedback: value.feedback.map(Into::into),
            created_at: value.created_at,
        }
    }
}
