//! The kernel for any processor: plain Rust that the compiler can vectorise.

use super::kernel::{LANES, Multiply, Product, functions};

/// Products in plain Rust.
pub(super) struct Portable;

impl Multiply for Portable {
    unsafe fn multiply<const ROWS: usize>(product: &Product) {
        let [a_stride, b_stride, c_stride] = product.strides;
        for column in (0..product.width).step_by(LANES) {
            let mut sums = [[0f32; LANES]; ROWS];
            for at in 0..product.depth {
                // SAFETY: the caller's.
                let b = unsafe { &*product.b.add(at * b_stride + column).cast::<[f32; LANES]>() };
                for (row, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: the caller's.
                    let a = unsafe { *product.a.add(row * a_stride + at) };
                    for (sum, b) in sums.iter_mut().zip(b) {
                        *sum = a.mul_add(*b, *sum);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                // SAFETY: the caller's.
                unsafe {
                    product
                        .c
                        .add(row * c_stride + column)
                        .cast::<[f32; LANES]>()
                        .write_unaligned(*sums);
                }
            }
        }
    }
}

functions!(Portable);
