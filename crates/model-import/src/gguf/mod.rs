//! Reader of GGUF files (versions 2 and 3, little endian).
//!
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>. The file is mapped, never read
//! whole. It may come from anywhere, so every count, length and offset is held against the bytes that are
//! really there before anything is allocated or sliced.

pub(crate) mod cursor;
mod types;
mod value;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::error::ImportError;
use crate::pages;
use cursor::Cursor;
pub use types::{GgmlType, SUPPORTED_TYPES};
pub use value::{Array, Value};

/// Metadata keys longer than this are refused (the format's own limit).
const MAX_KEY: usize = 65_535;

/// Name, shape and place of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Name, for instance `blk.0.attn_q.weight`.
    pub name: String,
    /// Dimensions, the fastest running one first (GGUF's order).
    pub dims: Vec<u64>,
    /// ggml's number of the element type.
    raw_type: u32,
    /// Offset from the start of the tensor data, in bytes.
    offset: u64,
}

/// An open GGUF file.
#[derive(Debug)]
pub struct GgufFile {
    path: PathBuf,
    content: Content,
    metadata: BTreeMap<String, Value>,
    tensors: Vec<TensorInfo>,
    by_name: HashMap<String, usize>,
    data_start: usize,
}

/// Where the bytes of a file are.
#[derive(Debug)]
enum Content {
    Mapped(Mmap),
    Memory(Vec<u8>),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

/// A two-dimensional view of a tensor's bytes: `rows` rows of `row_len` elements.
#[derive(Clone, Copy, Debug)]
pub struct TensorView<'a> {
    /// Name of the tensor.
    pub name: &'a str,
    /// Element type.
    pub ty: GgmlType,
    /// Rows: the product of all dimensions but the fastest.
    pub rows: usize,
    /// Elements per row.
    pub row_len: usize,
    /// All bytes, row after row.
    pub bytes: &'a [u8],
}

impl<'a> TensorView<'a> {
    /// The bytes of one row; `row` must be below `rows`.
    pub fn row(&self, row: usize) -> &'a [u8] {
        let bytes = self.ty.row_bytes(self.row_len);
        &self.bytes[row * bytes..(row + 1) * bytes]
    }

    /// `count` rows from row `first`; both must lie inside.
    pub(crate) fn rows(&self, first: usize, count: usize) -> Self {
        let bytes = self.ty.row_bytes(self.row_len);
        Self {
            rows: count,
            bytes: &self.bytes[first * bytes..(first + count) * bytes],
            ..*self
        }
    }
}

impl GgufFile {
    /// Maps `path` and reads its header, metadata and tensor table.
    ///
    /// # Errors
    /// [`ImportError::Io`] when the file cannot be opened, [`ImportError::Malformed`] when it is not GGUF,
    /// is cut short, or contradicts itself. Tensor types are judged when a tensor is asked for, so that one
    /// exotic unused tensor does not spoil a file.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(ImportError::io(path, "open"))?;
        let size = file
            .metadata()
            .map_err(ImportError::io(path, "read the size of"))?
            .len();
        if size == 0 {
            return Err(malformed(path, "the file is empty"));
        }
        // SAFETY: the map is read-only. Another process that shortens the file during the import would
        // make reads fault; files being imported are not expected to be written by anyone.
        let map = unsafe { Mmap::map(&file) }.map_err(ImportError::io(path, "map"))?;
        Self::parse(path, Content::Mapped(map))
    }

    /// Reads a file that is in memory already; `path` is only for messages.
    ///
    /// # Errors
    /// [`ImportError::Malformed`], as for [`GgufFile::open`].
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, ImportError> {
        Self::parse(path, Content::Memory(bytes))
    }

    fn parse(path: &Path, content: Content) -> Result<Self, ImportError> {
        let header = Header::parse(&content).map_err(|what| malformed(path, what))?;
        let mut by_name = HashMap::with_capacity(header.tensors.len());
        for (index, tensor) in header.tensors.iter().enumerate() {
            if by_name.insert(tensor.name.clone(), index).is_some() {
                return Err(malformed(path, format!("tensor {:?} occurs twice", tensor.name)));
            }
        }
        Ok(Self {
            path: path.to_path_buf(),
            content,
            metadata: header.metadata,
            tensors: header.tensors,
            by_name,
            data_start: header.data_start,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        &self.content
    }

    /// Gives the memory of `bytes`, which were read through, back to the system.
    pub(crate) fn release(&self, bytes: &[u8]) {
        if let Content::Mapped(map) = &self.content {
            pages::release(map, bytes);
        }
    }

    /// All metadata.
    pub fn metadata(&self) -> &BTreeMap<String, Value> {
        &self.metadata
    }

    /// All tensors in file order.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// The type that most bytes of the tensors are stored in; none if no type is one that is read.
    pub(crate) fn main_type(&self) -> Option<String> {
        let mut bytes = BTreeMap::new();
        for tensor in &self.tensors {
            let Some(stored) = GgmlType::from_raw(tensor.raw_type) else {
                continue;
            };
            // What a hostile file says of itself is checked where the tensor is read.
            let elements = tensor.dims.iter().fold(1u64, |all, dim| all.saturating_mul(*dim));
            let blocks = elements / stored.block_len() as u64;
            let sum: &mut u64 = bytes.entry(tensor.raw_type).or_default();
            *sum = sum.saturating_add(blocks.saturating_mul(stored.block_bytes() as u64));
        }
        let (main, _) = bytes.into_iter().max_by_key(|(_, bytes)| *bytes)?;
        Some(GgmlType::raw_name(main))
    }

    /// The metadata entry `key`, if there.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// An unsigned integer of any width.
    ///
    /// # Errors
    /// [`ImportError::Metadata`] when absent or not a non-negative integer.
    pub fn uint(&self, key: &str) -> Result<u64, ImportError> {
        self.typed(key, "an unsigned integer", Value::as_u64)
    }

    /// A float.
    ///
    /// # Errors
    /// [`ImportError::Metadata`] when absent or not a number.
    pub fn float(&self, key: &str) -> Result<f64, ImportError> {
        self.typed(key, "a number", Value::as_f64)
    }

    /// A string.
    ///
    /// # Errors
    /// [`ImportError::Metadata`] when absent or not a string.
    pub fn str(&self, key: &str) -> Result<&str, ImportError> {
        self.typed(key, "a string", Value::as_str)
    }

    /// An array of strings.
    ///
    /// # Errors
    /// [`ImportError::Metadata`] when absent or of another type.
    pub fn strings(&self, key: &str) -> Result<&[String], ImportError> {
        self.typed(key, "an array of strings", |value| match value {
            Value::Array(Array::String(items)) => Some(items.as_slice()),
            _ => None,
        })
    }

    /// An array of signed 32-bit integers.
    ///
    /// # Errors
    /// [`ImportError::Metadata`] when absent or of another type.
    pub fn ints(&self, key: &str) -> Result<&[i32], ImportError> {
        self.typed(key, "an array of int32", |value| match value {
            Value::Array(Array::I32(items)) => Some(items.as_slice()),
            _ => None,
        })
    }

    fn typed<'a, T>(
        &'a self,
        key: &str,
        expected: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, ImportError> {
        let value = self.get(key);
        value.and_then(convert).ok_or_else(|| ImportError::Metadata {
            path: self.path.clone(),
            key: key.into(),
            found: value.map_or_else(|| "absent".into(), |value| value.kind().into()),
            expected: expected.into(),
        })
    }

    /// Whether a tensor of that name exists.
    pub fn has_tensor(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The tensor `name` as rows.
    ///
    /// # Errors
    /// [`ImportError::Tensor`] when absent, [`ImportError::Unsupported`] for an element type that is not
    /// read, [`ImportError::Malformed`] when its bytes do not lie inside the file.
    pub fn tensor(&self, name: &str) -> Result<TensorView<'_>, ImportError> {
        let index = *self.by_name.get(name).ok_or_else(|| ImportError::Tensor {
            path: self.path.clone(),
            name: name.into(),
            found: "is absent".into(),
            expected: "it to be there".into(),
        })?;
        let info = &self.tensors[index];
        let ty = GgmlType::from_raw(info.raw_type).ok_or_else(|| ImportError::Unsupported {
            path: self.path.clone(),
            key: format!("type of tensor {name}"),
            value: GgmlType::raw_name(info.raw_type),
            supported: SUPPORTED_TYPES,
        })?;
        let bad = |what: &str| malformed(&self.path, format!("tensor {name:?}: {what}"));
        let row_len = info.dims[0];
        let elements = info
            .dims
            .iter()
            .try_fold(1u64, |product, dim| product.checked_mul(*dim));
        let elements = elements.ok_or_else(|| bad("its dimensions overflow"))?;
        if !row_len.is_multiple_of(ty.block_len() as u64) {
            return Err(bad("its rows are not whole blocks"));
        }
        let length = (elements / ty.block_len() as u64).checked_mul(ty.block_bytes() as u64);
        let start = (self.data_start as u64).checked_add(info.offset);
        let end = start
            .zip(length)
            .and_then(|(start, length)| start.checked_add(length));
        let (start, end) = start.zip(end).ok_or_else(|| bad("its size overflows"))?;
        if end > self.content.len() as u64 {
            return Err(bad(&format!(
                "it ends at byte {end}, the file at {}",
                self.content.len()
            )));
        }
        Ok(TensorView {
            name: &info.name,
            ty,
            rows: (elements / row_len) as usize,
            row_len: row_len as usize,
            bytes: &self.content[start as usize..end as usize],
        })
    }

    /// The tensor `name`, which must have `rows` rows of `row_len` elements.
    ///
    /// # Errors
    /// As [`GgufFile::tensor`], and [`ImportError::Tensor`] for another shape.
    pub fn matrix(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        let view = self.tensor(name)?;
        if (view.rows, view.row_len) != (rows, row_len) {
            return Err(ImportError::Tensor {
                path: self.path.clone(),
                name: name.into(),
                found: format!("is {} x {}", view.rows, view.row_len),
                expected: format!("{rows} x {row_len}"),
            });
        }
        Ok(view)
    }
}

fn malformed(path: &Path, what: impl Into<String>) -> ImportError {
    ImportError::Malformed {
        path: path.to_path_buf(),
        format: "GGUF",
        what: what.into(),
    }
}

struct Header {
    metadata: BTreeMap<String, Value>,
    tensors: Vec<TensorInfo>,
    data_start: usize,
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut cursor = Cursor::new(bytes);
        if cursor.take(4).map_err(|_| "it is shorter than a header")? != b"GGUF" {
            return Err("it does not begin with the letters GGUF".into());
        }
        let version = cursor.u32()?;
        if version.swap_bytes() == 2 || version.swap_bytes() == 3 {
            return Err("it is big endian; only little endian files are read".into());
        }
        if version != 2 && version != 3 {
            return Err(format!("format version {version}; versions 2 and 3 are read"));
        }
        // The smallest tensor entry: empty name, one dimension, type, offset. The smallest metadata entry:
        // empty key, type, one byte.
        let tensor_count = cursor.count("tensors", 8 + 4 + 8 + 4 + 8)?;
        let entry_count = cursor.count("metadata entries", 8 + 4 + 1)?;
        let mut metadata = BTreeMap::new();
        for _ in 0..entry_count {
            let key = cursor.string("a metadata key", MAX_KEY)?;
            let value = Value::read(&mut cursor).map_err(|what| format!("metadata {key:?}: {what}"))?;
            if let Some(_earlier) = metadata.insert(key.clone(), value) {
                return Err(format!("metadata key {key:?} occurs twice"));
            }
        }
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(value) => value
                .as_u64()
                .filter(|size| size.is_power_of_two() && *size <= 1 << 20)
                .ok_or("general.alignment is not a power of two up to 1 MiB")?,
        };
        let mut tensors = Vec::with_capacity(tensor_count.min(4096));
        for _ in 0..tensor_count {
            tensors.push(read_tensor(&mut cursor, alignment)?);
        }
        let data_start = cursor.position().next_multiple_of(alignment as usize);
        Ok(Self {
            metadata,
            tensors,
            data_start,
        })
    }
}

fn read_tensor(cursor: &mut Cursor<'_>, alignment: u64) -> Result<TensorInfo, String> {
    let name = cursor.string("a tensor name", MAX_KEY)?;
    let rank = cursor.u32()?;
    if !(1..=4).contains(&rank) {
        return Err(format!(
            "tensor {name:?} has {rank} dimensions; 1 to 4 are allowed"
        ));
    }
    let dims = (0..rank).map(|_| cursor.u64()).collect::<Result<Vec<_>, _>>()?;
    if dims.contains(&0) {
        return Err(format!("tensor {name:?} has a dimension of zero"));
    }
    let raw_type = cursor.u32()?;
    let offset = cursor.u64()?;
    if !offset.is_multiple_of(alignment) {
        return Err(format!("tensor {name:?} is not aligned to {alignment} bytes"));
    }
    Ok(TensorInfo {
        name,
        dims,
        raw_type,
        offset,
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;
