//! Block formats of ggml taken apart. Layouts: `ggml-common.h` and `ggml-quants.c` of llama.cpp.

use half::{bf16, f16};

use crate::gguf::GgmlType;

/// What the codes of a row are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Every code stands for `scale * (code - zero)`.
    Zero(u8),
    /// Every code stands for `scale * code - minimum`, the minimum given per group.
    Minimum,
}

/// Codes of one quantised row with the parameters of its groups.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    pub codes: Vec<u8>,
    pub scales: Vec<f32>,
    pub minimums: Vec<f32>,
}

/// Group length and origin of a quantised type; `None` for float types.
pub(crate) fn geometry(ty: GgmlType) -> Option<(usize, Origin)> {
    Some(match ty {
        GgmlType::F32 | GgmlType::F16 | GgmlType::Bf16 => return None,
        GgmlType::Q4_0 => (32, Origin::Zero(8)),
        GgmlType::Q5_0 => (32, Origin::Zero(16)),
        GgmlType::Q8_0 | GgmlType::Iq4Nl => (32, Origin::Zero(128)),
        GgmlType::Q2K => (16, Origin::Minimum),
        GgmlType::Q3K => (16, Origin::Zero(4)),
        GgmlType::Q6K => (16, Origin::Zero(32)),
        GgmlType::Q4_1 | GgmlType::Q5_1 | GgmlType::Q4K | GgmlType::Q5K => (32, Origin::Minimum),
    })
}

/// The values of `kvalues_iq4nl`, shifted by 128.
const IQ4_NL_CODES: [u8; 16] = [
    1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
];

fn half_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// Six-bit scale and minimum number `j` of the twelve packed bytes of a K block.
pub(crate) fn scale_min(packed: &[u8], j: usize) -> (u8, u8) {
    if j < 4 {
        (packed[j] & 63, packed[j + 4] & 63)
    } else {
        (
            (packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4),
            (packed[j + 4] >> 4) | (packed[j] >> 6 << 4),
        )
    }
}

impl Codes {
    /// Takes a quantised row apart. `row` holds whole blocks; float types leave everything empty.
    pub(crate) fn decode(&mut self, ty: GgmlType, row: &[u8]) {
        self.codes.clear();
        self.scales.clear();
        self.minimums.clear();
        for block in row.chunks_exact(ty.block_bytes()) {
            match ty {
                GgmlType::F32 | GgmlType::F16 | GgmlType::Bf16 => return,
                GgmlType::Q4_0 => {
                    self.scales.push(half_at(block, 0));
                    self.nibbles(&block[2..18], None);
                }
                GgmlType::Q4_1 => {
                    self.scales.push(half_at(block, 0));
                    self.minimums.push(-half_at(block, 2));
                    self.nibbles(&block[4..20], None);
                }
                GgmlType::Q5_0 => {
                    self.scales.push(half_at(block, 0));
                    let high = u32::from_le_bytes([block[2], block[3], block[4], block[5]]);
                    self.nibbles(&block[6..22], Some(high));
                }
                GgmlType::Q5_1 => {
                    self.scales.push(half_at(block, 0));
                    self.minimums.push(-half_at(block, 2));
                    let high = u32::from_le_bytes([block[4], block[5], block[6], block[7]]);
                    self.nibbles(&block[8..24], Some(high));
                }
                GgmlType::Q8_0 => {
                    self.scales.push(half_at(block, 0));
                    self.codes.extend(block[2..34].iter().map(|code| code ^ 0x80));
                }
                GgmlType::Iq4Nl => {
                    self.scales.push(half_at(block, 0));
                    let packed = &block[2..18];
                    let nibbles = packed.iter().map(|byte| byte & 15);
                    let nibbles = nibbles.chain(packed.iter().map(|byte| byte >> 4));
                    self.codes
                        .extend(nibbles.map(|code| IQ4_NL_CODES[usize::from(code)]));
                }
                GgmlType::Q2K => self.q2k(block),
                GgmlType::Q3K => self.q3k(block),
                GgmlType::Q4K => self.k_block(block, &block[16..144], None),
                GgmlType::Q5K => self.k_block(block, &block[48..176], Some(&block[16..48])),
                GgmlType::Q6K => self.q6k(block),
            }
        }
    }

    /// 32 codes: low nibbles first, then high ones, with an optional fifth bit each.
    fn nibbles(&mut self, packed: &[u8], high: Option<u32>) {
        let high = high.unwrap_or(0);
        let low_half = packed
            .iter()
            .zip(0..)
            .map(|(byte, j)| (byte & 15) | ((high >> j & 1) as u8) << 4);
        self.codes.extend(low_half);
        let high_half = packed
            .iter()
            .zip(16..)
            .map(|(byte, j)| (byte >> 4) | ((high >> j & 1) as u8) << 4);
        self.codes.extend(high_half);
    }

    fn k_block(&mut self, block: &[u8], packed: &[u8], high: Option<&[u8]>) {
        let (d, dmin) = (half_at(block, 0), half_at(block, 2));
        for j in 0..8 {
            let (scale, minimum) = scale_min(&block[4..16], j);
            self.scales.push(d * f32::from(scale));
            self.minimums.push(dmin * f32::from(minimum));
        }
        for (chunk, bytes) in packed.chunks_exact(32).enumerate() {
            let fifth = |lane: usize, bit: usize| high.map_or(0, |high| (high[lane] >> bit & 1) << 4);
            let low = bytes
                .iter()
                .enumerate()
                .map(|(lane, byte)| (byte & 15) | fifth(lane, 2 * chunk));
            self.codes.extend(low);
            let upper = bytes
                .iter()
                .enumerate()
                .map(|(lane, byte)| (byte >> 4) | fifth(lane, 2 * chunk + 1));
            self.codes.extend(upper);
        }
    }

    fn q2k(&mut self, block: &[u8]) {
        let (d, dmin) = (half_at(block, 80), half_at(block, 82));
        for packed in &block[..16] {
            self.scales.push(d * f32::from(packed & 15));
            self.minimums.push(dmin * f32::from(packed >> 4));
        }
        for bytes in block[16..80].chunks_exact(32) {
            for shift in [0, 2, 4, 6] {
                self.codes.extend(bytes.iter().map(|byte| byte >> shift & 3));
            }
        }
    }

    fn q3k(&mut self, block: &[u8]) {
        let (high, low, packed) = (&block[..32], &block[32..96], &block[96..108]);
        let d = half_at(block, 108);
        for j in 0..16 {
            let four = packed[j % 8] >> (4 * (j / 8)) & 15;
            let two = packed[8 + j % 4] >> (2 * (j / 4)) & 3;
            self.scales
                .push(d * f32::from((four | two << 4).cast_signed() - 32));
        }
        for (half, bytes) in low.chunks_exact(32).enumerate() {
            for pair in 0..4 {
                let codes = bytes
                    .iter()
                    .zip(high)
                    .map(|(byte, third)| (byte >> (2 * pair) & 3) | (third >> (4 * half + pair) & 1) << 2);
                self.codes.extend(codes);
            }
        }
    }

    fn q6k(&mut self, block: &[u8]) {
        let d = half_at(block, 208);
        self.scales.extend(
            block[192..208]
                .iter()
                .map(|scale| d * f32::from(scale.cast_signed())),
        );
        for half in 0..2 {
            let low = &block[64 * half..64 * half + 64];
            let high = &block[128 + 32 * half..160 + 32 * half];
            let two = |lane: usize, pair: usize| (high[lane] >> (2 * pair) & 3) << 4;
            self.codes
                .extend((0..32).map(|lane| (low[lane] & 15) | two(lane, 0)));
            self.codes
                .extend((0..32).map(|lane| (low[lane + 32] & 15) | two(lane, 1)));
            self.codes
                .extend((0..32).map(|lane| (low[lane] >> 4) | two(lane, 2)));
            self.codes
                .extend((0..32).map(|lane| (low[lane + 32] >> 4) | two(lane, 3)));
        }
    }
}

/// The float values of a row of any type, appended to `out` after clearing it.
pub(crate) fn floats(ty: GgmlType, row: &[u8], codes: &mut Codes, out: &mut Vec<f32>) {
    out.clear();
    let Some((group, origin)) = geometry(ty) else {
        match ty {
            GgmlType::F32 => out.extend(row.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b))),
            GgmlType::F16 => {
                out.extend(
                    row.as_chunks::<2>()
                        .0
                        .iter()
                        .map(|b| f16::from_le_bytes(*b).to_f32()),
                );
            }
            _ => out.extend(
                row.as_chunks::<2>()
                    .0
                    .iter()
                    .map(|b| bf16::from_le_bytes(*b).to_f32()),
            ),
        }
        return;
    };
    codes.decode(ty, row);
    for (index, group_codes) in codes.codes.chunks_exact(group).enumerate() {
        let scale = codes.scales[index];
        match origin {
            Origin::Zero(zero) => {
                let zero = i32::from(zero);
                out.extend(
                    group_codes
                        .iter()
                        .map(|code| scale * (i32::from(*code) - zero) as f32),
                );
            }
            Origin::Minimum => {
                let minimum = codes.minimums[index];
                out.extend(group_codes.iter().map(|code| scale * f32::from(*code) - minimum));
            }
        }
    }
}
