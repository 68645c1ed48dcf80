//! Moving a data folder: copied, compared byte for byte, and only then used. Until then the old one stays as it is,
//! whatever happens.
//!
//! Only what Footnote itself keeps in a data folder is moved and removed ([`KEPT`]): other files in it are the user's.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use footnote_core::{Error, ErrorCode, Problem, Result};
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

use super::DataDir;
use crate::error::Translate;
use crate::lock::{DataDirLock, LOCK_FILE};
use crate::schema;

/// The register's file.
pub(crate) const REGISTER: &str = "ledger.sqlite";
/// What of a data folder goes along. The register's journal does not: it is empty by then.
const KEPT: [&str; 3] = [REGISTER, "index", "models.json"];
/// The log goes along as it is at the end; it is written to meanwhile.
const LOGS: [&str; 2] = [footnote_core::log::FILE_BEFORE, footnote_core::log::FILE];
/// What SQLite puts beside the register.
const JOURNALS: [&str; 3] = ["ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal"];
/// What else Footnote leaves in a data folder.
const LEFT: [&str; 2] = ["footnote.sock", LOCK_FILE];
/// Where the window was on the screen: stays in the default folder.
const WINDOW: &str = "window.json";
/// Documents to try things with, which stay where the register says they are.
const SAMPLES: &str = "samples";
/// Lies in a folder while data is copied into it: what is there then is no data folder yet.
const MARK: &str = "footnote-moving";
/// Room that is left free beside the copy.
const SPARE: u64 = 64 << 20;
const BLOCK: usize = 1 << 20;

/// What a move is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveStage {
    /// Copying.
    Copying,
    /// Reading the copy again and comparing it.
    Comparing,
}

/// How far a move is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveProgress {
    /// What it is doing.
    pub stage: MoveStage,
    /// Bytes done of this stage.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// One file of the copy.
struct Copied {
    /// Below the folder.
    path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
    hash: blake3::Hash,
}

/// A move under way. Dropped before [`Move::finish`], it takes the copy away and leaves the old folder as it was.
pub struct Move {
    from: PathBuf,
    to: PathBuf,
    /// Whether the folder was there before.
    was_there: bool,
    copied: Vec<Copied>,
    /// Keeps the register's journal empty and in its place while its file is copied.
    _register: Connection,
    finished: bool,
}

/// What removing an old data folder came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// Nothing of it is left but what the default folder says about where the data is.
    All,
    /// Files that are not Footnote's were in it, and stay.
    ButOthers,
}

/// What moving the data to a folder would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovePlan {
    /// The folder, in full.
    pub to: PathBuf,
    /// Bytes to be copied.
    pub bytes: u64,
}

impl Move {
    /// Looks whether the data of `from` can be moved to `to`, and changes nothing.
    ///
    /// # Errors
    /// The folder will not do, or there is too little room.
    pub fn plan(from: &Path, to: &Path, free: Option<u64>) -> Result<MovePlan> {
        let (to, _) = target(from, to)?;
        let bytes = size_of(from)?;
        room(&to, bytes, free)?;
        Ok(MovePlan { to, bytes })
    }

    /// Copies the data of `from` into the folder `to`, which is made if it is not there and has to be empty else, and
    /// compares the copy with it. Blocks. Whoever calls this holds `from`, and nobody writes to it.
    ///
    /// `free`: bytes that may be written where `to` is, if that is known.
    ///
    /// # Errors
    /// The folder will not do, there is too little room, `from` changed meanwhile, or [`Error::canceled`].
    pub fn copy(
        from: &Path,
        to: &Path,
        free: Option<u64>,
        on_progress: &dyn Fn(MoveProgress),
        cancel: &CancellationToken,
    ) -> Result<Self> {
        let (to, leavings) = target(from, to)?;
        if leavings {
            clear(&to)?;
        }
        let register = rest(&from.join(REGISTER))?;
        let files = survey(from)?;
        let total = files.iter().map(|(_, bytes)| bytes).sum::<u64>();
        room(&to, total, free)?;
        let was_there = to.is_dir();
        std::fs::create_dir_all(&to).map_err(|error| at(error, &to))?;
        let mut moving = Self {
            from: from.to_owned(),
            to,
            was_there,
            copied: Vec::with_capacity(files.len()),
            _register: register,
            finished: false,
        };
        moving.mark()?;
        let mut done = 0;
        for (path, _) in files {
            let progress = |bytes| {
                on_progress(MoveProgress {
                    stage: MoveStage::Copying,
                    done: done + bytes,
                    total,
                })
            };
            let copied = copy(&moving.from, &moving.to, path, &progress, cancel)?;
            done += copied.bytes;
            moving.copied.push(copied);
        }
        let total = done;
        let mut done = 0;
        for copied in &moving.copied {
            let progress = |bytes| {
                on_progress(MoveProgress {
                    stage: MoveStage::Comparing,
                    done: done + bytes,
                    total,
                })
            };
            moving.compare(copied, &progress, cancel)?;
            done += copied.bytes;
        }
        moving.unchanged()?;
        Ok(moving)
    }

    /// The copy, for whoever opens it to see whether it works: it has been compared already.
    pub fn copy_dir(&self) -> &Path {
        &self.to
    }

    /// Takes the copy as the data folder, in this run and in later ones; `data` is left alone from now on.
    ///
    /// # Errors
    /// The old folder changed since it was copied, the new one cannot be held, or the pointer to it cannot be written:
    /// then the old one is used as before.
    pub fn finish(mut self, data: &DataDir) -> Result<(DataDir, DataDirLock)> {
        self.unchanged()?;
        let lock = DataDirLock::acquire(&self.to)?;
        for name in LOGS {
            // Worth keeping, and not worth failing for.
            let _ = std::fs::copy(self.from.join(name), self.to.join(name));
        }
        let mark = self.to.join(MARK);
        std::fs::remove_file(&mark).map_err(|error| at(error, &mark))?;
        sync(&self.to);
        let data = data.switched(&self.to)?;
        self.finished = true;
        Ok((data, lock))
    }

    fn mark(&self) -> Result<()> {
        let mark = self.to.join(MARK);
        std::fs::write(&mark, "Footnote copies its data into this folder.\n")
            .map_err(|error| at(error, &mark))
    }

    fn compare(&self, copied: &Copied, on_progress: &dyn Fn(u64), cancel: &CancellationToken) -> Result<()> {
        let path = self.to.join(&copied.path);
        let mut hasher = blake3::Hasher::new();
        let bytes = through(&path, on_progress, cancel, |block| {
            hasher.update(block);
            Ok(())
        })?;
        if bytes == copied.bytes && hasher.finalize() == copied.hash {
            return Ok(());
        }
        Err(
            Error::runtime(format!("{} is not what was written", path.display()))
                .problem(Problem::MoveMiscopied {
                    file: path.display().to_string(),
                })
                .hint(
                    "The disk may be faulty: choose a folder on another one. Your data is used where it was",
                ),
        )
    }

    /// Whether the old folder is what was copied.
    fn unchanged(&self) -> Result<()> {
        let now = survey(&self.from)?;
        let same = now.len() == self.copied.len()
            && now.iter().zip(&self.copied).all(|((path, bytes), copied)| {
                *path == copied.path
                    && *bytes == copied.bytes
                    && modified(&self.from.join(path)) == copied.modified
            })
            && journal_is_empty(&self.from);
        if same {
            return Ok(());
        }
        Err(Error::runtime("The data changed while it was copied")
            .problem(Problem::MoveChanged)
            .hint("Try again; your data is used where it was, and nothing was lost"))
    }
}

impl Drop for Move {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if let Err(error) = clear(&self.to) {
            tracing::warn!(class = error.class(), %error, "a copy of the data that is not used could not be removed");
        } else if !self.was_there {
            // Of the folders above nothing is known: they stay.
            let _ = std::fs::remove_dir(&self.to);
        }
    }
}

/// Removes the data from a folder that is not used any more; what is not Footnote's stays. The pointer in the default
/// folder stays, too.
///
/// # Errors
/// What could not be removed.
pub fn remove(dir: &Path) -> Result<Removed> {
    for name in KEPT.iter().chain(&JOURNALS).chain(&LOGS).chain(&LEFT) {
        remove_any(&dir.join(name))?;
    }
    if !dir.join(super::POINTER).is_file() {
        remove_any(&dir.join(WINDOW))?;
    }
    if dir.join(super::POINTER).is_file() || std::fs::remove_dir(dir).is_ok() {
        return Ok(Removed::All);
    }
    Ok(Removed::ButOthers)
}

/// Bytes of the data in a folder.
///
/// # Errors
/// It cannot be looked into.
pub fn size_of(dir: &Path) -> Result<u64> {
    let journals = JOURNALS
        .iter()
        .filter_map(|name| std::fs::metadata(dir.join(name)).ok());
    let journals: u64 = journals.map(|meta| meta.len()).sum();
    Ok(survey(dir)?.iter().map(|(_, bytes)| bytes).sum::<u64>() + journals)
}

fn room(to: &Path, bytes: u64, free: Option<u64>) -> Result<()> {
    let needed = bytes + SPARE;
    match free {
        Some(free) if free < needed => Err(Error::user(format!(
            "There is too little room in {}: {} are free, and {} are needed",
            to.display(),
            megabytes(free),
            megabytes(needed)
        ))
        .code(ErrorCode::DiskFull)
        .problem(Problem::MoveNoRoom {
            folder: to.display().to_string(),
            needed_mb: needed.div_ceil(1_000_000) as u32,
            free_mb: (free / 1_000_000) as u32,
        })
        .hint("Choose a folder on a disk with more room, or free some")),
        _ => Ok(()),
    }
}

/// Where to, in full, and whether what is there is the copy of an interrupted move.
fn target(from: &Path, to: &Path) -> Result<(PathBuf, bool)> {
    let to = std::path::absolute(to).map_err(|error| at(error, to))?;
    if to.to_str().is_none() {
        return Err(Error::user(format!("The path is not Unicode: {}", to.display()))
            .problem(Problem::PathNotUnicode)
            .hint("Choose a folder with a plain name"));
    }
    let real = |path: &Path| -> PathBuf {
        // A folder that is not there yet is where the nearest one is that is.
        let there = path
            .ancestors()
            .find_map(|dir| Some((dir, dir.canonicalize().ok()?)));
        there.map_or_else(
            || path.to_owned(),
            |(dir, real)| {
                path.strip_prefix(dir)
                    .map_or_else(|_| real.clone(), |rest| real.join(rest))
            },
        )
    };
    let (real_from, real_to) = (real(from), real(&to));
    if real_to.starts_with(&real_from) || real_from.starts_with(&real_to) {
        return Err(
            Error::user(format!("{} and the data folder lie in each other", to.display()))
                .problem(Problem::MoveNested {
                    folder: to.display().to_string(),
                })
                .hint("Choose a folder that is neither in the data folder nor above it"),
        );
    }
    if to.join(MARK).is_file() {
        return Ok((to, true));
    }
    match std::fs::read_dir(&to) {
        Ok(mut entries) => {
            // The default folder keeps what says where the data is, and what belongs to this machine.
            let own = [super::POINTER, WINDOW, SAMPLES, LOCK_FILE, "footnote.sock"];
            let others = entries.any(|entry| {
                let name = entry.map(|entry| entry.file_name());
                !name.is_ok_and(|name| own.iter().any(|own| name == *own))
            });
            match others {
                false => Ok((to, false)),
                true => Err(Error::user(format!("The folder {} is not empty", to.display()))
                    .problem(Problem::MoveNotEmpty {
                        folder: to.display().to_string(),
                    })
                    .hint("Choose an empty folder, or make a new one")),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((to, false)),
        Err(error) => Err(at(error, &to)),
    }
}

/// Opens the register, brings its journal to an end, and holds it so that nobody else makes one.
fn rest(register: &Path) -> Result<Connection> {
    const DOING: &str = "preparing the move";
    let connection = schema::open(register)?;
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .during(DOING)?;
    if busy != 0 {
        return Err(Error::runtime("The register is being read or written")
            .code(ErrorCode::StoreLocked)
            .problem(Problem::RegisterBusy)
            .hint("Try again in a moment; nothing was moved"));
    }
    Ok(connection)
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn journal_is_empty(dir: &Path) -> bool {
    std::fs::metadata(dir.join("ledger.sqlite-wal")).map_or(true, |meta| meta.len() == 0)
}

/// All files of the data with their sizes, by path.
fn survey(dir: &Path) -> Result<Vec<(PathBuf, u64)>> {
    fn walk(dir: &Path, below: &Path, files: &mut Vec<(PathBuf, u64)>) -> Result<()> {
        let path = dir.join(below);
        let meta = match std::fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(at(error, &path)),
        };
        if !meta.is_dir() {
            files.push((below.to_owned(), meta.len()));
            return Ok(());
        }
        for entry in std::fs::read_dir(&path).map_err(|error| at(error, &path))? {
            let entry = entry.map_err(|error| at(error, &path))?;
            walk(dir, &below.join(entry.file_name()), files)?;
        }
        Ok(())
    }
    let mut files = Vec::new();
    for name in KEPT {
        walk(dir, Path::new(name), &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn copy(
    from: &Path,
    to: &Path,
    path: PathBuf,
    on_progress: &dyn Fn(u64),
    cancel: &CancellationToken,
) -> Result<Copied> {
    let (source, target) = (from.join(&path), to.join(&path));
    let modified = modified(&source);
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent).map_err(|error| at(error, parent))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    // Whatever is in it is the user's alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&target).map_err(|error| at(error, &target))?;
    let mut hasher = blake3::Hasher::new();
    let bytes = through(&source, on_progress, cancel, |block| {
        hasher.update(block);
        file.write_all(block).map_err(|error| at(error, &target))
    })?;
    file.sync_all().map_err(|error| at(error, &target))?;
    Ok(Copied {
        path,
        bytes,
        modified,
        hash: hasher.finalize(),
    })
}

/// Reads a file block by block; its length.
fn through(
    path: &Path,
    on_progress: &dyn Fn(u64),
    cancel: &CancellationToken,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    let mut file = File::open(path).map_err(|error| at(error, path))?;
    let mut block = vec![0; BLOCK];
    let mut done = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        let read = file.read(&mut block).map_err(|error| at(error, path))?;
        if read == 0 {
            return Ok(done);
        }
        take(&block[..read])?;
        done += read as u64;
        on_progress(done);
    }
}

/// Takes away what a move has put into a folder; the folder itself, and whatever else is in it, stays.
fn clear(dir: &Path) -> Result<()> {
    for name in KEPT.iter().chain(&JOURNALS).chain(&LOGS) {
        remove_any(&dir.join(name))?;
    }
    // Last: what is still there without it would look like data.
    remove_any(&dir.join(MARK))
}

fn remove_any(path: &Path) -> Result<()> {
    let gone = match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(error, path)),
        _ => Ok(()),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Writes beside the target and renames, so that readers never see half of it.
pub(super) fn write_whole(target: &Path, bytes: &[u8]) -> Result<()> {
    let beside = target.with_extension("new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| std::fs::rename(&beside, target))
        .map_err(|error| at(error, target))?;
    sync(target.parent().unwrap_or(target));
    Ok(())
}

/// Has a folder's entries on disk, where the system can be asked that.
fn sync(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

fn at(error: std::io::Error, path: &Path) -> Error {
    Error::from(error).at(path.display())
}
