//! `footnote chat`: questions and cited answers until the input ends.

use std::io::IsTerminal;
use std::process::ExitCode;

use footnote_core::answer::AskRequest;
use footnote_core::{ConversationId, Error, Result};
use rustyline::error::ReadlineError;
use tokio_util::sync::CancellationToken;

use super::ask::{Printer, resolve_scope};
use crate::args::{AskArgs, Global};
use crate::compose::Composition;
use crate::output;

const HELP: &str = "Type a question. /new begins a new conversation, /documents lists the documents, /quit ends. \
Ctrl-C stops an answer.";

pub async fn run(global: &Global, args: &AskArgs) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    let engine = composition.answering_engine().await?;
    let scope = resolve_scope(&engine, &args.scope).await?;
    let mut conversation = args.conversation.clone().map(ConversationId);
    let documents = engine.documents().await?.len();
    output::note(format!("Footnote, {documents} documents. {HELP}"));
    if documents == 0 {
        output::note("There are no documents yet: add some with `footnote add FOLDER`.");
    }
    let mut lines = Lines::new()?;
    loop {
        let question;
        (lines, question) = tokio::task::spawn_blocking(move || {
            let question = lines.next();
            (lines, question)
        })
        .await
        .map_err(|e| Error::bug(format!("reading the terminal stopped: {e}")))?;
        let Some(question) = question? else {
            return Ok(ExitCode::SUCCESS);
        };
        match question.trim() {
            "" => continue,
            "/quit" | "/exit" => return Ok(ExitCode::SUCCESS),
            "/help" => output::note(HELP),
            "/new" => {
                conversation = None;
                output::note("A new conversation.");
            }
            "/documents" => {
                for document in engine.documents().await? {
                    output::line(document.path.display().to_string())?;
                }
            }
            question => {
                let mut request = AskRequest::new(question);
                request.scope = scope.clone();
                request.conversation = conversation.clone();
                request.sampling = args.sampling();
                request.unproved = args.unproved();
                let cancel = CancellationToken::new();
                let printer = Printer::default();
                let asking = engine.ask(request, printer.sink(), cancel.clone());
                tokio::pin!(asking);
                let outcome = tokio::select! {
                    outcome = &mut asking => outcome,
                    _ = tokio::signal::ctrl_c() => {
                        cancel.cancel();
                        asking.await
                    }
                };
                match outcome {
                    Ok(answer) => {
                        printer.end(&answer)?;
                        conversation = Some(answer.conversation);
                    }
                    Err(error) if error.is_canceled() => output::note("\nStopped."),
                    Err(error) => output::note(output::error_text(&error)),
                }
            }
        }
    }
}

/// Lines from a terminal, with editing and recall, or from a pipe.
enum Lines {
    Terminal(Box<rustyline::DefaultEditor>),
    Pipe,
}

impl Lines {
    fn new() -> Result<Self> {
        if !std::io::stdin().is_terminal() {
            return Ok(Self::Pipe);
        }
        rustyline::DefaultEditor::new()
            .map(|editor| Self::Terminal(Box::new(editor)))
            .map_err(|e| Error::runtime(format!("The terminal cannot be read: {e}")))
    }

    fn next(&mut self) -> Result<Option<String>> {
        match self {
            Self::Pipe => {
                let mut line = String::new();
                let read = std::io::stdin().read_line(&mut line)?;
                Ok((read > 0).then_some(line))
            }
            Self::Terminal(editor) => match editor.readline("› ") {
                Ok(line) => {
                    // Recall is a convenience; a full history is no reason to stop.
                    let _ = editor.add_history_entry(&line);
                    Ok(Some(line))
                }
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
                Err(error) => Err(Error::runtime(format!("The terminal cannot be read: {error}"))),
            },
        }
    }
}
