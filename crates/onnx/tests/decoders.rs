//! Decoder graphs of every family against the framework the models come from: tiny random models, as GGUF and
//! as folders of safetensors, with their logits, written by `model-import/tests/reference/decoders.py`.
//!
//! Activations are left in float32 here, so that only the graph is judged and not the int8 kernels.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use footnote_model_import::attention::KEY_BLOCK;
use footnote_model_import::onnx::ModelProto;
use footnote_model_import::panels::TERMS;
use footnote_model_import::{
    GRAPH_FILE, GeneratorManifest, ImportOptions, Operators, ROPE_START, Role, import_model,
};
use footnote_onnx::operators;
use half::f16;
use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};
use ort::value::{Tensor, Value};
use prost::Message;

const TOKENS: usize = 40;
/// More than the original context of the model with two kinds of angles.
const LONG_TOKENS: usize = 80;
const VOCAB: usize = 96;
/// Positions of the cache.
const CAPACITY: usize = 2 * KEY_BLOCK;

/// Every fixture with how far its logits may be off. Most block types are lossless; those with minimums
/// carry the rounding of their corrections, on logits that spread by 3.
const FIXTURES: [(&str, f32); 10] = [
    ("llama3", 1e-3),
    ("llama-yarn", 1e-3),
    ("llama-linear-biased", 1e-3),
    ("smollm3", 1e-3),
    ("qwen2", 1e-3),
    ("qwen3", 1e-3),
    ("phi3", 1e-3),
    ("gemma2", 1e-3),
    ("gemma3", 1e-3),
    ("types", 2e-2),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-import/tests/fixtures/decoders")
}

/// How products take their inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Inputs {
    /// As they are.
    Whole,
    /// In eight bits, as those of larger models.
    Rounded,
    /// As the importer has it for models of this size.
    Imported,
}

/// Imports a fixture.
fn import(
    name: &str,
    source: &Path,
    folder: &Path,
    operators: Operators,
    inputs: Inputs,
) -> GeneratorManifest {
    let go_on = |_| ControlFlow::Continue(());
    let options = ImportOptions {
        operators,
        ..ImportOptions::default()
    };
    let imported = import_model(source, folder, options, go_on).expect(name);
    let path = folder.join(GRAPH_FILE);
    let mut model = ModelProto::decode(std::fs::read(&path).expect("graph").as_slice()).expect("protobuf");
    for node in &mut model.graph.as_mut().expect("graph").node {
        node.attribute.retain(|attribute| match inputs {
            Inputs::Whole => attribute.name != "accuracy_level",
            Inputs::Rounded => attribute.name != TERMS,
            Inputs::Imported => true,
        });
        let level = node
            .attribute
            .iter_mut()
            .find(|attribute| attribute.name == "accuracy_level");
        if let Some(level) = level.filter(|_| inputs == Inputs::Rounded) {
            level.i = Some(4);
        }
    }
    std::fs::write(&path, model.encode_to_vec()).expect("write");
    match imported.manifest.role {
        Role::Generator(manifest) => manifest,
        other => panic!("{name} became {other:?}"),
    }
}

/// Logits of all positions of a sequence, fed `chunk` tokens at a time.
fn logits(session: &mut Session, manifest: &GeneratorManifest, length: usize, chunk: usize) -> Vec<f32> {
    let ids: Vec<i64> = (0..length)
        .map(|i| ((7 * i * i + 3 * i) % VOCAB) as i64)
        .collect();
    let mut cache: HashMap<String, Value> = HashMap::new();
    for layer in 0..manifest.layers {
        for part in ["key", "value"] {
            let memory = ort::memory::Allocator::default();
            let shape = [1, manifest.kv_heads, CAPACITY, manifest.head_dim];
            let empty = match manifest.operators {
                operators if operators.is_half() => Tensor::<f16>::new(&memory, shape).map(Tensor::into_dyn),
                _ => Tensor::<f32>::new(&memory, shape).map(Tensor::into_dyn),
            };
            cache.insert(format!("past.{layer}.{part}"), empty.expect("cache"));
        }
    }
    let mut rows = Vec::new();
    for (index, part) in ids.chunks(chunk).enumerate() {
        let total = (index * chunk + part.len()) as i32;
        let positions: Vec<i64> = (0..part.len() as i64).collect();
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = vec![
            (
                "input_ids".into(),
                Tensor::from_array(([1, part.len()], part.to_vec()))
                    .expect("ids")
                    .into(),
            ),
            (
                "seqlens_k".into(),
                Tensor::from_array(([1], vec![total - 1])).expect("length").into(),
            ),
            (
                "total_len".into(),
                Tensor::from_array(((), vec![total])).expect("total").into(),
            ),
            (
                "logits_idx".into(),
                Tensor::from_array(([part.len()], positions))
                    .expect("rows")
                    .into(),
            ),
        ];
        if let Some(original) = manifest.original_context_length {
            let start = if length > original { original as i64 } else { 0 };
            let start = Tensor::from_array(([1], vec![start])).expect("start");
            inputs.push((ROPE_START.into(), start.into()));
        }
        inputs.extend(cache.drain().map(|(name, value)| (name.into(), value.into())));
        let mut outputs = session.run(inputs).expect("run");
        rows.extend_from_slice(outputs["logits"].try_extract_tensor::<f32>().expect("logits").1);
        for layer in 0..manifest.layers {
            for part in ["key", "value"] {
                let present = outputs.remove(format!("present.{layer}.{part}")).expect("cache");
                cache.insert(format!("past.{layer}.{part}"), present);
            }
        }
    }
    rows
}

#[test]
fn every_family_gives_the_logits_of_its_framework() {
    let Some(library) = std::env::var_os("FOOTNOTE_ORT_LIBRARY") else {
        let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "FOOTNOTE_REQUIRE_MODELS=1, but FOOTNOTE_ORT_LIBRARY is not set"
        );
        eprintln!("SKIPPED: FOOTNOTE_ORT_LIBRARY names no ONNX Runtime library");
        return;
    };
    // Not through `Runtime`, which keeps its sessions to itself.
    footnote_onnx::never_report();
    let environment = ort::init_from(library)
        .expect("library")
        .build()
        .expect("environment");
    for (name, tolerance) in FIXTURES {
        let file = fixtures().join(format!("{name}.gguf"));
        let expected = file.with_extension("f32");
        check(
            &environment,
            name,
            &file,
            &expected,
            Operators::Portable,
            tolerance,
        );
        panels_compute_what_portable_operators_do(&environment, name, &file);
        // Eleven bits of each number, on logits that spread by 3.
        let half = tolerance.max(0.1);
        check(&environment, name, &file, &expected, Operators::Half, half);
        check(&environment, name, &file, &expected, Operators::HalfFourBit, half);
        only_four_bits_are_multiplied(name, &file);
        let folder = fixtures().join(name);
        if folder.is_dir() {
            let expected = folder.join("logits.f32");
            // Float weights have no panels, so that of our own operators only attention is judged.
            check(&environment, name, &folder, &expected, Operators::Panels, 1e-3);
            let manifest = check(&environment, name, &folder, &expected, Operators::Portable, 1e-3);
            check(&environment, name, &folder, &expected, Operators::Half, half);
            check(
                &environment,
                name,
                &folder,
                &expected,
                Operators::HalfFourBit,
                half,
            );
            // From tokenizer.json, whose template is taken out, and from config.json.
            assert!(manifest.add_bos);
            assert_eq!(
                (manifest.bos_token_id, manifest.stop_token_ids),
                (Some(1), vec![2])
            );
        }
    }
}

/// Imports `source`, and holds its logits against those in the file `expected`.
fn check(
    environment: &Environment,
    name: &str,
    source: &Path,
    expected: &Path,
    operators: Operators,
    tolerance: f32,
) -> GeneratorManifest {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join(name);
    let manifest = import(name, source, &out, operators, Inputs::Whole);
    let mut session = open(environment, &out);
    let long = expected.with_extension("long.f32");
    assert_eq!(long.is_file(), manifest.original_context_length.is_some());
    let mut lengths = vec![(TOKENS, expected.to_path_buf())];
    if let Some(original) = manifest.original_context_length {
        assert!((TOKENS..LONG_TOKENS).contains(&original));
        lengths.push((LONG_TOKENS, long));
    }
    // Longest first: nothing of a long sequence may be left in the graph for a short one.
    for (length, expected) in lengths.into_iter().rev() {
        let bytes = std::fs::read(expected).expect("logits");
        let (numbers, _) = bytes.as_chunks::<4>();
        let expected: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        // Whole, in chunks that cross the sliding windows, and one by one.
        for chunk in [length, 7, 1] {
            let got = logits(&mut session, &manifest, length, chunk);
            assert_eq!(got.len(), expected.len());
            let off = got.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            let off = off.fold(0.0, f32::max);
            let source = source.display();
            assert!(
                off <= tolerance,
                "{source}, {operators:?}, {length} tokens in chunks of {chunk}: off by {off}"
            );
        }
    }
    manifest
}

fn open(environment: &Environment, folder: &Path) -> Session {
    Session::builder(environment)
        .expect("builder")
        .with_operators(operators::domain(2).expect("operators"))
        .expect("builder")
        .commit_from_file(folder.join(GRAPH_FILE))
        .expect("session")
}

/// No product of eight bits is left in the graph for providers that have none.
fn only_four_bits_are_multiplied(name: &str, source: &Path) {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join(name);
    import(name, source, &out, Operators::HalfFourBit, Inputs::Imported);
    let graph = std::fs::read(out.join(GRAPH_FILE)).expect("graph");
    let model = ModelProto::decode(graph.as_slice()).expect("protobuf");
    let nodes = model.graph.expect("graph").node;
    let bits = nodes.iter().flat_map(|node| &node.attribute);
    let bits: Vec<Option<i64>> = bits
        .filter(|attribute| attribute.name == "bits")
        .map(|attribute| attribute.i)
        .collect();
    assert!(bits.iter().all(|bits| *bits == Some(4)), "{name}: {bits:?}");
}

/// Both quantise inputs to eight bits, panels in shorter stretches: against inputs that are not quantised they
/// are nearer, and near. With a second term for what the first leaves, nearly nothing is between them.
fn panels_compute_what_portable_operators_do(environment: &Environment, name: &str, source: &Path) {
    let folder = tempfile::tempdir().expect("folder");
    let kinds = [
        (Operators::Portable, Inputs::Whole),
        (Operators::Portable, Inputs::Rounded),
        (Operators::Panels, Inputs::Rounded),
        (Operators::Panels, Inputs::Imported),
    ];
    let [exact, portable, panels, fine] = kinds.map(|(operators, inputs)| {
        let out = folder.path().join(format!("{operators:?}-{inputs:?}"));
        let manifest = import(name, source, &out, operators, inputs);
        assert_eq!(manifest.operators, operators);
        logits(&mut open(environment, &out), &manifest, TOKENS, 7)
    });
    let off = |of: &[f32]| -> Vec<f32> { of.iter().zip(&exact).map(|(a, b)| (a - b).abs()).collect() };
    let mean = |of: &[f32]| of.iter().sum::<f32>() / of.len() as f32;
    let most = |of: &[f32]| of.iter().copied().fold(0.0, f32::max);
    let (portable, panels, fine) = (off(&portable), off(&panels), off(&fine));
    // The models are drawn by chance, and rounding is their largest error by far; single logits scatter.
    let (near, nearest) = (mean(&panels) / mean(&portable), most(&panels) / most(&portable));
    assert!(
        near <= 1.05 && nearest <= 1.5,
        "{name}: panels are {near} times as far off as portable operators, {nearest} times at most"
    );
    // Types without panels compute in float32 then; attention adds what another order of sums does.
    let (fine, rounded) = (most(&fine), most(&panels));
    assert!(
        fine <= rounded / 20.0 + 1e-4,
        "{name}: with two terms panels are off by {fine}, with one by {rounded}"
    );
}
