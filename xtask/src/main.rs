//! Project chores that need the workspace's own code: `xtask deps`, `xtask models ...`.

mod deps;
mod models;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Project chores", arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check that every dependency points the way DESIGN allows.
    Deps,
    /// Fetch, verify and list models.
    Models {
        /// Catalog file instead of the built-in one.
        #[arg(long, global = true)]
        catalog: Option<PathBuf>,
        /// Model folder instead of FOOTNOTE_MODELS or the user's cache.
        #[arg(long, global = true)]
        store: Option<PathBuf>,
        #[command(subcommand)]
        command: models::Command,
    },
}

/// A failed chore: what happened, and what to do about it.
struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }
}

impl From<footnote_fetch::FetchError> for Failure {
    fn from(error: footnote_fetch::FetchError) -> Self {
        Self {
            message: error.message().to_owned(),
            hint: error.remedy().map(str::to_owned),
        }
    }
}

#[allow(clippy::print_stderr, reason = "a command-line tool")]
fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Deps => deps::run(),
        Command::Models {
            catalog,
            store,
            command,
        } => models::run(catalog, store, &command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            if let Some(hint) = failure.hint {
                eprintln!(" hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}
