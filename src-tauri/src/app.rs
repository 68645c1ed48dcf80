//! What lives as long as the window: the engine once it is up, and the work in hand.

mod data;
mod diagnostics;
mod ending;
mod exports;
mod looking;
mod models;
mod tray;
mod watching;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use footnote_core::answer::AskRequest;
use footnote_core::engine::{Engine, Replay};
use footnote_core::log::KeptLog;
use footnote_core::removal::{GRACE, Quotes, RemovalEnd};
use footnote_core::types::AnswerEvent;
use footnote_core::{CaseId, DocumentId, Error, ErrorCode, JobId, Password, Problem, Result, TurnId};
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use ending::Closing;
use models::Download;

use crate::ingest::{Announcer, Paced};
use crate::options::Options;
use crate::state::{Data, Lock, Models, Opened};
use crate::tray::Tray;
use crate::wire::Arrivals;
use crate::wire::{
    self, EngineState, EngineStatus, FetchEvent, LibraryChanged, ModelFailure, ModelState, ProviderStatus,
    StatusChanged,
};

/// Where the engine stands.
#[derive(Clone)]
enum Phase {
    Starting,
    NeedsModels,
    Ready(Arc<Opened>),
    Failed(Error),
}

/// A cloneable handle to the program's state.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    data: Mutex<Data>,
    /// Where data was moved from, until it is deleted.
    old_data: Mutex<Option<PathBuf>>,
    log: KeptLog,
    models: Mutex<Result<Models>>,
    phase: watch::Sender<Phase>,
    handle: OnceLock<AppHandle>,
    /// Held by whoever puts the engine together; has the data folder's lock once it was taken.
    lock: tokio::sync::Mutex<Option<Lock>>,
    /// Of jobs that the window set going. Quitting halts them and does not cancel them: they go on at the next start.
    jobs: Mutex<CancellationToken>,
    /// Of the loop that follows watched folders, with its end.
    following: Mutex<Option<(CancellationToken, JoinHandle<()>)>>,
    /// Of folders that are looked through before they are added.
    looking: Mutex<CancellationToken>,
    asks: Mutex<HashMap<String, CancellationToken>>,
    fetch: Mutex<Option<Arc<AtomicBool>>>,
    downloads: Mutex<HashMap<String, Download>>,
    /// Set while a model is changed, imported, measured or tried.
    work: Mutex<Option<CancellationToken>>,
    /// The last model that could not be used.
    failure: Mutex<Option<ModelFailure>>,
    /// What starts were told to show and the window has not taken yet.
    arrivals: Mutex<Arrivals>,
    closing: Closing,
    tray: Tray,
    quit: CancellationToken,
    quitting: AtomicBool,
    tasks: TaskTracker,
}

impl App {
    /// `lock` is that of the data folder, if it could be had.
    pub(crate) fn new(options: &Options, data: Data, lock: Option<Lock>, log: KeptLog) -> Self {
        let quit = CancellationToken::new();
        let taken = lock.is_some();
        let app = Self {
            inner: Arc::new(Inner {
                options: options.clone(),
                data: Mutex::new(data),
                old_data: Mutex::default(),
                log,
                models: Mutex::new(Models::new(options)),
                phase: watch::Sender::new(Phase::Starting),
                handle: OnceLock::new(),
                lock: tokio::sync::Mutex::new(lock),
                jobs: Mutex::default(),
                following: Mutex::default(),
                looking: Mutex::default(),
                asks: Mutex::new(HashMap::new()),
                fetch: Mutex::new(None),
                downloads: Mutex::default(),
                work: Mutex::default(),
                failure: Mutex::default(),
                arrivals: Mutex::new(options.arrivals.clone()),
                closing: Closing::default(),
                tray: Tray::default(),
                quit,
                quitting: AtomicBool::new(false),
                tasks: TaskTracker::new(),
            }),
        };
        if taken {
            app.listen();
        }
        app
    }

    /// Puts the engine together in the background.
    pub(crate) fn start(&self, handle: AppHandle) {
        let _ = self.inner.handle.set(handle);
        let app = self.clone();
        tauri::async_runtime::spawn(async move { app.compose().await });
    }

    /// Tries a failed start again; what was in the way may be gone. Does nothing otherwise.
    pub(crate) async fn retry_failed_start(&self) {
        let failed = matches!(*self.inner.phase.borrow(), Phase::Failed(_));
        if failed {
            self.compose().await;
        }
    }

    /// The engine, once it is up.
    ///
    /// # Errors
    /// Why it is not: models are missing, or it failed.
    pub(crate) async fn engine(&self) -> Result<Engine> {
        Ok(self.ready().await?.engine.clone())
    }

    /// The engine with what belongs to it, once it is open.
    async fn ready(&self) -> Result<Arc<Opened>> {
        let mut phase = self.inner.phase.subscribe();
        let settled = phase
            .wait_for(|phase| !matches!(phase, Phase::Starting))
            .await
            .map_err(|_| Error::canceled())?;
        match &*settled {
            Phase::Ready(opened) => Ok(Arc::clone(opened)),
            Phase::Failed(error) => Err(error.clone()),
            Phase::Starting | Phase::NeedsModels => Err(Error::runtime("The models are not there yet")
                .code(ErrorCode::ModelMissing)
                .problem(Problem::ModelsMissing)
                .hint("Download them first; it is needed once")),
        }
    }

    /// Canceled when the program ends.
    pub(crate) fn ending(&self) -> CancellationToken {
        self.inner.quit.child_token()
    }

    /// State of engine, models and provider.
    pub(crate) async fn status(&self) -> EngineStatus {
        let phase = self.inner.phase.borrow().clone();
        let (state, error, provider) = match &phase {
            Phase::Starting => (EngineState::Starting, None, None),
            Phase::NeedsModels => (EngineState::NeedsModels, None, None),
            Phase::Ready(opened) => (EngineState::Ready, None, Some(opened.provider.clone())),
            Phase::Failed(error) => (EngineState::Failed, Some(error.clone()), None),
        };
        let models = self.models();
        let mut models = tokio::task::spawn_blocking(move || match models {
            Ok(models) => models.statuses(),
            Err(_) => Vec::new(),
        })
        .await
        .unwrap_or_default();
        for model in models
            .iter_mut()
            .filter(|model| model.state == ModelState::Present)
        {
            match state {
                EngineState::Starting => model.state = ModelState::Loading,
                EngineState::Ready => model.state = ModelState::Loaded,
                EngineState::NeedsModels | EngineState::Failed => {}
            }
        }
        EngineStatus {
            state,
            error: error.map(Into::into),
            models,
            provider: provider.unwrap_or(ProviderStatus {
                name: String::new(),
                refused: Vec::new(),
            }),
            data_dir: wire::path_text(&self.data_dir()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Where what belongs to this machine is kept, wherever the data is.
    pub(crate) fn machine_dir(&self) -> PathBuf {
        locked(&self.inner.data).machine().to_owned()
    }

    /// The data folder.
    fn data_dir(&self) -> PathBuf {
        locked(&self.inner.data).path().to_owned()
    }

    /// Fetches what is missing, then starts the engine if it is not up; one that is up takes in what it lacked.
    ///
    /// # Errors
    /// What the download says, or that one is under way.
    pub(crate) async fn fetch_models(&self, on_event: impl Fn(FetchEvent) + Send + 'static) -> Result<()> {
        let stop = Arc::new(AtomicBool::new(false));
        {
            let mut fetch = locked(&self.inner.fetch);
            if fetch.is_some() {
                return Err(
                    Error::user("The download is under way already").problem(Problem::DownloadRunning)
                );
            }
            *fetch = Some(Arc::clone(&stop));
        }
        let models = self.models();
        let fetched = self
            .inner
            .tasks
            .spawn_blocking(move || models?.fetch(&on_event, &stop))
            .await
            .map_err(|e| Error::bug(format!("the download stopped: {e}")));
        *locked(&self.inner.fetch) = None;
        if let Err(error) = fetched.and_then(|result| result) {
            self.tell_status().await;
            return Err(error);
        }
        let phase = self.inner.phase.borrow().clone();
        let Phase::Ready(opened) = phase else {
            self.compose().await;
            return Ok(());
        };
        if opened.take_up_recognizer(&self.models()?).await? {
            self.resume(opened.engine.clone());
        }
        self.tell_status().await;
        Ok(())
    }

    pub(crate) fn cancel_fetch(&self) {
        if let Some(stop) = &*locked(&self.inner.fetch) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Ingests files and folders into a collection, but for the files of `except`; comes back when all of them have been dealt with.
    ///
    /// # Errors
    /// What the ledger says; what is wrong with a file is in its job.
    pub(crate) async fn add(
        &self,
        paths: Vec<PathBuf>,
        except: HashSet<PathBuf>,
        collection: &str,
        on_event: impl Fn(wire::IngestEvent) + Send + Sync + 'static,
    ) -> Result<()> {
        self.ingest(async move |engine, cancel| {
            let reporter = Paced::new(on_event);
            engine
                .add_except(&paths, &except, collection, &reporter, &cancel)
                .await
        })
        .await
    }

    /// Reads documents again, even if their files did not change; comes back when all of them have been dealt with.
    ///
    /// # Errors
    /// What the ledger says; what is wrong with a file is in its job.
    pub(crate) async fn read_again(
        &self,
        documents: Vec<DocumentId>,
        on_event: impl Fn(wire::IngestEvent) + Send + Sync + 'static,
    ) -> Result<()> {
        self.ingest(async move |engine, cancel| {
            let reporter = Paced::new(on_event);
            engine.read_again(&documents, &reporter, &cancel).await
        })
        .await
    }

    /// Does work that reads documents, which ends when jobs are stopped, and tells whoever shows the library.
    async fn ingest<T>(&self, work: impl AsyncFnOnce(Engine, CancellationToken) -> Result<T>) -> Result<()> {
        let engine = self.engine().await?;
        let cancel = locked(&self.inner.jobs).child_token();
        let outcome = self.inner.tasks.track_future(work(engine, cancel)).await;
        // Whoever else shows the library did not hear the channel.
        self.tell_library();
        outcome.map(|_| ())
    }

    /// Removes documents; their files stay. They are out of sight at once and can be brought back for a while; comes
    /// back when that is over and they are deleted, or undone.
    ///
    /// # Errors
    /// There is none of them, the program ends (the next start deletes them), or what the stores say.
    pub(crate) async fn remove(
        &self,
        documents: &[DocumentId],
        quotes: Quotes,
        on_event: impl Fn(wire::RemovalEvent) + Send + 'static,
    ) -> Result<()> {
        let engine = self.engine().await?;
        let (removal, grace) = engine.remove_for_now(documents, quotes).await?;
        on_event(removal.into());
        self.tell_library();
        let cancel = self.ending();
        let over = |end: RemovalEnd| on_event(end.into());
        let work = engine.see_through(grace, GRACE, over, &cancel);
        let ended = self.inner.tasks.track_future(work).await;
        self.tell_library();
        ended
    }

    /// Stops all jobs at work and waiting; later ones are not concerned.
    pub(crate) fn cancel_jobs(&self) {
        std::mem::take(&mut *locked(&self.inner.jobs)).cancel();
        // Those of watched folders, too.
        if let Phase::Ready(opened) = &*self.inner.phase.borrow() {
            opened.engine.cancel_jobs();
        }
    }

    /// Sets a failed job going again, in the background; `password` opens its file if that is locked.
    ///
    /// # Errors
    /// There is no such job.
    pub(crate) async fn retry(&self, job: JobId, password: Option<Password>) -> Result<()> {
        let engine = self.engine().await?;
        if !engine
            .unfinished_jobs()
            .await?
            .iter()
            .any(|known| known.id == job)
        {
            return Err(Error::user("There is no such job")
                .code(ErrorCode::NotFound)
                .problem(Problem::Gone)
                .hint("It may have been dismissed meanwhile"));
        }
        let cancel = locked(&self.inner.jobs).child_token();
        let app = self.clone();
        self.inner.tasks.spawn(async move {
            let reporter = app.announcer();
            if let Err(error) = engine.retry(&job, password, &reporter, &cancel).await {
                tracing::error!(class = error.class(), %error, "retrying a job");
                app.tell_library();
            }
        });
        Ok(())
    }

    /// Starts an answer and returns its id. `send` gets every event and says whether anybody still
    /// listens; if not, the work stops.
    ///
    /// # Errors
    /// The engine is not up.
    pub(crate) async fn ask(
        &self,
        request: AskRequest,
        send: impl Fn(AnswerEvent) -> bool + Send + Sync + 'static,
    ) -> Result<String> {
        let engine = self.engine().await?;
        let id = TurnId::new().0;
        let cancel = self.inner.quit.child_token();
        locked(&self.inner.asks).insert(id.clone(), cancel.clone());
        let (app, ask, send) = (self.clone(), id.clone(), Arc::new(send));
        self.inner.tasks.spawn(async move {
            let (listener, stop) = (Arc::clone(&send), cancel.clone());
            let sink = Arc::new(move |event| {
                if !listener(event) {
                    stop.cancel();
                }
            });
            // A task of its own: if it panics, the window must not wait for an end that never comes.
            let outcome = tokio::spawn(async move { engine.ask(request, sink, cancel).await }).await;
            if let Err(panic) = outcome {
                tracing::error!(%panic, "an answer panicked");
                send(AnswerEvent::Failed {
                    error: Error::bug("The answer broke off inside Footnote"),
                });
            }
            locked(&app.inner.asks).remove(&ask);
        });
        Ok(id)
    }

    /// Asks a case's question and judges the answer; `cancel_ask` with its id stops it.
    pub(crate) async fn run_case(&self, id: &CaseId) -> Result<Replay> {
        let engine = self.engine().await?;
        let cases = engine.cases().await?;
        let case = cases.iter().find(|case| case.id == *id).ok_or_else(|| {
            Error::user("There is no such case")
                .code(ErrorCode::NotFound)
                .problem(Problem::Gone)
                .hint("It may have been removed meanwhile")
        })?;
        let cancel = self.inner.quit.child_token();
        locked(&self.inner.asks).insert(id.0.clone(), cancel.clone());
        let replay = engine.replay(case, &cancel).await;
        locked(&self.inner.asks).remove(&id.0);
        replay
    }

    pub(crate) fn cancel_ask(&self, ask: &str) {
        if let Some(cancel) = locked(&self.inner.asks).get(ask) {
            cancel.cancel();
        }
    }

    async fn compose(&self) {
        let mut lock = self.inner.lock.lock().await;
        self.set_phase(Phase::Starting).await;
        let (app, held) = (self.clone(), lock.take());
        // A task of its own, so that a panic is a failed start and not an endless one.
        let built = tokio::spawn(async move {
            let mut held = held;
            let phase = app.build(&mut held).await;
            (phase, held)
        })
        .await;
        let phase = match built {
            Ok((phase, held)) => {
                *lock = held;
                phase.unwrap_or_else(Phase::Failed)
            }
            Err(panic) => {
                tracing::error!(%panic, "the start panicked");
                Phase::Failed(Error::bug("Footnote could not start"))
            }
        };
        drop(lock);
        match &phase {
            Phase::Ready(_) => tracing::info!("the engine is up"),
            Phase::Failed(error) => {
                tracing::error!(class = error.class(), %error, "the engine could not be started")
            }
            Phase::Starting | Phase::NeedsModels => {}
        }
        self.set_phase(phase.clone()).await;
        if let Phase::Ready(opened) = phase {
            self.resume(opened.engine.clone());
            self.follow(opened.engine.clone());
        }
    }

    async fn build(&self, lock: &mut Option<Lock>) -> Result<Phase> {
        if lock.is_none() {
            let data = locked(&self.inner.data).clone();
            let taken = tokio::task::spawn_blocking(move || data.acquire()).await;
            *lock = Some(taken.map_err(|e| Error::bug(format!("locking stopped: {e}")))??);
            self.listen();
        }
        self.open_engine().await
    }

    /// Finishes what an earlier run left.
    pub(crate) fn resume(&self, engine: Engine) {
        let app = self.clone();
        let cancel = locked(&self.inner.jobs).child_token();
        self.inner.tasks.spawn(async move {
            let reporter = app.announcer();
            if let Err(error) = engine.resume(&reporter, &cancel).await {
                tracing::error!(class = error.class(), %error, "resuming jobs");
                app.tell_library();
            }
        });
    }

    fn announcer(&self) -> Announcer<impl Fn() + Send + Sync + use<>> {
        let app = self.clone();
        Announcer::new(move || app.tell_library())
    }

    /// Tells the window that documents, jobs or folders changed.
    pub(crate) fn tell_library(&self) {
        if let Some(handle) = self.inner.handle.get()
            && let Err(error) = LibraryChanged.emit(handle)
        {
            tracing::warn!(%error, "an event was lost");
        }
    }

    async fn set_phase(&self, phase: Phase) {
        self.inner.phase.send_replace(phase);
        self.tell_status().await;
    }

    async fn tell_status(&self) {
        let status = self.status().await;
        if let Some(handle) = self.inner.handle.get()
            && let Err(error) = StatusChanged(status).emit(handle)
        {
            tracing::warn!(%error, "an event was lost");
        }
    }
}

/// A poisoned lock only means that a panic was reported elsewhere; what it guards is still whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
