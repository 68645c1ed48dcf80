//! The gate of a feed-forward network, over the products as they leave the kernel.

use footnote_model_import::panels::{Activation, PANEL_ROWS};

use crate::operators::exp::exp;

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

#[cfg(test)]
mod tests {
    use super::*;

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
