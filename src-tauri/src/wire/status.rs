//! The engine's state, its models, and their download.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use super::{ErrorView, ProviderAttempt};

/// Whether the engine can work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// Being put together.
    Starting,
    /// Models have to be fetched first.
    NeedsModels,
    /// At work.
    Ready,
    /// Cannot be put together; the error says why.
    Failed,
}

/// How much of a model there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// Nothing on disk.
    Missing,
    /// Some of it; fetching goes on from there.
    Partial,
    /// On disk and verified.
    Present,
    /// On its way into memory.
    Loading,
    /// In use.
    Loaded,
    /// What is on disk is not the model.
    Failed,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelStatus {
    /// Catalog id.
    pub id: String,
    /// For example `embedder`.
    pub role: String,
    /// For people.
    pub name: String,
    /// Size of its files.
    pub bytes: u64,
    /// Where it stands.
    pub state: ModelState,
    /// Its terms.
    pub licence: String,
}

/// What the models run on.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderStatus {
    /// For example `CPU`; empty until the engine is up.
    pub name: String,
    /// Faster ones that are not used.
    pub refused: Vec<ProviderAttempt>,
}

/// The engine as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EngineStatus {
    /// Whether it can work.
    pub state: EngineState,
    /// Why it cannot.
    pub error: Option<ErrorView>,
    /// The models it uses.
    pub models: Vec<ModelStatus>,
    /// What they run on.
    pub provider: ProviderStatus,
    /// Where everything is kept.
    pub data_dir: String,
    /// This program's version.
    pub version: String,
}

/// Progress of a download. `done` and `total` are bytes of the whole model.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FetchEvent {
    /// Model id.
    pub model: String,
    /// The file at hand.
    pub file: String,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// Smoothed rate.
    #[specta(type = Number)]
    pub bytes_per_second: f64,
    /// Whether what arrived is being checked against its hash.
    pub checking: bool,
}

/// The engine's state changed.
#[derive(Clone, Debug, PartialEq, Serialize, Type, tauri_specta::Event)]
pub struct StatusChanged(pub EngineStatus);

// The event macro wants a type that can be read too; nobody sends this one to us.
impl<'de> Deserialize<'de> for StatusChanged {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("this event is only sent to the window"))
    }
}

/// A later start was told to show something; `take_arrivals` says what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct Arrived;

/// What starts of the program were told to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Arrivals {
    /// Files and folders, in full.
    pub paths: Vec<String>,
    /// Links to places in documents, as they were given.
    pub links: Vec<String>,
}

/// The window is to be closed while files are being read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct QuitAsked {
    /// Files at work or in line.
    pub waiting: u32,
}
