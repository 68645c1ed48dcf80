//! What leaves the window, with personal data masked.

use footnote_core::Result;
use footnote_core::types::{Conversation, Turn};

use super::App;
use crate::blocking::blocking;

impl App {
    /// A conversation and its turns with personal data masked: by rules, and names and addresses if the model for them is
    /// here.
    ///
    /// # Errors
    /// The engine is not open, or the model is broken.
    pub(crate) async fn masked(
        &self,
        conversation: Conversation,
        turns: Vec<Turn>,
    ) -> Result<(Conversation, Vec<Turn>)> {
        let opened = self.ready().await?;
        let masker = opened.masker(&self.models()?).await?;
        let cancel = self.inner.quit.child_token();
        blocking(move || masker.conversation(conversation, &turns, &cancel)).await
    }
}
