//! The classifier: probabilities of labels for a text, or for how two texts relate (entailment).

use std::path::Path;
use std::sync::Arc;

use footnote_core::Result;
use footnote_model_import::{ModelManifest, Role};
use tokio_util::sync::CancellationToken;

use crate::owner::{ModelHandle, Priority};
use crate::pairs::{PairModel, PairOptions, PairSpec};
use crate::runtime::Runtime;

/// What is classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassifierInput<'a> {
    /// One text.
    Text(&'a str),
    /// Two texts; entailment models call the first one premise and the second one hypothesis.
    Pair(&'a str, &'a str),
}

/// A sequence classifier on ONNX Runtime. Cheap to clone; clones share the model.
#[derive(Clone)]
pub struct OnnxClassifier {
    model: Arc<PairModel>,
    labels: Arc<[String]>,
}

impl OnnxClassifier {
    /// Opens the imported classifier in `folder`. The weights are loaded with the first request.
    ///
    /// # Errors
    /// As [`crate::OnnxReranker::open`].
    pub fn open(runtime: &Runtime, folder: &Path, options: &PairOptions) -> Result<Self> {
        let mut labels = Vec::new();
        let model = PairModel::open(
            runtime,
            folder,
            "classifier",
            options,
            |manifest: &ModelManifest| {
                let Role::Classifier(classifier) = &manifest.role else {
                    return None;
                };
                labels.clone_from(&classifier.labels);
                Some(PairSpec {
                    labels: labels.len(),
                    scores: classifier.scores,
                    max_tokens: classifier.max_tokens,
                    pad_token: classifier.pad_token_id,
                    profile: classifier.profile,
                })
            },
        )?;
        Ok(Self {
            model: Arc::new(model),
            labels: labels.into(),
        })
    }

    /// Model id with the start of its hash.
    pub fn id(&self) -> String {
        self.model.id()
    }

    /// What the model can say, in the publisher's words and order.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        self.model.handle()
    }

    /// For each input one number a label, in the order of [`OnnxClassifier::labels`]: probabilities, unless the
    /// publisher declared that logits stay as they are. Checks `cancel` between batches.
    ///
    /// # Errors
    /// The model cannot be loaded or run, or [`footnote_core::ErrorCode::Canceled`].
    pub fn classify(
        &self,
        inputs: &[ClassifierInput<'_>],
        cancel: &CancellationToken,
    ) -> Result<Vec<Vec<f32>>> {
        let texts = inputs.iter().map(|input| match *input {
            ClassifierInput::Text(text) => (text, None),
            ClassifierInput::Pair(first, second) => (first, Some(second)),
        });
        self.model.scores(texts, Priority::Interactive, cancel)
    }
}
