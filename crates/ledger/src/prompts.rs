//! The user's copies of prompts.

use footnote_core::Result;
use footnote_core::prompt::PromptCopy;
use rusqlite::{Connection, Transaction};

use crate::error::Translate;

/// All copies, by prompt and number.
pub(crate) fn list(connection: &Connection) -> Result<Vec<PromptCopy>> {
    let read = |r: &rusqlite::Row<'_>| {
        Ok(PromptCopy {
            prompt: r.get(0)?,
            number: r.get(1)?,
            text: r.get(2)?,
            made_at: r.get(3)?,
            in_use: r.get(4)?,
        })
    };
    connection
        .prepare_cached("SELECT prompt, number, text, made_at, in_use FROM prompts ORDER BY prompt, number")
        .and_then(|mut statement| statement.query_map([], read)?.collect())
        .during("reading the prompts")
}

/// Adds a copy; if it is in use, no other of its prompt is.
pub(crate) fn add(tx: &Transaction<'_>, copy: &PromptCopy) -> Result<()> {
    if copy.in_use {
        choose(tx, &copy.prompt, None)?;
    }
    tx.execute(
        "INSERT INTO prompts (prompt, number, text, made_at, in_use) VALUES (?1, ?2, ?3, ?4, ?5)",
        (&copy.prompt, copy.number, &copy.text, &copy.made_at, copy.in_use),
    )
    .during("saving a prompt")?;
    Ok(())
}

/// Takes a copy in use, or none.
pub(crate) fn choose(tx: &Transaction<'_>, prompt: &str, number: Option<u32>) -> Result<()> {
    tx.execute(
        "UPDATE prompts SET in_use = (number IS ?2) WHERE prompt = ?1",
        (prompt, number),
    )
    .during("choosing a prompt")?;
    Ok(())
}
