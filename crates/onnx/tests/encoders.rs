//! Imported embedders, rerankers and classifiers through their ports, texts in and numbers out, held against what
//! the original framework computes on the same texts.

#[path = "common/tiny.rs"]
mod tiny;

use footnote_core::ErrorCode;
use footnote_core::ports::{Embedder, Entailment, Reranker, TextRole};
use footnote_onnx::{
    ClassifierInput, EmbedderOptions, OnnxClassifier, OnnxEmbedder, OnnxEntailment, OnnxReranker,
    PairOptions, Profile, imported_facts,
};
use tiny::{Reference, imported};
use tokio_util::sync::CancellationToken;

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter().map(|value| value / length).collect()
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[test]
fn embedders_give_the_vectors_of_the_original() {
    for name in [
        "bert-sentence",
        "xlm-roberta-sentence",
        "mpnet-sentence",
        "modernbert-sentence",
    ] {
        let Some((runtime, folder)) = imported(name, Profile::Exact) else {
            return;
        };
        let embedder =
            OnnxEmbedder::open(&runtime, folder.path(), EmbedderOptions::default()).expect("opens");
        let reference = Reference::read(name);
        let cancel = CancellationToken::new();
        let mut texts = reference.texts();
        if name == "bert-sentence" {
            // Its files declare a prefix; the reference was computed without.
            let vectors = embedder
                .embed(&texts, TextRole::Passage, &cancel)
                .expect("vectors");
            assert!(
                distance(&vectors[0], &unit(&reference.output[..24])) > 1e-3,
                "the prefix is put in front"
            );
            continue;
        }
        texts.push("lamp ".repeat(500));
        let vectors = embedder
            .embed(&texts, TextRole::Passage, &cancel)
            .expect("vectors");
        for (vector, expected) in vectors.iter().zip(reference.output.chunks(reference.per_row())) {
            assert_eq!(vector.len(), embedder.dimension());
            let off = distance(vector, &unit(expected));
            assert!(off < 1e-4, "{name} is off by {off}");
        }
        assert_eq!(vectors.len(), texts.len());
    }
}

#[test]
fn rerankers_give_the_scores_of_the_original() {
    for name in ["xlm-roberta-reranker", "modernbert-reranker"] {
        let Some((runtime, folder)) = imported(name, Profile::Exact) else {
            return;
        };
        let reranker = OnnxReranker::open(&runtime, folder.path(), &PairOptions::default()).expect("opens");
        let reference = Reference::read(name);
        let cancel = CancellationToken::new();
        for ((query, passage), logit) in reference.pairs().into_iter().zip(&reference.output) {
            // Others beside it, shorter and longer (and cut), must not change its score or its place.
            let passages = ["who".to_owned(), passage, "the red key ".repeat(200)];
            let scores = reranker.rerank(&query, &passages, &cancel).expect("scores");
            assert_eq!(scores.len(), 3);
            let off = (scores[1] - sigmoid(*logit)).abs();
            assert!(off < 1e-4, "{name} is off by {off}");
        }
        assert!(
            reranker
                .rerank("who", &[], &cancel)
                .expect("no scores")
                .is_empty()
        );
        cancel.cancel();
        let stopped = reranker.rerank("who", &["the keeper".into()], &cancel);
        assert!(stopped.expect_err("canceled").is_canceled());
    }
}

#[test]
fn classifiers_give_the_probabilities_of_the_original() {
    for (name, labels) in [
        ("bert-nli", vec!["contradiction", "entailment", "neutral"]),
        ("mpnet-classifier", vec!["LABEL_0", "LABEL_1"]),
    ] {
        let Some((runtime, folder)) = imported(name, Profile::Exact) else {
            return;
        };
        let classifier =
            OnnxClassifier::open(&runtime, folder.path(), &PairOptions::default()).expect("opens");
        assert_eq!(classifier.labels(), labels);
        let reference = Reference::read(name);
        let pairs = reference.pairs();
        let inputs: Vec<ClassifierInput<'_>> = pairs
            .iter()
            .map(|(premise, hypothesis)| ClassifierInput::Pair(premise, hypothesis))
            .collect();
        let scores = classifier
            .classify(&inputs, &CancellationToken::new())
            .expect("scores");
        for (scores, logits) in scores.iter().zip(reference.output.chunks(labels.len())) {
            let expected: Vec<f32> = if name == "bert-nli" {
                let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
                logits.iter().map(|logit| logit.exp() / sum).collect()
            } else {
                // Its files declare that logits stay as they are.
                logits.to_vec()
            };
            let off = distance(scores, &expected);
            assert!(off < 1e-4, "{name} is off by {off}");
        }
        let alone = classifier.classify(&[ClassifierInput::Text(&pairs[0].0)], &CancellationToken::new());
        assert_eq!(alone.expect("scores")[0].len(), labels.len());
    }
}

#[test]
fn entailment_is_read_from_the_labels_and_other_classifiers_are_refused() {
    let Some((runtime, folder)) = imported("bert-nli", Profile::Exact) else {
        return;
    };
    let options = PairOptions::default();
    let model = OnnxEntailment::open(&runtime, folder.path(), &options).expect("opens");
    let classifier = OnnxClassifier::open(&runtime, folder.path(), &options).expect("opens");
    let pairs = Reference::read("bert-nli").pairs();
    let judged = model.infer(&pairs, &CancellationToken::new()).expect("judges");
    for ((text, sentence), judged) in pairs.iter().zip(judged) {
        let scores = classifier
            .classify(
                &[ClassifierInput::Pair(text, sentence)],
                &CancellationToken::new(),
            )
            .expect("scores");
        let near = |one: f32, other: f32| (one - other).abs() < 1e-4;
        assert!(near(judged.contradicted, scores[0][0]) && near(judged.entailed, scores[0][1]));
    }
    let Some((runtime, folder)) = imported("mpnet-classifier", Profile::Exact) else {
        return;
    };
    let error = match OnnxEntailment::open(&runtime, folder.path(), &options) {
        Ok(_) => panic!("a classifier of something else opened"),
        Err(error) => error,
    };
    assert!(
        error.message.contains("LABEL_0, LABEL_1, not entailment"),
        "{}",
        error.message
    );
}

#[test]
fn a_classifier_that_tells_entailment_is_known_as_a_grounder_and_works_as_one() {
    let Some((runtime, folder)) = imported("bert-nli", Profile::Exact) else {
        return;
    };
    let facts = imported_facts(folder.path()).expect("facts");
    assert_eq!(facts.role, "grounder");
    assert_eq!(facts.labels, ["contradiction", "entailment", "neutral"]);
    let model = OnnxEntailment::open(&runtime, folder.path(), &PairOptions::default()).expect("opens");
    footnote_core::prove::grounder(&model, &CancellationToken::new()).expect("computes");
    let Some((_, folder)) = imported("mpnet-classifier", Profile::Exact) else {
        return;
    };
    assert_eq!(imported_facts(folder.path()).expect("facts").role, "classifier");
}

#[test]
fn a_model_of_another_role_is_refused_by_name() {
    let Some((runtime, folder)) = imported("bert-nli", Profile::Exact) else {
        return;
    };
    let error = match OnnxReranker::open(&runtime, folder.path(), &PairOptions::default()) {
        Ok(_) => panic!("a classifier opened as a reranker"),
        Err(error) => error,
    };
    assert_eq!(error.code, Some(ErrorCode::Unsupported));
    assert!(
        error
            .message
            .ends_with("this model is a classifier, not a reranker"),
        "{}",
        error.message
    );
    assert!(OnnxEmbedder::open(&runtime, folder.path(), EmbedderOptions::default()).is_err());
}
