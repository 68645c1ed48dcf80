//! GGUF and other weight files to ONNX graphs with their tokenizer, without Python and without ONNX Runtime.
//!
//! [`import_gguf`] turns a decoder in GGUF into a folder with `model.onnx`, `model.onnx_data`,
//! `tokenizer.json` and `footnote-model.json` ([`ModelManifest`]). [`import_safetensors`] does the same for the
//! folder of a decoder or an encoder (embedder, reranker, classifier), [`import_e5_small_q4`] for the 4-bit
//! multilingual-e5-small embedder. Weights stream from a memory map into the output, so memory
//! stays far below the size of the model. Source files are not trusted: see [`gguf`] and
//! [`safetensors`].

mod arch;
pub mod attention;
mod card;
mod decoder_folder;
mod dense;
mod e5;
mod encoder;
mod error;
mod folder;
pub mod gguf;
mod graph;
mod import;
mod journal;
mod linear;
mod manifest;
pub mod onnx;
mod pages;
pub mod panels;
mod progress;
mod quant;
pub mod safetensors;
mod sampling;
mod tokenizer;

pub use arch::Architecture;
pub use e5::import_e5_small_q4;
pub use encoder::{import_safetensors, safetensors_sources};
pub use error::ImportError;
pub use graph::{DATA_FILE, GRAPH_FILE};
pub use import::{
    Existing, ImportOptions, ImportedModel, Operators, Profile, check_gguf, import_gguf, import_model,
};
pub use manifest::{
    ClassifierManifest, EmbedderManifest, FORMAT_VERSION, GeneratorManifest, MANIFEST_FILE, ModelManifest,
    ROPE_START, RerankerManifest, Role, ScoreFunction, SourceFile, TOKENIZER_FILE,
};
pub use progress::{ImportStep, Progress};

#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod tests;
