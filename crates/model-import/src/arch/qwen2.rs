//! Qwen2: pre-norm decoder with biased q, k, v, grouped-query attention, rotary in halves, SwiGLU.
//!
//! Tensor names: llama.cpp's `LLM_ARCH_QWEN2`. Reference: <https://arxiv.org/abs/2407.10671>.

use super::decoder::{DecoderConfig, FormPolicy};
use crate::error::ImportError;
use crate::gguf::{GgufFile, TensorView};
use crate::graph::{CONTRIB, GraphBuilder, STANDARD};
use crate::import::Profile;
use crate::linear::Linear;
use crate::onnx::AttributeProto;
use crate::progress::Reporter;
use crate::quant::decode::{Codes, floats};

struct Builder<'a, 'b, 'c> {
    file: &'a GgufFile,
    config: &'a DecoderConfig,
    policy: FormPolicy,
    linear: Linear<'b, 'c>,
}

/// Values between two layers: the normed input of the next one, and the residual stream.
struct Stream {
    normed: String,
    residual: String,
}

pub(super) fn build(
    file: &GgufFile,
    config: &DecoderConfig,
    profile: Profile,
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    config.declare(graph);
    config.rotary_tables(graph)?;
    let policy = FormPolicy::new(file, profile);
    let mut builder = Builder {
        file,
        config,
        policy,
        linear: Linear::new(graph, reporter),
    };
    builder.decoder()
}

impl Builder<'_, '_, '_> {
    fn decoder(&mut self) -> Result<(), ImportError> {
        let (vocab, hidden) = (self.config.vocab, self.config.hidden);
        let table = self.file.matrix("token_embd.weight", vocab, hidden)?;
        let tied = !self.file.has_tensor("output.weight");
        let form = if tied {
            self.policy.tied(&table)
        } else {
            self.policy.looked_up(&table)
        };
        let embedding = self.linear.matrix("embedding", &[table], form)?;
        let residual = self.linear.lookup("input_ids", &embedding, "embedded");

        self.vector("layers.0.attention.norm", "blk.0.attn_norm.weight", hidden)?;
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", self.config.norm_epsilon),
            AttributeProto::int("stash_type", 1),
        ];
        let inputs = [residual.as_str(), "layers.0.attention.norm"];
        let normed = self.linear.graph.node(
            STANDARD,
            "SimplifiedLayerNormalization",
            &inputs,
            &["layers.0.attention.input"],
            attributes,
        );
        let mut stream = Stream { normed, residual };
        for layer in 0..self.config.layers {
            stream = self.layer(layer, stream)?;
        }

        let head = if tied {
            embedding
        } else {
            let weight = self.file.matrix("output.weight", vocab, hidden)?;
            let form = self.policy.multiplied(&weight);
            self.linear.matrix("head", &[weight], form)?
        };
        self.linear.multiply(&stream.normed, &head, None, "logits")?;
        Ok(())
    }

    fn layer(&mut self, layer: usize, stream: Stream) -> Result<Stream, ImportError> {
        let (hidden, feed_forward) = (self.config.hidden, self.config.feed_forward);
        let last = layer + 1 == self.config.layers;
        let at = |part: &str| format!("layers.{layer}.{part}");
        let mut attended = self.attention(layer, &stream.normed)?;
        let mut residual = stream.residual;
        if last {
            // Keys and values are stored by now; only the rows whose logits are wanted go on.
            attended = self.wanted_rows(&attended, &at("attention.wanted"));
            residual = self.wanted_rows(&residual, &at("residual.wanted"));
        }
        let width = self.config.heads * self.config.head_dim;
        let projected = self.project(
            &attended,
            &at("attention.output"),
            &[(format!("blk.{layer}.attn_output"), hidden)],
            width,
        )?;
        self.vector(&at("mlp.norm"), &format!("blk.{layer}.ffn_norm.weight"), hidden)?;
        let stream = self.skip_norm(&projected, &residual, &at("mlp.norm"), &at("mlp"));

        let input = &stream.normed;
        let gate = self.project(
            input,
            &at("mlp.gate"),
            &[(format!("blk.{layer}.ffn_gate"), feed_forward)],
            hidden,
        )?;
        let up = self.project(
            input,
            &at("mlp.up"),
            &[(format!("blk.{layer}.ffn_up"), feed_forward)],
            hidden,
        )?;
        let graph = &mut *self.linear.graph;
        let sigmoid = graph.node(STANDARD, "Sigmoid", &[&gate], &[&at("mlp.sigmoid")], vec![]);
        let silu = graph.node(STANDARD, "Mul", &[&gate, &sigmoid], &[&at("mlp.silu")], vec![]);
        let gated = graph.node(STANDARD, "Mul", &[&silu, &up], &[&at("mlp.gated")], vec![]);
        let down = self.project(
            &gated,
            &at("mlp.down"),
            &[(format!("blk.{layer}.ffn_down"), hidden)],
            feed_forward,
        )?;

        let (norm, source, name) = if last {
            ("final.norm".into(), "output_norm.weight".into(), "final".into())
        } else {
            let next = format!("layers.{}.attention", layer + 1);
            (
                format!("{next}.norm"),
                format!("blk.{}.attn_norm.weight", layer + 1),
                next,
            )
        };
        self.vector(&norm, &source, hidden)?;
        Ok(self.skip_norm(&down, &stream.residual, &norm, &name))
    }

    fn attention(&mut self, layer: usize, input: &str) -> Result<String, ImportError> {
        let config = self.config;
        let hidden = config.hidden;
        let part = |name: &str, heads: usize| (format!("blk.{layer}.attn_{name}"), heads * config.head_dim);
        let parts = [
            part("q", config.heads),
            part("k", config.kv_heads),
            part("v", config.kv_heads),
        ];
        let name = format!("layers.{layer}.attention");
        let mut forms = Vec::new();
        for (source, rows) in &parts {
            let view = self.file.matrix(&format!("{source}.weight"), *rows, hidden)?;
            forms.push(self.policy.multiplied(&view));
        }
        // One product reads and quantises the input once; the attention operator takes q, k, v packed.
        let (query, key, value) = if forms.iter().all(|form| *form == forms[0]) {
            (
                self.project(input, &format!("{name}.qkv"), &parts, hidden)?,
                String::new(),
                String::new(),
            )
        } else {
            let mut one = |label: &str, part: &(String, usize)| {
                self.project(
                    input,
                    &format!("{name}.{label}"),
                    std::slice::from_ref(part),
                    hidden,
                )
            };
            (one("q", &parts[0])?, one("k", &parts[1])?, one("v", &parts[2])?)
        };
        let cache = |when: &str, part: &str| format!("{when}.{layer}.{part}");
        let (past_key, past_value) = (cache("past", "key"), cache("past", "value"));
        let inputs = [
            query.as_str(),
            &key,
            &value,
            &past_key,
            &past_value,
            "seqlens_k",
            "total_len",
            "rope.cos",
            "rope.sin",
        ];
        let output = format!("{name}.attended");
        let (present_key, present_value) = (cache("present", "key"), cache("present", "value"));
        let attributes = vec![
            AttributeProto::int("num_heads", config.heads as i64),
            AttributeProto::int("kv_num_heads", config.kv_heads as i64),
            AttributeProto::int("do_rotary", 1),
            AttributeProto::int("rotary_interleaved", 0),
        ];
        let outputs = [output.as_str(), &present_key, &present_value];
        Ok(self
            .linear
            .graph
            .node(CONTRIB, "GroupQueryAttention", &inputs, &outputs, attributes))
    }

    /// Product of `input` with tensors stacked by rows, with their biases where the file has them.
    fn project(
        &mut self,
        input: &str,
        name: &str,
        sources: &[(String, usize)],
        row_len: usize,
    ) -> Result<String, ImportError> {
        let mut views: Vec<TensorView<'_>> = Vec::new();
        let (mut bias, mut biased) = (Vec::new(), 0);
        for (source, rows) in sources {
            views.push(self.file.matrix(&format!("{source}.weight"), *rows, row_len)?);
            let bias_name = format!("{source}.bias");
            if self.file.has_tensor(&bias_name) {
                bias.extend(self.float_vector(&bias_name, *rows)?);
                biased += 1;
            } else {
                bias.resize(bias.len() + rows, 0.0);
            }
        }
        let matrix = self
            .linear
            .matrix(name, &views, self.policy.multiplied(&views[0]))?;
        let bias_name = format!("{name}.bias");
        let bias_name = (biased > 0).then_some(bias_name.as_str());
        if let Some(bias_name) = bias_name {
            self.linear.graph.floats(bias_name, &[bias.len()], &bias)?;
        }
        self.linear
            .multiply(input, &matrix, bias_name, &format!("{name}.out"))
    }

    fn skip_norm(&mut self, input: &str, skip: &str, weight: &str, name: &str) -> Stream {
        let (normed, residual) = (format!("{name}.input"), format!("{name}.residual"));
        let epsilon = vec![AttributeProto::float("epsilon", self.config.norm_epsilon)];
        let outputs = [normed.as_str(), "", "", &residual];
        let inputs = [input, skip, weight];
        self.linear.graph.node(
            CONTRIB,
            "SkipSimplifiedLayerNormalization",
            &inputs,
            &outputs,
            epsilon,
        );
        Stream { normed, residual }
    }

    fn wanted_rows(&mut self, input: &str, output: &str) -> String {
        let axis = vec![AttributeProto::int("axis", 1)];
        self.linear
            .graph
            .node(STANDARD, "Gather", &[input, "logits_idx"], &[output], axis)
    }

    fn vector(&mut self, name: &str, source: &str, len: usize) -> Result<(), ImportError> {
        let values = self.float_vector(source, len)?;
        self.linear.graph.floats(name, &[len], &values)
    }

    fn float_vector(&self, source: &str, len: usize) -> Result<Vec<f32>, ImportError> {
        let view = self.file.matrix(source, 1, len)?;
        let mut values = Vec::new();
        floats(view.ty, view.bytes, &mut Codes::default(), &mut values);
        Ok(values)
    }
}
