//! Text from bytes that are not all in memory at once.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

use super::utf32::{self, Order};

/// Bytes taken at a time. What the first of these blocks holds tells what the rest is; files up to
/// this size are seen whole.
pub(crate) const BLOCK: usize = 4 << 20;

/// Decodes a stream block by block, as [`decode`](super::decode) does a whole file.
pub(crate) struct Decoded<R> {
    from: R,
    block: usize,
    bytes: Vec<u8>,
    /// None as long as all bytes meant the same in every encoding.
    decoder: Option<Decoding>,
    text: String,
    /// Of `text`, what [`Read`] has handed out.
    given: usize,
    /// Whether the text so far ends in a carriage return, which may be half of a line end.
    half_line_end: bool,
    ended: bool,
}

enum Decoding {
    /// An encoding of the web.
    Web(Decoder),
    /// UTF-32.
    Wide(utf32::Decoder),
}

impl<R: Read> Decoded<R> {
    /// The text of `from`.
    pub(crate) fn new(from: R) -> Self {
        Self::in_blocks(from, BLOCK)
    }

    /// The text of `from`, taken in blocks of `block` bytes.
    pub(crate) fn in_blocks(from: R, block: usize) -> Self {
        Self {
            from,
            block,
            bytes: Vec::new(),
            decoder: None,
            text: String::new(),
            given: 0,
            half_line_end: false,
            ended: false,
        }
    }

    /// The next block's text, with line ends as `\n`; none after the last. A block of bytes may be
    /// no text at all.
    ///
    /// # Errors
    /// The reader's.
    pub(crate) fn block(&mut self) -> io::Result<Option<&str>> {
        if self.ended {
            return Ok(None);
        }
        self.bytes.clear();
        (&mut self.from)
            .take(self.block as u64)
            .read_to_end(&mut self.bytes)?;
        self.ended = self.bytes.len() < self.block;
        self.text.clear();
        if self.decoder.is_none() && (self.ended || !is_plain(&self.bytes)) {
            self.decoder = Some(match Order::of(&self.bytes) {
                Some(order) => Decoding::Wide(utf32::Decoder::new(order)),
                None => {
                    let encoding = super::encoding_of(&self.bytes, self.ended, None);
                    Decoding::Web(encoding.new_decoder_with_bom_removal())
                }
            });
        }
        match &mut self.decoder {
            Some(Decoding::Web(decoder)) => decode_block(decoder, &self.bytes, self.ended, &mut self.text),
            Some(Decoding::Wide(decoder)) => decoder.decode(&self.bytes, self.ended, &mut self.text),
            // Plain bytes are ASCII.
            None => self.text.push_str(&String::from_utf8_lossy(&self.bytes)),
        }
        self.even_out();
        Ok(Some(&self.text))
    }

    /// The blocks after those that were taken, as UTF-8 to [`Read`].
    pub(crate) fn rest(mut self) -> Self {
        self.given = self.text.len();
        self
    }

    /// Makes every line end `\n` and drops what [`decode`](super::decode) drops.
    fn even_out(&mut self) {
        if self.half_line_end {
            self.text.insert(0, '\r');
        }
        self.half_line_end = !self.ended && self.text.ends_with('\r');
        if self.half_line_end {
            self.text.pop();
        }
        super::even_out(&mut self.text);
    }
}

/// For readers that take bytes: the text as UTF-8.
impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            self.given = 0;
            if self.block()?.is_none() {
                self.text.clear();
                return Ok(0);
            }
        }
        let left = &self.text.as_bytes()[self.given..];
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Whether these bytes mean the same in every encoding that texts come in: no letters beyond ASCII,
/// no zeros (UTF-16), no escapes (ISO 2022).
fn is_plain(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| byte.is_ascii() && !matches!(byte, 0 | 0x1b))
}

fn decode_block(decoder: &mut Decoder, mut bytes: &[u8], last: bool, text: &mut String) {
    loop {
        let room = decoder
            .max_utf8_buffer_length(bytes.len())
            .unwrap_or(bytes.len() * 3 + 16);
        text.reserve(room);
        let (result, read, _) = decoder.decode_to_string(bytes, text, last);
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

/// How many bytes at the end are the beginning of a character in UTF-8.
pub(super) fn cut_character(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let begun = tail.iter().rposition(|byte| *byte >= 0xc0);
    begun.map_or(0, |at| {
        let needs = match tail[at] {
            0xf0.. => 4,
            0xe0.. => 3,
            _ => 2,
        };
        let has = tail.len() - at;
        if has < needs { has } else { 0 }
    })
}

/// The encoding that a byte order mark states.
pub(super) fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(bytes).map(|(encoding, _)| encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::decode;
    use proptest::prelude::*;

    fn in_blocks(bytes: &[u8], block: usize) -> String {
        let (mut decoded, mut text) = (Decoded::in_blocks(bytes, block), String::new());
        while let Some(block) = decoded.block().unwrap() {
            text.push_str(block);
        }
        text
    }

    proptest! {
        #[test]
        fn blocks_make_the_same_text(text in "([a-z .]|\\PC|\r|\n|\r\n){0,200}", block in 1usize..300) {
            prop_assert_eq!(in_blocks(text.as_bytes(), block), decode(text.as_bytes(), None));
            let mut read = String::new();
            Decoded::in_blocks(text.as_bytes(), block).read_to_string(&mut read).unwrap();
            prop_assert_eq!(read, decode(text.as_bytes(), None));
        }
    }

    #[test]
    fn letters_tell_the_encoding_however_late_they_come() {
        let mut bytes = b"2026-11-21 12:00:00 tide\n".repeat(400);
        bytes.extend_from_slice(
            b"Der K\xe4ufer sch\xe4tzt die Gr\xf6\xdfe f\xfcr \xfcberm\xe4\xdfig gro\xdf.\n",
        );
        for block in [64, 4096, 1 << 20] {
            assert!(
                in_blocks(&bytes, block).ends_with("Größe für übermäßig groß.\n"),
                "{block}"
            );
        }
        let wide: Vec<u8> = "green sea\n"
            .repeat(50)
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(in_blocks(&wide, 128), "green sea\n".repeat(50));
        let marked = [b"\xff\xfe".as_slice(), &wide].concat();
        assert_eq!(in_blocks(&marked, 128), "green sea\n".repeat(50));
    }
}
