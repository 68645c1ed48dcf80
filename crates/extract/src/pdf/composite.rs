//! Composite (Type 0) fonts: codes of several bytes, mostly for CJK and subset fonts.

use compact_str::{CompactString, ToCompactString as _};
use foldhash::{HashMap, HashMapExt as _};
use hayro_cmap::{BfString, CMap as Predefined, CMapName, CidFamily, load_embedded};
use pdf_extract::{Dictionary, Document, Object};

use super::cmap::CMap;
use super::font::{Shown, readable};
use super::object::{as_dict, contents, get, get_dict, get_name, get_number, get_stream, number, resolve};

/// A width entry may name a range; longer ones than there are CIDs are faults.
const MAX_CID: usize = 0xFFFF;

/// How bytes become codes, and codes CIDs or characters.
enum Codes {
    /// Two bytes are the CID.
    Identity,
    /// One of Adobe's CMaps, by its name.
    Predefined(Box<Predefined>),
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
    /// Characters of CIDs, where these are of one of Adobe's collections.
    collection: Option<Box<Predefined>>,
    widths: HashMap<u32, f64>,
    default_width: f64,
    /// Whether text runs down the page.
    pub vertical: bool,
}

impl Composite {
    /// Reads the font; what it lacks is guessed.
    pub(super) fn new(doc: &Document, font: &Dictionary, mut unicode: CMap) -> Self {
        for text in unicode.unicode.values_mut() {
            *text = readable(text);
        }
        let empty = Dictionary::new();
        let descendant = get(doc, font, b"DescendantFonts")
            .and_then(|fonts| match fonts {
                Object::Array(items) => resolve(doc, items.first()?).and_then(as_dict),
                other => as_dict(other),
            })
            .unwrap_or(&empty);
        let (codes, vertical) = match get(doc, font, b"Encoding") {
            Some(Object::Name(name)) => (
                predefined(CMapName::from_bytes(name)).map_or(Codes::Identity, Codes::Predefined),
                name.ends_with(b"-V") || name == b"V",
            ),
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
            collection: collection(doc, descendant),
            widths: widths(doc, descendant),
            default_width: get_number(doc, descendant, b"DW").unwrap_or(1000.0),
            vertical,
        }
    }

    /// Gives each code of a shown string to `each`.
    pub(super) fn decode(&self, mut bytes: &[u8], mut each: impl FnMut(Shown<'_>)) {
        while let Some((code, len)) = self.next_code(bytes) {
            bytes = &bytes[len..];
            let cid = match &self.codes {
                Codes::Embedded(map) => map.cid(code).unwrap_or(code),
                Codes::Predefined(map) => map.lookup_cid_code(code, len as u8).unwrap_or(0),
                Codes::Identity => code,
            };
            let guessed;
            let text = match self.unicode.unicode.get(&code) {
                Some(text) => text,
                None => {
                    guessed = self.guess(code, cid);
                    &guessed
                }
            };
            let width = self.widths.get(&cid).copied().unwrap_or(self.default_width);
            each(Shown {
                text,
                width,
                is_space: len == 1 && code == 32,
            });
        }
    }

    /// What a code draws that the file's table of characters does not have: by its number, by the embedded
    /// font, or by its collection.
    fn guess(&self, code: u32, cid: u32) -> CompactString {
        let glyph = if self.codes_are_characters {
            char::from_u32(code)
        } else {
            self.glyphs.get(&cid).copied()
        };
        let known = || match self.collection.as_ref()?.lookup_bf_string(cid)? {
            BfString::Char(c) => Some(c.to_compact_string()),
            BfString::String(text) => Some(text.into()),
        };
        let text: Option<CompactString> = match glyph {
            Some(c) => Some(c.to_compact_string()),
            None if self.codes_are_characters => None,
            None => known(),
        };
        text.map(|text| readable(&text)).unwrap_or_default()
    }

    fn next_code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        if bytes.is_empty() {
            return None;
        }
        let code = |len: usize| {
            let taken = &bytes[..len.min(bytes.len())];
            (
                taken.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)),
                taken.len(),
            )
        };
        match &self.codes {
            Codes::Embedded(map) => map.next_code(bytes),
            Codes::Identity => Some(code(2)),
            // A code is as long as the first length at which the map knows it.
            Codes::Predefined(map) => (1..=bytes.len().min(4))
                .map(code)
                .find(|(code, len)| map.lookup_cid_code(*code, *len as u8).is_some())
                .or_else(|| Some(code(2))),
        }
    }
}

/// One of Adobe's CMaps; none for names of other making.
fn predefined(name: CMapName<'_>) -> Option<Box<Predefined>> {
    if matches!(name, CMapName::IdentityH | CMapName::IdentityV) {
        return None;
    }
    Predefined::parse(load_embedded(name)?, load_embedded).map(Box::new)
}

/// The characters of the collection that a font says its CIDs are of.
fn collection(doc: &Document, font: &Dictionary) -> Option<Box<Predefined>> {
    let info = get_dict(doc, font, b"CIDSystemInfo")?;
    let text = |key: &[u8]| match get(doc, info, key) {
        Some(Object::String(bytes, _)) => bytes.clone(),
        _ => Vec::new(),
    };
    let family = CidFamily::from_registry_ordering(&text(b"Registry"), &text(b"Ordering"));
    predefined(family.ucs2_cmap()?)
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
