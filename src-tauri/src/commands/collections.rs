//! Collections: named sets of documents. Which there are, and what is in them, the window knows from the documents, jobs and
//! folders that it lists.

use footnote_core::DocumentId;
use tauri::State;

use super::{Answer, guard};
use crate::app::App;

/// Moves documents to a collection, which is made if it is not there. Answers with those that stayed where they are,
/// because the collection has the same files already.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_to_collection(
    app: State<'_, App>,
    documents: Vec<String>,
    collection: String,
) -> Answer<Vec<String>> {
    let app = app.inner().clone();
    guard(async move {
        let documents: Vec<_> = documents.into_iter().map(DocumentId).collect();
        let engine = app.engine().await?;
        let stayed = engine.move_to_collection(&documents, &collection).await;
        app.tell_library();
        Ok(stayed?.into_iter().map(|id| id.0).collect())
    })
    .await
}

/// Gives a collection another name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_collection(app: State<'_, App>, from: String, to: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let renamed = app.engine().await?.rename_collection(&from, &to).await;
        app.tell_library();
        renamed
    })
    .await
}
