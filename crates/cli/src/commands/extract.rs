//! `footnote extract`

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use footnote_core::ocr::{ExtractedPage, PageReader};
use footnote_core::ports::Extractor;
use footnote_core::types::{Page, PageSource};
use footnote_core::{Error, Result};
use tokio_util::sync::CancellationToken;

use crate::args::Global;
use crate::compose::{self, Composition};
use crate::output;

pub async fn run(global: &Global, file: &Path, cancel: &CancellationToken) -> Result<ExitCode> {
    let extractor = compose::extractor()?;
    let reader = PageReader::new(Composition::new(global)?.recognizer().await?);
    let (file, cancel) = (std::path::absolute(file)?, cancel.clone());
    let (pages, summary) = tokio::task::spawn_blocking(move || {
        let mut pages: Vec<Page> = Vec::new();
        let mut reading = reader.begin(cancel.clone());
        let mut sink = |extracted: ExtractedPage| match reading.page(extracted) {
            Some(page) => {
                pages.push(page);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let extracted = extractor.extract(&file, &mut sink, &cancel);
        let (summary, _) = reading.end(extracted)?;
        Ok::<_, Error>((pages, summary))
    })
    .await
    .map_err(|e| Error::bug(format!("the reader stopped: {e}")))??;
    if global.json {
        let pages: Vec<_> = pages
            .iter()
            .map(|page| {
                serde_json::json!({
                    "number": page.number, "label": page.label, "text": page.text,
                    "source": page.source, "confidence": page.confidence,
                })
            })
            .collect();
        output::json(&serde_json::json!({
            "pages": pages, "warnings": summary.warnings, "title": summary.title, "media_type": summary.media_type,
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
            PageSource::Text => "",
            PageSource::Ocr => ", recognised",
            PageSource::Empty => ", empty",
            PageSource::Failed => ", failed",
        };
        output::line(format!(
            "--- page {}{label}{state} ---\n{}",
            page.number, page.text
        ))?;
    }
    for warning in &summary.warnings {
        output::note(format!("warning: {warning}"));
    }
    Ok(ExitCode::SUCCESS)
}
