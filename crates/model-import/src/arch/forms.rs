//! Which operator form each weight takes.

use super::config::DecoderConfig;
use super::weights::{Part, Role, Weights};
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::import::Profile;
use crate::quant::pack::{Bits, Form, Method};

/// Chooses forms by profile and by what the file mostly holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormPolicy {
    profile: Profile,
    /// Most weights have four bits with a minimum, where the split form reads the fewest bytes.
    mostly_split: bool,
}

impl FormPolicy {
    pub(crate) fn new(
        weights: &dyn Weights,
        config: &DecoderConfig,
        profile: Profile,
    ) -> Result<Self, ImportError> {
        let (mut split, mut all) = (0u64, 0u64);
        for layer in 0..config.layers.len() {
            for part in Part::MATRICES {
                let (rows, row_len) = config.shape(part);
                let view = weights.matrix(Role::Layer(layer, part), rows, row_len)?;
                let elements = rows as u64 * row_len as u64;
                all += elements;
                if Form::exact(view.ty).is_split() {
                    split += elements;
                }
            }
        }
        Ok(Self {
            profile,
            mostly_split: split * 2 > all,
        })
    }

    /// Form of a matrix that is multiplied.
    pub(crate) fn multiplied(self, view: &TensorView<'_>) -> Form {
        let exact = Form::exact(view.ty);
        match self.profile {
            Profile::Exact => exact,
            Profile::Fast => {
                // Four-bit codes with a whole zero point are small and lossless already.
                let keep = match exact.method {
                    Method::Codes => exact.bits == Bits::Four,
                    Method::Split(_) => self.mostly_split,
                    Method::Scaled(_) | Method::Requantise => false,
                };
                if keep {
                    exact
                } else {
                    Form::requantised(large_block(view.row_len))
                }
            }
        }
    }

    /// Form of a table that is both multiplied and looked up.
    pub(crate) fn tied(self, view: &TensorView<'_>) -> Form {
        match self.profile {
            Profile::Exact => Form::lookup(view.ty),
            Profile::Fast => Form::requantised(large_block(view.row_len)),
        }
    }

    /// Form of a table that is only looked up; it is mapped, so precision costs no speed.
    pub(crate) fn looked_up(self, view: &TensorView<'_>) -> Form {
        Form::lookup(view.ty)
    }
}

/// The largest block up to 128 that rows are whole numbers of.
fn large_block(row_len: usize) -> usize {
    [128, 64]
        .into_iter()
        .find(|block| row_len.is_multiple_of(*block))
        .unwrap_or(32)
}
