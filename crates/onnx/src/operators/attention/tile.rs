//! What a thread computes at once: some queries of one group, over all they see.

use std::ops::Range;

use footnote_model_import::attention::{KEY_BLOCK, LARGEST_HEAD};

use super::kernel::{LANES, MOST_ROWS, Multiply, Product};
use super::step::Step;
use crate::operators::exp::exp;

/// Queries of a tile: enough to read a chunk's keys from the first-level cache most of the time.
pub(super) const QUERIES: usize = 4 * MOST_ROWS;
/// Positions that are weighed at once. Their sums are merged in order, whoever computed them.
pub(super) const CHUNK: usize = 4 * KEY_BLOCK;

/// What stands behind a query's sum: the largest score, and the sum of the weights.
const BEHIND: usize = 2;

/// Numbers of a tile's sums: for each query a head, the largest score and the sum of the weights, where weights are
/// `e^(score - largest)`.
pub(super) const fn sums_len(size: usize) -> usize {
    QUERIES * (size + BEHIND)
}

/// Up to [`QUERIES`] queries of one head of keys and values.
pub(super) struct Tile<'a> {
    step: &'a Step<'a>,
    head: usize,
    /// Its first query among those of the head, which are in the order of rows.
    first: usize,
    count: usize,
}

impl<'a> Tile<'a> {
    /// Tile `index` of a head of keys and values.
    pub(super) fn new(step: &'a Step<'a>, head: usize, index: usize) -> Self {
        let queries = step.rows * step.spec.group();
        let first = index * QUERIES;
        Self {
            step,
            head,
            first,
            count: QUERIES.min(queries - first),
        }
    }

    /// Positions that a query sees.
    #[inline(always)]
    fn seen(&self, query: usize) -> Range<usize> {
        let row = (self.first + query) / self.step.spec.group();
        self.step.seen(self.step.start + row)
    }

    /// Positions that any query sees.
    #[inline(always)]
    fn all_seen(&self) -> Range<usize> {
        self.seen(0).start..self.seen(self.count - 1).end
    }

    /// Computes the output of its queries.
    ///
    /// # Safety
    /// The step's pointers must be to what their fields say and all rows placed; no other thread may compute this tile.
    #[inline(always)]
    pub(super) unsafe fn whole<M: Multiply>(&self) {
        let len = sums_len(self.step.size);
        let (mut sums, mut part) = ([0f32; sums_len(LARGEST_HEAD)], [0f32; sums_len(LARGEST_HEAD)]);
        let (sums, part) = (&mut sums[..len], &mut part[..len]);
        let seen = self.all_seen();
        for chunk in seen.start / CHUNK..seen.end.div_ceil(CHUNK) {
            // SAFETY: the caller's.
            unsafe { self.part::<M>(chunk, part) };
            self.merge(sums, part);
        }
        // SAFETY: the caller's.
        unsafe { self.finish(sums) };
    }

    /// Writes the sums over one chunk of positions; a query that sees none of them gets zeros.
    ///
    /// # Safety
    /// As for [`Self::whole`].
    #[inline(always)]
    pub(super) unsafe fn part<M: Multiply>(&self, chunk: usize, sums: &mut [f32]) {
        let (step, size) = (self.step, self.step.size);
        let (base, cache) = (chunk * CHUNK, self.head * step.capacity * size);
        let all = within(self.all_seen(), base);
        if all.is_empty() {
            sums.fill(0.0);
            return;
        }
        let queries = (self.head * step.rows * step.spec.group() + self.first) * size;
        let mut scores = [0f32; QUERIES * CHUNK];
        let blocks = all.start / KEY_BLOCK..all.end.div_ceil(KEY_BLOCK);
        for block in blocks.clone() {
            // SAFETY: the cache has every block that a query sees a position of, and rows lie in their arrays.
            unsafe {
                self.multiply::<M>(Product {
                    a: step.queries.add(queries),
                    b: step.keys.add(cache + (base + block * KEY_BLOCK) * size),
                    c: scores.as_mut_ptr().add(block * KEY_BLOCK),
                    strides: [size, KEY_BLOCK, CHUNK],
                    depth: size,
                    width: KEY_BLOCK,
                });
            }
        }

        let stride = size + BEHIND;
        let computed = blocks.start * KEY_BLOCK..blocks.end * KEY_BLOCK;
        for (query, sum) in sums.chunks_exact_mut(stride).take(self.count).enumerate() {
            let seen = within(self.seen(query), base);
            let scores = &mut scores[query * CHUNK..][computed.clone()];
            let own = seen.start - computed.start..seen.end - computed.start;
            (sum[size], sum[size + 1]) = weigh(scores, own, step.spec.cap);
        }

        let vectors = size - size % LANES;
        // SAFETY: as above.
        unsafe {
            let values = step.values.add(cache + (base + all.start) * size);
            self.multiply::<M>(Product {
                a: scores.as_ptr().add(all.start),
                b: values,
                c: sums.as_mut_ptr(),
                strides: [CHUNK, size, stride],
                depth: all.len(),
                width: vectors,
            });
            for query in 0..self.count {
                for element in vectors..size {
                    let weights = &scores[query * CHUNK..][all.clone()];
                    let mut sum = 0f32;
                    for (at, weight) in weights.iter().enumerate() {
                        sum = weight.mul_add(*values.add(at * size + element), sum);
                    }
                    sums[query * stride + element] = sum;
                }
            }
        }
    }

    /// Computes the output from the sums over all chunks from the first position on, one chunk after another.
    ///
    /// # Safety
    /// As for [`Self::whole`].
    #[inline(always)]
    pub(super) unsafe fn join(&self, parts: &[f32]) {
        let len = sums_len(self.step.size);
        let mut sums = [0f32; sums_len(LARGEST_HEAD)];
        let sums = &mut sums[..len];
        for part in parts.chunks_exact(len) {
            self.merge(sums, part);
        }
        // SAFETY: the caller's.
        unsafe { self.finish(sums) };
    }

    /// A product with as many rows as there are queries.
    ///
    /// # Safety
    /// As for [`Multiply::multiply`].
    #[inline(always)]
    unsafe fn multiply<M: Multiply>(&self, product: Product) {
        let parts = self.count.div_ceil(MOST_ROWS);
        for part in 0..parts {
            let (first, end) = (self.count * part / parts, self.count * (part + 1) / parts);
            // SAFETY: the caller's; rows lie below the count.
            unsafe {
                let product = Product {
                    a: product.a.add(first * product.strides[0]),
                    c: product.c.add(first * product.strides[2]),
                    ..product
                };
                match end - first {
                    1 => M::multiply::<1>(&product),
                    2 => M::multiply::<2>(&product),
                    3 => M::multiply::<3>(&product),
                    4 => M::multiply::<4>(&product),
                    5 => M::multiply::<5>(&product),
                    _ => M::multiply::<MOST_ROWS>(&product),
                }
            }
        }
    }

    /// Adds the sums over a chunk to those over the chunks before.
    #[inline(always)]
    fn merge(&self, sums: &mut [f32], part: &[f32]) {
        let size = self.step.size;
        let queries = sums.chunks_exact_mut(size + BEHIND);
        for (sum, part) in queries.zip(part.chunks_exact(size + BEHIND)).take(self.count) {
            // Weights add up to 1 at least, or there are none.
            if part[size + 1] == 0.0 {
                continue;
            }
            if sum[size + 1] == 0.0 {
                sum.copy_from_slice(part);
                continue;
            }
            let peak = if part[size] > sum[size] {
                part[size]
            } else {
                sum[size]
            };
            let (old, new) = (exp(sum[size] - peak), exp(part[size] - peak));
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum = *sum * old + part * new;
            }
            sum[size] = peak;
        }
    }

    /// Divides by the sums of weights and writes the output.
    ///
    /// # Safety
    /// As for [`Self::whole`].
    #[inline(always)]
    unsafe fn finish(&self, sums: &mut [f32]) {
        let (size, group) = (self.step.size, self.step.spec.group());
        for (query, sum) in sums.chunks_exact_mut(size + BEHIND).take(self.count).enumerate() {
            let (row, member) = ((self.first + query) / group, (self.first + query) % group);
            let head = self.head * group + member;
            let share = 1.0 / sum[size + 1];
            for sum in &mut sum[..size] {
                *sum *= share;
            }
            // SAFETY: the output has this row and head, which are this tile's.
            unsafe {
                self.step
                    .output
                    .add((row * self.step.spec.heads + head) * size)
                    .copy_from_nonoverlapping(sum.as_ptr(), size);
            }
        }
    }
}

/// The part of `positions` inside of the chunk that begins at `base`, counted from there; it may be empty.
#[inline(always)]
fn within(positions: Range<usize>, base: usize) -> Range<usize> {
    let start = positions.start.max(base).min(base + CHUNK) - base;
    let end = positions.end.max(base).min(base + CHUNK) - base;
    start..end
}

/// Makes scores into weights: `e^(score - largest)` for `own` positions and 0 for others. Returns the largest score and
/// the sum of the weights.
#[inline(always)]
fn weigh(scores: &mut [f32], own: Range<usize>, cap: Option<f32>) -> (f32, f32) {
    if own.is_empty() {
        scores.fill(0.0);
        return (0.0, 0.0);
    }
    if let Some(cap) = cap {
        for score in scores.iter_mut() {
            // tanh(x) = 1 - 2 / (e^2x + 1)
            *score = cap * (1.0 - 2.0 / (exp(2.0 * *score / cap) + 1.0));
        }
    }
    scores[..own.start].fill(f32::NEG_INFINITY);
    scores[own.end..].fill(f32::NEG_INFINITY);
    // A vector of lanes each, because the order of additions must be the same on every processor.
    let mut peaks = [f32::NEG_INFINITY; LANES];
    for scores in scores.as_chunks::<LANES>().0 {
        for (peak, score) in peaks.iter_mut().zip(scores) {
            *peak = if *score > *peak { *score } else { *peak };
        }
    }
    let mut peak = f32::NEG_INFINITY;
    for lane in peaks {
        peak = if lane > peak { lane } else { peak };
    }
    for score in scores.iter_mut() {
        *score = exp(*score - peak);
    }
    scores[..own.start].fill(0.0);
    scores[own.end..].fill(0.0);
    let mut totals = [0f32; LANES];
    for weights in scores.as_chunks::<LANES>().0 {
        for (total, weight) in totals.iter_mut().zip(weights) {
            *total += weight;
        }
    }
    let mut total = 0.0;
    for lane in totals {
        total += lane;
    }
    (peak, total)
}
