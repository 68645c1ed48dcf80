//! The trunk of BERT and its kin: learned positions, and a norm after each attention and feed-forward part.
//!
//! BERT: <https://arxiv.org/abs/1810.04805>; RoBERTa and XLM-RoBERTa differ in where positions begin; MPNet
//! (<https://arxiv.org/abs/2004.09297>) adds a bias by distance to the attention scores.

use super::blocks::{Affine, Blocks, Nonlinearity};
use super::relative::distance_bias;
use crate::error::ImportError;
use crate::onnx::AttributeProto;

/// Sizes, options and weight names of a post-norm encoder.
#[derive(Clone, Debug)]
pub(crate) struct PostNorm {
    pub hidden: usize,
    pub heads: usize,
    pub feed_forward: usize,
    pub vocab: usize,
    /// Rows of the position table.
    pub position_rows: usize,
    /// Row of the first token: RoBERTa's kin keep the rows up to their padding token's id free.
    pub first_position: usize,
    pub words: String,
    pub positions: String,
    pub types: Option<TokenTypes>,
    pub embedding_norm: Affine,
    /// Table of `[32, heads]` that MPNet looks biases of scores up in.
    pub relative_bias: Option<String>,
    pub activation: Nonlinearity,
    pub layers: Vec<PostNormLayer>,
}

/// Vectors that tell the first text of a pair from the second.
#[derive(Clone, Debug)]
pub(crate) struct TokenTypes {
    pub table: String,
    pub rows: usize,
    /// Whether the caller says which text a token belongs to; otherwise all belong to the first.
    pub input: bool,
}

/// Weight names of one layer.
#[derive(Clone, Debug)]
pub(crate) struct PostNormLayer {
    pub query: Affine,
    pub key: Affine,
    pub value: Affine,
    pub attended: Affine,
    pub attention_norm: Affine,
    pub up: Affine,
    pub down: Affine,
    pub output_norm: Affine,
}

impl PostNorm {
    /// Longest text in tokens.
    pub(crate) fn max_tokens(&self) -> usize {
        self.position_rows - self.first_position
    }

    /// Builds the trunk for texts of up to `max_tokens` and returns the last hidden states.
    pub(crate) fn build(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        max_tokens: usize,
    ) -> Result<String, ImportError> {
        blocks.inputs(self.types.as_ref().is_some_and(|types| types.input));
        let mut hidden = self.embed(blocks, max_tokens)?;
        let bias = match &self.relative_bias {
            Some(table) => Some(distance_bias(blocks, table, self.heads, max_tokens)?),
            None => None,
        };
        for (number, layer) in self.layers.iter().enumerate() {
            hidden = self.layer(blocks, layer, number, &hidden, bias.as_deref())?;
        }
        Ok(hidden)
    }

    fn embed(&self, blocks: &mut Blocks<'_, '_, '_>, max_tokens: usize) -> Result<String, ImportError> {
        let hidden = self.hidden;
        blocks.lookup("input_ids", &self.words, self.vocab, hidden, "embedded.words")?;
        let table = blocks
            .weights
            .table(&self.positions, self.position_rows, hidden)?;
        let used = self.first_position * hidden..(self.first_position + max_tokens) * hidden;
        let mut positions = table[used].to_vec();
        let mut sum = "embedded.words".to_owned();
        if let Some(types) = &self.types {
            let table = blocks.weights.table(&types.table, types.rows, hidden)?;
            if types.input {
                blocks
                    .linear
                    .graph
                    .floats(&types.table, &[types.rows, hidden], &table)?;
                let axis = vec![AttributeProto::int("axis", 0)];
                blocks.standard(
                    "Gather",
                    &[&types.table, "token_type_ids"],
                    "embedded.types",
                    axis,
                );
                sum = blocks.standard("Add", &[&sum, "embedded.types"], "embedded.typed", vec![]);
            } else {
                // Every token has type zero, so its vector joins the positions'.
                for row in positions.chunks_exact_mut(hidden) {
                    row.iter_mut()
                        .zip(&table)
                        .for_each(|(position, kind)| *position += kind);
                }
            }
        }
        let graph = &mut *blocks.linear.graph;
        graph.floats(&self.positions, &[max_tokens, hidden], &positions)?;
        graph.ints("zero", &[0])?;
        let window = [self.positions.as_str(), "zero", "seq_len", "zero"];
        blocks.standard("Slice", &window, "embedded.positions", vec![]);
        blocks.standard("Add", &[&sum, "embedded.positions"], "embedded.sum", vec![]);
        blocks.norm("embedded.sum", &self.embedding_norm, hidden, "embedded")
    }

    fn layer(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        layer: &PostNormLayer,
        number: usize,
        input: &str,
        bias: Option<&str>,
    ) -> Result<String, ImportError> {
        let (hidden, feed_forward) = (self.hidden, self.feed_forward);
        let at = |part: &str| format!("l{number}.{part}");
        let attended = self.attend(blocks, layer, number, input, bias)?;
        let one = std::slice::from_ref::<Affine>;
        let projected = blocks.project(&attended, &at("ao"), one(&layer.attended), hidden, hidden)?;
        let norm = &layer.attention_norm;
        let normed = blocks.skip_norm(&projected, input, norm, hidden, &at("aln.out"), None)?;

        let up = blocks.project(&normed, &at("fi"), one(&layer.up), feed_forward, hidden)?;
        let active = blocks.activate(up, self.activation, &at("active"));
        let down = blocks.project(&active, &at("fo"), one(&layer.down), hidden, feed_forward)?;
        blocks.skip_norm(&down, &normed, &layer.output_norm, hidden, &at("oln.out"), None)
    }

    fn attend(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        layer: &PostNormLayer,
        number: usize,
        input: &str,
        scores_bias: Option<&str>,
    ) -> Result<String, ImportError> {
        let (hidden, heads) = (self.hidden, self.heads);
        let at = |part: &str| format!("l{number}.{part}");
        let parts = [&layer.query, &layer.key, &layer.value].map(Clone::clone);
        // One operator projects and attends when the weights are floats.
        if let Some((weight, bias)) = blocks.dense_weight(&at("qkv"), &parts, hidden, hidden)? {
            let mut inputs = vec![input, &weight, bias.as_deref().unwrap_or(""), "key_mask"];
            if let Some(scores_bias) = scores_bias {
                inputs.extend(["", scores_bias]);
            }
            let heads = vec![AttributeProto::int("num_heads", heads as i64)];
            return Ok(blocks.contrib("Attention", &inputs, &at("attended"), heads));
        }
        let qkv = blocks.project(input, &at("qkv"), &parts, hidden, hidden)?;
        let [query, key, value] = ["query", "key", "value"].map(at);
        blocks.split(&qkv.value, &[&query, &key, &value]);
        let parts = [query.as_str(), &key, &value];
        let bias = qkv.bias.as_deref();
        Ok(blocks.attention(parts, bias, scores_bias, heads, &at("attended")))
    }
}
