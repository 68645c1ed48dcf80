//! Progress: named steps with finished and total.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::types::{IndexJob, Step};

/// What ingestion tells while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum IngestEvent {
    /// What was found under the given paths, before any work.
    Planned {
        /// Files to be read.
        files: u32,
        /// Their size together.
        bytes: u64,
        /// Files left out because their format is not read.
        unsupported: u32,
        /// Folders or files that could not be looked into.
        errors: Vec<Error>,
    },
    /// A job changed its status or step.
    Job {
        /// As it is now.
        job: IndexJob,
    },
    /// A job's step went on.
    Progress {
        /// Its id.
        job: crate::ids::JobId,
        /// The step.
        step: Step,
        /// Units done: bytes for hashing, else pages.
        done: u64,
        /// Units in all, once known.
        total: Option<u64>,
    },
    /// All jobs of a call ended.
    Finished {
        /// Documents made or changed.
        indexed: u32,
        /// Files that were unchanged.
        unchanged: u32,
        /// Files that failed.
        failed: u32,
        /// Files not reached because of a cancel.
        canceled: u32,
    },
}

/// What following watched folders tells besides their jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderEvent {
    /// What is known of a folder changed; see [`crate::engine::Engine::watched_folders`].
    Changed,
    /// A document followed its file.
    Moved {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// A document was removed because its file is gone.
    Removed {
        /// Where it was.
        path: PathBuf,
    },
}

/// The shell's ear. Implementations must not block.
pub trait Reporter: Send + Sync {
    /// Called for every event, from any thread.
    fn report(&self, event: IngestEvent);

    /// Called for what following watched folders tells besides.
    fn folder(&self, _: FolderEvent) {}
}

/// A reporter that drops everything.
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: IngestEvent) {}
}
