//! The files of a Hugging Face folder, each read once, within limits, and remembered for the model's identity.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::ImportError;
use crate::safetensors::SafetensorsModel;

/// Largest configuration file that is read.
const MAX_CONFIG: u64 = 4 << 20;
/// Largest tokenizer file that is read (multilingual ones have 17 MB).
const MAX_TOKENIZER: u64 = 256 << 20;

/// A folder with the files read from it so far.
pub(crate) struct SourceFolder {
    root: PathBuf,
    /// Path relative to the root, and content.
    pub read: Vec<(String, Vec<u8>)>,
}

impl SourceFolder {
    pub(crate) fn open(root: &Path) -> Self {
        Self {
            root: root.into(),
            read: Vec::new(),
        }
    }

    /// Where `path`, relative and inside the folder, lies.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn bytes(&mut self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ImportError> {
        let place = self.at(path);
        let size = match fs::metadata(&place) {
            Ok(data) => data.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ImportError::io(&place, "read the size of")(error)),
        };
        if size > limit {
            return Err(ImportError::Malformed {
                path: place,
                format: "JSON",
                what: format!("it has {size} bytes; {limit} are allowed"),
            });
        }
        let bytes = fs::read(&place).map_err(ImportError::io(&place, "read"))?;
        self.read.push((path.into(), bytes.clone()));
        Ok(Some(bytes))
    }

    /// The JSON value in the file `path`, if the file is there.
    pub(crate) fn json(&mut self, path: &str) -> Result<Option<Value>, ImportError> {
        let Some(bytes) = self.bytes(path, MAX_CONFIG)? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes).map_err(|error| ImportError::Malformed {
            path: self.at(path),
            format: "JSON",
            what: error.to_string(),
        })?;
        Ok(Some(value))
    }

    /// The configuration in the file `path`; an absent file is one without entries.
    pub(crate) fn config(&mut self, path: &str) -> Result<ConfigFile, ImportError> {
        let place = self.at(path);
        match self.json(path)? {
            None => Ok(ConfigFile {
                path: place,
                entries: Map::new(),
            }),
            Some(Value::Object(entries)) => Ok(ConfigFile { path: place, entries }),
            Some(other) => Err(ImportError::Malformed {
                path: place,
                format: "configuration",
                what: format!("it is {}, not an object", kind(&other)),
            }),
        }
    }

    /// The text in the file `path`, if the file is there.
    pub(crate) fn text(&mut self, path: &str) -> Result<Option<String>, ImportError> {
        let Some(bytes) = self.bytes(path, MAX_CONFIG)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).map_err(|_| ImportError::Malformed {
            path: self.at(path),
            format: "text",
            what: "it is not UTF-8".into(),
        })?;
        Ok(Some(text))
    }

    /// The tokenizer, checked to be JSON.
    pub(crate) fn tokenizer(&mut self, path: &str) -> Result<Vec<u8>, ImportError> {
        let Some(bytes) = self.bytes(path, MAX_TOKENIZER)? else {
            return Err(ImportError::Metadata {
                path: self.root.clone(),
                key: path.into(),
                found: "absent".into(),
                expected: "the file of the fast tokenizer".into(),
            });
        };
        check_tokenizer(&self.at(path), &bytes)?;
        Ok(bytes)
    }

    /// The weights in the subfolder `path` (empty for the folder itself).
    pub(crate) fn weights(&self, path: &str) -> Result<SafetensorsModel, ImportError> {
        SafetensorsModel::open(&self.at(path))
    }
}

/// Refuses a tokenizer that is no JSON.
pub(crate) fn check_tokenizer(path: &Path, bytes: &[u8]) -> Result<(), ImportError> {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes)
        .map(|_| ())
        .map_err(|error| ImportError::Malformed {
            path: path.into(),
            format: "tokenizer.json",
            what: error.to_string(),
        })
}

/// Whether `path` names something inside the folder it is relative to.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.contains('\\')
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A configuration file. An entry that is null counts as absent, as it does for its publishers.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub path: PathBuf,
    entries: Map<String, Value>,
}

impl ConfigFile {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).filter(|value| !value.is_null())
    }

    /// Whether the key is there, be it with null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The object under `key`, as a file of its own.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>, ImportError> {
        let entries = self.typed(key, "an object", Value::as_object)?;
        Ok(entries.map(|entries| Self {
            path: self.path.clone(),
            entries: entries.clone(),
        }))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.entries.keys()
    }

    fn typed<'a, T>(
        &'a self,
        key: &str,
        expected: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ImportError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match convert(value) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(key, kind(value), expected)),
        }
    }

    /// An error that says what is wrong with an entry.
    pub(crate) fn wrong(&self, key: &str, found: impl ToString, expected: impl ToString) -> ImportError {
        ImportError::Metadata {
            path: self.path.clone(),
            key: key.into(),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }

    /// An error that names a value nothing can be built for.
    pub(crate) fn unsupported(
        &self,
        key: &str,
        value: impl ToString,
        supported: &'static str,
    ) -> ImportError {
        ImportError::Unsupported {
            path: self.path.clone(),
            key: key.into(),
            value: value.to_string(),
            supported,
        }
    }

    pub(crate) fn str(&self, key: &str) -> Result<Option<&str>, ImportError> {
        self.typed(key, "a string", Value::as_str)
    }

    pub(crate) fn float(&self, key: &str) -> Result<Option<f64>, ImportError> {
        self.typed(key, "a number", Value::as_f64)
    }

    pub(crate) fn flag(&self, key: &str) -> Result<bool, ImportError> {
        Ok(self.typed(key, "a boolean", Value::as_bool)?.unwrap_or(false))
    }

    pub(crate) fn list(&self, key: &str) -> Result<Option<&Vec<Value>>, ImportError> {
        self.typed(key, "a list", Value::as_array)
    }

    /// A whole number, at most `limit`.
    pub(crate) fn uint(&self, key: &str, limit: usize) -> Result<Option<usize>, ImportError> {
        let value = self.typed(key, "a whole number", Value::as_u64)?;
        match value {
            Some(value) if value > limit as u64 => {
                Err(self.wrong(key, value, format!("a number up to {limit}")))
            }
            Some(value) => Ok(Some(value as usize)),
            None => Ok(None),
        }
    }

    /// A size that must be there, from 1 to `limit`.
    pub(crate) fn size(&self, key: &str, limit: usize) -> Result<usize, ImportError> {
        match self.uint(key, limit)? {
            Some(0) => Err(self.wrong(key, 0, format!("1 to {limit}"))),
            Some(value) => Ok(value),
            None => Err(self.wrong(key, "absent", "a whole number")),
        }
    }
}
