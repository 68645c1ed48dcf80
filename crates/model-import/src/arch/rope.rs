//! Rotary position tables with the scalings in use.
//!
//! Angles are `position * frequency`; cosine and sine are multiplied by an attention factor. Sources:
//! linear <https://arxiv.org/abs/2306.15595>, YaRN <https://arxiv.org/abs/2309.00071> (formulas as in
//! `ggml_rope_ext` of llama.cpp and `modeling_rope_utils.py` of transformers), LongRoPE
//! <https://arxiv.org/abs/2402.13753>, Llama 3's `rope_type: llama3`.

use std::f64::consts::PI;

use crate::error::ImportError;
use crate::graph::{GraphBuilder, STANDARD};
use crate::manifest::ROPE_START;
use crate::onnx::{AttributeProto, DataType, Dim, ValueInfoProto};

/// Angles of one kind of layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    /// Elements of a head that are turned, in pairs; the rest pass through.
    pub dims: usize,
    /// Base of the frequencies.
    pub base: f64,
    /// How the angles were stretched to longer contexts.
    pub scaling: Scaling,
    /// Factor of cosine and sine besides the scaling's own.
    pub attention_factor: f64,
}

/// Changes to the frequencies `base^(-2i / dims)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scaling {
    None,
    /// All frequencies divided by a factor.
    Linear(f64),
    /// Each frequency divided by its own factor (`rope_freqs` of Llama 3).
    PerFrequency(Vec<f64>),
    /// The same with one set of factors for sequences of up to `original_context` tokens and another for longer ones.
    LongRope {
        short: Vec<f64>,
        long: Vec<f64>,
        original_context: usize,
    },
    /// Low frequencies divided by the factor, high ones kept, a ramp between.
    Yarn {
        factor: f64,
        original_context: f64,
        beta_fast: f64,
        beta_slow: f64,
    },
}

impl Scaling {
    /// LongRoPE for sequences of up to `context` tokens; the short factors alone if those are all short.
    pub(crate) fn longrope(short: Vec<f64>, long: Vec<f64>, original_context: usize, context: usize) -> Self {
        if context <= original_context {
            return Self::PerFrequency(short);
        }
        Self::LongRope {
            short,
            long,
            original_context,
        }
    }

    /// Llama 3's rule as factors per frequency.
    pub(crate) fn llama3(
        rope: (usize, f64),
        factor: f64,
        low_freq_factor: f64,
        high_freq_factor: f64,
        original_context: f64,
    ) -> Self {
        let (dims, base) = rope;
        let divisors = (0..dims / 2).map(|i| {
            let wavelength = 2.0 * PI / frequency(base, i, dims);
            let turns = original_context / wavelength;
            if turns > high_freq_factor {
                1.0
            } else if turns < low_freq_factor {
                factor
            } else {
                let smooth = (turns - low_freq_factor) / (high_freq_factor - low_freq_factor);
                1.0 / ((1.0 - smooth) / factor + smooth)
            }
        });
        Self::PerFrequency(divisors.collect())
    }
}

fn frequency(base: f64, pair: usize, dims: usize) -> f64 {
    base.powf(-2.0 * pair as f64 / dims as f64)
}

impl Rope {
    /// The frequency of each pair; of LongRoPE those of short sequences.
    pub(crate) fn frequencies(&self) -> Vec<f64> {
        let plain = |i: usize| frequency(self.base, i, self.dims);
        let half = self.dims / 2;
        match &self.scaling {
            Scaling::None => (0..half).map(plain).collect(),
            Scaling::Linear(factor) => (0..half).map(|i| plain(i) / factor).collect(),
            Scaling::PerFrequency(factors) | Scaling::LongRope { short: factors, .. } => {
                self.divided(factors)
            }
            Scaling::Yarn {
                factor,
                original_context,
                beta_fast,
                beta_slow,
            } => {
                // The pair that turns `beta` times over the original context.
                let pair = |beta: f64| {
                    self.dims as f64 * (original_context / (beta * 2.0 * PI)).ln() / (2.0 * self.base.ln())
                };
                let low = pair(*beta_fast).floor().max(0.0);
                let high = pair(*beta_slow).ceil().min(self.dims as f64 - 1.0);
                let ramp = |i: usize| ((i as f64 - low) / (high - low).max(0.001)).clamp(0.0, 1.0);
                let mixed = (0..half).map(|i| {
                    let interpolated = ramp(i);
                    plain(i) / factor * interpolated + plain(i) * (1.0 - interpolated)
                });
                mixed.collect()
            }
        }
    }

    fn divided(&self, factors: &[f64]) -> Vec<f64> {
        let scaled = factors.iter().enumerate();
        scaled
            .map(|(i, factor)| frequency(self.base, i, self.dims) / factor)
            .collect()
    }

    /// Where there are tables for longer sequences: the longest of the short ones, and the frequencies.
    pub(crate) fn long(&self) -> Option<(usize, Vec<f64>)> {
        match &self.scaling {
            Scaling::LongRope {
                long,
                original_context,
                ..
            } => Some((*original_context, self.divided(long))),
            _ => None,
        }
    }

    /// The factor of cosine and sine.
    pub(crate) fn magnitude(&self) -> f64 {
        match self.scaling {
            Scaling::Yarn { factor, .. } if factor > 1.0 => self.attention_factor * (1.0 + 0.1 * factor.ln()),
            _ => self.attention_factor,
        }
    }

    /// Writes `NAME.cos` and `NAME.sin`, `[context, dims / 2]`.
    ///
    /// LongRoPE has two tables, which lie one after the other in `NAME.both.cos` and `NAME.both.sin`: the short
    /// one with as many rows as it is for, then the long one. The input [`ROPE_START`] says at which row the table of
    /// this sequence begins, and what is named `NAME.cos` are as many rows from there as the sequence has positions.
    pub(crate) fn write(
        &self,
        name: &str,
        context: usize,
        graph: &mut GraphBuilder,
    ) -> Result<(), ImportError> {
        let short = self.frequencies();
        let Some((original, long)) = self.long() else {
            return self.write_tables(name, &[(context, short)], graph);
        };
        let both = format!("{name}.both");
        self.write_tables(&both, &[(original, short), (context, long)], graph)?;
        let start = [Dim::Fixed(1)];
        graph.input(ValueInfoProto::tensor(ROPE_START, DataType::Int64, &start));
        graph.ints("rope.one", &[1])?;
        graph.ints("rope.rows", &[0])?;
        let to = vec![AttributeProto::int("to", DataType::Int64 as i64)];
        graph.node(STANDARD, "Cast", &["total_len"], &["rope.total"], to);
        let length = ["rope.total", "rope.one"];
        graph.node(STANDARD, "Reshape", &length, &["rope.length"], vec![]);
        graph.node(
            STANDARD,
            "Add",
            &[ROPE_START, "rope.length"],
            &["rope.end"],
            vec![],
        );
        for part in ["cos", "sin"] {
            let (table, rows) = (format!("{both}.{part}"), format!("{name}.{part}"));
            let inputs = [table.as_str(), ROPE_START, "rope.end", "rope.rows"];
            graph.node(STANDARD, "Slice", &inputs, &[&rows], vec![]);
        }
        Ok(())
    }

    /// Writes tables, each of so many rows, one after the other.
    fn write_tables(
        &self,
        name: &str,
        tables: &[(usize, Vec<f64>)],
        graph: &mut GraphBuilder,
    ) -> Result<(), ImportError> {
        let magnitude = self.magnitude();
        let precision = graph.precision;
        let rows = tables.iter().map(|(rows, _)| rows).sum();
        for (part, function) in [("cos", f64::cos as fn(f64) -> f64), ("sin", f64::sin)] {
            let shape = [rows, self.dims / 2];
            let slot = graph.reserve(&format!("{name}.{part}"), precision.data_type(), &shape);
            if graph.has_written(&[slot]) {
                continue;
            }
            let mut at = 0;
            for (rows, frequencies) in tables {
                for first in (0..*rows).step_by(4096) {
                    let values: Vec<f32> = (first..(first + 4096).min(*rows))
                        .flat_map(|position| frequencies.iter().map(move |f| position as f64 * f))
                        .map(|angle| (function(angle) * magnitude) as f32)
                        .collect();
                    let bytes = precision.bytes(&values);
                    graph.write(slot, at, &bytes)?;
                    at += bytes.len() as u64;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rope(scaling: Scaling) -> Rope {
        Rope {
            dims: 64,
            base: 10_000.0,
            scaling,
            attention_factor: 1.0,
        }
    }

    #[test]
    fn yarn_keeps_high_and_divides_low_frequencies() {
        let plain = rope(Scaling::None).frequencies();
        let yarn = rope(Scaling::Yarn {
            factor: 4.0,
            original_context: 4096.0,
            beta_fast: 32.0,
            beta_slow: 1.0,
        });
        let scaled = yarn.frequencies();
        assert_eq!(scaled[0], plain[0]);
        assert_eq!(scaled[31], plain[31] / 4.0);
        assert!(scaled.windows(2).all(|pair| pair[0] > pair[1]));
        assert!((yarn.magnitude() - 1.138_629_436).abs() < 1e-9);
    }

    /// Values of `_compute_llama3_parameters` of transformers for base 500,000 and 128 elements.
    #[test]
    fn llama3_divides_long_waves_by_the_factor() {
        let scaling = Scaling::llama3((128, 500_000.0), 32.0, 1.0, 4.0, 8192.0);
        let Scaling::PerFrequency(factors) = scaling else {
            panic!("not per frequency")
        };
        assert_eq!(factors[0], 1.0);
        assert_eq!(factors[63], 32.0);
        assert!(factors.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(factors.iter().any(|factor| *factor > 1.0 && *factor < 32.0));
    }
}
