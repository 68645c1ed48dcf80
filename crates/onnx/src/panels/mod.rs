//! Products and look-ups over [`footnote_model_import::panels`]: Footnote's own operators.
//!
//! [`kernel`] picks the processor's kernel, `product` shares the work of a node out among threads, and `operator` is
//! what ONNX Runtime sees. Every kernel computes what `footnote_model_import::panels::reference` says, so an output depends
//! on its own row of inputs alone: not on the number of threads, nor on the rows beside it.
//!
//! `unsafe` is in this module's kernels and where they are called.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod gate;
mod inputs;
mod kernel;
mod matrix;
mod operator;
mod portable;
mod product;

pub use operator::domain;

#[cfg(test)]
mod speed {
    use super::inputs::Inputs;
    use super::kernel::Kernel;
    use footnote_model_import::panels::PanelFormat;
    use std::time::Instant;

    #[test]
    #[ignore = "a measurement"]
    fn kernel_speed() {
        for format in [
            PanelFormat::Q4K,
            PanelFormat::Q6K,
            PanelFormat::Q5_0,
            PanelFormat::Q8_0,
        ] {
            for k in [8960usize] {
                for megabytes in [100usize] {
                    let pb = format.panel_bytes(k);
                    let panels = if megabytes == 0 {
                        (300_000 / pb).max(1)
                    } else {
                        megabytes * 1_000_000 / pb
                    };
                    let data = vec![0x11u8; panels * pb];
                    for rows in [1usize, 8] {
                        let kernel = Kernel::best();
                        let x = vec![0.5f32; rows * k];
                        let mut inputs = Inputs::default();
                        inputs.resize(rows, k);
                        let w = inputs.writer();
                        unsafe { (kernel.quantise)(&w, 0, &x) };
                        let g = inputs.group(0);
                        let mut out = [[0f32; 16]; 8];
                        let reps = if megabytes == 0 { 200 } else { 2 };
                        let mut best = f64::MAX;
                        for _ in 0..5 {
                            let t = Instant::now();
                            for _ in 0..reps {
                                for p in 0..panels {
                                    unsafe {
                                        kernel.products(format)[rows - 1](
                                            data[p * pb..].as_ptr(),
                                            &g,
                                            &mut out[..rows],
                                        )
                                    };
                                }
                            }
                            best = best.min(t.elapsed().as_secs_f64() / reps as f64);
                        }
                        let blocks = panels * k / 32;
                        println!(
                            "{format:?} k {k} {megabytes} MB rows {rows}: {:.1} ns a block, {:.1} GB/s {:.0} GFLOP/s",
                            best / blocks as f64 * 1e9,
                            data.len() as f64 / best / 1e9,
                            (blocks * 512 * 2 * rows) as f64 / best / 1e9
                        );
                    }
                }
            }
        }
    }
}
