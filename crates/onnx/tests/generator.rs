//! The generator on a real model.

mod common;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use footnote_core::ErrorCode;
use footnote_core::ports::{
    Constraint, FinishReason, GenerateRequest, Generated, Generator, Message, Sampling, Speaker,
    TextConstraint,
};
use footnote_onnx::OnnxGenerator;
use tokio_util::sync::CancellationToken;

struct Ask<'a> {
    question: &'a str,
    max_tokens: usize,
    stop: Vec<String>,
    sampling: Sampling,
    constraint: Option<Constraint<'a>>,
}

impl<'a> Ask<'a> {
    fn new(question: &'a str, max_tokens: usize) -> Self {
        Self {
            question,
            max_tokens,
            stop: Vec::new(),
            sampling: Sampling::Greedy,
            constraint: None,
        }
    }

    fn of(&self, generator: &OnnxGenerator) -> Generated {
        let mut streamed = String::new();
        let mut sink = |piece: &str| {
            streamed.push_str(piece);
            ControlFlow::Continue(())
        };
        let cancel = CancellationToken::new();
        let generated = self.run(generator, &mut sink, &cancel).expect("generation");
        assert_eq!(generated.text, streamed, "what was streamed is the text");
        generated
    }

    fn run(
        &self,
        generator: &OnnxGenerator,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> footnote_core::Result<Generated> {
        let messages = [Message {
            speaker: Speaker::User,
            text: self.question.into(),
        }];
        let request = GenerateRequest {
            messages: &messages,
            max_tokens: self.max_tokens,
            stop: &self.stop,
            sampling: self.sampling,
            constraint: self.constraint,
        };
        generator.generate(&request, sink, cancel)
    }
}

fn long_text(sentences: usize) -> String {
    (0..sentences)
        .map(|at| format!("Shelf {at} holds {} jars of plum jam. ", at * 7 % 23))
        .collect()
}

#[test]
fn knows_the_capital_of_france_twice() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let ask = Ask::new("What is the capital of France?", 40);
    let first = ask.of(&generator);
    assert!(first.text.contains("Paris"), "{}", first.text);
    assert_eq!(first.finish, FinishReason::EndOfTurn);
    let again = ask.of(&generator);
    assert_eq!(
        (again.text, again.tokens.generated, again.finish),
        (first.text, first.tokens.generated, first.finish),
        "the same question gets the same answer"
    );
}

#[test]
fn a_reused_prefix_gives_the_same_text() {
    for model in ["qwen-0.5b", "qwen-0.5b-fast"] {
        let Some(warm) = common::generator_of(model, 8192) else {
            return;
        };
        let cold = common::generator_of(model, 8192).expect("generator");
        let text = long_text(90);
        let questions = [
            "How many jars are on shelf 3?",
            "Which shelf holds no jar at all?",
            "How many jars are on shelf 3?",
        ];
        let mut times = Vec::new();
        for question in questions {
            let question = format!("{text}\n\n{question}");
            let ask = Ask::new(&question, 24);
            let start = Instant::now();
            let reused = ask.of(&warm);
            times.push(start.elapsed());
            // Without the prompt in the cache, and beyond the first size of the cache.
            cold.handle().unload();
            assert_eq!(ask.of(&cold).text, reused.text);
        }
        eprintln!("{model}: with load {:?}, then {:?}", times[0], &times[1..]);
        assert!(times[1] < times[0], "{times:?}");
    }
}

#[test]
fn instructions_are_kept_while_other_prompts_take_turns() {
    let (Some(warm), Some(cold)) = (common::generator(4096), common::generator(4096)) else {
        return;
    };
    let instructions = [
        "Answer in one short sentence, as an old sailor would, and never mention the weather. ".repeat(4),
        "Translate what is said into French, word for word, without adding or leaving out anything. "
            .repeat(4),
    ];
    let run = |generator: &OnnxGenerator, kind: usize, question: &str| {
        let messages = [
            (Speaker::System, instructions[kind].clone()),
            (Speaker::User, question.into()),
        ]
        .map(|(speaker, text)| Message { speaker, text });
        let request = GenerateRequest {
            messages: &messages,
            max_tokens: 16,
            stop: &[],
            sampling: Sampling::Greedy,
            constraint: None,
        };
        generator
            .generate(
                &request,
                &mut |_| ControlFlow::Continue(()),
                &CancellationToken::new(),
            )
            .expect("generation")
    };
    for (at, (kind, question)) in [
        (0, "Where is the harbour?"),
        (1, "The boat is late."),
        (0, "Who mends the nets?"),
        (1, "The lamp is lit."),
    ]
    .into_iter()
    .enumerate()
    {
        let generated = run(&warm, kind, question);
        cold.handle().unload();
        let alone = run(&cold, kind, question);
        assert_eq!(generated.text, alone.text);
        assert_eq!(alone.tokens.reused, 0);
        assert_eq!(
            generated.tokens.reused >= 64,
            at >= 2,
            "{at}: {} reused",
            generated.tokens.reused
        );
    }
}

#[test]
fn stop_strings_end_the_text_before_them() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let mut ask = Ask::new("Count from 1 to 20, separated by commas.", 60);
    ask.stop = vec!["7".into()];
    let generated = ask.of(&generator);
    assert_eq!(generated.finish, FinishReason::Stop);
    assert!(
        generated.text.contains('6') && !generated.text.contains('7'),
        "{}",
        generated.text
    );
}

struct OnlyDigits;

impl TextConstraint for OnlyDigits {
    fn allows(&self, text: &str, piece: &str) -> bool {
        text.len() + piece.len() <= 6 && piece.bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[test]
fn a_constraint_is_never_broken() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    for sampling in [
        Sampling::Greedy,
        Sampling::Nucleus {
            temperature: 0.8,
            top_p: 0.95,
            seed: 4,
        },
    ] {
        let mut ask = Ask::new("Tell me a story about the sea.", 12);
        ask.constraint = Some(Constraint::Text(&OnlyDigits));
        ask.sampling = sampling;
        let text = ask.of(&generator).text;
        assert!(
            text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit()),
            "{text}"
        );
    }
}

#[test]
fn seeds_decide_what_is_sampled() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let text = |seed| {
        let mut ask = Ask::new("Invent a name for a ship.", 24);
        ask.sampling = Sampling::Nucleus {
            temperature: 1.2,
            top_p: 0.98,
            seed,
        };
        ask.of(&generator).text
    };
    assert_eq!(text(1), text(1));
    assert!((2..6).any(|seed| text(seed) != text(1)));
}

#[test]
fn cancelling_ends_within_a_token() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let ask = Ask::new("Write a long essay about rivers.", 300);
    let cancel = CancellationToken::new();
    let mut pieces = 0;
    let mut sink = |_: &str| {
        pieces += 1;
        if pieces == 3 {
            cancel.cancel();
        }
        ControlFlow::Continue(())
    };
    let generated = ask.run(&generator, &mut sink, &cancel).expect("generation");
    assert_eq!(generated.finish, FinishReason::Canceled);
    assert!(generated.tokens.generated <= 4, "{generated:?}");

    let mut sink = |_: &str| ControlFlow::Break(());
    let generated = ask
        .run(&generator, &mut sink, &CancellationToken::new())
        .expect("generation");
    assert_eq!(
        (generated.finish, generated.tokens.generated),
        (FinishReason::Canceled, 1)
    );
}

#[test]
fn cancelling_interrupts_reading_the_prompt() {
    let Some(generator) = common::generator(8192) else {
        return;
    };
    Ask::new("Hi", 1).of(&generator);
    let question = long_text(300);
    let ask = Ask::new(&question, 10);
    let cancel = CancellationToken::new();
    let (generated, late) = std::thread::scope(|scope| {
        let running = scope.spawn(|| ask.run(&generator, &mut |_: &str| ControlFlow::Continue(()), &cancel));
        std::thread::sleep(Duration::from_millis(600));
        cancel.cancel();
        let start = Instant::now();
        (
            running.join().expect("join").expect("generation"),
            start.elapsed(),
        )
    });
    assert_eq!(generated.finish, FinishReason::Canceled);
    assert_eq!(generated.tokens.generated, 0);
    assert!(late < Duration::from_secs(10), "{late:?}");
    // What the interrupted run left behind does no harm.
    assert!(
        Ask::new("What is the capital of France?", 40)
            .of(&generator)
            .text
            .contains("Paris")
    );
}

#[test]
fn a_prompt_beyond_the_context_is_shortened_in_the_middle() {
    let Some(generator) = common::generator(256) else {
        return;
    };
    let question = format!("{}\n\nWhat is the capital of France?", long_text(60));
    let generated = Ask::new(&question, 30).of(&generator);
    assert!(generated.text.contains("Paris"), "{}", generated.text);
    assert!(
        generated.tokens.omitted > 500 && generated.tokens.prompt + 30 <= 256,
        "{generated:?}"
    );
    let filled = Ask::new("Write a long essay about rivers.", 500).of(&generator);
    assert_eq!((filled.finish, filled.tokens.omitted), (FinishReason::Length, 0));
    assert_eq!(filled.tokens.prompt + filled.tokens.generated, 256);
}

#[test]
fn old_turns_are_left_out_first_and_instructions_never() {
    let Some(generator) = common::generator(256) else {
        return;
    };
    let turn = |speaker, text: &str| Message {
        speaker,
        text: text.into(),
    };
    let jam = long_text(30);
    let mut messages = vec![
        turn(Speaker::System, "Answer with one word."),
        turn(Speaker::User, &jam),
        turn(Speaker::Assistant, "Plum."),
        turn(Speaker::User, "What is the capital of France?"),
    ];
    let ask = |messages: &[Message]| {
        let request = GenerateRequest {
            messages,
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
    };
    let whole = ask(&messages).expect("generation");
    assert!(
        whole.text.contains("Paris") && whole.tokens.omitted > 300,
        "{whole:?}"
    );
    messages.drain(1..3);
    let without = ask(&messages).expect("generation");
    assert_eq!((whole.text, without.tokens.omitted), (without.text, 0));
    messages[0].text = jam;
    let error = ask(&messages).expect_err("instructions that do not fit");
    assert_eq!(error.code, Some(ErrorCode::QuestionTooLong));
    assert!(error.hint.is_some());
}

#[test]
fn two_callers_take_turns() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let questions = ["What is the capital of France?", "What is the capital of Italy?"];
    std::thread::scope(|scope| {
        let answers = questions.map(|question| {
            let generator = generator.clone();
            scope.spawn(move || Ask::new(question, 40).of(&generator).text)
        });
        let [france, italy] = answers.map(|answer| answer.join().expect("join"));
        assert!(
            france.contains("Paris") && italy.contains("Rome"),
            "{france} / {italy}"
        );
    });
}

#[test]
fn control_tokens_in_documents_are_only_text() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let plain = generator.count_tokens("a b").expect("count");
    assert!(generator.count_tokens("a <|im_end|> b").expect("count") > plain + 1);
}
