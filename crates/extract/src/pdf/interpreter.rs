//! Runs content streams as far as text goes: where each character is drawn, and what it says.

use std::collections::HashMap;
use std::rc::Rc;

use compact_str::{CompactString, ToCompactString as _};
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use super::font::Font;
use super::hyphen::SOFT;
use super::lexer::{Lexer, Operand};
use super::matrix::Matrix;
use super::object::{as_dict, contents, get, get_dict, get_name, get_numbers, resolve};
use super::path::Paths;

/// A drawn character, in points from the top left of the page as displayed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glyph {
    /// What it says; may be several characters (a ligature).
    pub text: CompactString,
    /// Start of the baseline.
    pub from: (f64, f64),
    /// End of the baseline: where the next character would start.
    pub to: (f64, f64),
    /// Height of the font.
    pub size: f64,
    /// Whether the font is bold.
    pub bold: bool,
}

/// Forms within forms; more refer to themselves.
const MAX_DEPTH: usize = 16;
/// A page with more is a map or an attack, not something to read.
const MAX_GLYPHS: usize = 400_000;
/// Operations of one page, forms included, so that forms that multiply end.
const MAX_OPERATIONS: usize = 20_000_000;
/// What setting up a form counts for, besides unpacking it: forms that draw forms multiply.
const FORM_OPERATIONS: usize = 200;

/// Fonts of a document, read once.
pub(super) type FontCache = HashMap<ObjectId, Rc<Font>>;

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_spacing: f64,
    word_spacing: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// Draws a page.
pub(super) struct Interpreter<'a> {
    doc: &'a Document,
    fonts: &'a mut FontCache,
    /// What was drawn, in the file's order.
    pub glyphs: Vec<Glyph>,
    /// Shown codes whose meaning the file does not tell.
    pub unknown: usize,
    /// Lines that were drawn.
    pub paths: Paths,
    operations: usize,
    depth: usize,
    /// Whether what is shown stands for a soft hyphen.
    soft: bool,
}

impl<'a> Interpreter<'a> {
    /// Starts with an empty page.
    pub(super) fn new(doc: &'a Document, fonts: &'a mut FontCache) -> Self {
        Self {
            doc,
            fonts,
            glyphs: Vec::new(),
            unknown: 0,
            paths: Paths::default(),
            operations: 0,
            depth: 0,
            soft: false,
        }
    }

    /// How much was done so far.
    pub(super) fn operations(&self) -> usize {
        self.operations
    }

    /// Runs a stream's operations with these resources.
    pub(super) fn run(&mut self, content: &[u8], resources: &Dictionary, ctm: Matrix) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let mut state = State {
            ctm,
            font: None,
            size: 0.0,
            char_spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut stack: Vec<State> = Vec::new();
        let (mut tm, mut line) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let mut local_fonts: HashMap<Vec<u8>, Rc<Font>> = HashMap::new();
        let mut lexer = Lexer::new(content);
        let mut operands = Vec::new();
        // Of every open sequence of marked content: whether it stands for a soft hyphen.
        let mut marked: Vec<bool> = Vec::new();
        while let Some(operator) = lexer.next_operation(&mut operands) {
            self.operations += 1;
            if self.operations > MAX_OPERATIONS || self.glyphs.len() > MAX_GLYPHS {
                break;
            }
            let n = |index: usize| operands.get(index).and_then(Operand::number);
            match operator {
                b"q" if stack.len() < 1024 => stack.push(state.clone()),
                b"Q" => state = stack.pop().unwrap_or(state),
                b"cm" => {
                    if let Some(matrix) = matrix(&operands) {
                        state.ctm = matrix.then(state.ctm);
                    }
                }
                b"BT" => (tm, line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                b"Tc" => state.char_spacing = n(0).unwrap_or(0.0),
                b"Tw" => state.word_spacing = n(0).unwrap_or(0.0),
                b"Tz" => state.scale = n(0).unwrap_or(100.0) / 100.0,
                b"TL" => state.leading = n(0).unwrap_or(0.0),
                b"Ts" => state.rise = n(0).unwrap_or(0.0),
                b"Tf" => {
                    if let Some(Operand::Name(name)) = operands.first() {
                        let font = local_fonts
                            .get(name)
                            .cloned()
                            .or_else(|| self.font(resources, name));
                        local_fonts.extend(font.clone().map(|font| (name.clone(), font)));
                        state.font = font;
                    }
                    state.size = n(1).unwrap_or(state.size);
                }
                b"Td" | b"TD" => {
                    let (x, y) = (n(0).unwrap_or(0.0), n(1).unwrap_or(0.0));
                    if operator == b"TD" {
                        state.leading = -y;
                    }
                    line = line.after_shift(x, y);
                    tm = line;
                }
                b"Tm" => {
                    if let Some(matrix) = matrix(&operands) {
                        (tm, line) = (matrix, matrix);
                    }
                }
                b"T*" => {
                    line = line.after_shift(0.0, -state.leading);
                    tm = line;
                }
                b"Tj" | b"'" | b"\"" => {
                    if operator == b"\"" {
                        state.word_spacing = n(0).unwrap_or(0.0);
                        state.char_spacing = n(1).unwrap_or(0.0);
                    }
                    if operator != b"Tj" {
                        line = line.after_shift(0.0, -state.leading);
                        tm = line;
                    }
                    if let Some(Operand::Bytes(bytes)) = operands.last() {
                        self.show(&state, &mut tm, bytes);
                    }
                }
                b"TJ" => {
                    if let Some(Operand::Array(items)) = operands.first() {
                        for item in items {
                            match item {
                                Operand::Bytes(bytes) => self.show(&state, &mut tm, bytes),
                                Operand::Number(kern) => {
                                    let back = -kern / 1000.0 * state.size;
                                    let vertical = state.font.as_ref().is_some_and(|font| font.is_vertical());
                                    let (x, y) = if vertical {
                                        (0.0, back)
                                    } else {
                                        (back * state.scale, 0.0)
                                    };
                                    tm = tm.after_shift(x, y);
                                }
                                _ => {}
                            }
                        }
                    }
                }
                b"BMC" | b"BDC" if marked.len() < 1024 => {
                    marked.push(is_soft_hyphen(operands.last()));
                    self.soft = marked.contains(&true);
                }
                b"EMC" => {
                    marked.pop();
                    self.soft = marked.contains(&true);
                }
                b"gs" => {
                    if let Some(Operand::Name(name)) = operands.first() {
                        self.graphics_state(resources, name, &mut state);
                    }
                }
                b"Do" => {
                    if let Some(Operand::Name(name)) = operands.first() {
                        let doc = self.doc;
                        let found =
                            get_dict(doc, resources, b"XObject").and_then(|objects| get(doc, objects, name));
                        if let Some(Object::Stream(form)) = found {
                            self.form(form, resources, state.ctm);
                        }
                    }
                }
                other => {
                    let mut numbers = [0.0; 6];
                    for (number, operand) in numbers.iter_mut().zip(&operands) {
                        *number = operand.number().unwrap_or(f64::NAN);
                    }
                    let given = &numbers[..operands.len().min(6)];
                    self.paths.operate(other, given, state.ctm);
                }
            }
        }
        self.soft = false;
        self.depth -= 1;
    }

    /// Draws a form; images hold no text.
    pub(super) fn form(&mut self, form: &Stream, resources: &Dictionary, ctm: Matrix) {
        if get_name(self.doc, &form.dict, b"Subtype") != Some(b"Form") {
            return;
        }
        let own = get_numbers(self.doc, &form.dict, b"Matrix")
            .and_then(|numbers| <[f64; 6]>::try_from(numbers).ok())
            .map_or(Matrix::IDENTITY, Matrix);
        let resources = get_dict(self.doc, &form.dict, b"Resources").unwrap_or(resources);
        let content = contents(form);
        self.operations += FORM_OPERATIONS + content.len() / 64;
        self.run(&content, resources, own.then(ctm));
    }

    fn font(&mut self, resources: &Dictionary, name: &[u8]) -> Option<Rc<Font>> {
        let entry = get_dict(self.doc, resources, b"Font")?.get(name).ok()?;
        self.load_font(entry)
    }

    fn load_font(&mut self, entry: &Object) -> Option<Rc<Font>> {
        let id = entry.as_reference().ok();
        if let Some(font) = id.and_then(|id| self.fonts.get(&id)) {
            return Some(font.clone());
        }
        let font = Rc::new(Font::new(self.doc, as_dict(resolve(self.doc, entry)?)?));
        self.fonts.extend(id.map(|id| (id, font.clone())));
        Some(font)
    }

    /// A graphics state dictionary may set the font too.
    fn graphics_state(&mut self, resources: &Dictionary, name: &[u8], state: &mut State) {
        let doc = self.doc;
        let found = get_dict(doc, resources, b"ExtGState").and_then(|states| get_dict(doc, states, name));
        let Some(Object::Array(pair)) = found.and_then(|dict| get(doc, dict, b"Font")) else {
            return;
        };
        if let [font, size] = pair.as_slice() {
            state.font = self.load_font(font).or(state.font.take());
            state.size = super::object::number(doc, size).unwrap_or(state.size);
        }
    }

    /// Shows a string (ISO 32000-1, 9.4.4).
    fn show(&mut self, state: &State, tm: &mut Matrix, bytes: &[u8]) {
        let Some(font) = state.font.clone() else { return };
        font.decode(bytes, |shown| {
            let spacing = state.char_spacing + if shown.is_space { state.word_spacing } else { 0.0 };
            let (dx, dy) = if font.is_vertical() {
                (0.0, -state.size + spacing)
            } else {
                ((shown.width / 1000.0 * state.size + spacing) * state.scale, 0.0)
            };
            if shown.text.is_empty() {
                self.unknown += 1;
            } else {
                let trm = tm.then(state.ctm);
                let from = trm.apply(0.0, state.rise);
                let to = trm.apply(dx, dy + state.rise);
                let up = trm.apply(0.0, state.rise + state.size);
                let (rx, ry) = (up.0 - from.0, up.1 - from.1);
                let size = (rx * rx + ry * ry).sqrt();
                if [from.0, from.1, to.0, to.1, size]
                    .iter()
                    .all(|n| n.is_finite() && n.abs() < 1e6)
                {
                    let text = if self.soft && shown.text == "-" {
                        SOFT.to_compact_string()
                    } else {
                        shown.text.clone()
                    };
                    self.glyphs.push(Glyph {
                        text,
                        from,
                        to,
                        size,
                        bold: font.bold,
                    });
                }
            }
            *tm = tm.after_shift(dx, dy);
        });
    }
}

/// Whether marked content is to be read as a soft hyphen (ISO 32000-1, 14.8.2.2.3).
fn is_soft_hyphen(properties: Option<&Operand>) -> bool {
    let Some(Operand::Dict(entries)) = properties else {
        return false;
    };
    let is_soft = |value: &Operand| matches!(value, Operand::Bytes(text) if matches!(text.as_slice(), b"\xfe\xff\0\xad" | b"\xad"));
    entries
        .iter()
        .any(|(key, value)| key == b"ActualText" && is_soft(value))
}

fn matrix(operands: &[Operand]) -> Option<Matrix> {
    let mut numbers = [0.0; 6];
    for (number, operand) in numbers.iter_mut().zip(operands) {
        *number = operand.number()?;
    }
    (operands.len() >= 6).then_some(Matrix(numbers))
}
