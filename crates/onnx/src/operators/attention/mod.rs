//! [`footnote_model_import::attention`]: attention of a group of query heads to the keys and values they share.
//!
//! `operator` is what ONNX Runtime sees, `step` what one call computes and how it is shared out among threads, `tile` the
//! part that a thread computes at once, and `kernel` what differs between processors.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernel;
mod operator;
mod portable;
mod step;
#[cfg(test)]
mod tests;
mod tile;

pub(super) use operator::add;
