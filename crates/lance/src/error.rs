//! Lance's errors in Footnote's words.

use std::error::Error as StdError;
use std::io::ErrorKind;

use footnote_core::{Error, ErrorCode, Problem, Result};

const REBUILD: &str = "Quit Footnote, move the folder of the index out of the data folder (keep it), and start \
                       again; Footnote indexes your documents anew from their files";

/// Translates the errors of a chain of calls.
pub(crate) trait Translate<T> {
    /// `doing` completes "… failed": "searching by words".
    fn during(self, doing: &str) -> Result<T>;
}

impl<T> Translate<T> for Result<T, lancedb::Error> {
    fn during(self, doing: &str) -> Result<T> {
        self.map_err(|error| translate(&error, doing))
    }
}

impl<T> Translate<T> for Result<T, arrow_schema::ArrowError> {
    fn during(self, doing: &str) -> Result<T> {
        self.map_err(|error| Error::bug(format!("The index failed while {doing}: {error}")))
    }
}

/// Says what happened to the index, and what to do.
pub(crate) fn translate(error: &lancedb::Error, doing: &str) -> Error {
    // The cause is often a file-system error several layers down.
    match io_kind(error) {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => return disk_full(doing),
        Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            return Error::runtime(format!(
                "The index may not be read or written, found while {doing}"
            ))
            .problem(Problem::IndexReadOnly)
            .hint("Check that the data folder exists and that you may write to it");
        }
        Some(ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
            return damaged(error, doing);
        }
        _ => {}
    }
    match error {
        lancedb::Error::TableCorrupted { .. } | lancedb::Error::TableNotFound { .. } => damaged(error, doing),
        lancedb::Error::NotSupported { message } => Error::runtime(format!(
            "The index cannot be used here ({message}), found while {doing}"
        ))
        .problem(Problem::IndexUnusable {
            detail: message.clone(),
        })
        .hint("Put the data folder on a local disk with --data-dir, or install the newest Footnote"),
        _ => by_text(error, doing),
    }
}

/// Lance's own classes are not part of LanceDB's interface; their messages begin in fixed ways.
fn by_text(error: &lancedb::Error, doing: &str) -> Error {
    let chain = chain_text(error);
    let has = |needle: &str| chain.contains(needle);
    if has("No space left on device") || has("os error 28)") || has("os error 112)") {
        disk_full(doing)
    } else if has("newer version") || has("feature flag") || has("unsupported file version") {
        Error::user(format!(
            "The index was written by a newer Footnote, found while {doing}"
        ))
        .problem(Problem::StoreNewer)
        .hint("Install the newer Footnote; the index was not changed")
    } else if has("corrupt file") || has("Corrupt") || has("Not found: ") || has("was not found") {
        damaged(error, doing)
    } else if has("ommit conflict") || has("oo many concurrent writers") {
        Error::runtime(format!("Another program changed the index; {doing} was given up"))
            .code(ErrorCode::StoreLocked)
            .problem(Problem::IndexBusy)
            .hint("Close other Footnote windows and try again")
    } else if has("LanceError(IO)") {
        Error::runtime(format!(
            "Reading or writing the index failed while {doing}: {error}"
        ))
        .problem(Problem::StoreIo {
            detail: error.to_string(),
        })
        .hint("Check that the disk is connected and sound, then try again")
    } else {
        Error::bug(format!("The index failed while {doing}: {error}"))
    }
}

fn disk_full(doing: &str) -> Error {
    Error::runtime(format!("The disk is full; {doing} was undone"))
        .code(ErrorCode::DiskFull)
        .problem(Problem::DiskFull)
        .hint("Free some space and try again; nothing was lost")
}

fn damaged(error: &lancedb::Error, doing: &str) -> Error {
    Error::runtime(format!("The index is damaged, found while {doing}: {error}"))
        .problem(Problem::IndexDamaged {
            detail: error.to_string(),
        })
        .hint(REBUILD)
}

fn io_kind(error: &lancedb::Error) -> Option<ErrorKind> {
    let mut cause: Option<&(dyn StdError + 'static)> = match error {
        lancedb::Error::External { source } => Some(source.as_ref()),
        other => Some(other),
    };
    while let Some(current) = cause {
        cause = match current.downcast_ref::<std::io::Error>() {
            // A wrapper; what it wraps says more. Its `source` would skip exactly that.
            Some(io) if io.kind() == ErrorKind::Other => {
                io.get_ref().map(|inner| inner as &(dyn StdError + 'static))
            }
            Some(io) => return Some(io.kind()),
            None => current.source(),
        };
    }
    None
}

fn chain_text(error: &lancedb::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push('\n');
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::ErrorKind as Kind;

    fn of(kind: ErrorKind) -> Error {
        let inner: Box<dyn StdError + Send + Sync> = Box::new(std::io::Error::from(kind));
        let wrapped = std::io::Error::other(inner);
        translate(
            &lancedb::Error::External {
                source: Box::new(wrapped),
            },
            "adding chunks",
        )
    }

    #[test]
    fn a_full_disk_is_found_below_wrappers() {
        let full = of(ErrorKind::StorageFull);
        assert_eq!(full.message, "The disk is full; adding chunks was undone");
        assert_eq!(full.code, Some(ErrorCode::DiskFull));
        let text = lancedb::Error::Runtime {
            message: "write: No space left on device (os error 28)".into(),
        };
        assert_eq!(translate(&text, "x").code, Some(ErrorCode::DiskFull));
    }

    #[test]
    fn missing_and_denied_files_have_remedies() {
        let missing = of(ErrorKind::NotFound);
        assert!(
            missing
                .message
                .starts_with("The index is damaged, found while adding chunks"),
            "{missing}"
        );
        assert!(missing.hint.unwrap().contains("indexes your documents anew"));
        let denied = of(ErrorKind::PermissionDenied);
        assert_eq!(
            denied.message,
            "The index may not be read or written, found while adding chunks"
        );
        assert!(denied.hint.unwrap().contains("write to it"));
    }

    #[test]
    fn lances_messages_are_classed() {
        let say = |message: &str| {
            translate(
                &lancedb::Error::Runtime {
                    message: message.into(),
                },
                "x",
            )
        };
        assert!(
            say("Encountered corrupt file a.lance: eof")
                .message
                .contains("damaged")
        );
        assert_eq!(
            say("Commit conflict for version 3: x").code,
            Some(ErrorCode::StoreLocked)
        );
        assert!(
            say("requires a newer version of Lance")
                .message
                .contains("newer Footnote")
        );
        assert_eq!(say("something else").kind, Kind::Bug);
    }
}
