//! `footnote why`

use std::process::ExitCode;

use footnote_core::explain::{Asked, ExplainRequest, Explanation, SearchStep, Target};
use footnote_core::query::Query;
use footnote_core::retrieve::check_query;
use footnote_core::text::one_line;
use footnote_core::types::Scope;
use footnote_core::{ErrorCode, Result};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::documents::find;
use crate::args::Global;
use crate::compose::Composition;
use crate::output;

/// What should have been found.
pub struct Wanted {
    /// Path or id.
    pub document: String,
    /// Page number.
    pub page: Option<u32>,
    /// Words of the place.
    pub text: Option<String>,
    /// What the question was limited to.
    pub collection: Option<String>,
    /// Leave a kept answer aside.
    pub fresh: bool,
}

/// An explanation with its conclusion.
#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    /// The stage that lost it.
    lost: Option<&'a SearchStep>,
    sentence: String,
    advice: Vec<String>,
}

pub async fn run(
    global: &Global,
    question: &str,
    wanted: Wanted,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    check_query(&Query::parse(question).words())?;
    let composition = Composition::new(global)?;
    // What fits into the generator's context can be told only with the generator.
    let engine = match composition.answering_engine().await {
        Err(error) if error.code == Some(ErrorCode::ModelMissing) => composition.engine().await?,
        opened => opened?,
    };
    let before = if wanted.fresh || wanted.collection.is_some() {
        None
    } else {
        engine.answered_before(question).await?
    };
    let asked = match before {
        Some(turn) => Asked::Turn(turn),
        None => Asked::Question {
            text: question.to_owned(),
            scope: Scope {
                collection: wanted.collection,
                documents: Vec::new(),
            },
        },
    };
    for document in find(&engine, &wanted.document).await? {
        let target = match &wanted.text {
            Some(words) => engine.locate(&document.id, wanted.page, words, cancel).await?,
            None => Target {
                document: document.id.clone(),
                page: wanted.page,
                span: None,
            },
        };
        let asked = asked.clone();
        let explanation = engine.explain(&ExplainRequest { asked, target }, cancel).await?;
        print(global, &explanation)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(global: &Global, explanation: &Explanation) -> Result<()> {
    let advice: Vec<String> = explanation.remedies.iter().map(|remedy| remedy.text()).collect();
    if global.json {
        return output::json(&View {
            explanation,
            lost: explanation.lost(),
            sentence: explanation.sentence(),
            advice,
        });
    }
    let place = match &explanation.passage {
        Some(passage) => {
            let text: String = one_line(&passage.text).chars().take(160).collect();
            format!(", page {}: “{text}…”", passage.page)
        }
        None => String::new(),
    };
    output::line(format!("{}{place}", explanation.path.display()))?;
    output::line(format!("Searched for: {}\n", explanation.query))?;
    for step in &explanation.steps {
        let mark = if step.lost { "LOST" } else { "ok" };
        output::line(format!("  {mark:<5} {:<12} {}", step.stage.name(), step.text()))?;
    }
    output::line(format!("\n{}", explanation.sentence()))?;
    for advice in advice {
        output::line(format!("  {advice}"))?;
    }
    Ok(())
}
