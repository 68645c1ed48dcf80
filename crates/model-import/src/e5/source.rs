//! Reader of the packed 4-bit multilingual-e5-small file (`E5S1`).
//!
//! Layout (little endian, from the C engine that ships with the weights): magic, version, nine numbers of
//! the encoder, a copy of the tokenizer (skipped here: the original `tokenizer.json` is used), then a
//! directory of named tensors with absolute offsets. Matrices are ggml Q4_0 blocks, vectors float32.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::error::ImportError;
use crate::gguf::cursor::Cursor;
use crate::gguf::{GgmlType, TensorView};
use crate::quant::decode::{Codes, floats};

const MAX_NAME: usize = 64;
/// Sizes beyond this are mistakes or attacks.
const MAX_SIZE: u32 = 1 << 20;

/// Numbers of the encoder.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EncoderConfig {
    pub hidden: usize,
    pub layers: usize,
    pub heads: usize,
    pub feed_forward: usize,
    pub vocab: usize,
    pub positions: usize,
    pub norm_epsilon: f32,
    pub pad: u32,
}

/// An open file of packed weights.
pub(super) struct PackedFile {
    path: PathBuf,
    map: Mmap,
    pub config: EncoderConfig,
    tensors: HashMap<String, (usize, usize)>,
}

impl PackedFile {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(ImportError::io(path, "open"))?;
        if file
            .metadata()
            .map_err(ImportError::io(path, "read the size of"))?
            .len()
            == 0
        {
            return Err(malformed(path, "the file is empty".into()));
        }
        // SAFETY: read-only, and nobody is expected to shorten the file meanwhile (see `GgufFile::open`).
        let map = unsafe { Mmap::map(&file) }.map_err(ImportError::io(path, "map"))?;
        let (config, tensors) = parse(&map).map_err(|what| malformed(path, what))?;
        Ok(Self {
            path: path.into(),
            map,
            config,
            tensors,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    fn tensor(
        &self,
        name: &str,
        ty: GgmlType,
        rows: usize,
        row_len: usize,
    ) -> Result<TensorView<'_>, ImportError> {
        let error = |found: String, expected: String| ImportError::Tensor {
            path: self.path.clone(),
            name: name.into(),
            found,
            expected,
        };
        let (name, (start, length)) = self
            .tensors
            .get_key_value(name)
            .ok_or_else(|| error("is absent".into(), "it to be there".into()))?;
        let expected = rows as u64 * ty.row_bytes(row_len) as u64;
        if *length as u64 != expected {
            return Err(error(
                format!("takes {length} bytes"),
                format!("{expected} bytes"),
            ));
        }
        Ok(TensorView {
            name,
            ty,
            rows,
            row_len,
            bytes: &self.map[*start..*start + *length],
        })
    }

    /// The 4-bit matrix `name`.
    pub(super) fn matrix(
        &self,
        name: &str,
        rows: usize,
        row_len: usize,
    ) -> Result<TensorView<'_>, ImportError> {
        self.tensor(name, GgmlType::Q4_0, rows, row_len)
    }

    /// The float vector `name`.
    pub(super) fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ImportError> {
        let view = self.tensor(name, GgmlType::F32, 1, len)?;
        let mut values = Vec::new();
        floats(view.ty, view.bytes, &mut Codes::default(), &mut values);
        Ok(values)
    }
}

fn malformed(path: &Path, what: String) -> ImportError {
    ImportError::Malformed {
        path: path.into(),
        format: "packed e5",
        what,
    }
}

type Directory = HashMap<String, (usize, usize)>;

fn parse(bytes: &[u8]) -> Result<(EncoderConfig, Directory), String> {
    let mut cursor = Cursor::new(bytes);
    if cursor.take(4)? != b"E5S1" {
        return Err("it does not begin with the letters E5S1".into());
    }
    cursor.u32()?; // version: the engine that defines the layout ignores it too
    let mut size = |what: &str| {
        let value = cursor.u32()?;
        if value == 0 || value > MAX_SIZE {
            Err(format!("{what} is {value}"))
        } else {
            Ok(value as usize)
        }
    };
    let hidden = size("the hidden size")?;
    let layers = size("the layer count")?;
    let heads = size("the head count")?;
    let feed_forward = size("the feed-forward size")?;
    let vocab = size("the vocabulary size")?;
    let positions = size("the position count")?;
    size("the type count")?;
    let norm_epsilon = cursor.f32()?;
    let block = cursor.u32()?;
    if block != 32 {
        return Err(format!("blocks of {block} weights; blocks of 32 are read"));
    }
    if !hidden.is_multiple_of(32) || !feed_forward.is_multiple_of(32) || !hidden.is_multiple_of(heads) {
        return Err(format!(
            "sizes {hidden}, {feed_forward} and {heads} heads do not fit together"
        ));
    }

    let pieces = cursor.u32()?;
    let pieces = cursor.check_count("pieces", pieces.into(), 8)?;
    let _begin = cursor.u32()?;
    let _end = cursor.u32()?;
    let pad = cursor.u32()?;
    let _unknown = cursor.u32()?;
    let blob = cursor.count("bytes of pieces", 1)?;
    cursor.take((pieces + 1) * 4)?;
    cursor.take(pieces * 4)?;
    cursor.take(blob)?;
    cursor.u32()?; // entries of the normalisation map that follows
    let map_bytes = cursor.u32()?;
    cursor.take(map_bytes as usize)?;

    let count = cursor.u32()?;
    let count = cursor.check_count("tensors", count.into(), 2 + 1 + 4 + 8 + 8)?;
    let mut tensors = Directory::with_capacity(count.min(4096));
    for _ in 0..count {
        let name_len = usize::from(cursor.u16()?);
        if name_len > MAX_NAME {
            return Err(format!("a tensor name of {name_len} bytes"));
        }
        let name = std::str::from_utf8(cursor.take(name_len)?).map_err(|_| "a tensor name is not UTF-8")?;
        let _type = cursor.u8()?;
        let _elements = cursor.u32()?;
        let (offset, length) = (cursor.u64()?, cursor.u64()?);
        if offset
            .checked_add(length)
            .is_none_or(|end| end > bytes.len() as u64)
        {
            return Err(format!("tensor {name:?} lies outside the file"));
        }
        if tensors
            .insert(name.into(), (offset as usize, length as usize))
            .is_some()
        {
            return Err(format!("tensor {name:?} occurs twice"));
        }
    }
    let config = EncoderConfig {
        hidden,
        layers,
        heads,
        feed_forward,
        vocab,
        positions,
        norm_epsilon,
        pad,
    };
    Ok((config, tensors))
}
