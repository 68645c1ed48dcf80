//! What all encoder graphs are made of: projections, lookups, norms, activations and masks.

use crate::dense::{write_rows, write_transposed};
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::{CONTRIB, STANDARD};
use crate::import::{Operators, Profile};
use crate::linear::{Linear, Matrix};
use crate::onnx::{AttributeProto, DataType, Dim, ValueInfoProto};
use crate::panels::{self, PanelMatrices};
use crate::quant::decode::geometry;
use crate::quant::pack::Form;

/// Where an encoder's weights come from.
pub(crate) trait Weights {
    /// A matrix that is multiplied with or looked up in: `rows` outputs of `row_len` inputs.
    fn matrix(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError>;

    /// The values of a vector.
    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ImportError>;

    /// The values of a small table (positions, segments), row after row.
    fn table(&self, name: &str, rows: usize, row_len: usize) -> Result<Vec<f32>, ImportError>;
}

/// Name of a weight with the name of its bias, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub weight: String,
    pub bias: Option<String>,
}

/// A product whose bias may still have to be added. Several operators add it on the way, for nothing.
pub(crate) struct Product {
    pub value: String,
    pub bias: Option<String>,
}

/// Elementwise functions between two projections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nonlinearity {
    Gelu,
    GeluTanh,
    Relu,
    Silu,
    Tanh,
    Sigmoid,
    Identity,
}

/// A matrix in the data file, as floats, as codes, or as panels of codes.
enum Stored {
    Dense(String),
    Codes(Matrix),
    Panels(PanelMatrices),
}

/// The graph of an encoder under construction.
pub(crate) struct Blocks<'a, 'b, 'c> {
    pub weights: &'a dyn Weights,
    pub linear: Linear<'b, 'c>,
    /// What becomes of float weights.
    pub profile: Profile,
    /// Whose operators take coded weights.
    pub operators: Operators,
    /// Added to the variance in every norm.
    pub epsilon: f32,
    /// Whether the constants of pooling are in the graph.
    pub pooling_constants: bool,
}

/// Weights per scale of float weights in the fast profile. Measured against transformers on seven texts, one minus
/// cosine is at most 3.7e-4, 6.5e-4 and 1.1e-3 with blocks of 32, 64 and 128 for all-MiniLM-L6-v2, and 3.1e-4,
/// 4.8e-4 and 2.2e-3 for all-mpnet-base-v2.
const FAST_BLOCK: usize = 32;

impl Blocks<'_, '_, '_> {
    /// Declares the inputs `input_ids` and `attention_mask` (and `token_type_ids`), and the mask of keys.
    pub(crate) fn inputs(&mut self, token_types: bool) {
        let both = [Dim::Named("batch"), Dim::Named("seq")];
        let names = ["input_ids", "attention_mask", "token_type_ids"];
        for name in &names[..if token_types { 3 } else { 2 }] {
            let input = ValueInfoProto::tensor(name, DataType::Int64, &both);
            self.linear.graph.input(input);
        }
        self.cast("attention_mask", DataType::Int32, "key_mask");
        let dims = vec![AttributeProto::int("start", 1), AttributeProto::int("end", 2)];
        self.standard("Shape", &["input_ids"], "seq_len", dims);
    }

    /// A node of the standard operator set with one output.
    pub(crate) fn standard(
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

    /// A node of ONNX Runtime's operator set with one output.
    pub(crate) fn contrib(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.linear.graph.node(CONTRIB, op, inputs, &[output], attributes)
    }

    pub(crate) fn cast(&mut self, input: &str, to: DataType, output: &str) -> String {
        let to = vec![AttributeProto::int("to", to as i64)];
        self.standard("Cast", &[input], output, to)
    }

    /// Adds the vector `source` as a constant of the same name.
    pub(crate) fn vector(&mut self, source: &str, len: usize) -> Result<(), ImportError> {
        let values = self.weights.vector(source, len)?;
        self.linear.graph.floats(source, &[len], &values)
    }

    /// Streams the rows of `views`, one after another, into the data file.
    fn store(&mut self, name: &str, views: &[TensorView<'_>], lookup: bool) -> Result<Stored, ImportError> {
        let view = views[0];
        let coded = geometry(view.ty).is_some();
        if !coded && (self.profile == Profile::Exact || !view.row_len.is_multiple_of(FAST_BLOCK)) {
            let name = format!("{name}.dense");
            if lookup {
                write_rows(self.linear.graph, self.linear.reporter, &name, view)?;
            } else {
                write_transposed(self.linear.graph, self.linear.reporter, &name, views)?;
            }
            return Ok(Stored::Dense(name));
        }
        if self.operators == Operators::Panels && panels::fit(views) {
            return Ok(Stored::Panels(self.linear.panels(name, views)?));
        }
        let form = match (coded, lookup) {
            (true, true) => Form::lookup(view.ty),
            (true, false) => Form::exact(view.ty),
            (false, _) => Form::requantised(FAST_BLOCK),
        };
        Ok(Stored::Codes(self.linear.matrix(name, views, form)?))
    }

    /// `output = input * [parts]^T`, the parts side by side, each of `rows` rows.
    pub(crate) fn project(
        &mut self,
        input: &str,
        name: &str,
        parts: &[Affine],
        rows: usize,
        row_len: usize,
    ) -> Result<Product, ImportError> {
        let bias = self.bias(name, parts, rows)?;
        let views = parts
            .iter()
            .map(|part| self.weights.matrix(&part.weight, rows, row_len))
            .collect::<Result<Vec<_>, _>>()?;
        let output = format!("{name}.out");
        Ok(match self.store(name, &views, false)? {
            Stored::Dense(weight) => Product {
                value: self.standard("MatMul", &[input, &weight], &output, vec![]),
                bias,
            },
            // These operators have an input for it.
            Stored::Codes(matrix) => Product {
                value: self.linear.multiply(input, &matrix, bias.as_deref(), &output)?,
                bias: None,
            },
            Stored::Panels(matrices) => Product {
                value: self
                    .linear
                    .multiply_panels(input, &matrices, bias.as_deref(), &output),
                bias: None,
            },
        })
    }

    /// The weight of [`Blocks::project`] as floats of `[row_len, rows]`, if it is stored so, with its bias.
    pub(crate) fn dense_weight(
        &mut self,
        name: &str,
        parts: &[Affine],
        rows: usize,
        row_len: usize,
    ) -> Result<Option<(String, Option<String>)>, ImportError> {
        let views = parts
            .iter()
            .map(|part| self.weights.matrix(&part.weight, rows, row_len))
            .collect::<Result<Vec<_>, _>>()?;
        let float = views.iter().all(|view| geometry(view.ty).is_none());
        if !float || self.profile != Profile::Exact {
            return Ok(None);
        }
        let bias = self.bias(name, parts, rows)?;
        let weight = format!("{name}.dense");
        write_transposed(self.linear.graph, self.linear.reporter, &weight, &views)?;
        Ok(Some((weight, bias)))
    }

    /// The biases of all parts in one constant; parts without one beside parts with one count as zero.
    fn bias(&mut self, name: &str, parts: &[Affine], rows: usize) -> Result<Option<String>, ImportError> {
        if parts.iter().all(|part| part.bias.is_none()) {
            return Ok(None);
        }
        let mut values = Vec::with_capacity(parts.len() * rows);
        for part in parts {
            match &part.bias {
                Some(bias) => values.extend(self.weights.vector(bias, rows)?),
                None => values.resize(values.len() + rows, 0.0),
            }
        }
        let name = format!("{name}.bias");
        self.linear.graph.floats(&name, &[values.len()], &values)?;
        Ok(Some(name))
    }

    /// The product with its bias.
    pub(crate) fn settle(&mut self, product: Product) -> String {
        match product.bias {
            None => product.value,
            Some(bias) => {
                let output = format!("{}.biased", product.value);
                self.standard("Add", &[&product.value, &bias], &output, vec![])
            }
        }
    }

    /// Rows of the table `source` picked by `indices`.
    pub(crate) fn lookup(
        &mut self,
        indices: &str,
        source: &str,
        rows: usize,
        row_len: usize,
        output: &str,
    ) -> Result<String, ImportError> {
        let view = self.weights.matrix(source, rows, row_len)?;
        Ok(match self.store(source, &[view], true)? {
            Stored::Dense(table) => {
                let axis = vec![AttributeProto::int("axis", 0)];
                self.standard("Gather", &[&table, indices], output, axis)
            }
            Stored::Codes(matrix) => self.linear.lookup(indices, &matrix, output),
            Stored::Panels(matrices) => self.linear.look_up_panels(indices, &matrices, output),
        })
    }

    /// Norm over the last dimension.
    pub(crate) fn norm(
        &mut self,
        input: &str,
        norm: &Affine,
        len: usize,
        output: &str,
    ) -> Result<String, ImportError> {
        self.vector(&norm.weight, len)?;
        let mut inputs = vec![input, norm.weight.as_str()];
        if let Some(bias) = &norm.bias {
            self.vector(bias, len)?;
            inputs.push(bias);
        }
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", self.epsilon),
        ];
        Ok(self.standard("LayerNormalization", &inputs, output, attributes))
    }

    /// Norm of `product + skip`. Returns the norm, and the sum if `sum` asks for it.
    pub(crate) fn skip_norm(
        &mut self,
        product: &Product,
        skip: &str,
        norm: &Affine,
        len: usize,
        output: &str,
        sum: Option<&str>,
    ) -> Result<String, ImportError> {
        self.vector(&norm.weight, len)?;
        if let Some(bias) = &norm.bias {
            self.vector(bias, len)?;
        }
        let mut inputs = vec![
            product.value.as_str(),
            skip,
            &norm.weight,
            norm.bias.as_deref().unwrap_or(""),
            product.bias.as_deref().unwrap_or(""),
        ];
        while inputs.last() == Some(&"") {
            inputs.pop();
        }
        let outputs = match sum {
            Some(sum) => vec![output, "", "", sum],
            None => vec![output],
        };
        let epsilon = vec![AttributeProto::float("epsilon", self.epsilon)];
        Ok(self
            .linear
            .graph
            .node(CONTRIB, "SkipLayerNormalization", &inputs, &outputs, epsilon))
    }

    /// The function of `product`.
    pub(crate) fn activate(&mut self, product: Product, by: Nonlinearity, output: &str) -> String {
        let op = match by {
            Nonlinearity::Gelu => {
                return match &product.bias {
                    Some(bias) => self.contrib("BiasGelu", &[&product.value, bias], output, vec![]),
                    None => self.contrib("Gelu", &[&product.value], output, vec![]),
                };
            }
            Nonlinearity::GeluTanh => {
                let mut inputs = vec![product.value.as_str()];
                inputs.extend(product.bias.as_deref());
                return self.contrib("FastGelu", &inputs, output, vec![]);
            }
            Nonlinearity::Identity => return self.settle(product),
            Nonlinearity::Silu => {
                let value = self.settle(product);
                let sigmoid = format!("{output}.sigmoid");
                self.standard("Sigmoid", &[&value], &sigmoid, vec![]);
                return self.standard("Mul", &[&value, &sigmoid], output, vec![]);
            }
            Nonlinearity::Relu => "Relu",
            Nonlinearity::Tanh => "Tanh",
            Nonlinearity::Sigmoid => "Sigmoid",
        };
        let value = self.settle(product);
        self.standard(op, &[&value], output, vec![])
    }

    /// Splits the last dimension into equal parts.
    pub(crate) fn split(&mut self, input: &str, outputs: &[&str]) {
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::int("num_outputs", outputs.len() as i64),
        ];
        self.linear
            .graph
            .node(STANDARD, "Split", &[input], outputs, attributes);
    }

    /// Attention of `query` over `key` and `value` (all `[batch, seq, hidden]`), masked by `key_mask`.
    ///
    /// Masked keys get a bias of -10,000 before the softmax, which is zero afterwards in float32: padding
    /// reaches no other token.
    pub(crate) fn attention(
        &mut self,
        [query, key, value]: [&str; 3],
        bias: Option<&str>,
        scores_bias: Option<&str>,
        heads: usize,
        output: &str,
    ) -> String {
        let mut inputs = vec![query, key, value, bias.unwrap_or(""), "key_mask"];
        inputs.extend(scores_bias);
        let heads = vec![AttributeProto::int("num_heads", heads as i64)];
        self.contrib("MultiHeadAttention", &inputs, output, heads)
    }
}
