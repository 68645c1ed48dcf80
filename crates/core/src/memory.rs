//! In-memory twins of the stores and fakes of the models, for tests of this and other crates.

mod ledger;
mod models;
mod store;
mod tables;

use std::sync::Arc;

use crate::engine::EngineParts;
use crate::retrieve::{CalibratedEmbedder, QueryEmbedders};

pub use ledger::MemoryLedger;
pub use models::{FakeEmbedder, FakeExtractor, FakeGenerator, FakeRecognizer, IMAGE};
pub use store::MemoryChunkStore;
pub use tables::PlainTables;

/// An engine of twins and fakes alone, to be changed where a test needs something else.
pub fn engine_parts() -> EngineParts {
    EngineParts {
        extractor: Arc::new(FakeExtractor::default()),
        embedders: QueryEmbedders {
            current: calibrated(Arc::new(FakeEmbedder::default())),
            earlier: Vec::new(),
        },
        generator: Some(Arc::new(FakeGenerator::default())),
        reranker: None,
        entailment: None,
        recognizer: None,
        tables: Arc::new(PlainTables),
        store: Arc::new(MemoryChunkStore::default()),
        ledger: Arc::new(MemoryLedger::default()),
        least_evidence: 0.3,
        trial_prompts: Default::default(),
    }
}

/// A fake embedder with the likeness that its vectors have.
pub fn calibrated(embedder: Arc<FakeEmbedder>) -> CalibratedEmbedder {
    CalibratedEmbedder {
        embedder,
        unrelated: 0.2,
        related: 0.8,
    }
}
