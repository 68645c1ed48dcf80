//! How long the parts of an answer take, as a person waits for them: from Enter to the passages, to the first word, to
//! the end; and what the verdicts add.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use footnote_core::answer::AskRequest;
use footnote_core::types::{AnswerEvent, AnswerStage};
use footnote_core::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::gate::{self, Gate};
use super::percentile;
use super::report::Report;
use super::set::QuestionSet;
use crate::args::{Global, LatencyArgs};
use crate::{output, progress};

/// How one question went, in milliseconds.
#[derive(Serialize)]
struct Record {
    id: String,
    question: String,
    abstained: bool,
    /// From the question to the passages; none if they were not searched for.
    passages_ms: Option<f64>,
    /// From the question to the first word; none if nothing was written.
    first_token_ms: Option<f64>,
    /// From the last word to the verdicts on all sentences.
    verdicts_ms: Option<f64>,
    total_ms: f64,
    /// To the first word when it was asked again with a word more.
    again_first_token_ms: Option<f64>,
    prompt_tokens: u32,
    /// Of the prompt's tokens, those that were computed for the question before: the first time, and again.
    reused_tokens: u32,
    again_reused_tokens: u32,
    /// After the first.
    written_tokens_per_second: Option<f64>,
}

/// One percentile of every figure.
#[derive(Serialize)]
struct Figures {
    passages_ms: f64,
    first_token_ms: f64,
    verdicts_ms: f64,
    total_ms: f64,
    again_first_token_ms: f64,
    prompt_tokens: f64,
    reused_tokens: f64,
    again_reused_tokens: f64,
    written_tokens_per_second: f64,
}

/// When the events of an answer came.
#[derive(Clone, Copy, Default)]
struct Times {
    passages: Option<Instant>,
    checking: Option<Instant>,
}

/// An answer with the times of its parts.
struct Asked {
    abstained: bool,
    passages_ms: Option<f64>,
    first_token_ms: Option<f64>,
    verdicts_ms: Option<f64>,
    total_ms: f64,
    prompt: u32,
    reused: u32,
    tokens_per_second: Option<f64>,
}

pub(super) async fn run(
    global: &Global,
    args: &LatencyArgs,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let gate = args.gate.as_deref().map(Gate::read).transpose()?;
    let set = QuestionSet::open(global, &args.set, cancel).await?;
    // What leans on a question before it means nothing alone.
    let questions: Vec<_> = set
        .questions
        .iter()
        .filter(|question| question.after.is_none())
        .collect();
    if questions.is_empty() {
        return Err(Error::user("There is no question to measure").hint(super::set::LAYOUT));
    }
    // The first question of all loads the models.
    ask(&set, &questions[0].question, cancel).await?;
    let bar = progress::count_bar(questions.len() as u64, "asking");
    let mut records = Vec::with_capacity(questions.len());
    for question in questions {
        let first = ask(&set, &question.question, cancel).await?;
        let again = ask(&set, &reworded(&question.question), cancel).await?;
        let record = Record {
            id: question.id.clone(),
            question: question.question.clone(),
            abstained: first.abstained,
            passages_ms: first.passages_ms,
            first_token_ms: first.first_token_ms,
            verdicts_ms: first.verdicts_ms,
            total_ms: first.total_ms,
            again_first_token_ms: again.first_token_ms,
            prompt_tokens: first.prompt,
            reused_tokens: first.reused,
            again_reused_tokens: again.reused,
            written_tokens_per_second: first.tokens_per_second,
        };
        if global.json {
            output::json(&record)?;
        }
        records.push(record);
        bar.inc(1);
    }
    bar.finish_and_clear();
    report(global, args, html, &records, gate.as_ref())
}

/// The same question for a reader; another for the model, behind the passages.
fn reworded(question: &str) -> String {
    format!("{}, please?", question.trim_end_matches(['?', ' ']))
}

async fn ask(set: &QuestionSet, question: &str, cancel: &CancellationToken) -> Result<Asked> {
    let mut request = AskRequest::new(question);
    request.keep = false;
    let times = Arc::new(Mutex::new(Times::default()));
    let seen = Arc::clone(&times);
    let sink = move |event: AnswerEvent| {
        let mut times = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            AnswerEvent::Passages { .. } => times.passages = Some(Instant::now()),
            AnswerEvent::Stage {
                stage: AnswerStage::Checking,
            } => times.checking = Some(Instant::now()),
            _ => {}
        }
    };
    let started = Instant::now();
    let answer = set.engine.ask(request, Arc::new(sink), cancel.clone()).await?;
    let ended = Instant::now();
    let times = *times.lock().unwrap_or_else(PoisonError::into_inner);
    let first = answer.timings_ms.first_token;
    let since_first = |checking: Instant| Some((checking - started).as_secs_f64() - first? / 1e3);
    let seconds = times
        .checking
        .and_then(since_first)
        .filter(|seconds| *seconds > 0.0);
    Ok(Asked {
        abstained: answer.abstained,
        passages_ms: times.passages.map(|at| (at - started).as_secs_f64() * 1e3),
        first_token_ms: first,
        verdicts_ms: times.checking.map(|at| (ended - at).as_secs_f64() * 1e3),
        total_ms: (ended - started).as_secs_f64() * 1e3,
        prompt: answer.tokens.prompt,
        reused: answer.tokens.reused,
        tokens_per_second: seconds
            .map(|seconds| f64::from(answer.tokens.generated.saturating_sub(1)) / seconds),
    })
}

impl Figures {
    /// The value that so many of the questions are not above, of every figure.
    fn at(share: f64, records: &[Record]) -> Self {
        let of = |figure: &dyn Fn(&Record) -> Option<f64>| {
            let mut known: Vec<f64> = records.iter().filter_map(figure).collect();
            percentile(&mut known, share)
        };
        let written = |count: fn(&Record) -> u32| {
            of(&|record| (record.prompt_tokens > 0).then(|| f64::from(count(record))))
        };
        Self {
            passages_ms: of(&|record| record.passages_ms),
            first_token_ms: of(&|record| record.first_token_ms),
            verdicts_ms: of(&|record| record.verdicts_ms),
            total_ms: of(&|record| Some(record.total_ms)),
            again_first_token_ms: of(&|record| record.again_first_token_ms),
            prompt_tokens: written(|record| record.prompt_tokens),
            reused_tokens: written(|record| record.reused_tokens),
            again_reused_tokens: written(|record| record.again_reused_tokens),
            // Here the slow end is the low one.
            written_tokens_per_second: -of(&|record| record.written_tokens_per_second.map(|speed| -speed)),
        }
    }
}

fn report(
    global: &Global,
    args: &LatencyArgs,
    html: Option<&Path>,
    records: &[Record],
    gate: Option<&Gate>,
) -> Result<ExitCode> {
    let figures = [("p50", 0.5), ("p95", 0.95)].map(|(name, at)| (name, Figures::at(at, records)));
    let mut measured = Map::new();
    for (name, figures) in &figures {
        let value = serde_json::to_value(figures).map_err(|e| Error::bug(format!("figures as JSON: {e}")))?;
        measured.insert((*name).to_owned(), value);
    }
    let breaches = gate
        .map(|gate| gate.breaches(&measured))
        .transpose()?
        .unwrap_or_default();
    if let Some(path) = html {
        let mut report = Report::new("Latency", &args.set.dir);
        for (name, figures) in &figures {
            report.measures(name, figures)?;
        }
        // The bars have the slowest answer at their left end.
        let slowest = records
            .iter()
            .map(|record| record.total_ms)
            .fold(f64::EPSILON, f64::max);
        report.records(records, |record| 1.0 - record.total_ms / slowest)?;
        report.write(path)?;
    }
    if global.json {
        output::json(&serde_json::json!({
            "dataset": args.set.dir, "questions": records.len(), "summary": Value::Object(measured), "breaches": breaches,
        }))?;
    } else {
        output::line(format!("{} questions{:>22}{:>10}", records.len(), "p50", "p95"))?;
        let [(_, half), (_, most)] = &figures;
        for (name, half, most, unit) in [
            ("passages", half.passages_ms, most.passages_ms, "ms"),
            ("first word", half.first_token_ms, most.first_token_ms, "ms"),
            (
                "asked again, first word",
                half.again_first_token_ms,
                most.again_first_token_ms,
                "ms",
            ),
            ("verdicts", half.verdicts_ms, most.verdicts_ms, "ms"),
            ("whole", half.total_ms, most.total_ms, "ms"),
            (
                "writing",
                half.written_tokens_per_second,
                most.written_tokens_per_second,
                "tokens/s",
            ),
            ("prompt", half.prompt_tokens, most.prompt_tokens, "tokens"),
            ("of it, reused", half.reused_tokens, most.reused_tokens, "tokens"),
            (
                "asked again, reused",
                half.again_reused_tokens,
                most.again_reused_tokens,
                "tokens",
            ),
        ] {
            output::line(format!("{name:<24}{half:>10.0}{most:>10.0} {unit}"))?;
        }
    }
    Ok(gate::exit_code(&breaches))
}
