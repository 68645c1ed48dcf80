//! The runtime library in this process: loaded once, shared by all models.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use footnote_core::diagnostics::ModelRuntime;
use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_model_import::Operators;
use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::SessionBuilder;
use serde::{Deserialize, Serialize};

use crate::errors::from_ort;
use crate::form::{self, FormChoice};
use crate::generator::trial::trial;
use crate::library::{self, CpuFeatures, FoundLibrary};
use crate::operators;
use crate::provider::{Provider, ProviderReport, choose_provider, open_or_fall_back};

/// How to load the runtime.
#[derive(Clone, Debug, Default)]
pub struct RuntimeOptions {
    /// The library, or a folder that holds it; none: search (see [`crate::LIBRARY_VARIABLE`]).
    pub library: Option<PathBuf>,
    /// Threads of the pool that all models share; none: as many as the machine has cores.
    pub threads: Option<usize>,
    /// Do not try graphics processors.
    pub force_cpu: bool,
}

/// Where a model runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelPlacement {
    /// The model's role and folder name.
    pub model: String,
    /// Its provider.
    pub provider: Provider,
    /// Why it is not the chosen provider, if it is not.
    pub reason: Option<String>,
}

/// What `footnote doctor` shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuntimeReport {
    /// The library in use.
    pub library: PathBuf,
    /// Its version.
    pub version: String,
    /// Providers tried and chosen.
    pub providers: ProviderReport,
    /// Threads of the shared pool.
    pub threads: usize,
    /// The processor.
    pub cpu: CpuFeatures,
    /// Models loaded so far.
    pub models: Vec<ModelPlacement>,
}

impl From<&RuntimeReport> for ModelRuntime {
    fn from(report: &RuntimeReport) -> Self {
        let attempts = report.providers.attempts.iter();
        Self {
            version: report.version.clone(),
            provider: report.providers.chosen.label().to_owned(),
            attempts: attempts
                .map(|attempt| (attempt.provider.label().to_owned(), attempt.reason.clone()))
                .collect(),
        }
    }
}

/// ONNX Runtime, ready for use. Cheap to clone.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    environment: Environment,
    library: FoundLibrary,
    threads: usize,
    cpu: CpuFeatures,
    providers: ProviderReport,
    models: Mutex<Vec<ModelPlacement>>,
}

/// What a session is for; decides where it may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Runs on the chosen provider.
    Encoder,
    /// Runs on the chosen provider if its operators are [`Operators::Half`], and then all of it there: a step that
    /// went back and forth would copy the cache each time. Any other runs on the processor, which alone has
    /// attention in single precision.
    Decoder(Operators),
}

/// A process can hold one ONNX Runtime environment, so the first runtime loaded is the only one.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// Makes a session while no other one is being made.
///
/// Each session puts the domain of Footnote's operators into a map of the whole process, after a look whether it is there;
/// of two at the same moment the second failed to load its model.
fn one_at_a_time(make: impl FnOnce() -> ort::Result<Session>) -> ort::Result<Session> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    make()
}

impl Runtime {
    /// Loads ONNX Runtime, or returns the one this process has loaded before.
    ///
    /// # Errors
    /// [`ErrorCode::RuntimeMissing`] with the remedy if the processor lacks a feature, if there is no
    /// library or a wrong one, or if another library was loaded before. A failed load can be repeated.
    pub fn load(options: RuntimeOptions) -> Result<Self> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return runtime.again(&options);
        }
        let cpu = CpuFeatures::detect();
        cpu.check()?;
        crate::never_report();
        let library = library::find(options.library.as_deref())?;
        let threads = options.threads.unwrap_or_else(default_threads).max(1);
        let builder = ort::init_from(&library.path).map_err(|error| {
            Error::runtime(format!("{}: {error}", library.path.display()))
                .code(ErrorCode::RuntimeMissing)
                .problem(Problem::RuntimeUnusable {
                    detail: error.to_string(),
                })
        })?;
        let environment = environment(builder, threads)
            .map_err(|error| from_ort("start ONNX Runtime", error).code(ErrorCode::RuntimeMissing))?;
        let providers = choose_provider(&environment, options.force_cpu);
        let runtime = Self(Arc::new(Inner {
            environment,
            library,
            threads,
            cpu,
            providers,
            models: Mutex::new(Vec::new()),
        }));
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    fn again(&self, options: &RuntimeOptions) -> Result<Self> {
        if let Some(wanted) = &options.library {
            let wanted = library::find(Some(wanted))?;
            let same = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
            if same(&wanted.path) != same(&self.0.library.path) {
                return Err(Error::runtime(format!(
                    "{} is in use already; {} cannot be loaded beside it",
                    self.0.library.path.display(),
                    wanted.path.display()
                ))
                .code(ErrorCode::RuntimeMissing)
                .problem(Problem::RuntimeInUse)
                .hint("Restart Footnote to use the other library"));
            }
        }
        Ok(self.clone())
    }

    /// Library, version, providers, threads and processor.
    pub fn report(&self) -> RuntimeReport {
        RuntimeReport {
            library: self.0.library.path.clone(),
            version: self.0.library.version.clone(),
            providers: self.0.providers.clone(),
            threads: self.0.threads,
            cpu: self.0.cpu.clone(),
            models: self
                .0
                .models
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }

    /// What a measured speed depends on besides the model: processor, threads, provider, and versions of library and
    /// Footnote.
    pub fn machine(&self) -> String {
        let inner = &self.0;
        format!(
            "{:?}, {} threads, {}, ONNX Runtime {}, Footnote {}",
            inner.cpu,
            inner.threads,
            inner.providers.chosen.label(),
            inner.library.version,
            env!("CARGO_PKG_VERSION")
        )
    }

    /// In which form this machine computes generators fastest: as remembered in `cache_dir`, or measured now, which
    /// takes under a second. A graphics processor in use computes a small language model as a trial. Where the
    /// measurement fails, [`GeneratorForm::PORTABLE`](crate::GeneratorForm::PORTABLE).
    pub fn generator_form(&self, cache_dir: &Path) -> FormChoice {
        let provider = self.0.providers.chosen;
        let trial = |form| trial(self, provider, form, &cache_dir.join("trial"));
        let open = |model: &[u8]| {
            let mut builder = self.decoder_session()?;
            one_at_a_time(|| builder.commit_from_memory(model))
        };
        let graphics = (provider != Provider::Cpu).then_some((provider, &trial as form::Trial<'_>));
        form::choose(cache_dir, &self.machine(), &open, graphics)
            .unwrap_or_else(|error| form::unmeasured(&error))
    }

    /// Whose operators compute encoders fastest here: what [`Self::generator_form`] found, if the processor computes them.
    pub fn encoder_operators(&self, cache_dir: &Path) -> Operators {
        match self.0.providers.chosen {
            Provider::Cpu => self.generator_form(cache_dir).form.operators,
            _ => Operators::Portable,
        }
    }

    /// A session of the processor that knows Footnote's own operators.
    fn decoder_session(&self) -> ort::Result<SessionBuilder> {
        Ok(Session::builder(&self.0.environment)?.with_operators(operators::domain(self.0.threads)?)?)
    }

    /// Opens a session on the best provider that takes the graph; returns which that is.
    pub(crate) fn session(&self, graph: &Path, workload: Workload) -> Result<(Session, Provider)> {
        let chosen = match workload {
            Workload::Encoder | Workload::Decoder(Operators::Half | Operators::HalfFourBit) => {
                self.0.providers.chosen
            }
            Workload::Decoder(Operators::Panels | Operators::Portable) => Provider::Cpu,
        };
        let opened = open_or_fall_back(
            chosen,
            |provider| self.open(graph, provider, workload),
            |error| error.message().to_owned(),
        );
        let (session, provider, mut reason) = opened.map_err(|error| cannot_open(graph, error))?;
        if provider != self.0.providers.chosen && reason.is_none() {
            reason = Some("this graph is made for the CPU".to_owned());
        }
        self.record(graph, provider, reason);
        Ok((session, provider))
    }

    /// Opens on the processor what another provider could not compute, for `reason`.
    pub(crate) fn session_on_cpu(&self, graph: &Path, reason: &str) -> Result<Session> {
        let session = self.open(graph, Provider::Cpu, Workload::Decoder(Operators::Half));
        let session = session.map_err(|error| cannot_open(graph, error))?;
        self.record(graph, Provider::Cpu, Some(reason.to_owned()));
        Ok(session)
    }

    pub(crate) fn open(&self, graph: &Path, provider: Provider, workload: Workload) -> ort::Result<Session> {
        let mut builder = Session::builder(&self.0.environment)?;
        if let Some(dispatch) = provider.dispatch() {
            builder = builder.with_execution_providers([dispatch])?;
            if matches!(workload, Workload::Decoder(_)) {
                builder = builder.with_disable_cpu_fallback()?;
            }
        }
        if provider == Provider::Cpu {
            builder = builder.with_operators(operators::domain(self.0.threads)?)?;
        }
        one_at_a_time(|| builder.commit_from_file(graph))
    }

    fn record(&self, graph: &Path, provider: Provider, reason: Option<String>) {
        let folder = graph.parent().and_then(Path::file_name).unwrap_or_default();
        let model = folder.to_string_lossy().into_owned();
        let mut models = self.0.models.lock().unwrap_or_else(PoisonError::into_inner);
        models.retain(|placed| placed.model != model);
        models.push(ModelPlacement {
            model,
            provider,
            reason,
        });
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Runtime").field(&self.0.library).finish()
    }
}

fn cannot_open(graph: &Path, error: ort::Error) -> Error {
    if graph.is_file() {
        return from_ort("load the model", error);
    }
    Error::user(format!("{}: the model's graph is not there", graph.display()))
        .code(ErrorCode::ModelMissing)
        .problem(Problem::ModelMissing)
        .hint("Fetch the model again with `footnote models fetch`")
}

fn environment(builder: ort::environment::EnvironmentBuilder, threads: usize) -> ort::Result<Environment> {
    // One pool for all sessions: with a pool each, several models in a process fight for the cores. Its
    // threads sleep when idle: measured beside other work, decoding is twice as fast as with spinning.
    let pool = GlobalThreadPoolOptions::default()
        .with_intra_threads(threads)?
        .with_inter_threads(1)?
        .with_spin_control(false)?;
    let environment = builder
        .with_name("footnote")
        .with_telemetry(false)
        .with_global_thread_pool(pool)
        .with_logger(Arc::new(|level, _category, _id, _place, message| match level {
            LogLevel::Error | LogLevel::Fatal => tracing::error!(target: "onnxruntime", "{message}"),
            LogLevel::Warning => tracing::warn!(target: "onnxruntime", "{message}"),
            LogLevel::Info | LogLevel::Verbose => tracing::trace!(target: "onnxruntime", "{message}"),
        }))
        .build()?;
    environment.set_log_level(LogLevel::Warning);
    Ok(environment)
}

/// One thread a core. x86 processors mostly report two threads a core, and the second of each pair
/// slows matrix products down.
fn default_threads() -> usize {
    let logical = std::thread::available_parallelism().map_or(1, usize::from);
    if cfg!(target_arch = "x86_64") && logical > 4 {
        (logical / 2).max(4)
    } else {
        logical
    }
}
