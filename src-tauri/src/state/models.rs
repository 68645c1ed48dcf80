//! Which models this machine uses, and bringing them here.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use footnote_core::{Error, Problem, Result};
use footnote_fetch::{
    Catalog, ChosenModels, FetchError, ModelEntry, ModelName, ModelSource, ModelStatus as OnDisk, ModelStore,
    Role,
};

use super::{fetching, shelf};
use crate::options::Options;
use crate::wire::{FetchEvent, ModelState, ModelStatus};

/// The models in use, those there are, and where they are kept.
#[derive(Clone)]
pub(crate) struct Models {
    pub(crate) store: ModelStore,
    pub(super) embedder: ModelSource,
    pub(super) generator: ModelSource,
    pub(super) reranker: Option<ModelSource>,
    pub(super) grounder: Option<ModelSource>,
    pub(super) catalog: Catalog,
    chosen: ChosenModels,
    options: Options,
    data_dir: PathBuf,
}

impl Models {
    /// What the options name, else what was chosen for the data folder, else the machine's defaults.
    ///
    /// # Errors
    /// An option or a choice names a model that is not in the catalog.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let data_dir = super::data(options).path().to_owned();
        let chosen = ChosenModels::load(&data_dir)?;
        let store = ModelStore::new(options.models.clone().unwrap_or_else(ModelStore::default_dir));
        Self::resolve(Catalog::builtin()?, store, chosen, options.clone(), data_dir)
    }

    fn resolve(
        catalog: Catalog,
        store: ModelStore,
        chosen: ChosenModels,
        options: Options,
        data_dir: PathBuf,
    ) -> Result<Self> {
        let source = |role, wanted: Option<&str>| chosen.source(role, wanted, &catalog, &store);
        // The app works without these.
        let optional = |role, named: &Option<PathBuf>| match (named, chosen.current(role)) {
            (Some(folder), _) => Ok(Some(ModelSource::Folder(folder.clone()))),
            (None, Some(_)) => source(role, None).map(Some),
            (None, None) => Ok(None),
        };
        Ok(Self {
            embedder: source(Role::Embedder, options.embedder.as_deref())?,
            generator: source(Role::Generator, options.generator.as_deref())?,
            reranker: optional(Role::Reranker, &options.reranker)?,
            grounder: optional(Role::Grounder, &options.entailment)?,
            store,
            catalog,
            chosen,
            options,
            data_dir,
        })
    }

    /// With another choice for a role; nothing is written yet.
    ///
    /// # Errors
    /// The role's model was named when Footnote was started, or there is no such model.
    pub(crate) fn with(&self, role: Role, model: Option<ModelName>) -> Result<Self> {
        if self.fixed(role) {
            return Err(Error::user(format!(
                "The {} was named when Footnote was started",
                role.as_str()
            ))
            .problem(Problem::ModelNamedAtStart)
            .hint(format!(
                "Start Footnote without FOOTNOTE_{} to choose it here",
                role.option().to_uppercase()
            )));
        }
        let mut chosen = self.chosen.clone();
        chosen.choose(role, model);
        self.choosing(chosen)
    }

    /// With the model that did the role's work before; none if there was none, or it is not here any more.
    pub(crate) fn gone_back(&self, role: Role) -> Option<Self> {
        let mut chosen = self.chosen.clone();
        let back = chosen.go_back(role).then(|| self.choosing(chosen).ok())??;
        back.here(role).then_some(back)
    }

    fn choosing(&self, chosen: ChosenModels) -> Result<Self> {
        Self::resolve(
            self.catalog.clone(),
            self.store.clone(),
            chosen,
            self.options.clone(),
            self.data_dir.clone(),
        )
    }

    /// Makes the choices last.
    ///
    /// # Errors
    /// The data folder cannot be written to.
    pub(crate) fn save(&self) -> Result<()> {
        Ok(self.chosen.save(&self.data_dir)?)
    }

    /// Forgets a model that was removed as one to come back to.
    ///
    /// # Errors
    /// The data folder cannot be written to.
    pub(crate) fn forget(&mut self, model: &ModelName) -> Result<()> {
        self.chosen.forget(model);
        self.save()
    }

    /// Whether a role's model was named when Footnote was started.
    pub(crate) fn fixed(&self, role: Role) -> bool {
        match role {
            Role::Embedder => self.options.embedder.is_some(),
            Role::Generator => self.options.generator.is_some(),
            Role::Reranker => self.options.reranker.is_some(),
            Role::Grounder => self.options.entailment.is_some(),
            _ => true,
        }
    }

    /// The model that does a role's work.
    pub(crate) fn source(&self, role: Role) -> Option<ModelSource> {
        match role {
            Role::Embedder => Some(self.embedder.clone()),
            Role::Generator => Some(self.generator.clone()),
            Role::Reranker => self.reranker.clone(),
            Role::Ocr => self
                .entry_here(Role::Ocr)
                .map(|entry| ModelSource::Catalog(Box::new(entry.clone()))),
            Role::Tables => self
                .entry_here(Role::Tables)
                .map(|entry| ModelSource::Catalog(Box::new(entry.clone()))),
            Role::PersonalData => self
                .entry_here(Role::PersonalData)
                .map(|entry| ModelSource::Catalog(Box::new(entry.clone()))),
            Role::Grounder => self.grounder.clone(),
        }
    }

    /// The model that did a role's work before, by name.
    pub(crate) fn before(&self, role: Role) -> Option<ModelName> {
        self.chosen.name_before(role, &self.catalog)
    }

    /// A catalog entry.
    ///
    /// # Errors
    /// There is none with this id.
    pub(crate) fn entry(&self, id: &str) -> Result<&ModelEntry> {
        Ok(self
            .catalog
            .get(id)
            .ok_or_else(|| FetchError::unknown("model", id))?)
    }

    /// What a source is called.
    pub(crate) fn name_of(&self, source: &ModelSource) -> Option<ModelName> {
        source.name(&self.store)
    }

    /// What a source is called for people.
    pub(crate) fn title(&self, source: &ModelSource) -> String {
        match source {
            ModelSource::Catalog(entry) => entry.name.clone(),
            ModelSource::Folder(folder) => footnote_onnx::imported_facts(folder)
                .map_or_else(|_| folder.display().to_string(), |facts| facts.name),
        }
    }

    /// The folder that a source keeps what was measured in.
    pub(crate) fn folder(&self, source: &ModelSource) -> PathBuf {
        source.folder(&self.store)
    }

    /// All embedders on disk, imported ones too.
    pub(super) fn embedders_here(&self) -> Vec<ModelSource> {
        let known = self
            .catalog
            .models()
            .iter()
            .filter(|entry| entry.role == Role::Embedder && self.store.status(entry) == OnDisk::Present)
            .map(|entry| ModelSource::Catalog(Box::new(entry.clone())));
        let imported = shelf::imported(self)
            .into_iter()
            .filter(|(_, facts)| facts.as_ref().is_ok_and(|facts| facts.role == "embedder"))
            .map(|(folder, _)| ModelSource::Folder(folder));
        known.chain(imported).collect()
    }

    fn entry_here(&self, role: Role) -> Option<&ModelEntry> {
        let here = |entry: &&ModelEntry| entry.role == role && self.store.status(entry) == OnDisk::Present;
        self.catalog.models().iter().find(here)
    }

    /// The folder of the model that does a role's work wherever it is on disk: that which reads images, that which finds
    /// names.
    pub(super) fn folder_here(&self, role: Role) -> Option<PathBuf> {
        Some(self.store.path(self.entry_here(role)?))
    }

    /// The folder of the catalog's model for a role, whether it is on disk or not.
    pub(super) fn folder_of(&self, role: Role) -> Option<PathBuf> {
        let entry = self.catalog.models().iter().find(|entry| entry.role == role)?;
        Some(self.store.path(entry))
    }

    fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        [&self.embedder, &self.generator]
            .into_iter()
            .filter_map(|source| match source {
                ModelSource::Catalog(entry) => Some(entry.as_ref()),
                ModelSource::Folder(_) => None,
            })
    }

    /// Those in use, and those that read images and their tables, which the app works without.
    fn wanted(&self) -> impl Iterator<Item = &ModelEntry> {
        let of_images = [Role::Ocr, Role::Tables];
        let choose = |role| self.catalog.choose(role, None).ok();
        self.entries().chain(of_images.into_iter().filter_map(choose))
    }

    /// What is on disk, by sizes and stamps; quick.
    pub(crate) fn statuses(&self) -> Vec<ModelStatus> {
        self.wanted()
            .map(|entry| ModelStatus {
                id: entry.id.clone(),
                role: entry.role.as_str().to_owned(),
                name: entry.name.clone(),
                bytes: entry.size(),
                state: state_of(self.store.status(entry)),
                licence: entry.licence.clone(),
            })
            .collect()
    }

    /// Whether a role's model is on disk.
    pub(crate) fn here(&self, role: Role) -> bool {
        match self.source(role) {
            Some(ModelSource::Catalog(entry)) => self.store.status(&entry) == OnDisk::Present,
            Some(ModelSource::Folder(folder)) => folder.is_dir(),
            None => Role::OPTIONAL.contains(&role),
        }
    }

    /// Whether those are there that the app cannot do without.
    pub(crate) fn complete(&self) -> bool {
        self.entries()
            .all(|entry| self.store.status(entry) == OnDisk::Present)
    }

    /// Fetches what is missing of the models in use. Blocks.
    ///
    /// # Errors
    /// What the download says; what has arrived is kept.
    pub(crate) fn fetch(&self, on_event: &dyn Fn(FetchEvent), stop: &AtomicBool) -> Result<()> {
        let fetcher = fetching::fetcher();
        for entry in self.wanted() {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::canceled());
            }
            fetching::fetch(&fetcher, entry, &self.store, on_event, stop)?;
        }
        Ok(())
    }

    /// Fetches one model of the catalog. Blocks.
    ///
    /// # Errors
    /// What the download says; what has arrived is kept.
    pub(crate) fn fetch_one(&self, id: &str, on_event: &dyn Fn(FetchEvent), stop: &AtomicBool) -> Result<()> {
        fetching::fetch(&fetching::fetcher(), self.entry(id)?, &self.store, on_event, stop)
    }
}

/// How the wire says what is on disk.
pub(super) fn state_of(status: OnDisk) -> ModelState {
    match status {
        OnDisk::Missing => ModelState::Missing,
        OnDisk::Partial => ModelState::Partial,
        OnDisk::Present => ModelState::Present,
        OnDisk::Corrupt => ModelState::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_serves_this_machine() {
        let models = Models::new(&Options::default()).unwrap();
        let roles: Vec<String> = models.statuses().into_iter().map(|model| model.role).collect();
        assert_eq!(roles, ["embedder", "generator", "ocr", "tables"]);
    }

    #[test]
    fn an_unknown_model_is_named() {
        let options = Options {
            generator: Some("nothing".into()),
            ..Options::default()
        };
        let error = Models::new(&options).err().unwrap();
        assert_eq!(error.message, "There is no generator called nothing");
        assert!(error.hint.is_some());
    }

    #[test]
    fn a_choice_counts_unless_the_start_named_a_model_and_one_can_go_back() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: Some(dir.path().to_owned()),
            ..Options::default()
        };
        let models = Models::new(&options).unwrap();
        let default = models.name_of(&models.generator);
        let wanted = ModelName::Catalog("smollm2-135m-instruct".into());
        models
            .with(Role::Generator, Some(wanted.clone()))
            .unwrap()
            .save()
            .unwrap();
        let chosen = Models::new(&options).unwrap();
        assert_eq!(chosen.name_of(&chosen.generator), Some(wanted.clone()));
        assert_eq!(chosen.before(Role::Generator), default);
        let named = Models::new(&Options {
            generator: Some("qwen2.5-coder-0.5b-instruct".into()),
            ..options
        })
        .unwrap();
        assert_ne!(named.name_of(&named.generator), Some(wanted.clone()));
        let error = named.with(Role::Generator, Some(wanted)).err().unwrap();
        assert!(error.hint.unwrap().contains("FOOTNOTE_GENERATOR"));
    }

    #[test]
    fn a_grounder_is_chosen_and_taken_off_and_one_named_at_the_start_wins() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: Some(dir.path().join("data")),
            models: Some(dir.path().join("models")),
            ..Options::default()
        };
        let models = Models::new(&options).unwrap();
        assert_eq!(models.source(Role::Grounder), None);
        assert!(models.here(Role::Grounder), "it is not needed");
        let wanted: ModelName = "imported/nli".parse().unwrap();
        let chosen = models.with(Role::Grounder, Some(wanted.clone())).unwrap();
        let source = chosen.source(Role::Grounder).unwrap();
        assert_eq!(chosen.name_of(&source), Some(wanted.clone()));
        assert!(!chosen.here(Role::Grounder), "its folder is gone");
        let left = chosen.with(Role::Grounder, None).unwrap();
        assert_eq!(
            (left.source(Role::Grounder), left.before(Role::Grounder)),
            (None, Some(wanted.clone()))
        );
        let named = Models::new(&Options {
            entailment: Some(dir.path().to_owned()),
            ..options
        })
        .unwrap();
        assert!(named.fixed(Role::Grounder));
        let error = named.with(Role::Grounder, Some(wanted)).err().unwrap();
        assert!(error.hint.unwrap().contains("FOOTNOTE_ENTAILMENT"));
    }
}
