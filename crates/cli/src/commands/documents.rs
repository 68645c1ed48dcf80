//! `footnote documents`

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use footnote_core::engine::{Engine, FileState};
use footnote_core::types::{Document, PageCoverage, PageSource, PageUnit};
use footnote_core::{DocumentId, Error, ErrorCode, Result};
use serde::Serialize;

use crate::args::{DocumentsCommand, Global};
use crate::compose::Composition;
use crate::output;

pub async fn run(global: &Global, command: DocumentsCommand) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    match command {
        DocumentsCommand::List => list(global, &engine).await,
        DocumentsCommand::Show { document } => {
            for document in find(&engine, &document).await? {
                show(global, &document, &engine.coverage(&document.id).await?)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        DocumentsCommand::Remove { documents, yes } => remove(global, &engine, &documents, yes).await,
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

/// A document with its coverage map.
#[derive(Serialize)]
struct DocumentView<'a> {
    #[serde(flatten)]
    document: &'a Document,
    coverage: &'a [PageCoverage],
}

fn show(global: &Global, document: &Document, coverage: &[PageCoverage]) -> Result<()> {
    if global.json {
        return output::json(&DocumentView { document, coverage });
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
    Ok(())
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
            format!("recognised in images, {:.0} % sure", mean * 100.0)
        }
        PageSource::Empty => "nothing to read".to_owned(),
        PageSource::Failed => "could not be read".to_owned(),
    };
    format!("{which}: {how}")
}

async fn remove(global: &Global, engine: &Engine, names: &[String], yes: bool) -> Result<ExitCode> {
    let mut documents = Vec::new();
    for name in names {
        documents.extend(find(engine, name).await?);
    }
    let chunks: u32 = documents.iter().map(|document| document.chunks).sum();
    if !yes
        && !confirmed(&format!(
            "Remove {} documents ({chunks} chunks) from Footnote, and their quotes from saved answers? The files stay.",
            documents.len()
        ))?
    {
        output::note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    for document in documents {
        let removed = engine.remove(&document.id).await?;
        if global.json {
            output::json(&serde_json::json!({ "removed": removed }))?;
        } else {
            output::line(format!("removed    {}", removed.path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks on the terminal; the default is no.
///
/// # Errors
/// There is no terminal to ask on.
pub(super) fn confirmed(question: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::user("Removing needs a yes").hint("Say --yes, or run it in a terminal"));
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
