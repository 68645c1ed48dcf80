//! Output folders that appear whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::ImportError;
use crate::graph::DATA_FILE;
use crate::import::Existing;
use crate::journal::{Identity, Journal};

const STAGED: &str = "importing";
const JOURNAL: &str = "journal";
/// How long an interrupted import is kept for the next one.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A folder beside its destination, and beside it the journal of what is finished in it.
///
/// Neither is removed unless [`StagedFolder::discard`] is called: the next import to this destination goes on with
/// them. The journal is locked, so that two imports at once do not meet.
pub(crate) struct StagedFolder {
    staged: PathBuf,
    journal: PathBuf,
    lock: File,
    destination: PathBuf,
    existing: Existing,
}

impl StagedFolder {
    pub(crate) fn create(destination: &Path, existing: Existing) -> Result<Self, ImportError> {
        if existing == Existing::Refuse && destination.exists() {
            return Err(ImportError::DestinationExists {
                path: destination.into(),
            });
        }
        if let Some(parent) = destination
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            fs::create_dir_all(parent).map_err(ImportError::io(parent, "create"))?;
            remove_forgotten(parent, KEPT);
        }
        // A second import of the same model goes its own way instead of waiting.
        let own = format!("{STAGED}-{}", std::process::id());
        for purpose in [STAGED, &own] {
            let staged = sibling(destination, purpose);
            let journal = journal_of(&staged);
            if let Some(lock) = lock(&journal)? {
                return Ok(Self {
                    staged,
                    journal,
                    lock,
                    destination: destination.into(),
                    existing,
                });
            }
        }
        let busy = std::io::ErrorKind::WouldBlock.into();
        Err(ImportError::io(destination, "import twice at once into")(busy))
    }

    /// Makes the folder ready for an import of `identity`: with what an earlier one finished, or empty.
    pub(crate) fn begin(&self, identity: &Identity) -> Result<Journal, ImportError> {
        let file = self
            .lock
            .try_clone()
            .map_err(ImportError::io(&self.journal, "open"))?;
        let mut journal = Journal::begin(&self.journal, file, identity)?;
        let staged = &self.staged;
        if journal.is_empty() || !staged.join(DATA_FILE).is_file() {
            journal.forget();
            if staged.exists() {
                fs::remove_dir_all(staged).map_err(ImportError::io(staged, "remove"))?;
            }
            fs::create_dir(staged).map_err(ImportError::io(staged, "create"))?;
        }
        Ok(journal)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.staged
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
        let path = self.staged.join(name);
        fs::write(&path, bytes).map_err(ImportError::io(&path, "write"))
    }

    /// Moves the folder to its destination. An earlier one is set aside first and deleted last.
    pub(crate) fn commit(self) -> Result<(), ImportError> {
        self.move_into_place()?;
        // Unlocked only now: until here the folder was ours.
        let _ = fs::remove_file(&self.journal);
        Ok(())
    }

    fn move_into_place(&self) -> Result<(), ImportError> {
        let destination = &self.destination;
        if !destination.exists() {
            return fs::rename(&self.staged, destination).map_err(ImportError::io(destination, "create"));
        }
        if self.existing == Existing::Refuse {
            return Err(ImportError::DestinationExists {
                path: destination.clone(),
            });
        }
        let own = format!("replaced-{}", std::process::id());
        let old = sibling(destination, &own);
        fs::rename(destination, &old).map_err(ImportError::io(destination, "set aside"))?;
        if let Err(error) = fs::rename(&self.staged, destination) {
            // Put the earlier model back: failing to replace must not mean losing it.
            let _ = fs::rename(&old, destination);
            return Err(ImportError::io(destination, "create")(error));
        }
        // The new model is in place; a leftover that cannot be deleted now is only waste.
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }

    /// Leaves what there is to the next import.
    pub(crate) fn leave(self) {
        // Stopped before anything was begun.
        if self.lock.metadata().is_ok_and(|data| data.len() == 0) {
            self.discard();
        }
    }

    /// Removes what there is, for failures that another attempt would meet again.
    pub(crate) fn discard(self) {
        let _ = fs::remove_dir_all(&self.staged);
        let _ = fs::remove_file(&self.journal);
    }
}

/// Opens and locks a journal; none if somebody else has it.
fn lock(path: &Path) -> Result<Option<File>, ImportError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    for _ in 0..8 {
        let file = options.open(path).map_err(ImportError::io(path, "create"))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network disks know no locks; two imports at once then cost the first one's work.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        // An import that ended since it was opened has removed it.
        if path.is_file() {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Removes interrupted imports in `parent` that nobody went on with for as long as `kept`. What cannot be removed
/// stays: it is only waste.
fn remove_forgotten(parent: &Path, kept: Duration) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with('.')) else {
            continue;
        };
        let ours = name.contains(&format!(".{STAGED}")) && name.ends_with(&format!(".{JOURNAL}"));
        let age = entry.metadata().and_then(|data| data.modified()).ok();
        let old = age.is_some_and(|time| time.elapsed().is_ok_and(|age| age >= kept));
        if !(ours && old) {
            continue;
        }
        if let Ok(Some(_lock)) = lock(&path) {
            let _ = fs::remove_dir_all(path.with_extension(""));
            let _ = fs::remove_file(&path);
        }
    }
}

fn sibling(destination: &Path, purpose: &str) -> PathBuf {
    let name = destination.file_name().unwrap_or_default().to_string_lossy();
    destination.with_file_name(format!(".{name}.{purpose}"))
}

fn journal_of(staged: &Path) -> PathBuf {
    let name = staged.file_name().unwrap_or_default().to_string_lossy();
    staged.with_file_name(format!("{name}.{JOURNAL}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_import_is_removed_unless_somebody_is_at_it() {
        let place = tempfile::tempdir().unwrap();
        let staged = place.path().join(".model-v1.2.importing");
        let journal = journal_of(&staged);
        fs::create_dir(&staged).unwrap();
        fs::write(place.path().join(".other.importing.txt"), b"not ours").unwrap();
        let busy = lock(&journal).unwrap();
        assert!(busy.is_some());
        remove_forgotten(place.path(), Duration::ZERO);
        assert!(staged.is_dir() && journal.is_file());
        drop(busy);
        remove_forgotten(place.path(), KEPT);
        assert!(staged.is_dir() && journal.is_file());
        remove_forgotten(place.path(), Duration::ZERO);
        let left = fs::read_dir(place.path()).unwrap().count();
        assert_eq!(left, 1);
    }

    #[test]
    fn two_imports_of_one_model_have_folders_of_their_own() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("model");
        let first = StagedFolder::create(&out, Existing::Refuse).unwrap();
        let second = StagedFolder::create(&out, Existing::Refuse).unwrap();
        assert_ne!(first.path(), second.path());
        assert!(StagedFolder::create(&out, Existing::Refuse).is_err());
        first.discard();
        second.discard();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
