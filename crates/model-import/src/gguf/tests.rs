use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::writer::{Entry, GgufWriter, tiny_qwen2};
use super::*;

fn open(bytes: &[u8]) -> Result<GgufFile, ImportError> {
    GgufFile::from_bytes(Path::new("model.gguf"), bytes.to_vec())
}

fn small() -> Vec<u8> {
    let mut writer = GgufWriter::default();
    writer
        .entry("general.architecture", Entry::Str("qwen2"))
        .entry("words", Entry::Strs(vec!["a".into(), "bc".into()]))
        .entry("numbers", Entry::I32s(vec![1, -2]))
        .entry("flag", Entry::Bool(true))
        .tensor("one", &[32, 2], 8, &[1; 68])
        .tensor("two", &[3], 0, &[0; 12])
        .tensor("exotic", &[256], 16, &[0; 66]);
    writer.finish()
}

#[test]
fn reads_what_was_written() {
    let file = open(&small()).unwrap();
    assert_eq!(file.str("general.architecture").unwrap(), "qwen2");
    assert_eq!(file.strings("words").unwrap(), ["a", "bc"]);
    assert_eq!(file.ints("numbers").unwrap(), [1, -2]);
    let view = file.matrix("one", 2, 32).unwrap();
    assert_eq!((view.ty, view.row(1).len()), (GgmlType::Q8_0, 34));
    assert!(matches!(
        file.matrix("one", 1, 32),
        Err(ImportError::Tensor { .. })
    ));
    assert!(matches!(file.uint("flag"), Err(ImportError::Metadata { .. })));
    let error = file.tensor("exotic").unwrap_err();
    assert!(error.to_string().contains("IQ2_XXS"), "{error}");
    assert!(error.hint().contains("Q4_K"));
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_not_a_panic() {
    let bytes = small();
    let names = ["one", "two", "exotic"];
    for len in 0..bytes.len() {
        if let Ok(file) = open(&bytes[..len]) {
            // The header is whole, so some tensor's bytes are not; the last one is of a type not read.
            assert!(
                names.iter().any(|name| file.tensor(name).is_err()),
                "cut at {len}"
            );
        }
    }
}

#[test]
fn absurd_counts_and_lengths_are_refused_before_allocating() {
    let head = |tensors: u64, entries: u64| {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes
    };
    for bytes in [head(u64::MAX, 0), head(0, u64::MAX), head(1 << 40, 1)] {
        assert!(open(&bytes).unwrap_err().to_string().contains("announces"));
    }
    let mut long_key = head(0, 1);
    long_key.extend((u64::MAX - 3).to_le_bytes());
    long_key.extend([0; 16]);
    assert!(open(&long_key).is_err());
    let mut long_array = head(0, 1);
    long_array.extend(1u64.to_le_bytes());
    long_array.push(b'k');
    for word in [9u32, 5] {
        long_array.extend(word.to_le_bytes());
    }
    long_array.extend((u64::MAX / 4 + 2).to_le_bytes());
    assert!(open(&long_array).unwrap_err().to_string().contains("announces"));
}

#[test]
fn overflowing_shapes_and_offsets_are_refused() {
    let mut writer = GgufWriter::default();
    writer.tensor("wide", &[1 << 40, 1 << 40], 0, &[0; 32]);
    writer.tensor("odd", &[33], 8, &[0; 34]);
    writer.tensor("long", &[1 << 20], 0, &[0; 32]);
    let file = open(&writer.finish()).unwrap();
    for name in ["wide", "odd", "long"] {
        assert!(
            matches!(file.tensor(name), Err(ImportError::Malformed { .. })),
            "{name}"
        );
    }
    let mut zero = GgufWriter::default();
    zero.tensor("none", &[0], 0, &[]);
    assert!(open(&zero.finish()).is_err());
    let mut twice = GgufWriter::default();
    twice.tensor("t", &[1], 0, &[0; 4]).tensor("t", &[1], 0, &[0; 4]);
    assert!(open(&twice.finish()).unwrap_err().to_string().contains("twice"));
}

#[test]
fn other_formats_versions_and_byte_orders_are_named() {
    assert!(
        open(b"not a model at all")
            .unwrap_err()
            .to_string()
            .contains("letters GGUF")
    );
    let empty = tempfile::NamedTempFile::new().unwrap();
    let error = GgufFile::open(empty.path()).unwrap_err();
    assert!(error.to_string().contains("empty"));
    let mut bytes = small();
    bytes[4..8].copy_from_slice(&9u32.to_le_bytes());
    assert!(open(&bytes).unwrap_err().to_string().contains("version 9"));
    bytes[4..8].copy_from_slice(&3u32.to_be_bytes());
    assert!(open(&bytes).unwrap_err().to_string().contains("big endian"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn damaged_bytes_never_panic(at in 0usize..4096, value: u8, second in 0usize..4096, other: u8) {
        let mut bytes = tiny_qwen2("qwen2").finish();
        bytes.truncate(16_384);
        bytes[at] = value;
        bytes[second] = other;
        if let Ok(file) = open(&bytes) {
            let _ = crate::check_gguf(&file);
        }
    }

    #[test]
    fn damaged_values_never_panic(family in 0usize..FAMILIES.len(), at in any::<prop::sample::Index>(), value: u64, width in 1usize..9) {
        let mut bytes = header_of(FAMILIES[family]);
        let at = at.index(bytes.len() - width);
        bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        if let Ok(file) = open(&bytes) {
            let _ = crate::check_gguf(&file);
        }
    }
}

const FAMILIES: [&str; 5] = ["llama-yarn", "phi3", "gemma3", "gemma2", "types"];

/// A fixture without the greater part of its weights.
fn header_of(family: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/decoders");
    let mut bytes = fs::read(folder.join(format!("{family}.gguf"))).unwrap();
    bytes.truncate(8192);
    bytes
}

/// What the fuzz target found worth keeping: `fuzz/README.md`.
#[test]
fn the_fuzz_corpus_never_panics() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/gguf");
    let mut accepted = 0;
    let mut files = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        if let Ok(file) = open(&bytes) {
            accepted += usize::from(crate::check_gguf(&file).is_ok());
        }
    }
    // Some of the corpus is whole, or nothing past the header would be reached.
    assert!(files >= 100 && accepted >= 14, "{accepted} of {files}");
}
