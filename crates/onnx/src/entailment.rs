//! Entailment: a classifier that was trained to tell whether one text says what another says.

use std::path::Path;

use footnote_core::ports::{Entailment, Inference};
use footnote_core::{Error, ErrorCode, Problem, Result};
use tokio_util::sync::CancellationToken;

use crate::classifier::{ClassifierInput, OnnxClassifier};
use crate::owner::ModelHandle;
use crate::pairs::PairOptions;
use crate::runtime::Runtime;

/// A classifier with labels for entailment and, if it knows more than two, contradiction. Cheap to clone.
#[derive(Clone)]
pub struct OnnxEntailment {
    classifier: OnnxClassifier,
    entailed: usize,
    contradicted: Option<usize>,
}

impl OnnxEntailment {
    /// Opens the imported classifier in `folder`. The weights are loaded with the first request.
    ///
    /// # Errors
    /// As [`OnnxClassifier::open`]; [`ErrorCode::Unsupported`] if none of its labels is entailment.
    pub fn open(runtime: &Runtime, folder: &Path, options: &PairOptions) -> Result<Self> {
        let classifier = OnnxClassifier::open(runtime, folder, options)?;
        // Models for two classes say "not_entailment" for anything else, which is no contradiction.
        let label = |word: &str| {
            let labels = classifier.labels().iter();
            labels
                .map(|label| label.to_lowercase())
                .position(|label| label == word)
        };
        let Some(entailed) = label("entailment") else {
            return Err(Error::user(format!(
                "{}: this classifier tells {}, not entailment",
                folder.display(),
                classifier.labels().join(", ")
            ))
            .code(ErrorCode::Unsupported)
            .problem(Problem::ModelUnsuitable {
                detail: format!("it tells {}, not entailment", classifier.labels().join(", ")),
            })
            .hint("Import a model for natural language inference (NLI): its labels have `entailment`"));
        };
        Ok(Self {
            entailed,
            contradicted: label("contradiction"),
            classifier,
        })
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        self.classifier.handle()
    }
}

impl Entailment for OnnxEntailment {
    fn id(&self) -> String {
        self.classifier.id()
    }

    fn infer(&self, pairs: &[(String, String)], cancel: &CancellationToken) -> Result<Vec<Inference>> {
        let inputs: Vec<ClassifierInput<'_>> = pairs
            .iter()
            .map(|(text, sentence)| ClassifierInput::Pair(text, sentence))
            .collect();
        let scores = self.classifier.classify(&inputs, cancel)?;
        let of = |scores: &[f32], at: Option<usize>| at.and_then(|at| scores.get(at).copied()).unwrap_or(0.0);
        Ok(scores
            .iter()
            .map(|scores| Inference {
                entailed: of(scores, Some(self.entailed)),
                contradicted: of(scores, self.contradicted),
            })
            .collect())
    }
}
