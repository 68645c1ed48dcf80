//! `footnote models`

mod choice;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use footnote_core::measure::{self, Speed};
use footnote_core::{Error, Result};
use footnote_fetch::{
    FetchOptions, FetchStage, Fetcher, ModelEntry, ModelName, ModelStatus, Role, folder_size, is_ci,
    total_memory,
};
use footnote_onnx::{Profile, Runtime, RuntimeOptions, imported_facts, prepare_model};
use tokio_util::sync::CancellationToken;

use crate::args::{Global, ModelsCommand, ProfileArg};
use crate::compose::{Composition, preparing};
use crate::{output, progress};

pub async fn run(global: &Global, command: ModelsCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    match command {
        ModelsCommand::List => list(global, &composition),
        ModelsCommand::Fetch { models } => fetch(composition, &models, cancel).await,
        ModelsCommand::Import { file, profile } => import(global, &composition, &file, profile).await,
        ModelsCommand::Use { model, yes } => choice::choose(global, composition, &model, yes, cancel).await,
        ModelsCommand::Stop { role } => choice::stop(global, composition, role, cancel).await,
        ModelsCommand::Rollback { role, yes } => {
            choice::roll_back(global, composition, role, yes, cancel).await
        }
        ModelsCommand::Remove { model, yes } => choice::remove(global, composition, &model, yes).await,
        ModelsCommand::Verify => verify(global, composition, cancel).await,
        ModelsCommand::Bench => bench(global, &composition, cancel).await,
    }
}

fn status_text(status: ModelStatus) -> &'static str {
    match status {
        ModelStatus::Missing => "missing",
        ModelStatus::Partial => "partial",
        ModelStatus::Present => "present",
        ModelStatus::Corrupt => "damaged",
    }
}

fn list(global: &Global, composition: &Composition) -> Result<ExitCode> {
    let defaults = composition.catalog.defaults(total_memory().unwrap_or(0), is_ci());
    let is_default = |entry: &ModelEntry| defaults.iter().any(|other| other.id == entry.id);
    let in_use = choice::names_in_use(composition);
    let imported = choice::imported(composition);
    if global.json {
        let mut models: Vec<_> = composition
            .catalog
            .models()
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "id": entry.id, "name": entry.name, "role": entry.role.as_str(), "licence": entry.licence,
                    "languages": entry.languages, "bytes": entry.size(), "default": is_default(entry),
                    "status": status_text(composition.models.status(entry)),
                    "in_use": in_use.contains(&ModelName::Catalog(entry.id.clone())),
                    "path": composition.models.path(entry),
                    "files": entry.files.iter().map(|file| serde_json::json!({
                        "name": file.name, "bytes": file.size, "sha256": file.sha256,
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        models.extend(imported.iter().map(|(name, folder, facts)| {
            let known = facts.as_ref().ok();
            serde_json::json!({
                "id": name.to_string(), "name": known.map(|facts| &facts.name), "role": known.map(|facts| facts.role),
                "licence": known.and_then(|facts| facts.licence.as_ref()), "bytes": folder_size(folder), "default": false,
                "status": if known.is_some() { "present" } else { "damaged" }, "in_use": in_use.contains(name), "path": folder,
            })
        }));
        output::json(&serde_json::json!({ "models": models }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for entry in composition.catalog.models() {
        let mark = if is_default(entry) { "*" } else { " " };
        let status = status_text(composition.models.status(entry));
        let used = in_use.contains(&ModelName::Catalog(entry.id.clone()));
        output::line(format!(
            "{mark} {:<32} {:<13} {:>9}  {status:<8} {}{}",
            entry.id,
            entry.role.as_str(),
            output::bytes(entry.size()),
            entry.licence,
            if used { "  (in use)" } else { "" }
        ))?;
    }
    for (name, folder, facts) in &imported {
        let (role, status, licence) = match facts {
            Ok(facts) => (facts.role, "present", facts.licence.as_deref().unwrap_or("")),
            Err(_) => ("", "damaged", ""),
        };
        let bytes = output::bytes(folder_size(folder));
        let used = if in_use.contains(name) { "  (in use)" } else { "" };
        output::line(format!(
            "  {:<32} {role:<13} {bytes:>9}  {status:<8} {licence}{used}",
            name.to_string()
        ))?;
    }
    output::note("* default on this machine");
    Ok(ExitCode::SUCCESS)
}

async fn fetch(composition: Composition, ids: &[String], cancel: &CancellationToken) -> Result<ExitCode> {
    let entries: Vec<ModelEntry> = if ids.is_empty() {
        composition
            .catalog
            .defaults(total_memory().unwrap_or(0), is_ci())
            .into_iter()
            .cloned()
            .collect()
    } else {
        ids.iter()
            .map(|id| find(&composition, id))
            .collect::<Result<_>>()?
    };
    let stop = flag(cancel);
    tokio::task::spawn_blocking(move || {
        let fetcher = Fetcher::new(FetchOptions::from_env());
        for entry in entries {
            if composition.models.status(&entry) == ModelStatus::Present {
                output::note(format!("{} is here and verified", entry.id));
                continue;
            }
            output::note(format!(
                "{}, {}, {}",
                entry.name,
                output::bytes(entry.size()),
                entry.licence
            ));
            let bar = progress::bytes_bar(0, &entry.id);
            let mut report = |step: footnote_fetch::FetchProgress| {
                bar.set_length(step.total);
                bar.set_position(step.done);
                let what = match step.stage {
                    FetchStage::Resolving => "looking up",
                    FetchStage::Downloading => "fetching",
                    FetchStage::Verifying => "verifying",
                    FetchStage::Ready => "ready",
                    FetchStage::SourceFailed { reason } => {
                        bar.suspend(|| {
                            output::note(format!("{}: {reason}; trying the next source", step.source))
                        });
                        return;
                    }
                };
                bar.set_message(format!("{what} {}", step.file));
            };
            let folder = fetcher.fetch(&entry, &composition.models, &mut report, &stop)?;
            bar.finish_and_clear();
            output::line(folder.display().to_string())?;
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
    .map_err(|e| Error::bug(format!("fetching stopped: {e}")))?
}

fn find(composition: &Composition, id: &str) -> Result<ModelEntry> {
    composition.catalog.get(id).cloned().ok_or_else(|| {
        Error::user(format!("There is no model called {id}")).hint("`footnote models list` shows them all")
    })
}

fn flag(cancel: &CancellationToken) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let (set, token) = (Arc::clone(&stop), cancel.clone());
    tokio::spawn(async move {
        token.cancelled().await;
        set.store(true, Ordering::Relaxed);
    });
    stop
}

async fn import(
    global: &Global,
    composition: &Composition,
    file: &Path,
    profile: Option<ProfileArg>,
) -> Result<ExitCode> {
    let profile = match profile {
        Some(ProfileArg::Exact) => Some(Profile::Exact),
        Some(ProfileArg::Fast) => Some(Profile::Fast),
        // Of floats nothing is lost unless that is asked for.
        None => file.is_dir().then_some(Profile::Exact),
    };
    let (file, cache) = (std::path::absolute(file)?, composition.models.prepared_dir());
    let started = Instant::now();
    let (role, folder) = tokio::task::spawn_blocking(move || {
        let mut forms = Runtime::load(RuntimeOptions::default())?
            .generator_form(&cache)
            .forms();
        if let Some(profile) = profile {
            forms = forms.with_profile(profile);
        }
        let folder = prepare_model(&file, &cache, forms, preparing("Importing the model"))?;
        Ok::<_, Error>((imported_facts(&folder)?.role, folder))
    })
    .await
    .map_err(|e| Error::bug(format!("the import stopped: {e}")))??;
    let seconds = started.elapsed().as_secs_f64();
    if global.json {
        output::json(&serde_json::json!({ "folder": folder, "role": role, "seconds": seconds }))?;
    } else {
        output::line(folder.display().to_string())?;
        let option = match Role::chosen(role) {
            Some(chosen) => {
                format!(
                    "; use it from now on with `footnote models use {}`, or for one run with --{}",
                    folder.display(),
                    chosen.option()
                )
            }
            None => String::new(),
        };
        output::note(format!("Imported a {role} in {seconds:.1} s{option}"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(global: &Global, composition: Composition, cancel: &CancellationToken) -> Result<ExitCode> {
    let stop = flag(cancel);
    let results = tokio::task::spawn_blocking(move || {
        let mut results = Vec::new();
        for entry in composition.catalog.models() {
            if composition.models.status(entry) == ModelStatus::Missing {
                continue;
            }
            let bar = progress::bytes_bar(0, &entry.id);
            let mut report = |_: &str, done, total| {
                bar.set_length(total);
                bar.set_position(done);
            };
            results.push((
                entry.id.clone(),
                composition.models.verify(entry, &mut report, &stop)?,
            ));
            bar.finish_and_clear();
        }
        Ok::<_, Error>(results)
    })
    .await
    .map_err(|e| Error::bug(format!("verifying stopped: {e}")))??;
    let sound = results.iter().all(|(_, status)| *status == ModelStatus::Present);
    for (id, status) in &results {
        if global.json {
            output::json(&serde_json::json!({ "id": id, "status": status_text(*status) }))?;
        } else {
            output::line(format!("{:<10} {id}", status_text(*status)))?;
        }
    }
    if !sound {
        output::note("Fetch the damaged ones again with `footnote models fetch ID`.");
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn bench(global: &Global, composition: &Composition, cancel: &CancellationToken) -> Result<ExitCode> {
    let embedder = composition.embedder().await?.embedder;
    let generator = composition.generator().await?;
    let folders = [Role::Embedder, Role::Generator].map(|role| composition.folder(role));
    let cancel = cancel.clone();
    let (embedder, generator) = tokio::task::spawn_blocking(move || {
        let machine = Runtime::load(RuntimeOptions::default())?.machine();
        let speeds = [
            measure::embedder(&*embedder, &cancel)?,
            measure::generator(&*generator, &cancel)?,
        ];
        for (speed, folder) in speeds.iter().zip(folders) {
            measure::keep(&folder?, &machine, *speed)?;
        }
        let [texts, tokens] = speeds;
        Ok::<_, Error>(((embedder.id(), texts), (generator.id(), tokens)))
    })
    .await
    .map_err(|e| Error::bug(format!("measuring stopped: {e}")))??;
    if global.json {
        let mut figures = serde_json::json!({ "embedder": embedder.0, "generator": generator.0 });
        for speed in [embedder.1, generator.1] {
            let serde_json::Value::Object(mut own) =
                serde_json::to_value(speed).map_err(std::io::Error::from)?
            else {
                continue;
            };
            own.remove("role");
            figures
                .as_object_mut()
                .into_iter()
                .for_each(|all| all.append(&mut own));
        }
        output::json(&figures)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (id, speed) in [embedder, generator] {
        output::line(format!("{id}: {}", speed_text(&speed)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn speed_text(speed: &Speed) -> String {
    match speed {
        Speed::Embedder { texts_per_second, .. } => format!("{texts_per_second:.1} texts/s"),
        Speed::Generator {
            prompt_tokens_per_second,
            tokens_per_second,
            copying_tokens_per_second,
            copied_share,
            ..
        } => format!(
            "reads {prompt_tokens_per_second:.0} tokens/s, writes {tokens_per_second:.1} tokens/s, \
             {copying_tokens_per_second:.1} where {:.0} % of the text stands in the prompt",
            copied_share * 100.0
        ),
        Speed::Reranker { passages_per_second } => format!("{passages_per_second:.1} passages/s"),
        Speed::Grounder { sentences_per_second } => format!("{sentences_per_second:.1} sentences/s"),
    }
}
