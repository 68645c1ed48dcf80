//! Messages to the tokens of a prompt, made to fit into the context.

use footnote_core::ports::{Message, Speaker};
use footnote_core::{Error, ErrorCode, Problem, Result};

use super::OnnxGenerator;
use super::model::Prompt;
use super::prefix::LONGEST_PREFIX;
use crate::errors::from_tokenizer;

/// Put where the middle of a message was left out.
const GAP: &str = "\n[...]\n";
/// A message shortened to fewer tokens than this says nothing any more.
const LEAST_MESSAGE: usize = 32;

impl OnnxGenerator {
    /// Tokens of the prompt, and how many tokens of the messages had to be left out for it to fit.
    ///
    /// # Errors
    /// [`ErrorCode::QuestionTooLong`] if the instructions and what must stay of the last turn do not fit.
    pub(super) fn encode(&self, messages: &[Message], max_tokens: usize) -> Result<(Prompt, u32)> {
        let context = self.0.context;
        // An answer wants as much room as it asked for, but no more than a quarter of a short context.
        let room = context.saturating_sub(max_tokens.clamp(1, (context / 4).max(1)));
        let mut tokens = self.tokens(messages)?;
        let full = tokens.len();
        let mut messages = messages.to_vec();
        while tokens.len() > room {
            if !self.shorten(&mut messages, tokens.len() - room)? {
                return Err(Error::user(format!(
                    "The question has {full} tokens with its instructions, the model reads {context}"
                ))
                .code(ErrorCode::QuestionTooLong)
                .problem(Problem::QuestionOverContext)
                .hint("Shorten the question, or choose a model with a longer context"));
            }
            tokens = self.tokens(&messages)?;
        }
        if tokens.is_empty() {
            return Err(Error::bug("A prompt without a single token was to be answered"));
        }
        let omitted = full - tokens.len();
        if omitted > 0 {
            tracing::info!(omitted, full, "a prompt was shortened to fit the context");
        }
        let shared = self.shared(&messages, &tokens)?;
        let longest = (tokens.len() + max_tokens).min(context);
        let prompt = Prompt {
            long: (self.0.manifest.original_context_length).is_some_and(|original| longest > original),
            tokens,
            shared,
        };
        Ok((prompt, omitted as u32))
    }

    /// Leaves out the oldest turn, or `excess` tokens from the middle of the longest message. False if
    /// there is nothing left to leave out.
    fn shorten(&self, messages: &mut Vec<Message>, excess: usize) -> Result<bool> {
        let turn = |message: &Message| message.speaker != Speaker::System;
        if messages.iter().filter(|message| turn(message)).count() > 1
            && let Some(oldest) = messages.iter().position(turn)
        {
            messages.remove(oldest);
            // What answered it means nothing without it.
            while messages.iter().filter(|message| turn(message)).count() > 1
                && messages
                    .get(oldest)
                    .is_some_and(|m| m.speaker == Speaker::Assistant)
            {
                messages.remove(oldest);
            }
            return Ok(true);
        }
        let Some(message) = messages.iter_mut().find(|message| turn(message)) else {
            return Ok(false);
        };
        let ranges = self.0.tokenizer.offsets(&message.text)?;
        let gap = self.0.tokenizer.count(GAP)?;
        let Some(keep) = ranges
            .len()
            .checked_sub(excess + gap)
            .filter(|keep| *keep >= LEAST_MESSAGE)
        else {
            return Ok(false);
        };
        // The end has the question, the beginning the best passages.
        let (head, tail) = (keep / 2, keep - keep / 2);
        let (from, to) = (ranges[head].start, ranges[ranges.len() - tail].start);
        let text = &message.text;
        let (Some(head), Some(tail)) = (text.get(..from), text.get(to..)) else {
            return Err(Error::bug("The tokenizer divided a text inside a character"));
        };
        message.text = format!("{head}{GAP}{tail}");
        Ok(true)
    }

    fn tokens(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let prompt = self.render(messages)?;
        let encoding = self
            .tokenizer()?
            .encode_fast(prompt, false)
            .map_err(from_tokenizer)?;
        let mut ids = encoding.get_ids().to_vec();
        if let (true, Some(bos)) = (self.0.manifest.add_bos, self.0.manifest.bos_token_id)
            && ids.first() != Some(&bos)
        {
            ids.insert(0, bos);
        }
        Ok(ids)
    }

    /// How many tokens come before what differs between prompts with the same instructions.
    fn shared(&self, messages: &[Message], tokens: &[u32]) -> Result<usize> {
        let [first, second, ..] = messages else {
            return Ok(0);
        };
        if first.speaker != Speaker::System {
            return Ok(0);
        }
        let other = Message {
            speaker: second.speaker,
            text: String::new(),
        };
        let other = self.tokens(&[first.clone(), other])?;
        let shared = other.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        Ok(shared.min(LONGEST_PREFIX))
    }
}
