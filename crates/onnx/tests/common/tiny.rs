//! The tiny encoders of `footnote-model-import`'s fixtures.
#![allow(dead_code, clippy::print_stderr)]

use std::ops::ControlFlow;
use std::path::PathBuf;

use footnote_model_import::{Existing, ImportOptions, import_safetensors};
use footnote_onnx::{Profile, Runtime, RuntimeOptions};
use serde::Deserialize;
use tempfile::TempDir;

/// Every architecture with every head it is imported with.
pub const NAMES: [&str; 11] = [
    "bert-sentence",
    "bert-nli",
    "bert-tokens",
    "xlm-roberta-reranker",
    "xlm-roberta-sentence",
    "roberta-tokens",
    "mpnet-sentence",
    "mpnet-classifier",
    "modernbert-sentence",
    "modernbert-reranker",
    "modernbert-tokens",
];

/// Folder of a fixture.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../model-import/tests/fixtures/encoders")
        .join(name)
}

/// What the original framework computed.
#[derive(Deserialize)]
pub struct Reference {
    pub inputs: serde_json::Value,
    pub input_ids: Vec<Vec<i64>>,
    pub attention_mask: Vec<Vec<i64>>,
    pub token_type_ids: Vec<Vec<i64>>,
    pub shape: Vec<usize>,
    pub output: Vec<f32>,
}

impl Reference {
    pub fn read(name: &str) -> Self {
        let text = std::fs::read(fixture(name).join("reference.json")).expect("reference");
        serde_json::from_slice(&text).expect("reference")
    }

    /// Numbers a text.
    pub fn per_row(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// The inputs, when they are single texts.
    pub fn texts(&self) -> Vec<String> {
        serde_json::from_value(self.inputs.clone()).expect("texts")
    }

    /// The inputs, when they are pairs.
    pub fn pairs(&self) -> Vec<(String, String)> {
        serde_json::from_value(self.inputs.clone()).expect("pairs")
    }
}

/// The runtime, or a loud skip.
pub fn runtime() -> Option<Runtime> {
    match Runtime::load(RuntimeOptions::default()) {
        Ok(runtime) => Some(runtime),
        Err(error) => {
            let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
            assert!(!required, "FOOTNOTE_REQUIRE_MODELS=1, but {error}");
            eprintln!("SKIPPED: {error}");
            None
        }
    }
}

/// A fixture imported into a folder of its own, with a runtime to run it.
pub fn imported(name: &str, profile: Profile) -> Option<(Runtime, TempDir)> {
    let runtime = runtime()?;
    let folder = tempfile::tempdir().expect("folder");
    let options = ImportOptions {
        profile,
        existing: Existing::Replace,
        ..ImportOptions::default()
    };
    import_safetensors(&fixture(name), folder.path(), options, |_| {
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|error| panic!("{name}: {error} ({})", error.hint()));
    Some((runtime, folder))
}
