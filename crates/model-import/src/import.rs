//! The importers.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::arch::{Architecture, DecoderConfig, GgufWeights, build_decoder};
use crate::encoder::import_safetensors;
use crate::error::ImportError;
use crate::folder::StagedFolder;
use crate::gguf::{GgufFile, Value};
use crate::graph::GraphBuilder;
use crate::journal::Identity;
use crate::manifest::{
    FORMAT_VERSION, GeneratorManifest, MANIFEST_FILE, ModelManifest, Role, SourceFile, TOKENIZER_FILE,
};
use crate::progress::{ImportStep, Progress, Reporter};
use crate::sampling::{GENERATION_CONFIG_FILE, generation_config};
use crate::tokenizer::Vocabulary;

/// How weights are mapped to operator forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Every code of the file is kept; results equal the file's to within rounding of activations. Encoders'
    /// float weights stay float32.
    #[default]
    Exact,
    /// Larger blocks where they read fewer bytes: faster and smaller in memory, slightly less exact.
    Fast,
}

/// Which operators the graph of a decoder is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operators {
    /// Those of ONNX Runtime, for any of its providers.
    #[default]
    Portable,
    /// Footnote's own where the weights' types have [`crate::panels`]: the file's codes and scales at the file's size,
    /// for the processor only. What has none takes the portable form of the profile.
    Panels,
    /// Those of ONNX Runtime in half precision: activations, keys, values and scales, as graphics processors want
    /// them (their attention takes nothing else). The table of tokens is stored whole, for not every provider can
    /// look up in a quantised one. Logits are single.
    Half,
    /// The same for providers whose `MatMulNBits` knows four bits only, as DirectML's: what needs more is stored and
    /// multiplied as numbers of half precision, which takes twice the room of eight bits.
    HalfFourBit,
}

impl Operators {
    /// Whether activations are in half precision.
    pub const fn is_half(self) -> bool {
        matches!(self, Self::Half | Self::HalfFourBit)
    }
}

/// What to do when the destination exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`ImportError::DestinationExists`].
    #[default]
    Refuse,
    /// Replace it once the new folder is complete.
    Replace,
}

/// Choices of an import.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions {
    /// Operator forms.
    pub profile: Profile,
    /// Operators of a decoder; encoders are always portable.
    pub operators: Operators,
    /// Treatment of an earlier folder.
    pub existing: Existing,
}

/// A finished import.
#[derive(Clone, Debug)]
pub struct ImportedModel {
    /// The folder with graph, weights, tokenizer and manifest.
    pub folder: PathBuf,
    /// The manifest as written.
    pub manifest: ModelManifest,
    /// Bytes of graph and weights together.
    pub size: u64,
    /// Bytes of weights that an interrupted import to the same folder had written.
    pub resumed: u64,
}

/// Converts the GGUF file `source` into the folder `out_dir`.
///
/// The folder appears whole or not at all. `progress` is called several times a second and may stop the
/// import by returning `Break`. After that, or when the process ended in the middle, the next import of the same
/// file with the same options to `out_dir` keeps the weights that were finished.
///
/// # Errors
/// Any [`ImportError`]; its [`ImportError::hint`] names the remedy.
pub fn import_gguf(
    source: &Path,
    out_dir: &Path,
    options: ImportOptions,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportedModel, ImportError> {
    let mut reporter = Reporter::new(&mut progress);
    let file = GgufFile::open(source)?;
    // Everything cheap that can refuse the file comes before the minutes of work.
    let Plan {
        architecture,
        weights,
        config,
        vocabulary,
    } = Plan::read(&file)?;
    let destination = Destination {
        folder: out_dir,
        existing: options.existing,
    };
    destination.fill(&mut reporter, |folder, reporter| {
        let source = identify(source, file.bytes(), &|chunk| file.release(chunk), reporter)?;
        let journal = folder.begin(&Identity::new(options, &source))?;

        reporter.begin(ImportStep::Weights, file.bytes().len() as u64)?;
        let mut graph = GraphBuilder::create(folder.path(), architecture.prefix(), journal)?;
        build_decoder(&weights, &config, options, &mut graph, reporter)?;

        reporter.begin(ImportStep::Tokenizer, 1)?;
        folder.write(TOKENIZER_FILE, vocabulary.tokenizer_json().as_bytes())?;
        if let Some(advice) = generation_config(&file) {
            folder.write(GENERATION_CONFIG_FILE, advice.as_bytes())?;
        }
        reporter.advance(1)?;

        let manifest = ModelManifest {
            format_version: FORMAT_VERSION,
            importer_version: env!("CARGO_PKG_VERSION").into(),
            architecture,
            name: file.get("general.name").and_then(Value::as_str).map(String::from),
            source,
            licence: file
                .get("general.license")
                .and_then(Value::as_str)
                .map(String::from),
            weights: file.main_type(),
            role: Role::Generator(generator(&file, &config, &vocabulary, options)),
        };
        Ok((graph, manifest))
    })
}

fn generator(
    file: &GgufFile,
    config: &DecoderConfig,
    vocabulary: &Vocabulary<'_>,
    options: ImportOptions,
) -> GeneratorManifest {
    let optional_id = |key: &str| {
        let id = file.get(key).and_then(Value::as_u64)?;
        (id < config.vocab as u64).then_some(id as u32)
    };
    let text = |key: &str| file.get(key).and_then(Value::as_str).map(String::from);
    let eos_token_id = optional_id("tokenizer.ggml.eos_token_id");
    let eot_token_id = optional_id("tokenizer.ggml.eot_token_id");
    let mut stop_token_ids = vocabulary.end_tokens();
    stop_token_ids.extend(eos_token_id.into_iter().chain(eot_token_id));
    stop_token_ids.sort_unstable();
    stop_token_ids.dedup();
    GeneratorManifest {
        profile: options.profile,
        operators: options.operators,
        layers: config.layers.len(),
        hidden_size: config.hidden,
        heads: config.heads,
        kv_heads: config.kv_heads,
        head_dim: config.head_dim,
        context_length: config.context,
        original_context_length: config.original_context(),
        vocab_size: config.vocab,
        bos_token_id: optional_id("tokenizer.ggml.bos_token_id"),
        add_bos: vocabulary.adds_bos(),
        eos_token_id,
        eot_token_id,
        stop_token_ids,
        pad_token_id: optional_id("tokenizer.ggml.padding_token_id"),
        chat_template: text("tokenizer.chat_template"),
    }
}

/// What a decoder's file says before its weights are converted.
struct Plan<'a> {
    architecture: Architecture,
    weights: GgufWeights<'a>,
    config: DecoderConfig,
    vocabulary: Vocabulary<'a>,
}

impl<'a> Plan<'a> {
    fn read(file: &'a GgufFile) -> Result<Self, ImportError> {
        let architecture = Architecture::of(file)?;
        let (weights, config) = GgufWeights::open(file, architecture)?;
        config.check_shapes(&weights)?;
        let vocabulary = Vocabulary::read(file, architecture)?;
        Ok(Self {
            architecture,
            weights,
            config,
            vocabulary,
        })
    }
}

/// Whether [`import_gguf`] takes `file`, judged by everything but the values of its weights.
///
/// # Errors
/// What the import would fail with: an architecture, tensor, tokenizer or number that is not supported, absent
/// or contradictory.
pub fn check_gguf(file: &GgufFile) -> Result<Architecture, ImportError> {
    Plan::read(file).map(|plan| plan.architecture)
}

/// Converts the model at `source` into the folder `out_dir`: a folder with [`import_safetensors`], anything else
/// as a GGUF file with [`import_gguf`].
///
/// # Errors
/// As these two.
pub fn import_model(
    source: &Path,
    out_dir: &Path,
    options: ImportOptions,
    progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportedModel, ImportError> {
    if source.is_dir() {
        import_safetensors(source, out_dir, options, progress)
    } else {
        import_gguf(source, out_dir, options, progress)
    }
}

/// Where an import goes.
pub(crate) struct Destination<'a> {
    pub folder: &'a Path,
    pub existing: Existing,
}

impl Destination<'_> {
    /// Has `convert` fill a folder beside the destination, and moves that into place.
    pub(crate) fn fill(
        self,
        reporter: &mut Reporter<'_>,
        convert: impl FnOnce(
            &StagedFolder,
            &mut Reporter<'_>,
        ) -> Result<(GraphBuilder, ModelManifest), ImportError>,
    ) -> Result<ImportedModel, ImportError> {
        let folder = StagedFolder::create(self.folder, self.existing)?;
        let made = convert(&folder, reporter).and_then(|(graph, manifest)| {
            reporter.begin(ImportStep::Finish, 1)?;
            let resumed = graph.resumed();
            let size = graph.finish()?;
            let json = serde_json::to_vec_pretty(&manifest)
                .map_err(|error| ImportError::io(self.folder, "write the manifest of")(error.into()))?;
            folder.write(MANIFEST_FILE, &json)?;
            Ok(ImportedModel {
                folder: self.folder.into(),
                manifest,
                size,
                resumed,
            })
        });
        let imported = match made {
            Ok(imported) => imported,
            Err(ImportError::Cancelled) => {
                folder.leave();
                return Err(ImportError::Cancelled);
            }
            Err(error) => {
                // A damaged source stays damaged, and a full disk needs the room.
                folder.discard();
                return Err(error);
            }
        };
        folder.commit()?;
        // The model is in place: a Break from this last report no longer means anything.
        let _ = reporter.advance(1);
        Ok(imported)
    }
}

/// Name, size and hash of the files of a folder called `name`, reported as the hashing step. `release` is told
/// what was read through.
pub(crate) fn identify_all(
    name: &str,
    files: &[(&Path, &[u8])],
    release: &dyn Fn(&[u8]),
    reporter: &mut Reporter<'_>,
) -> Result<SourceFile, ImportError> {
    let size = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    reporter.begin(ImportStep::Hash, size)?;
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update((bytes.len() as u64).to_le_bytes());
        hash(&mut hasher, bytes, release, reporter)?;
    }
    Ok(SourceFile {
        file_name: name.into(),
        size,
        sha256: hexadecimal(hasher),
    })
}

fn hash(
    hasher: &mut Sha256,
    bytes: &[u8],
    release: &dyn Fn(&[u8]),
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    for chunk in bytes.chunks(16 << 20) {
        hasher.update(chunk);
        release(chunk);
        reporter.advance(chunk.len() as u64)?;
    }
    Ok(())
}

fn hexadecimal(hasher: Sha256) -> String {
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Name, size and hash of a source file, reported as the hashing step; `release` as for [`identify_all`].
pub(crate) fn identify(
    path: &Path,
    bytes: &[u8],
    release: &dyn Fn(&[u8]),
    reporter: &mut Reporter<'_>,
) -> Result<SourceFile, ImportError> {
    reporter.begin(ImportStep::Hash, bytes.len() as u64)?;
    let mut hasher = Sha256::new();
    hash(&mut hasher, bytes, release, reporter)?;
    let file_name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(SourceFile {
        file_name,
        size: bytes.len() as u64,
        sha256: hexadecimal(hasher),
    })
}
