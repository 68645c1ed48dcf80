//! Removing a document so that nothing of it stays.
//!
//! It takes three steps, each safe to repeat after a crash: the mark, which hides the document at
//! once; the deletion, in one transaction; the wiping of the file, after which the mark goes.

use footnote_core::removal::Quotes;
use footnote_core::{DocumentId, Error, ErrorCode, Problem, Result};
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::cases;
use crate::conversations::StoredTurn;
use crate::error::Translate;
use crate::jobs::{from_json, to_json};

/// Marks a document for removal; only one that exists can be.
pub(crate) fn begin(tx: &Transaction<'_>, document: &DocumentId, quotes: Quotes) -> Result<()> {
    let known = tx
        .prepare_cached(
            "SELECT 1 FROM documents WHERE id = ?1 UNION ALL SELECT 1 FROM revisions WHERE document = ?1",
        )
        .and_then(|mut statement| statement.exists([document.as_str()]))
        .during("looking a document up")?;
    if !known {
        return Err(Error::user("There is no such document")
            .code(ErrorCode::NotFound)
            .problem(Problem::Gone)
            .hint("List the documents; it may have been removed already"));
    }
    mark(tx, document, quotes)
}

/// Hides a document, whether or not there are rows of it. That quotes go, once said, is not taken back.
pub(crate) fn mark(tx: &Transaction<'_>, document: &DocumentId, quotes: Quotes) -> Result<()> {
    const DOING: &str = "marking a document for removal";
    tx.execute(
        "INSERT INTO removals (document, with_quotes) VALUES (?1, ?2)
         ON CONFLICT (document) DO UPDATE SET with_quotes = max(with_quotes, excluded.with_quotes)",
        (document.as_str(), quotes == Quotes::Go),
    )
    .during(DOING)?;
    tx.execute(
        "UPDATE documents SET removing = 1 WHERE id = ?1",
        [document.as_str()],
    )
    .during(DOING)?;
    Ok(())
}

/// Shows a document again. False if it is not hidden, or another has taken its place.
pub(crate) fn undo(tx: &Transaction<'_>, document: &DocumentId) -> Result<bool> {
    const DOING: &str = "undoing a removal";
    let shown = tx
        .execute(
            "UPDATE documents SET removing = 0 WHERE id = ?1 AND removing = 1 AND NOT EXISTS (
               SELECT 1 FROM documents AS other WHERE other.removing = 0
                 AND other.collection = documents.collection AND other.path = documents.path)",
            [document.as_str()],
        )
        .during(DOING)?;
    if shown > 0 {
        forget_mark(tx, document)?;
    }
    Ok(shown > 0)
}

/// Documents marked for removal.
pub(crate) fn list(connection: &Connection) -> Result<Vec<DocumentId>> {
    connection
        .prepare_cached("SELECT document FROM removals ORDER BY document")
        .and_then(|mut statement| statement.query_map([], |r| Ok(DocumentId(r.get(0)?)))?.collect())
        .during("reading the removals")
}

/// Deletes the rows of a document and what saved answers hold of it, as the mark says. The mark stays.
pub(crate) fn delete(tx: &Transaction<'_>, document: &DocumentId) -> Result<()> {
    const DOING: &str = "removing a document";
    let with_quotes: Option<bool> = tx
        .query_row(
            "SELECT with_quotes FROM removals WHERE document = ?1",
            [document.as_str()],
            |r| r.get(0),
        )
        .optional()
        .during(DOING)?;
    let quotes = match with_quotes {
        Some(true) => Quotes::Go,
        Some(false) | None => Quotes::Stay,
    };
    // Jobs of this file that ended without making a document name it as well. One that is still to
    // run does not: the person has added the file again.
    tx.execute(
        "DELETE FROM jobs WHERE document = ?1 OR (document IS NULL AND status NOT IN ('queued', 'running')
           AND (collection, path) IN (SELECT collection, path FROM documents WHERE id = ?1))",
        [document.as_str()],
    )
    .during(DOING)?;
    tx.execute("DELETE FROM documents WHERE id = ?1", [document.as_str()])
        .during(DOING)?;
    tx.execute("DELETE FROM revisions WHERE document = ?1", [document.as_str()])
        .during(DOING)?;
    cases::scrub(tx, document, quotes)?;
    scrub_turns(tx, document, quotes)
}

/// Takes the mark away: the file was wiped, or the document is shown again.
pub(crate) fn forget_mark(tx: &Transaction<'_>, document: &DocumentId) -> Result<()> {
    tx.execute("DELETE FROM removals WHERE document = ?1", [document.as_str()])
        .during("taking a removal's mark away")?;
    Ok(())
}

fn scrub_turns(tx: &Transaction<'_>, document: &DocumentId, quotes: Quotes) -> Result<()> {
    const DOING: &str = "removing a document from saved answers";
    let holding: Vec<(i64, String)> = tx
        .prepare("SELECT seq, turn FROM turns WHERE instr(turn, ?1) > 0")
        .and_then(|mut statement| {
            statement
                .query_map([document.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect()
        })
        .during(DOING)?;
    for (seq, json) in holding {
        let mut stored: StoredTurn = from_json(&json)?;
        if quotes == Quotes::Go {
            stored.raw_paths.remove(document);
        }
        if stored.turn.answer.withdraw(document, quotes) {
            tx.execute(
                "UPDATE turns SET turn = ?2 WHERE seq = ?1",
                (seq, to_json(&stored)?),
            )
            .during(DOING)?;
        }
    }
    Ok(())
}

/// Shrinks the file and empties the journal, which holds earlier states of pages.
///
/// `secure_delete` has overwritten the rows by now, so the file need not be rewritten: that would
/// take as much room again, or memory, at every removal.
pub(crate) fn wipe(connection: &Connection) -> Result<()> {
    connection
        .execute_batch("PRAGMA incremental_vacuum")
        .during("shrinking the register")?;
    empty_journal(connection)
}

/// Moves the journal into the database and truncates it.
pub(crate) fn empty_journal(connection: &Connection) -> Result<()> {
    let busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))
        .during("emptying the journal")?;
    if busy {
        return Err(Error::runtime(
            "Another program is using the register; deleted text may still be in its journal",
        )
        .code(ErrorCode::StoreLocked)
        .problem(Problem::RegisterBusy)
        .hint("Close any tool that has ledger.db open, then start Footnote again; it finishes the removal"));
    }
    Ok(())
}
