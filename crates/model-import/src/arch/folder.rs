//! Decoders in Hugging Face folders: tensor names of transformers.

use std::collections::HashSet;
use std::path::Path;

use super::Architecture;
use super::config::DecoderConfig;
use super::folder_config::{Reader, architecture};
use super::weights::{Part, Place, Role, Weights};
use crate::encoder::source::ConfigFile;
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::safetensors::SafetensorsModel;

/// The weights of a folder with the naming of transformers.
pub(crate) struct FolderWeights<'a> {
    model: &'a SafetensorsModel,
    architecture: Architecture,
    attention: usize,
    kv: usize,
    feed_forward: usize,
    tied: bool,
}

impl<'a> FolderWeights<'a> {
    /// Reads the decoder that `file` describes and holds every tensor's name and shape against it.
    ///
    /// # Errors
    /// Names the entry or tensor that is absent, contradictory or not supported.
    pub(crate) fn open(
        file: &ConfigFile,
        model: &'a SafetensorsModel,
    ) -> Result<(Self, Architecture, DecoderConfig), ImportError> {
        let architecture = architecture(file)?;
        let config = Reader { file, architecture }.config()?;
        config.check(&file.path, &|name| name.into())?;
        let gemma = config.sandwich_norms;
        let tied = match file.get("tie_word_embeddings") {
            Some(_) => file.flag("tie_word_embeddings")?,
            None => gemma,
        };
        let weights = Self {
            model,
            architecture,
            attention: config.heads * config.head_dim,
            kv: config.kv_heads * config.head_dim,
            feed_forward: config.feed_forward,
            tied,
        };
        config.check_shapes(&weights)?;
        weights.refuse_unknown_tensors(&config)?;
        Ok((weights, architecture, config))
    }

    fn refuse_unknown_tensors(&self, config: &DecoderConfig) -> Result<(), ImportError> {
        let mut known = HashSet::new();
        for role in [Role::Embedding, Role::FinalNorm, Role::Head] {
            known.insert(format!("{}.weight", self.place(role, 1).name));
        }
        // A tied head is sometimes stored once more.
        known.insert("lm_head.weight".into());
        for layer in 0..config.layers.len() {
            for part in Part::ALL {
                let name = self.place(Role::Layer(layer, part), 1).name;
                if part.is_matrix() {
                    known.insert(format!("{name}.bias"));
                }
                if part.is_matrix() || config.has_norm(part) {
                    known.insert(format!("{name}.weight"));
                }
            }
        }
        // Old checkpoints store the frequencies of their rotary tables.
        let mut names = self.model.names();
        let stray = names.find(|name| !known.contains(*name) && !name.ends_with("rotary_emb.inv_freq"));
        match stray {
            None => Ok(()),
            Some(name) => Err(ImportError::Unsupported {
                path: self.path().into(),
                key: "tensor".into(),
                value: name.into(),
                supported: "the tensors of a dense decoder of its architecture",
            }),
        }
    }
}

impl Weights for FolderWeights<'_> {
    fn path(&self) -> &Path {
        self.model.path()
    }

    fn place(&self, role: Role, rows: usize) -> Place {
        let (layer, part) = match role {
            Role::Embedding => return Place::whole("model.embed_tokens", rows),
            Role::FinalNorm => return Place::whole("model.norm", rows),
            // No tensor has this name, so that a copy of the embeddings is not taken for a head.
            Role::Head if self.tied => return Place::whole("lm_head (tied)", rows),
            Role::Head => return Place::whole("lm_head", rows),
            Role::Layer(layer, part) => (layer, part),
        };
        let named = |name: &str| Place::whole(format!("model.layers.{layer}.{name}"), rows);
        let within = |name: &str, first, total| Place {
            name: format!("model.layers.{layer}.{name}"),
            first,
            total,
        };
        let packed = |first| within("self_attn.qkv_proj", first, self.attention + 2 * self.kv);
        let fused = self.architecture == Architecture::Phi3;
        let gemma = matches!(self.architecture, Architecture::Gemma2 | Architecture::Gemma3);
        match part {
            Part::AttentionNorm => named("input_layernorm"),
            Part::Query if fused => packed(0),
            Part::Key if fused => packed(self.attention),
            Part::Value if fused => packed(self.attention + self.kv),
            Part::Query => named("self_attn.q_proj"),
            Part::Key => named("self_attn.k_proj"),
            Part::Value => named("self_attn.v_proj"),
            Part::QueryNorm => named("self_attn.q_norm"),
            Part::KeyNorm => named("self_attn.k_norm"),
            Part::AttentionOutput => named("self_attn.o_proj"),
            Part::PostAttentionNorm if gemma => named("post_attention_layernorm"),
            Part::FeedForwardNorm if gemma => named("pre_feedforward_layernorm"),
            Part::PostFeedForwardNorm => named("post_feedforward_layernorm"),
            Part::PostAttentionNorm | Part::FeedForwardNorm => named("post_attention_layernorm"),
            Part::Gate if fused => within("mlp.gate_up_proj", 0, 2 * self.feed_forward),
            Part::Up if fused => within("mlp.gate_up_proj", self.feed_forward, 2 * self.feed_forward),
            Part::Gate => named("mlp.gate_proj"),
            Part::Up => named("mlp.up_proj"),
            Part::Down => named("mlp.down_proj"),
        }
    }

    fn tensor(&self, name: &str) -> Result<TensorView<'_>, ImportError> {
        let view = self.model.tensor(name)?.view()?;
        // Vectors are one row here, as they are in GGUF.
        Ok(if self.model.tensor(name)?.shape.len() < 2 {
            TensorView {
                rows: 1,
                row_len: view.rows * view.row_len,
                ..view
            }
        } else {
            view
        })
    }

    fn contains(&self, name: &str) -> bool {
        self.model.has_tensor(name)
    }

    fn release(&self, bytes: &[u8]) {
        self.model.release(bytes);
    }

    fn norm_offset(&self) -> f32 {
        match self.architecture {
            Architecture::Gemma2 | Architecture::Gemma3 => 1.0,
            _ => 0.0,
        }
    }
}
