//! What can go wrong while fetching, with the remedy beside it.

use std::fmt;
use std::path::Path;

use footnote_core::{Error, ErrorCode, Problem};

/// Classes of failure: callers decide on these, never on message text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchErrorKind {
    /// The offline lock is on; nothing was sent.
    OfflineLocked,
    /// No connection to the source: no network, no name, refused, timed out.
    Unreachable,
    /// The source answered, but not with the file.
    Refused,
    /// What arrived is not the file the catalog names.
    WrongHash,
    /// The disk has no room for it.
    DiskFull,
    /// The package tool could not say where a package is.
    NoPackageTool,
    /// Reading or writing here failed.
    Io,
    /// The catalog itself is wrong.
    Catalog,
    /// No model has that id.
    UnknownModel,
    /// The caller asked to stop. What was fetched so far is kept.
    Canceled,
}

/// A failed fetch. `message` states the fact; `hint` the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    kind: FetchErrorKind,
    message: String,
    hint: Option<String>,
    problem: Option<Box<Problem>>,
}

impl FetchError {
    pub(crate) fn new(kind: FetchErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            problem: None,
        }
    }

    #[must_use]
    fn problem(mut self, problem: Problem) -> Self {
        self.problem = Some(Box::new(problem));
        self
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// No model of that kind (`role`, for instance `generator`) has this id.
    pub fn unknown(role: &str, id: &str) -> Self {
        Self::new(
            FetchErrorKind::UnknownModel,
            format!("There is no {role} called {id}"),
        )
        .hint("`footnote models list` shows them all")
    }

    pub(crate) fn offline() -> Self {
        Self::new(
            FetchErrorKind::OfflineLocked,
            "The offline lock is on, so no model can be fetched",
        )
        .hint("Switch the lock off for the download, or import the model from a file")
    }

    pub(crate) fn canceled() -> Self {
        Self::new(FetchErrorKind::Canceled, "Canceled")
            .hint("Fetch again to go on; what was fetched so far is kept")
    }

    pub(crate) fn disk_full(dir: &Path, needed: u64, free: Option<u64>) -> Self {
        let message = match free {
            Some(free) => format!(
                "Not enough room in {}: {} needed, {} free",
                dir.display(),
                human_bytes(needed),
                human_bytes(free)
            ),
            None => format!("The disk that holds {} is full", dir.display()),
        };
        let problem = match free {
            Some(free) => Problem::ModelsDiskFull {
                folder: dir.display().to_string(),
                needed_mb: needed.div_ceil(1_000_000) as u32,
                free_mb: (free / 1_000_000) as u32,
            },
            None => Problem::DiskFull,
        };
        Self::new(FetchErrorKind::DiskFull, message)
            .problem(problem)
            .hint("Free some space, or put the models elsewhere with FOOTNOTE_MODELS, and fetch again")
    }

    pub(crate) fn wrong_hash(file: &str, source: &str, expected: &str, found: &str) -> Self {
        Self::new(
            FetchErrorKind::WrongHash,
            format!("{file} from {source} is not the expected file: sha256 {found}, expected {expected}"),
        )
        .hint("The download was discarded; fetch again, and report it if it happens twice")
    }

    /// Translates a failure to read or write under `path`.
    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        match error.kind() {
            Io::StorageFull | Io::QuotaExceeded => Self::disk_full(path.parent().unwrap_or(path), 0, None),
            Io::PermissionDenied => Self::new(
                FetchErrorKind::Io,
                format!("No permission to write {}", path.display()),
            )
            .hint("Check the folder's permissions, or choose another with FOOTNOTE_MODELS"),
            _ => Self::new(FetchErrorKind::Io, format!("{}: {error}", path.display()))
                .hint("Check that the disk is connected and healthy, and fetch again"),
        }
    }

    /// The class.
    pub fn kind(&self) -> FetchErrorKind {
        self.kind
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether trying the next source could help. Local trouble and the user's wishes end the fetch.
    pub(crate) fn is_source_fault(&self) -> bool {
        matches!(
            self.kind,
            FetchErrorKind::Unreachable
                | FetchErrorKind::Refused
                | FetchErrorKind::WrongHash
                | FetchErrorKind::NoPackageTool
        )
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FetchError {}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        let detail = error.message.clone();
        let problem = error.problem.map(|problem| *problem).or(match error.kind {
            FetchErrorKind::OfflineLocked => Some(Problem::OfflineLock),
            FetchErrorKind::Unreachable => Some(Problem::Unreachable { detail }),
            FetchErrorKind::Refused => Some(Problem::DownloadRefused { detail }),
            FetchErrorKind::WrongHash => Some(Problem::WrongFile { detail }),
            FetchErrorKind::DiskFull => Some(Problem::DiskFull),
            FetchErrorKind::NoPackageTool => Some(Problem::NoPackageTool { detail }),
            FetchErrorKind::Io => Some(Problem::ModelsFolderFailed { detail }),
            FetchErrorKind::UnknownModel => Some(Problem::ModelUnknown),
            FetchErrorKind::Catalog | FetchErrorKind::Canceled => None,
        });
        let out = match error.kind {
            FetchErrorKind::Canceled => return Error::canceled(),
            FetchErrorKind::DiskFull => Error::runtime(error.message).code(ErrorCode::DiskFull),
            FetchErrorKind::OfflineLocked | FetchErrorKind::UnknownModel => Error::user(error.message),
            FetchErrorKind::Catalog => Error::bug(error.message),
            _ => Error::runtime(error.message),
        };
        let out = match problem {
            Some(problem) => out.problem(problem),
            None => out,
        };
        match error.hint {
            Some(hint) => out.hint(hint),
            None => out,
        }
    }
}

/// A size for people: decimal units, as disks and downloads are sold.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::ErrorKind;

    #[test]
    fn sizes_read_like_a_shop_label() {
        assert_eq!(human_bytes(12), "12 bytes");
        assert_eq!(human_bytes(71_622_400), "71.6 MB");
        assert_eq!(human_bytes(1_117_320_768), "1.1 GB");
        assert_eq!(human_bytes(999_999), "1.0 MB");
    }

    #[test]
    fn a_full_disk_keeps_its_code_across_the_border() {
        let error: Error = FetchError::disk_full(Path::new("/models"), 2_000_000, Some(1_000_000)).into();
        assert_eq!(error.kind, ErrorKind::Runtime);
        assert_eq!(error.code, Some(ErrorCode::DiskFull));
        assert_eq!(
            error.message,
            "Not enough room in /models: 2.0 MB needed, 1.0 MB free"
        );
        assert!(error.hint.is_some());
        assert!(matches!(
            error.problem.as_deref(),
            Some(Problem::ModelsDiskFull {
                needed_mb: 2,
                free_mb: 1,
                ..
            })
        ));
    }

    #[test]
    fn canceling_stays_canceling() {
        assert!(Error::from(FetchError::canceled()).is_canceled());
    }
}
