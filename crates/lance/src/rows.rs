//! Rows as Arrow and back.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt32Type};
use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};
use footnote_core::{ChunkId, DocumentId, Error, Result, RevisionId};

use crate::error::Translate;

/// Column that the full-text search reads: heading path, text, and the terms that the index cannot make of them.
pub(crate) const SEARCH_TEXT: &str = "search_text";
/// Column that the vector search reads.
pub(crate) const VECTOR: &str = "vector";
/// Columns that make a chunk. The vector, which is most of a row, is not one of them.
pub(crate) const CHUNK_COLUMNS: [&str; 10] = [
    "chunk_id",
    "document",
    "revision",
    "ordinal",
    "page",
    "start",
    "end",
    "text",
    "headings",
    "text_hash",
];
/// Key of the stamp in the schema's metadata; it is written in the same commit as the table.
const SPEC_KEY: &str = "footnote.spec";

/// The table's columns, stamped with what its rows are made with.
pub(crate) fn schema(spec: &IndexSpec) -> Result<SchemaRef> {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let number = |name: &str| Field::new(name, DataType::UInt32, false);
    let dimension = i32::try_from(spec.dimension)
        .ok()
        .filter(|dimension| *dimension > 0)
        .ok_or_else(|| Error::bug(format!("Vectors of {} numbers", spec.dimension)))?;
    let fields = vec![
        text("chunk_id"),
        text("document"),
        text("revision"),
        text("collection"),
        number("ordinal"),
        number("page"),
        number("start"),
        number("end"),
        text("text"),
        text("headings"),
        text("text_hash"),
        text(SEARCH_TEXT),
        Field::new(VECTOR, DataType::FixedSizeList(item(), dimension), false),
    ];
    let stamp =
        serde_json::to_string(spec).map_err(|e| Error::bug(format!("Cannot stamp the index: {e}")))?;
    Ok(Arc::new(Schema::new_with_metadata(
        fields,
        HashMap::from([(SPEC_KEY.to_owned(), stamp)]),
    )))
}

/// The stamp of a table; none if it has none that this Footnote can read, and must be rebuilt.
pub(crate) fn spec_of(schema: &Schema) -> Option<IndexSpec> {
    let stamp = schema.metadata().get(SPEC_KEY)?;
    serde_json::from_str(stamp)
        .map_err(|error| tracing::warn!(%error, "the index has an unreadable stamp"))
        .ok()
}

fn item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Float32, true))
}

/// Rows as one batch, in order.
pub(crate) fn batch(schema: &SchemaRef, dimension: usize, rows: &[ChunkRow]) -> Result<RecordBatch> {
    if let Some(row) = rows.iter().find(|row| row.vector.len() != dimension) {
        return Err(Error::bug(format!(
            "A vector of {} numbers for an index of {dimension}",
            row.vector.len()
        )));
    }
    if rows
        .iter()
        .any(|row| row.vector.iter().any(|number| !number.is_finite()))
    {
        return Err(Error::bug("A vector has a number that is not finite"));
    }
    let headings = rows
        .iter()
        .map(|row| serde_json::to_string(&row.chunk.headings))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| Error::bug(format!("Headings cannot be stored: {e}")))?;
    let text = |value: fn(&ChunkRow) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
    };
    let number = |value: fn(&ChunkRow) -> u32| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(value)))
    };
    let numbers = Float32Array::from_iter_values(rows.iter().flat_map(|row| row.vector.iter().copied()));
    let vectors = FixedSizeListArray::try_new(item(), dimension as i32, Arc::new(numbers), None)
        .during("adding chunks")?;
    let columns: Vec<ArrayRef> = vec![
        text(|row| row.chunk.id.as_str()),
        text(|row| row.document.as_str()),
        text(|row| row.revision.as_str()),
        text(|row| &row.collection),
        number(|row| row.chunk.ordinal),
        number(|row| row.chunk.page),
        number(|row| row.chunk.span.start),
        number(|row| row.chunk.span.end),
        text(|row| &row.chunk.text),
        Arc::new(StringArray::from(headings)),
        text(|row| &row.chunk.text_hash),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(ChunkRow::search_text),
        )),
        Arc::new(vectors),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns).during("adding chunks")
}

/// A column of text.
pub(crate) fn strings<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| Error::bug(format!("The index returned no text column {name}")))
}

fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a UInt32Array> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_primitive_opt::<UInt32Type>())
        .ok_or_else(|| Error::bug(format!("The index returned no number column {name}")))
}

fn floats<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Float32Array> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_primitive_opt::<Float32Type>())
        .ok_or_else(|| Error::bug(format!("The index returned no score column {name}")))
}

/// The chunks of a batch with [`CHUNK_COLUMNS`].
pub(crate) fn chunks(batch: &RecordBatch) -> Result<Vec<Chunk>> {
    let (ids, texts) = (strings(batch, "chunk_id")?, strings(batch, "text")?);
    let (headings, hashes) = (strings(batch, "headings")?, strings(batch, "text_hash")?);
    let (ordinals, pages) = (numbers(batch, "ordinal")?, numbers(batch, "page")?);
    let (starts, ends) = (numbers(batch, "start")?, numbers(batch, "end")?);
    (0..batch.num_rows())
        .map(|row| {
            Ok(Chunk {
                id: ChunkId(ids.value(row).to_owned()),
                ordinal: ordinals.value(row),
                page: pages.value(row),
                span: CharSpan::new(starts.value(row), ends.value(row)),
                text: texts.value(row).to_owned(),
                headings: serde_json::from_str(headings.value(row))
                    .map_err(|e| Error::bug(format!("The index holds headings that cannot be read: {e}")))?,
                text_hash: hashes.value(row).to_owned(),
            })
        })
        .collect()
}

/// The hits of a batch with [`CHUNK_COLUMNS`], [`VECTOR`] and a column of scores or distances.
pub(crate) fn hits(batch: &RecordBatch, column: &str, score: fn(f32) -> f32) -> Result<Vec<ChunkHit>> {
    let (documents, revisions) = (strings(batch, "document")?, strings(batch, "revision")?);
    let scores = floats(batch, column)?;
    let chunks = chunks(batch)?.into_iter().zip(vectors(batch)?);
    Ok(chunks
        .enumerate()
        .map(|(row, (chunk, vector))| ChunkHit {
            chunk,
            document: DocumentId(documents.value(row).to_owned()),
            revision: RevisionId(revisions.value(row).to_owned()),
            score: score(scores.value(row)),
            vector,
        })
        .collect())
}

/// Text hashes with their vectors.
pub(crate) fn hashed_vectors(batch: &RecordBatch) -> Result<Vec<(u32, String, Vec<f32>)>> {
    let (ordinals, hashes) = (numbers(batch, "ordinal")?, strings(batch, "text_hash")?);
    let vectors = vectors(batch)?.into_iter().enumerate();
    Ok(vectors
        .map(|(row, vector)| (ordinals.value(row), hashes.value(row).to_owned(), vector))
        .collect())
}

fn vectors(batch: &RecordBatch) -> Result<Vec<Vec<f32>>> {
    let lists = batch
        .column_by_name(VECTOR)
        .and_then(|column| column.as_fixed_size_list_opt())
        .ok_or_else(|| Error::bug("The index returned no vectors"))?;
    (0..batch.num_rows())
        .map(|row| {
            let list = lists.value(row);
            let numbers = list
                .as_primitive_opt::<Float32Type>()
                .ok_or_else(|| Error::bug("The index returned vectors of another type"))?;
            Ok(numbers.values().to_vec())
        })
        .collect()
}
