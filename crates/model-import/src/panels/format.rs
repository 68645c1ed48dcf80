//! Which GGUF types have panels, and where everything lies in them.

use crate::gguf::GgmlType;

/// Rows of a panel.
pub const PANEL_ROWS: usize = 16;
/// Columns of a block.
pub const BLOCK: usize = 32;
/// Columns of a block of the K types.
pub const SUPER_BLOCK: usize = 256;
/// Panels begin at multiples of this many bytes of their matrix.
pub const PANEL_ALIGNMENT: usize = 64;

/// A GGUF type that panels hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PanelFormat {
    /// Four bits, zero point 8.
    Q4_0 = 0,
    /// Four bits with a minimum.
    Q4_1 = 1,
    /// Five bits, zero point 16.
    Q5_0 = 2,
    /// Five bits with a minimum.
    Q5_1 = 3,
    /// Eight bits, zero point 128.
    Q8_0 = 4,
    /// Four bits; six-bit scales and minimums.
    Q4K = 5,
    /// Five bits; six-bit scales and minimums.
    Q5K = 6,
    /// Six bits, zero point 32; eight-bit scales for sixteen columns each.
    Q6K = 7,
}

/// How the scales of a panel are stored; every array has one entry a row, row 0 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scales {
    /// Per block: half-precision scales. A weight is `scale * (code - zero)`.
    Half,
    /// Per block: half-precision scales, then half-precision minimums. A weight is `scale * code + minimum`.
    HalfWithMinimum,
    /// Per super block: eight arrays of scales (unsigned bytes), eight of minimums, then half-precision factors
    /// of the scales, then of the minimums. A weight is `d * scale * code - dmin * minimum`.
    SuperWithMinimum,
    /// Per super block: sixteen arrays of scales (signed bytes), for sixteen columns each, then half-precision
    /// factors. A weight is `d * scale * (code - zero)`.
    Super,
}

impl Scales {
    /// Columns that [`Self::bytes`] cover.
    #[inline]
    pub const fn columns(self) -> usize {
        match self {
            Self::Half | Self::HalfWithMinimum => BLOCK,
            Self::SuperWithMinimum | Self::Super => SUPER_BLOCK,
        }
    }

    /// Bytes of [`Self::columns`] columns of a panel.
    #[inline]
    pub const fn bytes(self) -> usize {
        let per_row = match self {
            Self::Half => 2,
            Self::HalfWithMinimum => 4,
            Self::SuperWithMinimum => 8 + 8 + 2 + 2,
            Self::Super => 16 + 2,
        };
        per_row * PANEL_ROWS
    }
}

impl PanelFormat {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// The format of a GGUF type, if it has panels.
    #[inline]
    pub const fn of(ty: GgmlType) -> Option<Self> {
        Some(match ty {
            GgmlType::Q4_0 => Self::Q4_0,
            GgmlType::Q4_1 => Self::Q4_1,
            GgmlType::Q5_0 => Self::Q5_0,
            GgmlType::Q5_1 => Self::Q5_1,
            GgmlType::Q8_0 => Self::Q8_0,
            GgmlType::Q4K => Self::Q4K,
            GgmlType::Q5K => Self::Q5K,
            GgmlType::Q6K => Self::Q6K,
            _ => return None,
        })
    }

    /// The format's number in a graph.
    #[inline]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The format of that number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.number() == number)
    }

    /// Bits of a code.
    #[inline]
    pub const fn bits(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q4K => 4,
            Self::Q5_0 | Self::Q5_1 | Self::Q5K => 5,
            Self::Q6K => 6,
            Self::Q8_0 => 8,
        }
    }

    /// The code that stands for zero; none in formats with minimums, whose codes begin at 0.
    #[inline]
    pub const fn zero(self) -> u8 {
        match self {
            Self::Q4_0 => 8,
            Self::Q5_0 => 16,
            Self::Q6K => 32,
            Self::Q8_0 => 128,
            Self::Q4_1 | Self::Q5_1 | Self::Q4K | Self::Q5K => 0,
        }
    }

    /// How its scales are stored.
    #[inline]
    pub const fn scales(self) -> Scales {
        match self {
            Self::Q4_0 | Self::Q5_0 | Self::Q8_0 => Scales::Half,
            Self::Q4_1 | Self::Q5_1 => Scales::HalfWithMinimum,
            Self::Q4K | Self::Q5K => Scales::SuperWithMinimum,
            Self::Q6K => Scales::Super,
        }
    }

    /// Bytes of the codes of one block of a panel.
    #[inline]
    pub const fn block_bytes(self) -> usize {
        PANEL_ROWS * BLOCK * self.bits() / 8
    }

    /// Bytes of all codes of a panel.
    #[inline]
    pub const fn code_bytes(self, row_len: usize) -> usize {
        row_len / BLOCK * self.block_bytes()
    }

    /// Whether rows of that length can be cut into the format's blocks.
    #[inline]
    pub const fn divides(self, row_len: usize) -> bool {
        row_len > 0 && row_len.is_multiple_of(self.scales().columns())
    }

    /// Bytes of a panel with rows of `row_len` columns.
    #[inline]
    pub const fn panel_bytes(self, row_len: usize) -> usize {
        let scales = self.scales();
        let bytes = self.code_bytes(row_len) + row_len / scales.columns() * scales.bytes();
        bytes.next_multiple_of(PANEL_ALIGNMENT)
    }

    /// Bytes of a matrix of `rows` rows.
    #[inline]
    pub const fn matrix_bytes(self, rows: usize, row_len: usize) -> usize {
        rows.div_ceil(PANEL_ROWS) * self.panel_bytes(row_len)
    }
}
