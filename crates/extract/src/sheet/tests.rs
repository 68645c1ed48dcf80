use super::*;
use crate::testing::{Outcome, assert_locked, assert_sealed, compound, fault, package, read, read_file};
use footnote_core::Result;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatScript, Note, Url, Workbook};

fn xlsx(bytes: &[u8]) -> Result<Outcome> {
    read(|about, sink| read_xlsx(bytes, about, sink))
}

fn csv(bytes: &[u8]) -> Outcome {
    read(|_, sink| read_csv(bytes, false, sink)).unwrap()
}

#[test]
fn a_workbook_is_a_page_a_sheet_with_a_place_for_every_cell() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Berths").unwrap();
    sheet.write(0, 0, "Berths of the harbour").unwrap();
    for (column, name) in ["Name", "Depth", "Fee", "Since", "Share"].iter().enumerate() {
        sheet.write(1, u16::try_from(column).unwrap(), *name).unwrap();
    }
    sheet.write(2, 0, "East\nquay").unwrap();
    sheet.write(2, 1, 4.5).unwrap();
    sheet
        .write_with_format(2, 2, 1234.5, &Format::new().set_num_format("#,##0.00"))
        .unwrap();
    let day = ExcelDateTime::from_ymd(2021, 3, 9).unwrap();
    sheet
        .write_with_format(2, 3, &day, &Format::new().set_num_format("d.m.yyyy"))
        .unwrap();
    sheet
        .write_with_format(2, 4, 0.125, &Format::new().set_num_format("0.0%"))
        .unwrap();
    sheet
        .write(5, 1, Url::new("https://example.org/rules").set_text("Rules"))
        .unwrap();
    sheet
        .insert_note(2, 1, &Note::new("measured at low tide").set_author("Ada"))
        .unwrap();
    let hidden = book.add_worksheet().set_name("Old").unwrap();
    hidden.set_hidden(true).write(0, 0, "kept").unwrap();
    book.add_worksheet().set_name("Blank").unwrap();
    let read = xlsx(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.pages.len(), 2, "blank sheets have no page");
    let page = &read.pages[0];
    assert_eq!(page.label.as_deref(), Some("Berths"));
    assert_eq!(page.unit, PageUnit::Sheet);
    assert_eq!(
        page.text,
        "Berths\n\nBerths of the harbour\n\nName | Depth | Fee | Since | Share\n\
         East quay | 4.5 | 1,234.50 | 2021-03-09 | 12.5%\n\nRules\n\nB3: Ada: measured at low tide"
    );
    assert_eq!(page.blocks[1].kind, BlockKind::Caption);
    assert_eq!(page.blocks[2].kind, BlockKind::Table { header_rows: 1 });
    assert_eq!(page.blocks[4].kind, BlockKind::Footnote);
    assert_eq!(read.place("C3"), Some("1,234.50"));
    assert_eq!(read.links(), [("Rules", "https://example.org/rules")]);
    assert_eq!(read.pages[1].label.as_deref(), Some("Old (hidden)"));
}

#[test]
fn what_a_sheet_hides_is_read_and_its_label_says_so() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Costs").unwrap();
    for row in 0..8 {
        for column in 0..4 {
            sheet.write(row, column, format!("r{row}c{column}")).unwrap();
        }
    }
    for row in [3, 4, 20] {
        sheet.set_row_hidden(row).unwrap();
    }
    sheet.set_column_hidden(2).unwrap();
    sheet.set_column_range_hidden(4, 16_383).unwrap();
    let old = book.add_worksheet().set_name("Old").unwrap();
    old.set_hidden(true).write(0, 0, "kept").unwrap();
    old.set_row_hidden(0).unwrap();
    book.add_worksheet()
        .set_name("Open")
        .unwrap()
        .write(0, 0, "shown")
        .unwrap();
    let read = xlsx(&book.save_to_buffer().unwrap()).unwrap();
    let labels: Vec<&str> = read
        .pages
        .iter()
        .filter_map(|page| page.label.as_deref())
        .collect();
    assert_eq!(
        labels,
        [
            "Costs (rows 4–5 and column C hidden)",
            "Old (hidden) (row 1 hidden)",
            "Open"
        ]
    );
    assert_eq!((read.place("C4"), read.place("C5")), (Some("r3c2"), Some("r4c2")));
}

#[test]
fn merged_cells_of_a_sheet_say_in_each_row_what_it_is_about() {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let sheet = book.add_worksheet().set_name("Fees").unwrap();
    sheet
        .merge_range(0, 0, 0, 4, "Fees of the harbour", &plain)
        .unwrap();
    sheet.merge_range(1, 0, 2, 0, "Quay", &plain).unwrap();
    sheet.merge_range(1, 1, 1, 2, "2023", &plain).unwrap();
    sheet.merge_range(1, 3, 1, 4, "2024", &plain).unwrap();
    for (column, name) in [(1, "Q1"), (2, "Q2"), (3, "Q1"), (4, "Q2")] {
        sheet.write(2, column, name).unwrap();
    }
    sheet.merge_range(3, 0, 5, 0, "East", &plain).unwrap();
    for row in 3..6 {
        sheet.write(row, 1, row).unwrap();
    }
    sheet.merge_range(3, 2, 4, 2, "", &plain).unwrap();
    sheet.write(3, 2, 400).unwrap();
    sheet
        .write(5, 4, Url::new("https://example.org").set_text("see"))
        .unwrap();
    let read = xlsx(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        read.texts(),
        [
            "Fees\n\nFees of the harbour\n\nQuay | 2023 | 2023 | 2024 | 2024\nQuay | Q1 | Q2 | Q1 | Q2\n\
          East | 3 | 400\nEast | 4\nEast | 5 |  |  | see"
        ]
    );
    assert_eq!(read.pages[0].blocks[2].kind, BlockKind::Table { header_rows: 2 });
    assert_eq!((read.place("A5"), read.place("C2")), (Some("East"), Some("2023")));
    assert_eq!(read.links(), [("see", "https://example.org")]);
}

#[test]
fn long_sheets_are_several_pages_and_each_names_its_columns() {
    let mut text = String::from("Item,Amount\n");
    for n in 0..3000 {
        text.push_str(&format!("thing number {n},{n}.5\n"));
    }
    let read = csv(text.as_bytes());
    assert!(read.pages.len() > 2);
    for page in &read.pages {
        assert!(page.text.starts_with("Item | Amount\n"));
        assert!(page.text.len() < 30_000);
        assert_eq!(page.blocks[0].kind, BlockKind::Table { header_rows: 1 });
    }
    let last = &read.pages.last().unwrap().places;
    assert_eq!(last.last().unwrap().address, "B3001");
}

#[test]
fn values_are_parted_by_what_parts_them_best() {
    assert_eq!(
        csv(b"name;price\nrope;1,50\nbuoy;20,00\n").texts(),
        ["name | price\nrope | 1,50\nbuoy | 20,00"]
    );
    assert_eq!(csv(b"a\tb\n1\t2\n").texts(), ["a | b\n1 | 2"]);
    assert_eq!(csv(b"a|b\n1|2\n").texts(), ["a | b\n1 | 2"]);
    assert_eq!(csv(b"sep=;\na;b,c\n").place("B2"), Some("b,c"));
    let read = csv(b"name,note\n\"East, quay\",\"two\nlines \"\"here\"\"\"\nshort\n");
    assert_eq!(
        read.texts(),
        ["name | note\nEast, quay | two lines \"here\"\nshort"]
    );
    let latin = csv(b"Stadt;Gr\xf6\xdfe\nK\xf6ln;gro\xdf\n");
    assert!(latin.texts()[0].contains("Größe"));
}

#[test]
fn blank_rows_part_tables_and_count_as_rows() {
    let read = csv(b"a,b\n1,2\n\nc,d\n3,4\n");
    assert_eq!(read.texts(), ["a | b\n1 | 2\n\nc | d\n3 | 4"]);
    assert_eq!(read.place("B5"), Some("4"));
}

#[test]
fn nothing_is_one_empty_page() {
    assert_eq!(csv(b"").texts(), [""]);
}

#[test]
fn raised_and_lowered_parts_of_cells_say_what_they_look_like() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let (plain, raised, lowered) = (
        Format::new(),
        Format::new().set_font_script(FormatScript::Superscript),
        Format::new().set_font_script(FormatScript::Subscript),
    );
    for (column, parts) in [
        vec![(&plain, "area in m"), (&raised, "2")],
        vec![(&plain, "5 · 10"), (&raised, "-3"), (&plain, " mol")],
        vec![(&plain, "CO"), (&lowered, "2")],
        vec![(&plain, "1,234"), (&raised, "1")],
        vec![(&plain, "x"), (&raised, "2")],
    ]
    .into_iter()
    .enumerate()
    {
        sheet
            .write_rich_string(0, u16::try_from(column).unwrap(), &parts)
            .unwrap();
    }
    // Reads as the last of them does, so that neither can be told.
    sheet.write(0, 5, "x2").unwrap();
    let read = xlsx(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        read.texts(),
        ["Sheet1\n\narea in m² | 5 · 10⁻³ mol | CO2 | 1,234¹ | x2 | x2"]
    );
}

const TYPES: &str = "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";

fn workbook_around(sheet: &str) -> Vec<u8> {
    package(&[
        ("[Content_Types].xml", TYPES),
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn a_sheet_that_claims_all_cells_costs_what_it_holds() {
    let sheet = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>\
        <row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\"><v>2</v></c></row>\
        <row r=\"1048576\"><c r=\"XFD1048576\"><v>3</v></c></row></sheetData></worksheet>";
    let read = xlsx(&workbook_around(sheet)).unwrap();
    assert_eq!(read.texts(), ["One\n\n1 | 2\n\n3"]);
    assert_eq!(read.place("XFD1048576"), Some("3"));
}

#[test]
fn formulas_that_were_never_computed_are_told_of() {
    let warnings = |cell: &str| {
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c>{cell}</row></sheetData></worksheet>"
        );
        xlsx(&workbook_around(&sheet)).unwrap().about.warnings
    };
    for cell in [
        "<c r=\"B1\"><f>A1*2</f><v></v></c>",
        "<c r=\"B1\"><f>A1*2</f></c>",
    ] {
        let warnings = warnings(cell);
        assert!(warnings[0].contains("sheet One have no results"), "{warnings:?}");
    }
    let blank = "<c r=\"B1\" t=\"str\"><f>IF(A1,\"\",\"\")</f><v></v></c>";
    assert!(warnings(blank).is_empty());
    assert!(warnings("<c r=\"B1\"><f>A1*2</f><v>2</v></c>").is_empty());
}

#[test]
fn what_came_before_a_fault_is_kept() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=";
    let read = xlsx(&workbook_around(sheet)).unwrap();
    assert_eq!(read.texts(), ["One\n\n1"]);
    assert!(
        read.about.warnings[0].contains("One"),
        "{:?}",
        read.about.warnings
    );
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let sheet = format!("<worksheet><sheetData>{}", " ".repeat(64 << 20));
    let error = fault(xlsx(&workbook_around(&sheet)));
    assert!(
        error.message.contains("packed as no document is"),
        "{}",
        error.message
    );
}

#[test]
fn torn_and_locked_workbooks_are_told_apart() {
    let whole = workbook_around("<worksheet><sheetData/></worksheet>");
    let error = fault(read_file("torn.xlsx", &whole[..whole.len() / 2]));
    assert!(error.message.contains("damaged"), "{}", error.message);
    let locked = compound(&[("EncryptedPackage", b"xxxxxxxx"), ("EncryptionInfo", b"xxxx")]);
    assert_locked(read_file("locked.xlsx", &locked));
}

/// A workbook of Excel 97 with one sheet; records by number and content.
fn biff(globals: &[(u16, &[u8])], cells: &[(u16, &[u8])]) -> Vec<u8> {
    let begin = |kind: u8| [0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let workbook = begin(5);
    let mut first: Vec<(u16, &[u8])> = vec![(0x0809, &workbook)];
    first.extend(globals);
    streams("Workbook", &first, b"\x03\0One", &begin(0x10), cells)
}

/// The same of Excel 5; `globals` begin with their own record of a beginning.
fn excel_5(globals: &[(u16, &[u8])], begin: &[u8], cells: &[(u16, &[u8])]) -> Vec<u8> {
    streams("Book", globals, b"\x03One", begin, cells)
}

fn streams(
    name: &str,
    globals: &[(u16, &[u8])],
    sheet: &[u8],
    begin: &[u8],
    cells: &[(u16, &[u8])],
) -> Vec<u8> {
    let records = |records: &[(u16, &[u8])]| {
        let mut bytes = Vec::new();
        for (kind, body) in records {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
            bytes.extend(*body);
        }
        bytes
    };
    let mut sheet = [&[0; 6][..], sheet].concat();
    let offset = records(globals).len() + 4 + sheet.len() + 4;
    sheet[..4].copy_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
    let mut first = globals.to_vec();
    first.extend([(0x0085, &sheet[..]), (0x000a, &[][..])]);
    let mut second = vec![(0x0809, begin)];
    second.extend(cells);
    second.push((0x000a, &[]));
    let mut stream = records(&first);
    stream.extend(records(&second));
    stream.resize(stream.len().max(4096), 0);
    compound(&[(name, &stream)])
}

#[test]
fn workbooks_with_binary_parts_are_read_and_not_taken_for_archives() {
    let record = |kind: u16, body: &[u8]| {
        let mut bytes = match kind {
            0..0x80 => vec![kind as u8],
            _ => vec![(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8],
        };
        bytes.push(body.len() as u8);
        bytes.extend(body);
        bytes
    };
    let wide = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&(text.len() as u32).to_le_bytes()[..], &units].concat()
    };
    let sheet = [&[0; 8][..], &wide("rId1"), &wide("Tides")].concat();
    let book = [record(0x9c, &sheet), record(0x90, &[]), record(0x84, &[])].concat();
    let cell = |column: u32, value: &[u8]| [&column.to_le_bytes()[..], &[0; 4], value].concat();
    let cells = [
        record(0x94, &[0; 16]),
        record(0x91, &[]),
        record(0x00, &0_u32.to_le_bytes()),
        record(0x06, &cell(0, &wide("High"))),
        record(0x06, &cell(1, &wide("both"))),
        record(0x05, &cell(2, &4.25_f64.to_le_bytes())),
        record(0x00, &1_u32.to_le_bytes()),
        record(0x06, &cell(0, &wide("Low"))),
        record(0x92, &[]),
        // B1:B2 are one.
        record(0xb1, &[]),
        record(0xb0, &[0_u32, 1, 1, 1].map(u32::to_le_bytes).concat()),
        record(0xb2, &[]),
    ]
    .concat();
    let types =
        b"<Types><Override ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/></Types>";
    let relations =
        b"<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    let parts: [(&str, &[u8]); 4] = [
        ("[Content_Types].xml", types),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", relations),
        ("xl/worksheets/sheet1.bin", &cells),
    ];
    let read = read_file("tides.xlsb", &crate::testing::zip_of(&parts)).unwrap();
    assert_eq!(read.texts(), ["Tides\n\nHigh | both | 4.25\nLow | both"]);
    assert_eq!(read.place("C1"), Some("4.25"));
    let mut torn = parts;
    torn[3].1 = &cells[..30];
    fault(read_file("torn.xlsb", &crate::testing::zip_of(&torn)));
}

#[test]
fn zeros_left_in_old_strings_do_not_show() {
    assert_eq!(Cell::new(0, "T\0i\0d\0e\0").text, "Tide");
}

#[test]
fn excel_97_workbooks_are_read_or_locked() {
    let label = [0, 0, 0, 0, 0, 0, 4, 0, 0, b'T', b'i', b'd', b'e'];
    let mut number = vec![1, 0, 0, 0, 0, 0];
    number.extend(2.5_f64.to_le_bytes());
    let book = biff(&[], &[(0x0204, &label), (0x0203, &number)]);
    assert_eq!(
        read_file("book.xls", &book).unwrap().texts(),
        ["One\n\nTide\n2.5"]
    );
    let mut beside = vec![1, 0, 1, 0, 0, 0];
    beside.extend(3.5_f64.to_le_bytes());
    let merged = [1, 0, 0, 0, 1, 0, 0, 0, 0, 0];
    let cells: [(u16, &[u8]); 3] = [(0x0204, &label), (0x0203, &beside), (0x00e5, &merged)];
    let read = read_file("merged.xls", &biff(&[], &cells)).unwrap();
    assert_eq!(read.place("A2"), Some("Tide"));
    let locked = biff(&[(0x002f, &[1, 0, 1, 0, 1, 0])], &[]);
    assert_sealed(read_file("locked.xls", &locked));
    fault(read_file("torn.xls", &book[..700]));
}

#[test]
fn workbooks_of_old_macintoshes_are_read_in_their_code_page() {
    // Excel 5: a label is of single bytes, and so are the names of sheets.
    let label = [0, 0, 0, 0, 0, 0, 4, 0, b'T', b'\x9f', b'r', b'e'];
    let begin = [0, 5, 5, 0, 0, 0, 0, 0];
    let globals: [(u16, &[u8]); 2] = [(0x0809, &begin), (0x0042, &0x8000_u16.to_le_bytes())];
    let page = [0, 5, 0x10, 0, 0, 0, 0, 0];
    let cells: [(u16, &[u8]); 1] = [(0x0204, &label)];
    let book = excel_5(&globals, &page, &cells);
    assert_eq!(read_file("book.xls", &book).unwrap().place("A1"), Some("Türe"));
}

#[test]
fn numbers_of_excel_97_are_shown_as_their_formats_say() {
    let own = [&[164, 0, 13, 0, 0][..], b"#,##0.00 \"kg\""].concat();
    let mut euro = vec![165, 0, 10, 0, 1];
    euro.extend("#,##0.00 €".encode_utf16().flat_map(u16::to_le_bytes));
    let style = |format: u8| [0, 0, format, 0];
    let styles: Vec<[u8; 4]> = [0, 9, 14, 164, 165].map(style).to_vec();
    let mut globals: Vec<(u16, &[u8])> = vec![(0x041e, &own), (0x041e, &euro)];
    globals.extend(styles.iter().map(|style| (0x00e0, style.as_slice())));
    let number = |row: u8, style: u8, value: f64| {
        let mut body = vec![row, 0, 0, 0, style, 0];
        body.extend(value.to_le_bytes());
        body
    };
    let single = [
        (0, 0, 0.5),
        (1, 1, 0.125),
        (2, 2, 45_000.0),
        (3, 3, 1234.5),
        (4, 4, 1234.5),
    ]
    .map(|(row, style, value)| number(row, style, value));
    // Two in one record: 0.25 and 0.5, as numbers without their lower half.
    let half = |value: f64| ((value.to_bits() >> 32) as u32 & !3).to_le_bytes();
    let row = [&[5, 0, 0, 0, 1, 0][..], &half(0.25), &[0, 0], &half(0.5), &[1, 0]].concat();
    let mut cells: Vec<(u16, &[u8])> = single.iter().map(|body| (0x0203, body.as_slice())).collect();
    cells.push((0x00bd, &row));
    let read = read_file("book.xls", &biff(&globals, &cells)).unwrap();
    let shown = ["A1", "A2", "A3", "A4", "A5", "A6", "B6"].map(|address| read.place(address).unwrap());
    assert_eq!(
        shown,
        [
            "0.5",
            "13%",
            "2023-03-15",
            "1,234.50 kg",
            "1,234.50 €",
            "25%",
            "0.5"
        ]
    );
}

#[test]
fn excel_97_workbooks_with_cells_in_all_corners_do_not_fill_the_memory() {
    let number = |row: u16, column: u16| {
        let mut body = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
        body.extend(1.0_f64.to_le_bytes());
        body
    };
    let (first, last) = (number(0, 0), number(0xffff, 0x01ff));
    let error = fault(read_file(
        "wide.xls",
        &biff(&[], &[(0x0203, &first), (0x0203, &last)]),
    ));
    assert!(
        error.message.contains("too many to read at once"),
        "{}",
        error.message
    );
}

#[test]
fn tables_side_by_side_are_tables_of_their_own() {
    let read = csv(b"a,b,,,\n1,2,,,\n3,4,,c,d\n5,6,,7,8\n");
    assert_eq!(read.texts(), ["a | b\n1 | 2\n3 | 4\n5 | 6\n\nc | d\n7 | 8"]);
    // A column that is blank in all of one table parts nothing.
    assert_eq!(
        csv(b"a,b,,c,d\n1,2,,3,4\n").texts(),
        ["a | b | c | d\n1 | 2 | 3 | 4"]
    );
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_table(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        csv(&bytes);
    }
}
