//! Columns as Arrow arrays, and results as values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use footnote_core::tables::{Decimal, Table, Value, Values};
use footnote_core::{Error, Result};
use jiff::ToSpan;
use jiff::civil::Date;

/// Digits of a column's numbers; a sum has ten more, which is all that the type holds.
const PRECISION: u8 = 28;

/// What stands for the row's number in a query: a name that no column has.
pub(crate) fn row_name(table: &Table) -> String {
    let mut name = "row".to_owned();
    while table.columns.iter().any(|column| column.name == name) {
        name.push('_');
    }
    name
}

/// These columns of a table, and the running number of each row.
pub(crate) fn batch(table: &Table, columns: &[usize], row: &str) -> Result<RecordBatch, ArrowError> {
    let numbers = UInt32Array::from_iter_values((0..table.rows.len()).map(|row| row as u32));
    let mut fields = vec![Field::new(row, DataType::UInt32, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(numbers)];
    for column in columns.iter().map(|column| &table.columns[*column]) {
        let array: ArrayRef = match &column.values {
            Values::Text(texts) => Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>()),
            Values::Number { units, look } => {
                let array: Decimal128Array = units.iter().copied().collect();
                let scale = i8::try_from(look.decimals).unwrap_or(i8::MAX);
                Arc::new(array.with_precision_and_scale(PRECISION, scale)?)
            }
            Values::Date(dates) => Arc::new(dates.iter().map(|date| date.map(days)).collect::<Date32Array>()),
        };
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// Days since 1970.
fn days(date: Date) -> i32 {
    (date - EPOCH).get_days()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A cell of a result.
///
/// # Errors
/// It has a type that no query here gives.
pub(crate) fn value(array: &dyn Array, row: usize) -> Result<Option<Value>> {
    if array.is_null(row) {
        return Ok(None);
    }
    Ok(Some(match array.data_type() {
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).into()),
        DataType::Utf8View => Value::Text(array.as_string_view().value(row).into()),
        DataType::Int64 => whole(array.as_primitive::<Int64Type>().value(row).into()),
        DataType::UInt32 => whole(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::Decimal128(_, scale) => {
            let units = array.as_primitive::<Decimal128Type>().value(row);
            let scale = u8::try_from(*scale).map_err(|_| Error::bug("a result has a scale below zero"))?;
            Value::Number(Decimal::new(units, scale))
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            let date = EPOCH.checked_add(i64::from(days).days());
            Value::Date(date.map_err(|error| Error::bug(format!("a result is no day: {error}")))?)
        }
        other => return Err(Error::bug(format!("a result has the type {other}"))),
    }))
}

fn whole(number: i128) -> Value {
    Value::Number(Decimal::new(number, 0))
}

/// The numbers of rows in the first column of a result.
///
/// # Errors
/// It has another type.
pub(crate) fn rows(batches: &[RecordBatch]) -> Result<Vec<u32>> {
    let mut rows = Vec::new();
    for batch in batches {
        let numbers = batch.column(0).as_primitive_opt::<UInt32Type>();
        rows.extend(
            numbers
                .ok_or_else(|| Error::bug("the rows of a result have no numbers"))?
                .values(),
        );
    }
    Ok(rows)
}
