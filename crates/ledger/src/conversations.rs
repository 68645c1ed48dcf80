//! Conversations and their turns.

use std::collections::BTreeMap;
use std::path::PathBuf;

use footnote_core::ports::TurnText;
use footnote_core::text::one_line;
use footnote_core::types::{Conversation, Feedback, Turn};
use footnote_core::{ConversationId, DocumentId, Result, TurnId};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::error::Translate;
use crate::jobs::{from_json, to_json};
use crate::paths;

/// Longest title, in characters.
const TITLE_CHARS: usize = 80;

/// A turn as stored. JSON holds Unicode only, so the bytes of other paths stand beside the turn.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredTurn {
    pub(crate) turn: Turn,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) raw_paths: BTreeMap<DocumentId, Vec<u8>>,
}

impl StoredTurn {
    fn new(turn: &Turn) -> Self {
        let mut stored = Self {
            // Feedback has a column of its own.
            turn: Turn {
                feedback: None,
                ..turn.clone()
            },
            raw_paths: BTreeMap::new(),
        };
        let raw_paths = &mut stored.raw_paths;
        each_path(&mut stored.turn, |document, path| {
            if path.to_str().is_none() {
                raw_paths.insert(document.clone(), paths::to_bytes(path));
                *path = path.to_string_lossy().into_owned().into();
            }
        });
        stored
    }

    fn into_turn(mut self) -> Turn {
        let raw_paths = self.raw_paths;
        each_path(&mut self.turn, |document, path| {
            if let Some(bytes) = raw_paths.get(document) {
                *path = paths::from_bytes(bytes.clone());
            }
        });
        self.turn
    }
}

fn each_path(turn: &mut Turn, mut visit: impl FnMut(&DocumentId, &mut PathBuf)) {
    for passage in &mut turn.answer.passages {
        visit(&passage.document, &mut passage.path);
    }
    let answer = &mut turn.answer;
    let disagreements = answer.disagreements.iter_mut();
    let sides = disagreements.flat_map(|disagreement| &mut disagreement.sides);
    for citation in answer
        .citations
        .iter_mut()
        .chain(sides.map(|side| &mut side.citation))
    {
        visit(&citation.document, &mut citation.path);
    }
}

/// Conversations: pinned ones before others, then the one with the newest turn first.
pub(crate) fn list(connection: &Connection) -> Result<Vec<Conversation>> {
    connection
        .prepare_cached(
            "SELECT c.id, c.title, c.created_at, c.updated_at, count(t.seq), c.pinned
             FROM conversations c LEFT JOIN turns t ON t.conversation = c.id
             GROUP BY c.id ORDER BY c.pinned DESC, max(t.seq) DESC",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], |r| {
                    Ok(Conversation {
                        id: ConversationId(r.get(0)?),
                        title: r.get(1)?,
                        created_at: r.get(2)?,
                        updated_at: r.get(3)?,
                        turns: r.get(4)?,
                        pinned: r.get(5)?,
                    })
                })?
                .collect()
        })
        .during("reading the conversations")
}

/// Turns of a conversation in order.
pub(crate) fn turns(connection: &Connection, conversation: &ConversationId) -> Result<Vec<Turn>> {
    read(
        connection,
        "SELECT turn, feedback FROM turns WHERE conversation = ?1 ORDER BY seq",
        conversation.as_str(),
    )
}

/// One turn.
pub(crate) fn turn(connection: &Connection, id: &TurnId) -> Result<Option<Turn>> {
    Ok(read(
        connection,
        "SELECT turn, feedback FROM turns WHERE id = ?1",
        id.as_str(),
    )?
    .pop())
}

fn read(connection: &Connection, sql: &str, key: &str) -> Result<Vec<Turn>> {
    let stored: Vec<(String, Option<String>)> = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_map([key], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect()
        })
        .during("reading a conversation")?;
    stored
        .iter()
        .map(|(json, feedback)| {
            let mut turn = from_json::<StoredTurn>(json)?.into_turn();
            turn.feedback = feedback.as_deref().map(from_json).transpose()?;
            Ok(turn)
        })
        .collect()
}

/// Keeps what the user thinks of a turn; none takes it back.
pub(crate) fn set_feedback(tx: &Transaction<'_>, turn: &TurnId, feedback: Option<&Feedback>) -> Result<()> {
    let json = feedback.map(to_json).transpose()?;
    tx.execute(
        "UPDATE turns SET feedback = ?2 WHERE id = ?1",
        (turn.as_str(), json),
    )
    .during("keeping feedback")?;
    Ok(())
}

/// Gives a conversation another title.
pub(crate) fn rename(tx: &Transaction<'_>, conversation: &ConversationId, title: &str) -> Result<()> {
    tx.execute(
        "UPDATE conversations SET title = ?2 WHERE id = ?1",
        (conversation.as_str(), title),
    )
    .during("renaming a conversation")?;
    Ok(())
}

/// Pins a conversation, or lets it go.
pub(crate) fn pin(tx: &Transaction<'_>, conversation: &ConversationId, pinned: bool) -> Result<()> {
    tx.execute(
        "UPDATE conversations SET pinned = ?2 WHERE id = ?1",
        (conversation.as_str(), pinned),
    )
    .during("pinning a conversation")?;
    Ok(())
}

/// What was asked and answered, latest first. The rest of a turn, which is most of it, is not read.
pub(crate) fn texts(connection: &Connection) -> Result<Vec<TurnText>> {
    connection
        .prepare_cached(
            "SELECT id, conversation, turn ->> '$.turn.question', turn ->> '$.turn.answer.answer'
             FROM turns ORDER BY seq DESC",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], |r| {
                    Ok(TurnText {
                        turn: TurnId(r.get(0)?),
                        conversation: ConversationId(r.get(1)?),
                        question: r.get(2)?,
                        answer: r.get(3)?,
                    })
                })?
                .collect()
        })
        .during("searching the conversations")
}

/// Appends a turn, or writes it anew if it is there; makes the conversation if it is new.
pub(crate) fn add_turn(tx: &Transaction<'_>, turn: &Turn) -> Result<()> {
    const DOING: &str = "saving a turn";
    let json = to_json(&StoredTurn::new(turn))?;
    tx.execute(
        "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at",
        (
            turn.conversation.as_str(),
            title_of(&turn.question),
            &turn.created_at,
        ),
    )
    .during(DOING)?;
    tx.execute(
        "INSERT INTO turns (id, conversation, turn) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET conversation = excluded.conversation, turn = excluded.turn",
        (turn.id.as_str(), turn.conversation.as_str(), json),
    )
    .during(DOING)?;
    Ok(())
}

/// Deletes a conversation with its turns; one that is not there is deleted already.
pub(crate) fn remove(tx: &Transaction<'_>, conversation: &ConversationId) -> Result<()> {
    tx.execute("DELETE FROM conversations WHERE id = ?1", [conversation.as_str()])
        .during("deleting a conversation")?;
    Ok(())
}

/// The question on one line, cut at a word.
fn title_of(question: &str) -> String {
    let line = one_line(question);
    if line.chars().count() <= TITLE_CHARS {
        return line;
    }
    let head: String = line.chars().take(TITLE_CHARS - 1).collect();
    let cut = head
        .rfind(' ')
        .filter(|at| *at > head.len() / 2)
        .unwrap_or(head.len());
    format!("{}…", &head[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(title_of("  what\n is  it? "), "what is it?");
        let long = title_of(&"many words ".repeat(20));
        assert!(
            long.chars().count() <= TITLE_CHARS && long.ends_with("words…"),
            "{long}"
        );
        assert_eq!(title_of(&"é".repeat(200)).chars().count(), TITLE_CHARS);
    }
}
