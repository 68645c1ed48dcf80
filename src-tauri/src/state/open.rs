//! Opening the models of each role, and seeing whether they compute.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use footnote_core::calibrate::calibrate;
use footnote_core::measure::{self, Speed};
use footnote_core::retrieve::CalibratedEmbedder;
use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_fetch::{Format, ModelEntry, ModelSource, Role};
use footnote_onnx::{
    EmbedderOptions, GeneratorOptions, ImportStep, ModelHandle, OcrOptions, OnnxEmbedder, OnnxEntailment,
    OnnxGenerator, OnnxPersonFinder, OnnxRecognizer, OnnxReranker, PairOptions, Profile, Progress, Runtime,
    imported_facts, prepare_embedder, prepare_generator, prepare_model, tells_no_entailment,
};
use tokio_util::sync::CancellationToken;

use super::Models;
use crate::wire::{ModelEvent, ModelStep};

/// Whom work on a model tells how far it is, and who may stop it.
pub(crate) struct Work<'a> {
    pub(crate) on_event: &'a (dyn Fn(ModelEvent) + Sync),
    pub(crate) cancel: &'a CancellationToken,
}

impl Work<'_> {
    /// Says that a stage begins of which nothing is counted.
    pub(crate) fn step(&self, step: ModelStep) {
        (self.on_event)(ModelEvent {
            step,
            done: 0,
            total: 0,
        });
    }

    fn progress(&self) -> impl FnMut(Progress) -> ControlFlow<()> {
        move |progress| {
            let step = match progress.step {
                ImportStep::Hash => ModelStep::Hashing,
                ImportStep::Weights => ModelStep::Converting,
                ImportStep::Tokenizer | ImportStep::Finish => ModelStep::Finishing,
            };
            (self.on_event)(ModelEvent {
                step,
                done: progress.finished,
                total: progress.total,
            });
            if self.cancel.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
}

/// The embedder of a source, converted on first use.
///
/// # Errors
/// What is missing or broken.
pub(super) fn embedder(
    runtime: &Runtime,
    models: &Models,
    source: &ModelSource,
    work: &Work<'_>,
) -> Result<(CalibratedEmbedder, ModelHandle)> {
    let entry = match source {
        ModelSource::Folder(folder) => {
            let embedder = OnnxEmbedder::open(runtime, folder, EmbedderOptions::default())?;
            let handle = embedder.handle();
            return Ok((calibrate(Arc::new(embedder), work.cancel)?, handle));
        }
        ModelSource::Catalog(entry) => entry,
    };
    let prepared = models.store.prepared_dir();
    let folder = match (entry.format, entry.files.as_slice()) {
        (Format::E5Q4, [weights, tokenizer, ..]) => prepare_embedder(
            &models.store.file(entry, weights),
            &models.store.file(entry, tokenizer),
            &prepared,
            runtime.encoder_operators(&prepared),
            work.progress(),
        )?,
        _ => models.store.path(entry),
    };
    let embedder = OnnxEmbedder::open(runtime, &folder, EmbedderOptions::default())?;
    let handle = embedder.handle();
    let (unrelated, related) = entry.similarity.unwrap_or((0.0, 1.0));
    let calibrated = CalibratedEmbedder {
        embedder: Arc::new(embedder),
        unrelated,
        related,
    };
    Ok((calibrated, handle))
}

/// The generator of a source, converted on first use.
///
/// # Errors
/// What is missing or broken.
pub(super) fn generator(
    runtime: &Runtime,
    models: &Models,
    source: &ModelSource,
    work: &Work<'_>,
) -> Result<OnnxGenerator> {
    let folder = match source {
        ModelSource::Folder(folder) => folder.clone(),
        ModelSource::Catalog(entry) => {
            let gguf = first_file(entry)?;
            let prepared = models.store.prepared_dir();
            let forms = runtime.generator_form(&prepared).forms();
            prepare_generator(&models.store.file(entry, gguf), &prepared, forms, work.progress())?
        }
    };
    OnnxGenerator::open(runtime, &folder, GeneratorOptions::default())
}

fn first_file(entry: &ModelEntry) -> Result<&footnote_fetch::ModelFile> {
    entry
        .files
        .first()
        .ok_or_else(|| Error::bug(format!("{} has no files", entry.id)))
}

/// The reranker of a source.
///
/// # Errors
/// What is missing or broken.
pub(super) fn reranker(runtime: &Runtime, models: &Models, source: &ModelSource) -> Result<OnnxReranker> {
    OnnxReranker::open(runtime, &models.folder(source), &PairOptions::default())
}

/// The grounder of a source.
///
/// # Errors
/// What is missing or broken, and a classifier that tells something else than entailment.
pub(super) fn grounder(runtime: &Runtime, models: &Models, source: &ModelSource) -> Result<OnnxEntailment> {
    OnnxEntailment::open(runtime, &models.folder(source), &PairOptions::default())
}

/// The model that reads images, if it is on disk. That of tables is taken up when it is.
///
/// # Errors
/// What is broken about it.
pub(super) fn recognizer(runtime: &Runtime, models: &Models) -> Result<Option<OnnxRecognizer>> {
    let Some(folder) = models.folder_here(Role::Ocr) else {
        return Ok(None);
    };
    let options = OcrOptions::default();
    let recognizer = OnnxRecognizer::open(runtime, &folder, &options)?;
    match models.folder_of(Role::Tables) {
        Some(tables) => recognizer.with_tables(runtime, &tables, &options).map(Some),
        None => Ok(Some(recognizer)),
    }
}

/// The model that finds names, if it is on disk.
///
/// # Errors
/// What is broken about it.
pub(super) fn person_finder(runtime: &Runtime, models: &Models) -> Result<Option<OnnxPersonFinder>> {
    let Some(folder) = models.folder_here(Role::PersonalData) else {
        return Ok(None);
    };
    OnnxPersonFinder::open(runtime, &folder).map(Some)
}

/// Converts a model file or folder of the user's own; its folder among the prepared ones.
///
/// # Errors
/// What the importer does not take, and why.
pub(super) fn import(
    runtime: &Runtime,
    models: &Models,
    path: &Path,
    work: &Work<'_>,
) -> Result<ModelSource> {
    let prepared = models.store.prepared_dir();
    let mut forms = runtime.generator_form(&prepared).forms();
    if path.is_dir() {
        // Of floats nothing is lost.
        forms = forms.with_profile(Profile::Exact);
    }
    Ok(ModelSource::Folder(prepare_model(
        path,
        &prepared,
        forms,
        work.progress(),
    )?))
}

/// How fast a source's model is, measured on one opened for this alone.
///
/// # Errors
/// What is missing or broken, and a role that is not measured.
pub(super) fn speed(
    runtime: &Runtime,
    models: &Models,
    role: Role,
    source: &ModelSource,
    work: &Work<'_>,
) -> Result<Speed> {
    match role {
        Role::Embedder => {
            let (embedder, _) = embedder(runtime, models, source, work)?;
            work.step(ModelStep::Measuring);
            measure::embedder(&*embedder.embedder, work.cancel)
        }
        Role::Generator => {
            let generator = generator(runtime, models, source, work)?;
            work.step(ModelStep::Measuring);
            measure::generator(&generator, work.cancel)
        }
        Role::Reranker => {
            let reranker = reranker(runtime, models, source)?;
            work.step(ModelStep::Measuring);
            measure::reranker(&reranker, work.cancel)
        }
        Role::Grounder => {
            let grounder = grounder(runtime, models, source)?;
            work.step(ModelStep::Measuring);
            measure::grounder(&grounder, work.cancel)
        }
        other => Err(
            Error::user(format!("The speed of a {} is not measured", other.as_str()))
                .code(ErrorCode::Unsupported),
        ),
    }
}

/// The role an imported model can have here, by its folder.
///
/// # Errors
/// It cannot be read, or Footnote has no use for it yet.
pub(super) fn imported_role(folder: &Path) -> Result<Role> {
    let facts = imported_facts(folder)?;
    if facts.role == "classifier" {
        return Err(tells_no_entailment(&facts.name, &facts.labels));
    }
    Role::chosen(facts.role).ok_or_else(|| {
        Error::user(format!(
            "{}: Footnote has no use for a {} yet",
            facts.name, facts.role
        ))
        .code(ErrorCode::Unsupported)
        .problem(Problem::ModelUnsuitable {
            detail: format!("Footnote has no use for a {} yet", facts.role),
        })
        .hint("Choose a model that writes answers, turns texts into vectors, orders passages, or checks sentences")
    })
}
