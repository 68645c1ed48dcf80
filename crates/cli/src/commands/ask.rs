//! `footnote ask`

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use footnote_core::answer::{AnswerSink, AskRequest};
use footnote_core::engine::Engine;
use footnote_core::retrieve::check_query;
use footnote_core::types::{
    Answer, AnswerEvent, AnswerStage, Scope, Sentence, Timings, TokenCounts, Trace, Verdict,
};
use footnote_core::{ConversationId, Error, Result};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{AskArgs, Global, ScopeArgs};
use crate::compose::Composition;
use crate::output;

/// The object `ask --json` ends with.
#[derive(Serialize)]
struct AnswerView<'a> {
    answer: &'a str,
    abstained: bool,
    sentences: &'a [Sentence],
    citations: &'a [footnote_core::types::Citation],
    disagreements: &'a [footnote_core::types::Disagreement],
    passages: &'a [footnote_core::types::Passage],
    trace: &'a Trace,
    timings_ms: &'a Timings,
    tokens: &'a TokenCounts,
    conversation: &'a ConversationId,
}

pub async fn run(
    global: &Global,
    question: &str,
    args: &AskArgs,
    stream: bool,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    // Before the models are opened, which may take a while.
    check_query(question)?;
    let composition = Composition::new(global)?;
    let engine = composition.answering_engine().await?;
    let mut request = AskRequest::new(question);
    request.scope = resolve_scope(&engine, &args.scope).await?;
    request.conversation = args.conversation.clone().map(ConversationId);
    request.sampling = args.sampling();
    let json = global.json;
    let sink: AnswerSink = if json {
        Arc::new(move |event| {
            if stream {
                let _ = output::json(&event);
            }
        })
    } else {
        printer()
    };
    let answer = engine.ask(request, sink, cancel.clone()).await?;
    if json {
        output::json(&AnswerView {
            answer: &answer.answer,
            abstained: answer.abstained,
            sentences: &answer.sentences,
            citations: &answer.citations,
            disagreements: &answer.disagreements,
            passages: &answer.passages,
            trace: &answer.trace,
            timings_ms: &answer.timings_ms,
            tokens: &answer.tokens,
            conversation: &answer.conversation,
        })?;
    } else {
        print_end(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the answer's text as it streams.
pub fn printer() -> AnswerSink {
    let scanning = AtomicBool::new(false);
    Arc::new(move |event| match event {
        AnswerEvent::Stage {
            stage: AnswerStage::Scanning | AnswerStage::Summarizing,
        } => scanning.store(true, Ordering::Relaxed),
        AnswerEvent::Progress { done, total } => output::progress(done, total),
        AnswerEvent::Passages { passages, .. } if !scanning.load(Ordering::Relaxed) => {
            output::note(format!("{} passages found; reading", passages.len()));
        }
        AnswerEvent::Delta { text } => {
            let _ = output::piece(text);
        }
        _ => {}
    })
}

/// Prints what follows the streamed text: the sources, and what no source carries.
pub fn print_end(answer: &Answer) -> Result<()> {
    if let Some(filtered) = &answer.trace.filtered {
        output::note(output::filtered(filtered));
    }
    for passage in answer.passages.iter().filter(|passage| passage.is_marked()) {
        output::note(format!(
            "\nWarning: {}, page {}, has instructions to the model that reads it. They were kept from it.",
            passage.path.display(),
            passage.page
        ));
    }
    if answer.abstained {
        if answer.tokens.generated > 0 {
            output::line("")?;
        }
        return output::line(&answer.answer);
    }
    output::line("\n")?;
    for source in output::sources(answer) {
        output::line(source)?;
    }
    let disagreements = output::disagreements(answer);
    if !disagreements.is_empty() {
        output::line("")?;
    }
    for line in disagreements {
        output::line(line)?;
    }
    if let Some(table) = &answer.trace.table {
        output::line(format!(
            "\nComputed over {} of {} rows by\n{}",
            table.matched, table.rows, table.sql
        ))?;
    }
    let carried = answer
        .sentences
        .iter()
        .filter(|s| s.verdict == Verdict::Supported)
        .count();
    output::line(format!(
        "\n{carried} of {} sentences supported",
        answer.sentences.len()
    ))?;
    for sentence in answer
        .sentences
        .iter()
        .filter(|s| s.verdict == Verdict::Unsupported)
    {
        output::line(format!("unsupported: {}", sentence.text))?;
    }
    Ok(())
}

/// Paths to documents.
///
/// # Errors
/// A path is not of an indexed document.
pub async fn resolve_scope(engine: &Engine, args: &ScopeArgs) -> Result<Scope> {
    let mut scope = Scope {
        collection: args.collection.clone(),
        documents: Vec::new(),
    };
    for path in &args.documents {
        let found = engine.documents_at(path).await?;
        if found.is_empty() {
            return Err(
                Error::user(format!("{} is not among the documents", path.display()))
                    .code(footnote_core::ErrorCode::NotFound)
                    .hint("`footnote documents list` shows them; add it with `footnote add`"),
            );
        }
        scope
            .documents
            .extend(found.into_iter().map(|document| document.id));
    }
    Ok(scope)
}
