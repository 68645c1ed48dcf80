//! Watched folders.

use std::path::{Path, PathBuf};

use footnote_core::{Error, FolderId};
use tauri::State;

use super::{Answer, guard};
use crate::app::App;
use crate::wire::{self, Fate, WatchedFolder};

/// Watched folders, oldest first, with what is going on in each.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_folders(app: State<'_, App>) -> Answer<Vec<WatchedFolder>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.watched_folders().await?)) }).await
}

/// Which of these are folders.
#[tauri::command]
#[specta::specta]
pub(crate) async fn folders_among(paths: Vec<String>) -> Answer<Vec<String>> {
    guard(async move {
        tokio::task::spawn_blocking(move || {
            let folders = paths.into_iter().filter(|path| Path::new(path).is_dir());
            folders.collect()
        })
        .await
        .map_err(|e| Error::bug(format!("looking at what was dropped stopped: {e}")))
    })
    .await
}

/// Watches a folder: what is in it joins a collection, and stays as the folder has it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_folder(app: State<'_, App>, path: String, collection: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        engine
            .watch_folder(&PathBuf::from(path), &collection, Vec::new())
            .await?;
        app.tell_library();
        Ok(())
    })
    .await
}

/// Stops watching a folder; `documents` says what becomes of its documents.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unwatch_folder(app: State<'_, App>, folder: String, documents: Fate) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let ended = engine.unwatch_folder(&FolderId(folder), documents.into()).await;
        app.tell_library();
        ended.map(|_| ())
    })
    .await
}

/// Leaves a folder's changes alone, or takes them up again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_folder(app: State<'_, App>, folder: String, paused: bool) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.pause_folder(&FolderId(folder), paused).await }).await
}

/// Gives a folder other patterns of what is left out, in the syntax of `.gitignore`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ignore_in_folder(
    app: State<'_, App>,
    folder: String,
    patterns: Vec<String>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        engine.set_folder_ignore(&FolderId(folder), patterns).await
    })
    .await
}

/// Has what comes in a folder join another collection, and moves its documents there. Answers with those that stayed where
/// they are, because the collection has the same files already.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_folder(
    app: State<'_, App>,
    folder: String,
    collection: String,
) -> Answer<Vec<String>> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let stayed = engine.move_folder(&FolderId(folder), &collection).await;
        app.tell_library();
        Ok(stayed?.into_iter().map(|id| id.0).collect())
    })
    .await
}

/// Looks through a folder anew, and takes up what was left out before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_folder(app: State<'_, App>, folder: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.scan_folder(&FolderId(folder)).await }).await
}

/// Says what becomes of documents whose files went away all at once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settle_missing(app: State<'_, App>, folder: String, documents: Fate) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let ended = engine.settle_missing(&FolderId(folder), documents.into()).await;
        app.tell_library();
        ended.map(|_| ())
    })
    .await
}
