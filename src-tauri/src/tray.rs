//! The icon in the system's tray. What it says comes from the window, in the window's words.

#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(target_os = "linux")]
mod notifier;
mod picture;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::AppHandle;
use tokio::sync::watch;

use crate::wire::{TrayAction, TrayView};
#[cfg(not(target_os = "linux"))]
use native as system;
#[cfg(target_os = "linux")]
use notifier as system;

/// A bus that does not answer by then has no tray, as far as the settings are concerned.
const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// What the tray tells, from any thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Whether the desktop shows the icon; told once at least.
    There(bool),
    /// Something was chosen.
    Picked(TrayAction),
}

/// Who is told. Must not block.
type Ear = Arc<dyn Fn(Told) + Send + Sync>;

/// The icon, while it is wanted.
#[derive(Default)]
pub(crate) struct Tray {
    icon: Mutex<Option<system::Icon>>,
    /// Whether the desktop shows it, once that is known.
    there: watch::Sender<Option<bool>>,
    keeps: AtomicBool,
}

impl Tray {
    /// Shows this, or with none takes the icon away.
    pub(crate) fn show(
        &self,
        handle: &AppHandle,
        view: Option<TrayView>,
        ear: impl Fn(Told) + Send + Sync + 'static,
    ) {
        let mut icon = self.icon.lock().unwrap_or_else(PoisonError::into_inner);
        let keeps = view.as_ref().is_some_and(|view| view.keeps);
        self.keeps.store(keeps, Ordering::SeqCst);
        match (icon.as_ref(), view) {
            (Some(icon), Some(view)) => icon.update(view),
            (None, Some(view)) => *icon = system::Icon::start(handle, view, Arc::new(ear)),
            (_, None) => {
                *icon = None;
                self.there.send_replace(None);
            }
        }
    }

    /// Keeps what was told of the desktop.
    pub(crate) fn note(&self, there: bool) {
        self.there.send_replace(Some(there));
    }

    /// Whether the desktop shows the icon; waits a moment until that is known.
    pub(crate) async fn is_there(&self) -> bool {
        let mut there = self.there.subscribe();
        let known = tokio::time::timeout(ANSWER_WAIT, there.wait_for(Option::is_some)).await;
        matches!(known, Ok(Ok(known)) if *known == Some(true))
    }

    /// Whether closing the window leaves the program in the tray: only where that can be seen.
    pub(crate) fn keeps(&self) -> bool {
        self.keeps.load(Ordering::SeqCst) && *self.there.borrow() == Some(true)
    }
}
