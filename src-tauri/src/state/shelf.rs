//! The page of models: the catalog, what was imported, and what this machine has room for.

use std::path::{Path, PathBuf};

use footnote_core::{Error, Result, measure};
use footnote_fetch::{
    ModelEntry, ModelName, ModelSource, ModelStatus, Role, Source, available_memory, folder_size, free_space,
    process_memory, total_memory,
};
use footnote_onnx::{ImportedFacts, Profile, Runtime, imported_models};

use super::models::state_of;
use super::{Models, Opened};
use crate::wire::{
    self, Fit, ImportedModel, ModelCard, ModelFailure, ModelState, ModelsView, ProviderView, Room,
};

/// Shares of the machine's memory that a model may take: up to the first there is room for other programs, up to the
/// second it works.
const ROOMY: f64 = 0.4;
const MOST: f64 = 0.7;

/// Puts the page together. Looks at the disk.
pub(crate) fn view(models: &Models, opened: Option<&Opened>, failure: Option<ModelFailure>) -> ModelsView {
    let machine = opened.map(|opened| opened.runtime.machine());
    let shelf = Shelf {
        models,
        opened,
        machine,
        memory: total_memory(),
    };
    let imported = imported_models(&models.store.prepared_dir());
    let mut cards: Vec<ModelCard> = models
        .catalog
        .models()
        .iter()
        .map(|entry| shelf.known(entry, &imported))
        .collect();
    let own = imported
        .into_iter()
        .filter(|(folder, facts)| made_of(models, folder, facts).is_none());
    cards.extend(own.filter_map(|(folder, facts)| shelf.imported(&folder, facts)));
    ModelsView {
        models: cards,
        room: Room {
            memory: shelf.memory,
            memory_free: available_memory(),
            memory_used: process_memory(),
            disk_free: free_space(models.store.dir()),
            folder: wire::path_text(models.store.dir()),
        },
        provider: opened.map(|opened| provider(&opened.runtime)),
        failure,
        fixed: Role::CHOSEN
            .into_iter()
            .filter(|role| models.fixed(*role))
            .map(|role| role.as_str().to_owned())
            .collect(),
    }
}

/// Models that an import made of a person's own files, by folder.
pub(super) fn imported(models: &Models) -> Vec<(PathBuf, Result<ImportedFacts>)> {
    let mut all = imported_models(&models.store.prepared_dir());
    all.retain(|(folder, facts)| made_of(models, folder, facts).is_none());
    all
}

/// The catalog's model that a prepared folder was made of, if it is on disk.
fn made_of<'a>(models: &'a Models, folder: &Path, facts: &Result<ImportedFacts>) -> Option<&'a ModelEntry> {
    models
        .catalog
        .models()
        .iter()
        .find(|entry| is_of(entry, folder, facts) && models.store.status(entry) != ModelStatus::Missing)
}

/// Whether a prepared folder was made of this model.
fn is_of(entry: &ModelEntry, folder: &Path, facts: &Result<ImportedFacts>) -> bool {
    entry.made(folder, facts.as_ref().ok().map(|facts| facts.sha256.as_str()))
}

/// Prepared folders that were made of a catalog entry.
pub(super) fn prepared_of(models: &Models, entry: &ModelEntry) -> Vec<PathBuf> {
    imported_models(&models.store.prepared_dir())
        .into_iter()
        .filter(|(folder, facts)| is_of(entry, folder, facts))
        .map(|(folder, _)| folder)
        .collect()
}

/// The role of a model that is known or here.
pub(super) fn role(models: &Models, name: &ModelName) -> Result<(Role, ModelSource)> {
    match name {
        ModelName::Catalog(id) => {
            let entry = models.entry(id)?;
            Ok((entry.role, ModelSource::Catalog(Box::new(entry.clone()))))
        }
        ModelName::Imported(folder) => {
            let folder = models.store.prepared_dir().join(folder);
            Ok((super::open::imported_role(&folder)?, ModelSource::Folder(folder)))
        }
    }
}

struct Shelf<'a> {
    models: &'a Models,
    opened: Option<&'a Opened>,
    /// None until the library that models run on is loaded.
    machine: Option<String>,
    memory: Option<u64>,
}

impl Shelf<'_> {
    fn known(&self, entry: &ModelEntry, imported: &[(PathBuf, Result<ImportedFacts>)]) -> ModelCard {
        let store = &self.models.store;
        let name = ModelName::Catalog(entry.id.clone());
        let prepared = imported
            .iter()
            .filter(|(folder, facts)| is_of(entry, folder, facts));
        let status = store.status(entry);
        let on_disk = match status {
            ModelStatus::Missing => 0,
            _ => {
                folder_size(&store.path(entry)) + prepared.map(|(folder, _)| folder_size(folder)).sum::<u64>()
            }
        };
        let default = self.models.catalog.choose(entry.role, None);
        let mut sources: Vec<String> = entry
            .files
            .iter()
            .flat_map(|file| file.sources.iter().map(Source::label))
            .collect();
        sources.dedup();
        let in_use = self.in_use(entry.role, &name);
        ModelCard {
            id: name.to_string(),
            role: entry.role.as_str().to_owned(),
            name: entry.name.clone(),
            author: Some(entry.author.clone()),
            licence: Some(entry.licence.clone()),
            sources,
            languages: Some(entry.languages.clone()),
            notes: entry.notes.clone(),
            context: entry.context,
            bytes: entry.size(),
            on_disk,
            memory: entry.memory,
            fit: fit(entry.memory, self.memory),
            state: self.loaded(entry.role, in_use, state_of(status)),
            in_use,
            recommended: default.is_ok_and(|default| default.id == entry.id),
            before: self.models.before(entry.role).as_ref() == Some(&name) && !in_use,
            usable: Role::CHOSEN.contains(&entry.role),
            imported: None,
            speed: self.speed(&store.path(entry)),
            error: None,
        }
    }

    /// None if its folder's name is not one that an import gives.
    fn imported(&self, folder: &Path, facts: Result<ImportedFacts>) -> Option<ModelCard> {
        let folder_name = folder.file_name()?.to_str()?;
        let name: ModelName = format!("imported/{folder_name}").parse().ok()?;
        let facts = match facts {
            Ok(facts) => facts,
            Err(error) => return Some(self.broken(folder, folder_name, &name, error)),
        };
        let role = Role::chosen(facts.role);
        let in_use = role.is_some_and(|role| self.in_use(role, &name));
        let state = role.map_or(ModelState::Present, |role| {
            self.loaded(role, in_use, ModelState::Present)
        });
        Some(ModelCard {
            id: name.to_string(),
            role: facts.role.to_owned(),
            name: facts.name,
            author: None,
            licence: facts.licence,
            sources: Vec::new(),
            languages: None,
            notes: String::new(),
            context: u32::try_from(facts.context).ok(),
            bytes: facts.size,
            on_disk: facts.size,
            memory: facts.memory,
            fit: fit(facts.memory, self.memory),
            state,
            in_use,
            recommended: false,
            before: role.is_some_and(|role| self.models.before(role).as_ref() == Some(&name)) && !in_use,
            usable: role.is_some(),
            imported: Some(ImportedModel {
                architecture: facts.architecture,
                weights: facts.weights,
                profile: match facts.profile {
                    Profile::Exact => "exact",
                    Profile::Fast => "fast",
                }
                .to_owned(),
                source: facts.source,
                labels: facts.labels,
            }),
            speed: self.speed(folder),
            error: None,
        })
    }

    /// One that cannot be read any more, so that it can at least be removed.
    fn broken(&self, folder: &Path, folder_name: &str, name: &ModelName, error: Error) -> ModelCard {
        let bytes = folder_size(folder);
        let in_use = Role::CHOSEN.into_iter().any(|role| self.in_use(role, name));
        ModelCard {
            id: name.to_string(),
            role: String::new(),
            name: folder_name.to_owned(),
            author: None,
            licence: None,
            sources: Vec::new(),
            languages: None,
            notes: String::new(),
            context: None,
            bytes,
            on_disk: bytes,
            memory: 0,
            fit: Fit::Unknown,
            state: ModelState::Failed,
            in_use,
            recommended: false,
            before: false,
            usable: false,
            imported: None,
            speed: None,
            error: Some(error.into()),
        }
    }

    fn in_use(&self, role: Role, name: &ModelName) -> bool {
        let source = self.models.source(role);
        source.and_then(|source| self.models.name_of(&source)).as_ref() == Some(name)
    }

    fn loaded(&self, role: Role, in_use: bool, state: ModelState) -> ModelState {
        let loaded = in_use && self.opened.is_some_and(|opened| opened.is_loaded(role));
        if loaded { ModelState::Loaded } else { state }
    }

    fn speed(&self, folder: &Path) -> Option<wire::ModelSpeed> {
        measure::kept(folder, self.machine.as_deref()?).map(Into::into)
    }
}

fn fit(needed: u64, memory: Option<u64>) -> Fit {
    let Some(memory) = memory else {
        return Fit::Unknown;
    };
    match needed as f64 / memory as f64 {
        share if share <= ROOMY => Fit::Fits,
        share if share <= MOST => Fit::Tight,
        _ => Fit::TooLarge,
    }
}

fn provider(runtime: &Runtime) -> ProviderView {
    let report = runtime.report();
    ProviderView {
        name: report.providers.chosen.label().to_owned(),
        attempts: report.providers.attempts.into_iter().map(Into::into).collect(),
        version: report.version,
        threads: u32::try_from(report.threads).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_fits_by_its_share_of_the_memory() {
        const GIB: u64 = 1 << 30;
        assert_eq!(fit(2 * GIB, Some(8 * GIB)), Fit::Fits);
        assert_eq!(fit(5 * GIB, Some(8 * GIB)), Fit::Tight);
        assert_eq!(fit(7 * GIB, Some(8 * GIB)), Fit::TooLarge);
        assert_eq!(fit(GIB, None), Fit::Unknown);
    }
}
