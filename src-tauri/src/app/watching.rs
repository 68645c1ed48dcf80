//! Work that goes on in the background for as long as the window is open.

use std::sync::Arc;

use footnote_core::Result;
use footnote_core::engine::Engine;

use super::{App, locked};
use crate::state;

impl App {
    /// Follows the watched folders until the program ends, or this engine has to give way.
    pub(super) fn follow(&self, engine: Engine) {
        let app = self.clone();
        let cancel = self.inner.quit.child_token();
        let stop = cancel.clone();
        let ended = self.inner.tasks.spawn(async move {
            let reporter = Arc::new(app.announcer());
            engine.follow(state::watcher(), reporter, &cancel).await;
        });
        *locked(&self.inner.following) = Some((stop, ended));
    }

    /// Comes back when no watched folder is followed any more.
    pub(super) async fn stop_following(&self) {
        let following = locked(&self.inner.following).take();
        if let Some((stop, ended)) = following {
            stop.cancel();
            // A panic in it was told of already.
            let _ = ended.await;
        }
    }

    /// Pauses indexing; see [`Engine::pause`].
    ///
    /// # Errors
    /// The engine is not up, or what the ledger says.
    pub(crate) async fn pause(&self, now: bool) -> Result<()> {
        self.engine().await?.pause(now).await?;
        self.tell_library();
        Ok(())
    }

    /// Ends a pause; what waits goes on in the background.
    ///
    /// # Errors
    /// The engine is not up, or what the ledger says.
    pub(crate) async fn unpause(&self) -> Result<()> {
        let engine = self.engine().await?;
        engine.unpause().await?;
        self.resume(engine);
        self.tell_library();
        Ok(())
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
