//! The ends of encoder graphs: a vector a text, or logits for a text or for each of its tokens.

use super::blocks::{Affine, Blocks, Product};
use super::sentence::{Pooling, SentenceHead, Step};
use super::task::ClassifierHead;
use crate::dense::write_transposed;
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::onnx::{AttributeProto, DataType, Dim, ValueInfoProto};

/// Name of the graph's output of an embedder.
pub(crate) const SENTENCE_OUTPUT: &str = "sentence_embedding";
/// Name of the graph's output of a classifier.
pub(crate) const LOGITS_OUTPUT: &str = "logits";

impl SentenceHead {
    /// Ends the graph with a vector a text: float32, `[batch, dimension]`.
    pub(crate) fn build(&self, blocks: &mut Blocks<'_, '_, '_>, hidden: &str) -> Result<(), ImportError> {
        let normalizes = matches!(self.steps.first(), Some(Step::Normalize));
        // Length one cancels the mean's divisor.
        let mut value = if self.pooling == [Pooling::Mean] && normalizes {
            masked_sum(blocks, hidden)?
        } else {
            let pooled = self
                .pooling
                .iter()
                .map(|mode| pool(blocks, hidden, *mode))
                .collect::<Result<Vec<_>, _>>()?;
            match pooled.as_slice() {
                [one] => one.clone(),
                several => {
                    let parts: Vec<&str> = several.iter().map(String::as_str).collect();
                    let axis = vec![AttributeProto::int("axis", -1)];
                    blocks.standard("Concat", &parts, "pool.joined", axis)
                }
            }
        };
        for (number, step) in self.steps.iter().enumerate() {
            value = match step {
                Step::Normalize => unit_length(blocks, &value, &format!("step{number}"))?,
                Step::Dense {
                    weights,
                    inputs,
                    outputs,
                    bias,
                    activation,
                } => {
                    let view = weights.matrix("linear.weight", *outputs, *inputs)?;
                    let bias = match bias {
                        true => Some(weights.vector("linear.bias", *outputs)?),
                        false => None,
                    };
                    let name = format!("step{number}");
                    let product = float_project(blocks, &value, view, bias, &name)?;
                    blocks.activate(product, *activation, &format!("{name}.active"))
                }
            };
        }
        let shape = [Dim::Named("batch"), Dim::Fixed(self.dimension as u64)];
        output(blocks, &value, SENTENCE_OUTPUT, &shape);
        Ok(())
    }
}

/// Ends the graph with unit-length means: what the e5 family wants.
pub(crate) fn unit_mean(
    blocks: &mut Blocks<'_, '_, '_>,
    hidden: &str,
    dimension: usize,
) -> Result<(), ImportError> {
    let head = SentenceHead {
        pooling: vec![Pooling::Mean],
        steps: vec![Step::Normalize],
        dimension,
        query_prefix: String::new(),
        passage_prefix: String::new(),
    };
    head.build(blocks, hidden)
}

impl ClassifierHead {
    /// Ends the graph with logits of each text: float32, `[batch, labels]`.
    pub(crate) fn build_sequence(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        hidden: &str,
        width: usize,
    ) -> Result<(), ImportError> {
        let pooled = pool(blocks, hidden, self.pooling)?;
        let logits = self.logits(blocks, &pooled, width)?;
        let shape = [Dim::Named("batch"), Dim::Fixed(self.labels.len() as u64)];
        output(blocks, &logits, LOGITS_OUTPUT, &shape);
        Ok(())
    }

    /// Ends the graph with logits of each token: float32, `[batch, seq, labels]`.
    pub(crate) fn build_tokens(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        hidden: &str,
        width: usize,
    ) -> Result<(), ImportError> {
        let logits = self.logits(blocks, hidden, width)?;
        let labels = Dim::Fixed(self.labels.len() as u64);
        output(
            blocks,
            &logits,
            LOGITS_OUTPUT,
            &[Dim::Named("batch"), Dim::Named("seq"), labels],
        );
        Ok(())
    }

    fn logits(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        input: &str,
        width: usize,
    ) -> Result<String, ImportError> {
        let mut value = input.to_owned();
        if let Some((dense, function, norm)) = &self.inner {
            let product = named_project(blocks, &value, dense, width, width, "head.inner")?;
            value = blocks.activate(product, *function, "head.active");
            if let Some(norm) = norm {
                value = blocks.norm(&value, norm, width, "head.normed")?;
            }
        }
        let product = named_project(
            blocks,
            &value,
            &self.output,
            self.labels.len(),
            width,
            "head.output",
        )?;
        Ok(blocks.settle(product))
    }
}

/// A projection with float weights whatever the profile: heads are small, and their numbers are the result.
fn float_project(
    blocks: &mut Blocks<'_, '_, '_>,
    input: &str,
    view: TensorView<'_>,
    bias: Option<Vec<f32>>,
    name: &str,
) -> Result<Product, ImportError> {
    let weight = format!("{name}.weight");
    write_transposed(blocks.linear.graph, blocks.linear.reporter, &weight, &[view])?;
    let bias = match bias {
        None => None,
        Some(values) => {
            let bias = format!("{name}.bias");
            blocks.linear.graph.floats(&bias, &[values.len()], &values)?;
            Some(bias)
        }
    };
    let value = blocks.standard("MatMul", &[input, &weight], &format!("{name}.out"), vec![]);
    Ok(Product { value, bias })
}

fn named_project(
    blocks: &mut Blocks<'_, '_, '_>,
    input: &str,
    affine: &Affine,
    rows: usize,
    row_len: usize,
    name: &str,
) -> Result<Product, ImportError> {
    let weights = blocks.weights;
    let view = weights.matrix(&affine.weight, rows, row_len)?;
    let bias = match &affine.bias {
        Some(bias) => Some(weights.vector(bias, rows)?),
        None => None,
    };
    float_project(blocks, input, view, bias, name)
}

fn output(blocks: &mut Blocks<'_, '_, '_>, value: &str, name: &str, shape: &[Dim<'_>]) {
    blocks.standard("Identity", &[value], name, vec![]);
    let info = ValueInfoProto::tensor(name, DataType::Float, shape);
    blocks.linear.graph.output(info);
}

/// Adds the constants of pooling and the mask as floats, once.
fn pooling_constants(blocks: &mut Blocks<'_, '_, '_>) -> Result<(), ImportError> {
    if blocks.pooling_constants {
        return Ok(());
    }
    blocks.pooling_constants = true;
    blocks.linear.graph.ints("axis.one", &[1])?;
    blocks.linear.graph.ints("axis.last", &[-1])?;
    blocks.linear.graph.floats("tiny", &[1], &[1e-12])?;
    blocks.cast("attention_mask", DataType::Float, "pool.mask");
    Ok(())
}

/// The sum over a text's tokens.
fn masked_sum(blocks: &mut Blocks<'_, '_, '_>, hidden: &str) -> Result<String, ImportError> {
    pooling_constants(blocks)?;
    weighted_sum(blocks, hidden, "pool.mask", "pool")
}

fn weighted_sum(
    blocks: &mut Blocks<'_, '_, '_>,
    hidden: &str,
    weights: &str,
    name: &str,
) -> Result<String, ImportError> {
    let at = |part: &str| format!("{name}.{part}");
    blocks.standard("Unsqueeze", &[weights, "axis.one"], &at("row"), vec![]);
    blocks.standard("MatMul", &[&at("row"), hidden], &at("sums"), vec![]);
    Ok(blocks.standard("Squeeze", &[&at("sums"), "axis.one"], &at("sum"), vec![]))
}

/// One vector a text.
fn pool(blocks: &mut Blocks<'_, '_, '_>, hidden: &str, mode: Pooling) -> Result<String, ImportError> {
    pooling_constants(blocks)?;
    let keep = || vec![AttributeProto::int("keepdims", 1)];
    let drop = || vec![AttributeProto::int("keepdims", 0)];
    Ok(match mode {
        Pooling::Cls => {
            let first = 0i64.to_le_bytes();
            blocks
                .linear
                .graph
                .constant("pool.first", DataType::Int64, &[], &first)?;
            let axis = vec![AttributeProto::int("axis", 1)];
            blocks.standard("Gather", &[hidden, "pool.first"], "pool.cls", axis)
        }
        Pooling::Max => {
            blocks.linear.graph.floats("pool.lowest", &[1], &[-1e9])?;
            blocks.cast("attention_mask", DataType::Bool, "pool.present");
            let column = ["pool.present", "axis.last"];
            blocks.standard("Unsqueeze", &column, "pool.column", vec![]);
            let either = ["pool.column", hidden, "pool.lowest"];
            blocks.standard("Where", &either, "pool.texts", vec![]);
            blocks.standard("ReduceMax", &["pool.texts", "axis.one"], "pool.max", drop())
        }
        Pooling::Mean | Pooling::MeanSqrt => {
            let (name, root) = match mode {
                Pooling::Mean => ("pool.mean", false),
                _ => ("pool.mean_sqrt", true),
            };
            let sum = weighted_sum(blocks, hidden, "pool.mask", name)?;
            let at = |part: &str| format!("{name}.{part}");
            let mut count = blocks.standard("ReduceSum", &["pool.mask", "axis.one"], &at("count"), keep());
            if root {
                count = blocks.standard("Sqrt", &[&count], &at("root"), vec![]);
            }
            blocks.standard("Div", &[&sum, &count], name, vec![])
        }
        Pooling::WeightedMean => {
            let sums = ["pool.mask", "axis.one.scalar"];
            let one = 1i64.to_le_bytes();
            blocks
                .linear
                .graph
                .constant(sums[1], DataType::Int64, &[], &one)?;
            blocks.standard("CumSum", &sums, "pool.ranks", vec![]);
            blocks.standard("Mul", &["pool.ranks", "pool.mask"], "pool.weights", vec![]);
            let sum = weighted_sum(blocks, hidden, "pool.weights", "pool.weighted")?;
            let weight = blocks.standard("ReduceSum", &["pool.weights", "axis.one"], "pool.weight", keep());
            blocks.standard("Div", &[&sum, &weight], "pool.weighted_mean", vec![])
        }
        Pooling::Last => {
            blocks.linear.graph.ints("pool.one", &[1])?;
            blocks.standard(
                "ReduceSum",
                &["attention_mask", "axis.one"],
                "pool.tokens",
                keep(),
            );
            blocks.standard("Sub", &["pool.tokens", "pool.one"], "pool.end", vec![]);
            let batch = vec![AttributeProto::int("batch_dims", 1)];
            blocks.standard("GatherND", &[hidden, "pool.end"], "pool.last", batch)
        }
    })
}

fn unit_length(blocks: &mut Blocks<'_, '_, '_>, value: &str, name: &str) -> Result<String, ImportError> {
    let at = |part: &str| format!("{name}.{part}");
    let keep = vec![AttributeProto::int("keepdims", 1)];
    blocks.standard("ReduceL2", &[value, "axis.last"], &at("length"), keep);
    blocks.standard("Max", &[&at("length"), "tiny"], &at("divisor"), vec![]);
    Ok(blocks.standard("Div", &[value, &at("divisor")], &at("unit"), vec![]))
}
