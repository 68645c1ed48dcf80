//! Models on ONNX Runtime: library loading, providers, embedder, reranker, classifier, generator, text recognition,
//! names of people.
//!
//! [`Runtime::load`] finds and checks the ONNX Runtime library and chooses an execution provider.
//! [`OnnxEmbedder`], [`OnnxReranker`] and [`OnnxGenerator`] implement the domain's ports on folders that
//! `footnote-model-import` made; [`prepare_model`], [`prepare_generator`] and [`prepare_embedder`] make and cache them.
//!
//! Each model has one owner thread. It loads the model when the first request comes and unloads it
//! when none came for a while; the handles are cheap to clone and usable from any thread.

#[cfg(test)]
extern crate self as footnote_onnx;

mod classifier;
mod embedder;
mod encoder;
mod entailment;
mod errors;
mod form;
mod generator;
mod imported;
mod library;
mod manifest;
mod ocr;
pub mod operators;
mod owner;
mod pairs;
mod people;
mod prepare;
mod process;
mod provider;
mod reranker;
mod runtime;
mod tokens;
mod unigram;

pub use classifier::{ClassifierInput, OnnxClassifier};
pub use embedder::{EmbedderOptions, OnnxEmbedder};
pub use entailment::{OnnxEntailment, tells_no_entailment};
pub use footnote_model_import::{ImportStep, Operators, Profile, Progress};
pub use form::{FormChoice, Forms, GeneratorForm};
pub use generator::{GeneratorOptions, OnnxGenerator};
pub use imported::{ImportedFacts, imported_facts, imported_models};
pub use library::{CpuFeatures, LIBRARY_VARIABLE, MINIMUM_VERSION};
pub use ocr::{OcrOptions, OnnxRecognizer};
pub use owner::ModelHandle;
pub use pairs::PairOptions;
pub use people::OnnxPersonFinder;
pub use prepare::{prepare_embedder, prepare_generator, prepare_model};
pub use process::never_report;
pub use provider::{Attempt, Lack, Provider, ProviderReport};
pub use reranker::OnnxReranker;
pub use runtime::{ModelPlacement, Runtime, RuntimeOptions, RuntimeReport};
