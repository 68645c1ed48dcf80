//! The composition root of the command: where adapters are chosen and put together.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use footnote_core::calibrate::calibrate;
use footnote_core::diagnostics::ModelInUse;
use footnote_core::engine::{Engine, EngineParts};
use footnote_core::personal::Masker;
use footnote_core::ports::{
    ChunkStore, Entailment, FolderWatcher, Generator, Ledger, Reranker, TextRecognizer,
};
use footnote_core::prompt::Prompts;
use footnote_core::retrieve::{CalibratedEmbedder, QueryEmbedders};
use footnote_core::types::{Conversation, Turn};
use footnote_core::{Error, ErrorCode, Result, prove};
use footnote_extract::{WorkerConfig, WorkerExtractor};
use footnote_fetch::{Catalog, ChosenModels, Format, ModelEntry, ModelSource, ModelStatus, ModelStore, Role};
use footnote_lance::LanceStore;
pub use footnote_lance::bound_memory;
use footnote_ledger::{DataDir, DataDirLock, SqliteLedger};
pub use footnote_onnx::never_report;
use footnote_onnx::{
    EmbedderOptions, GeneratorOptions, OcrOptions, OnnxEmbedder, OnnxEntailment, OnnxGenerator,
    OnnxPersonFinder, OnnxRecognizer, OnnxReranker, PairOptions, Progress, Runtime, RuntimeOptions,
    imported_facts, prepare_embedder, prepare_generator,
};
use footnote_tables::DataFusionTables;
use footnote_watch::SystemWatcher;
use tokio_util::sync::CancellationToken;

use crate::args::Global;
use crate::{output, progress};

/// Evidence below this is too little; see `BENCHMARKS.md`.
const LEAST_EVIDENCE: f32 = 0.45;

/// Folders, catalog and choices of one run.
pub struct Composition {
    /// Where index, register and conversations are kept.
    pub data: DataDir,
    /// Its folder.
    pub data_dir: PathBuf,
    /// The models known.
    pub catalog: Catalog,
    /// The models here.
    pub models: ModelStore,
    chosen: ChosenModels,
    global: Global,
}

/// An engine with the lock on its data folder.
pub struct Opened {
    engine: Engine,
    _lock: DataDirLock,
}

impl std::ops::Deref for Opened {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl Composition {
    /// Finds the folders and reads the catalog.
    ///
    /// # Errors
    /// The catalog or the list of chosen models is broken.
    pub fn new(global: &Global) -> Result<Self> {
        let data = DataDir::find(global.data_dir.clone());
        Ok(Self {
            chosen: ChosenModels::load(data.path())?,
            data_dir: data.path().to_owned(),
            data,
            catalog: Catalog::builtin()?,
            models: ModelStore::new(ModelStore::default_dir()),
            global: global.clone(),
        })
    }

    /// Opens everything for reading documents and searching; answers are refused.
    ///
    /// # Errors
    /// What is missing or broken, with its remedy.
    pub async fn engine(&self) -> Result<Opened> {
        self.open(false).await
    }

    /// Opens everything.
    ///
    /// # Errors
    /// What is missing or broken, with its remedy.
    pub async fn answering_engine(&self) -> Result<Opened> {
        self.open(true).await
    }

    async fn open(&self, answers: bool) -> Result<Opened> {
        let lock = self.data.acquire()?;
        let ledger = SqliteLedger::open(self.data_dir.join("ledger.sqlite"))?;
        let store = LanceStore::open(&self.data_dir.join("index")).await?;
        let embedders = self.query_embedders(&store).await?;
        let generator = if answers {
            Some(self.generator().await?)
        } else {
            None
        };
        let reranker = self.reranker().await?;
        let entailment = self.entailment().await?;
        let recognizer = self.recognizer().await?;
        let engine = Engine::open(EngineParts {
            extractor: Arc::new(extractor()?),
            embedders,
            generator,
            reranker,
            entailment,
            recognizer,
            tables: Arc::new(DataFusionTables),
            store: Arc::new(store),
            ledger: Arc::new(ledger),
            least_evidence: LEAST_EVIDENCE,
            trial_prompts: self.trial_prompts()?,
        })
        .await?;
        Ok(Opened { engine, _lock: lock })
    }

    /// The prompts that this run tries out.
    fn trial_prompts(&self) -> Result<Prompts> {
        let mut prompts = Prompts::default();
        for (id, file) in &self.global.trial_prompts {
            prompts.try_out(id, &output::text_of(file)?)?;
        }
        Ok(prompts)
    }

    /// The embedder in use, and those at hand of indexes in `store` that are being replaced.
    async fn query_embedders(&self, store: &LanceStore) -> Result<QueryEmbedders> {
        let current = self.embedder().await?;
        let stored = store.embedders().await?;
        let mut earlier = Vec::new();
        if stored.iter().any(|id| *id != current.embedder.id()) {
            for entry in self.catalog.models().iter().filter(|entry| {
                entry.role == Role::Embedder && self.models.status(entry) == ModelStatus::Present
            }) {
                let other = self.open_embedder(entry).await?;
                let id = other.embedder.id();
                if id != current.embedder.id() && stored.contains(&id) {
                    earlier.push(other);
                }
            }
        }
        Ok(QueryEmbedders { current, earlier })
    }

    /// The embedder in use; prepared on first use, loaded with the first text.
    ///
    /// # Errors
    /// It is not fetched, or ONNX Runtime cannot be used.
    pub async fn embedder(&self) -> Result<CalibratedEmbedder> {
        match self.source(Role::Embedder)? {
            ModelSource::Folder(folder) => {
                blocking(move || {
                    let runtime = Runtime::load(RuntimeOptions::default())?;
                    let embedder = OnnxEmbedder::open(&runtime, &folder, EmbedderOptions::default())?;
                    calibrate(Arc::new(embedder), &CancellationToken::new())
                })
                .await
            }
            ModelSource::Catalog(entry) => {
                self.present(&entry)?;
                self.open_embedder(&entry).await
            }
        }
    }

    /// The model of a role: named for this run, chosen in the window, or this machine's default.
    fn source(&self, role: Role) -> Result<ModelSource> {
        let wanted = match role {
            Role::Embedder => self.global.embedder.as_deref(),
            Role::Generator => self.global.generator.as_deref(),
            _ => None,
        };
        Ok(self.chosen.source(role, wanted, &self.catalog, &self.models)?)
    }

    /// The model that does a role's work; none where the app does without.
    ///
    /// # Errors
    /// No model of that role has the id that was named.
    pub fn in_use(&self, role: Role) -> Result<Option<ModelSource>> {
        match (self.named(role), self.chosen.current(role)) {
            (Some(folder), _) => Ok(Some(ModelSource::Folder(folder.clone()))),
            (None, None) if Role::OPTIONAL.contains(&role) => Ok(None),
            _ => self.source(role).map(Some),
        }
    }

    /// The folder that was named for this run, of a role that the app also works without.
    fn named(&self, role: Role) -> Option<&PathBuf> {
        match role {
            Role::Reranker => self.global.reranker.as_ref(),
            Role::Grounder => self.global.entailment.as_ref(),
            _ => None,
        }
    }

    fn optional_folder(&self, role: Role) -> Result<Option<PathBuf>> {
        let source = self.in_use(role)?;
        if let Some(ModelSource::Catalog(entry)) = &source {
            self.present(entry)?;
        }
        Ok(source.map(|source| source.folder(&self.models)))
    }

    /// What was chosen for the data folder.
    pub fn chosen(&self) -> &ChosenModels {
        &self.chosen
    }

    /// With other choices; nothing is written.
    ///
    /// # Errors
    /// The role's model was named for this run.
    pub fn choosing(&self, role: Role, chosen: ChosenModels) -> Result<Self> {
        let named = match role {
            Role::Embedder => self.global.embedder.is_some(),
            Role::Generator => self.global.generator.is_some(),
            _ => self.named(role).is_some(),
        };
        if named {
            let word = role.option();
            return Err(
                Error::user(format!("The {} was named for this run", role.as_str())).hint(format!(
                    "Leave out --{word}, and unset FOOTNOTE_{}, to choose it for good",
                    word.to_uppercase()
                )),
            );
        }
        Ok(Self {
            chosen,
            data: self.data.clone(),
            data_dir: self.data_dir.clone(),
            catalog: self.catalog.clone(),
            models: self.models.clone(),
            global: self.global.clone(),
        })
    }

    /// Opens a role's model and has it compute something.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub async fn prove(&self, role: Role, cancel: &CancellationToken) -> Result<()> {
        let cancel = cancel.clone();
        match role {
            Role::Embedder => {
                let embedder = self.embedder().await?.embedder;
                blocking(move || calibrate(embedder, &cancel).map(drop)).await
            }
            Role::Generator => {
                let generator = self.generator().await?;
                blocking(move || prove::generator(&*generator, &cancel)).await
            }
            Role::Grounder => match self.entailment().await? {
                Some(grounder) => blocking(move || prove::grounder(&*grounder, &cancel)).await,
                None => Ok(()),
            },
            _ => match self.reranker().await? {
                Some(reranker) => blocking(move || prove::reranker(&*reranker, &cancel)).await,
                None => Ok(()),
            },
        }
    }

    /// How many documents the data folder has; none if it has no register yet.
    ///
    /// # Errors
    /// The register cannot be read.
    pub async fn documents(&self) -> Result<usize> {
        let register = self.data_dir.join("ledger.sqlite");
        if !register.is_file() {
            return Ok(0);
        }
        let ledger = blocking(move || SqliteLedger::open(register)).await?;
        Ok(ledger.documents().await?.len())
    }

    /// The folder that the model of a role is kept in.
    ///
    /// # Errors
    /// No model of that role has the id that was named.
    pub fn folder(&self, role: Role) -> Result<PathBuf> {
        Ok(self.source(role)?.folder(&self.models))
    }

    async fn open_embedder(&self, entry: &ModelEntry) -> Result<CalibratedEmbedder> {
        let (unrelated, related) = entry.similarity.unwrap_or((0.0, 1.0));
        let entry = entry.clone();
        let models = self.models.clone();
        blocking(move || {
            let runtime = Runtime::load(RuntimeOptions::default())?;
            let prepared = models.prepared_dir();
            let folder = match (entry.format, entry.files.as_slice()) {
                (Format::E5Q4, [weights, tokenizer, ..]) => prepare_embedder(
                    &models.file(&entry, weights),
                    &models.file(&entry, tokenizer),
                    &prepared,
                    runtime.encoder_operators(&prepared),
                    preparing("Preparing the embedder"),
                )?,
                _ => models.path(&entry),
            };
            let embedder = OnnxEmbedder::open(&runtime, &folder, EmbedderOptions::default())?;
            Ok(CalibratedEmbedder {
                embedder: Arc::new(embedder),
                unrelated,
                related,
            })
        })
        .await
    }

    async fn reranker(&self) -> Result<Option<Arc<dyn Reranker>>> {
        let Some(folder) = self.optional_folder(Role::Reranker)? else {
            return Ok(None);
        };
        blocking(move || {
            let runtime = Runtime::load(RuntimeOptions::default())?;
            let reranker = OnnxReranker::open(&runtime, &folder, &PairOptions::default())?;
            Ok(Some(Arc::new(reranker) as Arc<dyn Reranker>))
        })
        .await
    }

    async fn entailment(&self) -> Result<Option<Arc<dyn Entailment>>> {
        let Some(folder) = self.optional_folder(Role::Grounder)? else {
            return Ok(None);
        };
        blocking(move || {
            let runtime = Runtime::load(RuntimeOptions::default())?;
            let entailment = OnnxEntailment::open(&runtime, &folder, &PairOptions::default())?;
            Ok(Some(Arc::new(entailment) as Arc<dyn Entailment>))
        })
        .await
    }

    /// What reads pages that are images, if its model is here; loaded with the first page.
    ///
    /// # Errors
    /// The model is here and ONNX Runtime cannot be used.
    pub async fn recognizer(&self) -> Result<Option<Arc<dyn TextRecognizer>>> {
        let here = |entry: &&ModelEntry| {
            entry.role == Role::Ocr && self.models.status(entry) == ModelStatus::Present
        };
        let Some(entry) = self.catalog.models().iter().find(here) else {
            return Ok(None);
        };
        let folder = self.models.path(entry);
        let tables = self
            .catalog
            .models()
            .iter()
            .find(|entry| entry.role == Role::Tables);
        let tables = tables.map(|entry| self.models.path(entry));
        blocking(move || {
            let (runtime, options) = (Runtime::load(RuntimeOptions::default())?, OcrOptions::default());
            let mut recognizer = OnnxRecognizer::open(&runtime, &folder, &options)?;
            if let Some(tables) = tables {
                recognizer = recognizer.with_tables(&runtime, &tables, &options)?;
            }
            Ok(Some(Arc::new(recognizer) as Arc<dyn TextRecognizer>))
        })
        .await
    }

    /// A conversation and its turns with personal data masked: names, too, if the model for them is here. Says so if it
    /// is not.
    ///
    /// # Errors
    /// The model is here and cannot be used.
    pub async fn masked(
        &self,
        conversation: Conversation,
        turns: Vec<Turn>,
    ) -> Result<(Conversation, Vec<Turn>)> {
        let masker = self.masker().await?;
        blocking(move || masker.conversation(conversation, &turns, &CancellationToken::new())).await
    }

    async fn masker(&self) -> Result<Masker> {
        let of_role = |entry: &&ModelEntry| entry.role == Role::PersonalData;
        let Some(entry) = self.catalog.models().iter().find(of_role) else {
            return Ok(Masker::default());
        };
        if self.models.status(entry) != ModelStatus::Present {
            output::note(format!(
                "Names and postal addresses stay: `footnote models fetch {}` has them masked, too",
                entry.id
            ));
            return Ok(Masker::default());
        }
        let folder = self.models.path(entry);
        blocking(move || {
            let runtime = Runtime::load(RuntimeOptions::default())?;
            let finder = OnnxPersonFinder::open(&runtime, &folder)?;
            Ok(Masker::new(Some(Arc::new(finder))))
        })
        .await
    }

    /// The generator in use; prepared on first use, loaded with the first question.
    ///
    /// # Errors
    /// It is not fetched, or ONNX Runtime cannot be used.
    pub async fn generator(&self) -> Result<Arc<dyn Generator>> {
        let source = self.source(Role::Generator)?;
        if let ModelSource::Catalog(entry) = &source {
            self.present(entry)?;
        }
        let models = self.models.clone();
        blocking(move || {
            let runtime = Runtime::load(RuntimeOptions::default())?;
            let folder = match source {
                ModelSource::Folder(folder) => folder,
                ModelSource::Catalog(entry) => {
                    let (gguf, cache) = (models.file(&entry, &entry.files[0]), models.prepared_dir());
                    let forms = runtime.generator_form(&cache).forms();
                    prepare_generator(&gguf, &cache, forms, preparing("Preparing the generator"))?
                }
            };
            Ok(Arc::new(OnnxGenerator::open(
                &runtime,
                &folder,
                GeneratorOptions::default(),
            )?) as Arc<dyn Generator>)
        })
        .await
    }

    /// The models that do a role's work, named so that nobody's files are.
    pub fn models_in_use(&self) -> Vec<ModelInUse> {
        let mut models = Vec::new();
        for role in [Role::Embedder, Role::Generator] {
            let source = self.source(role);
            let (id, state) = match &source {
                Ok(ModelSource::Catalog(entry)) => (entry.id.clone(), state_word(self.models.status(entry))),
                Ok(ModelSource::Folder(folder)) => match imported_facts(folder) {
                    Ok(facts) => (
                        format!(
                            "imported {} {}",
                            facts.architecture,
                            facts.weights.unwrap_or_default()
                        ),
                        "present",
                    ),
                    Err(_) => ("imported".into(), "failed"),
                },
                Err(_) => ("unknown".into(), "missing"),
            };
            models.push(ModelInUse {
                role: role.as_str().into(),
                id,
                state: state.into(),
            });
        }
        for role in Role::OPTIONAL {
            let Some(source) = self.in_use(role).transpose() else {
                continue;
            };
            let here = source.is_ok_and(|source| source.folder(&self.models).is_dir());
            models.push(ModelInUse {
                role: role.as_str().into(),
                id: "chosen".into(),
                state: if here { "present" } else { "missing" }.into(),
            });
        }
        for entry in self
            .catalog
            .models()
            .iter()
            .filter(|entry| entry.role == Role::Ocr)
        {
            let state = state_word(self.models.status(entry));
            models.push(ModelInUse {
                role: entry.role.as_str().into(),
                id: entry.id.clone(),
                state: state.into(),
            });
        }
        models
    }

    /// The options of every command.
    pub fn global(&self) -> &Global {
        &self.global
    }

    fn present(&self, entry: &ModelEntry) -> Result<()> {
        let state = match self.models.status(entry) {
            ModelStatus::Present => return Ok(()),
            ModelStatus::Missing => "is not here yet",
            ModelStatus::Partial => "is not complete yet",
            ModelStatus::Corrupt => "is damaged",
        };
        Err(
            Error::runtime(format!("The {} {} {state}", entry.role.as_str(), entry.id))
                .code(ErrorCode::ModelMissing)
                .hint(format!(
                    "Run `footnote models fetch {}` ({})",
                    entry.id,
                    output::bytes(entry.size())
                )),
        )
    }
}

/// How much of a model is on disk, in a word.
pub fn state_word(status: ModelStatus) -> &'static str {
    match status {
        ModelStatus::Present => "verified",
        ModelStatus::Missing => "missing",
        ModelStatus::Partial => "incomplete",
        ModelStatus::Corrupt => "damaged",
    }
}

/// Opens a copy of the data folder, and reads all of it.
///
/// # Errors
/// What is wrong with it.
pub async fn opens(dir: &Path) -> Result<()> {
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
            .hint("`footnote doctor` says whether the data was sound before; it is used where it was"),
    )
}

/// What the system tells of changes in folders.
pub fn watcher() -> Arc<dyn FolderWatcher> {
    Arc::new(SystemWatcher)
}

/// The reader of files: this program, started again as a worker.
///
/// # Errors
/// The program does not know its own path.
pub fn extractor() -> Result<WorkerExtractor> {
    let program = std::env::current_exe()?;
    Ok(WorkerExtractor::new(WorkerConfig {
        page_time_limit: Duration::from_secs(30),
        ..WorkerConfig::new(program)
    }))
}

/// Shows the conversion of a model on standard error.
pub fn preparing(title: &str) -> impl FnMut(Progress) -> ControlFlow<()> {
    let title = title.to_owned();
    let mut shown = None;
    move |step| {
        // Nothing is shown of a model that is prepared already.
        let bar = shown.get_or_insert_with(|| {
            output::note(format!("{title}: once, on first use"));
            progress::bytes_bar(step.total, &title)
        });
        bar.set_position(step.finished);
        if step.finished >= step.total {
            bar.finish_and_clear();
        }
        ControlFlow::Continue(())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug(format!("opening a model stopped: {e}")))?
}
