//! The page of models: what there is, what this machine can carry, and what is being done about it.

use footnote_core::measure;
use footnote_onnx::Attempt;
use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

use super::{ErrorView, ModelState, mirror_tagged};

/// Whether a machine's memory carries a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// With room for other programs.
    Fits,
    /// Other programs may become slow.
    Tight,
    /// It does not.
    TooLarge,
    /// The system does not say how much memory there is.
    Unknown,
}

/// How fast a model is here; see the engine's `measure`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "role", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ModelSpeed {
    /// Turning texts into vectors.
    Embedder {
        /// Texts of about the length of a chunk.
        #[specta(type = Number)]
        texts_per_second: f64,
    },
    /// Answering.
    Generator {
        /// Tokens of the prompt.
        #[specta(type = Number)]
        prompt_tokens_per_second: f64,
        /// Tokens of the answer.
        #[specta(type = Number)]
        tokens_per_second: f64,
        /// From a question over about a thousand tokens to the first word.
        #[specta(type = Number)]
        first_token_ms: f64,
    },
    /// Ordering passages.
    Reranker {
        /// Passages of about the length of a chunk.
        #[specta(type = Number)]
        passages_per_second: f64,
    },
    /// Checking sentences.
    Grounder {
        /// Sentences of an answer.
        #[specta(type = Number)]
        sentences_per_second: f64,
    },
}

impl From<measure::Speed> for ModelSpeed {
    fn from(speed: measure::Speed) -> Self {
        match speed {
            measure::Speed::Embedder { texts_per_second, .. } => Self::Embedder { texts_per_second },
            measure::Speed::Generator {
                prompt_tokens_per_second,
                tokens_per_second,
                first_token_ms,
                ..
            } => Self::Generator {
                prompt_tokens_per_second,
                tokens_per_second,
                first_token_ms,
            },
            measure::Speed::Reranker { passages_per_second } => Self::Reranker { passages_per_second },
            measure::Speed::Grounder { sentences_per_second } => Self::Grounder { sentences_per_second },
        }
    }
}

/// What an import found out about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportedModel {
    /// For example `qwen2`.
    pub architecture: String,
    /// The type its weights were stored in; none if an earlier version imported it.
    pub weights: Option<String>,
    /// `exact` or `fast`.
    pub profile: String,
    /// The file or folder it was made from.
    pub source: String,
    /// What a classifier tells; empty for others.
    pub labels: Vec<String>,
}

/// One model of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelCard {
    /// Catalog id, or `imported/` and a folder's name.
    pub id: String,
    /// For example `embedder`.
    pub role: String,
    /// For people.
    pub name: String,
    /// Who made it, if known.
    pub author: Option<String>,
    /// Its terms, if known: an SPDX id or a name.
    pub licence: Option<String>,
    /// Where it is fetched from, in the order of trying; empty for an imported one.
    pub sources: Vec<String>,
    /// Languages it understands, in words, if known.
    pub languages: Option<String>,
    /// What else is worth knowing.
    pub notes: String,
    /// Longest sequence in tokens, if known.
    pub context: Option<u32>,
    /// Bytes: of its download, or of its folder if it was imported.
    pub bytes: u64,
    /// Bytes on disk now, with what was made of it.
    pub on_disk: u64,
    /// Bytes of memory it takes while it works.
    pub memory: u64,
    /// Whether this machine carries that.
    pub fit: Fit,
    /// Where it stands.
    pub state: ModelState,
    /// Whether it does its role's work now.
    pub in_use: bool,
    /// Whether it is what Footnote takes here by itself.
    pub recommended: bool,
    /// Whether it did its role's work before, and one can go back to it.
    pub before: bool,
    /// Whether Footnote can put it to work.
    pub usable: bool,
    /// Set for an imported one.
    pub imported: Option<ImportedModel>,
    /// As measured here, if it was.
    pub speed: Option<ModelSpeed>,
    /// What is wrong with it, if something is.
    pub error: Option<ErrorView>,
}

mirror_tagged!(
    /// Why a provider is not used; see the type `Lack` of the crate that models run on.
    ProviderLack of footnote_onnx::Lack, "lack" {
        SwitchedOff,
        NotInLibrary,
        NoVulkan,
        NoGraphics,
        LibraryNotLoaded { detail: String },
        Wrong,
        Failed { detail: String },
    }
);

/// A provider that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderAttempt {
    /// For example `CUDA`.
    pub name: String,
    /// Why it is not used, in English; none if it computes what it should.
    pub reason: Option<String>,
    /// The same by name, where it has one.
    pub lack: Option<ProviderLack>,
}

impl From<Attempt> for ProviderAttempt {
    fn from(value: Attempt) -> Self {
        Self {
            name: value.provider.label().to_owned(),
            reason: value.reason,
            lack: value.lack.map(Into::into),
        }
    }
}

/// What the models run on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// The one in use.
    pub name: String,
    /// All that were tried, fastest first.
    pub attempts: Vec<ProviderAttempt>,
    /// Version of ONNX Runtime.
    pub version: String,
    /// Threads that the models share.
    pub threads: u32,
}

/// Memory and disk, in bytes; none where the system does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Memory of the machine.
    pub memory: Option<u64>,
    /// What programs could still take of it.
    pub memory_free: Option<u64>,
    /// What this program holds.
    pub memory_used: Option<u64>,
    /// Free on the disk with the models.
    pub disk_free: Option<u64>,
    /// Where the models are kept.
    pub folder: String,
}

/// A model that was to be used and could not be.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelFailure {
    /// Its name.
    pub name: String,
    /// For example `generator`.
    pub role: String,
    /// Why.
    pub error: ErrorView,
    /// Name of the one that works in its place; none if none does.
    pub instead: Option<String>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelsView {
    /// All models that are known or here, in the catalog's order, imported ones last.
    pub models: Vec<ModelCard>,
    /// What they have room in.
    pub room: Room,
    /// What they run on; none until the engine is up.
    pub provider: Option<ProviderView>,
    /// The last one that could not be used.
    pub failure: Option<ModelFailure>,
    /// Roles whose model was named when Footnote was started, and cannot be chosen here.
    pub fixed: Vec<String>,
}

/// A stage of work on a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ModelStep {
    /// Reading the file through.
    Hashing,
    /// Converting its weights.
    Converting,
    /// Making tokenizer and graph, and moving them into place.
    Finishing,
    /// Seeing whether it computes.
    Proving,
    /// Finding out how fast it is.
    Measuring,
    /// Putting it in the place of the one before.
    Switching,
}

/// Progress of work on a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelEvent {
    /// What is being done.
    pub step: ModelStep,
    /// Bytes done; 0 where nothing is counted.
    pub done: u64,
    /// Bytes in all; 0 where nothing is counted.
    pub total: u64,
}

/// What another embedder would cost.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EmbedderCost {
    /// Documents to be read anew.
    pub documents: u32,
    /// About how long their vectors take.
    #[specta(type = Number)]
    pub seconds: f64,
}
