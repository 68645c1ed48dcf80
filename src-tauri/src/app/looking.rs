//! Looking before adding.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use footnote_core::Result;
use footnote_core::preflight::Preflight;

use super::{App, locked};

/// The count moves faster than a person reads.
const COUNT_EVERY: Duration = Duration::from_millis(100);

impl App {
    /// Says what adding these to a collection would do. `found` is told the number of files found so far, now and then.
    ///
    /// # Errors
    /// Canceled, the engine is not up, or what the ledger says.
    pub(crate) async fn look_through(
        &self,
        paths: Vec<PathBuf>,
        collection: &str,
        found: impl Fn(u32) + Send + 'static,
    ) -> Result<Preflight> {
        let engine = self.engine().await?;
        let cancel = locked(&self.inner.looking).child_token();
        let last = Mutex::new(Instant::now());
        let paced = move |files: usize| {
            let mut last = locked(&last);
            if last.elapsed() >= COUNT_EVERY {
                *last = Instant::now();
                found(files as u32);
            }
        };
        engine.preflight(&paths, collection, paced, &cancel).await
    }

    /// Ends all looking through folders.
    pub(crate) fn stop_looking(&self) {
        std::mem::take(&mut *locked(&self.inner.looking)).cancel();
    }
}
