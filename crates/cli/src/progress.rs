//! Progress on standard error: bars on a terminal, nothing when piped.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::Mutex;

use footnote_core::report::{FolderEvent, IngestEvent, Reporter};
use footnote_core::types::{IndexJob, JobStatus, Step};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output;

/// A bar of bytes with speed and time left; hidden when standard error is not a terminal.
pub fn bytes_bar(total: u64, title: &str) -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(total)
    } else {
        ProgressBar::hidden()
    };
    bar.set_style(style(
        "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    ));
    bar.set_message(title.to_owned());
    bar
}

/// A bar of things done; hidden when standard error is not a terminal.
pub fn count_bar(total: u64, title: &str) -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(total)
    } else {
        ProgressBar::hidden()
    };
    bar.set_style(style("{msg} {wide_bar} {pos}/{len} {eta}"));
    bar.set_message(title.to_owned());
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Shows ingestion: one bar over all files, one line for the file at work; results as lines.
pub struct Terminal {
    json: bool,
    bars: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: Option<ProgressBar>,
    current: HashMap<String, ProgressBar>,
}

impl Terminal {
    /// With `json`, results are objects.
    pub fn new(json: bool) -> Self {
        let bars = MultiProgress::new();
        if !std::io::stderr().is_terminal() {
            bars.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        Self {
            json,
            bars,
            state: Mutex::default(),
        }
    }

    fn job(&self, job: &IndexJob) {
        let Ok(mut state) = self.state.lock() else { return };
        let name = job
            .path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        match job.status {
            JobStatus::Queued => {}
            JobStatus::Running => {
                let bars = &self.bars;
                let bar = state.current.entry(job.id.0.clone()).or_insert_with(|| {
                    let bar = bars.add(ProgressBar::new_spinner());
                    bar.set_style(style("{spinner} {msg}"));
                    bar.enable_steady_tick(std::time::Duration::from_millis(120));
                    bar
                });
                bar.set_prefix(name.clone());
                bar.set_message(format!("{name}: {}", step_text(job.step)));
            }
            JobStatus::Done | JobStatus::Unchanged | JobStatus::Failed | JobStatus::Canceled => {
                if let Some(bar) = state.current.remove(&job.id.0) {
                    bar.finish_and_clear();
                }
                if let Some(all) = &state.all {
                    all.inc(1);
                }
                drop(state);
                // Results go out as they come; a closed pipe ends the program at its last line.
                let _ = self.bars.suspend(|| self.result(job));
            }
        }
    }

    fn result(&self, job: &IndexJob) -> footnote_core::Result<()> {
        if self.json {
            return output::json(&job);
        }
        let path = job.path.display();
        match (job.status, &job.error) {
            (JobStatus::Failed, Some(error)) => {
                output::line(format!("failed     {path}"))?;
                output::note(output::error_text(error));
                Ok(())
            }
            (JobStatus::Done, _) => output::line(format!("indexed    {path}")),
            (JobStatus::Unchanged, _) => output::line(format!("unchanged  {path}")),
            (status, _) => output::line(format!("{:<10} {path}", format!("{status:?}").to_lowercase())),
        }
    }
}

impl Reporter for Terminal {
    fn report(&self, event: IngestEvent) {
        match event {
            IngestEvent::Planned {
                files,
                bytes,
                unsupported,
                errors,
            } => {
                if !self.json {
                    let skipped = if unsupported > 0 {
                        format!(", {unsupported} of other formats left out")
                    } else {
                        String::new()
                    };
                    output::note(format!("{files} files, {}{skipped}", output::bytes(bytes)));
                }
                for error in &errors {
                    output::note(output::error_text(error));
                }
                if let Ok(mut state) = self.state.lock() {
                    let bar = self.bars.add(ProgressBar::new(u64::from(files)));
                    bar.set_style(style("{wide_bar} {pos}/{len} files, {eta} left"));
                    state.all = Some(bar);
                }
            }
            IngestEvent::Job { job } => self.job(&job),
            IngestEvent::Progress {
                job,
                step,
                done,
                total,
            } => {
                if let Ok(state) = self.state.lock()
                    && let Some(bar) = state.current.get(&job.0)
                {
                    let of = total.map_or_else(String::new, |total| format!(" of {total}"));
                    let step = step_text(step);
                    bar.set_message(format!("{}: {step} ({done}{of} pages)", bar.prefix()));
                }
            }
            IngestEvent::Finished { .. } => {
                if let Ok(mut state) = self.state.lock()
                    && let Some(all) = state.all.take()
                {
                    all.finish_and_clear();
                }
            }
        }
    }

    fn folder(&self, event: FolderEvent) {
        let told = match &event {
            // `footnote watch run` shows it.
            FolderEvent::Changed => return,
            _ if self.json => output::json(&event),
            FolderEvent::Moved { from, to } => {
                output::line(format!("moved      {} -> {}", from.display(), to.display()))
            }
            FolderEvent::Removed { path } => output::line(format!("removed    {}", path.display())),
        };
        // As for results of jobs: a closed pipe ends the program at its last line.
        let _ = told;
    }
}

fn step_text(step: Step) -> &'static str {
    match step {
        Step::Queued => "waiting",
        Step::Hashing => "checking",
        Step::Reading => "reading",
        Step::Embedding => "embedding",
        Step::Writing => "writing",
        Step::Ready => "ready",
    }
}
