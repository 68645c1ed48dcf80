//! Collections, which are what documents, folders and jobs name.

use footnote_core::collections::{Collection, Which, Written};
use footnote_core::{DocumentId, Error, ErrorCode, Result};
use rusqlite::{Connection, OptionalExtension, Params, Transaction};

use crate::error::Translate;

/// Where collections are named: a document that is not marked for removal, a watched folder, a job that is not over.
const NAMED: &str = "SELECT collection, 1 AS documents, 0 AS folders FROM documents WHERE removing = 0
     UNION ALL SELECT collection, 0, 1 FROM folders
     UNION ALL SELECT collection, 0, 0 FROM jobs WHERE status IN ('queued', 'running')";

/// All collections, by name.
pub(crate) fn list(connection: &Connection) -> Result<Vec<Collection>> {
    connection
        .prepare_cached(&format!(
            "SELECT collection, sum(documents), sum(folders) FROM ({NAMED}) GROUP BY collection ORDER BY collection"
        ))
        .and_then(|mut statement| {
            let collections = statement.query_map([], |row| {
                Ok(Collection {
                    name: row.get(0)?,
                    documents: row.get(1)?,
                    folders: row.get(2)?,
                })
            })?;
            collections.collect()
        })
        .during("reading the collections")
}

/// How the rows of a collection's documents are found: under each name, by the shorter list of documents.
pub(crate) fn written(connection: &Connection, collection: &str) -> Result<Vec<Written>> {
    const DOING: &str = "looking a collection up";
    let names: Vec<(String, i64, i64)> = connection
        .prepare_cached(
            "SELECT written_as, sum(collection = ?1) AS inside, count(*) FROM documents
             GROUP BY written_as HAVING inside > 0 ORDER BY written_as",
        )
        .and_then(|mut statement| {
            statement
                .query_map([collection], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })
        .during(DOING)?;
    names
        .into_iter()
        .map(|(name, inside, all)| {
            let which = match all - inside {
                0 => Which::All,
                outside if outside < inside => Which::Except(ids(
                    connection,
                    "SELECT id FROM documents WHERE written_as = ?1 AND collection <> ?2 ORDER BY id",
                    (&name, collection),
                )?),
                _ => Which::Only(ids(
                    connection,
                    "SELECT id FROM documents WHERE written_as = ?1 AND collection = ?2 ORDER BY id",
                    (&name, collection),
                )?),
            };
            Ok(Written { name, which })
        })
        .collect()
}

fn ids<P: Params>(connection: &Connection, sql: &str, parameters: P) -> Result<Vec<DocumentId>> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_map(parameters, |r| Ok(DocumentId(r.get(0)?)))?
                .collect()
        })
        .during("looking a collection up")
}

/// Moves documents; returns those that stayed, because the collection has a document of the same file.
pub(crate) fn take_in(
    tx: &Transaction<'_>,
    documents: &[DocumentId],
    collection: &str,
) -> Result<Vec<DocumentId>> {
    const DOING: &str = "moving documents to a collection";
    let mut stayed = Vec::new();
    let mut known = tx
        .prepare_cached(
            "SELECT collection, path FROM documents WHERE id = ?1 AND removing = 0 AND collection <> ?2",
        )
        .during(DOING)?;
    let mut taken = tx
        .prepare_cached("SELECT 1 FROM documents WHERE collection = ?1 AND path = ?2 AND removing = 0")
        .during(DOING)?;
    let mut jobs = tx
        .prepare_cached("UPDATE jobs SET collection = ?3 WHERE collection = ?1 AND path = ?2")
        .during(DOING)?;
    let mut moved = tx
        .prepare_cached(
            "UPDATE documents SET joined = nullif(coalesce(joined, collection), ?2), collection = ?2 WHERE id = ?1",
        )
        .during(DOING)?;
    for id in documents {
        let place: Option<(String, Vec<u8>)> = known
            .query_row((id.as_str(), collection), |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()
            .during(DOING)?;
        let Some((from, path)) = place else { continue };
        if taken.exists((collection, &path)).during(DOING)? {
            stayed.push(id.clone());
            continue;
        }
        jobs.execute((from, path, collection)).during(DOING)?;
        moved.execute((id.as_str(), collection)).during(DOING)?;
    }
    Ok(stayed)
}

/// Gives a collection another name, wherever it is named.
pub(crate) fn rename(tx: &Transaction<'_>, from: &str, to: &str) -> Result<()> {
    const DOING: &str = "renaming a collection";
    let there = |name: &str| {
        tx.prepare_cached(&format!("SELECT 1 FROM ({NAMED}) WHERE collection = ?1"))
            .and_then(|mut statement| statement.exists([name]))
            .during(DOING)
    };
    if !there(from)? {
        return Err(Error::user("There is no such collection")
            .code(ErrorCode::NotFound)
            .hint("It is gone with its last document, or was renamed"));
    }
    if there(to)? {
        return Err(
            Error::user(format!("There is a collection with the name {to} already"))
                .hint("Choose another name, or move the documents there"),
        );
    }
    for statement in [
        "UPDATE documents SET collection = ?2 WHERE collection = ?1",
        "UPDATE documents SET joined = ?2 WHERE joined = ?1",
        "UPDATE folders SET collection = ?2 WHERE collection = ?1",
        "UPDATE jobs SET collection = ?2 WHERE collection = ?1",
    ] {
        tx.execute(statement, (from, to)).during(DOING)?;
    }
    Ok(())
}
