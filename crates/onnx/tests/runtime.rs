//! Loading the library and choosing a provider. One test: a process loads one library.

use footnote_core::ErrorCode;
use footnote_onnx::{Provider, Runtime, RuntimeOptions};

#[test]
fn a_wrong_path_fails_and_a_right_one_works_afterwards() {
    let wrong = RuntimeOptions {
        library: Some("nowhere/libonnxruntime.so".into()),
        ..RuntimeOptions::default()
    };
    let error = Runtime::load(wrong.clone()).expect_err("must fail");
    assert_eq!(error.code, Some(ErrorCode::RuntimeMissing));
    assert!(
        error.message.starts_with("nowhere/libonnxruntime.so"),
        "{}",
        error.message
    );
    assert!(error.hint.is_some());

    let runtime = match Runtime::load(RuntimeOptions {
        threads: Some(2),
        ..RuntimeOptions::default()
    }) {
        Ok(runtime) => runtime,
        Err(error) => {
            assert_eq!(error.code, Some(ErrorCode::RuntimeMissing));
            let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
            assert!(!required, "FOOTNOTE_REQUIRE_MODELS=1, but {error}");
            eprintln!("SKIPPED: {error}");
            return;
        }
    };
    let report = runtime.report();
    eprintln!("{}", serde_json::to_string_pretty(&report).expect("json"));
    assert_eq!(report.threads, 2);
    assert!(report.cpu.missing.is_empty());
    let last = report.providers.attempts.last().expect("attempt");
    assert_eq!((last.provider, &last.reason), (report.providers.chosen, &None));
    assert!(
        report
            .providers
            .attempts
            .iter()
            .all(|attempt| attempt.provider != Provider::Cpu || attempt.reason.is_none())
    );
    // Asking again gives the same runtime, whatever is wrong with the new wish.
    assert!(Runtime::load(RuntimeOptions::default()).is_ok());
    assert_eq!(
        Runtime::load(wrong).expect_err("must fail").code,
        Some(ErrorCode::RuntimeMissing)
    );

    let cache = tempfile::tempdir().expect("folder");
    let form = runtime.generator_form(cache.path());
    assert!(form.reading > 0.0 && form.writing > 0.0, "{form:?}");
    eprintln!("{form:?}");
    // Remembered to the digit: no second measurement gives the same numbers.
    assert_eq!(runtime.generator_form(cache.path()), form);
}
