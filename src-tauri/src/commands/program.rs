//! The program as a whole: what it was started with, and its end.

use tauri::State;

use super::Answer;
use crate::app::App;
use crate::wire::Arrivals;

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
