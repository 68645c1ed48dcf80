//! Tensor element types of GGUF and the geometry of their blocks.

/// Element types this importer can read. Numbers are `enum ggml_type` of ggml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GgmlType {
    /// 32-bit float.
    F32,
    /// IEEE half.
    F16,
    /// bfloat16.
    Bf16,
    /// 4-bit codes of 32, half scale: `d (q - 8)`.
    Q4_0,
    /// 4-bit codes of 32, half scale and minimum: `d q + m`.
    Q4_1,
    /// 5-bit codes of 32, half scale: `d (q - 16)`.
    Q5_0,
    /// 5-bit codes of 32, half scale and minimum: `d q + m`.
    Q5_1,
    /// 8-bit codes of 32, half scale: `d q`.
    Q8_0,
    /// 2-bit codes in super-blocks of 256 with 4-bit scales and minimums per 16.
    Q2K,
    /// 3-bit codes in super-blocks of 256 with 6-bit scales per 16.
    Q3K,
    /// 4-bit codes in super-blocks of 256 with 6-bit scales and minimums per 32.
    Q4K,
    /// 5-bit codes in super-blocks of 256 with 6-bit scales and minimums per 32.
    Q5K,
    /// 6-bit codes in super-blocks of 256 with 8-bit scales per 16.
    Q6K,
    /// 4-bit codes of 32 into a table of 16 values, half scale.
    Iq4Nl,
}

/// What [`GgmlType::from_raw`] accepts, for error hints.
pub const SUPPORTED_TYPES: &str =
    "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL";

impl GgmlType {
    /// The type with ggml's number `raw`, if this importer reads it.
    pub fn from_raw(raw: u32) -> Option<Self> {
        Some(match raw {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            20 => Self::Iq4Nl,
            30 => Self::Bf16,
            _ => return None,
        })
    }

    /// ggml's name for number `raw`, for messages about types that are not read.
    pub fn raw_name(raw: u32) -> String {
        let name = match raw {
            0 => "F32",
            1 => "F16",
            2 => "Q4_0",
            3 => "Q4_1",
            6 => "Q5_0",
            7 => "Q5_1",
            8 => "Q8_0",
            9 => "Q8_1",
            10 => "Q2_K",
            11 => "Q3_K",
            12 => "Q4_K",
            13 => "Q5_K",
            14 => "Q6_K",
            15 => "Q8_K",
            16 => "IQ2_XXS",
            17 => "IQ2_XS",
            18 => "IQ3_XXS",
            19 => "IQ1_S",
            20 => "IQ4_NL",
            21 => "IQ3_S",
            22 => "IQ2_S",
            23 => "IQ4_XS",
            24 => "I8",
            25 => "I16",
            26 => "I32",
            27 => "I64",
            28 => "F64",
            29 => "IQ1_M",
            30 => "BF16",
            34 => "TQ1_0",
            35 => "TQ2_0",
            39 => "MXFP4",
            other => return format!("type {other}"),
        };
        name.into()
    }

    /// Elements per block; rows are whole numbers of blocks.
    pub fn block_len(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 | Self::Iq4Nl => 32,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes per block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 | Self::Iq4Nl => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Bytes of a row of `len` elements, which must be a whole number of blocks.
    pub fn row_bytes(self, len: usize) -> usize {
        len / self.block_len() * self.block_bytes()
    }
}
