//! Which model a folder holds, and everything an import reads from it.

use std::path::PathBuf;

use serde_json::Value;

use super::blocks::{Affine, Nonlinearity};
use super::config::{EncoderConfig, activation, affine};
use super::sentence::{Pooling, SentenceHead, modules, torch_activation};
use super::source::{ConfigFile, SourceFolder};
use crate::arch::Architecture;
use crate::error::ImportError;
use crate::manifest::ScoreFunction;
use crate::safetensors::SafetensorsModel;

/// Most labels of a classifier.
const MAX_LABELS: usize = 1 << 16;

/// What stands on the trunk.
#[derive(Debug)]
pub(crate) enum Head {
    Sentence(SentenceHead),
    Sequence(ClassifierHead),
    Tokens(ClassifierHead),
}

/// A head that gives a logit a label, for a text or for each token.
#[derive(Clone, Debug)]
pub(crate) struct ClassifierHead {
    /// How a text's hidden states become one; token classifiers have no use for it.
    pub pooling: Pooling,
    /// A layer before the last one: square, with its function, and in ModernBERT a norm.
    pub inner: Option<(Affine, Nonlinearity, Option<Affine>)>,
    pub output: Affine,
    /// In order of the logits.
    pub labels: Vec<String>,
    /// What the publisher applies to the logits.
    pub scores: ScoreFunction,
}

/// A folder that can be imported.
pub(crate) struct EncoderSource {
    pub folder: SourceFolder,
    pub config: EncoderConfig,
    pub weights: SafetensorsModel,
    pub head: Head,
    pub tokenizer: Vec<u8>,
    /// Longest text in tokens: what trunk, training and tokenizer all allow.
    pub max_tokens: usize,
}

/// The model's kind according to `architectures`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Tokens,
    Other,
}

impl EncoderSource {
    /// Reads everything cheap; weights stay in their files.
    pub(crate) fn read(root: &std::path::Path) -> Result<Self, ImportError> {
        let mut folder = SourceFolder::open(root);
        let modules = modules(&mut folder)?;
        // Older folders keep the transformer in a subfolder.
        let inner = match modules.as_ref().and_then(|modules| modules.first()) {
            Some(module) if module.kind == "Transformer" && !module.path.is_empty() => {
                format!("{}/", module.path)
            }
            _ => String::new(),
        };
        let at = |file: &str| format!("{inner}{file}");
        let config = folder.config(&at("config.json"))?;
        let kind = match config.list("architectures")?.and_then(|names| names.first()) {
            Some(Value::String(name)) if name.ends_with("ForSequenceClassification") => Kind::Sequence,
            Some(Value::String(name)) if name.ends_with("ForTokenClassification") => Kind::Tokens,
            _ => Kind::Other,
        };
        let weights = folder.weights(&inner)?;
        let trunk = EncoderConfig::read(&config, &weights, kind != Kind::Other)?;
        let head = match (kind, &modules) {
            (Kind::Sequence, _) => Head::Sequence(sequence(&config, &weights, &trunk)?),
            (Kind::Tokens, _) => Head::Tokens(tokens(&config, &weights, &trunk)?),
            (Kind::Other, Some(modules)) if modules[0].kind == "Transformer" => {
                Head::Sentence(SentenceHead::read(&mut folder, &modules[1..], trunk.hidden)?)
            }
            (Kind::Other, _) => {
                let found = config
                    .get("architectures")
                    .map_or_else(|| "absent".into(), Value::to_string);
                let supported = "a ...ForSequenceClassification or ...ForTokenClassification, or a \
                                 sentence-transformers folder, whose modules.json declares the pooling";
                return Err(config.unsupported("architectures", found, supported));
            }
        };
        let max_tokens = max_tokens(&mut folder, &inner, trunk.max_tokens)?;
        let tokenizer = folder.tokenizer(&at("tokenizer.json"))?;
        Ok(Self {
            folder,
            config: trunk,
            weights,
            head,
            tokenizer,
            max_tokens,
        })
    }

    /// Weights of all parts.
    pub(crate) fn all_weights(&self) -> impl Iterator<Item = &SafetensorsModel> {
        let dense = match &self.head {
            Head::Sentence(head) => head.dense_weights(),
            _ => Vec::new(),
        };
        std::iter::once(&self.weights).chain(dense)
    }

    /// Every file that was read.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let small = self.folder.read.iter().map(|(path, _)| self.folder.at(path));
        let weights = self
            .all_weights()
            .flat_map(|weights| weights.files().map(|(path, _)| path.to_owned()));
        small.chain(weights).collect()
    }
}

fn max_tokens(folder: &mut SourceFolder, inner: &str, positions: usize) -> Result<usize, ImportError> {
    let sentence = folder.config(&format!("{inner}sentence_bert_config.json"))?;
    if sentence.flag("do_lower_case")? {
        return Err(sentence.unsupported("do_lower_case", true, "false"));
    }
    // Tokenizers without a limit say 1e30.
    let tokenizer = folder.config(&format!("{inner}tokenizer_config.json"))?;
    let trained = sentence.float("max_seq_length")?;
    let limit = match trained {
        Some(limit) => Some((limit, &sentence, "max_seq_length")),
        None => tokenizer
            .float("model_max_length")?
            .map(|limit| (limit, &tokenizer, "model_max_length")),
    };
    match limit {
        None => Ok(positions),
        Some((limit, config, key)) if limit.is_nan() || limit < 2.0 => {
            Err(config.wrong(key, limit, "at least 2"))
        }
        Some((limit, _, _)) => Ok((limit as usize).min(positions)),
    }
}

fn sequence(
    config: &ConfigFile,
    weights: &SafetensorsModel,
    trunk: &EncoderConfig,
) -> Result<ClassifierHead, ImportError> {
    let affine = |name: &str| affine(weights, name);
    let labels = labels(config)?;
    let (pooling, inner, output) = match trunk.architecture {
        Architecture::ModernBert => {
            let pooling = match config.str("classifier_pooling")? {
                None | Some("cls") => Pooling::Cls,
                Some("mean") => Pooling::Mean,
                Some(other) => return Err(config.unsupported("classifier_pooling", other, "cls, mean")),
            };
            (pooling, modern_inner(config, weights)?, "classifier")
        }
        Architecture::Bert => {
            let pooler = affine(&format!("{}pooler.dense", trunk.prefix));
            (Pooling::Cls, (pooler, Nonlinearity::Tanh, None), "classifier")
        }
        _ => {
            let dense = affine("classifier.dense");
            (
                Pooling::Cls,
                (dense, Nonlinearity::Tanh, None),
                "classifier.out_proj",
            )
        }
    };
    Ok(ClassifierHead {
        pooling,
        inner: Some(inner),
        output: affine(output),
        scores: scores(config, labels.len())?,
        labels,
    })
}

fn tokens(
    config: &ConfigFile,
    weights: &SafetensorsModel,
    trunk: &EncoderConfig,
) -> Result<ClassifierHead, ImportError> {
    let inner = match trunk.architecture {
        Architecture::ModernBert => Some(modern_inner(config, weights)?),
        _ => None,
    };
    Ok(ClassifierHead {
        pooling: Pooling::Cls,
        inner,
        output: affine(weights, "classifier"),
        labels: labels(config)?,
        scores: ScoreFunction::Softmax,
    })
}

type Inner = (Affine, Nonlinearity, Option<Affine>);

fn modern_inner(config: &ConfigFile, weights: &SafetensorsModel) -> Result<Inner, ImportError> {
    let function = activation(config, "classifier_activation")?;
    let norm = affine(weights, "head.norm");
    Ok((affine(weights, "head.dense"), function, Some(norm)))
}

/// Labels in order of the logits. transformers takes two where nothing is said.
fn labels(config: &ConfigFile) -> Result<Vec<String>, ImportError> {
    let declared = config.uint("num_labels", MAX_LABELS)?;
    let Some(by_id) = config.object("id2label")? else {
        let count = declared.unwrap_or(2).max(1);
        return Ok((0..count).map(|id| format!("LABEL_{id}")).collect());
    };
    let count = by_id.keys().count();
    if count == 0 || count > MAX_LABELS || declared.is_some_and(|declared| declared != count) {
        let expected = declared.map_or_else(|| "1 to 65536 labels".into(), |count| format!("{count} labels"));
        return Err(config.wrong("id2label", format!("{count} labels"), expected));
    }
    (0..count)
        .map(|id| match by_id.str(&id.to_string())? {
            Some(label) => Ok(label.to_owned()),
            None => Err(config.wrong(
                "id2label",
                format!("without {id}"),
                format!("ids 0 to {}", count - 1),
            )),
        })
        .collect()
}

/// What the publisher applies to the logits: as cross-encoders declare it, else by the kind of problem.
fn scores(config: &ConfigFile, labels: usize) -> Result<ScoreFunction, ImportError> {
    let declared = match config.object("sentence_transformers")? {
        Some(own) => torch_activation(&own, "activation_fn")?,
        None => None,
    };
    let declared = match declared {
        Some(function) => Some(function),
        None => torch_activation(config, "sbert_ce_default_activation_function")?,
    };
    match declared {
        Some(Nonlinearity::Identity) => return Ok(ScoreFunction::Identity),
        Some(Nonlinearity::Sigmoid) => return Ok(ScoreFunction::Sigmoid),
        Some(other) => {
            let key = "sbert_ce_default_activation_function";
            return Err(config.unsupported(key, format!("{other:?}"), "Identity, Sigmoid"));
        }
        None => {}
    }
    Ok(match config.str("problem_type")? {
        Some("multi_label_classification") => ScoreFunction::Sigmoid,
        Some("regression") => ScoreFunction::Identity,
        _ if labels == 1 => ScoreFunction::Sigmoid,
        _ => ScoreFunction::Softmax,
    })
}
