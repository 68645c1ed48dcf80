//! What happens when there is no memory left: this process limits its own, so it holds one test only.
#![cfg(target_os = "linux")]

mod common;

use std::ops::ControlFlow;

use footnote_core::ErrorKind;
use footnote_core::ports::{GenerateRequest, Generated, Generator, Message, Sampling, Speaker};
use footnote_onnx::OnnxGenerator;
use tokio_util::sync::CancellationToken;

fn ask(generator: &OnnxGenerator, question: &str) -> footnote_core::Result<Generated> {
    let messages = [Message {
        speaker: Speaker::User,
        text: question.into(),
    }];
    let request = GenerateRequest {
        messages: &messages,
        max_tokens: 20,
        stop: &[],
        sampling: Sampling::Greedy,
        constraint: None,
    };
    generator.generate(
        &request,
        &mut |_| ControlFlow::Continue(()),
        &CancellationToken::new(),
    )
}

/// Sets the limit of the address space; returns the one before.
fn limit_address_space(bytes: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls get a valid pointer to a struct that outlives them.
    let done = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) };
    assert_eq!(done, 0, "getrlimit");
    let before = std::mem::replace(&mut limit.rlim_cur, bytes);
    // SAFETY: as above.
    let done = unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) };
    assert_eq!(done, 0, "setrlimit");
    before
}

fn address_space() -> libc::rlim_t {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("statm");
    pages
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<libc::rlim_t>().ok())
        .expect("a number")
        * 4096
}

#[test]
fn without_memory_there_is_an_error_with_a_remedy_and_the_next_question_is_answered() {
    let Some(generator) = common::generator(32_768) else {
        return;
    };
    ask(&generator, "Hi").expect("the model is loaded");
    // 6,000 tokens need 140 MB of keys and values.
    let question = "Shelf 7 holds plum jam. ".repeat(850);
    let before = limit_address_space(address_space() + (40 << 20));
    let result = ask(&generator, &question);
    limit_address_space(before);
    let error = result.expect_err("there was no memory for it");
    assert_eq!(error.kind, ErrorKind::Runtime);
    assert!(error.message.contains("not enough memory"), "{error}");
    assert!(error.hint.is_some());
    let generated = ask(&generator, "What is the capital of France?").expect("the next question");
    assert!(generated.text.contains("Paris"), "{}", generated.text);
}
