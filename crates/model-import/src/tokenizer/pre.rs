//! How byte-level vocabularies cut text before merging, by `tokenizer.ggml.pre`.
//!
//! The file has only the name; the expressions are those of the models' own `tokenizer.json`, as noted in
//! `llama-vocab.cpp` of llama.cpp. A wrong expression gives wrong ids without any error, so unknown names
//! are refused.

use serde_json::{Value as Json, json};

const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Names [`PreTokenizer::from_name`] knows, for error hints.
pub(super) const SUPPORTED: &str = "qwen2, deepseek-r1-qwen, stablelm2, megrez, llama-bpe, llama3, llama-v3, falcon3, pixtral, dbrx, smaug-bpe, \
     gpt-2, phi-2, smollm, starcoder, refact, command-r, tekken, gpt-4o, llama4";

/// How text is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PreTokenizer {
    Qwen2,
    /// Llama 3: words that are tokens are taken before merging.
    Llama3,
    /// GPT-4's expression, the same as Llama 3's, merged throughout.
    Cl100k,
    Gpt2,
    /// GPT-2's expression after every digit was set apart.
    SingleDigits,
    Tekken,
    Gpt4o,
}

impl PreTokenizer {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "qwen2" | "deepseek-r1-qwen" | "stablelm2" | "megrez" => Self::Qwen2,
            "llama-bpe" | "llama3" | "llama-v3" | "falcon3" | "pixtral" => Self::Llama3,
            "dbrx" | "smaug-bpe" => Self::Cl100k,
            "gpt-2" | "phi-2" => Self::Gpt2,
            "smollm" | "starcoder" | "refact" | "command-r" => Self::SingleDigits,
            "tekken" => Self::Tekken,
            "gpt-4o" | "llama4" => Self::Gpt4o,
            _ => return None,
        })
    }

    /// Steps of a `tokenizer.json` pre-tokenizer, without the final mapping to bytes.
    pub(super) fn steps(self) -> Vec<Json> {
        let split = |regex: &str| json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false});
        match self {
            Self::Qwen2 => vec![split(QWEN2)],
            Self::Llama3 | Self::Cl100k => vec![split(LLAMA3)],
            Self::Gpt2 => vec![split(GPT2)],
            Self::SingleDigits => vec![json!({"type": "Digits", "individual_digits": true}), split(GPT2)],
            Self::Tekken => vec![split(TEKKEN)],
            Self::Gpt4o => vec![split(GPT4O)],
        }
    }

    pub(super) fn normalizer(self) -> Json {
        match self {
            Self::Qwen2 => json!({"type": "NFC"}),
            _ => Json::Null,
        }
    }

    /// Whether a word that is a token as a whole is taken before merging.
    pub(super) fn ignores_merges(self) -> bool {
        matches!(self, Self::Llama3 | Self::Tekken)
    }

    /// Whether the model expects its first token when the file does not say so.
    pub(super) fn adds_bos(self) -> bool {
        matches!(self, Self::Llama3 | Self::Tekken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_supported_name_is_known_and_others_are_not() {
        for name in SUPPORTED.split(", ") {
            assert!(PreTokenizer::from_name(name).is_some(), "{name}");
        }
        for name in ["default", "", "qwen3-next"] {
            assert_eq!(PreTokenizer::from_name(name), None);
        }
    }
}
