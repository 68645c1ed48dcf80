//! In-memory twins of the stores and fakes of the models, for tests of this and other crates.

mod ledger;
mod models;
mod store;

pub use ledger::MemoryLedger;
pub use models::{FakeEmbedder, FakeExtractor, FakeGenerator, FakeRecognizer, IMAGE};
pub use store::MemoryChunkStore;
