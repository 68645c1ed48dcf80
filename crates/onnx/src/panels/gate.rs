//! The gate of a feed-forward network, over the products as they leave the kernel.

use footnote_model_import::panels::{Activation, PANEL_ROWS};

/// Multiplies `up` by the activation of `gate`.
///
/// Both activations are `x * sigmoid(z)`: `z` is `x` for SiLU, and for GELU by its tanh formula
/// `2 * sqrt(2 / pi) * (x + 0.044715 x^3)`, since `tanh(a) = 2 * sigmoid(2 a) - 1`.
#[inline(always)]
pub(super) fn apply(activation: Activation, gate: &[[f32; PANEL_ROWS]], up: &mut [[f32; PANEL_ROWS]]) {
    for (up, gate) in up.iter_mut().zip(gate) {
        match activation {
            Activation::Silu => {
                for (up, x) in up.iter_mut().zip(gate) {
                    *up *= x / (1.0 + exp(-x));
                }
            }
            Activation::GeluTanh => {
                for (up, x) in up.iter_mut().zip(gate) {
                    let z = 1.595_769 * (x + 0.044_715 * x * x * x);
                    *up *= x / (1.0 + exp(-z));
                }
            }
        }
    }
}

/// `e^x` to within three units of the last place; 0 below -87 and `e^88` above 88.
///
/// Cephes' polynomial over `x - n ln 2`, without a branch, so that it is computed for many numbers at once.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding this to a small number leaves its nearest whole number in the lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let whole = shifted - MAGIC;
    let r = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4f32;
    for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + factor;
    }
    let p = p * r * r + r + 1.0;
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_right_to_seven_digits() {
        for at in -8_600..8_800 {
            let x = at as f32 / 100.0;
            let (got, want) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((got / want - 1.0).abs() < 4e-7, "{x}: {got} {want}");
        }
        assert!(exp(-1000.0) < 2e-38 && exp(1000.0) > 1e38);
    }

    #[test]
    fn gates_are_the_known_functions() {
        let gate: [f32; PANEL_ROWS] = std::array::from_fn(|at| at as f32 - 8.0);
        let run = |activation| {
            let mut up = [[2.0; PANEL_ROWS]];
            apply(activation, &[gate], &mut up);
            up[0]
        };
        for (at, x) in gate.map(f64::from).into_iter().enumerate() {
            let silu = 2.0 * x / (1.0 + (-x).exp());
            assert!((f64::from(run(Activation::Silu)[at]) - silu).abs() < 1e-5);
            let tanh = ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)).tanh();
            assert!((f64::from(run(Activation::GeluTanh)[at]) - x * (1.0 + tanh)).abs() < 1e-5);
        }
    }
}
