use std::fs;
use std::path::Path;

use half::{bf16, f16};
use proptest::prelude::*;

use super::writer::{Entry, file, raw};
use super::*;

fn open(bytes: &[u8]) -> Result<SafetensorsModel, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(WEIGHTS_FILE);
    fs::write(&path, bytes).unwrap();
    SafetensorsModel::open(&path)
}

/// Why a file is refused.
fn refusal(bytes: &[u8]) -> String {
    match open(bytes) {
        Err(ImportError::Malformed { what, .. }) => what,
        other => panic!("not refused as malformed: {other:?}"),
    }
}

fn entry(name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) -> Entry {
    Entry {
        name: name.into(),
        dtype,
        shape: shape.into(),
        bytes,
    }
}

#[test]
fn every_type_is_read_with_its_values() {
    let values = [1.5f32, -2.0, 0.25, 3.0];
    let bytes = file(&[
        Entry::floats("single", &[2, 2], &values),
        entry(
            "double",
            Dtype::F64,
            &[4],
            values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect(),
        ),
        entry(
            "half",
            Dtype::F16,
            &[4],
            values
                .iter()
                .flat_map(|v| f16::from_f32(*v).to_le_bytes())
                .collect(),
        ),
        entry(
            "brain",
            Dtype::Bf16,
            &[4],
            values
                .iter()
                .flat_map(|v| bf16::from_f32(*v).to_le_bytes())
                .collect(),
        ),
        entry(
            "whole",
            Dtype::I64,
            &[2],
            [7i64, -1].iter().flat_map(|v| v.to_le_bytes()).collect(),
        ),
        entry("scalar", Dtype::F32, &[], 4f32.to_le_bytes().to_vec()),
        entry("nothing", Dtype::F32, &[0, 3], vec![]),
    ]);
    let model = open(&bytes).unwrap();
    for name in ["single", "double", "half", "brain"] {
        assert_eq!(model.tensor(name).unwrap().floats().unwrap(), values, "{name}");
    }
    let mut row = Vec::new();
    model.tensor("single").unwrap().read_rows(1, 1, &mut row).unwrap();
    assert_eq!(row, [0.25, 3.0]);
    assert_eq!(model.vector("half", 4).unwrap(), values);
    let view = model.matrix("single", 2, 2).unwrap();
    assert_eq!(
        (view.ty, view.rows, view.row_len),
        (crate::gguf::GgmlType::F32, 2, 2)
    );
    let whole = model.tensor("whole").unwrap();
    assert_eq!(whole.ints().unwrap(), [7, -1]);
    assert!(matches!(whole.floats(), Err(ImportError::Unsupported { .. })));
    assert!(matches!(whole.view(), Err(ImportError::Unsupported { .. })));
    assert_eq!(model.tensor("scalar").unwrap().floats().unwrap(), [4.0]);
    assert_eq!(model.tensor("nothing").unwrap().rows(), 0);
    assert!(model.tensor("nothing").unwrap().floats().unwrap().is_empty());
    assert_eq!(model.metadata("format"), Some("pt"));
    assert_eq!(model.size(), bytes.len() as u64);
}

#[test]
fn a_wrong_shape_and_an_absent_tensor_are_named() {
    let model = open(&file(&[Entry::floats("w", &[2, 3], &[0.0; 6])])).unwrap();
    let error = model.matrix("w", 3, 2).unwrap_err().to_string();
    assert!(
        error.ends_with("tensor w has shape [2, 3], expected [3, 2]"),
        "{error}"
    );
    let error = model.vector("v", 2).unwrap_err().to_string();
    assert!(error.contains("tensor v is absent"), "{error}");
}

#[test]
fn a_type_that_is_not_read_spoils_only_its_own_tensor() {
    let header = r#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},
        "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
        "c":{"dtype":"Q9","shape":[1],"data_offsets":[8,9]}}"#;
    let model = open(&raw(header, &[0; 9])).unwrap();
    assert_eq!(model.vector("b", 1).unwrap(), [0.0]);
    for (name, dtype) in [("a", "F8_E4M3"), ("c", "Q9")] {
        let error = model.tensor(name).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with(&format!("unsupported dtype of tensor {name} = {dtype:?}")),
            "{error}"
        );
        assert!(error.hint().contains("BF16"));
    }
}

#[test]
fn headers_that_lie_are_refused_with_the_reason() {
    let one = |dtype: &str, shape: &str, offsets: &str| {
        format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    let deep = format!("{{\"w\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let rank = format!("[{}]", vec!["1"; 17].join(","));
    let cases = [
        (one("F32", "[2]", "[0,4]"), 4, "take 8 bytes, but it has 4"),
        (one("F32", "[2]", "[0,8]"), 4, "do not lie inside"),
        (one("F32", "[1]", "[8,4]"), 8, "do not lie inside"),
        (one("F32", "[1]", "[0,18446744073709551615]"), 4, "do not lie inside"),
        (one("F32", "[4294967296,4294967296]", "[0,4]"), 4, "overflows"),
        (one("F32", "[4611686018427387905]", "[0,4]"), 4, "overflows"),
        (one("F32", "[1]", "[0,4]"), 8, "end at byte 4"),
        (one("F32", "[1]", "[4,8]"), 8, "leaves a hole"),
        (one("F32", "[-1]", "[0,4]"), 4, "invalid value"),
        (one("F32", &rank, "[0,4]"), 4, "at most 16 dimensions"),
        (deep, 0, "its header"),
        ("[]".into(), 0, "opening brace"),
        (r#"{"w":{"dtype":"F32","shape":[1]}}"#.into(), 0, "data_offsets"),
        (
            r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#.into(),
            8,
            "tensor \"w\" occurs twice",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#.into(),
            12,
            "overlaps",
        ),
        (r#"{"__metadata__":{"a":"b","a":"c"}}"#.into(), 0, "occurs twice"),
        (r#"{"__metadata__":{"a":1}}"#.into(), 0, "expected a string"),
    ];
    for (header, data, expected) in cases {
        let what = refusal(&raw(&header, &vec![0; data]));
        assert!(what.contains(expected), "{expected:?} not in {what:?}");
    }
    assert!(refusal(&u64::MAX.to_le_bytes()).contains("are allowed"));
    assert!(refusal(&1000u64.to_le_bytes()).contains("0 are left"));
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"1234567").contains("fewer than"));
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_not_a_panic() {
    let bytes = file(&[
        Entry::floats("a", &[3], &[1.0, 2.0, 3.0]),
        Entry::floats("b", &[2, 2], &[4.0; 4]),
    ]);
    for len in 0..bytes.len() {
        refusal(&bytes[..len]);
    }
    assert!(open(&bytes).is_ok());
}

fn shards(folder: &Path, weight_map: &str) -> Result<SafetensorsModel, ImportError> {
    let write = |name: &str, tensor: &str, value: f32| {
        fs::write(folder.join(name), file(&[Entry::floats(tensor, &[1], &[value])])).unwrap();
    };
    write("one.safetensors", "a", 1.0);
    write("two.safetensors", "b", 2.0);
    fs::write(
        folder.join(INDEX_FILE),
        format!(r#"{{"metadata":{{}},"weight_map":{weight_map}}}"#),
    )
    .unwrap();
    SafetensorsModel::open(folder)
}

#[test]
fn shards_are_found_through_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let model = shards(folder.path(), r#"{"a":"one.safetensors","b":"two.safetensors"}"#).unwrap();
    assert_eq!(model.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(model.vector("b", 1).unwrap(), [2.0]);
    assert_eq!(model.files().count(), 2);
    let index = folder.path().join(INDEX_FILE);
    assert!(SafetensorsModel::open(&index).is_ok());
}

#[test]
fn an_index_that_lies_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(
        folder.path().join("x.safetensors"),
        file(&[Entry::floats("a", &[1], &[1.0])]),
    )
    .unwrap();
    for (map, expected) in [
        (r#"{"a":"../x.safetensors"}"#, "plain file name"),
        (r#"{"a":"/etc/passwd"}"#, "plain file name"),
        (r#"{"a":"sub\\x.safetensors"}"#, "plain file name"),
        (r#"{"a":".."}"#, "plain file name"),
        (r#"{"a":""}"#, "plain file name"),
        (r#"{"a":"two.safetensors"}"#, "is not in"),
        (r#"{"a":"one.safetensors","a":"one.safetensors"}"#, "occurs twice"),
        (r#"{"a":1}"#, "the list of shards"),
    ] {
        match shards(&inner, map) {
            Err(ImportError::Malformed { what, .. }) => assert!(what.contains(expected), "{what}"),
            other => panic!("{map}: {other:?}"),
        }
    }
    assert!(matches!(
        shards(&inner, r#"{"a":"three.safetensors"}"#),
        Err(ImportError::Io { .. })
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_or_a_model(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = Header::parse(&bytes);
    }

    #[test]
    fn any_change_of_a_byte_is_an_error_or_a_sound_model(at in 0usize..400, value in any::<u8>()) {
        let mut bytes = file(&[
            Entry::floats("a", &[3], &[1.0, 2.0, 3.0]),
            entry("b", Dtype::F16, &[2, 2], vec![0; 8]),
            entry("c", Dtype::I64, &[1], vec![0; 8]),
        ]);
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(model) = open(&bytes) {
            for name in model.names() {
                if let Ok(tensor) = model.tensor(name) {
                    prop_assert_eq!(tensor.shape.iter().product::<usize>() * tensor.dtype.size(), tensor.bytes.len());
                    let _ = (tensor.floats(), tensor.ints(), tensor.view());
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read(tensors in prop::collection::btree_map("[a-z.0-9]{1,12}", (0usize..5, 0usize..5, any::<f32>()), 0..8)) {
        let entries: Vec<Entry> = tensors
            .iter()
            .map(|(name, (rows, columns, value))| Entry::floats(name, &[*rows, *columns], &vec![*value; rows * columns]))
            .collect();
        let model = open(&file(&entries)).unwrap();
        prop_assert_eq!(model.names().collect::<Vec<_>>(), tensors.keys().collect::<Vec<_>>());
        for (name, (rows, columns, value)) in &tensors {
            let tensor = model.tensor(name).unwrap().shaped(&[*rows, *columns]).unwrap();
            let read = tensor.floats().unwrap();
            prop_assert_eq!(read.len(), rows * columns);
            prop_assert!(read.iter().all(|read| read.to_bits() == value.to_bits()));
        }
    }
}
