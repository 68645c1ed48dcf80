//! The program as a whole: what it was started with, and its end.

use footnote_core::Error;
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::blocking::blocking;
use crate::wire::{Arrivals, MenuView, TrayView};
use crate::{menu, notices, notify};

/// What starts of the program were told to show; each is told once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_arrivals(app: State<'_, App>) -> Answer<Arrivals> {
    Ok(app.take_arrivals())
}

/// Ends the program without a question. Work in hand goes on at the next start.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quit(app: State<'_, App>) -> Answer<()> {
    app.quit();
    Ok(())
}

/// Shows a notification of the system, unless the window has the focus. It may stand on a locked screen: nothing in it
/// names a document.
#[tauri::command]
#[specta::specta]
pub(crate) async fn notify(handle: AppHandle, title: String, body: String) -> Answer<()> {
    notify::show(&handle, title, body);
    Ok(())
}

/// The licences of the libraries in this program, as its package carries them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn third_party_notices() -> Answer<String> {
    super::guard(blocking(notices::read)).await
}

/// Shows the icon in the tray with this, or with none takes it away. Whether the desktop shows it; `TrayChanged` tells
/// when that changes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_tray(app: State<'_, App>, view: Option<TrayView>) -> Answer<bool> {
    let app = app.inner().clone();
    super::guard(async move { Ok(app.show_tray(view).await) }).await
}

/// Shows these menus in the system's menu bar. Whether it has one; where it has none, nothing is shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_menus(handle: AppHandle, menus: Vec<MenuView>) -> Answer<bool> {
    if !menu::has_bar() {
        return Ok(false);
    }
    super::guard(async move {
        menu::show(&handle, &menus).map_err(|error| {
            Error::runtime(format!("The menu bar could not be changed: {error}"))
                .hint("Everything in it is in the palette, too")
        })?;
        Ok(true)
    })
    .await
}
