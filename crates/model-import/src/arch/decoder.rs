//! The graph of pre-norm decoders with grouped-query attention and a gated feed-forward network.
//!
//! One builder for Llama, Mistral, SmolLM, Qwen, Gemma and Phi: what sets them apart is in [`DecoderConfig`].

use super::config::{Activation, DecoderConfig, RotaryPairs, table_name};
use super::forms::FormPolicy;
use super::weights::{Part, Role, Weights};
use crate::attention::Attention;
use crate::dense::write_rows;
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::{CONTRIB, GraphBuilder, Precision, STANDARD};
use crate::import::{ImportOptions, Operators};
use crate::linear::{Linear, Matrix};
use crate::onnx::{AttributeProto, DataType};
use crate::panels::{self, PanelMatrices};
use crate::progress::Reporter;
use crate::quant::pack::Form;

struct Builder<'a, 'b, 'c> {
    weights: &'a dyn Weights,
    config: &'a DecoderConfig,
    policy: FormPolicy,
    linear: Linear<'b, 'c>,
}

/// Values between two layers: the normed input of the next one, and the residual stream.
struct Stream {
    normed: String,
    residual: String,
}

/// The matrix of a token each.
enum Table {
    Panels(PanelMatrices),
    Matrix(Matrix),
}

/// Queries, keys and values; packed in `query` when the others are empty.
struct Projections {
    query: String,
    key: String,
    value: String,
}

/// Streams the weights and builds the graph.
pub(crate) fn build(
    weights: &dyn Weights,
    config: &DecoderConfig,
    options: ImportOptions,
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    if options.operators.is_half() {
        graph.precision = Precision::Half;
    }
    config.declare(graph);
    config.rotary_tables(graph)?;
    let policy = FormPolicy {
        profile: options.profile,
        operators: options.operators,
    };
    let mut linear = Linear::new(graph, reporter);
    linear.inputs = policy.inputs(config.layer_weights());
    linear.four_bits_only = options.operators == Operators::HalfFourBit;
    let mut builder = Builder {
        weights,
        config,
        policy,
        linear,
    };
    builder.decoder()
}

impl Builder<'_, '_, '_> {
    fn decoder(&mut self) -> Result<(), ImportError> {
        let (vocab, hidden) = (self.config.vocab, self.config.hidden);
        let tied = !self.weights.has(Role::Head);
        let (embedding, mut residual) = self.embed(tied)?;
        if let Some(scale) = self.config.embedding_scale {
            self.linear.graph.floats("embedding.factor", &[], &[scale])?;
            residual = self.multiply_by(&residual, "embedding.factor", "embedded.scaled");
        }

        let normed = self.norm(
            &residual,
            Role::Layer(0, Part::AttentionNorm),
            hidden,
            "layers.0.attention.norm",
            "layers.0.attention.input",
        )?;
        let mut stream = Stream { normed, residual };
        for layer in 0..self.config.layers.len() {
            stream = self.layer(layer, stream)?;
        }

        let head = if let Some(embedding) = embedding.filter(|_| tied) {
            embedding
        } else {
            let role = if tied { Role::Embedding } else { Role::Head };
            let weight = self.weights.matrix(role, vocab, hidden)?;
            if self.policy.panels(&[weight]) {
                Table::Panels(self.panels("head", &[weight])?)
            } else {
                let form = self.policy.multiplied(&weight);
                Table::Matrix(self.matrix("head", &[weight], form)?)
            }
        };
        if self.linear.graph.precision == Precision::Single {
            return self.logits(&stream.normed, &head, "logits");
        }
        self.logits(&stream.normed, &head, "logits.half")?;
        let to = vec![AttributeProto::int("to", DataType::Float as i64)];
        let graph = &mut *self.linear.graph;
        graph.node(STANDARD, "Cast", &["logits.half"], &["logits"], to);
        Ok(())
    }

    /// The table of tokens, unless it can only be looked up, and its rows of the input.
    fn embed(&mut self, tied: bool) -> Result<(Option<Table>, String), ImportError> {
        let (vocab, hidden) = (self.config.vocab, self.config.hidden);
        let view = self.weights.matrix(Role::Embedding, vocab, hidden)?;
        if self.policy.operators.is_half() {
            let Linear { graph, reporter, .. } = &mut self.linear;
            write_rows(graph, reporter, "embedding", view)?;
            if !tied {
                self.weights.release(view.bytes);
            }
            let inputs = ["embedding", "input_ids"];
            let rows = self
                .linear
                .graph
                .node(STANDARD, "Gather", &inputs, &["embedded"], vec![]);
            return Ok((None, rows));
        }
        if self.policy.panels(&[view]) {
            let table = self.panels("embedding", &[view])?;
            let rows = self.linear.look_up_panels("input_ids", &table, "embedded");
            return Ok((Some(Table::Panels(table)), rows));
        }
        let form = if tied {
            self.policy.tied(&view)
        } else {
            self.policy.looked_up(&view)
        };
        let table = self.matrix("embedding", &[view], form)?;
        let rows = self.linear.lookup("input_ids", &table, "embedded");
        Ok((Some(Table::Matrix(table)), rows))
    }

    /// Logits of `input`, softly capped where the model does that.
    fn logits(&mut self, input: &str, head: &Table, output: &str) -> Result<(), ImportError> {
        let Some(cap) = self.config.logit_cap else {
            self.head(input, head, output)?;
            return Ok(());
        };
        let raw = self.head(input, head, "logits.raw")?;
        self.linear.graph.floats("logits.factor", &[], &[1.0 / cap])?;
        self.linear.graph.floats("logits.cap", &[], &[cap])?;
        let small = self.multiply_by(&raw, "logits.factor", "logits.small");
        let graph = &mut *self.linear.graph;
        let bent = graph.node(STANDARD, "Tanh", &[&small], &["logits.bent"], vec![]);
        self.multiply_by(&bent, "logits.cap", output);
        Ok(())
    }

    fn head(&mut self, input: &str, table: &Table, output: &str) -> Result<String, ImportError> {
        match table {
            Table::Panels(table) => Ok(self.linear.multiply_panels(input, table, None, output)),
            Table::Matrix(table) => self.linear.multiply(input, table, None, output),
        }
    }

    fn layer(&mut self, layer: usize, stream: Stream) -> Result<Stream, ImportError> {
        let hidden = self.config.hidden;
        let last = layer + 1 == self.config.layers.len();
        let at = |part: &str| format!("layers.{layer}.{part}");
        let mut attended = self.attention(layer, &stream.normed)?;
        let mut residual = stream.residual;
        if last {
            // Keys and values are stored by now; only the rows whose logits are wanted go on.
            attended = self.wanted_rows(&attended, &at("attention.wanted"));
            residual = self.wanted_rows(&residual, &at("residual.wanted"));
        }
        let output = at("attention.output");
        let mut projected = self.project(&attended, &output, layer, &[Part::AttentionOutput])?;
        if self.config.sandwich_norms {
            let role = Role::Layer(layer, Part::PostAttentionNorm);
            let (norm, after) = (at("attention.post_norm"), at("attention.normed"));
            projected = self.norm(&projected, role, hidden, &norm, &after)?;
        }
        self.vector(&at("mlp.norm"), Role::Layer(layer, Part::FeedForwardNorm), hidden)?;
        let stream = self.skip_norm(&projected, &residual, &at("mlp.norm"), &at("mlp"));

        let input = &stream.normed;
        let gated = self.gated(input, layer)?;
        let mut down = self.project(&gated, &at("mlp.down"), layer, &[Part::Down])?;
        if self.config.sandwich_norms {
            let role = Role::Layer(layer, Part::PostFeedForwardNorm);
            down = self.norm(&down, role, hidden, &at("mlp.post_norm"), &at("mlp.normed"))?;
        }

        let (norm, role, name) = if last {
            ("final.norm".into(), Role::FinalNorm, "final".into())
        } else {
            let next = format!("layers.{}.attention", layer + 1);
            let role = Role::Layer(layer + 1, Part::AttentionNorm);
            (format!("{next}.norm"), role, next)
        };
        self.vector(&norm, role, hidden)?;
        Ok(self.skip_norm(&down, &stream.residual, &norm, &name))
    }

    /// The activation of the gate times the rest of what widens the stream.
    fn gated(&mut self, input: &str, layer: usize) -> Result<String, ImportError> {
        let at = |part: &str| format!("layers.{layer}.mlp.{part}");
        let (rows, row_len) = self.config.shape(Part::Gate);
        let roles = [Part::Gate, Part::Up].map(|part| Role::Layer(layer, part));
        let mut views = Vec::new();
        let mut biased = false;
        for role in roles {
            views.push(self.weights.matrix(role, rows, row_len)?);
            biased |= self.weights.bias(role, rows)?.is_some();
        }
        if !biased && self.policy.panels(&views) {
            let matrices = self.panels(&at("gate_up"), &views)?;
            let activation = match self.config.activation {
                Activation::Silu => panels::Activation::Silu,
                Activation::GeluTanh => panels::Activation::GeluTanh,
            };
            return Ok(self
                .linear
                .gate_panels(input, &matrices, activation, &at("gated")));
        }
        let gate = self.project(input, &at("gate"), layer, &[Part::Gate])?;
        let up = self.project(input, &at("up"), layer, &[Part::Up])?;
        let activated = self.activate(&gate, layer);
        let graph = &mut *self.linear.graph;
        Ok(graph.node(STANDARD, "Mul", &[&activated, &up], &[&at("gated")], vec![]))
    }

    fn activate(&mut self, gate: &str, layer: usize) -> String {
        let at = |part: &str| format!("layers.{layer}.mlp.{part}");
        let graph = &mut *self.linear.graph;
        match self.config.activation {
            // The runtime fuses these two.
            Activation::Silu => {
                let sigmoid = graph.node(STANDARD, "Sigmoid", &[gate], &[&at("sigmoid")], vec![]);
                graph.node(STANDARD, "Mul", &[gate, &sigmoid], &[&at("silu")], vec![])
            }
            Activation::GeluTanh => {
                let tanh = vec![AttributeProto::string("approximate", "tanh")];
                graph.node(STANDARD, "Gelu", &[gate], &[&at("gelu")], tanh)
            }
        }
    }

    /// Products of the layer's input with the query, key and value matrices.
    fn projections(&mut self, layer: usize, input: &str, name: &str) -> Result<Projections, ImportError> {
        let config = self.config;
        let parts = [Part::Query, Part::Key, Part::Value];
        let mut views = Vec::new();
        for part in parts {
            let (rows, row_len) = config.shape(part);
            views.push(self.weights.matrix(Role::Layer(layer, part), rows, row_len)?);
        }
        let form = self.policy.multiplied(&views[0]);
        let alike = views.iter().all(|view| self.policy.multiplied(view) == form);
        let some_panels = views.iter().any(|view| self.policy.panels(&[*view]));
        if !self.policy.panels(&views) && (some_panels || !alike) {
            let mut one = |label: &str, part| self.project(input, &format!("{name}.{label}"), layer, &[part]);
            return Ok(Projections {
                query: one("q", Part::Query)?,
                key: one("k", Part::Key)?,
                value: one("v", Part::Value)?,
            });
        }
        // One product reads and quantises the input once; the attention operator takes q, k, v packed.
        let packed = self.project(input, &format!("{name}.qkv"), layer, &parts)?;
        if !config.head_norms {
            return Ok(Projections {
                query: packed,
                key: String::new(),
                value: String::new(),
            });
        }
        if layer == 0 {
            let widths = parts.map(|part| config.shape(part).0 as i64);
            self.linear.graph.ints("attention.widths", &widths)?;
        }
        let [query, key, value] = ["q", "k", "v"].map(|label| format!("{name}.{label}.out"));
        self.linear.graph.node(
            STANDARD,
            "Split",
            &[&packed, "attention.widths"],
            &[&query, &key, &value],
            vec![AttributeProto::int("axis", -1)],
        );
        Ok(Projections { query, key, value })
    }

    fn attention(&mut self, layer: usize, input: &str) -> Result<String, ImportError> {
        let config = self.config;
        let name = format!("layers.{layer}.attention");
        let mut projections = self.projections(layer, input, &name)?;
        if config.head_norms {
            // The attention operator could norm them itself, but refuses to on CPU.
            let Projections { query, key, .. } = &mut projections;
            *query = self.head_norm(query, layer, Part::QueryNorm, &format!("{name}.q"))?;
            *key = self.head_norm(key, layer, Part::KeyNorm, &format!("{name}.k"))?;
        }
        let cache = |when: &str, part: &str| format!("{when}.{layer}.{part}");
        let past = [cache("past", "key"), cache("past", "value")];
        let kind = config.layers[layer];
        let tables = kind
            .rope
            .map(|index| ["cos", "sin"].map(|part| format!("{}.{part}", table_name(index))));
        let outputs = [
            format!("{name}.attended"),
            cache("present", "key"),
            cache("present", "value"),
        ];
        let attention = Attention {
            heads: config.heads,
            kv_heads: config.kv_heads,
            scale: config
                .attention_scale
                .unwrap_or_else(|| 1.0 / (config.head_dim as f32).sqrt()),
            adjacent: config.rotary_pairs == RotaryPairs::Adjacent,
            window: kind.window,
            cap: config.attention_cap,
            projections: [&projections.query, &projections.key, &projections.value],
            past: [&past[0], &past[1]],
            tables: tables.as_ref().map(|[cos, sin]| [cos.as_str(), sin]),
            outputs: [&outputs[0], &outputs[1], &outputs[2]],
        };
        Ok(if self.policy.own_attention(config.head_dim) {
            attention.add_own(self.linear.graph)
        } else {
            attention.add_portable(self.linear.graph)
        })
    }

    /// Norms each head of `input` for itself.
    fn head_norm(
        &mut self,
        input: &str,
        layer: usize,
        part: Part,
        name: &str,
    ) -> Result<String, ImportError> {
        let (heads, size) = match part {
            Part::QueryNorm => (self.config.heads, self.config.head_dim),
            _ => (self.config.kv_heads, self.config.head_dim),
        };
        let apart = format!("attention.heads.{heads}");
        let joined = format!("attention.joined.{heads}");
        if !self.linear.graph.has(&apart) {
            // Zeros keep the batch and the sequence.
            let graph = &mut *self.linear.graph;
            graph.ints(&apart, &[0, 0, heads as i64, size as i64])?;
            graph.ints(&joined, &[0, 0, (heads * size) as i64])?;
        }
        let split = format!("{name}.heads");
        let split = self
            .linear
            .graph
            .node(STANDARD, "Reshape", &[input, &apart], &[&split], vec![]);
        let normed = self.norm(
            &split,
            Role::Layer(layer, part),
            size,
            &format!("{name}.norm"),
            &format!("{name}.normed_heads"),
        )?;
        let output = format!("{name}.normed");
        Ok(self
            .linear
            .graph
            .node(STANDARD, "Reshape", &[&normed, &joined], &[&output], vec![]))
    }

    /// Product of `input` with matrices of one layer stacked by rows, with their biases where the file has
    /// them.
    fn project(
        &mut self,
        input: &str,
        name: &str,
        layer: usize,
        parts: &[Part],
    ) -> Result<String, ImportError> {
        let mut views = Vec::new();
        let (mut bias, mut biased) = (Vec::new(), false);
        for part in parts {
            let (rows, row_len) = self.config.shape(*part);
            let role = Role::Layer(layer, *part);
            views.push(self.weights.matrix(role, rows, row_len)?);
            if let Some(values) = self.weights.bias(role, rows)? {
                bias.extend(values);
                biased = true;
            } else {
                bias.resize(bias.len() + rows, 0.0);
            }
        }
        let bias_name = format!("{name}.bias");
        let bias_name = biased.then_some(bias_name.as_str());
        if let Some(bias_name) = bias_name {
            self.linear.graph.floats(bias_name, &[bias.len()], &bias)?;
        }
        let output = format!("{name}.out");
        if self.policy.panels(&views) {
            let matrices = self.panels(name, &views)?;
            return Ok(self.linear.multiply_panels(input, &matrices, bias_name, &output));
        }
        let form = self.policy.multiplied(&views[0]);
        let matrix = self.matrix(name, &views, form)?;
        self.linear.multiply(input, &matrix, bias_name, &output)
    }

    /// Streams the rows of `views` into panels.
    fn panels(&mut self, name: &str, views: &[TensorView<'_>]) -> Result<PanelMatrices, ImportError> {
        let matrices = self.linear.panels(name, views)?;
        for view in views {
            self.weights.release(view.bytes);
        }
        Ok(matrices)
    }

    /// Streams the rows of `views` into one matrix.
    fn matrix(&mut self, name: &str, views: &[TensorView<'_>], form: Form) -> Result<Matrix, ImportError> {
        let matrix = self.linear.matrix(name, views, form)?;
        for view in views {
            self.weights.release(view.bytes);
        }
        Ok(matrix)
    }

    /// Root-mean-square norm of the last axis, its weights stored under `name`.
    fn norm(
        &mut self,
        input: &str,
        role: Role,
        len: usize,
        name: &str,
        output: &str,
    ) -> Result<String, ImportError> {
        self.vector(name, role, len)?;
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", self.config.norm_epsilon),
            AttributeProto::int("stash_type", 1),
        ];
        Ok(self.linear.graph.node(
            STANDARD,
            "SimplifiedLayerNormalization",
            &[input, name],
            &[output],
            attributes,
        ))
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

    fn multiply_by(&mut self, input: &str, factor: &str, output: &str) -> String {
        self.linear
            .graph
            .node(STANDARD, "Mul", &[input, factor], &[output], vec![])
    }

    fn wanted_rows(&mut self, input: &str, output: &str) -> String {
        let axis = vec![AttributeProto::int("axis", 1)];
        self.linear
            .graph
            .node(STANDARD, "Gather", &[input, "logits_idx"], &[output], axis)
    }

    fn vector(&mut self, name: &str, role: Role, len: usize) -> Result<(), ImportError> {
        let values = self.weights.norm(role, len)?;
        self.linear.graph.floats(name, &[len], &values)
    }
}
