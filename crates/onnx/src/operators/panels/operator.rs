//! The operators as ONNX Runtime sees them.

use footnote_model_import::panels::{
    Activation, BLOCK, GATE, LOOK_UP, MOST_TERMS, MULTIPLY, PANEL_ROWS, PanelFormat, TERMS,
    reference::dequantise,
};
use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput,
};
use ort::value::TensorElementType;

use super::matrix::{Matrix, Output};
use super::product::Products;
use crate::operators::{invalid, missing, number};

/// Adds the operators to a domain, for a session whose pool has `threads` threads.
pub(in crate::operators) fn add(domain: OperatorDomain, threads: usize) -> ort::Result<OperatorDomain> {
    domain
        .add(Multiply { threads })?
        .add(Gate { threads })?
        .add(LookUp)
}

/// [`MULTIPLY`].
struct Multiply {
    threads: usize,
}

/// [`GATE`].
struct Gate {
    threads: usize,
}

/// [`LOOK_UP`].
struct LookUp;

/// The matrices that a node's attributes describe.
fn matrices(context: &KernelContext<'_>) -> ort::Result<Vec<Matrix>> {
    let list = |name: &str| {
        context
            .get::<Vec<i64>>(name)
            .ok_or_else(|| invalid(format_args!("the attribute {name} is missing")))
    };
    let columns = usize::try_from(number(context, "columns")?).unwrap_or_default();
    let (rows, formats) = (list("rows")?, list("formats")?);
    let described = rows
        .iter()
        .zip(&formats)
        .map(|(&rows, &format)| Some((PanelFormat::from_number(format)?, usize::try_from(rows).ok()?)));
    let described: Option<Vec<_>> = described.collect();
    described
        .filter(|_| rows.len() == formats.len())
        .and_then(|described| Matrix::sequence(&described, columns))
        .ok_or_else(|| invalid("the matrices are not described as they must be"))
}

/// The [`TERMS`] of a node.
fn terms(context: &KernelContext<'_>) -> ort::Result<usize> {
    let terms = context.get::<i64>(TERMS).map_or(Ok(1), usize::try_from);
    match terms {
        Ok(terms @ 1..=MOST_TERMS) => Ok(terms),
        _ => Err(invalid("inputs have one term or two")),
    }
}

impl Operator for Multiply {
    type Kernel<'attr> = MultiplyKernel;

    fn name(&self) -> &str {
        MULTIPLY
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [
            OperatorInput::required(TensorElementType::Float32),
            OperatorInput::required(TensorElementType::Uint8),
            OperatorInput::optional(TensorElementType::Float32),
        ]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<Self::Kernel<'attr>> {
        let matrices = matrices(context)?;
        Ok(MultiplyKernel(Products::new(
            matrices,
            Output::Rows,
            terms(context)?,
            self.threads,
        )))
    }
}

impl Operator for Gate {
    type Kernel<'attr> = MultiplyKernel;

    fn name(&self) -> &str {
        GATE
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [
            OperatorInput::required(TensorElementType::Float32),
            OperatorInput::required(TensorElementType::Uint8),
        ]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<Self::Kernel<'attr>> {
        let matrices = matrices(context)?;
        let activation = Activation::from_number(number(context, "activation")?)
            .ok_or_else(|| invalid("the activation is unknown"))?;
        match matrices.as_slice() {
            [gate, up] if gate.rows == up.rows => Ok(MultiplyKernel(Products::new(
                matrices,
                Output::Gated(activation),
                terms(context)?,
                self.threads,
            ))),
            _ => Err(invalid("a gate takes two matrices of equal rows")),
        }
    }
}

/// The kernel of [`Multiply`] and [`Gate`].
struct MultiplyKernel(Products);

impl Kernel for MultiplyKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let inputs = context.input(0)?.ok_or_else(missing)?;
        let weights = context.input(1)?.ok_or_else(missing)?;
        let bias = if context.num_inputs()? > 2 {
            context.input(2)?
        } else {
            None
        };
        let (shape, inputs) = inputs.try_extract_tensor::<f32>()?;
        let (_, weights) = weights.try_extract_tensor::<u8>()?;
        let bias = match &bias {
            Some(bias) => Some(bias.try_extract_tensor::<f32>()?.1),
            None => None,
        };
        let mut shape = shape.to_vec();
        let width = shape.pop().unwrap_or_default();
        shape.push(self.0.width() as i64);
        if width != self.0.columns() as i64 {
            return Err(invalid(format_args!("inputs have {width} columns")));
        }
        let mut output = context.output(0, shape)?.ok_or_else(missing)?;
        let (_, output) = output.try_extract_tensor_mut::<f32>()?;
        self.0.compute(context, inputs, weights, bias, output)
    }
}

impl Operator for LookUp {
    type Kernel<'attr> = LookUpKernel;

    fn name(&self) -> &str {
        LOOK_UP
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [
            OperatorInput::required(TensorElementType::Int64),
            OperatorInput::required(TensorElementType::Uint8),
        ]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<Self::Kernel<'attr>> {
        match matrices(context)?.as_slice() {
            [matrix] => Ok(LookUpKernel(*matrix)),
            _ => Err(invalid("a look-up takes one matrix")),
        }
    }
}

/// The kernel of [`LookUp`].
struct LookUpKernel(Matrix);

impl Kernel for LookUpKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let indices = context.input(0)?.ok_or_else(missing)?;
        let weights = context.input(1)?.ok_or_else(missing)?;
        let (shape, indices) = indices.try_extract_tensor::<i64>()?;
        let (_, weights) = weights.try_extract_tensor::<u8>()?;
        let mut shape = shape.to_vec();
        shape.push(self.0.columns as i64);
        let mut output = context.output(0, shape)?.ok_or_else(missing)?;
        let (_, output) = output.try_extract_tensor_mut::<f32>()?;
        debug_assert!(self.0.columns.is_multiple_of(BLOCK));
        for (index, row) in indices.iter().zip(output.chunks_exact_mut(self.0.columns)) {
            let index = usize::try_from(*index)
                .ok()
                .filter(|index| *index < self.0.rows)
                .ok_or_else(|| invalid(format_args!("there is no row {index}")))?;
            let panel = self
                .0
                .panel(weights, index / PANEL_ROWS)
                .ok_or_else(|| invalid("the matrix is too short"))?;
            dequantise(self.0.format, panel, index % PANEL_ROWS, row);
        }
        Ok(())
    }
}
