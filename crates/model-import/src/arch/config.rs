//! A decoder's numbers, whichever file they come from.

use std::path::Path;

use super::rope::Rope;
use super::weights::{Part, Role, Weights};
use crate::error::ImportError;
use crate::graph::GraphBuilder;
use crate::onnx::{DataType, Dim, ValueInfoProto};

/// Sizes beyond these are mistakes or attacks: rotary tables and graphs grow with them.
pub(crate) const MAX_CONTEXT: u64 = 1 << 20;
pub(crate) const MAX_LAYERS: u64 = 1024;
pub(crate) const MAX_WIDTH: u64 = 1 << 20;
/// Tables of all kinds of layers together; the longest context at the largest rotary width of known models.
const MAX_TABLE_ELEMENTS: u64 = 1 << 28;

/// The gate of the feed-forward network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x * sigmoid(x)`.
    Silu,
    /// GELU by its tanh approximation.
    GeluTanh,
}

/// Which elements of a head are turned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RotaryPairs {
    /// Element `i` with `i + dims / 2`.
    Halves,
    /// Element `2i` with `2i + 1`: how llama.cpp's converter permutes the Llama family.
    Adjacent,
}

/// What differs from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerKind {
    /// Index into [`DecoderConfig::ropes`]; none for layers without positions.
    pub rope: Option<usize>,
    /// How many positions a token sees, itself included; all when none.
    pub window: Option<usize>,
}

/// Numbers of a decoder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DecoderConfig {
    pub layers: Vec<LayerKind>,
    pub hidden: usize,
    pub feed_forward: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub context: usize,
    pub vocab: usize,
    pub norm_epsilon: f32,
    pub ropes: Vec<Rope>,
    pub rotary_pairs: RotaryPairs,
    pub activation: Activation,
    /// Norms of each query and key head.
    pub head_norms: bool,
    /// Norms after attention and feed-forward besides those before.
    pub sandwich_norms: bool,
    /// Factor of the embeddings.
    pub embedding_scale: Option<f32>,
    /// Factor of attention scores; `1 / sqrt(head_dim)` when none.
    pub attention_scale: Option<f32>,
    /// `cap * tanh(score / cap)` on attention scores.
    pub attention_cap: Option<f32>,
    /// The same on logits.
    pub logit_cap: Option<f32>,
}

impl DecoderConfig {
    /// Rows and row length of a layer's matrix.
    pub(crate) fn shape(&self, part: Part) -> (usize, usize) {
        let (hidden, attention) = (self.hidden, self.heads * self.head_dim);
        match part {
            Part::Query => (attention, hidden),
            Part::Key | Part::Value => (self.kv_heads * self.head_dim, hidden),
            Part::AttentionOutput => (hidden, attention),
            Part::Gate | Part::Up => (self.feed_forward, hidden),
            Part::Down => (hidden, self.feed_forward),
            Part::QueryNorm | Part::KeyNorm => (1, self.head_dim),
            Part::AttentionNorm
            | Part::PostAttentionNorm
            | Part::FeedForwardNorm
            | Part::PostFeedForwardNorm => (1, hidden),
        }
    }

    /// How many weights the layers have together, the tables of tokens left out.
    pub(crate) fn layer_weights(&self) -> usize {
        let sizes = Part::ALL.map(|part| {
            let (rows, row_len) = self.shape(part);
            rows.saturating_mul(row_len)
        });
        let layer = sizes.into_iter().fold(0, usize::saturating_add);
        layer.saturating_mul(self.layers.len())
    }

    /// Refuses numbers that contradict each other or that the operators do not take. `key` turns a plain
    /// name (`embedding_length`, `rope.dimension_count`, ...) into the one the file uses.
    pub(crate) fn check(&self, path: &Path, key: &dyn Fn(&str) -> String) -> Result<(), ImportError> {
        let refuse = |name: &str, found: String, expected: &str| {
            Err(ImportError::Metadata {
                path: path.into(),
                key: key(name),
                found,
                expected: expected.into(),
            })
        };
        if !self.heads.is_multiple_of(self.kv_heads) {
            return refuse(
                "attention.head_count_kv",
                self.kv_heads.to_string(),
                "a divisor of head_count",
            );
        }
        // The attention kernels work on whole vectors of eight, and rotary on pairs of them.
        if self.head_dim == 0 || !self.head_dim.is_multiple_of(8) {
            return refuse(
                "attention.key_length",
                self.head_dim.to_string(),
                "a multiple of 8",
            );
        }
        for (name, width) in [
            ("embedding_length", self.hidden),
            ("feed_forward_length", self.feed_forward),
        ] {
            if !width.is_multiple_of(32) {
                return refuse(name, width.to_string(), "a multiple of 32");
            }
        }
        let mut table = 0;
        for rope in &self.ropes {
            if rope.dims == 0 || !rope.dims.is_multiple_of(16) || rope.dims > self.head_dim {
                let expected = format!("a multiple of 16 up to the head size {}", self.head_dim);
                return refuse("rope.dimension_count", rope.dims.to_string(), &expected);
            }
            let base = rope.base;
            if !(base.is_finite() && base > 1.0) {
                return refuse("rope.freq_base", base.to_string(), "a number above 1");
            }
            let long = rope.long();
            let mut frequencies = rope.frequencies();
            frequencies.extend(long.iter().flat_map(|(_, frequencies)| frequencies));
            if !(rope.magnitude().is_finite() && frequencies.iter().all(|f| f.is_finite())) {
                return refuse(
                    "rope.scaling.factor",
                    format!("{:?}", rope.scaling),
                    "finite factors above zero",
                );
            }
            let rows = self.context + long.map_or(0, |(original, _)| original);
            table += rows as u64 * rope.dims as u64;
        }
        if table > MAX_TABLE_ELEMENTS {
            return refuse(
                "context_length",
                self.context.to_string(),
                "a context whose rotary tables stay under 1 GiB",
            );
        }
        if !(self.norm_epsilon.is_finite() && self.norm_epsilon >= 0.0) {
            return refuse(
                "attention.layer_norm_rms_epsilon",
                self.norm_epsilon.to_string(),
                "a small positive number",
            );
        }
        for (name, value) in [
            ("attention.scale", self.attention_scale),
            ("attn_logit_softcapping", self.attention_cap),
            ("final_logit_softcapping", self.logit_cap),
        ] {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
                return refuse(name, value.to_string(), "a positive number");
            }
        }
        Ok(())
    }

    /// Refuses weights that are absent or of another shape than the numbers say.
    pub(crate) fn check_shapes(&self, weights: &dyn Weights) -> Result<(), ImportError> {
        weights.matrix(Role::Embedding, self.vocab, self.hidden)?;
        if weights.has(Role::Head) {
            weights.matrix(Role::Head, self.vocab, self.hidden)?;
        }
        weights.norm(Role::FinalNorm, self.hidden)?;
        for layer in 0..self.layers.len() {
            for part in Part::ALL {
                let role = Role::Layer(layer, part);
                let (rows, row_len) = self.shape(part);
                if part.is_matrix() {
                    weights.matrix(role, rows, row_len)?;
                    weights.bias(role, rows)?;
                } else if self.has_norm(part) {
                    weights.norm(role, row_len)?;
                }
            }
        }
        Ok(())
    }

    /// Whether layers have this norm.
    pub(crate) fn has_norm(&self, part: Part) -> bool {
        match part {
            Part::QueryNorm | Part::KeyNorm => self.head_norms,
            Part::PostAttentionNorm | Part::PostFeedForwardNorm => self.sandwich_norms,
            other => !other.is_matrix(),
        }
    }

    /// Declares the inputs and outputs every decoder graph has. Logits are of single precision in any graph, keys and
    /// values of the graph's own.
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
        let real = graph.precision.data_type();
        let (heads, size) = (Fixed(self.kv_heads as u64), Fixed(self.head_dim as u64));
        for layer in 0..self.layers.len() {
            for part in ["key", "value"] {
                let past = format!("past.{layer}.{part}");
                let dims = [one, heads, Named("past_len"), size];
                graph.input(ValueInfoProto::tensor(&past, real, &dims));
                let present = format!("present.{layer}.{part}");
                let dims = [one, heads, Named("total"), size];
                graph.output(ValueInfoProto::tensor(&present, real, &dims));
            }
        }
    }

    /// The longest sequence of the short ones, where long ones are turned by other angles.
    pub(crate) fn original_context(&self) -> Option<usize> {
        self.ropes.iter().find_map(|rope| Some(rope.long()?.0))
    }

    /// Writes the rotary tables of all kinds of layers.
    pub(crate) fn rotary_tables(&self, graph: &mut GraphBuilder) -> Result<(), ImportError> {
        for (index, rope) in self.ropes.iter().enumerate() {
            rope.write(&table_name(index), self.context, graph)?;
        }
        Ok(())
    }
}

/// Name of a rotary table without `.cos` or `.sin`.
pub(crate) fn table_name(index: usize) -> String {
    if index == 0 {
        "rope".into()
    } else {
        format!("rope.{index}")
    }
}
