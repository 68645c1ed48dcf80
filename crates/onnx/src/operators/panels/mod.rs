//! Products and look-ups over [`footnote_model_import::panels`].
//!
//! `kernel` has the processor's kernels, `product` shares the work of a node out among threads, and `operator` is what
//! ONNX Runtime sees. Every kernel computes what `footnote_model_import::panels::reference` says.

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

pub(super) use operator::add;
