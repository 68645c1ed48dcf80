//! Work that goes on in the background for as long as the window is open.

use std::sync::Arc;

use footnote_core::Result;
use footnote_core::engine::Engine;

use super::{App, locked};
use crate::state;

impl App {
    /// Follows the watched folders until the program ends.
    pub(super) fn follow(&self, engine: Engine) {
        let app = self.clone();
        let quit = self.inner.quit.clone();
        self.inner.tasks.spawn(async move {
            let reporter = Arc::new(app.announcer());
            engine.follow(state::watcher(), reporter, &quit).await;
        });
    }

    /// Sets all failed jobs going again, in the background.
    ///
    /// # Errors
    /// The engine is not up.
    pub(crate) async fn retry_failed(&self) -> Result<()> {
        let engine = self.engine().await?;
        let cancel = locked(&self.inner.jobs).child_token();
        let app = self.clone();
        self.inner.tasks.spawn(async move {
            let reporter = app.announcer();
            if let Err(error) = engine.retry_failed(&reporter, &cancel).await {
                tracing::error!(class = error.class(), %error, "retrying the failed jobs");
                app.tell_library();
            }
        });
        Ok(())
    }
}
