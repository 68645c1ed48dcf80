//! Pages to chunks, by structure and token budget.
//!
//! A page is cut into sections (at headings), a section into atoms (sentences, list items, table
//! rows), and atoms are joined into chunks of about [`ChunkLimits::target`] tokens that share their
//! ends. Short neighbouring sections are joined. A chunk never crosses a page, so that its place is
//! one page and one character range.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ids::ChunkId;
use crate::span::{CharIndex, CharSpan};
use crate::text;
use crate::types::{Block, BlockKind, Chunk, Page, embedded_text};

/// Counts tokens as the embedder does: byte ranges of the tokens of a text, in order.
pub type Tokenize = Box<dyn Fn(&str) -> Result<Vec<Range<usize>>> + Send + Sync>;

/// Sizes in tokens of the embedder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkLimits {
    /// What a chunk should have.
    pub target: usize,
    /// What it may have at most, overlap included.
    pub max: usize,
    /// What it shares with the one before, at most.
    pub overlap: usize,
    /// Sections shorter than this join their neighbour.
    pub small: usize,
}

impl ChunkLimits {
    /// 200 to 300 tokens with 10 to 15 % overlap, less where the embedder takes less.
    pub fn for_embedder(max_tokens: usize) -> Self {
        // A third of the window stays free for the prefix, the heading path and special tokens.
        let max = 300.min(max_tokens * 2 / 3);
        Self {
            target: max * 5 / 6,
            max,
            overlap: max / 8,
            small: max / 3,
        }
    }

    /// Names these rules; part of the index spec.
    pub fn version(&self) -> String {
        format!("structure-2/{}/{}/{}", self.target, self.max, self.overlap)
    }
}

/// Turns the pages of one document into chunks; carries headings from page to page.
pub struct Chunker {
    limits: ChunkLimits,
    tokenize: Tokenize,
    /// Level and title of the headings that enclose the current place.
    headings: Vec<(u8, String)>,
    ordinal: u32,
}

/// A heading's text with the atoms below it.
struct Section {
    headings: Vec<String>,
    /// Of the heading itself, if it stands on this page.
    heading: Option<Range<usize>>,
    atoms: Vec<Atom>,
}

/// What is never cut unless it alone is too long.
#[derive(Clone)]
struct Atom {
    bytes: Range<usize>,
    tokens: usize,
    /// Of a row of a table: the rows that name its columns.
    columns: Option<Range<usize>>,
    /// Whether a paragraph ends here: the better place to part chunks.
    ends_paragraph: bool,
}

impl Chunker {
    /// A chunker for one document.
    pub fn new(limits: ChunkLimits, tokenize: Tokenize) -> Self {
        Self {
            limits,
            tokenize,
            headings: Vec::new(),
            ordinal: 0,
        }
    }

    /// The chunks of the next page. Pages come in order.
    ///
    /// # Errors
    /// What the tokenizer says.
    pub fn page(&mut self, page: &Page) -> Result<Vec<Chunk>> {
        if page.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let starts: Vec<usize> = (self.tokenize)(&page.text)?
            .into_iter()
            .map(|range| range.start)
            .collect();
        let (headings, sections) = self.sections(page, &starts);
        self.headings = headings;
        let sections = self.join_small(sections);
        let index = CharIndex::new(&page.text);
        let mut chunks = Vec::new();
        for section in sections {
            for bytes in self.cut(&section.atoms, &page.text, &starts) {
                let text = page.text[bytes.clone()].to_owned();
                let mut headings = section.headings.clone();
                headings.extend(columns_above(&section.atoms, &bytes, &page.text));
                let embedded = embedded_text(&headings, &text);
                chunks.push(Chunk {
                    id: ChunkId::new(),
                    ordinal: self.ordinal,
                    page: page.number,
                    span: index.span(bytes),
                    text_hash: blake3::hash(embedded.as_bytes()).to_hex().to_string(),
                    text,
                    headings,
                });
                self.ordinal += 1;
            }
        }
        Ok(chunks)
    }

    /// The page's sections, and the headings that enclose its end.
    fn sections(&self, page: &Page, starts: &[usize]) -> (Vec<(u8, String)>, Vec<Section>) {
        let mut path = self.headings.clone();
        let titles = |path: &[(u8, String)]| path.iter().map(|(_, title)| title.clone()).collect::<Vec<_>>();
        let mut sections = vec![Section {
            headings: titles(&path),
            heading: None,
            atoms: Vec::new(),
        }];
        for (kind, bytes) in blocks(page) {
            if let BlockKind::Heading { level } = kind {
                path.retain(|(outer, _)| *outer < level);
                let title: String = page.text[bytes.clone()]
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ");
                path.push((
                    level,
                    title.trim_start_matches('#').trim().chars().take(200).collect(),
                ));
                sections.push(Section {
                    headings: titles(&path),
                    heading: Some(bytes),
                    atoms: Vec::new(),
                });
            } else if let Some(section) = sections.last_mut() {
                section.atoms.extend(self.atoms(kind, bytes, &page.text, starts));
            }
        }
        // A heading with nothing below it on this page is text in its own right.
        let count = sections.len();
        for (i, section) in sections.iter_mut().enumerate() {
            if let (true, Some(heading)) = (section.atoms.is_empty(), section.heading.clone()) {
                let followed = i + 1 < count;
                section.atoms.push(atom(heading, starts, true));
                if followed {
                    section.headings.pop();
                }
            }
        }
        sections.retain(|section| !section.atoms.is_empty());
        (path, sections)
    }

    fn atoms(&self, kind: BlockKind, bytes: Range<usize>, text: &str, starts: &[usize]) -> Vec<Atom> {
        if kind == BlockKind::Furniture {
            return Vec::new();
        }
        let pieces = pieces(kind, &text[bytes.clone()]);
        let columns = match kind {
            BlockKind::Table { header_rows } => header_rows
                .checked_sub(1)
                .and_then(|last| pieces.get(usize::from(last)))
                .map(|last| bytes.start..bytes.start + last.end),
            _ => None,
        };
        let count = pieces.len();
        let mut atoms = Vec::with_capacity(count);
        for (i, piece) in pieces.into_iter().enumerate() {
            let last = i + 1 == count;
            let mut whole = atom(bytes.start + piece.start..bytes.start + piece.end, starts, last);
            whole.columns.clone_from(&columns);
            if whole.tokens <= self.limits.target {
                atoms.push(whole);
            } else {
                atoms.extend(self.split_long(whole, text, starts));
            }
        }
        atoms
    }

    /// Parts what is longer than a chunk at token boundaries, at white space where there is some.
    fn split_long(&self, whole: Atom, text: &str, starts: &[usize]) -> Vec<Atom> {
        let first = starts.partition_point(|s| *s < whole.bytes.start);
        let last = starts.partition_point(|s| *s < whole.bytes.end);
        let mut parts = Vec::new();
        let mut from = whole.bytes.start;
        let mut token = first;
        while token < last {
            let mut next = (token + self.limits.target).min(last);
            if next < last {
                let floor = token + self.limits.target / 2;
                if let Some(nice) = (floor..next).rev().find(|t| {
                    text.is_char_boundary(starts[*t])
                        && (text[..starts[*t]].ends_with(char::is_whitespace)
                            || text[starts[*t]..].starts_with(char::is_whitespace))
                }) {
                    next = nice;
                }
                // A byte-level token may begin inside a character.
                while next < last && !text.is_char_boundary(starts[next]) {
                    next += 1;
                }
            }
            let to = if next < last {
                starts[next]
            } else {
                whole.bytes.end
            };
            if let Some(range) = text::trimmed(text, from..to) {
                parts.push(Atom {
                    columns: whole.columns.clone(),
                    ..atom(range, starts, next == last && whole.ends_paragraph)
                });
            }
            from = to;
            token = next;
        }
        parts
    }

    /// Joins short sections with the one that follows while both fit into one chunk.
    fn join_small(&self, sections: Vec<Section>) -> Vec<Section> {
        let size = |section: &Section| section.atoms.iter().map(|a| a.tokens).sum::<usize>();
        let mut joined: Vec<Section> = Vec::new();
        for mut section in sections {
            let Some(before) = joined.last_mut() else {
                joined.push(section);
                continue;
            };
            let both = size(before) + size(&section);
            let small = size(before) < self.limits.small || size(&section) < self.limits.small;
            if !small || both > self.limits.target {
                joined.push(section);
                continue;
            }
            // The chunk begins at the first heading, so that both titles are inside its text.
            let common = before
                .headings
                .iter()
                .zip(&section.headings)
                .take_while(|(a, b)| a == b)
                .count();
            if let (Some(heading), Some(first)) = (before.heading.take(), before.atoms.first_mut())
                && common < before.headings.len()
            {
                first.bytes.start = first.bytes.start.min(heading.start);
            }
            before.headings.truncate(common);
            before.atoms.append(&mut section.atoms);
        }
        joined
    }

    /// Byte ranges of the chunks of a run of atoms.
    fn cut(&self, atoms: &[Atom], text: &str, starts: &[usize]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut left: usize = atoms.iter().map(|a| a.tokens).sum();
        let mut next = 0;
        while next < atoms.len() {
            let room = if ranges.is_empty() {
                self.limits.max
            } else {
                self.limits.max - self.limits.overlap
            };
            // What is left is dealt out evenly: no crumb at the end.
            let goal = if left <= room {
                left
            } else {
                left / left.div_ceil(self.limits.target)
            };
            let mut size = 0;
            let first = next;
            while next < atoms.len() {
                let atom = &atoms[next];
                if next > first && size + atom.tokens > room {
                    break;
                }
                size += atom.tokens;
                next += 1;
                let enough = if atom.ends_paragraph { goal * 4 / 5 } else { goal };
                if size >= enough && left > room {
                    break;
                }
            }
            left -= size;
            let mut range = atoms[first].bytes.start..atoms[next - 1].bytes.end;
            if first > 0 {
                range.start = self.overlap_start(&atoms[..first], text, starts);
            }
            ranges.push(range);
        }
        ranges
    }

    /// Where the chunk after `before` begins, so that it shares its start with their end: at a
    /// sentence if a short one is there, else at a word.
    fn overlap_start(&self, before: &[Atom], text: &str, starts: &[usize]) -> usize {
        let end = before[before.len() - 1].bytes.end;
        let mut size = 0;
        let mut start = end;
        for atom in before.iter().rev() {
            if size + atom.tokens > self.limits.overlap {
                break;
            }
            size += atom.tokens;
            start = atom.bytes.start;
        }
        if size >= self.limits.overlap * 2 / 3 {
            return start;
        }
        let last = starts.partition_point(|s| *s < end);
        let from = last.saturating_sub(self.limits.overlap);
        (from..last)
            .map(|token| starts[token])
            .find(|s| text.is_char_boundary(*s) && text[..*s].ends_with(char::is_whitespace))
            .unwrap_or(start)
    }
}

fn atom(bytes: Range<usize>, starts: &[usize], ends_paragraph: bool) -> Atom {
    let tokens = starts.partition_point(|s| *s < bytes.end) - starts.partition_point(|s| *s < bytes.start);
    Atom {
        bytes,
        tokens: tokens.max(1),
        columns: None,
        ends_paragraph,
    }
}

/// The names of the columns, where a chunk begins inside a table below them: its cells say little
/// without.
fn columns_above(atoms: &[Atom], chunk: &Range<usize>, text: &str) -> Option<String> {
    let first = atoms.iter().find(|atom| atom.bytes.end > chunk.start)?;
    let columns = first.columns.clone()?;
    // A header longer than this is a row of data that was taken for one.
    const LONGEST: usize = 400;
    (columns.end <= chunk.start && columns.len() <= LONGEST).then(|| text::one_line(&text[columns]))
}

/// The page's blocks as byte ranges; its paragraphs where the format names none.
pub(crate) fn blocks(page: &Page) -> Vec<(BlockKind, Range<usize>)> {
    if page.blocks.is_empty() {
        return text::paragraphs(&page.text)
            .into_iter()
            .map(|range| (BlockKind::Paragraph, range))
            .collect();
    }
    let offsets: Vec<usize> = page
        .text
        .char_indices()
        .map(|(i, _)| i)
        .chain(std::iter::once(page.text.len()))
        .collect();
    let byte = |at: u32| offsets[(at as usize).min(offsets.len() - 1)];
    let mut ranges: Vec<(BlockKind, Range<usize>)> = Vec::new();
    let mut covered = 0;
    // Text between blocks is text too: a reader's gap must not lose it.
    let between = |from: usize, to: usize, ranges: &mut Vec<(BlockKind, Range<usize>)>| {
        if from < to && !page.text[from..to].trim().is_empty() {
            ranges.extend(
                text::paragraphs(&page.text[from..to])
                    .into_iter()
                    .map(|range| (BlockKind::Paragraph, from + range.start..from + range.end)),
            );
        }
    };
    for Block {
        kind,
        span: CharSpan { start, end },
    } in &page.blocks
    {
        let (start, end) = (byte(*start), byte(*end));
        between(covered, start, &mut ranges);
        if let Some(range) = (start < end)
            .then(|| text::trimmed(&page.text, start..end))
            .flatten()
        {
            ranges.push((*kind, range));
        }
        covered = covered.max(end);
    }
    between(covered, page.text.len(), &mut ranges);
    ranges
}

/// What of a block is never cut if it fits: sentences; the lines of a table or of code.
pub(crate) fn pieces(kind: BlockKind, block: &str) -> Vec<Range<usize>> {
    match kind {
        BlockKind::Table { .. } | BlockKind::Code => {
            let mut at = 0;
            block
                .split_inclusive('\n')
                .filter_map(|line| {
                    at += line.len();
                    text::trimmed(block, at - line.len()..at)
                })
                .collect()
        }
        _ => text::sentences(block),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PageSource;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    fn words(text: &str) -> Result<Vec<Range<usize>>> {
        Ok(text
            .unicode_word_indices()
            .map(|(at, word)| at..at + word.len())
            .collect())
    }

    fn page(text: &str, blocks: Vec<Block>) -> Page {
        Page {
            blocks,
            ..Page::new(1, text, PageSource::Text)
        }
    }

    fn limits() -> ChunkLimits {
        ChunkLimits::for_embedder(512)
    }

    fn essay(sentences: usize) -> String {
        (0..sentences)
            .map(|i| format!("Sentence number {i} speaks of the harbour and its many ships at length. "))
            .collect::<Vec<_>>()
            .concat()
    }

    #[test]
    fn rows_below_a_cut_keep_the_names_of_their_columns() {
        let row = |n: u32| format!("Berth {n} | {n} metres of water at low tide and mud below that");
        let rows: Vec<String> = (0..60).map(row).collect();
        let text = format!("Page 4\n\nBerth | Depth\n{}", rows.join("\n"));
        let end = text.chars().count() as u32;
        let block = |kind, start, end| Block {
            kind,
            span: CharSpan::new(start, end),
        };
        let blocks = vec![
            block(BlockKind::Furniture, 0, 6),
            block(BlockKind::Table { header_rows: 1 }, 8, end),
        ];
        let chunks = Chunker::new(limits(), Box::new(words))
            .page(&page(&text, blocks))
            .unwrap();
        assert!(chunks.len() > 2);
        assert!(chunks[0].text.starts_with("Berth | Depth\n") && chunks[0].headings.is_empty());
        for chunk in &chunks[1..] {
            assert_eq!(chunk.headings, ["Berth | Depth"]);
            assert!(chunk.text.starts_with("Berth ") && chunk.text.ends_with("below that"));
        }
    }

    #[test]
    fn chunks_of_long_text_have_200_to_300_tokens_and_overlap() {
        let page = page(&essay(200), Vec::new());
        let chunks = Chunker::new(limits(), Box::new(words)).page(&page).unwrap();
        assert!(chunks.len() > 5);
        for pair in chunks.windows(2) {
            let size = words(&pair[0].text).unwrap().len();
            assert!((200..=300).contains(&size), "{size} tokens");
            let shared = pair[0].span.end - pair[1].span.start;
            let tokens = words(CharSpan::new(pair[1].span.start, pair[0].span.end).of(&page.text))
                .unwrap()
                .len();
            assert!(shared > 0 && (24..=45).contains(&tokens), "{tokens} shared");
        }
    }

    #[test]
    fn headings_are_embedded_but_not_quoted() {
        let text = format!("Lamp care\n\n{}", essay(30));
        let heading = Block {
            kind: BlockKind::Heading { level: 1 },
            span: CharSpan::new(0, 9),
        };
        let page = page(&text, vec![heading]);
        let chunks = Chunker::new(limits(), Box::new(words)).page(&page).unwrap();
        assert_eq!(chunks[0].headings, ["Lamp care"]);
        assert!(!chunks[0].text.contains("Lamp care"));
        assert!(chunks[0].embedded_text().starts_with("Lamp care\n"));
    }

    #[test]
    fn headings_carry_over_to_the_next_page() {
        let mut chunker = Chunker::new(limits(), Box::new(words));
        let heading = Block {
            kind: BlockKind::Heading { level: 1 },
            span: CharSpan::new(0, 5),
        };
        chunker.page(&page("Title\n\nText.", vec![heading])).unwrap();
        let next = chunker.page(&page("More text here.", Vec::new())).unwrap();
        assert_eq!(next[0].headings, ["Title"]);
    }

    proptest! {
        #[test]
        fn every_word_is_in_a_chunk_and_every_span_is_exact(
            paragraphs in prop::collection::vec("[a-zA-Zäß漢 ,.!?\\-]{0,400}", 0..12),
            cuts in prop::collection::vec((0u32..2000, 0u32..80, 0u8..7), 0..6),
        ) {
            let text = paragraphs.join("\n\n");
            let count = text.chars().count() as u32;
            let mut blocks = Vec::new();
            let mut from = 0;
            for (gap, len, level) in cuts {
                let start = (from + gap % 300).min(count);
                let end = (start + len).min(count);
                from = end;
                let kind = if level == 0 { BlockKind::Paragraph } else { BlockKind::Heading { level } };
                blocks.push(Block { kind, span: CharSpan::new(start, end) });
            }
            let page = page(&text, blocks.clone());
            let chunks = Chunker::new(limits(), Box::new(words)).page(&page).unwrap();
            let mut covered = vec![false; count as usize];
            for chunk in &chunks {
                prop_assert_eq!(chunk.span.of(&text), chunk.text.as_str());
                prop_assert!(words(&chunk.text).unwrap().len() <= 300 + 40);
                for at in chunk.span.start..chunk.span.end { covered[at as usize] = true; }
            }
            let in_heading = |at: u32| blocks.iter().any(|b| matches!(b.kind, BlockKind::Heading{..})
                && b.span.start <= at && at < b.span.end);
            for (at, c) in text.chars().enumerate() {
                if c.is_alphanumeric() && !in_heading(at as u32) {
                    prop_assert!(covered[at], "character {} is in no chunk", at);
                }
            }
        }
    }
}
