//! `footnote extract`

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use footnote_core::ocr::{ExtractedPage, PageReader};
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, Page, PageSource};
use footnote_core::{Error, ErrorCode, Password, Result};
use tokio_util::sync::CancellationToken;

use crate::args::{Global, PasswordArgs};
use crate::compose::{self, Composition};
use crate::output;
use crate::password;

pub async fn run(
    global: &Global,
    file: &Path,
    password: PasswordArgs,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let given = password.password_stdin.then(password::from_stdin).transpose()?;
    let reader = PageReader::new(Composition::new(global)?.recognizer().await?);
    let mut read = pages(file, given.clone(), &reader, cancel).await;
    let asks = given.is_none() && !global.json && password::can_ask();
    if asks
        && let Err(error) = &read
        && error.code == Some(ErrorCode::PasswordNeeded)
        && let Some(password) = password::ask(&file.display().to_string()).await?
    {
        read = pages(file, Some(password), &reader, cancel).await;
    }
    let (pages, summary) = read?;
    if global.json {
        let pages: Vec<_> = pages
            .iter()
            .map(|page| {
                serde_json::json!({
                    "number": page.number, "label": page.label, "text": page.text,
                    "source": page.source, "confidence": page.confidence, "lines": page.lines,
                })
            })
            .collect();
        output::json(&serde_json::json!({
            "pages": pages, "warnings": summary.warnings.iter().map(|warning| &warning.text).collect::<Vec<_>>(), "title": summary.title, "author": summary.author,
            "date": summary.date, "language": summary.language, "media_type": summary.media_type,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for page in &pages {
        let label = page
            .label
            .as_deref()
            .map(|label| format!(" ({label})"))
            .unwrap_or_default();
        let state = match page.source {
            PageSource::Text => String::new(),
            PageSource::Ocr => page.confidence.map_or_else(
                || ", recognised".to_owned(),
                |sure| format!(", recognised, {:.0} % sure", sure * 100.0),
            ),
            PageSource::Empty => ", empty".to_owned(),
            PageSource::Failed => ", failed".to_owned(),
        };
        output::line(format!(
            "--- page {}{label}{state} ---\n{}",
            page.number, page.text
        ))?;
    }
    let told = [
        ("title", &summary.title),
        ("author", &summary.author),
        ("date", &summary.date),
        ("language", &summary.language),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            output::note(format!("{name}: {value}"));
        }
    }
    for page in &pages {
        for line in page.lines.iter().filter(|line| line.is_doubtful()) {
            output::note(format!(
                "doubtful: page {}, {:.0} % sure: “{}”",
                page.number,
                line.confidence * 100.0,
                line.span.of(&page.text)
            ));
        }
    }
    for warning in &summary.warnings {
        output::note(format!("warning: {warning}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The file's pages, and what is said of the whole.
async fn pages(
    file: &Path,
    password: Option<Password>,
    reader: &PageReader,
    cancel: &CancellationToken,
) -> Result<(Vec<Page>, ExtractSummary)> {
    let extractor = compose::extractor()?;
    let (file, cancel) = (std::path::absolute(file)?, cancel.clone());
    let reader = reader.clone();
    tokio::task::spawn_blocking(move || {
        let mut pages: Vec<Page> = Vec::new();
        let mut reading = reader.begin(cancel.clone());
        let mut sink = |extracted: ExtractedPage| match reading.page(extracted) {
            Some(page) => {
                pages.push(page);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let extracted = extractor.extract(&file, password.as_ref(), &mut sink, &cancel);
        let (summary, _) = reading.end(extracted)?;
        Ok((pages, summary))
    })
    .await
    .map_err(|e| Error::bug(format!("the reader stopped: {e}")))?
}
