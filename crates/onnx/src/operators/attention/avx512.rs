//! The kernel for processors with AVX-512.

use core::arch::x86_64::*;

use super::kernel::{LANES, Multiply, Product, functions};

/// Columns whose sums are in registers at once: `MOST_ROWS` rows of four registers.
const WIDE: usize = 64;

/// Products with AVX-512.
pub(super) struct Avx512;

impl Multiply for Avx512 {
    #[inline(always)]
    unsafe fn multiply<const ROWS: usize>(product: &Product) {
        // SAFETY: the caller's.
        unsafe { multiply::<ROWS>(product) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn multiply<const ROWS: usize>(product: &Product) {
    let wide = product.width - product.width % WIDE;
    // SAFETY: the caller's; columns lie below the width.
    unsafe {
        for column in (0..wide).step_by(WIDE) {
            columns::<ROWS, { WIDE / LANES }>(product, column);
        }
        for column in (wide..product.width).step_by(LANES) {
            columns::<ROWS, 1>(product, column);
        }
    }
}

/// `VECTORS` vectors of columns from `column` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn columns<const ROWS: usize, const VECTORS: usize>(product: &Product, column: usize) {
    let [a_stride, b_stride, c_stride] = product.strides;
    let mut sums = [[_mm512_setzero_ps(); VECTORS]; ROWS];
    // SAFETY: the caller's.
    unsafe {
        for at in 0..product.depth {
            let from = product.b.add(at * b_stride + column);
            let mut b = [_mm512_setzero_ps(); VECTORS];
            for (vector, b) in b.iter_mut().enumerate() {
                *b = _mm512_loadu_ps(from.add(vector * LANES));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm512_set1_ps(*product.a.add(row * a_stride + at));
                for (sum, b) in sums.iter_mut().zip(&b) {
                    *sum = _mm512_fmadd_ps(a, *b, *sum);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (vector, sum) in sums.iter().enumerate() {
                _mm512_storeu_ps(product.c.add(row * c_stride + column + vector * LANES), *sum);
            }
        }
    }
}

functions!(Avx512, "avx512f,avx512bw,avx512vl,avx512vnni");
