//! Files: what adding them would do, samples of them, and a document's own file in the system's programs. Of what is in the library
//! the window names a document, never a path.

use footnote_core::DocumentId;
use tauri::State;
use tauri::ipc::Channel;

use super::{Answer, guard};
use crate::app::App;
use crate::blocking::blocking;
use crate::wire::{self, Chunk, DocumentHistory, IngestEvent, Preflight, Quoted, Samples, Standings};
use crate::{samples, system};

/// Says what adding these files and folders to a collection would do; `on_found` hears how many files were found so far.
#[tauri::command]
#[specta::specta]
pub(crate) async fn look_through(
    app: State<'_, App>,
    paths: Vec<String>,
    collection: String,
    on_found: Channel<u32>,
) -> Answer<Preflight> {
    let app = app.inner().clone();
    let paths = paths.into_iter().map(Into::into).collect();
    guard(async move {
        let found = move |files| {
            let _ = on_found.send(files);
        };
        Ok(app.look_through(paths, &collection, found).await?.into())
    })
    .await
}

/// Stops looking through folders.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_looking(app: State<'_, App>) -> Answer<()> {
    app.stop_looking();
    Ok(())
}

/// What became of words that answers quoted from earlier revisions of a document, in the same order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn standing(
    app: State<'_, App>,
    document: String,
    quoted: Vec<Quoted>,
) -> Answer<Standings> {
    let app = app.inner().clone();
    let quoted = quoted.into_iter().map(Into::into).collect();
    guard(async move {
        let found = app
            .engine()
            .await?
            .standing(&DocumentId(document), quoted)
            .await?;
        Ok(found.into())
    })
    .await
}

/// The chunks of a document as they are indexed, in order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_chunks(app: State<'_, App>, document: String) -> Answer<Vec<Chunk>> {
    let app = app.inner().clone();
    guard(async move {
        Ok(wire::all(
            app.engine().await?.chunks(&DocumentId(document)).await?,
        ))
    })
    .await
}

/// What became of a document, and which of its revisions answers cite.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_history(app: State<'_, App>, document: String) -> Answer<DocumentHistory> {
    let app = app.inner().clone();
    guard(async move { Ok(app.engine().await?.history(&DocumentId(document)).await?.into()) }).await
}

/// Reads documents again, even if their files did not change; resolves when all of them have been dealt with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn read_again(
    app: State<'_, App>,
    documents: Vec<String>,
    on_event: Channel<IngestEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    let documents = documents.into_iter().map(DocumentId).collect();
    guard(async move {
        app.read_again(documents, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Puts the samples into the data folder, unless they are there; gives what is to be added and asked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn samples(app: State<'_, App>) -> Answer<Samples> {
    let folder = app.machine_dir().join("samples");
    guard(async move {
        let paths = blocking(move || samples::unpack(&folder)).await?;
        Ok(Samples {
            paths: paths.iter().map(|path| wire::path_text(path)).collect(),
            question: samples::QUESTION.trim().to_owned(),
        })
    })
    .await
}

/// Opens a document's file in the program that the system has for it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_document(app: State<'_, App>, document: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let document = app.engine().await?.document(&DocumentId(document)).await?;
        blocking(move || system::open(&document.path)).await
    })
    .await
}

/// Shows a document's file in its folder.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal_document(app: State<'_, App>, document: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let document = app.engine().await?.document(&DocumentId(document)).await?;
        blocking(move || system::reveal(&document.path)).await
    })
    .await
}

/// Opens an address of a document in the system's browser or mail program. The window asks before, and shows all of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_address(address: String) -> Answer<()> {
    guard(async move {
        let address = system::Address::parse(&address)?;
        blocking(move || address.open()).await
    })
    .await
}
