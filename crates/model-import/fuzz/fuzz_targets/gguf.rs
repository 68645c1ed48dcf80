//! Any bytes as a GGUF file: read the header, look at every tensor, judge it as a decoder.
#![no_main]

use std::path::Path;

use footnote_model_import::check_gguf;
use footnote_model_import::gguf::GgufFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = GgufFile::from_bytes(Path::new("fuzz.gguf"), bytes.to_vec()) {
        for info in file.tensors() {
            let _ = file.tensor(&info.name);
        }
        let _ = check_gguf(&file);
    }
});
