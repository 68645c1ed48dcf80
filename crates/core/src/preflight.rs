//! What adding some files would do, told before anything is read.

mod pace;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

pub use pace::{Pace, Paces};

use crate::error::{Error, ErrorCode, Result};
use crate::ingest::{Plan, hash_file};
use crate::ports::Extractor;
use crate::types::{Document, FileKind};
use crate::walk::{SeenFile, Stamp};

/// What adding some files would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preflight {
    /// Files that would be read.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
    /// The same by kind, those with the most files first.
    pub kinds: Vec<KindTally>,
    /// Seconds that reading them will take, from the files that were read here before; none before there are enough.
    pub seconds: Option<u64>,
    /// Files that are in the library as they are; they would not be read again.
    pub unchanged: u32,
    /// How many of `files` are in the library and were written to since.
    pub changed: u32,
    /// Those of `files` that have the same content as a document elsewhere. Each would become a source of its own.
    pub copies: Vec<Copied>,
    /// Files that would be left out because their format is not read, by extension, the most frequent first.
    pub unsupported: Vec<LeftOut>,
    /// What cannot be looked into.
    pub errors: Vec<Error>,
}

/// Files of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindTally {
    /// What they are.
    pub kind: FileKind,
    /// How many there are.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
}

/// A file with the content of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The file.
    pub path: PathBuf,
    /// Where the document is.
    pub of: PathBuf,
}

/// Files that are not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// In lower case, without the dot; empty if their names have none.
    pub extension: String,
    /// How many there are.
    pub files: u32,
}

/// Compares what was found with the `documents` of the collection that it would join. A file is hashed only if its
/// size or place is that of a document.
///
/// # Errors
/// Canceled.
pub(crate) fn compare(
    plan: Plan,
    documents: &[Document],
    paces: &Paces,
    extractor: &dyn Extractor,
    cancel: &CancellationToken,
) -> Result<Preflight> {
    let by_path: HashMap<&Path, &Document> = documents.iter().map(|d| (d.path.as_path(), d)).collect();
    let mut by_size: HashMap<u64, Vec<&Document>> = HashMap::new();
    for document in documents {
        by_size.entry(document.bytes).or_default().push(document);
    }
    let mut flight = Preflight {
        unsupported: left_out(plan.unsupported),
        // They are among those left out.
        errors: plan
            .errors
            .into_iter()
            .filter(|e| e.code != Some(ErrorCode::Unsupported))
            .collect(),
        ..Preflight::default()
    };
    let mut kinds: BTreeMap<FileKind, (u32, u64)> = BTreeMap::new();
    for SeenFile { path, stamp } in plan.files {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        if let Some(document) = by_path.get(path.as_path()) {
            if is_as_read(&path, stamp, document, cancel)? {
                flight.unchanged += 1;
                continue;
            }
            flight.changed += 1;
        } else if let Some(same_size) = by_size.get(&stamp.bytes)
            && let Some(hash) = hash(&path, cancel)?
            && let Some(document) = same_size.iter().find(|document| document.content_hash == hash)
        {
            flight.copies.push(Copied {
                path: path.clone(),
                of: document.path.clone(),
            });
        }
        let tally = kinds
            .entry(extractor.kind(&path).unwrap_or(FileKind::Text))
            .or_default();
        tally.0 += 1;
        tally.1 += stamp.bytes;
    }
    flight.files = kinds.values().map(|(files, _)| files).sum();
    flight.bytes = kinds.values().map(|(_, bytes)| bytes).sum();
    let tallies = kinds
        .into_iter()
        .map(|(kind, (files, bytes))| KindTally { kind, files, bytes });
    flight.kinds = tallies.collect();
    flight.kinds.sort_by_key(|tally| std::cmp::Reverse(tally.files));
    flight.seconds = paces.estimate(&flight.kinds);
    Ok(flight)
}

/// Whether a document's file is as it was read: not written to since, or with the same bytes all the same.
fn is_as_read(path: &Path, stamp: Stamp, document: &Document, cancel: &CancellationToken) -> Result<bool> {
    if stamp.bytes != document.bytes {
        return Ok(false);
    }
    let read: Option<Timestamp> = document.indexed_at.parse().ok();
    let older = read.is_some_and(|read| i128::from(stamp.modified) < read.as_nanosecond());
    Ok(older || hash(path, cancel)?.is_some_and(|hash| hash == document.content_hash))
}

/// None of a file that cannot be read: what is wrong with it is told when it is added.
fn hash(path: &Path, cancel: &CancellationToken) -> Result<Option<String>> {
    match hash_file(path, cancel) {
        Ok(hash) => Ok(Some(hash)),
        Err(error) if error.is_canceled() => Err(error),
        Err(_) => Ok(None),
    }
}

fn left_out(unsupported: BTreeMap<String, u32>) -> Vec<LeftOut> {
    let all = unsupported
        .into_iter()
        .map(|(extension, files)| LeftOut { extension, files });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|left| std::cmp::Reverse(left.files));
    all
}
