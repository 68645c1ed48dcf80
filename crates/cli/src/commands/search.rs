//! `footnote search`

use std::process::ExitCode;

use footnote_core::Result;
use footnote_core::find::Language;
use footnote_core::query::Query;
use footnote_core::retrieve::{SearchRequest, check_query};
use footnote_core::text::one_line;
use footnote_core::types::SearchMode;
use tokio_util::sync::CancellationToken;

use super::ask::resolve_scope;
use crate::args::{Global, ScopeArgs};
use crate::compose::Composition;
use crate::output;

/// What is wanted of a search.
pub struct Wanted {
    /// Passages.
    pub limit: usize,
    /// Passages of one document after which those of others come first.
    pub per_document: Option<usize>,
    /// Which searches run.
    pub mode: SearchMode,
}

pub async fn run(
    global: &Global,
    query: &str,
    wanted: &Wanted,
    scope: &ScopeArgs,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    check_query(query)?;
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    let request = SearchRequest {
        query: Query::parse(query),
        scope: resolve_scope(&engine, scope).await?,
        mode: wanted.mode,
        limit: wanted.limit,
        per_document: wanted.per_document,
    };
    let found = engine.search(&request, cancel).await?;
    if global.json {
        let mut object = serde_json::json!({ "passages": found.passages });
        if let Some(filtered) = found.filtered {
            object["filtered"] = serde_json::json!(filtered);
        }
        if !found.acronyms.is_empty() {
            object["acronyms"] = serde_json::json!(found.acronyms);
        }
        if !found.sub_questions.is_empty() {
            object["sub_questions"] = serde_json::json!(found.sub_questions);
        }
        output::json(&object)?;
        return Ok(ExitCode::SUCCESS);
    }
    let advice = found
        .filtered
        .as_ref()
        .and_then(|filtered| filtered.advice.as_deref());
    if let Some(filtered) = &found.filtered {
        output::note(output::filtered(filtered));
    }
    for note in output::understood(&found.acronyms, &found.sub_questions) {
        output::note(note);
    }
    if found.passages.is_empty() {
        let advice = advice.unwrap_or("Try other words, or add the documents that have them.");
        output::note(format!("Nothing found. {advice}"));
    }
    for passage in found.passages {
        let headings = if passage.headings.is_empty() {
            String::new()
        } else {
            format!(", {}", passage.headings.join(" > "))
        };
        output::line(format!(
            "{}. {}, {}{}{headings}",
            passage.rank,
            passage.path.display(),
            passage.locator.told(passage.page, Language::English),
            output::doubt(&passage.locator)
        ))?;
        let text = one_line(&passage.text);
        output::line(format!("   {}", text.chars().take(300).collect::<String>()))?;
        if passage.is_marked() {
            output::line(output::MARKED)?;
        }
        output::line("")?;
    }
    Ok(ExitCode::SUCCESS)
}
