//! Unigram tokenization in little memory.
//!
//! The `tokenizers` crate keeps a unigram vocabulary in a tree of hash maps: 280 MB for the 250,000 pieces of a multilingual
//! embedder. This is the same model over a double array, a fortieth of that, for its pipeline of normalizer,
//! pre-tokenizer and post-processor, which stays as it is.
//!
//! Algorithm: T. Kudo, "Subword Regularization" (2018), the best path as in SentencePiece's `EncodeOptimized`; unknown
//! characters as `tokenizers` has them, with which the tests compare it.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use tokenizers::models::unigram::UnigramTrainer;
use tokenizers::{Model, Result, Token};
use yada::DoubleArray;
use yada::builder::DoubleArrayBuilder;

/// What an unknown character costs beyond the rarest piece.
const UNKNOWN_PENALTY: f64 = 10.0;
/// Longest piece in bytes; building the array recurses once a byte.
const LONGEST: usize = 512;

/// A unigram model: the model of a `tokenizer.json` whose type is `Unigram`.
pub(crate) struct Unigram {
    pieces: Pieces,
    /// From a piece's bytes to its id.
    trie: DoubleArray<Vec<u8>>,
    /// Score of an unknown character.
    unknown_score: f64,
    unknown: Option<u32>,
    byte_fallback: bool,
}

/// The pieces by id: their texts one behind another, and where each ends.
#[derive(Default)]
struct Pieces {
    texts: String,
    ends: Vec<u32>,
    scores: Vec<f64>,
}

/// Where the best path to a place in a text comes from.
#[derive(Clone, Copy)]
struct Step {
    from: usize,
    id: u32,
    score: f64,
}

impl Pieces {
    fn get(&self, id: usize) -> Option<&str> {
        let end = *self.ends.get(id)? as usize;
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.texts.get(start..end)
    }
}

impl Unigram {
    fn new(pieces: Pieces, unknown: Option<u32>, byte_fallback: bool) -> std::result::Result<Self, String> {
        if unknown.is_some_and(|id| id as usize >= pieces.ends.len()) {
            return Err("the unknown piece is not among the pieces".to_owned());
        }
        let all = || (0..pieces.ends.len()).filter_map(|id| Some((pieces.get(id)?, id as u32)));
        let mut keys: Vec<(&str, u32)> = all().filter(|(piece, _)| !piece.is_empty()).collect();
        if let Some((piece, _)) = keys
            .iter()
            .find(|(piece, _)| piece.len() > LONGEST || piece.contains('\0'))
        {
            let start: String = piece.chars().take(20).collect();
            return Err(format!("{start:?} is not a piece that can be looked up"));
        }
        // Of equal pieces the last one counts.
        keys.sort_by(|a, b| a.0.cmp(b.0).then(b.1.cmp(&a.1)));
        keys.dedup_by(|later, earlier| later.0 == earlier.0);
        let bytes = DoubleArrayBuilder::build(&keys).map_err(|error| error.to_string())?;
        let trie = DoubleArray::new(bytes).map_err(|error| error.to_string())?;
        let rarest = pieces.scores.iter().copied().fold(f64::INFINITY, f64::min);
        Ok(Self {
            trie,
            pieces,
            unknown_score: rarest - UNKNOWN_PENALTY,
            unknown,
            byte_fallback,
        })
    }

    /// The pieces that `text` begins with: their ids and lengths in bytes, shortest first.
    fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (u32, usize)> + 'a {
        // A zero byte marks the end of a key in the array.
        let end = text.iter().take(LONGEST).position(|byte| *byte == 0);
        let text = &text[..end.unwrap_or(text.len().min(LONGEST))];
        self.trie.common_prefix_search(text)
    }

    fn id(&self, piece: &str) -> Option<u32> {
        self.prefixes(piece.as_bytes())
            .find(|(_, len)| *len == piece.len())
            .map(|(id, _)| id)
    }

    /// The best path through `text`: where each piece starts and ends, unknown characters in a row as one.
    fn path(&self, text: &str) -> Result<Vec<(u32, usize, usize)>> {
        let mut best: Vec<Option<Step>> = vec![None; text.len() + 1];
        for (from, letter) in text.char_indices() {
            // Every character can be passed, if only as an unknown one.
            let here = best[from].map_or(0.0, |step| step.score);
            let mut whole = false;
            let mut try_step = |to: usize, id: u32, score: f64| {
                let step = &mut best[to];
                if step.is_none_or(|step| score > step.score) {
                    *step = Some(Step { from, id, score });
                }
            };
            for (id, len) in self.prefixes(&text.as_bytes()[from..]) {
                whole |= len == letter.len_utf8();
                try_step(from + len, id, self.pieces.scores[id as usize] + here);
            }
            if !whole {
                let unknown = self
                    .unknown
                    .ok_or("a character is unknown, and there is no piece for that")?;
                try_step(from + letter.len_utf8(), unknown, self.unknown_score + here);
            }
        }
        let mut path: Vec<(u32, usize, usize)> = Vec::new();
        let mut to = text.len();
        while to > 0 {
            let Some(Step { from, id, .. }) = best[to] else {
                return Err("a text has no way through the pieces".into());
            };
            match path.last_mut() {
                Some((last, start, _)) if Some(id) == self.unknown && *last == id => *start = from,
                _ => path.push((id, from, to)),
            }
            to = from;
        }
        path.reverse();
        Ok(path)
    }

    /// The pieces of single bytes for what is unknown, if there are such.
    fn bytes_of(&self, text: &str) -> Option<Vec<(u32, String)>> {
        let pieces = text.bytes().map(|byte| {
            let piece = format!("<0x{byte:02X}>");
            Some((self.id(&piece)?, piece))
        });
        self.byte_fallback.then(|| pieces.collect())?
    }
}

impl Model for Unigram {
    type Trainer = UnigramTrainer;

    fn tokenize(&self, text: &str) -> Result<Vec<Token>> {
        let mut tokens = Vec::new();
        for (id, start, end) in self.path(text)? {
            let piece = &text[start..end];
            let offsets = (start, end);
            if Some(id) != self.unknown {
                tokens.push(Token::new(id, piece.to_owned(), offsets));
            } else if let Some(known) = self.id(piece) {
                tokens.push(Token::new(known, piece.to_owned(), offsets));
            } else if let Some(bytes) = self.bytes_of(piece) {
                tokens.extend(bytes.into_iter().map(|(id, byte)| Token::new(id, byte, offsets)));
            } else {
                tokens.push(Token::new(id, piece.to_owned(), offsets));
            }
        }
        Ok(tokens)
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        self.id(token)
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.pieces.get(id as usize).map(str::to_owned)
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        let all =
            (0..self.pieces.ends.len()).filter_map(|id| Some((self.pieces.get(id)?.to_owned(), id as u32)));
        all.collect()
    }

    fn get_vocab_size(&self) -> usize {
        self.pieces.ends.len()
    }

    fn save(&self, _: &Path, _: Option<&str>) -> Result<Vec<PathBuf>> {
        Err("a model that was loaded for use is not saved".into())
    }

    fn get_trainer(&self) -> Self::Trainer {
        UnigramTrainer::default()
    }
}

impl<'de> Deserialize<'de> for Unigram {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        enum Kind {
            Unigram,
        }
        #[derive(serde::Deserialize)]
        struct Wire {
            #[serde(rename = "type")]
            _kind: Kind,
            vocab: Pieces,
            #[serde(default)]
            unk_id: Option<u32>,
            #[serde(default)]
            byte_fallback: bool,
        }
        let wire = Wire::deserialize(from)?;
        Self::new(wire.vocab, wire.unk_id, wire.byte_fallback).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Pieces {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Pieces;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a list of pieces with their scores")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Pieces, A::Error> {
                let mut pieces = Pieces::default();
                while let Some((piece, score)) = list.next_element::<(String, f64)>()? {
                    pieces.texts.push_str(&piece);
                    let end = u32::try_from(pieces.texts.len()).map_err(A::Error::custom)?;
                    pieces.ends.push(end);
                    pieces.scores.push(score);
                }
                pieces.texts.shrink_to_fit();
                Ok(pieces)
            }
        }
        from.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenizers::models::unigram::Unigram as Reference;

    /// Numbers that look random and are the same in every run (SplitMix64).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ (mixed >> 31)) % end as u64) as usize
        }

        fn text(&mut self, letters: &[&str], most: usize) -> String {
            let len = 1 + self.below(most);
            (0..len).map(|_| letters[self.below(letters.len())]).collect()
        }
    }

    fn json(vocab: &[(String, f64)], unknown: Option<usize>, byte_fallback: bool) -> String {
        serde_json::json!({
            "type": "Unigram", "unk_id": unknown, "vocab": vocab, "byte_fallback": byte_fallback,
        })
        .to_string()
    }

    fn tokens(model: &impl Model, text: &str) -> Vec<(u32, String, (usize, usize))> {
        let tokens = model.tokenize(text).unwrap();
        let parts = tokens
            .into_iter()
            .map(|token| (token.id, token.value, token.offsets));
        parts.collect()
    }

    #[test]
    fn any_text_has_the_tokens_that_the_reference_gives_it() {
        let known = ["a", "b", "c", "ä", "字", "▁", "🚣"];
        let unknown = ["x", "é", "鳥", "\0"];
        let all = [&known[..], &unknown[..]].concat();
        let mut numbers = Numbers(7);
        for round in 0..300 {
            let mut vocab = vec![("<unk>".to_owned(), 0.0)];
            if round % 3 == 0 {
                vocab.extend((0..=255).map(|byte| (format!("<0x{byte:02X}>"), -9.0)));
            }
            for _ in 0..60 {
                // Few scores, so that paths are equally good now and then; some pieces come twice.
                vocab.push((numbers.text(&known, 4), -(numbers.below(6) as f64)));
            }
            let byte_fallback = round % 2 == 0;
            let model: Unigram = serde_json::from_str(&json(&vocab, Some(0), byte_fallback)).unwrap();
            let reference = Reference::from(vocab.clone(), Some(0), byte_fallback).unwrap();
            for _ in 0..40 {
                let mut text = numbers.text(&all, 20);
                if numbers.below(8) == 0 {
                    text.push_str("<unk>a");
                }
                assert_eq!(
                    tokens(&model, &text),
                    tokens(&reference, &text),
                    "{text:?} by {vocab:?}"
                );
            }
            for (piece, _) in &vocab {
                assert_eq!(model.token_to_id(piece), reference.token_to_id(piece));
            }
            assert_eq!(model.id_to_token(0).as_deref(), Some("<unk>"));
            assert_eq!(model.id_to_token(vocab.len() as u32), None);
            assert_eq!(model.get_vocab_size(), vocab.len());
            assert_eq!(model.get_vocab(), reference.get_vocab());
        }
    }

    #[test]
    fn what_cannot_be_looked_up_is_an_error() {
        let refused = |vocab: &[(String, f64)], unknown| {
            serde_json::from_str::<Unigram>(&json(vocab, unknown, false)).is_err()
        };
        let unk = ("<unk>".to_owned(), 0.0);
        assert!(refused(std::slice::from_ref(&unk), Some(1)));
        assert!(refused(&[unk.clone(), ("a\0".to_owned(), 0.0)], Some(0)));
        assert!(refused(&[unk.clone(), ("a".repeat(LONGEST + 1), 0.0)], Some(0)));
        let without: Unigram = serde_json::from_str(&json(&[("a".to_owned(), 0.0)], None, false)).unwrap();
        assert!(without.tokenize("ab").is_err());
        assert_eq!(tokens(&without, "aa").len(), 2);
    }
}
