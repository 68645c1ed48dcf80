//! What holds for every page of every format; checked by the tests of each.

use footnote_core::types::Page;

/// Panics if the page breaks a promise of its type.
pub(crate) fn check(page: &Page) {
    let chars = u32::try_from(page.text.chars().count()).unwrap_or(u32::MAX);
    let mut last = 0;
    for block in &page.blocks {
        assert!(
            block.span.start >= last,
            "blocks overlap or are out of order: {block:?}"
        );
        assert!(
            !block.span.is_empty() && block.span.end <= chars,
            "block outside the text: {block:?}"
        );
        assert!(
            !block.span.of(&page.text).trim().is_empty(),
            "blank block: {block:?}"
        );
        last = block.span.end;
    }
    let mut last = 0;
    for rect in &page.rects {
        assert!(
            rect.span.start >= last && rect.span.end <= chars,
            "rect outside the text: {rect:?}"
        );
        let word = rect.span.of(&page.text);
        assert!(
            !word.is_empty() && !word.contains(char::is_whitespace),
            "rect of {word:?}"
        );
        assert!(rect.x.is_finite() && rect.y.is_finite() && rect.width >= 0.0 && rect.height >= 0.0);
        last = rect.span.end;
    }
    let spans = |name: &str, spans: Vec<footnote_core::span::CharSpan>| {
        let mut last = 0;
        for span in spans {
            assert!(
                span.start >= last && !span.is_empty() && span.end <= chars,
                "{name} outside the text or out of order: {span:?}"
            );
            last = span.start;
        }
    };
    spans("place", page.places.iter().map(|place| place.span).collect());
    spans("link", page.links.iter().map(|link| link.span).collect());
}
