//! One tensor of a safetensors file.

use std::path::Path;

use half::{bf16, f16};

use super::dtype::Dtype;
use crate::error::ImportError;
use crate::gguf::{GgmlType, TensorView};

/// A tensor's name, type, shape and bytes, borrowed from the mapped file.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// Name, for instance `encoder.layer.0.attention.self.query.weight`.
    pub name: &'a str,
    /// Element type.
    pub dtype: Dtype,
    /// Dimensions, the slowest running one first; empty for a scalar.
    pub shape: &'a [usize],
    /// Little-endian elements in row-major order. They need not be aligned.
    pub bytes: &'a [u8],
    pub(super) path: &'a Path,
}

impl<'a> Tensor<'a> {
    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.bytes.len() / self.dtype.size()
    }

    /// Elements per row: the last dimension, 1 for a scalar.
    pub fn row_len(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Rows: the product of all dimensions but the last.
    pub fn rows(&self) -> usize {
        self.elements().checked_div(self.row_len()).unwrap_or(0)
    }

    /// Appends the values of rows `first` to `first + count` (which must exist) to `out`, rounded to float32.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for integers.
    pub fn read_rows(&self, first: usize, count: usize, out: &mut Vec<f32>) -> Result<(), ImportError> {
        let row_bytes = self.row_len() * self.dtype.size();
        let bytes = &self.bytes[first * row_bytes..(first + count) * row_bytes];
        match self.dtype {
            Dtype::F64 => out.extend(chunks(bytes).map(|bytes| f64::from_le_bytes(bytes) as f32)),
            Dtype::F32 => out.extend(chunks(bytes).map(f32::from_le_bytes)),
            Dtype::F16 => out.extend(chunks(bytes).map(|bytes| f16::from_le_bytes(bytes).to_f32())),
            Dtype::Bf16 => out.extend(chunks(bytes).map(|bytes| bf16::from_le_bytes(bytes).to_f32())),
            Dtype::I64 => return Err(self.unsupported("F64, F32, F16, BF16")),
        }
        Ok(())
    }

    /// All values, rounded to float32.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for integers.
    pub fn floats(&self) -> Result<Vec<f32>, ImportError> {
        let mut values = Vec::with_capacity(self.elements());
        self.read_rows(0, self.rows(), &mut values)?;
        Ok(values)
    }

    /// All values of an integer tensor.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for floats.
    pub fn ints(&self) -> Result<Vec<i64>, ImportError> {
        match self.dtype {
            Dtype::I64 => Ok(chunks(self.bytes).map(i64::from_le_bytes).collect()),
            _ => Err(self.unsupported("I64")),
        }
    }

    /// The same bytes as rows, in the form that GGUF tensors have.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for types that GGUF weights do not have (F64, I64).
    pub fn view(&self) -> Result<TensorView<'a>, ImportError> {
        let ty = match self.dtype {
            Dtype::F32 => GgmlType::F32,
            Dtype::F16 => GgmlType::F16,
            Dtype::Bf16 => GgmlType::Bf16,
            Dtype::F64 | Dtype::I64 => return Err(self.unsupported("F32, F16, BF16")),
        };
        Ok(TensorView {
            name: self.name,
            ty,
            rows: self.rows(),
            row_len: self.row_len(),
            bytes: self.bytes,
        })
    }

    /// The tensor itself if it has shape `expected`.
    ///
    /// # Errors
    /// [`ImportError::Tensor`] for another shape.
    pub fn shaped(self, expected: &[usize]) -> Result<Self, ImportError> {
        if self.shape == expected {
            return Ok(self);
        }
        Err(ImportError::Tensor {
            path: self.path.into(),
            name: self.name.into(),
            found: format!("has shape {:?}", self.shape),
            expected: format!("{expected:?}"),
        })
    }

    fn unsupported(&self, supported: &'static str) -> ImportError {
        ImportError::Unsupported {
            path: self.path.into(),
            key: format!("dtype of tensor {}", self.name),
            value: self.dtype.name().into(),
            supported,
        }
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}
