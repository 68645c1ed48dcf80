//! What decoder-only architectures share: their numbers, graph inputs, outputs and rotary tables.

use crate::arch::Architecture;
use crate::error::ImportError;
use crate::gguf::GgufFile;
use crate::graph::GraphBuilder;
use crate::import::Profile;
use crate::onnx::{DataType, Dim, ValueInfoProto};
use crate::quant::pack::{Bits, Form, Method};

/// Sizes beyond these are mistakes or attacks: rotary tables and graphs grow with them.
const MAX_CONTEXT: u64 = 1 << 20;
const MAX_LAYERS: u64 = 1024;
const MAX_WIDTH: u64 = 1 << 20;

/// Numbers of a decoder, checked against each other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DecoderConfig {
    pub layers: usize,
    pub hidden: usize,
    pub feed_forward: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub context: usize,
    pub vocab: usize,
    pub norm_epsilon: f32,
    pub rope_base: f64,
}

impl DecoderConfig {
    pub(crate) fn read(file: &GgufFile, architecture: Architecture) -> Result<Self, ImportError> {
        let prefix = architecture.prefix();
        let key = |name: &str| format!("{prefix}.{name}");
        let size = |name: &str, limit: u64| {
            let value = file.uint(&key(name))?;
            if value == 0 || value > limit {
                return Err(metadata(file, &key(name), value, &format!("1 to {limit}")));
            }
            Ok(value as usize)
        };
        let layers = size("block_count", MAX_LAYERS)?;
        let hidden = size("embedding_length", MAX_WIDTH)?;
        let feed_forward = size("feed_forward_length", MAX_WIDTH)?;
        let heads = size("attention.head_count", MAX_WIDTH)?;
        let kv_heads = size("attention.head_count_kv", MAX_WIDTH)?;
        if !heads.is_multiple_of(kv_heads) {
            return Err(metadata(
                file,
                &key("attention.head_count_kv"),
                kv_heads,
                "a divisor of head_count",
            ));
        }
        let head_dim = match file.get(&key("attention.key_length")) {
            Some(_) => size("attention.key_length", MAX_WIDTH)?,
            None => hidden / heads,
        };
        // The attention kernels work on whole vectors of eight, and rotary on pairs.
        if head_dim == 0 || !head_dim.is_multiple_of(8) {
            return Err(metadata(file, "head size", head_dim, "a multiple of 8"));
        }
        if !hidden.is_multiple_of(32) || !feed_forward.is_multiple_of(32) {
            return Err(metadata(
                file,
                &key("embedding_length"),
                hidden,
                "widths in multiples of 32",
            ));
        }
        refuse_rope_scaling(file, &key("rope.scaling.type"))?;
        let vocab = file.tensor("token_embd.weight")?.rows;
        let norm_epsilon = file.float(&key("attention.layer_norm_rms_epsilon"))? as f32;
        let rope_base = match file.get(&key("rope.freq_base")) {
            Some(_) => file.float(&key("rope.freq_base"))?,
            None => 10_000.0,
        };
        if !(rope_base.is_finite() && rope_base > 0.0) {
            return Err(metadata(
                file,
                &key("rope.freq_base"),
                rope_base,
                "a positive number",
            ));
        }
        let context = size("context_length", MAX_CONTEXT)?;
        Ok(Self {
            layers,
            hidden,
            feed_forward,
            heads,
            kv_heads,
            head_dim,
            context,
            vocab,
            norm_epsilon,
            rope_base,
        })
    }

    /// Declares the inputs and outputs every decoder graph has.
    pub(crate) fn declare(&self, graph: &mut GraphBuilder) {
        use DataType::{Float, Int32, Int64};
        use Dim::{Fixed, Named};
        let one = Fixed(1);
        graph.input(ValueInfoProto::tensor("input_ids", Int64, &[one, Named("seq")]));
        graph.input(ValueInfoProto::tensor("seqlens_k", Int32, &[one]));
        graph.input(ValueInfoProto::tensor("total_len", Int32, &[]));
        graph.input(ValueInfoProto::tensor("logits_idx", Int64, &[Named("n")]));
        let vocab = Fixed(self.vocab as u64);
        graph.output(ValueInfoProto::tensor("logits", Float, &[one, Named("n"), vocab]));
        let (heads, size) = (Fixed(self.kv_heads as u64), Fixed(self.head_dim as u64));
        for layer in 0..self.layers {
            for part in ["key", "value"] {
                let past = format!("past.{layer}.{part}");
                let dims = [one, heads, Named("past_len"), size];
                graph.input(ValueInfoProto::tensor(&past, Float, &dims));
                let present = format!("present.{layer}.{part}");
                let dims = [one, heads, Named("total"), size];
                graph.output(ValueInfoProto::tensor(&present, Float, &dims));
            }
        }
    }

    /// Writes `rope.cos` and `rope.sin`, `[context, head_dim / 2]`.
    pub(crate) fn rotary_tables(&self, graph: &mut GraphBuilder) -> Result<(), ImportError> {
        let half = self.head_dim / 2;
        let frequencies: Vec<f64> = (0..half)
            .map(|i| self.rope_base.powf(-2.0 * i as f64 / self.head_dim as f64))
            .collect();
        for (name, function) in [("rope.cos", f64::cos as fn(f64) -> f64), ("rope.sin", f64::sin)] {
            let slot = graph.reserve(name, DataType::Float, &[self.context, half]);
            let mut at = 0;
            for first in (0..self.context).step_by(4096) {
                let bytes: Vec<u8> = (first..(first + 4096).min(self.context))
                    .flat_map(|position| frequencies.iter().map(move |f| position as f64 * f))
                    .flat_map(|angle| (function(angle) as f32).to_le_bytes())
                    .collect();
                graph.write(slot, at, &bytes)?;
                at += bytes.len() as u64;
            }
        }
        Ok(())
    }
}

/// Scaled rotary tables need rules of their own per type; unscaled ones would be silently wrong.
fn refuse_rope_scaling(file: &GgufFile, key: &str) -> Result<(), ImportError> {
    match file.get(key).and_then(|value| value.as_str()) {
        None | Some("none") => Ok(()),
        Some(other) => Err(ImportError::Unsupported {
            path: file.path().into(),
            key: key.into(),
            value: other.into(),
            supported: "none",
        }),
    }
}

fn metadata(file: &GgufFile, key: &str, found: impl std::fmt::Display, expected: &str) -> ImportError {
    ImportError::Metadata {
        path: file.path().into(),
        key: key.into(),
        found: found.to_string(),
        expected: expected.into(),
    }
}

/// Chooses the operator form of each weight, by profile and by what the file mostly holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormPolicy {
    profile: Profile,
    /// Most weights have four bits with a minimum, where the split form reads the fewest bytes.
    mostly_split: bool,
}

impl FormPolicy {
    pub(crate) fn new(file: &GgufFile, profile: Profile) -> Self {
        let (mut split, mut all) = (0u64, 0u64);
        for info in file.tensors() {
            if !info.name.starts_with("blk.") {
                continue;
            }
            if let Ok(view) = file.tensor(&info.name) {
                let elements = view.rows as u64 * view.row_len as u64;
                all += elements;
                split += if Form::exact(view.ty).method == Method::Split {
                    elements
                } else {
                    0
                };
            }
        }
        Self {
            profile,
            mostly_split: split * 2 > all,
        }
    }

    /// Form of a matrix that is multiplied.
    pub(crate) fn multiplied(self, view: &crate::gguf::TensorView<'_>) -> Form {
        let exact = Form::exact(view.ty);
        match self.profile {
            Profile::Exact => exact,
            Profile::Fast => {
                // Four-bit codes with a whole zero point are small and lossless already.
                let keep = match exact.method {
                    Method::Codes => exact.bits == Bits::Four,
                    Method::Split => self.mostly_split,
                    Method::Scaled(_) | Method::Requantise => false,
                };
                if keep {
                    exact
                } else {
                    Form::requantised(large_block(view.row_len))
                }
            }
        }
    }

    /// Form of a table that is both multiplied and looked up.
    pub(crate) fn tied(self, view: &crate::gguf::TensorView<'_>) -> Form {
        match self.profile {
            Profile::Exact => Form::lookup(view.ty),
            Profile::Fast => Form::requantised(large_block(view.row_len)),
        }
    }

    /// Form of a table that is only looked up; it is mapped, so precision costs no speed.
    pub(crate) fn looked_up(self, view: &crate::gguf::TensorView<'_>) -> Form {
        Form::lookup(view.ty)
    }
}

/// The largest block up to 128 that rows are whole numbers of.
fn large_block(row_len: usize) -> usize {
    [128, 64]
        .into_iter()
        .find(|block| row_len.is_multiple_of(*block))
        .unwrap_or(32)
}
