//! Files and addresses in the system's own programs.

mod address;

use std::path::Path;

use footnote_core::{Error, ErrorCode, Problem, Result};

pub(crate) use address::Address;

/// What systems run rather than show when it is opened. Source code is read like any text, and must not be run by
/// a click on it.
const RUNS: &[&str] = &[
    "appimage", "bat", "cmd", "com", "command", "cpl", "desktop", "exe", "hta", "jar", "js", "jse", "lnk",
    "msi", "pl", "ps1", "psm1", "py", "pyw", "rb", "reg", "scr", "sh", "vbe", "vbs", "wsf",
];

/// Opens a file in the program that the system has for it.
///
/// # Errors
/// The file is gone, would be run, or no program can be started.
pub(crate) fn open(path: &Path) -> Result<()> {
    there(path)?;
    let extension = path.extension().map(|ext| ext.to_string_lossy().to_lowercase());
    if extension.is_some_and(|ext| RUNS.contains(&ext.as_str())) || is_executable(path) {
        return Err(Error::user(format!(
            "{} is a program: opening it could run it",
            path.display()
        ))
        .problem(Problem::IsProgram)
        .about(path.display())
        .hint("Read it here, or show it in its folder and choose what to do with it"));
    }
    open::that_detached(path).map_err(|error| cannot(path, &error))
}

/// Shows a file in its folder: selected where the system's file manager can do that.
///
/// # Errors
/// The file is gone, or no file manager can be started.
pub(crate) fn reveal(path: &Path) -> Result<()> {
    there(path)?;
    if select(path) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    open::that_detached(folder).map_err(|error| cannot(folder, &error))
}

fn there(path: &Path) -> Result<()> {
    let Err(error) = std::fs::metadata(path) else {
        return Ok(());
    };
    if error.kind() != std::io::ErrorKind::NotFound {
        return Err(Error::from(error).at(path.display()));
    }
    Err(Error::user(format!("{} is not there any more", path.display()))
        .code(ErrorCode::NotFound)
        .problem(Problem::FileGone)
        .about(path.display())
        .hint(
            "It was moved, renamed or deleted, or its drive is unplugged. What was read of it is still here",
        ))
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::runtime(format!("{} could not be opened: {error}", path.display()))
        .problem(Problem::NotOpened {
            detail: error.to_string(),
        })
        .about(path.display())
        .hint("Choose a program for this kind of file in the system's settings")
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // A drive without permissions (FAT) has everything executable; what runs there is told by its name.
    let shebang = || {
        let mut start = [0; 4];
        let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut start));
        read.is_ok() && (start.starts_with(b"#!") || start == *b"\x7fELF")
    };
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0) && shebang()
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// Asks the desktop's file manager, whichever it is (`org.freedesktop.FileManager1`).
#[cfg(target_os = "linux")]
fn select(path: &Path) -> bool {
    use gio::prelude::*;
    const WAIT_MS: i32 = 3000;
    let uri = gio::File::for_path(path).uri().to_string();
    let shown = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).and_then(|bus| {
        bus.call_sync(
            Some("org.freedesktop.FileManager1"),
            "/org/freedesktop/FileManager1",
            "org.freedesktop.FileManager1",
            "ShowItems",
            Some(&(vec![uri], String::new()).to_variant()),
            None,
            gio::DBusCallFlags::NONE,
            WAIT_MS,
            gio::Cancellable::NONE,
        )
    });
    if let Err(error) = &shown {
        tracing::info!(%error, "no file manager selects files here");
    }
    shown.is_ok()
}

#[cfg(target_os = "macos")]
fn select(path: &Path) -> bool {
    let shown = std::process::Command::new("open").arg("-R").arg(path).status();
    shown.is_ok_and(|status| status.success())
}

#[cfg(windows)]
fn select(path: &Path) -> bool {
    use std::os::windows::process::CommandExt;
    let mut selection = std::ffi::OsString::from("/select,\"");
    selection.push(path);
    selection.push("\"");
    // It exits with 1 even if all went well.
    std::process::Command::new("explorer")
        .raw_arg(selection)
        .spawn()
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_went_away_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lease.pdf");
        for error in [open(&path).unwrap_err(), reveal(&path).unwrap_err()] {
            assert_eq!(error.code, Some(ErrorCode::NotFound));
            assert!(error.message.contains("lease.pdf"), "{error}");
        }
    }

    #[test]
    fn a_program_is_never_opened() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["run.SH", "macro.vbs", "tool.py"] {
            let path = dir.path().join(name);
            std::fs::write(&path, "echo").unwrap();
            assert!(
                open(&path).unwrap_err().message.contains("is a program"),
                "{name}"
            );
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join("plain");
            std::fs::write(&path, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            assert!(open(&path).unwrap_err().message.contains("is a program"));
        }
    }
}
