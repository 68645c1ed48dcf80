//! Tokens to text, piece by piece, without ever splitting a character.

use std::collections::HashMap;

use tokenizers::DecoderWrapper;

use crate::tokens::WholeTokenizer;

/// What each token stands for, in bytes.
pub(crate) struct TokenBytes {
    scheme: Scheme,
    /// Tokens that steer the model (turn marks and the like); they are never text.
    control: Vec<(u32, String)>,
}

enum Scheme {
    /// Tokens are spelled in 256 stand-in characters, one a byte (GPT-2 and most later ones).
    ByteLevel(HashMap<char, u8>),
    /// Tokens are text with `▁` for a space and `<0xNN>` for a byte (SentencePiece).
    SentencePiece,
}

impl TokenBytes {
    pub(crate) fn new(tokenizer: &WholeTokenizer) -> Self {
        let scheme = match tokenizer.get_decoder() {
            Some(DecoderWrapper::ByteLevel(_)) => Scheme::ByteLevel(byte_stand_ins()),
            _ => Scheme::SentencePiece,
        };
        let added = tokenizer.get_added_tokens_decoder();
        let mut control: Vec<(u32, String)> = added
            .into_iter()
            .filter(|(_, token)| token.special)
            .map(|(id, token)| (id, token.content))
            .collect();
        control.sort_unstable();
        Self { scheme, control }
    }

    /// Whether a token steers the model.
    pub(crate) fn is_control(&self, id: u32) -> bool {
        self.control.binary_search_by_key(&id, |(id, _)| *id).is_ok()
    }

    /// How control tokens are written.
    pub(crate) fn control_texts(&self) -> impl Iterator<Item = &str> {
        self.control.iter().map(|(_, text)| text.as_str())
    }

    /// The bytes of a token; none for control tokens and unknown ids.
    pub(crate) fn of(&self, tokenizer: &WholeTokenizer, id: u32) -> Vec<u8> {
        if self.is_control(id) {
            return Vec::new();
        }
        let Some(token) = tokenizer.id_to_token(id) else {
            return Vec::new();
        };
        match &self.scheme {
            // A user-defined token may hold characters outside the alphabet: those stand for themselves.
            Scheme::ByteLevel(bytes) => token
                .chars()
                .flat_map(|c| {
                    bytes
                        .get(&c)
                        .map_or_else(|| c.to_string().into_bytes(), |byte| vec![*byte])
                })
                .collect(),
            Scheme::SentencePiece => {
                let byte = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
                match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    Some(byte) => vec![byte],
                    None => token.replace('▁', " ").into_bytes(),
                }
            }
        }
    }

    /// Whether the first space of a text belongs to the tokenizer, not to the text.
    pub(crate) fn has_prefix_space(&self) -> bool {
        matches!(self.scheme, Scheme::SentencePiece)
    }
}

/// GPT-2's alphabet: printable Latin-1 stands for itself, the other bytes for characters from 256 on.
fn byte_stand_ins() -> HashMap<char, u8> {
    let mut next = 256;
    (0..=255_u8)
        .map(|byte| {
            let c = match byte {
                b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => char::from(byte),
                _ => {
                    next += 1;
                    char::from_u32(next - 1).unwrap_or('\u{fffd}')
                }
            };
            (c, byte)
        })
        .collect()
}

/// Joins bytes into text; a character's bytes are kept until it is whole.
#[derive(Clone, Default)]
pub(crate) struct Utf8Stream {
    pending: Vec<u8>,
}

impl Utf8Stream {
    /// Takes bytes; returns the text they complete. Bytes that can never be text become U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(broken) = error.error_len() else {
                        self.pending = rest.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.pending = rest[broken..].to_vec();
                }
            }
        }
    }

    /// What [`Self::push`] would return.
    pub(crate) fn peek(&self, bytes: &[u8]) -> String {
        self.clone().push(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_whole() {
        let mut stream = Utf8Stream::default();
        let bytes = "aé🦀".as_bytes();
        let pieces: Vec<String> = bytes.iter().map(|byte| stream.push(&[*byte])).collect();
        assert_eq!(pieces, ["a", "", "é", "", "", "", "🦀"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_the_rest_survives() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(b"a\xffb\xe2\x82"), "a\u{fffd}b");
        assert_eq!(stream.peek(b"\xac!"), "€!");
        assert_eq!(stream.push(b"x"), "\u{fffd}x");
    }

    #[test]
    fn the_byte_alphabet_is_complete() {
        let alphabet = byte_stand_ins();
        assert_eq!(alphabet.len(), 256);
        assert_eq!(alphabet[&'Ġ'], b' ');
        assert_eq!(alphabet[&'Ċ'], b'\n');
    }
}
