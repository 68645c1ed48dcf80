//! Writes safetensors files for tests.

use super::Dtype;

/// A tensor to write.
pub(crate) struct Entry {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Entry {
    /// A float32 tensor.
    pub(crate) fn floats(name: &str, shape: &[usize], values: &[f32]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len());
        Self {
            name: name.into(),
            dtype: Dtype::F32,
            shape: shape.into(),
            bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

/// A file with `entries` in their order.
pub(crate) fn file(entries: &[Entry]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".into(), serde_json::json!({ "format": "pt" }));
    let mut data = Vec::new();
    for entry in entries {
        let start = data.len();
        data.extend_from_slice(&entry.bytes);
        let value = serde_json::json!({
            "dtype": entry.dtype.name(), "shape": entry.shape, "data_offsets": [start, data.len()],
        });
        header.insert(entry.name.clone(), value);
    }
    raw(&serde_json::Value::Object(header).to_string(), &data)
}

/// A file with any header text over any data.
pub(crate) fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}
