//! Documents cut into sections that a model reads one at a time.

use std::collections::HashSet;
use std::ops::Range;

use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::ports::{Ledger, PageText};
use crate::sieve::Pages;
use crate::span::{CharIndex, CharSpan};
use crate::text::{quarter_tokens, rough_tokens, sentences, trimmed};
use crate::types::Document;

/// Size of a section in tokens, roughly: as much as is read at once.
const SECTION_TOKENS: usize = 700;
/// Consecutive stretches of a document's pages.
pub(super) type Section = Vec<(u32, CharSpan)>;

/// A document in sections of about [`SECTION_TOKENS`], less what repeats from page to page.
pub(super) async fn sections(
    document: &Document,
    ledger: &dyn Ledger,
    cancel: &CancellationToken,
) -> Result<Vec<Section>> {
    let Some(revision) = &document.revision else {
        return Ok(Vec::new());
    };
    let mut pages = Pages {
        ledger,
        revision,
        from: 0,
    };
    let (mut sections, mut size) = (vec![Section::new()], 0);
    loop {
        let batch = pages.next(cancel).await?;
        if batch.is_empty() {
            break;
        }
        for (page, span, tokens) in batch.iter().flat_map(pieces) {
            if size + tokens > SECTION_TOKENS && size > 0 {
                sections.push(Section::new());
                size = 0;
            }
            size += tokens;
            let Some(section) = sections.last_mut() else {
                continue;
            };
            match section.last_mut() {
                Some((last, stretch)) if *last == page => *stretch = CharSpan::new(stretch.start, span.end),
                _ => section.push((page, span)),
            }
        }
    }
    sections.retain(|section| !section.is_empty());
    Ok(sections)
}

/// The sentences of a page with their sizes in tokens; of longer ones, the lines; of longer lines, pieces.
fn pieces(page: &PageText) -> Vec<(u32, CharSpan, usize)> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for sentence in sentences(&page.text) {
        if rough_tokens(&page.text[sentence.clone()]) <= SECTION_TOKENS {
            ranges.push(sentence);
            continue;
        }
        let mut at = sentence.start;
        for line in page.text[sentence].split_inclusive('\n') {
            for piece in cut(line) {
                ranges.extend(trimmed(&page.text, at + piece.start..at + piece.end));
            }
            at += line.len();
        }
    }
    let index = CharIndex::new(&page.text);
    ranges
        .into_iter()
        .map(|range| {
            (
                page.number,
                index.span(range.clone()),
                rough_tokens(&page.text[range]),
            )
        })
        .filter(|(_, span, _)| !page.furniture.iter().any(|furniture| furniture.overlaps(*span)))
        .collect()
}

/// A line in pieces that are not too long.
fn cut(line: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (at, c) in line.char_indices() {
        if size >= SECTION_TOKENS * 4 {
            pieces.push(from..at);
            (from, size) = (at, 0);
        }
        size += quarter_tokens(c);
    }
    pieces.push(from..line.len());
    pieces
}

/// `most` of these, evenly spread, the first and the last among them.
pub(super) fn spread<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let len = all.len();
    if len <= most {
        return all;
    }
    let chosen: HashSet<usize> = (0..most).map(|n| n * (len - 1) / (most - 1).max(1)).collect();
    let with_place = all.into_iter().enumerate();
    with_place
        .filter(|(at, _)| chosen.contains(at))
        .map(|(_, one)| one)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_are_among_those_that_are_spread() {
        assert_eq!(spread((0..5).collect(), 3), [0, 2, 4]);
        assert_eq!(spread((0..61).collect(), 24).len(), 24);
        assert_eq!(spread(vec!['a', 'b'], 3), ['a', 'b']);
        assert_eq!(spread(vec!['a', 'b'], 1), ['a']);
    }

    #[test]
    fn no_piece_is_longer_than_a_section_and_nothing_is_lost() {
        let text = format!(
            "A short one.\n\n{}\n{}",
            "word ".repeat(2_000),
            "字".repeat(3_000)
        );
        let page = PageText {
            number: 1,
            text: text.clone(),
            furniture: Vec::new(),
            failed: false,
        };
        let pieces = pieces(&page);
        assert!(pieces.iter().all(|(_, _, tokens)| *tokens <= SECTION_TOKENS));
        let all: String = pieces.iter().map(|(_, span, _)| span.of(&text)).collect();
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(letters(&all), letters(&text));
    }
}
