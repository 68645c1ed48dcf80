//! The reranker: passages scored against a query by a model that reads both.

use std::path::Path;
use std::sync::Arc;

use footnote_core::Result;
use footnote_core::ports::Reranker;
use footnote_model_import::Role;
use tokio_util::sync::CancellationToken;

use crate::owner::{ModelHandle, Priority};
use crate::pairs::{PairModel, PairOptions, PairSpec};
use crate::runtime::Runtime;

/// A cross-encoder on ONNX Runtime. Cheap to clone; clones share the model.
#[derive(Clone)]
pub struct OnnxReranker(Arc<PairModel>);

impl OnnxReranker {
    /// Opens the imported reranker in `folder`. The weights are loaded with the first request.
    ///
    /// # Errors
    /// [`footnote_core::ErrorCode::ModelMissing`] if a file is not there,
    /// [`footnote_core::ErrorCode::Unsupported`] if the model has another role; otherwise names what is wrong.
    pub fn open(runtime: &Runtime, folder: &Path, options: &PairOptions) -> Result<Self> {
        let model = PairModel::open(runtime, folder, "reranker", options, |manifest| {
            let Role::Reranker(reranker) = &manifest.role else {
                return None;
            };
            Some(PairSpec {
                labels: 1,
                scores: reranker.scores,
                max_tokens: reranker.max_tokens,
                pad_token: reranker.pad_token_id,
                profile: reranker.profile,
            })
        })?;
        Ok(Self(Arc::new(model)))
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        self.0.handle()
    }
}

impl Reranker for OnnxReranker {
    fn id(&self) -> String {
        self.0.id()
    }

    fn rerank(&self, query: &str, passages: &[String], cancel: &CancellationToken) -> Result<Vec<f32>> {
        let pairs = passages.iter().map(|passage| (query, Some(passage.as_str())));
        let scores = self.0.scores(pairs, Priority::Interactive, cancel)?;
        Ok(scores.into_iter().flatten().collect())
    }
}
