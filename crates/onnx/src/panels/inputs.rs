//! Inputs of a product, quantised and laid out for the kernels.
//!
//! The codes are those of [`footnote_model_import::panels::reference::Inputs`].

use footnote_model_import::panels::BLOCK;

/// Most rows that a kernel takes at once.
pub(super) const GROUP_ROWS: usize = 8;

/// Rows of inputs, quantised to signed bytes per block of [`BLOCK`] columns.
///
/// Rows are taken in groups of [`GROUP_ROWS`], the last one of what is left. Inside a group blocks come first, so that
/// everything a kernel needs for one block lies together: `codes` has a group's rows of one block after another,
/// the other arrays one number (`sums` and `offsets`: two) a row and block in the same order.
#[derive(Debug, Default)]
pub(super) struct Inputs {
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
    /// `[block][row]`: scale of the codes.
    pub scales: *const f32,
    /// `[block][row]`: scale times the sum of the codes.
    pub weighted: *const f32,
    /// `[block][half][row]`: sum of the codes of each half block.
    pub sums: *const i32,
}

impl Inputs {
    /// Makes room for `rows` rows of `row_len` columns.
    pub(super) fn resize(&mut self, rows: usize, row_len: usize) {
        self.rows = rows;
        self.blocks = row_len / BLOCK;
        let blocks = rows * self.blocks;
        self.codes.resize(blocks * BLOCK, 0);
        self.scales.resize(blocks, 0.0);
        self.weighted.resize(blocks, 0.0);
        self.sums.resize(2 * blocks, 0);
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
            scales: self.scales[begin..].as_ptr(),
            weighted: self.weighted[begin..].as_ptr(),
            sums: self.sums[2 * begin..].as_ptr(),
        }
    }

    /// A place to write all groups to, from several threads.
    pub(super) fn writer(&mut self) -> Writer {
        Writer {
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
        assert!(values.len() >= (first + rows) * row_len, "inputs are too short");
        for row in 0..rows {
            let values = &values[(first + row) * row_len..][..row_len];
            for (block, values) in values.as_chunks::<BLOCK>().0.iter().enumerate() {
                let peak = values.iter().fold(0f32, |peak, value| {
                    let value = value.abs();
                    if value > peak { value } else { peak }
                });
                let inverse = if peak > 0.0 { 127.0 / peak } else { 0.0 };
                let scale = peak / 127.0;
                // Loops, because `array::map` is a function of its own, without this processor's instructions.
                let (mut codes, mut bytes) = ([0i32; BLOCK], [0i8; BLOCK]);
                for (code, value) in codes.iter_mut().zip(values) {
                    // Adding 1.5 * 2^23 rounds to a whole number, ties to even, which stands in the lowest bits.
                    let shifted = value * inverse + 12_582_912.0;
                    *code = (shifted.to_bits() as i32).wrapping_sub(0x4b40_0000);
                }
                for (byte, code) in bytes.iter_mut().zip(&codes) {
                    *byte = *code as i8;
                }
                let (mut sums, half) = ([0i32; 2], BLOCK / 2);
                for code in &codes[..half] {
                    sums[0] += code;
                }
                for code in &codes[half..] {
                    sums[1] += code;
                }
                let at = first * blocks + block * rows + row;
                // SAFETY: `at` is inside of the group, whose places nobody else touches.
                unsafe {
                    self.codes.add(at * BLOCK).cast::<[i8; BLOCK]>().write(bytes);
                    self.scales.add(at).write(scale);
                    self.weighted.add(at).write(scale * (sums[0] + sums[1]) as f32);
                    let at = 2 * (first * blocks + block * rows) + row;
                    self.sums.add(at).write(sums[0]);
                    self.sums.add(at + rows).write(sums[1]);
                }
            }
        }
    }
}
