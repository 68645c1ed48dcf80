//! Index jobs.

use footnote_core::types::{IndexJob, JobStatus};
use footnote_core::{Error, JobId, Result};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Translate;
use crate::paths;

const COLUMNS: &str = "id, path, collection, status, step, document, error, created_at, read_again";

/// A closed set's name, as in JSON; so a register and an export speak the same words.
pub(crate) fn name_of<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        other => Err(Error::bug(format!(
            "No name for a value of the register: {other:?}"
        ))),
    }
}

/// The value of [`name_of`].
pub(crate) fn named<T: DeserializeOwned>(name: String) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(name)).map_err(|e| {
        Error::bug(format!(
            "The register holds a value this Footnote does not know: {e}"
        ))
    })
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::bug(format!("Cannot be stored: {e}")))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::bug(format!("The register holds what cannot be read: {e}")))
}

/// Writes a job, new or not; its place in the order stays, and its collection, which may have changed meanwhile.
pub(crate) fn put(connection: &Connection, job: &IndexJob) -> Result<()> {
    let error = job.error.as_ref().map(to_json).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO jobs (id, path, path_text, collection, status, step, document, error, created_at, read_again)
             VALUES (:id, :path, :path_text, :collection, :status, :step, :document, :error, :created_at, :read_again)
             ON CONFLICT (id) DO UPDATE SET path = :path, path_text = :path_text, status = :status, step = :step, document = :document, error = :error, read_again = :read_again",
        )
        .and_then(|mut statement| {
            statement.execute(named_params! {
                ":id": job.id.as_str(),
                ":path": paths::to_bytes(&job.path),
                ":path_text": job.path.to_string_lossy(),
                ":collection": job.collection,
                ":status": name_of(&job.status).map_err(boxed)?,
                ":step": name_of(&job.step).map_err(boxed)?,
                ":document": job.document.as_ref().map(|d| d.as_str()),
                ":error": error,
                ":created_at": job.created_at,
                ":read_again": job.read_again,
            })
        })
        .during("writing a job")?;
    Ok(())
}

fn boxed(error: Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// One job.
pub(crate) fn get(connection: &Connection, id: &JobId) -> Result<Option<IndexJob>> {
    let raw = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1"))
        .and_then(|mut statement| statement.query_row([id.as_str()], read).optional())
        .during("reading a job")?;
    raw.map(RawJob::parse).transpose()
}

/// Jobs in the order they were added.
pub(crate) fn list(connection: &Connection, unfinished: bool) -> Result<Vec<IndexJob>> {
    let mut jobs = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM jobs ORDER BY seq"))
        .and_then(|mut statement| {
            statement
                .query_map([], read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })
        .during("reading the jobs")?
        .into_iter()
        .map(RawJob::parse)
        .collect::<Result<Vec<_>>>()?;
    if unfinished {
        jobs.retain(|job| {
            matches!(
                job.status,
                JobStatus::Queued | JobStatus::Running | JobStatus::Failed
            )
        });
    }
    Ok(jobs)
}

/// Forgets a job; one that is not there is forgotten already.
pub(crate) fn remove(connection: &Connection, id: &JobId) -> Result<()> {
    connection
        .execute("DELETE FROM jobs WHERE id = ?1", [id.as_str()])
        .during("removing a job")?;
    Ok(())
}

struct RawJob {
    id: String,
    path: Vec<u8>,
    collection: String,
    status: String,
    step: String,
    document: Option<String>,
    error: Option<String>,
    created_at: String,
    read_again: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<RawJob> {
    Ok(RawJob {
        id: row.get(0)?,
        path: row.get(1)?,
        collection: row.get(2)?,
        status: row.get(3)?,
        step: row.get(4)?,
        document: row.get(5)?,
        error: row.get(6)?,
        created_at: row.get(7)?,
        read_again: row.get(8)?,
    })
}

impl RawJob {
    fn parse(self) -> Result<IndexJob> {
        Ok(IndexJob {
            id: JobId(self.id),
            path: paths::from_bytes(self.path),
            collection: self.collection,
            status: named(self.status)?,
            step: named(self.step)?,
            document: self.document.map(footnote_core::DocumentId),
            error: self.error.as_deref().map(from_json).transpose()?,
            read_again: self.read_again,
            created_at: self.created_at,
        })
    }
}
