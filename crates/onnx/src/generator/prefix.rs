//! How much of a cached sequence a prompt can keep, and how the rest is cut into chunks.

use std::ops::Range;

/// Tokens computed together. More take memory for activations and gain no speed.
pub(crate) const CHUNK: usize = 256;

/// Fewest tokens a chunk has if the prompt allows. Kernels for very few rows round differently, so a
/// prompt computed in larger chunks is the same to the bit however it was divided: see [`reusable`].
pub(crate) const LEAST_CHUNK: usize = 8;

/// Number of cached tokens `prompt` can build on. `exact` is how many of them were computed in chunks; the
/// others were written one at a time and would make the same question's answer depend on its history.
pub(crate) fn reusable(cached: &[u32], exact: usize, prompt: &[u32]) -> usize {
    let common = cached.iter().zip(prompt).take_while(|(a, b)| a == b).count();
    // The rest must be a full chunk, and at least one token: its logits begin the answer.
    common.min(exact).min(prompt.len().saturating_sub(LEAST_CHUNK))
}

/// Cuts `range` into chunks of at most [`CHUNK`] and, where there is more than one, at least [`LEAST_CHUNK`].
pub(crate) fn chunks(range: Range<usize>) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let left = range.end - start;
        let size = if left > CHUNK && left < CHUNK + LEAST_CHUNK {
            CHUNK - LEAST_CHUNK
        } else {
            left.min(CHUNK)
        };
        chunks.push(start..start + size);
        start += size;
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_the_range_and_none_is_tiny() {
        for length in 1..1200 {
            let parts = chunks(5..5 + length);
            assert_eq!(parts[0].start, 5);
            assert_eq!(parts.last().expect("part").end, 5 + length);
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            let sizes: Vec<usize> = parts.iter().map(Range::len).collect();
            assert!(sizes.iter().all(|&size| size <= CHUNK), "{sizes:?}");
            assert!(
                length < LEAST_CHUNK || sizes.iter().all(|&size| size >= LEAST_CHUNK),
                "{sizes:?}"
            );
        }
        assert!(chunks(3..3).is_empty());
    }

    #[test]
    fn only_chunked_tokens_are_kept_and_a_chunk_is_left() {
        let cached: Vec<u32> = (0..100).collect();
        assert_eq!(reusable(&cached, 90, &cached), 90);
        assert_eq!(reusable(&cached, 100, &cached), 92);
        let mut other = cached.clone();
        other[40] = 7;
        assert_eq!(reusable(&cached, 100, &other), 40);
        assert_eq!(reusable(&cached, 100, &cached[..5]), 0);
        assert_eq!(reusable(&[], 0, &cached), 0);
    }
}
