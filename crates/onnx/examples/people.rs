//! Names and addresses in text files: `people FOLDER FILE...`, where FOLDER holds the model `rampart`.
//!
//! Prints what was found a line, with its kind, then characters a second. The library is the one that
//! `FOOTNOTE_ORT_LIBRARY` names.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a command-line example")]

use std::path::Path;
use std::time::Instant;

use footnote_core::ports::PersonFinder;
use footnote_onnx::{OnnxPersonFinder, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, files @ ..] = arguments.as_slice() else {
        panic!("usage: people FOLDER FILE...");
    };
    let runtime = Runtime::load(RuntimeOptions::default()).expect("library");
    let finder = OnnxPersonFinder::open(&runtime, Path::new(folder)).expect("model");
    let (mut characters, start) = (0, Instant::now());
    for file in files {
        let text = std::fs::read_to_string(file).expect("a text file");
        for found in finder.find(&text, &CancellationToken::new()).expect("found") {
            println!("{}\t{}", found.kind.mask(), text[found.range].replace('\n', " "));
        }
        characters += text.chars().count();
    }
    println!(
        "{:.0} characters/s",
        characters as f64 / start.elapsed().as_secs_f64()
    );
}
