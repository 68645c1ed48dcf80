//! Tables as they stand on pages: rows of cells with their places, not yet typed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::span::CharSpan;
use crate::types::{BlockKind, Page, PageSource, PageUnit, Place};

/// What parts the cells of a line.
const BETWEEN: &str = " | ";
/// Most rows that name the columns.
const MAX_HEADER_ROWS: u16 = 3;

/// A table of one document.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The names of its columns, in order; all different, none empty.
    pub names: Vec<String>,
    /// The name of its sheet, or the heading or caption over it.
    pub label: Option<String>,
    /// Its rows, without the header.
    pub rows: Vec<RawRow>,
    /// The address of its header, where cells have one.
    head: Option<String>,
    /// Some line cannot be parted into cells for certain.
    broken: bool,
}

/// Where a cell stands in its page's text: in characters, and in bytes.
pub type CellPlace = (CharSpan, Range<u32>);

/// A row.
#[derive(Clone, Debug)]
pub struct RawRow {
    /// The text of its page.
    text: Arc<str>,
    /// The page's number.
    pub page: u32,
    /// A cell a column: where it stands in characters, and in bytes.
    pub cells: Box<[Option<CellPlace>]>,
}

impl RawRow {
    /// What a cell shows; none if it is blank.
    pub fn cell(&self, column: usize) -> Option<&str> {
        let (_, bytes) = self.cells.get(column)?.as_ref()?;
        self.text.get(bytes.start as usize..bytes.end as usize)
    }
}

/// Puts the tables of a document together, page by page.
#[derive(Default)]
pub struct Reader {
    tables: Vec<Raw>,
    label: Option<String>,
}

impl Reader {
    /// Takes the tables of the next page. Pages with a fixed layout have none for sure: their columns are guessed.
    pub fn page(&mut self, page: &Page) {
        if page.source != PageSource::Text || page.size.is_some() {
            return;
        }
        let bytes: Vec<u32> = (page.text.char_indices().map(|(at, _)| at))
            .chain(std::iter::once(page.text.len()))
            .map(|at| u32::try_from(at).unwrap_or(u32::MAX))
            .collect();
        let lines = Lines {
            page,
            bytes,
            text: page.text.as_str().into(),
        };
        let sheet = page.label.clone().filter(|_| page.unit == PageUnit::Sheet);
        for block in &page.blocks {
            match block.kind {
                BlockKind::Heading { .. } | BlockKind::Caption => {
                    self.label = Some(block.span.of(&page.text).to_owned());
                }
                BlockKind::Table { header_rows } if (1..=MAX_HEADER_ROWS).contains(&header_rows) => {
                    let label = sheet.clone().or_else(|| self.label.take());
                    self.table(&lines, block.span, usize::from(header_rows), label);
                }
                _ => {}
            }
        }
    }

    /// The tables that are whole and have rows.
    pub fn finish(mut self) -> Vec<Raw> {
        self.tables
            .retain(|table| !table.broken && !table.rows.is_empty());
        self.tables
    }

    fn table(&mut self, lines: &Lines<'_>, span: CharSpan, header_rows: usize, label: Option<String>) {
        let Some(found) = lines.table(span, header_rows) else {
            return;
        };
        // A table that goes on, on the page behind, names its columns again, from the same cells.
        let goes_on = self
            .tables
            .last_mut()
            .filter(|last| found.head.is_some() && last.head == found.head && last.label == label);
        let Some(last) = goes_on else {
            self.tables.push(Raw { label, ..found });
            return;
        };
        let columns: Vec<usize> = found
            .names
            .iter()
            .map(|name| {
                last.names
                    .iter()
                    .position(|known| known == name)
                    .unwrap_or_else(|| {
                        last.names.push(name.clone());
                        last.names.len() - 1
                    })
            })
            .collect();
        last.broken |= found.broken;
        let wide = last.names.len();
        last.rows.extend(found.rows.into_iter().map(|row| {
            let mut cells = vec![None; wide];
            for (cell, column) in row.cells.into_iter().zip(&columns) {
                cells[*column] = cell;
            }
            RawRow {
                cells: cells.into(),
                ..row
            }
        }));
    }
}

/// A page, to be parted into lines and cells.
struct Lines<'a> {
    page: &'a Page,
    /// The byte of each character, and the end.
    bytes: Vec<u32>,
    text: Arc<str>,
}

impl Lines<'_> {
    /// The bytes of a span; a blank cell at the end of a page may lie beyond its text.
    fn bytes(&self, span: CharSpan) -> Range<u32> {
        let at = |char: u32| {
            let end = self.bytes.last().copied().unwrap_or(0);
            self.bytes.get(char as usize).copied().unwrap_or(end)
        };
        at(span.start)..at(span.end)
    }

    fn slice(&self, span: CharSpan) -> &str {
        let bytes = self.bytes(span);
        &self.text[bytes.start as usize..bytes.end as usize]
    }

    fn table(&self, span: CharSpan, header_rows: usize) -> Option<Raw> {
        let from = self
            .page
            .places
            .partition_point(|place| place.span.start < span.start);
        let to = self
            .page
            .places
            .partition_point(|place| place.span.start < span.end);
        let places = self.page.places.get(from..to)?;
        let by_cell = places
            .first()
            .is_some_and(|place| column_of(&place.address).is_some());
        // What stands between the rows of a sheet without an address is no part of it, but a chart or the like.
        if self.page.unit == PageUnit::Sheet
            && !by_cell
            && !places.first().is_some_and(|p| is_range(&p.address))
        {
            return None;
        }
        let mut names: Vec<(u32, String)> = Vec::new();
        let mut raw = Raw {
            names: Vec::new(),
            label: None,
            rows: Vec::new(),
            head: places.first().map(|place| place.address.clone()),
            broken: false,
        };
        let mut columns: HashMap<u32, usize> = HashMap::new();
        let mut wide = 0;
        let mut start = span.start;
        let block = self.slice(span);
        let mut rest = places;
        for (n, line) in block.split('\n').enumerate() {
            let length = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
            let end = start + length;
            let own = rest.partition_point(|place| place.span.start < end);
            let (here, later) = rest.split_at(own);
            rest = later;
            let cells = if by_cell {
                cells_at(here)
            } else {
                parted(line, start)
            };
            if n < header_rows {
                wide = wide.max(cells.len());
                if !by_cell {
                    raw.head = here.first().map(|place| place.address.clone()).or(raw.head);
                }
                for (column, cell) in cells {
                    let name = self.slice(cell).trim();
                    match names.iter_mut().find(|(known, _)| *known == column) {
                        Some((_, known)) if known != name => *known = format!("{known} {name}"),
                        Some(_) => {}
                        None => names.push((column, name.to_owned())),
                    }
                }
                if n + 1 == header_rows {
                    names.retain(|(_, name)| !name.is_empty());
                    names.sort_by_key(|(column, _)| *column);
                    (raw.names, columns) = named(&names);
                }
            } else {
                raw.broken |=
                    !by_cell && (cells.len() > wide || !fits(here, cells.len(), raw.head.as_deref()));
                let mut row = vec![None; raw.names.len()];
                for (column, cell) in cells {
                    let bytes = self.bytes(cell);
                    if let Some(at) = columns.get(&column).filter(|_| !bytes.is_empty()) {
                        row[*at] = Some((cell, bytes));
                    }
                }
                if row.iter().any(Option::is_some) {
                    raw.rows.push(RawRow {
                        text: Arc::clone(&self.text),
                        page: self.page.number,
                        cells: row.into(),
                    });
                }
            }
            start = end + 1;
        }
        (raw.names.len() > 1).then_some(raw)
    }
}

/// The names, numbered where one comes twice, and the index of each column.
fn named(names: &[(u32, String)]) -> (Vec<String>, HashMap<u32, usize>) {
    let mut out: Vec<String> = Vec::new();
    let mut columns = HashMap::new();
    for (column, name) in names {
        let mut unique = name.clone();
        let mut n = 1;
        while out.contains(&unique) {
            n += 1;
            unique = format!("{name} {n}");
        }
        columns.insert(*column, out.len());
        out.push(unique);
    }
    (out, columns)
}

/// Cells by their addresses.
fn cells_at(places: &[Place]) -> Vec<(u32, CharSpan)> {
    let cells = places
        .iter()
        .filter_map(|place| Some((column_of(&place.address)?, place.span)));
    cells.collect()
}

/// The cells of a line that begins at `start`, by what stands between them.
fn parted(line: &str, start: u32) -> Vec<(u32, CharSpan)> {
    let mut at = start;
    // Pages end without blanks, so a blank cell at the end of the last line has lost its own.
    let (line, last) = match line.strip_suffix(BETWEEN.trim_end()) {
        Some(line) => (line, Some("")),
        None => (line, None),
    };
    let cells = line.split(BETWEEN).chain(last).zip(0..).map(|(cell, column)| {
        let end = at + u32::try_from(cell.chars().count()).unwrap_or(u32::MAX);
        let span = CharSpan::new(at, end);
        at = end + BETWEEN.len() as u32;
        (column, span)
    });
    cells.collect()
}

/// Whether a line of `cells` cells has as many as the address of its row says; a bar inside a cell would part it.
fn fits(places: &[Place], cells: usize, head: Option<&str>) -> bool {
    let ends = |range: &str| {
        let (first, last) = range.split_once(':')?;
        Some((column_of(first)?, column_of(last)?))
    };
    let (Some(head), Some(place)) = (head.and_then(ends), places.first()) else {
        return true;
    };
    // A blank column inside the table takes no room in its lines, so there may be less than the address says.
    ends(&place.address).is_none_or(|(_, last)| cells as u32 <= (last + 1).saturating_sub(head.0))
}

fn is_range(address: &str) -> bool {
    address
        .split_once(':')
        .is_some_and(|(first, last)| column_of(first).is_some() && column_of(last).is_some())
}

/// The column, from 0, of an address like `B2`.
fn column_of(address: &str) -> Option<u32> {
    let digits = address.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = address.split_at(digits);
    let named = (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase());
    if !named || !row.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |sum, b| sum * 26 + u32::from(b - b'A') + 1);
    Some(column - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Block;

    fn page(text: &str, header_rows: u16, addresses: &[(&str, &str)]) -> Page {
        let mut page = Page::new(1, text, PageSource::Text);
        page.unit = PageUnit::Sheet;
        page.label = Some("One".into());
        page.blocks = vec![Block {
            kind: BlockKind::Table { header_rows },
            span: CharSpan::new(0, text.chars().count() as u32),
        }];
        let mut from = 0;
        for (words, address) in addresses {
            let at = from + text[from..].find(words).unwrap();
            let start = text[..at].chars().count() as u32;
            let span = CharSpan::new(start, start + words.chars().count() as u32);
            page.places.push(Place {
                span,
                address: (*address).into(),
            });
            from = at + words.len();
        }
        page
    }

    fn rows(page: &Page) -> Vec<Vec<String>> {
        let mut reader = Reader::default();
        reader.page(page);
        let tables = reader.finish();
        let rows = tables.iter().flat_map(|table| &table.rows);
        rows.map(|row| {
            (0..row.cells.len())
                .map(|column| row.cell(column).unwrap_or("∅").to_owned())
                .collect()
        })
        .collect()
    }

    #[test]
    fn cells_are_found_by_their_addresses_whatever_they_say() {
        let text = "Größe | Note\n5 | a | b\n | c";
        let places = [
            ("Größe", "B1"),
            ("Note", "C1"),
            ("5", "B2"),
            ("a | b", "C2"),
            ("c", "C3"),
        ];
        assert_eq!(rows(&page(text, 1, &places)), [["5", "a | b"], ["∅", "c"]]);
    }

    #[test]
    fn rows_with_an_address_each_are_parted_unless_a_bar_stands_in_a_cell() {
        let lines = |text: &str, range: &str| {
            let (head, row) = text.split_once('\n').unwrap();
            rows(&page(text, 1, &[(head, "A1:C1"), (row, range)]))
        };
        assert_eq!(lines("a | b | c\n1 |  | 3", "A2:C2"), [["1", "∅", "3"]]);
        assert_eq!(lines("a | b | c\n1 | 2", "A2:B2"), [["1", "2", "∅"]]);
        assert!(lines("a | b | c\n1 | 2", "A2:A2").is_empty());
        assert!(lines("a | b | c\n1 | 2 | 3 | 4", "A2:C2").is_empty());
    }

    #[test]
    fn a_blank_cell_at_the_end_of_a_page_is_one() {
        let mut last = page("Who | Sum\nAda | 5\nBea |", 1, &[("Who", "body/tbl[1]")]);
        last.unit = PageUnit::Section;
        assert_eq!(rows(&last), [["Ada", "5"], ["Bea", "∅"]]);
    }

    #[test]
    fn tables_without_a_header_and_recognised_ones_are_left_out() {
        let places = [("a", "A1"), ("b", "B1"), ("1", "A2"), ("2", "B2")];
        let mut read = page("a | b\n1 | 2", 1, &places);
        assert_eq!(rows(&read).len(), 1);
        read.source = PageSource::Ocr;
        assert!(rows(&read).is_empty());
        assert!(rows(&page("a | b\n1 | 2", 0, &places)).is_empty());
        assert!(rows(&page("a | b\n1 | 2", 1, &[])).is_empty());
    }

    #[test]
    fn a_table_goes_on_over_pages_that_repeat_its_header() {
        let mut reader = Reader::default();
        reader.page(&page(
            "a | b\n1 | 2",
            1,
            &[("a", "A1"), ("b", "B1"), ("1", "A2"), ("2", "B2")],
        ));
        reader.page(&page(
            "a | b\n3 | 4",
            1,
            &[("a", "A1"), ("b", "B1"), ("3", "A3"), ("4", "B3")],
        ));
        reader.page(&page(
            "a | b\n5 | 6",
            1,
            &[("a", "A9"), ("b", "B9"), ("5", "A10"), ("6", "B10")],
        ));
        let tables = reader.finish();
        let counts: Vec<usize> = tables.iter().map(|table| table.rows.len()).collect();
        assert_eq!(counts, [2, 1]);
    }
}
