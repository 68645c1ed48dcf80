//! What became of documents. Rows go with their document's.

use footnote_core::history::{CitedRevision, DocumentEvent, EVENTS_KEPT};
use footnote_core::{DocumentId, Result, RevisionId};
use rusqlite::{Connection, OptionalExtension};

use crate::error::Translate;
use crate::jobs::{from_json, to_json};

/// Adds an event, and lets the oldest but the first go where they are too many. Without a document, nothing is added.
pub(crate) fn add(connection: &Connection, document: &DocumentId, event: &DocumentEvent) -> Result<()> {
    const DOING: &str = "noting what became of a document";
    let event = to_json(event)?;
    let added = connection
        .prepare_cached("INSERT INTO history (document, event) SELECT id, ?2 FROM documents WHERE id = ?1")
        .and_then(|mut statement| statement.execute((document.as_str(), event)))
        .during(DOING)?;
    if added > 0 {
        connection
            .prepare_cached(
                "DELETE FROM history WHERE document = ?1
                   AND seq > (SELECT min(seq) FROM history WHERE document = ?1)
                   AND seq <= (SELECT seq FROM history WHERE document = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
            )
            .and_then(|mut statement| statement.execute((document.as_str(), EVENTS_KEPT as i64 - 1)))
            .during(DOING)?;
    }
    Ok(())
}

/// The events of a document, the oldest first.
pub(crate) fn list(connection: &Connection, document: &DocumentId) -> Result<Vec<DocumentEvent>> {
    let rows: Vec<String> = connection
        .prepare_cached("SELECT event FROM history WHERE document = ?1 ORDER BY seq")
        .and_then(|mut statement| statement.query_map([document.as_str()], |r| r.get(0))?.collect())
        .during("reading what became of a document")?;
    rows.iter().map(|event| from_json(event)).collect()
}

/// The newest event of a document.
pub(crate) fn last(connection: &Connection, document: &DocumentId) -> Result<Option<DocumentEvent>> {
    let row: Option<String> = connection
        .prepare_cached("SELECT event FROM history WHERE document = ?1 ORDER BY seq DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([document.as_str()], |r| r.get(0)).optional())
        .during("reading what became of a document")?;
    row.map(|event| from_json(&event)).transpose()
}

/// The revisions of a document that saved answers cite.
pub(crate) fn cited(connection: &Connection, document: &DocumentId) -> Result<Vec<CitedRevision>> {
    connection
        .prepare_cached(
            "SELECT json_extract(c.value, '$.revision'), count(DISTINCT turns.seq), count(*)
             FROM turns, json_each(turns.turn, '$.turn.answer.citations') AS c
             WHERE instr(turns.turn, ?1) > 0 AND json_extract(c.value, '$.document') = ?1
             GROUP BY 1 ORDER BY 1",
        )
        .and_then(|mut statement| {
            let read = |r: &rusqlite::Row<'_>| {
                Ok(CitedRevision {
                    revision: RevisionId(r.get(0)?),
                    answers: r.get(1)?,
                    citations: r.get(2)?,
                })
            };
            statement.query_map([document.as_str()], read)?.collect()
        })
        .during("looking for answers that cite a document")
}
