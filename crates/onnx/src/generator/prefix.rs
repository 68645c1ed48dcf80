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

/// Number of cached tokens `prompt` can build on. `exact` is how many of them are what chunks of a prompt give; the
/// others were written one at a time by other kernels and would make the same question's answer depend on its history.
pub(crate) fn reusable(cached: &[u32], exact: usize, prompt: &[u32]) -> usize {
    let common = cached.iter().zip(prompt).take_while(|(a, b)| a == b).count();
    // The rest must be a full chunk, and at least one token: its logits begin the answer.
    let kept = common.min(exact).min(prompt.len().saturating_sub(LEAST_CHUNK));
    kept - kept % ALIGNMENT
}

/// Longest beginning that is kept, in tokens: 12 MB for a model of half a billion weights.
pub(crate) const LONGEST_PREFIX: usize = 512;

/// Beginnings of prompts that were in the cache, so that two kinds of prompts that take turns (answers and
/// rewritten questions) do not read their instructions anew each time. `S`: their keys and values.
pub(crate) struct Prefixes<S> {
    /// Latest used last.
    kept: Vec<(Vec<u32>, S)>,
}

impl<S> Default for Prefixes<S> {
    fn default() -> Self {
        Self { kept: Vec::new() }
    }
}

impl<S> Prefixes<S> {
    /// How many are kept.
    const MOST: usize = 3;

    /// Whether these tokens, or more of the same beginning, are kept.
    pub(crate) fn has(&self, tokens: &[u32]) -> bool {
        self.kept.iter().any(|(kept, _)| kept.starts_with(tokens))
    }

    /// Keeps a beginning with its keys and values.
    pub(crate) fn keep(&mut self, tokens: Vec<u32>, saved: S) {
        self.kept.retain(|(kept, _)| !tokens.starts_with(kept));
        if self.kept.len() >= Self::MOST {
            self.kept.remove(0);
        }
        self.kept.push((tokens, saved));
    }

    /// The beginning that spares `prompt` most tokens, if they are more than `least`.
    pub(crate) fn find(&mut self, prompt: &[u32], least: usize) -> Option<(&Vec<u32>, &S)> {
        let spared = |tokens: &[u32]| reusable(tokens, tokens.len(), prompt);
        let (at, most) = (self.kept.iter().enumerate())
            .map(|(at, (tokens, _))| (at, spared(tokens)))
            .max_by_key(|(_, spared)| *spared)?;
        if most <= least {
            return None;
        }
        let found = self.kept.remove(at);
        self.kept.push(found);
        self.kept.last().map(|(tokens, saved)| (tokens, saved))
    }
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

    #[test]
    fn the_longest_kept_beginning_is_found_and_the_oldest_goes() {
        let beginning = |first: u32, length: u32| (first..first + length).collect::<Vec<u32>>();
        let mut prefixes = Prefixes::default();
        prefixes.keep(beginning(0, 64), 1);
        prefixes.keep(beginning(500, 32), 2);
        assert!(prefixes.has(&beginning(0, 40)) && !prefixes.has(&beginning(0, 65)));
        let prompt = beginning(0, 200);
        let found = prefixes
            .find(&prompt, 0)
            .map(|(tokens, saved)| (tokens.len(), *saved));
        assert_eq!(found, Some((64, 1)));
        assert!(prefixes.find(&prompt, 64).is_none(), "the cache has as much");
        // A longer one of the same beginning takes its place.
        prefixes.keep(beginning(0, 128), 3);
        assert!(prefixes.has(&beginning(500, 32)));
        for at in 2..4 {
            prefixes.keep(beginning(at * 1000, 32), 0);
        }
        assert!(!prefixes.has(&beginning(500, 32)) && prefixes.has(&beginning(0, 128)));
    }
}
