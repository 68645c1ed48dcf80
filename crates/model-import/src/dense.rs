//! Matrices of floats, streamed into the data file.

use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::graph::GraphBuilder;
use crate::progress::Reporter;
use crate::quant::decode::{Codes, floats};

/// Bytes held at once, which bounds memory and the wait for a cancel.
const CHUNK_BYTES: usize = 4 << 20;

/// Adds the matrix `view` as a constant of floats, `[rows, row_len]`, in the graph's precision.
pub(crate) fn write_rows(
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
    name: &str,
    view: TensorView<'_>,
) -> Result<(), ImportError> {
    let precision = graph.precision;
    let slot = graph.reserve(name, precision.data_type(), &[view.rows, view.row_len]);
    if graph.has_written(&[slot]) {
        return reporter.advance(view.bytes.len() as u64);
    }
    let row_bytes = view.ty.row_bytes(view.row_len);
    let (mut codes, mut values) = (Codes::default(), Vec::new());
    let mut at = 0;
    for chunk in view.bytes.chunks((CHUNK_BYTES / row_bytes).max(1) * row_bytes) {
        floats(view.ty, chunk, &mut codes, &mut values);
        let bytes = precision.bytes(&values);
        graph.write(slot, at, &bytes)?;
        at += bytes.len() as u64;
        reporter.advance(chunk.len() as u64)?;
    }
    Ok(())
}

/// Adds the matrices `views` of float types, all of the same row length, as one constant of `[row_len, all rows]`:
/// `MatMul` wants the inputs along the first dimension, files have them along the last.
pub(crate) fn write_transposed(
    graph: &mut GraphBuilder,
    reporter: &mut Reporter<'_>,
    name: &str,
    views: &[TensorView<'_>],
) -> Result<(), ImportError> {
    let row_len = views[0].row_len;
    let rows: usize = views.iter().map(|view| view.rows).sum();
    let precision = graph.precision;
    let element_bytes = precision.data_type().size();
    let slot = graph.reserve(name, precision.data_type(), &[row_len, rows]);
    if graph.has_written(&[slot]) {
        return reporter.advance(views.iter().map(|view| view.bytes.len() as u64).sum());
    }
    let columns = (CHUNK_BYTES / 4 / rows).clamp(1, row_len);
    let (mut codes, mut values) = (Codes::default(), Vec::new());
    let mut tile = Vec::new();
    for first in (0..row_len).step_by(columns) {
        let count = columns.min(row_len - first);
        tile.clear();
        tile.resize(count * rows, 0.0);
        let mut row_at = 0;
        let mut read = 0;
        for view in views {
            let element = view.ty.row_bytes(1);
            for row in view.bytes.chunks_exact(view.ty.row_bytes(row_len)) {
                let part = &row[first * element..(first + count) * element];
                floats(view.ty, part, &mut codes, &mut values);
                for (column, value) in values.iter().enumerate() {
                    tile[column * rows + row_at] = *value;
                }
                row_at += 1;
                read += part.len() as u64;
            }
        }
        let at = (first * rows) as u64 * element_bytes;
        graph.write(slot, at, &precision.bytes(&tile))?;
        reporter.advance(read)?;
    }
    Ok(())
}
