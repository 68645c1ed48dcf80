//! `footnote documents`

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use footnote_core::engine::{Engine, FileState};
use footnote_core::history::{DocumentEvent, Happening, History, Occasion};
use footnote_core::removal::Quotes;
use footnote_core::types::{Document, JobStatus, PageCoverage, PageSource, PageUnit};
use footnote_core::{DocumentId, Error, ErrorCode, Password, Result};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::add::unlock;
use crate::args::{DocumentsCommand, Global};
use crate::compose::Composition;
use crate::output;
use crate::password;
use crate::progress::Terminal;

pub async fn run(global: &Global, command: DocumentsCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    match command {
        DocumentsCommand::List => list(global, &engine).await,
        DocumentsCommand::Show { document } => {
            for document in find(&engine, &document).await? {
                let coverage = engine.coverage(&document.id).await?;
                let history = engine.history(&document.id).await?;
                show(global, &document, &coverage, &history)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        DocumentsCommand::Reread { documents, password } => {
            let given = password.password_stdin.then(password::from_stdin).transpose()?;
            reread(global, &engine, &documents, given, cancel).await
        }
        DocumentsCommand::Remove {
            documents,
            with_quotes,
            yes,
        } => remove(global, &engine, &documents, quotes(with_quotes), yes).await,
        DocumentsCommand::Verify => verify(global, &engine).await,
    }
}

async fn list(global: &Global, engine: &Engine) -> Result<ExitCode> {
    let documents = engine.documents().await?;
    if global.json {
        output::json(&serde_json::json!({ "documents": documents }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if documents.is_empty() {
        output::note("No documents yet: add some with `footnote add FOLDER`.");
    }
    for document in documents {
        output::line(format!(
            "{:>5} pages {:>6} chunks  {}",
            document.pages,
            document.chunks,
            document.path.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A document with its coverage map and its history.
#[derive(Serialize)]
struct DocumentView<'a> {
    #[serde(flatten)]
    document: &'a Document,
    coverage: &'a [PageCoverage],
    /// The oldest event first.
    history: Vec<EventView<'a>>,
}

/// An event, and for a reading the number of answers that cite what was read then.
#[derive(Serialize)]
struct EventView<'a> {
    #[serde(flatten)]
    event: &'a DocumentEvent,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<u32>,
}

impl<'a> EventView<'a> {
    fn new(event: &'a DocumentEvent, history: &History) -> Self {
        let answers = match &event.happening {
            Happening::Read { revision, .. } => Some(history.answers(revision)),
            _ => None,
        };
        Self { event, answers }
    }
}

fn show(global: &Global, document: &Document, coverage: &[PageCoverage], history: &History) -> Result<()> {
    let events = history.events.iter();
    let events: Vec<_> = events.map(|event| EventView::new(event, history)).collect();
    if global.json {
        return output::json(&DocumentView {
            document,
            coverage,
            history: events,
        });
    }
    output::line(format!(
        "{}\n  id          {}",
        document.path.display(),
        document.id
    ))?;
    output::line(format!("  title       {}", document.title))?;
    let told = [
        ("author", &document.author),
        ("date", &document.date),
        ("language", &document.language),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            output::line(format!("  {name:<11} {value}"))?;
        }
    }
    output::line(format!(
        "  type        {}, {}",
        document.media_type,
        output::bytes(document.bytes)
    ))?;
    output::line(format!("  collection  {}", document.collection))?;
    output::line(format!(
        "  pages       {} of {} searchable",
        document.searchable_pages, document.pages
    ))?;
    output::line(format!("  chunks      {}", document.chunks))?;
    output::line(format!("  indexed     {}", document.indexed_at))?;
    for stretch in coverage.chunk_by(|a, b| a.source == b.source) {
        output::line(format!("    {}", stretch_text(stretch)))?;
    }
    for warning in &document.warnings {
        output::line(format!("  warning     {warning}"))?;
    }
    if !events.is_empty() {
        output::line("  history")?;
    }
    for event in events {
        output::line(format!("    {}  {}", event.event.at, event_text(&event)))?;
    }
    Ok(())
}

/// What happened, in one line.
fn event_text(view: &EventView<'_>) -> String {
    match &view.event.happening {
        Happening::Read {
            occasion,
            pages,
            searchable_pages,
            chunks,
            warnings,
            embedder,
            ..
        } => {
            let why = match occasion {
                Occasion::Added => "added",
                Occasion::Changed => "the file had changed",
                Occasion::Asked => "read again on request",
                Occasion::Index => "read again for another index",
                Occasion::Repair => "read again because its index was incomplete",
                Occasion::Images => "read again because images can be read now",
                Occasion::Unrecorded => "read; nothing is known of the time before",
            };
            let mut text = format!("{why}: {searchable_pages} of {pages} pages searchable, {chunks} chunks");
            if *warnings > 0 {
                text += &format!(", {warnings} warnings");
            }
            if let Some(embedder) = embedder {
                text += &format!(", embedded with {embedder}");
            }
            if let Some(answers @ 1..) = view.answers {
                text += &format!("; {answers} answers cite it");
            }
            text
        }
        Happening::Failed { error } => format!("could not be read again: {}", error.message),
        Happening::Moved { from } => format!("moved from {}", from.display()),
        Happening::Collected { from, to } => format!("moved from the collection {from} to {to}"),
        Happening::Kept => "its file went away; it was kept".to_owned(),
        Happening::Returned => "its file is there again, unchanged".to_owned(),
    }
}

async fn reread(
    global: &Global,
    engine: &Engine,
    names: &[String],
    password: Option<Password>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let mut ids = Vec::new();
    for name in names {
        let found = find(engine, name).await?;
        ids.extend(found.into_iter().map(|document| document.id));
    }
    let terminal = Terminal::new(global.json);
    let mut jobs = engine.read_again(&ids, &terminal, cancel).await?;
    unlock(engine, &mut jobs, password, global.json, &terminal, cancel).await?;
    if cancel.is_cancelled() {
        return Err(Error::canceled());
    }
    let count = |status| jobs.iter().filter(|job| job.status == status).count();
    let waiting = count(JobStatus::Queued);
    if waiting > 0 {
        output::note(format!(
            "Indexing is paused: {waiting} files wait; `footnote jobs resume` ends the pause"
        ));
    }
    Ok(if count(JobStatus::Failed) == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Pages in a row that were read alike: `pages 3 to 7: text`.
fn stretch_text(stretch: &[PageCoverage]) -> String {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
        return String::new();
    };
    let unit = match first.unit {
        PageUnit::Page => "page",
        PageUnit::Section => "section",
        PageUnit::Sheet => "sheet",
        PageUnit::Slide => "slide",
        PageUnit::Message => "message",
    };
    let which = if first.number == last.number {
        format!("{unit} {}", first.number)
    } else {
        format!("{unit}s {} to {}", first.number, last.number)
    };
    let how = match first.source {
        PageSource::Text => "text".to_owned(),
        PageSource::Ocr => {
            let sure: Vec<f32> = stretch.iter().filter_map(|page| page.confidence).collect();
            let mean = sure.iter().sum::<f32>() / sure.len().max(1) as f32;
            let doubtful = match stretch.iter().map(|page| page.doubtful).sum::<u32>() {
                0 => String::new(),
                1 => ", 1 line to compare with the page".to_owned(),
                many => format!(", {many} lines to compare with the page"),
            };
            format!("recognised in images, {:.0} % sure{doubtful}", mean * 100.0)
        }
        PageSource::Empty => "nothing to read".to_owned(),
        PageSource::Failed => "could not be read".to_owned(),
    };
    format!("{which}: {how}")
}

async fn remove(
    global: &Global,
    engine: &Engine,
    names: &[String],
    quotes: Quotes,
    yes: bool,
) -> Result<ExitCode> {
    let mut documents = Vec::new();
    for name in names {
        documents.extend(find(engine, name).await?);
    }
    let chunks: u32 = documents.iter().map(|document| document.chunks).sum();
    if !yes
        && !confirmed(&format!(
            "Remove {} documents ({chunks} chunks) from Footnote{}? The files stay.",
            documents.len(),
            with(quotes)
        ))?
    {
        output::note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    for document in documents {
        let removed = engine.remove(&document.id, quotes).await?;
        if global.json {
            output::json(&serde_json::json!({ "removed": removed }))?;
        } else {
            output::line(format!("removed    {}", removed.path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What becomes of quotes, as part of a question.
pub(super) fn with(quotes: Quotes) -> &'static str {
    match quotes {
        Quotes::Stay => "",
        Quotes::Go => ", and their quotes from saved answers",
    }
}

/// What the switch `--with-quotes` says.
pub(super) fn quotes(go: bool) -> Quotes {
    if go { Quotes::Go } else { Quotes::Stay }
}

/// Asks on the terminal; the default is no.
///
/// # Errors
/// There is no terminal to ask on.
pub(super) fn confirmed(question: &str) -> Result<bool> {
    agreed("Removing", question)
}

/// As [`confirmed`], for anything else that is not done without a yes.
///
/// # Errors
/// There is no terminal to ask on.
pub(super) fn agreed(what: &str, question: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::user(format!("{what} needs a yes")).hint("Say --yes, or run it in a terminal"));
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

async fn verify(global: &Global, engine: &Engine) -> Result<ExitCode> {
    let report = engine.verify().await?;
    let sound = report.iter().all(|entry| entry.faults.is_empty());
    if global.json {
        output::json(&serde_json::json!({ "sound": sound, "documents": report }))?;
    } else {
        for entry in &report {
            let state = match (entry.faults.first(), entry.file) {
                (Some(_), _) => "FAULTY   ",
                (None, FileState::Same) => "sound    ",
                (None, FileState::Changed) => "changed  ",
                (None, FileState::Missing) => "missing  ",
            };
            output::line(format!("{state} {}", entry.document.path.display()))?;
            for fault in &entry.faults {
                output::line(format!("          {fault}"))?;
            }
        }
        if !sound {
            output::note("Remove the faulty documents and add them again.");
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Documents by id or path.
///
/// # Errors
/// There are none.
pub(super) async fn find(engine: &Engine, name: &str) -> Result<Vec<Document>> {
    if let Ok(document) = engine.document(&DocumentId(name.to_owned())).await {
        return Ok(vec![document]);
    }
    let found = engine.documents_at(Path::new(name)).await?;
    if found.is_empty() {
        return Err(Error::user(format!("{name} is not among the documents"))
            .code(ErrorCode::NotFound)
            .hint("`footnote documents list` shows them"));
    }
    Ok(found)
}
