use footnote_core::types::BlockKind;
use proptest::prelude::*;

use crate::testing::{Outcome, assert_sealed, compound, fault, read_file};

/// A document with its text in two pieces, the first of eight bits, the second of sixteen.
struct Doc {
    narrow: Vec<u8>,
    wide: Vec<u16>,
    /// Lengths of the stories: text, footnotes, headers.
    stories: [u32; 3],
    flags: u16,
    /// Style and modifiers of the paragraphs of the narrow piece.
    papx: Vec<(u16, Vec<u8>)>,
    /// Lengths and modifiers of runs from the beginning of the narrow piece.
    chpx: Vec<(usize, Vec<u8>)>,
}

impl Doc {
    fn new(narrow: &str, wide: &str) -> Self {
        let wide: Vec<u16> = wide.encode_utf16().collect();
        let length = u32::try_from(narrow.len() + wide.len()).unwrap();
        Self {
            narrow: narrow.bytes().collect(),
            wide,
            stories: [length, 0, 0],
            flags: 0x0200,
            papx: Vec::new(),
            chpx: Vec::new(),
        }
    }

    fn streams(&self) -> (Vec<u8>, Vec<u8>) {
        let mut main = vec![0; 2048];
        let put16 =
            |main: &mut Vec<u8>, at: usize, n: u16| main[at..at + 2].copy_from_slice(&n.to_le_bytes());
        let put32 = |main: &mut Vec<u8>, at: usize, n: usize| {
            main[at..at + 4].copy_from_slice(&u32::try_from(n).unwrap().to_le_bytes());
        };
        put16(&mut main, 0, 0xa5ec);
        put16(&mut main, 2, 0x00c1);
        put16(&mut main, 0x0a, self.flags);
        for (n, length) in self.stories.iter().enumerate() {
            put32(&mut main, 0x4c + 4 * n, *length as usize);
        }
        let narrow_at = main.len();
        main.extend(&self.narrow);
        main.resize(main.len().next_multiple_of(2), 0);
        let wide_at = main.len();
        main.extend(self.wide.iter().flat_map(|unit| unit.to_le_bytes()));
        main.resize(main.len().next_multiple_of(512), 0);
        let mut table = Vec::new();
        if !self.papx.is_empty() {
            let page = main.len() / 512;
            main.extend(self.papx_page(narrow_at));
            table.extend((narrow_at as u32).to_le_bytes());
            table.extend((main.len() as u32).to_le_bytes());
            table.extend((page as u32).to_le_bytes());
            put32(&mut main, 0x0106, table.len());
        }
        if !self.chpx.is_empty() {
            let page = main.len() / 512;
            main.extend(self.chpx_page(narrow_at));
            put32(&mut main, 0x00fa, table.len());
            put32(&mut main, 0x00fe, 12);
            table.extend((narrow_at as u32).to_le_bytes());
            table.extend((main.len() as u32).to_le_bytes());
            table.extend((page as u32).to_le_bytes());
        }
        put32(&mut main, 0x01a2, table.len());
        put32(&mut main, 0x01a6, 5 + 28);
        table.push(2);
        table.extend(28_u32.to_le_bytes());
        let ends = [0, self.narrow.len(), self.narrow.len() + self.wide.len()];
        table.extend(ends.iter().flat_map(|end| (*end as u32).to_le_bytes()));
        for place in [(narrow_at as u32 * 2) | 0x4000_0000, wide_at as u32] {
            table.extend([0, 0]);
            table.extend(place.to_le_bytes());
            table.extend([0, 0]);
        }
        main.resize(main.len().max(4096), 0);
        table.resize(table.len().max(4096), 0);
        (main, table)
    }

    fn papx_page(&self, begin: usize) -> Vec<u8> {
        let mut page = vec![0; 512];
        let count = self.papx.len();
        let mut at = begin;
        let mut free = 508;
        let marks = self
            .narrow
            .iter()
            .enumerate()
            .filter(|(_, byte)| matches!(byte, 7 | 13))
            .map(|(n, _)| begin + n + 1);
        for (n, (end, (style, modifiers))) in marks.zip(&self.papx).enumerate() {
            page[4 * n..4 * n + 4].copy_from_slice(&(at as u32).to_le_bytes());
            page[4 * n + 4..4 * n + 8].copy_from_slice(&(end as u32).to_le_bytes());
            at = end;
            let length = (modifiers.len() + 2).next_multiple_of(2);
            free -= length + 2;
            page[4 * (count + 1) + 13 * n] = u8::try_from(free / 2).unwrap();
            page[free + 1] = u8::try_from(length / 2).unwrap();
            page[free + 2..free + 4].copy_from_slice(&style.to_le_bytes());
            page[free + 4..free + 4 + modifiers.len()].copy_from_slice(modifiers);
        }
        page[511] = u8::try_from(count).unwrap();
        page
    }

    fn chpx_page(&self, begin: usize) -> Vec<u8> {
        let mut page = vec![0; 512];
        let count = self.chpx.len();
        let (mut at, mut free) = (begin, 510);
        page[..4].copy_from_slice(&(at as u32).to_le_bytes());
        for (n, (length, modifiers)) in self.chpx.iter().enumerate() {
            at += length;
            page[4 * n + 4..4 * n + 8].copy_from_slice(&(at as u32).to_le_bytes());
            if !modifiers.is_empty() {
                free -= (modifiers.len() + 1).next_multiple_of(2);
                page[4 * (count + 1) + n] = u8::try_from(free / 2).unwrap();
                page[free] = u8::try_from(modifiers.len()).unwrap();
                page[free + 1..free + 1 + modifiers.len()].copy_from_slice(modifiers);
            }
        }
        page[511] = u8::try_from(count).unwrap();
        page
    }

    fn bytes(&self) -> Vec<u8> {
        let (main, table) = self.streams();
        compound(&[("WordDocument", &main), ("1Table", &table)])
    }

    fn read(&self) -> Outcome {
        read_file("a.doc", &self.bytes()).unwrap()
    }
}

#[test]
fn pieces_of_both_widths_make_the_text() {
    let read = Doc::new("gr\u{1}een.\r", "Größe: 港\r\u{c}next").read();
    assert_eq!(read.texts(), ["green.\n\nGröße: 港", "next"]);
    let doc = Doc {
        narrow: b"It\x92s \x80 5.\r".to_vec(),
        ..Doc::new("It_s _ 5.\r", "x\r")
    };
    assert_eq!(doc.read().texts(), ["It’s € 5.\n\nx"]);
}

#[test]
fn fields_show_their_results_and_links_lead_somewhere() {
    let read = Doc::new(
        "See \x13HYPERLINK \"https://example.org\"\x14here\x15 on \x13PAGE\x144\x15.\r",
        "",
    )
    .read();
    assert_eq!(read.texts(), ["See here on 4."]);
    assert_eq!(read.links(), [("here", "https://example.org")]);
}

#[test]
fn paragraph_properties_make_headings_lists_and_tables() {
    let mut doc = Doc::new("Rent\rfirst\rA\x07B\x07\x07x\x07y\x07\x07end\r", "");
    let in_table = vec![0x16, 0x24, 1];
    let row = vec![0x16, 0x24, 1, 0x17, 0x24, 1];
    doc.papx = vec![
        (2, vec![]),
        (0, vec![0x0b, 0x46, 1, 0]),
        (0, in_table.clone()),
        (0, in_table.clone()),
        (0, [row.clone(), vec![0x04, 0x34, 1]].concat()),
        (0, in_table.clone()),
        (0, in_table),
        (0, row),
        (0, vec![]),
    ];
    let read = doc.read();
    assert_eq!(read.texts(), ["Rent\n\n- first\n\nA | B\nx | y\n\nend"]);
    let kinds: Vec<BlockKind> = read.pages[0].blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds[0], BlockKind::Heading { level: 2 });
    assert_eq!(kinds[1], BlockKind::ListItem);
    assert_eq!(kinds[2], BlockKind::Table { header_rows: 1 });
}

#[test]
fn raised_and_lowered_text_says_what_it_looks_like_and_hidden_text_is_left_out() {
    let (raised, lowered) = (vec![0x48, 0x2a, 1], vec![0x48, 0x2a, 2]);
    let mut doc = Doc::new("103 m2 of CO2 secret at 1,2345 gone\r", "");
    doc.chpx = vec![
        (2, vec![]),
        (1, raised.clone()),
        (2, vec![]),
        // Behind another modifier: bold.
        (1, [vec![0x35, 0x08, 1], raised.clone()].concat()),
        (6, vec![]),
        (1, lowered),
        (1, vec![]),
        (7, vec![0x3c, 0x08, 1]),
        (8, vec![]),
        (1, raised),
        (1, vec![]),
        (4, vec![0x00, 0x08, 1]),
    ];
    let read = doc.read();
    assert_eq!(read.texts(), ["10³ m² of CO2 at 1,234⁵"]);
    assert_eq!(
        read.about.warnings,
        ["text that is formatted as hidden was left out"]
    );
    // An instruction that is hidden still leads somewhere.
    let mut link = Doc::new("See \x13HYPERLINK \"https://example.org\"\x14here\x15.\r", "");
    link.chpx = vec![(4, vec![]), (33, vec![0x3c, 0x08, 1])];
    let read = link.read();
    assert_eq!(read.links(), [("here", "https://example.org")]);
    assert!(read.about.warnings.is_empty());
}

#[test]
fn merged_cells_stand_in_every_row_that_they_cover() {
    let mut doc = Doc::new("East\x07a\x07\x07\x07b\x07\x07\x07c\x07\x07", "");
    let in_table = vec![0x16, 0x24, 1];
    // A row of two cells, the first with these flags; then what later versions of Word add.
    let row = |flags: u8, later: &[u8]| {
        let mut definition = vec![2, 0, 0, 0, 0, 0, 0, flags, 0];
        definition.resize(7 + 40, 0);
        let length = u16::try_from(definition.len() + 1).unwrap().to_le_bytes();
        let mut row = vec![0x16, 0x24, 1, 0x17, 0x24, 1, 0x08, 0xd6];
        row.extend(length);
        row.extend(definition);
        row.extend(later);
        row
    };
    let cells = || [(0, in_table.clone()), (0, in_table.clone())];
    doc.papx.extend(cells());
    doc.papx.push((0, row(0x60, &[])));
    doc.papx.extend(cells());
    doc.papx.push((0, row(0x20, &[])));
    doc.papx.extend(cells());
    doc.papx.push((0, row(0, &[0x2b, 0xd6, 2, 0, 1])));
    assert_eq!(doc.read().texts(), ["East | a\nEast | b\nEast | c"]);
}

#[test]
fn notes_and_headers_stand_apart() {
    let mut doc = Doc::new("text\x02\r\x02 a note\rHeader\r", "");
    doc.stories = [6, 9, 7];
    let read = doc.read();
    assert_eq!(read.texts(), ["text¹\n\n¹ a note\n\nHeader"]);
    let kinds: Vec<BlockKind> = read.pages[0].blocks.iter().map(|block| block.kind).collect();
    assert_eq!(
        kinds,
        [BlockKind::Paragraph, BlockKind::Footnote, BlockKind::Furniture]
    );
}

#[test]
fn locked_old_and_damaged_documents_are_told_apart() {
    let locked = Doc {
        flags: 0x0300,
        ..Doc::new("secret", "")
    };
    assert_sealed(read_file("a.doc", &locked.bytes()));
    let whole = Doc::new("text\r", "").bytes();
    fault(read_file("a.doc", &whole[..600]));
    let error = fault(read_file("a.doc", b"\xdb\xa5\x2d\0\0\0\x01\x02\x03\x04\x05\x06"));
    assert!(error.message.contains("1997"), "{}", error.message);
    let error = fault(read_file("a.doc", &compound(&[("WordDocument", b"xx")])));
    assert!(error.message.contains("cut off"), "{}", error.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_end_in_order(
        main in prop::collection::vec(any::<u8>(), 0..6000),
        table in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let mut main = main;
        if main.len() > 4 {
            main[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
        }
        let _ = read_file("a.doc", &compound(&[("WordDocument", &main), ("1Table", &table), ("0Table", &table)]));
    }

    #[test]
    fn damage_anywhere_ends_in_order(at in 0usize..4096, byte in any::<u8>(), in_table in any::<bool>()) {
        let mut doc = Doc::new("Rent\rA\x07B\x07\x07end\r", "wide\r");
        doc.papx = vec![(1, vec![]), (0, vec![0x16, 0x24, 1]), (0, vec![0x16, 0x24, 1])];
        doc.chpx = vec![(2, vec![0x48, 0x2a, 1]), (3, vec![0x3c, 0x08, 1])];
        let (mut main, mut table) = doc.streams();
        let damaged = if in_table { &mut table } else { &mut main };
        let at = at % damaged.len();
        damaged[at] = byte;
        let _ = read_file("a.doc", &compound(&[("WordDocument", &main), ("1Table", &table)]));
    }

    #[test]
    fn torn_compound_files_end_in_order(cut in 0usize..12_000, at in 0usize..2000, byte in any::<u8>()) {
        let mut bytes = Doc::new("text\r", "wide\r").bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(cut.max(16));
        let _ = read_file("a.doc", &bytes);
    }
}
