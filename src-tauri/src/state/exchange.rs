//! Putting another model to work while the window stands, and finding out about models that are not in use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use footnote_core::measure::{self, Speed};
use footnote_core::ports::Generator;
use footnote_core::{Error, Result, prove};
use footnote_fetch::{ModelName, ModelSource, Role};
use footnote_onnx::{ModelHandle, Runtime, RuntimeOptions};

use super::{Models, Opened, Work, open, shelf};
use crate::wire::{ModelFailure, ModelStep, ModelsView};

impl Models {
    /// The page of models. Blocks: it looks at the disk.
    pub(crate) fn view(&self, opened: Option<&Opened>, failure: Option<ModelFailure>) -> ModelsView {
        shelf::view(self, opened, failure)
    }

    /// What a model does and where it is kept.
    ///
    /// # Errors
    /// There is no such model, or Footnote has no use for it.
    pub(crate) fn find(&self, name: &ModelName) -> Result<(Role, ModelSource)> {
        shelf::role(self, name)
    }

    /// Whether a model does its role's work now.
    pub(crate) fn in_use(&self, name: &ModelName) -> bool {
        [
            Role::Embedder,
            Role::Generator,
            Role::Reranker,
            Role::Grounder,
            Role::Ocr,
            Role::Tables,
            Role::PersonalData,
        ]
        .into_iter()
        .filter_map(|role| self.source(role))
        .any(|source| self.name_of(&source).as_ref() == Some(name))
    }

    /// Folders on disk that belong to a model, and to no other.
    ///
    /// # Errors
    /// There is no such model.
    pub(crate) fn folders_of(&self, name: &ModelName) -> Result<Vec<PathBuf>> {
        match name {
            ModelName::Catalog(id) => {
                let entry = self.entry(id)?;
                let mut folders = shelf::prepared_of(self, entry);
                folders.push(self.store.path(entry));
                Ok(folders)
            }
            ModelName::Imported(folder) => Ok(vec![self.store.prepared_dir().join(folder)]),
        }
    }

    /// Converts a model file or folder of the user's own. Blocks.
    ///
    /// # Errors
    /// What the importer does not take, and why; [`Error::canceled`].
    pub(crate) fn import(&self, path: &Path, work: &Work<'_>) -> Result<ModelName> {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        let source = open::import(&runtime, self, path, work)?;
        let name = self
            .name_of(&source)
            .ok_or_else(|| Error::bug("the imported model lies outside the folder of models"))?;
        Ok(name)
    }

    /// Opens a role's model and sees whether it computes, without putting it to work. Blocks.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) fn prove(&self, role: Role, work: &Work<'_>) -> Result<()> {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        match (role, self.source(role)) {
            (Role::Embedder, Some(source)) => {
                let (embedder, _) = open::embedder(&runtime, self, &source, work)?;
                work.step(ModelStep::Proving);
                footnote_core::calibrate::calibrate(embedder.embedder, work.cancel).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// How fast a model is, measured now and kept with it. Blocks.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) fn measure(&self, role: Role, source: &ModelSource, work: &Work<'_>) -> Result<Speed> {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        let speed = open::speed(&runtime, self, role, source, work)?;
        measure::keep(&self.folder(source), &runtime.machine(), speed)?;
        Ok(speed)
    }

    /// How fast a model is, if that was measured here. Blocks.
    ///
    /// # Errors
    /// The library that models run on cannot be loaded.
    pub(crate) fn known_speed(&self, source: &ModelSource) -> Result<Option<Speed>> {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        Ok(measure::kept(&self.folder(source), &runtime.machine()))
    }

    /// The generator of a source, opened for a trial beside the one in use. Blocks.
    ///
    /// # Errors
    /// What is missing or broken.
    pub(crate) fn generator_to_try(
        &self,
        source: &ModelSource,
        work: &Work<'_>,
    ) -> Result<Arc<dyn Generator>> {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        Ok(Arc::new(open::generator(&runtime, self, source, work)?))
    }
}

impl Opened {
    /// Puts the generator, reranker or grounder of `models` to work once it has computed something. Blocks. What is in use
    /// stays if anything fails.
    ///
    /// # Errors
    /// What is missing or broken, or what the model says.
    pub(crate) fn exchange(&self, role: Role, models: &Models, work: &Work<'_>) -> Result<()> {
        // Two models at once may be more than the machine carries; this one comes back with the next question.
        self.unload(role);
        match (role, models.source(role)) {
            (Role::Generator, Some(source)) => {
                let generator = open::generator(&self.runtime, models, &source, work)?;
                work.step(ModelStep::Proving);
                prove::generator(&generator, work.cancel)?;
                self.set_handle(role, Some(generator.handle()));
                self.engine.use_generator(Arc::new(generator));
            }
            (Role::Reranker, Some(source)) => {
                let reranker = open::reranker(&self.runtime, models, &source)?;
                work.step(ModelStep::Proving);
                prove::reranker(&reranker, work.cancel)?;
                self.set_handle(role, Some(reranker.handle()));
                self.engine.use_reranker(Some(Arc::new(reranker)));
            }
            (Role::Reranker, None) => {
                self.set_handle(role, None);
                self.engine.use_reranker(None);
            }
            (Role::Grounder, Some(source)) => {
                let grounder = open::grounder(&self.runtime, models, &source)?;
                work.step(ModelStep::Proving);
                prove::grounder(&grounder, work.cancel)?;
                self.set_handle(role, Some(grounder.handle()));
                self.engine.use_grounder(Some(Arc::new(grounder)));
            }
            (Role::Grounder, None) => {
                self.set_handle(role, None);
                self.engine.use_grounder(None);
            }
            (other, _) => {
                return Err(Error::bug(format!(
                    "a {} cannot be exchanged in place",
                    other.as_str()
                )));
            }
        }
        Ok(())
    }

    /// Frees the memory of a role's model; the next request loads it again.
    pub(crate) fn unload(&self, role: Role) {
        if let Some(handle) = self.handles().get(&role) {
            handle.unload();
        }
    }

    /// Frees the memory of all models.
    pub(crate) fn unload_all(&self) {
        self.handles().values().for_each(ModelHandle::unload);
    }

    /// Whether a role's model is in memory.
    pub(crate) fn is_loaded(&self, role: Role) -> bool {
        self.handles().get(&role).is_some_and(ModelHandle::is_loaded)
    }

    pub(super) fn set_handle(&self, role: Role, handle: Option<ModelHandle>) {
        let mut handles = self.handles();
        match handle {
            Some(handle) => handles.insert(role, handle),
            None => handles.remove(&role),
        };
    }

    fn handles(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<Role, ModelHandle>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
