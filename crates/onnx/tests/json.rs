//! JSON by schema on a real model.

mod common;

use std::ops::ControlFlow;

use footnote_core::ErrorCode;
use footnote_core::ports::{
    Constraint, FinishReason, GenerateRequest, Generated, Generator, Message, Sampling, Speaker,
};
use footnote_core::{Result, prompt};
use footnote_onnx::OnnxGenerator;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn ask(
    generator: &OnnxGenerator,
    text: &str,
    schema: &Value,
    max_tokens: usize,
    seed: Option<u64>,
) -> Result<Generated> {
    let messages = [Message {
        speaker: Speaker::User,
        text: text.into(),
    }];
    let request = GenerateRequest {
        messages: &messages,
        max_tokens,
        stop: &[],
        sampling: seed.map_or(Sampling::Greedy, |seed| Sampling::Nucleus {
            temperature: 1.5,
            top_p: 0.98,
            seed,
        }),
        constraint: Some(Constraint::Json(schema)),
    };
    generator.generate(
        &request,
        &mut |_| ControlFlow::Continue(()),
        &CancellationToken::new(),
    )
}

fn ship() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 20 },
            "kind": { "enum": ["tug", "ferry", "barge"] },
            "length": { "type": "integer", "minimum": 1, "maximum": 400 },
            "draught": { "type": "number" },
            "afloat": { "type": "boolean" },
            "flag": { "const": "none" },
            "ports": { "type": "array", "items": { "type": "string", "maxLength": 12 }, "minItems": 1, "maxItems": 3 }
        },
        "required": ["name", "kind", "length", "draught", "afloat", "flag", "ports"],
        "additionalProperties": false
    })
}

#[test]
fn whatever_is_drawn_fits_the_schema() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let schema = ship();
    // Hot sampling, and a prompt that asks for something else altogether.
    for seed in [None, Some(1), Some(2), Some(3), Some(4)] {
        let generated = ask(
            &generator,
            "Tell me a long story about the sea. No JSON!",
            &schema,
            200,
            seed,
        )
        .expect("generation");
        assert_eq!(generated.finish, FinishReason::EndOfTurn, "{}", generated.text);
        let value: Value = serde_json::from_str(&generated.text).expect(&generated.text);
        let object = value.as_object().expect("an object");
        assert_eq!(object.len(), 7, "{value}");
        assert!((1..=20).contains(&value["name"].as_str().expect("name").chars().count()));
        assert!(["tug", "ferry", "barge"].contains(&value["kind"].as_str().expect("kind")));
        assert!((1..=400).contains(&value["length"].as_i64().expect("length")));
        assert!(value["draught"].is_number() && value["afloat"].is_boolean() && value["flag"] == "none");
        assert!((1..=3).contains(&value["ports"].as_array().expect("ports").len()));
    }
}

#[test]
fn a_limit_leaves_a_beginning_of_the_value() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let generated = ask(&generator, "A ship?", &ship(), 6, None).expect("generation");
    assert_eq!(generated.finish, FinishReason::Length);
    assert!(generated.text.starts_with(r#"{"name": ""#), "{}", generated.text);
}

#[test]
fn a_schema_that_cannot_be_followed_is_refused() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    for schema in [
        json!({ "type": "fish" }),
        json!({ "type": "integer", "minimum": 3, "maximum": 1 }),
        json!(7),
    ] {
        let error = ask(&generator, "Hi", &schema, 10, None).expect_err("must be refused");
        assert_eq!(error.code, Some(ErrorCode::Unsupported), "{schema}: {error}");
        assert!(error.hint.is_some());
    }
}

#[test]
fn a_follow_up_is_rewritten_by_schema() {
    let Some(generator) = common::generator(4096) else {
        return;
    };
    let text = "Conversation:\nUser: Where does the keeper of the lighthouse live?\nAssistant: On the east side of the \
        island.\n\nLast question: How old is it?\nReply with the rewritten question as JSON.";
    let generated = ask(&generator, text, &prompt::rewrite_schema(), 160, None).expect("generation");
    let question = prompt::rewritten(&generated.text);
    assert!(
        question.is_some_and(|question| question.ends_with('?')),
        "{}",
        generated.text
    );
}
