//! Answers questions that come as JSON lines, and says how fast: `answer_lines MODEL_FOLDER THREADS [plain]`.
//!
//! In: `{"system", "text", "max_tokens"}`. Out, a line each: `{"rendered", "text", "prompt", "first", "rest",
//! "written", "confirmed"}`, in tokens and seconds; `rest` is the time after the first token. `plain` withholds
//! proposals. `compare.py` beside this file drives it against llama.cpp.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, Write};
use std::ops::ControlFlow;

use footnote_core::Error;
use footnote_core::ports::{GenerateRequest, Generator, Message, Sampling, Speaker};
use footnote_onnx::{GeneratorOptions, OnnxGenerator, Runtime, RuntimeOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn cpu() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes the structure.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let usage = || Error::user("Usage: answer_lines MODEL_FOLDER THREADS [plain]");
    let folder = arguments.next().ok_or_else(usage)?;
    let threads = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .ok_or_else(usage)?;
    let speculate = match arguments.next().as_deref() {
        None => true,
        Some("plain") => false,
        Some(_) => return Err(usage()),
    };
    let runtime = Runtime::load(RuntimeOptions {
        threads: Some(threads),
        force_cpu: true,
        ..RuntimeOptions::default()
    })?;
    let options = GeneratorOptions {
        speculate,
        idle_timeout: None,
        ..GeneratorOptions::default()
    };
    let generator = OnnxGenerator::open(&runtime, folder.as_ref(), options)?;
    for line in std::io::stdin().lock().lines() {
        let asked: Value =
            serde_json::from_str(&line?).map_err(|error| Error::user(format!("Not a JSON line: {error}")))?;
        let part = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let messages = [(Speaker::System, part("system")), (Speaker::User, part("text"))]
            .map(|(speaker, text)| Message { speaker, text });
        let request = GenerateRequest {
            messages: &messages,
            max_tokens: asked["max_tokens"].as_u64().unwrap_or(128) as usize,
            stop: &[],
            sampling: Sampling::Greedy,
            constraint: None,
        };
        let start = cpu();
        let mut first = None;
        let mut sink = |_: &str| {
            first.get_or_insert_with(|| cpu() - start);
            ControlFlow::Continue(())
        };
        let done = generator.generate(&request, &mut sink, &CancellationToken::new())?;
        let first = first.unwrap_or_default();
        let answer = json!({
            "rendered": generator.render(&messages)?, "text": done.text, "prompt": done.tokens.prompt, "first": first,
            "rest": cpu() - start - first, "written": done.tokens.generated, "confirmed": done.confirmed,
        });
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
