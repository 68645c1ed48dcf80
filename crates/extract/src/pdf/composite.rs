//! Composite (Type 0) fonts: codes of several bytes, mostly for CJK and subset fonts.

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};
use pdf_extract::{Dictionary, Document, Object};

use super::cmap::CMap;
use super::font::Shown;
use super::object::{as_dict, contents, get, get_dict, get_name, get_number, get_stream, number, resolve};

/// A width entry may name a range; longer ones than there are CIDs are faults.
const MAX_CID: usize = 0xFFFF;

/// How bytes become codes, and codes CIDs or characters.
enum Codes {
    /// Two bytes are the CID.
    Identity,
    /// Two bytes are a UTF-16 unit.
    Utf16,
    /// A legacy East Asian encoding; the code is the character.
    Legacy(&'static Encoding),
    /// The file's own CMap.
    Embedded(CMap),
}

/// A composite font.
pub(super) struct Composite {
    codes: Codes,
    unicode: CMap,
    /// The file says that codes are characters, by name instead of by a table.
    codes_are_characters: bool,
    /// Characters of glyphs, from the embedded font itself, for files that do not tell them.
    glyphs: HashMap<u32, char>,
    widths: HashMap<u32, f64>,
    default_width: f64,
    /// Whether text runs down the page.
    pub vertical: bool,
}

impl Composite {
    /// Reads the font; what it lacks is guessed.
    pub(super) fn new(doc: &Document, font: &Dictionary, unicode: CMap) -> Self {
        let empty = Dictionary::new();
        let descendant = get(doc, font, b"DescendantFonts")
            .and_then(|fonts| match fonts {
                Object::Array(items) => resolve(doc, items.first()?).and_then(as_dict),
                other => as_dict(other),
            })
            .unwrap_or(&empty);
        let (codes, vertical) = match get(doc, font, b"Encoding") {
            Some(Object::Name(name)) => named(&String::from_utf8_lossy(name)),
            Some(Object::Stream(stream)) => (Codes::Embedded(CMap::parse(&contents(stream))), false),
            _ => (Codes::Identity, false),
        };
        let glyphs = if unicode.unicode.is_empty() {
            glyph_characters(doc, descendant)
        } else {
            HashMap::new()
        };
        Self {
            codes,
            unicode,
            codes_are_characters: get_name(doc, font, b"ToUnicode")
                .is_some_and(|name| name.starts_with(b"Identity")),
            glyphs,
            widths: widths(doc, descendant),
            default_width: get_number(doc, descendant, b"DW").unwrap_or(1000.0),
            vertical,
        }
    }

    /// The codes of a shown string.
    pub(super) fn decode(&self, mut bytes: &[u8]) -> Vec<Shown> {
        let mut out = Vec::with_capacity(bytes.len() / 2);
        while let Some((code, len)) = self.next_code(bytes) {
            let raw = &bytes[..len];
            bytes = &bytes[len..];
            let cid = match &self.codes {
                Codes::Embedded(map) => map.cid(code).unwrap_or(code),
                _ => code,
            };
            let text = self.unicode.unicode.get(&code).cloned();
            let text = text.unwrap_or_else(|| match &self.codes {
                _ if self.codes_are_characters => char::from_u32(code).map(String::from).unwrap_or_default(),
                Codes::Utf16 => char::from_u32(code).map(String::from).unwrap_or_default(),
                Codes::Legacy(encoding) => encoding.decode_without_bom_handling(raw).0.into_owned(),
                _ => self.glyphs.get(&cid).map(|c| c.to_string()).unwrap_or_default(),
            });
            let legacy_width = match &self.codes {
                // CIDs of legacy codes need tables of their own; half and full width is what they
                // nearly always are.
                Codes::Legacy(_) if len == 1 => Some(500.0),
                Codes::Legacy(_) | Codes::Utf16 => Some(if code < 0x80 { 500.0 } else { 1000.0 }),
                _ => None,
            };
            let width = legacy_width
                .or_else(|| self.widths.get(&cid).copied())
                .unwrap_or(self.default_width);
            out.push(Shown {
                text,
                width,
                is_space: len == 1 && code == 32,
            });
        }
        out
    }

    fn next_code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        let first = *bytes.first()?;
        let two = bytes
            .get(1)
            .map(|second| u32::from(first) << 8 | u32::from(*second));
        match &self.codes {
            Codes::Embedded(map) => map.next_code(bytes),
            Codes::Identity | Codes::Utf16 => Some(two.map_or((u32::from(first), 1), |code| (code, 2))),
            Codes::Legacy(encoding) => {
                let half_kana = *encoding == SHIFT_JIS && (0xA0..0xE0).contains(&first);
                if first < 0x81 || half_kana {
                    Some((u32::from(first), 1))
                } else {
                    two.map(|code| (code, 2))
                }
            }
        }
    }
}

/// What a predefined CMap's name says, and whether it writes vertically.
fn named(name: &str) -> (Codes, bool) {
    let has = |part: &str| name.contains(part);
    let codes = if has("UCS2") || has("UTF16") {
        Codes::Utf16
    } else if has("RKSJ") {
        Codes::Legacy(SHIFT_JIS)
    } else if has("GBK") || has("GBpc") || has("GB-") {
        Codes::Legacy(GBK)
    } else if has("B5") || has("ETen") {
        Codes::Legacy(BIG5)
    } else if has("KSC") {
        Codes::Legacy(EUC_KR)
    } else if name == "EUC-H" || name == "EUC-V" {
        Codes::Legacy(EUC_JP)
    } else {
        Codes::Identity
    };
    (codes, name.ends_with("-V"))
}

/// The W array: `first [w w w]` or `first last w`.
fn widths(doc: &Document, font: &Dictionary) -> HashMap<u32, f64> {
    let mut widths = HashMap::new();
    let Some(Object::Array(items)) = get(doc, font, b"W") else {
        return widths;
    };
    let mut items = items.iter().filter_map(|item| resolve(doc, item));
    while let Some(first) = items.next() {
        let Some(first) = number(doc, first).filter(|n| *n >= 0.0) else {
            continue;
        };
        match items.next() {
            Some(Object::Array(list)) => {
                for (n, width) in list.iter().take(MAX_CID).enumerate() {
                    widths.extend(number(doc, width).map(|width| (first as u32 + n as u32, width)));
                }
            }
            Some(last) => {
                let (Some(last), Some(width)) =
                    (number(doc, last), items.next().and_then(|w| number(doc, w)))
                else {
                    continue;
                };
                for cid in first as u32..=(last as u32).min(MAX_CID as u32) {
                    widths.insert(cid, width);
                }
            }
            None => break,
        }
    }
    widths
}

/// Characters by glyph from the embedded TrueType program's own table, where CIDs are glyphs.
fn glyph_characters(doc: &Document, font: &Dictionary) -> HashMap<u32, char> {
    let mut found = HashMap::new();
    let Some(descriptor) = get_dict(doc, font, b"FontDescriptor") else {
        return found;
    };
    let identity =
        get(doc, font, b"CIDToGIDMap").is_none() || get_name(doc, font, b"CIDToGIDMap") == Some(b"Identity");
    let program =
        get_stream(doc, descriptor, b"FontFile2").or_else(|| get_stream(doc, descriptor, b"FontFile3"));
    let Some(program) = program.filter(|_| identity) else {
        return found;
    };
    let bytes = contents(program);
    let Ok(face) = ttf_parser::Face::parse(&bytes, 0) else {
        return found;
    };
    let Some(tables) = face.tables().cmap else {
        return found;
    };
    for table in tables.subtables.into_iter().filter(|table| table.is_unicode()) {
        table.codepoints(|code| {
            if let (Some(glyph), Some(character)) = (table.glyph_index(code), char::from_u32(code)) {
                found.entry(u32::from(glyph.0)).or_insert(character);
            }
        });
    }
    found
}
