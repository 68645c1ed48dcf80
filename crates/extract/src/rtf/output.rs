//! Paragraphs, tables and notes as they come out of the reader.

use footnote_core::types::BlockKind;

use crate::merged::{Part, covered};
use crate::page::{Mark, Piece, What, collapse};

/// Cells of a row whose definitions count.
const MAX_DEFINED: usize = 1000;

/// The paragraph being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraph {
    pub text: String,
    pub marks: Vec<Mark>,
    /// What is drawn before it: a number or a bullet.
    pub label: String,
    /// Where links that are open lead, and where they began.
    pub links: Vec<(String, usize)>,
}

/// What its properties say about a paragraph.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Properties {
    pub outline: Option<u8>,
    pub level: u8,
    pub in_table: bool,
    pub is_caption: bool,
    pub starts_page: bool,
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<String>,
    header_rows: u16,
    cells: Vec<String>,
    cell: String,
    /// Which cells of the row go on from the row above, and whether the next one that is defined does.
    goes_on: Vec<bool>,
    next_goes_on: bool,
    /// The row above.
    above: Vec<String>,
}

/// Collects pieces.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub pieces: Vec<Piece>,
    pub paragraph: Paragraph,
    table: Table,
    pending_break: bool,
    notes: Vec<Piece>,
}

impl Output {
    /// Ends the paragraph.
    pub(super) fn end_paragraph(&mut self, properties: Properties) {
        let mut paragraph = std::mem::take(&mut self.paragraph);
        self.paragraph.links = carried(&paragraph.links);
        for (target, begin) in paragraph.links.drain(..) {
            paragraph.marks.push(link(target, begin..paragraph.text.len()));
        }
        if properties.in_table {
            self.table.cell.push_str(&paragraph.text);
            self.table.cell.push('\n');
            return;
        }
        self.end_table();
        if properties.starts_page {
            self.pending_break = true;
        }
        let lead = paragraph.text.len() - paragraph.text.trim_start().len();
        let text = paragraph.text.trim();
        if text.trim().is_empty() {
            return;
        }
        let label = paragraph.label.trim();
        let kind = match (properties.outline, label.is_empty()) {
            (Some(level), _) => BlockKind::Heading { level },
            (None, false) => BlockKind::ListItem,
            (None, true) if properties.is_caption => BlockKind::Caption,
            (None, true) => BlockKind::Paragraph,
        };
        let is_bullet = !label.chars().any(char::is_alphanumeric);
        let label = match kind {
            _ if label.is_empty() => String::new(),
            BlockKind::Heading { .. } if is_bullet => String::new(),
            BlockKind::Heading { .. } => format!("{label} "),
            _ => {
                let indent = "  ".repeat(properties.level.into());
                format!("{indent}{} ", if is_bullet { "-" } else { label })
            }
        };
        let mut piece = Piece::new(kind, format!("{label}{text}"));
        for mark in paragraph.marks {
            let place = |at: usize| (at.max(lead) - lead).min(text.len()) + label.len();
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

    /// Ends a cell of a table.
    pub(super) fn end_cell(&mut self, properties: Properties) {
        self.end_paragraph(Properties {
            in_table: true,
            ..properties
        });
        let cell = std::mem::take(&mut self.table.cell);
        self.table.cells.push(collapse(&cell));
    }

    /// Begins the definition of a row's cells.
    pub(super) fn define_row(&mut self) {
        self.table.goes_on.clear();
        self.table.next_goes_on = false;
    }

    /// The cell that is defined next goes on from the row above.
    pub(super) fn merge_down(&mut self) {
        self.table.next_goes_on = true;
    }

    /// Ends the definition of a cell.
    pub(super) fn define_cell(&mut self) {
        let goes_on = std::mem::take(&mut self.table.next_goes_on);
        if self.table.goes_on.len() < MAX_DEFINED {
            self.table.goes_on.push(goes_on);
        }
    }

    /// Parts the cells of a table inside a cell.
    pub(super) fn end_inner_cell(&mut self) {
        let text = std::mem::take(&mut self.paragraph.text);
        self.paragraph.marks.clear();
        self.paragraph.links = carried(&self.paragraph.links);
        self.table.cell.push_str(text.trim());
        self.table.cell.push_str(" | ");
    }

    /// Ends a row of a table.
    pub(super) fn end_row(&mut self, is_header: bool) {
        let mut cells = std::mem::take(&mut self.table.cells);
        self.table.cell.clear();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let above = std::mem::take(&mut self.table.above);
            for (n, (goes_on, whole)) in self.table.goes_on.iter().zip(&above).enumerate() {
                if let Some(cell) = cells.get_mut(n).filter(|cell| *goes_on && cell.is_empty()) {
                    *cell = covered(whole, Part::of(is_header, n)).to_owned();
                }
            }
            self.table.above = cells.clone();
            if is_header && usize::from(self.table.header_rows) == self.table.rows.len() {
                self.table.header_rows += 1;
            }
            self.table.rows.push(cells.join(" | "));
        }
    }

    /// The text from here on is on another page.
    pub(super) fn page_break(&mut self) {
        self.pending_break = true;
    }

    /// Adds a note to the foot of the page.
    pub(super) fn note(&mut self, text: String) {
        if !text.trim().is_empty() {
            self.notes.push(Piece::new(BlockKind::Footnote, text));
        }
    }

    /// Everything, when there is no more.
    pub(super) fn finish(mut self, properties: Properties) -> Vec<Piece> {
        self.end_paragraph(Properties {
            in_table: false,
            ..properties
        });
        if !self.table.cells.is_empty() || !self.table.cell.trim().is_empty() {
            let cell = std::mem::take(&mut self.table.cell);
            self.table.cells.push(collapse(&cell));
            self.end_row(false);
        }
        self.end_table();
        self.flush_notes();
        self.pieces
    }

    fn end_table(&mut self) {
        if !self.table.cells.is_empty() || self.table.rows.is_empty() {
            // A row goes on behind paragraphs that forgot to say that they are in it.
            return;
        }
        let table = std::mem::take(&mut self.table);
        let kind = BlockKind::Table {
            header_rows: table.header_rows,
        };
        self.emit(Piece::new(kind, table.rows.join("\n")));
    }

    fn emit(&mut self, mut piece: Piece) {
        if std::mem::take(&mut self.pending_break) {
            self.flush_notes();
            piece.page_break = !self.pieces.is_empty();
        }
        self.pieces.push(piece);
    }

    fn flush_notes(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        self.pieces.extend(notes);
    }
}

/// Links that are open when a text ends: they go on from the start of the next one.
fn carried(links: &[(String, usize)]) -> Vec<(String, usize)> {
    links.iter().map(|(target, _)| (target.clone(), 0)).collect()
}

/// A link over these bytes.
pub(super) fn link(target: String, bytes: std::ops::Range<usize>) -> Mark {
    Mark {
        bytes,
        what: What::Link(target),
    }
}
