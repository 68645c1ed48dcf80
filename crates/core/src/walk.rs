//! Looking through folders: which files there are, and what is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use gix_ignore::glob::pattern::Case;
use gix_ignore::search::Ignore;

use crate::error::Error;
use crate::ports::Extractor;
use crate::problem::Problem;

/// What is left out of every folder: what is hidden, what programs made and can make again, and what they have
/// open or have not finished writing. A person's own patterns come after these and can take one back (`!.notes`).
const DEFAULTS: &[&str] = &[
    ".*",
    "node_modules/",
    "bower_components/",
    "__pycache__/",
    "~$*",
    "*~",
    "*.tmp",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.swp",
];

/// Which entries of a folder are left out.
#[derive(Clone)]
pub struct Rules {
    patterns: gix_ignore::Search,
}

impl Default for Rules {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Rules {
    /// The usual rules with `own` patterns after them, one each, in the syntax of a `.gitignore`, relative to the
    /// folder. Empty ones and comments say nothing.
    pub fn new(own: &[String]) -> Self {
        let all = DEFAULTS.iter().copied().chain(own.iter().map(String::as_str));
        Self {
            patterns: gix_ignore::Search::from_overrides(all, Ignore::default()),
        }
    }

    /// Whether an entry is left out by its name; `path` is relative to the folder.
    fn leave_out(&self, path: &Path, is_dir: bool) -> bool {
        let mut name = path.as_os_str().as_encoded_bytes().to_vec();
        if std::path::MAIN_SEPARATOR != '/' {
            name.iter_mut()
                .filter(|byte| **byte == b'\\')
                .for_each(|byte| *byte = b'/');
        }
        let case = if cfg!(any(windows, target_os = "macos")) {
            Case::Fold
        } else {
            Case::Sensitive
        };
        let found = self
            .patterns
            .pattern_matching_relative_path(name.as_slice().into(), Some(is_dir), case);
        found.is_some_and(|found| !found.pattern.is_negative())
    }

    /// Whether a file at `path`, relative to the folder, is left out: itself, or a folder that it lies in.
    pub fn leave_out_file(&self, path: &Path) -> bool {
        let folders = path
            .ancestors()
            .skip(1)
            .filter(|path| !path.as_os_str().is_empty());
        self.leave_out(path, false) || folders.into_iter().any(|folder| self.leave_out(folder, true))
    }

    /// The folder that was asked for itself is never left out. Folders marked by the Cache Directory Tagging
    /// Specification are.
    fn leave_out_entry(&self, folder: &Path, entry: &walkdir::DirEntry) -> bool {
        let is_dir = entry.file_type().is_dir();
        let Ok(path) = entry.path().strip_prefix(folder) else {
            return false;
        };
        entry.depth() > 0
            && (self.leave_out(path, is_dir) || is_dir && entry.path().join("CACHEDIR.TAG").is_file())
    }
}

/// Size and time of the last change: enough to see that a file was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub bytes: u64,
    /// Nanoseconds since 1970; 0 where the system does not say.
    pub modified: i64,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(meta: &std::fs::Metadata) -> Self {
        let since = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: meta.len(),
            modified: since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)),
        }
    }
}

/// A file with the state it was seen in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its state.
    pub stamp: Stamp,
}

/// What a look through a folder found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Walked {
    /// Files of formats that are read.
    pub files: Vec<SeenFile>,
    /// Number of other files, by extension in lower case; an empty one if the name has none.
    pub unsupported: BTreeMap<String, u32>,
    /// Places that could not be looked into, and why.
    pub unreadable: Vec<(PathBuf, Error)>,
}

/// A file's extension as files are counted by it.
pub(crate) fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

/// Looks through a folder and those in it. Links are not followed.
pub fn walk(folder: &Path, rules: &Rules, extractor: &dyn Extractor) -> Walked {
    walk_while(folder, rules, extractor, &mut |_| true)
}

/// As [`walk`], for as long as `go_on` says so; it is told the number of files found, at every entry.
pub fn walk_while(
    folder: &Path,
    rules: &Rules,
    extractor: &dyn Extractor,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Walked {
    let mut walked = Walked::default();
    let entries = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !rules.leave_out_entry(folder, entry));
    for entry in entries {
        if !go_on(walked.files.len()) {
            break;
        }
        let entry = match entry {
            Ok(entry) if entry.file_type().is_file() => entry,
            Ok(_) => continue,
            Err(error) => {
                walked.cannot(error.path().unwrap_or(folder), &error);
                continue;
            }
        };
        if !extractor.supports(entry.path()) {
            *walked.unsupported.entry(extension(entry.path())).or_default() += 1;
            continue;
        }
        match entry.metadata() {
            Ok(meta) => walked.files.push(SeenFile {
                stamp: Stamp::of(&meta),
                path: entry.into_path(),
            }),
            // Gone between the list of its folder and the look at it.
            Err(error) if is_gone(&error) => {}
            Err(error) => walked.cannot(entry.path(), &error),
        }
    }
    walked
}

fn is_gone(error: &walkdir::Error) -> bool {
    error
        .io_error()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

impl Walked {
    fn cannot(&mut self, place: &Path, error: &walkdir::Error) {
        let cause = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        let told = Error::runtime(format!("cannot be looked into: {cause}"))
            .problem(Problem::UnreadableFolder { detail: cause })
            .at(place.display())
            .hint("Check that you may read it, and that its drive is connected");
        self.unreadable.push((place.to_owned(), told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::FakeExtractor;

    fn found(from: &Path, own: &[&str]) -> Vec<String> {
        let own: Vec<String> = own.iter().map(|pattern| (*pattern).to_owned()).collect();
        let walked = walk(from, &Rules::new(&own), &FakeExtractor::default());
        let mut names: Vec<String> = walked
            .files
            .iter()
            .map(|file| file.path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn walks_leave_out_what_is_hidden_generated_locked_or_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "notes.txt",
            ".secret.txt",
            "~$notes.txt",
            "movie.txt.part",
            "a/b/deep.txt",
            "node_modules/x/readme.txt",
            "build/out.txt",
        ];
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "words").unwrap();
        }
        std::fs::write(
            folder.path().join("build/CACHEDIR.TAG"),
            "Signature: 8a477f597d28d172789f06886806bc55",
        )
        .unwrap();
        assert_eq!(found(folder.path(), &[]), ["deep.txt", "notes.txt"]);
        // What was asked for by name is read.
        assert_eq!(found(&folder.path().join("build"), &[]), ["out.txt"]);
    }

    #[test]
    fn own_patterns_are_those_of_git() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a.txt",
            "old/b.txt",
            "deep/old/c.txt",
            "draft-1.txt",
            "draft-2.txt",
            ".kept/d.txt",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "words").unwrap();
        }
        let own = ["# comment", "/old/", "draft-*.txt", "!draft-2.txt", "!.kept"];
        assert_eq!(
            found(folder.path(), &own),
            ["a.txt", "c.txt", "d.txt", "draft-2.txt"]
        );
        let rules = Rules::new(&own.map(str::to_owned));
        assert!(rules.leave_out_file(Path::new("old/x/y.txt")));
        assert!(!rules.leave_out_file(Path::new("deep/old/y.txt")));
    }
}
