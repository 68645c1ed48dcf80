//! The content: paragraphs, lists, tables, notes, frames and slides, in one pass without recursion.

mod nested;

use std::collections::HashMap;

use footnote_core::types::BlockKind;
use quick_xml::events::{BytesStart, Event};

use self::nested::is_switched_off;
use super::styles::{Family, OUTLINE, Styles};
use crate::merged::Regions;
use crate::page::{Mark, Piece, What, collapse};
use crate::script::{self, Script};
use crate::xml::{attribute, entity, local, reader, text_of};

/// Repeated cells beyond this are padding, not content.
const MAX_REPEAT: usize = 64;

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub pieces: Vec<Piece>,
    pub pages: Vec<Slide>,
    pub is_presentation: bool,
    /// Whether text was left out because it is formatted as hidden.
    pub hidden: bool,
    /// Why it ends early, if it does.
    pub fault: Option<String>,
}

/// A slide, or a page of a drawing.
#[derive(Default)]
pub(super) struct Slide {
    pub name: Option<String>,
    /// It is left out when the slides are shown.
    pub hidden: bool,
    pub pieces: Vec<Piece>,
}

/// Reads the content.
pub(super) fn read(xml: &str, styles: &Styles) -> Read {
    let mut body = Body::new(styles, "body");
    let fault = body.run(xml).err();
    body.finish();
    Read { fault, ..body.read }
}

/// The running headers and footers, each once.
pub(super) fn running(xml: &str, styles: &Styles) -> (Vec<Piece>, Vec<Piece>) {
    let part = |name| {
        let mut body = Body::new(styles, name);
        let _ = body.run(xml);
        body.finish();
        let mut pieces = body.read.pieces;
        for piece in &mut pieces {
            piece.kind = BlockKind::Furniture;
            piece.page_break = false;
        }
        pieces.dedup_by(|a, b| a.text == b.text);
        pieces
    };
    (part("header"), part("footer"))
}

#[derive(Default)]
struct Paragraph {
    text: String,
    marks: Vec<Mark>,
    heading: Option<u8>,
    label: Option<String>,
    depth: usize,
    in_list: bool,
    style: String,
    /// Where the link being read leads, and where it began.
    links: Vec<(String, usize)>,
}

struct List {
    style: String,
    counter: Option<u32>,
    /// The item's label was not drawn yet.
    fresh: bool,
}

#[derive(Default)]
struct Table {
    rows: Vec<String>,
    header_rows: u16,
    in_header: bool,
    cells: Vec<String>,
    cell: String,
    repeat: usize,
    /// Rows and columns that the cell being read covers.
    span: (u32, u32),
    /// Rows so far, blank ones too.
    row: u32,
    merged: Regions,
    /// Cells of the row being read that no other covers.
    own: usize,
    pieces: Vec<Piece>,
}

/// A stretch of text with a style of its own.
struct Span {
    script: Script,
    /// None where its style says nothing.
    hidden: Option<bool>,
}

/// Something whose text stands elsewhere than where it is anchored.
struct Aside {
    element: &'static str,
    pieces: Vec<Piece>,
    paragraphs: Vec<Paragraph>,
    lists: Vec<List>,
    tables: Vec<Table>,
    spans: Vec<Span>,
}

struct Body<'a> {
    styles: &'a Styles,
    /// The element in which text counts.
    root: &'static str,
    inside: usize,
    read: Read,
    paragraphs: Vec<Paragraph>,
    lists: Vec<List>,
    tables: Vec<Table>,
    /// The stretches of text that are open.
    spans: Vec<Span>,
    asides: Vec<Aside>,
    /// Counters of lists that ended, for those that go on.
    ended: HashMap<String, u32>,
    outline: Vec<u32>,
    pending_break: bool,
    notes: Vec<Piece>,
    note_count: u32,
    /// What the frame being read is for on its slide.
    class: Option<String>,
    skip: usize,
    /// Depth inside what is read for its text alone: a citation mark, a description.
    description: Option<String>,
}

impl<'a> Body<'a> {
    fn new(styles: &'a Styles, root: &'static str) -> Self {
        Self {
            styles,
            root,
            inside: 0,
            read: Read::default(),
            paragraphs: Vec::new(),
            lists: Vec::new(),
            tables: Vec::new(),
            spans: Vec::new(),
            asides: Vec::new(),
            ended: HashMap::new(),
            outline: Vec::new(),
            pending_break: false,
            notes: Vec::new(),
            note_count: 0,
            class: None,
            skip: 0,
            description: None,
        }
    }

    fn run(&mut self, xml: &str) -> Result<(), String> {
        let mut reader = reader(xml);
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(element) => self.start(&element, false),
                Event::Empty(element) => {
                    self.start(&element, true);
                }
                Event::End(element) => self.end(local(element.name().as_ref())),
                Event::Text(text) => self.text(&text_of(&text)),
                Event::GeneralRef(name) => self.text(&entity(&name)),
                Event::CData(data) => self.text(&data.into_inner()),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn finish(&mut self) {
        while !self.asides.is_empty() {
            self.end_aside();
        }
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.flush_notes();
    }

    /// Text as it is drawn: white space of the file counts once, and not at the start of a line.
    fn text(&mut self, text: &str) {
        if self.skip > 0 || self.inside == 0 {
            return;
        }
        if let Some(description) = &mut self.description {
            description.push_str(text);
            return;
        }
        let script = self.spans.last().map_or(Script::Line, |span| span.script);
        if self.is_hidden() {
            self.read.hidden |= !text.trim().is_empty();
            return;
        }
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let text = script::written(text, script, &paragraph.text).into_owned();
        for c in text.chars() {
            if !c.is_ascii_whitespace() {
                paragraph.text.push(c);
            } else if !paragraph.text.is_empty() && !paragraph.text.ends_with([' ', '\n']) {
                paragraph.text.push(' ');
            }
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_hidden() {
            return;
        }
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) {
        if self.skip > 0 {
            self.skip += usize::from(!empty);
            return;
        }
        let name = element.name();
        let name = local(name.as_ref());
        if self.inside == 0 {
            self.inside = usize::from(name == self.root && !empty);
            return;
        }
        if name == self.root {
            self.inside += usize::from(!empty);
        }
        let style = || attribute(element, "style-name").unwrap_or_default();
        match name {
            "tracked-changes" | "forms" | "scripts" | "sequence-decls" | "variable-decls"
            | "user-field-decls" | "ruby-text" | "note-citation" | "shapes" | "event-listeners"
            | "dde-source" | "settings" | "object" | "object-ole" | "plugin"
                if !empty =>
            {
                self.skip = 1;
            }
            "presentation" | "drawing" => self.read.is_presentation = true,
            "page" => {
                let name = attribute(element, "name").filter(|name| !name.is_empty());
                self.read.pages.push(Slide {
                    name,
                    hidden: self.styles.hides(Family::Slide, &style()) == Some(true),
                    ..Slide::default()
                });
            }
            "notes" if !empty => self.begin_aside("notes"),
            "note" if !empty => {
                self.note_count += 1;
                let mark = script::superscript(self.note_count);
                self.push(&mark);
                self.begin_aside("note");
            }
            "annotation" if !empty => self.begin_aside("annotation"),
            "creator" | "date" | "creator-initials" | "sender-initials"
                if self
                    .asides
                    .last()
                    .is_some_and(|aside| aside.element == "annotation")
                    && !empty =>
            {
                self.skip = 1;
            }
            "p" | "h" if !empty => self.begin_paragraph(name, element),
            "s" => {
                let count = attribute(element, "c").and_then(|c| c.parse().ok()).unwrap_or(1);
                self.push(&" ".repeat(usize::min(count, 1000)));
            }
            "span" if !empty => self.begin_span(&style()),
            // Its author hides it on a condition, which held when the file was saved.
            "section" | "hidden-text" | "hidden-paragraph" if !empty && is_switched_off(element) => {
                self.read.hidden = true;
                self.skip = 1;
            }
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "soft-page-break" if self.tables.is_empty() && self.asides.is_empty() => {
                self.pending_break = true
            }
            "a" if !empty => {
                if let (Some(paragraph), Some(target)) =
                    (self.paragraphs.last_mut(), attribute(element, "href"))
                {
                    paragraph.links.push((target, paragraph.text.len()));
                }
            }
            "list" if !empty => self.begin_list(element),
            "list-item" | "list-header" if !empty => self.item(name, element),
            "frame" | "custom-shape" | "rect" | "ellipse" if !empty => {
                self.class = attribute(element, "class")
            }
            "title" | "desc" if !empty => self.description = Some(String::new()),
            "table" if !empty => self.tables.push(Table::default()),
            "table-header-rows" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_header = true;
                }
            }
            "table-cell" | "covered-table-cell" => {
                let number = |name| attribute(element, name).and_then(|n| n.parse::<u32>().ok());
                let repeat = number("number-columns-repeated").unwrap_or(1);
                if let Some(table) = self.tables.last_mut() {
                    table.repeat = usize::min(repeat as usize, MAX_REPEAT).max(1);
                    if local(element.name().as_ref()) == "table-cell" {
                        table.own += table.repeat;
                    }
                    let span = |name| number(name).unwrap_or(1).max(1);
                    table.span = (span("number-rows-spanned"), span("number-columns-spanned"));
                }
                if empty {
                    self.end_cell();
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.inside == 0 {
            return;
        }
        if name == self.root {
            self.inside -= 1;
        }
        match name {
            "p" | "h" => self.end_paragraph(),
            "span" => drop(self.spans.pop()),
            "a" => {
                if let Some(paragraph) = self.paragraphs.last_mut()
                    && let Some((target, begin)) = paragraph.links.pop()
                {
                    paragraph.marks.push(Mark {
                        bytes: begin..paragraph.text.len(),
                        what: What::Link(target),
                    });
                }
            }
            "list" => {
                if let Some(list) = self.lists.pop()
                    && let Some(counter) = list.counter
                {
                    self.ended
                        .insert(format!("{}/{}", self.lists.len(), list.style), counter);
                }
            }
            "title" | "desc" => {
                if let Some(text) = self.description.take().map(|text| collapse(&text))
                    && !text.is_empty()
                    && !crate::docx::is_file_name(&text)
                {
                    self.emit(Piece::new(BlockKind::Caption, text));
                }
            }
            "frame" | "custom-shape" | "rect" | "ellipse" => self.class = None,
            "table-header-rows" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_header = false;
                }
            }
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => self.end_row(),
            "table" => self.end_table(),
            "note" | "notes" | "annotation" if self.asides.last().is_some_and(|a| a.element == name) => {
                self.end_aside();
            }
            _ => {}
        }
    }

    fn begin_paragraph(&mut self, name: &str, element: &BytesStart<'_>) {
        let style = attribute(element, "style-name").unwrap_or_default();
        let level = attribute(element, "outline-level").and_then(|v| v.parse::<u8>().ok());
        let heading = match name {
            "h" => Some(level.unwrap_or(1).clamp(1, 6)),
            _ => self.styles.heading(&style).filter(|_| !self.read.is_presentation),
        };
        let plain = self.tables.is_empty() && self.asides.is_empty() && self.paragraphs.is_empty();
        if plain && self.styles.breaks_before(&style) {
            self.pending_break = true;
        }
        let mut paragraph = Paragraph {
            heading,
            style,
            ..Paragraph::default()
        };
        let depth = self.lists.len();
        if let Some(list) = self.lists.last_mut() {
            paragraph.in_list = true;
            paragraph.depth = depth - 1;
            if std::mem::take(&mut list.fresh) {
                let counters: Vec<u32> = self.lists.iter().map(|list| list.counter.unwrap_or(0)).collect();
                let style = self.lists.iter().rev().find(|list| !list.style.is_empty());
                let style = style.map_or("", |list| list.style.as_str());
                let style = if style.is_empty() {
                    self.styles.list(&paragraph.style).unwrap_or("")
                } else {
                    style
                };
                paragraph.label = Some(self.styles.label(style, &counters));
            }
        } else if name == "h" && attribute(element, "is-list-header").is_none_or(|v| v != "true") {
            let level = usize::from(level.unwrap_or(1).clamp(1, 10));
            while self.outline.len() < level {
                let start = self.styles.start(OUTLINE, self.outline.len() + 1);
                self.outline.push(start.saturating_sub(1));
            }
            self.outline.truncate(level);
            self.outline[level - 1] = self.outline[level - 1].saturating_add(1);
            paragraph.label = Some(self.styles.label(OUTLINE, &self.outline));
        }
        self.paragraphs.push(paragraph);
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else {
            return;
        };
        let kind = match self.class.as_deref() {
            Some("title") => BlockKind::Heading { level: 1 },
            Some("subtitle") => BlockKind::Heading { level: 2 },
            Some("header" | "footer" | "date-time" | "page-number") => BlockKind::Furniture,
            _ if paragraph.in_list && paragraph.heading.is_none() => BlockKind::ListItem,
            _ => match paragraph.heading {
                Some(level) => BlockKind::Heading { level },
                None if is_caption(&paragraph.style) => BlockKind::Caption,
                None => BlockKind::Paragraph,
            },
        };
        // A bullet before a heading or in a slide's table says nothing.
        let in_cell = self.read.is_presentation && !self.tables.is_empty();
        let bare = in_cell || matches!(kind, BlockKind::Heading { .. });
        let label = paragraph
            .label
            .filter(|label| !label.is_empty() && (label != "-" || !bare));
        let indent = if kind == BlockKind::ListItem {
            "  ".repeat(paragraph.depth)
        } else {
            String::new()
        };
        let text = paragraph.text.trim_end();
        if !text.trim().is_empty() {
            let label = label.map_or(indent.clone(), |label| format!("{indent}{label} "));
            let mut piece = Piece::new(kind, format!("{label}{text}"));
            for mark in paragraph.marks {
                let bytes = label.len() + mark.bytes.start..label.len() + mark.bytes.end.min(text.len());
                piece.marks.push(Mark {
                    bytes,
                    what: mark.what,
                });
            }
            self.emit(piece);
        }
        let plain = self.tables.is_empty() && self.asides.is_empty() && self.paragraphs.is_empty();
        if plain && self.styles.breaks_after(&paragraph.style) {
            self.pending_break = true;
        }
    }

    fn emit(&mut self, mut piece: Piece) {
        if let Some(table) = self.tables.last_mut() {
            table.cell.push_str(piece.text.trim_start());
            table.cell.push('\n');
            table.pieces.push(piece);
            return;
        }
        if let Some(aside) = self.asides.last_mut() {
            aside.pieces.push(piece);
            return;
        }
        if let Some(slide) = self.read.pages.last_mut() {
            slide.pieces.push(piece);
            return;
        }
        if std::mem::take(&mut self.pending_break) {
            self.flush_notes();
            piece.page_break = !self.read.pieces.is_empty();
        }
        self.read.pieces.push(piece);
    }
}

/// Whether paragraphs of this style stand under figures and tables.
fn is_caption(style: &str) -> bool {
    matches!(style, "Caption" | "Illustration" | "Figure" | "Table" | "Drawing")
}
