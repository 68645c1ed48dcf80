//! `footnote add`

use std::path::PathBuf;
use std::process::ExitCode;

use footnote_core::Result;
use footnote_core::report::Reporter;
use footnote_core::types::JobStatus;
use tokio_util::sync::CancellationToken;

use crate::args::Global;
use crate::compose::Composition;
use crate::output;
use crate::progress::Terminal;

pub async fn run(
    global: &Global,
    paths: &[PathBuf],
    collection: &str,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    let terminal = Terminal::new(global.json);
    // What an earlier run left comes first: it was asked for first.
    let before = engine.resume(&terminal, cancel).await?;
    let mut outcome = before;
    if !paths.is_empty() {
        let added = engine
            .add(paths, collection, &terminal as &dyn Reporter, cancel)
            .await?;
        outcome.jobs.extend(added.jobs);
        outcome.unsupported += added.unsupported;
        outcome.errors.extend(added.errors);
    }
    let count = |status: JobStatus| outcome.jobs.iter().filter(|job| job.status == status).count();
    let (indexed, unchanged, failed, canceled) = (
        count(JobStatus::Done),
        count(JobStatus::Unchanged),
        count(JobStatus::Failed),
        count(JobStatus::Canceled),
    );
    if global.json {
        output::json(&serde_json::json!({ "summary": {
            "indexed": indexed, "unchanged": unchanged, "failed": failed, "canceled": canceled,
            "unsupported": outcome.unsupported, "errors": outcome.errors,
        }}))?;
    } else {
        output::note(format!(
            "{indexed} indexed, {unchanged} unchanged, {failed} failed, {canceled} canceled"
        ));
    }
    if cancel.is_cancelled() {
        return Err(footnote_core::Error::canceled());
    }
    Ok(if failed == 0 && outcome.errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
