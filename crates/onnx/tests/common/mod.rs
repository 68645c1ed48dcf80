//! Real models for tests: `FOOTNOTE_MODELS` names a folder with imported models. Without it, or without
//! the library, tests say that they skip; with `FOOTNOTE_REQUIRE_MODELS=1` that is a failure.
#![allow(dead_code, clippy::print_stderr)]

use std::path::PathBuf;

use footnote_onnx::{
    EmbedderOptions, GeneratorOptions, OnnxEmbedder, OnnxGenerator, Runtime, RuntimeOptions,
};

/// The folder of an imported model with a runtime to run it.
pub fn model(name: &str) -> Option<(Runtime, PathBuf)> {
    let folder = std::env::var_os("FOOTNOTE_MODELS").map(|store| PathBuf::from(store).join(name));
    let found = match folder.filter(|folder| folder.is_dir()) {
        None => Err(format!("there is no {name} in the folder FOOTNOTE_MODELS")),
        Some(folder) => Runtime::load(RuntimeOptions::default())
            .map(|runtime| (runtime, folder))
            .map_err(|error| format!("{error} ({})", error.hint.clone().unwrap_or_default())),
    };
    match found {
        Ok(found) => Some(found),
        Err(reason) => {
            let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
            assert!(!required, "FOOTNOTE_REQUIRE_MODELS=1, but {reason}");
            eprintln!("SKIPPED: {reason}");
            None
        }
    }
}

/// The small generator with a context limit.
pub fn generator(context_tokens: usize) -> Option<OnnxGenerator> {
    generator_of("qwen-0.5b", context_tokens)
}

/// A generator with a context limit.
pub fn generator_of(name: &str, context_tokens: usize) -> Option<OnnxGenerator> {
    let options = GeneratorOptions {
        context_tokens,
        ..GeneratorOptions::default()
    };
    generator_with(name, options)
}

/// A generator with options.
pub fn generator_with(name: &str, options: GeneratorOptions) -> Option<OnnxGenerator> {
    let (runtime, folder) = model(name)?;
    Some(OnnxGenerator::open(&runtime, &folder, options).expect("generator opens"))
}

/// The embedder.
pub fn embedder() -> Option<OnnxEmbedder> {
    let (runtime, folder) = model("e5-small")?;
    Some(OnnxEmbedder::open(&runtime, &folder, EmbedderOptions::default()).expect("embedder opens"))
}
