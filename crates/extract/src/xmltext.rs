//! XML of any kind: the text of its elements with their paths as places; headings, lists, tables and
//! listings of the usual document types (DocBook, JATS, TEI, DITA, feeds). Entities of the
//! document's own are not expanded.

use std::collections::HashMap;

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary};
use quick_xml::events::{BytesStart, Event};

use crate::page::{Mark, Piece, Sink, What, collapse, heading_level, one_line, send_pieces};
use crate::xml::{attribute, entity, local, reader, text_of};

const TITLES: &[&str] = &["title", "article-title", "head", "heading", "bridgehead"];
const PARTS: &[&str] = &[
    "book", "part", "chapter", "article", "section", "sect1", "sect2", "sect3", "sect4", "sect5", "sec",
    "appendix", "preface", "div", "topic", "channel", "item", "entry", "refentry", "refsect1", "TEI",
    "group",
];
const LISTINGS: &[&str] = &[
    "programlisting",
    "screen",
    "literallayout",
    "codeblock",
    "preformat",
    "pre",
];
const ITEMS: &[&str] = &["listitem", "list-item", "li", "step", "item"];
const ROWS: &[&str] = &["row", "tr", "strow", "sthead"];
const CELLS: &[&str] = &["td", "th", "entry", "stentry", "cell"];
const TABLES: &[&str] = &["table", "informaltable", "table-wrap", "simpletable"];
const CAPTIONS: &[&str] = &["caption", "figDesc"];
const PROSE: &[&str] = &[
    "para",
    "simpara",
    "p",
    "ab",
    "l",
    "line",
    "speech",
    "description",
    "summary",
    "content",
];
/// A path names no more elements than this.
const MAX_PATH: usize = 12;
/// Values longer than this are paragraphs of their own.
const SHORT: usize = 200;

/// Reads XML. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let xml = crate::html::decode(bytes);
    let mut walk = Walk::default();
    let mut reader = reader(&xml);
    let fault = loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => walk.open(&element, about),
            Ok(Event::Empty(element)) => {
                walk.open(&element, about);
                walk.close();
            }
            Ok(Event::End(_)) => walk.close(),
            Ok(Event::Text(text)) => walk.text(&text_of(&text)),
            Ok(Event::CData(data)) => walk.text(&data.into_inner()),
            Ok(Event::GeneralRef(name)) => {
                let known = entity(&name);
                // What is not expanded still parts words.
                walk.text(if known.is_empty() { " " } else { &known });
            }
            Ok(Event::Eof) => break None,
            Ok(_) => {}
            Err(error) => break Some(error),
        }
    };
    walk.finish();
    let pieces = walk.pieces;
    if pieces.is_empty() {
        // All it says is in names and attributes.
        return crate::code::read(xml.as_bytes(), crate::code::Language::Other, sink);
    }
    if let Some(fault) = fault {
        about.warnings.push(Warning::new(
            format!("the file is no proper XML ({fault}); what follows was not read"),
            Notice::RestNotRead {
                detail: fault.to_string(),
            },
        ));
    }
    let title = pieces.iter().find(|piece| heading_level(piece.kind).is_some());
    about.title = title.map(|piece| one_line(&piece.text));
    send_pieces(&pieces, sink)
}

/// An element that is open.
struct Element {
    name: String,
    /// Its name, with its number if it is not the first of that name.
    step: String,
    /// How many children of each name it had.
    children: HashMap<String, u32>,
}

#[derive(Default)]
struct Walk {
    pieces: Vec<Piece>,
    open: Vec<Element>,
    roots: HashMap<String, u32>,
    text: String,
    /// How many elements were open where the text began.
    depth: usize,
    /// Short values of one parent: its path, and each value with its own path.
    record: Option<(String, Vec<(String, String)>)>,
    row: Option<Vec<String>>,
    rows: Vec<String>,
}

impl Walk {
    fn open(&mut self, element: &BytesStart<'_>, about: &mut ExtractSummary) {
        let name = local(element.name().as_ref()).to_owned();
        if self.open.is_empty() {
            about.language = attribute(element, "lang").filter(|code| !code.is_empty());
        }
        // Text of an element that holds paragraphs below it, other than words within a sentence.
        if self.has_text()
            && (PROSE.contains(&name.as_str())
                || LISTINGS.contains(&name.as_str())
                || PARTS.contains(&name.as_str()))
        {
            self.flush();
        }
        if ROWS.contains(&name.as_str()) {
            self.flush();
            self.row = Some(Vec::new());
        }
        if CELLS.contains(&name.as_str()) && self.row.is_some() {
            self.flush();
            self.row.get_or_insert_default().push(String::new());
        }
        let children = self
            .open
            .last_mut()
            .map_or(&mut self.roots, |parent| &mut parent.children);
        let count = children.entry(name.clone()).or_insert(0);
        *count += 1;
        let step = if *count > 1 {
            format!("{name}[{count}]")
        } else {
            name.clone()
        };
        self.open.push(Element {
            name,
            step,
            children: HashMap::new(),
        });
    }

    fn close(&mut self) {
        if self.has_text() && self.depth >= self.open.len() {
            self.flush();
        }
        let Some(closed) = self.open.pop() else { return };
        let name = closed.name.as_str();
        if ROWS.contains(&name)
            && let Some(cells) = self.row.take().filter(|cells| !cells.is_empty())
        {
            self.rows.push(cells.join(" | "));
        }
        if TABLES.contains(&name) && !self.rows.is_empty() {
            self.end_record();
            let rows = std::mem::take(&mut self.rows).join("\n");
            let path = self.path_of(&closed.step);
            self.pieces
                .push(Piece::new(BlockKind::Table { header_rows: 1 }, rows).at(path));
        }
    }

    fn text(&mut self, text: &str) {
        if !self.has_text() {
            self.text.clear();
            // Words marked up at a paragraph's start do not end it.
            let holds = |element: &Element| {
                let name = element.name.as_str();
                PROSE.contains(&name) || TITLES.contains(&name) || CELLS.contains(&name)
            };
            let prose = self.open.iter().rposition(holds);
            self.depth = prose.map_or(self.open.len(), |at| at + 1);
        }
        self.text.push_str(text);
    }

    fn has_text(&self) -> bool {
        !self.text.trim_start().is_empty()
    }

    fn within(&self, names: &[&str]) -> bool {
        self.open
            .iter()
            .any(|element| names.contains(&element.name.as_str()))
    }

    fn path(&self) -> String {
        let from = self.open.len().saturating_sub(MAX_PATH);
        let steps: Vec<&str> = self.open[from..]
            .iter()
            .map(|element| element.step.as_str())
            .collect();
        steps.join("/")
    }

    fn path_of(&self, last: &str) -> String {
        let path = self.path();
        if path.is_empty() {
            last.to_owned()
        } else {
            format!("{path}/{last}")
        }
    }

    /// Makes a piece of the text since the element that began it.
    fn flush(&mut self) {
        let raw = std::mem::take(&mut self.text);
        if raw.trim().is_empty() {
            return;
        }
        if let Some(cells) = &mut self.row {
            match cells.last_mut() {
                Some(cell) if !cell.is_empty() => *cell = format!("{cell} {}", collapse(&raw)),
                Some(cell) => *cell = collapse(&raw),
                None => cells.push(collapse(&raw)),
            }
            return;
        }
        let name = self.open.last().map_or("", |element| element.name.as_str());
        let kind = self.kind(name);
        if kind == BlockKind::Code {
            let path = self.path();
            self.end_record();
            self.pieces
                .push(Piece::new(kind, raw.trim_matches(['\n', '\r'])).at(path));
            return;
        }
        let (text, path) = (collapse(&raw), self.path());
        // Feeds and maps pack HTML into a text.
        if text.contains("</") || text.contains("<br") || text.contains("<p>") {
            self.end_record();
            for mut piece in crate::html::pieces(&raw) {
                piece.marks.retain(|mark| matches!(mark.what, What::Link(_)));
                self.pieces.push(piece.at(path.clone()));
            }
            return;
        }
        let value = kind == BlockKind::Paragraph && !PROSE.contains(&name) && text.len() <= SHORT;
        if value {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            match &mut self.record {
                Some((open, values)) if *open == parent => values.push((text, path)),
                _ => {
                    self.end_record();
                    self.record = Some((parent, vec![(text, path)]));
                }
            }
            return;
        }
        self.end_record();
        self.pieces.push(Piece::new(kind, text).at(path));
    }

    fn kind(&self, name: &str) -> BlockKind {
        if TITLES.contains(&name) {
            let parts = self
                .open
                .iter()
                .filter(|element| PARTS.contains(&element.name.as_str()));
            let level = u8::try_from(parts.count()).unwrap_or(6).clamp(1, 6);
            return BlockKind::Heading { level };
        }
        match () {
            () if self.within(LISTINGS) => BlockKind::Code,
            () if self.within(CAPTIONS) => BlockKind::Caption,
            () if self.within(&["footnote", "fn"]) => BlockKind::Footnote,
            () if self.within(ITEMS)
                && (PROSE.contains(&name) || ITEMS.contains(&name))
                && self.within(&["list", "itemizedlist", "orderedlist", "ul", "ol", "procedure"]) =>
            {
                BlockKind::ListItem
            }
            () => BlockKind::Paragraph,
        }
    }

    /// Makes one paragraph of the values of one parent, a line each.
    fn end_record(&mut self) {
        let Some((_, values)) = self.record.take() else {
            return;
        };
        let (mut text, mut marks) = (String::new(), Vec::new());
        for (value, path) in values {
            if !text.is_empty() {
                text.push('\n');
            }
            let start = text.len();
            text.push_str(&value);
            marks.push(Mark {
                bytes: start..text.len(),
                what: What::Place(path),
            });
        }
        self.pieces.push(Piece {
            marks,
            ..Piece::new(BlockKind::Paragraph, text)
        });
    }

    fn finish(&mut self) {
        self.flush();
        self.end_record();
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows).join("\n");
            self.pieces
                .push(Piece::new(BlockKind::Table { header_rows: 0 }, rows));
        }
    }
}

#[cfg(test)]
mod tests;
