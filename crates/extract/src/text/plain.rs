//! Pages of plain text: form feeds part pages, blank lines part paragraphs. What was read is sent as
//! soon as a page is full, so a text may be longer than memory.

use std::io::Read;
use std::ops::{ControlFlow, Range};

use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{BlockKind, PageUnit};
use footnote_core::{Error, Result};

use super::stream::Decoded;
use crate::page::{Mark, PageBuilder, SECTION_CHARS, Sink, What};

/// Lines that share one place.
const LINES_PER_PLACE: usize = 20;
/// A longer paragraph is cut.
const LONG: usize = 2 * SECTION_CHARS;

/// Reads plain text. Returns the number of pages.
///
/// # Errors
/// The reader's.
pub(crate) fn read(from: impl Read, sink: &mut Sink<'_>) -> Result<u32> {
    let mut decoded = Decoded::new(from);
    let mut flow: Option<Flow<'_, '_>> = None;
    let mut sink = Some(sink);
    while let Some(text) = decoded.block().map_err(Error::from)? {
        if let Some(sink) = sink.take() {
            // A text of pages shows it early.
            flow = Some(Flow::new(text.trim().contains('\u{c}'), sink));
        }
        if let Some(flow) = &mut flow
            && flow.feed(text).is_break()
        {
            return Ok(flow.sent);
        }
    }
    Ok(flow.map_or(0, Flow::finish))
}

/// Text on its way to pages.
pub(super) struct Flow<'a, 'b> {
    sink: &'a mut Sink<'b>,
    sent: u32,
    builder: PageBuilder,
    /// Whether the document has pages of its own.
    paged: bool,
    /// Whether a form feed stood before what is held.
    page_break: bool,
    /// The paragraph as far as it was read, and the line after it.
    held: String,
    /// Whether a part of the paragraph is on a page already.
    begun: bool,
    /// Where in `held` the line that is being read begins.
    line: usize,
    /// Whether that line is blank so far.
    blank: bool,
    position: Position,
}

/// A place in the file, both from 1.
struct Position {
    line: u64,
    column: u64,
}

impl Position {
    fn advance(&mut self, text: &str) {
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        let last = text.rsplit('\n').next().unwrap_or_default().chars().count() as u64;
        self.column = if lines > 0 { 1 + last } else { self.column + last };
        self.line += lines;
    }
}

impl<'a, 'b> Flow<'a, 'b> {
    /// Pages of a text; `paged` if form feeds part it.
    pub(super) fn new(paged: bool, sink: &'a mut Sink<'b>) -> Self {
        let unit = if paged { PageUnit::Page } else { PageUnit::Section };
        Self {
            sink,
            sent: 0,
            builder: PageBuilder::of(unit),
            paged,
            page_break: false,
            held: String::new(),
            begun: false,
            line: 0,
            blank: true,
            position: Position { line: 1, column: 1 },
        }
    }

    /// Takes the next stretch of the text. Breaks when nobody wants more.
    pub(super) fn feed(&mut self, text: &str) -> ControlFlow<()> {
        for part in text.split_inclusive(['\n', '\u{c}']) {
            let body = part.trim_end_matches('\u{c}');
            self.held.push_str(body);
            self.blank &= body.trim().is_empty();
            self.shorten()?;
            if body.len() < part.len() {
                self.end_line(true)?;
                self.position.advance("\u{c}");
                self.page_break = true;
            } else if body.ends_with('\n') {
                self.end_line(false)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Ends the text. Returns the number of pages.
    pub(super) fn finish(mut self) -> u32 {
        if self.end_line(true).is_continue() && (!self.builder.is_empty() || self.sent == 0) {
            let _ = self.send();
        }
        self.sent
    }

    /// The line in hand is whole; a blank one ends the paragraph, as does `end`.
    fn end_line(&mut self, end: bool) -> ControlFlow<()> {
        let own = if self.blank { self.line } else { self.held.len() };
        if self.blank || end {
            if own > 0 {
                self.emit(own)?;
            }
            self.position.advance(&self.held);
            self.held.clear();
            self.begun = false;
        }
        (self.line, self.blank) = (self.held.len(), true);
        ControlFlow::Continue(())
    }

    /// Sends what a page holds of a paragraph that is longer (a log, a line without end).
    fn shorten(&mut self) -> ControlFlow<()> {
        loop {
            let own = if self.blank { self.line } else { self.held.len() };
            if own <= LONG {
                break;
            }
            let end = self.held.ceil_char_boundary(SECTION_CHARS);
            let head = &self.held[..end];
            let cut = head.rfind('\n').or_else(|| head.rfind(' '));
            self.emit(cut.map_or(end, |at| at + 1))?;
            self.begun = true;
        }
        if self.line == 0 && self.blank && self.held.len() > LONG {
            // Nothing but blanks.
            self.position.advance(&self.held);
            self.held.clear();
        }
        ControlFlow::Continue(())
    }

    /// Puts the first `end` bytes of the paragraph on a page.
    fn emit(&mut self, end: usize) -> ControlFlow<()> {
        if !self.begun {
            let breaks = std::mem::take(&mut self.page_break);
            let cut = breaks || (!self.paged && self.builder.len() >= SECTION_CHARS);
            if cut && (self.paged || !self.builder.is_empty()) {
                self.send()?;
            }
        }
        if self.builder.len() >= LONG {
            self.send()?;
        }
        let rest = self.held.split_off(end);
        let part = std::mem::replace(&mut self.held, rest);
        self.line = self.line.saturating_sub(end);
        let marks = marks(&part, &mut self.position);
        self.builder
            .push_marked(BlockKind::Paragraph, &part, 0..part.len(), &marks);
        ControlFlow::Continue(())
    }

    fn send(&mut self) -> ControlFlow<()> {
        self.sent += 1;
        let page = self.builder.finish(self.sent, None);
        (self.sink)(ExtractedPage::new(page, None))
    }
}

/// Line and column of a stretch that begins at `position`, and anew every few lines: logs have no
/// paragraphs. The position is its end afterwards.
fn marks(part: &str, position: &mut Position) -> Vec<Mark> {
    let (mut marks, mut start, mut count) = (Vec::new(), 0, 0);
    let mut mark = |bytes: Range<usize>, position: &mut Position| {
        let address = format!("{}:{}", position.line, position.column);
        position.advance(&part[bytes.clone()]);
        marks.push(Mark {
            bytes,
            what: What::Place(address),
        });
    };
    for (at, _) in part.match_indices('\n') {
        count += 1;
        if count % LINES_PER_PLACE == 0 && at + 1 < part.len() {
            mark(start..at + 1, position);
            start = at + 1;
        }
    }
    mark(start..part.len(), position);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::own::Lines;
    use crate::page::{Piece, send_pieces};
    use crate::text::paragraphs;
    use footnote_core::types::Page;
    use proptest::prelude::*;

    fn pages(read: impl FnOnce(&mut Sink<'_>) -> u32) -> Vec<Page> {
        let mut pages = Vec::new();
        let sent = read(&mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
            ControlFlow::Continue(())
        });
        assert_eq!(sent as usize, pages.len());
        pages
    }

    fn in_parts(text: &str, size: usize) -> Vec<Page> {
        pages(|sink| {
            let mut flow = Flow::new(text.trim().contains('\u{c}'), sink);
            let mut rest = text;
            while !rest.is_empty() {
                let (part, after) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
                assert!(flow.feed(part).is_continue());
                rest = after;
            }
            flow.finish()
        })
    }

    /// The same with all of the text at hand.
    fn at_once(text: &str) -> Vec<Page> {
        let (mut pieces, mut lines, mut start) = (Vec::new(), Lines::new(text), 0);
        for (n, page) in text.split('\u{c}').enumerate() {
            let mut page_break = n > 0;
            for paragraph in paragraphs(page) {
                let from = start + (paragraph.as_ptr() as usize - page.as_ptr() as usize);
                pieces.push(Piece {
                    page_break,
                    ..Piece::new(BlockKind::Paragraph, paragraph).at(lines.address(from))
                });
                page_break = false;
            }
            start += page.len() + 1;
        }
        pages(|sink| send_pieces(&pieces, sink).unwrap())
    }

    proptest! {
        // Fewer lines than share one place: the other side has one place a paragraph.
        #[test]
        fn parts_make_the_same_pages_as_the_whole(
            text in "([a-z ]{0,8}|é|\u{c}|\n|\n\n| ){0,36}", size in 1usize..40
        ) {
            prop_assert_eq!(in_parts(&text, size), at_once(&text));
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn long_texts_are_cut_as_the_whole_is(
            runs in prop::collection::vec(("[a-z]{3,9}[ \n]{0,3}", 1usize..5000, "\u{c}?"), 1..6),
            size in 1000usize..90_000
        ) {
            let text: String = runs.iter().map(|(run, times, end)| run.repeat(*times) + end).collect();
            let bare = |pages: Vec<Page>| -> Vec<_> {
                pages.into_iter().map(|page| (page.text, page.blocks, page.unit)).collect()
            };
            prop_assert_eq!(bare(in_parts(&text, size)), bare(at_once(&text)));
        }
    }

    #[test]
    fn an_endless_paragraph_tells_where_its_parts_stand() {
        let text: String = (1..=20_000).map(|n| format!("line {n}\n")).collect();
        let pages = in_parts(&text, 1 << 16);
        assert!(pages.len() > 2);
        for place in pages
            .iter()
            .flat_map(|page| page.places.iter().map(move |place| (page, place)))
        {
            let (page, place) = place;
            let line = place.span.of(&page.text).lines().next().unwrap();
            assert_eq!(place.address, format!("{}:1", &line[5..]));
        }
    }
}
