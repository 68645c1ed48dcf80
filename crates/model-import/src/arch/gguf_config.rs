//! A decoder's numbers from GGUF metadata: keys of llama.cpp (`llama-arch.cpp`, `src/models`).

use super::Architecture;
use super::config::{Activation, DecoderConfig, LayerKind, MAX_CONTEXT, MAX_LAYERS, MAX_WIDTH, RotaryPairs};
use super::rope::{Rope, Scaling};
use super::weights::to_floats;
use crate::error::ImportError;
use crate::gguf::{Array, GgufFile, Value};

/// Metadata that changes the computation in ways no graph here has, with the value that changes nothing.
const NEUTRAL: [(&str, f64); 12] = [
    ("expert_count", 0.0),
    ("logit_scale", 1.0),
    ("residual_scale", 1.0),
    ("embedding_scale", 1.0),
    ("attention.clamp_kqv", 0.0),
    ("attention.max_alibi_bias", 0.0),
    ("attention.temperature_scale", 0.0),
    ("attention.temperature_length", 0.0),
    ("attention.causal", 1.0),
    ("attention.shared_kv_layers", 0.0),
    ("use_parallel_residual", 0.0),
    ("rope.scaling.yarn_log_multiplier", 0.0),
];

/// Tensors outside the layers that are read for the configuration.
pub(super) const ROPE_FREQUENCIES: &str = "rope_freqs.weight";
pub(super) const ROPE_SHORT: &str = "rope_factors_short.weight";
pub(super) const ROPE_LONG: &str = "rope_factors_long.weight";

/// Metadata under an architecture's prefix.
pub(super) struct Reader<'a> {
    pub(super) file: &'a GgufFile,
    pub(super) prefix: &'static str,
}

impl Reader<'_> {
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.file.get(&self.key(name))
    }

    fn size(&self, name: &str, limit: u64) -> Result<usize, ImportError> {
        let value = self.file.uint(&self.key(name))?;
        if value == 0 || value > limit {
            return Err(self.wrong(name, &value.to_string(), &format!("1 to {limit}")));
        }
        Ok(value as usize)
    }

    fn optional_size(&self, name: &str, limit: u64) -> Result<Option<usize>, ImportError> {
        self.get(name).map(|_| self.size(name, limit)).transpose()
    }

    fn optional_float(&self, name: &str) -> Result<Option<f64>, ImportError> {
        self.get(name)
            .map(|_| self.file.float(&self.key(name)))
            .transpose()
    }

    fn wrong(&self, name: &str, found: &str, expected: &str) -> ImportError {
        ImportError::Metadata {
            path: self.file.path().into(),
            key: self.key(name),
            found: found.into(),
            expected: expected.into(),
        }
    }

    fn unsupported(&self, name: &str, value: impl Into<String>, supported: &'static str) -> ImportError {
        ImportError::Unsupported {
            path: self.file.path().into(),
            key: self.key(name),
            value: value.into(),
            supported,
        }
    }

    pub(super) fn config(&self, architecture: Architecture) -> Result<DecoderConfig, ImportError> {
        use Architecture::{Gemma2, Gemma3, Llama, Qwen3, Smollm3};
        self.refuse_unknown_computations()?;
        let layers = self.size("block_count", MAX_LAYERS)?;
        let hidden = self.size("embedding_length", MAX_WIDTH)?;
        let feed_forward = self.size("feed_forward_length", MAX_WIDTH)?;
        let heads = self.size("attention.head_count", MAX_WIDTH)?;
        let kv_heads = self
            .optional_size("attention.head_count_kv", MAX_WIDTH)?
            .unwrap_or(heads);
        let head_dim = match self.optional_size("attention.key_length", MAX_WIDTH)? {
            Some(size) => size,
            None => hidden / heads,
        };
        if let Some(value_length) = self.optional_size("attention.value_length", MAX_WIDTH)?
            && value_length != head_dim
        {
            return Err(self.unsupported(
                "attention.value_length",
                value_length.to_string(),
                "the size of keys",
            ));
        }
        let gemma = matches!(architecture, Gemma2 | Gemma3);
        let mut context = self.size("context_length", MAX_CONTEXT)?;
        let rope = self.rope(head_dim, &mut context)?;
        let mut ropes = vec![rope];
        let windowed = self.windowed_layers(architecture, layers)?;
        if architecture == Gemma3 {
            let base = self.optional_float("rope.freq_base_swa")?.unwrap_or(10_000.0);
            ropes.push(Rope {
                base,
                scaling: Scaling::None,
                ..ropes[0].clone()
            });
        }
        let local = ropes.len() - 1;
        let layers = windowed.into_iter().enumerate().map(|(layer, window)| LayerKind {
            // llama.cpp's `n_no_rope_layer_step`, which the file does not carry.
            rope: (architecture != Smollm3 || !(layer + 1).is_multiple_of(4))
                .then_some(if window.is_some() { local } else { 0 }),
            window,
        });
        let layers: Vec<LayerKind> = layers.collect();
        let attention_scale = match self.optional_float("attention.scale")? {
            Some(scale) if scale != 0.0 => Some(scale as f32),
            // The two models whose scale is not that of their head size; files do not say so.
            _ if (architecture, layers.len()) == (Gemma2, 46)
                || (architecture, layers.len()) == (Gemma3, 62) =>
            {
                Some(((hidden / heads) as f32).powf(-0.5))
            }
            _ => None,
        };
        let cap = |name: &str| -> Result<Option<f32>, ImportError> {
            let cap = self.optional_float(name)?.filter(|cap| *cap != 0.0);
            Ok(cap.map(|cap| cap as f32))
        };
        Ok(DecoderConfig {
            layers,
            hidden,
            feed_forward,
            heads,
            kv_heads,
            head_dim,
            context,
            vocab: self.file.tensor("token_embd.weight")?.rows,
            norm_epsilon: self.file.float(&self.key("attention.layer_norm_rms_epsilon"))? as f32,
            ropes,
            rotary_pairs: if matches!(architecture, Llama | Smollm3) {
                RotaryPairs::Adjacent
            } else {
                RotaryPairs::Halves
            },
            activation: if gemma {
                Activation::GeluTanh
            } else {
                Activation::Silu
            },
            head_norms: matches!(architecture, Qwen3 | Gemma3),
            sandwich_norms: gemma,
            embedding_scale: gemma.then(|| (hidden as f32).sqrt()),
            attention_scale,
            attention_cap: cap("attn_logit_softcapping")?,
            logit_cap: cap("final_logit_softcapping")?,
        })
    }

    fn refuse_unknown_computations(&self) -> Result<(), ImportError> {
        for (name, neutral) in NEUTRAL {
            let Some(value) = self.get(name) else { continue };
            let number = value
                .as_f64()
                .or_else(|| value.as_u64().map(|value| value as f64))
                .or_else(|| value.as_bool().map(|value| f64::from(u8::from(value))));
            if number != Some(neutral) {
                let shown = number.map_or_else(|| value.kind().into(), |number| number.to_string());
                return Err(self.unsupported(name, shown, "dense decoders without this entry"));
            }
        }
        Ok(())
    }

    /// The window of each layer.
    fn windowed_layers(
        &self,
        architecture: Architecture,
        layers: usize,
    ) -> Result<Vec<Option<usize>>, ImportError> {
        const WINDOW: &str = "attention.sliding_window";
        const PATTERN: &str = "attention.sliding_window_pattern";
        // Zero is written for "none" by some converters.
        let window = match self.get(WINDOW).and_then(Value::as_u64) {
            Some(0) => None,
            _ => self.optional_size(WINDOW, u32::MAX.into())?,
        };
        // Every so many layers, the last one sees everything.
        let default_period = match architecture {
            Architecture::Gemma2 => 2,
            Architecture::Gemma3 => 6,
            _ => usize::MAX,
        };
        if default_period != usize::MAX && window.is_none() {
            return Err(self.wrong(WINDOW, "absent", "the number of positions local layers see"));
        }
        let is_local: Vec<bool> = match self.get(PATTERN) {
            Some(Value::Array(Array::Bool(pattern))) if pattern.len() >= layers => pattern[..layers].to_vec(),
            Some(Value::Array(_)) => {
                return Err(self.wrong(
                    PATTERN,
                    "an array of another kind or length",
                    "one truth value a layer",
                ));
            }
            period => {
                let period = match period {
                    Some(_) => self.size(PATTERN, MAX_LAYERS)?,
                    None => default_period,
                };
                (0..layers).map(|layer| layer % period + 1 < period).collect()
            }
        };
        Ok(is_local
            .into_iter()
            .map(|local| window.filter(|_| local))
            .collect())
    }

    fn rope(&self, head_dim: usize, context: &mut usize) -> Result<Rope, ImportError> {
        const TYPE: &str = "rope.scaling.type";
        const FACTOR: &str = "rope.scaling.factor";
        const ORIGINAL: &str = "rope.scaling.original_context_length";
        let dims = self
            .optional_size("rope.dimension_count", MAX_WIDTH)?
            .unwrap_or(head_dim);
        let base = self.optional_float("rope.freq_base")?.unwrap_or(10_000.0);
        let factor = match self.optional_float(FACTOR)? {
            Some(factor) => Some(factor),
            None => self.optional_float("rope.scale_linear")?,
        }
        .filter(|factor| *factor != 0.0);
        let kind = match self.get(TYPE) {
            Some(_) => self.file.str(&self.key(TYPE))?,
            // A factor alone has always meant linear scaling.
            None if factor.is_some() => "linear",
            None => "none",
        };
        let original = self.optional_size(ORIGINAL, MAX_CONTEXT)?;
        let mut attention_factor = self.optional_float("rope.scaling.attn_factor")?.unwrap_or(1.0);
        let needed = || factor.ok_or_else(|| self.wrong(FACTOR, "absent", "the scaling factor"));
        let mut scaling = match kind {
            "none" | "longrope" => Scaling::None,
            "linear" => Scaling::Linear(needed()?),
            "yarn" => {
                let or = |name, default| Ok::<_, ImportError>(self.optional_float(name)?.unwrap_or(default));
                let ext_factor = or("rope.scaling.yarn_ext_factor", 1.0)?;
                if ext_factor != 1.0 {
                    let name = "rope.scaling.yarn_ext_factor";
                    return Err(self.unsupported(name, ext_factor.to_string(), "1"));
                }
                attention_factor *= or("rope.scaling.yarn_attn_factor", 1.0)?;
                Scaling::Yarn {
                    factor: needed()?,
                    original_context: original.unwrap_or(*context) as f64,
                    beta_fast: or("rope.scaling.yarn_beta_fast", 32.0)?,
                    beta_slow: or("rope.scaling.yarn_beta_slow", 1.0)?,
                }
            }
            other => return Err(self.unsupported(TYPE, other, "none, linear, yarn, longrope")),
        };
        // Tables of factors count whatever the type says, as they do for llama.cpp.
        if let Some(factors) = self.frequency_factors(ROPE_FREQUENCIES, dims)? {
            scaling = combine(self, scaling, Scaling::PerFrequency(factors))?;
        } else if let Some(short) = self.frequency_factors(ROPE_SHORT, dims)? {
            let original = original.ok_or_else(|| self.wrong(ORIGINAL, "absent", "a context length"))?;
            let long = self.frequency_factors(ROPE_LONG, dims)?;
            if long.is_none() {
                // Nothing says how longer sequences are turned.
                *context = (*context).min(original);
            }
            let factors = Scaling::longrope(short, long.unwrap_or_default(), original, *context);
            scaling = combine(self, scaling, factors)?;
        } else if kind == "longrope" {
            return Err(self.unsupported(TYPE, kind, "longrope with rope_factors_short.weight"));
        }
        Ok(Rope {
            dims,
            base,
            scaling,
            attention_factor,
        })
    }

    fn frequency_factors(&self, name: &str, dims: usize) -> Result<Option<Vec<f64>>, ImportError> {
        if !self.file.has_tensor(name) {
            return Ok(None);
        }
        let view = self.file.matrix(name, 1, dims / 2)?;
        Ok(Some(to_floats(&view).into_iter().map(f64::from).collect()))
    }
}

fn combine(reader: &Reader<'_>, scaling: Scaling, factors: Scaling) -> Result<Scaling, ImportError> {
    match scaling {
        Scaling::None => Ok(factors),
        other => Err(reader.unsupported(
            "rope.scaling.type",
            format!("{other:?} beside factors per frequency"),
            "one kind of scaling",
        )),
    }
}
