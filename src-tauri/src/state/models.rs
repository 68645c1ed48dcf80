//! Which models this machine uses, and bringing them here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use footnote_core::{Error, Result};
use footnote_fetch::{
    Catalog, FetchOptions, FetchProgress, FetchStage, Fetcher, ModelEntry, ModelStore, Role,
};

use crate::options::Options;
use crate::wire::{FetchEvent, ModelState, ModelStatus};

/// A person reads no more than this many numbers a second.
const EVENT_EVERY: Duration = Duration::from_millis(100);

/// Where a model comes from.
#[derive(Clone)]
pub(super) enum Source {
    /// The catalog.
    Catalog(Box<ModelEntry>),
    /// A folder that an import made.
    Folder(PathBuf),
}

/// The embedder and the generator in use, and where they are kept.
#[derive(Clone)]
pub(crate) struct Models {
    pub(super) store: ModelStore,
    pub(super) embedder: Source,
    pub(super) generator: Source,
    pub(super) reranker: Option<PathBuf>,
    catalog: Catalog,
}

impl Models {
    /// The machine's defaults, or what the options name.
    ///
    /// # Errors
    /// An option names a model that is not in the catalog.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let catalog = Catalog::builtin()?;
        let source = |role, wanted: Option<&str>| {
            Ok::<_, Error>(match wanted.map(Path::new).filter(|path| path.is_dir()) {
                Some(folder) => Source::Folder(folder.to_owned()),
                None => Source::Catalog(Box::new(catalog.choose(role, wanted)?.clone())),
            })
        };
        Ok(Self {
            store: ModelStore::new(ModelStore::default_dir()),
            embedder: source(Role::Embedder, options.embedder.as_deref())?,
            generator: source(Role::Generator, options.generator.as_deref())?,
            reranker: options.reranker.clone(),
            catalog,
        })
    }

    /// Embedders of the catalog that are on disk.
    pub(super) fn embedders_here(&self) -> impl Iterator<Item = &ModelEntry> {
        self.catalog.models().iter().filter(|entry| {
            entry.role == Role::Embedder && self.store.status(entry) == footnote_fetch::ModelStatus::Present
        })
    }

    /// The folder of the model that reads images, if it is on disk.
    pub(super) fn recognizer_here(&self) -> Option<PathBuf> {
        let here = |entry: &&ModelEntry| {
            entry.role == Role::Ocr && self.store.status(entry) == footnote_fetch::ModelStatus::Present
        };
        let entry = self.catalog.models().iter().find(here)?;
        Some(self.store.path(entry))
    }

    fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        [&self.embedder, &self.generator]
            .into_iter()
            .filter_map(|source| match source {
                Source::Catalog(entry) => Some(entry.as_ref()),
                Source::Folder(_) => None,
            })
    }

    /// Those in use, and the one that reads images, which the app works without.
    fn wanted(&self) -> impl Iterator<Item = &ModelEntry> {
        self.entries().chain(self.catalog.choose(Role::Ocr, None).ok())
    }

    /// What is on disk, by sizes and stamps; quick.
    pub(crate) fn statuses(&self) -> Vec<ModelStatus> {
        self.wanted()
            .map(|entry| ModelStatus {
                id: entry.id.clone(),
                role: entry.role.as_str().to_owned(),
                name: entry.name.clone(),
                bytes: entry.size(),
                state: match self.store.status(entry) {
                    footnote_fetch::ModelStatus::Missing => ModelState::Missing,
                    footnote_fetch::ModelStatus::Partial => ModelState::Partial,
                    footnote_fetch::ModelStatus::Present => ModelState::Present,
                    footnote_fetch::ModelStatus::Corrupt => ModelState::Failed,
                },
                licence: entry.licence.clone(),
            })
            .collect()
    }

    /// Whether those are there that the app cannot do without.
    pub(crate) fn complete(&self) -> bool {
        self.entries()
            .all(|entry| self.store.status(entry) == footnote_fetch::ModelStatus::Present)
    }

    /// Fetches what is missing. Blocks.
    ///
    /// # Errors
    /// What the download says; what has arrived is kept.
    pub(crate) fn fetch(&self, on_event: &dyn Fn(FetchEvent), stop: &AtomicBool) -> Result<()> {
        let fetcher = Fetcher::new(FetchOptions::from_env());
        for entry in self.wanted() {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::canceled());
            }
            let mut pace = Pace::new(entry);
            fetcher.fetch(
                entry,
                &self.store,
                &mut |progress| {
                    if let Some(event) = pace.event(&progress, Instant::now()) {
                        on_event(event);
                    }
                },
                stop,
            )?;
            on_event(FetchEvent {
                model: entry.id.clone(),
                file: String::new(),
                done: entry.size(),
                total: entry.size(),
                bytes_per_second: 0.0,
            });
        }
        Ok(())
    }
}

/// Turns progress of files into progress of the model, with a rate, a few times a second.
struct Pace<'a> {
    entry: &'a ModelEntry,
    sent: Option<Instant>,
    measured: Option<(Instant, u64)>,
    rate: f64,
}

impl<'a> Pace<'a> {
    fn new(entry: &'a ModelEntry) -> Self {
        Self {
            entry,
            sent: None,
            measured: None,
            rate: 0.0,
        }
    }

    fn event(&mut self, progress: &FetchProgress, now: Instant) -> Option<FetchEvent> {
        let before: u64 = self
            .entry
            .files
            .iter()
            .take_while(|file| file.name != progress.file)
            .map(|file| file.size)
            .sum();
        // Hashing counts from zero again; the bytes are there all the same.
        let here = match progress.stage {
            FetchStage::Verifying | FetchStage::Ready => progress.total,
            _ => progress.done,
        };
        if progress.stage == FetchStage::Downloading {
            self.measure(before + here, now);
        }
        if self.sent.is_some_and(|at| now - at < EVENT_EVERY) && progress.stage != FetchStage::Ready {
            return None;
        }
        self.sent = Some(now);
        Some(FetchEvent {
            model: progress.model.clone(),
            file: progress.file.clone(),
            done: before + here,
            total: self.entry.size(),
            bytes_per_second: if progress.stage == FetchStage::Downloading {
                self.rate
            } else {
                0.0
            },
        })
    }

    /// An average over about three seconds.
    fn measure(&mut self, done: u64, now: Instant) {
        let Some((at, was)) = self.measured else {
            self.measured = Some((now, done));
            return;
        };
        let seconds = (now - at).as_secs_f64();
        if seconds < 0.25 {
            return;
        }
        let rate = done.saturating_sub(was) as f64 / seconds;
        let weight = if self.rate == 0.0 {
            1.0
        } else {
            (seconds / 3.0).min(1.0)
        };
        self.rate += (rate - self.rate) * weight;
        self.measured = Some((now, done));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(entry: &ModelEntry, stage: FetchStage, done: u64) -> FetchProgress {
        let file = &entry.files[0];
        FetchProgress {
            model: entry.id.clone(),
            file: file.name.clone(),
            source: String::new(),
            stage,
            done,
            total: file.size,
        }
    }

    #[test]
    fn the_catalog_serves_this_machine() {
        let models = Models::new(&Options::default()).unwrap();
        let roles: Vec<String> = models.statuses().into_iter().map(|model| model.role).collect();
        assert_eq!(roles, ["embedder", "generator", "ocr"]);
    }

    #[test]
    fn an_unknown_model_is_named() {
        let options = Options {
            generator: Some("nothing".into()),
            ..Options::default()
        };
        let error = Models::new(&options).err().unwrap();
        assert_eq!(error.message, "There is no generator called nothing");
        assert!(error.hint.is_some());
    }

    #[test]
    fn progress_never_runs_backwards_when_hashing_begins_and_the_rate_is_per_second() {
        let models = Models::new(&Options::default()).unwrap();
        let entry = models.entries().next().unwrap().clone();
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::new(&entry);
        pace.event(&progress(&entry, FetchStage::Downloading, 0), start);
        assert!(
            pace.event(&progress(&entry, FetchStage::Downloading, 10), after(10))
                .is_none()
        );
        let event = pace
            .event(
                &progress(&entry, FetchStage::Downloading, 1_000_000),
                after(1_000),
            )
            .unwrap();
        assert_eq!(event.done, 1_000_000);
        assert!((event.bytes_per_second - 1e6).abs() < 1.0, "{event:?}");
        let hashing = pace
            .event(&progress(&entry, FetchStage::Verifying, 0), after(2_000))
            .unwrap();
        assert!(hashing.done >= event.done);
    }
}
