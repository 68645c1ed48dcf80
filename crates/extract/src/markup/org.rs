//! Org mode, line by line.

use footnote_core::types::BlockKind;

use super::{Open, bare, is_item};
use crate::own::{OwnBlock, lines};

pub(super) fn blocks(text: &str) -> Vec<OwnBlock> {
    let (mut open, mut in_code) = (Open::default(), false);
    for range in lines(text) {
        let line = text[range.clone()].trim_end();
        let key = line.trim_start().to_ascii_lowercase();
        let stars = line.len() - line.trim_start_matches('*').len();
        if in_code {
            open.join(BlockKind::Code, range);
            if key.starts_with("#+end_") {
                open.end();
                in_code = false;
            }
        } else if key.starts_with("#+begin_src") || key.starts_with("#+begin_example") {
            open.begin(BlockKind::Code, range);
            in_code = true;
        } else if stars > 0 && line[stars..].starts_with(' ') {
            let level = u8::try_from(stars).unwrap_or(6).min(6);
            open.whole(BlockKind::Heading { level }, range);
        } else if line.is_empty() {
            open.end();
        } else if key.starts_with('|') {
            open.line(BlockKind::Table { header_rows: 0 }, range);
        } else if is_item(line, &['-', '+']) {
            open.begin(BlockKind::ListItem, range);
        } else {
            open.join(BlockKind::Paragraph, range);
        }
    }
    open.done()
}

pub(super) fn title(heading: &str) -> String {
    bare(heading, &['*', ' '])
}
