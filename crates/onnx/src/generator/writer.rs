//! Logits to text: choosing tokens, spelling them, and knowing when the text is over.

use std::ops::ControlFlow;

use crate::tokens::WholeTokenizer;
use footnote_core::Result;
use footnote_core::ports::FinishReason;

use super::mask::{Mask, piece_of};
use super::repetition::is_looping;
use super::sampler::Sampler;
use super::stop::StopStrings;
use super::stream::{TokenBytes, Utf8Stream};

/// Turns logits into text.
pub(super) struct Writer<'a> {
    tokenizer: &'a WholeTokenizer,
    bytes: &'a TokenBytes,
    end_tokens: &'a [u32],
    sampler: Sampler,
    mask: Mask<'a>,
    utf8: Utf8Stream,
    stops: StopStrings,
    /// All text generated, held back or not: what the constraint judges.
    seen: String,
    /// All text handed out.
    sent: String,
    tokens: Vec<u32>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        stops: &[String],
        sampler: Sampler,
        mask: Mask<'a>,
        tokenizer: &'a WholeTokenizer,
        bytes: &'a TokenBytes,
        end_tokens: &'a [u32],
    ) -> Self {
        Self {
            tokenizer,
            bytes,
            end_tokens,
            sampler,
            mask,
            utf8: Utf8Stream::default(),
            stops: StopStrings::new(stops),
            seen: String::new(),
            sent: String::new(),
            tokens: Vec::new(),
        }
    }

    /// Number of tokens written.
    pub(super) fn written(&self) -> usize {
        self.tokens.len()
    }

    /// Ends the text: what was held back is sent unless a stop string ended it. Returns all of it.
    pub(super) fn finish(
        mut self,
        finish: FinishReason,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> String {
        if finish != FinishReason::Stop {
            let held = self.stops.finish();
            let _ = self.send(&held, sink);
        }
        self.sent
    }

    /// Chooses a token and sends its text; returns it, or why the text ends. `logits` is used up.
    pub(super) fn next(
        &mut self,
        logits: &mut [f32],
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> ControlFlow<Result<FinishReason>, u32> {
        let trim = self.bytes.has_prefix_space() && self.seen.is_empty();
        let Self {
            tokenizer,
            bytes,
            end_tokens,
            sampler,
            mask,
            utf8,
            seen,
            tokens,
            ..
        } = self;
        let mut allowed = |id: u32| {
            if end_tokens.contains(&id) {
                return mask.may_end();
            }
            let spelled = bytes.of(tokenizer, id);
            !spelled.is_empty() && mask.allows(id, seen, &piece_of(utf8, &spelled, trim))
        };
        let Some(token) = sampler.choose(logits, tokens, &mut allowed) else {
            // Nothing may follow: the text is as long as it can get.
            return ControlFlow::Break(Ok(FinishReason::EndOfTurn));
        };
        if self.end_tokens.contains(&token) {
            return ControlFlow::Break(Ok(FinishReason::EndOfTurn));
        }
        if let Err(error) = self.mask.push(token) {
            return ControlFlow::Break(Err(error));
        }
        self.tokens.push(token);
        let mut piece = self.utf8.push(&self.bytes.of(self.tokenizer, token));
        if trim && piece.starts_with(' ') {
            piece.remove(0);
        }
        self.seen.push_str(&piece);
        let (free, stopped) = self.stops.push(&piece);
        if self.send(&free, sink).is_break() {
            return ControlFlow::Break(Ok(FinishReason::Canceled));
        }
        if stopped {
            return ControlFlow::Break(Ok(FinishReason::Stop));
        }
        if self.mask.is_complete() {
            return ControlFlow::Break(Ok(FinishReason::EndOfTurn));
        }
        if is_looping(&self.tokens) {
            return ControlFlow::Break(Ok(FinishReason::Length));
        }
        ControlFlow::Continue(token)
    }

    fn send(&mut self, text: &str, sink: &mut dyn FnMut(&str) -> ControlFlow<()>) -> ControlFlow<()> {
        if text.is_empty() {
            return ControlFlow::Continue(());
        }
        self.sent.push_str(text);
        sink(text)
    }
}
