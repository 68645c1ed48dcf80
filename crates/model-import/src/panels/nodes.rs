//! Panels written to the data file, and the nodes that use them.

use super::format::{PANEL_ROWS, PanelFormat};
use super::pack::PanelPacker;
use super::{Activation, DOMAIN, GATE, LOOK_UP, MOST_TERMS, MULTIPLY, TERMS};
use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::Slot;
use crate::linear::{InputPrecision, Linear};
use crate::onnx::{AttributeProto, DataType};

/// Matrices of one width in the data file, one after another.
#[derive(Clone, Debug)]
pub(crate) struct PanelMatrices {
    name: String,
    columns: usize,
    parts: Vec<(PanelFormat, usize)>,
    slot: Slot,
}

/// Whether the operators can take these matrices as one: the types have panels, and none but the last ends inside
/// of a panel.
pub(crate) fn fit(views: &[TensorView<'_>]) -> bool {
    let whole = |view: &TensorView<'_>| {
        let format = PanelFormat::of(view.ty).filter(|format| format.divides(view.row_len));
        format.is_some() && view.row_len == views[0].row_len
    };
    let (last, others) = match views.split_last() {
        Some(split) => split,
        None => return false,
    };
    whole(last)
        && others
            .iter()
            .all(|view| whole(view) && view.rows.is_multiple_of(PANEL_ROWS))
}

impl Linear<'_, '_> {
    /// Streams matrices that [`fit`] into the data file.
    pub(crate) fn panels(
        &mut self,
        name: &str,
        views: &[TensorView<'_>],
    ) -> Result<PanelMatrices, ImportError> {
        let columns = views[0].row_len;
        let described = |view: &TensorView<'_>| Some((PanelFormat::of(view.ty)?, view.rows));
        let parts: Vec<_> = views.iter().filter_map(described).collect();
        let length = parts
            .iter()
            .map(|(format, rows)| format.matrix_bytes(*rows, columns) as u64)
            .sum();
        let slot = self.graph.allocate(length);
        let matrices = PanelMatrices {
            name: name.into(),
            columns,
            parts,
            slot,
        };
        if self.graph.has_written(&[slot]) {
            let bytes = views.iter().map(|view| view.bytes.len() as u64).sum();
            self.reporter.advance(bytes)?;
            return Ok(matrices);
        }
        let (mut at, mut packed) = (0, Vec::new());
        for view in views {
            let Some(mut packer) = PanelPacker::new(view.ty, columns) else {
                continue;
            };
            let row_bytes = view.ty.row_bytes(columns);
            for panel in view.bytes.chunks(PANEL_ROWS * row_bytes) {
                packed.clear();
                for row in panel.chunks_exact(row_bytes) {
                    packer.push(row, &mut packed);
                }
                packer.finish(&mut packed);
                self.graph.write(slot, at, &packed)?;
                at += packed.len() as u64;
                self.reporter.advance(panel.len() as u64)?;
            }
        }
        Ok(matrices)
    }

    fn panel_node(
        &mut self,
        operator: &str,
        input: &str,
        matrices: &PanelMatrices,
        bias: Option<&str>,
        output: &str,
        more: Vec<AttributeProto>,
    ) -> String {
        let weights = format!("{}.panels", matrices.name);
        // A tied table is looked up and multiplied, and stored once.
        if !self.graph.has(&weights) {
            let length = matrices.slot.length as usize;
            self.graph
                .place(&weights, DataType::Uint8, &[length], matrices.slot);
        }
        let rows: Vec<i64> = matrices.parts.iter().map(|(_, rows)| *rows as i64).collect();
        let formats: Vec<i64> = matrices.parts.iter().map(|(format, _)| format.number()).collect();
        let mut attributes = vec![
            AttributeProto::int("columns", matrices.columns as i64),
            AttributeProto::ints("rows", &rows),
            AttributeProto::ints("formats", &formats),
        ];
        if operator != LOOK_UP && self.inputs == InputPrecision::Fine {
            attributes.push(AttributeProto::int(TERMS, MOST_TERMS as i64));
        }
        attributes.extend(more);
        let mut inputs = vec![input, weights.as_str()];
        inputs.extend(bias);
        self.graph.node(DOMAIN, operator, &inputs, &[output], attributes)
    }

    /// [`MULTIPLY`].
    pub(crate) fn multiply_panels(
        &mut self,
        input: &str,
        matrices: &PanelMatrices,
        bias: Option<&str>,
        output: &str,
    ) -> String {
        self.panel_node(MULTIPLY, input, matrices, bias, output, vec![])
    }

    /// [`GATE`].
    pub(crate) fn gate_panels(
        &mut self,
        input: &str,
        matrices: &PanelMatrices,
        activation: Activation,
        output: &str,
    ) -> String {
        let activation = vec![AttributeProto::int("activation", activation.number())];
        self.panel_node(GATE, input, matrices, None, output, activation)
    }

    /// [`LOOK_UP`].
    pub(crate) fn look_up_panels(&mut self, indices: &str, matrices: &PanelMatrices, output: &str) -> String {
        self.panel_node(LOOK_UP, indices, matrices, None, output, vec![])
    }
}
