//! Tiny encoders with random weights, imported from their publishers' files and held against what the original
//! framework computes (`crates/model-import/tests/reference/encoders.py`).

#[path = "../../tests/common/tiny.rs"]
mod tiny;

use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;
use tiny::{NAMES, Reference, imported};

use crate::Profile;
use crate::runtime::Workload;

/// Runs a graph on the rows `rows` of the reference, padding and all.
fn run(session: &mut Session, reference: &Reference, rows: &[usize]) -> Vec<f32> {
    let width = reference.input_ids[0].len();
    let mut inputs: Vec<(String, SessionInputValue<'_>)> = Vec::new();
    for input in session.inputs() {
        let from = match input.name() {
            "input_ids" => &reference.input_ids,
            "attention_mask" => &reference.attention_mask,
            "token_type_ids" => &reference.token_type_ids,
            other => panic!("unknown input {other}"),
        };
        let values: Vec<i64> = rows.iter().flat_map(|row| from[*row].iter().copied()).collect();
        let tensor = Tensor::from_array(([rows.len(), width], values)).expect("tensor");
        inputs.push((input.name().to_owned(), tensor.into()));
    }
    let outputs = session.run(inputs).expect("run");
    let (_, values) = outputs[0].try_extract_tensor::<f32>().expect("floats");
    values.to_vec()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// How far an imported graph is from the original, over all that is not padding.
struct Off {
    /// Largest distance of a number.
    largest: f32,
    /// Length of all distances relative to that of the original's numbers.
    relative: f32,
}

fn off(name: &str, profile: Profile) -> Option<Off> {
    let (runtime, folder) = imported(name, profile)?;
    let reference = Reference::read(name);
    let graph = folder.path().join("model.onnx");
    let (mut session, _) = runtime.session(&graph, Workload::Encoder).expect("session");
    let all: Vec<usize> = (0..reference.input_ids.len()).collect();
    let values = run(&mut session, &reference, &all);
    assert_eq!(values.len(), reference.output.len(), "{name}");
    let per_row = reference.per_row();
    let mut largest: f32 = 0.0;
    let (mut apart_squared, mut squared) = (0.0, 0.0);
    for (row, together) in values.chunks_exact(per_row).enumerate() {
        let tokens: i64 = reference.attention_mask[row].iter().sum();
        let counted = match reference.shape[..] {
            [_, _, labels] => tokens as usize * labels,
            _ => per_row,
        };
        let expected = &reference.output[row * per_row..][..counted];
        largest = largest.max(distance(&together[..counted], expected));
        for (a, b) in together.iter().zip(expected) {
            apart_squared += (a - b).powi(2);
            squared += b.powi(2);
        }
        // Nothing of its neighbours may be in it.
        let alone = run(&mut session, &reference, &[row]);
        let apart = distance(together, &alone);
        assert!(
            apart < 1e-5,
            "{name}: row {row} changes by {apart} with the rows around it"
        );
    }
    Some(Off {
        largest,
        relative: (apart_squared / squared).sqrt(),
    })
}

#[test]
fn exact_graphs_give_what_the_original_gives() {
    for name in NAMES {
        let Some(Off { largest, .. }) = off(name, Profile::Exact) else {
            return;
        };
        println!("{name} {largest:.1e}");
        assert!(largest < 1e-4, "{name} is off by {largest}");
    }
}

#[test]
fn fast_graphs_come_close() {
    for name in NAMES {
        let Some(Off { relative, .. }) = off(name, Profile::Fast) else {
            return;
        };
        println!("{name} {relative:.1e}");
        assert!(relative < 0.15, "{name} is off by {relative} of its length");
    }
}
