//! MPNet's bias of attention scores by the distance of two tokens.

use super::blocks::Blocks;
use crate::error::ImportError;
use crate::graph::float_bytes;
use crate::onnx::DataType;

/// Rows of the table; the architecture has no other number.
pub(crate) const BUCKETS: usize = 32;
/// Distance from which on all tokens share a bucket.
const FARTHEST: usize = 128;

/// The bucket of a key at `distance` (key position minus query position) from its query.
///
/// T5's scheme (<https://arxiv.org/abs/1910.10683>, section 2.1): half of the buckets for each direction; in
/// each, half for single distances and the rest for ranges that grow with the logarithm of the distance.
/// Computed in float32, as the original is, because the edges of the ranges are exact powers.
fn bucket(distance: isize) -> usize {
    let each = BUCKETS / 2;
    let exact = each / 2;
    let side = if distance > 0 { each } else { 0 };
    let far = distance.unsigned_abs();
    if far < exact {
        return side + far;
    }
    let growth = (far as f32 / exact as f32).ln() / (FARTHEST as f64 / exact as f64).ln() as f32;
    let range = exact + (growth * (each - exact) as f32) as usize;
    side + range.min(each - 1)
}

/// Adds the biases `[1, heads, seq, seq]` for texts of up to `longest` tokens and returns their name.
pub(crate) fn distance_bias(
    blocks: &mut Blocks<'_, '_, '_>,
    source: &str,
    heads: usize,
    longest: usize,
) -> Result<String, ImportError> {
    let table = blocks.weights.table(source, BUCKETS, heads)?;
    let graph = &mut *blocks.linear.graph;
    let slot = graph.reserve(source, DataType::Float, &[1, heads, longest, longest]);
    // Distances from -(longest - 1) to longest - 1; a query's row is a stretch of them.
    let reach = longest as isize - 1;
    let buckets: Vec<usize> = (-reach..=reach).map(bucket).collect();
    for head in 0..heads {
        let by_distance: Vec<f32> = buckets
            .iter()
            .map(|bucket| table[bucket * heads + head])
            .collect();
        let mut bytes = Vec::with_capacity(longest * longest * size_of::<f32>());
        for query in 0..longest {
            let first = longest - 1 - query;
            bytes.extend(float_bytes(&by_distance[first..first + longest]));
        }
        graph.write(slot, (head * bytes.len()) as u64, &bytes)?;
    }
    graph.ints("bias.start", &[0, 0])?;
    graph.ints("bias.axes", &[2, 3])?;
    let axis = vec![crate::onnx::AttributeProto::int("axis", 0)];
    blocks.standard("Concat", &["seq_len", "seq_len"], "bias.end", axis);
    let inputs = [source, "bias.start", "bias.end", "bias.axes"];
    Ok(blocks.standard("Slice", &inputs, "bias", vec![]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_the_original() {
        // `MPNetEncoder.relative_position_bucket` of transformers on 0, 1, 7, 8, ... tokens before the query.
        let before = [
            (0, 0),
            (1, 1),
            (7, 7),
            (8, 8),
            (11, 8),
            (12, 9),
            (15, 9),
            (16, 10),
            (22, 10),
            (23, 11),
            (31, 11),
            (32, 12),
            (45, 12),
            (46, 13),
            (63, 13),
            (64, 14),
            (90, 14),
            (91, 15),
            (128, 15),
            (511, 15),
        ];
        for (distance, expected) in before {
            assert_eq!(bucket(-distance), expected, "{distance} before");
            if distance > 0 {
                assert_eq!(bucket(distance), expected + 16, "{distance} after");
            }
        }
    }
}
