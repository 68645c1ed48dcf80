//! Looking before adding.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::error::{Error, Result};
use crate::ingest::{Plan, plan};
use crate::preflight::{Preflight, compare};

impl Engine {
    /// Says what adding these files and folders to a collection would do. `found` is told the number of files again
    /// and again while folders are looked through; it must not block.
    ///
    /// # Errors
    /// Canceled, or what the ledger says.
    pub async fn preflight(
        &self,
        paths: &[PathBuf],
        collection: &str,
        found: impl Fn(usize) + Send + 'static,
        cancel: &CancellationToken,
    ) -> Result<Preflight> {
        let planned = self.plan(paths, found, cancel).await?;
        let mut documents = self.documents().await?;
        documents.retain(|document| document.collection == collection);
        let paces = self.inner.parts.ledger.paces().await?;
        let (extractor, cancel) = (Arc::clone(&self.inner.parts.extractor), cancel.clone());
        tokio::task::spawn_blocking(move || compare(planned, &documents, &paces, extractor.as_ref(), &cancel))
            .await
            .map_err(|e| Error::bug(format!("comparing files stopped: {e}")))?
    }

    /// What there is to read under some paths.
    pub(super) async fn plan(
        &self,
        paths: &[PathBuf],
        found: impl Fn(usize) + Send + 'static,
        cancel: &CancellationToken,
    ) -> Result<Plan> {
        let (paths, extractor) = (paths.to_vec(), Arc::clone(&self.inner.parts.extractor));
        let stop = cancel.clone();
        let planned = tokio::task::spawn_blocking(move || {
            plan(&paths, extractor.as_ref(), &mut |files| {
                found(files);
                !stop.is_cancelled()
            })
        })
        .await
        .map_err(|e| Error::bug(format!("looking through the folders stopped: {e}")))?;
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        Ok(planned)
    }
}
