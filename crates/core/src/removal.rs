//! Removing documents: what can be taken back, and what saved answers keep.
//!
//! A removal that people ask for in the window has a grace: its documents are out of sight at once and are deleted
//! only when it is over, so that undoing costs nothing ([`crate::engine::Engine::remove_for_now`]).

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{DocumentId, RemovalId};
use crate::types::{Answer, Turn};

/// How long a removal can be undone.
pub const GRACE: Duration = Duration::from_secs(20);
/// How long it can be at most while it is held ([`crate::engine::Engine::hold_removal`]): whoever holds it may be gone.
pub const HELD_AT_MOST: Duration = Duration::from_secs(600);

/// What becomes of the words that saved answers and cases quote from a removed document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotes {
    /// They stay readable, with the file's name, and are marked as withdrawn.
    #[default]
    Stay,
    /// They go with the document.
    Go,
}

/// Documents that were removed together and can be brought back yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Identity.
    pub id: RemovalId,
    /// How many they are.
    pub documents: u32,
    /// Whether saved answers quote one of them.
    pub quoted: bool,
}

/// How a removal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalEnd {
    /// The documents are gone.
    Removed,
    /// They are in the library again.
    Undone,
}

/// The documents that these turns cite and that are not among `known`: what is quoted from them is withdrawn.
pub fn withdrawn(turns: &[Turn], known: &HashSet<DocumentId>) -> HashSet<DocumentId> {
    let answers = turns.iter().map(|turn| &turn.answer);
    let cited = answers.flat_map(|answer| {
        let disagreements = answer.disagreements.iter();
        let sides = disagreements.flat_map(|disagreement| &disagreement.sides);
        answer.citations.iter().chain(sides.map(|side| &side.citation))
    });
    let gone = cited.filter(|citation| !known.contains(&citation.document));
    gone.map(|citation| citation.document.clone()).collect()
}

impl Answer {
    /// Takes a removed document's words out of a saved answer: its passages and candidates go, and so does the
    /// prompt, which held its text. Its citations keep their place; whether their quotes go is `quotes`.
    /// Returns whether anything was there to take.
    pub fn withdraw(&mut self, document: &DocumentId, quotes: Quotes) -> bool {
        let cited = self
            .citations
            .iter()
            .any(|citation| citation.document == *document);
        let supplied = self.passages.iter().any(|passage| passage.document == *document);
        let considered = self
            .trace
            .candidates
            .iter()
            .any(|candidate| candidate.document == *document);
        self.passages.retain(|passage| passage.document != *document);
        self.trace
            .candidates
            .retain(|candidate| candidate.document != *document);
        if quotes == Quotes::Go {
            self.take_quotes(document);
        }
        if cited || supplied {
            self.trace.prompt_text.clear();
        }
        // The query has words of its cells.
        let computed = self.trace.table.as_ref();
        if computed.is_some_and(|query| query.tables.iter().any(|table| table.document == *document)) {
            self.trace.table = None;
        }
        cited || supplied || considered
    }

    fn take_quotes(&mut self, document: &DocumentId) {
        let citations = self.citations.iter_mut();
        for citation in citations.filter(|citation| citation.document == *document) {
            citation.quote.clear();
            citation.path.clear();
            citation.title.clear();
        }
        for disagreement in &mut self.disagreements {
            disagreement
                .sides
                .retain(|side| side.citation.document != *document);
        }
        self.disagreements
            .retain(|disagreement| disagreement.sides.len() > 1);
    }
}
