//! Model architectures: metadata to configuration, configuration to graph.

mod decoder;
mod qwen2;

use crate::error::ImportError;
use crate::gguf::GgufFile;
use crate::graph::GraphBuilder;
use crate::import::Profile;
use crate::progress::Reporter;
pub(crate) use decoder::DecoderConfig;

/// Architectures this importer can build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Qwen2 and Qwen2.5, Coder included.
    Qwen2,
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

impl Architecture {
    /// The architecture a GGUF file declares.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] naming key and value when there is no graph for it.
    pub fn of(file: &GgufFile) -> Result<Self, ImportError> {
        match file.str(KEY)? {
            "qwen2" => Ok(Self::Qwen2),
            other => Err(ImportError::Unsupported {
                path: file.path().into(),
                key: KEY.into(),
                value: other.into(),
                supported: "qwen2",
            }),
        }
    }

    /// The prefix of the architecture's own metadata keys.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Qwen2 => "qwen2",
            Self::Bert => "bert",
            Self::Roberta => "roberta",
            Self::XlmRoberta => "xlm-roberta",
            Self::Mpnet => "mpnet",
            Self::ModernBert => "modernbert",
        }
    }

    /// Streams the weights and builds the graph.
    pub(crate) fn build(
        self,
        file: &GgufFile,
        config: &DecoderConfig,
        profile: Profile,
        graph: &mut GraphBuilder,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        match self {
            Self::Qwen2 => qwen2::build(file, config, profile, graph, reporter),
            encoder => Err(ImportError::Unsupported {
                path: file.path().into(),
                key: KEY.into(),
                value: encoder.prefix().into(),
                supported: "qwen2",
            }),
        }
    }
}
