//! Bringing a model here, and what the window is told meanwhile.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use footnote_core::Result;
use footnote_fetch::{FetchOptions, FetchProgress, FetchStage, Fetcher, ModelEntry, ModelStore};

use crate::wire::FetchEvent;

/// A person reads no more than this many numbers a second.
const EVENT_EVERY: Duration = Duration::from_millis(100);

/// A fetcher with the user's mirror, proxy and lock.
pub(super) fn fetcher() -> Fetcher {
    Fetcher::new(FetchOptions::from_env())
}

/// Fetches a model. Blocks.
///
/// # Errors
/// What the download says; what has arrived is kept.
pub(super) fn fetch(
    fetcher: &Fetcher,
    entry: &ModelEntry,
    store: &ModelStore,
    on_event: &dyn Fn(FetchEvent),
    stop: &AtomicBool,
) -> Result<()> {
    let mut pace = Pace::new(entry);
    fetcher.fetch(
        entry,
        store,
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
        checking: false,
    });
    Ok(())
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
            checking: progress.stage == FetchStage::Verifying,
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
    use footnote_fetch::Catalog;

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
    fn progress_never_runs_backwards_when_hashing_begins_and_the_rate_is_per_second() {
        let entry = Catalog::builtin().unwrap().models()[0].clone();
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
