//! Removing documents, and bringing them back.

use footnote_core::{DocumentId, RemovalId};
use tauri::State;
use tauri::ipc::Channel;

use super::{Answer, guard};
use crate::app::App;
use crate::wire::{Quotes, RemovalEvent};

/// Removes documents; the files themselves stay. They are out of sight at once, and can be brought back for a while;
/// resolves when that is over and nothing of them is left but, as said, what answers quote.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_documents(
    app: State<'_, App>,
    documents: Vec<String>,
    quotes: Quotes,
    on_event: Channel<RemovalEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let documents: Vec<_> = documents.into_iter().map(DocumentId).collect();
        let send = move |event| {
            // Whoever does not listen any more cannot undo it either; it goes on all the same.
            let _ = on_event.send(event);
        };
        app.remove(&documents, quotes.into(), send).await
    })
    .await
}

/// Keeps a removal from being over while it is held; then its time begins anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hold_removal(app: State<'_, App>, removal: String, held: bool) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.engine().await?.hold_removal(&RemovalId(removal), held);
        Ok(())
    })
    .await
}

/// Ends the time in which a removal can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn finish_removal(app: State<'_, App>, removal: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.engine().await?.finish_removal(&RemovalId(removal));
        Ok(())
    })
    .await
}

/// Has a removal take what answers quote, too. False if it is over.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_quotes(app: State<'_, App>, removal: String) -> Answer<bool> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.take_quotes(&RemovalId(removal)).await }).await
}

/// Brings the documents of a removal back as they were; how many came.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_removal(app: State<'_, App>, removal: String) -> Answer<u32> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.undo_removal(&RemovalId(removal)).await }).await
}
