//! The kernel for processors with AVX-512 and its eight-bit dot products.

use core::arch::x86_64::*;

use footnote_model_import::panels::{Activation, BLOCK, PANEL_ROWS, PanelFormat, Scales};

use super::gate;
use super::inputs::{Group, Writer};

/// Quantises one group of inputs.
///
/// # Safety
/// As for [`super::inputs::Writer::quantise`]; the processor must be supported.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn quantise(writer: &Writer, index: usize, values: &[f32]) {
    // SAFETY: the caller's.
    unsafe { writer.quantise(index, values) }
}

/// Gates products, as [`gate::apply`].
///
/// # Safety
/// The processor must be supported.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn apply_gate(
    activation: Activation,
    gate: &[[f32; PANEL_ROWS]],
    up: &mut [[f32; PANEL_ROWS]],
) {
    gate::apply(activation, gate, up);
}

/// Groups `PART` and `PART + 4` of a block, a byte a code.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn pair<const F: usize, const PART: usize>(block: *const u8) -> (__m512i, __m512i) {
    let bits = const { PanelFormat::ALL[F].bits() };
    // SAFETY: the caller's; `PART` is below 4 and planes lie as `footnote_model_import::panels` says.
    let load = |at: usize| unsafe { _mm512_loadu_si512(block.add(64 * at).cast()) };
    if bits == 8 {
        return (load(PART), load(PART + 4));
    }
    let nibbles = load(PART);
    let mask = _mm512_set1_epi8(15);
    let low = _mm512_and_si512(nibbles, mask);
    let high = _mm512_and_si512(_mm512_srli_epi16::<4>(nibbles), mask);
    // (a & mask) | b, and a | b where the mask's bits are not set.
    match bits {
        5 => {
            let fifth = _mm512_set1_epi8(16);
            let plane = load(4);
            let upper = match PART {
                0 => (_mm512_slli_epi16::<4>(plane), plane),
                1 => (_mm512_slli_epi16::<3>(plane), _mm512_srli_epi16::<1>(plane)),
                2 => (_mm512_slli_epi16::<2>(plane), _mm512_srli_epi16::<2>(plane)),
                _ => (_mm512_slli_epi16::<1>(plane), _mm512_srli_epi16::<3>(plane)),
            };
            let join = |low, upper| _mm512_ternarylogic_epi32::<0xea>(upper, fifth, low);
            // The bit of group `p` moves from `p` to 4, that of group `p + 4` from `p + 4` to 4.
            (join(low, upper.0), join(high, upper.1))
        }
        6 => {
            let fifth = _mm512_set1_epi8(48);
            let (first, second) = (load(4), load(5));
            let shift = |plane| match PART {
                0 => _mm512_slli_epi16::<4>(plane),
                1 => _mm512_slli_epi16::<2>(plane),
                2 => plane,
                _ => _mm512_srli_epi16::<2>(plane),
            };
            let join = |low, upper| _mm512_ternarylogic_epi32::<0xea>(upper, fifth, low);
            (join(low, shift(first)), join(high, shift(second)))
        }
        _ => (low, high),
    }
}

/// Products of a panel with the `R` rows of a group.
///
/// # Safety
/// The processor must be supported; `panel` must hold a panel of format `F` with rows of `group.blocks` blocks,
/// and the group must have `R` rows that are not written meanwhile.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn product<const F: usize, const R: usize>(
    panel: *const u8,
    group: &Group,
    out: &mut [[f32; PANEL_ROWS]],
) {
    let format = const { PanelFormat::ALL[F] };
    let kind = const { PanelFormat::ALL[F].scales() };
    let per = const { PanelFormat::ALL[F].scales().columns() / BLOCK };
    let mut totals = [_mm512_setzero_ps(); R];
    let zero = const { PanelFormat::ALL[F].zero() } as i32;
    let minus_zero = _mm512_set1_epi32(-zero);
    // SAFETY: all pointers stay inside of the panel and of the group, by their layouts.
    unsafe {
        let all_scales = panel.add(format.code_bytes(group.blocks * BLOCK));
        let mut codes = panel;
        // Scales lie behind the codes of a panel; both are asked for evenly while the codes are read.
        let mut ahead = panel.wrapping_add(AHEAD);
        let step = format.panel_bytes(group.blocks * BLOCK) / group.blocks;
        let mut inputs = group.codes;
        let half = |at: *const u8| _mm512_cvtph_ps(_mm256_loadu_si256(at.cast()));
        for block in 0..group.blocks {
            let part = block % per;
            let scales = all_scales.add(block / per * const { PanelFormat::ALL[F].scales().bytes() });
            // The processor's own prefetching ends with the page.
            for line in 0..const { lines_of_block(PanelFormat::ALL[F]) } {
                _mm_prefetch::<_MM_HINT_T1>(ahead.wrapping_add(64 * line).cast());
            }
            ahead = ahead.wrapping_add(step);
            let (mut first, mut second) = ([_mm512_setzero_si512(); R], [_mm512_setzero_si512(); R]);
            if zero != 0 {
                for row in 0..R {
                    let sums = group.sums.add(2 * block * R + row);
                    first[row] = _mm512_mullo_epi32(_mm512_set1_epi32(*sums), minus_zero);
                    second[row] = _mm512_mullo_epi32(_mm512_set1_epi32(*sums.add(R)), minus_zero);
                }
            }
            // Written out: the compiler keeps sums in registers only if it sees every loop but this one unrolled.
            macro_rules! quarter {
                ($at:literal) => {
                    let (low, high) = pair::<F, $at>(codes);
                    for row in 0..R {
                        let input = inputs.add(BLOCK * row + 4 * $at).cast::<i32>();
                        first[row] =
                            _mm512_dpbusd_epi32(first[row], low, _mm512_set1_epi32(input.read_unaligned()));
                    }
                    for row in 0..R {
                        let input = inputs.add(BLOCK * row + 16 + 4 * $at).cast::<i32>();
                        second[row] =
                            _mm512_dpbusd_epi32(second[row], high, _mm512_set1_epi32(input.read_unaligned()));
                    }
                };
            }
            quarter!(0);
            quarter!(1);
            quarter!(2);
            quarter!(3);
            let scale = match kind {
                Scales::Half | Scales::HalfWithMinimum => half(scales),
                Scales::SuperWithMinimum => {
                    let factor = half(scales.add(16 * PANEL_ROWS));
                    let bytes = _mm_loadu_si128(scales.add(part * PANEL_ROWS).cast());
                    _mm512_mul_ps(factor, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)))
                }
                Scales::Super => half(scales.add(16 * PANEL_ROWS)),
            };
            if matches!(kind, Scales::Super) {
                let whole = |half: usize| {
                    let bytes = scales.add((2 * part + half) * PANEL_ROWS);
                    _mm512_cvtepi8_epi32(_mm_loadu_si128(bytes.cast()))
                };
                let whole = [whole(0), whole(1)];
                for row in 0..R {
                    first[row] = _mm512_mullo_epi32(first[row], whole[0]);
                    second[row] = _mm512_mullo_epi32(second[row], whole[1]);
                }
            }
            for row in 0..R {
                let scales = group.scales.add(2 * block * R + row);
                let sum = _mm512_mul_ps(_mm512_cvtepi32_ps(first[row]), _mm512_set1_ps(*scales));
                let second = _mm512_cvtepi32_ps(second[row]);
                let sum = _mm512_fmadd_ps(second, _mm512_set1_ps(*scales.add(R)), sum);
                totals[row] = _mm512_fmadd_ps(sum, scale, totals[row]);
            }
            let weighted = |row: usize| _mm512_set1_ps(*group.weighted.add(block * R + row));
            match kind {
                Scales::HalfWithMinimum => {
                    let minimum = half(scales.add(2 * PANEL_ROWS));
                    for (row, total) in totals.iter_mut().enumerate() {
                        *total = _mm512_fmadd_ps(minimum, weighted(row), *total);
                    }
                }
                Scales::SuperWithMinimum => {
                    let bytes = _mm_loadu_si128(scales.add((8 + part) * PANEL_ROWS).cast());
                    let whole = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
                    let minimum = _mm512_mul_ps(half(scales.add(18 * PANEL_ROWS)), whole);
                    for (row, total) in totals.iter_mut().enumerate() {
                        *total = _mm512_fnmadd_ps(minimum, weighted(row), *total);
                    }
                }
                Scales::Half | Scales::Super => {}
            }
            codes = codes.add(const { PanelFormat::ALL[F].block_bytes() });
            inputs = inputs.add(BLOCK * R);
        }
        for (to, total) in out.iter_mut().zip(totals) {
            _mm512_storeu_ps(to.as_mut_ptr(), total);
        }
    }
}

/// Bytes ahead of the codes that are asked for, into the second-level cache: one token is computed in three quarters of
/// the time that it takes when the first-level cache is asked for, or a tenth of the distance.
const AHEAD: usize = 32768;

/// Cache lines that a block's codes and its part of the scales take.
const fn lines_of_block(format: PanelFormat) -> usize {
    let scales = format.scales();
    let per = scales.columns() / BLOCK;
    (format.block_bytes() + scales.bytes().div_ceil(per)).div_ceil(64)
}
