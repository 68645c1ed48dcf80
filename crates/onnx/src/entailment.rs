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
        let Some(entailed) = entailment_label(classifier.labels()) else {
            return Err(tells_no_entailment(
                &folder.display().to_string(),
                classifier.labels(),
            ));
        };
        Ok(Self {
            entailed,
            contradicted: position(classifier.labels(), "contradiction"),
            classifier,
        })
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        self.classifier.handle()
    }
}

/// Which of a classifier's labels is entailment; none if it tells something else. Models for two classes say
/// "not_entailment" for anything else, which is no contradiction.
pub(crate) fn entailment_label(labels: &[String]) -> Option<usize> {
    position(labels, "entailment")
}

fn position(labels: &[String], word: &str) -> Option<usize> {
    labels.iter().position(|label| label.to_lowercase() == word)
}

/// Why a classifier with these labels cannot check sentences; `name` is what people know it by.
pub fn tells_no_entailment(name: &str, labels: &[String]) -> Error {
    let labels = labels.join(", ");
    Error::user(format!("{name}: this classifier tells {labels}, not entailment"))
        .code(ErrorCode::Unsupported)
        .problem(Problem::ModelWithoutEntailment { labels })
        .hint("Import a model for natural language inference (NLI): its labels have `entailment`")
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
