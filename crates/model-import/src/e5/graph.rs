//! The encoder graph: BERT's trunk over the packed weights, masked mean and unit length at the end.
//!
//! The products quantise their inputs per row: neither padding nor neighbours in a batch reach a text's rows.

use super::source::PackedFile;
use crate::encoder::blocks::{Affine, Blocks, Nonlinearity, Weights};
use crate::encoder::heads::unit_mean;
use crate::encoder::post_norm::{PostNorm, PostNormLayer, TokenTypes};
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::GraphBuilder;
use crate::import::{Operators, Profile};
use crate::linear::Linear;
use crate::progress::Reporter;

/// Name of the table of segments.
const TYPES: &str = "emb.type";

pub(super) fn build(
    file: &PackedFile,
    operators: Operators,
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let config = &file.config;
    let affine = |name: String| Affine {
        weight: format!("{name}.w"),
        bias: Some(format!("{name}.b")),
    };
    let layer = |number: usize| {
        let at = |part: &str| affine(format!("l{number}.{part}"));
        PostNormLayer {
            query: at("q"),
            key: at("k"),
            value: at("v"),
            attended: at("ao"),
            attention_norm: at("aln"),
            up: at("fi"),
            down: at("fo"),
            output_norm: at("oln"),
        }
    };
    let trunk = PostNorm {
        hidden: config.hidden,
        heads: config.heads,
        feed_forward: config.feed_forward,
        vocab: config.vocab,
        position_rows: config.positions,
        first_position: 0,
        words: "emb.word".into(),
        positions: "emb.pos".into(),
        types: Some(TokenTypes {
            table: TYPES.into(),
            rows: 1,
            input: false,
        }),
        embedding_norm: affine("emb.ln".into()),
        relative_bias: None,
        activation: Nonlinearity::Gelu,
        layers: (0..config.layers).map(layer).collect(),
    };
    let mut blocks = Blocks {
        weights: file,
        linear: Linear::new(graph, reporter),
        profile: Profile::Exact,
        operators,
        epsilon: config.norm_epsilon,
        pooling_constants: false,
    };
    let hidden = trunk.build(&mut blocks, config.positions)?;
    unit_mean(&mut blocks, &hidden, config.hidden)
}

impl Weights for PackedFile {
    fn matrix(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        PackedFile::matrix(self, name, rows, row_len)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ImportError> {
        PackedFile::vector(self, name, len)
    }

    fn table(&self, name: &str, rows: usize, row_len: usize) -> Result<Vec<f32>, ImportError> {
        let values = PackedFile::vector(self, name, rows * row_len);
        if name == TYPES {
            // Files may hold the second segment's row too; it is never asked for.
            return values.or_else(|_| PackedFile::vector(self, name, 2 * row_len));
        }
        values
    }
}
