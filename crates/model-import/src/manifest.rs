//! `footnote-model.json`: what a program must know about an imported model besides its graph.

use serde::{Deserialize, Serialize};

use crate::arch::Architecture;
use crate::import::Profile;

/// File name of the manifest.
pub const MANIFEST_FILE: &str = "footnote-model.json";
/// File name of the tokenizer.
pub const TOKENIZER_FILE: &str = "tokenizer.json";
/// Version of the layout of imported folders. A folder of another version is imported again.
pub const FORMAT_VERSION: u32 = 1;

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
    /// What the model is for, with the numbers of that role.
    #[serde(flatten)]
    pub role: Role,
}

/// Identity of the imported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// File name without folder.
    pub file_name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
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
}

/// Numbers and token ids of a generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorManifest {
    /// How weights were mapped to operator forms.
    pub profile: Profile,
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
}
