//! Instruction sets that operators have kernels for.

/// An instruction set with kernels of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InstructionSet {
    /// AVX-512 with eight-bit dot products.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    /// AVX2 with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Anything.
    Portable,
}

impl InstructionSet {
    /// Those that this processor runs, fastest first.
    pub(super) fn supported() -> Vec<Self> {
        let mut supported = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            supported.extend(avx512.then_some(Self::Avx512Vnni));
            supported.extend(avx2.then_some(Self::Avx2));
        }
        supported.push(Self::Portable);
        supported
    }

    /// The fastest that this processor runs.
    pub(super) fn best() -> Self {
        Self::supported()[0]
    }
}
