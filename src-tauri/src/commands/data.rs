//! The data folder, and what is told of the installation.

use std::path::PathBuf;

use footnote_core::diagnostics::Diagnostics;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::oneshot;

use super::{Answer, guard, save, texts};
use crate::app::App;
use crate::wire::{DataFolder, MoveEvent, MovePlan};

/// Where everything is kept, and how large it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn data_folder(app: State<'_, App>) -> Answer<DataFolder> {
    let app = app.inner().clone();
    guard(async move { app.data_folder().await }).await
}

/// The system's dialog for the folder to move the data to; empty if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_data_folder(handle: AppHandle) -> Answer<Vec<String>> {
    let (send, receive) = oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title("Choose an empty folder")
        .set_can_create_directories(true)
        .pick_folder(move |picked| {
            let _ = send.send(picked.into_iter().collect());
        });
    Ok(texts(receive.await.unwrap_or_default()))
}

/// What moving the data to a folder would come to; nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_move(app: State<'_, App>, to: String) -> Answer<MovePlan> {
    let app = app.inner().clone();
    guard(async move { Ok(app.plan_move(PathBuf::from(to)).await?.into()) }).await
}

/// Moves the data; resolves when the engine is up in the new place, or again in the old one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_data(app: State<'_, App>, to: String, on_event: Channel<MoveEvent>) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.move_data(PathBuf::from(to), move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Stops a move; the old folder stays in use.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_move(app: State<'_, App>) -> Answer<()> {
    app.cancel_model_work();
    Ok(())
}

/// Deletes the data in the folder it was moved from. True if something else is still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_old_data(app: State<'_, App>) -> Answer<bool> {
    let app = app.inner().clone();
    guard(async move { app.remove_old_data().await }).await
}

/// The diagnostics as they would be saved. `settings` are the window's own, by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn diagnostics(app: State<'_, App>, settings: Vec<(String, String)>) -> Answer<String> {
    let app = app.inner().clone();
    guard(async move { Ok(app.diagnostics(settings).await.text()) }).await
}

/// Writes diagnostics, as they were shown, where the system's dialog says; the path, or none if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_diagnostics(handle: AppHandle, text: String) -> Answer<Option<String>> {
    guard(async move { save(&handle, "Save the diagnostics", &Diagnostics::file_name(), text).await }).await
}
