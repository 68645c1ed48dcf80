//! Tokens to pieces: destinations, encodings, properties. Groups are a stack on the heap, so depth
//! costs memory in proportion to the file and nothing else.

mod destinations;

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary};

use super::charset::{codepage_of_charset, is_symbol, of_codepage};
use super::lexer::{Lexer, Token};
use super::output::{Output, Properties, link};
use crate::page::{Piece, hidden_left_out};
use crate::script::{self, Script};

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Body,
    Skip,
    Fonts,
    Styles,
    Info(&'static str),
    Instruction,
    Label,
}

/// What a group inherits and takes with it when it ends.
#[derive(Clone, Copy)]
struct State {
    destination: Destination,
    /// Characters that stand for a Unicode one in older programs, to be skipped.
    fallback: usize,
    encoding: &'static Encoding,
    font: i32,
    symbols: bool,
    hidden: bool,
    /// Struck out while changes were tracked.
    deleted: bool,
    script: Script,
    properties: Properties,
    style: i32,
    /// `\*` was read: the next word names a destination that may be skipped.
    starred: bool,
}

/// Text that stands elsewhere than where it is anchored.
struct Aside {
    /// The group it ends with.
    depth: usize,
    kind: BlockKind,
    is_footer: bool,
    output: Output,
}

#[derive(Default)]
struct Font {
    codepage: Option<i32>,
    symbols: bool,
}

struct Reader<'a> {
    about: &'a mut ExtractSummary,
    state: State,
    stack: Vec<State>,
    output: Output,
    asides: Vec<Aside>,
    running: (Vec<Piece>, Vec<Piece>),
    fonts: HashMap<i32, Font>,
    styles: HashMap<i32, (Option<u8>, bool)>,
    default: &'static Encoding,
    /// Bytes that await the rest of their character.
    pending: Vec<u8>,
    surrogate: Option<u16>,
    /// How many characters to skip still.
    skip: usize,
    /// Text of a destination that is no body: a font's, style's or field's.
    side: String,
    /// Instructions of the fields that are open, with the depth they began at.
    fields: Vec<(usize, String)>,
    row_is_header: bool,
    note_count: u32,
    /// Whether text was left out because it is formatted as hidden.
    left_out: bool,
    date: [i32; 3],
}

/// Reads a document; fills in what it says about itself.
pub(super) fn read(bytes: &[u8], about: &mut ExtractSummary) -> Vec<Piece> {
    let mut reader = Reader {
        about,
        state: State {
            destination: Destination::Body,
            fallback: 1,
            encoding: WINDOWS_1252,
            font: 0,
            symbols: false,
            hidden: false,
            deleted: false,
            script: Script::Line,
            properties: Properties::default(),
            style: 0,
            starred: false,
        },
        stack: Vec::new(),
        output: Output::default(),
        asides: Vec::new(),
        running: (Vec::new(), Vec::new()),
        fonts: HashMap::new(),
        styles: HashMap::new(),
        default: WINDOWS_1252,
        pending: Vec::new(),
        surrogate: None,
        skip: 0,
        side: String::new(),
        fields: Vec::new(),
        row_is_header: false,
        note_count: 0,
        left_out: false,
        date: [0; 3],
    };
    let mut closed = false;
    for token in Lexer::new(bytes) {
        reader.token(token);
        if token == Token::Close && reader.stack.is_empty() {
            closed = true;
            break;
        }
    }
    if reader.left_out {
        reader.about.warnings.push(hidden_left_out());
    }
    if !closed {
        reader.about.warnings.push(Warning::new(
            "the file ends in the middle; what is missing was not read",
            Notice::EndMissing,
        ));
    }
    reader.finish()
}

impl Reader<'_> {
    fn token(&mut self, token: Token<'_>) {
        if self.skip > 0 && !matches!(token, Token::Open | Token::Close) {
            // `\u` words follow one another without anything to skip in bad writers.
            if !matches!(token, Token::Word("u", _)) {
                self.skip -= 1;
                return;
            }
            self.skip = 0;
        }
        match token {
            Token::Byte(byte) => self.byte(byte),
            other => {
                self.flush();
                match other {
                    Token::Open => {
                        self.skip = 0;
                        self.stack.push(self.state);
                        self.state.starred = false;
                    }
                    Token::Close => self.close(),
                    Token::Symbol(symbol) => self.symbol(symbol),
                    Token::Word(word, number) => self.word(word, number),
                    Token::Byte(_) => {}
                }
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.state.destination == Destination::Skip {
            return;
        }
        if self.state.symbols && byte >= 0x80 {
            // Bullets, for the most part.
            self.flush();
            self.put("\u{2022}");
            return;
        }
        self.pending.push(byte);
    }

    /// Decodes the bytes at hand.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let (text, _) = self.state.encoding.decode_without_bom_handling(&bytes);
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        self.surrogate = None;
        match self.state.destination {
            Destination::Skip => {}
            Destination::Body if self.state.deleted => {}
            Destination::Body if self.state.hidden => self.left_out |= !text.trim().is_empty(),
            Destination::Body => {
                let paragraph = &mut self.output.paragraph.text;
                let text = script::written(text, self.state.script, paragraph).into_owned();
                paragraph.push_str(&text);
            }
            Destination::Label => self.output.paragraph.label.push_str(text),
            Destination::Instruction => {
                if let Some((_, instruction)) = self.fields.last_mut() {
                    instruction.push_str(text);
                }
            }
            Destination::Fonts | Destination::Styles | Destination::Info(_) => self.side.push_str(text),
        }
        if self.state.destination == Destination::Styles && self.side.ends_with(';') {
            self.end_style();
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.state.starred = true,
            b'~' => self.put("\u{a0}"),
            b'_' => self.put("\u{2011}"),
            b'\\' | b'{' | b'}' => self.put(char::from(symbol).encode_utf8(&mut [0; 4])),
            b'\n' | b'\r' => self.end_paragraph(),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let starred = std::mem::take(&mut self.state.starred);
        if self.destination(word) || self.state.destination == Destination::Skip {
            return;
        }
        let on = number != Some(0);
        match word {
            _ if self.format(word, number) => {}
            "u" => self.unicode(number.unwrap_or(0)),
            "par" | "softpar" => self.end_paragraph(),
            "line" | "lbr" => self.put("\n"),
            "tab" => self.put("\t"),
            "emdash" => self.put("\u{2014}"),
            "endash" => self.put("\u{2013}"),
            "lquote" => self.put("\u{2018}"),
            "rquote" => self.put("\u{2019}"),
            "ldblquote" => self.put("\u{201c}"),
            "rdblquote" => self.put("\u{201d}"),
            "bullet" => self.put("\u{2022}"),
            "emspace" | "enspace" | "qmspace" => self.put(" "),
            "page" if self.state.destination == Destination::Body => {
                self.end_paragraph();
                self.output.page_break();
            }
            "sect" => {
                self.end_paragraph();
                self.output.page_break();
            }
            "cell" => self.output.end_cell(self.state.properties),
            "nestcell" => self.output.end_inner_cell(),
            "row" => {
                let is_header = self.row_is_header;
                self.output.end_row(is_header);
            }
            "trowd" => {
                self.row_is_header = false;
                self.output.define_row();
            }
            "clvmrg" => self.output.merge_down(),
            "cellx" => self.output.define_cell(),
            "trhdr" => self.row_is_header = on,
            "chftn" if self.asides.is_empty() => {
                let mark = script::superscript(self.note_count + 1);
                self.put(&mark);
            }
            "yr" => self.date[0] = number.unwrap_or(0),
            "mo" => self.date[1] = number.unwrap_or(0),
            "dy" => self.date[2] = number.unwrap_or(0),
            // An unknown destination that may be skipped.
            _ if starred => self.state.destination = Destination::Skip,
            _ => {}
        }
    }

    /// Words that change how text is read. Says whether this is one.
    fn format(&mut self, word: &str, number: Option<i32>) -> bool {
        let value = number.unwrap_or(0);
        let level = u8::try_from(value).ok().filter(|level| *level < 9);
        let properties = &mut self.state.properties;
        match word {
            "ansi" => self.set_default(1252),
            "mac" => self.set_default(10_000),
            "pc" => self.set_default(437),
            "pca" => self.set_default(850),
            "ansicpg" => self.set_default(value),
            "uc" => self.state.fallback = usize::try_from(value).unwrap_or(1).min(16),
            "f" => self.font(value),
            "deff" => self.state.font = value,
            "fcharset" => {
                let font = self.fonts.entry(self.state.font).or_default();
                font.codepage = codepage_of_charset(value);
                font.symbols = is_symbol(value);
            }
            "cpg" if self.state.destination == Destination::Fonts => {
                self.fonts.entry(self.state.font).or_default().codepage = Some(value);
            }
            "v" => self.state.hidden = number != Some(0),
            "deleted" => self.state.deleted = number != Some(0),
            "super" if number != Some(0) => self.state.script = Script::Above,
            "sub" if number != Some(0) => self.state.script = Script::Below,
            // Moved by so many half points.
            "up" if value > 0 => self.state.script = Script::Above,
            "dn" if value > 0 => self.state.script = Script::Below,
            "super" | "sub" | "up" | "dn" | "nosupersub" => self.state.script = Script::Line,
            "plain" => {
                (self.state.hidden, self.state.deleted) = (false, false);
                self.state.script = Script::Line;
            }
            "pard" => {
                *properties = Properties::default();
                self.state.style = 0;
            }
            "s" => {
                self.state.style = value;
                if self.state.destination == Destination::Body {
                    let (outline, is_caption) = self.styles.get(&value).copied().unwrap_or_default();
                    (properties.outline, properties.is_caption) = (outline, is_caption);
                }
            }
            "outlinelevel" => properties.outline = level.map(|level| (level + 1).min(6)),
            "ilvl" => properties.level = level.unwrap_or(0),
            "intbl" => properties.in_table = true,
            "pagebb" => properties.starts_page = number != Some(0),
            _ => return false,
        }
        true
    }

    fn set_default(&mut self, page: i32) {
        if let Some(encoding) = of_codepage(page) {
            self.default = encoding;
            self.state.encoding = encoding;
            for state in &mut self.stack {
                state.encoding = encoding;
            }
        }
    }

    fn font(&mut self, id: i32) {
        self.state.font = id;
        if self.state.destination == Destination::Fonts {
            return;
        }
        let font = self.fonts.get(&id);
        let encoding = font.and_then(|font| font.codepage).and_then(of_codepage);
        self.state.encoding = encoding.unwrap_or(self.default);
        self.state.symbols = font.is_some_and(|font| font.symbols);
    }

    fn close(&mut self) {
        self.skip = 0;
        let depth = self.stack.len();
        if let Destination::Info(what) = self.state.destination {
            self.end_info(what);
        }
        if self.asides.last().is_some_and(|aside| aside.depth == depth) {
            self.end_aside();
        }
        if self.fields.last().is_some_and(|(at, _)| *at == depth)
            && let Some((_, text)) = self.fields.pop()
            && text == LINKED
            && let Some((target, begin)) = self.output.paragraph.links.pop()
        {
            let end = self.output.paragraph.text.len();
            self.output.paragraph.marks.push(link(target, begin..end));
        }
        let ended = self.state;
        if let Some(state) = self.stack.pop() {
            self.state = state;
        }
        if self.state.destination == Destination::Fonts && ended.destination == Destination::Fonts {
            self.side.clear();
        }
        // Properties of the paragraph hold until the next `\pard`, even if set in a group.
        if ended.destination == Destination::Body && self.state.destination == Destination::Body {
            self.state.properties.in_table |=
                ended.properties.in_table && !self.output.paragraph.text.is_empty();
        }
    }

    fn unicode(&mut self, number: i32) {
        self.skip = self.state.fallback;
        // Numbers above 32767 are written as negative ones.
        let code = if number < 0 { number + 0x1_0000 } else { number };
        let Ok(code) = u32::try_from(code) else { return };
        match (u16::try_from(code), self.surrogate) {
            (Ok(unit @ 0xd800..=0xdbff), _) => self.surrogate = Some(unit),
            (Ok(unit @ 0xdc00..=0xdfff), Some(high)) => {
                let pair = char::decode_utf16([high, unit]).next().and_then(Result::ok);
                let character = pair.unwrap_or('\u{fffd}');
                self.put(character.encode_utf8(&mut [0; 4]));
            }
            // Symbol fonts put their signs into the private area.
            (Ok(0xf000..=0xf0ff), _) => self.put("\u{2022}"),
            _ => {
                if let Some(character) = char::from_u32(code).filter(|c| !matches!(c, '\0' | '\u{feff}')) {
                    self.put(character.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    fn end_paragraph(&mut self) {
        if self.state.destination == Destination::Body {
            self.output.end_paragraph(self.state.properties);
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        while !self.asides.is_empty() {
            self.end_aside();
        }
        let (mut pieces, footers) = self.running;
        pieces.extend(self.output.finish(self.state.properties));
        pieces.extend(footers);
        pieces
    }
}

/// The mark of a field whose link is open.
const LINKED: &str = "\0linked";

/// Where a field's instruction leads, if it is a link.
fn hyperlink(instruction: &str) -> Option<String> {
    let rest = instruction.trim_start();
    let rest = rest
        .get(..9)
        .filter(|word| word.eq_ignore_ascii_case("HYPERLINK"))
        .map(|_| &rest[9..])?;
    let is_local = rest.trim_start().starts_with("\\l");
    let target = match rest.split('"').nth(1) {
        Some(quoted) => quoted.to_owned(),
        None => rest
            .split_whitespace()
            .find(|word| !word.starts_with('\\'))?
            .to_owned(),
    };
    Some(if is_local { format!("#{target}") } else { target })
}
