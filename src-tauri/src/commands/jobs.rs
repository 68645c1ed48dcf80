//! Indexing as a whole.

use tauri::State;

use super::{Answer, guard};
use crate::app::App;

/// Whether indexing is paused.
#[tauri::command]
#[specta::specta]
pub(crate) async fn indexing_paused(app: State<'_, App>) -> Answer<bool> {
    let app = app.inner().clone();
    guard(async move { Ok(app.engine().await?.is_paused()) }).await
}

/// Pauses indexing, over restarts too. With `now` the file at work waits in line again, else it is read to its end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_indexing(app: State<'_, App>, now: bool) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.pause(now).await }).await
}

/// Ends a pause; `LibraryChanged` tells how it goes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resume_indexing(app: State<'_, App>) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.unpause().await }).await
}

/// Sets all failed jobs going again, but for those that need a password; `LibraryChanged` tells how it goes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_failed(app: State<'_, App>) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.retry_failed().await }).await
}
