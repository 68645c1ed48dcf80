//! Texts with light markup: AsciiDoc, reStructuredText, LaTeX and Org. Pages show the file's own
//! text; the readers tell headings, lists, tables and code apart.

mod asciidoc;
mod latex;
mod org;
mod rst;

use std::ops::Range;

use footnote_core::Result;
use footnote_core::types::{BlockKind, ExtractSummary};

use crate::own::{OwnBlock, OwnText, flatten};
use crate::page::{Sink, collapse};

/// A markup language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Markup {
    /// AsciiDoc.
    AsciiDoc,
    /// reStructuredText.
    Rst,
    /// LaTeX.
    Latex,
    /// Org mode.
    Org,
}

impl Markup {
    /// What a file extension (in small letters) promises.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "adoc" | "asciidoc" | "asc" => Self::AsciiDoc,
            "rst" | "rest" => Self::Rst,
            "tex" | "latex" | "ltx" => Self::Latex,
            "org" => Self::Org,
            _ => return None,
        })
    }

    /// The media type to report.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::AsciiDoc => "text/asciidoc",
            Self::Rst => "text/x-rst",
            Self::Latex => "application/x-latex",
            Self::Org => "text/x-org",
        }
    }

    /// Reads a text with this markup. Returns the number of pages.
    pub(crate) fn read(self, bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
        let text = crate::text::decode(bytes, None);
        let (found, title): (_, fn(&str) -> String) = match self {
            Self::AsciiDoc => (asciidoc::blocks(&text), asciidoc::title),
            Self::Rst => (rst::blocks(&text), rst::title),
            Self::Latex => (latex::blocks(&text), latex::title),
            Self::Org => (org::blocks(&text), org::title),
        };
        let own = OwnText {
            text: &text,
            blocks: flatten(&text, &found, BlockKind::Paragraph),
            title,
        };
        about.title = own.first_heading();
        if self == Self::Latex {
            latex::about(&text, about);
        }
        Ok(own.send(sink))
    }
}

/// Blocks on their way: one is open, of lines that follow each other.
#[derive(Default)]
struct Open {
    found: Vec<OwnBlock>,
    block: Option<OwnBlock>,
}

impl Open {
    /// Takes the line into the open block if that is of this kind, else begins one.
    fn line(&mut self, kind: BlockKind, line: Range<usize>) {
        match &mut self.block {
            Some((open, bytes)) if *open == kind => bytes.end = line.end,
            _ => self.begin(kind, line),
        }
    }

    /// Takes the line into the open block, whatever that is, else begins one of `kind`.
    fn join(&mut self, kind: BlockKind, line: Range<usize>) {
        match &mut self.block {
            Some((_, bytes)) => bytes.end = line.end,
            None => self.begin(kind, line),
        }
    }

    /// Begins a block with this line.
    fn begin(&mut self, kind: BlockKind, line: Range<usize>) {
        self.end();
        self.block = Some((kind, line));
    }

    /// A block of its own.
    fn whole(&mut self, kind: BlockKind, bytes: Range<usize>) {
        self.begin(kind, bytes);
        self.end();
    }

    fn end(&mut self) {
        self.found.extend(self.block.take());
    }

    fn kind(&self) -> Option<BlockKind> {
        self.block.as_ref().map(|(kind, _)| *kind)
    }

    fn done(mut self) -> Vec<OwnBlock> {
        self.end();
        self.found
    }
}

/// Whether a line begins an item: one of `bullets` or a number, then a blank.
fn is_item(line: &str, bullets: &[char]) -> bool {
    let line = line.trim_start();
    let after_bullet = line.trim_start_matches(bullets);
    let bullet = line.len() > after_bullet.len() && after_bullet.starts_with([' ', '\t']);
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (1..4).contains(&(line.len() - digits.len()))
        && digits
            .strip_prefix(['.', ')'])
            .is_some_and(|rest| rest.starts_with([' ', '\t']));
    bullet || numbered
}

/// A heading without the signs around it.
fn bare(heading: &str, signs: &[char]) -> String {
    collapse(heading.trim().trim_start_matches(signs).trim_end_matches(signs))
}

#[cfg(test)]
mod tests;
