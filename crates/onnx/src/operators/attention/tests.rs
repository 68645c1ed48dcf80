//! Every kernel this processor runs, against attention as it is written down, in float64.

use footnote_model_import::attention::KEY_BLOCK;

use super::step::{Attention, Rows, Spec, Step, Tables};
use crate::operators::processor::InstructionSet;

const CAPACITY: usize = 10 * KEY_BLOCK;

struct Random(u64);

impl Random {
    fn floats(&mut self, count: usize) -> Vec<f32> {
        let mut float = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| float()).collect()
    }
}

/// A layer with a sequence to attend to.
struct Layer {
    spec: Spec,
    size: usize,
    pairs: usize,
    length: usize,
    /// Packed rows of queries, keys and values.
    projected: Vec<f32>,
    angles: Vec<f32>,
}

impl Layer {
    fn new(spec: Spec, size: usize, pairs: usize, length: usize) -> Self {
        let mut random = Random(length as u64);
        Self {
            projected: random.floats(length * (spec.heads + 2 * spec.kv_heads) * size),
            angles: random.floats(length * pairs),
            spec,
            size,
            pairs,
            length,
        }
    }

    fn width(&self) -> usize {
        (self.spec.heads + 2 * self.spec.kv_heads) * self.size
    }

    /// The output of the whole sequence, fed in steps of so many rows.
    fn computed(&self, set: InstructionSet, threads: usize, steps: &[usize]) -> Vec<f32> {
        let mut attention = Attention::new(self.spec, set, threads);
        let cache = self.spec.kv_heads * CAPACITY * self.size;
        // What an earlier sequence left behind.
        let (mut keys, mut values) = (vec![9.0; cache], vec![9.0; cache]);
        let (cos, sin): (Vec<f32>, Vec<f32>) = self.angles.iter().map(|x| (x.cos(), x.sin())).unzip();
        let wide = self.spec.heads * self.size;
        let mut output = vec![0.0; self.length * wide];
        let mut start = 0;
        for &rows in steps {
            let packed = |offset| Rows {
                data: &self.projected[start * self.width()..(start + rows) * self.width()],
                stride: self.width(),
                offset,
            };
            let narrow = self.spec.kv_heads * self.size;
            let step = Step {
                spec: &self.spec,
                size: self.size,
                rows,
                start,
                capacity: CAPACITY,
                query: packed(0),
                key: packed(wide),
                value: packed(wide + narrow),
                tables: (self.pairs > 0).then_some(Tables {
                    cos: &cos,
                    sin: &sin,
                    pairs: self.pairs,
                }),
                keys: keys.as_mut_ptr(),
                values: values.as_mut_ptr(),
                queries: attention.queries(rows, self.size).unwrap(),
                output: output[start * wide..].as_mut_ptr(),
            };
            let in_order = |count: usize, work: &(dyn Fn(usize) + Sync)| {
                (0..count).rev().for_each(work);
                Ok(())
            };
            // SAFETY: the arrays have the sizes told.
            unsafe { attention.compute(&step, &in_order) }.unwrap();
            start += rows;
        }
        assert_eq!(start, self.length);
        output
    }

    /// A head of a row, turned.
    fn head(&self, row: usize, head: usize, turned: bool) -> Vec<f64> {
        let at = row * self.width() + head * self.size;
        let plain: Vec<f64> = self.projected[at..at + self.size]
            .iter()
            .map(|x| f64::from(*x))
            .collect();
        let mut out = plain.clone();
        for pair in 0..if turned { self.pairs } else { 0 } {
            let (i, j) = if self.spec.adjacent {
                (2 * pair, 2 * pair + 1)
            } else {
                (pair, pair + self.pairs)
            };
            let (sin, cos) = f64::from(self.angles[row * self.pairs + pair]).sin_cos();
            out[i] = plain[i] * cos - plain[j] * sin;
            out[j] = plain[j] * cos + plain[i] * sin;
        }
        out
    }

    fn expected(&self) -> Vec<f64> {
        let group = self.spec.group();
        let mut output = Vec::new();
        for row in 0..self.length {
            for head in 0..self.spec.heads {
                let query = self.head(row, head, true);
                let shared = self.spec.heads + head / group;
                let first = self
                    .spec
                    .window
                    .map_or(0, |window| (row + 1).saturating_sub(window));
                let weights: Vec<f64> = (first..=row)
                    .map(|at| {
                        let key = self.head(at, shared, true);
                        let dot: f64 = query.iter().zip(&key).map(|(a, b)| a * b).sum();
                        let score = dot * f64::from(self.spec.scale);
                        let cap = self.spec.cap.map(f64::from);
                        cap.map_or(score, |cap| cap * (score / cap).tanh()).exp()
                    })
                    .collect();
                let total: f64 = weights.iter().sum();
                let mut sum = vec![0.0; self.size];
                for (at, weight) in (first..=row).zip(&weights) {
                    let value = self.head(at, shared + self.spec.kv_heads, false);
                    for (sum, value) in sum.iter_mut().zip(value) {
                        *sum += weight / total * value;
                    }
                }
                output.extend(sum);
            }
        }
        output
    }
}

fn spec(heads: usize, kv_heads: usize) -> Spec {
    Spec {
        heads,
        kv_heads,
        scale: 0.7,
        adjacent: false,
        window: None,
        cap: None,
    }
}

/// Layers of every kind: groups, sizes that are no whole vectors, partly turned heads, windows across chunks, caps.
fn layers() -> Vec<Layer> {
    let adjacent = Spec {
        adjacent: true,
        ..spec(4, 4)
    };
    let window = Spec {
        window: Some(70),
        ..spec(6, 2)
    };
    let cap = Spec {
        cap: Some(1.5),
        window: Some(300),
        ..spec(2, 1)
    };
    vec![
        Layer::new(spec(7, 1), 64, 32, 300),
        Layer::new(adjacent, 24, 8, 90),
        Layer::new(window, 32, 16, 600),
        Layer::new(cap, 80, 0, 520),
        Layer::new(spec(2, 2), 8, 4, 1),
    ]
}

#[test]
fn every_kernel_computes_attention() {
    for layer in layers() {
        let expected = layer.expected();
        for set in InstructionSet::supported() {
            let got = layer.computed(set, 2, &[layer.length]);
            let off = got
                .iter()
                .zip(&expected)
                .map(|(got, want)| (f64::from(*got) - want).abs())
                .fold(0.0, f64::max);
            assert!(off < 2e-6, "{set:?} {:?}: off by {off}", layer.spec);
        }
    }
}

#[test]
fn neither_steps_nor_threads_nor_the_processor_change_a_bit() {
    for layer in layers() {
        let whole = layer.computed(InstructionSet::Portable, 1, &[layer.length]);
        for set in InstructionSet::supported() {
            for threads in [1, 2, 64] {
                let mut steps = vec![layer.length / 3; 2];
                let ones = (layer.length - 2 * (layer.length / 3)).min(5);
                steps.push(layer.length - 2 * (layer.length / 3) - ones);
                steps.extend(vec![1; ones]);
                steps.retain(|rows| *rows > 0);
                let got = layer.computed(set, threads, &steps);
                assert!(
                    got.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()),
                    "{set:?}, {threads} threads, {steps:?}, {:?}",
                    layer.spec
                );
            }
        }
    }
}
