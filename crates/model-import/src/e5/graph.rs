//! The encoder graph: post-norm BERT with exact GELU, masked mean and unit length at the end.
//!
//! Masked keys get a bias of -10,000 before the softmax, which is zero afterwards in float32, and the
//! products quantise their inputs per row: neither padding nor neighbours in a batch reach a text's rows.

use super::source::PackedFile;
use crate::error::ImportError;
use crate::graph::{CONTRIB, GraphBuilder, STANDARD};
use crate::linear::Linear;
use crate::onnx::{AttributeProto, DataType, Dim, ValueInfoProto};
use crate::progress::Reporter;
use crate::quant::pack::Form;

struct Encoder<'a, 'b, 'c> {
    file: &'a PackedFile,
    linear: Linear<'b, 'c>,
}

pub(super) fn build(
    file: &PackedFile,
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let both = [Dim::Named("batch"), Dim::Named("seq")];
    graph.input(ValueInfoProto::tensor("input_ids", DataType::Int64, &both));
    graph.input(ValueInfoProto::tensor("attention_mask", DataType::Int64, &both));
    let out = [Dim::Named("batch"), Dim::Fixed(file.config.hidden as u64)];
    graph.output(ValueInfoProto::tensor(
        "sentence_embedding",
        DataType::Float,
        &out,
    ));
    let mut encoder = Encoder {
        file,
        linear: Linear::new(graph, reporter),
    };
    let mut hidden = encoder.embed()?;
    encoder.cast("attention_mask", DataType::Int32, "key_mask");
    encoder
        .linear
        .graph
        .ints("split.qkv", &[file.config.hidden as i64; 3])?;
    for layer in 0..file.config.layers {
        hidden = encoder.layer(layer, &hidden)?;
    }
    encoder.pool(&hidden)
}

impl Encoder<'_, '_, '_> {
    fn standard(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.linear
            .graph
            .node(STANDARD, op, inputs, &[output], attributes)
    }

    fn cast(&mut self, input: &str, to: DataType, output: &str) -> String {
        self.standard(
            "Cast",
            &[input],
            output,
            vec![AttributeProto::int("to", to as i64)],
        )
    }

    /// Adds the float vector `source` as a constant of the same name.
    fn vector(&mut self, source: &str, len: usize) -> Result<(), ImportError> {
        let values = self.file.vector(source, len)?;
        self.linear.graph.floats(source, &[len], &values)
    }

    fn embed(&mut self) -> Result<String, ImportError> {
        let (hidden, positions) = (self.file.config.hidden, self.file.config.positions);
        let words = self.file.matrix("emb.word", self.file.config.vocab, hidden)?;
        let words = self.linear.matrix("emb.word", &[words], Form::lookup(words.ty))?;
        self.linear.lookup("input_ids", &words, "embedded.words");

        // Every token has type zero, so its vector joins the positions'.
        let types = self.file.vector("emb.type", hidden);
        let types = types.or_else(|_| self.file.vector("emb.type", 2 * hidden))?;
        let mut table = self.file.vector("emb.pos", positions * hidden)?;
        for row in table.chunks_exact_mut(hidden) {
            row.iter_mut()
                .zip(&types)
                .for_each(|(position, kind)| *position += kind);
        }
        self.linear
            .graph
            .floats("emb.pos", &[positions, hidden], &table)?;
        self.linear.graph.ints("zero", &[0])?;
        let dims = vec![AttributeProto::int("start", 1), AttributeProto::int("end", 2)];
        self.standard("Shape", &["input_ids"], "seq_len", dims);
        self.standard(
            "Slice",
            &["emb.pos", "zero", "seq_len", "zero"],
            "embedded.positions",
            vec![],
        );
        self.standard(
            "Add",
            &["embedded.words", "embedded.positions"],
            "embedded.sum",
            vec![],
        );
        self.vector("emb.ln.w", hidden)?;
        self.vector("emb.ln.b", hidden)?;
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", self.file.config.norm_epsilon),
        ];
        let inputs = ["embedded.sum", "emb.ln.w", "emb.ln.b"];
        Ok(self.standard("LayerNormalization", &inputs, "embedded", attributes))
    }

    fn layer(&mut self, layer: usize, input: &str) -> Result<String, ImportError> {
        let (hidden, feed_forward) = (self.file.config.hidden, self.file.config.feed_forward);
        let at = |part: &str| format!("l{layer}.{part}");
        let mut views = Vec::new();
        let mut bias = Vec::new();
        for part in ["q", "k", "v"] {
            views.push(self.file.matrix(&at(&format!("{part}.w")), hidden, hidden)?);
            bias.extend(self.file.vector(&at(&format!("{part}.b")), hidden)?);
        }
        let weight = self.linear.matrix(&at("qkv"), &views, Form::exact(views[0].ty))?;
        self.linear.graph.floats(&at("qkv.b"), &[3 * hidden], &bias)?;
        let qkv = self
            .linear
            .multiply(input, &weight, Some(&at("qkv.b")), &at("qkv.out"))?;
        let [query, key, value] = ["query", "key", "value"].map(at);
        let axis = vec![AttributeProto::int("axis", -1)];
        self.linear.graph.node(
            STANDARD,
            "Split",
            &[&qkv, "split.qkv"],
            &[&query, &key, &value],
            axis,
        );
        let attended = at("attended");
        let heads = vec![AttributeProto::int("num_heads", self.file.config.heads as i64)];
        let inputs = [query.as_str(), &key, &value, "", "key_mask"];
        self.linear
            .graph
            .node(CONTRIB, "MultiHeadAttention", &inputs, &[&attended], heads);
        let projected = self.project(&attended, &at("ao"), hidden, hidden)?;
        let normed = self.skip_norm(&projected, input, &at("aln"), hidden)?;

        let up = self.project(&normed, &at("fi"), feed_forward, hidden)?;
        let active = self
            .linear
            .graph
            .node(CONTRIB, "Gelu", &[&up], &[&at("gelu")], vec![]);
        let down = self.project(&active, &at("fo"), hidden, feed_forward)?;
        self.skip_norm(&down, &normed, &at("oln"), hidden)
    }

    fn project(
        &mut self,
        input: &str,
        name: &str,
        rows: usize,
        row_len: usize,
    ) -> Result<String, ImportError> {
        let view = self.file.matrix(&format!("{name}.w"), rows, row_len)?;
        let weight = self.linear.matrix(name, &[view], Form::exact(view.ty))?;
        let bias = format!("{name}.b");
        self.vector(&bias, rows)?;
        self.linear
            .multiply(input, &weight, Some(&bias), &format!("{name}.out"))
    }

    fn skip_norm(&mut self, input: &str, skip: &str, name: &str, len: usize) -> Result<String, ImportError> {
        let [weight, bias] = ["w", "b"].map(|part| format!("{name}.{part}"));
        self.vector(&weight, len)?;
        self.vector(&bias, len)?;
        let epsilon = vec![AttributeProto::float("epsilon", self.file.config.norm_epsilon)];
        let inputs = [input, skip, &weight, &bias];
        let output = format!("{name}.out");
        Ok(self
            .linear
            .graph
            .node(CONTRIB, "SkipLayerNormalization", &inputs, &[&output], epsilon))
    }

    /// Masked sum and unit length. The mean's divisor would cancel out, so it is left away.
    fn pool(&mut self, hidden: &str) -> Result<(), ImportError> {
        let graph = &mut *self.linear.graph;
        graph.ints("axis.one", &[1])?;
        graph.ints("axis.last", &[-1])?;
        graph.floats("tiny", &[1], &[1e-12])?;
        self.cast("attention_mask", DataType::Float, "pool.mask");
        self.standard("Unsqueeze", &["pool.mask", "axis.one"], "pool.row", vec![]);
        self.standard("MatMul", &["pool.row", hidden], "pool.sums", vec![]);
        self.standard("Squeeze", &["pool.sums", "axis.one"], "pool.sum", vec![]);
        let keep = vec![AttributeProto::int("keepdims", 1)];
        self.standard("ReduceL2", &["pool.sum", "axis.last"], "pool.length", keep);
        self.standard("Max", &["pool.length", "tiny"], "pool.divisor", vec![]);
        self.standard("Div", &["pool.sum", "pool.divisor"], "sentence_embedding", vec![]);
        Ok(())
    }
}
