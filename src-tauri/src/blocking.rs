//! Work that blocks, off the threads that must not.

use footnote_core::{Error, Result};

/// Runs `work` on a thread of its own.
///
/// # Errors
/// Those of `work`; a bug if it panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug(format!("work in the background stopped: {e}")))?
}
