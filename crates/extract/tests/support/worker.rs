//! The worker process for this crate's tests; the cli and the desktop app re-invoke themselves.

fn main() -> std::process::ExitCode {
    footnote_extract::worker_main()
}
