//! Bytes to tokens. Any bytes are some tokens.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\word` with its number.
    Word(&'a str, Option<i32>),
    /// `\` and a character that is no letter.
    Symbol(u8),
    /// `\'xx`, or a byte of text.
    Byte(u8),
}

/// Longer words are noise.
const MAX_WORD: usize = 40;

/// The tokens of a file. Binary data is left out.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn word(&mut self) -> Token<'a> {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .take(MAX_WORD)
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        let word = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        self.at += length;
        let rest = &self.bytes[self.at..];
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..]
            .iter()
            .take(10)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let mut number = None;
        if digits > 0 {
            let text = std::str::from_utf8(&rest[..sign + digits]).unwrap_or_default();
            number = text.parse::<i64>().ok();
            self.at += sign + digits;
        }
        // One blank belongs to the word.
        self.at += usize::from(self.bytes.get(self.at) == Some(&b' '));
        let number = number.map(|n| n.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        if word == "bin" {
            let skipped = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            self.at = self.at.saturating_add(skipped).min(self.bytes.len());
        }
        Token::Word(word, number)
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            return Some(match byte {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\r' | b'\n' | 0 => continue,
                b'\\' => match self.bytes.get(self.at) {
                    None => return None,
                    Some(b) if b.is_ascii_alphabetic() => self.word(),
                    Some(b'\'') => {
                        let hex = self.bytes.get(self.at + 1..self.at + 3);
                        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
                        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                        self.at += if byte.is_some() { 3 } else { 1 };
                        match byte {
                            Some(byte) => Token::Byte(byte),
                            None => continue,
                        }
                    }
                    Some(&symbol) => {
                        self.at += 1;
                        Token::Symbol(symbol)
                    }
                },
                byte => Token::Byte(byte),
            });
        }
    }
}
