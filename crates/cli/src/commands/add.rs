//! `footnote add`

use std::path::PathBuf;
use std::process::ExitCode;

use footnote_core::engine::Engine;
use footnote_core::report::Reporter;
use footnote_core::types::{IndexJob, JobStatus};
use footnote_core::{ErrorCode, Password, Result};
use tokio_util::sync::CancellationToken;

use crate::args::{Global, PasswordArgs};
use crate::compose::Composition;
use crate::output;
use crate::password;
use crate::progress::Terminal;

pub async fn run(
    global: &Global,
    paths: &[PathBuf],
    collection: &str,
    password: PasswordArgs,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let given = password.password_stdin.then(password::from_stdin).transpose()?;
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
    unlock(&engine, &mut outcome.jobs, given, global.json, &terminal, cancel).await?;
    if !global.json && !password.password_stdin && outcome.jobs.iter().any(is_locked) {
        output::note("Add the locked files again with --password-stdin, or at a terminal");
    }
    let count = |status: JobStatus| outcome.jobs.iter().filter(|job| job.status == status).count();
    let waiting = count(JobStatus::Queued);
    if waiting > 0 {
        output::note(format!(
            "Indexing is paused: {waiting} files wait; `footnote jobs resume` ends the pause"
        ));
    }
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

/// How often a password is asked for.
const TRIES: usize = 3;

/// Reads the locked files again, with the password that was given, or else with those that are typed in.
pub(super) async fn unlock(
    engine: &Engine,
    jobs: &mut [IndexJob],
    given: Option<Password>,
    json: bool,
    reporter: &dyn Reporter,
    cancel: &CancellationToken,
) -> Result<()> {
    let locked = jobs.iter_mut().filter(|job| is_locked(job));
    for job in locked {
        if let Some(password) = &given {
            *job = engine
                .retry(&job.id, Some(password.clone()), reporter, cancel)
                .await?;
            continue;
        }
        let can_ask = !json && password::can_ask();
        let mut tries = if can_ask { TRIES } else { 0 };
        while tries > 0 && is_locked(job) && !cancel.is_cancelled() {
            let name = job.path.display().to_string();
            let Some(password) = password::ask(&name).await? else {
                break;
            };
            *job = engine.retry(&job.id, Some(password), reporter, cancel).await?;
            tries -= 1;
        }
    }
    Ok(())
}

fn is_locked(job: &IndexJob) -> bool {
    let code = job.error.as_ref().and_then(|error| error.code);
    job.status == JobStatus::Failed && code == Some(ErrorCode::PasswordNeeded)
}
