//! `config.json` to the trunk of an encoder: its sizes, its options and the names of its weights.

use super::blocks::{Affine, Nonlinearity};
use super::modern::{Modern, ModernLayer, Reach};
use super::post_norm::{PostNorm, PostNormLayer, TokenTypes};
use super::relative::BUCKETS;
use super::source::ConfigFile;
use crate::arch::Architecture;
use crate::error::ImportError;
use crate::safetensors::SafetensorsModel;

/// Sizes beyond these are mistakes or attacks: graphs and tables grow with them.
const MAX_LAYERS: usize = 256;
const MAX_WIDTH: usize = 1 << 17;
const MAX_VOCAB: usize = 1 << 24;
const MAX_POSITIONS: usize = 1 << 17;
/// MPNet's biases by distance take positions squared times heads.
const MAX_RELATIVE_POSITIONS: usize = 2048;

/// The trunk of an encoder.
#[derive(Clone, Debug)]
pub(crate) enum Trunk {
    PostNorm(PostNorm),
    Modern(Modern),
}

/// A trunk with what its heads and callers must know.
#[derive(Clone, Debug)]
pub(crate) struct EncoderConfig {
    pub architecture: Architecture,
    pub trunk: Trunk,
    pub hidden: usize,
    pub epsilon: f32,
    pub pad: u32,
    /// Longest text that the trunk takes.
    pub max_tokens: usize,
    /// What precedes the names of the trunk's weights.
    pub prefix: &'static str,
}

pub(crate) const SUPPORTED: &str = "bert, roberta, xlm-roberta, camembert, mpnet, modernbert";

impl EncoderConfig {
    /// Reads the trunk. `pairs`: the caller says which of two texts a token belongs to, where the model cares.
    pub(crate) fn read(
        config: &ConfigFile,
        weights: &SafetensorsModel,
        pairs: bool,
    ) -> Result<Self, ImportError> {
        let Some(kind) = config.str("model_type")? else {
            return Err(config.wrong("model_type", "absent", SUPPORTED));
        };
        let architecture = match kind {
            "bert" => Architecture::Bert,
            "roberta" | "camembert" => Architecture::Roberta,
            "xlm-roberta" => Architecture::XlmRoberta,
            "mpnet" => Architecture::Mpnet,
            "modernbert" => Architecture::ModernBert,
            other => return Err(config.unsupported("model_type", other, SUPPORTED)),
        };
        for (key, why) in [
            ("auto_map", "models without code of their own"),
            ("quantization_config", "float weights"),
        ] {
            if let Some(value) = config.get(key) {
                return Err(config.unsupported(key, value, why));
            }
        }
        for key in ["is_decoder", "add_cross_attention"] {
            if config.flag(key)? {
                return Err(config.unsupported(key, true, "false"));
            }
        }
        if let Some(pruned) = config.object("pruned_heads")?
            && pruned.keys().next().is_some()
        {
            return Err(config.unsupported("pruned_heads", "not empty", "models with all their heads"));
        }
        if architecture == Architecture::ModernBert {
            Self::modern(config, weights)
        } else {
            Self::post_norm(config, weights, architecture, pairs)
        }
    }

    fn post_norm(
        config: &ConfigFile,
        weights: &SafetensorsModel,
        architecture: Architecture,
        pairs: bool,
    ) -> Result<Self, ImportError> {
        if let Some(kind) = config.str("position_embedding_type")?
            && kind != "absolute"
        {
            return Err(config.unsupported("position_embedding_type", kind, "absolute"));
        }
        let mpnet = architecture == Architecture::Mpnet;
        let (hidden, heads) = (config.size("hidden_size", MAX_WIDTH)?, heads(config)?);
        let position_rows = config.size("max_position_embeddings", MAX_POSITIONS)?;
        let pad = config
            .uint("pad_token_id", MAX_VOCAB)?
            .unwrap_or(if architecture == Architecture::Bert { 0 } else { 1 });
        let first_position = match architecture {
            Architecture::Bert => 0,
            // MPNet fixes its padding token in the code.
            Architecture::Mpnet => 2,
            _ => pad + 1,
        };
        if position_rows < first_position + 2 {
            let expected = format!("more than {} for padding token {pad}", first_position + 1);
            return Err(config.wrong("max_position_embeddings", position_rows, expected));
        }
        if mpnet {
            let buckets = config.uint("relative_attention_num_buckets", MAX_WIDTH)?;
            if buckets.is_some_and(|buckets| buckets != BUCKETS) {
                let found = buckets.unwrap_or_default();
                return Err(config.unsupported("relative_attention_num_buckets", found, "32"));
            }
            if position_rows > MAX_RELATIVE_POSITIONS {
                return Err(config.unsupported("max_position_embeddings", position_rows, "up to 2048"));
            }
        }
        let prefixes: &[&str] = match architecture {
            Architecture::Bert => &["", "bert."],
            Architecture::Mpnet => &["", "mpnet."],
            _ => &["", "roberta."],
        };
        let prefix = prefix(weights, prefixes, "embeddings.word_embeddings.weight")?;
        let name = |part: &str| format!("{prefix}{part}");
        let affine = |part: &str| affine(weights, &name(part));
        let types = if mpnet {
            None
        } else {
            let rows = config.uint("type_vocab_size", MAX_WIDTH)?.unwrap_or(2);
            (rows > 0).then(|| TokenTypes {
                table: name("embeddings.token_type_embeddings.weight"),
                rows,
                input: pairs && rows > 1,
            })
        };
        let layer = |number: usize| {
            let at = |part: &str| affine(&format!("encoder.layer.{number}.{part}"));
            let [query, key, value, attended, attention_norm] = if mpnet {
                ["attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm"]
            } else {
                [
                    "self.query",
                    "self.key",
                    "self.value",
                    "output.dense",
                    "output.LayerNorm",
                ]
            }
            .map(|part| at(&format!("attention.{part}")));
            PostNormLayer {
                query,
                key,
                value,
                attended,
                attention_norm,
                up: at("intermediate.dense"),
                down: at("output.dense"),
                output_norm: at("output.LayerNorm"),
            }
        };
        let trunk = PostNorm {
            hidden,
            heads,
            feed_forward: config.size("intermediate_size", MAX_WIDTH)?,
            vocab: config.size("vocab_size", MAX_VOCAB)?,
            position_rows,
            first_position,
            words: name("embeddings.word_embeddings.weight"),
            positions: name("embeddings.position_embeddings.weight"),
            types,
            embedding_norm: affine("embeddings.LayerNorm"),
            relative_bias: mpnet.then(|| name("encoder.relative_attention_bias.weight")),
            activation: activation(config, "hidden_act")?,
            layers: (0..config.size("num_hidden_layers", MAX_LAYERS)?)
                .map(layer)
                .collect(),
        };
        check_heads(config, hidden, heads, 1)?;
        Ok(Self {
            architecture,
            hidden,
            epsilon: epsilon(config, "layer_norm_eps", 1e-12)?,
            pad: check_pad(config, pad, trunk.vocab)?,
            max_tokens: trunk.max_tokens(),
            trunk: Trunk::PostNorm(trunk),
            prefix,
        })
    }

    fn modern(config: &ConfigFile, weights: &SafetensorsModel) -> Result<Self, ImportError> {
        let (hidden, heads) = (config.size("hidden_size", MAX_WIDTH)?, heads(config)?);
        check_heads(config, hidden, heads, 2)?;
        let prefix = prefix(weights, &["", "model."], "embeddings.tok_embeddings.weight")?;
        let name = |part: &str| format!("{prefix}{part}");
        let affine = |part: &str| affine(weights, &name(part));
        let count = config.size("num_hidden_layers", MAX_LAYERS)?;
        let reaches = reaches(config, count)?;
        let (full_theta, local_theta) = thetas(config)?;
        let layers = reaches.into_iter().enumerate().map(|(number, reach)| {
            let at = |part: &str| affine(&format!("layers.{number}.{part}"));
            ModernLayer {
                reach,
                attention_norm: (number > 0).then(|| at("attn_norm")),
                qkv: at("attn.Wqkv"),
                attended: at("attn.Wo"),
                feed_norm: at("mlp_norm"),
                up: at("mlp.Wi"),
                down: at("mlp.Wo"),
            }
        });
        let trunk = Modern {
            hidden,
            heads,
            feed_forward: config.size("intermediate_size", MAX_WIDTH)?,
            vocab: config.size("vocab_size", MAX_VOCAB)?,
            positions: config.size("max_position_embeddings", MAX_POSITIONS)?.max(2),
            window: config.uint("local_attention", MAX_POSITIONS)?.unwrap_or(128) / 2,
            full_theta,
            local_theta,
            activation: activation(config, "hidden_activation")?,
            words: name("embeddings.tok_embeddings.weight"),
            embedding_norm: affine("embeddings.norm"),
            final_norm: affine("final_norm"),
            layers: layers.collect(),
        };
        let pad = config.uint("pad_token_id", MAX_VOCAB)?.unwrap_or(50283);
        Ok(Self {
            architecture: Architecture::ModernBert,
            hidden,
            epsilon: epsilon(config, "norm_eps", 1e-5)?,
            pad: check_pad(config, pad, trunk.vocab)?,
            max_tokens: trunk.positions,
            trunk: Trunk::Modern(trunk),
            prefix,
        })
    }
}

/// Weight and bias of a layer, by the names they have in the file: old checkpoints call a norm's `gamma` and
/// `beta`, and a bias is optional.
pub(crate) fn affine(weights: &SafetensorsModel, name: &str) -> Affine {
    let named = |part: &str| format!("{name}.{part}");
    let old = weights.has_tensor(&named("gamma"));
    let (weight, bias) = if old {
        ("gamma", "beta")
    } else {
        ("weight", "bias")
    };
    Affine {
        weight: named(weight),
        bias: weights.has_tensor(&named(bias)).then(|| named(bias)),
    }
}

fn prefix(
    weights: &SafetensorsModel,
    prefixes: &[&'static str],
    words: &str,
) -> Result<&'static str, ImportError> {
    let found = prefixes
        .iter()
        .find(|prefix| weights.has_tensor(&format!("{prefix}{words}")));
    match found {
        Some(prefix) => Ok(prefix),
        // Says what is absent.
        None => weights.tensor(words).map(|_| ""),
    }
}

fn heads(config: &ConfigFile) -> Result<usize, ImportError> {
    config.size("num_attention_heads", MAX_WIDTH)
}

fn check_heads(config: &ConfigFile, hidden: usize, heads: usize, of: usize) -> Result<(), ImportError> {
    if hidden.is_multiple_of(heads * of) {
        return Ok(());
    }
    let expected = format!("a divisor of hidden_size / {of}, which is {}", hidden / of);
    Err(config.wrong("num_attention_heads", heads, expected))
}

fn check_pad(config: &ConfigFile, pad: usize, vocab: usize) -> Result<u32, ImportError> {
    if pad < vocab {
        return Ok(pad as u32);
    }
    Err(config.wrong(
        "pad_token_id",
        pad,
        format!("less than vocab_size, which is {vocab}"),
    ))
}

fn epsilon(config: &ConfigFile, key: &str, default: f64) -> Result<f32, ImportError> {
    let value = config.float(key)?.unwrap_or(default);
    if value > 0.0 && value < 1.0 {
        return Ok(value as f32);
    }
    Err(config.wrong(key, value, "a number between 0 and 1"))
}

/// The function named under `key`; these architectures use GELU where nothing is said.
pub(crate) fn activation(config: &ConfigFile, key: &str) -> Result<Nonlinearity, ImportError> {
    Ok(match config.str(key)? {
        None | Some("gelu" | "gelu_python") => Nonlinearity::Gelu,
        Some("gelu_new" | "gelu_pytorch_tanh" | "gelu_fast") => Nonlinearity::GeluTanh,
        Some("relu") => Nonlinearity::Relu,
        Some("silu" | "swish") => Nonlinearity::Silu,
        Some("tanh") => Nonlinearity::Tanh,
        Some(other) => {
            let supported = "gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu, swish, tanh";
            return Err(config.unsupported(key, other, supported));
        }
    })
}

/// Which layers see everything: a list, or every n-th one.
fn reaches(config: &ConfigFile, count: usize) -> Result<Vec<Reach>, ImportError> {
    let Some(list) = config.list("layer_types")? else {
        let every = config
            .uint("global_attn_every_n_layers", MAX_LAYERS)?
            .unwrap_or(3)
            .max(1);
        let reach = |number: usize| {
            if number.is_multiple_of(every) {
                Reach::Full
            } else {
                Reach::Local
            }
        };
        return Ok((0..count).map(reach).collect());
    };
    if list.len() != count {
        return Err(config.wrong(
            "layer_types",
            format!("{} entries long", list.len()),
            format!("{count} entries"),
        ));
    }
    list.iter()
        .map(|kind| match kind.as_str() {
            Some("full_attention") => Ok(Reach::Full),
            Some("sliding_attention") => Ok(Reach::Local),
            _ => Err(config.unsupported("layer_types", kind, "full_attention, sliding_attention")),
        })
        .collect()
}

/// Rotary bases of full and of local layers: the newer `rope_parameters`, or the older keys.
fn thetas(config: &ConfigFile) -> Result<(f64, f64), ImportError> {
    if let Some(scaling) = config.get("rope_scaling") {
        return Err(config.unsupported("rope_scaling", scaling, "models without it"));
    }
    let full = config.float("global_rope_theta")?.unwrap_or(160_000.0);
    // Null meant "as in full layers"; an absent key means the default.
    let local = match (config.float("local_rope_theta")?, config.has("local_rope_theta")) {
        (Some(theta), _) => theta,
        (None, true) => full,
        (None, false) => 10_000.0,
    };
    let mut thetas = [full, local];
    if let Some(parameters) = config.object("rope_parameters")? {
        for (theta, kind) in thetas.iter_mut().zip(["full_attention", "sliding_attention"]) {
            let Some(parameters) = parameters.object(kind)? else {
                continue;
            };
            if let Some(rope) = parameters.str("rope_type")?
                && rope != "default"
            {
                return Err(config.unsupported("rope_parameters.rope_type", rope, "default"));
            }
            *theta = parameters.float("rope_theta")?.unwrap_or(*theta);
        }
    }
    for theta in thetas {
        if !theta.is_finite() || theta < 1.0 {
            return Err(config.wrong("rope_theta", theta, "a number of at least 1"));
        }
    }
    Ok((thetas[0], thetas[1]))
}
