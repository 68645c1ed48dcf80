//! Decoders in GGUF: tensor names of llama.cpp (`llama-arch.cpp`).

use std::collections::HashSet;
use std::path::Path;

use super::Architecture;
use super::config::DecoderConfig;
use super::gguf_config::{ROPE_FREQUENCIES, ROPE_LONG, ROPE_SHORT, Reader};
use super::weights::{Part, Place, Role, Weights};
use crate::error::ImportError;
use crate::gguf::{GgufFile, TensorView};

/// A GGUF file with the naming of its architecture.
pub(crate) struct GgufWeights<'a> {
    file: &'a GgufFile,
    architecture: Architecture,
    attention: usize,
    kv: usize,
    feed_forward: usize,
}

impl<'a> GgufWeights<'a> {
    /// Reads the configuration of `file` and holds every tensor's name against it.
    ///
    /// # Errors
    /// Names the metadata key or tensor that is absent, contradictory or not supported.
    pub(crate) fn open(
        file: &'a GgufFile,
        architecture: Architecture,
    ) -> Result<(Self, DecoderConfig), ImportError> {
        let reader = Reader {
            file,
            prefix: architecture.prefix(),
        };
        let config = reader.config(architecture)?;
        config.check(file.path(), &|name| reader.key(name))?;
        let weights = Self {
            file,
            architecture,
            attention: config.heads * config.head_dim,
            kv: config.kv_heads * config.head_dim,
            feed_forward: config.feed_forward,
        };
        weights.refuse_unknown_tensors(&config)?;
        Ok((weights, config))
    }

    /// A tensor nobody reads is a part of the model that the graph would lack.
    fn refuse_unknown_tensors(&self, config: &DecoderConfig) -> Result<(), ImportError> {
        let mut known: HashSet<String> = [ROPE_FREQUENCIES, ROPE_SHORT, ROPE_LONG].map(String::from).into();
        for role in [Role::Embedding, Role::FinalNorm, Role::Head] {
            known.insert(format!("{}.weight", self.place(role, 1).name));
        }
        for layer in 0..config.layers.len() {
            for part in Part::ALL {
                let read = part.is_matrix() || config.has_norm(part);
                let name = self.place(Role::Layer(layer, part), 1).name;
                if read {
                    known.insert(format!("{name}.weight"));
                }
                if part.is_matrix() {
                    known.insert(format!("{name}.bias"));
                }
            }
        }
        let stray = self
            .file
            .tensors()
            .iter()
            .find(|info| !known.contains(&info.name));
        match stray {
            None => Ok(()),
            Some(info) => Err(ImportError::Unsupported {
                path: self.path().into(),
                key: "tensor".into(),
                value: info.name.clone(),
                supported: "the tensors of a dense decoder of its architecture",
            }),
        }
    }
}

impl Weights for GgufWeights<'_> {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn place(&self, role: Role, rows: usize) -> Place {
        let (layer, part) = match role {
            Role::Embedding => return Place::whole("token_embd", rows),
            Role::FinalNorm => return Place::whole("output_norm", rows),
            Role::Head => return Place::whole("output", rows),
            Role::Layer(layer, part) => (layer, part),
        };
        let named = |name: &str| Place::whole(format!("blk.{layer}.{name}"), rows);
        let within = |name: &str, first, total| Place {
            name: format!("blk.{layer}.{name}"),
            first,
            total,
        };
        let fused = self.contains(&format!("blk.{layer}.attn_qkv.weight"));
        let packed = |first| within("attn_qkv", first, self.attention + 2 * self.kv);
        let gate_in_up = self.architecture == Architecture::Phi3;
        match part {
            Part::AttentionNorm => named("attn_norm"),
            Part::Query if fused => packed(0),
            Part::Key if fused => packed(self.attention),
            Part::Value if fused => packed(self.attention + self.kv),
            Part::Query => named("attn_q"),
            Part::Key => named("attn_k"),
            Part::Value => named("attn_v"),
            Part::QueryNorm => named("attn_q_norm"),
            Part::KeyNorm => named("attn_k_norm"),
            Part::AttentionOutput => named("attn_output"),
            Part::PostAttentionNorm => named("post_attention_norm"),
            Part::FeedForwardNorm => named("ffn_norm"),
            Part::Gate if gate_in_up => within("ffn_up", 0, 2 * self.feed_forward),
            Part::Up if gate_in_up => within("ffn_up", self.feed_forward, 2 * self.feed_forward),
            Part::Gate => named("ffn_gate"),
            Part::Up => named("ffn_up"),
            Part::Down => named("ffn_down"),
            Part::PostFeedForwardNorm => named("post_ffw_norm"),
        }
    }

    fn tensor(&self, name: &str) -> Result<TensorView<'_>, ImportError> {
        self.file.tensor(name)
    }

    fn contains(&self, name: &str) -> bool {
        self.file.has_tensor(name)
    }

    fn release(&self, bytes: &[u8]) {
        self.file.release(bytes);
    }
}
