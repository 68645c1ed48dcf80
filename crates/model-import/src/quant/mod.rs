//! GGUF blocks and their `MatMulNBits` forms.
//!
//! A quantised weight is `scale * code - minimum` per group. [`decode`] takes blocks apart into exactly
//! these parts; [`pack`] lays them out for the operator, which wants integer zero points: where the minimum
//! is not a whole number of scales, the remainder becomes a correction on the sums of the inputs' blocks.

pub(crate) mod decode;
pub(crate) mod pack;

#[cfg(test)]
mod tests;
