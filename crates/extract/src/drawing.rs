//! DrawingML: the shapes of slides and of drawings on sheets, with their text, tables and pictures.

pub(crate) mod chart;

use std::collections::HashMap;

use footnote_core::types::BlockKind;
use quick_xml::events::{BytesStart, Event};

use crate::merged::{Part, covered};
use crate::ooxml::Relation;
use crate::page::{Mark, Piece, What, collapse};
use crate::script::{self, Script};
use crate::xml::{attribute, entity, local, prefixed_attribute, text_of};

/// What a drawing shows.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    /// Its shapes in the order they are drawn.
    pub shapes: Vec<Shape>,
    /// Why reading it ended early, if it did.
    pub fault: Option<String>,
}

/// A shape, picture, table or chart.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The placeholder it fills (`title`, `body`), empty for a placeholder that does not say which.
    pub placeholder: Option<String>,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// The part that it shows: a chart or diagram by the id of its relation.
    pub part: Option<String>,
    /// Its text for those who do not see it.
    pub description: String,
    /// What the program calls it.
    pub name: String,
    id: String,
    link: Option<String>,
    /// Next numbers of numbered lists, by level.
    counters: Vec<u32>,
}

impl Shape {
    /// Whether it holds the title.
    pub(crate) fn is_title(&self) -> bool {
        matches!(self.placeholder.as_deref(), Some("title" | "ctrTitle"))
    }

    /// Whether it repeats from page to page.
    pub(crate) fn is_furniture(&self) -> bool {
        matches!(self.placeholder.as_deref(), Some("ftr" | "hdr" | "dt" | "sldNum"))
    }
}

/// Reads a drawing. `relations` are those of its part.
pub(crate) fn read(xml: &str, relations: &HashMap<String, Relation>) -> Drawing {
    let mut walk = Walk {
        relations,
        drawing: Drawing::default(),
        shape: None,
        paragraph: None,
        table: None,
        in_text: false,
        skip: 0,
    };
    walk.drawing.fault = walk.run(xml).err();
    walk.end_shape();
    walk.drawing
}

#[derive(Default)]
struct Paragraph {
    text: String,
    level: usize,
    bullet: Option<Bullet>,
    marks: Vec<Mark>,
    /// Where the run being read leads.
    link: Option<String>,
    /// Where the run being read stands on its line.
    script: Script,
    /// A field that changes from page to page.
    is_number: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Bullet {
    None,
    Sign,
    Number { scheme: String, start: u32 },
}

#[derive(Default)]
struct Table {
    header_rows: u16,
    rows: Vec<String>,
    cells: Vec<String>,
    above: Vec<String>,
    /// Whether the cell being read is the rest of a merged one, to the left or above.
    merged: (bool, bool),
}

struct Walk<'a> {
    relations: &'a HashMap<String, Relation>,
    drawing: Drawing,
    shape: Option<Shape>,
    paragraph: Option<Paragraph>,
    table: Option<Table>,
    in_text: bool,
    /// Depth inside an element whose content must not show.
    skip: usize,
}

impl Walk<'_> {
    fn run(&mut self, xml: &str) -> Result<(), String> {
        let mut reader = crate::xml::reader(xml);
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(element) => self.start(&element, false),
                Event::Empty(element) => self.start(&element, true),
                Event::End(element) => self.end(local(element.name().as_ref())),
                Event::Text(text) if self.in_text && self.skip == 0 => self.push(&text_of(&text)),
                Event::GeneralRef(name) if self.in_text && self.skip == 0 => self.push(&entity(&name)),
                Event::CData(data) if self.in_text && self.skip == 0 => self.push(&data.into_inner()),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str) {
        let Some(paragraph) = self.paragraph.as_mut().filter(|p| !p.is_number) else {
            return;
        };
        let begin = paragraph.text.len();
        // A vertical tab is how programs store a line break inside a run.
        let text = text.replace('\u{b}', "\n");
        let text = script::written(&text, paragraph.script, &paragraph.text).into_owned();
        paragraph.text.push_str(&text);
        if let Some(target) = &paragraph.link {
            paragraph.marks.push(Mark {
                bytes: begin..paragraph.text.len(),
                what: What::Link(target.clone()),
            });
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) {
        if self.skip > 0 {
            self.skip += usize::from(!empty);
            return;
        }
        let name = element.name();
        match local(name.as_ref()) {
            // What older programs see instead.
            "Fallback" if !empty => self.skip = 1,
            "sp" | "pic" | "graphicFrame" | "cxnSp" if !empty => {
                self.end_shape();
                self.shape = Some(Shape::default());
            }
            "tbl" if !empty => self.table = Some(Table::default()),
            "tblPr" => {
                if let Some(table) = &mut self.table {
                    table.header_rows = u16::from(attribute(element, "firstRow").is_some_and(|v| v == "1"));
                }
            }
            "tc" => {
                let is = |name| attribute(element, name).is_some_and(|v| v == "1" || v == "true");
                if let Some(table) = &mut self.table {
                    table.merged = (is("hMerge"), is("vMerge"));
                    if empty {
                        self.end("tc");
                    }
                }
            }
            "p" if !empty => self.paragraph = Some(Paragraph::default()),
            "t" => self.in_text = !empty,
            "br" => self.push("\n"),
            "fld" if !empty => {
                if let Some(paragraph) = &mut self.paragraph {
                    paragraph.is_number = attribute(element, "type").is_some_and(|t| t == "slidenum");
                }
            }
            name => self.property(name, element),
        }
    }

    /// What says how a shape or paragraph is.
    fn property(&mut self, name: &str, element: &BytesStart<'_>) {
        match name {
            "cNvPr" => {
                if let Some(shape) = self.shape.as_mut().filter(|shape| shape.id.is_empty()) {
                    shape.id = attribute(element, "id").unwrap_or_default();
                    shape.name = attribute(element, "name").unwrap_or_default();
                    shape.description = collapse(&attribute(element, "descr").unwrap_or_default());
                }
            }
            "ph" => {
                if let Some(shape) = &mut self.shape {
                    shape.placeholder = Some(attribute(element, "type").unwrap_or_default());
                }
            }
            "chart" | "relIds" => {
                let id = prefixed_attribute(element, "dm").or_else(|| prefixed_attribute(element, "id"));
                if let Some(shape) = &mut self.shape {
                    shape.part = id;
                }
            }
            "hlinkClick" => {
                let target = prefixed_attribute(element, "id").and_then(|id| self.relations.get(&id));
                let target = target.filter(|to| to.external).map(|to| to.target.clone());
                match (&mut self.paragraph, &mut self.shape) {
                    (Some(paragraph), _) => paragraph.link = target,
                    (None, Some(shape)) => shape.link = target,
                    (None, None) => {}
                }
            }
            _ => {
                let Some(paragraph) = &mut self.paragraph else {
                    return;
                };
                match name {
                    "pPr" => {
                        let level = attribute(element, "lvl").and_then(|v| v.parse().ok());
                        paragraph.level = level.unwrap_or(0).min(8);
                    }
                    "rPr" => {
                        let moved = attribute(element, "baseline").and_then(|v| shift(&v));
                        paragraph.script = match moved.unwrap_or(0.0) {
                            up if up > 0.0 => Script::Above,
                            down if down < 0.0 => Script::Below,
                            _ => Script::Line,
                        };
                    }
                    "buNone" => paragraph.bullet = Some(Bullet::None),
                    "buChar" | "buBlip" => paragraph.bullet = Some(Bullet::Sign),
                    "buAutoNum" => {
                        let start = attribute(element, "startAt").and_then(|v| v.parse().ok());
                        paragraph.bullet = Some(Bullet::Number {
                            scheme: attribute(element, "type").unwrap_or_default(),
                            start: start.unwrap_or(1),
                        });
                    }
                    _ => {}
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
            "r" | "fld" => {
                if let Some(paragraph) = &mut self.paragraph {
                    paragraph.link = None;
                    paragraph.script = Script::Line;
                    paragraph.is_number = false;
                }
            }
            "p" => self.end_paragraph(),
            "tc" => {
                if let (Some(table), Some(shape)) = (&mut self.table, &mut self.shape) {
                    let text: Vec<String> = shape.pieces.drain(..).map(|piece| piece.text).collect();
                    let text = collapse(&text.join(" "));
                    let whole = match std::mem::take(&mut table.merged) {
                        (true, _) => table.cells.last(),
                        (false, true) => table.above.get(table.cells.len()),
                        (false, false) => None,
                    };
                    let is_header = table.rows.len() < usize::from(table.header_rows);
                    let part = Part::of(is_header, table.cells.len());
                    let whole = whole.filter(|_| text.is_empty());
                    let text = whole.map_or(text, |whole| covered(whole, part).to_owned());
                    table.cells.push(text);
                }
            }
            "tr" => {
                if let Some(table) = &mut self.table {
                    let cells = std::mem::take(&mut table.cells);
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        table.rows.push(cells.join(" | "));
                    } else if table.rows.is_empty() {
                        table.header_rows = 0;
                    }
                    table.above = cells;
                }
            }
            "tbl" => {
                if let (Some(table), Some(shape)) = (self.table.take(), &mut self.shape) {
                    let header_rows = table.header_rows;
                    let kind = BlockKind::Table { header_rows };
                    shape.pieces.push(Piece::new(kind, table.rows.join("\n")));
                }
            }
            "sp" | "pic" | "graphicFrame" | "cxnSp" => self.end_shape(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let (Some(paragraph), Some(shape)) = (self.paragraph.take(), self.shape.as_mut()) else {
            return;
        };
        let in_cell = self.table.is_some();
        let lead = paragraph.text.len() - paragraph.text.trim_start().len();
        let text = paragraph.text.trim();
        if text.is_empty() {
            return;
        }
        // Bodies of slides are lists unless they say otherwise.
        let usual = match shape.placeholder.as_deref() {
            Some("body" | "" | "obj") if !in_cell => Bullet::Sign,
            _ => Bullet::None,
        };
        let label = match paragraph.bullet.unwrap_or(usual) {
            Bullet::None => None,
            Bullet::Sign => Some("-".to_owned()),
            Bullet::Number { scheme, start } => {
                shape.counters.truncate(paragraph.level + 1);
                shape.counters.resize(paragraph.level + 1, 0);
                let counter = &mut shape.counters[paragraph.level];
                *counter = if *counter == 0 {
                    start
                } else {
                    counter.saturating_add(1)
                };
                Some(number(*counter, &scheme))
            }
        };
        let kind = match (&label, shape.placeholder.as_deref()) {
            _ if shape.is_title() => BlockKind::Heading { level: 1 },
            _ if shape.is_furniture() => BlockKind::Furniture,
            (_, Some("subTitle")) => BlockKind::Heading { level: 2 },
            (Some(_), _) => BlockKind::ListItem,
            (None, _) => BlockKind::Paragraph,
        };
        let label = label.filter(|_| kind == BlockKind::ListItem && !in_cell);
        let label = label.map_or_else(String::new, |label| {
            format!("{}{label} ", "  ".repeat(paragraph.level))
        });
        let mut piece = Piece::new(kind, format!("{label}{text}"));
        let shift = |at: usize| (at.max(lead) - lead).min(text.len()) + label.len();
        for mark in paragraph.marks {
            let bytes = shift(mark.bytes.start)..shift(mark.bytes.end);
            piece.marks.push(Mark {
                bytes,
                what: mark.what,
            });
        }
        shape.pieces.push(piece);
    }

    fn end_shape(&mut self) {
        let Some(mut shape) = self.shape.take() else {
            return;
        };
        self.table = None;
        self.paragraph = None;
        if shape.pieces.is_empty() && shape.part.is_none() {
            // A picture says what its description says; a bare shape that leads somewhere, its name.
            let linked = shape.link.is_some();
            let described = !shape.description.is_empty() && !crate::docx::is_file_name(&shape.description);
            let text = match () {
                () if described => shape.description.clone(),
                () if linked => shape.name.clone(),
                () => String::new(),
            };
            if !text.is_empty() {
                shape.pieces.push(Piece::new(BlockKind::Caption, text));
            }
        }
        for piece in &mut shape.pieces {
            if let Some(target) = &shape.link {
                piece.marks.push(Mark {
                    bytes: 0..piece.text.len(),
                    what: What::Link(target.clone()),
                });
            }
            if !shape.id.is_empty() {
                piece.marks.push(Mark {
                    bytes: 0..piece.text.len(),
                    what: What::Place(format!("shape {}", shape.id)),
                });
            }
        }
        self.drawing.shapes.push(shape);
    }
}

/// How far text is moved from its line: thousandths of a percent, or a percentage.
fn shift(value: &str) -> Option<f32> {
    value.trim_end_matches('%').parse().ok()
}

/// A number as a numbering scheme (`arabicPeriod`, `alphaLcParenBoth`) draws it.
fn number(n: u32, scheme: &str) -> String {
    let format = match scheme {
        s if s.starts_with("alphaLc") => "lowerLetter",
        s if s.starts_with("alphaUc") => "upperLetter",
        s if s.starts_with("romanLc") => "lowerRoman",
        s if s.starts_with("romanUc") => "upperRoman",
        _ => "decimal",
    };
    let number = crate::docx::format_number(n, format);
    match scheme {
        s if s.ends_with("ParenBoth") => format!("({number})"),
        s if s.ends_with("ParenR") => format!("{number})"),
        s if s.ends_with("Plain") => number,
        _ => format!("{number}."),
    }
}
