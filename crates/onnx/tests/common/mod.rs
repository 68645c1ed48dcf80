//! Real models for tests: those that the app fetched (`FOOTNOTE_MODELS`, else the system's cache folder), imported
//! where the app imports them. `FOOTNOTE_ORT_LIBRARY`, else the project's `runtime/`, has the library. Without them
//! tests say that they skip; with `FOOTNOTE_REQUIRE_MODELS=1` that is a failure.
#![allow(dead_code, clippy::print_stderr)]

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use footnote_onnx::{
    EmbedderOptions, GeneratorForm, GeneratorOptions, OcrOptions, OnnxEmbedder, OnnxGenerator,
    OnnxRecognizer, Operators, Runtime, RuntimeOptions, prepare_embedder, prepare_generator,
};

/// The folder of an imported model with a runtime to run it: `qwen-0.5b`, `qwen-0.5b-fast`, `e5-small`, `ppocr-v5` or
/// `rampart`.
pub fn model(name: &str) -> Option<(Runtime, PathBuf)> {
    match found(name) {
        Ok(found) => Some(found),
        Err(reason) => {
            let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
            assert!(!required, "FOOTNOTE_REQUIRE_MODELS=1, but {reason}");
            eprintln!("SKIPPED: {reason}");
            None
        }
    }
}

fn found(name: &str) -> Result<(Runtime, PathBuf), String> {
    let store = store().ok_or("the system names no cache folder")?;
    let (generator, embedder) = ("qwen2.5-coder-0.5b-instruct", "multilingual-e5-small");
    let sources = match name {
        "e5-small" => vec![
            store.join(embedder).join("e5-small-q4.bin"),
            store.join(embedder).join("tokenizer.json"),
        ],
        "ppocr-v5" => vec![store.join(name).join("ppocrv5_rec.onnx")],
        "rampart" => vec![store.join(name).join("model_q4.onnx")],
        _ => vec![store.join(generator).join(format!("{generator}-q4_k_m.gguf"))],
    };
    if let Some(missing) = sources.iter().find(|source| !source.is_file()) {
        return Err(format!("{} is not there", missing.display()));
    }
    let runtime = Runtime::load(RuntimeOptions::default())
        .map_err(|e| format!("{e} ({})", e.hint.clone().unwrap_or_default()))?;
    if matches!(name, "ppocr-v5" | "rampart") {
        return Ok((runtime, store.join(name)));
    }
    let prepared = store.join("prepared");
    std::fs::create_dir_all(&prepared).map_err(|e| e.to_string())?;
    // Every test is a process; the first one imports, the others wait for it.
    let lock = File::create(prepared.join("tests.lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    let go_on = |_| ControlFlow::Continue(());
    let folder = match (name, sources.as_slice()) {
        ("e5-small", [weights, tokenizer]) => {
            prepare_embedder(weights, tokenizer, &prepared, Operators::Panels, go_on)
        }
        ("qwen-0.5b-fast", [gguf]) => prepare_generator(gguf, &prepared, GeneratorForm::PORTABLE, go_on),
        ("qwen-0.5b", [gguf]) => prepare_generator(gguf, &prepared, GeneratorForm::PANELS, go_on),
        _ => panic!("no test model is called {name}"),
    };
    Ok((runtime, folder.expect("the model is imported")))
}

fn store() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("FOOTNOTE_MODELS").or_else(|| {
        let cache = set("XDG_CACHE_HOME").or_else(|| Some(Path::new(&set("HOME")?).join(".cache")))?;
        Some(cache.join("footnote").join("models"))
    })
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

/// The reader of images.
pub fn recognizer() -> Option<OnnxRecognizer> {
    let (runtime, folder) = model("ppocr-v5")?;
    Some(OnnxRecognizer::open(&runtime, &folder, &OcrOptions::default()).expect("recogniser opens"))
}
