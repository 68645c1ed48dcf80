//! SQLite's errors in Footnote's words.

use footnote_core::{Error, ErrorCode, Problem, Result};
use rusqlite::ErrorCode as Sqlite;

/// Translates the errors of a chain of calls.
pub(crate) trait Translate<T> {
    /// `doing` completes "… failed": "reading a page".
    fn during(self, doing: &str) -> Result<T>;
}

impl<T> Translate<T> for rusqlite::Result<T> {
    fn during(self, doing: &str) -> Result<T> {
        self.map_err(|error| translate(&error, doing))
    }
}

/// Says what happened to the register, and what to do.
pub(crate) fn translate(error: &rusqlite::Error, doing: &str) -> Error {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return Error::bug(format!("The register failed while {doing}: {error}"));
    };
    match failure.code {
        Sqlite::DiskFull => Error::runtime(format!("The disk is full; {doing} was undone"))
            .code(ErrorCode::DiskFull)
            .problem(Problem::DiskFull)
            .hint("Free some space and try again; nothing was lost"),
        Sqlite::DatabaseBusy | Sqlite::DatabaseLocked | Sqlite::FileLockingProtocolFailed => Error::runtime(
            format!("Another program is using the register; {doing} was given up"),
        )
        .code(ErrorCode::StoreLocked)
        .problem(Problem::RegisterBusy)
        .hint("Close other Footnote windows and any tool that has ledger.db open, then try again"),
        Sqlite::DatabaseCorrupt | Sqlite::NotADatabase => {
            Error::runtime(format!("The register is damaged ({error}), found while {doing}"))
                .problem(Problem::RegisterDamaged {
                    detail: error.to_string(),
                })
                .hint(
                    "Quit Footnote, move ledger.db out of the data folder (keep it), start again and add \
                 your documents anew; the documents themselves are untouched",
                )
        }
        Sqlite::ReadOnly
        | Sqlite::PermissionDenied
        | Sqlite::CannotOpen
        | Sqlite::AuthorizationForStatementDenied => Error::runtime(format!(
            "The register cannot be opened for writing ({error}), found while {doing}"
        ))
        .problem(Problem::RegisterReadOnly {
            detail: error.to_string(),
        })
        .hint("Check that the data folder exists and that you may write to it"),
        Sqlite::SystemIoFailure => Error::runtime(format!(
            "Reading or writing the register failed ({error}) while {doing}"
        ))
        .problem(Problem::StoreIo {
            detail: error.to_string(),
        })
        .hint("Check that the disk is connected and sound, then try again"),
        Sqlite::OutOfMemory => Error::runtime(format!("Memory ran out while {doing}"))
            .problem(Problem::OutOfMemory)
            .hint("Close some other programs and try again"),
        _ => Error::bug(format!("The register failed while {doing}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::ErrorKind;
    use rusqlite::ffi;

    fn of(code: i32) -> Error {
        translate(
            &rusqlite::Error::SqliteFailure(ffi::Error::new(code), None),
            "saving a turn",
        )
    }

    #[test]
    fn failures_of_the_machine_have_codes_and_remedies() {
        let full = of(ffi::SQLITE_FULL);
        assert_eq!(full.message, "The disk is full; saving a turn was undone");
        assert_eq!(
            (full.kind, full.code),
            (ErrorKind::Runtime, Some(ErrorCode::DiskFull))
        );
        assert!(full.hint.unwrap().starts_with("Free some space"));

        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED] {
            let busy = of(code);
            assert_eq!(
                busy.message,
                "Another program is using the register; saving a turn was given up"
            );
            assert_eq!(busy.code, Some(ErrorCode::StoreLocked));
        }

        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            let corrupt = of(code);
            assert!(
                corrupt.message.starts_with("The register is damaged ("),
                "{corrupt}"
            );
            assert!(
                corrupt
                    .hint
                    .unwrap()
                    .contains("move ledger.db out of the data folder")
            );
        }
        assert!(of(ffi::SQLITE_READONLY).hint.unwrap().contains("write to it"));
        assert!(of(ffi::SQLITE_IOERR).hint.unwrap().contains("disk"));
    }

    #[test]
    fn what_should_be_impossible_is_a_bug() {
        assert_eq!(of(ffi::SQLITE_CONSTRAINT).kind, ErrorKind::Bug);
        assert_eq!(
            translate(&rusqlite::Error::InvalidQuery, "x").kind,
            ErrorKind::Bug
        );
    }
}
