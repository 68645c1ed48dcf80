//! What embedders, rerankers and classifiers share: batches of token ids in, numbers a text out.

mod batch;
mod session;

pub(crate) use batch::plan;
pub(crate) use session::{EncoderSession, Row};

#[cfg(test)]
mod tests;
