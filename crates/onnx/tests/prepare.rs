//! Importing through the cache, on the real file named by `FOOTNOTE_TEST_GGUF`.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use footnote_onnx::{GeneratorForm, prepare_generator};

#[test]
fn a_real_file_is_imported_once() {
    let Some(gguf) = std::env::var_os("FOOTNOTE_TEST_GGUF").map(PathBuf::from) else {
        eprintln!("SKIPPED: FOOTNOTE_TEST_GGUF names no file");
        return;
    };
    let cache = tempfile::tempdir().expect("folder");
    let mut reports = 0;
    let mut run = || {
        let start = Instant::now();
        let progress = |_| {
            reports += 1;
            ControlFlow::Continue(())
        };
        let folder = prepare_generator(&gguf, cache.path(), GeneratorForm::PANELS, progress).expect("import");
        (folder, start.elapsed())
    };
    let (first, slow) = run();
    assert!(first.join("model.onnx").is_file() && first.join("tokenizer.json").is_file());
    let (second, fast) = run();
    assert_eq!(first, second);
    assert!(fast * 20 < slow, "{fast:?} after {slow:?}");
    assert!(reports > 3);
}
