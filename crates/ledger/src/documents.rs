//! The register of documents. One that is marked for removal is gone for every reader.

use std::path::Path;

use footnote_core::question::naming::DocumentName;
use footnote_core::types::Document;
use footnote_core::{DocumentId, JobId, Result, RevisionId};
use rusqlite::{Connection, OptionalExtension, Params, Row, named_params};

use crate::error::Translate;
use crate::jobs::{from_json, to_json};
use crate::paths;

const SELECT: &str = "SELECT id, collection, path, title, media_type, revision, content_hash, bytes, pages,
    searchable_pages, chunks, warnings, indexed_at, author, date, language,
    unread_images FROM documents";

/// All documents, by path.
pub(crate) fn list(connection: &Connection) -> Result<Vec<Document>> {
    let mut documents = select(connection, "TRUE", [])?;
    // Paths sort by their components, which SQL cannot see.
    documents.sort_by(|a, b| (&a.path, &a.collection).cmp(&(&b.path, &b.collection)));
    Ok(documents)
}

/// Documents that joined a collection and were moved to another.
pub(crate) fn moved_out(connection: &Connection, collection: &str) -> Result<Vec<Document>> {
    select(connection, "joined = ?1 AND collection <> ?1", [collection])
}

fn select<P: Params>(connection: &Connection, condition: &str, parameters: P) -> Result<Vec<Document>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE removing = 0 AND {condition}"))
        .and_then(|mut statement| {
            statement
                .query_map(parameters, read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })
        .during("reading the documents")?
        .into_iter()
        .map(RawDocument::parse)
        .collect()
}

/// One document.
pub(crate) fn get(connection: &Connection, id: &DocumentId) -> Result<Option<Document>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE id = ?1 AND removing = 0"))
        .and_then(|mut statement| statement.query_row([id.as_str()], read).optional())
        .during("reading a document")?
        .map(RawDocument::parse)
        .transpose()
}

/// The document of a collection at a path.
pub(crate) fn at(connection: &Connection, collection: &str, path: &Path) -> Result<Option<Document>> {
    connection
        .prepare_cached(&format!(
            "{SELECT} WHERE collection = ?1 AND path = ?2 AND removing = 0"
        ))
        .and_then(|mut statement| {
            statement
                .query_row((collection, paths::to_bytes(path)), read)
                .optional()
        })
        .during("looking a document up")?
        .map(RawDocument::parse)
        .transpose()
}

/// What the documents are called that can be searched: far less to read than all that is known of them.
pub(crate) fn names(connection: &Connection, collection: Option<&str>) -> Result<Vec<DocumentName>> {
    let read = |r: &Row<'_>| {
        let path: String = r.get(1)?;
        let file = Path::new(&path).file_name().unwrap_or_default();
        Ok(DocumentName {
            id: DocumentId(r.get(0)?),
            file: file.to_string_lossy().into_owned(),
            title: r.get(2)?,
        })
    };
    connection
        .prepare_cached(
            "SELECT id, path_text, title FROM documents
             WHERE removing = 0 AND revision IS NOT NULL AND (?1 IS NULL OR collection = ?1)",
        )
        .and_then(|mut statement| statement.query_map([collection], read)?.collect())
        .during("reading the names of the documents")
}

/// The languages that documents are in.
pub(crate) fn languages(connection: &Connection) -> Result<Vec<String>> {
    connection
        .prepare_cached("SELECT DISTINCT language FROM documents WHERE removing = 0 AND language IS NOT NULL")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .during("reading the languages of the documents")
}

/// How many documents that joined a collection lie below a folder.
pub(crate) fn count_below(connection: &Connection, collection: &str, folder: &Path) -> Result<u32> {
    // With the slash at the end.
    let prefix = paths::to_bytes(&folder.join(""));
    connection
        .prepare_cached(
            "SELECT count(*) FROM documents
             WHERE coalesce(joined, collection) = ?1 AND removing = 0 AND substr(path, 1, ?3) = ?2",
        )
        .and_then(|mut statement| {
            statement.query_row((collection, &prefix, prefix.len() as i64), |r| r.get(0))
        })
        .during("counting documents")
}

/// Gives a document another place and title; one that is not there stays so.
pub(crate) fn rename(connection: &Connection, id: &DocumentId, path: &Path, title: &str) -> Result<()> {
    connection
        .execute(
            "UPDATE documents SET path = ?2, path_text = ?3, title = ?4 WHERE id = ?1 AND removing = 0",
            (id.as_str(), paths::to_bytes(path), path.to_string_lossy(), title),
        )
        .during("moving a document")?;
    Ok(())
}

/// Writes a document's row, new or not. Its collection is what its rows were written under: a document that is known
/// stays where it is, and a new one joins what `job` joins by now.
pub(crate) fn put(connection: &Connection, document: &Document, job: &JobId) -> Result<()> {
    let warnings = to_json(&document.warnings)?;
    connection
        .prepare_cached(
            "INSERT INTO documents (id, collection, path, path_text, title, media_type, revision, content_hash,
               bytes, pages, searchable_pages, chunks, warnings, indexed_at, author, date, language, unread_images,
               written_as)
             VALUES (:id, coalesce((SELECT collection FROM jobs WHERE id = :job), :collection), :path, :path_text, :title, :media_type, :revision, :content_hash,
               :bytes, :pages, :searchable_pages, :chunks, :warnings, :indexed_at, :author, :date, :language,
               :unread_images, :collection)
             ON CONFLICT (id) DO UPDATE SET written_as = :collection, path = :path, path_text = :path_text,
               title = :title, media_type = :media_type, revision = :revision, content_hash = :content_hash,
               bytes = :bytes, pages = :pages, searchable_pages = :searchable_pages, chunks = :chunks,
               warnings = :warnings, indexed_at = :indexed_at, author = :author, date = :date,
               language = :language, unread_images = :unread_images",
        )
        .and_then(|mut statement| {
            statement.execute(named_params! {
                ":id": document.id.as_str(),
                ":collection": document.collection,
                ":job": job.as_str(),
                ":path": paths::to_bytes(&document.path),
                ":path_text": document.path.to_string_lossy(),
                ":title": document.title,
                ":media_type": document.media_type,
                ":revision": document.revision.as_ref().map(RevisionId::as_str),
                ":content_hash": document.content_hash,
                ":bytes": i64::try_from(document.bytes).unwrap_or(i64::MAX),
                ":pages": document.pages,
                ":searchable_pages": document.searchable_pages,
                ":chunks": document.chunks,
                ":warnings": warnings,
                ":indexed_at": document.indexed_at,
                ":author": document.author,
                ":date": document.date,
                ":language": document.language,
                ":unread_images": document.unread_images,
            })
        })
        .during("registering a document")?;
    Ok(())
}

struct RawDocument {
    document: Document,
    warnings: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<RawDocument> {
    Ok(RawDocument {
        document: Document {
            id: DocumentId(row.get(0)?),
            collection: row.get(1)?,
            path: paths::from_bytes(row.get(2)?),
            title: row.get(3)?,
            author: row.get(13)?,
            date: row.get(14)?,
            language: row.get(15)?,
            media_type: row.get(4)?,
            revision: row.get::<_, Option<String>>(5)?.map(RevisionId),
            content_hash: row.get(6)?,
            bytes: row.get::<_, i64>(7)?.unsigned_abs(),
            pages: row.get(8)?,
            searchable_pages: row.get(9)?,
            unread_images: row.get(16)?,
            chunks: row.get(10)?,
            warnings: Vec::new(),
            indexed_at: row.get(12)?,
        },
        warnings: row.get(11)?,
    })
}

impl RawDocument {
    fn parse(self) -> Result<Document> {
        Ok(Document {
            warnings: from_json(&self.warnings)?,
            ..self.document
        })
    }
}
