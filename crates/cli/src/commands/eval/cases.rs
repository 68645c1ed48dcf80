//! The user's own cases: asked of the documents of the data folder, as they are now, without keeping the answers.

use std::path::Path;
use std::process::ExitCode;

use footnote_core::cases::{Case, CaseLine, Expected, Fault};
use footnote_core::engine::Replay;
use footnote_core::text::one_line;
use footnote_core::{CaseId, Error, ErrorCode, Result, citation};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::report::Report;
use super::{compare, read_lines};
use crate::args::{CasesArgs, Global};
use crate::compose::{Composition, Opened};
use crate::{output, progress};

const LAYOUT: &str = "The file has a JSON object a line, as `footnote eval cases --export` writes them";

/// How one case went; a record that `eval compare` reads.
#[derive(Serialize)]
struct Record {
    id: String,
    question: String,
    unanswerable: bool,
    passed: bool,
    faults: Vec<Fault>,
    abstained: bool,
    exact: f64,
    f1: f64,
    quote_cited: Option<bool>,
    expected: Option<String>,
    answer: String,
    total_ms: f64,
}

impl Record {
    fn new(case: &Case, replay: &Replay) -> Self {
        let judgement = &replay.judgement;
        Self {
            id: case.id.0.clone(),
            question: case.question.clone(),
            unanswerable: case.expected == Expected::Abstention,
            passed: judgement.passed,
            faults: judgement.faults.clone(),
            abstained: judgement.abstained,
            exact: judgement.exact,
            f1: judgement.f1,
            quote_cited: judgement.quote_cited,
            expected: match &case.expected {
                Expected::Answer { text } => Some(text.clone()),
                Expected::Abstention => None,
            },
            answer: if judgement.abstained {
                String::new()
            } else {
                citation::without_markers(&replay.answer.answer)
            },
            total_ms: replay.answer.timings_ms.total,
        }
    }

    fn why(&self) -> String {
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.text()).collect();
        faults.join(", ")
    }
}

#[derive(Serialize)]
struct Metrics {
    cases: usize,
    passed: usize,
    pass_rate: f64,
    f1: f64,
    quotes_cited: f64,
}

impl Metrics {
    fn of(records: &[Record]) -> Self {
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let passed = records.iter().filter(|record| record.passed).count();
        let answerable = records.iter().filter(|record| !record.unanswerable);
        let cited = records.iter().filter_map(|record| record.quote_cited);
        Self {
            cases: records.len(),
            passed,
            pass_rate: passed as f64 / records.len().max(1) as f64,
            f1: mean(answerable.map(|record| record.f1).collect()),
            quotes_cited: mean(cited.map(|cited| f64::from(u8::from(cited))).collect()),
        }
    }
}

pub(super) async fn run(
    global: &Global,
    args: &CasesArgs,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    if let Some(path) = &args.import {
        let lines: Vec<CaseLine> = read_lines(path, LAYOUT)?;
        let imported = composition.engine().await?.import_cases(lines).await?;
        output::note(format!("{} cases imported", imported.len()));
        return Ok(ExitCode::SUCCESS);
    }
    if args.list || args.export.is_some() || !args.remove.is_empty() {
        return keep(global, args, &composition.engine().await?).await;
    }
    let engine = composition.answering_engine().await?;
    let cases = some_cases(&engine).await?;
    let records = replay(global, &engine, &cases, cancel).await?;
    let metrics = Metrics::of(&records);
    if let Some(path) = html {
        let mut report = Report::new("Cases", &composition.data_dir);
        report.measures("All cases", &metrics)?;
        report.records(&records, |record| match record.passed {
            true => 1.0,
            false => record.f1.min(0.4),
        })?;
        report.write(path)?;
    }
    if global.json {
        output::json(&serde_json::json!({ "dataset": "cases", "summary": metrics }))?;
    } else {
        output::line(format!("\n{} of {} cases passed", metrics.passed, metrics.cases))?;
        output::line(format!("token F1       {:.3}", metrics.f1))?;
        output::line(format!("quotes cited   {:.3}", metrics.quotes_cited))?;
    }
    Ok(if metrics.passed == metrics.cases {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks all cases with the prompts in use and with those that `global` tries out, and shows what that changes.
///
/// # Errors
/// There are no cases, or what the engine says.
pub async fn compare_prompts(global: &Global, cancel: &CancellationToken) -> Result<()> {
    let mut runs = Vec::new();
    let mut before = global.clone();
    before.trial_prompts.clear();
    for (global, said) in [
        (&before, "with the prompt in use"),
        (global, "with the other text"),
    ] {
        // One after the other: the data folder is locked by each.
        let engine = Composition::new(global)?.answering_engine().await?;
        let cases = some_cases(&engine).await?;
        output::note(format!("Asking {} cases {said}", cases.len()));
        let records = replay(global, &engine, &cases, cancel).await?;
        let records = records.into_iter().map(|record| {
            let id = record.id.clone();
            match serde_json::to_value(record) {
                Ok(serde_json::Value::Object(record)) => Ok((id, record)),
                _ => Err(Error::bug("a case's record is no object")),
            }
        });
        runs.push(records.collect::<Result<compare::Run>>()?);
    }
    match <[compare::Run; 2]>::try_from(runs) {
        Ok([first, second]) => compare::show_runs(global, first, &second),
        Err(_) => Err(Error::bug("two runs were made")),
    }
}

async fn some_cases(engine: &Opened) -> Result<Vec<Case>> {
    let cases = engine.cases().await?;
    if cases.is_empty() {
        return Err(Error::user("There are no cases yet").hint(
            "Confirm or correct an answer in the window and make it a case, or import some with \
             `footnote eval cases --import`",
        ));
    }
    Ok(cases)
}

async fn replay(
    global: &Global,
    engine: &Opened,
    cases: &[Case],
    cancel: &CancellationToken,
) -> Result<Vec<Record>> {
    let bar = progress::count_bar(cases.len() as u64, "asking");
    let mut records = Vec::with_capacity(cases.len());
    for case in cases {
        let record = Record::new(case, &engine.replay(case, cancel).await?);
        bar.inc(1);
        if global.json {
            output::json(&record)?;
        } else {
            let (mark, why) = if record.passed {
                ("pass", String::new())
            } else {
                ("FAIL", format!("  ({})", record.why()))
            };
            bar.suspend(|| {
                output::line(format!(
                    "{mark}  F1 {:.2}  {}{why}",
                    record.f1,
                    one_line(&record.question)
                ))
            })?;
        }
        records.push(record);
    }
    bar.finish_and_clear();
    Ok(records)
}

/// Lists, exports, removes.
async fn keep(global: &Global, args: &CasesArgs, engine: &Opened) -> Result<ExitCode> {
    let cases = engine.cases().await?;
    if let Some(path) = &args.export {
        let mut text = String::new();
        for case in &cases {
            let line = serde_json::to_string(&CaseLine::from(case))
                .map_err(|error| Error::bug(format!("a case cannot be written: {error}")))?;
            text.push_str(&line);
            text.push('\n');
        }
        output::new_file(path, &text)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.remove.is_empty() {
        let unknown = args
            .remove
            .iter()
            .find(|id| !cases.iter().any(|case| case.id.0 == **id));
        if let Some(id) = unknown {
            return Err(Error::user(format!("{id} is no case"))
                .code(ErrorCode::NotFound)
                .hint("`footnote eval cases --list` shows them"));
        }
        for id in &args.remove {
            engine.remove_case(&CaseId(id.clone())).await?;
            output::note(format!("removed {id}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if global.json {
        output::json(&serde_json::json!({ "cases": cases }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for case in &cases {
        let expected = match &case.expected {
            Expected::Answer { text } => format!("“{}”", one_line(text)),
            Expected::Abstention => "not in the documents".to_owned(),
        };
        let source = match &case.source {
            Some(source) if source.path.as_os_str().is_empty() => {
                ", from a document that was removed".to_owned()
            }
            Some(source) => {
                let removed = if source.is_removed() { " (removed)" } else { "" };
                format!(", from {}, page {}{removed}", source.path.display(), source.page)
            }
            None => String::new(),
        };
        output::line(format!("{}  {}", case.id, one_line(&case.question)))?;
        output::line(format!("    {expected}{source}"))?;
    }
    if cases.is_empty() {
        output::note("No cases yet: confirm or correct an answer in the window and make it a case.");
    }
    Ok(ExitCode::SUCCESS)
}
