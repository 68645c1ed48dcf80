//! Which operator form each weight takes.

use crate::attention::LARGEST_HEAD;
use crate::gguf::TensorView;
use crate::import::{Operators, Profile};
use crate::linear::InputPrecision;
use crate::panels;
use crate::quant::pack::{Bits, Form, Method};

/// Chooses forms by profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormPolicy {
    pub(crate) profile: Profile,
    pub(crate) operators: Operators,
}

/// Models with fewer weights in their layers bear the rounding of inputs to eight bits less well: it moved the output of
/// two with 100 million by 0.0013 and 0.0017 nats, and that of one with 360 million by 0.0004 (`BENCHMARKS.md`).
const SMALL: usize = 200_000_000;

impl FormPolicy {
    /// How exactly the products of a model take their inputs, which has so many weights in its layers.
    pub(crate) fn inputs(self, weights: usize) -> InputPrecision {
        // Half precision is for graphics processors, which never round inputs to bytes.
        let small = !self.operators.is_half() && weights < SMALL;
        match self.profile {
            Profile::Exact if small => InputPrecision::Fine,
            _ => InputPrecision::Bytes,
        }
    }

    /// Whether these matrices go into panels, as one.
    pub(crate) fn panels(self, views: &[TensorView<'_>]) -> bool {
        self.operators == Operators::Panels && panels::fit(views)
    }

    /// Whether attention with heads of that size is an operator of our own.
    pub(crate) fn own_attention(self, head_dim: usize) -> bool {
        self.operators == Operators::Panels && head_dim <= LARGEST_HEAD
    }

    /// Form of a matrix that is multiplied.
    pub(crate) fn multiplied(self, view: &TensorView<'_>) -> Form {
        let exact = Form::exact(view.ty);
        if self.operators == Operators::HalfFourBit {
            return match exact.bits {
                Bits::Four => exact,
                Bits::Eight | Bits::Sixteen => Form::HALVES,
            };
        }
        match self.profile {
            Profile::Exact => exact,
            Profile::Fast => {
                // Four-bit codes with a whole zero point are small and lossless already. Four bits with a minimum
                // take two products, which costs more than the bytes they save: a prompt is read in two thirds
                // of the time with eight bits in large blocks.
                if matches!(exact.method, Method::Codes) && exact.bits == Bits::Four {
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
