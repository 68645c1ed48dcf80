//! What must be known about an embedding model: from its manifest, or from the files of a published one.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_model_import::{GRAPH_FILE, MANIFEST_FILE, Role, TOKENIZER_FILE};
use ort::value::ValueType;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::manifest::{id, missing, read_manifest, short};
use crate::runtime::{Runtime, Workload};

/// Tokens of a published sentence model that does not say.
const DEFAULT_MAX_TOKENS: usize = 256;

/// Numbers and places of an embedding model.
#[derive(Clone, Debug)]
pub(crate) struct EmbedderSpec {
    pub id: String,
    pub graph: PathBuf,
    pub tokenizer: PathBuf,
    pub dimension: usize,
    pub max_tokens: usize,
    pub query_prefix: String,
    pub passage_prefix: String,
    pub pad_token: i64,
}

impl EmbedderSpec {
    pub(crate) fn read(runtime: &Runtime, folder: &Path) -> Result<Self> {
        if folder.join(MANIFEST_FILE).is_file() {
            Self::imported(folder)
        } else {
            Self::published(runtime, folder)
        }
    }

    fn imported(folder: &Path) -> Result<Self> {
        let manifest = read_manifest(folder)?;
        let Role::Embedder(embedder) = &manifest.role else {
            return Err(
                Error::user(format!("{}: this model does not make vectors", folder.display()))
                    .problem(Problem::ModelUnsuitable {
                        detail: "it does not make vectors".into(),
                    })
                    .hint("Choose an embedding model"),
            );
        };
        let id = id(&manifest, embedder.profile);
        let embedder = embedder.clone();
        Ok(Self {
            id,
            graph: folder.join(GRAPH_FILE),
            tokenizer: folder.join(TOKENIZER_FILE),
            dimension: embedder.dimension,
            max_tokens: embedder.max_tokens.max(2),
            query_prefix: embedder.query_prefix,
            passage_prefix: embedder.passage_prefix,
            pad_token: i64::from(embedder.pad_token_id),
        })
    }

    /// A sentence-transformers model in ONNX as its publisher packs it: no prefixes.
    fn published(runtime: &Runtime, folder: &Path) -> Result<Self> {
        let places = [folder.join(GRAPH_FILE), folder.join("onnx").join(GRAPH_FILE)];
        let Some(graph) = places.into_iter().find(|path| path.is_file()) else {
            return Err(missing(folder));
        };
        let dimension = {
            let (session, _) = runtime.session(&graph, Workload::Encoder)?;
            let last = session.outputs().first().and_then(|output| match output.dtype() {
                ValueType::Tensor { shape, .. } => shape.last().copied(),
                _ => None,
            });
            last.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| {
                Error::user(format!(
                    "{}: the graph does not say how long its vectors are",
                    graph.display()
                ))
                .code(ErrorCode::Unsupported)
                .problem(Problem::ModelUnsuitable {
                    detail: "the graph does not say how long its vectors are".into(),
                })
            })?
        };
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let data = graph.with_file_name(format!("{GRAPH_FILE}_data"));
        let hash = hash(if data.is_file() { &data } else { &graph })?;
        Ok(Self {
            id: format!("{name}@{}", short(&hash)),
            tokenizer: folder.join(TOKENIZER_FILE),
            graph,
            dimension,
            max_tokens: published_max_tokens(folder).unwrap_or(DEFAULT_MAX_TOKENS),
            query_prefix: String::new(),
            passage_prefix: String::new(),
            pad_token: 0,
        })
    }
}

fn published_max_tokens(folder: &Path) -> Option<usize> {
    #[derive(Deserialize)]
    struct Config {
        max_seq_length: usize,
    }
    let text = fs::read(folder.join("sentence_bert_config.json")).ok()?;
    let config: Config = serde_json::from_slice(&text).ok()?;
    (config.max_seq_length >= 2).then_some(config.max_seq_length)
}

fn hash(path: &Path) -> Result<String> {
    let fail = |error: std::io::Error| Error::from(error).at(path.display());
    let mut file = fs::File::open(path).map_err(fail)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(fail)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
