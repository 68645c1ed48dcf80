//! The exponential function, for kernels that need it of many numbers.

/// `e^x` to within three units of the last place; 0 below -87 and `e^88` above 88.
///
/// Cephes' polynomial over `x - n ln 2`, without a branch, so that it is computed for many numbers at once.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
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
}
