//! The products of a node, shared out among the threads of ONNX Runtime's pool.

use footnote_model_import::panels::PANEL_ROWS;
use ort::operator::ComputeContext;

use super::inputs::{GROUP_ROWS, Group, Inputs};
use super::kernel::{Kernel, Product};
use super::matrix::{Matrix, Output};
use crate::operators::in_parallel;
use crate::operators::processor::InstructionSet;

/// Panels that are multiplied with one group of rows before the next group: their codes stay in the second-level
/// cache, and the group in the first.
const PANELS_TOGETHER: usize = 4;
/// Pieces of work a thread, so that a thread that wakes late leaves more to the others.
const PIECES: usize = 8;

type Buffer = [[f32; PANEL_ROWS]; GROUP_ROWS];

/// A node that multiplies.
pub(super) struct Products {
    matrices: Vec<(Matrix, [Product; GROUP_ROWS])>,
    output: Output,
    /// Rows of codes for each row of inputs.
    terms: usize,
    threads: usize,
    kernel: Kernel,
    inputs: Inputs,
}

/// Where rows of numbers are written to.
struct Target {
    data: *mut f32,
    width: usize,
}

// SAFETY: every thread writes columns of its own.
unsafe impl Sync for Target {}

impl Target {
    /// # Safety
    /// The columns must exist and be written by nobody else.
    unsafe fn write(&self, row: usize, column: usize, values: &[f32]) {
        // SAFETY: the caller's.
        unsafe {
            self.data
                .add(row * self.width + column)
                .copy_from_nonoverlapping(values.as_ptr(), values.len());
        }
    }
}

impl Products {
    /// `matrices` as [`Matrix::sequence`] made them; for [`Output::Gated`] two of equal rows. `terms` as
    /// [`Inputs::resize`] takes them.
    pub(super) fn new(matrices: Vec<Matrix>, output: Output, terms: usize, threads: usize) -> Self {
        let kernel = Kernel::of(InstructionSet::best());
        Self {
            matrices: matrices
                .into_iter()
                .map(|matrix| (matrix, kernel.products(matrix.format)))
                .collect(),
            output,
            terms,
            threads: threads.max(1),
            kernel,
            inputs: Inputs::default(),
        }
    }

    /// Columns of the inputs.
    pub(super) fn columns(&self) -> usize {
        self.matrices[0].0.columns
    }

    /// Columns of the output.
    pub(super) fn width(&self) -> usize {
        match self.output {
            Output::Rows => self.matrices.iter().map(|(matrix, _)| matrix.rows).sum(),
            Output::Gated(_) => self.matrices[0].0.rows,
        }
    }

    /// Computes `output` from whole rows of `inputs`.
    ///
    /// # Errors
    /// If the sizes do not fit each other.
    pub(super) fn compute(
        &mut self,
        context: &ComputeContext,
        inputs: &[f32],
        weights: &[u8],
        bias: Option<&[f32]>,
        output: &mut [f32],
    ) -> ort::Result<()> {
        let (columns, width) = (self.columns(), self.width());
        let rows = inputs.len() / columns;
        let end = self.matrices.last().map_or(0, |(matrix, _)| matrix.end());
        if inputs.len() != rows * columns
            || output.len() != rows * width
            || weights.len() < end
            || bias.is_some_and(|bias| bias.len() != width)
        {
            return Err(ort::Error::new(
                "the sizes of inputs, weights and outputs do not fit",
            ));
        }
        self.inputs
            .resize(rows, columns, self.terms)
            .map_err(|error| ort::Error::new(format!("out of memory for {rows} rows: {error}")))?;
        let (writer, groups, quantise) = (self.inputs.writer(), self.inputs.groups(), self.kernel.quantise);
        // SAFETY: each group is written once, and read below only.
        in_parallel(context, groups, &|group| unsafe {
            quantise(&writer, group, inputs)
        })?;

        let target = Target {
            data: output.as_mut_ptr(),
            width,
        };
        let panels = width.div_ceil(PANEL_ROWS);
        let together = if groups == 1 { 1 } else { PANELS_TOGETHER };
        let bundles = panels.div_ceil(together);
        let pieces = bundles.min(self.threads * PIECES);
        let this = &*self;
        in_parallel(context, pieces, &|piece| {
            for bundle in piece * bundles / pieces..(piece + 1) * bundles / pieces {
                for group in 0..groups {
                    let group = this.inputs.group(group);
                    for panel in bundle * together..((bundle + 1) * together).min(panels) {
                        this.panel(panel, &group, weights, bias, &target);
                    }
                }
            }
        })
    }

    /// Computes sixteen columns of a group's rows; `panel` counts the panels of the output.
    fn panel(&self, panel: usize, group: &Group, weights: &[u8], bias: Option<&[f32]>, target: &Target) {
        let mut buffer: Buffer = [[0.0; PANEL_ROWS]; GROUP_ROWS];
        let products = |matrix: &Matrix, products: &[Product; GROUP_ROWS], panel: usize, out: &mut Buffer| {
            multiply(matrix, products, panel, group, weights, &mut out[..group.rows]);
            add_terms(self.terms, &mut out[..group.rows]);
        };
        let count = group.rows / self.terms;
        let column = panel * PANEL_ROWS;
        let lanes = match self.output {
            Output::Rows => {
                // The matrix that has this row: the last that begins at it or before.
                let of = self
                    .matrices
                    .iter()
                    .rfind(|(matrix, _)| matrix.first_row <= column);
                let Some((matrix, kernels)) = of else { return };
                let panel = (column - matrix.first_row) / PANEL_ROWS;
                products(matrix, kernels, panel, &mut buffer);
                matrix.lanes(panel)
            }
            Output::Gated(activation) => {
                let [(gate, gate_kernels), (up, up_kernels)] = self.matrices.as_slice() else {
                    return;
                };
                let mut gates: Buffer = [[0.0; PANEL_ROWS]; GROUP_ROWS];
                products(gate, gate_kernels, panel, &mut gates);
                products(up, up_kernels, panel, &mut buffer);
                // SAFETY: the kernel is this processor's.
                unsafe { (self.kernel.apply_gate)(activation, &gates[..count], &mut buffer[..count]) };
                gate.lanes(panel)
            }
        };
        for (row, values) in buffer[..count].iter_mut().enumerate() {
            let values = &mut values[..lanes];
            if let Some(bias) = bias {
                for (value, bias) in values.iter_mut().zip(&bias[column..]) {
                    *value += bias;
                }
            }
            // SAFETY: the output has this row and these columns, and a panel is computed by one thread.
            unsafe { target.write(group.first / self.terms + row, column, values) };
        }
    }
}

/// Adds up the products of each row's terms, which then stand in the first rows.
fn add_terms(terms: usize, rows: &mut [[f32; PANEL_ROWS]]) {
    if terms == 1 {
        return;
    }
    for row in 0..rows.len() / terms {
        let mut total = [0.0; PANEL_ROWS];
        for term in &rows[terms * row..][..terms] {
            for (total, product) in total.iter_mut().zip(term) {
                *total += product;
            }
        }
        rows[row] = total;
    }
}

fn multiply(
    matrix: &Matrix,
    products: &[Product; GROUP_ROWS],
    panel: usize,
    group: &Group,
    weights: &[u8],
    out: &mut [[f32; PANEL_ROWS]],
) {
    if let Some(panel) = matrix.panel(weights, panel) {
        // SAFETY: a whole panel; the function is this processor's for this format and number of rows; inputs were
        // written before.
        unsafe { products[group.rows - 1](panel.as_ptr(), group, out) };
    }
}
