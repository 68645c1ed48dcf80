//! A turn on the owner thread, seen from the caller's.
//!
//! The request's borrowed parts (sink, constraint) never leave the caller's thread, and a caller that goes
//! away, or panics, ends its turn by dropping its end of the channel.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use footnote_core::{Error, Result};
use ort::session::{NoSelectedOutputs, RunOptions};
use tokio_util::sync::CancellationToken;

use super::lookup::Agreement;
use super::model::{GeneratorModel, Prompt, Wanted};
use crate::errors::from_ort;
use crate::owner::{Owner, Priority, Ticket};

type Options = Arc<RunOptions<NoSelectedOutputs>>;

/// Tokens for the owner thread to append.
struct Feed {
    /// Length the sequence is cut to before.
    keep: usize,
    tokens: Vec<u32>,
    wanted: Wanted,
    /// Where the logits are written, for its allocation.
    logits: Vec<f32>,
}

/// How a turn begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    /// Tokens of the prompt that are in the cache.
    pub kept: usize,
    /// See [`GeneratorModel::agreement`].
    pub agreement: Agreement,
}

/// What the owner thread answers.
enum Reply {
    /// It is this generation's turn.
    Ready(Ready),
    /// Logits, one row after the other.
    Logits(Vec<f32>),
}

/// A turn on the owner thread; ends when dropped.
pub(super) struct Turn<'a> {
    owner: &'a Owner<GeneratorModel>,
    cancel: &'a CancellationToken,
    options: Options,
    feed: SyncSender<Feed>,
    replies: Receiver<Result<Reply>>,
    _ticket: Ticket,
}

impl<'a> Turn<'a> {
    /// Waits in line; returns the turn and what it begins with.
    pub(super) fn take(
        owner: &'a Owner<GeneratorModel>,
        cancel: &'a CancellationToken,
        prompt: Prompt,
    ) -> Result<(Self, Ready)> {
        let options = RunOptions::new().map_err(|error| from_ort("run the language model", error))?;
        let options = Arc::new(options);
        let (feed, feeds) = sync_channel::<Feed>(1);
        let (reply, replies) = sync_channel(1);
        let theirs = Arc::clone(&options);
        let work = move |model: Result<&mut GeneratorModel>| serve(model, &prompt, &feeds, &reply, &theirs);
        let ticket = owner.submit(Priority::Interactive, cancel, work)?;
        match owner.wait(&replies, cancel, || Err(Error::canceled()))?? {
            Reply::Ready(ready) => Ok((
                Self {
                    owner,
                    cancel,
                    options,
                    feed,
                    replies,
                    _ticket: ticket,
                },
                ready,
            )),
            Reply::Logits(_) => Err(Error::bug("The model's thread answered out of turn")),
        }
    }

    /// Cuts the sequence to `keep` tokens and appends `tokens`; the wanted rows of logits replace what is
    /// in `logits`. Cancelling interrupts the computation itself.
    pub(super) fn feed(
        &self,
        keep: usize,
        tokens: Vec<u32>,
        wanted: Wanted,
        logits: &mut Vec<f32>,
    ) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        // A thread that is gone shows when its reply is waited for.
        let _ = self.feed.send(Feed {
            keep,
            tokens,
            wanted,
            logits: std::mem::take(logits),
        });
        let stop = || {
            let _ = self.options.terminate();
            Ok(())
        };
        match self.owner.wait(&self.replies, self.cancel, stop)? {
            Ok(Reply::Logits(filled)) => {
                *logits = filled;
                Ok(())
            }
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
    prompt: &Prompt,
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
    let ready = Ready {
        kept: model.rewind(prompt),
        agreement: model.agreement(),
    };
    if reply.send(Ok(Reply::Ready(ready))).is_err() {
        return;
    }
    while let Ok(feed) = feeds.recv() {
        let mut logits = feed.logits;
        let done = model
            .feed(feed.keep, &feed.tokens, feed.wanted, options)
            .map(|rows| {
                logits.clear();
                logits.extend_from_slice(rows);
                Reply::Logits(logits)
            });
        if reply.send(done).is_err() {
            return;
        }
    }
}
