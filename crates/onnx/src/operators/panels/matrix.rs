//! Where the matrices of a node lie.

use footnote_model_import::panels::{Activation, PANEL_ROWS, PanelFormat};

/// What becomes of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Those of all matrices, one after another.
    Rows,
    /// Those of the second matrix times the activation of those of the first.
    Gated(Activation),
}

/// A matrix among those of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Matrix {
    /// Its format.
    pub format: PanelFormat,
    /// Its rows.
    pub rows: usize,
    /// Its columns.
    pub columns: usize,
    /// Its first byte.
    pub offset: usize,
    /// Its first row among all rows of the node.
    pub first_row: usize,
}

impl Matrix {
    /// Matrices one after another; none if the operators cannot take them.
    pub(super) fn sequence(described: &[(PanelFormat, usize)], columns: usize) -> Option<Vec<Self>> {
        let (mut offset, mut first_row) = (0usize, 0usize);
        let mut matrices = Vec::new();
        for &(format, rows) in described {
            if rows == 0 || !format.divides(columns) || !first_row.is_multiple_of(PANEL_ROWS) {
                return None;
            }
            matrices.push(Self {
                format,
                rows,
                columns,
                offset,
                first_row,
            });
            let bytes = rows
                .div_ceil(PANEL_ROWS)
                .checked_mul(format.panel_bytes(columns))?;
            offset = offset.checked_add(bytes)?;
            first_row = first_row.checked_add(rows)?;
        }
        (!matrices.is_empty()).then_some(matrices)
    }

    /// How many panels it has.
    pub(super) fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL_ROWS)
    }

    /// First byte after it.
    pub(super) fn end(&self) -> usize {
        self.offset + self.panels() * self.format.panel_bytes(self.columns)
    }

    /// A panel's bytes among those of the node.
    pub(super) fn panel<'a>(&self, weights: &'a [u8], index: usize) -> Option<&'a [u8]> {
        let bytes = self.format.panel_bytes(self.columns);
        weights.get(self.offset + index * bytes..)?.get(..bytes)
    }

    /// Rows of a panel that exist.
    pub(super) fn lanes(&self, panel: usize) -> usize {
        PANEL_ROWS.min(self.rows - panel * PANEL_ROWS)
    }
}
