//! The icon in the tray: what is chosen there, and the window that was closed into it.

use tauri_specta::Event;

use super::App;
use crate::tray::Told;
use crate::window;
use crate::wire::{QuestionWanted, TrayAction, TrayChanged, TrayView};

impl App {
    /// Shows this in the tray, or with none takes the icon away. Whether the desktop shows it.
    pub(crate) async fn show_tray(&self, view: Option<TrayView>) -> bool {
        let Some(handle) = self.inner.handle.get() else {
            return false;
        };
        let wanted = view.is_some();
        let app = self.clone();
        self.inner
            .tray
            .show(handle, view, move |told| app.hear_tray(told));
        let there = wanted && self.inner.tray.is_there().await;
        self.leave_no_window_hidden();
        there
    }

    /// Whether closing the window leaves the program in the tray; then the window is hidden.
    pub(crate) fn hides(&self) -> bool {
        let Some(handle) = self.inner.handle.get() else {
            return false;
        };
        self.inner.tray.keeps() && window::hide(handle)
    }

    fn hear_tray(&self, told: Told) {
        let Some(handle) = self.inner.handle.get() else {
            return;
        };
        match told {
            Told::There(there) => {
                self.inner.tray.note(there);
                if let Err(error) = (TrayChanged { there }).emit(handle) {
                    tracing::warn!(%error, "an event was lost");
                }
                self.leave_no_window_hidden();
            }
            Told::Picked(TrayAction::Show) => window::raise(handle),
            Told::Picked(TrayAction::Ask) => {
                window::raise(handle);
                if let Err(error) = QuestionWanted.emit(handle) {
                    tracing::warn!(%error, "an event was lost");
                }
            }
            Told::Picked(TrayAction::Pause) => self.brake_from_tray(true),
            Told::Picked(TrayAction::Resume) => self.brake_from_tray(false),
            Told::Picked(TrayAction::Quit) => {
                if self.asks_before_closing() {
                    window::raise(handle);
                } else {
                    self.quit();
                }
            }
        }
    }

    /// A window that nothing on the desktop leads to is lost to most people.
    fn leave_no_window_hidden(&self) {
        if let Some(handle) = self.inner.handle.get()
            && !self.inner.tray.keeps()
            && window::is_hidden(handle)
        {
            window::raise(handle);
        }
    }

    /// What fails is told in the window when it looks at its jobs.
    fn brake_from_tray(&self, pause: bool) {
        let app = self.clone();
        tauri::async_runtime::spawn(async move {
            let changed = if pause {
                app.pause(false).await
            } else {
                app.unpause().await
            };
            if let Err(error) = changed {
                tracing::warn!(class = error.class(), %error, "the tray could not pause or resume indexing");
            }
        });
    }
}
