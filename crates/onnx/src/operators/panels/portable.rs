//! The kernel for any processor: plain Rust that the compiler can vectorise.

use footnote_model_import::panels::{Activation, BLOCK, PANEL_ROWS, PanelFormat, reference};

use super::gate;
use super::inputs::{Group, Writer};

/// Quantises one group of inputs.
///
/// # Safety
/// As for [`Writer::quantise`].
pub(super) unsafe fn quantise(writer: &Writer, index: usize, values: &[f32]) {
    // SAFETY: the caller's.
    unsafe { writer.quantise(index, values) }
}

/// Gates products, as [`gate::apply`].
///
/// # Safety
/// None is needed; other kernels have some.
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
/// `panel` must hold a panel of format `F` with rows of `group.blocks` blocks, and the group must have `R` rows that
/// are not written meanwhile.
pub(super) unsafe fn product<const F: usize, const R: usize>(
    panel: *const u8,
    group: &Group,
    out: &mut [[f32; PANEL_ROWS]],
) {
    let format = const { PanelFormat::ALL[F] };
    let row_len = group.blocks * BLOCK;
    // SAFETY: the caller's.
    let panel = unsafe { std::slice::from_raw_parts(panel, format.panel_bytes(row_len)) };
    let (codes, scales) = panel.split_at(format.code_bytes(row_len));
    let zero = i32::from(format.zero());
    let mut totals = [[0f32; PANEL_ROWS]; R];
    for (block, packed) in codes.chunks_exact(format.block_bytes()).enumerate() {
        let weights = groups::<F>(packed);
        let factors: [reference::Factors; PANEL_ROWS] =
            std::array::from_fn(|lane| reference::factors(format, scales, lane, block));
        for (row, totals) in totals.iter_mut().enumerate() {
            // SAFETY: the group's layout.
            let (inputs, sums, scales, weighted) = unsafe {
                (
                    &*group.codes.add((block * R + row) * BLOCK).cast::<[i8; BLOCK]>(),
                    [0, 1].map(|half| *group.sums.add((2 * block + half) * R + row)),
                    [0, 1].map(|half| *group.scales.add((2 * block + half) * R + row)),
                    *group.weighted.add(block * R + row),
                )
            };
            let mut halves = sums.map(|sum| [-zero * sum; PANEL_ROWS]);
            for (at, (weights, inputs)) in weights.iter().zip(inputs.as_chunks::<4>().0).enumerate() {
                for (lane, sum) in halves[at / 4].iter_mut().enumerate() {
                    for (column, input) in inputs.iter().enumerate() {
                        *sum += i32::from(weights[4 * lane + column]) * i32::from(*input);
                    }
                }
            }
            for (lane, total) in totals.iter_mut().enumerate() {
                let factors = &factors[lane];
                let [first, second] = [0, 1].map(|half| (halves[half][lane] * factors.whole[half]) as f32);
                let sum = second.mul_add(scales[1], first * scales[0]);
                *total = sum.mul_add(factors.factor, *total);
                if let Some(minimum) = factors.minimum {
                    *total = minimum.mul_add(weighted, *total);
                }
            }
        }
    }
    out.copy_from_slice(&totals);
}

/// The eight groups of a block, a byte a code.
fn groups<const F: usize>(block: &[u8]) -> [[u8; 64]; 8] {
    let bits = const { PanelFormat::ALL[F].bits() };
    let (planes, _) = block.as_chunks::<64>();
    std::array::from_fn(|group| {
        if bits == 8 {
            return planes[group];
        }
        let mut codes = planes[group % 4].map(|byte| byte >> (4 * (group / 4)) & 15);
        let high = match bits {
            5 => Some((planes[4], group, 1)),
            6 => Some((planes[4 + group / 4], 2 * (group % 4), 3)),
            _ => None,
        };
        if let Some((plane, shift, mask)) = high {
            for (code, byte) in codes.iter_mut().zip(plane) {
                *code |= (byte >> shift & mask) << 4;
            }
        }
        codes
    })
}
