//! One Footnote per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use footnote_core::{Error, ErrorCode, Problem, Result};

/// Name of the lock file in a data folder.
pub(crate) const LOCK_FILE: &str = "footnote.lock";

/// How long to wait for a folder that is held. A program that starts as Footnote is killed has its files for a moment,
/// until it is a program of its own: the reader of documents, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Holds a data folder until it is dropped. The operating system lets go of it when the process
/// ends, however it ends, so a lock file that is lying about means nothing.
#[derive(Debug)]
pub struct DataDirLock {
    // Held for its lock alone.
    _file: File,
    dir: PathBuf,
}

impl DataDirLock {
    /// Takes the folder, making it if it is not there.
    ///
    /// # Errors
    /// [`ErrorCode::StoreLocked`] if another process holds it; else why the folder cannot be used.
    pub fn acquire(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| Error::from(e).at(dir.display()))?;
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Error::from(e).at(path.display()))?;
        match patiently(&file) {
            Ok(()) => Ok(Self {
                _file: file,
                dir: dir.to_owned(),
            }),
            Err(TryLockError::WouldBlock) => Err(Error::runtime(format!(
                "Another Footnote is using the data folder {}",
                dir.display()
            ))
            .code(ErrorCode::StoreLocked)
            .problem(Problem::DataInUse {
                folder: dir.display().to_string(),
            })
            .hint(
                "Close the other Footnote window or wait until its command has ended, \
                         or choose another folder with --data-dir",
            )),
            Err(TryLockError::Error(error)) => Err(Error::from(error)
                .at(format_args!("The data folder {} cannot be locked", dir.display()))
                .hint(
                    "Put the data folder on a local disk with --data-dir; some network drives have no locks",
                )),
        }
    }

    /// The folder it holds.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

fn patiently(file: &File) -> std::result::Result<(), TryLockError> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_what_to_do_and_the_lock_ends_with_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let nested = dir.path().join("not there yet");
        let first = DataDirLock::acquire(&nested).unwrap();
        let refused = DataDirLock::acquire(&nested).unwrap_err();
        assert_eq!(refused.code, Some(ErrorCode::StoreLocked));
        assert_eq!(
            refused.message,
            format!("Another Footnote is using the data folder {}", nested.display())
        );
        assert!(refused.hint.unwrap().contains("--data-dir"));
        assert_eq!(first.dir(), nested);
        drop(first);
        DataDirLock::acquire(&nested).unwrap();
    }

    #[test]
    fn a_folder_that_is_let_go_of_at_once_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDirLock::acquire(dir.path()).unwrap();
        let dropper = std::thread::spawn(move || {
            std::thread::sleep(PAUSE);
            drop(first);
        });
        DataDirLock::acquire(dir.path()).unwrap();
        dropper.join().unwrap();
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = DataDirLock::acquire(&file).unwrap_err();
        assert!(error.message.contains("file"), "{error}");
    }
}
