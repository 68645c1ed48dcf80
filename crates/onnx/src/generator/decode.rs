//! One generation: the caller's thread chooses tokens, the owner thread computes logits.

use std::ops::ControlFlow;

use footnote_core::Result;
use footnote_core::ports::{FinishReason, GenerateRequest, Generated};
use footnote_core::types::TokenCounts;
use tokio_util::sync::CancellationToken;

use super::OnnxGenerator;
use super::lookup::{Agreement, Lookup, Step};
use super::mask::Mask;
use super::model::{Prompt, Wanted};
use super::prefix::chunks;
use super::sampler::Sampler;
use super::turn::Turn;
use super::writer::Writer;

pub(super) fn generate(
    generator: &OnnxGenerator,
    request: &GenerateRequest<'_>,
    sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    cancel: &CancellationToken,
) -> Result<Generated> {
    let inner = &generator.0;
    let (prompt, omitted) = generator.encode(request.messages, request.max_tokens)?;
    let count = prompt.tokens.len();
    let mut writer = Writer::new(
        request.stop,
        Sampler::new(request.sampling, &inner.advice),
        Mask::new(request.constraint, || generator.grammars())?,
        generator.tokenizer()?,
        &generator.text()?.bytes,
        &inner.manifest.stop_token_ids,
    );
    let mut decoding = Decoding {
        lookup: Lookup::new(&prompt.tokens),
        speculate: inner.speculate,
        agreement: Agreement::None,
        context: inner.context,
        limit: request.max_tokens.min(inner.context - count),
        confirmed: 0,
        reused: 0,
    };
    let finish = match decoding.run(generator, prompt, &mut writer, sink, cancel) {
        Ok(finish) => finish,
        Err(error) if error.is_canceled() => FinishReason::Canceled,
        Err(error) => return Err(error),
    };
    let tokens = TokenCounts {
        prompt: count as u32,
        generated: writer.written() as u32,
        confirmed: decoding.confirmed,
        reused: decoding.reused,
        omitted,
    };
    Ok(Generated {
        text: writer.finish(finish, sink),
        tokens,
        finish,
    })
}

/// Where a generation stands.
struct Decoding {
    lookup: Lookup,
    speculate: bool,
    agreement: Agreement,
    context: usize,
    /// Most tokens to write.
    limit: usize,
    /// Tokens that were proposed and turned out to be the model's own.
    confirmed: u32,
    /// Tokens of the prompt that were in the cache.
    reused: u32,
}

impl Decoding {
    fn run(
        &mut self,
        generator: &OnnxGenerator,
        prompt: Prompt,
        writer: &mut Writer<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<FinishReason> {
        let tokens = prompt.tokens.clone();
        let (turn, ready) = Turn::take(&generator.0.owner, cancel, prompt)?;
        self.reused = ready.kept as u32;
        self.agreement = ready.agreement;
        let mut logits = Vec::new();
        for chunk in chunks(ready.kept..tokens.len()) {
            turn.feed(chunk.start, tokens[chunk].to_vec(), Wanted::Last, &mut logits)?;
        }
        let mut token = match self.choose(writer, &mut logits, sink, cancel) {
            ControlFlow::Break(finish) => return finish,
            ControlFlow::Continue(token) => token,
        };
        // Tokens whose keys and values are right: all but the one chosen last.
        let mut length = tokens.len();
        loop {
            let fed = match self.step(length) {
                Step::Single => vec![token],
                Step::Together(rows) => self.fill(token, rows),
            };
            let wanted = if fed.len() == 1 { Wanted::Last } else { Wanted::All };
            turn.feed(length, fed.clone(), wanted, &mut logits)?;
            let width = logits.len() / fed.len();
            for (row, logits) in logits.chunks_exact_mut(width.max(1)).enumerate() {
                token = match self.choose(writer, logits, sink, cancel) {
                    ControlFlow::Break(finish) => return finish,
                    ControlFlow::Continue(token) => token,
                };
                length += 1;
                // The next row holds if it was computed for this token, and by the kernel that belongs here.
                let holds = self.speculate
                    && fed.get(row + 1) == Some(&token)
                    && (self.agreement == Agreement::All || self.step(length) != Step::Single);
                if !holds {
                    break;
                }
                self.confirmed += 1;
            }
        }
    }

    /// How to compute the position after `length` tokens.
    fn step(&self, length: usize) -> Step {
        let room = self.context - length;
        let room = match self.agreement {
            Agreement::All if !self.speculate => return Step::Single,
            Agreement::All => room,
            // Both halves of a pair must fit into the context.
            Agreement::Even | Agreement::None => room & !1,
        };
        match self.lookup.step(self.agreement) {
            Step::Together(rows) if room >= 2 => Step::Together(rows.min(room)),
            _ => Step::Single,
        }
    }

    /// `token` with proposals after it; with padding only, if proposals are withheld.
    fn fill(&self, token: u32, rows: usize) -> Vec<u32> {
        if !self.speculate {
            return vec![token; 2];
        }
        let mut fed = vec![token];
        fed.extend(self.lookup.propose(rows - 1));
        fed
    }

    /// Takes the next token from a row of logits.
    fn choose(
        &mut self,
        writer: &mut Writer<'_>,
        logits: &mut [f32],
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> ControlFlow<Result<FinishReason>, u32> {
        if cancel.is_cancelled() {
            return ControlFlow::Break(Ok(FinishReason::Canceled));
        }
        if writer.written() >= self.limit {
            return ControlFlow::Break(Ok(FinishReason::Length));
        }
        let token = writer.next(logits, sink)?;
        self.lookup.push(token);
        if writer.written() >= self.limit {
            return ControlFlow::Break(Ok(FinishReason::Length));
        }
        ControlFlow::Continue(token)
    }
}
