//! Conversations: listed, searched, renamed, pinned, deleted.

use super::{Engine, not_found};
use crate::error::{Error, Result};
use crate::find::{find_part, fold};
use crate::ids::ConversationId;
use crate::ports::TurnText;
use crate::problem::Problem;
use crate::text::one_line;
use crate::types::{Conversation, ConversationHit, Turn};

/// Longest title that can be given, in characters.
const TITLE_CHARS: usize = 200;
/// Characters shown on either side of a word found.
const EXCERPT_CHARS: usize = 60;

impl Engine {
    /// Conversations: pinned ones before others, then latest first.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn conversations(&self) -> Result<Vec<Conversation>> {
        self.inner.parts.ledger.conversations().await
    }

    /// One conversation, without its turns.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn conversation(&self, id: &ConversationId) -> Result<Conversation> {
        let mut all = self.conversations().await?.into_iter();
        all.find(|conversation| conversation.id == *id)
            .ok_or_else(|| not_found("conversation"))
    }

    /// Turns of a conversation.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn turns(&self, id: &ConversationId) -> Result<Vec<Turn>> {
        self.inner.parts.ledger.turns(id).await
    }

    /// Conversations that have all of `words`, in any order and case, in their title or in one turn: pinned ones
    /// before others, then latest first.
    ///
    /// # Errors
    /// There are no words, or what the ledger says.
    pub async fn search_conversations(&self, words: &str) -> Result<Vec<ConversationHit>> {
        let words: Vec<String> = fold(words).split_whitespace().map(str::to_owned).collect();
        let Some(first) = words.first() else {
            return Err(Error::user("There is nothing to search for")
                .problem(Problem::SearchEmpty)
                .hint("Type a word of the conversation"));
        };
        let texts = self.inner.parts.ledger.turn_texts().await?;
        let has_all = |text: &str| {
            let folded = fold(text);
            words.iter().all(|word| folded.contains(word.as_str()))
        };
        let mut hits = Vec::new();
        for conversation in self.conversations().await? {
            let said = |turn: &TurnText| format!("{} {}", turn.question, turn.answer);
            let turn = texts
                .iter()
                .find(|turn| turn.conversation == conversation.id && has_all(&said(turn)));
            let excerpt = match turn {
                Some(turn) => excerpt(&said(turn), first),
                None if has_all(&conversation.title) => excerpt(&conversation.title, first),
                None => continue,
            };
            hits.push(ConversationHit {
                turn: turn.map(|turn| turn.turn.clone()),
                conversation,
                excerpt,
            });
        }
        Ok(hits)
    }

    /// Gives a conversation another title.
    ///
    /// # Errors
    /// The title is empty or too long, there is no such conversation, or what the ledger says.
    pub async fn rename_conversation(&self, id: &ConversationId, title: &str) -> Result<Conversation> {
        let title = one_line(title);
        let length = title.chars().count();
        if length == 0 {
            return Err(Error::user("The title is empty")
                .problem(Problem::TitleEmpty)
                .hint("Type a title, or leave it as it is"));
        }
        if length > TITLE_CHARS {
            return Err(Error::user(format!(
                "The title has {length} characters; {TITLE_CHARS} are the most"
            ))
            .problem(Problem::TextTooLong {
                length: length as u32,
                most: TITLE_CHARS as u32,
            })
            .hint("Shorten the title"));
        }
        self.conversation(id).await?;
        self.inner.parts.ledger.rename_conversation(id, &title).await?;
        self.conversation(id).await
    }

    /// Pins a conversation to the top, or lets it go.
    ///
    /// # Errors
    /// There is no such conversation, or what the ledger says.
    pub async fn pin_conversation(&self, id: &ConversationId, pinned: bool) -> Result<Conversation> {
        self.conversation(id).await?;
        self.inner.parts.ledger.pin_conversation(id, pinned).await?;
        self.conversation(id).await
    }

    /// Deletes a conversation.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn remove_conversation(&self, id: &ConversationId) -> Result<()> {
        self.inner.parts.ledger.remove_conversation(id).await
    }
}

/// The words around the first place of `word`, on one line.
fn excerpt(text: &str, word: &str) -> String {
    let line = one_line(text);
    let place = find_part(&line, word).unwrap_or(0..0);
    let before = line[..place.start]
        .char_indices()
        .rev()
        .take(EXCERPT_CHARS)
        .last();
    let start = before.map_or(place.start, |(at, _)| at);
    let after = line[place.end..].char_indices().nth(EXCERPT_CHARS);
    let end = after.map_or(line.len(), |(at, _)| place.end + at);
    let (open, close) = (
        if start > 0 { "…" } else { "" },
        if end < line.len() { "…" } else { "" },
    );
    format!("{open}{}{close}", line[start..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_excerpt_is_short_and_has_the_word(text in "[a-zé .]{0,300}", at in 0usize..300) {
            let at = text.floor_char_boundary(at);
            let text = format!("{}zanzibar{}", &text[..at], &text[at..]);
            let shown = excerpt(&text, "zanzibar");
            prop_assert!(shown.contains("zanzibar"));
            prop_assert!(shown.chars().count() <= 2 * EXCERPT_CHARS + 10);
        }
    }
}
