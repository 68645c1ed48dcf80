//! The one window.

use tauri::{AppHandle, Url, WebviewWindowBuilder};

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
