//! Products and look-ups over [`footnote_model_import::panels`]: Footnote's own operators.
//!
//! [`kernel`] picks the processor's kernel, `product` shares the work of a node out among threads, and `operator` is
//! what ONNX Runtime sees. Every kernel computes what `footnote_model_import::panels::reference` says, so an output depends
//! on its own row of inputs alone: not on the number of threads, nor on the rows beside it.
//!
//! `unsafe` is in this module's kernels and where they are called.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod gate;
mod inputs;
mod kernel;
mod matrix;
mod operator;
mod portable;
mod product;
#[cfg(test)]
mod tests;

pub use operator::domain;
