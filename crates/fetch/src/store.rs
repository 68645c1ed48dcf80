//! Models on disk: one folder per model, a stamp beside every verified file.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::{ModelEntry, ModelFile};
use crate::error::FetchError;

/// How much of a model is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelStatus {
    /// Nothing of it.
    Missing,
    /// Some of it, or files not checked yet; fetching goes on from there.
    Partial,
    /// All of it, verified.
    Present,
    /// A file is there that is not the one the catalog names.
    Corrupt,
}

/// The folder models live in.
#[derive(Clone, Debug)]
pub struct ModelStore {
    dir: PathBuf,
}

/// Written after a full hash, so that later starts need not read gigabytes again.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
struct Stamp {
    size: u64,
    modified_ns: u64,
    sha256: String,
}

impl ModelStore {
    /// The store in `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Where models are kept unless the user says otherwise: `FOOTNOTE_MODELS`, or the user's cache folder.
    pub fn default_dir() -> PathBuf {
        let var = |name| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        if let Some(dir) = var("FOOTNOTE_MODELS") {
            return dir;
        }
        let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
        let cache = if cfg!(windows) {
            var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData").join("Local"))
        } else if cfg!(target_os = "macos") {
            home.join("Library").join("Caches")
        } else {
            var("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache"))
        };
        cache.join("footnote").join("models")
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The model's folder.
    pub fn path(&self, entry: &ModelEntry) -> PathBuf {
        self.dir.join(&entry.id)
    }

    /// Where a file of the model is, once fetched.
    pub fn file(&self, entry: &ModelEntry, file: &ModelFile) -> PathBuf {
        self.path(entry).join(&file.name)
    }

    /// Where unfinished downloads of the model are kept.
    pub(crate) fn partial_dir(&self, entry: &ModelEntry) -> PathBuf {
        self.path(entry).join(".partial")
    }

    /// Looks at sizes and stamps only; cheap enough for every start.
    pub fn status(&self, entry: &ModelEntry) -> ModelStatus {
        let states: Vec<_> = entry.files.iter().map(|f| self.file_status(entry, f)).collect();
        let all = |s| states.iter().all(|x| *x == s);
        if states.contains(&ModelStatus::Corrupt) {
            ModelStatus::Corrupt
        } else if all(ModelStatus::Present) {
            ModelStatus::Present
        } else if all(ModelStatus::Missing) && !has_entries(&self.partial_dir(entry)) {
            ModelStatus::Missing
        } else {
            ModelStatus::Partial
        }
    }

    /// `Present` means stamped; a right-sized file without a valid stamp is `Partial`.
    pub(crate) fn file_status(&self, entry: &ModelEntry, file: &ModelFile) -> ModelStatus {
        let path = self.file(entry, file);
        let Some(now) = measure(&path) else {
            return ModelStatus::Missing;
        };
        if now.0 != file.size {
            return ModelStatus::Corrupt;
        }
        let stamp = std::fs::read(stamp_path(&path)).ok();
        let stamp: Option<Stamp> = stamp.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match stamp {
            Some(stamp) if (stamp.size, stamp.modified_ns) == now => {
                if stamp.sha256 == file.sha256 {
                    ModelStatus::Present
                } else {
                    ModelStatus::Corrupt
                }
            }
            _ => ModelStatus::Partial,
        }
    }

    /// Reads and hashes every file, whatever its stamp says, and writes new stamps.
    /// `progress` gets `(file, bytes done, bytes in all)`.
    ///
    /// # Errors
    /// When a file cannot be read, or `cancel` is set. A wrong hash is a status, not an error.
    pub fn verify(
        &self,
        entry: &ModelEntry,
        progress: &mut dyn FnMut(&str, u64, u64),
        cancel: &AtomicBool,
    ) -> Result<ModelStatus, FetchError> {
        for file in &entry.files {
            if self.file(entry, file).exists() {
                self.verify_file(
                    entry,
                    file,
                    &mut |done| progress(&file.name, done, file.size),
                    cancel,
                )?;
            }
        }
        Ok(self.status(entry))
    }

    /// Hashes one file, stamps it with what was found, and returns that hash.
    pub(crate) fn verify_file(
        &self,
        entry: &ModelEntry,
        file: &ModelFile,
        progress: &mut dyn FnMut(u64),
        cancel: &AtomicBool,
    ) -> Result<String, FetchError> {
        let path = self.file(entry, file);
        let sha256 = hash_file(&path, progress, cancel)?;
        self.stamp(entry, file, &sha256)?;
        Ok(sha256)
    }

    /// Records that the file under its final name has this hash.
    pub(crate) fn stamp(&self, entry: &ModelEntry, file: &ModelFile, sha256: &str) -> Result<(), FetchError> {
        let path = self.file(entry, file);
        let Some((size, modified_ns)) = measure(&path) else {
            return Ok(());
        };
        let stamp = Stamp {
            size,
            modified_ns,
            sha256: sha256.to_owned(),
        };
        let target = stamp_path(&path);
        let json =
            serde_json::to_vec(&stamp).map_err(|e| FetchError::io(&target, &std::io::Error::other(e)))?;
        write_whole(&target, &json)
    }

    /// Where models are kept that were converted or imported.
    pub fn prepared_dir(&self) -> PathBuf {
        self.dir.join("prepared")
    }

    /// Takes folders of models off the disk; those that are not there are none.
    ///
    /// # Errors
    /// When one cannot be removed; the ones before it are gone.
    pub fn remove_folders(&self, folders: &[PathBuf]) -> Result<(), FetchError> {
        for folder in folders {
            match std::fs::remove_dir_all(folder) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(FetchError::io(folder, &e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes the model off the disk, unfinished downloads and converted files included.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn remove(&self, entry: &ModelEntry) -> Result<(), FetchError> {
        self.remove_folders(&[self.path(entry)])
    }
}

/// Bytes of everything below a folder.
pub fn folder_size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => folder_size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// `NAME.verified` beside the file.
pub(crate) fn stamp_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".verified");
    PathBuf::from(name)
}

fn has_entries(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|e| !e.file_name().to_string_lossy().starts_with("lock"))
    })
}

/// Size and modification time in nanoseconds since 1970.
fn measure(path: &Path) -> Option<(u64, u64)> {
    let meta = std::fs::metadata(path).ok().filter(|m| m.is_file())?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((meta.len(), u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX)))
}

/// Writes beside the target and renames, so that readers never see half of it.
pub(crate) fn write_whole(target: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let fail = |e: &std::io::Error| FetchError::io(target, e);
    let dir = target.parent().unwrap_or(Path::new("."));
    let mut temp = tempfile::NamedTempFile::new_in(dir).map_err(|e| fail(&e))?;
    temp.write_all(bytes).map_err(|e| fail(&e))?;
    temp.persist(target).map_err(|e| fail(&e.error))?;
    Ok(())
}

/// Lower-case hexadecimal SHA-256 of a file; `progress` gets the bytes read so far.
pub(crate) fn hash_file(
    path: &Path,
    progress: &mut dyn FnMut(u64),
    cancel: &AtomicBool,
) -> Result<String, FetchError> {
    let fail = |e: std::io::Error| FetchError::io(path, &e);
    let mut file = File::open(path).map_err(fail)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    let mut done = 0u64;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(FetchError::canceled());
        }
        let n = file.read(&mut buffer).map_err(fail)?;
        if n == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
        done += n as u64;
        progress(done);
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
            let _ = write!(out, "{b:02x}");
            out
        })
}
