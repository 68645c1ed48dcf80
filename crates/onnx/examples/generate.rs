//! Writes an answer and says how fast: `generate MODEL_FOLDER [QUESTION] [FILE] [SEED]`. The file's text is put in
//! front of the question; with a seed, words are drawn as the model's publisher advises.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::Write;
use std::ops::ControlFlow;
use std::time::Instant;

use footnote_core::Error;
use footnote_core::ports::{GenerateRequest, Generator, Message, Sampling, Speaker};
use footnote_onnx::{GeneratorOptions, OnnxGenerator, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or_else(|| Error::user("Usage: generate MODEL_FOLDER [QUESTION] [FILE] [SEED]"))?;
    let question = arguments
        .next()
        .unwrap_or_else(|| "What is the capital of France?".into());
    let context = arguments
        .next()
        .map(std::fs::read_to_string)
        .transpose()?
        .unwrap_or_default();
    let sampling = match arguments.next().map(|seed| seed.parse()) {
        None => Sampling::Greedy,
        Some(Ok(seed)) => Sampling::Advised { seed },
        Some(Err(error)) => return Err(Error::user(format!("The seed is no whole number: {error}"))),
    };
    let runtime = Runtime::load(RuntimeOptions::default())?;
    eprintln!("{:#?}", runtime.report());
    let generator = OnnxGenerator::open(&runtime, folder.as_ref(), GeneratorOptions::default())?;
    // The second round finds the model loaded and the prompt in the cache.
    for round in ["first", "second"] {
        let messages = [Message {
            speaker: Speaker::User,
            text: format!("{context}\n\n{question}"),
        }];
        let request = GenerateRequest {
            messages: &messages,
            max_tokens: 200,
            stop: &[],
            sampling,
            constraint: None,
        };
        let start = Instant::now();
        let mut first = None;
        let mut sink = |piece: &str| {
            first.get_or_insert_with(|| start.elapsed());
            print!("{piece}");
            let _ = std::io::stdout().flush();
            ControlFlow::Continue(())
        };
        let result = generator.generate(&request, &mut sink, &CancellationToken::new())?;
        let first = first.unwrap_or_default().as_secs_f64();
        let rest = start.elapsed().as_secs_f64() - first;
        println!();
        eprintln!(
            "{round}: {} prompt tokens, first text after {first:.2} s ({:.0} tokens/s), then {} tokens at {:.1} tokens/s ({} confirmed), {:?}",
            result.tokens.prompt,
            f64::from(result.tokens.prompt) / first,
            result.tokens.generated,
            f64::from(result.tokens.generated.saturating_sub(1)) / rest,
            result.tokens.confirmed,
            result.finish,
        );
    }
    Ok(())
}
