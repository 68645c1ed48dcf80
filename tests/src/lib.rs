//! Integration tests over the whole engine, driven through the `footnote` command as a user would.
//!
//! Every test has a data folder of its own; the user's is never touched. The models are the ones
//! that `npm test` has fetched. Where they are missing a test fails: it does not pass unseen.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A Footnote with a data folder of its own, and a folder for documents.
pub struct Footnote {
    folder: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; none if killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ended {
    /// The lines of standard output as JSON.
    ///
    /// # Panics
    /// If one is not.
    pub fn json_lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}\n{}", self.err)))
            .collect()
    }

    /// The last line as JSON.
    ///
    /// # Panics
    /// If there is none.
    pub fn json(&self) -> Value {
        self.json_lines()
            .pop()
            .unwrap_or_else(|| panic!("no output; {}", self.err))
    }

    /// Itself, if the command succeeded.
    ///
    /// # Panics
    /// With all output if it did not.
    #[allow(clippy::must_use_candidate, clippy::return_self_not_must_use)]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "out: {}\nerr: {}", self.out, self.err);
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Footnote {
    /// A new one, empty.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("documents")).expect("a folder for documents");
        Self { folder }
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder for documents.
    pub fn documents(&self) -> PathBuf {
        self.folder.path().join("documents")
    }

    /// Writes a document.
    ///
    /// # Panics
    /// If it cannot.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.documents().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        std::fs::write(&path, content).expect("a document");
        path
    }

    /// The command, not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .env("FOOTNOTE_DATA_DIR", self.data_dir())
            .env("CI", "true")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.command(args)
            .output()
            .expect("the footnote command; build the workspace first")
            .into()
    }

    /// Starts the command with its output dropped.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the footnote command")
    }

    /// Whether any file of the data folder holds these bytes.
    ///
    /// # Panics
    /// If a file cannot be read.
    pub fn data_contains(&self, needle: &[u8]) -> Option<PathBuf> {
        fn walk(dir: &Path, needle: &[u8]) -> Option<PathBuf> {
            std::fs::read_dir(dir)
                .expect("the data folder")
                .find_map(|entry| {
                    let path = entry.expect("an entry").path();
                    if path.is_dir() {
                        return walk(&path, needle);
                    }
                    let bytes = std::fs::read(&path).expect("a data file");
                    bytes
                        .windows(needle.len())
                        .any(|window| window == needle)
                        .then_some(path)
                })
        }
        walk(&self.data_dir(), needle)
    }
}

/// The command that `cargo build --workspace` made, beside this test's own binary.
///
/// # Panics
/// If the test does not know its own path.
pub fn binary() -> PathBuf {
    let mut path = std::env::current_exe().expect("this test's path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join(format!("footnote{}", std::env::consts::EXE_SUFFIX))
}
