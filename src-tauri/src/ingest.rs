//! Reporters: what the engine tells about ingestion, on its way to the window.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use footnote_core::JobId;
use footnote_core::report::{FolderEvent, IngestEvent, Reporter};
use footnote_core::types::Step;

use crate::wire;

/// Counters move faster than a person reads or a window draws.
const PROGRESS_EVERY: Duration = Duration::from_millis(60);
/// The window lists everything anew at each of these.
const ANNOUNCE_EVERY: Duration = Duration::from_millis(500);

/// Passes events on to one call's channel, at a pace a window can follow.
pub(crate) struct Paced<F> {
    send: F,
    last: Mutex<Option<(JobId, Step, Instant)>>,
}

impl<F: Fn(wire::IngestEvent) + Send + Sync> Paced<F> {
    pub(crate) fn new(send: F) -> Self {
        Self {
            send,
            last: Mutex::new(None),
        }
    }

    /// First and last word of a step always pass.
    fn passes(&self, job: &JobId, step: Step, complete: bool) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let soon = last
            .as_ref()
            .is_some_and(|(j, s, at)| j == job && *s == step && now - *at < PROGRESS_EVERY);
        if soon && !complete {
            return false;
        }
        *last = Some((job.clone(), step, now));
        true
    }
}

impl<F: Fn(wire::IngestEvent) + Send + Sync> Reporter for Paced<F> {
    fn report(&self, event: IngestEvent) {
        if let IngestEvent::Progress {
            job,
            step,
            done,
            total,
        } = &event
            && !self.passes(job, *step, *total == Some(*done))
        {
            return;
        }
        (self.send)(event.into());
    }
}

/// Tells the window that something changed, for work that no call of the window waits for.
pub(crate) struct Announcer<F> {
    announce: F,
    last: Mutex<Option<Instant>>,
}

impl<F: Fn() + Send + Sync> Announcer<F> {
    pub(crate) fn new(announce: F) -> Self {
        Self {
            announce,
            last: Mutex::new(None),
        }
    }
}

impl<F: Fn() + Send + Sync> Reporter for Announcer<F> {
    fn report(&self, event: IngestEvent) {
        let end = matches!(event, IngestEvent::Finished { .. });
        if !end && !matches!(event, IngestEvent::Job { .. }) {
            return;
        }
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if !end && last.is_some_and(|at| now - at < ANNOUNCE_EVERY) {
                return;
            }
            *last = Some(now);
        }
        (self.announce)();
    }

    fn folder(&self, _: FolderEvent) {
        (self.announce)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn progress(job: &str, done: u64) -> IngestEvent {
        IngestEvent::Progress {
            job: job.into(),
            step: Step::Reading,
            done,
            total: Some(1000),
        }
    }

    #[test]
    fn a_thousand_pages_do_not_make_a_thousand_events_and_the_last_one_arrives() {
        let seen = Mutex::new(Vec::new());
        let paced = Paced::new(|event| seen.lock().unwrap().push(event));
        for done in 1..=1000 {
            paced.report(progress("a", done));
        }
        paced.report(progress("b", 1));
        let seen = seen.lock().unwrap();
        assert!(seen.len() < 100, "{} events", seen.len());
        let done: Vec<u64> = seen
            .iter()
            .filter_map(|event| match event {
                wire::IngestEvent::Progress { done, .. } => Some(*done),
                _ => None,
            })
            .collect();
        assert!(done.starts_with(&[1]) && done.ends_with(&[1000, 1]), "{done:?}");
    }

    #[test]
    fn the_end_of_background_work_is_always_announced() {
        let count = AtomicU32::new(0);
        let announcer = Announcer::new(|| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        announcer.report(progress("a", 1));
        announcer.report(IngestEvent::Finished {
            indexed: 0,
            unchanged: 0,
            failed: 0,
            canceled: 0,
        });
        announcer.report(IngestEvent::Finished {
            indexed: 1,
            unchanged: 0,
            failed: 0,
            canceled: 0,
        });
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
