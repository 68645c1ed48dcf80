//! Markdown: the page shows the file's own text, so every position is a place in the file; the
//! parser only tells where the blocks are.

use std::ops::Range;

use footnote_core::Result;
use footnote_core::types::{BlockKind, ExtractSummary};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::own::{OwnText, flatten};
use crate::page::Sink;

/// Reads Markdown. Returns the title (its first heading) and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let text = crate::text::decode(bytes, None);
    let own = OwnText {
        text: &text,
        blocks: blocks(&text),
        title: heading_text,
    };
    about.title = own.first_heading();
    Ok(own.send(sink))
}

/// A heading without its hashes or underline.
fn heading_text(source: &str) -> String {
    let line = source.trim().trim_start_matches('#').trim_end_matches('#');
    line.trim_end_matches(['=', '-', '\n', ' ']).trim().to_owned()
}

/// Leaf blocks in order, without overlaps; together they hold every character that shows.
pub(crate) fn blocks(text: &str) -> Vec<(BlockKind, Range<usize>)> {
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
    flatten(text, &found, BlockKind::Paragraph)
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
    use footnote_core::types::Page;
    use proptest::prelude::*;
    use std::ops::ControlFlow;

    fn pages(text: &str) -> (Option<String>, Vec<Page>) {
        let mut pages = Vec::new();
        let mut about = ExtractSummary::default();
        let count = read(text.as_bytes(), &mut about, &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
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
