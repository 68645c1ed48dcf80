//! Revisions and their pages. A revision is `writing`, then `current`, then `retired`; a document
//! has at most one current revision, which an index of the schema enforces.

use footnote_core::ports::{PageText, RevisionCommit};
use footnote_core::types::{
    Block, BlockKind, JobStatus, LineConfidence, Page, PageCoverage, PageSource, PageUnit, Step,
    doubtful_lines,
};
use footnote_core::{DocumentId, Error, ErrorCode, Result, RevisionId};
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::documents;
use crate::error::Translate;
use crate::history;
use crate::jobs::{from_json, name_of, to_json};

/// Registers a revision as being written. Doing so twice is doing so once.
pub(crate) fn begin(tx: &Transaction<'_>, document: &DocumentId, revision: &RevisionId) -> Result<()> {
    refuse_removed(tx, document)?;
    tx.execute(
        "INSERT INTO revisions (id, document, state) VALUES (?1, ?2, 'writing') ON CONFLICT (id) DO NOTHING",
        (revision.as_str(), document.as_str()),
    )
    .during("registering a revision")?;
    match state(tx, revision)? {
        Some((owner, state)) if owner == document.0 && state == "writing" => Ok(()),
        other => Err(Error::bug(format!(
            "Revision {revision} of {document} cannot be begun: it is {other:?}"
        ))),
    }
}

/// Stores pages of a revision that is being written; a page that is there already is replaced.
pub(crate) fn add_pages(tx: &Transaction<'_>, revision: &RevisionId, pages: &[Page]) -> Result<()> {
    match state(tx, revision)? {
        Some((_, state)) if state == "writing" => {}
        // The document was removed while its file was still being read.
        None => return Err(removed_meanwhile()),
        other => {
            return Err(Error::bug(format!(
                "Pages for revision {revision}, which is {other:?}"
            )));
        }
    }
    let mut statement = tx
        .prepare_cached(
            "INSERT INTO pages (revision, number, text, layout) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (revision, number) DO UPDATE SET text = excluded.text, layout = excluded.layout",
        )
        .during("storing pages")?;
    for page in pages {
        // The text has its own column, so that it is stored once and can be searched for by tools.
        let layout = to_json(&Page {
            text: String::new(),
            ..page.clone()
        })?;
        statement
            .execute((revision.as_str(), page.number, &page.text, layout))
            .during("storing pages")?;
    }
    Ok(())
}

/// Flips a document to its new revision; returns its others: the retired one, and any that an
/// earlier attempt left behind.
pub(crate) fn commit(tx: &Transaction<'_>, commit: &RevisionCommit) -> Result<Vec<RevisionId>> {
    const DOING: &str = "publishing a revision";
    let document = &commit.document;
    let Some(revision) = &document.revision else {
        return Err(Error::bug(format!(
            "Document {} was committed without a revision",
            document.id
        )));
    };
    refuse_removed(tx, &document.id)?;
    match state(tx, revision)? {
        Some((owner, state)) if owner == document.id.0 && state != "retired" => {}
        other => {
            return Err(Error::bug(format!(
                "Revision {revision} of {} cannot be published: it is {other:?}",
                document.id
            )));
        }
    }
    tx.execute(
        "UPDATE revisions SET state = 'retired' WHERE document = ?1 AND state = 'current' AND id <> ?2",
        (document.id.as_str(), revision.as_str()),
    )
    .during(DOING)?;
    tx.execute(
        "UPDATE revisions SET state = 'current' WHERE id = ?1",
        [revision.as_str()],
    )
    .during(DOING)?;
    documents::put(tx, document, &commit.job)?;
    history::add(tx, &document.id, &commit.event)?;
    tx.execute(
        "UPDATE jobs SET status = ?2, step = ?3, document = ?4, error = NULL WHERE id = ?1",
        (
            commit.job.as_str(),
            name_of(&JobStatus::Done)?,
            name_of(&Step::Ready)?,
            document.id.as_str(),
        ),
    )
    .during(DOING)?;
    ids(
        tx,
        "SELECT id FROM revisions WHERE document = ?1 AND id <> ?2 ORDER BY id",
        &[&document.id.0, &revision.0],
    )
}

/// Forgets a revision that is not current; an unknown one is forgotten already.
pub(crate) fn forget(tx: &Transaction<'_>, revision: &RevisionId) -> Result<()> {
    if let Some((document, state)) = state(tx, revision)?
        && state == "current"
    {
        if is_removed(tx, &document)? {
            // The removal takes it.
            return Ok(());
        }
        return Err(Error::bug(format!(
            "Revision {revision} is current and cannot be forgotten"
        )));
    }
    tx.execute("DELETE FROM revisions WHERE id = ?1", [revision.as_str()])
        .during("forgetting a revision")?;
    Ok(())
}

/// Revisions that searches must not see.
pub(crate) fn hidden(connection: &Connection) -> Result<Vec<RevisionId>> {
    ids(
        connection,
        "SELECT id FROM revisions
         WHERE state <> 'current' OR document IN (SELECT document FROM removals) ORDER BY id",
        &[],
    )
}

/// Current revisions with their documents and chunk counts.
pub(crate) fn current(connection: &Connection) -> Result<Vec<(DocumentId, RevisionId, u32)>> {
    connection
        .prepare_cached(
            "SELECT id, revision, chunks FROM documents WHERE revision IS NOT NULL AND removing = 0 ORDER BY id",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], |r| Ok((DocumentId(r.get(0)?), RevisionId(r.get(1)?), r.get(2)?)))?
                .collect()
        })
        .during("reading the revisions")
}

/// A page of a revision.
pub(crate) fn page(connection: &Connection, revision: &RevisionId, number: u32) -> Result<Option<Page>> {
    let found: Option<(String, String)> = connection
        .prepare_cached("SELECT text, layout FROM pages WHERE revision = ?1 AND number = ?2")
        .and_then(|mut statement| {
            statement
                .query_row((revision.as_str(), number), |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()
        })
        .during("reading a page")?;
    found
        .map(|(text, layout)| {
            Ok(Page {
                text,
                ..from_json(&layout)?
            })
        })
        .transpose()
}

/// The texts of pages from number `from` on. A layout, which is most of a page, is read only if something in it
/// matters here.
pub(crate) fn page_texts(
    connection: &Connection,
    revision: &RevisionId,
    from: u32,
    limit: u32,
) -> Result<Vec<PageText>> {
    #[derive(serde::Deserialize)]
    struct Layout {
        source: PageSource,
        #[serde(default)]
        blocks: Vec<Block>,
    }
    let rows: Vec<(u32, String, Option<String>)> = connection
        .prepare_cached(
            "SELECT number, text, CASE WHEN instr(layout, 'furniture') > 0 OR instr(layout, 'failed') > 0 THEN layout END
             FROM pages WHERE revision = ?1 AND number >= ?2 ORDER BY number LIMIT ?3",
        )
        .and_then(|mut statement| {
            statement
                .query_map((revision.as_str(), from, limit), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })
        .during("looking through the pages")?;
    rows.into_iter()
        .map(|(number, text, layout)| {
            let layout: Option<Layout> = layout.as_deref().map(from_json).transpose()?;
            let (blocks, failed) = layout.map_or((Vec::new(), false), |layout| {
                (layout.blocks, layout.source == PageSource::Failed)
            });
            let furniture = blocks
                .into_iter()
                .filter(|block| block.kind == BlockKind::Furniture);
            Ok(PageText {
                number,
                text,
                furniture: furniture.map(|block| block.span).collect(),
                failed,
            })
        })
        .collect()
}

/// Current revisions with a table; the index `pages_with_tables` has them.
pub(crate) fn with_tables(connection: &Connection) -> Result<Vec<RevisionId>> {
    ids(
        connection,
        "SELECT id FROM revisions WHERE state = 'current' AND document NOT IN (SELECT document FROM removals) AND id IN
         (SELECT revision FROM pages WHERE instr(layout, '\"kind\":\"table\"') > 0) ORDER BY id",
        &[],
    )
}

/// Pages with a table from number `from` on.
pub(crate) fn table_pages(
    connection: &Connection,
    revision: &RevisionId,
    from: u32,
    limit: u32,
) -> Result<Vec<Page>> {
    let rows: Vec<(String, String)> = connection
        .prepare_cached(
            "SELECT text, layout FROM pages
             WHERE revision = ?1 AND number >= ?2 AND instr(layout, '\"kind\":\"table\"') > 0
             ORDER BY number LIMIT ?3",
        )
        .and_then(|mut statement| {
            statement
                .query_map((revision.as_str(), from, limit), |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect()
        })
        .during("reading tables")?;
    rows.into_iter()
        .map(|(text, layout)| {
            Ok(Page {
                text,
                ..from_json(&layout)?
            })
        })
        .collect()
}

/// How each page of a revision was read. Only as much of the layouts is read as that takes.
pub(crate) fn coverage(connection: &Connection, revision: &RevisionId) -> Result<Vec<PageCoverage>> {
    #[derive(serde::Deserialize)]
    struct Layout {
        label: Option<String>,
        #[serde(default)]
        unit: PageUnit,
        source: PageSource,
        confidence: Option<f32>,
        #[serde(default)]
        lines: Vec<LineConfidence>,
    }
    let rows: Vec<(u32, u32, String)> = connection
        .prepare_cached("SELECT number, length(text), layout FROM pages WHERE revision = ?1 ORDER BY number")
        .and_then(|mut statement| {
            statement
                .query_map([revision.as_str()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })
        .during("reading the coverage map")?;
    rows.into_iter()
        .map(|(number, chars, layout)| {
            let layout: Layout = from_json(&layout)?;
            Ok(PageCoverage {
                number,
                label: layout.label,
                unit: layout.unit,
                source: layout.source,
                confidence: layout.confidence,
                doubtful: doubtful_lines(&layout.lines),
                chars,
            })
        })
        .collect()
}

fn state(connection: &Connection, revision: &RevisionId) -> Result<Option<(String, String)>> {
    connection
        .prepare_cached("SELECT document, state FROM revisions WHERE id = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([revision.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()
        })
        .during("reading a revision")
}

fn ids(connection: &Connection, sql: &str, parameters: &[&String]) -> Result<Vec<RevisionId>> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_map(rusqlite::params_from_iter(parameters), |r| {
                    Ok(RevisionId(r.get(0)?))
                })?
                .collect()
        })
        .during("reading the revisions")
}

/// A document that is being removed takes nothing new, or its removal would not be one.
fn refuse_removed(connection: &Connection, document: &DocumentId) -> Result<()> {
    if is_removed(connection, document.as_str())? {
        Err(removed_meanwhile())
    } else {
        Ok(())
    }
}

fn is_removed(connection: &Connection, document: &str) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM removals WHERE document = ?1")
        .and_then(|mut statement| statement.exists([document]))
        .during("reading the removals")
}

fn removed_meanwhile() -> Error {
    Error::user("The document was removed while it was being read").code(ErrorCode::Canceled)
}
