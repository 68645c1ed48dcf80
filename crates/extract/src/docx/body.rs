//! The text part: paragraphs, lists, tables, notes and page breaks, in one pass.

mod forms;
mod links;
mod runs;

use std::collections::HashMap;

use footnote_core::types::BlockKind;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use self::forms::Form;
use super::math::Math;
use super::styles::{Look, Numbering, Styles};
use super::table::Table;
use crate::ooxml::Relation;

use crate::page::{Mark, Piece, collapse};
use crate::script;
use crate::xml::{attribute, entity, local, text_of};

/// Footnotes, endnotes and comments by kind and id.
#[derive(Debug, Default)]
pub(super) struct Notes(HashMap<(&'static str, String), String>);

impl Notes {
    /// Adds the notes of one part.
    pub(super) fn add(&mut self, kind: &'static str, xml: &str, styles: &Styles) {
        let mut body = Body::new(styles, Numbering::default(), Sides::default());
        body.note_kind = Some(kind);
        let _ = body.run(xml);
        self.0.extend(body.notes_read);
    }

    /// Adds the comments.
    pub(super) fn add_comments(&mut self, comments: HashMap<String, String>) {
        let comments = comments.into_iter().map(|(id, text)| (("comment", id), text));
        self.0.extend(comments);
    }
}

/// What stands beside the text and belongs into it.
#[derive(Default)]
pub(super) struct Sides<'a> {
    /// What is referred to by number.
    pub notes: Option<&'a Notes>,
    /// Embedded documents by relation.
    pub alternatives: HashMap<String, Vec<Piece>>,
    /// Where the text's links lead.
    pub relations: Option<&'a HashMap<String, Relation>>,
}

/// What was read.
pub(super) struct Read {
    pub pieces: Vec<Piece>,
    /// Whether text was left out because it is formatted as hidden.
    pub hidden: bool,
    /// Why it ends early, if it does.
    pub fault: Option<String>,
}

/// Reads the text part.
pub(super) fn read(xml: &str, styles: &Styles, numbering: Numbering, sides: Sides<'_>) -> Read {
    let mut body = Body::new(styles, numbering, sides);
    let fault = body.run(xml).err();
    body.end_paragraph();
    body.flush_notes();
    Read {
        pieces: body.pieces,
        hidden: body.left_out,
        fault,
    }
}

/// One open paragraph. They nest: a text box stands inside the paragraph it is anchored to.
#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    list_level: usize,
    /// A page break fell inside; the list label and the like were written before it.
    continued: bool,
    marks: Vec<Mark>,
    /// Links that are open: where they lead, and where they began.
    links: Vec<(String, usize)>,
    /// The address of the element, if it stands in the text itself.
    address: Option<String>,
    /// What pictures in it show.
    pictures: Vec<String>,
}

struct Body<'a> {
    styles: &'a Styles,
    numbering: Numbering,
    sides: Sides<'a>,
    math: Math,
    /// Instructions of the fields that are open; none once their result is being read.
    fields: Vec<(String, bool)>,
    in_instruction: bool,
    /// The field of a form that is open.
    form: Option<Form>,
    /// Paragraphs and tables of the text itself so far.
    counts: (u32, u32),
    pieces: Vec<Piece>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// The next piece starts a page.
    pending_break: bool,
    /// The page ends behind what is being read.
    break_after: bool,
    /// Notes referred to on this page, to be shown at its foot.
    page_notes: Vec<String>,
    note_count: u32,
    in_text: bool,
    /// How the runs that are open look. They nest as paragraphs do.
    runs: Vec<Look>,
    /// In the properties of a paragraph, whose own are those of its mark.
    in_mark: bool,
    /// Whether hidden text was left out.
    left_out: bool,
    /// Depth inside an element whose content must not show.
    skip: usize,
    note_kind: Option<&'static str>,
    note_id: Option<String>,
    notes_read: Vec<((&'static str, String), String)>,
}

impl<'a> Body<'a> {
    fn new(styles: &'a Styles, numbering: Numbering, sides: Sides<'a>) -> Self {
        Self {
            styles,
            numbering,
            sides,
            math: Math::default(),
            fields: Vec::new(),
            in_instruction: false,
            form: None,
            counts: (0, 0),
            pieces: Vec::new(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            pending_break: false,
            break_after: false,
            page_notes: Vec::new(),
            note_count: 0,
            in_text: false,
            runs: Vec::new(),
            in_mark: false,
            left_out: false,
            skip: 0,
            note_kind: None,
            note_id: None,
            notes_read: Vec::new(),
        }
    }

    fn run(&mut self, xml: &str) -> Result<(), String> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = false;
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(element) => self.start(&element, false),
                Event::Empty(element) => self.start(&element, true),
                Event::End(element) => self.end(local(element.name().as_ref())),
                Event::Text(text) if self.in_text && self.skip == 0 => self.text(&text_of(&text)),
                Event::GeneralRef(name) if self.in_text && self.skip == 0 => self.text(&entity(&name)),
                Event::CData(data) if self.in_text && self.skip == 0 => self.text(&data.into_inner()),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Text of a run, written so that it says what its place says.
    fn text(&mut self, text: &str) {
        let look = self.look();
        let before = self.paragraphs.last().map_or("", |paragraph| &paragraph.text);
        let text = script::written(text, look.script.unwrap_or_default(), before).into_owned();
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.in_instruction {
            if let Some((instruction, _)) = self.fields.last_mut() {
                instruction.push_str(text);
            }
            return;
        }
        if self.look().hidden == Some(true) {
            self.left_out |= !text.trim().is_empty();
            return;
        }
        if self.break_after && self.tables.is_empty() && self.paragraphs.len() == 1 {
            self.split_paragraph();
        }
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) {
        let name = element.name();
        let name = local(name.as_ref());
        if self.skip > 0 {
            self.skip += usize::from(!empty);
            return;
        }
        let value = || attribute(element, "val");
        match name {
            // The fallback of a drawing repeats its text for older readers.
            // So does what stands over characters to tell how they sound.
            "Fallback" | "del" | "moveFrom" | "pPrChange" | "rPrChange" | "rt" if !empty => self.skip = 1,
            "p" if empty => {}
            "p" => self.begin_paragraph(),
            "t" => self.in_text = !empty,
            "r" if !empty => self.runs.push(Look::default()),
            "pPr" => self.in_mark = !empty,
            "rStyle" | "vanish" | "vertAlign" if !self.in_mark => self.run_property(name, element),
            "instrText" if !empty => (self.in_text, self.in_instruction) = (true, true),
            "fldChar" => self.field(element),
            "hyperlink" if !empty => self.begin_link(element),
            "altChunk" => self.alternative(element),
            "docPr" => {
                let text = attribute(element, "descr")
                    .map(|text| collapse(&text))
                    .unwrap_or_default();
                if let Some(paragraph) = self.paragraphs.last_mut()
                    && !text.is_empty()
                    && !super::is_file_name(&text)
                {
                    paragraph.pictures.push(text);
                }
            }
            "gridSpan" => {
                if let Some(table) = self.tables.last_mut() {
                    table.span = value().and_then(|v| v.parse().ok()).unwrap_or(1);
                }
            }
            "vMerge" => {
                if let Some(table) = self.tables.last_mut() {
                    table.goes_on = value().is_none_or(|v| v == "continue");
                }
            }
            "tab" if !self.paragraphs.is_empty() && attribute(element, "pos").is_none() => self.push("\t"),
            "br" => match attribute(element, "type").as_deref() {
                Some("page") => self.page_break(),
                _ => self.push("\n"),
            },
            "ptab" => self.push("\t"),
            "sym" => self.push(forms::sign(element).unwrap_or_default()),
            "checkBox" | "ddList" | "default" | "checked" | "result" | "listEntry" => {
                self.form(name, element)
            }
            "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("\u{2011}"),
            "lastRenderedPageBreak" => self.page_break(),
            "pageBreakBefore" if value().is_none_or(|v| v != "0" && v != "false") => self.page_break(),
            "footnoteReference" => self.note("footnote", element),
            "endnoteReference" => self.note("endnote", element),
            "commentReference" => self.note("comment", element),
            "tbl" => {
                self.counts.1 += u32::from(self.tables.is_empty() && self.paragraphs.is_empty());
                self.tables.push(Table::default());
            }
            "tblHeader" if value().is_none_or(|v| v != "0" && v != "false") => {
                if let Some(table) = self.tables.last_mut() {
                    table.is_header = true;
                }
            }
            "footnote" | "endnote" if self.note_kind.is_some() => {
                // The separators are notes too, of a type of their own.
                let plain = attribute(element, "type").is_none_or(|t| t == "normal");
                self.note_id = attribute(element, "id").filter(|_| plain);
                self.pieces.clear();
            }
            _ => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    if let Some(before) = self.math.start(name, element, paragraph.text.len()) {
                        paragraph.text.push_str(&before);
                        if empty {
                            self.math.end(name, &mut paragraph.text);
                        }
                    }
                    match name {
                        "pStyle" => paragraph.style = value(),
                        "outlineLvl" => paragraph.outline = value().and_then(|v| v.parse().ok()),
                        "numId" => paragraph.list = value(),
                        "ilvl" => paragraph.list_level = value().and_then(|v| v.parse().ok()).unwrap_or(0),
                        _ => {}
                    }
                }
            }
        }
    }

    fn end(&mut self, name: &str) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "r" => drop(self.runs.pop()),
            "pPr" => self.in_mark = false,
            "instrText" => (self.in_text, self.in_instruction) = (false, false),
            "hyperlink" => self.end_link(),
            "checkBox" | "ddList" => self.end_form(),
            "p" => self.end_paragraph(),
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_cell();
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_row();
                }
            }
            "tbl" => self.end_table(),
            "footnote" | "endnote" => {
                if let (Some(kind), Some(id)) = (self.note_kind, self.note_id.take()) {
                    let text: Vec<&str> = self.pieces.iter().map(|piece| piece.text.trim()).collect();
                    self.notes_read.push(((kind, id), text.join("\n")));
                }
                self.pieces.clear();
            }
            _ => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    self.math.end(name, &mut paragraph.text);
                }
            }
        }
    }

    fn begin_paragraph(&mut self) {
        let plain = self.tables.is_empty() && self.paragraphs.is_empty() && self.note_kind.is_none();
        let address = plain.then(|| {
            self.counts.0 += 1;
            format!("body/p[{}]", self.counts.0)
        });
        self.paragraphs.push(Paragraph {
            address,
            ..Paragraph::default()
        });
    }

    fn end_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        let text = table.rows.join("\n");
        match self.tables.last_mut() {
            // A table in a cell is part of the cell.
            Some(outer) => outer.cell.push_str(&format!("{text}\n")),
            None => {
                let header_rows = table.header_rows;
                let mut piece = Piece::new(BlockKind::Table { header_rows }, text);
                if self.paragraphs.is_empty() && self.note_kind.is_none() {
                    piece = piece.at(format!("body/tbl[{}]", self.counts.1));
                }
                self.emit(piece);
            }
        }
    }

    fn end_paragraph(&mut self) {
        while self
            .paragraphs
            .last()
            .is_some_and(|paragraph| !paragraph.links.is_empty())
        {
            self.end_link();
        }
        let Some(mut paragraph) = self.paragraphs.pop() else {
            return;
        };
        let pictures = std::mem::take(&mut paragraph.pictures);
        if let Some(table) = self.tables.last_mut() {
            table.cell.push_str(&paragraph.text);
            for text in pictures {
                table.cell.push_str(&format!("\n{text}"));
            }
            table.cell.push('\n');
            return;
        }
        self.end_text(paragraph);
        for text in pictures {
            self.emit(Piece::new(BlockKind::Caption, text));
        }
    }

    fn end_text(&mut self, paragraph: Paragraph) {
        let style = paragraph.style.as_deref().unwrap_or_default();
        let heading = match paragraph.outline {
            Some(level) if level < 9 => Some((level + 1).min(6)),
            _ => self.styles.heading(style),
        };
        let list = match paragraph.list.as_deref() {
            // Zero takes a paragraph out of the list that its style puts it in.
            Some("0") => None,
            Some(id) => Some((id.to_owned(), paragraph.list_level)),
            None => self.styles.list(style),
        };
        let lead = paragraph.text.len() - paragraph.text.trim_start().len();
        let text = paragraph.text.trim();
        if text.is_empty() {
            return;
        }
        let label = match &list {
            Some((id, level)) if !paragraph.continued => self.numbering.next_label(id, *level),
            _ => String::new(),
        };
        let kind = match (heading, list.is_some() || self.styles.is_list(style)) {
            (Some(level), _) => BlockKind::Heading { level },
            (None, true) => BlockKind::ListItem,
            (None, false) if self.styles.is_caption(style) => BlockKind::Caption,
            (None, false) => BlockKind::Paragraph,
        };
        // A bullet before a heading says nothing.
        let bare = label.is_empty() || (label == "-" && heading.is_some());
        let label = if bare { String::new() } else { format!("{label} ") };
        let mut piece = Piece::new(kind, format!("{label}{text}"));
        let place = |at: usize| (at.max(lead) - lead).min(text.len()) + label.len();
        for mark in paragraph.marks {
            let bytes = place(mark.bytes.start)..place(mark.bytes.end);
            if !bytes.is_empty() {
                piece.marks.push(Mark {
                    bytes,
                    what: mark.what,
                });
            }
        }
        if let Some(address) = paragraph.address {
            piece = piece.at(address);
        }
        self.emit(piece);
    }

    fn emit(&mut self, mut piece: Piece) {
        if piece.text.trim().is_empty() {
            return;
        }
        if self.pending_break {
            self.flush_notes();
            piece.page_break = !self.pieces.is_empty();
            self.pending_break = false;
        }
        self.pieces.push(piece);
        self.pending_break |= std::mem::take(&mut self.break_after);
    }

    /// Word writes both the break that the author set and the place where it last fell; between
    /// the two there is no text, so they count once.
    fn page_break(&mut self) {
        let between = self.tables.is_empty() && self.paragraphs.iter().all(|p| p.text.trim().is_empty());
        if between {
            self.pending_break = true;
        } else {
            self.break_after = true;
        }
    }

    /// Ends the page inside a paragraph: what was read of it stays, the rest goes to the next.
    fn split_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.last() else {
            return;
        };
        let rest = Paragraph {
            text: String::new(),
            style: paragraph.style.clone(),
            outline: paragraph.outline,
            list: paragraph.list.clone(),
            list_level: paragraph.list_level,
            continued: true,
            address: paragraph.address.clone(),
            ..Paragraph::default()
        };
        self.end_paragraph();
        self.paragraphs.push(rest);
    }
}
