//! One generation: the caller's thread chooses tokens, the owner thread computes logits.
//!
//! So the request's borrowed parts (sink, constraint) never leave the caller's thread, and a caller that
//! goes away, or panics, ends its turn by dropping its end of the channel.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use footnote_core::ports::{FinishReason, GenerateRequest, Generated};
use footnote_core::types::TokenCounts;
use footnote_core::{Error, Result};
use ort::session::{NoSelectedOutputs, RunOptions};
use tokenizers::Tokenizer;
use tokio_util::sync::CancellationToken;

use super::OnnxGenerator;
use super::model::GeneratorModel;
use super::prefix::chunks;
use super::repetition::is_looping;
use super::sampler::Sampler;
use super::stop::StopStrings;
use super::stream::{TokenBytes, Utf8Stream};
use crate::errors::from_ort;
use crate::owner::{Owner, Priority, Ticket};

type Options = Arc<RunOptions<NoSelectedOutputs>>;

/// Tokens for the owner thread to append.
struct Feed {
    tokens: Vec<u32>,
    is_prompt: bool,
}

/// What the owner thread answers.
enum Reply {
    /// It is this generation's turn; so many tokens of the prompt are in the cache.
    Ready(usize),
    /// The logits after the last token.
    Logits(Vec<f32>),
}

/// A turn on the owner thread.
struct Turn<'a> {
    owner: &'a Owner<GeneratorModel>,
    cancel: &'a CancellationToken,
    options: Options,
    feed: SyncSender<Feed>,
    replies: Receiver<Result<Reply>>,
    _ticket: Ticket,
}

impl<'a> Turn<'a> {
    /// Waits in line; returns the turn and the number of tokens that need not be computed.
    fn take(
        owner: &'a Owner<GeneratorModel>,
        cancel: &'a CancellationToken,
        prompt: Vec<u32>,
    ) -> Result<(Self, usize)> {
        let options = RunOptions::new().map_err(|error| from_ort("run the language model", error))?;
        let options = Arc::new(options);
        let (feed, feeds) = sync_channel::<Feed>(1);
        let (reply, replies) = sync_channel(1);
        let theirs = Arc::clone(&options);
        let work = move |model: Result<&mut GeneratorModel>| serve(model, &prompt, &feeds, &reply, &theirs);
        let ticket = owner.submit(Priority::Interactive, cancel, work)?;
        match owner.wait(&replies, cancel, || Err(Error::canceled()))?? {
            Reply::Ready(kept) => Ok((
                Self {
                    owner,
                    cancel,
                    options,
                    feed,
                    replies,
                    _ticket: ticket,
                },
                kept,
            )),
            Reply::Logits(_) => Err(Error::bug("The model's thread answered out of turn")),
        }
    }

    /// Appends tokens; cancelling interrupts the computation itself.
    fn feed(&self, tokens: Vec<u32>, is_prompt: bool) -> Result<Vec<f32>> {
        if self.cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        // A thread that is gone shows when its reply is waited for.
        let _ = self.feed.send(Feed { tokens, is_prompt });
        let stop = || {
            let _ = self.options.terminate();
            Ok(())
        };
        match self.owner.wait(&self.replies, self.cancel, stop)? {
            Ok(Reply::Logits(logits)) => Ok(logits),
            Ok(Reply::Ready(_)) => Err(Error::bug("The model's thread answered out of turn")),
            // The interrupted run fails with a reason of its own.
            Err(_) if self.cancel.is_cancelled() => Err(Error::canceled()),
            Err(error) => Err(error),
        }
    }
}

/// The owner thread's side of a turn: ends when the caller drops its sender.
fn serve(
    model: Result<&mut GeneratorModel>,
    prompt: &[u32],
    feeds: &Receiver<Feed>,
    reply: &SyncSender<Result<Reply>>,
    options: &RunOptions<NoSelectedOutputs>,
) {
    let model = match model {
        Ok(model) => model,
        Err(error) => {
            let _ = reply.send(Err(error));
            return;
        }
    };
    if reply.send(Ok(Reply::Ready(model.rewind(prompt)))).is_err() {
        return;
    }
    while let Ok(feed) = feeds.recv() {
        let logits = model.feed(&feed.tokens, feed.is_prompt, options);
        if reply
            .send(logits.map(|logits| Reply::Logits(logits.to_vec())))
            .is_err()
        {
            return;
        }
    }
}

pub(super) fn generate(
    generator: &OnnxGenerator,
    request: &GenerateRequest<'_>,
    sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    cancel: &CancellationToken,
) -> Result<Generated> {
    let inner = &generator.0;
    let prompt = generator.encode(request.messages)?;
    let mut writer = Writer {
        request,
        tokenizer: generator.tokenizer()?,
        bytes: &generator.text()?.bytes,
        end_tokens: &inner.manifest.stop_token_ids,
        sampler: Sampler::new(request.sampling),
        utf8: Utf8Stream::default(),
        stops: StopStrings::new(request.stop),
        seen: String::new(),
        sent: String::new(),
        tokens: Vec::new(),
    };
    let limit = request.max_tokens.min(inner.context - prompt.len());
    let count = prompt.len();
    let finish = match write(&inner.owner, prompt, limit, &mut writer, sink, cancel) {
        Ok(finish) => finish,
        Err(error) if error.is_canceled() => FinishReason::Canceled,
        Err(error) => return Err(error),
    };
    if finish != FinishReason::Stop {
        let held = writer.stops.finish();
        let _ = writer.send(&held, sink);
    }
    Ok(Generated {
        text: writer.sent,
        tokens: TokenCounts {
            prompt: count as u32,
            generated: writer.tokens.len() as u32,
        },
        finish,
    })
}

fn write(
    owner: &Owner<GeneratorModel>,
    prompt: Vec<u32>,
    limit: usize,
    writer: &mut Writer<'_>,
    sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    cancel: &CancellationToken,
) -> Result<FinishReason> {
    let (turn, kept) = Turn::take(owner, cancel, prompt.clone())?;
    let mut logits = Vec::new();
    for chunk in chunks(kept..prompt.len()) {
        logits = turn.feed(prompt[chunk].to_vec(), true)?;
    }
    loop {
        if cancel.is_cancelled() {
            return Ok(FinishReason::Canceled);
        }
        if writer.tokens.len() >= limit {
            return Ok(FinishReason::Length);
        }
        match writer.next(&mut logits, sink) {
            ControlFlow::Break(finish) => return Ok(finish),
            ControlFlow::Continue(_) if writer.tokens.len() >= limit => return Ok(FinishReason::Length),
            ControlFlow::Continue(token) => logits = turn.feed(vec![token], false)?,
        }
    }
}

/// Turns logits into text.
struct Writer<'a> {
    request: &'a GenerateRequest<'a>,
    tokenizer: &'a Tokenizer,
    bytes: &'a TokenBytes,
    end_tokens: &'a [u32],
    sampler: Sampler,
    utf8: Utf8Stream,
    stops: StopStrings,
    /// All text generated, held back or not: what the constraint judges.
    seen: String,
    /// All text handed out.
    sent: String,
    tokens: Vec<u32>,
}

impl Writer<'_> {
    /// Chooses a token and sends its text; returns it, or why the text ends.
    fn next(
        &mut self,
        logits: &mut [f32],
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> ControlFlow<FinishReason, u32> {
        let (seen, utf8) = (&self.seen, &self.utf8);
        let (bytes, tokenizer, end_tokens) = (self.bytes, self.tokenizer, self.end_tokens);
        let constraint = self.request.constraint;
        let trim = bytes.has_prefix_space() && seen.is_empty();
        let mut allowed = |id: u32| {
            if end_tokens.contains(&id) {
                return true;
            }
            let spelled = bytes.of(tokenizer, id);
            if spelled.is_empty() {
                return false;
            }
            let Some(constraint) = constraint else { return true };
            let piece = utf8.peek(&spelled);
            let piece = if trim {
                piece.strip_prefix(' ').unwrap_or(&piece)
            } else {
                &piece
            };
            // Part of a character is judged with its last byte.
            piece.is_empty() || constraint.allows(seen, piece)
        };
        let Some(token) = self.sampler.choose(logits, &mut allowed) else {
            // Nothing may follow: the text is as long as it can get.
            return ControlFlow::Break(FinishReason::EndOfTurn);
        };
        if self.end_tokens.contains(&token) {
            return ControlFlow::Break(FinishReason::EndOfTurn);
        }
        self.tokens.push(token);
        let mut piece = self.utf8.push(&self.bytes.of(self.tokenizer, token));
        if trim && piece.starts_with(' ') {
            piece.remove(0);
        }
        self.seen.push_str(&piece);
        let (free, stopped) = self.stops.push(&piece);
        if self.send(&free, sink).is_break() {
            return ControlFlow::Break(FinishReason::Canceled);
        }
        if stopped {
            return ControlFlow::Break(FinishReason::Stop);
        }
        if is_looping(&self.tokens) {
            return ControlFlow::Break(FinishReason::Length);
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
