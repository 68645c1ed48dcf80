//! Markdown: the page shows the file's own text, so every position is a place in the file; the
//! parser only tells where the blocks are.

use std::ops::Range;

use footnote_core::Result;
use footnote_core::span::CharIndex;
use footnote_core::types::{Block, BlockKind, ExtractSummary, Page, PageSource, PageUnit};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::page::{Sink, heading_level, one_line};

/// Files longer than this are cut into sections.
const SECTION_BYTES: usize = 20_000;

/// Reads Markdown. Returns the title (its first heading) and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let text = crate::text::decode(bytes, None);
    let blocks = blocks(&text);
    about.title = blocks
        .iter()
        .find(|(kind, _)| heading_level(*kind).is_some())
        .map(|(_, range)| heading_text(&text[range.clone()]))
        .filter(|title| !title.is_empty());
    let mut number = 0;
    let sections = sections(&text, &blocks);
    let total = u32::try_from(sections.len()).ok();
    for section in sections {
        number += 1;
        let page = page_of(
            &text,
            &blocks[section.blocks.clone()],
            section.bytes.clone(),
            number,
        );
        if sink(page, total).is_break() {
            break;
        }
    }
    Ok(number)
}

struct Section {
    bytes: Range<usize>,
    blocks: Range<usize>,
}

/// Cuts at top-level headings, or at any block once a section is long.
fn sections(text: &str, blocks: &[(BlockKind, Range<usize>)]) -> Vec<Section> {
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

fn page_of(text: &str, blocks: &[(BlockKind, Range<usize>)], bytes: Range<usize>, number: u32) -> Page {
    let slice = &text[bytes.clone()];
    let index = CharIndex::new(slice);
    let label = blocks
        .iter()
        .find(|(kind, _)| heading_level(*kind).is_some())
        .map(|(_, range)| one_line(&heading_text(&text[range.clone()])));
    let blocks: Vec<Block> = blocks
        .iter()
        .map(|(kind, range)| {
            let span = index.span(range.start - bytes.start..range.end - bytes.start);
            Block { kind: *kind, span }
        })
        .collect();
    let source = if blocks.is_empty() {
        PageSource::Empty
    } else {
        PageSource::Text
    };
    Page {
        label,
        blocks,
        unit: PageUnit::Section,
        ..Page::new(number, slice, source)
    }
}

/// A heading without its hashes or underline.
fn heading_text(source: &str) -> String {
    let line = source.trim().trim_start_matches('#').trim_end_matches('#');
    line.trim_end_matches(['=', '-', '\n', ' ']).trim().to_owned()
}

/// Leaf blocks in order, without overlaps; together they hold every character that shows.
fn blocks(text: &str) -> Vec<(BlockKind, Range<usize>)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_GFM;
    let mut found: Vec<(BlockKind, Range<usize>)> = Vec::new();
    let mut items = 0_usize;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Item) => {
                items += 1;
                found.push((BlockKind::ListItem, range));
            }
            Event::End(TagEnd::Item) => items = items.saturating_sub(1),
            Event::Start(Tag::Heading { level, .. }) => {
                found.push((
                    BlockKind::Heading {
                        level: level_number(level),
                    },
                    range,
                ));
            }
            Event::Start(Tag::CodeBlock(_)) => found.push((BlockKind::Code, range)),
            Event::Start(Tag::Table(_)) => found.push((BlockKind::Table { header_rows: 1 }, range)),
            Event::Start(Tag::Paragraph) if items == 0 => found.push((BlockKind::Paragraph, range)),
            _ => {}
        }
    }
    found.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
    flatten(text, &found)
}

/// Ends each block where the next begins (an item holds the items below it), and makes paragraphs
/// of what no block holds: raw HTML, link definitions, front matter.
fn flatten(text: &str, found: &[(BlockKind, Range<usize>)]) -> Vec<(BlockKind, Range<usize>)> {
    let (mut out, mut at) = (Vec::new(), 0);
    let mut push = |kind, range: Range<usize>| {
        let slice = &text[range.clone()];
        let start = range.start + (slice.len() - slice.trim_start().len());
        let end = range.start + slice.trim_end().len();
        if start < end {
            out.push((kind, start..end));
        }
    };
    for (n, (kind, range)) in found.iter().enumerate() {
        if range.start > at {
            push(BlockKind::Paragraph, at..range.start);
        }
        let next = found.get(n + 1).map_or(text.len(), |(_, next)| next.start);
        let start = range.start.max(at);
        let end = range.end.min(next).max(start);
        push(*kind, start..end);
        at = end;
    }
    if at < text.len() {
        push(BlockKind::Paragraph, at..text.len());
    }
    out
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ops::ControlFlow;

    fn pages(text: &str) -> (Option<String>, Vec<Page>) {
        let mut pages = Vec::new();
        let mut about = ExtractSummary::default();
        let count = read(text.as_bytes(), &mut about, &mut |page, _| {
            crate::invariants::check(&page);
            pages.push(page);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(count as usize, pages.len());
        (about.title, pages)
    }

    #[test]
    fn blocks_are_places_in_the_file() {
        let text = "# Harbour\n\nThe *tide* turns.\n\n- one\n- two\n  - deep\n\n```sh\nls\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        let (title, pages) = pages(text);
        assert_eq!(title.as_deref(), Some("Harbour"));
        assert_eq!(pages[0].text, text);
        let got: Vec<_> = pages[0]
            .blocks
            .iter()
            .map(|b| (b.kind, b.span.of(text)))
            .collect();
        assert_eq!(got[0], (BlockKind::Heading { level: 1 }, "# Harbour"));
        assert_eq!(got[1], (BlockKind::Paragraph, "The *tide* turns."));
        assert_eq!(got[2], (BlockKind::ListItem, "- one"));
        assert_eq!(got[3], (BlockKind::ListItem, "- two"));
        assert_eq!(got[4], (BlockKind::ListItem, "- deep"));
        assert_eq!(got[5].0, BlockKind::Code);
        assert_eq!(got[6].0, BlockKind::Table { header_rows: 1 });
    }

    #[test]
    fn long_files_are_cut_at_top_headings_and_lose_nothing() {
        let text: String = (0..4)
            .map(|n| format!("# Part {n}\n\n{}\n\n", "word ".repeat(2000)))
            .collect();
        let (_, pages) = pages(&text);
        assert_eq!(pages.len(), 4);
        assert_eq!(pages[3].label.as_deref(), Some("Part 3"));
        assert_eq!(pages.iter().map(|p| p.text.as_str()).collect::<String>(), text);
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_invariants(text in "[-#>*| `a-zé1.\n\t<=:\\[\\]]{0,200}") {
            let (_, pages) = pages(&text);
            let shown: usize = pages.iter().flat_map(|p| {
                p.blocks.iter().map(|b| b.span.of(&p.text).chars().filter(|c| !c.is_whitespace()).count())
            }).sum();
            prop_assert_eq!(shown, text.chars().filter(|c| !c.is_whitespace()).count());
        }
    }
}
