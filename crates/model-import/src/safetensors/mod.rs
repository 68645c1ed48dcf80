//! Reader of safetensors weights: one file, or the shards that `model.safetensors.index.json` names.
//!
//! Format: <https://github.com/huggingface/safetensors#format>. Files are mapped, never read whole. They may
//! come from anywhere, so lengths, offsets, shapes and names are checked when a file is opened. Element types
//! are judged when a tensor is asked for, so that one exotic unused tensor does not spoil a file.
//!
//! The format's own library is not used because it keeps the last of two tensors of one name, refuses a file
//! for the type of a tensor nobody needs, and says neither file nor tensor in its errors.

mod dtype;
mod header;
mod tensor;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use memmap2::Mmap;
use serde::Deserialize;

use crate::error::ImportError;
use crate::gguf::TensorView;
use crate::pages;
pub use dtype::{Dtype, SUPPORTED_DTYPES};
use header::{Header, MAX_HEADER, UniqueMap};
pub use tensor::Tensor;

/// File name of weights in one file.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// File name of the list of shards.
pub const INDEX_FILE: &str = "model.safetensors.index.json";
/// Most shards of a model; each one takes a file handle and a map.
const MAX_SHARDS: usize = 1024;

/// One mapped file with its header.
#[derive(Debug)]
struct Shard {
    path: PathBuf,
    map: Mmap,
    header: Header,
}

impl Shard {
    fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(ImportError::io(path, "open"))?;
        let data = file
            .metadata()
            .map_err(ImportError::io(path, "read the size of"))?;
        if data.len() == 0 {
            return Err(malformed(path, "the file is empty"));
        }
        // SAFETY: read-only, and nobody is expected to shorten the file meanwhile (see `GgufFile::open`).
        let map = unsafe { Mmap::map(&file) }.map_err(ImportError::io(path, "map"))?;
        let header = Header::parse(&map).map_err(|what| malformed(path, what))?;
        Ok(Self {
            path: path.into(),
            map,
            header,
        })
    }
}

/// The open weights of a model.
#[derive(Debug)]
pub struct SafetensorsModel {
    path: PathBuf,
    shards: Vec<Shard>,
    /// Number of the shard that holds a tensor.
    tensors: BTreeMap<String, usize>,
}

impl SafetensorsModel {
    /// Opens the weights at `path`: a safetensors file, a list of shards (`*.index.json`), or a folder with
    /// [`WEIGHTS_FILE`] or else [`INDEX_FILE`].
    ///
    /// # Errors
    /// [`ImportError::Io`] when a file cannot be opened, [`ImportError::Malformed`] when one is not in the
    /// format, is cut short, contradicts itself, or when the list of shards leads outside its folder.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        if path.is_dir() {
            let (single, index) = (path.join(WEIGHTS_FILE), path.join(INDEX_FILE));
            return if single.is_file() || !index.is_file() {
                Self::open_file(&single)
            } else {
                Self::open_index(&index)
            };
        }
        if path.extension().is_some_and(|extension| extension == "json") {
            return Self::open_index(path);
        }
        Self::open_file(path)
    }

    fn open_file(path: &Path) -> Result<Self, ImportError> {
        let shard = Shard::open(path)?;
        Ok(Self {
            path: path.into(),
            tensors: shard
                .header
                .entries
                .keys()
                .map(|name| (name.clone(), 0))
                .collect(),
            shards: vec![shard],
        })
    }

    fn open_index(path: &Path) -> Result<Self, ImportError> {
        #[derive(Deserialize)]
        struct Index {
            weight_map: UniqueMap<String, String>,
        }
        let index: Index = serde_json::from_slice(&read_index(path)?)
            .map_err(|error| malformed(path, format!("the list of shards: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut shards: Vec<Shard> = Vec::new();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut tensors = BTreeMap::new();
        // In order of names, so that the same files are numbered, and found wrong, in the same order each time.
        let listed: BTreeMap<&String, &String> = index.weight_map.0.iter().collect();
        for (name, file) in listed {
            let number = match numbers.get(file.as_str()) {
                Some(number) => *number,
                None => {
                    if !is_plain(file) {
                        return Err(malformed(
                            path,
                            format!("shard {file:?} is not a plain file name"),
                        ));
                    }
                    if shards.len() == MAX_SHARDS {
                        return Err(malformed(path, format!("it has more than {MAX_SHARDS} shards")));
                    }
                    shards.push(Shard::open(&folder.join(file))?);
                    numbers.insert(file, shards.len() - 1);
                    shards.len() - 1
                }
            };
            if !shards[number].header.entries.contains_key(name) {
                return Err(malformed(
                    path,
                    format!("tensor {name:?} is not in {file:?}, where it should be"),
                ));
            }
            tensors.insert(name.clone(), number);
        }
        Ok(Self {
            path: path.into(),
            shards,
            tensors,
        })
    }

    /// The file, or the list of shards.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path and bytes of each file.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.shards
            .iter()
            .map(|shard| (shard.path.as_path(), &shard.map[..]))
    }

    /// Gives the memory of `bytes`, which were read through, back to the system.
    pub(crate) fn release(&self, bytes: &[u8]) {
        for shard in &self.shards {
            pages::release(&shard.map, bytes);
        }
    }

    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.shards.iter().map(|shard| shard.map.len() as u64).sum()
    }

    /// The type that most bytes of the tensors are stored in; none if there are no tensors.
    pub(crate) fn main_type(&self) -> Option<String> {
        let mut bytes: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.shards.iter().flat_map(|shard| shard.header.entries.values()) {
            *bytes.entry(&entry.dtype).or_default() += entry.end - entry.start;
        }
        let (main, _) = bytes.into_iter().max_by_key(|(_, bytes)| *bytes)?;
        Some(main.to_owned())
    }

    /// The free-form entry `key` of the (first) file's header, for instance `format`.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        let shard = self.shards.first()?;
        shard.header.metadata.get(key).map(String::as_str)
    }

    /// Names of all tensors, ascending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Whether a tensor of that name exists.
    pub fn has_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The tensor `name`.
    ///
    /// # Errors
    /// [`ImportError::Tensor`] when absent, [`ImportError::Unsupported`] for an element type that is not read.
    pub fn tensor(&self, name: &str) -> Result<Tensor<'_>, ImportError> {
        let found = self.tensors.get_key_value(name).and_then(|(name, number)| {
            let shard = self.shards.get(*number)?;
            Some((name, shard, shard.header.entries.get(name)?))
        });
        let (name, shard, entry) = found.ok_or_else(|| ImportError::Tensor {
            path: self.path.clone(),
            name: name.into(),
            found: "is absent".into(),
            expected: "it to be there".into(),
        })?;
        let dtype = Dtype::from_name(&entry.dtype).ok_or_else(|| ImportError::Unsupported {
            path: shard.path.clone(),
            key: format!("dtype of tensor {name}"),
            value: entry.dtype.clone(),
            supported: SUPPORTED_DTYPES,
        })?;
        let data = &shard.map[shard.header.data_start..];
        Ok(Tensor {
            name,
            dtype,
            shape: &entry.shape,
            bytes: &data[entry.start..entry.end],
            path: &shard.path,
        })
    }

    /// The tensor `name`, which must have shape `[rows, row_len]`, as rows in the form that GGUF tensors have.
    ///
    /// # Errors
    /// As [`SafetensorsModel::tensor`], and [`ImportError::Tensor`] for another shape.
    pub fn matrix(&self, name: &str, rows: usize, row_len: usize) -> Result<TensorView<'_>, ImportError> {
        self.tensor(name)?.shaped(&[rows, row_len])?.view()
    }

    /// The values of tensor `name`, which must have shape `[len]`.
    ///
    /// # Errors
    /// As [`SafetensorsModel::tensor`], and [`ImportError::Tensor`] for another shape.
    pub fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ImportError> {
        self.tensor(name)?.shaped(&[len])?.floats()
    }
}

fn read_index(path: &Path) -> Result<Vec<u8>, ImportError> {
    let data = fs::metadata(path).map_err(ImportError::io(path, "read the size of"))?;
    if data.len() > MAX_HEADER {
        return Err(malformed(
            path,
            format!("it has {} bytes; {MAX_HEADER} are allowed", data.len()),
        ));
    }
    fs::read(path).map_err(ImportError::io(path, "read"))
}

/// Whether `name` names a file in the same folder: an index must not lead elsewhere.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    // Backslashes are separators on Windows only; no published shard has one in its name.
    matches!(parts.next(), Some(Component::Normal(_)))
        && parts.next().is_none()
        && !name.contains(['/', '\\'])
}

fn malformed(path: &Path, what: impl Into<String>) -> ImportError {
    ImportError::Malformed {
        path: path.into(),
        format: "safetensors",
        what: what.into(),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;
