//! The second importer: multilingual-e5-small with 4-bit weights, as an encoder graph.

mod graph;
mod source;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use crate::arch::Architecture;
use crate::error::ImportError;
use crate::graph::GraphBuilder;
use crate::import::{Destination, Existing, ImportOptions, ImportedModel, Operators, Profile, identify};
use crate::journal::Identity;
use crate::manifest::{EmbedderManifest, FORMAT_VERSION, ModelManifest, Role, TOKENIZER_FILE};
use crate::progress::{ImportStep, Progress, Reporter};
use source::PackedFile;

/// Largest tokenizer file that is read (the real one has 17 MB).
const MAX_TOKENIZER: u64 = 256 << 20;

/// Converts the packed 4-bit multilingual-e5-small weights `bin` into the folder `out_dir`.
///
/// `tokenizer_json` is the model's tokenizer in the Hugging Face format and is copied. The graph takes
/// `input_ids` and `attention_mask` (int64, `[batch, seq]`) and gives `sentence_embedding` (float32,
/// `[batch, 384]`): the masked mean of the last hidden states with length one. A text's vector depends on
/// that text alone, and is the same with either kind of operators but for rounding. An earlier folder is replaced.
///
/// # Errors
/// Any [`ImportError`]; its [`ImportError::hint`] names the remedy.
pub fn import_e5_small_q4(
    bin: &Path,
    tokenizer_json: &Path,
    out_dir: &Path,
    operators: Operators,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportedModel, ImportError> {
    let mut reporter = Reporter::new(&mut progress);
    let file = PackedFile::open(bin)?;
    let tokenizer = read_tokenizer(tokenizer_json)?;
    let destination = Destination {
        folder: out_dir,
        existing: Existing::Replace,
    };
    destination.fill(&mut reporter, |folder, reporter| {
        let options = ImportOptions {
            operators,
            ..ImportOptions::default()
        };
        let source = identify(bin, file.bytes(), &|_| (), reporter)?;
        let journal = folder.begin(&Identity::new(options, &source))?;

        reporter.begin(ImportStep::Weights, file.bytes().len() as u64)?;
        let mut graph = GraphBuilder::create(folder.path(), "e5", journal)?;
        graph::build(&file, operators, &mut graph, reporter)?;

        reporter.begin(ImportStep::Tokenizer, 1)?;
        folder.write(TOKENIZER_FILE, &tokenizer)?;
        reporter.advance(1)?;

        let manifest = ModelManifest {
            format_version: FORMAT_VERSION,
            importer_version: env!("CARGO_PKG_VERSION").into(),
            architecture: Architecture::Bert,
            name: Some("multilingual-e5-small".into()),
            source,
            licence: None,
            weights: Some("Q4".into()),
            role: Role::Embedder(EmbedderManifest {
                dimension: file.config.hidden,
                max_tokens: file.config.positions,
                query_prefix: "query: ".into(),
                passage_prefix: "passage: ".into(),
                pad_token_id: file.config.pad,
                normalized: true,
                profile: Profile::Exact,
            }),
        };
        Ok((graph, manifest))
    })
}

fn read_tokenizer(path: &Path) -> Result<Vec<u8>, ImportError> {
    let size = fs::metadata(path)
        .map_err(ImportError::io(path, "read the size of"))?
        .len();
    let malformed = |what: String| ImportError::Malformed {
        path: path.into(),
        format: "tokenizer.json",
        what,
    };
    if size > MAX_TOKENIZER {
        return Err(malformed(format!(
            "it has {size} bytes; {MAX_TOKENIZER} are allowed"
        )));
    }
    let bytes = fs::read(path).map_err(ImportError::io(path, "read"))?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).map_err(|error| malformed(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
