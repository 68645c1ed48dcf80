//! Quantised matrices as Footnote's own operators read them: GGUF's codes and scales, unchanged in value and at
//! the same size, in an order that vector instructions take as it comes.
//!
//! `format` describes the layout, [`pack`](self) writes it, and [`mod@reference`] says what the operators compute,
//! in plain Rust. The kernels are in `footnote-onnx`, which registers the operators of [`DOMAIN`].
//!
//! # Layout
//!
//! A matrix is cut into panels of [`PANEL_ROWS`] rows. A panel is all its codes, then all its scales, padded to
//! [`PANEL_ALIGNMENT`] bytes; panels follow one another. Rows that the last panel lacks are zeros.
//!
//! Codes come in blocks of [`BLOCK`] columns. Four columns of all sixteen rows are a *group*: 64 bytes when a code
//! takes a byte, row by row (byte `4 * row + column`), so that one instruction multiplies each row's four codes by
//! four inputs and adds the products up per row. A block is eight groups, stored as planes:
//!
//! | bits | planes of a block |
//! |---|---|
//! | 4 | four vectors of 64 bytes; the low nibbles of vector `p` are group `p`, the high ones group `p + 4` |
//! | 5 | as for 4, then one vector whose bit `g` is the fifth bit of group `g` |
//! | 6 | as for 4, then two vectors; bits `2t` and `2t + 1` of vector `v` are the upper bits of group `4v + t` |
//! | 8 | eight vectors, a group each |
//!
//! Scales are described at [`Scales`].

mod format;
mod nodes;
mod pack;
pub mod reference;
#[cfg(test)]
mod tests;

pub use format::{BLOCK, PANEL_ALIGNMENT, PANEL_ROWS, PanelFormat, SUPER_BLOCK, Scales};
pub(crate) use nodes::{PanelMatrices, fit};

/// Operator domain of Footnote's own operators.
pub const DOMAIN: &str = "footnote";
/// Version of that domain's operators.
pub const DOMAIN_VERSION: i64 = 1;

/// `inputs * weights^T + bias` over one or several matrices, whose rows follow one another in the output.
///
/// Inputs: floats `[..., columns]`, bytes of the matrices one after another, and optionally a bias. Attributes:
/// `columns`, for each matrix its rows (`rows`) and [`PanelFormat::number`] (`formats`), and [`TERMS`]. All matrices but
/// the last have whole panels.
pub const MULTIPLY: &str = "PanelMultiply";
/// `activation(inputs * gate^T) * (inputs * up^T)`.
///
/// As [`MULTIPLY`] with two matrices of equal rows and no bias, and the attribute `activation`: an
/// [`Activation::number`].
pub const GATE: &str = "PanelGate";
/// Rows of one matrix picked by indices, as floats.
///
/// Inputs: int64 indices and the bytes of the matrix. Attributes as for [`MULTIPLY`].
pub const LOOK_UP: &str = "PanelLookUp";

/// Attribute of [`MULTIPLY`] and [`GATE`]: how many rows of codes stand for a row of inputs, 1 (also where it is
/// missing) or [`MOST_TERMS`]. The second row is that of [`reference::Inputs::remainder`]; the products of both are added
/// up. That leaves one part in some 60,000 of an input's magnitude instead of one in 250, for twice the products.
pub const TERMS: &str = "terms";
/// The largest number of [`TERMS`].
pub const MOST_TERMS: usize = 2;

/// Activation of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x * sigmoid(x)`.
    Silu,
    /// GELU by its tanh formula.
    GeluTanh,
}

impl Activation {
    /// Its number in a graph.
    pub const fn number(self) -> i64 {
        match self {
            Self::Silu => 0,
            Self::GeluTanh => 1,
        }
    }

    /// The activation of that number.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Silu, Self::GeluTanh]
            .into_iter()
            .find(|activation| activation.number() == number)
    }
}
