//! Imports a model from the command line.
//!
//! `import model FILE_OR_FOLDER FOLDER [exact|fast|panels|half]` or `import e5 BIN TOKENIZER FOLDER`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line example")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use footnote_model_import::{Existing, ImportOptions, Operators, Profile, import_e5_small_q4, import_model};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = Instant::now();
    let result = match arguments.as_slice() {
        ["model", file, folder, rest @ ..] => {
            let (profile, operators) = match rest {
                ["fast"] => (Profile::Fast, Operators::Portable),
                ["panels"] => (Profile::Exact, Operators::Panels),
                ["half"] => (Profile::Exact, Operators::Half),
                ["half4"] => (Profile::Exact, Operators::HalfFourBit),
                _ => (Profile::Exact, Operators::Portable),
            };
            let options = ImportOptions {
                profile,
                operators,
                existing: Existing::Replace,
            };
            import_model(Path::new(file), Path::new(folder), options, |_| {
                ControlFlow::Continue(())
            })
        }
        ["e5", bin, tokenizer, folder, rest @ ..] => {
            let operators = match rest {
                ["panels"] => Operators::Panels,
                _ => Operators::Portable,
            };
            let [bin, tokenizer, folder] = [bin, tokenizer, folder].map(Path::new);
            import_e5_small_q4(bin, tokenizer, folder, operators, |_| ControlFlow::Continue(()))
        }
        _ => {
            eprintln!(
                "usage: import model FILE_OR_FOLDER FOLDER [exact|fast|panels|half] | import e5 BIN TOKENIZER FOLDER [panels]"
            );
            std::process::exit(2);
        }
    };
    match result {
        Ok(model) => println!(
            "{:.1} s, {} bytes, {} of them by an import that was interrupted",
            start.elapsed().as_secs_f32(),
            model.size,
            model.resumed
        ),
        Err(error) => {
            eprintln!("{error}\n{}", error.hint());
            std::process::exit(1);
        }
    }
}
