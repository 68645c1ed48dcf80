//! What an interrupted import had finished, so that the next one goes on from there.
//!
//! The journal is a text file beside the folder being made, of JSON lines: what is imported ([`Identity`]), then a line
//! for every stretch of the data file that was written whole. It is a hint and never believed: a stretch counts as
//! finished only if its bytes still have the checksum.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use crate::error::ImportError;
use crate::graph::Slot;
use crate::import::{ImportOptions, Operators, Profile};
use crate::manifest::{FORMAT_VERSION, SourceFile};

/// What an import depends on: two with the same identity write the same bytes to the same places.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    format_version: u32,
    importer_version: String,
    profile: Profile,
    operators: Operators,
    source: SourceFile,
}

impl Identity {
    pub(crate) fn new(options: ImportOptions, source: &SourceFile) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            importer_version: env!("CARGO_PKG_VERSION").into(),
            profile: options.profile,
            operators: options.operators,
            source: source.clone(),
        }
    }
}

/// A stretch of the data file that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    offset: u64,
    length: u64,
    crc32: u32,
}

/// A stretch that is being written, front to back.
struct Unfinished {
    hasher: Hasher,
    length: u64,
}

/// Notes what is finished, and knows what was.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    finished: HashMap<u64, Stretch>,
    unfinished: HashMap<u64, Unfinished>,
}

impl Journal {
    /// Reads the journal at `path`, open as `file`. Without one for this `identity` it begins anew, which
    /// [`Journal::is_empty`] tells.
    pub(crate) fn begin(path: &Path, mut file: File, identity: &Identity) -> Result<Self, ImportError> {
        let mut text = Vec::new();
        file.rewind()
            .and_then(|()| file.read_to_end(&mut text))
            .map_err(ImportError::io(path, "read"))?;
        let mut journal = Self {
            path: path.into(),
            file,
            finished: HashMap::new(),
            unfinished: HashMap::new(),
        };
        // A line without its end was being written when the import stopped.
        let mut lines = text
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| line.ends_with(b"\n"));
        let mut good = 0;
        if let Some(line) = lines.next()
            && serde_json::from_slice::<Identity>(line).is_ok_and(|known| known == *identity)
        {
            good = line.len() as u64;
            for line in lines {
                let Ok(stretch) = serde_json::from_slice::<Stretch>(line) else {
                    break;
                };
                good += line.len() as u64;
                journal.finished.insert(stretch.offset, stretch);
            }
        }
        journal
            .file
            .set_len(good)
            .and_then(|()| journal.file.seek(SeekFrom::Start(good)))
            .map_err(ImportError::io(path, "write"))?;
        if good == 0 {
            journal.line(identity)?;
        }
        Ok(journal)
    }

    /// Whether nothing is known to be finished.
    pub(crate) fn is_empty(&self) -> bool {
        self.finished.is_empty()
    }

    /// Forgets what was finished.
    pub(crate) fn forget(&mut self) {
        self.finished.clear();
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), ImportError> {
        let mut line =
            serde_json::to_vec(value).map_err(|e| ImportError::io(&self.path, "write")(e.into()))?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(ImportError::io(&self.path, "write"))
    }

    /// Tells that `bytes` were written at `at` within `slot`.
    pub(crate) fn written(&mut self, slot: Slot, at: u64, bytes: &[u8]) -> Result<(), ImportError> {
        let known = self.unfinished.entry(slot.offset).or_insert_with(|| Unfinished {
            hasher: Hasher::new(),
            length: 0,
        });
        if at != known.length {
            // Not front to back: this stretch is converted again after an interruption.
            known.length = u64::MAX;
            return Ok(());
        }
        known.hasher.update(bytes);
        known.length += bytes.len() as u64;
        if known.length < slot.length {
            return Ok(());
        }
        let Some(Unfinished { hasher, length }) = self.unfinished.remove(&slot.offset) else {
            return Ok(());
        };
        self.line(&Stretch {
            offset: slot.offset,
            length,
            crc32: hasher.finalize(),
        })
    }

    /// Whether the bytes of `slot` in `data` are those that an interrupted import wrote there.
    pub(crate) fn holds(&self, slot: Slot, data: &mut File) -> bool {
        let Some(stretch) = self.finished.get(&slot.offset) else {
            return false;
        };
        if stretch.length != slot.length {
            return false;
        }
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 1 << 20];
        let mut left = slot.length;
        if data.seek(SeekFrom::Start(slot.offset)).is_err() {
            return false;
        }
        while left > 0 {
            let want = left.min(buffer.len() as u64) as usize;
            // What cannot be read is written again, and then the system says why.
            if data.read_exact(&mut buffer[..want]).is_err() {
                return false;
            }
            hasher.update(&buffer[..want]);
            left -= want as u64;
        }
        hasher.finalize() == stretch.crc32
    }
}
