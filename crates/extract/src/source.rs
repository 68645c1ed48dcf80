//! The one file that a worker reads: opened before the worker locks everything else away.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use footnote_core::{Error, Result};
use memmap2::Mmap;

/// A file up to this size is held in memory. A larger one is mapped: the system pages it in and out,
/// and the process needs memory for what it makes of it only.
const HELD: u64 = 32 << 20;

/// A file's bytes.
pub(crate) enum Bytes {
    /// In memory.
    Held(Vec<u8>),
    /// Where the system puts them.
    Mapped(Mmap),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Held(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

/// An open file and its bytes.
pub(crate) struct Source {
    file: File,
    bytes: Arc<Bytes>,
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened or read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::from)?;
        let size = file.metadata().map_err(Error::from)?.len();
        let mapped = if size > HELD { map(&file) } else { None };
        let bytes = match mapped {
            Some(map) => Bytes::Mapped(map),
            None => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).map_err(Error::from)?;
                Bytes::Held(bytes)
            }
        };
        Ok(Self {
            file,
            bytes: Arc::new(bytes),
        })
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref().as_ref()
    }

    /// Its bytes, to share with another thread.
    pub(crate) fn shared(&self) -> Arc<Bytes> {
        Arc::clone(&self.bytes)
    }

    /// Address space that the file itself takes, in bytes.
    pub(crate) fn mapped(&self) -> u64 {
        match self.bytes.as_ref() {
            Bytes::Held(_) => 0,
            Bytes::Mapped(map) => map.len() as u64,
        }
    }

    /// The file from its start, for readers that need each part once: what they read does not stay
    /// in the process, as pages of a map would.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn stream(&self) -> Result<&File> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(Error::from)?;
        Ok(file)
    }
}

/// The file as memory; none where its file system has no such thing.
fn map(file: &File) -> Option<Mmap> {
    // SAFETY: the map is read-only and private to this process. Another program may write to the file
    // or cut it off meanwhile. Then parsers see bytes change, which they survive as they survive any
    // bytes (this process has nothing to lose: see `sandbox`), or the system ends the process, which
    // the app reports as an error of this file.
    unsafe { Mmap::map(file) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_are_mapped_and_small_ones_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        for (size, mapped) in [(0, 0), (100, 0), (HELD + 1, HELD + 1)] {
            let file = File::create(&path).unwrap();
            file.set_len(size).unwrap();
            let source = Source::open(&path).unwrap();
            assert_eq!((source.bytes().len() as u64, source.mapped()), (size, mapped));
            assert_eq!(AsRef::<[u8]>::as_ref(source.shared().as_ref()).len() as u64, size);
            let mut again = Vec::new();
            source.stream().unwrap().read_to_end(&mut again).unwrap();
            assert_eq!(again.len() as u64, size);
        }
    }
}
