//! Embeds the `text` of each line of a JSON-lines file: `embed MODEL_FOLDER CORPUS [COUNT] [BATCH_TOKENS]`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use footnote_core::Error;
use footnote_core::ports::{Embedder, TextRole};
use footnote_onnx::{EmbedderOptions, OnnxEmbedder, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, corpus, rest @ ..] = arguments.as_slice() else {
        return Err(Error::user(
            "Usage: embed MODEL_FOLDER CORPUS [COUNT] [BATCH_TOKENS]",
        ));
    };
    let number = |at: usize, default| rest.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let count = number(0, 200);
    let text = std::fs::read_to_string(corpus)?;
    let texts: Vec<String> = text
        .lines()
        .take(count)
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|row| {
            Some(format!(
                "{} {}",
                row["title"].as_str().unwrap_or(""),
                row["text"].as_str()?
            ))
        })
        .collect();
    let runtime = Runtime::load(RuntimeOptions::default())?;
    let defaults = EmbedderOptions::default();
    let options = EmbedderOptions {
        batch_tokens: number(1, defaults.batch_tokens),
        ..defaults
    };
    let embedder = OnnxEmbedder::open(&runtime, folder.as_ref(), options)?;
    let cancel = CancellationToken::new();
    let start = Instant::now();
    embedder.embed(&["warm".into()], TextRole::Query, &cancel)?;
    println!(
        "loaded in {:.2} s: {}",
        start.elapsed().as_secs_f64(),
        embedder.id()
    );
    let start = Instant::now();
    let mut tokens = 0;
    for text in &texts {
        tokens += embedder.token_offsets(text)?.len().min(embedder.max_tokens());
    }
    println!(
        "{tokens} tokens, tokenized in {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let vectors = embedder.embed(&texts, TextRole::Passage, &cancel)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} texts in {seconds:.2} s: {:.1} texts/s, {:.0} tokens/s",
        vectors.len(),
        vectors.len() as f64 / seconds,
        tokens as f64 / seconds
    );
    let start = Instant::now();
    for _ in 0..20 {
        embedder.embed(
            &["what is the speed of sound at sea level?".into()],
            TextRole::Query,
            &cancel,
        )?;
    }
    println!("one query: {:.1} ms", start.elapsed().as_secs_f64() * 50.0);
    Ok(())
}
