//! The composition root: the only place in the window's program that names concrete adapters.
//! Its rules are those of the command line.

mod models;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use footnote_core::calibrate::calibrate;
use footnote_core::engine::{Engine, EngineParts};
use footnote_core::ports::{ChunkStore, Generator, Reranker, TextRecognizer};
use footnote_core::retrieve::{CalibratedEmbedder, QueryEmbedders};
use footnote_core::{Error, Result};
use footnote_extract::{WORKER_ARG, WorkerConfig, WorkerExtractor};
use footnote_fetch::{Format, ModelEntry};
use footnote_lance::LanceStore;
use footnote_ledger::SqliteLedger;
use footnote_onnx::{
    EmbedderOptions, GeneratorOptions, OcrOptions, OnnxEmbedder, OnnxGenerator, OnnxRecognizer, OnnxReranker,
    PairOptions, Progress, Runtime, RuntimeOptions, prepare_embedder, prepare_generator,
};
use tokio_util::sync::CancellationToken;

pub(crate) use footnote_ledger::DataDirLock as Lock;
pub(crate) use models::Models;
use models::Source;

use crate::options::Options;
use crate::wire::ProviderStatus;

/// Evidence below this is too little; see `BENCHMARKS.md`.
const LEAST_EVIDENCE: f32 = 0.45;

/// An engine at work.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) provider: ProviderStatus,
    runtime: Runtime,
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
        match blocking(move || recognizer(&runtime, &models)).await? {
            Some(recognizer) => self.engine.add_recognizer(recognizer).await.map(|()| true),
            None => Ok(false),
        }
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
pub(crate) fn data_dir(options: &Options) -> PathBuf {
    options
        .data_dir
        .clone()
        .unwrap_or_else(footnote_ledger::default_data_dir)
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
        recognizer: loaded.recognizer,
        store: Arc::new(store),
        ledger: Arc::new(ledger),
        least_evidence: LEAST_EVIDENCE,
    })
    .await?;
    Ok(Opened {
        engine,
        provider: loaded.provider,
        runtime: loaded.runtime,
    })
}

struct Loaded {
    embedders: QueryEmbedders,
    generator: Arc<dyn Generator>,
    reranker: Option<Arc<dyn Reranker>>,
    recognizer: Option<Arc<dyn TextRecognizer>>,
    provider: ProviderStatus,
    runtime: Runtime,
}

/// `stored`: embedders whose vectors are in the index. If one is being replaced, its documents are found with it
/// until their turn comes.
fn load(models: &Models, stored: &[String], cancel: &CancellationToken) -> Result<Loaded> {
    let runtime = Runtime::load(RuntimeOptions::default())?;
    let prepared = models.store.dir().join("prepared");
    let go_on = |_: Progress| {
        if cancel.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let open = |entry: &ModelEntry| {
        let folder = match (entry.format, entry.files.as_slice()) {
            (Format::E5Q4, [weights, tokenizer, ..]) => prepare_embedder(
                &models.store.file(entry, weights),
                &models.store.file(entry, tokenizer),
                &prepared,
                runtime.encoder_operators(&prepared),
                go_on,
            )?,
            _ => models.store.path(entry),
        };
        let embedder = OnnxEmbedder::open(&runtime, &folder, EmbedderOptions::default())?;
        let (unrelated, related) = entry.similarity.unwrap_or((0.0, 1.0));
        Ok::<_, Error>(CalibratedEmbedder {
            embedder: Arc::new(embedder),
            unrelated,
            related,
        })
    };
    let current = match &models.embedder {
        Source::Catalog(entry) => open(entry)?,
        Source::Folder(folder) => {
            let embedder = OnnxEmbedder::open(&runtime, folder, EmbedderOptions::default())?;
            calibrate(Arc::new(embedder), cancel)?
        }
    };
    let mut earlier = Vec::new();
    if stored.iter().any(|id| *id != current.embedder.id()) {
        for entry in models.embedders_here() {
            let other = open(entry)?;
            let id = other.embedder.id();
            if id != current.embedder.id() && stored.contains(&id) {
                earlier.push(other);
            }
        }
    }
    let folder = match &models.generator {
        Source::Folder(folder) => folder.clone(),
        Source::Catalog(entry) => {
            let gguf = entry
                .files
                .first()
                .ok_or_else(|| Error::bug(format!("{} has no files", entry.id)))?;
            let form = runtime.generator_form(&prepared).form;
            prepare_generator(&models.store.file(entry, gguf), &prepared, form, go_on)?
        }
    };
    let generator = OnnxGenerator::open(&runtime, &folder, GeneratorOptions::default())?;
    let reranker = match &models.reranker {
        Some(folder) => {
            let reranker = OnnxReranker::open(&runtime, folder, &PairOptions::default())?;
            Some(Arc::new(reranker) as Arc<dyn Reranker>)
        }
        None => None,
    };
    Ok(Loaded {
        embedders: QueryEmbedders { current, earlier },
        generator: Arc::new(generator),
        reranker,
        recognizer: recognizer(&runtime, models)?,
        provider: provider(&runtime),
        runtime,
    })
}

/// The model that reads images, if it is on disk.
fn recognizer(runtime: &Runtime, models: &Models) -> Result<Option<Arc<dyn TextRecognizer>>> {
    let Some(folder) = models.recognizer_here() else {
        return Ok(None);
    };
    let recognizer = OnnxRecognizer::open(runtime, &folder, &OcrOptions::default())?;
    Ok(Some(Arc::new(recognizer)))
}

/// What was chosen, and what became of the faster ones.
fn provider(runtime: &Runtime) -> ProviderStatus {
    let report = runtime.report().providers;
    let reasons: Vec<String> = report
        .attempts
        .iter()
        .filter(|attempt| attempt.provider != report.chosen)
        .filter_map(|attempt| {
            Some(format!(
                "{}: {}",
                attempt.provider.label(),
                attempt.reason.as_ref()?
            ))
        })
        .collect();
    ProviderStatus {
        name: report.chosen.label().to_owned(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

/// The reader of files: this program, started again as a worker.
fn extractor() -> Result<WorkerExtractor> {
    Ok(WorkerExtractor::new(WorkerConfig {
        program: std::env::current_exe()?,
        args: vec![WORKER_ARG.to_owned()],
        time_limit: Duration::from_secs(600),
        page_time_limit: Duration::from_secs(30),
        memory_limit: 1 << 30,
    }))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug(format!("the start stopped: {e}")))?
}
