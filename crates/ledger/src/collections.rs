//! Collections, which are what documents, folders and jobs name.

use footnote_core::collections::{Collection, Which, Written, gone, taken};
use footnote_core::history::{DocumentEvent, Happening};
use footnote_core::{DocumentId, Error, ErrorCode, FolderId, Problem, Result};
use rusqlite::{Connection, OptionalExtension, Params, Transaction};

use crate::error::Translate;
use crate::{history, paths};

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
        jobs.execute((&from, path, collection)).during(DOING)?;
        moved.execute((id.as_str(), collection)).during(DOING)?;
        let event = DocumentEvent::now(Happening::Collected {
            from,
            to: collection.to_owned(),
        });
        history::add(tx, id, &event)?;
    }
    Ok(stayed)
}

/// Has a watched folder's files join another collection, and moves the documents that lie in it there; returns those that
/// stayed, because the collection has a document of the same file.
pub(crate) fn take_in_folder(
    tx: &Transaction<'_>,
    folder: &FolderId,
    collection: &str,
) -> Result<Vec<DocumentId>> {
    const DOING: &str = "moving a folder to a collection";
    let known: Option<(Vec<u8>, String)> = tx
        .query_row(
            "SELECT path, collection FROM folders WHERE id = ?1",
            [folder.as_str()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()
        .during(DOING)?;
    let Some((path, from)) = known else {
        return Err(Error::user("This folder is not watched")
            .code(ErrorCode::NotFound)
            .problem(Problem::Gone)
            .hint("Look at the list of folders again"));
    };
    if from == collection {
        return Ok(Vec::new());
    }
    // With the slash at the end.
    let prefix = paths::to_bytes(&paths::from_bytes(path).join(""));
    let length = prefix.len() as i64;
    let inside = ids(
        tx,
        "SELECT id FROM documents WHERE collection = ?1 AND removing = 0 AND substr(path, 1, ?3) = ?2 ORDER BY id",
        (&from, &prefix, length),
    )?;
    let stayed = take_in(tx, &inside, collection)?;
    for statement in [
        // What moved along has joined the other collection; what was moved out by itself is still the folder's.
        "UPDATE documents SET joined = nullif(?4, collection)
         WHERE joined = ?1 AND collection <> ?1 AND substr(path, 1, ?3) = ?2",
        "UPDATE jobs SET collection = ?4 WHERE collection = ?1 AND substr(path, 1, ?3) = ?2",
    ] {
        tx.execute(statement, (&from, &prefix, length, collection))
            .during(DOING)?;
    }
    tx.execute(
        "UPDATE folders SET collection = ?2 WHERE id = ?1",
        (folder.as_str(), collection),
    )
    .during(DOING)?;
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
        return Err(gone());
    }
    if there(to)? {
        return Err(taken(to));
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
