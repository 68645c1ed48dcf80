//! Whole imports of generated files.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use prost::Message;
use tokenizers::Tokenizer;

use crate::gguf::writer::{Entry, GgufWriter, tiny_qwen2, tiny_qwen2_with, tiny_vocabulary};
use crate::onnx::{DataType, ModelProto};
use crate::{
    Existing, GRAPH_FILE, ImportError, ImportOptions, MANIFEST_FILE, ModelManifest, Profile, Role,
    TOKENIZER_FILE, import_gguf,
};

fn import(folder: &Path, bytes: &[u8], options: ImportOptions) -> Result<ModelProto, ImportError> {
    let source = folder.join("tiny.gguf");
    fs::write(&source, bytes).unwrap();
    let out = folder.join("model");
    import_gguf(&source, &out, options, |_| ControlFlow::Continue(()))?;
    Ok(ModelProto::decode(fs::read(out.join(GRAPH_FILE)).unwrap().as_slice()).unwrap())
}

fn ops(model: &ModelProto, op: &str) -> usize {
    model
        .graph
        .as_ref()
        .unwrap()
        .node
        .iter()
        .filter(|node| node.op_type == op)
        .count()
}

fn entries(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_tiny_qwen2_becomes_the_expected_graph() {
    let folder = tempfile::tempdir().unwrap();
    let model = import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let graph = model.graph.as_ref().unwrap();
    assert_eq!(ops(&model, "GroupQueryAttention"), 2);
    assert_eq!(ops(&model, "SkipSimplifiedLayerNormalization"), 4);
    assert_eq!(ops(&model, "GatherBlockQuantized"), 1);
    // Layer 0: q, k, v apart; layer 1: packed. Output, gate, up, down. Corrections: gate and up twice,
    // Q4_K down once. The head.
    assert_eq!(ops(&model, "MatMulNBits"), (3 + 4) + (1 + 4) + 5 + 1);
    let inputs: Vec<_> = graph.input.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(
        inputs[..5],
        ["input_ids", "seqlens_k", "total_len", "logits_idx", "past.0.key"]
    );
    let outputs: Vec<_> = graph.output.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(
        outputs,
        [
            "logits",
            "present.0.key",
            "present.0.value",
            "present.1.key",
            "present.1.value"
        ]
    );
    assert_eq!(
        entries(&folder.path().join("model")),
        [MANIFEST_FILE, "model.onnx", "model.onnx_data", TOKENIZER_FILE]
    );
}

#[test]
fn every_value_is_defined_before_use_and_every_constant_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let model = import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let graph = model.graph.unwrap();
    let mut known: Vec<&str> = graph.input.iter().map(|value| value.name.as_str()).collect();
    known.extend(graph.initializer.iter().map(|value| value.name.as_str()));
    let names = known.len();
    known.sort_unstable();
    known.dedup();
    assert_eq!(known.len(), names, "a name is used twice");
    for node in &graph.node {
        for input in node.input.iter().filter(|input| !input.is_empty()) {
            assert!(known.contains(&input.as_str()), "{} uses {input}", node.name);
        }
        known.extend(node.output.iter().map(String::as_str));
    }
    for constant in &graph.initializer {
        assert!(
            graph.node.iter().any(|node| node.input.contains(&constant.name)),
            "{}",
            constant.name
        );
    }
}

#[test]
fn external_tensors_are_aligned_sized_and_inside_the_data_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let size = fs::metadata(folder.path().join("model/model.onnx_data"))
        .unwrap()
        .len();
    for tensor in model.graph.unwrap().initializer {
        let elements: i64 = tensor.dims.iter().product();
        let width = [DataType::Float, DataType::Uint8, DataType::Int32, DataType::Int64]
            .into_iter()
            .find(|data_type| *data_type as i32 == tensor.data_type)
            .unwrap()
            .size();
        let bytes = elements as u64 * width;
        if let Some(inline) = tensor.raw_data {
            assert_eq!(inline.len() as u64, bytes);
            assert!(bytes <= 1024);
            continue;
        }
        let field = |key: &str| -> u64 {
            let entry = tensor
                .external_data
                .iter()
                .find(|entry| entry.key == key)
                .unwrap();
            entry.value.parse().unwrap()
        };
        assert_eq!(field("length"), bytes, "{}", tensor.name);
        assert_eq!(field("offset") % 4096, 0);
        assert!(field("offset") + bytes <= size);
    }
}

#[test]
fn the_fast_profile_drops_corrections_where_they_are_rare() {
    let folder = tempfile::tempdir().unwrap();
    // Gate and up in Q8_0 outweigh the split types of the file.
    let writer = tiny_qwen2_with("qwen2", [(8, 34), (8, 34)]);
    let options = ImportOptions {
        profile: Profile::Fast,
        ..ImportOptions::default()
    };
    let model = import(folder.path(), &writer.finish(), options).unwrap();
    assert_eq!(ops(&model, "Add"), 0);
}

#[test]
fn the_manifest_describes_the_model() {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let json = fs::read(folder.path().join("model").join(MANIFEST_FILE)).unwrap();
    let manifest: ModelManifest = serde_json::from_slice(&json).unwrap();
    assert_eq!(manifest.source.file_name, "tiny.gguf");
    assert_eq!(manifest.source.sha256.len(), 64);
    let Role::Generator(generator) = manifest.role else {
        panic!("not a generator")
    };
    assert_eq!(
        (generator.layers, generator.kv_heads, generator.head_dim),
        (2, 2, 16)
    );
    assert_eq!((generator.vocab_size, generator.context_length), (64, 128));
    assert_eq!(generator.stop_token_ids, [28]);
    assert_eq!(generator.chat_template.as_deref(), Some("{{ messages }}"));
}

#[test]
fn the_tokenizer_merges_and_keeps_special_tokens_whole() {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let tokenizer = Tokenizer::from_file(folder.path().join("model").join(TOKENIZER_FILE)).unwrap();
    let ids = |text: &str| tokenizer.encode(text, true).unwrap().get_ids().to_vec();
    assert_eq!(ids("abc ab"), [26, 2, 27, 26]);
    assert_eq!(ids("a<|im_end|>b<tool>"), [0, 28, 1, 29]);
    // NFC: e with a combining acute becomes one character of two bytes.
    assert_eq!(ids("e\u{301}"), ids("\u{e9}"));
    assert_eq!(ids("\u{e9}"), [31, 32]);
    assert_eq!(tokenizer.decode(&[26, 27, 2, 28], true).unwrap(), "ab c");
    assert_eq!(tokenizer.decode(&[26, 29], true).unwrap(), "ab<tool>");
}

#[test]
fn unknown_architectures_and_tokenizers_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |bytes: &[u8]| {
        import(folder.path(), bytes, ImportOptions::default())
            .unwrap_err()
            .to_string()
    };
    let error = refused(&tiny_qwen2("mamba").finish());
    assert!(error.contains("general.architecture = \"mamba\""), "{error}");
    let bytes = tiny_qwen2("qwen2").finish();
    let place = bytes.windows(5).rposition(|window| window == b"qwen2").unwrap();
    assert!(refused(&bytes[..place]).contains("GGUF"));
    let renamed = |from: &[u8], to: &[u8]| {
        let mut bytes = bytes.clone();
        let place = bytes
            .windows(from.len())
            .position(|window| window == from)
            .unwrap();
        bytes[place..place + from.len()].copy_from_slice(to);
        bytes
    };
    let pre = [b"\x05\0\0\0\0\0\0\0qwen2".as_slice(), b"\x15".as_slice()].concat();
    let other = [b"\x05\0\0\0\0\0\0\0tekke".as_slice(), b"\x15".as_slice()].concat();
    let error = refused(&renamed(&pre, &other));
    assert!(error.contains("tokenizer.ggml.pre = \"tekke\""), "{error}");
    assert!(
        refused(&renamed(b"blk.1.ffn_up.weight", b"blk.1.ffn_xx.weight")).contains("blk.1.ffn_xx.weight")
    );
}

#[test]
fn computations_no_graph_has_are_refused_by_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let with = |key: &str, value: Entry<'_>| {
        let mut writer = tiny_qwen2("qwen2");
        writer.entry(key, value);
        import(folder.path(), &writer.finish(), ImportOptions::default())
            .unwrap_err()
            .to_string()
    };
    for (key, value) in [
        ("qwen2.expert_count", Entry::U32(8)),
        ("qwen2.attention.causal", Entry::Bool(false)),
        ("qwen2.logit_scale", Entry::F32(0.5)),
        ("qwen2.rope.scaling.type", Entry::Str("dynamic")),
        ("qwen2.attention.value_length", Entry::U32(32)),
        ("qwen2.rope.dimension_count", Entry::U32(24)),
        ("qwen2.attention.sliding_window_pattern", Entry::I32s(vec![1])),
    ] {
        let error = with(key, value);
        assert!(error.contains(key), "{key}: {error}");
    }
    let error = with("qwen2.rope.scaling.type", Entry::Str("yarn"));
    assert!(error.contains("qwen2.rope.scaling.factor is absent"), "{error}");
}

#[test]
fn a_vocabulary_without_a_model_around_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = GgufWriter::default();
    writer.entry("general.architecture", Entry::Str("qwen2"));
    tiny_vocabulary(&mut writer);
    let error = import(folder.path(), &writer.finish(), ImportOptions::default()).unwrap_err();
    assert!(
        error.to_string().contains("qwen2.block_count is absent"),
        "{error}"
    );
}

#[test]
fn the_publisher_s_sampling_advice_is_kept_and_none_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        &tiny_qwen2("qwen2").finish(),
        ImportOptions::default(),
    )
    .unwrap();
    let path = folder.path().join("model").join("generation_config.json");
    assert!(!path.exists());
    let folder = tempfile::tempdir().unwrap();
    let mut writer = tiny_qwen2("qwen2");
    writer
        .entry("general.sampling.temp", Entry::F32(0.7))
        .entry("general.sampling.top_k", Entry::U32(20))
        .entry("general.sampling.top_p", Entry::F32(f32::NAN));
    import(folder.path(), &writer.finish(), ImportOptions::default()).unwrap();
    let path = folder.path().join("model").join("generation_config.json");
    let advice: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(advice, serde_json::json!({ "temperature": 0.7, "top_k": 20 }));
}

#[test]
fn an_existing_folder_is_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = tiny_qwen2("qwen2").finish();
    import(folder.path(), &bytes, ImportOptions::default()).unwrap();
    let again = import(folder.path(), &bytes, ImportOptions::default());
    assert!(matches!(again, Err(ImportError::DestinationExists { .. })));
    let options = ImportOptions {
        existing: Existing::Replace,
        ..ImportOptions::default()
    };
    import(folder.path(), &bytes, options).unwrap();
    assert_eq!(entries(folder.path()), ["model", "tiny.gguf"]);
}

#[test]
fn imports_are_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = tiny_qwen2("qwen2").finish();
    let options = ImportOptions {
        existing: Existing::Replace,
        ..ImportOptions::default()
    };
    let mut runs = (0..2).map(|_| {
        import(folder.path(), &bytes, options).unwrap();
        let names = ["model.onnx", "model.onnx_data", TOKENIZER_FILE, MANIFEST_FILE];
        names.map(|name| fs::read(folder.path().join("model").join(name)).unwrap())
    });
    assert!(runs.next() == runs.next());
}
