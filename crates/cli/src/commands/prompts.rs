//! `footnote prompts`

use std::path::Path;
use std::process::{Command, ExitCode};

use footnote_core::prompt::{Change, PromptCopies, changes};
use footnote_core::{Error, ErrorCode, Result};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::eval;
use crate::args::{Global, PromptsCommand};
use crate::compose::{Composition, Opened};
use crate::output;

pub async fn run(global: &Global, command: PromptsCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    if let PromptsCommand::Try { prompt, file } = command {
        let mut trial = global.clone();
        trial.trial_prompts.push((prompt, file));
        eval::compare_prompts(&trial, cancel).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let engine = Composition::new(global)?.engine().await?;
    match command {
        PromptsCommand::List => list(global, &engine).await?,
        PromptsCommand::Show { prompt, copy } => {
            let kept = engine.prompt(&prompt).await?;
            let (number, text) = text_of(&kept, copy)?;
            if global.json {
                output::json(&json!({ "id": prompt, "copy": number, "text": text }))?;
            } else {
                output::line(text)?;
            }
        }
        PromptsCommand::Diff { prompt, from, to } => {
            let kept = engine.prompt(&prompt).await?;
            let lines = changes(text_of(&kept, Some(from))?.1, text_of(&kept, to)?.1);
            if global.json {
                output::json(&json!({ "id": prompt, "lines": lines }))?;
            } else {
                for line in &lines {
                    let mark = match line.change {
                        Change::Same => ' ',
                        Change::Removed => '-',
                        Change::Added => '+',
                    };
                    output::line(format!("{mark} {}", line.text))?;
                }
            }
        }
        PromptsCommand::Edit { prompt, file } => {
            let text = match file {
                Some(file) => output::text_of(&file)?,
                None => edited(&prompt, text_of(&engine.prompt(&prompt).await?, None)?.1)?,
            };
            let kept = engine.edit_prompt(&prompt, &text).await?;
            told(global, &kept)?;
        }
        PromptsCommand::Use { prompt, copy } => {
            let kept = engine
                .use_prompt(&prompt, Some(copy).filter(|copy| *copy > 0))
                .await?;
            told(global, &kept)?;
        }
        PromptsCommand::Try { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(global: &Global, engine: &Opened) -> Result<()> {
    let prompts = engine.prompts().await?;
    if global.json {
        let prompts: Vec<_> = prompts.iter().map(state).collect();
        return output::json(&json!({ "prompts": prompts }));
    }
    for kept in &prompts {
        output::line(format!(
            "{:<16} {:<58} {}",
            kept.prompt.id,
            kept.prompt.purpose,
            in_use(kept)
        ))?;
        for copy in &kept.copies {
            let mark = if copy.in_use { '*' } else { ' ' };
            output::line(format!("  {mark} copy {}, of {}", copy.number, copy.made_at))?;
        }
    }
    Ok(())
}

fn state(kept: &PromptCopies) -> serde_json::Value {
    let copies = kept
        .copies
        .iter()
        .map(|copy| json!({ "number": copy.number, "made_at": copy.made_at, "in_use": copy.in_use }));
    json!({
        "id": kept.prompt.id, "purpose": kept.prompt.purpose, "in_use": kept.in_use(),
        "copies": copies.collect::<Vec<_>>(),
    })
}

fn in_use(kept: &PromptCopies) -> String {
    match kept.in_use() {
        Some(number) => format!("copy {number} in use"),
        None => "as it comes with Footnote".into(),
    }
}

/// Says what is in use now.
fn told(global: &Global, kept: &PromptCopies) -> Result<()> {
    if global.json {
        return output::json(&state(kept));
    }
    output::line(format!("{}: {}", kept.prompt.id, in_use(kept)))?;
    output::note("`footnote eval cases` asks your own cases with it");
    Ok(())
}

/// A copy's number and text; 0 is the built-in one, none the one in use.
fn text_of(kept: &PromptCopies, copy: Option<u32>) -> Result<(u32, &str)> {
    let number = copy.or_else(|| kept.in_use()).unwrap_or(0);
    let text = kept.text(Some(number).filter(|number| *number > 0));
    let text = text.ok_or_else(|| {
        Error::user(format!("There is no copy {number} of {}", kept.prompt.id))
            .code(ErrorCode::NotFound)
            .hint("`footnote prompts list` shows the copies")
    })?;
    Ok((number, text))
}

/// What the person makes of a text in their editor.
fn edited(id: &str, text: &str) -> Result<String> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var_os(name).filter(|value| !value.is_empty()));
    let Some(editor) = editor else {
        return Err(Error::user("No editor is set").hint(format!(
            "Set EDITOR, or write the text to a file: `footnote prompts show {id} > mine.txt`, then \
             `footnote prompts edit {id} mine.txt`"
        )));
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join(format!("{id}.txt"));
    std::fs::write(&file, text)?;
    let status = open(&editor, &file)?;
    if !status.success() {
        return Err(Error::user(format!("The editor ended with {status}")).hint("The prompt stays as it was"));
    }
    output::text_of(&file)
}

/// Editors are given as they would be typed, with options.
fn open(editor: &std::ffi::OsStr, file: &Path) -> Result<std::process::ExitStatus> {
    let typed = editor.to_string_lossy();
    let mut words = typed.split_whitespace();
    let program = words.next().unwrap_or_default();
    Command::new(program)
        .args(words)
        .arg(file)
        .status()
        .map_err(|error| Error::from(error).at(program))
}
