//! CMaps: from bytes to codes, from codes to Unicode (ISO 32000-1, 9.7.5 and 9.10.3).

use compact_str::CompactString;
use foldhash::HashMap;

use super::lexer::{Lexer, Operand};

/// A range longer than this is a fault in the file; spelling it out would only cost memory.
const MAX_RANGE: u32 = 0x1_0000;

/// A parsed CMap.
#[derive(Clone, Debug, Default)]
pub(super) struct CMap {
    /// Bytes in a code, lowest and highest code.
    codespaces: Vec<(usize, u32, u32)>,
    /// Texts of codes.
    pub unicode: HashMap<u32, CompactString>,
    /// First and last code, CID of the first.
    cids: Vec<(u32, u32, u32)>,
}

impl CMap {
    /// Parses a CMap; what is broken in it is left out.
    pub(super) fn parse(source: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(source);
        let mut operands = Vec::new();
        while let Some(operator) = lexer.next_operation(&mut operands) {
            match operator {
                b"endcodespacerange" => map.add_codespaces(&operands),
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some(code), Some(text)) = (code(&pair[0]), utf16(&pair[1])) {
                            map.unicode.insert(code, text);
                        }
                    }
                }
                b"endbfrange" => operands.chunks_exact(3).for_each(|range| map.add_range(range)),
                b"endcidrange" => {
                    for range in operands.chunks_exact(3) {
                        if let (Some(low), Some(high), Some(cid)) =
                            (code(&range[0]), code(&range[1]), range[2].number())
                        {
                            map.cids.push((low, high, cid as u32));
                        }
                    }
                }
                b"endcidchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some(code), Some(cid)) = (code(&pair[0]), pair[1].number()) {
                            map.cids.push((code, code, cid as u32));
                        }
                    }
                }
                _ => {}
            }
        }
        map
    }

    fn add_codespaces(&mut self, operands: &[Operand]) {
        for pair in operands.chunks_exact(2) {
            if let (Operand::Bytes(low), Some(from), Some(to)) = (&pair[0], code(&pair[0]), code(&pair[1])) {
                self.codespaces.push((low.len(), from, to));
            }
        }
    }

    fn add_range(&mut self, range: &[Operand]) {
        let (Some(low), Some(high)) = (code(&range[0]), code(&range[1])) else {
            return;
        };
        let high = high.min(low.saturating_add(MAX_RANGE));
        match &range[2] {
            Operand::Array(texts) => {
                for (code, text) in (low..=high).zip(texts) {
                    self.unicode.extend(utf16(text).map(|text| (code, text)));
                }
            }
            Operand::Bytes(first) => {
                let mut units = units(first);
                for code in low..=high {
                    if let Some(text) = text_of_units(&units) {
                        self.unicode.insert(code, text);
                    }
                    // Only the last unit counts up.
                    let Some(last) = units.last_mut() else { break };
                    *last = last.wrapping_add(1);
                }
            }
            _ => {}
        }
    }

    /// The CID of a code.
    pub(super) fn cid(&self, code: u32) -> Option<u32> {
        let (low, _, cid) = self
            .cids
            .iter()
            .find(|(low, high, _)| (*low..=*high).contains(&code))?;
        cid.checked_add(code - low)
    }

    /// Takes one code off the front of `bytes`: its value and its length.
    pub(super) fn next_code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        let mut value = 0_u32;
        for (n, byte) in bytes.iter().take(4).enumerate() {
            value = value << 8 | u32::from(*byte);
            let fits = |(len, low, high): &(usize, u32, u32)| {
                *len == n + 1 && in_codespace(value, *low, *high, *len)
            };
            if self.codespaces.iter().any(fits) {
                return Some((value, n + 1));
            }
        }
        // No codespace holds it: take as many bytes as the shortest one has.
        let len = self
            .codespaces
            .iter()
            .map(|(len, ..)| *len)
            .min()
            .unwrap_or(2)
            .clamp(1, 4);
        let len = len.min(bytes.len());
        (len > 0).then(|| {
            (
                bytes[..len]
                    .iter()
                    .fold(0, |value, byte| value << 8 | u32::from(*byte)),
                len,
            )
        })
    }
}

/// Codespaces are boxes: every byte lies in its own range.
fn in_codespace(code: u32, low: u32, high: u32, len: usize) -> bool {
    (0..len).all(|n| {
        let byte = |value: u32| value >> (8 * n) & 0xFF;
        (byte(low)..=byte(high)).contains(&byte(code))
    })
}

fn code(operand: &Operand) -> Option<u32> {
    match operand {
        Operand::Bytes(bytes) if !bytes.is_empty() && bytes.len() <= 4 => {
            Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
        }
        _ => None,
    }
}

fn units(bytes: &[u8]) -> Vec<u16> {
    if let [single] = bytes {
        return vec![u16::from(*single)];
    }
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

fn utf16(operand: &Operand) -> Option<CompactString> {
    match operand {
        Operand::Bytes(bytes) => text_of_units(&units(bytes)),
        _ => None,
    }
}

fn text_of_units(units: &[u16]) -> Option<CompactString> {
    let text: CompactString = char::decode_utf16(units.iter().copied())
        .filter_map(Result::ok)
        .collect();
    (!text.is_empty() && text != "\0" && text != "\u{fffd}").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_chars_and_codespaces() {
        let map = CMap::parse(
            b"1 begincodespacerange <00> <80> <8140> <9ffc> endcodespacerange
              2 beginbfchar <01> <0066006C> <02> <D83DDE00> endbfchar
              2 beginbfrange <10> <12> <0041> <20> <21> [<0078> <0079>] endbfrange
              1 begincidrange <8140> <8150> 100 endcidrange",
        );
        assert_eq!(map.unicode[&1], "fl");
        assert_eq!(map.unicode[&2], "\u{1F600}");
        assert_eq!(
            (map.unicode[&0x12].as_str(), map.unicode[&0x21].as_str()),
            ("C", "y")
        );
        assert_eq!(map.next_code(b"\x41\x42"), Some((0x41, 1)));
        assert_eq!(map.next_code(b"\x81\x41"), Some((0x8141, 2)));
        assert_eq!(map.cid(0x8142), Some(102));
    }
}
