//! `footnote ask`

use std::collections::HashSet;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
    request.unproved = args.unproved();
    let json = global.json;
    let printer = Printer::default();
    let sink: AnswerSink = if json {
        Arc::new(move |event| {
            if stream {
                let _ = output::json(&event);
            }
        })
    } else {
        printer.sink()
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
        printer.end(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints an answer: to a terminal as it is written, to anything else once it is checked.
#[derive(Default)]
pub struct Printer {
    streamed: Arc<Mutex<String>>,
}

impl Printer {
    /// Where the answer's events go.
    pub fn sink(&self) -> AnswerSink {
        let streamed = Arc::clone(&self.streamed);
        let scanning = AtomicBool::new(false);
        let watched = std::io::stdout().is_terminal();
        Arc::new(move |event| match event {
            AnswerEvent::Stage {
                stage: AnswerStage::Scanning | AnswerStage::Summarizing,
            } => scanning.store(true, Ordering::Relaxed),
            AnswerEvent::Progress { done, total } => output::progress(done, total),
            AnswerEvent::Passages { passages, .. } if !scanning.load(Ordering::Relaxed) => {
                output::note(format!("{} passages found; reading", passages.len()));
            }
            AnswerEvent::Delta { text } if watched => {
                let _ = output::piece(&text);
                let mut streamed = streamed.lock().unwrap_or_else(PoisonError::into_inner);
                streamed.push_str(&text);
            }
            _ => {}
        })
    }

    /// Prints the rest: the sources, what no source carries, and the text itself where it was not printed, or checks took
    /// something out again.
    ///
    /// # Errors
    /// Standard output was closed or is full.
    pub fn end(&self, answer: &Answer) -> Result<()> {
        let streamed = std::mem::take(&mut *self.streamed.lock().unwrap_or_else(PoisonError::into_inner));
        let text = answer.answer.trim();
        if !streamed.is_empty() && !answer.abstained && streamed.trim() != text {
            output::line(format!("\n\nChecked: {text}"))?;
        } else if !streamed.is_empty() {
            output::line("")?;
        } else if !answer.abstained {
            output::line(text)?;
        }
        print_rest(answer)
    }
}

fn print_rest(answer: &Answer) -> Result<()> {
    if let Some(filtered) = &answer.trace.filtered {
        output::note(output::filtered(filtered));
    }
    for note in output::understood(&answer.trace.acronyms, &answer.trace.sub_questions) {
        output::note(note);
    }
    for passage in answer.passages.iter().filter(|passage| passage.is_marked()) {
        output::note(format!(
            "\nWarning: {}, page {}, has instructions to the model that reads it. They were kept from it.",
            passage.path.display(),
            passage.page
        ));
    }
    if answer.abstained {
        return output::line(&answer.answer);
    }
    output::line("")?;
    for source in output::sources(answer, &HashSet::new()) {
        output::line(source)?;
    }
    let disagreements = output::disagreements(answer, &HashSet::new());
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
    let removed = answer.trace.corrections.sentences_removed;
    if removed > 0 {
        output::line(format!("{removed} without a source left out"))?;
    }
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
