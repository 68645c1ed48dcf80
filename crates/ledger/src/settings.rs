//! What holds for the whole register.

use footnote_core::Result;
use rusqlite::{Connection, OptionalExtension};

use crate::error::Translate;

/// There while indexing is paused.
pub(crate) const PAUSED: &str = "paused";
/// How long reading takes, as JSON.
pub(crate) const PACES: &str = "paces";

/// A setting's value; none if it was not set.
pub(crate) fn get(connection: &Connection, name: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")
        .and_then(|mut statement| statement.query_row([name], |r| r.get(0)).optional())
        .during("reading a setting")
}

/// Sets it, or with none takes it back.
pub(crate) fn set(connection: &Connection, name: &str, value: Option<&str>) -> Result<()> {
    const DOING: &str = "writing a setting";
    match value {
        Some(value) => connection.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, value),
        ),
        None => connection.execute("DELETE FROM settings WHERE name = ?1", [name]),
    }
    .during(DOING)?;
    Ok(())
}
