//! Formats whose pages show the file's own text: every position on a page is a place in the file,
//! and their readers only tell where the blocks are.

use std::ops::Range;

use footnote_core::ocr::ExtractedPage;
use footnote_core::span::{CharIndex, CharSpan};
use footnote_core::types::{Block, BlockKind, Page, PageSource, PageUnit, Place};

use crate::page::{Sink, heading_level, one_line};

/// Files longer than this are cut into sections.
const SECTION_BYTES: usize = 20_000;
/// A block longer than this is cut after a line.
const LONG_BLOCK: usize = 2 * SECTION_BYTES;

/// A block and the bytes of the file that it is.
pub(crate) type OwnBlock = (BlockKind, Range<usize>);

/// A file's text with its blocks, in order and without overlaps.
pub(crate) struct OwnText<'a> {
    /// The file's text.
    pub text: &'a str,
    /// Its blocks.
    pub blocks: Vec<OwnBlock>,
    /// What a heading's source says.
    pub title: fn(&str) -> String,
}

impl OwnText<'_> {
    /// Its first heading.
    pub(crate) fn first_heading(&self) -> Option<String> {
        self.heading_in(&self.blocks).filter(|title| !title.is_empty())
    }

    fn heading_in(&self, blocks: &[OwnBlock]) -> Option<String> {
        let found = blocks.iter().find(|(kind, _)| heading_level(*kind).is_some());
        found.map(|(_, range)| (self.title)(&self.text[range.clone()]))
    }

    /// Sends the text, whole or cut at top-level headings. Returns the number of pages.
    pub(crate) fn send(&self, sink: &mut Sink<'_>) -> u32 {
        let (mut number, mut lines) = (0, Lines::new(self.text));
        let sections = self.sections();
        let total = u32::try_from(sections.len()).ok();
        for section in sections {
            number += 1;
            let page = self.page(&section, number, &mut lines);
            if sink(ExtractedPage::new(page, total)).is_break() {
                break;
            }
        }
        number
    }

    /// Cuts at top-level headings, or at any block once a section is long.
    fn sections(&self) -> Vec<Section> {
        let (text, blocks) = (self.text, &self.blocks);
        let top = blocks.iter().filter_map(|(kind, _)| heading_level(*kind)).min();
        let (mut sections, mut byte, mut first) = (Vec::new(), 0, 0);
        if text.len() > SECTION_BYTES {
            for (n, (kind, range)) in blocks.iter().enumerate() {
                let long = range.start - byte;
                let at_top = top.is_some() && heading_level(*kind) == top;
                if n > first && (long >= SECTION_BYTES || (at_top && long >= SECTION_BYTES / 10)) {
                    sections.push(Section {
                        bytes: byte..range.start,
                        blocks: first..n,
                    });
                    (byte, first) = (range.start, n);
                }
            }
        }
        sections.push(Section {
            bytes: byte..text.len(),
            blocks: first..blocks.len(),
        });
        sections
    }

    fn page(&self, section: &Section, number: u32, lines: &mut Lines<'_>) -> Page {
        let slice = &self.text[section.bytes.clone()];
        let index = CharIndex::new(slice);
        let own = &self.blocks[section.blocks.clone()];
        let spans: Vec<CharSpan> = own
            .iter()
            .map(|(_, range)| index.span(range.start - section.bytes.start..range.end - section.bytes.start))
            .collect();
        let source = if own.is_empty() {
            PageSource::Empty
        } else {
            PageSource::Text
        };
        Page {
            label: self.heading_in(own).map(|title| one_line(&title)),
            blocks: own
                .iter()
                .zip(&spans)
                .map(|((kind, _), span)| Block {
                    kind: *kind,
                    span: *span,
                })
                .collect(),
            places: own
                .iter()
                .zip(&spans)
                .map(|((_, range), span)| Place {
                    span: *span,
                    address: lines.address(range.start),
                })
                .collect(),
            unit: PageUnit::Section,
            ..Page::new(number, slice, source)
        }
    }
}

struct Section {
    bytes: Range<usize>,
    blocks: Range<usize>,
}

/// Tells lines and columns of places that are asked for in order.
pub(crate) struct Lines<'a> {
    text: &'a str,
    line: usize,
    start: usize,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            line: 1,
            start: 0,
            at: 0,
        }
    }

    /// The line and column (in characters), both from 1, of a byte at or after the one before.
    pub(crate) fn address(&mut self, byte: usize) -> String {
        for (n, _) in self.text[self.at..byte].match_indices('\n') {
            self.line += 1;
            self.start = self.at + n + 1;
        }
        self.at = byte;
        let column = self.text[self.start..byte].chars().count() + 1;
        format!("{}:{column}", self.line)
    }
}

/// The bytes of every line, its line end included.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some(start..*at)
    })
}

/// Ends each block where the next begins, trims blank ends, makes blocks of kind `rest` of what no
/// block holds, and cuts endless ones after a line. `found` is ordered by where blocks begin.
pub(crate) fn flatten(text: &str, found: &[OwnBlock], rest: BlockKind) -> Vec<OwnBlock> {
    let (mut out, mut at) = (Vec::new(), 0);
    let mut push = |kind, range: Range<usize>| {
        let slice = &text[range.clone()];
        let blank = &slice[..slice.len() - slice.trim_start().len()];
        let lead = match kind {
            // The first line keeps its indentation.
            BlockKind::Code => blank.rfind('\n').map_or(0, |at| at + 1),
            _ => blank.len(),
        };
        let start = range.start + lead;
        let end = (range.start + slice.trim_end().len()).max(start);
        if text[start..end].trim().is_empty() {
            return;
        }
        let mut from = start;
        while end.saturating_sub(from) > LONG_BLOCK {
            let mut limit = from + SECTION_BYTES;
            while !text.is_char_boundary(limit) {
                limit += 1;
            }
            let part = &text[from..limit];
            let cut = part
                .rfind('\n')
                .or_else(|| part.rfind(' '))
                .map_or(limit, |n| from + n + 1);
            let held = text[from..cut].trim_end().len();
            if held > 0 {
                out.push((kind, from..from + held));
            }
            from = cut + (text[cut..end].len() - text[cut..end].trim_start().len());
        }
        if from < end {
            out.push((kind, from..end));
        }
    };
    for (n, (kind, range)) in found.iter().enumerate() {
        if range.start > at {
            push(rest, at..range.start);
        }
        let next = found.get(n + 1).map_or(text.len(), |(_, next)| next.start);
        let start = range.start.max(at);
        let end = range.end.min(next).max(start);
        push(*kind, start..end);
        at = end;
    }
    if at < text.len() {
        push(rest, at..text.len());
    }
    out
}
