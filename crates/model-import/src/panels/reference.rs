//! What the operators compute, one number after another.
//!
//! Kernels may do it many at a time, but in this order: [`product`] gives every kernel's result to the bit where the
//! processor has fused multiply-add. Inputs are quantised per half block, [`Inputs::push`], so a row of outputs depends on its
//! own row of inputs alone and comes out the same whatever else is computed along with it.

use super::format::{BLOCK, PANEL_ROWS, PanelFormat, Scales};
use super::pack::{code, half_of};

/// Columns that a scale of the inputs is for, and one of a [`Scales::Super`] format.
pub const HALF_BLOCK: usize = BLOCK / 2;

/// Rows of inputs, quantised to signed bytes per half block: an outlier then coarsens fifteen others and not
/// thirty-one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// The codes, row by row.
    pub codes: Vec<i8>,
    /// Scale of each half block.
    pub scales: Vec<f32>,
    /// Sum of the codes of each half block.
    pub sums: Vec<i32>,
    /// Sum of each block's inputs as the codes have them: scale times sum of the first half plus that of the second.
    pub weighted: Vec<f32>,
}

/// Half blocks of smaller magnitude are zeros; the inverse of their scale may be infinite.
pub const SMALLEST: f32 = 1e-30;

/// Scale and codes of a half block.
fn quantised(half: &[f32; HALF_BLOCK]) -> (f32, [i8; HALF_BLOCK]) {
    let peak = half.iter().fold(0f32, |peak, value| peak.max(value.abs()));
    let inverse = if peak > SMALLEST { 127.0 / peak } else { 0.0 };
    let codes = half.map(|value| (value * inverse).round_ties_even() as i8);
    (peak / 127.0, codes)
}

impl Inputs {
    /// What a row's codes leave of it: each value less its code times the scale.
    pub fn remainder(row: &[f32]) -> Vec<f32> {
        let halves = row.as_chunks::<HALF_BLOCK>().0.iter();
        halves
            .flat_map(|half| {
                let (scale, codes) = quantised(half);
                let rest = |(value, code): (&f32, i8)| value - scale * f32::from(code);
                half.iter().zip(codes).map(rest).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Appends a row, whole blocks. The scale is a half block's largest magnitude over 127.
    pub fn push(&mut self, row: &[f32]) {
        for block in row.as_chunks::<BLOCK>().0 {
            let mut weighted = [0.0; 2];
            for (half, weighted) in block.as_chunks::<HALF_BLOCK>().0.iter().zip(&mut weighted) {
                let (scale, codes) = quantised(half);
                let sum: i32 = codes.iter().map(|code| i32::from(*code)).sum();
                self.codes.extend_from_slice(&codes);
                self.scales.push(scale);
                self.sums.push(sum);
                *weighted = scale * sum as f32;
            }
            self.weighted.push(weighted[0] + weighted[1]);
        }
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.codes.clear();
        self.scales.clear();
        self.sums.clear();
        self.weighted.clear();
    }
}

/// Scales of one row and block of a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Whole factors of the two halves of the block.
    pub whole: [i32; 2],
    /// Factor of the block.
    pub factor: f32,
    /// What is added to every weight, where the format has that.
    pub minimum: Option<f32>,
}

/// The scales of `row` and `block`; `scales` are those of the whole panel.
pub fn factors(format: PanelFormat, scales: &[u8], row: usize, block: usize) -> Factors {
    let kind = format.scales();
    let per = kind.columns() / BLOCK;
    let (part, scales) = (block % per, &scales[block / per * kind.bytes()..][..kind.bytes()]);
    let plain = |factor, minimum| Factors {
        whole: [1; 2],
        factor,
        minimum,
    };
    match kind {
        Scales::Half => plain(half_of(scales, row), None),
        Scales::HalfWithMinimum => {
            let minimum = half_of(&scales[2 * PANEL_ROWS..], row);
            plain(half_of(scales, row), Some(minimum))
        }
        Scales::SuperWithMinimum => {
            let byte = |array: usize| f32::from(scales[array * PANEL_ROWS + row]);
            let d = half_of(&scales[16 * PANEL_ROWS..], row);
            let dmin = half_of(&scales[18 * PANEL_ROWS..], row);
            plain(d * byte(part), Some(-(dmin * byte(8 + part))))
        }
        Scales::Super => {
            let byte = |array: usize| i32::from(scales[array * PANEL_ROWS + row].cast_signed());
            Factors {
                whole: [byte(2 * part), byte(2 * part + 1)],
                ..plain(half_of(&scales[16 * PANEL_ROWS..], row), None)
            }
        }
    }
}

/// Product of one row of inputs with one row of a panel.
///
/// `codes`, `scales`, `sums` and `weighted` are the input row's parts of [`Inputs`].
pub fn product(format: PanelFormat, panel: &[u8], row: usize, inputs: InputRow<'_>) -> f32 {
    let row_len = inputs.codes.len();
    let (codes, scales) = panel.split_at(format.code_bytes(row_len));
    let zero = i32::from(format.zero());
    let mut total = 0f32;
    for (at, block) in codes.chunks_exact(format.block_bytes()).enumerate() {
        let mut sums = [0i32; 2];
        for (half, sum) in sums.iter_mut().enumerate() {
            *sum = -zero * inputs.sums[2 * at + half];
            for column in half * HALF_BLOCK..(half + 1) * HALF_BLOCK {
                let input = i32::from(inputs.codes[at * BLOCK + column]);
                *sum += i32::from(code(block, format.bits(), row, column)) * input;
            }
        }
        let Factors {
            whole,
            factor,
            minimum,
        } = factors(format, scales, row, at);
        let [first, second] = [0, 1].map(|half| (sums[half] * whole[half]) as f32);
        let scales = &inputs.scales[2 * at..][..2];
        let sum = second.mul_add(scales[1], first * scales[0]);
        total = sum.mul_add(factor, total);
        if let Some(minimum) = minimum {
            total = minimum.mul_add(inputs.weighted[at], total);
        }
    }
    total
}

/// One row of [`Inputs`].
#[derive(Clone, Copy, Debug)]
pub struct InputRow<'a> {
    /// Its codes.
    pub codes: &'a [i8],
    /// Its scales.
    pub scales: &'a [f32],
    /// Its sums.
    pub sums: &'a [i32],
    /// Its weighted sums.
    pub weighted: &'a [f32],
}

impl Inputs {
    /// The parts of row `row`, rows having `row_len` columns.
    pub fn row(&self, row: usize, row_len: usize) -> InputRow<'_> {
        let (blocks, halves) = (row_len / BLOCK, row_len / HALF_BLOCK);
        InputRow {
            codes: &self.codes[row * row_len..][..row_len],
            scales: &self.scales[row * halves..][..halves],
            sums: &self.sums[row * halves..][..halves],
            weighted: &self.weighted[row * blocks..][..blocks],
        }
    }
}

/// Dequantises one row of a panel into `out`, which has the row's length.
pub fn dequantise(format: PanelFormat, panel: &[u8], row: usize, out: &mut [f32]) {
    let (codes, scales) = panel.split_at(format.code_bytes(out.len()));
    let zero = i32::from(format.zero());
    for (at, (block, to)) in codes
        .chunks_exact(format.block_bytes())
        .zip(out.chunks_exact_mut(BLOCK))
        .enumerate()
    {
        let Factors {
            whole,
            factor,
            minimum,
        } = factors(format, scales, row, at);
        let minimum = minimum.unwrap_or(0.0);
        for (column, value) in to.iter_mut().enumerate() {
            let code = i32::from(code(block, format.bits(), row, column)) - zero;
            *value = factor * (whole[column / HALF_BLOCK] * code) as f32 + minimum;
        }
    }
}
