//! How much of a cached sequence a prompt can keep, and how the rest is cut into chunks.

use std::ops::Range;

/// Tokens computed together. More take memory for activations and gain no speed.
pub(crate) const CHUNK: usize = 256;

/// Fewest tokens a chunk has if the prompt allows. Kernels for very few rows round differently, so a
/// prompt computed in larger chunks is the same to the bit however it was divided: see [`reusable`].
const LEAST_CHUNK: usize = 8;

/// Chunks begin at multiples of this. Kernels work on tiles of rows and treat a rest of one row in
/// another way, so a token's bits depend on its place in the tile (measured for 8-bit weights in blocks
/// of 128: a chunk that begins at an odd position differs, at an even one it does not).
const ALIGNMENT: usize = 16;

/// Number of cached tokens `prompt` can build on. `exact` is how many of them were computed in chunks; the
/// others were written one at a time and would make the same question's answer depend on its history.
pub(crate) fn reusable(cached: &[u32], exact: usize, prompt: &[u32]) -> usize {
    let common = cached.iter().zip(prompt).take_while(|(a, b)| a == b).count();
    // The rest must be a full chunk, and at least one token: its logits begin the answer.
    let kept = common.min(exact).min(prompt.len().saturating_sub(LEAST_CHUNK));
    kept - kept % ALIGNMENT
}

/// Cuts `range` into chunks of at most [`CHUNK`] and, where there is more than one, at least
/// [`LEAST_CHUNK`]; all begin at a multiple of [`ALIGNMENT`] if the range does.
pub(crate) fn chunks(range: Range<usize>) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let left = range.end - start;
        let size = if left > CHUNK && left < CHUNK + LEAST_CHUNK {
            CHUNK - ALIGNMENT
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
            let parts = chunks(32..32 + length);
            assert_eq!(parts[0].start, 32);
            assert_eq!(parts.last().expect("part").end, 32 + length);
            assert!(parts.iter().all(|part| part.start % ALIGNMENT == 0));
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
        assert_eq!(reusable(&cached, 70, &cached), 64);
        assert_eq!(reusable(&cached, 100, &cached), 80);
        let mut other = cached.clone();
        other[50] = 7;
        assert_eq!(reusable(&cached, 100, &other), 48);
        assert_eq!(reusable(&cached, 100, &cached[..5]), 0);
        assert_eq!(reusable(&[], 0, &cached), 0);
    }
}
