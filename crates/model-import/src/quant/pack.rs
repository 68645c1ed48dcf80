//! Rows laid out for `MatMulNBits` and `GatherBlockQuantized`.

use half::f16;

use super::decode::{Codes, Origin, floats, geometry};
use crate::gguf::GgmlType;

/// Width of the operator's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bits {
    Four,
    Eight,
    /// No codes: numbers of half precision.
    Sixteen,
}

impl Bits {
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
            Self::Sixteen => 16,
        }
    }
}

/// How the codes of a form come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// The file's codes with its zero point: lossless.
    Codes,
    /// The file's codes times a factor with rounded zero points, the rest carried by a correction: lossless
    /// but for the correction's own rounding.
    Split(u8),
    /// The file's codes times a factor, so that a finer zero point takes the minimum.
    Scaled(u8),
    /// Float values, quantised anew between each block's extremes.
    Requantise,
    /// Float values in half precision, without scales and zero points.
    Plain,
}

/// How a matrix is stored for the operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub bits: Bits,
    /// Weights per scale.
    pub block: usize,
    pub method: Method,
}

impl Form {
    /// Numbers of half precision, as `MatMul` takes them.
    pub(crate) const HALVES: Self = Self {
        bits: Bits::Sixteen,
        block: 1,
        method: Method::Plain,
    };

    pub(crate) const fn requantised(block: usize) -> Self {
        Self {
            bits: Bits::Eight,
            block,
            method: Method::Requantise,
        }
    }

    /// The lossless form of a type, or 8 bit per block of 32 for float types.
    pub(crate) fn exact(ty: GgmlType) -> Self {
        match ty {
            GgmlType::Q4_0 => Self {
                bits: Bits::Four,
                block: 32,
                method: Method::Codes,
            },
            GgmlType::Q3K => Self {
                bits: Bits::Four,
                block: 16,
                method: Method::Codes,
            },
            // Two-bit codes fill four bits when multiplied by five, which leaves smaller corrections.
            GgmlType::Q2K => Self {
                bits: Bits::Four,
                block: 16,
                method: Method::Split(5),
            },
            GgmlType::Q5_0 | GgmlType::Q8_0 | GgmlType::Iq4Nl => Self {
                bits: Bits::Eight,
                block: 32,
                method: Method::Codes,
            },
            GgmlType::Q6K => Self {
                bits: Bits::Eight,
                block: 16,
                method: Method::Codes,
            },
            GgmlType::Q4_1 | GgmlType::Q4K => Self {
                bits: Bits::Four,
                block: 32,
                method: Method::Split(1),
            },
            GgmlType::Q5_1 | GgmlType::Q5K => Self {
                bits: Bits::Eight,
                block: 32,
                method: Method::Split(1),
            },
            GgmlType::F32 | GgmlType::F16 | GgmlType::Bf16 => Self::requantised(32),
        }
    }

    /// The best form without a correction, for tables that are looked up and not multiplied.
    pub(crate) fn lookup(ty: GgmlType) -> Self {
        let scaled = |factor, block| Self {
            bits: Bits::Eight,
            block,
            method: Method::Scaled(factor),
        };
        match ty {
            GgmlType::Q2K => scaled(85, 16),
            GgmlType::Q4_1 | GgmlType::Q4K => scaled(17, 32),
            GgmlType::Q5_1 | GgmlType::Q5K => scaled(8, 32),
            other => Self::exact(other),
        }
    }

    /// Whether a correction on the sums of the inputs' blocks belongs to it.
    pub(crate) fn is_split(self) -> bool {
        matches!(self.method, Method::Split(_))
    }

    /// Whether it has numbers and neither codes nor scales nor zero points.
    pub(crate) fn is_plain(self) -> bool {
        self.method == Method::Plain
    }

    pub(crate) fn blocks(self, row_len: usize) -> usize {
        row_len.div_ceil(self.block)
    }

    pub(crate) fn block_bytes(self) -> usize {
        self.block * self.bits.count() / 8
    }

    /// Bytes of the packed zero points of one row.
    pub(crate) fn zero_bytes(self, row_len: usize) -> usize {
        (self.blocks(row_len) * self.bits.count()).div_ceil(8)
    }
}

/// Packed rows: codes, scales, zero points, and the corrections of a split form.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub weights: Vec<u8>,
    pub scales: Vec<f32>,
    pub zeros: Vec<u8>,
    pub corrections: Vec<f32>,
}

impl Packed {
    pub(crate) fn clear(&mut self) {
        self.weights.clear();
        self.scales.clear();
        self.zeros.clear();
        self.corrections.clear();
    }
}

/// Packs rows one after another, keeping its working memory.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    codes: Codes,
    values: Vec<f32>,
    block_codes: Vec<u8>,
    row_zeros: Vec<u8>,
}

impl Packer {
    /// Appends `row`, whole blocks of `ty`, to `out` in `form`.
    pub(crate) fn row(&mut self, ty: GgmlType, row: &[u8], form: Form, out: &mut Packed) {
        match (form.method, geometry(ty)) {
            (Method::Requantise | Method::Plain, _) | (_, None) => {
                floats(ty, row, &mut self.codes, &mut self.values);
                let values = std::mem::take(&mut self.values);
                self.float_row(&values, form, out);
                self.values = values;
            }
            (method, Some((group, origin))) => {
                debug_assert_eq!(group, form.block);
                self.codes.decode(ty, row);
                self.code_row(form, method, group, origin, out);
            }
        }
    }

    fn code_row(&mut self, form: Form, method: Method, group: usize, origin: Origin, out: &mut Packed) {
        let codes = std::mem::take(&mut self.codes);
        for (index, group_codes) in codes.codes.chunks_exact(group).enumerate() {
            let scale = codes.scales[index];
            self.block_codes.clear();
            match origin {
                Origin::Zero(zero) => {
                    // Eight-bit forms are shifted to 128: unsigned kernels treat it as the natural middle.
                    let target = if form.bits == Bits::Eight { 128 } else { 8 };
                    self.block_codes
                        .extend(group_codes.iter().map(|code| code + (target - zero)));
                    out.scales.push(scale);
                    self.row_zeros.push(target);
                }
                Origin::Minimum => {
                    let minimum = codes.minimums[index];
                    let factor = match method {
                        Method::Scaled(factor) | Method::Split(factor) => factor,
                        Method::Codes | Method::Requantise | Method::Plain => 1,
                    };
                    let top = if form.bits == Bits::Eight { 255.0 } else { 15.0 };
                    let ideal = minimum / scale * f32::from(factor);
                    if matches!(method, Method::Scaled(_)) && !(-0.5..=top + 0.5).contains(&ideal) {
                        // No zero point reaches this minimum; the block's own range does.
                        let values: Vec<f32> = group_codes
                            .iter()
                            .map(|code| scale * f32::from(*code) - minimum)
                            .collect();
                        self.float_block(&values, form, out);
                        pack_codes(&self.block_codes, form.bits, &mut out.weights);
                        continue;
                    }
                    // NaN (a zero scale) becomes zero, which leaves all of the minimum to the correction.
                    let zero = ideal.round().clamp(0.0, top) as u8;
                    self.block_codes
                        .extend(group_codes.iter().map(|code| code * factor));
                    out.scales.push(scale / f32::from(factor));
                    self.row_zeros.push(zero);
                    if let Method::Split(factor) = method {
                        out.corrections
                            .push(scale / f32::from(factor) * f32::from(zero) - minimum);
                    }
                }
            }
            pack_codes(&self.block_codes, form.bits, &mut out.weights);
        }
        self.codes = codes;
        self.flush_zeros(form.bits, out);
    }

    /// Appends a row of floats, quantised to eight bits per block of `form`, or in half precision if it is plain.
    pub(crate) fn float_row(&mut self, values: &[f32], form: Form, out: &mut Packed) {
        if form.is_plain() {
            let halves = values
                .iter()
                .flat_map(|value| f16::from_f32(*value).to_le_bytes());
            out.weights.extend(halves);
            return;
        }
        for block in values.chunks(form.block) {
            self.float_block(block, form, out);
            pack_codes(&self.block_codes, form.bits, &mut out.weights);
        }
        self.flush_zeros(form.bits, out);
    }

    /// Quantises one block between its extremes (zero always included, so padding stays zero).
    fn float_block(&mut self, values: &[f32], form: Form, out: &mut Packed) {
        let (low, high) = values.iter().fold((0f32, 0f32), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        let top = if form.bits == Bits::Eight { 255.0 } else { 15.0 };
        let scale = (high - low) / top;
        let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
        let zero = (-low * inverse).round().clamp(0.0, top);
        self.block_codes.clear();
        let codes = values
            .iter()
            .map(|value| (value * inverse + zero).round().clamp(0.0, top) as u8);
        self.block_codes.extend(codes);
        self.block_codes.resize(form.block, zero as u8);
        out.scales.push(scale);
        self.row_zeros.push(zero as u8);
    }

    fn flush_zeros(&mut self, bits: Bits, out: &mut Packed) {
        pack_codes(&self.row_zeros, bits, &mut out.zeros);
        self.row_zeros.clear();
    }
}

/// Appends codes; four-bit ones pairwise, the even one in the low nibble.
pub(crate) fn pack_codes(codes: &[u8], bits: Bits, out: &mut Vec<u8>) {
    match bits {
        Bits::Eight | Bits::Sixteen => out.extend_from_slice(codes),
        Bits::Four => out.extend(
            codes
                .chunks(2)
                .map(|pair| pair[0] | pair.get(1).map_or(0, |code| code << 4)),
        ),
    }
}
