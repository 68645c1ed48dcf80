//! Collections: named sets of documents, which questions can be limited to.
//!
//! A collection is there for as long as a document, a watched folder or a file that waits to be read is in it; there
//! are no empty ones to look after. All share one index, so a document that goes to another collection costs no
//! embedding, and its rows stay as they were written: the ledger knows under which name ([`Written`]), and a search
//! asks it. Moving ten thousand documents is one transaction of the ledger.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};
use crate::ids::DocumentId;
use crate::problem::Problem;

/// Most characters of a name.
const NAME_CHARS: usize = 80;

/// A collection as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Its name; that of [`DEFAULT_COLLECTION`](crate::types::DEFAULT_COLLECTION) is for people to be translated.
    pub name: String,
    /// Documents in it.
    pub documents: u32,
    /// Watched folders whose documents join it.
    pub folders: u32,
}

/// Rows of the chunk store that belong to a collection, by the name that they were written under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The name.
    pub name: String,
    /// Which of the rows with that name.
    pub which: Which,
}

/// Which documents of those that were written under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// These.
    Only(Vec<DocumentId>),
    /// All but these.
    Except(Vec<DocumentId>),
}

impl Written {
    /// All rows that were written under a name.
    pub fn all(name: impl Into<String>) -> Self {
        let (name, which) = (name.into(), Which::All);
        Self { name, which }
    }

    /// Whether a document's rows, written under a name, are among them.
    pub fn has(&self, name: &str, document: &DocumentId) -> bool {
        self.name == name
            && match &self.which {
                Which::All => true,
                Which::Only(documents) => documents.contains(document),
                Which::Except(documents) => !documents.contains(document),
            }
    }
}

/// A name as it is kept.
///
/// # Errors
/// It is empty, too long, or has characters that nobody sees.
pub fn name(typed: &str) -> Result<String> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(Error::user("A collection needs a name")
            .problem(Problem::CollectionUnnamed)
            .hint("Give it one, like Work or Taxes 2025"));
    }
    if name.chars().count() > NAME_CHARS {
        return Err(Error::user(format!(
            "The name of a collection has {NAME_CHARS} characters at most"
        ))
        .problem(Problem::CollectionNameTooLong {
            most: NAME_CHARS as u32,
        })
        .hint("Choose a shorter one"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::user(
            "The name of a collection cannot have line breaks or control characters in it",
        )
        .problem(Problem::CollectionNameInvisible)
        .hint("Leave them out"));
    }
    Ok(name.to_owned())
}

/// There is no collection of that name.
pub fn gone() -> Error {
    Error::user("There is no such collection")
        .code(ErrorCode::NotFound)
        .problem(Problem::CollectionGone)
        .hint("It is gone with its last document, or was renamed")
}

/// A collection has that name already.
pub fn taken(name: &str) -> Error {
    Error::user(format!("There is a collection with the name {name} already"))
        .problem(Problem::CollectionTaken { name: name.into() })
        .hint("Choose another name, or move the documents there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_must_be_one() {
        assert_eq!(name("  Taxes 2025 ").unwrap(), "Taxes 2025");
        assert_eq!(name(&"ä".repeat(80)).unwrap().chars().count(), 80);
        for wrong in ["", "  ", "two\nlines", &"x".repeat(81)] {
            let error = name(wrong).unwrap_err();
            assert!(error.hint.is_some(), "{error}");
        }
    }
}
