//! Rows of GGUF blocks laid out as panels.

use half::f16;

use super::format::{BLOCK, PANEL_ROWS, PanelFormat, SUPER_BLOCK, Scales};
use crate::gguf::GgmlType;
use crate::quant::decode::{Codes, scale_min};

/// Collects rows and gives out a panel whenever it has sixteen.
#[derive(Debug)]
pub(crate) struct PanelPacker {
    ty: GgmlType,
    format: PanelFormat,
    row_len: usize,
    row: usize,
    codes: Codes,
    panel: Vec<u8>,
}

impl PanelPacker {
    /// For rows of `row_len` columns; none if the type has no panels of that width.
    pub(crate) fn new(ty: GgmlType, row_len: usize) -> Option<Self> {
        let format = PanelFormat::of(ty).filter(|format| format.divides(row_len))?;
        Some(Self {
            ty,
            format,
            row_len,
            row: 0,
            codes: Codes::default(),
            panel: vec![0; format.panel_bytes(row_len)],
        })
    }

    /// Adds a row of blocks; when it completes a panel, appends that to `out`.
    pub(crate) fn push(&mut self, row: &[u8], out: &mut Vec<u8>) {
        let (_, mask) = (
            self.codes.decode(self.ty, row),
            u8::MAX >> (8 - self.format.bits()),
        );
        for (at, block) in self.codes.codes.chunks_exact(BLOCK).enumerate() {
            let to = &mut self.panel[at * self.format.block_bytes()..][..self.format.block_bytes()];
            for (column, code) in block.iter().enumerate() {
                place(to, self.format.bits(), self.row, column, code & mask);
            }
        }
        let scales = self.format.code_bytes(self.row_len);
        self.scales(row, scales);
        self.row += 1;
        if self.row == PANEL_ROWS {
            self.finish(out);
        }
    }

    /// Appends the panel that is begun, if one is.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.row > 0 {
            out.extend_from_slice(&self.panel);
            self.panel.fill(0);
            self.row = 0;
        }
    }

    /// Copies the scales of a row of blocks to their places; `from`: where the panel's scales begin.
    fn scales(&mut self, row: &[u8], from: usize) {
        let (lane, scales) = (self.row, self.format.scales());
        let blocks = row.chunks_exact(self.ty.block_bytes());
        let places = self.panel[from..].chunks_exact_mut(scales.bytes());
        for (block, to) in blocks.zip(places) {
            let mut half = |array: usize, bytes: &[u8]| {
                to[array + 2 * lane..][..2].copy_from_slice(&bytes[..2]);
            };
            match scales {
                Scales::Half => half(0, block),
                Scales::HalfWithMinimum => {
                    half(0, block);
                    half(2 * PANEL_ROWS, &block[2..]);
                }
                Scales::SuperWithMinimum => {
                    half(16 * PANEL_ROWS, block);
                    half(18 * PANEL_ROWS, &block[2..]);
                    for part in 0..SUPER_BLOCK / BLOCK {
                        let (scale, minimum) = scale_min(&block[4..16], part);
                        to[part * PANEL_ROWS + lane] = scale;
                        to[(8 + part) * PANEL_ROWS + lane] = minimum;
                    }
                }
                Scales::Super => {
                    half(16 * PANEL_ROWS, &block[208..]);
                    for (part, scale) in block[192..208].iter().enumerate() {
                        to[part * PANEL_ROWS + lane] = *scale;
                    }
                }
            }
        }
    }
}

/// Sets the code of a row and column of a block that was zero.
fn place(block: &mut [u8], bits: usize, row: usize, column: usize, code: u8) {
    let (group, byte) = (column / 4, 4 * row + column % 4);
    if bits == 8 {
        block[64 * group + byte] = code;
        return;
    }
    block[64 * (group % 4) + byte] |= (code & 15) << (4 * (group / 4));
    match bits {
        5 => block[256 + byte] |= (code >> 4) << group,
        6 => block[256 + 64 * (group / 4) + byte] |= (code >> 4) << (2 * (group % 4)),
        _ => {}
    }
}

/// The code of a row and column of a block.
pub(super) fn code(block: &[u8], bits: usize, row: usize, column: usize) -> u8 {
    let (group, byte) = (column / 4, 4 * row + column % 4);
    if bits == 8 {
        return block[64 * group + byte];
    }
    let low = block[64 * (group % 4) + byte] >> (4 * (group / 4)) & 15;
    let high = match bits {
        5 => block[256 + byte] >> group & 1,
        6 => block[256 + 64 * (group / 4) + byte] >> (2 * (group % 4)) & 3,
        _ => 0,
    };
    low | high << 4
}

/// The half-precision number of a row in an array.
pub(super) fn half_of(array: &[u8], row: usize) -> f32 {
    f16::from_le_bytes([array[2 * row], array[2 * row + 1]]).to_f32()
}
