//! HTML: the main content with its structure; scripts, menus and hidden parts are left out.

use ego_tree::iter::Edge;
use encoding_rs::Encoding;
use footnote_core::Result;
use footnote_core::types::{BlockKind, ExtractSummary};
use scraper::node::{Element, Node};
use scraper::{ElementRef, Html, Selector};

use crate::page::{Piece, Sink, collapse, send_pieces};

/// Reads HTML. Returns the title and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let source = crate::text::decode(bytes, declared_encoding(bytes));
    let document = Html::parse_document(&source);
    drop(source);
    about.title = first(&document, "title")
        .map(|node| collapse(&node.text().collect::<String>()))
        .filter(|title| !title.is_empty());
    let mut reader = Reader::default();
    let whole = reader.walk(document.root_element());
    // The main element is the page without its frame, unless it is only a part of what is there.
    let main = ["main", "[role=main]", "article"]
        .iter()
        .find_map(|name| only(&document, name));
    let pieces = match main.map(|node| Reader::default().walk(node)) {
        Some(main) if length(&main) * 5 >= length(&whole) * 2 => main,
        _ => whole,
    };
    send_pieces(&pieces, sink)
}

/// The pieces of a page inside another document.
pub(crate) fn pieces(source: &str) -> Vec<Piece> {
    let document = Html::parse_document(source);
    Reader::default().walk(document.root_element())
}

fn length(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.text.len()).sum()
}

fn first<'a>(document: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    document.select(&Selector::parse(selector).ok()?).next()
}

/// The one element that matches; several articles are a list of teasers, not the content.
fn only<'a>(document: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?;
    let mut found = document.select(&selector);
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

/// The encoding that a `meta` element or an XML declaration names.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    ["charset=", "encoding="].iter().find_map(|key| {
        let rest = &head[head.find(key)? + key.len()..];
        let name: String = rest
            .trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c))
            .collect();
        Encoding::for_label(name.as_bytes())
    })
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    /// Raw inline text of the block being read; white space still as in the source.
    inline: String,
    kind: Option<BlockKind>,
    /// Open lists: the next number of an ordered one.
    lists: Vec<Option<u32>>,
    marker: String,
}

impl Reader {
    /// The structure below `root`. Walks without recursion: pages nest thousands deep.
    fn walk(&mut self, root: ElementRef<'_>) -> Vec<Piece> {
        let mut skipped = None;
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) if skipped.is_none() => match node.value() {
                    Node::Text(text) => self.inline.push_str(text),
                    Node::Element(element) => {
                        let table = ElementRef::wrap(node).filter(|_| element.name() == "table");
                        if is_hidden(element) {
                            skipped = Some(node.id());
                        } else if let Some(rows) = table.and_then(table_rows) {
                            self.flush();
                            self.pieces.extend(rows);
                            skipped = Some(node.id());
                        } else {
                            self.open(element);
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
        std::mem::take(&mut self.pieces)
    }

    fn open(&mut self, element: &Element) {
        let name = element.name();
        match name {
            "br" => self.inline.push('\u{2028}'),
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
            "pre" | "textarea" | "listing" => {
                self.flush();
                self.kind = Some(BlockKind::Code);
            }
            "td" | "th" => self.inline.push('\u{2028}'),
            _ => {
                if let Some(level) = heading(name) {
                    self.flush();
                    self.kind = Some(BlockKind::Heading { level });
                } else if is_block(name) && !self.marker_waits() {
                    self.flush();
                }
            }
        }
    }

    fn close(&mut self, name: &str) {
        if matches!(name, "ul" | "ol" | "menu") {
            self.flush();
            self.lists.pop();
        } else if is_block(name) || heading(name).is_some() || matches!(name, "li" | "pre" | "textarea") {
            self.flush();
        }
    }

    /// `<li><p>`: the paragraph is the item.
    fn marker_waits(&self) -> bool {
        !self.marker.is_empty() && self.inline.trim().is_empty()
    }

    fn flush(&mut self) {
        let raw = std::mem::take(&mut self.inline);
        let kind = self.kind.take().unwrap_or(BlockKind::Paragraph);
        let text = if kind == BlockKind::Code {
            raw.replace('\u{2028}', "\n")
        } else {
            let lines = raw
                .split('\u{2028}')
                .map(collapse)
                .filter(|line| !line.is_empty());
            lines.collect::<Vec<_>>().join("\n")
        };
        let marker = std::mem::take(&mut self.marker);
        if !text.trim().is_empty() {
            self.pieces.push(Piece::new(kind, marker + &text));
        }
    }
}

/// The rows of a table of data; none for one that only lays out a page.
fn table_rows(table: ElementRef<'_>) -> Option<Vec<Piece>> {
    let layout = Selector::parse("table, h1, h2, h3, h4, ul, ol, pre, p + p, form").ok()?;
    if table.select(&layout).next().is_some() {
        return None;
    }
    let (row, cell) = (Selector::parse("tr").ok()?, Selector::parse("td, th").ok()?);
    let (mut pieces, mut rows) = (Vec::new(), Vec::new());
    let (mut columns, mut header_rows) = (0, 0);
    if let Some(caption) = Selector::parse("caption")
        .ok()
        .and_then(|s| table.select(&s).next())
    {
        pieces.push(Piece::new(BlockKind::Caption, visible_text(caption)));
    }
    for row in table.select(&row) {
        let cells: Vec<String> = row.select(&cell).map(visible_text).collect();
        columns = columns.max(cells.len());
        if cells.iter().any(|cell| !cell.is_empty()) {
            let names = row.select(&cell).all(|cell| cell.value().name() == "th");
            let in_head = row
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(|p| p.value().name() == "thead");
            if (names || in_head) && usize::from(header_rows) == rows.len() {
                header_rows += 1;
            }
            rows.push(cells.join(" | "));
        }
    }
    pieces.push(Piece::new(BlockKind::Table { header_rows }, rows.join("\n")));
    (columns > 1 && !rows.is_empty()).then_some(pieces)
}

fn visible_text(node: ElementRef<'_>) -> String {
    let mut text = String::new();
    let mut skipped = None;
    for edge in node.traverse() {
        match edge {
            Edge::Open(node) if skipped.is_none() => match node.value() {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) if is_hidden(element) => skipped = Some(node.id()),
                Node::Element(element) if element.name() == "br" || is_block(element.name()) => {
                    text.push(' ')
                }
                _ => {}
            },
            Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
            _ => {}
        }
    }
    collapse(&text)
}

fn is_hidden(element: &Element) -> bool {
    const SKIPPED: &[&str] = &[
        "script",
        "style",
        "nav",
        "template",
        "noscript",
        "svg",
        "iframe",
        "object",
        "head",
        "select",
        "datalist",
        "canvas",
        "audio",
        "video",
        "math-annotation",
    ];
    SKIPPED.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("role").is_some_and(|role| role == "navigation")
        || element.attr("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

fn heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn is_block(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "legend",
        "main",
        "option",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ];
    BLOCKS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn page(html: &str) -> (Option<String>, footnote_core::types::Page) {
        let mut pages = Vec::new();
        let mut about = ExtractSummary::default();
        read(html.as_bytes(), &mut about, &mut |page, _| {
            crate::invariants::check(&page);
            pages.push(page);
            ControlFlow::Continue(())
        })
        .unwrap();
        (about.title, pages.remove(0))
    }

    #[test]
    fn structure_is_kept_and_the_frame_left_out() {
        let (title, page) = page(
            "<html><head><title>Minutes</title><style>p{}</style></head><body><nav>Menu</nav>\
             <h2>Dredging</h2><p>The  basin <b>is</b>\n shallow.</p><ul><li><p>first</p></li><li>second</li></ul>\
             <ol start=3><li>third</ol><table><tr><th>Berth</th><th>Depth</th></tr><tr><td>A</td><td>4 m</td></tr></table>\
             <pre>a\n  b</pre><script>x()</script><template>t</template><p hidden>no</p>line<br>break</body></html>",
        );
        assert_eq!(title.as_deref(), Some("Minutes"));
        assert_eq!(
            page.text,
            "Dredging\n\nThe basin is shallow.\n\n- first\n- second\n3. third\n\nBerth | Depth\nA | 4 m\n\na\n  b\n\nline\nbreak"
        );
        assert_eq!(page.blocks[0].kind, BlockKind::Heading { level: 2 });
        assert_eq!(page.blocks[2].kind, BlockKind::ListItem);
        assert_eq!(page.blocks[5].kind, BlockKind::Table { header_rows: 1 });
        assert_eq!(page.blocks[6].kind, BlockKind::Code);
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let html = format!("{}deep{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
        assert_eq!(page(&html).1.text, "deep");
    }

    #[test]
    fn declared_encodings_are_used() {
        let bytes = b"<meta charset=\"iso-8859-2\"><p>\xb3\xf3d\xbc</p>";
        assert_eq!(declared_encoding(bytes).map(Encoding::name), Some("ISO-8859-2"));
    }
}
