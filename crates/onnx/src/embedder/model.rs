//! The embedder's graph and what is left to do after it.

use footnote_core::{Error, Problem, Result};

use super::spec::EmbedderSpec;
use crate::encoder::{EncoderSession, Row};
use crate::runtime::Runtime;

/// Output that is already one vector a text.
const SENTENCE_OUTPUT: &str = "sentence_embedding";
/// Output with one vector a token; a published graph of that kind means the mean.
const TOKEN_OUTPUT: &str = "last_hidden_state";

/// A loaded embedding model.
pub(crate) struct EmbedderModel {
    session: EncoderSession,
    dimension: usize,
}

impl EmbedderModel {
    pub(crate) fn load(runtime: &Runtime, spec: &EmbedderSpec) -> Result<Self> {
        let outputs = [SENTENCE_OUTPUT, TOKEN_OUTPUT];
        Ok(Self {
            session: EncoderSession::load(runtime, &spec.graph, &outputs, spec.pad_token)?,
            dimension: spec.dimension,
        })
    }

    /// One unit-length vector a row of token ids.
    pub(crate) fn embed(&mut self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        let computed = self.session.run(rows)?;
        let pooled = self.session.output() == SENTENCE_OUTPUT;
        let stride = if pooled {
            self.dimension
        } else {
            self.dimension * computed.width
        };
        if computed.values.len() != stride * rows.len() {
            return Err(Error::bug(format!(
                "The embedder's output has {} numbers for {} texts",
                computed.values.len(),
                rows.len()
            )));
        }
        let vectors = computed.values.chunks_exact(stride).zip(rows).map(|(part, row)| {
            normalised(if pooled {
                part.to_vec()
            } else {
                mean(&part[..row.len() * self.dimension], self.dimension)
            })
        });
        vectors.collect()
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
            .problem(Problem::ModelMiscomputes {
                detail: "unusable vector".into(),
            })
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
