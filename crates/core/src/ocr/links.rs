//! Links of pages that say where they can be clicked, and not on which words.

use serde::{Deserialize, Serialize};

use crate::span::CharSpan;
use crate::types::{Link, TextRect};

/// A link by its places on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkArea {
    /// Where it leads, as the file says it.
    pub target: String,
    /// Its rectangles: left, top, right and bottom in PDF points from the page's top left.
    pub places: Vec<[f32; 4]>,
}

impl LinkArea {
    /// Whether the middle of a word lies on it.
    fn holds(&self, word: &TextRect) -> bool {
        let (x, y) = (word.x + word.width / 2.0, word.y + word.height / 2.0);
        let holds = |[left, top, right, bottom]: &[f32; 4]| {
            (*left..=*right).contains(&x) && (*top..=*bottom).contains(&y)
        };
        self.places.iter().any(holds)
    }
}

/// The links on these words, in the text's order: one for each run of words that lie on an area.
#[must_use]
pub fn links_on(words: &[TextRect], areas: &[LinkArea]) -> Vec<Link> {
    let mut found = Vec::new();
    for area in areas {
        let link = |span| Link {
            span,
            target: area.target.clone(),
        };
        let mut run: Option<(usize, CharSpan)> = None;
        for (n, word) in words.iter().enumerate().filter(|(_, word)| area.holds(word)) {
            match &mut run {
                Some((last, span)) if *last + 1 == n => (*last, span.end) = (n, word.span.end),
                _ => {
                    let before = run.replace((n, word.span));
                    found.extend(before.map(|(_, span)| link(span)));
                }
            }
        }
        found.extend(run.map(|(_, span)| link(span)));
    }
    found.sort_by_key(|link| (link.span.start, link.span.end));
    found.dedup();
    found
}
