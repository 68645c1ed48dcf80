//! Encoders in safetensors: embedders, rerankers and classifiers from the folders their publishers share.

pub(crate) mod blocks;
mod config;
pub(crate) mod heads;
mod modern;
pub(crate) mod post_norm;
mod relative;
mod sentence;
pub(crate) mod source;
mod task;

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::card::stated_licence;
use crate::decoder_folder;
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::GraphBuilder;
use crate::import::{Destination, ImportOptions, ImportedModel, Operators, identify_all};
use crate::journal::Identity;
use crate::linear::Linear;
use crate::manifest::{
    ClassifierManifest, EmbedderManifest, FORMAT_VERSION, ModelManifest, RerankerManifest, Role,
    TOKENIZER_FILE,
};
use crate::progress::{ImportStep, Progress, Reporter};
use crate::safetensors::SafetensorsModel;
use blocks::{Blocks, Weights};
use config::Trunk;
use task::{EncoderSource, Head};

/// Converts the Hugging Face folder `source` into the folder `out_dir`.
///
/// The folder has `config.json`, `tokenizer.json` and `model.safetensors` (or its shards). What is built is what
/// its files declare:
///
/// | files | graph output, float32 | role |
/// |---|---|---|
/// | `modules.json` of sentence-transformers | `sentence_embedding` `[batch, dimension]` | [`Role::Embedder`] |
/// | `architectures`: `...ForSequenceClassification`, one label | `logits` `[batch, 1]` | [`Role::Reranker`] |
/// | the same with more labels | `logits` `[batch, labels]` | [`Role::Classifier`] |
/// | `architectures`: `...ForCausalLM` | as from GGUF | [`Role::Generator`] |
/// | `architectures`: `...ForTokenClassification` | `logits` `[batch, seq, labels]` | [`Role::TokenClassifier`] |
///
/// Trunks: BERT, RoBERTa, XLM-RoBERTa, MPNet and ModernBERT. The graph takes `input_ids` and `attention_mask`
/// (int64, `[batch, seq]`, texts at the front of their rows), and `token_type_ids` where the manifest says so. A
/// text's result depends on that text alone. The exact profile keeps weights as float32, the fast one stores
/// them in 8 bits (heads stay float32).
///
/// The folder appears whole or not at all. `progress` is called several times a second and may stop the
/// import by returning `Break`; the next one goes on as [`import_gguf`](crate::import_gguf) does.
///
/// # Errors
/// Any [`ImportError`]; its [`ImportError::hint`] names the remedy. What no graph can be built for is
/// [`ImportError::Unsupported`] with the file and the key that says so.
pub fn import_safetensors(
    source: &Path,
    out_dir: &Path,
    options: ImportOptions,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportedModel, ImportError> {
    if decoder_folder::is_decoder(source)? {
        let name = folder_name(source);
        return decoder_folder::import(source, &name, out_dir, options, &mut progress);
    }
    let mut reporter = Reporter::new(&mut progress);
    let model = EncoderSource::read(source)?;
    let destination = Destination {
        folder: out_dir,
        existing: options.existing,
    };
    destination.fill(&mut reporter, |folder, reporter| {
        let mut parts: Vec<(&Path, &[u8])> = Vec::new();
        for (name, bytes) in &model.folder.read {
            parts.push((Path::new(name), bytes));
        }
        parts.extend(model.all_weights().flat_map(SafetensorsModel::files));
        let release = |chunk: &[u8]| model.all_weights().for_each(|weights| weights.release(chunk));
        let identity = identify_all(&folder_name(source), &parts, &release, reporter)?;
        let journal = folder.begin(&Identity::new(options, &identity))?;

        let size = model.all_weights().map(SafetensorsModel::size).sum();
        reporter.begin(ImportStep::Weights, size)?;
        let prefix = model.config.architecture.prefix();
        let mut graph = GraphBuilder::create(folder.path(), prefix, journal)?;
        build(&model, options, &mut graph, reporter)?;

        reporter.begin(ImportStep::Tokenizer, 1)?;
        folder.write(TOKENIZER_FILE, &model.tokenizer)?;
        reporter.advance(1)?;

        let manifest = ModelManifest {
            format_version: FORMAT_VERSION,
            importer_version: env!("CARGO_PKG_VERSION").into(),
            architecture: model.config.architecture,
            name: Some(folder_name(source)),
            source: identity,
            licence: stated_licence(&model.folder.at("README.md")),
            weights: model.all_weights().next().and_then(SafetensorsModel::main_type),
            role: role(&model, options),
        };
        Ok((graph, manifest))
    })
}

/// Streams the weights and builds the graph.
fn build(
    model: &EncoderSource,
    options: ImportOptions,
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let config = &model.config;
    let weights = Tracked {
        model: &model.weights,
        used: RefCell::default(),
    };
    let mut blocks = Blocks {
        weights: &weights,
        linear: Linear::new(graph, reporter),
        profile: options.profile,
        // Float weights have no panels.
        operators: Operators::Portable,
        epsilon: config.epsilon,
        pooling_constants: false,
    };
    let hidden = match &config.trunk {
        Trunk::PostNorm(trunk) => trunk.build(&mut blocks, model.max_tokens)?,
        Trunk::Modern(trunk) => trunk.build(&mut blocks, model.max_tokens)?,
    };
    match &model.head {
        Head::Sentence(head) => head.build(&mut blocks, &hidden)?,
        Head::Sequence(head) => head.build_sequence(&mut blocks, &hidden, config.hidden)?,
        Head::Tokens(head) => head.build_tokens(&mut blocks, &hidden, config.hidden)?,
    }
    weights.check_all_used(config.prefix)
}

/// The files that [`import_safetensors`] would read from the folder `source`: what its result depends on.
///
/// # Errors
/// As [`import_safetensors`], for a folder that cannot be imported.
pub fn safetensors_sources(source: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if decoder_folder::is_decoder(source)? {
        return decoder_folder::sources(source);
    }
    EncoderSource::read(source).map(|model| model.files())
}

fn role(model: &EncoderSource, options: ImportOptions) -> Role {
    let (max_tokens, pad_token_id) = (model.max_tokens, model.config.pad);
    let profile = options.profile;
    let classifier = |head: &task::ClassifierHead| ClassifierManifest {
        labels: head.labels.clone(),
        scores: head.scores,
        max_tokens,
        pad_token_id,
        profile,
    };
    match &model.head {
        Head::Sentence(head) => Role::Embedder(EmbedderManifest {
            dimension: head.dimension,
            max_tokens,
            query_prefix: head.query_prefix.clone(),
            passage_prefix: head.passage_prefix.clone(),
            pad_token_id,
            normalized: head.normalized(),
            profile,
        }),
        Head::Sequence(head) if head.labels.len() == 1 => Role::Reranker(RerankerManifest {
            scores: head.scores,
            max_tokens,
            pad_token_id,
            profile,
        }),
        Head::Sequence(head) => Role::Classifier(classifier(head)),
        Head::Tokens(head) => Role::TokenClassifier(classifier(head)),
    }
}

/// Name of the folder at `path`, also when that is given as `.` or with a slash at its end.
fn folder_name(path: &Path) -> String {
    let absolute = path.canonicalize();
    let name = absolute.as_deref().unwrap_or(path).file_name();
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// Weights that remember what was asked for.
struct Tracked<'a> {
    model: &'a SafetensorsModel,
    used: RefCell<HashSet<String>>,
}

impl Tracked<'_> {
    fn note(&self, name: &str) {
        self.used.borrow_mut().insert(name.to_owned());
    }

    /// Refuses a model whose trunk has weights that the graph does not use: it is not what its
    /// configuration says, and its numbers would be wrong without a word.
    fn check_all_used(&self, prefix: &str) -> Result<(), ImportError> {
        let used = self.used.borrow();
        let parts = ["embeddings.", "encoder.", "layers.", "final_norm."];
        let unused = self.model.names().find(|name| {
            let own = name.strip_prefix(prefix).unwrap_or(name);
            let trunk = parts.iter().any(|part| own.starts_with(part));
            // Old checkpoints store the numbers 0, 1, 2, ... as a tensor.
            trunk && !own.ends_with("position_ids") && !used.contains(*name)
        });
        match unused {
            None => Ok(()),
            Some(name) => Err(ImportError::Unsupported {
                path: self.model.path().into(),
                key: "weight".into(),
                value: name.into(),
                supported: "the weights that the configuration implies, and no others",
            }),
        }
    }
}

impl Weights for Tracked<'_> {
    fn matrix(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        self.note(name);
        self.model.matrix(name, rows, row_len)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ImportError> {
        self.note(name);
        self.model.vector(name, len)
    }

    fn table(&self, name: &str, rows: usize, row_len: usize) -> Result<Vec<f32>, ImportError> {
        self.note(name);
        self.model.tensor(name)?.shaped(&[rows, row_len])?.floats()
    }
}

#[cfg(test)]
mod tests;
