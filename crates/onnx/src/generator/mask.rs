//! What may be written next, token by token.

use std::sync::{Arc, OnceLock};

use crate::tokens::WholeTokenizer;
use footnote_core::ports::{Constraint, TextConstraint};
use footnote_core::{Error, ErrorCode, Problem, Result};
use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};

use super::stream::{TokenBytes, Utf8Stream};

/// A mask over next tokens. Tokens are asked about in order of probability, so nearly always one or two are.
pub(super) enum Mask<'a> {
    /// Anything goes.
    Free,
    /// Judged on the text.
    Text(&'a dyn TextConstraint),
    /// A grammar over tokens.
    Grammar(Box<Matcher>),
}

impl<'a> Mask<'a> {
    /// The mask of a request; `grammars` belong to the model.
    ///
    /// # Errors
    /// Class `User` with [`ErrorCode::Unsupported`] if the schema cannot be followed.
    pub(super) fn new(
        constraint: Option<Constraint<'a>>,
        grammars: impl FnOnce() -> Result<&'a Grammars>,
    ) -> Result<Self> {
        Ok(match constraint {
            None => Self::Free,
            Some(Constraint::Text(only)) => Self::Text(only),
            Some(Constraint::Json(schema)) => Self::Grammar(Box::new(grammars()?.json(schema)?)),
        })
    }

    /// Whether the text may end here.
    pub(super) fn may_end(&mut self) -> bool {
        match self {
            Self::Free | Self::Text(_) => true,
            Self::Grammar(matcher) => matcher.is_accepting().unwrap_or(false),
        }
    }

    /// Whether nothing can follow any more.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Free | Self::Text(_) => false,
            Self::Grammar(matcher) => matcher.is_stopped(),
        }
    }

    /// Whether token `id`, which adds `piece` to the text `seen`, may follow. A piece is empty while a
    /// character is incomplete; it is judged with its last byte then, or byte by byte by a grammar.
    pub(super) fn allows(&mut self, id: u32, seen: &str, piece: &str) -> bool {
        match self {
            Self::Free => true,
            Self::Text(only) => piece.is_empty() || only.allows(seen, piece),
            Self::Grammar(matcher) => matcher.validate_tokens(&[id]).is_ok_and(|count| count == 1),
        }
    }

    /// Takes note of the token that was chosen.
    ///
    /// # Errors
    /// If the grammar ran into its limits; the text is unfinished then.
    pub(super) fn push(&mut self, id: u32) -> Result<()> {
        match self {
            Self::Free | Self::Text(_) => Ok(()),
            Self::Grammar(matcher) => matcher
                .consume_token(id)
                .map_err(|error| Error::bug(format!("The grammar lost its way: {}", first_line(&error)))),
        }
    }
}

/// Grammars over a model's tokens. Indexing the vocabulary takes a moment, so it happens with the first grammar.
#[derive(Default)]
pub(super) struct Grammars(OnceLock<ParserFactory>);

impl Grammars {
    /// Prepares for grammars over the tokens of `tokenizer`.
    pub(super) fn ready(
        &self,
        tokenizer: &WholeTokenizer,
        bytes: &TokenBytes,
        end_tokens: &[u32],
    ) -> Result<&Self> {
        if self.0.get().is_none() {
            let factory = factory(tokenizer, bytes, end_tokens)?;
            let _ = self.0.set(factory);
        }
        Ok(self)
    }

    /// A matcher of JSON values by schema, spelled with a space after commas and colons as models write it.
    fn json(&self, schema: &Value) -> Result<Matcher> {
        let factory = self
            .0
            .get()
            .ok_or_else(|| Error::bug("Grammars were used before they were ready"))?;
        let mut schema = schema.clone();
        if let Some(object) = schema.as_object_mut() {
            // White space without bound would let a model write nothing but that.
            let style =
                json!({ "whitespace_flexible": false, "item_separator": ", ", "key_separator": ": " });
            object.insert("x-guidance".into(), style);
        }
        let parser = factory.create_parser(TopLevelGrammar::from_json_schema(schema));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            None => Ok(matcher),
            Some(reason) => Err(Error::user(format!(
                "The JSON schema cannot be followed: {}",
                reason.lines().next().unwrap_or_default()
            ))
            .code(ErrorCode::Unsupported)
            .hint("Use objects, arrays, strings, numbers, booleans, enum and const")),
        }
    }
}

fn factory(tokenizer: &WholeTokenizer, bytes: &TokenBytes, end_tokens: &[u32]) -> Result<ParserFactory> {
    let count = tokenizer.get_vocab_size(true) as u32;
    let words: Vec<Vec<u8>> = (0..count)
        .map(|id| {
            if bytes.is_control(id) || end_tokens.contains(&id) {
                // So marked, no grammar can mean it as text.
                let mut word = vec![TokTrie::SPECIAL_TOKEN_MARKER];
                word.extend(format!("<{id}>").into_bytes());
                word
            } else {
                bytes.of(tokenizer, id)
            }
        })
        .collect();
    let known: Vec<u32> = end_tokens.iter().copied().filter(|id| *id < count).collect();
    let Some(&end) = known.first() else {
        return Err(Error::user("The model has no token that ends an answer")
            .code(ErrorCode::Unsupported)
            .problem(Problem::ModelUnsuitable {
                detail: "it has no token that ends an answer".into(),
            })
            .hint("Choose another model, or another conversion of this one"));
    };
    let trie = TokTrie::from(&TokRxInfo::new(count, end), &words).with_eos_tokens(&known);
    let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let mut factory = ParserFactory::new(&environment, Default::default(), &[]).map_err(|error| {
        Error::bug(format!(
            "The vocabulary cannot be indexed: {}",
            first_line(&error)
        ))
    })?;
    factory.quiet();
    factory.limits_mut().verbose_errors = false;
    Ok(factory)
}

fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What token `id` would add, given what is pending and whether a first space belongs to the tokenizer.
pub(super) fn piece_of(utf8: &Utf8Stream, spelled: &[u8], trim: bool) -> String {
    let mut piece = utf8.peek(spelled);
    if trim && piece.starts_with(' ') {
        piece.remove(0);
    }
    piece
}
