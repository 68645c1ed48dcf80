//! The composition root: the only place in the window's program that names concrete adapters.
//! Its rules are those of the command line.

mod models;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use footnote_core::engine::Engine;
use footnote_core::{Error, Result};

pub(crate) use footnote_ledger::DataDirLock as Lock;
pub(crate) use models::Models;

use crate::options::Options;
use crate::wire::ProviderStatus;

/// An engine at work.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) provider: ProviderStatus,
}

/// Runs the reader of untrusted files if this process was started as one.
pub(crate) fn worker() -> Option<ExitCode> {
    std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == footnote_extract::WORKER_ARG)
        .then(footnote_extract::worker_main)
}

/// The folder with index, register and conversations: the one named, or the user's own.
pub(crate) fn data_dir(options: &Options) -> PathBuf {
    options.data_dir.clone().unwrap_or_else(default_data_dir)
}

fn default_data_dir() -> PathBuf {
    let var = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    let data = if cfg!(windows) {
        var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData").join("Local"))
    } else if cfg!(target_os = "macos") {
        home.join("Library").join("Application Support")
    } else {
        var("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local").join("share"))
    };
    data.join("footnote")
}

/// Puts the engine together.
///
/// # Errors
/// What is missing or broken, with its remedy.
pub(crate) async fn open(_options: &Options, _dir: &Path, _models: &Models) -> Result<Opened> {
    Err(Error::bug("the engine is not put together yet"))
}
