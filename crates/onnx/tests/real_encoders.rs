//! Real sentence embedders held against transformers (`tests/reference/embedders.py`). `FOOTNOTE_TEST_ENCODERS`
//! names a folder with the publishers' folders; without it, tests say that they skip.
#![allow(clippy::print_stderr)]

#[path = "common/tiny.rs"]
mod tiny;

use std::path::PathBuf;

use footnote_core::ports::{Embedder, TextRole};
use footnote_onnx::{EmbedderOptions, GeneratorForm, OnnxEmbedder, Profile, prepare_model};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    vectors: Vec<Vec<f64>>,
}

/// One minus the cosine of the vectors, in double precision: float32 rounds what is looked for here away.
fn apart(a: &[f32], b: &[f64]) -> f64 {
    let dot = |a: &mut dyn Iterator<Item = (f64, f64)>| a.map(|(a, b)| a * b).sum::<f64>();
    let wide = || a.iter().map(|value| f64::from(*value));
    let both = dot(&mut wide().zip(b.iter().copied()));
    let own = dot(&mut wide().zip(wide())) * dot(&mut b.iter().copied().zip(b.iter().copied()));
    1.0 - both / own.sqrt()
}

/// Largest distance (one minus cosine) of the model `name` to the original over the reference's texts.
fn worst(name: &str, profile: Profile) -> Option<f64> {
    let folder = std::env::var_os("FOOTNOTE_TEST_ENCODERS").map(|store| PathBuf::from(store).join(name));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "FOOTNOTE_REQUIRE_MODELS=1, but FOOTNOTE_TEST_ENCODERS has no {name}"
        );
        eprintln!("SKIPPED: there is no {name} in the folder FOOTNOTE_TEST_ENCODERS");
        return None;
    };
    let runtime = tiny::runtime()?;
    let cache = tempfile::tempdir().expect("folder");
    let imported = prepare_model(
        &folder,
        cache.path(),
        GeneratorForm {
            profile,
            ..GeneratorForm::PORTABLE
        },
        |_| std::ops::ControlFlow::Continue(()),
    );
    let imported = imported.expect("import");
    let embedder = OnnxEmbedder::open(&runtime, &imported, EmbedderOptions::default()).expect("opens");
    let reference = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/reference/{name}.json"));
    let reference: Reference =
        serde_json::from_slice(&std::fs::read(reference).expect("reference")).expect("reference");
    let cancel = CancellationToken::new();
    let vectors = embedder
        .embed(&reference.texts, TextRole::Passage, &cancel)
        .expect("vectors");
    let distances = vectors.iter().zip(&reference.vectors).map(|(a, b)| apart(a, b));
    let worst = distances.fold(0.0, f64::max);
    eprintln!("{name} {profile:?}: one minus cosine is at most {worst:.1e}");
    Some(worst)
}

#[test]
fn all_minilm_l6_v2_is_what_transformers_computes() {
    if let Some(worst) = worst("all-minilm-l6-v2", Profile::Exact) {
        assert!(worst < 1e-9, "{worst}");
    }
    if let Some(worst) = worst("all-minilm-l6-v2", Profile::Fast) {
        assert!(worst < 1e-3, "{worst}");
    }
}

#[test]
fn all_mpnet_base_v2_is_what_transformers_computes() {
    if let Some(worst) = worst("all-mpnet-base-v2", Profile::Exact) {
        assert!(worst < 1e-9, "{worst}");
    }
    if let Some(worst) = worst("all-mpnet-base-v2", Profile::Fast) {
        assert!(worst < 1e-3, "{worst}");
    }
}
