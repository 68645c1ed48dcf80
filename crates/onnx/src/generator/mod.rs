//! The generator: a decoder on ONNX Runtime that writes text after a prompt.

mod advice;
mod cache;
mod decode;
mod lookup;
mod mask;
mod model;
mod prefix;
mod prompt;
mod repetition;
mod sampler;
mod stop;
mod stream;
mod template;
pub(crate) mod trial;
mod turn;
mod writer;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::tokens::WholeTokenizer;
use footnote_core::ports::{GenerateRequest, Generated, Generator, Message};
use footnote_core::{Error, Problem, Result};
use footnote_model_import::{GeneratorManifest, Profile, Role, TOKENIZER_FILE};
use tokio_util::sync::CancellationToken;

use crate::manifest::{read_manifest, short};
use crate::owner::{ModelHandle, Owner};
use crate::runtime::Runtime;
use crate::tokens::SharedTokenizer;
use advice::Advice;
use mask::Grammars;
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
    /// Propose what is likely to be copied from the prompt, and compute it together with the last token.
    /// The text is the same without, only slower; there to check and to measure that.
    pub speculate: bool,
}

impl Default for GeneratorOptions {
    fn default() -> Self {
        Self {
            idle_timeout: Some(Duration::from_secs(300)),
            context_tokens: 8192,
            speculate: true,
        }
    }
}

/// A text-generating model on ONNX Runtime. Cheap to clone; clones share the model and take turns.
#[derive(Clone)]
pub struct OnnxGenerator(Arc<Inner>);

struct Inner {
    id: String,
    context: usize,
    speculate: bool,
    manifest: GeneratorManifest,
    tokenizer: SharedTokenizer<WholeTokenizer>,
    text: OnceLock<TextParts>,
    grammars: Grammars,
    advice: Advice,
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
    /// [`footnote_core::ErrorCode::ModelMissing`] if a file is not there; otherwise names what is wrong with it.
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
                    .problem(Problem::ModelUnsuitable {
                        detail: "it does not write text".into(),
                    })
                    .hint("Choose a language model"),
            );
        };
        let advice = Advice::read(folder)?;
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
            speculate: options.speculate,
            manifest,
            tokenizer,
            text: OnceLock::new(),
            grammars: Grammars::default(),
            advice,
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

    fn tokenizer(&self) -> Result<&WholeTokenizer> {
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

    /// Grammars over this model's tokens.
    fn grammars(&self) -> Result<&Grammars> {
        self.0.grammars.ready(
            self.tokenizer()?,
            &self.text()?.bytes,
            &self.0.manifest.stop_token_ids,
        )
    }
}

impl Generator for OnnxGenerator {
    fn id(&self) -> String {
        self.0.id.clone()
    }

    fn weights(&self) -> u64 {
        // Kaplan et al., "Scaling Laws for Neural Language Models" (2020), section 2.1.
        let manifest = &self.0.manifest;
        12 * manifest.layers as u64 * (manifest.hidden_size as u64).pow(2)
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
