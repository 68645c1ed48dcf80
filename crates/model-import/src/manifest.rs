//! `footnote-model.json`: what a program must know about an imported model besides its graph.

use serde::{Deserialize, Serialize};

use crate::arch::Architecture;
use crate::import::{Operators, Profile};

/// File name of the manifest.
pub const MANIFEST_FILE: &str = "footnote-model.json";
/// File name of the tokenizer.
pub const TOKENIZER_FILE: &str = "tokenizer.json";
/// The graph input, int64 `[1]`, of a generator whose manifest has a
/// [`GeneratorManifest::original_context_length`]: 0 for sequences that stay within that length, and that length for
/// sequences that go beyond. It stays the same for all tokens of a sequence.
pub const ROPE_START: &str = "rope_start";
/// Version of the layout of imported folders. A folder of another version is imported again.
pub const FORMAT_VERSION: u32 = 3;

/// What an imported folder holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelManifest {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Version of this crate.
    pub importer_version: String,
    /// The graph's family.
    pub architecture: Architecture,
    /// Name from the source, if it gives one.
    pub name: Option<String>,
    /// The file the weights came from.
    pub source: SourceFile,
    /// Its terms, as the source states them; none if it does not, or if an earlier version imported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The type that most bytes of its weights are stored in, for instance `Q4_K` or `BF16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// What the model is for, with the numbers of that role.
    #[serde(flatten)]
    pub role: Role,
}

/// Identity of what was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// File name without folder; the folder's own name when a folder was imported.
    pub file_name: String,
    /// Size in bytes, of all files together.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal: of the file, or of a folder's files one after another, each
    /// preceded by its name and size.
    pub sha256: String,
}

/// Model roles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Role {
    /// Writes text.
    Generator(GeneratorManifest),
    /// Turns text into vectors.
    Embedder(EmbedderManifest),
    /// Scores a passage against a query by reading both.
    Reranker(RerankerManifest),
    /// Gives a text, or a pair of texts, probabilities of labels.
    Classifier(ClassifierManifest),
    /// Gives each token of a text probabilities of labels.
    #[serde(rename = "token-classifier")]
    TokenClassifier(ClassifierManifest),
}

impl Role {
    /// The role as the manifest spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Generator(_) => "generator",
            Self::Embedder(_) => "embedder",
            Self::Reranker(_) => "reranker",
            Self::Classifier(_) => "classifier",
            Self::TokenClassifier(_) => "token-classifier",
        }
    }
}

/// What a publisher applies to logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoreFunction {
    /// Nothing.
    Identity,
    /// `1 / (1 + e^-x)` to each: every label is judged by itself.
    Sigmoid,
    /// `e^x` over the sum of all: exactly one label holds.
    Softmax,
}

/// Numbers and token ids of a generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorManifest {
    /// How weights were mapped to operator forms.
    pub profile: Profile,
    /// Operators of its graph.
    #[serde(default)]
    pub operators: Operators,
    /// Decoder layers, hence cache pairs.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Elements per head.
    pub head_dim: usize,
    /// Longest sequence in tokens.
    pub context_length: usize,
    /// Where the model turns positions by other angles in long sequences (LongRoPE): the longest sequence of the
    /// short ones, in tokens. The graph then has the input [`ROPE_START`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_context_length: Option<usize>,
    /// Columns of the logits.
    pub vocab_size: usize,
    /// Token that begins a sequence, if the model has one.
    pub bos_token_id: Option<u32>,
    /// Whether the model expects that token in front. `tokenizer.json` never adds it.
    pub add_bos: bool,
    /// The end-of-sequence token.
    pub eos_token_id: Option<u32>,
    /// The end-of-turn token, if named.
    pub eot_token_id: Option<u32>,
    /// Every token that ends an answer, ascending.
    pub stop_token_ids: Vec<u32>,
    /// Padding token, if named.
    pub pad_token_id: Option<u32>,
    /// Chat template (Jinja), if the file carries one.
    pub chat_template: Option<String>,
}

/// Numbers of an embedder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbedderManifest {
    /// Length of a vector.
    pub dimension: usize,
    /// Longest input in tokens, special ones included.
    pub max_tokens: usize,
    /// Text put before a query.
    pub query_prefix: String,
    /// Text put before a passage.
    pub passage_prefix: String,
    /// Padding token.
    pub pad_token_id: u32,
    /// Whether vectors come with length one.
    pub normalized: bool,
    /// How weights were mapped to operator forms.
    #[serde(default)]
    pub profile: Profile,
}

/// Numbers of a reranker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RerankerManifest {
    /// What makes a score of the one logit.
    pub scores: ScoreFunction,
    /// Longest pair in tokens, special ones included.
    pub max_tokens: usize,
    /// Padding token.
    pub pad_token_id: u32,
    /// How weights were mapped to operator forms.
    pub profile: Profile,
}

/// Numbers of a classifier of texts or tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifierManifest {
    /// Labels in order of the logits.
    pub labels: Vec<String>,
    /// What makes probabilities of the logits.
    pub scores: ScoreFunction,
    /// Longest input in tokens, special ones included.
    pub max_tokens: usize,
    /// Padding token.
    pub pad_token_id: u32,
    /// How weights were mapped to operator forms.
    pub profile: Profile,
}
