//! A folder of documents with questions, in a library of its own.

mod question;

use std::path::Path;

use footnote_core::Result;
use footnote_core::report::{Reporter, Silent};
use footnote_core::types::{DEFAULT_COLLECTION, Document, JobStatus};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(super) use self::question::{Counts, Kind, Question, is_named};
use super::read_lines;
use crate::args::{Global, SetArgs};
use crate::compose::{Composition, Opened};
use crate::progress;

/// What the folder should hold.
pub(super) const LAYOUT: &str = "The folder has questions.jsonl and the files in documents/";

/// Questions, and an engine that has read their documents and no others.
pub(super) struct QuestionSet {
    pub questions: Vec<Question>,
    pub engine: Opened,
    pub documents: Vec<Document>,
    /// Holds the library, if it is not to be kept.
    _temporary: TempDir,
}

impl QuestionSet {
    /// Reads the questions and adds the documents. The user's own have no part in this.
    ///
    /// # Errors
    /// The folder is no question set, a document cannot be read, or a question does not fit the documents.
    pub async fn open(global: &Global, args: &SetArgs, cancel: &CancellationToken) -> Result<Self> {
        let mut questions: Vec<Question> = read_lines(&args.dir.join("questions.jsonl"), LAYOUT)?;
        questions.truncate(args.limit.unwrap_or(usize::MAX));
        let temporary = tempfile::tempdir()?;
        let mut own = global.clone();
        own.data_dir = Some(args.index.clone().unwrap_or_else(|| temporary.path().to_owned()));
        let engine = Composition::new(&own)?.answering_engine().await?;
        if global.json {
            add(&engine, &args.dir, &Silent, cancel).await?;
        } else {
            add(&engine, &args.dir, &progress::Terminal::new(false), cancel).await?;
        }
        let documents = engine.documents().await?;
        question::check(&engine, &questions, &documents).await?;
        Ok(Self {
            questions,
            engine,
            documents,
            _temporary: temporary,
        })
    }
}

async fn add(engine: &Opened, dir: &Path, reporter: &dyn Reporter, cancel: &CancellationToken) -> Result<()> {
    let folder = dir.join("documents");
    let outcome = engine
        .add(&[folder], DEFAULT_COLLECTION, reporter, cancel)
        .await?;
    let failed = outcome
        .jobs
        .into_iter()
        .find(|job| job.status == JobStatus::Failed);
    if let Some(error) = outcome.errors.into_iter().next() {
        return Err(error.hint(LAYOUT));
    }
    match failed.and_then(|job| Some((job.path, job.error?))) {
        Some((path, error)) => Err(error.at(path.display())),
        None => Ok(()),
    }
}
