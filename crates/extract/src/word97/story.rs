//! A story (the text, the notes, the headers) to pieces: paragraphs, tables, fields.

use std::ops::Range;

use footnote_core::types::BlockKind;

use super::looks::{Look, Looks};
use super::pieces::Text;
use super::properties::{Paragraphs, Properties};
use crate::field::hyperlink;
use crate::merged::{Part, covered};
use crate::page::{Mark, Piece, What, collapse};
use crate::script::{self, Script};

/// Fields inside fields; deeper ones are taken for damage.
const MAX_FIELDS: usize = 64;

#[derive(Default)]
struct Field {
    instruction: String,
    /// The result is being read; it began here.
    result: Option<usize>,
}

#[derive(Default)]
struct Story {
    pieces: Vec<Piece>,
    /// What was put, and where that stands on its line.
    units: Vec<u16>,
    script: Script,
    text: String,
    marks: Vec<Mark>,
    fields: Vec<Field>,
    rows: Vec<String>,
    header_rows: u16,
    cells: Vec<String>,
    cell: String,
    /// The row above.
    above: Vec<String>,
    pending_break: bool,
    notes: u32,
    left_out: bool,
}

/// What the properties of a document say about its text.
#[derive(Default)]
pub(super) struct Format {
    pub paragraphs: Paragraphs,
    pub looks: Looks,
}

/// A story that was read.
#[derive(Default)]
pub(super) struct Read {
    pub pieces: Vec<Piece>,
    /// Whether text was left out because it is formatted as hidden.
    pub hidden: bool,
}

/// The story at these positions.
pub(super) fn read(text: &Text, range: Range<usize>, format: &Format) -> Read {
    let mut story = Story::default();
    for (position, unit) in range.clone().zip(text.units(range)) {
        let byte = text.byte(position);
        let properties = || byte.and_then(|byte| format.paragraphs.at(byte));
        let look = byte.and_then(|byte| format.looks.at(byte)).unwrap_or_default();
        match unit {
            0x0d => story.end_paragraph(properties().unwrap_or_default()),
            0x07 => story.end_cell(properties()),
            0x0c => {
                story.end_paragraph(properties().unwrap_or_default());
                story.pending_break = true;
            }
            0x13 => story.begin_field(),
            0x14 => story.begin_result(),
            0x15 => story.end_field(),
            // In notes it stands before their text, in the text where they are referred to.
            0x02 => {
                story.notes += 1;
                let mark = script::superscript(story.notes);
                story.put(look, mark.encode_utf16());
            }
            0x0b => story.put(look, [u16::from(b'\n')]),
            0x1e => story.put(look, [0x2011]),
            0x09 | 0x20..=0xffff => story.put(look, [*unit]),
            // Anchors of pictures and comments, optional hyphens.
            _ => {}
        }
    }
    story.end_paragraph(Properties::default());
    if !story.cell.trim().is_empty() || !story.cells.is_empty() {
        story.end_cell(Some(Properties::default()));
        story.end_row(false, 0);
    }
    story.end_table();
    Read {
        pieces: story.pieces,
        hidden: story.left_out,
    }
}

impl Story {
    fn put(&mut self, look: Look, units: impl IntoIterator<Item = u16>) {
        // Instructions are never shown, and always needed.
        if (look.hidden || look.deleted) && self.fields.iter().all(|field| field.result.is_some()) {
            let says = units.into_iter().any(|unit| !matches!(unit, 0x09 | 0x0a | 0x20));
            self.left_out |= look.hidden && says;
            return;
        }
        if look.script != self.script {
            self.flush();
            self.script = look.script;
        }
        self.units.extend(units);
    }

    /// What was put, as text of the paragraph or of a field's instruction.
    fn flush(&mut self) {
        let units = std::mem::take(&mut self.units);
        if units.is_empty() {
            return;
        }
        let text = String::from_utf16_lossy(&units);
        match self.fields.iter_mut().rev().find(|field| field.result.is_none()) {
            Some(field) => field.instruction.push_str(&text),
            None => {
                let from = self.text.len();
                self.text.push_str(&text);
                script::rewrite(&mut self.text, from, self.script);
            }
        }
    }

    fn begin_field(&mut self) {
        self.flush();
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(Field::default());
        }
    }

    fn begin_result(&mut self) {
        self.flush();
        let begin = self.text.len();
        if let Some(field) = self.fields.last_mut() {
            field.result = Some(begin);
        }
    }

    fn end_field(&mut self) {
        self.flush();
        let Some(field) = self.fields.pop() else { return };
        if let (Some(target), Some(begin)) = (hyperlink(&field.instruction), field.result) {
            self.marks.push(Mark {
                bytes: begin.min(self.text.len())..self.text.len(),
                what: What::Link(target),
            });
        }
    }

    fn end_paragraph(&mut self, properties: Properties) {
        self.flush();
        // Fields end with their paragraphs, except those that hold many: tables of contents.
        for field in &mut self.fields {
            field.result = Some(0);
        }
        let text = std::mem::take(&mut self.text);
        let marks = std::mem::take(&mut self.marks);
        if properties.in_table {
            self.cell.push_str(&text);
            self.cell.push('\n');
            return;
        }
        self.end_table();
        self.pending_break |= properties.starts_page;
        let lead = text.len() - text.trim_start().len();
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let label = if properties.in_list && properties.heading.is_none() {
            format!("{}- ", "  ".repeat(properties.list_level.into()))
        } else {
            String::new()
        };
        let kind = match properties.heading {
            Some(level) => BlockKind::Heading { level },
            None if properties.in_list => BlockKind::ListItem,
            None => BlockKind::Paragraph,
        };
        let mut piece = Piece::new(kind, format!("{label}{text}"));
        let place = |at: usize| (at.max(lead) - lead).min(text.len()) + label.len();
        for mark in marks {
            let bytes = place(mark.bytes.start)..place(mark.bytes.end);
            if bytes.start < bytes.end {
                piece.marks.push(Mark {
                    bytes,
                    what: mark.what,
                });
            }
        }
        self.emit(piece);
    }

    /// A cell mark; where properties are missing, an empty cell behind others ends the row.
    fn end_cell(&mut self, properties: Option<Properties>) {
        self.flush();
        let text = std::mem::take(&mut self.text);
        self.marks.clear();
        let ends_row = match properties {
            Some(properties) => properties.ends_row,
            None => text.is_empty() && self.cell.is_empty() && !self.cells.is_empty(),
        };
        if ends_row {
            let properties = properties.unwrap_or_default();
            self.end_row(properties.is_header, properties.goes_on);
            return;
        }
        self.cell.push_str(&text);
        let cell = std::mem::take(&mut self.cell);
        self.cells.push(collapse(&cell));
    }

    /// `goes_on` has a bit for every column that goes on from the row above.
    fn end_row(&mut self, is_header: bool, goes_on: u64) {
        let mut cells = std::mem::take(&mut self.cells);
        for (n, (cell, whole)) in cells.iter_mut().zip(&self.above).enumerate().take(64) {
            if (goes_on >> n) & 1 == 1 && cell.is_empty() {
                *cell = covered(whole, Part::of(is_header, n)).to_owned();
            }
        }
        self.above.clone_from(&cells);
        if cells.iter().any(|cell| !cell.is_empty()) {
            if is_header && usize::from(self.header_rows) == self.rows.len() {
                self.header_rows += 1;
            }
            self.rows.push(cells.join(" | "));
        }
    }

    fn end_table(&mut self) {
        if !self.cells.is_empty() {
            self.end_row(false, 0);
        }
        self.above.clear();
        let rows = std::mem::take(&mut self.rows);
        let header_rows = std::mem::take(&mut self.header_rows);
        if !rows.is_empty() {
            self.emit(Piece::new(BlockKind::Table { header_rows }, rows.join("\n")));
        }
    }

    fn emit(&mut self, mut piece: Piece) {
        if std::mem::take(&mut self.pending_break) {
            piece.page_break = !self.pieces.is_empty();
        }
        self.pieces.push(piece);
    }
}
