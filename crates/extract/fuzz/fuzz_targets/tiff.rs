//! Any bytes: see `Target::Tiff` in `src/fuzz.rs`.
#![no_main]

use footnote_extract::fuzz::{Target, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| run(Target::Tiff, bytes));
