//! Typed metadata values.

use super::cursor::Cursor;

/// A metadata value. Variants are `gguf_metadata_value_type` of the format.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the variants are the format's own type names")]
pub enum Value {
    U8(u8),
    I8(i8),
    U16(u16),
    I16(i16),
    U32(u32),
    I32(i32),
    F32(f32),
    Bool(bool),
    String(String),
    Array(Array),
    U64(u64),
    I64(i64),
    F64(f64),
}

/// A homogeneous array. Arrays of arrays are refused: no known key uses them.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the variants are the format's own type names")]
pub enum Array {
    U8(Vec<u8>),
    I8(Vec<i8>),
    U16(Vec<u16>),
    I16(Vec<i16>),
    U32(Vec<u32>),
    I32(Vec<i32>),
    F32(Vec<f32>),
    Bool(Vec<bool>),
    String(Vec<String>),
    U64(Vec<u64>),
    I64(Vec<i64>),
    F64(Vec<f64>),
}

const ARRAY: u32 = 9;

impl Value {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let kind = cursor.u32()?;
        Ok(match kind {
            0 => Self::U8(cursor.u8()?),
            1 => Self::I8(cursor.u8()?.cast_signed()),
            2 => Self::U16(cursor.u16()?),
            3 => Self::I16(cursor.u16()?.cast_signed()),
            4 => Self::U32(cursor.u32()?),
            5 => Self::I32(cursor.u32()?.cast_signed()),
            6 => Self::F32(cursor.f32()?),
            7 => Self::Bool(cursor.u8()? != 0),
            8 => Self::String(cursor.string("the string", usize::MAX)?),
            ARRAY => Self::Array(Array::read(cursor)?),
            10 => Self::U64(cursor.u64()?),
            11 => Self::I64(cursor.u64()?.cast_signed()),
            12 => Self::F64(f64::from_bits(cursor.u64()?)),
            other => return Err(format!("unknown value type {other}")),
        })
    }

    /// The value as an unsigned integer, from any integer type that holds one.
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::U8(value) => Some(value.into()),
            Self::U16(value) => Some(value.into()),
            Self::U32(value) => Some(value.into()),
            Self::U64(value) => Some(value),
            Self::I8(value) => value.try_into().ok(),
            Self::I16(value) => value.try_into().ok(),
            Self::I32(value) => value.try_into().ok(),
            Self::I64(value) => value.try_into().ok(),
            _ => None,
        }
    }

    /// The value as a float, from either float type.
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::F32(value) => Some(value.into()),
            Self::F64(value) => Some(value),
            _ => None,
        }
    }

    /// The value as text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The value as a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The type, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::U8(_) | Self::U16(_) | Self::U32(_) | Self::U64(_) => "an unsigned integer",
            Self::I8(_) | Self::I16(_) | Self::I32(_) | Self::I64(_) => "a signed integer",
            Self::F32(_) | Self::F64(_) => "a number",
            Self::Bool(_) => "a truth value",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
        }
    }
}

impl Array {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let kind = cursor.u32()?;
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            // A string is at least its length field.
            8 | 10..=12 => 8,
            ARRAY => return Err("an array of arrays".into()),
            other => return Err(format!("an array of unknown type {other}")),
        };
        let len = cursor.count("array items", width)?;
        fn fixed<T, const N: usize>(
            cursor: &mut Cursor<'_>,
            len: usize,
            convert: impl Fn([u8; N]) -> T,
        ) -> Result<Vec<T>, String> {
            let (chunks, _) = cursor.take(len * N)?.as_chunks::<N>();
            Ok(chunks.iter().map(|chunk| convert(*chunk)).collect())
        }
        Ok(match kind {
            0 => Self::U8(fixed(cursor, len, u8::from_le_bytes)?),
            1 => Self::I8(fixed(cursor, len, i8::from_le_bytes)?),
            2 => Self::U16(fixed(cursor, len, u16::from_le_bytes)?),
            3 => Self::I16(fixed(cursor, len, i16::from_le_bytes)?),
            4 => Self::U32(fixed(cursor, len, u32::from_le_bytes)?),
            5 => Self::I32(fixed(cursor, len, i32::from_le_bytes)?),
            6 => Self::F32(fixed(cursor, len, f32::from_le_bytes)?),
            7 => Self::Bool(fixed(cursor, len, |[byte]| byte != 0)?),
            8 => Self::String(
                (0..len)
                    .map(|_| cursor.string("an array item", usize::MAX))
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            10 => Self::U64(fixed(cursor, len, u64::from_le_bytes)?),
            11 => Self::I64(fixed(cursor, len, i64::from_le_bytes)?),
            _ => Self::F64(fixed(cursor, len, f64::from_le_bytes)?),
        })
    }
}
