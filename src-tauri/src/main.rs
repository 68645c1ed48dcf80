//! The window's program.

// A console would open beside the window otherwise.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    footnote_desktop::never_report();
    footnote_desktop::bound_memory();
    // The reader of untrusted files is this program, started again in a process of its own.
    if let Some(code) = footnote_desktop::worker() {
        return code;
    }
    footnote_desktop::draw_without_graphics_processor();
    footnote_desktop::run()
}
