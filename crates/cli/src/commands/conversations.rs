//! `footnote conversations`

use std::path::Path;
use std::process::ExitCode;

use footnote_core::engine::Engine;
use footnote_core::export::{ExportFormat, export};
use footnote_core::types::Conversation;
use footnote_core::{Error, ErrorCode, Result};

use super::documents::confirmed;
use crate::args::{ConversationsCommand, Global};
use crate::compose::Composition;
use crate::output;

pub async fn run(global: &Global, command: ConversationsCommand) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    let engine = composition.engine().await?;
    match command {
        ConversationsCommand::List { search } => list(global, &engine, search.as_deref()).await,
        ConversationsCommand::Show { conversation } => show(global, &engine, &conversation).await,
        ConversationsCommand::Export {
            conversation,
            format,
            output,
            mask,
        } => {
            let found = find(&engine, &conversation).await?;
            let text = exported(&composition, &engine, found, format.into(), mask).await?;
            save(text, output.as_deref())
        }
        ConversationsCommand::Rename { conversation, title } => {
            let found = find(&engine, &conversation).await?;
            let renamed = engine.rename_conversation(&found.id, &title).await?;
            report(global, &renamed, "renamed")
        }
        ConversationsCommand::Pin { conversation, off } => {
            let found = find(&engine, &conversation).await?;
            let pinned = engine.pin_conversation(&found.id, !off).await?;
            report(global, &pinned, if off { "unpinned" } else { "pinned" })
        }
        ConversationsCommand::Remove { conversations, yes } => {
            remove(global, &engine, &conversations, yes).await
        }
    }
}

async fn list(global: &Global, engine: &Engine, search: Option<&str>) -> Result<ExitCode> {
    let Some(words) = search else {
        let conversations = engine.conversations().await?;
        if global.json {
            output::json(&serde_json::json!({ "conversations": conversations }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if conversations.is_empty() {
            output::note("No conversations yet: `footnote ask` begins one.");
        }
        for conversation in conversations {
            output::line(line(&conversation))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let hits = engine.search_conversations(words).await?;
    if global.json {
        output::json(&serde_json::json!({ "hits": hits }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if hits.is_empty() {
        output::note("No conversation has all of these words. Try fewer.");
    }
    for hit in hits {
        output::line(line(&hit.conversation))?;
        output::line(format!("    {}", hit.excerpt))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(conversation: &Conversation) -> String {
    format!(
        "{} {} {:>4} turns  {}  {}",
        if conversation.pinned { '*' } else { ' ' },
        conversation.id,
        conversation.turns,
        conversation.updated_at.get(..10).unwrap_or_default(),
        conversation.title
    )
}

async fn show(global: &Global, engine: &Engine, name: &str) -> Result<ExitCode> {
    let conversation = find(engine, name).await?;
    let turns = engine.turns(&conversation.id).await?;
    if global.json {
        output::json(&serde_json::json!({ "conversation": conversation, "turns": turns }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(line(&conversation))?;
    let withdrawn = engine.withdrawn(&turns).await?;
    for turn in turns {
        output::line(format!("\n› {}\n\n{}\n", turn.question, turn.answer.answer))?;
        for source in output::sources(&turn.answer, &withdrawn) {
            output::line(source)?;
        }
        for line in output::disagreements(&turn.answer, &withdrawn) {
            output::line(line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn exported(
    composition: &Composition,
    engine: &Engine,
    mut conversation: Conversation,
    format: ExportFormat,
    mask: bool,
) -> Result<String> {
    let mut turns = engine.turns(&conversation.id).await?;
    if mask {
        (conversation, turns) = composition.masked(conversation, turns).await?;
    }
    let withdrawn = engine.withdrawn(&turns).await?;
    export(&conversation, &turns, &withdrawn, format)
}

/// Writes to a file, or to standard output. A file that is there is not overwritten.
fn save(text: String, to: Option<&Path>) -> Result<ExitCode> {
    let Some(path) = to else {
        output::piece(text)?;
        return Ok(ExitCode::SUCCESS);
    };
    output::new_file(path, &text)?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(global: &Global, engine: &Engine, names: &[String], yes: bool) -> Result<ExitCode> {
    let mut conversations = Vec::new();
    for name in names {
        conversations.push(find(engine, name).await?);
    }
    let turns: u32 = conversations.iter().map(|conversation| conversation.turns).sum();
    let question = format!(
        "Remove {} conversations with {turns} answers? This cannot be undone.",
        conversations.len()
    );
    if !yes && !confirmed(&question)? {
        output::note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    for conversation in conversations {
        engine.remove_conversation(&conversation.id).await?;
        report(global, &conversation, "removed")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(global: &Global, conversation: &Conversation, done: &str) -> Result<ExitCode> {
    if global.json {
        output::json(&serde_json::json!({ done: conversation }))?;
    } else {
        output::line(format!("{done:<10} {}", conversation.title))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The conversation whose id is, or begins with, `name`.
pub(super) async fn find(engine: &Engine, name: &str) -> Result<Conversation> {
    let mut fitting = engine.conversations().await?;
    fitting.retain(|conversation| !name.is_empty() && conversation.id.as_str().starts_with(name));
    if fitting.len() > 1 {
        return Err(
            Error::user(format!("{} conversations begin with {name}", fitting.len()))
                .hint("Give more of the id; `footnote conversations list` shows them"),
        );
    }
    fitting.pop().ok_or_else(|| {
        Error::user(format!("{name} is no conversation"))
            .code(ErrorCode::NotFound)
            .hint("`footnote conversations list` shows them")
    })
}
