//! What a person does on the page of models.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use footnote_core::answer::AskRequest;
use footnote_core::measure::Speed;
use footnote_core::types::AnswerEvent;
use footnote_core::{Error, Problem, Result};
use footnote_fetch::{ModelName, ModelStatus, Role};
use tokio_util::sync::CancellationToken;

use super::{App, Phase, locked};
use crate::blocking::blocking;
use crate::state::{Models, Opened, Work};
use crate::wire::{
    EmbedderCost, EngineState, FetchEvent, ModelEvent, ModelFailure, ModelSpeed, ModelStep, ModelsView,
};

/// Tokens of a chunk, on average; see the chunker's limits.
const CHUNK_TOKENS: f64 = 250.0;

/// Roles whose model gives way to the one before it, if it cannot be opened at a start.
const EXCHANGED: [Role; 3] = [Role::Generator, Role::Reranker, Role::Grounder];

/// A download under way.
pub(super) struct Download {
    pub(super) stop: Arc<AtomicBool>,
    ended: CancellationToken,
}

/// Ends the work on a model that a person asked for, when it is dropped.
pub(super) struct Turn {
    app: App,
    pub(super) cancel: CancellationToken,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *locked(&self.app.inner.work) = None;
    }
}

impl App {
    /// The page of models.
    ///
    /// # Errors
    /// The choices cannot be read.
    pub(crate) async fn models_view(&self) -> Result<ModelsView> {
        let (models, opened) = (self.models()?, self.opened());
        let failure = locked(&self.inner.failure).clone();
        blocking(move || Ok(models.view(opened.as_deref(), failure))).await
    }

    /// Fetches one model of the catalog.
    ///
    /// # Errors
    /// What the download says, or that it is under way already.
    pub(crate) async fn download_model(
        &self,
        id: String,
        on_event: impl Fn(FetchEvent) + Send + 'static,
    ) -> Result<()> {
        let models = self.models()?;
        models.entry(&id)?;
        let stop = Arc::new(AtomicBool::new(false));
        let ended = CancellationToken::new();
        {
            let mut downloads = locked(&self.inner.downloads);
            if downloads.contains_key(&id) {
                return Err(
                    Error::user("This download is under way already").problem(Problem::DownloadRunning)
                );
            }
            let download = Download {
                stop: Arc::clone(&stop),
                ended: ended.clone(),
            };
            downloads.insert(id.clone(), download);
        }
        let wanted = id.clone();
        let work = self
            .inner
            .tasks
            .spawn_blocking(move || models.fetch_one(&wanted, &on_event, &stop));
        let fetched = work
            .await
            .map_err(|e| Error::bug(format!("the download stopped: {e}")));
        locked(&self.inner.downloads).remove(&id);
        ended.cancel();
        let fetched = fetched.and_then(|result| result);
        if fetched.is_ok() {
            self.take_up().await?;
        }
        self.tell_status().await;
        fetched
    }

    /// Stops a download; what has arrived is kept.
    pub(crate) fn pause_download(&self, id: &str) {
        if let Some(download) = locked(&self.inner.downloads).get(id) {
            download.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Stops a download if it is under way, and throws away what has arrived.
    ///
    /// # Errors
    /// There is no such model, or it cannot be removed.
    pub(crate) async fn discard_download(&self, id: &str) -> Result<()> {
        let models = self.models()?;
        let entry = models.entry(id)?.clone();
        self.pause_download(id);
        let ended = locked(&self.inner.downloads)
            .get(id)
            .map(|download| download.ended.clone());
        if let Some(ended) = ended {
            ended.cancelled().await;
        }
        blocking(move || {
            if models.store.status(&entry) == ModelStatus::Present {
                return Ok(());
            }
            Ok(models.store.remove(&entry)?)
        })
        .await?;
        self.tell_status().await;
        Ok(())
    }

    /// Puts a model to work once it has computed something; the one before stays in use if it does not.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) async fn use_model(
        &self,
        name: ModelName,
        on_event: impl Fn(ModelEvent) + Send + Sync + 'static,
    ) -> Result<()> {
        let turn = self.begin_work()?;
        let models = self.models()?;
        let (role, source) = {
            let (models, name) = (models.clone(), name.clone());
            blocking(move || models.find(&name)).await?
        };
        let changed = models.with(role, Some(name))?;
        let title = models.title(&source);
        self.change(&turn, role, changed, title, Arc::new(on_event)).await
    }

    /// Does without a role's model.
    ///
    /// # Errors
    /// Footnote cannot do without it.
    pub(crate) async fn stop_using(&self, role: &str) -> Result<()> {
        let Some(role) = Role::OPTIONAL.into_iter().find(|one| one.as_str() == role) else {
            return Err(Error::user(format!("Footnote cannot do without its {role}"))
                .problem(Problem::ModelIndispensable)
                .hint("Use another model in its place"));
        };
        let turn = self.begin_work()?;
        let changed = self.models()?.with(role, None)?;
        self.change(&turn, role, changed, String::new(), Arc::new(|_| {}))
            .await
    }

    async fn change(
        &self,
        turn: &Turn,
        role: Role,
        changed: Models,
        title: String,
        on_event: Arc<dyn Fn(ModelEvent) + Send + Sync>,
    ) -> Result<()> {
        let before = self.models()?;
        if !changed.here(role) {
            return Err(Error::user(format!("{title} is not on this machine yet"))
                .problem(Problem::ModelNotHere { title })
                .hint("Download it first, then use it"));
        }
        let done = match self.opened() {
            Some(opened) if role != Role::Embedder => {
                let (theirs, cancel, told) = (changed.clone(), turn.cancel.clone(), Arc::clone(&on_event));
                let done = blocking(move || {
                    let work = Work {
                        on_event: &|event| told(event),
                        cancel: &cancel,
                    };
                    opened.exchange(role, &theirs, &work)
                })
                .await;
                done.and_then(|()| changed.save().map(|()| self.set_models(changed)))
            }
            opened => self.reopen(turn, opened, changed, on_event).await,
        };
        match &done {
            Ok(()) => *locked(&self.inner.failure) = None,
            Err(error) if error.is_canceled() => {}
            Err(error) => {
                let instead = before.source(role).map(|source| before.title(&source));
                *locked(&self.inner.failure) = Some(ModelFailure {
                    name: title,
                    role: role.as_str().to_owned(),
                    error: error.clone().into(),
                    instead,
                });
            }
        }
        self.tell_status().await;
        done
    }

    /// Opens the engine anew with other models, and as it was if that fails.
    async fn reopen(
        &self,
        turn: &Turn,
        opened: Option<Arc<Opened>>,
        changed: Models,
        on_event: Arc<dyn Fn(ModelEvent) + Send + Sync>,
    ) -> Result<()> {
        let before = self.models()?;
        if let Some(opened) = opened {
            let (theirs, cancel, told) = (changed.clone(), turn.cancel.clone(), Arc::clone(&on_event));
            blocking(move || {
                let work = Work {
                    on_event: &|event| told(event),
                    cancel: &cancel,
                };
                theirs.prove(Role::Embedder, &work)
            })
            .await?;
            on_event(ModelEvent {
                step: ModelStep::Switching,
                done: 0,
                total: 0,
            });
            changed.save()?;
            self.stop_following().await;
            opened.engine.retire().await;
        } else {
            changed.save()?;
        }
        self.set_models(changed);
        self.compose().await;
        let failed = match &*self.inner.phase.borrow() {
            Phase::Failed(error) => Some(error.clone()),
            _ => None,
        };
        let Some(error) = failed else {
            self.tell_library();
            return Ok(());
        };
        before.save()?;
        self.set_models(before);
        self.compose().await;
        Err(error)
    }

    /// What it costs to use another embedder. Measures it if that was not done yet.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) async fn embedder_cost(
        &self,
        name: ModelName,
        on_event: impl Fn(ModelEvent) + Send + Sync + 'static,
    ) -> Result<EmbedderCost> {
        let documents = self.engine().await?.documents().await?;
        let chunks: u64 = documents.iter().map(|document| u64::from(document.chunks)).sum();
        let mut cost = EmbedderCost {
            documents: documents.len() as u32,
            seconds: 0.0,
        };
        if chunks == 0 {
            return Ok(cost);
        }
        let turn = self.begin_work()?;
        let (models, cancel) = (self.models()?, turn.cancel.clone());
        let speed = blocking(move || {
            let (role, source) = models.find(&name)?;
            if let Some(speed) = models.known_speed(&source)? {
                return Ok(speed);
            }
            let work = Work {
                on_event: &on_event,
                cancel: &cancel,
            };
            models.measure(role, &source, &work)
        })
        .await?;
        if let Speed::Embedder {
            tokens_per_second, ..
        } = speed
        {
            cost.seconds = chunks as f64 * CHUNK_TOKENS / tokens_per_second.max(1e-9);
        }
        Ok(cost)
    }

    /// Converts a model of the user's own; its name from now on.
    ///
    /// # Errors
    /// What the importer does not take, and why.
    pub(crate) async fn import_model(
        &self,
        path: PathBuf,
        on_event: impl Fn(ModelEvent) + Send + Sync + 'static,
    ) -> Result<ModelName> {
        let turn = self.begin_work()?;
        let (models, cancel) = (self.models()?, turn.cancel.clone());
        blocking(move || {
            let work = Work {
                on_event: &on_event,
                cancel: &cancel,
            };
            models.import(&path, &work)
        })
        .await
    }

    /// How fast a model is, measured now.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) async fn measure_model(
        &self,
        name: ModelName,
        on_event: impl Fn(ModelEvent) + Send + Sync + 'static,
    ) -> Result<ModelSpeed> {
        let turn = self.begin_work()?;
        let (models, opened, cancel) = (self.models()?, self.opened(), turn.cancel.clone());
        blocking(move || {
            let (role, source) = models.find(&name)?;
            // Another copy is measured; this one comes back with the next question.
            if let Some(opened) = opened {
                opened.unload(role);
            }
            let work = Work {
                on_event: &on_event,
                cancel: &cancel,
            };
            models.measure(role, &source, &work).map(Into::into)
        })
        .await
    }

    /// Takes a model off the disk. A file it was imported from is not touched.
    ///
    /// # Errors
    /// It is in use, or is being fetched, or cannot be removed.
    pub(crate) async fn remove_model(&self, name: ModelName) -> Result<()> {
        let _turn = self.begin_work()?;
        let mut models = self.models()?;
        if models.in_use(&name) {
            return Err(Error::user("This model is in use")
                .problem(Problem::ModelInUse)
                .hint("Use another one in its place, then remove it"));
        }
        if locked(&self.inner.downloads).contains_key(&name.to_string()) {
            return Err(Error::user("This model is being downloaded")
                .problem(Problem::ModelDownloading)
                .hint("Cancel the download, then remove it"));
        }
        let models = blocking(move || {
            models.store.remove_folders(&models.folders_of(&name)?)?;
            models.forget(&name)?;
            Ok(models)
        })
        .await?;
        self.set_models(models);
        Ok(())
    }

    /// Frees the memory of all models; the next question loads what it needs.
    ///
    /// # Errors
    /// The engine is not up.
    pub(crate) async fn unload_models(&self) -> Result<()> {
        self.engine().await?;
        if let Some(opened) = self.opened() {
            opened.unload_all();
        }
        Ok(())
    }

    /// Answers a question with a model that need not be in use, without keeping the turn. `send` gets every event and
    /// says whether anybody still listens.
    ///
    /// # Errors
    /// The engine is not up, or other work on a model is under way. What the model says is the last event.
    pub(crate) async fn try_model(
        &self,
        name: ModelName,
        question: String,
        send: impl Fn(AnswerEvent) -> bool + Send + Sync + 'static,
    ) -> Result<()> {
        let engine = self.engine().await?;
        let turn = self.begin_work()?;
        let models = self.models()?;
        let opened = self.opened();
        let cancel = turn.cancel.clone();
        let generator = blocking(move || {
            let (role, source) = models.find(&name)?;
            if role != Role::Generator {
                return Err(
                    Error::user("Only models that write answers can be tried with a question")
                        .problem(Problem::ModelNotTried),
                );
            }
            if let Some(opened) = opened {
                opened.unload(Role::Generator);
            }
            let work = Work {
                on_event: &|_| {},
                cancel: &cancel,
            };
            models.generator_to_try(&source, &work)
        })
        .await?;
        let stop = turn.cancel.clone();
        let sink = Arc::new(move |event| {
            if !send(event) {
                stop.cancel();
            }
        });
        // The last event has said how it ended.
        let _ = engine
            .try_out(AskRequest::new(question), generator, sink, turn.cancel.clone())
            .await;
        Ok(())
    }

    /// Stops the work on a model, whichever it is.
    pub(crate) fn cancel_model_work(&self) {
        if let Some(cancel) = &*locked(&self.inner.work) {
            cancel.cancel();
        }
    }

    /// One at a time: each takes the whole machine.
    pub(super) fn begin_work(&self) -> Result<Turn> {
        let mut work = locked(&self.inner.work);
        if work.is_some() {
            return Err(Error::user("Another model is being worked on")
                .problem(Problem::ModelWorkRunning)
                .hint("Wait until that is done, or cancel it"));
        }
        let cancel = self.inner.quit.child_token();
        *work = Some(cancel.clone());
        Ok(Turn {
            app: self.clone(),
            cancel,
        })
    }

    /// Takes in a model that has come: one that the engine waited for, or the one that reads images.
    async fn take_up(&self) -> Result<()> {
        let models = self.models()?;
        match self.opened() {
            Some(opened) if opened.take_up_recognizer(&models).await? => {
                self.resume(opened.engine.clone());
            }
            Some(_) => {}
            None if self.status().await.state == EngineState::NeedsModels && models.complete() => {
                self.compose().await;
            }
            None => {}
        }
        Ok(())
    }

    pub(super) fn models(&self) -> Result<Models> {
        locked(&self.inner.models).clone()
    }

    pub(super) fn set_models(&self, models: Models) {
        *locked(&self.inner.models) = Ok(models);
    }

    pub(super) fn opened(&self) -> Option<Arc<Opened>> {
        match &*self.inner.phase.borrow() {
            Phase::Ready(opened) => Some(Arc::clone(opened)),
            _ => None,
        }
    }

    /// Opens the engine; if a model that was chosen is gone or broken, with the one before it, which is then said on the
    /// page of models. An embedder is not exchanged like that: every document would be read anew.
    pub(super) async fn open_engine(&self) -> Result<Phase> {
        let mut models = self.models()?;
        for role in EXCHANGED {
            if !models.here(role)
                && let Some(back) = models.gone_back(role)
            {
                let gone = Error::runtime("The model's files are not on this machine any more")
                    .problem(Problem::ModelVanished)
                    .hint("Download or import it again to use it");
                self.fall_back(role, &models, &back, &gone)?;
                models = back;
            }
        }
        if !models.complete() {
            return Ok(Phase::NeedsModels);
        }
        let opened = self.open_with(&models).await;
        let error = match opened {
            Ok(opened) => return Ok(opened),
            Err(error) if error.is_canceled() => return Err(error),
            Err(error) => error,
        };
        for role in EXCHANGED {
            let Some(back) = models.gone_back(role) else {
                continue;
            };
            if let Ok(opened) = self.open_with(&back).await {
                self.fall_back(role, &models, &back, &error)?;
                return Ok(opened);
            }
        }
        Err(error)
    }

    async fn open_with(&self, models: &Models) -> Result<Phase> {
        let opened = crate::state::open(&self.data_dir(), models, &self.inner.quit).await?;
        Ok(Phase::Ready(Arc::new(opened)))
    }

    fn fall_back(&self, role: Role, from: &Models, to: &Models, why: &Error) -> Result<()> {
        let title = |models: &Models| models.source(role).map(|source| models.title(&source));
        *locked(&self.inner.failure) = Some(ModelFailure {
            name: title(from).unwrap_or_default(),
            role: role.as_str().to_owned(),
            error: why.clone().into(),
            instead: title(to),
        });
        to.save()?;
        self.set_models(to.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use footnote_core::log::KeptLog;

    use crate::options::Options;
    use crate::wire::ModelCard;

    use super::*;

    const MANIFEST: &str = r#"{"format_version":3,"importer_version":"0.1.0","architecture":"qwen3","name":"Mine",
        "source":{"file_name":"mine.gguf","size":4,"sha256":"00"},"licence":"apache-2.0","weights":"Q4_K",
        "role":"embedder","dimension":4,"max_tokens":512,"query_prefix":"","passage_prefix":"","pad_token_id":0,
        "normalized":true}"#;

    fn name(text: &str) -> ModelName {
        text.parse().unwrap()
    }

    fn app(dir: &Path) -> App {
        let options = Options {
            data_dir: Some(dir.join("data")),
            models: Some(dir.join("models")),
            ..Options::default()
        };
        let data = crate::state::data(&options);
        App::new(&options, data, None, KeptLog::default())
    }

    fn import(dir: &Path, folder: &str, manifest: &str) {
        let folder = dir.join("models/prepared").join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("footnote-model.json"), manifest).unwrap();
    }

    async fn card(app: &App, id: &str) -> Option<ModelCard> {
        let view = app.models_view().await.unwrap();
        view.models.into_iter().find(|card| card.id == id)
    }

    #[tokio::test]
    async fn an_imported_model_is_described_and_removed_and_its_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path());
        std::fs::write(dir.path().join("mine.gguf"), "gguf").unwrap();
        import(dir.path(), "mine-v0.1.0.2", MANIFEST);
        let mine = card(&app, "imported/mine-v0.1.0.2").await.unwrap();
        let imported = mine.imported.unwrap();
        assert_eq!(mine.licence.as_deref(), Some("apache-2.0"));
        assert_eq!(
            (imported.architecture.as_str(), imported.weights.as_deref()),
            ("qwen3", Some("Q4_K"))
        );
        assert!(mine.usable && !mine.in_use && mine.on_disk > 0);
        app.remove_model(name("imported/mine-v0.1.0.2")).await.unwrap();
        assert_eq!(card(&app, "imported/mine-v0.1.0.2").await, None);
        assert!(dir.path().join("mine.gguf").is_file());
    }

    #[tokio::test]
    async fn a_classifier_is_a_grounder_by_its_labels_and_another_says_why_it_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path());
        let classifier = |labels: &str| {
            let (head, _) = MANIFEST.split_once("\"role\"").unwrap();
            format!(
                "{head}\"role\":\"classifier\",\"labels\":[{labels}],\"scores\":\"softmax\",\"max_tokens\":64,\"pad_token_id\":0,\"profile\":\"exact\"}}"
            )
        };
        import(
            dir.path(),
            "nli-v1",
            &classifier("\"ENTAILMENT\",\"NEUTRAL\",\"CONTRADICTION\""),
        );
        import(dir.path(), "mood-v1", &classifier("\"glad\",\"sad\""));
        let nli = card(&app, "imported/nli-v1").await.unwrap();
        assert_eq!((nli.role.as_str(), nli.usable), ("grounder", true));
        let mood = card(&app, "imported/mood-v1").await.unwrap();
        assert_eq!((mood.role.as_str(), mood.usable), ("classifier", false));
        assert_eq!(mood.imported.unwrap().labels, ["glad", "sad"]);
        let error = app.use_model(name("imported/mood-v1"), |_| {}).await.unwrap_err();
        let labels = "glad, sad".to_owned();
        assert_eq!(
            error.problem.as_deref(),
            Some(&Problem::ModelWithoutEntailment { labels })
        );
        app.stop_using("grounder").await.unwrap();
        let error = app.stop_using("embedder").await.unwrap_err();
        assert_eq!(error.problem.as_deref(), Some(&Problem::ModelIndispensable));
    }

    #[tokio::test]
    async fn one_that_another_version_imported_says_so_and_can_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path());
        let old = MANIFEST.replace("\"format_version\":3", "\"format_version\":1");
        import(dir.path(), "old-v0.0.1.1", &old);
        let old = card(&app, "imported/old-v0.0.1.1").await.unwrap();
        assert!(old.error.unwrap().message.contains("another version"));
        app.remove_model(name("imported/old-v0.0.1.1")).await.unwrap();
        assert!(!dir.path().join("models/prepared/old-v0.0.1.1").exists());
    }

    #[tokio::test]
    async fn a_model_in_use_is_not_removed_and_one_that_is_not_here_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path());
        let error = app.remove_model(name("multilingual-e5-small")).await.unwrap_err();
        assert!(error.hint.unwrap().contains("another one"));
        let error = app
            .use_model(name("smollm2-135m-instruct"), |_| {})
            .await
            .unwrap_err();
        assert!(error.hint.unwrap().contains("Download"));
        let failure = app.models_view().await.unwrap().failure;
        assert_eq!(failure, None, "nothing was tried");
        assert!(app.begin_work().is_ok(), "the work before has ended");
    }

    #[tokio::test]
    async fn a_download_that_nobody_pursues_is_thrown_away() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path());
        let partial = dir.path().join("models/smollm2-135m-instruct/.partial");
        std::fs::create_dir_all(&partial).unwrap();
        std::fs::write(partial.join("model.gguf.part"), "half").unwrap();
        let paused = card(&app, "smollm2-135m-instruct").await.unwrap();
        assert_eq!(
            (paused.state, paused.on_disk),
            (crate::wire::ModelState::Partial, 4)
        );
        app.discard_download("smollm2-135m-instruct").await.unwrap();
        assert!(!partial.exists());
    }
}
