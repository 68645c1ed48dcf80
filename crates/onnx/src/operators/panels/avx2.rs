//! The kernel for processors with AVX2 and fused multiply-add.

use core::arch::x86_64::*;

use footnote_model_import::panels::{Activation, BLOCK, PANEL_ROWS, PanelFormat, Scales};

use super::gate;
use super::inputs::{Group, Writer};

/// Rows of a panel that a register holds.
const LANES: usize = 8;
/// Most rows of a group whose sums fit into the registers.
const ROWS: usize = 4;

/// Quantises one group of inputs.
///
/// # Safety
/// As for [`Writer::quantise`]; the processor must be supported.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn quantise(writer: &Writer, index: usize, values: &[f32]) {
    // SAFETY: the caller's.
    unsafe { writer.quantise(index, values) }
}

/// Gates products, as [`gate::apply`].
///
/// # Safety
/// The processor must be supported.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn apply_gate(
    activation: Activation,
    gate: &[[f32; PANEL_ROWS]],
    up: &mut [[f32; PANEL_ROWS]],
) {
    gate::apply(activation, gate, up);
}

/// Products of a panel with the `R` rows of a group.
///
/// # Safety
/// The processor must be supported; `panel` must hold a panel of format `F` with rows of `group.blocks` blocks,
/// and the group must have `R` rows that are not written meanwhile.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn product<const F: usize, const R: usize>(
    panel: *const u8,
    group: &Group,
    out: &mut [[f32; PANEL_ROWS]],
) {
    for half in 0..PANEL_ROWS / LANES {
        for first in (0..R).step_by(ROWS) {
            let out = &mut out[first..R.min(first + ROWS)];
            // SAFETY: the caller's.
            unsafe {
                match out.len() {
                    1 => part::<F, R, 1>(panel, group, first, half, out),
                    2 => part::<F, R, 2>(panel, group, first, half, out),
                    3 => part::<F, R, 3>(panel, group, first, half, out),
                    _ => part::<F, R, ROWS>(panel, group, first, half, out),
                }
            }
        }
    }
}

/// The eight codes-of-four of a group, `PART` or `PART + 4`, a byte a code; `block` begins at the half's bytes.
///
/// Eight-bit codes come out signed, counted from their zero point.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn pair<const F: usize, const PART: usize>(block: *const u8) -> (__m256i, __m256i) {
    let bits = const { PanelFormat::ALL[F].bits() };
    // SAFETY: the caller's; `PART` is below 4 and planes lie as `footnote_model_import::panels` says.
    let load = |at: usize| unsafe { _mm256_loadu_si256(block.add(64 * at).cast()) };
    if bits == 8 {
        let sign = _mm256_set1_epi8(-128);
        return (
            _mm256_xor_si256(load(PART), sign),
            _mm256_xor_si256(load(PART + 4), sign),
        );
    }
    let nibbles = load(PART);
    let mask = _mm256_set1_epi8(15);
    let low = _mm256_and_si256(nibbles, mask);
    let high = _mm256_and_si256(_mm256_srli_epi16::<4>(nibbles), mask);
    let join = |low, plane, mask| _mm256_or_si256(low, _mm256_and_si256(plane, _mm256_set1_epi8(mask)));
    match bits {
        5 => {
            // The bit of group `PART` moves from `PART` to 4, that of group `PART + 4` from `PART + 4` to 4.
            let plane = load(4);
            let (first, second) = match PART {
                0 => (_mm256_slli_epi16::<4>(plane), plane),
                1 => (_mm256_slli_epi16::<3>(plane), _mm256_srli_epi16::<1>(plane)),
                2 => (_mm256_slli_epi16::<2>(plane), _mm256_srli_epi16::<2>(plane)),
                _ => (_mm256_slli_epi16::<1>(plane), _mm256_srli_epi16::<3>(plane)),
            };
            (join(low, first, 16), join(high, second, 16))
        }
        6 => {
            let shift = |plane| match PART {
                0 => _mm256_slli_epi16::<4>(plane),
                1 => _mm256_slli_epi16::<2>(plane),
                2 => plane,
                _ => _mm256_srli_epi16::<2>(plane),
            };
            (join(low, shift(load(4)), 48), join(high, shift(load(5)), 48))
        }
        _ => (low, high),
    }
}

/// `sums` plus the products of a group's codes with four inputs.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn dot<const F: usize>(sums: __m256i, codes: __m256i, inputs: i32) -> __m256i {
    let inputs = _mm256_set1_epi32(inputs);
    // Sums of two products stay below 2^15: 2 * 63 * 127 for codes of up to six bits, 2 * 128 * 127 for signed bytes.
    let pairs = if const { PanelFormat::ALL[F].bits() } == 8 {
        _mm256_maddubs_epi16(_mm256_abs_epi8(codes), _mm256_sign_epi8(inputs, codes))
    } else {
        _mm256_maddubs_epi16(codes, inputs)
    };
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// Products of one half of a panel's rows with `N` rows of a group of `R`, from its row `first`.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn part<const F: usize, const R: usize, const N: usize>(
    panel: *const u8,
    group: &Group,
    first_row: usize,
    half: usize,
    out: &mut [[f32; PANEL_ROWS]],
) {
    let format = const { PanelFormat::ALL[F] };
    let kind = const { PanelFormat::ALL[F].scales() };
    let per = const { PanelFormat::ALL[F].scales().columns() / BLOCK };
    let zero = if format.bits() == 8 {
        0
    } else {
        -i32::from(format.zero())
    };
    let mut totals = [_mm256_setzero_ps(); N];
    // SAFETY: all pointers stay inside of the panel and of the group, by their layouts.
    unsafe {
        let all_scales = panel.add(format.code_bytes(group.blocks * BLOCK) + half * LANES);
        let mut codes = panel.add(4 * LANES * half);
        let mut inputs = group.codes.add(first_row * BLOCK);
        // Arrays of halves have two bytes a row; `all_scales` is set on arrays of bytes.
        let half_floats = |at: *const u8| _mm256_cvtph_ps(_mm_loadu_si128(at.add(half * LANES).cast()));
        let bytes = |at: *const u8| _mm_loadl_epi64(at.cast());
        for block in 0..group.blocks {
            let part = block % per;
            let scales = all_scales.add(block / per * const { PanelFormat::ALL[F].scales().bytes() });
            let (mut first, mut second) = ([_mm256_setzero_si256(); N], [_mm256_setzero_si256(); N]);
            if zero != 0 {
                for row in 0..N {
                    let sums = group.sums.add(2 * block * R + first_row + row);
                    first[row] = _mm256_set1_epi32(zero * *sums);
                    second[row] = _mm256_set1_epi32(zero * *sums.add(R));
                }
            }
            macro_rules! quarter {
                ($at:literal) => {
                    let (low, high) = pair::<F, $at>(codes);
                    for row in 0..N {
                        let input = inputs.add(BLOCK * row + 4 * $at).cast::<i32>();
                        first[row] = dot::<F>(first[row], low, input.read_unaligned());
                        second[row] = dot::<F>(second[row], high, input.add(4).read_unaligned());
                    }
                };
            }
            quarter!(0);
            quarter!(1);
            quarter!(2);
            quarter!(3);
            let scale = match kind {
                Scales::Half | Scales::HalfWithMinimum => half_floats(scales),
                Scales::SuperWithMinimum => {
                    let whole = _mm256_cvtepu8_epi32(bytes(scales.add(part * PANEL_ROWS)));
                    _mm256_mul_ps(
                        half_floats(scales.add(16 * PANEL_ROWS)),
                        _mm256_cvtepi32_ps(whole),
                    )
                }
                Scales::Super => half_floats(scales.add(16 * PANEL_ROWS)),
            };
            if matches!(kind, Scales::Super) {
                let whole =
                    |half: usize| _mm256_cvtepi8_epi32(bytes(scales.add((2 * part + half) * PANEL_ROWS)));
                let whole = [whole(0), whole(1)];
                for row in 0..N {
                    first[row] = _mm256_mullo_epi32(first[row], whole[0]);
                    second[row] = _mm256_mullo_epi32(second[row], whole[1]);
                }
            }
            for row in 0..N {
                let scales = group.scales.add(2 * block * R + first_row + row);
                let sum = _mm256_mul_ps(_mm256_cvtepi32_ps(first[row]), _mm256_set1_ps(*scales));
                let second = _mm256_cvtepi32_ps(second[row]);
                let sum = _mm256_fmadd_ps(second, _mm256_set1_ps(*scales.add(R)), sum);
                totals[row] = _mm256_fmadd_ps(sum, scale, totals[row]);
            }
            let weighted = |row: usize| _mm256_set1_ps(*group.weighted.add(block * R + first_row + row));
            match kind {
                Scales::HalfWithMinimum => {
                    let minimum = half_floats(scales.add(2 * PANEL_ROWS));
                    for (row, total) in totals.iter_mut().enumerate() {
                        *total = _mm256_fmadd_ps(minimum, weighted(row), *total);
                    }
                }
                Scales::SuperWithMinimum => {
                    let whole = _mm256_cvtepu8_epi32(bytes(scales.add((8 + part) * PANEL_ROWS)));
                    let minimum = _mm256_mul_ps(
                        half_floats(scales.add(18 * PANEL_ROWS)),
                        _mm256_cvtepi32_ps(whole),
                    );
                    for (row, total) in totals.iter_mut().enumerate() {
                        *total = _mm256_fnmadd_ps(minimum, weighted(row), *total);
                    }
                }
                Scales::Half | Scales::Super => {}
            }
            codes = codes.add(const { PanelFormat::ALL[F].block_bytes() });
            inputs = inputs.add(BLOCK * R);
        }
        for (to, total) in out.iter_mut().zip(totals) {
            _mm256_storeu_ps(to[half * LANES..].as_mut_ptr(), total);
        }
    }
}
