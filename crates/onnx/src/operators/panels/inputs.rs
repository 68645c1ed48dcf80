//! Inputs of a product, quantised and laid out for the kernels.
//!
//! The codes are those of [`footnote_model_import::panels::reference::Inputs`], and with two terms a row of values is two
//! rows here, one after the other: its own and that of its remainder.

use std::collections::TryReserveError;

use footnote_model_import::panels::BLOCK;
use footnote_model_import::panels::reference::{HALF_BLOCK, SMALLEST};

/// Most rows that a kernel takes at once.
pub(super) const GROUP_ROWS: usize = 8;

/// Rows of inputs, quantised to signed bytes per half block.
///
/// Rows are taken in groups of [`GROUP_ROWS`], the last one of what is left. Inside a group blocks come first, so that
/// everything a kernel needs for one block lies together: `codes` has a group's rows of one block after another,
/// the other arrays one number (`scales` and `sums`: two) a row and block in the same order.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    terms: usize,
    rows: usize,
    blocks: usize,
    codes: Vec<i8>,
    scales: Vec<f32>,
    weighted: Vec<f32>,
    sums: Vec<i32>,
}

/// A group's place in [`Inputs`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Its first row.
    pub first: usize,
    /// How many rows it has, at most [`GROUP_ROWS`].
    pub rows: usize,
    /// Blocks of a row.
    pub blocks: usize,
    /// `[block][row][column]`.
    pub codes: *const i8,
    /// `[block][half][row]`: scale of the codes of each half block.
    pub scales: *const f32,
    /// `[block][row]`: scale times the sum of the codes, of both halves together.
    pub weighted: *const f32,
    /// `[block][half][row]`: sum of the codes of each half block.
    pub sums: *const i32,
}

fn fit<T: Clone + Default>(list: &mut Vec<T>, len: usize) -> Result<(), TryReserveError> {
    list.try_reserve_exact(len.saturating_sub(list.len()))?;
    list.resize(len, T::default());
    Ok(())
}

impl Inputs {
    /// Makes room for `values` rows of `row_len` values, each of `terms` rows of codes: 1, or
    /// [`MOST_TERMS`](footnote_model_import::panels::MOST_TERMS).
    ///
    /// # Errors
    /// If there is no memory: a long prompt must not end the program.
    pub(super) fn resize(
        &mut self,
        values: usize,
        row_len: usize,
        terms: usize,
    ) -> Result<(), TryReserveError> {
        (self.terms, self.rows, self.blocks) = (terms, 0, row_len / BLOCK);
        let rows = values * terms;
        let blocks = rows * self.blocks;
        fit(&mut self.codes, blocks * BLOCK)?;
        fit(&mut self.scales, 2 * blocks)?;
        fit(&mut self.weighted, blocks)?;
        fit(&mut self.sums, 2 * blocks)?;
        self.rows = rows;
        Ok(())
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.rows.div_ceil(GROUP_ROWS)
    }

    /// The group of that index.
    pub(super) fn group(&self, index: usize) -> Group {
        let first = index * GROUP_ROWS;
        let begin = first * self.blocks;
        Group {
            first,
            rows: GROUP_ROWS.min(self.rows - first),
            blocks: self.blocks,
            codes: self.codes[begin * BLOCK..].as_ptr(),
            scales: self.scales[2 * begin..].as_ptr(),
            weighted: self.weighted[begin..].as_ptr(),
            sums: self.sums[2 * begin..].as_ptr(),
        }
    }

    /// A place to write all groups to, from several threads.
    pub(super) fn writer(&mut self) -> Writer {
        Writer {
            terms: self.terms,
            rows: self.rows,
            blocks: self.blocks,
            codes: self.codes.as_mut_ptr(),
            scales: self.scales.as_mut_ptr(),
            weighted: self.weighted.as_mut_ptr(),
            sums: self.sums.as_mut_ptr(),
        }
    }
}

/// Writes the groups of an [`Inputs`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    terms: usize,
    rows: usize,
    blocks: usize,
    codes: *mut i8,
    scales: *mut f32,
    weighted: *mut f32,
    sums: *mut i32,
}

// SAFETY: the pointers are used by `quantise` alone, whose callers keep groups apart.
unsafe impl Send for Writer {}
// SAFETY: as above.
unsafe impl Sync for Writer {}

impl Writer {
    /// Quantises the rows of group `index`, which are part of the rows in `values`.
    ///
    /// # Safety
    /// The [`Inputs`] must be there and not be resized, and no other thread may write or read the group meanwhile.
    #[inline(always)]
    pub(super) unsafe fn quantise(&self, index: usize, values: &[f32]) {
        let (blocks, row_len) = (self.blocks, self.blocks * BLOCK);
        let first = index * GROUP_ROWS;
        let rows = GROUP_ROWS.min(self.rows - first);
        // A group has whole rows of values, for its size is a multiple of either number of terms.
        let first_value = first / self.terms;
        assert!(
            values.len() >= (first + rows) / self.terms * row_len,
            "inputs are too short"
        );
        for row in (0..rows).step_by(self.terms) {
            let values = &values[(first_value + row / self.terms) * row_len..][..row_len];
            for (block, values) in values.as_chunks::<BLOCK>().0.iter().enumerate() {
                let mut left = *values;
                for term in 0..self.terms {
                    let codes = Codes::of(&left);
                    if term + 1 < self.terms {
                        codes.take_from(&mut left);
                    }
                    let row = row + term;
                    let at = first * blocks + block * rows + row;
                    let halves = 2 * (first * blocks + block * rows) + row;
                    // SAFETY: both are inside of the group, whose places nobody else touches.
                    unsafe {
                        self.codes
                            .add(at * BLOCK)
                            .cast::<[i8; BLOCK]>()
                            .write(codes.codes);
                        self.weighted.add(at).write(codes.weighted());
                        for half in 0..2 {
                            self.scales.add(halves + half * rows).write(codes.scales[half]);
                            self.sums.add(halves + half * rows).write(codes.sums[half]);
                        }
                    }
                }
            }
        }
    }
}

/// A block of inputs, quantised.
struct Codes {
    codes: [i8; BLOCK],
    scales: [f32; 2],
    sums: [i32; 2],
}

impl Codes {
    #[inline(always)]
    fn of(values: &[f32; BLOCK]) -> Self {
        let (mut scales, mut sums, mut bytes) = ([0f32; 2], [0i32; 2], [0i8; BLOCK]);
        for half in 0..2 {
            let values = &values[half * HALF_BLOCK..][..HALF_BLOCK];
            let peak = values.iter().fold(0f32, |peak, value| {
                let value = value.abs();
                if value > peak { value } else { peak }
            });
            let inverse = if peak > SMALLEST { 127.0 / peak } else { 0.0 };
            scales[half] = peak / 127.0;
            // Loops, because `array::map` is a function of its own, without this processor's instructions.
            let mut codes = [0i32; HALF_BLOCK];
            for (code, value) in codes.iter_mut().zip(values) {
                // Adding 1.5 * 2^23 rounds to a whole number, ties to even, which stands in the lowest bits.
                let shifted = value * inverse + 12_582_912.0;
                *code = (shifted.to_bits() as i32).wrapping_sub(0x4b40_0000);
            }
            for (byte, code) in bytes[half * HALF_BLOCK..].iter_mut().zip(&codes) {
                *byte = *code as i8;
            }
            for code in &codes {
                sums[half] += code;
            }
        }
        Self {
            codes: bytes,
            scales,
            sums,
        }
    }

    /// Scale times sum of the codes, of both halves together.
    #[inline(always)]
    fn weighted(&self) -> f32 {
        self.scales[0] * self.sums[0] as f32 + self.scales[1] * self.sums[1] as f32
    }

    /// Leaves the remainder.
    #[inline(always)]
    fn take_from(&self, values: &mut [f32; BLOCK]) {
        for half in 0..2 {
            let codes = &self.codes[half * HALF_BLOCK..][..HALF_BLOCK];
            for (value, code) in values[half * HALF_BLOCK..].iter_mut().zip(codes) {
                *value -= self.scales[half] * f32::from(*code);
            }
        }
    }
}
