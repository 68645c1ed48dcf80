//! What is known of an imported model without loading it.

use std::fs;
use std::path::{Path, PathBuf};

use footnote_core::Result;
use footnote_model_import::{GeneratorManifest, MANIFEST_FILE, Profile, Role};

use crate::entailment::entailment_label;
use crate::generator::GeneratorOptions;
use crate::manifest::read_manifest;

/// Bytes that a model takes besides its weights and its cache: tokenizer, activations, buffers. What is left of the peaks in
/// `BENCHMARKS.md` once both are taken off, rounded up.
const WORKING: u64 = 160_000_000;

/// An imported model, as its folder describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFacts {
    /// What it is for: `generator`, `embedder`, `reranker`, `grounder` (a classifier that tells entailment), `classifier` or
    /// `token-classifier`.
    pub role: &'static str,
    /// Its own name, else that of the file it came from.
    pub name: String,
    /// For instance `qwen2`.
    pub architecture: String,
    /// The type its weights were stored in, for instance `Q4_K`; none if an earlier version imported it.
    pub weights: Option<String>,
    /// How its weights were mapped to operators.
    pub profile: Profile,
    /// Its terms, if the source states them.
    pub licence: Option<String>,
    /// Name of the file or folder it was made from.
    pub source: String,
    /// SHA-256 of that.
    pub sha256: String,
    /// Longest sequence in tokens.
    pub context: usize,
    /// What a classifier tells, in order of its numbers; empty for others.
    pub labels: Vec<String>,
    /// Bytes on disk.
    pub size: u64,
    /// Bytes of memory it takes while it works: weights, the cache of a full context, and what works with them.
    pub memory: u64,
}

/// What the imported model in `folder` is.
///
/// # Errors
/// [`footnote_core::ErrorCode::ModelMissing`] if there is no imported model; otherwise names what is wrong with its
/// manifest.
pub fn imported_facts(folder: &Path) -> Result<ImportedFacts> {
    let manifest = read_manifest(folder)?;
    let size = size_of_folder(folder);
    let (context, profile, cache) = match &manifest.role {
        Role::Generator(model) => (model.context_length, model.profile, cache(model)),
        Role::Embedder(model) => (model.max_tokens, model.profile, 0),
        Role::Reranker(model) => (model.max_tokens, model.profile, 0),
        Role::Classifier(model) | Role::TokenClassifier(model) => (model.max_tokens, model.profile, 0),
    };
    let labels = match &manifest.role {
        Role::Classifier(model) | Role::TokenClassifier(model) => model.labels.clone(),
        _ => Vec::new(),
    };
    let role = match &manifest.role {
        Role::Classifier(_) if entailment_label(&labels).is_some() => "grounder",
        other => other.name(),
    };
    let architecture = serde_json::to_value(manifest.architecture).unwrap_or_default();
    Ok(ImportedFacts {
        role,
        labels,
        name: manifest.name.unwrap_or_else(|| manifest.source.file_name.clone()),
        architecture: architecture.as_str().unwrap_or_default().to_owned(),
        weights: manifest.weights,
        licence: manifest.licence,
        source: manifest.source.file_name,
        sha256: manifest.source.sha256,
        profile,
        context,
        size,
        memory: size + cache + WORKING,
    })
}

/// Every imported model in `cache_dir` by folder, in order of the folders' names. Where one cannot be described, why.
pub fn imported_models(cache_dir: &Path) -> Vec<(PathBuf, Result<ImportedFacts>)> {
    let entries = fs::read_dir(cache_dir).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.join(MANIFEST_FILE).is_file())
        .collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let facts = imported_facts(&folder);
            (folder, facts)
        })
        .collect()
}

/// Bytes of keys and values of the longest sequence that is ever held: two float32 numbers an element.
fn cache(generator: &GeneratorManifest) -> u64 {
    let tokens = generator
        .context_length
        .min(GeneratorOptions::default().context_tokens);
    (generator.layers * generator.kv_heads * generator.head_dim * 2 * size_of::<f32>() * tokens) as u64
}

fn size_of_folder(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|data| data.len())
        .sum()
}
