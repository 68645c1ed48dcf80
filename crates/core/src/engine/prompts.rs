//! The prompts, and the user's copies of them.

use super::Engine;
use crate::error::{Error, ErrorCode, Result};
use crate::ingest::now;
use crate::problem::Problem;
use crate::prompt::{BUILT_IN, BuiltIn, PromptCopies, PromptCopy, Prompts};

impl Engine {
    /// All prompts with the user's copies of them.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn prompts(&self) -> Result<Vec<PromptCopies>> {
        let all = self.inner.parts.ledger.prompt_copies().await?;
        let of = |prompt| PromptCopies::of(prompt, &all);
        Ok(BUILT_IN.iter().map(of).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// There is none of this id, or what the ledger says.
    pub async fn prompt(&self, id: &str) -> Result<PromptCopies> {
        let prompt = BuiltIn::of(id)?;
        let all = self.inner.parts.ledger.prompt_copies().await?;
        Ok(PromptCopies::of(prompt, &all))
    }

    /// Makes `text` a copy of a prompt and uses it from the next question on; returns the prompt as it is then. A text that
    /// it has been before is used again and not kept twice.
    ///
    /// # Errors
    /// The text cannot be a prompt ([`BuiltIn::checked`]), there is none of this id, or what the ledger says.
    pub async fn edit_prompt(&self, id: &str, text: &str) -> Result<PromptCopies> {
        let kept = self.prompt(id).await?;
        let text = kept.prompt.checked(text)?;
        if kept.text(None) == Some(&text) {
            return self.use_prompt(id, None).await;
        }
        if let Some(same) = kept.copies.iter().find(|copy| copy.text == text) {
            return self.use_prompt(id, Some(same.number)).await;
        }
        let copy = PromptCopy {
            prompt: id.to_owned(),
            number: kept.copies.last().map_or(1, |last| last.number + 1),
            text,
            made_at: now(),
            in_use: true,
        };
        self.inner.parts.ledger.add_prompt_copy(&copy).await?;
        self.prompt(id).await
    }

    /// Uses a copy of a prompt from the next question on, or with none the prompt that comes with Footnote; returns it as
    /// it is then. Every copy stays.
    ///
    /// # Errors
    /// There is no such copy or prompt, or what the ledger says.
    pub async fn use_prompt(&self, id: &str, number: Option<u32>) -> Result<PromptCopies> {
        let kept = self.prompt(id).await?;
        if kept.text(number).is_none() {
            let number = number.unwrap_or_default();
            return Err(Error::user(format!("There is no copy {number} of {id}"))
                .code(ErrorCode::NotFound)
                .problem(Problem::Gone)
                .hint(format!("`footnote prompts show {id}` lists its copies")));
        }
        self.inner.parts.ledger.use_prompt(id, number).await?;
        self.prompt(id).await
    }

    /// What the model is told to do, with what is tried out.
    pub(super) async fn prompts_in_use(&self) -> Result<Prompts> {
        let copies = self.inner.parts.ledger.prompt_copies().await?;
        Ok(Prompts::new(&copies).with(&self.inner.parts.trial_prompts))
    }
}
