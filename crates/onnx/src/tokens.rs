//! A model's tokenizer, shared between threads and loaded on first use.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use footnote_core::{Error, ErrorCode, Problem, Result};
use serde::Deserialize;
use tokenizers::{
    DecoderWrapper, EncodeInput, Encoding, Model, ModelWrapper, NormalizerWrapper, PostProcessor,
    PostProcessorWrapper, PreTokenizerWrapper, TokenizerImpl, TruncationParams,
};

use crate::errors::from_tokenizer;
use crate::unigram::Unigram;

/// The pipeline of a `tokenizer.json` around a model of its own.
type Pipeline<M> =
    TokenizerImpl<M, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// What turns texts into tokens.
pub(crate) trait Tokenize: Sized {
    /// From the bytes of a `tokenizer.json`.
    fn parse(json: &[u8]) -> tokenizers::Result<Self>;

    /// Takes away the limits that published files carry of their training, and sets one of tokens, if there is one.
    fn limit(&mut self, tokens: Option<usize>) -> tokenizers::Result<()>;

    /// Special tokens that are added to a pair.
    fn special_tokens(&self) -> usize;

    /// The tokens of a text or a pair, with special ones or without; `places` of them are worked out or not.
    fn tokens<'s>(
        &self,
        text: impl Into<EncodeInput<'s>>,
        special: bool,
        places: bool,
    ) -> tokenizers::Result<Encoding>;
}

impl<M> Tokenize for Pipeline<M>
where
    M: Model + Send + Sync + for<'de> Deserialize<'de>,
{
    fn parse(json: &[u8]) -> tokenizers::Result<Self> {
        Ok(serde_json::from_slice(json)?)
    }

    fn limit(&mut self, tokens: Option<usize>) -> tokenizers::Result<()> {
        self.with_padding(None);
        let cut = tokens.map(|max_length| TruncationParams {
            max_length,
            ..TruncationParams::default()
        });
        self.with_truncation(cut)?;
        Ok(())
    }

    fn special_tokens(&self) -> usize {
        self.get_post_processor()
            .map_or(0, |processor| processor.added_tokens(true))
    }

    fn tokens<'s>(
        &self,
        text: impl Into<EncodeInput<'s>>,
        special: bool,
        places: bool,
    ) -> tokenizers::Result<Encoding> {
        if places {
            self.encode(text, special)
        } else {
            self.encode_fast(text, special)
        }
    }
}

/// The tokenizer of a model that writes, with all that `tokenizers` has.
pub(crate) type WholeTokenizer = Pipeline<ModelWrapper>;

/// The tokenizer of a model that only reads.
pub(crate) enum ReadingTokenizer {
    /// A unigram model in little memory.
    Unigram(Box<Pipeline<Unigram>>),
    /// Any other.
    Usual(Box<WholeTokenizer>),
}

impl Tokenize for ReadingTokenizer {
    fn parse(json: &[u8]) -> tokenizers::Result<Self> {
        // Of any other kind it is no unigram model, which shows before its vocabulary is read.
        if let Ok(pipeline) = Pipeline::parse(json) {
            return Ok(Self::Unigram(Box::new(pipeline)));
        }
        Ok(Self::Usual(Box::new(Pipeline::parse(json)?)))
    }

    fn limit(&mut self, tokens: Option<usize>) -> tokenizers::Result<()> {
        match self {
            Self::Unigram(pipeline) => pipeline.limit(tokens),
            Self::Usual(pipeline) => pipeline.limit(tokens),
        }
    }

    fn special_tokens(&self) -> usize {
        match self {
            Self::Unigram(pipeline) => pipeline.special_tokens(),
            Self::Usual(pipeline) => pipeline.special_tokens(),
        }
    }

    fn tokens<'s>(
        &self,
        text: impl Into<EncodeInput<'s>>,
        special: bool,
        places: bool,
    ) -> tokenizers::Result<Encoding> {
        match self {
            Self::Unigram(pipeline) => pipeline.tokens(text, special, places),
            Self::Usual(pipeline) => pipeline.tokens(text, special, places),
        }
    }
}

/// Loads `tokenizer.json` once; large vocabularies take up to a second.
pub(crate) struct SharedTokenizer<T> {
    path: PathBuf,
    /// Tokens, special ones included, beyond which a text is cut, or the longer one of a pair first.
    limit: Option<usize>,
    loaded: OnceLock<Arc<T>>,
    loading: Mutex<()>,
}

impl<T: Tokenize> SharedTokenizer<T> {
    /// A tokenizer that keeps texts whole.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        Self::with(path, None)
    }

    /// A tokenizer that cuts what it encodes to `limit` tokens.
    pub(crate) fn cutting(path: &Path, limit: usize) -> Result<Self> {
        Self::with(path, Some(limit))
    }

    fn with(path: &Path, limit: Option<usize>) -> Result<Self> {
        if !path.is_file() {
            return Err(missing(path));
        }
        Ok(Self {
            path: path.into(),
            limit,
            loaded: OnceLock::new(),
            loading: Mutex::new(()),
        })
    }

    pub(crate) fn get(&self) -> Result<&Arc<T>> {
        if let Some(tokenizer) = self.loaded.get() {
            return Ok(tokenizer);
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokenizer) = self.loaded.get() {
            return Ok(tokenizer);
        }
        let json = std::fs::read(&self.path).map_err(|e| Error::from(e).at(self.path.display()))?;
        let mut tokenizer = T::parse(&json).map_err(|error| {
            Error::runtime(format!(
                "{}: not a usable tokenizer: {error}",
                self.path.display()
            ))
            .problem(Problem::ModelDamaged {
                detail: format!("not a usable tokenizer: {error}"),
            })
            .hint("Fetch the model again with `footnote models fetch`")
        })?;
        let special = tokenizer.special_tokens();
        if let Some(limit) = self.limit
            && limit <= special
        {
            return Err(Error::runtime(format!(
                "{}: the model reads {limit} tokens, and the special ones of a pair alone are {special}",
                self.path.display()
            ))
            .problem(Problem::ModelUnsuitable {
                detail: format!(
                    "it reads {limit} tokens, and the special ones of a pair alone are {special}"
                ),
            })
            .hint("Choose another model"));
        }
        tokenizer.limit(self.limit).map_err(from_tokenizer)?;
        Ok(self.loaded.get_or_init(|| Arc::new(tokenizer)))
    }

    /// Number of tokens without special ones.
    pub(crate) fn count(&self, text: &str) -> Result<usize> {
        Ok(self.tokens(text, false, false)?.len())
    }

    /// Byte ranges of the tokens, in order, without special ones.
    pub(crate) fn offsets(&self, text: &str) -> Result<Vec<Range<usize>>> {
        let encoding = self.tokens(text, false, true)?;
        let ranges = encoding
            .get_offsets()
            .iter()
            .map(|&(start, end)| start..end.max(start));
        Ok(ranges.collect())
    }

    /// The tokens of a text or a pair, as [`Tokenize::tokens`].
    pub(crate) fn tokens<'s>(
        &self,
        text: impl Into<EncodeInput<'s>>,
        special: bool,
        places: bool,
    ) -> Result<Encoding> {
        self.get()?.tokens(text, special, places).map_err(from_tokenizer)
    }
}

fn missing(path: &Path) -> Error {
    Error::user(format!("{}: the model's tokenizer is not there", path.display()))
        .code(ErrorCode::ModelMissing)
        .problem(Problem::ModelMissing)
        .hint("Fetch the model again with `footnote models fetch`")
}
