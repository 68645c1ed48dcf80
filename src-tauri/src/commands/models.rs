//! What the page of models may ask for.

use std::path::PathBuf;

use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::oneshot;

use super::{Answer, guard, texts};
use crate::app::App;
use crate::wire::{AnswerEvent, EmbedderCost, FetchEvent, ModelEvent, ModelSpeed, ModelsView};

/// All models that are known or here, and what this machine has room for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn models_view(app: State<'_, App>) -> Answer<ModelsView> {
    let app = app.inner().clone();
    guard(async move { app.models_view().await }).await
}

/// Fetches one model of the catalog; resolves when it is there and checked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn download_model(
    app: State<'_, App>,
    model: String,
    on_event: Channel<FetchEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.download_model(model, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Stops a download; what has arrived is kept, and the next one goes on from there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_download(app: State<'_, App>, model: String) -> Answer<()> {
    app.pause_download(&model);
    Ok(())
}

/// Stops a download and throws away what has arrived.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discard_download(app: State<'_, App>, model: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.discard_download(&model).await }).await
}

/// Puts a model to work once it has computed something.
#[tauri::command]
#[specta::specta]
pub(crate) async fn use_model(
    app: State<'_, App>,
    model: String,
    on_event: Channel<ModelEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.use_model(model.parse()?, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Does without a role's model.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_using(app: State<'_, App>, role: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.stop_using(&role).await }).await
}

/// What it costs to use another embedder; measures it if that was not done yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn embedder_cost(
    app: State<'_, App>,
    model: String,
    on_event: Channel<ModelEvent>,
) -> Answer<EmbedderCost> {
    let app = app.inner().clone();
    guard(async move {
        app.embedder_cost(model.parse()?, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Converts a model file or folder of the user's own; its name from now on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_model(
    app: State<'_, App>,
    path: String,
    on_event: Channel<ModelEvent>,
) -> Answer<String> {
    let app = app.inner().clone();
    guard(async move {
        let name = app
            .import_model(PathBuf::from(path), move |event| {
                let _ = on_event.send(event);
            })
            .await?;
        Ok(name.to_string())
    })
    .await
}

/// The system's dialog for a model file; empty if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_model_file(handle: AppHandle) -> Answer<Vec<String>> {
    let (send, receive) = oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title("Import a model")
        .add_filter("GGUF", &["gguf"])
        .pick_file(move |picked| {
            let _ = send.send(picked.into_iter().collect());
        });
    Ok(texts(receive.await.unwrap_or_default()))
}

/// How fast a model is, measured now and kept with it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn measure_model(
    app: State<'_, App>,
    model: String,
    on_event: Channel<ModelEvent>,
) -> Answer<ModelSpeed> {
    let app = app.inner().clone();
    guard(async move {
        app.measure_model(model.parse()?, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Takes a model off the disk; a file it was imported from is not touched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_model(app: State<'_, App>, model: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.remove_model(model.parse()?).await }).await
}

/// Frees the memory of all models.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unload_models(app: State<'_, App>) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.unload_models().await }).await
}

/// Answers a question with a model that need not be in use; nothing is kept. Resolves after the last event.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_model(
    app: State<'_, App>,
    model: String,
    question: String,
    on_event: Channel<AnswerEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.try_model(model.parse()?, question, move |event| {
            on_event.send(event.into()).is_ok()
        })
        .await
    })
    .await
}

/// Stops a change, an import, a measurement or a trial.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_model_work(app: State<'_, App>) -> Answer<()> {
    app.cancel_model_work();
    Ok(())
}
