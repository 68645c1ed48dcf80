//! `xtask models`: the default set on disk, before the first start.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use clap::Subcommand;
use footnote_fetch::{
    Catalog, FetchOptions, FetchProgress, FetchStage, Fetcher, ModelEntry, ModelStatus, ModelStore,
    human_bytes, is_ci, total_memory,
};

use crate::Failure;

#[derive(Subcommand)]
pub enum Command {
    /// Fetch models; those that are there and verified cost nothing.
    Fetch {
        /// Model ids; without any, the default set for this machine.
        ids: Vec<String>,
        /// The default set (also with ids).
        #[arg(long)]
        default: bool,
    },
    /// Read and hash every file again, whatever its stamp says.
    Verify {
        /// Model ids; without any, every model on disk.
        ids: Vec<String>,
        /// The default set (also with ids).
        #[arg(long)]
        default: bool,
    },
    /// List the catalog and what is on disk.
    List,
}

pub fn run(catalog: Option<PathBuf>, store: Option<PathBuf>, command: &Command) -> Result<(), Failure> {
    let catalog = match catalog {
        Some(path) => Catalog::load(&path)?,
        None => Catalog::builtin()?,
    };
    let store = ModelStore::new(store.unwrap_or_else(ModelStore::default_dir));
    match command {
        Command::Fetch { ids, default } => fetch(&choose(&catalog, ids, *default || ids.is_empty())?, &store),
        Command::Verify { ids, default } => {
            let mut models = choose(&catalog, ids, *default)?;
            if ids.is_empty() && !default {
                models = catalog
                    .models()
                    .iter()
                    .filter(|m| store.status(m) != ModelStatus::Missing)
                    .collect();
            }
            verify(&models, &store)
        }
        Command::List => {
            for model in catalog.models() {
                let status = format!("{:?}", store.status(model)).to_lowercase();
                say(&format!(
                    "{:<28} {:<13} {:>9}  {:<8} {}",
                    model.id,
                    model.role.as_str(),
                    human_bytes(model.size()),
                    status,
                    model.licence
                ));
            }
            Ok(())
        }
    }
}

fn choose<'a>(catalog: &'a Catalog, ids: &[String], default: bool) -> Result<Vec<&'a ModelEntry>, Failure> {
    let mut models = if default {
        // Unknown memory is taken for little: a model that is too small still answers.
        catalog.defaults(total_memory().unwrap_or(0), is_ci())
    } else {
        Vec::new()
    };
    for id in ids {
        let model = catalog.get(id).ok_or_else(|| Failure {
            message: format!("no model {id:?} in the catalog"),
            hint: Some("`xtask models list` shows the ids".into()),
        })?;
        if !models.iter().any(|m| m.id == model.id) {
            models.push(model);
        }
    }
    Ok(models)
}

fn fetch(models: &[&ModelEntry], store: &ModelStore) -> Result<(), Failure> {
    let fetcher = Fetcher::new(FetchOptions::from_env());
    let cancel = AtomicBool::new(false);
    let total: u64 = models.iter().map(|m| m.size()).sum();
    say(&format!(
        "models in {} ({} in all)",
        store.dir().display(),
        human_bytes(total)
    ));
    for model in models {
        if store.status(model) == ModelStatus::Present {
            say(&format!(
                "  {}: there and verified ({})",
                model.id,
                human_bytes(model.size())
            ));
            continue;
        }
        say(&format!(
            "  {}: fetching {} ({})",
            model.id,
            human_bytes(model.size()),
            model.licence
        ));
        let start = Instant::now();
        let mut line = ProgressLine::new();
        let result = fetcher.fetch(model, store, &mut |p| line.show(&p), &cancel);
        line.end();
        result?;
        say(&format!(
            "  {}: fetched and verified in {:.1} s",
            model.id,
            start.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

fn verify(models: &[&ModelEntry], store: &ModelStore) -> Result<(), Failure> {
    let cancel = AtomicBool::new(false);
    let mut wrong = Vec::new();
    for model in models {
        let status = store.verify(model, &mut |_, _, _| {}, &cancel)?;
        say(&format!(
            "  {}: {}",
            model.id,
            format!("{status:?}").to_lowercase()
        ));
        if status != ModelStatus::Present {
            wrong.push(model.id.as_str());
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure {
        message: format!("not as the catalog says: {}", wrong.join(", ")),
        hint: Some(format!(
            "Fetch again with `xtask models fetch {}`",
            wrong.join(" ")
        )),
    })
}

/// One line that is rewritten on a terminal; in a log, a line every few seconds.
struct ProgressLine {
    terminal: bool,
    last: Option<Instant>,
    start: Option<(Instant, u64)>,
    open: bool,
}

impl ProgressLine {
    fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            last: None,
            start: None,
            open: false,
        }
    }

    fn show(&mut self, p: &FetchProgress) {
        match &p.stage {
            FetchStage::SourceFailed { reason } => self.line(&format!("    {}: {reason}", p.source)),
            FetchStage::Ready => self.line(&format!("    {}: verified", p.file)),
            FetchStage::Resolving => self.line(&format!("    {}: from {}", p.file, p.source)),
            FetchStage::Downloading | FetchStage::Verifying => {
                let pause = Duration::from_millis(if self.terminal { 100 } else { 3000 });
                if self.last.is_some_and(|last| last.elapsed() < pause) {
                    return;
                }
                self.last = Some(Instant::now());
                let (since, from) = *self.start.get_or_insert((Instant::now(), p.done));
                let speed = p.done.saturating_sub(from) as f64 / since.elapsed().as_secs_f64().max(0.1);
                let doing = if p.stage == FetchStage::Verifying {
                    "verifying".to_string()
                } else {
                    format!("{}/s", human_bytes(speed as u64))
                };
                let percent = p.done * 100 / p.total.max(1);
                let (done, total) = (human_bytes(p.done), human_bytes(p.total));
                let text = format!("    {}: {percent:>3} %  {done} of {total}  {doing}", p.file);
                if self.terminal {
                    // Failure to draw progress must not stop the download.
                    let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
                    self.open = true;
                } else {
                    say(&text);
                }
            }
        }
    }

    fn line(&mut self, text: &str) {
        self.end();
        self.start = None;
        say(text);
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[allow(clippy::print_stderr, reason = "a command-line tool")]
fn say(text: &str) {
    eprintln!("{text}");
}
