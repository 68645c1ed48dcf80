//! `tokenizer.json` rebuilt from GGUF metadata.
//!
//! Only byte-level BPE (`tokenizer.ggml.model = gpt2`) so far. How text is cut before merging is not in the
//! file but implied by the name `tokenizer.ggml.pre`; the expressions are those of the models' own
//! tokenizers. A name that is not known is refused: a wrong expression gives wrong ids without any error.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::error::ImportError;
use crate::gguf::GgufFile;

const MODEL_KEY: &str = "tokenizer.ggml.model";
const PRE_KEY: &str = "tokenizer.ggml.pre";
const TOKENS_KEY: &str = "tokenizer.ggml.tokens";
const TYPES_KEY: &str = "tokenizer.ggml.token_type";
const MERGES_KEY: &str = "tokenizer.ggml.merges";

const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// Texts that end an answer in the model families at hand; a model may have several of them.
const END_TEXTS: [&str; 7] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "</s>",
];

/// How text is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PreTokenizer {
    Qwen2,
    Llama3,
    Gpt2,
    Smollm,
}

impl PreTokenizer {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "qwen2" | "deepseek-r1-qwen" => Self::Qwen2,
            "llama-bpe" | "llama3" | "llama-v3" => Self::Llama3,
            "gpt-2" => Self::Gpt2,
            "smollm" => Self::Smollm,
            _ => return None,
        })
    }

    fn steps(self) -> Vec<Json> {
        let split = |regex: &str| json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false});
        match self {
            Self::Qwen2 => vec![split(QWEN2)],
            Self::Llama3 => vec![split(LLAMA3)],
            Self::Gpt2 => vec![split(GPT2)],
            Self::Smollm => vec![json!({"type": "Digits", "individual_digits": true}), split(GPT2)],
        }
    }

    fn normalizer(self) -> Json {
        match self {
            Self::Qwen2 => json!({"type": "NFC"}),
            Self::Llama3 | Self::Gpt2 | Self::Smollm => Json::Null,
        }
    }

    /// Whether a word that is a token as a whole is taken before merging.
    fn ignores_merges(self) -> bool {
        self == Self::Llama3
    }
}

/// `tokenizer.ggml.token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Normal,
    Special,
    UserDefined,
    Unused,
}

/// The vocabulary of a GGUF file, checked.
pub(crate) struct Vocabulary<'a> {
    pre: PreTokenizer,
    tokens: &'a [String],
    kinds: Vec<TokenKind>,
    merges: Vec<(&'a str, &'a str)>,
}

impl<'a> Vocabulary<'a> {
    pub(crate) fn read(file: &'a GgufFile) -> Result<Self, ImportError> {
        let unsupported = |key: &str, value: &str, supported| ImportError::Unsupported {
            path: file.path().into(),
            key: key.into(),
            value: value.into(),
            supported,
        };
        let malformed = |what: String| ImportError::Malformed {
            path: file.path().into(),
            format: "GGUF",
            what,
        };
        let model = file.str(MODEL_KEY)?;
        if model != "gpt2" {
            return Err(unsupported(MODEL_KEY, model, "gpt2 (byte-level BPE)"));
        }
        let name = file.str(PRE_KEY)?;
        let pre = PreTokenizer::from_name(name)
            .ok_or_else(|| unsupported(PRE_KEY, name, "qwen2, deepseek-r1-qwen, llama-bpe, gpt-2, smollm"))?;

        let tokens = file.strings(TOKENS_KEY)?;
        if tokens.len() > u32::MAX as usize {
            return Err(malformed(format!("{TOKENS_KEY} has {} items", tokens.len())));
        }
        let mut seen = HashSet::with_capacity(tokens.len());
        if let Some(twice) = tokens.iter().find(|token| !seen.insert(token.as_str())) {
            return Err(malformed(format!("{TOKENS_KEY} has {twice:?} twice")));
        }
        let types = file.ints(TYPES_KEY)?;
        if types.len() != tokens.len() {
            let counts = format!("{} for {} tokens", types.len(), tokens.len());
            return Err(malformed(format!("{TYPES_KEY} has {counts}")));
        }
        let mut kinds = Vec::with_capacity(types.len());
        for kind in types {
            kinds.push(match kind {
                1 => TokenKind::Normal,
                3 => TokenKind::Special,
                4 => TokenKind::UserDefined,
                5 => TokenKind::Unused,
                other => {
                    return Err(unsupported(
                        TYPES_KEY,
                        &other.to_string(),
                        "1 (normal), 3 (control), 4 (user defined), 5 (unused) in byte-level vocabularies",
                    ));
                }
            });
        }
        let mut merges = Vec::new();
        for merge in file.strings(MERGES_KEY)? {
            let pair = merge.split_once(' ').filter(|(left, right)| {
                let joined = [*left, *right].concat();
                seen.contains(left) && seen.contains(right) && seen.contains(joined.as_str())
            });
            let pair =
                pair.ok_or_else(|| malformed(format!("{MERGES_KEY} has {merge:?}, which joins no tokens")))?;
            merges.push(pair);
        }
        Ok(Self {
            pre,
            tokens,
            kinds,
            merges,
        })
    }

    /// Ids of the special tokens whose text ends an answer.
    pub(crate) fn end_tokens(&self) -> Vec<u32> {
        let tokens = self.tokens.iter().zip(&self.kinds).zip(0..);
        tokens
            .filter(|((text, kind), _)| {
                matches!(kind, TokenKind::Special | TokenKind::UserDefined)
                    && END_TEXTS.contains(&text.as_str())
            })
            .map(|(_, id)| id)
            .collect()
    }

    /// The tokenizer in the Hugging Face format. It adds no tokens around a text.
    pub(crate) fn tokenizer_json(&self) -> String {
        let mut vocab = Map::new();
        let mut added = Vec::new();
        for ((text, kind), id) in self.tokens.iter().zip(&self.kinds).zip(0u32..) {
            if *kind != TokenKind::Unused {
                // Special tokens are listed in the model too: only that pins their ids.
                vocab.insert(text.clone(), id.into());
            }
            if matches!(kind, TokenKind::Special | TokenKind::UserDefined) {
                added.push(json!({
                    "id": id, "content": text, "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": *kind == TokenKind::Special,
                }));
            }
        }
        let byte_level = |trim: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": trim, "use_regex": false});
        let mut steps = self.pre.steps();
        steps.push(byte_level(false));
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": self.pre.normalizer(),
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
            "post_processor": byte_level(false),
            "decoder": byte_level(false),
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": self.pre.ignores_merges(),
                "vocab": vocab,
                "merges": self.merges,
            },
        })
        .to_string()
    }
}
