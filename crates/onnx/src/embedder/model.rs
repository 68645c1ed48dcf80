//! The embedder's session and its in- and outputs.

use footnote_core::{Error, ErrorCode, Result};
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;
use std::borrow::Cow;

use super::spec::EmbedderSpec;
use crate::errors::from_ort;
use crate::runtime::{Runtime, Workload};

/// Output that is already one vector a text.
const SENTENCE_OUTPUT: &str = "sentence_embedding";
/// Output with one vector a token.
const TOKEN_OUTPUT: &str = "last_hidden_state";

/// What the graph leaves to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    /// Nothing.
    Done,
    /// The mean over a text's tokens.
    Mean,
}

/// A loaded embedding model.
pub(crate) struct EmbedderModel {
    session: Session,
    pooling: Pooling,
    /// Whether the graph wants sentence numbers (BERT's segments), all zero here.
    wants_types: bool,
    dimension: usize,
    pad_token: i64,
}

impl EmbedderModel {
    pub(crate) fn load(runtime: &Runtime, spec: &EmbedderSpec) -> Result<Self> {
        let session = runtime.session(&spec.graph, Workload::Encoder)?;
        let has = |name: &str| session.outputs().iter().any(|output| output.name() == name);
        let pooling = if has(SENTENCE_OUTPUT) {
            Pooling::Done
        } else if has(TOKEN_OUTPUT) {
            Pooling::Mean
        } else {
            return Err(Error::user(format!(
                "{}: the graph has neither `{SENTENCE_OUTPUT}` nor `{TOKEN_OUTPUT}`",
                spec.graph.display()
            ))
            .code(ErrorCode::Unsupported)
            .hint("Choose an embedding model from `footnote models list`"));
        };
        let wants_types = session
            .inputs()
            .iter()
            .any(|input| input.name() == "token_type_ids");
        Ok(Self {
            session,
            pooling,
            wants_types,
            dimension: spec.dimension,
            pad_token: spec.pad_token,
        })
    }

    /// One unit-length vector a row of token ids.
    pub(crate) fn embed(&mut self, rows: &[Vec<i64>]) -> Result<Vec<Vec<f32>>> {
        let fail = |error: ort::Error| from_ort("compute vectors", error);
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 {
            return Err(Error::bug("A text without a single token was to be embedded"));
        }
        let mut ids = Vec::with_capacity(rows.len() * width);
        let mut mask = Vec::with_capacity(rows.len() * width);
        for row in rows {
            ids.extend_from_slice(row);
            ids.resize(ids.len() + width - row.len(), self.pad_token);
            mask.resize(mask.len() + row.len(), 1_i64);
            mask.resize(mask.len() + width - row.len(), 0);
        }
        let shape = [rows.len(), width];
        let types = self.wants_types.then(|| vec![0_i64; ids.len()]);
        let tensor = |data: Vec<i64>| Tensor::from_array((shape, data)).map_err(fail);
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = vec![
            ("input_ids".into(), tensor(ids)?.into()),
            ("attention_mask".into(), tensor(mask)?.into()),
        ];
        if let Some(types) = types {
            inputs.push(("token_type_ids".into(), tensor(types)?.into()));
        }
        let outputs = self.session.run(inputs).map_err(fail)?;
        let name = match self.pooling {
            Pooling::Done => SENTENCE_OUTPUT,
            Pooling::Mean => TOKEN_OUTPUT,
        };
        let (_, data) = outputs[name].try_extract_tensor::<f32>().map_err(fail)?;
        let stride = match self.pooling {
            Pooling::Done => self.dimension,
            Pooling::Mean => self.dimension * width,
        };
        if data.len() != stride * rows.len() {
            return Err(Error::bug(format!(
                "The embedder's output has {} numbers for {shape:?}",
                data.len()
            )));
        }
        let pooled = data
            .chunks_exact(stride)
            .zip(rows)
            .map(|(part, row)| match self.pooling {
                Pooling::Done => part.to_vec(),
                Pooling::Mean => mean(&part[..row.len() * self.dimension], self.dimension),
            });
        pooled.map(normalised).collect()
    }
}

fn mean(tokens: &[f32], dimension: usize) -> Vec<f32> {
    let mut sum = vec![0.0; dimension];
    for token in tokens.chunks_exact(dimension) {
        for (total, value) in sum.iter_mut().zip(token) {
            *total += value;
        }
    }
    sum
}

/// The vector at length one; so a sum serves as well as a mean.
fn normalised(mut vector: Vec<f32>) -> Result<Vec<f32>> {
    let norm = vector
        .iter()
        .map(|value| f64::from(*value).powi(2))
        .sum::<f64>()
        .sqrt();
    if !norm.is_finite() || norm < 1e-12 {
        return Err(Error::runtime("The embedding model computed an unusable vector")
            .hint("Set the provider to CPU in the settings, and run `footnote models verify`"));
    }
    for value in &mut vector {
        *value = (f64::from(*value) / norm) as f32;
    }
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_get_length_one() {
        let vector = normalised(mean(&[1.0, 2.0, 5.0, 6.0], 2)).expect("vector");
        assert!((vector[0] - 0.6).abs() < 1e-6 && (vector[1] - 0.8).abs() < 1e-6);
        assert!(normalised(vec![f32::NAN]).is_err());
        assert!(normalised(vec![0.0, 0.0]).is_err());
    }
}
