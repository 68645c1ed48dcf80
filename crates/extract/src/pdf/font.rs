//! Fonts: from the bytes of a shown string to characters and their widths.

use std::collections::HashMap;

use compact_str::CompactString;
use pdf_extract::{Dictionary, Document, Object, Stream, dictionary};

use super::cmap::CMap;
use super::composite::Composite;
use super::object::{
    as_dict, contents, get, get_dict, get_name, get_number, get_numbers, get_stream, number, resolve,
};
use super::probe::{self, CodeTable};

/// One shown code.
pub(super) struct Shown<'a> {
    /// What it says; empty if the file does not tell.
    pub text: &'a CompactString,
    /// Advance in thousandths of the font size.
    pub width: f64,
    /// Whether word spacing applies to it.
    pub is_space: bool,
}

/// A font ready to decode strings.
pub(super) struct Font {
    kind: Kind,
    /// Whether its name or descriptor says bold.
    pub bold: bool,
}

enum Kind {
    Simple(Box<[(CompactString, f64); 256]>),
    Composite(Box<Composite>),
}

impl Font {
    /// Reads a font dictionary; what it lacks is guessed.
    pub(super) fn new(doc: &Document, font: &Dictionary) -> Self {
        let name = String::from_utf8_lossy(get_name(doc, font, b"BaseFont").unwrap_or_default()).into_owned();
        let unicode = get_stream(doc, font, b"ToUnicode").map(|stream| CMap::parse(&contents(stream)));
        let unicode = unicode.unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let bold = ["bold", "black", "heavy"].iter().any(|word| lower.contains(word));
        let kind = match get_name(doc, font, b"Subtype") {
            Some(b"Type0") => Kind::Composite(Box::new(Composite::new(doc, font, unicode))),
            subtype => Kind::Simple(Box::new(simple(doc, font, &name, subtype, &unicode))),
        };
        Self { kind, bold }
    }

    /// Gives each code of a shown string to `each`.
    pub(super) fn decode(&self, bytes: &[u8], mut each: impl FnMut(Shown<'_>)) {
        match &self.kind {
            Kind::Simple(table) => {
                for code in bytes {
                    let (text, width) = &table[usize::from(*code)];
                    each(Shown {
                        text,
                        width: *width,
                        is_space: *code == 32,
                    });
                }
            }
            Kind::Composite(font) => font.decode(bytes, each),
        }
    }

    /// Whether text runs down the page.
    pub(super) fn is_vertical(&self) -> bool {
        matches!(&self.kind, Kind::Composite(font) if font.vertical)
    }
}

/// The table of a font with one-byte codes.
fn simple(
    doc: &Document,
    font: &Dictionary,
    name: &str,
    subtype: Option<&[u8]>,
    unicode: &CMap,
) -> [(CompactString, f64); 256] {
    let descriptor = get_dict(doc, font, b"FontDescriptor");
    let encoding = Encoding::new(doc, font);
    let own = descriptor.and_then(|descriptor| embedded(doc, descriptor));
    let has_own = own.is_some();
    let truetype = subtype == Some(b"TrueType");
    let core = core_name(name);

    // The font's built-in encoding rules where the dictionary names no base.
    let built_in: Option<CodeTable> = own.and_then(|(key, stream)| {
        let mut font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Own", "FirstChar" => 0,
        "LastChar" => 0, "Widths" => vec![Object::Integer(0)] };
        if key == "FontFile3" {
            // Codes outside the program's encoding need something to fall back to.
            font.set("Encoding", "WinAnsiEncoding");
        }
        probe::ask(font, Some((key, stream)))
    });
    let stated = probe::ask(encoding.font(truetype, core), None);

    let scale = if subtype == Some(b"Type3") {
        let matrix = get_numbers(doc, font, b"FontMatrix").unwrap_or_default();
        matrix.first().map_or(1.0, |a| a.abs() * 1000.0)
    } else {
        1.0
    };
    let widths = get_numbers(doc, font, b"Widths");
    let first = get_number(doc, font, b"FirstChar").unwrap_or(0.0);
    let missing = descriptor
        .and_then(|d| get_number(doc, d, b"MissingWidth"))
        .unwrap_or(0.0);

    std::array::from_fn(|code| {
        let from_table =
            |table: &Option<CodeTable>| table.as_ref().map(|t| t[code].0.clone()).unwrap_or_default();
        let stated_text = from_table(&stated);
        let text = if let Some(text) = unicode.unicode.get(&(code as u32)) {
            text.to_string()
        } else if let Some(text) = encoding.direct.get(&code) {
            text.clone()
        } else if encoding.base.is_none()
            && has_own
            && !encoding.differs.contains(&code)
            && built_in.is_some()
        {
            from_table(&built_in)
        } else {
            stated_text
        };
        let width = match &widths {
            Some(widths) => {
                let index = code as f64 - first;
                let own = (index >= 0.0).then(|| widths.get(index as usize)).flatten();
                own.copied().unwrap_or(missing) * scale
            }
            None => stated.as_ref().map_or(500.0, |table| table[code].1),
        };
        (readable(text.trim_matches('\0')), width)
    })
}

/// Presentation forms are pictures of letters; readers and searches want the letters.
pub(super) fn readable(text: &str) -> CompactString {
    use unicode_normalization::UnicodeNormalization;
    let is_form = |c: char| matches!(c, '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}');
    let mut out = CompactString::default();
    for c in text.chars() {
        match c {
            c if is_form(c) => out.extend(std::iter::once(c).nfkc()),
            c if c.is_control() || matches!(c, '\u{fffd}' | '\u{feff}') => out.push(' '),
            // Codes of symbol fonts as Windows passes them on: the blank, and the bullets of Symbol and Wingdings.
            '\u{f020}' | '\u{f0a0}' => out.push(' '),
            '\u{f0b7}' => out.push('•'),
            '\u{f0a7}' => out.push('▪'),
            c => out.push(c),
        }
    }
    out
}

/// What a font dictionary says about its encoding, cleaned of what pdf-extract would stop at.
#[derive(Default)]
struct Encoding {
    base: Option<&'static str>,
    differences: Vec<Object>,
    /// Codes that the differences name.
    differs: std::collections::HashSet<usize>,
    /// Codes whose glyph name spells the character out.
    direct: HashMap<usize, String>,
}

impl Encoding {
    fn new(doc: &Document, font: &Dictionary) -> Self {
        let mut encoding = Self::default();
        match get(doc, font, b"Encoding") {
            Some(Object::Name(name)) => encoding.base = base_name(name),
            Some(object) => {
                let Some(dict) = as_dict(object) else {
                    return encoding;
                };
                encoding.base = get_name(doc, dict, b"BaseEncoding").and_then(base_name);
                let items = get(doc, dict, b"Differences").and_then(|o| o.as_array().ok());
                encoding.add_differences(doc, items.map(Vec::as_slice).unwrap_or_default());
            }
            None => {}
        }
        encoding
    }

    fn add_differences(&mut self, doc: &Document, items: &[Object]) {
        let mut code = 0_usize;
        for item in items {
            match resolve(doc, item) {
                Some(Object::Name(name)) if code < 256 => {
                    self.differs.insert(code);
                    let name = String::from_utf8_lossy(name);
                    match spelled_out(&name) {
                        Some(text) => {
                            self.direct.insert(code, text);
                        }
                        None => {
                            // "a.sc" is an "a" in another shape.
                            let stem = name
                                .split('.')
                                .next()
                                .filter(|stem| !stem.is_empty())
                                .unwrap_or(".notdef");
                            self.differences.push(Object::Integer(code as i64));
                            self.differences.push(Object::Name(stem.as_bytes().to_vec()));
                        }
                    }
                    code += 1;
                }
                Some(other) => {
                    if let Some(n) = number(doc, other) {
                        code = n.clamp(0.0, 256.0) as usize;
                    }
                }
                None => {}
            }
        }
    }

    /// A font dictionary for the probe with this encoding and a standard font's widths.
    fn font(&self, truetype: bool, core: &'static str) -> Dictionary {
        let mut font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => core };
        let symbolic = matches!(core, "Symbol" | "ZapfDingbats");
        let base = self.base.or(truetype.then_some("WinAnsiEncoding"));
        if self.differences.is_empty() && base.is_none() {
            // Standard fonts then use their built-in encoding.
            return font;
        }
        if symbolic {
            return font;
        }
        let mut encoding = dictionary! { "Type" => "Encoding" };
        if let Some(base) = base {
            encoding.set("BaseEncoding", base);
        }
        encoding.set("Differences", self.differences.clone());
        font.set("Encoding", encoding);
        font
    }
}

fn base_name(name: &[u8]) -> Option<&'static str> {
    match name {
        b"WinAnsiEncoding" => Some("WinAnsiEncoding"),
        b"MacRomanEncoding" => Some("MacRomanEncoding"),
        b"MacExpertEncoding" => Some("MacExpertEncoding"),
        _ => None,
    }
}

/// Glyph names that spell out their character: `uni20AC`, `u1F600`, and the ligatures that glyph
/// lists leave out.
fn spelled_out(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name);
    match stem {
        "f_f" => return Some("ff".into()),
        "f_i" => return Some("fi".into()),
        "f_l" => return Some("fl".into()),
        "f_f_i" => return Some("ffi".into()),
        "f_f_l" => return Some("ffl".into()),
        "t_t" => return Some("tt".into()),
        "nbspace" => return Some(" ".into()),
        _ => {}
    }
    let hex = |digits: &str| {
        let all_hex = digits
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
        all_hex
            .then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32))
            .flatten()
    };
    if let Some(digits) = stem
        .strip_prefix("uni")
        .filter(|d| !d.is_empty() && d.is_ascii() && d.len() % 4 == 0)
    {
        let chars = digits
            .as_bytes()
            .chunks(4)
            .map(|four| std::str::from_utf8(four).ok().and_then(hex));
        return chars.collect::<Option<String>>();
    }
    let digits = stem.strip_prefix('u').filter(|d| (4..=6).contains(&d.len()))?;
    hex(digits).map(String::from)
}

/// The embedded font program that pdf-extract can read an encoding from.
fn embedded(doc: &Document, descriptor: &Dictionary) -> Option<(&'static str, Stream)> {
    let key = ["FontFile", "FontFile3"]
        .into_iter()
        .find(|key| get(doc, descriptor, key.as_bytes()).is_some())?;
    let source = get_stream(doc, descriptor, key.as_bytes())?;
    let bytes = contents(source).into_owned();
    if key == "FontFile" && is_deep(&bytes) {
        return None;
    }
    let mut dict = Dictionary::new();
    if key == "FontFile3" {
        if get_name(doc, &source.dict, b"Subtype")? != b"Type1C" {
            return None;
        }
        dict.set("Subtype", "Type1C");
    }
    Some((key, Stream::new(dict, bytes)))
}

/// Whether a Type 1 program's readable part nests deeper than any does: its parser recurses along, and
/// a stack that runs over ends the process.
fn is_deep(program: &[u8]) -> bool {
    let end = program.windows(5).position(|word| word == b"eexec");
    let (mut depth, mut deepest) = (0_i32, 0);
    for byte in &program[..end.unwrap_or(program.len())] {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = (depth - 1).max(0),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > 100
}

/// The standard font whose widths come nearest.
fn core_name(name: &str) -> &'static str {
    let plain = name
        .split_once('+')
        .map_or(name, |(_, rest)| rest)
        .to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let (bold, italic) = (has(&["bold", "black"]), has(&["italic", "oblique"]));
    if plain == "symbol" {
        "Symbol"
    } else if plain == "zapfdingbats" {
        "ZapfDingbats"
    } else if has(&["courier", "mono", "consol"]) {
        [
            "Courier",
            "Courier-Oblique",
            "Courier-Bold",
            "Courier-BoldOblique",
        ][usize::from(italic) + 2 * usize::from(bold)]
    } else if has(&["times", "serif", "roman", "georgia", "garamond", "cambria"]) && !has(&["sans"]) {
        ["Times-Roman", "Times-Italic", "Times-Bold", "Times-BoldItalic"]
            [usize::from(italic) + 2 * usize::from(bold)]
    } else {
        [
            "Helvetica",
            "Helvetica-Oblique",
            "Helvetica-Bold",
            "Helvetica-BoldOblique",
        ][usize::from(italic) + 2 * usize::from(bold)]
    }
}
