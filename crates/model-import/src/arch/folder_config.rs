//! A decoder's numbers from the `config.json` of transformers.

use serde_json::Value;

use super::Architecture;
use super::config::{Activation, DecoderConfig, LayerKind, MAX_CONTEXT, MAX_LAYERS, MAX_WIDTH, RotaryPairs};
use super::rope::{Rope, Scaling};
use crate::encoder::source::ConfigFile;
use crate::error::ImportError;

const WIDTH: usize = MAX_WIDTH as usize;
const CONTEXT: usize = MAX_CONTEXT as usize;

/// The architecture that `model_type` names.
pub(super) fn architecture(file: &ConfigFile) -> Result<Architecture, ImportError> {
    const KEY: &str = "model_type";
    let name = file
        .str(KEY)?
        .ok_or_else(|| file.wrong(KEY, "absent", "the architecture"))?;
    Ok(match name {
        "llama" | "mistral" => Architecture::Llama,
        "smollm3" => Architecture::Smollm3,
        "qwen2" => Architecture::Qwen2,
        "qwen3" => Architecture::Qwen3,
        "gemma2" => Architecture::Gemma2,
        "gemma3_text" => Architecture::Gemma3,
        "phi3" => Architecture::Phi3,
        other => {
            let supported = "llama, mistral, smollm3, qwen2, qwen3, gemma2, gemma3_text, phi3";
            return Err(file.unsupported(KEY, other, supported));
        }
    })
}

/// Entries of the file under the rules of an architecture.
pub(super) struct Reader<'a> {
    pub(super) file: &'a ConfigFile,
    pub(super) architecture: Architecture,
}

impl Reader<'_> {
    pub(super) fn config(&self) -> Result<DecoderConfig, ImportError> {
        use Architecture::{Gemma2, Gemma3, Qwen3};
        let file = self.file;
        let count = file.size("num_hidden_layers", MAX_LAYERS as usize)?;
        let hidden = file.size("hidden_size", WIDTH)?;
        let heads = file.size("num_attention_heads", WIDTH)?;
        let kv_heads = match file.uint("num_key_value_heads", WIDTH)? {
            Some(_) => file.size("num_key_value_heads", WIDTH)?,
            None => heads,
        };
        let head_dim = match file.uint("head_dim", WIDTH)? {
            Some(size) => size,
            None => hidden / heads,
        };
        let mut context = file.size("max_position_embeddings", CONTEXT)?;
        let (ropes, layers) = self.layers(count, head_dim, &mut context)?;
        let gemma = matches!(self.architecture, Gemma2 | Gemma3);
        let positive = |key: &str| -> Result<Option<f32>, ImportError> {
            Ok(file.float(key)?.map(|value| value as f32))
        };
        let scalar = positive("query_pre_attn_scalar")?.filter(|_| gemma);
        Ok(DecoderConfig {
            layers,
            hidden,
            feed_forward: file.size("intermediate_size", WIDTH)?,
            heads,
            kv_heads,
            head_dim,
            context,
            vocab: file.size("vocab_size", WIDTH * 4)?,
            norm_epsilon: positive("rms_norm_eps")?.unwrap_or(1e-6),
            ropes,
            rotary_pairs: RotaryPairs::Halves,
            activation: self.activation()?,
            head_norms: matches!(self.architecture, Qwen3 | Gemma3),
            sandwich_norms: gemma,
            embedding_scale: gemma.then(|| (hidden as f32).sqrt()),
            attention_scale: scalar.map(|scalar| scalar.powf(-0.5)),
            attention_cap: positive("attn_logit_softcapping")?,
            logit_cap: positive("final_logit_softcapping")?,
        })
    }

    fn activation(&self) -> Result<Activation, ImportError> {
        let keys = ["hidden_activation", "hidden_act"];
        let key = keys.into_iter().find(|key| self.file.get(key).is_some());
        let Some(key) = key else {
            return Ok(match self.architecture {
                Architecture::Gemma2 | Architecture::Gemma3 => Activation::GeluTanh,
                _ => Activation::Silu,
            });
        };
        match self.file.str(key)? {
            Some("gelu_pytorch_tanh") => Ok(Activation::GeluTanh),
            Some("silu" | "swish") => Ok(Activation::Silu),
            other => {
                let found = other.unwrap_or("none");
                Err(self.file.unsupported(key, found, "silu, gelu_pytorch_tanh"))
            }
        }
    }

    /// Rotary tables and which layer uses which.
    fn layers(
        &self,
        count: usize,
        head_dim: usize,
        context: &mut usize,
    ) -> Result<(Vec<Rope>, Vec<LayerKind>), ImportError> {
        let file = self.file;
        let windowed = self.windowed(count)?;
        let skips = match file.list("no_rope_layers")? {
            Some(list) if list.len() == count => list.iter().map(|item| item.as_u64() == Some(0)).collect(),
            Some(list) => {
                let found = format!("{} items", list.len());
                return Err(file.wrong("no_rope_layers", found, format!("{count} items")));
            }
            None if self.architecture == Architecture::Smollm3 => {
                let interval = file.uint("no_rope_layer_interval", WIDTH)?.unwrap_or(4).max(1);
                (1..=count).map(|layer| layer.is_multiple_of(interval)).collect()
            }
            None => vec![false; count],
        };
        let ropes = self.ropes(head_dim, context)?;
        let local = ropes.len() - 1;
        let kinds = windowed.into_iter().zip(skips).map(|(window, skip)| LayerKind {
            rope: (!skip).then_some(if window.is_some() { local } else { 0 }),
            window,
        });
        let kinds = kinds.collect();
        Ok((ropes, kinds))
    }

    fn windowed(&self, count: usize) -> Result<Vec<Option<usize>>, ImportError> {
        use Architecture::{Gemma2, Gemma3, Llama, Phi3, Qwen2, Qwen3, Smollm3};
        let file = self.file;
        let window = file
            .uint("sliding_window", CONTEXT * 16)?
            .filter(|size| *size > 0);
        let switched_off =
            matches!(self.architecture, Qwen2 | Qwen3 | Smollm3) && !file.flag("use_sliding_window")?;
        let window = window.filter(|_| !switched_off);
        if let Some(types) = file.list("layer_types")? {
            if types.len() != count {
                let found = format!("{} items", types.len());
                return Err(file.wrong("layer_types", found, format!("{count} items")));
            }
            return types
                .iter()
                .map(|kind| match kind.as_str() {
                    Some("full_attention") => Ok(None),
                    Some("sliding_attention") => match window {
                        Some(window) => Ok(Some(window)),
                        None => Err(file.wrong("sliding_window", "absent", "the size of the window")),
                    },
                    _ => Err(file.unsupported("layer_types", kind, "full_attention, sliding_attention")),
                })
                .collect();
        }
        let period = match self.architecture {
            Gemma2 => 2,
            Gemma3 => match file.uint("sliding_window_pattern", WIDTH)? {
                Some(_) => file.size("sliding_window_pattern", WIDTH)?,
                None => 6,
            },
            Qwen2 | Qwen3 | Smollm3 if window.is_some() => {
                return Err(file.wrong("layer_types", "absent", "the kind of each layer"));
            }
            // Mistral and Phi-3: every layer. Llama itself has no window.
            Llama if file.str("model_type")? == Some("llama") => 1,
            Llama | Phi3 => usize::MAX,
            _ => 1,
        };
        Ok((0..count)
            .map(|layer| window.filter(|_| layer % period + 1 < period))
            .collect())
    }

    fn ropes(&self, head_dim: usize, context: &mut usize) -> Result<Vec<Rope>, ImportError> {
        let file = self.file;
        let theta = file.float("rope_theta")?.unwrap_or(10_000.0);
        let parameters = file.object("rope_parameters")?;
        let parameters = match parameters {
            Some(parameters) => Some(parameters),
            None => file.object("rope_scaling")?,
        };
        let Some(parameters) = parameters else {
            let plain = self.rope(None, theta, head_dim, context)?;
            return Ok(self.with_local(plain));
        };
        if let Some(global) = parameters.object("full_attention")? {
            let mut ropes = vec![self.rope(Some(&global), theta, head_dim, context)?];
            if let Some(local) = parameters.object("sliding_attention")? {
                ropes.push(self.rope(Some(&local), 10_000.0, head_dim, context)?);
            }
            return Ok(ropes);
        }
        let rope = self.rope(Some(&parameters), theta, head_dim, context)?;
        Ok(self.with_local(rope))
    }

    /// Older Gemma 3 folders give the local layers' base apart, and no scaling for them.
    fn with_local(&self, global: Rope) -> Vec<Rope> {
        if self.architecture != Architecture::Gemma3 {
            return vec![global];
        }
        let base = self.file.get("rope_local_base_freq").and_then(Value::as_f64);
        let local = Rope {
            base: base.unwrap_or(10_000.0),
            scaling: Scaling::None,
            attention_factor: 1.0,
            ..global
        };
        vec![global, local]
    }

    fn rope(
        &self,
        parameters: Option<&ConfigFile>,
        theta: f64,
        head_dim: usize,
        context: &mut usize,
    ) -> Result<Rope, ImportError> {
        let own = |key: &str| parameters.map_or(Ok(None), |entries| entries.float(key));
        let either = |key: &str| Ok::<_, ImportError>(own(key)?.or(self.file.float(key)?));
        let base = own("rope_theta")?.unwrap_or(theta);
        let share = either("partial_rotary_factor")?.unwrap_or(1.0);
        let dims = (head_dim as f64 * share) as usize;
        let plain = |scaling, attention_factor| Rope {
            dims,
            base,
            scaling,
            attention_factor,
        };
        let Some(entries) = parameters else {
            return Ok(plain(Scaling::None, 1.0));
        };
        let kind = match entries.str("rope_type")? {
            Some(kind) => kind,
            None => entries.str("type")?.unwrap_or("default"),
        };
        let needed = |key: &str| {
            entries
                .float(key)?
                .ok_or_else(|| entries.wrong(key, "absent", "a number"))
        };
        let original = either("original_max_position_embeddings")?;
        match kind {
            "default" => Ok(plain(Scaling::None, 1.0)),
            "linear" => Ok(plain(Scaling::Linear(needed("factor")?), 1.0)),
            "llama3" => {
                let scaling = Scaling::llama3(
                    (dims, base),
                    needed("factor")?,
                    needed("low_freq_factor")?,
                    needed("high_freq_factor")?,
                    needed("original_max_position_embeddings")?,
                );
                Ok(plain(scaling, 1.0))
            }
            "yarn" => {
                for key in ["mscale", "mscale_all_dim", "truncate"] {
                    if let Some(value) = entries.get(key) {
                        return Err(entries.unsupported(key, value, "yarn without this entry"));
                    }
                }
                let factor = needed("factor")?;
                let mut rope = plain(
                    Scaling::Yarn {
                        factor,
                        original_context: original.unwrap_or(*context as f64),
                        beta_fast: own("beta_fast")?.unwrap_or(32.0),
                        beta_slow: own("beta_slow")?.unwrap_or(1.0),
                    },
                    1.0,
                );
                if let Some(given) = own("attention_factor")? {
                    rope.attention_factor = given / rope.magnitude();
                }
                Ok(rope)
            }
            "longrope" | "su" => {
                let original = original
                    .ok_or_else(|| entries.wrong("original_max_position_embeddings", "absent", "a number"))?;
                let factors = |key: &str| {
                    let list = entries.list(key)?.map(Vec::as_slice).unwrap_or_default();
                    let factors: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
                    if factors.len() != dims / 2 || list.len() != factors.len() {
                        let found = format!("{} numbers", factors.len());
                        return Err(entries.wrong(key, found, format!("{} numbers", dims / 2)));
                    }
                    Ok(factors)
                };
                let (short, long) = (factors("short_factor")?, factors("long_factor")?);
                let ratio = own("factor")?.unwrap_or(*context as f64 / original);
                let attention_factor = match own("attention_factor")? {
                    Some(given) => given,
                    None if ratio <= 1.0 => 1.0,
                    None => (1.0 + ratio.ln() / original.ln()).sqrt(),
                };
                if !original.is_finite() || original < 1.0 {
                    let found = original.to_string();
                    return Err(entries.wrong("original_max_position_embeddings", found, "a length"));
                }
                Ok(plain(
                    Scaling::longrope(short, long, original as usize, *context),
                    attention_factor,
                ))
            }
            other => Err(entries.unsupported("rope_type", other, "default, linear, llama3, yarn, longrope")),
        }
    }
}
