//! Model architectures: a file's metadata to a configuration, configuration to graph.

mod config;
mod decoder;
mod folder;
mod folder_config;
mod forms;
mod gguf;
mod gguf_config;
mod rope;
mod weights;

use crate::error::ImportError;
use crate::gguf::GgufFile;
pub(crate) use config::DecoderConfig;
pub(crate) use decoder::build as build_decoder;
pub(crate) use folder::FolderWeights;
pub(crate) use gguf::GgufWeights;

/// Architectures this importer can build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Llama 1 to 3, Mistral, TinyLlama, SmolLM and SmolLM2.
    Llama,
    /// SmolLM3: Llama with every fourth layer without positions.
    Smollm3,
    /// Qwen2 and Qwen2.5, Coder included.
    Qwen2,
    /// Qwen3, dense.
    Qwen3,
    /// Gemma 2.
    Gemma2,
    /// Gemma 3, text.
    Gemma3,
    /// Phi-3, Phi-3.5 and Phi-4, mini included.
    Phi3,
    /// BERT encoders, and multilingual-e5-small from the second importer.
    Bert,
    /// RoBERTa and CamemBERT encoders.
    Roberta,
    /// XLM-RoBERTa encoders.
    XlmRoberta,
    /// MPNet encoders.
    Mpnet,
    /// ModernBERT encoders.
    ModernBert,
}

/// Metadata key that names the architecture.
const KEY: &str = "general.architecture";
/// Values of that key which [`Architecture::of`] takes.
const DECODERS: &str = "llama, smollm3, qwen2, qwen3, gemma2, gemma3, phi3";

impl Architecture {
    /// The architecture a GGUF file declares.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] naming key and value when there is no graph for it.
    pub fn of(file: &GgufFile) -> Result<Self, ImportError> {
        let decoders = [
            Self::Llama,
            Self::Smollm3,
            Self::Qwen2,
            Self::Qwen3,
            Self::Gemma2,
            Self::Gemma3,
            Self::Phi3,
        ];
        let name = file.str(KEY)?;
        let found = decoders.into_iter().find(|decoder| decoder.prefix() == name);
        found.ok_or_else(|| ImportError::Unsupported {
            path: file.path().into(),
            key: KEY.into(),
            value: name.into(),
            supported: DECODERS,
        })
    }

    /// The prefix of the architecture's own metadata keys.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Smollm3 => "smollm3",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma2 => "gemma2",
            Self::Gemma3 => "gemma3",
            Self::Phi3 => "phi3",
            Self::Bert => "bert",
            Self::Roberta => "roberta",
            Self::XlmRoberta => "xlm-roberta",
            Self::Mpnet => "mpnet",
            Self::ModernBert => "modernbert",
        }
    }
}
