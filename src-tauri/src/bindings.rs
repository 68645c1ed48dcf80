//! The interface's TypeScript, generated from the commands and wire types.

use std::path::Path;

use specta_typescript::Typescript;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::commands;
use crate::wire::{
    Arrived, CommandPicked, LibraryChanged, QuestionWanted, QuitAsked, StatusChanged, TrayChanged,
};

const HEADER: &str = "// Generated from src-tauri by `npm run bindings`; do not edit.\n\
/* eslint-disable */\n";

/// All commands and events of the window.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            commands::status,
            commands::program::take_arrivals,
            commands::program::quit,
            commands::program::notify,
            commands::program::third_party_notices,
            commands::program::show_tray,
            commands::program::show_menus,
            commands::data::data_folder,
            commands::data::pick_data_folder,
            commands::data::plan_move,
            commands::data::move_data,
            commands::data::cancel_move,
            commands::data::remove_old_data,
            commands::data::diagnostics,
            commands::data::save_diagnostics,
            commands::fetch_models,
            commands::cancel_fetch,
            commands::add_paths,
            commands::pick_files,
            commands::pick_folder,
            commands::cancel_jobs,
            commands::jobs::indexing_paused,
            commands::jobs::pause_indexing,
            commands::jobs::resume_indexing,
            commands::jobs::retry_failed,
            commands::retry_job,
            commands::unlock_job,
            commands::dismiss_job,
            commands::list_jobs,
            commands::list_documents,
            commands::removal::remove_documents,
            commands::removal::hold_removal,
            commands::removal::finish_removal,
            commands::removal::take_quotes,
            commands::removal::undo_removal,
            commands::collections::move_to_collection,
            commands::collections::rename_collection,
            commands::document_coverage,
            commands::document_page,
            commands::document_bytes,
            commands::document_picture,
            commands::files::standing,
            commands::files::document_chunks,
            commands::files::document_history,
            commands::files::read_again,
            commands::files::look_through,
            commands::files::stop_looking,
            commands::files::samples,
            commands::files::open_document,
            commands::files::reveal_document,
            commands::files::open_address,
            commands::folders::list_folders,
            commands::folders::folders_among,
            commands::folders::watch_folder,
            commands::folders::unwatch_folder,
            commands::folders::pause_folder,
            commands::folders::ignore_in_folder,
            commands::folders::move_folder,
            commands::folders::scan_folder,
            commands::folders::settle_missing,
            commands::ask,
            commands::cancel_ask,
            commands::list_conversations,
            commands::conversation_turns,
            commands::search_conversations,
            commands::rename_conversation,
            commands::pin_conversation,
            commands::export_conversation,
            commands::export_trace,
            commands::remove_conversation,
            commands::models::models_view,
            commands::models::download_model,
            commands::models::pause_download,
            commands::models::discard_download,
            commands::models::use_model,
            commands::models::stop_using,
            commands::models::embedder_cost,
            commands::models::import_model,
            commands::models::pick_model_file,
            commands::models::measure_model,
            commands::models::remove_model,
            commands::models::unload_models,
            commands::models::try_model,
            commands::models::cancel_model_work,
            commands::suggestions,
            commands::explain,
            commands::set_feedback,
            commands::list_cases,
            commands::make_case,
            commands::remove_case,
            commands::run_case,
            commands::prompts::list_prompts,
            commands::prompts::edit_prompt,
            commands::prompts::use_prompt,
            commands::prompts::text_changes,
        ])
        .events(collect_events![
            LibraryChanged,
            StatusChanged,
            Arrived,
            QuitAsked,
            TrayChanged,
            QuestionWanted,
            CommandPicked
        ])
        .error_handling(ErrorHandlingMode::Throw)
        // Every type crosses in one direction only; one shape each is enough.
        .disable_serde_phases()
        // Sizes of files: nothing near 2^53.
        .dangerously_cast_bigints_to_number()
}

/// The text of `bindings.ts`.
///
/// # Errors
/// A type that TypeScript cannot express; a test rules that out.
pub fn bindings() -> Result<String, String> {
    // The exporter knows files only.
    let file = std::env::temp_dir().join(format!("footnote-bindings-{}.ts", std::process::id()));
    let exported = builder()
        .export(Typescript::default().header(HEADER), &file)
        .map_err(|e| e.to_string())
        .and_then(|()| std::fs::read_to_string(&file).map_err(|e| e.to_string()));
    let _ = std::fs::remove_file(&file);
    exported
}

/// Compares the file with what it should be.
///
/// # Errors
/// Says that it is stale, and how to renew it.
pub fn check_bindings(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    if text == bindings()? {
        Ok(())
    } else {
        Err(format!("{} is stale; run `npm run bindings`", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_bindings_are_current() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/backend/bindings.ts");
        assert_eq!(check_bindings(&file), Ok(()));
    }
}
