//! What can go wrong in an import, each with the file, the fact and the remedy.

use std::path::{Path, PathBuf};

/// Why an import failed. `Display` states the fact; [`ImportError::hint`] names the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The operating system refused to read, write or rename.
    #[error("{path}: cannot {action}: {source}", path = path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The source is not the format it should be, or is damaged.
    #[error("{path}: not a usable {format} file: {what}", path = path.display())]
    Malformed {
        /// Source file.
        path: PathBuf,
        /// Format that was expected.
        format: &'static str,
        /// What is wrong, with the place.
        what: String,
    },
    /// A metadata entry has a value this importer does not know.
    #[error("{path}: unsupported {key} = {value:?}", path = path.display())]
    Unsupported {
        /// Source file.
        path: PathBuf,
        /// Metadata key, or the tensor name for a tensor type.
        key: String,
        /// Its value.
        value: String,
        /// The values that would work.
        supported: &'static str,
    },
    /// A metadata entry is absent or of another type than the format says.
    #[error("{path}: metadata {key} is {found}, expected {expected}", path = path.display())]
    Metadata {
        /// Source file.
        path: PathBuf,
        /// Metadata key.
        key: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// A weight is absent or of another shape than the architecture says.
    #[error("{path}: tensor {name} {found}, expected {expected}", path = path.display())]
    Tensor {
        /// Source file.
        path: PathBuf,
        /// Tensor name.
        name: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// The destination holds something already and replacing it was not asked for.
    #[error("{path}: already exists", path = path.display())]
    DestinationExists {
        /// Destination folder.
        path: PathBuf,
    },
    /// The progress callback asked to stop. What was finished lies beside the destination, and the next import to it
    /// goes on from there; after a week without one it is removed.
    #[error("import cancelled")]
    Cancelled,
}

impl ImportError {
    /// What the user can do about it, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                "Free some disk space, or import into a folder on another disk.".into()
            }
            Self::Io { .. } => "Check that the path exists and that you may read or write it.".into(),
            Self::Malformed { .. } => {
                "Download the file again; it is incomplete, damaged, or of another kind.".into()
            }
            Self::Unsupported { supported, .. } => format!("Choose a file with one of: {supported}."),
            Self::Metadata { .. } | Self::Tensor { .. } => {
                "The file does not follow its architecture; try the publisher's own conversion.".into()
            }
            Self::DestinationExists { .. } => "Choose another folder, or allow replacing this one.".into(),
            Self::Cancelled => {
                "Start the import again when you want the model: it goes on where it stopped.".into()
            }
        }
    }

    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, action, source }
    }
}
