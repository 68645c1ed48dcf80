//! A model's tokenizer, shared between threads and loaded on first use.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use footnote_core::{Error, ErrorCode, Result};
use tokenizers::{PostProcessor, Tokenizer, TruncationParams};

use crate::errors::from_tokenizer;

/// Loads `tokenizer.json` once; large vocabularies take up to a second.
pub(crate) struct SharedTokenizer {
    path: PathBuf,
    /// Tokens, special ones included, beyond which a text is cut, or the longer one of a pair first.
    limit: Option<usize>,
    loaded: OnceLock<Arc<Tokenizer>>,
    loading: Mutex<()>,
}

impl SharedTokenizer {
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

    pub(crate) fn get(&self) -> Result<&Arc<Tokenizer>> {
        if let Some(tokenizer) = self.loaded.get() {
            return Ok(tokenizer);
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokenizer) = self.loaded.get() {
            return Ok(tokenizer);
        }
        let mut tokenizer = Tokenizer::from_file(&self.path).map_err(|error| {
            Error::runtime(format!(
                "{}: not a usable tokenizer: {error}",
                self.path.display()
            ))
            .hint("Fetch the model again with `footnote models fetch`")
        })?;
        // Published files carry their training's limits; lengths are this crate's business.
        tokenizer.with_padding(None);
        let special = tokenizer
            .get_post_processor()
            .map_or(0, |processor| processor.added_tokens(true));
        if let Some(limit) = self.limit
            && limit <= special
        {
            return Err(Error::runtime(format!(
                "{}: the model reads {limit} tokens, and the special ones of a pair alone are {special}",
                self.path.display()
            ))
            .hint("Choose another model"));
        }
        let cut = self.limit.map(|max_length| TruncationParams {
            max_length,
            ..TruncationParams::default()
        });
        tokenizer.with_truncation(cut).map_err(from_tokenizer)?;
        Ok(self.loaded.get_or_init(|| Arc::new(tokenizer)))
    }

    /// Number of tokens without special ones.
    pub(crate) fn count(&self, text: &str) -> Result<usize> {
        Ok(self
            .get()?
            .encode_fast(text, false)
            .map_err(from_tokenizer)?
            .len())
    }

    /// Byte ranges of the tokens, in order, without special ones.
    pub(crate) fn offsets(&self, text: &str) -> Result<Vec<Range<usize>>> {
        let encoding = self.get()?.encode(text, false).map_err(from_tokenizer)?;
        let ranges = encoding
            .get_offsets()
            .iter()
            .map(|&(start, end)| start..end.max(start));
        Ok(ranges.collect())
    }
}

fn missing(path: &Path) -> Error {
    Error::user(format!("{}: the model's tokenizer is not there", path.display()))
        .code(ErrorCode::ModelMissing)
        .hint("Fetch the model again with `footnote models fetch`")
}
