//! Models that read a text, or two together, and give it logits: rerankers and classifiers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_model_import::{GRAPH_FILE, ModelManifest, Profile, ScoreFunction, TOKENIZER_FILE};
use tokio_util::sync::CancellationToken;

use crate::encoder::{EncoderSession, Row, plan};
use crate::manifest::{id, read_manifest};
use crate::owner::{ModelHandle, Owner, Priority};
use crate::runtime::Runtime;
use crate::tokens::{ReadingTokenizer, SharedTokenizer};

/// Output with the logits of a text.
const LOGITS_OUTPUT: &str = "logits";

/// Choices for a reranker or a classifier.
#[derive(Clone, Debug)]
pub struct PairOptions {
    /// Unload the model after this long without a request; none: keep it.
    pub idle_timeout: Option<Duration>,
    /// Tokens of a batch, padding included; as for [`crate::EmbedderOptions::batch_tokens`].
    pub batch_tokens: usize,
}

impl Default for PairOptions {
    fn default() -> Self {
        Self {
            idle_timeout: Some(Duration::from_secs(300)),
            batch_tokens: 512,
        }
    }
}

/// What is said about the model by its manifest.
pub(crate) struct PairSpec {
    pub labels: usize,
    pub scores: ScoreFunction,
    pub max_tokens: usize,
    pub pad_token: u32,
    pub profile: Profile,
}

/// A model of logits with its tokenizer and its owner thread.
pub(crate) struct PairModel {
    id: String,
    spec: PairSpec,
    tokenizer: SharedTokenizer<ReadingTokenizer>,
    batch_tokens: usize,
    owner: Owner<EncoderSession>,
}

impl PairModel {
    /// Opens the model in `folder`, whose manifest `read` takes apart; `None` from it: of another role.
    pub(crate) fn open(
        runtime: &Runtime,
        folder: &Path,
        name: &str,
        options: &PairOptions,
        read: impl FnOnce(&ModelManifest) -> Option<PairSpec>,
    ) -> Result<Self> {
        let manifest = read_manifest(folder)?;
        let spec = read(&manifest).ok_or_else(|| {
            let what = format!(
                "{}: this model is a {}, not a {name}",
                folder.display(),
                manifest.role.name()
            );
            Error::user(what.clone())
                .code(ErrorCode::Unsupported)
                .problem(Problem::ModelUnsuitable { detail: what })
                .hint(format!("Choose a {name}"))
        })?;
        let tokenizer = SharedTokenizer::cutting(&folder.join(TOKENIZER_FILE), spec.max_tokens)?;
        let (runtime, graph): (_, PathBuf) = (runtime.clone(), folder.join(GRAPH_FILE));
        let pad_token = i64::from(spec.pad_token);
        let owner = Owner::start(name, options.idle_timeout, move || {
            EncoderSession::load(&runtime, &graph, &[LOGITS_OUTPUT], pad_token)
        })?;
        Ok(Self {
            id: id(&manifest, spec.profile),
            spec,
            tokenizer,
            batch_tokens: options.batch_tokens.max(1),
            owner,
        })
    }

    pub(crate) fn id(&self) -> String {
        self.id.clone()
    }

    pub(crate) fn handle(&self) -> ModelHandle {
        ModelHandle::new(&self.owner)
    }

    /// Token ids of a text or a pair; the longer text of a pair is cut first.
    fn encode(&self, first: &str, second: Option<&str>) -> Result<Row> {
        let encoding = match second {
            Some(second) => self.tokenizer.tokens((first, second), true, false),
            None => self.tokenizer.tokens(first, true, false),
        }?;
        let wide = |ids: &[u32]| ids.iter().map(|&id| i64::from(id)).collect();
        Ok(Row {
            ids: wide(encoding.get_ids()),
            types: wide(encoding.get_type_ids()),
        })
    }

    /// The scores of each text or pair, a list of one a label, in the order of `inputs`.
    pub(crate) fn scores<'a>(
        &self,
        inputs: impl Iterator<Item = (&'a str, Option<&'a str>)>,
        priority: Priority,
        cancel: &CancellationToken,
    ) -> Result<Vec<Vec<f32>>> {
        let mut rows = Vec::new();
        for (first, second) in inputs {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            rows.push(self.encode(first, second)?);
        }
        let lengths: Vec<usize> = rows.iter().map(Row::len).collect();
        let mut scores = vec![Vec::new(); rows.len()];
        for members in plan(&lengths, self.batch_tokens) {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let batch: Vec<Row> = members.iter().map(|&at| std::mem::take(&mut rows[at])).collect();
            let count = batch.len();
            let computed = self
                .owner
                .call(priority, cancel, move |model| model.run(&batch))?;
            if computed.values.len() != count * self.spec.labels {
                return Err(Error::bug(format!(
                    "The model's output has {} numbers for {count} texts",
                    computed.values.len()
                )));
            }
            for (at, logits) in members
                .into_iter()
                .zip(computed.values.chunks_exact(self.spec.labels))
            {
                if logits.iter().any(|logit| !logit.is_finite()) {
                    return Err(Error::runtime("The model computed an unusable score")
                        .problem(Problem::ModelMiscomputes {
                            detail: "unusable score".into(),
                        })
                        .hint("Set the provider to CPU in the settings, and import the model again"));
                }
                scores[at] = apply(self.spec.scores, logits);
            }
        }
        Ok(scores)
    }
}

/// Scores of logits.
fn apply(function: ScoreFunction, logits: &[f32]) -> Vec<f32> {
    match function {
        ScoreFunction::Identity => logits.to_vec(),
        ScoreFunction::Sigmoid => logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect(),
        ScoreFunction::Softmax => {
            let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f32> = logits.iter().map(|logit| (logit - top).exp()).collect();
            let sum: f32 = powers.iter().sum();
            powers.into_iter().map(|power| power / sum).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_probabilities_even_of_large_logits() {
        assert_eq!(apply(ScoreFunction::Identity, &[3.0, -1.0]), [3.0, -1.0]);
        assert_eq!(
            apply(ScoreFunction::Sigmoid, &[0.0, 500.0, -500.0]),
            [0.5, 1.0, 0.0]
        );
        assert_eq!(apply(ScoreFunction::Softmax, &[1e4, 1e4]), [0.5, 0.5]);
        let three = apply(ScoreFunction::Softmax, &[1.0, 2.0, 3.0]);
        assert!((three.iter().sum::<f32>() - 1.0).abs() < 1e-6 && three[2] > three[1]);
    }
}
