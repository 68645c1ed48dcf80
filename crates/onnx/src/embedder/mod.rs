//! The embedder: texts to unit-length vectors.

mod model;
mod spec;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use footnote_core::ports::{Embedder, TextRole};
use footnote_core::{Error, Result};
use tokio_util::sync::CancellationToken;

use crate::encoder::{Row, plan};
use crate::owner::{ModelHandle, Owner, Priority};
use crate::runtime::Runtime;
use crate::tokens::{ReadingTokenizer, SharedTokenizer};
use model::EmbedderModel;
use spec::EmbedderSpec;

/// Choices for an embedder.
#[derive(Clone, Debug)]
pub struct EmbedderOptions {
    /// Unload the model after this long without a request; none: keep it.
    pub idle_timeout: Option<Duration>,
    /// Tokens of a batch, padding included. Larger batches use the processor better up to a point,
    /// take memory, and make a question wait longer while documents are being indexed.
    pub batch_tokens: usize,
}

impl Default for EmbedderOptions {
    fn default() -> Self {
        Self {
            idle_timeout: Some(Duration::from_secs(300)),
            batch_tokens: 512,
        }
    }
}

/// An embedding model on ONNX Runtime. Cheap to clone; clones share the model.
#[derive(Clone)]
pub struct OnnxEmbedder(Arc<Inner>);

struct Inner {
    spec: EmbedderSpec,
    tokenizer: SharedTokenizer<ReadingTokenizer>,
    batch_tokens: usize,
    owner: Owner<EmbedderModel>,
}

impl OnnxEmbedder {
    /// Opens the model in `folder`: one that the importer made, or a published one with `model.onnx` (or
    /// `onnx/model.onnx`) and `tokenizer.json`. The weights are loaded with the first request.
    ///
    /// # Errors
    /// [`footnote_core::ErrorCode::ModelMissing`] if a file is not there; otherwise names what is wrong with it.
    pub fn open(runtime: &Runtime, folder: &Path, options: EmbedderOptions) -> Result<Self> {
        let spec = EmbedderSpec::read(runtime, folder)?;
        let tokenizer = SharedTokenizer::new(&spec.tokenizer)?;
        let (runtime, theirs) = (runtime.clone(), spec.clone());
        let owner = Owner::start("embedder", options.idle_timeout, move || {
            EmbedderModel::load(&runtime, &theirs)
        })?;
        Ok(Self(Arc::new(Inner {
            spec,
            tokenizer,
            batch_tokens: options.batch_tokens.max(1),
            owner,
        })))
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        ModelHandle::new(&self.0.owner)
    }

    /// Token ids of a text with its prefix and special tokens, cut to the model's limit.
    fn encode(&self, text: &str, role: TextRole) -> Result<Vec<i64>> {
        let spec = &self.0.spec;
        let prefix = match role {
            TextRole::Query => &spec.query_prefix,
            TextRole::Passage => &spec.passage_prefix,
        };
        let encoding = self.0.tokenizer.tokens(format!("{prefix}{text}"), true, false)?;
        let mut ids: Vec<i64> = encoding.get_ids().iter().map(|&id| i64::from(id)).collect();
        if ids.len() > spec.max_tokens {
            // The last token ends the sequence; a model that was never trained without it needs it.
            let last = ids[ids.len() - 1];
            ids.truncate(spec.max_tokens - 1);
            ids.push(last);
        }
        Ok(ids)
    }
}

impl Embedder for OnnxEmbedder {
    fn id(&self) -> String {
        self.0.spec.id.clone()
    }

    fn dimension(&self) -> usize {
        self.0.spec.dimension
    }

    fn max_tokens(&self) -> usize {
        self.0.spec.max_tokens
    }

    fn embed(&self, texts: &[String], role: TextRole, cancel: &CancellationToken) -> Result<Vec<Vec<f32>>> {
        let mut ids = Vec::with_capacity(texts.len());
        for text in texts {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            ids.push(self.encode(text, role)?);
        }
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        let priority = match role {
            TextRole::Query => Priority::Interactive,
            TextRole::Passage => Priority::Background,
        };
        // Each batch is a request of its own, so that a question slips in between those of a document.
        for members in plan(&lengths, self.0.batch_tokens) {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let rows: Vec<Row> = members
                .iter()
                .map(|&at| Row {
                    ids: std::mem::take(&mut ids[at]),
                    types: Vec::new(),
                })
                .collect();
            let computed = self
                .0
                .owner
                .call(priority, cancel, move |model| model.embed(&rows))?;
            for (at, vector) in members.into_iter().zip(computed) {
                vectors[at] = vector;
            }
        }
        Ok(vectors)
    }

    fn token_offsets(&self, text: &str) -> Result<Vec<Range<usize>>> {
        self.0.tokenizer.offsets(text)
    }
}
