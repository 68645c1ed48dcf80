//! The user's cases.

use footnote_core::cases::Case;
use footnote_core::removal::Quotes;
use footnote_core::{CaseId, DocumentId, Result};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::error::Translate;
use crate::jobs::{from_json, to_json};
use crate::paths;

/// A case as stored. JSON holds Unicode only, so the bytes of another path stand beside it.
#[derive(Serialize, Deserialize)]
struct StoredCase {
    case: Case,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw_path: Option<Vec<u8>>,
}

impl StoredCase {
    fn new(case: &Case) -> Self {
        let path = case.source.as_ref().map(|source| &source.path);
        Self {
            case: case.clone(),
            raw_path: path
                .filter(|path| path.to_str().is_none())
                .map(|path| paths::to_bytes(path)),
        }
    }

    fn into_case(mut self) -> Case {
        if let (Some(source), Some(bytes)) = (&mut self.case.source, self.raw_path) {
            source.path = paths::from_bytes(bytes);
        }
        self.case
    }
}

/// All cases, the oldest first.
pub(crate) fn list(connection: &Connection) -> Result<Vec<Case>> {
    let stored: Vec<String> = connection
        .prepare_cached("SELECT \"case\" FROM cases ORDER BY seq")
        .and_then(|mut statement| statement.query_map([], |r| r.get(0))?.collect())
        .during("reading the cases")?;
    stored
        .iter()
        .map(|json| Ok(from_json::<StoredCase>(json)?.into_case()))
        .collect()
}

/// Adds a case, or writes it anew.
pub(crate) fn put(tx: &Transaction<'_>, case: &Case) -> Result<()> {
    tx.execute(
        "INSERT INTO cases (id, \"case\") VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET \"case\" = excluded.\"case\"",
        (case.id.as_str(), to_json(&StoredCase::new(case))?),
    )
    .during("saving a case")?;
    Ok(())
}

/// Deletes a case; one that is not there is deleted already.
pub(crate) fn remove(tx: &Transaction<'_>, case: &CaseId) -> Result<()> {
    tx.execute("DELETE FROM cases WHERE id = ?1", [case.as_str()])
        .during("deleting a case")?;
    Ok(())
}

/// Notes in the cases that a document was removed, and takes its words out if quotes go.
pub(crate) fn scrub(tx: &Transaction<'_>, document: &DocumentId, quotes: Quotes) -> Result<()> {
    for mut case in list(tx)? {
        if case.withdraw(document, quotes) {
            put(tx, &case)?;
        }
    }
    Ok(())
}
