//! What is read with a passage that was found: small chunks match a question best, what stands around them answers it.
//!
//! Found neighbours of a page become one passage; then each passage, the best one first, takes as much of its section as
//! there is room for.

use std::ops::Range;

use crate::chunk::{blocks, pieces};
use crate::dropped::Dropped;
use crate::injection;
use crate::retrieve::SearchOutcome;
use crate::span::{CharIndex, CharSpan};
use crate::text::rough_tokens;
use crate::types::{BlockKind, Page, Passage};

/// Tokens of all passages together up to which they are widened, roughly.
const ROOM: usize = 1_000;
/// Tokens up to which one passage is widened, roughly.
const WIDEST: usize = 500;

/// Joins and widens the passages of `found`; `page` gives the page of a passage, none if it is not there any more (then the
/// passage stays as it is). What was joined is told in the candidates.
pub(crate) fn read_around<'a>(found: &mut SearchOutcome, page: impl Fn(&Passage) -> Option<&'a Page>) {
    // Which candidate each passage was.
    let mut chosen: Vec<usize> = (0..found.candidates.len())
        .filter(|at| found.candidates[*at].dropped.is_none())
        .collect();
    join(found, &mut chosen, &page);
    let sizes = found.passages.iter().map(|passage| rough_tokens(&passage.text));
    let mut room = ROOM.saturating_sub(sizes.sum());
    for passage in &mut found.passages {
        let Some(page) = page(passage) else { continue };
        let size = rough_tokens(&passage.text);
        let wider = widened(page, passage.span, room.min(WIDEST.saturating_sub(size)));
        take(passage, page, wider);
        room = room.saturating_sub(rough_tokens(&passage.text).saturating_sub(size));
    }
    // Two that have grown towards each other.
    join(found, &mut chosen, &page);
    for (passage, rank) in found.passages.iter_mut().zip(1..) {
        passage.rank = rank;
    }
}

/// Makes one passage, in the place of the better one, of those that share text or have nothing between them.
fn join<'a>(found: &mut SearchOutcome, chosen: &mut Vec<usize>, page: impl Fn(&Passage) -> Option<&'a Page>) {
    let mut at = 0;
    while at < found.passages.len() {
        let passage = &found.passages[at];
        let neighbour = found.passages[..at]
            .iter()
            .position(|better| page(better).is_some_and(|page| meet(better, passage, page)));
        let Some(better) = neighbour else {
            at += 1;
            continue;
        };
        let passage = found.passages.remove(at);
        let candidate = chosen.remove(at);
        let into = &mut found.passages[better];
        if let Some(page) = page(into) {
            let span = CharSpan::new(
                into.span.start.min(passage.span.start),
                into.span.end.max(passage.span.end),
            );
            let common = into.headings.iter().zip(&passage.headings);
            let common = common.take_while(|(a, b)| a == b).count();
            into.headings.truncate(common);
            take(into, page, span);
        }
        if let Some(candidate) = found.candidates.get_mut(candidate) {
            candidate.dropped = Some(Dropped::Joined {
                rank: better as u32 + 1,
            });
        }
        // It may now meet one that comes before it.
        at = better;
    }
}

/// Whether two passages stand on one page with nothing but white space between them.
fn meet(a: &Passage, b: &Passage, page: &Page) -> bool {
    if (&a.revision, a.page) != (&b.revision, b.page) {
        return false;
    }
    let (first, second) = if a.span.start <= b.span.start {
        (a.span, b.span)
    } else {
        (b.span, a.span)
    };
    second.start <= first.end
        || CharSpan::new(first.end, second.start)
            .of(&page.text)
            .trim()
            .is_empty()
}

/// Gives a passage another stretch of its page.
fn take(passage: &mut Passage, page: &Page, span: CharSpan) {
    if span == passage.span {
        return;
    }
    passage.span = span;
    passage.text = span.of(&page.text).to_owned();
    passage.injections = injection::find(&passage.text);
}

/// A sentence, row or line of a page.
struct Part {
    /// What stands between two headings has one number.
    section: usize,
    span: CharSpan,
    bytes: Range<usize>,
}

/// `span` with what stands around it in its section, as far as `room` tokens reach: by turns what follows and what
/// precedes, in whole sentences, rows and lines.
fn widened(page: &Page, span: CharSpan, mut room: usize) -> CharSpan {
    let index = CharIndex::new(&page.text);
    let mut parts: Vec<Part> = Vec::new();
    let mut section = 0;
    for (kind, bytes) in blocks(page) {
        if matches!(kind, BlockKind::Furniture | BlockKind::Heading { .. }) {
            section += 1;
            continue;
        }
        let own = pieces(kind, &page.text[bytes.clone()]).into_iter();
        parts.extend(own.map(|piece| {
            let bytes = bytes.start + piece.start..bytes.start + piece.end;
            Part {
                section,
                span: index.span(bytes.clone()),
                bytes,
            }
        }));
    }
    let here = |part: &Part| part.span.overlaps(span);
    let (Some(mut first), Some(mut last)) = (parts.iter().position(here), parts.iter().rposition(here))
    else {
        return span;
    };
    let mut wider = CharSpan::new(
        span.start.min(parts[first].span.start),
        span.end.max(parts[last].span.end),
    );
    loop {
        let mut grown = false;
        for forward in [true, false] {
            let (edge, next) = if forward {
                (last, last.checked_add(1))
            } else {
                (first, first.checked_sub(1))
            };
            let Some((at, part)) = next.and_then(|at| Some((at, parts.get(at)?))) else {
                continue;
            };
            let size = rough_tokens(&page.text[part.bytes.clone()]);
            if part.section != parts[edge].section || size > room {
                continue;
            }
            room -= size;
            grown = true;
            if forward {
                (last, wider.end) = (at, part.span.end);
            } else {
                (first, wider.start) = (at, part.span.start);
            }
        }
        if !grown {
            return wider;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Block, Candidate, PageSource, Scores};

    fn page(blocks: &[(BlockKind, &str)]) -> Page {
        let mut page = Page::new(1, "", PageSource::Text);
        for (kind, text) in blocks {
            let start = page.text.chars().count() as u32;
            page.text.push_str(text);
            let span = CharSpan::new(start, start + text.chars().count() as u32);
            page.blocks.push(Block { kind: *kind, span });
            page.text.push_str("\n\n");
        }
        page
    }

    fn found(page: &Page, texts: &[&str]) -> SearchOutcome {
        let mut found = SearchOutcome::default();
        for (text, rank) in texts.iter().zip(1..) {
            let at = page.text.find(text).unwrap();
            let index = CharIndex::new(&page.text);
            found.passages.push(Passage {
                rank,
                document: "d".into(),
                revision: "r".into(),
                path: "d.md".into(),
                title: "D".into(),
                page: 1,
                span: index.span(at..at + text.len()),
                locator: Default::default(),
                headings: vec!["All".into(), format!("Part {rank}")],
                text: (*text).to_owned(),
                score: 1.0,
                scores: Scores::default(),
                injections: Vec::new(),
            });
            for dropped in [None, Some(Dropped::RankedBelow)] {
                found.candidates.push(Candidate {
                    chunk: format!("c{rank}").as_str().into(),
                    document: "d".into(),
                    page: 1,
                    scores: Scores::default(),
                    dropped,
                });
            }
        }
        found
    }

    #[test]
    fn a_passage_is_read_with_its_section_and_no_further() {
        let page = page(&[
            (BlockKind::Heading { level: 1 }, "Boats"),
            (
                BlockKind::Paragraph,
                "They are hired by the day. The fee is due at noon. Dogs pay half.",
            ),
            (BlockKind::ListItem, "Oars are extra."),
            (BlockKind::Heading { level: 1 }, "Bicycles"),
            (BlockKind::Paragraph, "They are free."),
        ]);
        let mut found = found(&page, &["The fee is due at noon."]);
        read_around(&mut found, |_| Some(&page));
        assert_eq!(
            found.passages[0].text,
            "They are hired by the day. The fee is due at noon. Dogs pay half.\n\nOars are extra."
        );
        assert_eq!(found.passages[0].span.of(&page.text), found.passages[0].text);
    }

    #[test]
    fn what_is_added_is_bounded_and_whole_sentences() {
        let long: String = (0..400)
            .map(|n| format!("Sentence number {n} is here. "))
            .collect();
        let page = page(&[(BlockKind::Paragraph, long.trim_end())]);
        let mut found = found(&page, &["Sentence number 200 is here."]);
        read_around(&mut found, |_| Some(&page));
        let text = &found.passages[0].text;
        assert!(text.contains("number 199 ") && text.contains("number 201 "));
        assert!(text.starts_with("Sentence") && text.ends_with("here."));
        assert!(
            (WIDEST * 9 / 10..=WIDEST * 11 / 10).contains(&rough_tokens(text)),
            "{}",
            rough_tokens(text)
        );
    }

    #[test]
    fn neighbours_become_one_passage_and_the_candidates_say_so() {
        let long: String = (0..400)
            .map(|n| format!("Sentence number {n} is here. "))
            .collect();
        let page = page(&[(BlockKind::Paragraph, long.trim_end())]);
        let texts = [
            "Sentence number 10 is here. Sentence number 11 is here.",
            "Sentence number 300 is here.",
            "Sentence number 11 is here. Sentence number 12 is here.",
        ];
        let mut found = found(&page, &texts);
        read_around(&mut found, |_| Some(&page));
        let ranks: Vec<u32> = found.passages.iter().map(|passage| passage.rank).collect();
        assert_eq!(ranks, [1, 2]);
        assert!(
            found.passages[0].text.contains("number 12 ") && found.passages[1].text.contains("number 300 ")
        );
        assert_eq!(found.passages[0].headings, ["All"]);
        let told: Vec<_> = found
            .candidates
            .iter()
            .map(|candidate| candidate.dropped.clone())
            .collect();
        assert_eq!(told[4], Some(Dropped::Joined { rank: 1 }));
        assert_eq!((&told[0], &told[2]), (&None, &None));
    }

    #[test]
    fn a_page_that_went_away_leaves_its_passage_as_it_is() {
        let page = page(&[(BlockKind::Paragraph, "One. Two. Three.")]);
        let mut found = found(&page, &["Two."]);
        let before = found.clone();
        read_around(&mut found, |_| None);
        assert_eq!(found, before);
    }
}
