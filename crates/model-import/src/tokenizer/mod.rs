//! `tokenizer.json` rebuilt from GGUF metadata.
//!
//! Byte-level BPE (`tokenizer.ggml.model = gpt2`, see [`pre`]) and SentencePiece BPE (`llama`, see [`spm`]).

mod pre;
mod spm;

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::arch::Architecture;
use crate::error::ImportError;
use crate::gguf::{Array, GgufFile, Value};
use pre::PreTokenizer;

const MODEL_KEY: &str = "tokenizer.ggml.model";
const PRE_KEY: &str = "tokenizer.ggml.pre";
const TOKENS_KEY: &str = "tokenizer.ggml.tokens";
const TYPES_KEY: &str = "tokenizer.ggml.token_type";
const MERGES_KEY: &str = "tokenizer.ggml.merges";
const SCORES_KEY: &str = "tokenizer.ggml.scores";
const SPACE_PREFIX_KEY: &str = "tokenizer.ggml.add_space_prefix";
const UNKNOWN_KEY: &str = "tokenizer.ggml.unknown_token_id";
const ADD_BOS_KEY: &str = "tokenizer.ggml.add_bos_token";

/// Special tokens of Phi-3 that leave the white space after them alone.
const PLAIN_SPECIAL: [&str; 3] = ["<unk>", "<s>", "<|endoftext|>"];

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

/// Whether a special token of that text ends an answer.
pub(crate) fn ends_answer(text: &str) -> bool {
    END_TEXTS.contains(&text)
}

/// `tokenizer.ggml.token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Normal,
    Unknown,
    Special,
    UserDefined,
    Unused,
    Byte,
}

impl TokenKind {
    fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::Normal,
            2 => Self::Unknown,
            3 => Self::Special,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => return None,
        })
    }
}

/// How words become tokens.
enum Model<'a> {
    ByteLevel {
        pre: PreTokenizer,
    },
    SentencePiece {
        space_prefix: bool,
        unknown: Option<&'a str>,
        /// Special tokens take the white space after them along.
        strips_after_special: bool,
    },
}

/// The vocabulary of a GGUF file, checked.
pub(crate) struct Vocabulary<'a> {
    model: Model<'a>,
    tokens: &'a [String],
    kinds: Vec<TokenKind>,
    merges: Vec<(&'a str, &'a str)>,
    adds_bos: bool,
}

impl<'a> Vocabulary<'a> {
    pub(crate) fn read(file: &'a GgufFile, architecture: Architecture) -> Result<Self, ImportError> {
        let unsupported = |key: &str, value: &str, supported| ImportError::Unsupported {
            path: file.path().into(),
            key: key.into(),
            value: value.into(),
            supported,
        };
        let tokens = file.strings(TOKENS_KEY)?;
        if tokens.len() > u32::MAX as usize {
            return Err(malformed(
                file,
                format!("{TOKENS_KEY} has {} items", tokens.len()),
            ));
        }
        let mut seen = HashSet::with_capacity(tokens.len());
        if let Some(twice) = tokens.iter().find(|token| !seen.insert(token.as_str())) {
            return Err(malformed(file, format!("{TOKENS_KEY} has {twice:?} twice")));
        }
        let kinds = read_kinds(file, tokens.len())?;
        let (model, merges) = match file.str(MODEL_KEY)? {
            "gpt2" => {
                let name = file.str(PRE_KEY)?;
                let pre = PreTokenizer::from_name(name)
                    .ok_or_else(|| unsupported(PRE_KEY, name, pre::SUPPORTED))?;
                (Model::ByteLevel { pre }, read_merges(file, &seen)?)
            }
            "llama" => {
                let unknown = match file.get(UNKNOWN_KEY) {
                    None => None,
                    Some(_) => tokens.get(file.uint(UNKNOWN_KEY)? as usize),
                };
                let model = Model::SentencePiece {
                    space_prefix: flag(file, SPACE_PREFIX_KEY).unwrap_or(true),
                    unknown: unknown.map(String::as_str),
                    // As in Phi-3's own tokenizer; the file does not say it.
                    strips_after_special: architecture == Architecture::Phi3,
                };
                let scores = read_scores(file, tokens.len())?;
                let pieces = tokens.iter().zip(0..).zip(scores).zip(&kinds);
                let pieces: Vec<_> = pieces
                    .filter(|(_, kind)| **kind == TokenKind::Normal)
                    .map(|(((text, id), score), _)| (text.as_str(), id, *score))
                    .collect();
                if let Some((text, ..)) = pieces.iter().find(|piece| piece.0.len() > spm::LONGEST) {
                    let what = format!("{TOKENS_KEY} has a token of {} bytes", text.len());
                    return Err(malformed(file, what));
                }
                (model, spm::merges(&pieces))
            }
            other => {
                let supported = "gpt2 (byte-level BPE), llama (SentencePiece BPE)";
                return Err(unsupported(MODEL_KEY, other, supported));
            }
        };
        let usual = match &model {
            Model::ByteLevel { pre } => pre.adds_bos(),
            Model::SentencePiece { .. } => true,
        };
        Ok(Self {
            model,
            tokens,
            kinds,
            merges,
            adds_bos: flag(file, ADD_BOS_KEY).unwrap_or(usual),
        })
    }

    /// Whether a sequence begins with the model's first token.
    pub(crate) fn adds_bos(&self) -> bool {
        self.adds_bos
    }

    /// Ids of the special tokens whose text ends an answer.
    pub(crate) fn end_tokens(&self) -> Vec<u32> {
        let tokens = self.tokens.iter().zip(&self.kinds).zip(0..);
        tokens
            .filter(|((text, kind), _)| {
                matches!(kind, TokenKind::Special | TokenKind::UserDefined) && ends_answer(text)
            })
            .map(|(_, id)| id)
            .collect()
    }

    /// The tokenizer in the Hugging Face format. It adds no tokens around a text.
    pub(crate) fn tokenizer_json(&self) -> String {
        let strips = matches!(
            self.model,
            Model::SentencePiece {
                strips_after_special: true,
                ..
            }
        );
        let mut vocab = Map::new();
        let mut added = Vec::new();
        for ((text, kind), id) in self.tokens.iter().zip(&self.kinds).zip(0u32..) {
            if *kind != TokenKind::Unused {
                // Special tokens are listed in the model too: only that pins their ids.
                vocab.insert(text.clone(), id.into());
            }
            let special = matches!(kind, TokenKind::Special | TokenKind::Unknown);
            if special || *kind == TokenKind::UserDefined {
                let strip = strips && special && !PLAIN_SPECIAL.contains(&text.as_str());
                added.push(json!({
                    "id": id, "content": text, "single_word": false, "lstrip": false, "rstrip": strip,
                    "normalized": false, "special": special,
                }));
            }
        }
        let (normalizer, pre_tokenizer, post_processor, decoder, unknown, ignores_merges) = match self.model {
            Model::ByteLevel { pre } => {
                let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false});
                let mut steps = pre.steps();
                steps.push(byte_level.clone());
                let steps = json!({"type": "Sequence", "pretokenizers": steps});
                let (normalizer, ignores) = (pre.normalizer(), pre.ignores_merges());
                (normalizer, steps, byte_level.clone(), byte_level, None, ignores)
            }
            Model::SentencePiece {
                space_prefix,
                unknown,
                ..
            } => {
                let (normalizer, decoder) = (spm::normalizer(space_prefix), spm::decoder(space_prefix));
                (normalizer, Json::Null, Json::Null, decoder, unknown, false)
            }
        };
        let sentence_piece = matches!(self.model, Model::SentencePiece { .. });
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": post_processor,
            "decoder": decoder,
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": unknown,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": sentence_piece,
                "byte_fallback": sentence_piece,
                "ignore_merges": ignores_merges,
                "vocab": vocab,
                "merges": self.merges,
            },
        })
        .to_string()
    }
}

fn malformed(file: &GgufFile, what: String) -> ImportError {
    ImportError::Malformed {
        path: file.path().into(),
        format: "GGUF",
        what,
    }
}

fn flag(file: &GgufFile, key: &str) -> Option<bool> {
    file.get(key).and_then(Value::as_bool)
}

fn read_kinds(file: &GgufFile, tokens: usize) -> Result<Vec<TokenKind>, ImportError> {
    let types = file.ints(TYPES_KEY)?;
    if types.len() != tokens {
        let counts = format!("{} for {tokens} tokens", types.len());
        return Err(malformed(file, format!("{TYPES_KEY} has {counts}")));
    }
    let kinds = types.iter().map(|number| {
        TokenKind::from_number(*number).ok_or_else(|| ImportError::Unsupported {
            path: file.path().into(),
            key: TYPES_KEY.into(),
            value: number.to_string(),
            supported: "1 (normal), 2 (unknown), 3 (control), 4 (user defined), 5 (unused), 6 (byte)",
        })
    });
    kinds.collect()
}

fn read_scores(file: &GgufFile, tokens: usize) -> Result<&[f32], ImportError> {
    match file.get(SCORES_KEY) {
        Some(Value::Array(Array::F32(scores))) if scores.len() == tokens => Ok(scores),
        found => Err(ImportError::Metadata {
            path: file.path().into(),
            key: SCORES_KEY.into(),
            found: found.map_or_else(|| "absent".into(), |value| value.kind().into()),
            expected: format!("an array of {tokens} numbers"),
        }),
    }
}

fn read_merges<'a>(
    file: &'a GgufFile,
    known: &HashSet<&str>,
) -> Result<Vec<(&'a str, &'a str)>, ImportError> {
    let mut merges = Vec::new();
    for merge in file.strings(MERGES_KEY)? {
        let pair = merge.split_once(' ').filter(|(left, right)| {
            let joined = [*left, *right].concat();
            known.contains(left) && known.contains(right) && known.contains(joined.as_str())
        });
        let pair = pair
            .ok_or_else(|| malformed(file, format!("{MERGES_KEY} has {merge:?}, which joins no tokens")))?;
        merges.push(pair);
    }
    Ok(merges)
}
