//! The composition root: the only place in the window's program that names concrete adapters.
//! Its rules are those of the command line.

mod exchange;
mod fetching;
mod models;
mod open;
mod shelf;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use footnote_core::engine::{Engine, EngineParts};
use footnote_core::personal::Masker;
use footnote_core::ports::{
    ChunkStore, Entailment, FolderWatcher, Generator, Ledger, PersonFinder, Reranker, TextRecognizer,
};
use footnote_core::retrieve::QueryEmbedders;
use footnote_core::{Error, Problem, Result};
use footnote_extract::{WORKER_ARG, WorkerConfig, WorkerExtractor};
use footnote_fetch::Role;
use footnote_lance::LanceStore;
pub use footnote_lance::bound_memory;
use footnote_ledger::{DataDir, SqliteLedger};
use footnote_onnx::{ModelHandle, OnnxPersonFinder, Runtime, RuntimeOptions};
use footnote_tables::DataFusionTables;
use footnote_watch::SystemWatcher;
use tokio_util::sync::CancellationToken;

pub(crate) use footnote_ledger::{
    DataDir as Data, DataDirLock as Lock, Move, MovePlan, MoveProgress, MoveStage as CopyStage, Origin,
    Removed, remove_data, size_of,
};
pub use footnote_onnx::never_report;
pub(crate) use models::Models;
pub(crate) use open::Work;

use crate::blocking::blocking;
use crate::options::Options;
use crate::wire::ProviderStatus;

/// Evidence below this is too little; see `BENCHMARKS.md`.
const LEAST_EVIDENCE: f32 = 0.45;

/// An engine at work.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) provider: ProviderStatus,
    pub(crate) runtime: Runtime,
    /// Of the models in use, by what they do.
    handles: Mutex<HashMap<Role, ModelHandle>>,
}

impl Opened {
    /// Takes up the model that reads images, if it has come since. True if documents may have waited for it.
    ///
    /// # Errors
    /// The model is broken, or what the ledger says.
    pub(crate) async fn take_up_recognizer(&self, models: &Models) -> Result<bool> {
        if self.engine.reads_images() {
            return Ok(false);
        }
        let (runtime, models) = (self.runtime.clone(), models.clone());
        match blocking(move || open::recognizer(&runtime, &models)).await? {
            Some(recognizer) => {
                self.set_handle(Role::Ocr, Some(recognizer.handle()));
                self.engine
                    .add_recognizer(Arc::new(recognizer))
                    .await
                    .map(|()| true)
            }
            None => Ok(false),
        }
    }

    /// What masks exports; it finds names if the model for them is on disk.
    ///
    /// # Errors
    /// The model is broken.
    pub(crate) async fn masker(&self, models: &Models) -> Result<Masker> {
        let (runtime, models) = (self.runtime.clone(), models.clone());
        let found = blocking(move || open::person_finder(&runtime, &models)).await?;
        self.set_handle(Role::PersonalData, found.as_ref().map(OnnxPersonFinder::handle));
        Ok(Masker::new(
            found.map(|finder| Arc::new(finder) as Arc<dyn PersonFinder>),
        ))
    }
}

/// Runs the reader of untrusted files if this process was started as one.
pub(crate) fn worker() -> Option<ExitCode> {
    std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == WORKER_ARG)
        .then(footnote_extract::worker_main)
}

/// The folder with index, register and conversations: the one named, or the user's own.
pub(crate) fn data(options: &Options) -> DataDir {
    DataDir::find(options.data_dir.clone())
}

/// Puts the engine together. The models must be there; they are converted on first use, which
/// `cancel` ends early.
///
/// # Errors
/// What is missing or broken, with its remedy.
pub(crate) async fn open(dir: &Path, models: &Models, cancel: &CancellationToken) -> Result<Opened> {
    let ledger = {
        let file = dir.join("ledger.sqlite");
        blocking(move || SqliteLedger::open(file)).await?
    };
    let store = LanceStore::open(&dir.join("index")).await?;
    let stored = store.embedders().await?;
    let loaded = {
        let (models, cancel) = (models.clone(), cancel.clone());
        blocking(move || load(&models, &stored, &cancel)).await?
    };
    let engine = Engine::open(EngineParts {
        extractor: Arc::new(extractor()?),
        embedders: loaded.embedders,
        generator: Some(loaded.generator),
        reranker: loaded.reranker,
        entailment: loaded.entailment,
        recognizer: loaded.recognizer,
        tables: Arc::new(DataFusionTables),
        store: Arc::new(store),
        ledger: Arc::new(ledger),
        least_evidence: LEAST_EVIDENCE,
        trial_prompts: Default::default(),
    })
    .await?;
    Ok(Opened {
        engine,
        provider: provider(&loaded.runtime),
        runtime: loaded.runtime,
        handles: Mutex::new(loaded.handles),
    })
}

struct Loaded {
    embedders: QueryEmbedders,
    generator: Arc<dyn Generator>,
    reranker: Option<Arc<dyn Reranker>>,
    entailment: Option<Arc<dyn Entailment>>,
    recognizer: Option<Arc<dyn TextRecognizer>>,
    handles: HashMap<Role, ModelHandle>,
    runtime: Runtime,
}

/// `stored`: embedders whose vectors are in the index. If one is being replaced, its documents are found with it
/// until their turn comes.
fn load(models: &Models, stored: &[String], cancel: &CancellationToken) -> Result<Loaded> {
    let runtime = Runtime::load(RuntimeOptions::default())?;
    let work = Work {
        on_event: &|_| {},
        cancel,
    };
    let mut handles = HashMap::new();
    let (current, handle) = open::embedder(&runtime, models, &models.embedder, &work)?;
    handles.insert(Role::Embedder, handle);
    let mut earlier = Vec::new();
    if stored.iter().any(|id| *id != current.embedder.id()) {
        for source in models.embedders_here() {
            let (other, _) = match open::embedder(&runtime, models, &source, &work) {
                Ok(opened) => opened,
                Err(error) if error.is_canceled() => return Err(error),
                Err(error) => {
                    tracing::warn!(class = error.class(), %error, "an embedder that is not in use could not be opened");
                    continue;
                }
            };
            let id = other.embedder.id();
            if id != current.embedder.id() && stored.contains(&id) {
                earlier.push(other);
            }
        }
    }
    let generator = open::generator(&runtime, models, &models.generator, &work)?;
    handles.insert(Role::Generator, generator.handle());
    let reranker = match &models.reranker {
        Some(source) => {
            let reranker = open::reranker(&runtime, models, source)?;
            handles.insert(Role::Reranker, reranker.handle());
            Some(Arc::new(reranker) as Arc<dyn Reranker>)
        }
        None => None,
    };
    let recognizer = open::recognizer(&runtime, models)?.map(|recognizer| {
        handles.insert(Role::Ocr, recognizer.handle());
        Arc::new(recognizer) as Arc<dyn TextRecognizer>
    });
    let entailment = match &models.grounder {
        Some(source) => {
            let grounder = open::grounder(&runtime, models, source)?;
            handles.insert(Role::Grounder, grounder.handle());
            Some(Arc::new(grounder) as Arc<dyn Entailment>)
        }
        None => None,
    };
    Ok(Loaded {
        embedders: QueryEmbedders { current, earlier },
        generator: Arc::new(generator),
        reranker,
        entailment,
        recognizer,
        handles,
        runtime,
    })
}

/// What was chosen, and what became of the faster ones.
fn provider(runtime: &Runtime) -> ProviderStatus {
    let report = runtime.report().providers;
    ProviderStatus {
        name: report.chosen.label().to_owned(),
        refused: report
            .attempts
            .into_iter()
            .filter(|attempt| attempt.provider != report.chosen && attempt.reason.is_some())
            .map(Into::into)
            .collect(),
    }
}

/// Opens a copy of the data folder, and reads all of it.
///
/// # Errors
/// What is wrong with it.
pub(crate) async fn opens(dir: &Path) -> Result<()> {
    let register = dir.join("ledger.sqlite");
    let ledger = tokio::task::spawn_blocking(move || SqliteLedger::open(register))
        .await
        .map_err(|e| Error::bug(format!("opening the copy stopped: {e}")))??;
    let mut faults = ledger.check().await?;
    faults.extend(LanceStore::open(&dir.join("index")).await?.health().await?.faults);
    if faults.is_empty() {
        return Ok(());
    }
    Err(
        Error::runtime(format!("The copy cannot be used: {}", faults.join("; ")))
            .problem(Problem::MoveUnsound {
                detail: faults.join("; "),
            })
            .hint("`footnote doctor` says whether the data was sound before; it is used where it was"),
    )
}

/// What the system tells of changes in folders.
pub(crate) fn watcher() -> Arc<dyn FolderWatcher> {
    Arc::new(SystemWatcher)
}

/// The reader of files: this program, started again as a worker.
fn extractor() -> Result<WorkerExtractor> {
    Ok(WorkerExtractor::new(WorkerConfig {
        page_time_limit: Duration::from_secs(30),
        ..WorkerConfig::new(std::env::current_exe()?)
    }))
}
