//! What there is, counted: for diagnostics.

use std::collections::BTreeMap;

use super::Engine;
use crate::diagnostics::{Census, Tally};
use crate::error::Result;
use crate::types::JobStatus;

impl Engine {
    /// Counts documents, jobs, folders and conversations, and looks over both stores. It reads every row of the index,
    /// and names nothing.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn census(&self) -> Result<Census> {
        let parts = &self.inner.parts;
        let mut census = Census {
            spec: Some(self.inner.spec.clone()),
            paused: self.is_paused(),
            ..Census::default()
        };
        for document in self.documents().await? {
            let tally = census.documents.entry(document.media_type.clone()).or_default();
            *tally += Tally {
                documents: 1,
                searchable: u64::from(document.revision.is_some()),
                with_gaps: u64::from(document.searchable_pages < document.pages),
                with_warnings: u64::from(!document.warnings.is_empty()),
                pages: u64::from(document.pages),
                unread_images: u64::from(document.unread_images),
                chunks: u64::from(document.chunks),
                bytes: document.bytes,
            };
        }
        let mut failed: BTreeMap<String, u64> = BTreeMap::new();
        for job in parts.ledger.jobs(false).await? {
            let status = word(&job.status);
            *census.jobs.entry(status).or_default() += 1;
            if job.status == JobStatus::Failed {
                let class = job.error.as_ref().map_or("unknown", |error| error.class());
                let kind = parts
                    .extractor
                    .kind(&job.path)
                    .map_or("other".into(), |kind| word(&kind));
                *failed
                    .entry(format!("{kind}, {}: {class}", word(&job.step)))
                    .or_default() += 1;
            }
        }
        census.failed = failed;
        for folder in self.watched_folders().await? {
            *census.folders.entry(word(&folder.state)).or_default() += 1;
        }
        for conversation in parts.ledger.conversations().await? {
            census.conversations += 1;
            census.turns += u64::from(conversation.turns);
        }
        census.cases = parts.ledger.cases().await?.len() as u64;
        let health = self.store_health().await?;
        census.rows = health.rows;
        census.unindexed_rows = health.unindexed_rows;
        census.index_bytes = health.bytes;
        census.index_faults = health.faults.len() as u64;
        census.register_faults = self.ledger_faults().await?.len() as u64;
        Ok(census)
    }
}

/// The name of a member of a closed set, as it is written everywhere.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "unknown".into(),
    }
}
