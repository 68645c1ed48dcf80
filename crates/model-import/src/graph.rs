//! Builds a graph while its weights stream into the external data file.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use half::f16;
use prost::Message;

use crate::error::ImportError;
use crate::journal::Journal;
use crate::onnx::{
    AttributeProto, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, ValueInfoProto,
};
use crate::panels::{DOMAIN, DOMAIN_VERSION};

/// File name of the graph.
pub const GRAPH_FILE: &str = "model.onnx";
/// File name of the weights.
pub const DATA_FILE: &str = "model.onnx_data";
/// The contrib operator set of ONNX Runtime.
pub(crate) const CONTRIB: &str = "com.microsoft";
/// The standard operator set.
pub(crate) const STANDARD: &str = "";

/// Tensors up to this size stay inside the protobuf.
const INLINE_LIMIT: usize = 1024;
/// Page size: external tensors begin at multiples of it, so that they can be mapped.
const ALIGNMENT: u64 = 4096;

/// Place of a tensor in the external data file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub offset: u64,
    pub length: u64,
}

/// The type in which a graph computes, and in which its float constants are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Single,
    Half,
}

impl Precision {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Single => DataType::Float,
            Self::Half => DataType::Float16,
        }
    }

    /// Little-endian bytes of `values` in this type.
    pub(crate) fn bytes(self, values: &[f32]) -> Vec<u8> {
        match self {
            Self::Single => float_bytes(values),
            Self::Half => values
                .iter()
                .flat_map(|value| f16::from_f32(*value).to_le_bytes())
                .collect(),
        }
    }
}

/// A graph under construction.
pub(crate) struct GraphBuilder {
    /// Set before the first constant.
    pub(crate) precision: Precision,
    graph: GraphProto,
    folder: PathBuf,
    data: File,
    data_len: u64,
    journal: Journal,
    resumed: u64,
}

impl GraphBuilder {
    /// Starts a graph whose files go into `folder`, where `journal` tells what is there already.
    pub(crate) fn create(folder: &Path, name: &str, journal: Journal) -> Result<Self, ImportError> {
        let path = folder.join(DATA_FILE);
        let data = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(journal.is_empty())
            .open(&path)
            .map_err(ImportError::io(&path, "create"))?;
        let graph = GraphProto {
            name: name.into(),
            ..GraphProto::default()
        };
        Ok(Self {
            precision: Precision::Single,
            graph,
            folder: folder.into(),
            data,
            data_len: 0,
            journal,
            resumed: 0,
        })
    }

    pub(crate) fn input(&mut self, value: ValueInfoProto) {
        self.graph.input.push(value);
    }

    pub(crate) fn output(&mut self, value: ValueInfoProto) {
        self.graph.output.push(value);
    }

    /// Adds a node and returns its first output. The node is named after that output.
    pub(crate) fn node(
        &mut self,
        domain: &str,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|name| (*name).into()).collect(),
            output: outputs.iter().map(|name| (*name).into()).collect(),
            name: format!("{op}:{}", outputs[0]),
            op_type: op.into(),
            attribute: attributes,
            domain: domain.into(),
        });
        outputs[0].into()
    }

    /// Whether a constant of that name exists.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.graph.initializer.iter().any(|tensor| tensor.name == name)
    }

    fn initializer(&mut self, name: &str, data_type: DataType, dims: &[usize]) -> &mut TensorProto {
        self.graph.initializer.push(TensorProto {
            dims: dims.iter().map(|dim| *dim as i64).collect(),
            data_type: data_type as i32,
            name: name.into(),
            ..TensorProto::default()
        });
        let last = self.graph.initializer.len() - 1;
        &mut self.graph.initializer[last]
    }

    /// Adds a constant, inline when small.
    pub(crate) fn constant(
        &mut self,
        name: &str,
        data_type: DataType,
        dims: &[usize],
        bytes: &[u8],
    ) -> Result<(), ImportError> {
        if bytes.len() <= INLINE_LIMIT {
            self.initializer(name, data_type, dims).raw_data = Some(bytes.to_vec());
            return Ok(());
        }
        let slot = self.reserve(name, data_type, dims);
        self.write(slot, 0, bytes)
    }

    /// Adds a constant of floats in the graph's precision.
    pub(crate) fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> Result<(), ImportError> {
        self.constant(
            name,
            self.precision.data_type(),
            dims,
            &self.precision.bytes(values),
        )
    }

    /// Adds a constant list of int64.
    pub(crate) fn ints(&mut self, name: &str, values: &[i64]) -> Result<(), ImportError> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, DataType::Int64, &[values.len()], &bytes)
    }

    /// Adds an external constant whose bytes are written later with [`GraphBuilder::write`].
    pub(crate) fn reserve(&mut self, name: &str, data_type: DataType, dims: &[usize]) -> Slot {
        let elements: u64 = dims.iter().map(|dim| *dim as u64).product();
        let slot = self.allocate(elements * data_type.size());
        self.place(name, data_type, dims, slot);
        slot
    }

    /// Sets aside room in the data file.
    pub(crate) fn allocate(&mut self, length: u64) -> Slot {
        let offset = self.data_len.next_multiple_of(ALIGNMENT);
        self.data_len = offset + length;
        Slot { offset, length }
    }

    /// Adds a constant over bytes set aside. Several constants may share them, each with its own shape.
    pub(crate) fn place(&mut self, name: &str, data_type: DataType, dims: &[usize], slot: Slot) {
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: key.into(),
            value,
        };
        let tensor = self.initializer(name, data_type, dims);
        tensor.data_location = Some(1);
        tensor.external_data = vec![
            entry("location", DATA_FILE.into()),
            entry("offset", slot.offset.to_string()),
            entry("length", slot.length.to_string()),
        ];
    }

    /// Writes `bytes` at `at` within a reserved slot.
    pub(crate) fn write(&mut self, slot: Slot, at: u64, bytes: &[u8]) -> Result<(), ImportError> {
        debug_assert!(at + bytes.len() as u64 <= slot.length);
        let path = self.folder.join(DATA_FILE);
        self.data
            .seek(SeekFrom::Start(slot.offset + at))
            .and_then(|_| self.data.write_all(bytes))
            .map_err(ImportError::io(&path, "write"))?;
        self.journal.written(slot, at, bytes)
    }

    /// Whether an interrupted import has written all of these slots, so that they need not be written again.
    pub(crate) fn has_written(&mut self, slots: &[Slot]) -> bool {
        let there = slots.iter().all(|slot| self.journal.holds(*slot, &mut self.data));
        if there {
            self.resumed += slots.iter().map(|slot| slot.length).sum::<u64>();
        }
        there
    }

    /// Bytes that an interrupted import had written.
    pub(crate) fn resumed(&self) -> u64 {
        self.resumed
    }

    /// Writes the graph file and makes both files durable. Returns their sizes together.
    pub(crate) fn finish(self) -> Result<u64, ImportError> {
        let data_path = self.folder.join(DATA_FILE);
        let size = self.data_len.next_multiple_of(ALIGNMENT);
        self.data
            .set_len(size)
            .and_then(|()| self.data.sync_all())
            .map_err(ImportError::io(&data_path, "write"))?;
        let opset = |domain: &str, version| OperatorSetIdProto {
            domain: domain.into(),
            version,
        };
        let mut opset_import = vec![opset(STANDARD, 21), opset(CONTRIB, 1)];
        // Runtimes refuse a domain that they do not know, used or not.
        if self.graph.node.iter().any(|node| node.domain == DOMAIN) {
            opset_import.push(opset(DOMAIN, DOMAIN_VERSION));
        }
        let model = ModelProto {
            ir_version: 10,
            producer_name: env!("CARGO_PKG_NAME").into(),
            producer_version: env!("CARGO_PKG_VERSION").into(),
            graph: Some(self.graph),
            opset_import,
        };
        let path = self.folder.join(GRAPH_FILE);
        let bytes = model.encode_to_vec();
        std::fs::write(&path, &bytes).map_err(ImportError::io(&path, "write"))?;
        Ok(size + bytes.len() as u64)
    }
}

/// Little-endian bytes of floats.
pub(crate) fn float_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
