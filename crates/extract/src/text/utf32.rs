//! UTF-32, which the encodings of the web leave out.

/// The order of a character's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl Order {
    /// The order in which these bytes, the beginning of a text, are UTF-32; none if they are something else. Without a
    /// mark, every four bytes must be a character of a text, and one at least of the first 256: a blank, a line end.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let sample = &bytes[..bytes.len().min(4096) & !3];
        let (little, big) = (b"\xff\xfe\0\0", b"\0\0\xfe\xff");
        let is_marked = sample.starts_with(little) || sample.starts_with(big);
        let is_text = |order: &Self| {
            let mut units = sample
                .chunks_exact(4)
                .map(|unit| order.char([unit[0], unit[1], unit[2], unit[3]]));
            let low = units.clone().flatten().any(|c| c < '\u{100}');
            units.all(|c| c.is_some_and(|c| !c.is_control() || c.is_whitespace())) && (low || is_marked)
        };
        if sample.len() < 8 && !is_marked {
            return None;
        }
        [Self::Little, Self::Big].into_iter().find(is_text)
    }

    fn char(self, unit: [u8; 4]) -> Option<char> {
        char::from_u32(match self {
            Self::Little => u32::from_le_bytes(unit),
            Self::Big => u32::from_be_bytes(unit),
        })
    }
}

/// Decodes UTF-32 that comes in parts.
pub(super) struct Decoder {
    order: Order,
    /// The beginning of a character.
    cut: Vec<u8>,
    /// Whether nothing came yet, so that a byte order mark may.
    fresh: bool,
}

impl Decoder {
    /// A decoder of texts in this order.
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            cut: Vec::new(),
            fresh: true,
        }
    }

    /// Appends what these bytes say, the `last` ones or not.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) {
        let begun = self.cut.len();
        let needed = if begun == 0 {
            0
        } else {
            (4 - begun).min(bytes.len())
        };
        self.cut.extend_from_slice(&bytes[..needed]);
        if let Ok(unit) = <[u8; 4]>::try_from(self.cut.as_slice()) {
            self.push(unit, text);
            self.cut.clear();
        }
        let units = bytes[needed..].chunks_exact(4);
        self.cut.extend_from_slice(units.remainder());
        for unit in units {
            self.push([unit[0], unit[1], unit[2], unit[3]], text);
        }
        if last && !self.cut.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }

    fn push(&mut self, unit: [u8; 4], text: &mut String) {
        let c = self.order.char(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mark = std::mem::take(&mut self.fresh) && c == '\u{feff}';
        if !mark {
            text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_same_text_wherever_they_are_cut() {
        let text = "\u{feff}Größe 😀\n";
        let bytes: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for size in 1..9 {
            let (mut decoder, mut read) = (Decoder::new(Order::Big), String::new());
            let mut parts = bytes[..bytes.len() - 1].chunks(size).peekable();
            while let Some(part) = parts.next() {
                decoder.decode(part, parts.peek().is_none(), &mut read);
            }
            assert_eq!(read, "Größe 😀\u{fffd}", "{size}");
        }
    }

    #[test]
    fn other_encodings_are_not_taken_for_it() {
        let wide: Vec<u8> = "green sea".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xff\xfe".as_slice(), &wide].concat();
        for bytes in [
            b"green sea".as_slice(),
            &wide,
            &marked,
            b"",
            b"\0\0\0\0\0\0\0\0",
            b"\x01\0\0\0\x02\0\0\0",
            b"\0\x01\x02\x03\0\x01\x02\x03",
        ] {
            assert_eq!(Order::of(bytes), None, "{bytes:?}");
        }
    }
}
