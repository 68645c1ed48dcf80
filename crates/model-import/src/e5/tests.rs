use std::fs;
use std::ops::ControlFlow;

use prost::Message;

use super::source::PackedFile;
use crate::onnx::ModelProto;
use crate::panels::{LOOK_UP, MULTIPLY};
use crate::{GRAPH_FILE, ImportError, MANIFEST_FILE, ModelManifest, Operators, Role, import_e5_small_q4};

/// A whole encoder: hidden 32, one layer, two heads, feed-forward 64, four words, eight positions.
fn tiny() -> Vec<u8> {
    let mut head = b"E5S1".to_vec();
    let word = |out: &mut Vec<u8>, value: u32| out.extend(value.to_le_bytes());
    for value in [1, 32, 1, 2, 64, 4, 8, 2] {
        word(&mut head, value);
    }
    head.extend(1e-12f32.to_le_bytes());
    for value in [32, 1, 0, 2, 1, 3] {
        word(&mut head, value); // block size; one piece; begin, end, padding, unknown
    }
    head.extend(1u64.to_le_bytes());
    for value in [0, 1, 0] {
        word(&mut head, value); // two offsets and a score
    }
    head.push(b'a');
    word(&mut head, 0);
    word(&mut head, 0);

    let q4 = |elements: usize| elements / 32 * 18;
    let mut tensors: Vec<(String, usize)> = vec![("emb.word".into(), q4(4 * 32))];
    let vectors = [
        ("emb.pos", 8 * 32),
        ("emb.type", 2 * 32),
        ("emb.ln.w", 32),
        ("emb.ln.b", 32),
    ];
    tensors.extend(vectors.map(|(name, len)| (name.into(), len * 4)));
    for (name, elements) in [
        ("q", 32 * 32),
        ("k", 32 * 32),
        ("v", 32 * 32),
        ("ao", 32 * 32),
        ("fi", 64 * 32),
    ] {
        tensors.push((format!("l0.{name}.w"), q4(elements)));
        tensors.push((format!("l0.{name}.b"), elements / 32 * 4));
    }
    tensors.extend([("l0.fo.w".into(), q4(32 * 64)), ("l0.fo.b".into(), 32 * 4)]);
    for name in ["aln.w", "aln.b", "oln.w", "oln.b"] {
        tensors.push((format!("l0.{name}"), 32 * 4));
    }
    word(&mut head, tensors.len() as u32);
    let directory: usize = tensors
        .iter()
        .map(|(name, _)| 2 + name.len() + 1 + 4 + 8 + 8)
        .sum();
    let mut offset = head.len() + directory;
    for (name, length) in &tensors {
        head.extend((name.len() as u16).to_le_bytes());
        head.extend(name.as_bytes());
        head.push(0);
        word(&mut head, 0);
        head.extend((offset as u64).to_le_bytes());
        head.extend((*length as u64).to_le_bytes());
        offset += length;
    }
    head.resize(offset, 0x31);
    head
}

#[test]
fn a_tiny_encoder_becomes_the_expected_graph_and_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("e5.bin"), tiny()).unwrap();
    fs::write(at("tokenizer.json"), "{}").unwrap();
    let run = |operators| {
        import_e5_small_q4(
            &at("e5.bin"),
            &at("tokenizer.json"),
            &at("out"),
            operators,
            |_| ControlFlow::Continue(()),
        )
    };
    for (operators, product, table) in [
        (Operators::Panels, MULTIPLY, LOOK_UP),
        (Operators::Portable, "MatMulNBits", "GatherBlockQuantized"),
    ] {
        run(operators).unwrap();
        let graph = ModelProto::decode(fs::read(at("out").join(GRAPH_FILE)).unwrap().as_slice()).unwrap();
        let nodes = graph.graph.unwrap().node;
        let count = |op: &str| nodes.iter().filter(|node| node.op_type == op).count();
        assert_eq!(
            [product, table, "MultiHeadAttention", "SkipLayerNormalization"].map(count),
            [4, 1, 1, 2]
        );
    }
    let manifest: ModelManifest =
        serde_json::from_slice(&fs::read(at("out").join(MANIFEST_FILE)).unwrap()).unwrap();
    let Role::Embedder(embedder) = manifest.role else {
        panic!("not an embedder")
    };
    assert_eq!(
        (embedder.dimension, embedder.max_tokens, embedder.pad_token_id),
        (32, 8, 1)
    );
    assert_eq!(
        (embedder.query_prefix.as_str(), embedder.passage_prefix.as_str()),
        ("query: ", "passage: ")
    );

    fs::write(at("tokenizer.json"), "{").unwrap();
    assert!(matches!(
        run(Operators::Portable),
        Err(ImportError::Malformed {
            format: "tokenizer.json",
            ..
        })
    ));
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e5.bin");
    let bytes = tiny();
    for len in 0..bytes.len() {
        fs::write(&path, &bytes[..len]).unwrap();
        assert!(
            matches!(PackedFile::open(&path), Err(ImportError::Malformed { .. })),
            "cut at {len}"
        );
    }
    fs::write(&path, &bytes).unwrap();
    assert!(PackedFile::open(&path).is_ok());
}
