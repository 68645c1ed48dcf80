//! What turns hidden states into one vector, as the files of sentence-transformers declare it.
//!
//! `modules.json` lists the steps; pooling and dense steps have a folder with a `config.json`.

use serde_json::Value;

use super::blocks::Nonlinearity;
use super::source::{ConfigFile, SourceFolder, is_inside};
use crate::error::ImportError;
use crate::safetensors::SafetensorsModel;

/// Most steps of a model, and widest vector.
const MAX_MODULES: usize = 16;
const MAX_WIDTH: usize = 1 << 17;

/// How the hidden states of a text become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// The first token's.
    Cls,
    /// The largest of each dimension.
    Max,
    /// The mean.
    Mean,
    /// The sum over the root of the number of tokens.
    MeanSqrt,
    /// The mean with weights 1, 2, 3, ...
    WeightedMean,
    /// The last token's.
    Last,
}

/// A step after pooling.
#[derive(Debug)]
pub(crate) enum Step {
    /// A projection.
    Dense {
        weights: SafetensorsModel,
        inputs: usize,
        outputs: usize,
        bias: bool,
        activation: Nonlinearity,
    },
    /// Length one.
    Normalize,
}

/// The head of a sentence embedder.
#[derive(Debug)]
pub(crate) struct SentenceHead {
    /// More than one are put side by side.
    pub pooling: Vec<Pooling>,
    pub steps: Vec<Step>,
    pub dimension: usize,
    pub query_prefix: String,
    pub passage_prefix: String,
}

/// A step of `modules.json`.
pub(crate) struct Module {
    /// Last part of the class name.
    pub kind: String,
    /// Subfolder; empty for the folder itself.
    pub path: String,
}

/// The steps of a sentence-transformers folder; none when it is not one.
pub(crate) fn modules(folder: &mut SourceFolder) -> Result<Option<Vec<Module>>, ImportError> {
    const FILE: &str = "modules.json";
    let Some(value) = folder.json(FILE)? else {
        return Ok(None);
    };
    let malformed = |what: &str| ImportError::Malformed {
        path: folder.at(FILE),
        format: "modules.json",
        what: what.into(),
    };
    let list = value.as_array().ok_or_else(|| malformed("it is not a list"))?;
    if list.is_empty() || list.len() > MAX_MODULES {
        return Err(malformed(&format!("it lists {} steps", list.len())));
    }
    let modules = list.iter().map(|entry| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let (Some(kind), Some(path)) = (text("type"), text("path")) else {
            return Err(malformed("a step lacks its type or path"));
        };
        if !is_inside(path) {
            return Err(malformed(&format!("the path {path:?} leads elsewhere")));
        }
        Ok(Module {
            kind: kind.rsplit('.').next().unwrap_or(kind).into(),
            path: path.into(),
        })
    });
    modules.collect::<Result<_, _>>().map(Some)
}

impl SentenceHead {
    /// Reads the steps after the first one, for hidden states of `hidden` numbers.
    pub(crate) fn read(
        folder: &mut SourceFolder,
        modules: &[Module],
        hidden: usize,
    ) -> Result<Self, ImportError> {
        let unsupported = |folder: &SourceFolder, kind: &str| ImportError::Unsupported {
            path: folder.at("modules.json"),
            key: "type".into(),
            value: kind.into(),
            supported: "Transformer, then Pooling, then any of Dense, Normalize, Dropout",
        };
        let mut rest = modules.iter();
        let pooling = match rest.next() {
            Some(module) if module.kind == "Pooling" => pooling(folder, &module.path, hidden)?,
            other => {
                let found = other.map_or("nothing after Transformer", |module| &module.kind);
                return Err(unsupported(folder, found));
            }
        };
        let mut dimension = hidden * pooling.len();
        let mut steps = Vec::new();
        for module in rest {
            match module.kind.as_str() {
                "Normalize" => steps.push(Step::Normalize),
                // Only training sees it.
                "Dropout" => {}
                "Dense" => {
                    let step = dense(folder, &module.path, dimension)?;
                    if let Step::Dense { outputs, .. } = &step {
                        dimension = *outputs;
                    }
                    steps.push(step);
                }
                other => return Err(unsupported(folder, other)),
            }
        }
        let (query_prefix, passage_prefix) = prompts(folder)?;
        Ok(Self {
            pooling,
            steps,
            dimension,
            query_prefix,
            passage_prefix,
        })
    }

    /// Weights of the dense steps.
    pub(crate) fn dense_weights(&self) -> Vec<&SafetensorsModel> {
        let dense = self.steps.iter().filter_map(|step| match step {
            Step::Dense { weights, .. } => Some(weights),
            Step::Normalize => None,
        });
        dense.collect()
    }

    /// Whether vectors come with length one.
    pub(crate) fn normalized(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Normalize))
    }
}

fn pooling(folder: &mut SourceFolder, path: &str, hidden: usize) -> Result<Vec<Pooling>, ImportError> {
    let config = folder.config(&format!("{path}/config.json"))?;
    for key in ["word_embedding_dimension", "embedding_dimension"] {
        if let Some(width) = config.uint(key, MAX_WIDTH)?
            && width != hidden
        {
            return Err(config.wrong(key, width, format!("hidden_size, which is {hidden}")));
        }
    }
    // In the order in which sentence-transformers puts them side by side.
    let modes = [
        ("pooling_mode_cls_token", Pooling::Cls, "cls"),
        ("pooling_mode_max_tokens", Pooling::Max, "max"),
        ("pooling_mode_mean_tokens", Pooling::Mean, "mean"),
        (
            "pooling_mode_mean_sqrt_len_tokens",
            Pooling::MeanSqrt,
            "mean_sqrt_len_tokens",
        ),
        (
            "pooling_mode_weightedmean_tokens",
            Pooling::WeightedMean,
            "weightedmean",
        ),
        ("pooling_mode_lasttoken", Pooling::Last, "lasttoken"),
    ];
    let named = |name: &str| {
        let mode = modes.iter().find(|(_, _, other)| *other == name);
        mode.map(|(_, pooling, _)| *pooling).ok_or_else(|| {
            let supported = "cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken";
            config.unsupported("pooling_mode", name, supported)
        })
    };
    let mut pooling = Vec::new();
    match config.get("pooling_mode") {
        Some(Value::String(name)) => pooling.push(named(name)?),
        Some(Value::Array(names)) => {
            for name in names {
                pooling.push(named(name.as_str().unwrap_or_default())?);
            }
        }
        _ => {
            for (key, mode, _) in modes {
                if config.flag(key)? {
                    pooling.push(mode);
                }
            }
        }
    }
    if pooling.is_empty() {
        return Err(config.wrong("pooling_mode", "absent", "the way tokens become a vector"));
    }
    if config.get("include_prompt") == Some(&Value::Bool(false)) {
        return Err(config.unsupported("include_prompt", false, "true"));
    }
    Ok(pooling)
}

fn dense(folder: &mut SourceFolder, path: &str, inputs: usize) -> Result<Step, ImportError> {
    let config = folder.config(&format!("{path}/config.json"))?;
    let declared = config.size("in_features", MAX_WIDTH)?;
    if declared != inputs {
        return Err(config.wrong(
            "in_features",
            declared,
            format!("{inputs}, as the step before gives"),
        ));
    }
    Ok(Step::Dense {
        inputs,
        outputs: config.size("out_features", MAX_WIDTH)?,
        bias: config.get("bias").is_none() || config.flag("bias")?,
        activation: torch_activation(&config, "activation_function")?.unwrap_or(Nonlinearity::Tanh),
        weights: folder.weights(path)?,
    })
}

/// The function of a torch class such as `torch.nn.modules.activation.Tanh`.
pub(crate) fn torch_activation(config: &ConfigFile, key: &str) -> Result<Option<Nonlinearity>, ImportError> {
    let Some(name) = config.str(key)? else {
        return Ok(None);
    };
    Ok(Some(match name.rsplit('.').next().unwrap_or(name) {
        "Identity" => Nonlinearity::Identity,
        "Tanh" => Nonlinearity::Tanh,
        "Sigmoid" => Nonlinearity::Sigmoid,
        "ReLU" => Nonlinearity::Relu,
        "GELU" => Nonlinearity::Gelu,
        "SiLU" => Nonlinearity::Silu,
        _ => return Err(config.unsupported(key, name, "Identity, Tanh, Sigmoid, ReLU, GELU, SiLU")),
    }))
}

/// The texts put before queries and passages, chosen as `encode_query` and `encode_document` choose them.
fn prompts(folder: &mut SourceFolder) -> Result<(String, String), ImportError> {
    let config = folder.config("config_sentence_transformers.json")?;
    let Some(prompts) = config.object("prompts")? else {
        return Ok((String::new(), String::new()));
    };
    let default = match config.str("default_prompt_name")? {
        Some(name) => prompts.str(name)?,
        None => None,
    };
    let first = |names: &[&str]| -> Result<String, ImportError> {
        for name in names {
            if let Some(prompt) = prompts.str(name)? {
                return Ok(prompt.into());
            }
        }
        Ok(default.unwrap_or_default().into())
    };
    Ok((first(&["query"])?, first(&["document", "passage", "corpus"])?))
}
