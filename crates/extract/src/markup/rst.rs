//! reStructuredText, line by line. Levels of headings follow the order in which their underlines
//! first stand in the file.

use std::ops::Range;

use footnote_core::types::BlockKind;

use super::{Open, is_item};
use crate::own::{OwnBlock, lines};
use crate::page::collapse;

pub(super) fn blocks(text: &str) -> Vec<OwnBlock> {
    let all: Vec<Range<usize>> = lines(text).collect();
    let line = |n: usize| all.get(n).map_or("", |range| text[range.clone()].trim_end());
    let mut open = Open::default();
    let mut levels: Vec<(char, bool)> = Vec::new();
    // A code block goes on while lines are indented deeper than this.
    let mut code: Option<usize> = None;
    let mut n = 0;
    while n < all.len() {
        let (here, range) = (line(n), all[n].clone());
        if let Some(outer) = code {
            if here.is_empty() || indent(here) > outer {
                if !here.is_empty() {
                    open.line(BlockKind::Code, range);
                }
                n += 1;
                continue;
            }
            open.end();
            code = None;
        }
        if let Some((sign, count, over)) = heading(line(n), line(n + 1), line(n + 2)) {
            let style = (sign, over);
            let known = levels.iter().position(|one| *one == style).unwrap_or_else(|| {
                levels.push(style);
                levels.len() - 1
            });
            let level = u8::try_from(known + 1).unwrap_or(6).min(6);
            open.whole(BlockKind::Heading { level }, range.start..all[n + count - 1].end);
            n += count;
            continue;
        }
        let ruled = here.trim_start();
        let grid = ruled.starts_with("+-") || ruled.starts_with("+=") || ruled.starts_with('|');
        let ruler = ruled.len() > 3 && ruled.contains(' ') && ruled.chars().all(|c| c == '=' || c == ' ');
        let in_table = matches!(open.kind(), Some(BlockKind::Table { .. }));
        if here.is_empty() {
            if !in_simple_table(&open, text) {
                open.end();
            }
        } else if grid || ruler {
            open.line(BlockKind::Table { header_rows: 0 }, range);
        } else if in_table {
            open.join(BlockKind::Paragraph, range);
        } else if ruled.starts_with(".. ") {
            let is_code = ["code", "sourcecode", "literalinclude", "math", "parsed-literal"]
                .iter()
                .any(|name| ruled[3..].starts_with(name));
            if is_code {
                open.begin(BlockKind::Code, range);
                code = Some(indent(here));
            } else {
                open.begin(BlockKind::Paragraph, range);
            }
        } else if is_item(here, &['-', '*', '+', '•']) || ruled.starts_with("#. ") {
            open.begin(BlockKind::ListItem, range);
        } else {
            open.join(BlockKind::Paragraph, range);
        }
        // Two colons announce a literal block.
        if code.is_none() && here.ends_with("::") && !here.is_empty() {
            code = Some(indent(here));
        }
        n += 1;
    }
    open.done()
}

pub(super) fn title(heading: &str) -> String {
    let said = heading
        .lines()
        .map(str::trim)
        .find(|line| sign_line(line).is_none());
    collapse(said.unwrap_or_default())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A simple table may hold blank lines; it ends with its third ruler.
fn in_simple_table(open: &Open, text: &str) -> bool {
    let Some((BlockKind::Table { .. }, bytes)) = &open.block else {
        return false;
    };
    let rulers = text[bytes.clone()].lines().filter(|line| {
        let line = line.trim();
        line.starts_with('=') && line.chars().all(|c| c == '=' || c == ' ')
    });
    // Looking at the last lines only keeps long tables cheap.
    bytes.len() < 100_000 && (1..3).contains(&rulers.count())
}

/// The sign of a line that is nothing else.
fn sign_line(line: &str) -> Option<char> {
    let first = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() > 1 && line.chars().all(|c| c == first)).then_some(first)
}

/// The sign of a heading that begins here, how many lines it has, and whether it is overlined.
fn heading(first: &str, second: &str, third: &str) -> Option<(char, usize, bool)> {
    let long = |ruler: &str, text: &str| ruler.len() >= text.trim().chars().count().min(4);
    if let Some(sign) = sign_line(first) {
        let same = sign_line(third) == Some(sign);
        let is_title = !second.trim().is_empty() && sign_line(second).is_none();
        return (same && is_title && long(third, second)).then_some((sign, 3, true));
    }
    let sign = sign_line(second)?;
    let is_title = !first.trim().is_empty() && !first.starts_with([' ', '\t']);
    (is_title && long(second, first) && second.len() >= 3).then_some((sign, 2, false))
}
