//! The licences of the libraries in this program, which its package carries as one text (`scripts/lib/notices.mjs`).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use footnote_core::{Error, ErrorCode, Result};

const FILE: &str = "THIRD-PARTY.txt";

/// The text that lies beside this program.
///
/// # Errors
/// `NotFound`: there is none, as in a working copy where it was not made. Or it cannot be read.
pub(crate) fn read() -> Result<String> {
    // Of a link to the program, where the program is.
    let program = std::env::current_exe().and_then(|path| path.canonicalize())?;
    beside(&program)
}

fn beside(program: &Path) -> Result<String> {
    for path in places(program) {
        match std::fs::read_to_string(&path) {
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {}
            Err(error) => return Err(Error::from(error).at(path.display())),
            Ok(text) => return Ok(text),
        }
    }
    Err(Error::user(format!("{FILE} is not beside this program"))
        .code(ErrorCode::NotFound)
        .hint("Packages carry it. In a working copy `npm run notices` makes it"))
}

/// Where the packages put it, and where a working copy has it.
fn places(program: &Path) -> Vec<PathBuf> {
    let folder = program.parent().unwrap_or(program);
    let above = folder.parent().unwrap_or(folder);
    vec![
        // Linux: beside `bin`, also within an AppImage.
        above.join("share/doc/footnote").join(FILE),
        // macOS: within the bundle.
        above.join("Resources").join(FILE),
        // Windows.
        folder.join(FILE),
        // A working copy: beside `debug` and `release`.
        above.join("package").join(FILE),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_where_each_package_puts_it() {
        for (program, file) in [
            (
                "usr/bin/footnote-desktop",
                "usr/share/doc/footnote/THIRD-PARTY.txt",
            ),
            (
                "Footnote.app/Contents/MacOS/footnote-desktop",
                "Footnote.app/Contents/Resources/THIRD-PARTY.txt",
            ),
            ("Footnote/footnote-desktop.exe", "Footnote/THIRD-PARTY.txt"),
            ("target/debug/footnote-desktop", "target/package/THIRD-PARTY.txt"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let (program, file) = (dir.path().join(program), dir.path().join(file));
            let missing = beside(&program).unwrap_err();
            assert_eq!(missing.code, Some(ErrorCode::NotFound));
            assert!(missing.hint.unwrap().contains("npm run notices"));
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "serde 1.0.0: MIT").unwrap();
            assert_eq!(beside(&program).unwrap(), "serde 1.0.0: MIT");
        }
    }

    #[test]
    fn one_that_cannot_be_read_is_not_called_missing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), b"\xff\xfe").unwrap();
        let error = beside(&dir.path().join("footnote-desktop")).unwrap_err();
        assert_ne!(error.code, Some(ErrorCode::NotFound));
        assert!(error.message.contains(FILE), "{error}");
    }
}
