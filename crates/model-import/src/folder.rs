//! Output folders that appear whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ImportError;
use crate::import::Existing;

/// A folder beside its destination that is removed unless it is moved into place.
pub(crate) struct StagedFolder {
    staged: PathBuf,
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
        let staged = sibling(destination, "importing");
        if let Some(parent) = destination
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            fs::create_dir_all(parent).map_err(ImportError::io(parent, "create"))?;
        }
        if staged.exists() {
            // Left by a process that had our id and was killed.
            fs::remove_dir_all(&staged).map_err(ImportError::io(&staged, "remove"))?;
        }
        fs::create_dir(&staged).map_err(ImportError::io(&staged, "create"))?;
        Ok(Self {
            staged,
            destination: destination.into(),
            existing,
        })
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
        let destination = &self.destination;
        if !destination.exists() {
            return fs::rename(&self.staged, destination).map_err(ImportError::io(destination, "create"));
        }
        if self.existing == Existing::Refuse {
            return Err(ImportError::DestinationExists {
                path: destination.clone(),
            });
        }
        let old = sibling(destination, "replaced");
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
}

impl Drop for StagedFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.staged);
    }
}

fn sibling(destination: &Path, purpose: &str) -> PathBuf {
    let name = destination.file_name().unwrap_or_default().to_string_lossy();
    destination.with_file_name(format!(".{name}.{purpose}-{}", std::process::id()))
}
