//! Logits of an imported decoder after every token: `logits FOLDER IDS OUT [CHUNK]`.
//!
//! IDS is a JSON list of token ids, OUT becomes rows of little-endian floats. Tokens are computed CHUNK at a time (128 if
//! not given) as a prompt is; `crates/model-import/tests/reference/kl.py` holds the rows against the source file.
//! The library is the one that `FOOTNOTE_ORT_LIBRARY` names.
#![allow(clippy::expect_used, reason = "a command-line example")]

use std::path::PathBuf;

use footnote_model_import::attention::KEY_BLOCK;
use footnote_model_import::{GRAPH_FILE, MANIFEST_FILE, ModelManifest, Operators, ROPE_START, Role};
use footnote_onnx::operators;
use half::f16;
use ort::environment::GlobalThreadPoolOptions;
use ort::memory::Allocator;
use ort::session::Session;
use ort::value::{DynValue, Tensor};

const THREADS: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, ids, out, rest @ ..] = arguments.as_slice() else {
        panic!("usage: logits FOLDER IDS OUT [CHUNK]");
    };
    let chunk = rest.first().map_or(128, |chunk| chunk.parse().expect("a number"));
    let ids: Vec<i64> = serde_json::from_slice(&std::fs::read(ids).expect("ids")).expect("a list of ids");
    let folder = PathBuf::from(folder);
    let manifest = std::fs::read(folder.join(MANIFEST_FILE)).expect("manifest");
    let manifest: ModelManifest = serde_json::from_slice(&manifest).expect("manifest");
    let Role::Generator(manifest) = manifest.role else {
        panic!("not a generator");
    };
    let library = std::env::var("FOOTNOTE_ORT_LIBRARY").expect("FOOTNOTE_ORT_LIBRARY");
    footnote_onnx::never_report();
    let builder = ort::init_from(library).expect("library");
    let rows = (|| -> ort::Result<Vec<u8>> {
        let pool = GlobalThreadPoolOptions::default().with_intra_threads(THREADS)?;
        let environment = builder.with_global_thread_pool(pool).build()?;
        let mut session = Session::builder(&environment)?
            .with_operators(operators::domain(THREADS)?)?
            .commit_from_file(folder.join(GRAPH_FILE))?;
        let names: Vec<(String, String)> = (0..manifest.layers)
            .flat_map(|layer| ["key", "value"].map(|part| format!("{layer}.{part}")))
            .map(|name| (format!("past.{name}"), format!("present.{name}")))
            .collect();
        let capacity = ids.len().next_multiple_of(KEY_BLOCK);
        let mut cache: Vec<DynValue> = Vec::new();
        for _ in &names {
            let empty = [1, manifest.kv_heads, capacity, manifest.head_dim];
            let memory = Allocator::default();
            cache.push(match manifest.operators {
                Operators::Half | Operators::HalfFourBit => Tensor::<f16>::new(&memory, empty)?.into_dyn(),
                Operators::Panels | Operators::Portable => Tensor::<f32>::new(&memory, empty)?.into_dyn(),
            });
        }
        let (mut bytes, mut total) = (Vec::new(), 0);
        for part in ids.chunks(chunk) {
            total += part.len();
            let rows: Vec<i64> = (0..part.len() as i64).collect();
            let mut inputs = ort::inputs![
                "input_ids" => Tensor::from_array(([1, part.len()], part.to_vec()))?,
                "seqlens_k" => Tensor::from_array(([1], vec![total as i32 - 1]))?,
                "total_len" => Tensor::from_array(((), vec![total as i32]))?,
                "logits_idx" => Tensor::from_array(([part.len()], rows))?,
            ];
            if let Some(original) = manifest.original_context_length {
                let start = if ids.len() > original { original as i64 } else { 0 };
                inputs.push((ROPE_START.into(), Tensor::from_array(([1], vec![start]))?.into()));
            }
            for ((past, _), value) in names.iter().zip(cache) {
                inputs.push((past.as_str().into(), value.into()));
            }
            let mut outputs = session.run(inputs)?;
            let logits = outputs["logits"].try_extract_tensor::<f32>()?.1;
            bytes.extend(logits.iter().flat_map(|logit| logit.to_le_bytes()));
            cache = names
                .iter()
                .filter_map(|(_, present)| outputs.remove(present))
                .collect();
        }
        Ok(bytes)
    })()
    .expect("logits");
    std::fs::write(out, rows).expect("out");
}
