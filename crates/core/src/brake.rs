//! Stopping work without giving it up.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Stops indexing so that it can go on later: what waits goes on waiting, and what is at work is queued again.
/// Canceling, which gives a file up, is another matter.
#[derive(Debug, Default)]
pub struct Brake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pulled: bool,
    /// Whether what is at work stops, too.
    now: bool,
    /// Whether nothing releases it any more.
    ended: bool,
    /// Of the file at work.
    work: Option<CancellationToken>,
}

impl Brake {
    /// No further file is begun. `now`: the file at work is stopped, too, and else read to its end.
    pub fn pull(&self, now: bool) {
        let mut state = self.state();
        state.pulled = true;
        state.now |= now;
        if now && let Some(work) = &state.work {
            work.cancel();
        }
    }

    /// Pulls it at once and for good: another engine is to go on, now or at the next start.
    pub fn end(&self) {
        self.state().ended = true;
        self.pull(true);
    }

    /// Whether it was pulled for good.
    pub fn is_ended(&self) -> bool {
        self.state().ended
    }

    /// Files may be begun again, unless it was pulled for good.
    pub fn release(&self) {
        let mut state = self.state();
        if !state.ended {
            (state.pulled, state.now) = (false, false);
        }
    }

    /// Whether no file may be begun.
    pub fn is_pulled(&self) -> bool {
        self.state().pulled
    }

    /// Awaits `work` on one file, and cancels `token`, which `work` listens to, as soon as the brake is pulled.
    pub async fn stopping<T>(&self, token: &CancellationToken, work: impl Future<Output = T>) -> T {
        {
            let mut state = self.state();
            if state.now {
                token.cancel();
            }
            state.work = Some(token.clone());
        }
        let done = work.await;
        self.state().work = None;
        done
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
