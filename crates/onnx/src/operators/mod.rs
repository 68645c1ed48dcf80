//! Footnote's own operators for the processor: products over [`footnote_model_import::panels`], and
//! [`footnote_model_import::attention`].
//!
//! Each has one kernel an instruction set, and all kernels give the same bits. An output depends on its own row of
//! inputs alone: not on the number of threads, nor on the rows beside it.
//!
//! `unsafe` is in the kernels and where they are called.

mod attention;
mod exp;
mod panels;
mod processor;

use footnote_model_import::panels::DOMAIN;
use ort::operator::{ComputeContext, KernelContext, OperatorDomain};

/// Footnote's operators, for a session whose pool has `threads` threads.
///
/// # Errors
/// Those of ONNX Runtime.
pub fn domain(threads: usize) -> ort::Result<OperatorDomain> {
    let domain = panels::add(OperatorDomain::new(DOMAIN)?, threads)?;
    attention::add(domain, threads)
}

fn invalid(what: impl std::fmt::Display) -> ort::Error {
    ort::Error::new(format!("{DOMAIN}: {what}"))
}

fn missing() -> ort::Error {
    invalid("an input is missing")
}

fn number(context: &KernelContext<'_>, name: &str) -> ort::Result<i64> {
    context
        .get::<i64>(name)
        .ok_or_else(|| invalid(format_args!("the attribute {name} is missing")))
}

/// Runs `work` for every index below `count`, on the pool if there are several.
fn in_parallel(context: &ComputeContext, count: usize, work: &(dyn Fn(usize) + Sync)) -> ort::Result<()> {
    if count == 1 {
        work(0);
        return Ok(());
    }
    context.par_for(count, count, work)
}
