use std::ops::ControlFlow;

use footnote_core::types::Page;
use proptest::prelude::*;

use super::*;

fn read(text: &str, markup: Markup) -> (ExtractSummary, Vec<Page>) {
    let (mut about, mut pages) = (ExtractSummary::default(), Vec::new());
    let read = markup.read(text.as_bytes(), &mut about, &mut |extracted| {
        crate::invariants::check(&extracted.page);
        pages.push(extracted.page);
        ControlFlow::Continue(())
    });
    assert_eq!(read, Ok(u32::try_from(pages.len()).unwrap()));
    (about, pages)
}

fn blocks(text: &str, markup: Markup) -> Vec<(BlockKind, String)> {
    let (_, pages) = read(text, markup);
    let blocks = pages[0].blocks.iter();
    blocks
        .map(|block| (block.kind, block.span.of(&pages[0].text).to_owned()))
        .collect()
}

use BlockKind::{Caption, Code, ListItem, Paragraph};

fn heading(level: u8) -> BlockKind {
    BlockKind::Heading { level }
}

fn table() -> BlockKind {
    BlockKind::Table { header_rows: 0 }
}

fn kinds(blocks: &[(BlockKind, String)]) -> Vec<BlockKind> {
    blocks.iter().map(|(kind, _)| *kind).collect()
}

#[test]
fn asciidoc() {
    let text = "= Tides\nAnn Lee\n\n== High\n\nAt noon.\nReally.\n\n.Steps\n* one\n** two\n\n[source,sh]\n----\n== no heading\n\nls\n----\n\n|===\n|a |b\n\n|1 |2\n|===\n";
    let found = blocks(text, Markup::AsciiDoc);
    assert_eq!(
        kinds(&found),
        [
            heading(1),
            Paragraph,
            heading(2),
            Paragraph,
            Caption,
            ListItem,
            ListItem,
            Paragraph,
            Code,
            table()
        ]
    );
    assert_eq!(found[8].1, "----\n== no heading\n\nls\n----");
    assert_eq!(read(text, Markup::AsciiDoc).0.title.as_deref(), Some("Tides"));
}

#[test]
fn restructured_text() {
    let text = "=====\nTides\n=====\n\nHigh\n----\n\nAt noon::\n\n    ls\n\n    cat\n\nText.\n\n- one\n- two\n\n.. code-block:: sh\n\n   rm\n\nLow\n---\n\n=====  =====\nA      B\n=====  =====\n1      2\n\n3      4\n=====  =====\n\nEnd.\n";
    let found = blocks(text, Markup::Rst);
    assert_eq!(
        kinds(&found),
        [
            heading(1),
            heading(2),
            Paragraph,
            Code,
            Paragraph,
            ListItem,
            ListItem,
            Code,
            heading(2),
            table(),
            Paragraph
        ]
    );
    assert_eq!(found[0].1, "=====\nTides\n=====");
    assert_eq!(found[3].1.split_whitespace().collect::<Vec<_>>(), ["ls", "cat"]);
    let (about, pages) = read(text, Markup::Rst);
    assert_eq!(about.title.as_deref(), Some("Tides"));
    assert_eq!(pages[0].places[1].address, "5:1");
}

#[test]
fn latex() {
    let text = "\\documentclass{article}\n\\title{On {\\em}Tides}\n\\author{Ann Lee}\n\\date{2021-03-09}\n\\begin{document}\n\\section{High}\nAt noon.\n\nMore.\n\\begin{itemize}\n\\item one\n\\item two\n\\end{itemize}\n\\begin{verbatim}\n\\section{no}\n\\end{verbatim}\n\\subsection*{Low}\n\\begin{tabular}{ll}\na & b \\\\\n\\end{tabular}\n\\end{document}\n";
    let found = blocks(text, Markup::Latex);
    assert_eq!(
        kinds(&found),
        [
            Code,
            heading(1),
            Paragraph,
            Paragraph,
            Paragraph,
            ListItem,
            ListItem,
            Paragraph,
            Code,
            heading(2),
            table(),
            Paragraph
        ]
    );
    let (about, pages) = read(text, Markup::Latex);
    assert_eq!(about.author.as_deref(), Some("Ann Lee"));
    assert_eq!(about.date.as_deref(), Some("2021-03-09"));
    assert_eq!(about.title.as_deref(), Some("High"));
    assert_eq!(pages[0].text, text);
}

#[test]
fn org() {
    let text = "* Tides\nAt noon.\n** Low\n- one\n- two\n#+BEGIN_SRC sh\n* no heading\n#+END_SRC\n| a | b |\n| 1 | 2 |\n";
    let found = blocks(text, Markup::Org);
    assert_eq!(
        kinds(&found),
        [
            heading(1),
            Paragraph,
            heading(2),
            ListItem,
            ListItem,
            Code,
            table()
        ]
    );
    assert_eq!(read(text, Markup::Org).0.title.as_deref(), Some("Tides"));
}

proptest! {
    #[test]
    fn any_text_keeps_its_characters(text in "(\\\\section|\\\\begin|\\\\end|\\\\item|=|-|\\*|\\.|\\||#\\+begin_src|::|[a-z é{}:]|\n| ){0,120}", kind in 0_usize..4) {
        let markup = [Markup::AsciiDoc, Markup::Rst, Markup::Latex, Markup::Org][kind];
        let (_, pages) = read(&text, markup);
        let shown: usize = pages.iter().flat_map(|p| {
            p.blocks.iter().map(|b| b.span.of(&p.text).chars().filter(|c| !c.is_whitespace()).count())
        }).sum();
        prop_assert_eq!(shown, text.chars().filter(|c| !c.is_whitespace()).count());
    }
}
