//! A model that turns positions by other angles in long sequences (LongRoPE), asked short and long questions by turns.

#[path = "common/tiny.rs"]
mod tiny;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use footnote_core::ports::{GenerateRequest, Generated, Generator, Message, Sampling, Speaker};
use footnote_model_import::{ImportOptions, ModelManifest, Role, import_gguf};
use footnote_onnx::{GeneratorOptions, OnnxGenerator, Runtime};
use tokio_util::sync::CancellationToken;

fn import(out: &Path) -> usize {
    let source =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../model-import/tests/fixtures/decoders/phi3.gguf");
    let options = ImportOptions::default();
    let imported = import_gguf(&source, out, options, |_| ControlFlow::Continue(())).expect("import");
    let ModelManifest {
        role: Role::Generator(manifest),
        ..
    } = imported.manifest
    else {
        panic!("not a generator");
    };
    let original = manifest.original_context_length.expect("two kinds of angles");
    assert!(original < manifest.context_length);
    original
}

fn open(runtime: &Runtime, folder: &Path) -> OnnxGenerator {
    OnnxGenerator::open(runtime, folder, GeneratorOptions::default()).expect("open")
}

fn ask(generator: &OnnxGenerator, text: &str, max_tokens: usize) -> Generated {
    let messages = [Message {
        speaker: Speaker::User,
        text: text.into(),
    }];
    let request = GenerateRequest {
        messages: &messages,
        max_tokens,
        stop: &[],
        sampling: Sampling::Greedy,
        constraint: None,
    };
    let mut sink = |_: &str| ControlFlow::Continue(());
    generator
        .generate(&request, &mut sink, &CancellationToken::new())
        .expect("generation")
}

#[test]
fn keys_of_short_and_long_sequences_are_not_mixed() {
    let Some(runtime) = tiny::runtime() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().join("model");
    let original = import(&folder);
    let text: String = ('A'..='z').cycle().step_by(5).take(original + 20).collect();
    let (short, long) = (&text[..40], text.as_str());
    // The short question may be answered at such length that the sequence becomes a long one.
    let asked = [
        (short, 8),
        (long, 8),
        (short, 8),
        (short, 40),
        (long, 8),
        (short, 40),
    ];
    let generator = open(&runtime, &folder);
    let mut reused = Vec::new();
    for (text, room) in asked {
        let here = ask(&generator, text, room);
        let fresh = ask(&open(&runtime, &folder), text, room);
        assert_eq!(here.text, fresh.text, "{} characters, {room} more", text.len());
        reused.push(here.tokens.reused > 0);
    }
    // Short and long ones share nothing; long ones with each other do.
    assert_eq!(reused, [false, false, false, false, true, true]);
    let (short, long) = (ask(&generator, short, 8), ask(&generator, short, 40));
    assert!(
        !long.text.starts_with(&short.text),
        "the angles make no difference"
    );
}
