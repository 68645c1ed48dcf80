//! The publisher's advice on sampling, from GGUF metadata to `generation_config.json`.

use serde_json::{Map, Number};

use crate::gguf::GgufFile;

/// File name of the advice, as Transformers names it.
pub(crate) const GENERATION_CONFIG_FILE: &str = "generation_config.json";

/// GGUF keys (llama.cpp, `gguf-py/gguf/constants.py`, "Recommended Sampler Parameters") and their names in
/// Transformers' `GenerationConfig`.
const KEYS: [(&str, &str); 5] = [
    ("general.sampling.temp", "temperature"),
    ("general.sampling.top_k", "top_k"),
    ("general.sampling.top_p", "top_p"),
    ("general.sampling.min_p", "min_p"),
    ("general.sampling.penalty_repeat", "repetition_penalty"),
];

/// The advice as JSON; none if the file gives none.
pub(crate) fn generation_config(file: &GgufFile) -> Option<String> {
    let mut config = Map::new();
    for (key, name) in KEYS {
        let Some(value) = file.get(key) else { continue };
        let number = match value.as_u64() {
            Some(whole) => Some(Number::from(whole)),
            // Rounded to what a float32 says, so that 0.95 stays 0.95.
            None => (value.as_f64()).and_then(|float| Number::from_f64((float * 1e6).round() / 1e6)),
        };
        if let Some(number) = number {
            config.insert(name.into(), number.into());
        }
    }
    if config.is_empty() {
        return None;
    }
    serde_json::to_string_pretty(&config).ok()
}
