//! What the model is told to do.

use footnote_core::prompt::changes;
use tauri::State;

use super::{Answer, guard};
use crate::app::App;
use crate::wire::{self, DiffLine, Prompt};

/// All prompts with the user's copies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_prompts(app: State<'_, App>) -> Answer<Vec<Prompt>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.prompts().await?)) }).await
}

/// Makes a copy of a prompt with another text, and uses it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_prompt(app: State<'_, App>, id: String, text: String) -> Answer<Prompt> {
    let app = app.inner().clone();
    guard(async move { Ok(app.engine().await?.edit_prompt(&id, &text).await?.into()) }).await
}

/// Uses a copy of a prompt, or with none the one that comes with Footnote.
#[tauri::command]
#[specta::specta]
pub(crate) async fn use_prompt(app: State<'_, App>, id: String, number: Option<u32>) -> Answer<Prompt> {
    let app = app.inner().clone();
    guard(async move { Ok(app.engine().await?.use_prompt(&id, number).await?.into()) }).await
}

/// What makes one text of another, line by line.
#[tauri::command]
#[specta::specta]
pub(crate) async fn text_changes(first: String, second: String) -> Answer<Vec<DiffLine>> {
    guard(async move { Ok(wire::all(changes(&first, &second))) }).await
}
