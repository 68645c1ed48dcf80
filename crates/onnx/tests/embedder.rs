//! The embedder on a real model.

mod common;

use footnote_core::ports::{Embedder, TextRole};
use tokio_util::sync::CancellationToken;

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn texts() -> Vec<String> {
    let words = "the river runs past mills and towns until it meets a grey and quiet sea";
    let mut texts: Vec<String> = (1..40).map(|at| words.repeat(4)[..at * 7].to_owned()).collect();
    texts.push("Der Fluss fließt ins Meer. 河流入海。🦀".into());
    texts
}

#[test]
fn a_vector_depends_on_its_own_text_alone() {
    let Some(embedder) = common::embedder() else {
        return;
    };
    let cancel = CancellationToken::new();
    let texts = texts();
    let together = embedder
        .embed(&texts, TextRole::Passage, &cancel)
        .expect("vectors");
    for (text, vector) in texts.iter().zip(&together) {
        assert_eq!(vector.len(), embedder.dimension());
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5);
        let alone = embedder
            .embed(std::slice::from_ref(text), TextRole::Passage, &cancel)
            .expect("vector");
        let alike = cosine(vector, &alone[0]);
        assert!(alike >= 0.9999, "{alike} for {text:?}");
    }
}

#[test]
fn likeness_of_meaning_is_likeness_of_vectors() {
    let Some(embedder) = common::embedder() else {
        return;
    };
    let cancel = CancellationToken::new();
    let passages = ["Paris is the capital of France.", "Plums ripen in late summer."].map(String::from);
    let vectors = embedder
        .embed(&passages, TextRole::Passage, &cancel)
        .expect("vectors");
    let query = "Which city governs France?".to_owned();
    let query = embedder
        .embed(&[query], TextRole::Query, &cancel)
        .expect("vector");
    assert!(cosine(&query[0], &vectors[0]) > cosine(&query[0], &vectors[1]) + 0.02);
}

#[test]
fn long_texts_are_cut_to_the_limit() {
    let Some(embedder) = common::embedder() else {
        return;
    };
    let cancel = CancellationToken::new();
    let long = "water and stone ".repeat(2000);
    let longer = format!("{long} and much else besides");
    let vectors = embedder
        .embed(&[long, longer], TextRole::Passage, &cancel)
        .expect("vectors");
    assert!(cosine(&vectors[0], &vectors[1]) > 0.99999);
}

#[test]
fn offsets_cover_the_text_in_order() {
    let Some(embedder) = common::embedder() else {
        return;
    };
    let text = "Größe: 5 µm, 東京 🦀 end";
    let offsets = embedder.token_offsets(text).expect("offsets");
    assert!(offsets.windows(2).all(|pair| pair[0].start <= pair[1].start));
    let covered: String = offsets.iter().map(|range| &text[range.clone()]).collect();
    assert!(covered.contains("µm") && covered.contains("end"), "{covered}");
    assert!(embedder.token_offsets("").expect("offsets").is_empty());
}

#[test]
fn cancelled_work_is_not_begun() {
    let Some(embedder) = common::embedder() else {
        return;
    };
    let cancel = CancellationToken::new();
    cancel.cancel();
    let error = embedder
        .embed(&texts(), TextRole::Passage, &cancel)
        .expect_err("cancelled");
    assert!(error.is_canceled());
    assert!(!embedder.handle().is_loaded());
}

/// The model's own tokenizer is the reference for ours, which keeps the same vocabulary in a fortieth of the memory.
#[test]
fn tokens_stand_where_the_published_tokenizer_has_them() {
    let Some((_, folder)) = common::model("e5-small") else {
        return;
    };
    let Some(embedder) = common::embedder() else {
        return;
    };
    let reference = tokenizers::Tokenizer::from_file(folder.join("tokenizer.json")).expect("tokenizer");
    let mut texts = vec![
        "Größe: 5 µm, 東京 🦀 end".to_owned(),
        "\u{400}\u{488} ﬁ ½ e\u{301} \u{200b}\u{ad}\u{feff} \u{202e}abc\0d\r\n\t x".to_owned(),
        "<s>not a marker</s> <unk> <mask> ▁▁ __".to_owned(),
        "النصوص العربية تُقرأ من اليمين إلى اليسار. हिन्दी में लिखा गया वाक्य। ภาษาไทยไม่มีช่องว่าง".to_owned(),
    ];
    for file in [
        "README.md",
        "BENCHMARKS.md",
        "crates/onnx/src/unigram.rs",
        "ui/src/i18n/de.ts",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(file);
        let text = std::fs::read_to_string(path).expect("a file of the project");
        texts.extend(text.split_inclusive("\n\n").map(str::to_owned));
    }
    for text in texts {
        let expected = reference.encode(text.as_str(), false).expect("reference");
        let expected: Vec<_> = expected
            .get_offsets()
            .iter()
            .map(|&(start, end)| start..end.max(start))
            .collect();
        assert_eq!(
            embedder.token_offsets(&text).expect("offsets"),
            expected,
            "{text:?}"
        );
    }
}
