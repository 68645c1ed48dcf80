//! Decoders in safetensors: the folders their publishers share.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::arch::{DecoderConfig, FolderWeights, build_decoder};
use crate::card::stated_licence;
use crate::encoder::source::{ConfigFile, SourceFolder};
use crate::error::ImportError;
use crate::graph::GraphBuilder;
use crate::import::{Destination, ImportOptions, ImportedModel, identify_all};
use crate::journal::Identity;
use crate::manifest::{FORMAT_VERSION, GeneratorManifest, ModelManifest, Role, TOKENIZER_FILE};
use crate::progress::{ImportStep, Progress, Reporter};
use crate::safetensors::SafetensorsModel;
use crate::tokenizer::ends_answer;

/// A folder with a decoder, everything but its weights read.
struct DecoderFolder {
    folder: SourceFolder,
    config: ConfigFile,
    weights: SafetensorsModel,
    tokenizer: Value,
    generation: ConfigFile,
    chat_template: Option<String>,
}

/// Whether the folder `root` holds a decoder, by what its `config.json` declares.
pub(crate) fn is_decoder(root: &Path) -> Result<bool, ImportError> {
    let config = SourceFolder::open(root).config("config.json")?;
    let names = config.list("architectures")?;
    let name = names.and_then(|names| names.first()).and_then(Value::as_str);
    Ok(name.is_some_and(|name| name.ends_with("ForCausalLM")))
}

/// The files an import of the decoder in `root` reads.
pub(crate) fn sources(root: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let source = DecoderFolder::read(root)?;
    let small = source.folder.read.iter().map(|(name, _)| source.folder.at(name));
    let weights = source.weights.files().map(|(path, _)| path.to_path_buf());
    Ok(small.chain(weights).collect())
}

/// Converts the decoder in the folder `source` into the folder `out_dir`.
pub(crate) fn import(
    source: &Path,
    name: &str,
    out_dir: &Path,
    options: ImportOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportedModel, ImportError> {
    let mut reporter = Reporter::new(progress);
    let mut source = DecoderFolder::read(source)?;
    let (weights, architecture, config) = FolderWeights::open(&source.config, &source.weights)?;
    let add_bos = take_template(&mut source.tokenizer);
    let role = Role::Generator(generator(&source, &config, add_bos, options)?);
    let destination = Destination {
        folder: out_dir,
        existing: options.existing,
    };
    destination.fill(&mut reporter, |folder, reporter| {
        let mut parts: Vec<(&Path, &[u8])> = Vec::new();
        for (name, bytes) in &source.folder.read {
            parts.push((Path::new(name), bytes));
        }
        parts.extend(source.weights.files());
        let release = |chunk: &[u8]| source.weights.release(chunk);
        let identity = identify_all(name, &parts, &release, reporter)?;
        let journal = folder.begin(&Identity::new(options, &identity))?;

        reporter.begin(ImportStep::Weights, source.weights.size())?;
        let mut graph = GraphBuilder::create(folder.path(), architecture.prefix(), journal)?;
        build_decoder(&weights, &config, options, &mut graph, reporter)?;

        reporter.begin(ImportStep::Tokenizer, 1)?;
        folder.write(TOKENIZER_FILE, source.tokenizer.to_string().as_bytes())?;
        reporter.advance(1)?;

        let manifest = ModelManifest {
            format_version: FORMAT_VERSION,
            importer_version: env!("CARGO_PKG_VERSION").into(),
            architecture,
            name: Some(name.into()),
            source: identity,
            licence: stated_licence(&source.folder.at("README.md")),
            weights: source.weights.main_type(),
            role,
        };
        Ok((graph, manifest))
    })
}

impl DecoderFolder {
    fn read(root: &Path) -> Result<Self, ImportError> {
        let mut folder = SourceFolder::open(root);
        let config = folder.config("config.json")?;
        let generation = folder.config("generation_config.json")?;
        let tokenizer_config = folder.config("tokenizer_config.json")?;
        let chat_template = match folder.text("chat_template.jinja")? {
            Some(template) => Some(template),
            None => template_of(&tokenizer_config),
        };
        let bytes = folder.tokenizer("tokenizer.json")?;
        let tokenizer = serde_json::from_slice(&bytes).map_err(|error| ImportError::Malformed {
            path: folder.at("tokenizer.json"),
            format: "tokenizer.json",
            what: error.to_string(),
        })?;
        Ok(Self {
            weights: folder.weights("")?,
            folder,
            config,
            tokenizer,
            generation,
            chat_template,
        })
    }
}

/// The template in `tokenizer_config.json`; of several, the one for plain conversations.
fn template_of(config: &ConfigFile) -> Option<String> {
    let template = match config.get("chat_template")? {
        Value::Array(templates) => templates
            .iter()
            .find(|template| template["name"] == "default")?
            .get("template")?,
        template => template,
    };
    template.as_str().map(String::from)
}

/// Takes out what adds tokens around a text; whether it added one in front.
fn take_template(tokenizer: &mut Value) -> bool {
    let is_template = |step: &Value| step["type"] == "TemplateProcessing";
    let begins = |step: &Value| step["single"][0].get("SpecialToken").is_some();
    let Some(processor) = tokenizer.get_mut("post_processor") else {
        return false;
    };
    if is_template(processor) {
        let added = begins(processor);
        *processor = Value::Null;
        return added;
    }
    let Some(steps) = processor.get_mut("processors").and_then(Value::as_array_mut) else {
        return false;
    };
    let added = steps.iter().any(|step| is_template(step) && begins(step));
    steps.retain(|step| !is_template(step));
    added
}

fn generator(
    source: &DecoderFolder,
    config: &DecoderConfig,
    add_bos: bool,
    options: ImportOptions,
) -> Result<GeneratorManifest, ImportError> {
    let valid = |value: &Value| {
        let id = value.as_u64()?;
        (id < config.vocab as u64).then_some(id as u32)
    };
    let ids = |key: &str| -> Vec<u32> {
        let value = source.generation.get(key).or_else(|| source.config.get(key));
        match value {
            Some(Value::Array(values)) => values.iter().filter_map(valid).collect(),
            Some(value) => valid(value).into_iter().collect(),
            None => Vec::new(),
        }
    };
    let ends = ids("eos_token_id");
    let mut stop_token_ids = ends.clone();
    let added = source.tokenizer["added_tokens"].as_array();
    for token in added.into_iter().flatten() {
        if token["content"].as_str().is_some_and(ends_answer) {
            stop_token_ids.extend(valid(&token["id"]));
        }
    }
    stop_token_ids.sort_unstable();
    stop_token_ids.dedup();
    if stop_token_ids.is_empty() {
        return Err(source
            .config
            .wrong("eos_token_id", "absent", "a token that ends an answer"));
    }
    Ok(GeneratorManifest {
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
        bos_token_id: ids("bos_token_id").first().copied(),
        add_bos,
        eos_token_id: ends.first().copied(),
        eot_token_id: None,
        stop_token_ids,
        pad_token_id: ids("pad_token_id").first().copied(),
        chat_template: source.chat_template.clone(),
    })
}
