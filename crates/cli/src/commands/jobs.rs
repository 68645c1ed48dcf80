//! `footnote jobs`

use std::process::ExitCode;

use footnote_core::types::{IndexJob, JobStatus};
use footnote_core::{JobId, Result};
use tokio_util::sync::CancellationToken;

use crate::args::{Global, JobsCommand};
use crate::compose::Composition;
use crate::output;
use crate::progress::Terminal;

pub async fn run(global: &Global, command: JobsCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    let engine = Composition::new(global)?.engine().await?;
    match command {
        JobsCommand::List => {
            let jobs = engine.unfinished_jobs().await?;
            if global.json {
                output::json(&serde_json::json!({ "paused": engine.is_paused(), "jobs": jobs }))?;
                return Ok(ExitCode::SUCCESS);
            }
            if engine.is_paused() {
                output::note("Indexing is paused; `footnote jobs resume` ends that.");
            }
            if jobs.is_empty() {
                output::note("No jobs wait, and none failed.");
            }
            for job in jobs {
                list(&job)?;
            }
        }
        JobsCommand::Pause => {
            engine.pause(true).await?;
            output::note("Indexing is paused: files that are added wait.");
        }
        JobsCommand::Resume => {
            engine.unpause().await?;
            output::note("Indexing goes on with the next `footnote add`, or in the window.");
        }
        JobsCommand::Retry { jobs } => {
            let terminal = Terminal::new(global.json);
            let mut ended = Vec::new();
            if jobs.is_empty() {
                ended = engine.retry_failed(&terminal, cancel).await?;
            }
            for job in jobs {
                ended.push(engine.retry(&JobId(job), None, &terminal, cancel).await?);
            }
            if ended.is_empty() {
                output::note("No job failed, or all that did need a password: add those again.");
            }
            if ended.iter().any(|job| job.status == JobStatus::Failed) {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(job: &IndexJob) -> Result<()> {
    let status = match job.status {
        JobStatus::Failed => "failed",
        _ => "waiting",
    };
    output::line(format!("{status:<8} {}  {}", job.id, job.path.display()))?;
    if let Some(error) = &job.error {
        output::line(format!("         {}", error.message))?;
    }
    Ok(())
}
