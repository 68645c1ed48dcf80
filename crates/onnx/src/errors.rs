//! ONNX Runtime's errors in Footnote's words.

use footnote_core::{Error, Problem};

/// Phrases of the runtime and of its operating system for "there was no memory left".
const MEMORY_PHRASES: [&str; 5] = [
    "failed to allocate",
    "bad_alloc",
    "out of memory",
    "cannot allocate memory",
    "std::length_error",
];

/// Translates an error of the runtime; `action` completes "Could not ...".
pub(crate) fn from_ort<R>(action: &str, error: ort::Error<R>) -> Error {
    translate(action, error.message())
}

fn translate(action: &str, message: &str) -> Error {
    let lower = message.to_lowercase();
    if MEMORY_PHRASES.iter().any(|phrase| lower.contains(phrase)) {
        return Error::runtime(format!("There is not enough memory to {action}"))
            .problem(Problem::ModelNeedsMemory)
            .hint("Close other programs, or choose a smaller model in the settings");
    }
    let message = message.trim_end_matches(['.', '\n', ' ']);
    Error::runtime(format!("Could not {action}: {message}"))
        .problem(Problem::ModelFailed {
            detail: format!("Could not {action}: {message}"),
        })
        .hint("Run `footnote models verify`; if the model files are sound, update the ONNX Runtime library")
}

/// A tokenizer's failure on a text.
pub(crate) fn from_tokenizer(error: tokenizers::Error) -> Error {
    Error::bug(format!("The tokenizer failed: {error}"))
}

#[cfg(test)]
mod tests {
    use footnote_core::ErrorKind;

    use super::*;

    #[test]
    fn lack_of_memory_names_its_remedy() {
        let error = translate(
            "load the model",
            "Failed to allocate memory for requested buffer of size 9",
        );
        assert_eq!(error.kind, ErrorKind::Runtime);
        assert_eq!(error.message, "There is not enough memory to load the model");
        assert!(error.hint.is_some_and(|hint| hint.contains("smaller model")));
    }

    #[test]
    fn other_failures_keep_the_reason() {
        let error = translate("load the model", "Protobuf parsing failed.\n");
        assert_eq!(error.message, "Could not load the model: Protobuf parsing failed");
    }
}
