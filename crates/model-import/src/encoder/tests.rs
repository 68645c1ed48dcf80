use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{import_safetensors, safetensors_sources};
use crate::safetensors::writer::{Entry, file};
use crate::{
    Existing, ImportError, ImportOptions, ImportedModel, MANIFEST_FILE, ModelManifest, Role, ScoreFunction,
};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/encoders")
        .join(name)
}

/// A copy of a fixture that a test may change.
struct Copy(tempfile::TempDir);

impl Copy {
    fn of(name: &str) -> Self {
        fn copy(from: &Path, to: &Path) {
            fs::create_dir_all(to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                let (from, to) = (entry.path(), to.join(entry.file_name()));
                if from.is_dir() {
                    copy(&from, &to);
                } else {
                    fs::write(to, fs::read(from).unwrap()).unwrap();
                }
            }
        }
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(name), &folder.path().join("model"));
        Self(folder)
    }

    fn at(&self, file: &str) -> PathBuf {
        self.0.path().join("model").join(file)
    }

    /// Sets an entry of a configuration.
    fn set(&self, file: &str, key: &str, value: Value) -> &Self {
        let mut config: Value = serde_json::from_slice(&fs::read(self.at(file)).unwrap()).unwrap();
        config[key] = value;
        fs::write(self.at(file), config.to_string()).unwrap();
        self
    }

    fn import(&self) -> Result<ImportedModel, ImportError> {
        let options = ImportOptions {
            existing: Existing::Replace,
            ..ImportOptions::default()
        };
        let out = self.0.path().join("out");
        import_safetensors(&self.at(""), &out, options, |_| ControlFlow::Continue(()))
    }

    fn role(&self) -> Role {
        self.import().unwrap().manifest.role
    }
}

#[test]
fn manifests_say_what_the_files_declare() {
    let Role::Embedder(embedder) = Copy::of("bert-sentence").role() else {
        panic!("not an embedder")
    };
    // The dense step's width, the training's limit, the prompts.
    assert_eq!(
        (embedder.dimension, embedder.max_tokens, embedder.pad_token_id),
        (24, 32, 0)
    );
    assert_eq!(
        (embedder.query_prefix.as_str(), embedder.passage_prefix.as_str()),
        ("who ", "notes ")
    );
    assert!(embedder.normalized);

    let Role::Reranker(reranker) = Copy::of("xlm-roberta-reranker").role() else {
        panic!("not a reranker")
    };
    // Positions after the padding token's.
    assert_eq!((reranker.max_tokens, reranker.pad_token_id), (40, 1));
    assert_eq!(reranker.scores, ScoreFunction::Sigmoid);

    let Role::Classifier(classifier) = Copy::of("bert-nli").role() else {
        panic!("not a classifier")
    };
    assert_eq!(classifier.labels, ["contradiction", "entailment", "neutral"]);
    assert_eq!(classifier.scores, ScoreFunction::Softmax);

    assert!(matches!(
        Copy::of("modernbert-tokens").role(),
        Role::TokenClassifier(_)
    ));
}

#[test]
fn a_manifest_survives_its_file() {
    for name in ["bert-sentence", "bert-nli", "bert-tokens", "modernbert-reranker"] {
        let copy = Copy::of(name);
        let model = copy.import().unwrap();
        let json = fs::read(model.folder.join(MANIFEST_FILE)).unwrap();
        let read: ModelManifest = serde_json::from_slice(&json).unwrap();
        assert_eq!(read, model.manifest);
        assert!(
            String::from_utf8(json)
                .unwrap()
                .contains(&format!("\"{}\"", read.role.name()))
        );
    }
}

#[test]
fn another_pooling_is_another_model() {
    let copy = Copy::of("xlm-roberta-sentence");
    let before = copy.import().unwrap().manifest.source.sha256;
    copy.set("1_Pooling/config.json", "pooling_mode_cls_token", json!(false));
    assert_ne!(copy.import().unwrap().manifest.source.sha256, before);
    let sources = safetensors_sources(&copy.at("")).unwrap();
    assert!(sources.iter().any(|path| path.ends_with("1_Pooling/config.json")));
    assert!(sources.iter().any(|path| path.ends_with("model.safetensors")));
}

#[test]
fn what_cannot_be_built_is_named_with_its_key() {
    let config = "config.json";
    let cases = [
        ("bert-nli", config, "model_type", json!("deberta-v2")),
        (
            "bert-nli",
            config,
            "position_embedding_type",
            json!("relative_key"),
        ),
        ("bert-nli", config, "hidden_act", json!("mish")),
        ("bert-nli", config, "is_decoder", json!(true)),
        (
            "bert-nli",
            config,
            "auto_map",
            json!({"AutoModel": "custom.Model"}),
        ),
        ("bert-nli", config, "quantization_config", json!({"bits": 4})),
        ("bert-nli", config, "pruned_heads", json!({"0": [1]})),
        ("bert-nli", config, "architectures", json!(["BertForMaskedLM"])),
        (
            "mpnet-classifier",
            config,
            "relative_attention_num_buckets",
            json!(64),
        ),
        ("mpnet-classifier", config, "max_position_embeddings", json!(4096)),
        (
            "modernbert-reranker",
            config,
            "rope_scaling",
            json!({"type": "linear"}),
        ),
        ("modernbert-reranker", config, "classifier_pooling", json!("max")),
        (
            "modernbert-reranker",
            config,
            "classifier_activation",
            json!("mish"),
        ),
        (
            "bert-sentence",
            "sentence_bert_config.json",
            "do_lower_case",
            json!(true),
        ),
        (
            "bert-sentence",
            "1_Pooling/config.json",
            "pooling_mode",
            json!("attention"),
        ),
        (
            "bert-sentence",
            "1_Pooling/config.json",
            "include_prompt",
            json!(false),
        ),
        (
            "bert-sentence",
            "2_Dense/config.json",
            "activation_function",
            json!("torch.nn.ELU"),
        ),
    ];
    for (name, file, wanted, value) in cases {
        let copy = Copy::of(name);
        match copy.set(file, wanted, value).import() {
            Err(ImportError::Unsupported { key, path, .. }) => {
                assert_eq!(key, wanted);
                assert!(path.ends_with(file), "{}", path.display());
            }
            other => panic!("{name} {wanted}: {other:?}"),
        }
    }
}

#[test]
fn numbers_that_cannot_be_are_named_with_their_key() {
    let config = "config.json";
    let cases = [
        ("bert-nli", config, "hidden_size", json!(0)),
        ("bert-nli", config, "hidden_size", json!("wide")),
        ("bert-nli", config, "num_hidden_layers", json!(1u64 << 40)),
        ("bert-nli", config, "num_attention_heads", json!(5)),
        ("bert-nli", config, "vocab_size", json!(-3)),
        ("bert-nli", config, "layer_norm_eps", json!(0)),
        ("bert-nli", config, "pad_token_id", json!(48)),
        ("bert-nli", config, "id2label", json!({"0": "a", "2": "b"})),
        ("bert-nli", config, "model_type", json!(null)),
        (
            "xlm-roberta-reranker",
            config,
            "max_position_embeddings",
            json!(3),
        ),
        (
            "modernbert-reranker",
            config,
            "layer_types",
            json!(["full_attention"]),
        ),
        (
            "bert-sentence",
            "1_Pooling/config.json",
            "word_embedding_dimension",
            json!(64),
        ),
        ("bert-sentence", "2_Dense/config.json", "in_features", json!(64)),
        (
            "bert-sentence",
            "sentence_bert_config.json",
            "max_seq_length",
            json!(1),
        ),
    ];
    for (name, file, wanted, value) in cases {
        match Copy::of(name).set(file, wanted, value.clone()).import() {
            Err(ImportError::Metadata { key, .. }) => assert_eq!(key, wanted),
            other => panic!("{name} {wanted} = {value}: {other:?}"),
        }
    }
}

#[test]
fn a_size_that_the_weights_do_not_have_is_an_error_of_that_tensor() {
    for (key, value) in [
        ("vocab_size", 49),
        ("intermediate_size", 63),
        ("num_hidden_layers", 3),
    ] {
        let result = Copy::of("bert-nli")
            .set("config.json", key, json!(value))
            .import();
        assert!(
            matches!(result, Err(ImportError::Tensor { .. })),
            "{key}: {result:?}"
        );
    }
}

#[test]
fn weights_that_the_graph_would_leave_out_are_refused() {
    // One layer fewer than the file has: the graph would run and be wrong.
    let result = Copy::of("bert-nli")
        .set("config.json", "num_hidden_layers", json!(1))
        .import();
    match result {
        Err(ImportError::Unsupported { value, .. }) => {
            assert!(value.starts_with("bert.encoder.layer.1."), "{value}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn missing_and_broken_files_are_named() {
    for (name, file) in [
        ("bert-nli", "config.json"),
        ("bert-nli", "tokenizer.json"),
        ("bert-nli", "model.safetensors"),
        ("bert-sentence", "2_Dense/model.safetensors"),
    ] {
        let copy = Copy::of(name);
        fs::remove_file(copy.at(file)).unwrap();
        assert!(copy.import().is_err(), "{name} without {file}");
        fs::write(copy.at(file), "{").unwrap();
        match copy.import() {
            Err(ImportError::Malformed { path, .. }) => assert!(path.ends_with(file), "{}", path.display()),
            other => panic!("{name} with a broken {file}: {other:?}"),
        }
    }
    let copy = Copy::of("bert-sentence");
    fs::remove_file(copy.at("modules.json")).unwrap();
    let error = copy.import().unwrap_err();
    assert!(error.hint().contains("modules.json"), "{}", error.hint());
}

#[test]
fn modules_that_lead_out_of_the_folder_are_refused() {
    for path in ["../other", "/etc", "..", "a\\b"] {
        let copy = Copy::of("bert-sentence");
        let modules = json!([
            {"type": "sentence_transformers.models.Transformer", "path": ""},
            {"type": "sentence_transformers.models.Pooling", "path": path},
        ]);
        fs::write(copy.at("modules.json"), modules.to_string()).unwrap();
        match copy.import() {
            Err(ImportError::Malformed { what, .. }) => assert!(what.contains("leads elsewhere"), "{what}"),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn an_import_stopped_before_it_began_leaves_nothing_behind() {
    let copy = Copy::of("bert-nli");
    let out = copy.0.path().join("out");
    let stop = |_| ControlFlow::Break(());
    let result = import_safetensors(&copy.at(""), &out, ImportOptions::default(), stop);
    assert!(matches!(result, Err(ImportError::Cancelled)));
    assert_eq!(
        fs::read_dir(copy.0.path()).unwrap().count(),
        1,
        "only the source is there"
    );
}

#[test]
fn old_names_of_norms_are_understood() {
    let copy = Copy::of("bert-nli");
    let model = crate::safetensors::SafetensorsModel::open(&copy.at("")).unwrap();
    let entries: Vec<Entry> = model
        .names()
        .map(|name| {
            let tensor = model.tensor(name).unwrap();
            let old = match name.contains("LayerNorm") {
                true => name.replace(".weight", ".gamma").replace(".bias", ".beta"),
                false => name.to_owned(),
            };
            Entry::floats(&old, tensor.shape, &tensor.floats().unwrap())
        })
        .collect();
    let bytes = file(&entries);
    drop(model);
    fs::write(copy.at("model.safetensors"), bytes).unwrap();
    copy.import().unwrap();
}
