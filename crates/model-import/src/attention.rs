//! Grouped-query attention over a cache, as Footnote's own operator computes it on the processor.
//!
//! ONNX Runtime's `GroupQueryAttention` reads a group's keys and values once for each of its query heads, and adds up
//! one row of a step in another order than several. This operator reads them once for the whole group and
//! computes each query for itself, in blocks of positions that are the same whatever is computed beside it
//! (the softmax over blocks is that of FlashAttention, <https://arxiv.org/abs/2205.14135>).

use crate::graph::{CONTRIB, GraphBuilder};
use crate::onnx::AttributeProto;
use crate::panels::DOMAIN;

/// `softmax(scale * query * keys^T) * values` for each head, causal, with rotary positions; appends to the cache.
///
/// Inputs: query, key and value as floats `[1, rows, heads * size]`, or all three packed in the first; the cache of
/// keys and that of values, `[1, kv_heads, capacity, size]` with a capacity that is a multiple of [`KEY_BLOCK`]; the length
/// of the sequence with the new rows, int32; and, optionally, tables of cosines and sines `[positions, turned / 2]`.
/// Outputs: `[1, rows, heads * size]`, and both caches, which may be the very memory of the inputs.
///
/// The cache of keys is the operator's own: in a head, each [`KEY_BLOCK`] positions lie together, element by
/// element (`[capacity / KEY_BLOCK, size, KEY_BLOCK]`), so that a vector holds one element of many keys.
///
/// Attributes: `heads`, `kv_heads`, `scale`, `adjacent` (1 if elements `2i` and `2i + 1` are turned together, 0 if
/// `i` and `i + turned / 2`), `window` (positions that a row sees, itself included; 0 for all) and `cap`
/// (`cap * tanh(score / cap)`; 0 for none).
pub const ATTENTION: &str = "GroupedAttention";
/// Positions of a block of keys.
pub const KEY_BLOCK: usize = 64;
/// Largest head that the operator takes.
pub const LARGEST_HEAD: usize = 256;

/// One layer's attention.
pub(crate) struct Attention<'a> {
    pub heads: usize,
    pub kv_heads: usize,
    pub scale: f32,
    pub adjacent: bool,
    pub window: Option<usize>,
    pub cap: Option<f32>,
    /// Query, key and value; the last two may be empty.
    pub projections: [&'a str; 3],
    /// Keys and values before.
    pub past: [&'a str; 2],
    /// Cosines and sines.
    pub tables: Option<[&'a str; 2]>,
    /// The result, keys and values after.
    pub outputs: [&'a str; 3],
}

impl Attention<'_> {
    /// Adds [`ATTENTION`]; returns the name of its result.
    pub(crate) fn add_own(&self, graph: &mut GraphBuilder) -> String {
        let mut inputs = self.projections.to_vec();
        inputs.extend(self.past);
        inputs.push("total_len");
        inputs.extend(self.tables.iter().flatten());
        let attributes = vec![
            AttributeProto::int("heads", self.heads as i64),
            AttributeProto::int("kv_heads", self.kv_heads as i64),
            AttributeProto::float("scale", self.scale),
            AttributeProto::int("adjacent", i64::from(self.adjacent)),
            AttributeProto::int("window", self.window.unwrap_or(0) as i64),
            AttributeProto::float("cap", self.cap.unwrap_or(0.0)),
        ];
        graph.node(DOMAIN, ATTENTION, &inputs, &self.outputs, attributes)
    }

    /// Adds ONNX Runtime's `GroupQueryAttention`; returns the name of its result.
    pub(crate) fn add_portable(&self, graph: &mut GraphBuilder) -> String {
        let mut inputs = self.projections.to_vec();
        inputs.extend(self.past);
        inputs.extend(["seqlens_k", "total_len"]);
        inputs.extend(self.tables.iter().flatten());
        let mut attributes = vec![
            AttributeProto::int("num_heads", self.heads as i64),
            AttributeProto::int("kv_num_heads", self.kv_heads as i64),
            AttributeProto::float("scale", self.scale),
            AttributeProto::int("do_rotary", i64::from(self.tables.is_some())),
        ];
        if self.tables.is_some() {
            attributes.push(AttributeProto::int(
                "rotary_interleaved",
                i64::from(self.adjacent),
            ));
        }
        if let Some(window) = self.window {
            attributes.push(AttributeProto::int("local_window_size", window as i64));
        }
        if let Some(cap) = self.cap {
            attributes.push(AttributeProto::float("softcap", cap));
        }
        graph.node(CONTRIB, "GroupQueryAttention", &inputs, &self.outputs, attributes)
    }
}
