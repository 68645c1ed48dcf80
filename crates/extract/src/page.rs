//! Building pages: text and blocks together, so that spans are right by construction.

use std::ops::{ControlFlow, Range};

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::ExtractedPage;
use footnote_core::span::{CharIndex, CharSpan};
use footnote_core::types::{Block, BlockKind, Link, Page, PageSource, PageUnit, Place};

/// Where pages go, with an image where their text is missing or worthless. Breaking ends the reading.
pub(crate) type Sink<'a> = dyn FnMut(ExtractedPage) -> ControlFlow<()> + 'a;

/// Documents without pages are cut into sections once they are longer than this.
pub(crate) const SECTION_CHARS: usize = 20_000;

/// The warning where text that does not show was not read.
pub(crate) fn hidden_left_out() -> Warning {
    Warning::new(
        "text that is formatted as hidden was left out",
        Notice::HiddenLeftOut,
    )
}

/// How many characters `text` has, as a position.
pub(crate) fn char_count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// A structural unit on its way to a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, without blank lines around it.
    pub text: String,
    /// Whether the document starts a new page before it.
    pub page_break: bool,
    /// What is known about stretches of its text, in order.
    pub marks: Vec<Mark>,
}

/// What is known about a stretch of a piece's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The bytes of the piece's text.
    pub bytes: Range<usize>,
    /// What there is to know.
    pub what: What,
}

/// See [`Mark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Where it stands in the file's own terms ([`Place::address`]).
    Place(String),
    /// Where its hyperlink leads.
    Link(String),
}

impl Piece {
    /// A piece that stays on the page of the one before.
    pub(crate) fn new(kind: BlockKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            page_break: false,
            marks: Vec::new(),
        }
    }

    /// The same piece with all of its text standing at `address`.
    pub(crate) fn at(mut self, address: impl Into<String>) -> Self {
        self.marks.push(Mark {
            bytes: 0..self.text.len(),
            what: What::Place(address.into()),
        });
        self
    }
}

/// Collects pieces into pages. Items of a list stand on lines of their own; everything else is
/// parted by a blank line.
#[derive(Debug, Default)]
pub(crate) struct PageBuilder {
    text: String,
    chars: u32,
    unit: PageUnit,
    blocks: Vec<Block>,
    places: Vec<Place>,
    links: Vec<Link>,
}

impl PageBuilder {
    /// A builder of pages that the format calls `unit`.
    pub(crate) fn of(unit: PageUnit) -> Self {
        Self {
            unit,
            ..Self::default()
        }
    }

    /// Appends one unit; blank ones are left out.
    pub(crate) fn push(&mut self, kind: BlockKind, text: &str) {
        self.push_marked(kind, text, 0..text.len(), &[]);
    }

    /// Appends `whole[bytes]` with the marks of `whole` that lie in it; blank text is left out.
    pub(crate) fn push_marked(&mut self, kind: BlockKind, whole: &str, bytes: Range<usize>, marks: &[Mark]) {
        let part = &whole[bytes.clone()];
        let text = part.trim_start_matches(['\n', '\r']);
        let from = bytes.start + part.len() - text.len();
        let text = text.trim_end();
        if text.trim().is_empty() {
            return;
        }
        if let Some(last) = self.blocks.last() {
            let tight = last.kind == BlockKind::ListItem && kind == BlockKind::ListItem;
            let gap = if tight { "\n" } else { "\n\n" };
            self.text.push_str(gap);
            self.chars += char_count(gap);
        }
        let start = self.chars;
        self.text.push_str(text);
        self.chars += char_count(text);
        let index = (!marks.is_empty()).then(|| CharIndex::new(text));
        let mut marks: Vec<&Mark> = marks.iter().collect();
        marks.sort_by_key(|mark| mark.bytes.start);
        for mark in marks {
            let to = from + text.len();
            let clipped = mark.bytes.start.clamp(from, to) - from..mark.bytes.end.clamp(from, to) - from;
            let Some(index) = index.as_ref().filter(|_| !clipped.is_empty()) else {
                continue;
            };
            let inside = index.span(clipped);
            let span = CharSpan::new(start + inside.start, start + inside.end);
            match &mark.what {
                What::Place(address) => self.places.push(Place {
                    span,
                    address: address.clone(),
                }),
                What::Link(target) => self.links.push(Link {
                    span,
                    target: target.clone(),
                }),
            }
        }
        self.blocks.push(Block {
            kind,
            span: CharSpan::new(start, self.chars),
        });
    }

    /// Whether nothing was pushed.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether anything was pushed but what repeats from page to page.
    fn holds_text(&self) -> bool {
        self.blocks.iter().any(|block| block.kind != BlockKind::Furniture)
    }

    /// Characters so far.
    pub(crate) fn len(&self) -> usize {
        self.chars as usize
    }

    /// The page; the builder is empty afterwards.
    pub(crate) fn finish(&mut self, number: u32, label: Option<String>) -> Page {
        let built = std::mem::replace(self, Self::of(self.unit));
        let source = if built.text.is_empty() {
            PageSource::Empty
        } else {
            PageSource::Text
        };
        Page {
            label,
            unit: built.unit,
            blocks: built.blocks,
            places: built.places,
            links: built.links,
            ..Page::new(number, built.text, source)
        }
    }
}

/// Sends pieces as pages: at the document's own page breaks if it has any, else as sections at
/// top-level headings, or at the end of a paragraph, once a page is long. Returns how many.
pub(crate) fn send_pieces(pieces: &[Piece], sink: &mut Sink<'_>) -> Result<u32> {
    send_as(None, pieces, sink)
}

/// Sends pieces as [`send_pieces`] does, as pages of the unit `named` if one is.
pub(crate) fn send_as(named: Option<PageUnit>, pieces: &[Piece], sink: &mut Sink<'_>) -> Result<u32> {
    let has_breaks = pieces.iter().skip(1).any(|piece| piece.page_break);
    let total: usize = pieces.iter().map(|piece| piece.text.len()).sum();
    let top = pieces.iter().filter_map(|piece| heading_level(piece.kind)).min();
    let unit = named.unwrap_or(if has_breaks {
        PageUnit::Page
    } else {
        PageUnit::Section
    });
    let (mut builder, mut number, mut label) = (PageBuilder::of(unit), 0, None);
    let mut send = |builder: &mut PageBuilder, number: &mut u32, label: Option<String>| {
        *number += 1;
        sink(ExtractedPage::new(builder.finish(*number, label), None))
    };
    for piece in pieces {
        let at_top = top.is_some() && heading_level(piece.kind) == top;
        let cut = if has_breaks {
            piece.page_break
        } else {
            // Short chapters share a page: a page of one sentence helps nobody.
            builder.len() >= SECTION_CHARS
                || (at_top && total > SECTION_CHARS && builder.len() >= SECTION_CHARS / 10)
        };
        if cut
            && (has_breaks || !builder.is_empty())
            && send(&mut builder, &mut number, label.take()).is_break()
        {
            return Ok(number);
        }
        if !builder.holds_text() && label.is_none() && heading_level(piece.kind).is_some() && !has_breaks {
            label = Some(one_line(&piece.text));
        }
        for part in split_long(&piece.text) {
            if builder.len() >= 2 * SECTION_CHARS && send(&mut builder, &mut number, label.take()).is_break()
            {
                return Ok(number);
            }
            builder.push_marked(piece.kind, &piece.text, part, &piece.marks);
        }
    }
    if !builder.is_empty() || number == 0 {
        let _ = send(&mut builder, &mut number, label);
    }
    Ok(number)
}

/// The level of a heading.
pub(crate) fn heading_level(kind: BlockKind) -> Option<u8> {
    match kind {
        BlockKind::Heading { level } => Some(level),
        _ => None,
    }
}

/// What a sheet or slide that does not show is called, so that a citation of it says so.
pub(crate) fn hidden(label: Option<&str>) -> String {
    label.map_or_else(|| "hidden".to_owned(), |label| format!("{label} (hidden)"))
}

/// A heading as a label: one line, not too long.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(80).collect()
}

/// Collapses white space to single blanks, as a page shows running text.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() && c != '\u{a0}') {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Cuts a unit that alone would make an endless page (a log in one `pre`) after a line or a blank.
pub(crate) fn split_long(text: &str) -> Vec<Range<usize>> {
    let (mut rest, mut from, mut parts) = (text, 0, Vec::new());
    while rest.len() > 2 * SECTION_CHARS {
        let mut end = SECTION_CHARS;
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let head = &rest[..end];
        let cut = head
            .rfind('\n')
            .or_else(|| head.rfind(' '))
            .map_or(end, |at| at + 1);
        parts.push(from..from + cut);
        (rest, from) = (&rest[cut..], from + cut);
    }
    parts.push(from..text.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds() -> impl Strategy<Value = BlockKind> {
        prop_oneof![
            (1u8..4).prop_map(|level| BlockKind::Heading { level }),
            Just(BlockKind::Paragraph),
            Just(BlockKind::ListItem),
            Just(BlockKind::Code),
        ]
    }

    proptest! {
        #[test]
        fn blocks_are_ordered_inside_and_exact(
            pieces in prop::collection::vec((kinds(), "[ a-zé\u{1F600}\n]{0,60}", any::<bool>()), 0..30)
        ) {
            let pieces: Vec<Piece> = pieces
                .into_iter()
                .map(|(kind, text, page_break)| Piece { page_break, ..Piece::new(kind, text).at("here") })
                .collect();
            let mut pages = Vec::new();
            let sent = send_pieces(&pieces, &mut |extracted| {
                pages.push(extracted.page);
                ControlFlow::Continue(())
            }).unwrap();
            prop_assert_eq!(sent as usize, pages.len());
            for page in &pages {
                crate::invariants::check(page);
                let placed: u32 = page.places.iter().map(|place| place.span.len()).sum();
                let held: u32 = page.blocks.iter().map(|block| block.span.len()).sum();
                prop_assert_eq!(placed, held);
            }
            let all: String = pages.iter().flat_map(|p| p.text.chars()).filter(|c| !c.is_whitespace()).collect();
            let given: String = pieces.iter().flat_map(|p| p.text.chars()).filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(all, given);
        }
    }

    #[test]
    fn long_documents_become_sections_named_by_their_headings() {
        let mut pieces = Vec::new();
        for chapter in 0..4 {
            pieces.push(Piece::new(
                BlockKind::Heading { level: 1 },
                format!("Chapter {chapter}"),
            ));
            pieces.push(Piece::new(BlockKind::Paragraph, "word ".repeat(2000)));
        }
        let mut labels = Vec::new();
        let sent = send_pieces(&pieces, &mut |extracted| {
            labels.push(extracted.page.label);
            ControlFlow::Continue(())
        });
        assert_eq!(sent.unwrap(), 4);
        assert_eq!(labels[2].as_deref(), Some("Chapter 2"));
    }
}
