//! The generator: a decoder on ONNX Runtime that writes text after a prompt.

mod decode;
mod model;
mod prefix;
mod repetition;
mod sampler;
mod stop;
mod stream;
mod template;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use footnote_core::ports::{GenerateRequest, Generated, Generator, Message};
use footnote_core::{Error, ErrorCode, Result};
use footnote_model_import::{GeneratorManifest, Profile, Role, TOKENIZER_FILE};
use tokenizers::Tokenizer;
use tokio_util::sync::CancellationToken;

use crate::errors::from_tokenizer;
use crate::manifest::{read_manifest, short};
use crate::owner::{ModelHandle, Owner};
use crate::runtime::Runtime;
use crate::tokens::SharedTokenizer;
use model::GeneratorModel;
use stream::TokenBytes;
use template::ChatTemplate;

/// Choices for a generator.
#[derive(Clone, Debug)]
pub struct GeneratorOptions {
    /// Unload the model after this long without a request; none: keep it.
    pub idle_timeout: Option<Duration>,
    /// Tokens that prompt and answer may have together, if the model allows as many. The cache grows
    /// with use up to this (24 KB a token for a model of 0.5 billion weights, 56 KB for 1.5 billion).
    pub context_tokens: usize,
}

impl Default for GeneratorOptions {
    fn default() -> Self {
        Self {
            idle_timeout: Some(Duration::from_secs(300)),
            context_tokens: 8192,
        }
    }
}

/// A text-generating model on ONNX Runtime. Cheap to clone; clones share the model and take turns.
#[derive(Clone)]
pub struct OnnxGenerator(Arc<Inner>);

struct Inner {
    id: String,
    context: usize,
    manifest: GeneratorManifest,
    tokenizer: SharedTokenizer,
    text: OnceLock<TextParts>,
    owner: Owner<GeneratorModel>,
}

/// What needs the tokenizer to be made.
struct TextParts {
    bytes: TokenBytes,
    template: ChatTemplate,
}

impl OnnxGenerator {
    /// Opens the imported model in `folder`. The weights are loaded with the first generation.
    ///
    /// # Errors
    /// [`ErrorCode::ModelMissing`] if a file is not there; otherwise names what is wrong with it.
    pub fn open(runtime: &Runtime, folder: &Path, options: GeneratorOptions) -> Result<Self> {
        let manifest = read_manifest(folder)?;
        let name = manifest
            .name
            .clone()
            .unwrap_or_else(|| manifest.source.file_name.clone());
        let hash = short(&manifest.source.sha256).to_owned();
        let Role::Generator(manifest) = manifest.role else {
            return Err(
                Error::user(format!("{}: this model does not write text", folder.display()))
                    .hint("Choose a language model"),
            );
        };
        let profile = match manifest.profile {
            Profile::Exact => "exact",
            Profile::Fast => "fast",
        };
        let context = options.context_tokens.min(manifest.context_length).max(1);
        let tokenizer = SharedTokenizer::new(&folder.join(TOKENIZER_FILE))?;
        let (runtime, folder, theirs) = (runtime.clone(), folder.to_path_buf(), manifest.clone());
        let owner = Owner::start("generator", options.idle_timeout, move || {
            GeneratorModel::load(&runtime, &folder, &theirs, context)
        })?;
        Ok(Self(Arc::new(Inner {
            id: format!("{name}@{hash}/{profile}"),
            context,
            manifest,
            tokenizer,
            text: OnceLock::new(),
            owner,
        })))
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        ModelHandle::new(&self.0.owner)
    }

    /// The prompt as the model's chat template writes it.
    ///
    /// # Errors
    /// If the template cannot be used or refuses the conversation.
    pub fn render(&self, messages: &[Message]) -> Result<String> {
        self.text()?.template.render(messages)
    }

    fn tokenizer(&self) -> Result<&Tokenizer> {
        Ok(self.0.tokenizer.get()?)
    }

    fn text(&self) -> Result<&TextParts> {
        if let Some(parts) = self.0.text.get() {
            return Ok(parts);
        }
        let tokenizer = self.tokenizer()?;
        let manifest = &self.0.manifest;
        let bytes = TokenBytes::new(tokenizer);
        let spelling = |id: Option<u32>| id.and_then(|id| tokenizer.id_to_token(id)).unwrap_or_default();
        let (bos, eos) = (spelling(manifest.bos_token_id), spelling(manifest.eos_token_id));
        let control: Vec<&str> = bytes.control_texts().collect();
        let template = ChatTemplate::new(manifest.chat_template.as_deref(), &bos, &eos, &control)?;
        Ok(self.0.text.get_or_init(|| TextParts { bytes, template }))
    }

    /// Token ids of the prompt.
    fn encode(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let prompt = self.render(messages)?;
        let encoding = self
            .tokenizer()?
            .encode_fast(prompt, false)
            .map_err(from_tokenizer)?;
        let mut ids = encoding.get_ids().to_vec();
        if let (true, Some(bos)) = (self.0.manifest.add_bos, self.0.manifest.bos_token_id)
            && ids.first() != Some(&bos)
        {
            ids.insert(0, bos);
        }
        // An answer needs one position at least.
        if ids.len() >= self.0.context {
            return Err(Error::user(format!(
                "The question with its passages has {} tokens, the model reads {}",
                ids.len(),
                self.0.context
            ))
            .code(ErrorCode::QuestionTooLong)
            .hint("Shorten the question, or choose a model with a longer context"));
        }
        if ids.is_empty() {
            return Err(Error::bug("A prompt without a single token was to be answered"));
        }
        Ok(ids)
    }
}

impl Generator for OnnxGenerator {
    fn id(&self) -> String {
        self.0.id.clone()
    }

    fn context_tokens(&self) -> usize {
        self.0.context
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        self.0.tokenizer.count(&self.text()?.template.neutralise(text))
    }

    fn generate(
        &self,
        request: &GenerateRequest<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<Generated> {
        decode::generate(self, request, sink, cancel)
    }
}
