//! The structure of a page: its elements in order as headings, paragraphs, items, tables and code.

use std::collections::HashMap;
use std::rc::Rc;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use footnote_core::types::BlockKind;
use scraper::ElementRef;
use scraper::node::{Element, Node};

use super::elements::{heading, is_block, is_hidden, script};
use super::table;
use crate::page::{Mark, Piece, What, collapse};
use crate::script::{Script, rewrite};

/// A path names no more elements than this.
const MAX_PATH: usize = 10;
/// Where links lead, at most.
const MAX_TARGET: usize = 2_000;
/// A picture's text longer than this is no short description.
const MAX_ALT: usize = 200;
/// Stands for a line break until white space is collapsed.
const BREAK: char = '\u{2028}';

/// A piece with what tells content from its frame.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub piece: Piece,
    /// The element it stands in.
    pub owner: NodeId,
    /// How many bytes of it are links.
    pub linked: usize,
}

/// An element that is open.
struct Level {
    node: NodeId,
    block: bool,
    step: String,
    children: HashMap<Box<str>, u32>,
    link: Option<Rc<str>>,
    script: Script,
}

struct Run {
    text: String,
    link: Option<Rc<str>>,
    script: Script,
}

#[derive(Default)]
pub(super) struct Reader {
    found: Vec<Found>,
    stack: Vec<Level>,
    /// The inline text of the block being read; white space still as in the source.
    inline: Vec<Run>,
    /// The element that the block stands in, and its path; none while the block is blank.
    owner: Option<(NodeId, String)>,
    kind: Option<BlockKind>,
    /// Open lists: the next number of an ordered one.
    lists: Vec<Option<u32>>,
    marker: String,
}

impl Reader {
    /// The structure below `root`. Walks without recursion: pages nest deep.
    pub(super) fn walk(mut self, root: ElementRef<'_>) -> Vec<Found> {
        let mut skipped = None;
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) if skipped.is_none() => match node.value() {
                    Node::Text(text) => self.text(text),
                    Node::Element(element) => {
                        let table = ElementRef::wrap(node).filter(|_| element.name() == "table");
                        if is_hidden(element) {
                            skipped = Some(node.id());
                        } else if let Some((rows, linked)) = table.and_then(table::rows) {
                            self.flush();
                            self.enter(node.id(), element);
                            let path = self.path();
                            self.stack.pop();
                            let share = linked / rows.len().max(1);
                            self.found.extend(rows.into_iter().map(|piece| Found {
                                piece: piece.at(path.clone()),
                                owner: node.id(),
                                linked: share,
                            }));
                            skipped = Some(node.id());
                        } else {
                            self.open(node.id(), element);
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if skipped == Some(node.id()) {
                        skipped = None;
                    } else if skipped.is_none()
                        && let Node::Element(element) = node.value()
                    {
                        self.close(element.name());
                    }
                }
                Edge::Open(_) => {}
            }
        }
        self.flush();
        self.found
    }

    fn enter(&mut self, node: NodeId, element: &Element) {
        let name = element.name();
        let link = if name == "a" {
            element.attr("href").and_then(target).map(Rc::from)
        } else {
            self.stack.last().and_then(|level| level.link.clone())
        };
        let step = match (element.attr("id"), self.stack.last_mut()) {
            (Some(id), _) if !id.trim().is_empty() && id.len() < 60 => format!("#{}", id.trim()),
            (_, Some(parent)) => {
                let count = parent.children.entry(name.into()).or_insert(0);
                *count += 1;
                if *count > 1 {
                    format!("{name}[{count}]")
                } else {
                    name.to_owned()
                }
            }
            _ => name.to_owned(),
        };
        self.stack.push(Level {
            node,
            block: is_block(name)
                || heading(name).is_some()
                || matches!(name, "li" | "pre" | "table" | "ul" | "ol"),
            step,
            children: HashMap::new(),
            link,
            script: script(name).unwrap_or_else(|| self.script()),
        });
    }

    /// The way to the innermost block that is open: from the nearest element with an id, if any.
    fn path(&self) -> String {
        let end = self
            .stack
            .iter()
            .rposition(|level| level.block)
            .map_or(self.stack.len(), |at| at + 1);
        let steps = &self.stack[..end];
        let named = steps.iter().rposition(|level| level.step.starts_with('#'));
        let body = steps.iter().position(|level| level.step == "body");
        let from = named.or(body).unwrap_or(0).max(end.saturating_sub(MAX_PATH));
        let steps: Vec<&str> = steps[from..].iter().map(|level| level.step.as_str()).collect();
        steps.join("/")
    }

    fn text(&mut self, text: &str) {
        if self.owner.is_none() && !text.trim().is_empty() {
            let block = self.stack.iter().rfind(|level| level.block).or(self.stack.last());
            self.owner = block.map(|level| (level.node, self.path()));
        }
        let link = self.stack.last().and_then(|level| level.link.clone());
        let script = self.script();
        match self.inline.last_mut() {
            Some(run) if run.link == link && run.script == script => run.text.push_str(text),
            _ => self.inline.push(Run {
                text: text.to_owned(),
                link,
                script,
            }),
        }
    }

    /// Where the text being read stands on its line.
    fn script(&self) -> Script {
        self.stack.last().map_or(Script::Line, |level| level.script)
    }

    fn line_break(&mut self) {
        self.inline.push(Run {
            text: BREAK.to_string(),
            link: None,
            script: Script::Line,
        });
    }

    fn open(&mut self, node: NodeId, element: &Element) {
        let name = element.name();
        // What was read so far stands outside the element.
        match name {
            "br" | "td" | "th" => self.line_break(),
            "ul" | "menu" => {
                self.flush();
                self.lists.push(None);
            }
            "ol" => {
                self.flush();
                let start = element.attr("start").and_then(|s| s.parse().ok());
                self.lists.push(Some(start.unwrap_or(1)));
            }
            "li" => {
                self.flush();
                self.kind = Some(BlockKind::ListItem);
                self.marker = match self.lists.last_mut() {
                    Some(Some(next)) => {
                        let marker = format!("{next}. ");
                        *next = next.saturating_add(1);
                        marker
                    }
                    _ => "- ".into(),
                };
            }
            "dt" | "dd" => {
                self.flush();
                self.kind = Some(BlockKind::ListItem);
            }
            "figcaption" | "caption" => {
                self.flush();
                self.kind = Some(BlockKind::Caption);
            }
            "pre" | "textarea" | "listing" => {
                self.flush();
                self.kind = Some(BlockKind::Code);
            }
            "img" => self.picture(node, element),
            _ => {
                if let Some(level) = heading(name) {
                    self.flush();
                    self.kind = Some(BlockKind::Heading { level });
                } else if is_block(name) && !self.marker_waits() {
                    let inside = self
                        .kind
                        .filter(|kind| *kind == BlockKind::ListItem || *kind == BlockKind::Caption);
                    let waits = self.owner.is_none();
                    self.flush();
                    // `<dd><p>`: the paragraph is the definition.
                    self.kind = inside.filter(|_| waits);
                }
            }
        }
        self.enter(node, element);
    }

    fn close(&mut self, name: &str) {
        if matches!(name, "ul" | "ol" | "menu") {
            self.flush();
            self.lists.pop();
        } else if is_block(name) || heading(name).is_some() || matches!(name, "li" | "pre" | "textarea") {
            self.flush();
        }
        self.stack.pop();
    }

    /// What a picture between blocks shows, if its author said so in words.
    fn picture(&mut self, node: NodeId, element: &Element) {
        let alt = element.attr("alt").map(collapse).unwrap_or_default();
        let small = ["width", "height"].iter().any(|side| {
            let size = element.attr(side).and_then(|size| size.parse::<u32>().ok());
            size.is_some_and(|size| size <= 48)
        });
        let in_words = alt.contains(' ') && alt.len() <= MAX_ALT;
        let in_link = self.stack.last().is_some_and(|level| level.link.is_some());
        if in_words && !small && !in_link && self.owner.is_none() && self.kind.is_none() {
            let path = self.path();
            self.found.push(Found {
                piece: Piece::new(BlockKind::Caption, alt).at(path),
                owner: self.stack.last().map_or(node, |level| level.node),
                linked: 0,
            });
        }
    }

    /// `<li><p>`: the paragraph is the item.
    fn marker_waits(&self) -> bool {
        !self.marker.is_empty() && self.owner.is_none()
    }

    fn flush(&mut self) {
        let runs = std::mem::take(&mut self.inline);
        let kind = self.kind.take().unwrap_or(BlockKind::Paragraph);
        let marker = std::mem::take(&mut self.marker);
        let Some((owner, path)) = self.owner.take() else {
            return;
        };
        let from = marker.len();
        let (text, links) = joined(marker, &runs, kind == BlockKind::Code);
        let end = text.len();
        if text[from..].trim().is_empty() {
            return;
        }
        let linked = links.iter().map(|mark| mark.bytes.len()).sum();
        let place = Mark {
            bytes: 0..end,
            what: What::Place(path),
        };
        let mut piece = Piece::new(kind, text);
        piece.marks.push(place);
        piece.marks.extend(links);
        self.found.push(Found { piece, owner, linked });
    }
}

/// The runs after `start` as they show, with the places of links.
fn joined(start: String, runs: &[Run], as_is: bool) -> (String, Vec<Mark>) {
    let (mut out, mut links) = (start, Vec::<Mark>::new());
    let from = out.len();
    let (mut blank, mut line) = (false, false);
    for run in runs {
        let mut began = None;
        for c in run.text.chars() {
            if as_is {
                began.get_or_insert(out.len());
                out.push(if c == BREAK { '\n' } else { c });
                continue;
            }
            if c == BREAK {
                line = true;
            } else if c.is_whitespace() && c != '\u{a0}' {
                blank = true;
            } else {
                if out.len() > from && (line || blank) {
                    out.push(if line { '\n' } else { ' ' });
                }
                (line, blank) = (false, false);
                began.get_or_insert(out.len());
                out.push(c);
            }
        }
        if let Some(began) = began {
            rewrite(&mut out, began, run.script);
        }
        if let (Some(began), Some(target)) = (began, &run.link)
            && began < out.len()
        {
            links.push(Mark {
                bytes: began..out.len(),
                what: What::Link(target.to_string()),
            });
        }
    }
    (out, links)
}

/// Where a link leads; none for those that only move or run something.
fn target(href: &str) -> Option<&str> {
    let href = href.trim();
    let scheme = href.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let idle =
        href.is_empty() || href.starts_with('#') || matches!(scheme.as_str(), "javascript" | "data" | "blob");
    (!idle && href.len() <= MAX_TARGET).then_some(href)
}
