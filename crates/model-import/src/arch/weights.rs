//! Weights of a decoder by role, whatever the file calls them.

use std::path::Path;

use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::quant::decode::{Codes, floats};

/// A weight inside a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    AttentionNorm,
    Query,
    Key,
    Value,
    QueryNorm,
    KeyNorm,
    AttentionOutput,
    PostAttentionNorm,
    FeedForwardNorm,
    Gate,
    Up,
    Down,
    PostFeedForwardNorm,
}

impl Part {
    pub(crate) const ALL: [Self; 13] = [
        Self::AttentionNorm,
        Self::Query,
        Self::Key,
        Self::Value,
        Self::QueryNorm,
        Self::KeyNorm,
        Self::AttentionOutput,
        Self::PostAttentionNorm,
        Self::FeedForwardNorm,
        Self::Gate,
        Self::Up,
        Self::Down,
        Self::PostFeedForwardNorm,
    ];
    /// Those that are multiplied.
    pub(crate) const MATRICES: [Self; 7] = [
        Self::Query,
        Self::Key,
        Self::Value,
        Self::AttentionOutput,
        Self::Gate,
        Self::Up,
        Self::Down,
    ];

    pub(crate) fn is_matrix(self) -> bool {
        Self::MATRICES.contains(&self)
    }
}

/// A weight of a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Embedding,
    FinalNorm,
    Head,
    Layer(usize, Part),
}

/// Where a weight lies: `rows` from `first` of the tensor `name`, which has `total` rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Tensor name without `.weight` or `.bias`.
    pub name: String,
    pub first: usize,
    pub total: usize,
}

impl Place {
    /// A whole tensor of `total` rows.
    pub(crate) fn whole(name: impl Into<String>, total: usize) -> Self {
        Self {
            name: name.into(),
            first: 0,
            total,
        }
    }
}

/// A file of weights.
pub(crate) trait Weights {
    /// The file, for messages.
    fn path(&self) -> &Path;

    /// Where the weight with `rows` rows lies (a norm has one row).
    fn place(&self, role: Role, rows: usize) -> Place;

    /// The tensor of that full name.
    fn tensor(&self, name: &str) -> Result<TensorView<'_>, ImportError>;

    /// Whether there is a tensor of that full name.
    fn contains(&self, name: &str) -> bool;

    /// Gives the memory of `bytes` of a tensor, which were read through, back to the system.
    fn release(&self, bytes: &[u8]);

    /// What norm weights lack: Gemma's are stored less one outside GGUF.
    fn norm_offset(&self) -> f32 {
        0.0
    }

    /// Whether the weight exists.
    fn has(&self, role: Role) -> bool {
        self.contains(&format!("{}.weight", self.place(role, 1).name))
    }

    /// A matrix of `rows` rows of `row_len` elements.
    fn matrix(&self, role: Role, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        let place = self.place(role, rows);
        let view = self.shaped(&format!("{}.weight", place.name), place.total, row_len)?;
        Ok(view.rows(place.first, rows))
    }

    /// The bias that belongs to a matrix of `rows` rows, if there is one.
    fn bias(&self, role: Role, rows: usize) -> Result<Option<Vec<f32>>, ImportError> {
        let place = self.place(role, rows);
        let name = format!("{}.bias", place.name);
        if !self.contains(&name) {
            return Ok(None);
        }
        let values = to_floats(&self.shaped(&name, 1, place.total)?);
        Ok(Some(values[place.first..place.first + rows].to_vec()))
    }

    /// The weights of a norm over `len` elements.
    fn norm(&self, role: Role, len: usize) -> Result<Vec<f32>, ImportError> {
        let name = format!("{}.weight", self.place(role, 1).name);
        let mut values = to_floats(&self.shaped(&name, 1, len)?);
        for value in &mut values {
            *value += self.norm_offset();
        }
        Ok(values)
    }

    /// The tensor `name`, which must have that shape.
    fn shaped(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        let view = self.tensor(name)?;
        if (view.rows, view.row_len) != (rows, row_len) {
            return Err(ImportError::Tensor {
                path: self.path().into(),
                name: name.into(),
                found: format!("is {} x {}", view.rows, view.row_len),
                expected: format!("{rows} x {row_len}"),
            });
        }
        Ok(view)
    }
}

/// All values of a small tensor.
pub(crate) fn to_floats(view: &TensorView<'_>) -> Vec<f32> {
    let mut values = Vec::new();
    floats(view.ty, view.bytes, &mut Codes::default(), &mut values);
    values
}
