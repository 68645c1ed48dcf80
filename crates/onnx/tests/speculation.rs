//! Prompt lookup on real models: the same text, sooner.

mod common;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use footnote_core::citation::OnlySupplied;
use footnote_core::ports::{
    Constraint, GenerateRequest, Generated, Generator, Message, Sampling, Speaker, TextConstraint,
};
use footnote_onnx::{GeneratorOptions, OnnxGenerator};
use tokio_util::sync::CancellationToken;

const PASSAGES: &str = "Passages:\n\n\
    [1] (Keeper's handbook)\nThe lamp of the lighthouse must be cleaned every fourteen days with a dry linen cloth. \
    The keeper writes the date and the weather into the log book after each cleaning. In winter the glass is also \
    checked for ice before sunset.\n\n\
    [2] (Harbour rules, Section 4)\nVessels longer than twenty metres must announce their arrival at least two hours \
    ahead on channel 12. The harbour master may refuse entry when the wind is stronger than force eight.\n\n\
    [3] (Letters)\nMy dear sister, the keeper's house stands on the east side of the island, where the cliffs are \
    lowest, and from the kitchen one sees the whole bay.\n\n";

const QUESTIONS: [&str; 6] = [
    "How often must the lamp be cleaned, and what is written down after it? Quote the passages.",
    "What do the harbour rules say about vessels and wind?",
    "Repeat the second passage word for word.",
    "Summarise all passages in three sentences with markers.",
    "Write a poem about the sea that uses nothing of this.",
    "List the numbers from 1 to 40, one per line.",
];

fn ask(
    generator: &OnnxGenerator,
    question: &str,
    sampling: Sampling,
    constraint: Option<&dyn TextConstraint>,
) -> (Generated, Duration) {
    let system =
        "Answer from the passages only. End every sentence with the marker of its passage, like [1].";
    let messages = [
        (Speaker::System, system.to_owned()),
        (Speaker::User, format!("{PASSAGES}Question: {question}")),
    ]
    .map(|(speaker, text)| Message { speaker, text });
    let request = GenerateRequest {
        messages: &messages,
        max_tokens: 120,
        stop: &[],
        sampling,
        constraint: constraint.map(Constraint::Text),
    };
    let mut begun = None;
    let mut sink = |_: &str| {
        begun.get_or_insert_with(Instant::now);
        ControlFlow::Continue(())
    };
    let generated = generator
        .generate(&request, &mut sink, &CancellationToken::new())
        .expect("generation");
    let writing = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
    (generated, writing)
}

#[test]
fn the_text_is_the_same_with_and_without_speculation() {
    let only = OnlySupplied { count: 2 };
    let drawn = Sampling::Nucleus {
        temperature: 0.7,
        top_p: 0.9,
        seed: 11,
    };
    for model in ["qwen-0.5b", "qwen-0.5b-fast"] {
        let open = |speculate| {
            let options = GeneratorOptions {
                speculate,
                ..GeneratorOptions::default()
            };
            common::generator_with(model, options)
        };
        let (Some(with), Some(without)) = (open(true), open(false)) else {
            return;
        };
        let (mut confirmed, mut written) = (0, 0);
        let mut times = [Duration::ZERO; 2];
        for (at, question) in QUESTIONS.iter().enumerate() {
            let constraint: Option<&dyn TextConstraint> = if at % 2 == 0 { Some(&only) } else { None };
            let sampling = if at == 3 { drawn } else { Sampling::Greedy };
            let (fast, time) = ask(&with, question, sampling, constraint);
            let (slow, slow_time) = ask(&without, question, sampling, constraint);
            assert_eq!(fast.text, slow.text, "{model}: {question}");
            let counted = |done: &Generated| (done.tokens.prompt, done.tokens.generated, done.finish);
            assert_eq!(counted(&fast), counted(&slow));
            assert_eq!(slow.tokens.confirmed, 0);
            assert!(
                constraint.is_none() || !fast.text.contains("[3]"),
                "{}",
                fast.text
            );
            eprintln!(
                "{model}: {} of {} confirmed, {:.2} s and {:.2} s: {question}",
                fast.tokens.confirmed,
                fast.tokens.generated,
                time.as_secs_f64(),
                slow_time.as_secs_f64()
            );
            confirmed += fast.tokens.confirmed;
            written += fast.tokens.generated;
            times[0] += time;
            times[1] += slow_time;
        }
        eprintln!("{model}: {confirmed} of {written} confirmed; {times:?}");
        assert!(
            confirmed * 3 > written,
            "{confirmed} of {written} tokens were confirmed"
        );
    }
}
