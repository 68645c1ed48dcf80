//! LaTeX, line by line.

use footnote_core::types::{BlockKind, ExtractSummary};

use super::Open;
use crate::own::{OwnBlock, lines};
use crate::page::collapse;

const HEADINGS: &[(&str, u8)] = &[
    ("\\part", 1),
    ("\\chapter", 2),
    ("\\section", 3),
    ("\\subsection", 4),
    ("\\subsubsection", 5),
    ("\\paragraph", 6),
];
const CODE: &[&str] = &["verbatim", "lstlisting", "minted", "Verbatim", "alltt"];
const TABLES: &[&str] = &["tabular", "tabularx", "longtable", "tabular*"];

pub(super) fn blocks(text: &str) -> Vec<OwnBlock> {
    let mut open = Open::default();
    let highest = lines(text)
        .filter_map(|range| heading(&text[range]))
        .min()
        .unwrap_or(1);
    let mut preamble = text.contains("\\begin{document}");
    // The environment whose lines stay together, and what it is.
    let mut inside: Option<(String, BlockKind)> = None;
    for range in lines(text) {
        let line = text[range.clone()].trim();
        if let Some((end, kind)) = &inside {
            open.join(*kind, range);
            if line.contains(end.as_str()) {
                open.end();
                inside = None;
            }
            continue;
        }
        if preamble {
            open.line(BlockKind::Code, range);
            if line.contains("\\begin{document}") {
                open.end();
                preamble = false;
            }
        } else if let Some(level) = heading(line) {
            let level = level - highest + 1;
            open.whole(BlockKind::Heading { level }, range);
        } else if let Some((name, kind)) = environment(line) {
            open.begin(kind, range);
            let end = format!("\\end{{{name}}}");
            if line.contains(&end) {
                open.end();
            } else {
                inside = Some((end, kind));
            }
        } else if line.is_empty() {
            open.end();
        } else if line.starts_with("\\item") {
            open.begin(BlockKind::ListItem, range);
        } else if line.starts_with("\\caption") {
            open.whole(BlockKind::Caption, range);
        } else if line.starts_with("\\begin{") || line.starts_with("\\end{") {
            open.begin(BlockKind::Paragraph, range);
        } else {
            open.join(BlockKind::Paragraph, range);
        }
    }
    open.done()
}

pub(super) fn title(heading: &str) -> String {
    let name = heading.find('{').and_then(|at| argument(&heading[at..]));
    collapse(name.unwrap_or(heading.trim()))
}

/// Takes title, author and date from their commands.
pub(super) fn about(text: &str, about: &mut ExtractSummary) {
    let said = |command: &str| {
        let at = text.find(command)? + command.len();
        let text = collapse(argument(&text[at..])?);
        (!text.is_empty() && !text.contains('\\')).then_some(text)
    };
    about.title = said("\\title").or_else(|| about.title.take());
    about.author = said("\\author");
    let year = |date: &String| date.len() >= 4 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    about.date = said("\\date").filter(year);
}

/// What stands in the braces that begin here.
fn argument(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 1;
    for (at, c) in inner.char_indices().take(1_000) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&inner[..at]);
        }
    }
    None
}

fn heading(line: &str) -> Option<u8> {
    let line = line.trim_start();
    let (_, level) = HEADINGS.iter().find(|(command, _)| {
        let rest = line.strip_prefix(command);
        rest.is_some_and(|rest| rest.starts_with(['{', '[']) || rest.starts_with("*{"))
    })?;
    Some(*level)
}

fn environment(line: &str) -> Option<(&str, BlockKind)> {
    let at = line.find("\\begin{")? + 7;
    let name = &line[at..at + line[at..].find('}')?];
    if CODE.contains(&name) {
        Some((name, BlockKind::Code))
    } else if TABLES.contains(&name) {
        Some((name, BlockKind::Table { header_rows: 0 }))
    } else {
        None
    }
}
