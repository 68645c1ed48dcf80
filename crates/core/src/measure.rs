//! How fast a model is on this machine.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::ports::{
    Embedder, Entailment, GenerateRequest, Generator, Message, Reranker, Sampling, Speaker, TextRole,
};
use crate::types::TokenCounts;

/// A measurement is kept beside the model under this name.
const FILE: &str = "speed.json";
/// Version of that file.
const VERSION: u32 = 1;

/// Texts for an embedder's measurement, passages for a reranker's, sentences for a grounder's, and tokens for a generator's.
const TEXTS: usize = 64;
const PASSAGES: usize = 16;
const SENTENCES: usize = 16;
const TOKENS: usize = 64;
const SENTENCE: &str =
    "The lamp of the lighthouse is cleaned every fortnight, and the keeper notes it in the log. ";
/// What an answer over documents is like: much of it stands in the prompt.
const COPY: &str = "Repeat the first four sentences of the log word for word.";

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Speed {
    /// Turning texts into vectors.
    Embedder {
        /// Texts of about the length of a chunk, per second.
        texts_per_second: f64,
        /// Their tokens, per second.
        tokens_per_second: f64,
    },
    /// Writing after a prompt of about a thousand tokens.
    Generator {
        /// Tokens of the prompt read per second.
        prompt_tokens_per_second: f64,
        /// Tokens written per second, after the first.
        tokens_per_second: f64,
        /// Milliseconds from the question to the first token.
        first_token_ms: f64,
        /// Tokens written per second where the text can be copied from the prompt.
        copying_tokens_per_second: f64,
        /// Share of that text which was copied, 0 to 1.
        copied_share: f64,
    },
    /// Scoring passages of about the length of a chunk.
    Reranker {
        /// Passages per second.
        passages_per_second: f64,
    },
    /// Judging sentences against text of about the length of a quote.
    Grounder {
        /// Sentences per second.
        sentences_per_second: f64,
    },
}

/// Measures an embedder; it is loaded first.
///
/// # Errors
/// What the embedder says, and [`Error::canceled`].
pub fn embedder(embedder: &dyn Embedder, cancel: &CancellationToken) -> Result<Speed> {
    let texts: Vec<String> = (0..TEXTS)
        .map(|i| format!("{i}. {}", SENTENCE.repeat(8)))
        .collect();
    embedder.embed(&texts[..1], TextRole::Passage, cancel)?;
    let tokens: usize = texts
        .iter()
        .map(|text| Ok(embedder.token_offsets(text)?.len()))
        .sum::<Result<usize>>()?;
    let started = Instant::now();
    embedder.embed(&texts, TextRole::Passage, cancel)?;
    let seconds = seconds(started.elapsed());
    Ok(Speed::Embedder {
        texts_per_second: TEXTS as f64 / seconds,
        tokens_per_second: tokens as f64 / seconds,
    })
}

/// Measures a reranker; it is loaded first.
///
/// # Errors
/// What the reranker says, and [`Error::canceled`].
pub fn reranker(reranker: &dyn Reranker, cancel: &CancellationToken) -> Result<Speed> {
    let passages: Vec<String> = (0..PASSAGES)
        .map(|i| format!("{i}. {}", SENTENCE.repeat(8)))
        .collect();
    let question = "How often is the lamp cleaned?";
    reranker.rerank(question, &passages[..1], cancel)?;
    let started = Instant::now();
    reranker.rerank(question, &passages, cancel)?;
    Ok(Speed::Reranker {
        passages_per_second: PASSAGES as f64 / seconds(started.elapsed()),
    })
}

/// Measures a grounder; it is loaded first.
///
/// # Errors
/// What the grounder says, and [`Error::canceled`].
pub fn grounder(grounder: &dyn Entailment, cancel: &CancellationToken) -> Result<Speed> {
    let pairs: Vec<(String, String)> = (0..SENTENCES)
        .map(|i| (format!("{i}. {}", SENTENCE.repeat(2)), SENTENCE.to_owned()))
        .collect();
    grounder.infer(&pairs[..1], cancel)?;
    let started = Instant::now();
    grounder.infer(&pairs, cancel)?;
    Ok(Speed::Grounder {
        sentences_per_second: SENTENCES as f64 / seconds(started.elapsed()),
    })
}

/// Measures a generator; it is loaded first.
///
/// # Errors
/// What the generator says, and [`Error::canceled`].
pub fn generator(generator: &dyn Generator, cancel: &CancellationToken) -> Result<Speed> {
    let log: String = (1..25)
        .map(|day| format!("Day {day}: {SENTENCE}The oil lasted {} hours. ", 7 + day * 5 % 11))
        .collect();
    write(generator, "Hello", 1, cancel)?;
    let open = write(
        generator,
        &format!("{log}\nRetell this at length."),
        TOKENS,
        cancel,
    )?;
    // Another beginning, so that nothing of the prompt is known from before.
    let copied = write(generator, &format!("{COPY}\n{log}\n{COPY}"), TOKENS, cancel)?;
    Ok(Speed::Generator {
        prompt_tokens_per_second: open.read,
        tokens_per_second: open.written,
        first_token_ms: open.first_token.as_secs_f64() * 1e3,
        copying_tokens_per_second: copied.written,
        copied_share: f64::from(copied.tokens.confirmed) / f64::from(copied.tokens.generated.max(1)),
    })
}

/// One measured generation.
struct Written {
    tokens: TokenCounts,
    /// Prompt tokens per second.
    read: f64,
    /// Tokens per second after the first.
    written: f64,
    first_token: Duration,
}

fn write(
    generator: &dyn Generator,
    text: &str,
    max_tokens: usize,
    cancel: &CancellationToken,
) -> Result<Written> {
    let messages = [Message {
        speaker: Speaker::User,
        text: text.into(),
    }];
    let request = GenerateRequest {
        messages: &messages,
        max_tokens,
        stop: &[],
        sampling: Sampling::Greedy,
        constraint: None,
    };
    let started = Instant::now();
    let mut first = None;
    let generated = generator.generate(
        &request,
        &mut |_| {
            first.get_or_insert_with(Instant::now);
            ControlFlow::Continue(())
        },
        cancel,
    )?;
    if cancel.is_cancelled() {
        return Err(Error::canceled());
    }
    let first_token = first.map_or(Duration::ZERO, |at| at - started);
    let rest = started.elapsed() - first_token;
    let tokens = generated.tokens;
    let new = tokens.prompt.saturating_sub(tokens.reused);
    Ok(Written {
        tokens,
        read: f64::from(new) / seconds(first_token),
        written: f64::from(tokens.generated.saturating_sub(1)) / seconds(rest),
        first_token,
    })
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64().max(1e-9)
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// What the speed depends on besides the model.
    machine: String,
    speed: Speed,
}

/// The speed that was measured of the model in `folder` on `machine`; none if it was not, or on another one.
pub fn kept(folder: &Path, machine: &str) -> Option<Speed> {
    let bytes = std::fs::read(folder.join(FILE)).ok()?;
    let kept: Kept = serde_json::from_slice(&bytes).ok()?;
    (kept.version == VERSION && kept.machine == machine).then_some(kept.speed)
}

/// Keeps a speed with the model in `folder`.
///
/// # Errors
/// The folder cannot be written to.
pub fn keep(folder: &Path, machine: &str, speed: Speed) -> Result<()> {
    let kept = Kept {
        version: VERSION,
        machine: machine.to_owned(),
        speed,
    };
    let file = folder.join(FILE);
    let json = serde_json::to_vec_pretty(&kept).map_err(std::io::Error::from)?;
    std::fs::write(&file, json).map_err(|error| Error::from(error).at(file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_known_on_the_machine_it_was_measured_on() {
        let folder = tempfile::tempdir().expect("folder");
        let speed = Speed::Reranker {
            passages_per_second: 12.5,
        };
        assert_eq!(kept(folder.path(), "two cores"), None);
        keep(folder.path(), "two cores", speed).expect("keep");
        assert_eq!(kept(folder.path(), "two cores"), Some(speed));
        assert_eq!(kept(folder.path(), "four cores"), None);
    }
}
