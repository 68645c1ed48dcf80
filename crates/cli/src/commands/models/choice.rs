//! Which models do the work, here and in the window: `footnote models use`, `stop`, `rollback` and `remove`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use footnote_core::{Error, ErrorCode, Result};
use footnote_fetch::{ModelName, ModelSource, ModelStatus, Role, folder_size};
use footnote_onnx::{ImportedFacts, imported_facts, imported_models, tells_no_entailment};
use tokio_util::sync::CancellationToken;

use crate::args::{Global, OptionalRoleArg, RoleArg};
use crate::commands::documents::{agreed, confirmed};
use crate::compose::Composition;
use crate::output;

pub async fn choose(
    global: &Global,
    composition: Composition,
    model: &str,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let name = name(&composition, model)?;
    let role = role(&composition, &name)?;
    let mut chosen = composition.chosen().clone();
    chosen.choose(role, Some(name));
    let changed = composition.choosing(role, chosen)?;
    change(global, &composition, changed, role, yes, cancel).await
}

pub async fn roll_back(
    global: &Global,
    composition: Composition,
    role: RoleArg,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let role = match role {
        RoleArg::Embedder => Role::Embedder,
        RoleArg::Generator => Role::Generator,
        RoleArg::Reranker => Role::Reranker,
        RoleArg::Grounder => Role::Grounder,
    };
    let mut chosen = composition.chosen().clone();
    if !chosen.go_back(role) {
        return Err(
            Error::user(format!("There is no {} to go back to", role.as_str()))
                .hint("`footnote models use MODEL` chooses one; what was in use before is remembered then"),
        );
    }
    let changed = composition.choosing(role, chosen)?;
    change(global, &composition, changed, role, yes, cancel).await
}

/// Does without a role's model.
pub async fn stop(
    global: &Global,
    composition: Composition,
    role: OptionalRoleArg,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let role = match role {
        OptionalRoleArg::Reranker => Role::Reranker,
        OptionalRoleArg::Grounder => Role::Grounder,
    };
    let mut chosen = composition.chosen().clone();
    chosen.choose(role, None);
    let changed = composition.choosing(role, chosen)?;
    change(global, &composition, changed, role, false, cancel).await
}

/// Makes a choice last once the model has computed something; until then the one before stays.
async fn change(
    global: &Global,
    before: &Composition,
    changed: Composition,
    role: Role,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    // A window that is open has models of its own at work, and writes the same file.
    let _lock = changed.data.acquire()?;
    let (old, new) = (before.in_use(role)?, changed.in_use(role)?);
    if role == Role::Embedder && old != new {
        let documents = changed.documents().await?;
        let question = format!(
            "All {documents} documents are read anew with another embedder, when Footnote is used next; until its turn comes, each is \
             found as before. Use it?"
        );
        if documents > 0 && !yes && !agreed("Another embedder", &question)? {
            output::note("Nothing was changed.");
            return Ok(ExitCode::FAILURE);
        }
    }
    changed.prove(role, cancel).await?;
    changed.chosen().save(&changed.data_dir)?;
    let called = |source: Option<ModelSource>| {
        source.map(|source| match source.name(&changed.models) {
            Some(name) => name.to_string(),
            None => source.folder(&changed.models).display().to_string(),
        })
    };
    let (new, old) = (called(new), called(old));
    if global.json {
        output::json(&serde_json::json!({ "role": role.as_str(), "model": new, "before": old }))?;
    } else {
        let word = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".into());
        output::line(format!("{:<10} {}", role.as_str(), word(&new)))?;
        output::note(format!("Before: {}", word(&old)));
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn remove(global: &Global, composition: Composition, model: &str, yes: bool) -> Result<ExitCode> {
    let name = name(&composition, model)?;
    let _lock = composition.data.acquire()?;
    if names_in_use(&composition).contains(&name) {
        return Err(Error::user(format!("{name} is in use"))
            .hint("`footnote models use MODEL` puts another one in its place; then remove it"));
    }
    let mut folders = folders(&composition, &name)?;
    folders.retain(|folder| folder.is_dir());
    if folders.is_empty() {
        return Err(Error::user(format!("{name} is not on this machine"))
            .code(ErrorCode::NotFound)
            .hint("`footnote models list` shows which ones are"));
    }
    let bytes: u64 = folders.iter().map(|folder| folder_size(folder)).sum();
    let room = output::bytes(bytes);
    if !yes && !confirmed(&format!("Remove {name} from this machine ({room})?"))? {
        output::note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    composition.models.remove_folders(&folders)?;
    let mut chosen = composition.chosen().clone();
    chosen.forget(&name);
    if chosen != *composition.chosen() {
        chosen.save(&composition.data_dir)?;
    }
    if global.json {
        output::json(&serde_json::json!({ "removed": name.to_string(), "bytes": bytes }))?;
    } else {
        output::line(format!("removed    {name}"))?;
        output::note(format!("{room} are free again"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The model that was typed: an id, `imported/NAME`, or the folder that an import printed.
fn name(composition: &Composition, typed: &str) -> Result<ModelName> {
    if let Ok(folder) = Path::new(typed).canonicalize()
        && folder.is_dir()
        && let (Some(parent), Some(name)) = (folder.parent(), folder.file_name())
        && composition
            .models
            .prepared_dir()
            .canonicalize()
            .is_ok_and(|prepared| prepared == parent)
    {
        return Ok(format!("imported/{}", name.to_string_lossy()).parse()?);
    }
    let name: ModelName = typed.parse()?;
    let known = match &name {
        ModelName::Catalog(id) => composition.catalog.get(id).is_some(),
        ModelName::Imported(folder) => composition.models.prepared_dir().join(folder).is_dir(),
    };
    if !known {
        return Err(Error::user(format!("There is no model called {typed}"))
            .code(ErrorCode::NotFound)
            .hint("`footnote models list` shows them all; one of your own is imported with `footnote models import`"));
    }
    Ok(name)
}

/// The role that a model can have.
fn role(composition: &Composition, name: &ModelName) -> Result<Role> {
    let (role, title, labels) = match name {
        ModelName::Catalog(id) => match composition.catalog.get(id) {
            Some(entry) => (entry.role.as_str(), entry.name.clone(), Vec::new()),
            None => return Err(Error::bug(format!("{id} left the catalog"))),
        },
        ModelName::Imported(folder) => {
            let facts = imported_facts(&composition.models.prepared_dir().join(folder))?;
            (facts.role, facts.name, facts.labels)
        }
    };
    if role == "classifier" {
        return Err(tells_no_entailment(&title, &labels));
    }
    Role::chosen(role).ok_or_else(|| {
        Error::user(format!("{title}: a {role} is not chosen"))
            .code(ErrorCode::Unsupported)
            .hint("Choose a model that writes answers, turns texts into vectors, orders passages, or checks sentences")
    })
}

/// The models that can be chosen and do the work now. A choice that the catalog does not have any more is none: whoever
/// looks for another must be able to.
pub fn names_in_use(composition: &Composition) -> Vec<ModelName> {
    let sources = Role::CHOSEN
        .into_iter()
        .filter_map(|role| composition.in_use(role).ok().flatten());
    sources
        .filter_map(|source| source.name(&composition.models))
        .collect()
}

/// Models that an import made of a person's own files; those that the catalog's were converted to are not among them.
pub fn imported(composition: &Composition) -> Vec<(ModelName, PathBuf, Result<ImportedFacts>)> {
    let of_catalog = |folder: &Path, facts: &Result<ImportedFacts>| {
        let sha256 = facts.as_ref().ok().map(|facts| facts.sha256.as_str());
        composition.catalog.models().iter().any(|entry| {
            entry.made(folder, sha256) && composition.models.status(entry) != ModelStatus::Missing
        })
    };
    imported_models(&composition.models.prepared_dir())
        .into_iter()
        .filter(|(folder, facts)| !of_catalog(folder, facts))
        .filter_map(|(folder, facts)| {
            let name = ModelSource::Folder(folder.clone()).name(&composition.models)?;
            Some((name, folder, facts))
        })
        .collect()
}

/// Folders that belong to a model, and to no other.
fn folders(composition: &Composition, name: &ModelName) -> Result<Vec<PathBuf>> {
    let prepared = composition.models.prepared_dir();
    Ok(match name {
        ModelName::Imported(folder) => vec![prepared.join(folder)],
        ModelName::Catalog(id) => {
            let entry = composition
                .catalog
                .get(id)
                .ok_or_else(|| Error::bug(format!("{id} left the catalog")))?;
            let made = imported_models(&prepared)
                .into_iter()
                .filter(|(folder, facts)| {
                    entry.made(folder, facts.as_ref().ok().map(|facts| facts.sha256.as_str()))
                })
                .map(|(folder, _)| folder);
            made.chain([composition.models.path(entry)]).collect()
        }
    })
}
