//! The JSON header of a safetensors file, read without trusting it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::dtype::bits;

/// Longest header; the limit of the format's own library.
pub(super) const MAX_HEADER: u64 = 100_000_000;
/// Most dimensions of a tensor.
const MAX_RANK: usize = 16;
/// Bytes of the header's length.
pub(super) const PREFIX: usize = 8;

/// Name, type, shape and place of one tensor as the header states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The format's name of the element type; may be one that is not read.
    pub dtype: String,
    /// Dimensions, the slowest running one first.
    pub shape: Vec<usize>,
    /// First byte and the byte after the last, counted from the start of the data.
    pub start: usize,
    pub end: usize,
}

/// A checked header: every entry lies inside the data and none shares bytes with another.
#[derive(Debug)]
pub(super) struct Header {
    pub entries: BTreeMap<String, Entry>,
    pub metadata: BTreeMap<String, String>,
    /// Where the data begins in the file.
    pub data_start: usize,
}

impl Header {
    /// Reads and checks the header of the whole file `bytes`.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
            return Err(format!(
                "it has {} bytes, fewer than the header's length takes",
                bytes.len()
            ));
        };
        let length = u64::from_le_bytes(*prefix);
        if length > MAX_HEADER {
            return Err(format!(
                "its header claims {length} bytes; {MAX_HEADER} are allowed"
            ));
        }
        let length = length as usize;
        let Some((json, data)) = rest.split_at_checked(length) else {
            return Err(format!(
                "its header claims {length} bytes, but {} are left",
                rest.len()
            ));
        };
        if json.first() != Some(&b'{') {
            return Err("its header does not begin with an opening brace".into());
        }
        let raw: RawHeader = serde_json::from_slice(json).map_err(|error| format!("its header: {error}"))?;
        Ok(Self {
            entries: check(raw.tensors, data.len())?,
            metadata: raw.metadata.into_iter().collect(),
            data_start: PREFIX + length,
        })
    }
}

fn check(tensors: HashMap<String, RawEntry>, data_len: usize) -> Result<BTreeMap<String, Entry>, String> {
    let mut entries = BTreeMap::new();
    for (name, raw) in tensors {
        let entry = raw
            .check(data_len)
            .map_err(|what| format!("tensor {name:?}: {what}"))?;
        entries.insert(name, entry);
    }
    // The format allows neither overlaps nor holes, so a file that was cut or appended to is noticed here.
    let mut order: Vec<(&String, &Entry)> = entries.iter().collect();
    order.sort_by_key(|(_, entry)| (entry.start, entry.end));
    let mut covered = 0;
    for (name, entry) in order {
        if entry.start != covered {
            let relation = if entry.start < covered {
                "overlaps the tensor before it"
            } else {
                "leaves a hole before it"
            };
            return Err(format!(
                "tensor {name:?} begins at byte {} of the data and {relation}, which ends at {covered}",
                entry.start
            ));
        }
        covered = entry.end;
    }
    if covered != data_len {
        return Err(format!(
            "its tensors end at byte {covered} of the data, the file at {data_len}"
        ));
    }
    Ok(entries)
}

#[derive(serde::Deserialize)]
struct RawEntry {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

impl RawEntry {
    fn check(self, data_len: usize) -> Result<Entry, String> {
        let (start, end) = self.data_offsets;
        if start > end || end > data_len as u64 {
            return Err(format!(
                "its bytes {start} to {end} do not lie inside the {data_len} bytes of data"
            ));
        }
        let shape = self.shape.0;
        let elements = shape
            .iter()
            .try_fold(1u64, |product, dim| product.checked_mul(*dim))
            .ok_or_else(|| format!("its shape {shape:?} overflows"))?;
        if let Some(bits) = bits(&self.dtype) {
            let total = elements
                .checked_mul(bits)
                .ok_or_else(|| format!("its shape {shape:?} overflows"))?;
            if total != (end - start) * 8 {
                return Err(format!(
                    "{} of shape {shape:?} take {} bytes, but it has {}",
                    self.dtype,
                    total.div_ceil(8),
                    end - start
                ));
            }
        }
        let shape = shape
            .into_iter()
            .map(usize::try_from)
            .collect::<Result<_, _>>()
            .map_err(|_| "a dimension is too large for this machine")?;
        Ok(Entry {
            dtype: self.dtype,
            shape,
            start: start as usize,
            end: end as usize,
        })
    }
}

/// Dimensions, of which no more than [`MAX_RANK`] are read.
struct Shape(Vec<u64>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dimensions;
        impl<'de> Visitor<'de> for Dimensions {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_RANK} dimensions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
                let mut dims = Vec::new();
                while let Some(dim) = items.next_element()? {
                    if dims.len() == MAX_RANK {
                        return Err(A::Error::invalid_length(dims.len() + 1, &self));
                    }
                    dims.push(dim);
                }
                Ok(Shape(dims))
            }
        }
        deserializer.deserialize_seq(Dimensions)
    }
}

struct RawHeader {
    metadata: HashMap<String, String>,
    tensors: HashMap<String, RawEntry>,
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawHeader;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
                let mut metadata: Option<UniqueMap<String, String>> = None;
                let mut tensors = HashMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        if metadata.replace(map.next_value()?).is_some() {
                            return Err(A::Error::custom("\"__metadata__\" occurs twice"));
                        }
                    } else if let Some(_earlier) = tensors.insert(name.clone(), map.next_value()?) {
                        return Err(A::Error::custom(format_args!("tensor {name:?} occurs twice")));
                    }
                }
                let metadata = metadata.map(|map| map.0).unwrap_or_default();
                Ok(RawHeader { metadata, tensors })
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A JSON object that is refused when a key occurs twice (serde alone keeps the last one).
pub(super) struct UniqueMap<K, V>(pub HashMap<K, V>);

impl<'de, K, V> Deserialize<'de> for UniqueMap<K, V>
where
    K: Deserialize<'de> + Eq + Hash + Clone + fmt::Debug,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<K, V>(PhantomData<(K, V)>);
        impl<'de, K, V> Visitor<'de> for Pairs<K, V>
        where
            K: Deserialize<'de> + Eq + Hash + Clone + fmt::Debug,
            V: Deserialize<'de>,
        {
            type Value = UniqueMap<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = HashMap::new();
                while let Some(key) = map.next_key::<K>()? {
                    if pairs.insert(key.clone(), map.next_value()?).is_some() {
                        return Err(A::Error::custom(format_args!("{key:?} occurs twice")));
                    }
                }
                Ok(UniqueMap(pairs))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}
