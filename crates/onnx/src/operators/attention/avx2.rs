//! The kernel for processors with AVX2 and fused multiply-add.

use core::arch::x86_64::*;

use super::kernel::{LANES, Multiply, Product, functions};

/// Numbers in a register.
const REGISTER: usize = 8;

/// Products with AVX2.
pub(super) struct Avx2;

impl Multiply for Avx2 {
    #[inline(always)]
    unsafe fn multiply<const ROWS: usize>(product: &Product) {
        // SAFETY: the caller's.
        unsafe { multiply::<ROWS>(product) }
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn multiply<const ROWS: usize>(product: &Product) {
    let [a_stride, b_stride, c_stride] = product.strides;
    for column in (0..product.width).step_by(LANES) {
        let mut sums = [[_mm256_setzero_ps(); LANES / REGISTER]; ROWS];
        // SAFETY: the caller's.
        unsafe {
            for at in 0..product.depth {
                let from = product.b.add(at * b_stride + column);
                let b = [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(REGISTER))];
                for (row, sums) in sums.iter_mut().enumerate() {
                    let a = _mm256_set1_ps(*product.a.add(row * a_stride + at));
                    for (sum, b) in sums.iter_mut().zip(&b) {
                        *sum = _mm256_fmadd_ps(a, *b, *sum);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (vector, sum) in sums.iter().enumerate() {
                    _mm256_storeu_ps(product.c.add(row * c_stride + column + vector * REGISTER), *sum);
                }
            }
        }
    }
}

functions!(Avx2, "avx2,fma,f16c");
