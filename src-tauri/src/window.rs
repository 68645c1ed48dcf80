//! The one window.

use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, Url, WebviewWindowBuilder, Wry};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

/// What is remembered of the window.
const REMEMBERED: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED);

/// Opens the window that the configuration describes.
///
/// # Errors
/// What the windowing system says.
pub(crate) fn open(handle: &AppHandle) -> tauri::Result<()> {
    let Some(config) = handle.config().app.windows.first() else {
        return Err(tauri::Error::WindowNotFound);
    };
    let window = WebviewWindowBuilder::from_config(handle, config)?
        .on_navigation(stays_inside)
        .build()?;
    window.set_focus()
}

/// Keeps the window's size and place in a file of `dir`.
pub(crate) fn memory(dir: &Path) -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(REMEMBERED)
        .with_filename(dir.join("window.json").to_string_lossy())
        .build()
}

/// Brings the window to the front.
pub(crate) fn raise(handle: &AppHandle) {
    for window in handle.webview_windows().values() {
        let raised = window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus());
        if let Err(error) = raised {
            tracing::info!(%error, "the window could not be brought to the front");
        }
    }
}

/// Takes the window off the screen; the program goes on. False if it stays.
pub(crate) fn hide(handle: &AppHandle) -> bool {
    if let Err(error) = handle.save_window_state(REMEMBERED) {
        tracing::info!(%error, "the window's place was not kept");
    }
    handle.webview_windows().values().all(|window| {
        let hidden = window.hide();
        if let Err(error) = &hidden {
            tracing::warn!(%error, "the window could not be hidden");
        }
        hidden.is_ok()
    })
}

/// Whether there is a window that is off the screen, and no icon of it where windows are put away.
pub(crate) fn is_hidden(handle: &AppHandle) -> bool {
    let hidden = |window: &tauri::WebviewWindow| {
        let (visible, minimized) = (window.is_visible(), window.is_minimized());
        visible.is_ok_and(|visible| !visible) && minimized.is_ok_and(|minimized| !minimized)
    };
    handle.webview_windows().values().any(hidden)
}

/// Closes the window without a question; the program ends with it.
pub(crate) fn close(handle: &AppHandle) {
    if let Err(error) = handle.save_window_state(REMEMBERED) {
        tracing::info!(%error, "the window's place was not kept");
    }
    for window in handle.webview_windows().values() {
        if let Err(error) = window.destroy() {
            tracing::warn!(%error, "the window could not be closed");
        }
    }
}

/// The window shows Footnote's own page and nothing else, whatever a document's text links to.
fn stays_inside(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        // Where the system's webview knows no custom schemes.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        "about" => url.path() == "blank",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_never_lead_out_of_the_window() {
        let stays = |url: &str| stays_inside(&Url::parse(url).unwrap());
        assert!(stays("tauri://localhost/index.html"));
        assert!(stays("http://tauri.localhost/"));
        assert!(!stays("https://example.org/"));
        assert!(!stays("http://tauri.localhost.example.org/"));
        assert!(!stays("file:///etc/passwd"));
        assert!(!stays("data:text/html,hello"));
    }
}
