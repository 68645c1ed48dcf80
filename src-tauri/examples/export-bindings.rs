//! Writes the interface's bindings, or with `--check` says whether they are current.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/backend/bindings.ts");
    let outcome = if std::env::args().any(|arg| arg == "--check") {
        footnote_desktop::check_bindings(&target)
    } else {
        footnote_desktop::bindings()
            .and_then(|text| std::fs::write(&target, text).map_err(|e| format!("{}: {e}", target.display())))
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[allow(clippy::print_stderr)] // A tool for developers; this is its output.
            {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}
