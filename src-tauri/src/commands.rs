//! What the window may ask for. Every command answers with a value or an [`ErrorView`]; a panic
//! becomes one too.

pub(crate) mod collections;
pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod folders;
pub(crate) mod jobs;
pub(crate) mod models;
pub(crate) mod program;
pub(crate) mod prompts;
pub(crate) mod removal;

use std::future::Future;
use std::path::PathBuf;

use footnote_core::explain::{ExplainRequest, Target};
use footnote_core::otlp::{self, Content};
use footnote_core::{
    CaseId, ConversationId, DocumentId, Error, JobId, Password, Problem, Result as CoreResult, RevisionId,
    TurnId, export,
};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use crate::app::App;
use crate::wire::{
    self, AnswerEvent, AskRequest, Bytes, Case, CaseRun, Conversation, ConversationHit, Document,
    EngineStatus, ErrorView, Explanation, ExportFormat, Feedback, FetchEvent, IndexJob, IngestEvent, NewCase,
    Page, PageCoverage, Turn, WhyRequest,
};

type Answer<T> = Result<T, ErrorView>;

/// Runs a command's work as a task of its own, so that a panic ends that task alone and the window
/// gets an answer all the same.
async fn guard<T: Send + 'static>(work: impl Future<Output = CoreResult<T>> + Send + 'static) -> Answer<T> {
    match tokio::spawn(work).await {
        Ok(outcome) => outcome.map_err(ErrorView::from),
        Err(error) if error.is_panic() => {
            tracing::error!(%error, "a command panicked");
            Err(Error::bug("Something went wrong inside Footnote").into())
        }
        Err(_) => Err(Error::canceled().into()),
    }
}

/// State of engine, models and provider. Asking is also how the window tries a failed start again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn status(app: State<'_, App>) -> Answer<EngineStatus> {
    let app = app.inner().clone();
    guard(async move {
        app.retry_failed_start().await;
        Ok(app.status().await)
    })
    .await
}

/// Fetches every missing model and starts the engine; resolves when both are done.
#[tauri::command]
#[specta::specta]
pub(crate) async fn fetch_models(app: State<'_, App>, on_event: Channel<FetchEvent>) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.fetch_models(move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// Stops a download; what has arrived is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_fetch(app: State<'_, App>) -> Answer<()> {
    app.cancel_fetch();
    Ok(())
}

/// Ingests files and folders into a collection, but for the files of `except`; resolves when all of them have been dealt with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_paths(
    app: State<'_, App>,
    paths: Vec<String>,
    except: Vec<String>,
    collection: String,
    on_event: Channel<IngestEvent>,
) -> Answer<()> {
    let app = app.inner().clone();
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let except = except.into_iter().map(PathBuf::from).collect();
    guard(async move {
        app.add(paths, except, &collection, move |event| {
            let _ = on_event.send(event);
        })
        .await
    })
    .await
}

/// The system's file dialog; empty if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_files(handle: AppHandle) -> Answer<Vec<String>> {
    let (send, receive) = oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title("Add files")
        .pick_files(move |picked| {
            let _ = send.send(picked.unwrap_or_default());
        });
    Ok(texts(receive.await.unwrap_or_default()))
}

/// The system's folder dialog; empty if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_folder(handle: AppHandle) -> Answer<Vec<String>> {
    let (send, receive) = oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title("Add a folder")
        .pick_folder(move |picked| {
            let _ = send.send(picked.into_iter().collect());
        });
    Ok(texts(receive.await.unwrap_or_default()))
}

fn texts(picked: Vec<FilePath>) -> Vec<String> {
    picked
        .into_iter()
        .filter_map(|path| path.into_path().ok())
        .map(|path| wire::path_text(&path))
        .collect()
}

/// Stops all jobs at work and waiting.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_jobs(app: State<'_, App>) -> Answer<()> {
    app.cancel_jobs();
    Ok(())
}

/// Sets a failed or canceled job going again; `LibraryChanged` tells how it goes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_job(app: State<'_, App>, job: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.retry(JobId(job), None).await }).await
}

/// As `retry_job`, for a file that is locked. The password is kept for this reading only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_job(app: State<'_, App>, job: String, password: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let password = Password::new(password).ok_or_else(|| {
            Error::user("This can be no document's password")
                .problem(Problem::PasswordImpossible)
                .hint("Give the password that opens the document, of 1024 characters at most")
        })?;
        app.retry(JobId(job), Some(password)).await
    })
    .await
}

/// Forgets a failed job.
#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_job(app: State<'_, App>, job: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.dismiss_job(&JobId(job)).await }).await
}

/// Jobs that wait, run, or failed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_jobs(app: State<'_, App>) -> Answer<Vec<IndexJob>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.unfinished_jobs().await?)) }).await
}

/// All documents, by path.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_documents(app: State<'_, App>) -> Answer<Vec<Document>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.documents().await?)) }).await
}

/// How each page of a document was read, in order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_coverage(app: State<'_, App>, document: String) -> Answer<Vec<PageCoverage>> {
    let app = app.inner().clone();
    guard(async move {
        let coverage = app.engine().await?.coverage(&DocumentId(document)).await?;
        Ok(wire::all(coverage))
    })
    .await
}

/// A page as the index holds it; `revision` is the one a citation was made from, if any.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_page(
    app: State<'_, App>,
    document: String,
    revision: Option<String>,
    number: u32,
) -> Answer<Page> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let revision = revision.map(RevisionId);
        Ok(
            crate::files::page(&engine, &DocumentId(document), revision.as_ref(), number)
                .await?
                .into(),
        )
    })
    .await
}

/// The bytes of a document's own file, if they are still those that were indexed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_bytes(app: State<'_, App>, document: String) -> Answer<Bytes> {
    let app = app.inner().clone();
    guard(async move {
        let document = app.engine().await?.document(&DocumentId(document)).await?;
        crate::files::bytes(document).await.map(Bytes)
    })
    .await
}

/// A page of a document that is a picture, as PNG: of kinds that the window does not decode.
#[tauri::command]
#[specta::specta]
pub(crate) async fn document_picture(app: State<'_, App>, document: String, page: u32) -> Answer<Bytes> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        crate::files::picture(&engine, &DocumentId(document), page)
            .await
            .map(Bytes)
    })
    .await
}

/// Starts an answer and returns its id at once; the answer comes through the channel.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ask(
    app: State<'_, App>,
    request: AskRequest,
    on_event: Channel<AnswerEvent>,
) -> Answer<String> {
    let app = app.inner().clone();
    guard(async move {
        app.ask(request.into(), move |event| on_event.send(event.into()).is_ok())
            .await
    })
    .await
}

/// Stops an answer; the text so far is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_ask(app: State<'_, App>, ask: String) -> Answer<()> {
    app.cancel_ask(&ask);
    Ok(())
}

/// Conversations: pinned ones before others, then latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_conversations(app: State<'_, App>) -> Answer<Vec<Conversation>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.conversations().await?)) }).await
}

/// Turns of a conversation, oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conversation_turns(app: State<'_, App>, conversation: String) -> Answer<Vec<Turn>> {
    let app = app.inner().clone();
    guard(async move {
        let turns = app.engine().await?.turns(&ConversationId(conversation)).await?;
        Ok(wire::all(turns))
    })
    .await
}

/// Conversations that have all of the words in their title or in one turn.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search_conversations(app: State<'_, App>, words: String) -> Answer<Vec<ConversationHit>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.search_conversations(&words).await?)) }).await
}

/// Gives a conversation another title.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_conversation(
    app: State<'_, App>,
    conversation: String,
    title: String,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        engine
            .rename_conversation(&ConversationId(conversation), &title)
            .await?;
        Ok(())
    })
    .await
}

/// Pins a conversation to the top, or lets it go.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pin_conversation(app: State<'_, App>, conversation: String, pinned: bool) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        engine
            .pin_conversation(&ConversationId(conversation), pinned)
            .await?;
        Ok(())
    })
    .await
}

/// Writes a conversation with its citations where the system's dialog says; its path, or none if it was canceled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_conversation(
    handle: AppHandle,
    app: State<'_, App>,
    conversation: String,
    format: ExportFormat,
    mask: bool,
) -> Answer<Option<String>> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let mut conversation = engine.conversation(&ConversationId(conversation)).await?;
        let format = format.into();
        let mut turns = engine.turns(&conversation.id).await?;
        if mask {
            (conversation, turns) = app.masked(conversation, turns).await?;
        }
        let withdrawn = engine.withdrawn(&turns).await?;
        let text = export::export(&conversation, &turns, &withdrawn, format)?;
        let name = export::file_name(&conversation, format);
        save(&handle, "Export the conversation", &name, text).await
    })
    .await
}

/// Writes how an answer came about where the system's dialog says, as OTLP in JSON; its path, or none if it was canceled.
/// `texts`: question, passages, prompt and answer, too.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_trace(
    handle: AppHandle,
    app: State<'_, App>,
    conversation: String,
    turn: String,
    texts: bool,
    mask: bool,
) -> Answer<Option<String>> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        let mut conversation = engine.conversation(&ConversationId(conversation)).await?;
        let mut turns = engine.turns(&conversation.id).await?;
        turns.retain(|kept| kept.id.0 == turn);
        if mask {
            (conversation, turns) = app.masked(conversation, turns).await?;
        }
        let content = if texts { Content::Texts } else { Content::Numbers };
        let name = otlp::file_name(&conversation);
        save(&handle, "Save the trace", &name, otlp::lines(&turns, content)?).await
    })
    .await
}

/// Writes a file where the system's dialog says; its path, or none if it was canceled.
async fn save(handle: &AppHandle, title: &str, name: &str, text: String) -> CoreResult<Option<String>> {
    let (send, receive) = oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title(title)
        .set_file_name(name)
        .save_file(move |picked| {
            let _ = send.send(picked);
        });
    let Some(path) = receive
        .await
        .ok()
        .flatten()
        .and_then(|picked| picked.into_path().ok())
    else {
        return Ok(None);
    };
    crate::files::write(path, text).await.map(Some)
}

/// Questions that the documents can answer, after a turn: about what was found for it and not used.
#[tauri::command]
#[specta::specta]
pub(crate) async fn suggestions(
    app: State<'_, App>,
    conversation: String,
    turn: String,
) -> Answer<Vec<String>> {
    let app = app.inner().clone();
    guard(async move {
        let (engine, cancel) = (app.engine().await?, app.ending());
        engine
            .suggestions(&ConversationId(conversation), &TurnId(turn), &cancel)
            .await
    })
    .await
}

/// Says why something was not found, or not used, for a question that was asked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn explain(app: State<'_, App>, request: WhyRequest) -> Answer<Explanation> {
    let app = app.inner().clone();
    guard(async move {
        let (engine, cancel) = (app.engine().await?, app.ending());
        let words = request.words.clone();
        let mut request: ExplainRequest = request.into();
        if let Some(words) = words {
            let Target { document, page, .. } = &request.target;
            request.target = engine.locate(document, *page, &words, &cancel).await?;
        }
        Ok(engine.explain(&request, &cancel).await?.into())
    })
    .await
}

/// Keeps what the user thinks of an answer; none takes it back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_feedback(
    app: State<'_, App>,
    turn: String,
    feedback: Option<Feedback>,
) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        let engine = app.engine().await?;
        engine.set_feedback(&TurnId(turn), feedback.map(Into::into)).await
    })
    .await
}

/// The user's cases, the oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_cases(app: State<'_, App>) -> Answer<Vec<Case>> {
    let app = app.inner().clone();
    guard(async move { Ok(wire::all(app.engine().await?.cases().await?)) }).await
}

/// Makes a case.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_case(app: State<'_, App>, made: NewCase) -> Answer<Case> {
    let app = app.inner().clone();
    guard(async move { Ok(app.engine().await?.make_case(made.into()).await?.into()) }).await
}

/// Deletes a case.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_case(app: State<'_, App>, id: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move { app.engine().await?.remove_case(&CaseId(id)).await }).await
}

/// Asks a case's question without keeping the answer, and judges it; `cancel_ask` with the case's id stops it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_case(app: State<'_, App>, id: String) -> Answer<CaseRun> {
    let app = app.inner().clone();
    guard(async move { Ok(app.run_case(&CaseId(id)).await?.into()) }).await
}

/// Deletes a conversation.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_conversation(app: State<'_, App>, conversation: String) -> Answer<()> {
    let app = app.inner().clone();
    guard(async move {
        app.engine()
            .await?
            .remove_conversation(&ConversationId(conversation))
            .await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::ErrorKind;

    #[tokio::test]
    async fn a_panic_in_a_command_becomes_an_error_with_a_remedy() {
        let answer: Answer<()> = guard(async { panic!("boom") }).await;
        let error = answer.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Bug.into());
        assert!(!error.message.contains("boom"));
        assert!(error.hint.is_some());
    }
}
