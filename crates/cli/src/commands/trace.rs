//! `footnote trace`

use std::path::PathBuf;
use std::process::ExitCode;

use footnote_core::otlp::{self, Content};
use footnote_core::types::Turn;
use footnote_core::{Error, ErrorCode, Result};

use super::conversations::find;
use crate::args::Global;
use crate::compose::Composition;
use crate::output;

/// Which traces, and where to.
pub struct Wanted {
    /// Id of a conversation, or its beginning.
    pub conversation: String,
    /// Only this turn, from 1.
    pub turn: Option<u32>,
    /// File for OTLP.
    pub otlp: Option<PathBuf>,
    /// Texts, too.
    pub texts: bool,
    /// Personal data masked.
    pub mask: bool,
}

pub async fn run(global: &Global, wanted: &Wanted) -> Result<ExitCode> {
    if let Some(path) = &wanted.otlp {
        output::check_new(path)?;
    }
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    let conversation = find(&engine, &wanted.conversation).await?;
    let mut turns = engine.turns(&conversation.id).await?;
    if let Some(n) = wanted.turn {
        let count = turns.len();
        turns = turns.into_iter().skip(n as usize - 1).take(1).collect();
        if turns.is_empty() {
            return Err(Error::user(format!("The conversation has no answer {n}"))
                .code(ErrorCode::NotFound)
                .hint(format!("It has {count}")));
        }
    }
    if wanted.mask {
        turns = composition.masked(conversation, turns).await?.1;
    }
    if let Some(path) = &wanted.otlp {
        let content = if wanted.texts {
            Content::Texts
        } else {
            Content::Numbers
        };
        output::new_file(path, &otlp::lines(&turns, content)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for turn in &turns {
        if global.json {
            output::json(&serde_json::json!({
                "turn": turn.id,
                "question": turn.question,
                "trace": turn.answer.trace,
                "timings_ms": turn.answer.timings_ms,
                "tokens": turn.answer.tokens,
            }))?;
        } else {
            show(turn)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(turn: &Turn) -> Result<()> {
    let (answer, trace) = (&turn.answer, &turn.answer.trace);
    output::line(format!("› {}", turn.question))?;
    if trace.query != turn.question {
        output::line(format!("  searched as: {}", trace.query))?;
    }
    let timings = &answer.timings_ms;
    let stages = [
        ("made to stand alone", Some(timings.rewrite)),
        ("searched", Some(timings.search)),
        ("reranked", Some(timings.rerank)),
        ("first word after", timings.first_token),
        ("done after", Some(timings.total)),
    ];
    let stages: Vec<String> = stages
        .into_iter()
        .filter_map(|(name, ms)| {
            ms.filter(|ms| *ms > 0.0)
                .map(|ms| format!("{name} {:.2} s", ms / 1e3))
        })
        .collect();
    output::line(format!("  {}", stages.join(", ")))?;
    if let Some(table) = &trace.table {
        output::line(format!(
            "  {} of {} rows by {}",
            table.matched, table.rows, table.sql
        ))?;
    } else if !trace.candidates.is_empty() {
        output::line(format!(
            "  {} passages of {} candidates; evidence {:.2}",
            answer.passages.len(),
            trace.candidates.len(),
            trace.evidence
        ))?;
    }
    if answer.tokens.prompt > 0 {
        output::line(format!(
            "  {} tokens read ({} of them known already), {} written; prompt {}",
            answer.tokens.prompt, answer.tokens.reused, answer.tokens.generated, trace.prompt
        ))?;
    }
    for (role, id) in &trace.models {
        output::line(format!("  {role}: {id}"))?;
    }
    Ok(())
}
