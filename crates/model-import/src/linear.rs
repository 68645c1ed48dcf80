//! Quantised matrices: streamed into the data file, multiplied or looked up in the graph.

use std::collections::HashSet;

use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::{CONTRIB, GraphBuilder, STANDARD, Slot};
use crate::onnx::{AttributeProto, DataType};
use crate::progress::Reporter;
use crate::quant::pack::{Form, Packed, Packer};

/// Source bytes converted between two progress reports, which bounds memory and the wait for a cancel.
const CHUNK_BYTES: usize = 4 << 20;

/// A matrix in the data file.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    name: String,
    rows: usize,
    row_len: usize,
    form: Form,
    slots: Slots,
    correction: Option<Box<Matrix>>,
}

impl Matrix {
    /// Everything that is written for it.
    fn slots(&self) -> Vec<Slot> {
        let Slots {
            weights,
            scales,
            zeros,
        } = self.slots;
        let mut slots = vec![weights, scales, zeros];
        slots.extend(self.correction.iter().flat_map(|correction| correction.slots()));
        slots
    }
}

/// Places of the three parts of a packed matrix.
#[derive(Clone, Copy, Debug)]
struct Slots {
    weights: Slot,
    scales: Slot,
    zeros: Slot,
}

/// How exactly products take their inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum InputPrecision {
    /// In eight bits, as llama.cpp does.
    #[default]
    Bytes,
    /// So exactly that nothing is left to see of it.
    Fine,
}

/// Writes matrices and the nodes that use them.
pub(crate) struct Linear<'a, 'b> {
    pub(crate) graph: &'a mut GraphBuilder,
    pub(crate) reporter: &'a mut Reporter<'b>,
    pub(crate) inputs: InputPrecision,
    /// Whether the provider multiplies codes of four bits and no others.
    pub(crate) four_bits_only: bool,
    /// Names of the input block sums there are, so that projections of one input share them.
    block_sums: HashSet<String>,
}

impl<'a, 'b> Linear<'a, 'b> {
    pub(crate) fn new(graph: &'a mut GraphBuilder, reporter: &'a mut Reporter<'b>) -> Self {
        Self {
            graph,
            reporter,
            inputs: InputPrecision::default(),
            four_bits_only: false,
            block_sums: HashSet::new(),
        }
    }

    fn allocate(&mut self, rows: usize, row_len: usize, form: Form) -> Slots {
        let blocks = form.blocks(row_len);
        let scale_bytes = self.graph.precision.data_type().size() as usize;
        let mut room = |row_bytes: usize| self.graph.allocate(rows as u64 * row_bytes as u64);
        let weights = room(blocks * form.block_bytes());
        let (scales, zeros) = if form.is_plain() {
            (room(0), room(0))
        } else {
            (room(blocks * scale_bytes), room(form.zero_bytes(row_len)))
        };
        Slots {
            weights,
            scales,
            zeros,
        }
    }

    /// Adds the initialisers of a matrix under `name`, its codes shaped by `block_dims` per row.
    fn place(&mut self, name: &str, matrix: &Matrix, block_dims: &[usize]) -> [String; 3] {
        let names = ["weight", "scales", "zeros"].map(|part| format!("{name}.{part}"));
        let (rows, slots) = (matrix.rows, matrix.slots);
        let blocks = matrix.form.blocks(matrix.row_len);
        let zero_dims = [rows, matrix.form.zero_bytes(matrix.row_len)];
        let weight_dims = [&[rows], block_dims].concat();
        self.graph
            .place(&names[0], DataType::Uint8, &weight_dims, slots.weights);
        let real = self.graph.precision.data_type();
        self.graph.place(&names[1], real, &[rows, blocks], slots.scales);
        self.graph
            .place(&names[2], DataType::Uint8, &zero_dims, slots.zeros);
        names
    }

    /// Sets aside room for a matrix, and for its correction if the form is split.
    fn reserve(&mut self, name: &str, rows: usize, row_len: usize, form: Form) -> Matrix {
        let slots = self.allocate(rows, row_len, form);
        let correction = form.is_split().then(|| {
            // One column per block of inputs.
            let columns = form.blocks(row_len);
            let form = if self.four_bits_only {
                Form::HALVES
            } else {
                Form::requantised(if columns.is_multiple_of(32) { 32 } else { 16 })
            };
            Box::new(self.reserve(&format!("{name}.correction"), rows, columns, form))
        });
        Matrix {
            name: name.into(),
            rows,
            row_len,
            form,
            slots,
            correction,
        }
    }

    /// Streams the rows of `parts`, one after another, into the data file in `form`. All parts have the
    /// same row length.
    pub(crate) fn matrix(
        &mut self,
        name: &str,
        parts: &[TensorView<'_>],
        form: Form,
    ) -> Result<Matrix, ImportError> {
        let row_len = parts[0].row_len;
        let rows = parts.iter().map(|part| part.rows).sum();
        let matrix = self.reserve(name, rows, row_len, form);
        if self.graph.has_written(&matrix.slots()) {
            let bytes = parts.iter().map(|part| part.bytes.len() as u64).sum();
            self.reporter.advance(bytes)?;
            return Ok(matrix);
        }
        let Slots {
            weights,
            scales,
            zeros,
        } = matrix.slots;
        let mut correction_rows = Vec::new();
        let mut packer = Packer::default();
        let mut packed = Packed::default();
        let (mut weights_at, mut scales_at, mut zeros_at) = (0, 0, 0);
        for part in parts {
            let row_bytes = part.ty.row_bytes(row_len);
            for chunk in part.bytes.chunks((CHUNK_BYTES / row_bytes).max(1) * row_bytes) {
                packed.clear();
                for row in chunk.chunks_exact(row_bytes) {
                    packer.row(part.ty, row, form, &mut packed);
                }
                let scale_bytes = self.graph.precision.bytes(&packed.scales);
                self.graph.write(weights, weights_at, &packed.weights)?;
                self.graph.write(scales, scales_at, &scale_bytes)?;
                self.graph.write(zeros, zeros_at, &packed.zeros)?;
                weights_at += packed.weights.len() as u64;
                scales_at += scale_bytes.len() as u64;
                zeros_at += packed.zeros.len() as u64;
                correction_rows.extend_from_slice(&packed.corrections);
                self.reporter.advance(chunk.len() as u64)?;
            }
        }
        if let Some(correction) = &matrix.correction {
            self.write_correction(correction, &correction_rows)?;
        }
        Ok(matrix)
    }

    fn write_correction(&mut self, matrix: &Matrix, values: &[f32]) -> Result<(), ImportError> {
        let (mut packer, mut packed) = (Packer::default(), Packed::default());
        for row in values.chunks_exact(matrix.row_len) {
            packer.float_row(row, matrix.form, &mut packed);
        }
        let slots = matrix.slots;
        self.graph.write(slots.weights, 0, &packed.weights)?;
        let scales = self.graph.precision.bytes(&packed.scales);
        self.graph.write(slots.scales, 0, &scales)?;
        self.graph.write(slots.zeros, 0, &packed.zeros)
    }

    /// `output = input * matrix^T + bias`.
    pub(crate) fn multiply(
        &mut self,
        input: &str,
        matrix: &Matrix,
        bias: Option<&str>,
        output: &str,
    ) -> Result<String, ImportError> {
        let Some(correction) = &matrix.correction else {
            return Ok(self.product(input, matrix, bias, output));
        };
        let sums = self.sums(input, matrix.row_len, matrix.form.block)?;
        let main = self.product(input, matrix, bias, &format!("{output}.main"));
        let rest = self.product(&sums, correction, None, &format!("{output}.rest"));
        Ok(self
            .graph
            .node(STANDARD, "Add", &[&main, &rest], &[output], vec![]))
    }

    fn product(&mut self, input: &str, matrix: &Matrix, bias: Option<&str>, output: &str) -> String {
        let form = matrix.form;
        if form.is_plain() {
            return self.plain_product(input, matrix, bias, output);
        }
        let block_dims = [form.blocks(matrix.row_len), form.block_bytes()];
        let parts = self.place(&matrix.name, matrix, &block_dims);
        let mut inputs = vec![input, &parts[0], &parts[1], &parts[2]];
        if let Some(bias) = bias {
            inputs.extend(["", bias]);
        }
        let accuracy = match self.inputs {
            // Inputs quantised to int8 per row and block: without it the 8-bit kernels are not used at all.
            InputPrecision::Bytes => 4,
            InputPrecision::Fine => 1,
        };
        let attributes = vec![
            AttributeProto::int("K", matrix.row_len as i64),
            AttributeProto::int("N", matrix.rows as i64),
            AttributeProto::int("bits", form.bits.count() as i64),
            AttributeProto::int("block_size", form.block as i64),
            AttributeProto::int("accuracy_level", accuracy),
        ];
        self.graph
            .node(CONTRIB, "MatMulNBits", &inputs, &[output], attributes)
    }

    /// The product with a matrix of numbers, whose rows are outputs as everywhere here.
    fn plain_product(&mut self, input: &str, matrix: &Matrix, bias: Option<&str>, output: &str) -> String {
        let weight = format!("{}.weight", matrix.name);
        let dims = [matrix.rows, matrix.row_len];
        self.graph
            .place(&weight, DataType::Float16, &dims, matrix.slots.weights);
        let transposed = vec![AttributeProto::int("transB", 1)];
        let Some(bias) = bias else {
            let inputs = [input, &weight];
            return self
                .graph
                .node(CONTRIB, "FusedMatMul", &inputs, &[output], transposed);
        };
        let product = format!("{output}.product");
        self.graph
            .node(CONTRIB, "FusedMatMul", &[input, &weight], &[&product], transposed);
        self.graph
            .node(STANDARD, "Add", &[&product, bias], &[output], vec![])
    }

    /// Sums of the input over the blocks of a split form.
    fn sums(&mut self, input: &str, row_len: usize, block: usize) -> Result<String, ImportError> {
        let suffix = if block == 32 {
            String::new()
        } else {
            format!(".{block}")
        };
        let sums = format!("{input}.sums{suffix}");
        if !self.block_sums.insert(sums.clone()) {
            return Ok(sums);
        }
        let shape = format!("block_shape.{row_len}{suffix}");
        if !self.graph.has(&shape) {
            self.graph
                .ints(&shape, &[0, 0, (row_len / block) as i64, block as i64])?;
        }
        if !self.graph.has("block_axis") {
            self.graph.ints("block_axis", &[-1])?;
        }
        let blocks = format!("{input}.blocks{suffix}");
        self.graph
            .node(STANDARD, "Reshape", &[input, &shape], &[&blocks], vec![]);
        let keep = vec![AttributeProto::int("keepdims", 0)];
        self.graph
            .node(STANDARD, "ReduceSum", &[&blocks, "block_axis"], &[&sums], keep);
        Ok(sums)
    }

    /// `output = rows of matrix picked by indices`, dequantised. The matrix must not be split.
    pub(crate) fn lookup(&mut self, indices: &str, matrix: &Matrix, output: &str) -> String {
        let form = matrix.form;
        // The same bytes as the product's, seen as two-dimensional: a tied table is stored once.
        let row_bytes = form.blocks(matrix.row_len) * form.block_bytes();
        let parts = self.place(&format!("{}.lookup", matrix.name), matrix, &[row_bytes]);
        let attributes = vec![
            AttributeProto::int("bits", form.bits.count() as i64),
            AttributeProto::int("block_size", form.block as i64),
            AttributeProto::int("gather_axis", 0),
            AttributeProto::int("quantize_axis", 1),
        ];
        // Zero points are explicit because their default differs between providers.
        let inputs = [parts[0].as_str(), indices, &parts[1], &parts[2]];
        self.graph
            .node(CONTRIB, "GatherBlockQuantized", &inputs, &[output], attributes)
    }
}
