//! Documents whose pages are their own, such as slides: one page each, cut only where one is endless.

use std::ops::ControlFlow;

use footnote_core::ocr::ExtractedPage;
use footnote_core::types::PageUnit;

use crate::page::{PageBuilder, Piece, SECTION_CHARS, Sink, split_long};

/// Sends pages of pieces.
pub(crate) struct Pager<'a, 'b> {
    sink: &'a mut Sink<'b>,
    builder: PageBuilder,
    sent: u32,
}

impl<'a, 'b> Pager<'a, 'b> {
    /// A sender of pages that the format calls `unit`.
    pub(crate) fn new(unit: PageUnit, sink: &'a mut Sink<'b>) -> Self {
        Self {
            sink,
            builder: PageBuilder::of(unit),
            sent: 0,
        }
    }

    /// Sends one page, empty or not. Breaks when nobody wants more.
    pub(crate) fn page(&mut self, label: Option<&str>, pieces: &[Piece]) -> ControlFlow<()> {
        for piece in pieces {
            for part in split_long(&piece.text) {
                if self.builder.len() >= 2 * SECTION_CHARS {
                    self.send(label)?;
                }
                self.builder
                    .push_marked(piece.kind, &piece.text, part, &piece.marks);
            }
        }
        self.send(label)
    }

    /// Pages sent so far.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    fn send(&mut self, label: Option<&str>) -> ControlFlow<()> {
        self.sent += 1;
        let page = self.builder.finish(self.sent, label.map(str::to_owned));
        (self.sink)(ExtractedPage::new(page, None))
    }
}
