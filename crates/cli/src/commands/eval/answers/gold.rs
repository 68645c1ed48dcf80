//! Where the answer to a question stands.

use std::path::{Path, PathBuf};

use footnote_core::metrics::touches;

/// Where a question's answer stands.
pub(super) struct Gold {
    pub path: Option<PathBuf>,
    pub page: Option<u32>,
    /// The words there; anywhere on the page without.
    pub paragraph: Option<String>,
}

impl Gold {
    /// Whether this text of a page stands there, or a part of it does.
    pub fn touches(&self, path: &Path, page: u32, text: &str) -> bool {
        let there = self.path.as_deref() == Some(path) && self.page.is_none_or(|gold| gold == page);
        let paragraph = self.paragraph.as_ref();
        there && paragraph.is_none_or(|paragraph| touches(paragraph, text))
    }
}

/// A block between blank lines, from 0, less a heading in front.
pub(super) fn paragraph(text: &str, at: usize) -> Option<String> {
    let blocks = footnote_core::text::paragraphs(text).into_iter();
    let blocks = blocks.map(|range| &text[range]);
    blocks
        .filter(|block| !block.starts_with("# "))
        .nth(at)
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_right_where_the_answer_stands() {
        let text = "# Title\n\nFirst block.\n\nThe second block says it. And goes on.";
        assert_eq!(
            paragraph(text, 1).as_deref(),
            Some("The second block says it. And goes on.")
        );
        let gold = Gold {
            path: Some("/d/a.md".into()),
            page: None,
            paragraph: paragraph(text, 1),
        };
        let at = |path: &str, quote: &str| gold.touches(Path::new(path), 1, quote);
        assert!(at("/d/a.md", "The second\nblock says it."));
        assert!(at("/d/a.md", "First block.\n\nThe second block says it."));
        assert!(!at("/d/b.md", "The second block says it."));
        assert!(!at("/d/a.md", "First block."));
    }
}
