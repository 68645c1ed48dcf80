//! Tokens of content streams and CMaps (ISO 32000-1, 7.2 and 7.8.2).
//!
//! Tolerant on purpose: a stray byte costs one token, not the rest of the page.

/// An operand of an operator.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// Integer or real.
    Number(f64),
    /// Literal or hexadecimal string, decoded.
    Bytes(Vec<u8>),
    /// Name without its slash.
    Name(Vec<u8>),
    /// Array.
    Array(Vec<Operand>),
    /// Dictionary, with its values in pairs.
    Dict(Vec<(Vec<u8>, Operand)>),
}

impl Operand {
    /// The number, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) if n.is_finite() => Some(*n),
            _ => None,
        }
    }
}

/// Arrays and dictionaries nested deeper than this are garbage.
const MAX_DEPTH: usize = 32;
/// No operator takes more; garbage may offer any number.
const MAX_OPERANDS: usize = 100_000;

enum Token<'a> {
    Operand(Operand),
    Word(&'a [u8]),
    CloseArray,
    CloseDict,
}

/// Reads operations one by one.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next operator; its operands go to `operands`. None at the end.
    pub(super) fn next_operation(&mut self, operands: &mut Vec<Operand>) -> Option<&'a [u8]> {
        operands.clear();
        loop {
            match self.token(0)? {
                Token::Operand(operand) if operands.len() < MAX_OPERANDS => operands.push(operand),
                Token::Word(b"BI") => {
                    self.skip_inline_image();
                    operands.clear();
                }
                Token::Word(b"true" | b"false" | b"null") => {}
                Token::Word(word) => return Some(word),
                _ => {}
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn token(&mut self, depth: usize) -> Option<Token<'a>> {
        self.skip_space();
        let byte = self.peek()?;
        let token = match byte {
            b'(' => Token::Operand(Operand::Bytes(self.literal_string())),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                self.dictionary(depth)
            }
            b'<' => Token::Operand(Operand::Bytes(self.hex_string())),
            b'>' if self.bytes.get(self.at + 1) == Some(&b'>') => {
                self.at += 2;
                Token::CloseDict
            }
            b'[' => {
                self.at += 1;
                self.array(depth)
            }
            b']' => {
                self.at += 1;
                Token::CloseArray
            }
            b'/' => {
                self.at += 1;
                Token::Operand(Operand::Name(self.name()))
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => Token::Operand(Operand::Number(self.number())),
            _ => Token::Word(self.word()),
        };
        Some(token)
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(|b| !is_space(b) && !is_delimiter(b)) {
            self.at += 1;
        }
        if self.at == start {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    fn number(&mut self) -> f64 {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
        {
            self.at += 1;
        }
        let raw = &self.bytes[start..self.at];
        if let Some(number) = plain_number(raw) {
            return number;
        }
        let text = std::str::from_utf8(raw).unwrap_or_default();
        text.parse().unwrap_or_else(|_| {
            // "--5" and "5-3" occur; other readers take the sign once and stop at the second.
            let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
            let digits = text.trim_start_matches(['+', '-']);
            let end = digits.find(['+', '-']).unwrap_or(digits.len());
            sign * digits[..end].parse::<f64>().unwrap_or(0.0)
        })
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|b| !is_space(*b) && !is_delimiter(*b)) {
            self.at += 1;
            let hex = (byte == b'#')
                .then(|| self.bytes.get(self.at..self.at + 2))
                .flatten();
            match hex.and_then(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)) {
                Some(decoded) => {
                    name.push(decoded);
                    self.at += 2;
                }
                None => name.push(byte),
            }
        }
        name
    }

    fn literal_string(&mut self) -> Vec<u8> {
        self.at += 1;
        let (mut out, mut depth) = (Vec::new(), 1);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut out);
                    continue;
                }
                _ => {}
            }
            out.push(byte);
        }
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|b| (b'0'..=b'7').contains(b)) else {
                        break;
                    };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                out.push((code & 0xFF) as u8);
            }
            other => out.push(other),
        }
    }

    fn hex_string(&mut self) -> Vec<u8> {
        self.at += 1;
        let (mut out, mut half) = (Vec::new(), None);
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex_digit(byte) else { continue };
            match half.take() {
                Some(high) => out.push(high << 4 | digit),
                None => half = Some(digit),
            }
        }
        out.extend(half.map(|high| high << 4));
        out
    }

    fn array(&mut self, depth: usize) -> Token<'a> {
        let mut items = Vec::new();
        if depth < MAX_DEPTH {
            loop {
                let before = self.at;
                match self.token(depth + 1) {
                    Some(Token::Operand(item)) if items.len() < MAX_OPERANDS => items.push(item),
                    // A forgotten bracket must not swallow the rest of the page.
                    Some(Token::Word(b"ET" | b"BT" | b"TJ" | b"Tj")) => {
                        self.at = before;
                        break;
                    }
                    Some(Token::CloseArray) | None => break,
                    _ => {}
                }
            }
        }
        Token::Operand(Operand::Array(items))
    }

    fn dictionary(&mut self, depth: usize) -> Token<'a> {
        let mut pairs = Vec::new();
        let mut key = None;
        if depth < MAX_DEPTH {
            loop {
                match self.token(depth + 1) {
                    Some(Token::Operand(Operand::Name(name))) if key.is_none() => key = Some(name),
                    Some(Token::Operand(value)) => {
                        if let Some(key) = key.take().filter(|_| pairs.len() < MAX_OPERANDS) {
                            pairs.push((key, value));
                        }
                    }
                    Some(Token::Word(_)) => key = None,
                    Some(Token::CloseDict) | None => break,
                    _ => {}
                }
            }
        }
        Token::Operand(Operand::Dict(pairs))
    }

    /// Skips to behind `EI`. Its length is not stated; `EI` between blanks, followed by something
    /// that is text, ends it.
    fn skip_inline_image(&mut self) {
        while let Some(found) = find(&self.bytes[self.at..], b"EI") {
            let start = self.at + found;
            self.at = start + 2;
            let before = start.checked_sub(1).is_none_or(|i| is_space(self.bytes[i]));
            let after = &self.bytes[self.at..(self.at + 12).min(self.bytes.len())];
            let text = after
                .iter()
                .all(|b| (32..127).contains(b) || is_space(*b) && *b != 0);
            if before && after.first().is_none_or(|b| is_space(*b)) && text {
                return;
            }
        }
        self.at = self.bytes.len();
    }
}

/// A number of up to fifteen digits: both it without its point and the power of ten are exact, so that
/// dividing them rounds right.
fn plain_number(raw: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let (negative, raw) = match raw.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, raw),
    };
    if raw.is_empty() || raw.len() > 16 {
        return None;
    }
    let (mut digits, mut places, mut point) = (0_u64, 0, false);
    for byte in raw {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + u64::from(byte - b'0');
                places += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let length = raw.len() - usize::from(point);
    let number = digits as f64 / POWERS.get(places)?;
    (1..=15)
        .contains(&length)
        .then_some(if negative { -number } else { number })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(source: &[u8]) -> Vec<(Vec<u8>, Vec<Operand>)> {
        let mut lexer = Lexer::new(source);
        let mut operands = Vec::new();
        let mut out = Vec::new();
        while let Some(operator) = lexer.next_operation(&mut operands) {
            out.push((operator.to_vec(), operands.clone()));
        }
        out
    }

    #[test]
    fn operations_with_every_kind_of_operand() {
        let got = all(b"BT /F#31 12 Tf [(a\\(b\\051\\101) -12.5 <4142f>] TJ % note\nET");
        assert_eq!(
            got[1],
            (
                b"Tf".to_vec(),
                vec![Operand::Name(b"F1".to_vec()), Operand::Number(12.0)]
            )
        );
        let items = vec![
            Operand::Bytes(b"a(b)A".to_vec()),
            Operand::Number(-12.5),
            Operand::Bytes(b"AB\xf0".to_vec()),
        ];
        assert_eq!(got[2], (b"TJ".to_vec(), vec![Operand::Array(items)]));
    }

    #[test]
    fn inline_images_are_skipped_whole() {
        let got = all(b"q BI /W 2 ID \x00\xffEI \x80(x EI Q (t) Tj");
        let names: Vec<_> = got.iter().map(|(name, _)| name.as_slice()).collect();
        assert_eq!(names, [b"q".as_slice(), b"Q", b"Tj"]);
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_rust_reads_them(text in "-?[0-9]{0,12}(\\.[0-9]{0,8})?") {
            if let Some(number) = plain_number(text.as_bytes()) {
                prop_assert_eq!(number.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
        }

        #[test]
        fn garbage_ends(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            all(&bytes);
        }
    }
}
