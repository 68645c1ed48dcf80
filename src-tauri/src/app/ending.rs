//! Other starts of the program while the window is open, and its end.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tauri_specta::Event;

use super::{App, Phase, locked};
use crate::instance;
use crate::window;
use crate::wire::{Arrivals, Arrived, QuitAsked};

/// Time that work in hand gets to stop when the window is closed. All of it is safe to kill.
const QUIT_WAIT: Duration = Duration::from_secs(2);

/// Who closes the window again within this time means it, whatever became of the question.
const INSISTING: Duration = Duration::from_secs(10);

/// When the window was last asked to close while files waited.
#[derive(Default)]
pub(super) struct Closing(Mutex<Option<Instant>>);

impl Closing {
    /// Whether to ask; `waiting` files are not read yet.
    fn asks(&self, waiting: u32, now: Instant) -> bool {
        let mut asked = locked(&self.0);
        if waiting == 0 || asked.is_some_and(|at| now - at < INSISTING) {
            return false;
        }
        *asked = Some(now);
        true
    }
}

impl App {
    /// Takes what later starts hand over. Only for whoever has the data folder.
    pub(super) fn listen(&self) {
        let app = self.clone();
        if let Err(error) = instance::listen(&self.data_dir(), move |told| app.arrive(told)) {
            tracing::warn!(%error, "a second start will not be heard");
        }
    }

    /// Brings the window to the front and keeps what it is to show. False if it is closing.
    pub(crate) fn arrive(&self, told: Arrivals) -> bool {
        if self.inner.quitting.load(Ordering::SeqCst) {
            return false;
        }
        let empty = told.is_empty();
        locked(&self.inner.arrivals).extend(told);
        if let Some(handle) = self.inner.handle.get() {
            window::raise(handle);
            if !empty && let Err(error) = Arrived.emit(handle) {
                tracing::warn!(%error, "an event was lost");
            }
        }
        true
    }

    /// What starts were told to show, once.
    pub(crate) fn take_arrivals(&self) -> Arrivals {
        std::mem::take(&mut *locked(&self.inner.arrivals))
    }

    /// Whether the window stays open for now, because files are being read and the user is asked about it.
    pub(crate) fn asks_before_closing(&self) -> bool {
        let waiting = match &*self.inner.phase.borrow() {
            Phase::Ready(opened) => opened.engine.jobs_at_work(),
            Phase::Starting | Phase::NeedsModels | Phase::Failed(_) => 0,
        };
        let Some(handle) = self.inner.handle.get() else {
            return false;
        };
        self.inner.closing.asks(waiting, Instant::now()) && QuitAsked { waiting }.emit(handle).is_ok()
    }

    /// Closes the window and with it the program, without a question.
    pub(crate) fn quit(&self) {
        if let Some(handle) = self.inner.handle.get() {
            window::close(handle);
        }
    }

    /// Asks everything to stop. True the first time.
    pub(crate) fn begin_quit(&self) -> bool {
        if let Phase::Ready(opened) = &*self.inner.phase.borrow() {
            opened.engine.halt();
        }
        self.inner.quit.cancel();
        self.stop_looking();
        self.cancel_fetch();
        for download in locked(&self.inner.downloads).values() {
            download.stop.store(true, Ordering::Relaxed);
        }
        !self.inner.quitting.swap(true, Ordering::SeqCst)
    }

    /// Waits for what was asked to stop, a moment at most.
    pub(crate) async fn finish_quit(&self) {
        self.inner.tasks.close();
        if tokio::time::timeout(QUIT_WAIT, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::info!("quitting over work in hand; the next start takes it up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_asks_once_while_files_wait_and_obeys_who_insists() {
        let closing = Closing::default();
        let now = Instant::now();
        assert!(!closing.asks(0, now));
        assert!(closing.asks(3, now));
        assert!(!closing.asks(3, now + INSISTING / 2));
        assert!(closing.asks(3, now + INSISTING * 2));
    }
}
