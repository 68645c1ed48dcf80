use super::*;
use crate::memory::FakeRecognizer;
use crate::types::BlockKind;
use proptest::prelude::*;

fn line(text: &str, x: f32, y: f32, width: f32, height: f32) -> RecognizedLine {
    RecognizedLine {
        text: text.into(),
        confidence: 0.9,
        corners: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]],
        places: Vec::new(),
    }
}

fn image(width: u32, height: u32) -> PageImage {
    PageImage {
        width,
        height,
        dpi: 144.0,
        grey: vec![255; (width * height) as usize],
    }
}

fn page_of(lines: Vec<RecognizedLine>) -> Page {
    read_from(&Page::new(1, "", PageSource::Empty), &image(1000, 1400), lines).unwrap()
}

/// What is read without a model for tables.
fn read_from(page: &Page, image: &PageImage, lines: Vec<RecognizedLine>) -> Option<Page> {
    recognized(
        page,
        image,
        lines,
        &FakeRecognizer::default(),
        &CancellationToken::new(),
    )
    .unwrap()
}

#[test]
fn a_recognised_page_keeps_its_comments_but_not_its_worthless_text() {
    let mut page = Page::new(1, "§§ §\n\nSee über there", PageSource::Text);
    let block = |kind, start, end| Block {
        kind,
        span: CharSpan::new(start, end),
    };
    page.blocks = vec![
        block(BlockKind::Paragraph, 0, 4),
        block(BlockKind::Footnote, 6, 20),
    ];
    let rect = |start, end| TextRect {
        span: CharSpan::new(start, end),
        x: 1.0,
        y: 2.0,
        width: 3.0,
        height: 4.0,
    };
    page.rects = vec![rect(0, 2), rect(6, 9), rect(10, 14)];
    let lines = vec![line("The lamp", 100.0, 50.0, 300.0, 40.0)];
    let read = read_from(&page, &image(1000, 1400), lines).unwrap();
    assert_eq!(read.text, "The lamp\n\nSee über there");
    let last = read.blocks.last().unwrap();
    assert_eq!(
        (last.kind, last.span.of(&read.text)),
        (BlockKind::Footnote, "See über there")
    );
    assert_eq!(read.rects.last().unwrap().span.of(&read.text), "über");
}

fn turned(line: &RecognizedLine, degrees: f32) -> RecognizedLine {
    let (sin, cos) = degrees.to_radians().sin_cos();
    RecognizedLine {
        corners: line.corners.map(|[x, y]| {
            [
                500.0 + (x - 500.0) * cos - (y - 700.0) * sin,
                700.0 + (x - 500.0) * sin + (y - 700.0) * cos,
            ]
        }),
        ..line.clone()
    }
}

fn two_columns() -> Vec<RecognizedLine> {
    let mut lines = vec![line(
        "A title across both of the columns",
        100.0,
        50.0,
        800.0,
        40.0,
    )];
    for n in 0..6 {
        let y = 150.0 + n as f32 * 30.0;
        lines.push(line(
            &format!("right column line {n}"),
            520.0,
            y + 3.0,
            380.0,
            20.0,
        ));
        lines.push(line(&format!("left column line {n}"), 100.0, y, 380.0, 20.0));
    }
    lines
}

#[test]
fn columns_are_read_one_after_the_other_under_their_title() {
    let page = page_of(two_columns());
    let left: Vec<String> = (0..6).map(|n| format!("left column line {n}")).collect();
    let right: Vec<String> = (0..6).map(|n| format!("right column line {n}")).collect();
    let expected = format!(
        "A title across both of the columns\n\n{}\n\n{}",
        left.join("\n"),
        right.join("\n")
    );
    assert_eq!(page.text, expected);
    assert_eq!(page.blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(page.blocks[1].kind, BlockKind::Paragraph);
    assert!(page.confidence.is_some_and(|sure| (sure - 0.9).abs() < 1e-3));
    assert_eq!(page.size, Some((500.0, 700.0)));
}

#[test]
fn lines_keep_how_surely_they_were_read() {
    let mut doubted = line("  Rent  235O euros", 100.0, 90.0, 300.0, 20.0);
    doubted.confidence = 0.61849;
    let page = page_of(vec![line("Alder Court", 100.0, 50.0, 300.0, 20.0), doubted]);
    let told: Vec<_> = page
        .lines
        .iter()
        .map(|line| (line.span.of(&page.text), line.confidence))
        .collect();
    assert_eq!(told, [("Alder Court", 0.9), ("Rent 235O euros", 0.618)]);
    assert_eq!(crate::types::doubtful_lines(&page.lines), 1);
    assert_eq!(crate::types::PageCoverage::from(&page).doubtful, 1);
}

#[test]
fn skew_and_quarter_turns_do_not_change_the_text() {
    let straight = page_of(two_columns()).text;
    for degrees in [-2.0, 1.5, 90.0, 180.0, 268.5] {
        let lines = two_columns().iter().map(|line| turned(line, degrees)).collect();
        assert_eq!(page_of(lines).text, straight, "{degrees} degrees");
    }
}

#[test]
fn rows_of_a_table_are_read_across() {
    let mut lines = Vec::new();
    for n in 0..5 {
        for (m, word) in ["berth", "depth", "fee"].iter().enumerate() {
            lines.push(line(
                &format!("{word} {n}"),
                100.0 + m as f32 * 300.0,
                n as f32 * 30.0,
                80.0,
                20.0,
            ));
        }
    }
    // Cells that all fill their columns may be lines of one row: not sure, so no table without a model.
    let text = page_of(lines).text;
    assert!(text.starts_with("berth 0\tdepth 0\tfee 0\nberth 1\t"), "{text}");
}

/// A page of 144 dots an inch with level and upright lines, each from, to and at.
fn drawn(levels: &[(usize, usize, usize)], uprights: &[(usize, usize, usize)]) -> PageImage {
    let mut image = image(1000, 1400);
    for (from, to, at) in levels {
        for y in *at..at + 2 {
            image.grey[y * 1000 + from..y * 1000 + to].fill(20);
        }
    }
    for (from, to, at) in uprights {
        for y in *from..*to {
            image.grey[y * 1000 + at..y * 1000 + at + 2].fill(20);
        }
    }
    // What is read is drawn as well: pages without ink are not looked at.
    image.grey[1300 * 1000..1306 * 1000].fill(0);
    image
}

fn tables_of(page: &Page) -> Vec<(u16, &str)> {
    let table = |block: &Block| match block.kind {
        BlockKind::Table { header_rows } => Some((header_rows, block.span.of(&page.text))),
        _ => None,
    };
    page.blocks.iter().filter_map(table).collect()
}

/// Three columns between lines; a cell of two lines, an empty one, and two that were read as one line.
fn ruled_table() -> (PageImage, Vec<RecognizedLine>) {
    let rows = [300, 350, 430, 480, 530];
    let levels: Vec<_> = rows.iter().map(|at| (100, 802, *at)).collect();
    let uprights: Vec<_> = [100, 400, 600, 800].iter().map(|at| (300, 532, *at)).collect();
    let mut lines = vec![line(
        "The berths of the inner harbour this year",
        100.0,
        200.0,
        600.0,
        30.0,
    )];
    for (text, x, y, width) in [
        ("Berth", 110.0, 310.0, 100.0),
        ("Depth", 410.0, 310.0, 100.0),
        ("Fee", 610.0, 310.0, 60.0),
        ("North quay, behind", 110.0, 355.0, 260.0),
        ("the ice house", 110.0, 390.0, 200.0),
        ("4.5", 410.0, 372.0, 60.0),
        ("120", 610.0, 372.0, 60.0),
        ("South quay", 110.0, 440.0, 180.0),
        ("95", 610.0, 440.0, 50.0),
    ] {
        lines.push(line(text, x, y, width, 30.0));
    }
    // 23 letters from 110 to 655.
    let mut both = line("East pier 3.0      1100", 110.0, 490.0, 545.0, 30.0);
    both.text = "East pier 3.0 1100".into();
    both.places = [
        110.0, 128.0, 146.0, 164.0, 182.0, 200.0, 218.0, 236.0, 254.0, 300.0, 420.0, 435.0, 450.0, 500.0,
        615.0, 630.0, 645.0, 654.0,
    ]
    .map(|x: f32| (x - 110.0) / 545.0)
    .to_vec();
    both.confidence = 0.7;
    lines.push(both);
    (drawn(&levels, &uprights), lines)
}

const RULED: &str = "Berth | Depth | Fee\nNorth quay, behind the ice house | 4.5 | 120\nSouth quay |  | 95\nEast pier | 3.0 | 1100";

#[test]
fn a_table_between_lines_is_read_cell_by_cell() {
    let (image, lines) = ruled_table();
    let page = read_from(&Page::new(1, "", PageSource::Empty), &image, lines).unwrap();
    assert_eq!(tables_of(&page), [(1, RULED)], "{}", page.text);
    assert!(
        page.text
            .starts_with("The berths of the inner harbour this year\n\nBerth | ")
    );
    // Cells can be cited: their words have places, and say how surely they were read.
    let place = page
        .rects
        .iter()
        .find(|rect| rect.span.of(&page.text) == "1100")
        .unwrap();
    assert!(
        (275.0..310.0).contains(&place.x) && (240.0..262.0).contains(&place.y),
        "{place:?}"
    );
    let doubted: Vec<_> = page.lines.iter().filter(|line| line.confidence < 0.75).collect();
    let said: Vec<_> = doubted.iter().map(|line| line.span.of(&page.text)).collect();
    assert_eq!(said, ["East pier", "3.0", "1100"]);
}

#[test]
fn a_table_between_lines_is_read_however_the_page_lies() {
    let (straight, lines) = ruled_table();
    for degrees in [1.5_f32, -1.9] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let mut image = straight.clone();
        for y in 0..1400 {
            for x in 0..1000 {
                // Where this pixel was before the page was turned around (500, 700).
                let (dx, dy) = (x as f32 - 500.0, y as f32 - 700.0);
                let (u, v) = (500.0 + dx * cos + dy * sin, 700.0 + dy * cos - dx * sin);
                let inside = (0.0..1000.0).contains(&u) && (0.0..1400.0).contains(&v);
                image.grey[y * 1000 + x] = if inside {
                    straight.grey[v as usize * 1000 + u as usize]
                } else {
                    255
                };
            }
        }
        let lines = lines.iter().map(|line| turned(line, degrees)).collect();
        let page = read_from(&Page::new(1, "", PageSource::Empty), &image, lines).unwrap();
        assert_eq!(tables_of(&page), [(1, RULED)], "{degrees} degrees: {}", page.text);
    }
}

#[test]
fn a_frame_around_text_is_no_table() {
    let image = drawn(
        &[(100, 902, 100), (100, 902, 400)],
        &[(100, 402, 100), (100, 402, 900)],
    );
    let lines = (0..6).map(|n| {
        line(
            &format!("running text of the box, line {n}"),
            120.0,
            120.0 + n as f32 * 40.0,
            740.0,
            30.0,
        )
    });
    let page = read_from(&Page::new(1, "", PageSource::Empty), &image, lines.collect()).unwrap();
    assert_eq!(tables_of(&page), []);
}

/// Says that every table has so many rows and columns.
struct Model(Result<(u32, u32)>);

impl TextRecognizer for Model {
    fn id(&self) -> String {
        "model".into()
    }
    fn recognize(&self, _: &PageImage, _: &CancellationToken) -> Result<Vec<RecognizedLine>> {
        Ok(Vec::new())
    }
    fn table(&self, image: &PageImage, _: &CancellationToken) -> Result<Option<TableShape>> {
        assert!(
            image.width > 300 && image.height > 100 && image.height < 400,
            "the table alone"
        );
        let (rows, columns) = self.0.clone()?;
        Ok(Some(TableShape {
            rows,
            columns,
            cells: Vec::new(),
        }))
    }
}

/// Cells without lines around them; every second line of the first column goes on with the one above.
fn wrapped_cells() -> Vec<RecognizedLine> {
    let mut lines = Vec::new();
    let rows = [
        ("Article", "Price"),
        ("a lamp of brass and", "12.00"),
        ("glass", ""),
        ("a rope of hemp, long", "7.50"),
        ("a bucket", "3.10"),
        ("a coat of oiled cloth", "48.00"),
        ("and wool", ""),
    ];
    for (n, (article, price)) in rows.iter().enumerate() {
        let y = 100.0 + n as f32 * 36.0;
        lines.push(line(article, 100.0, y, 14.0 * article.len() as f32, 30.0));
        if !price.is_empty() {
            lines.push(line(price, 600.0, y, 80.0, 30.0));
        }
    }
    lines
}

#[test]
fn a_model_tells_which_lines_are_one_row() {
    let read = |model: Model| {
        let page = Page::new(1, "", PageSource::Empty);
        recognized(
            &page,
            &image(1000, 1400),
            wrapped_cells(),
            &model,
            &CancellationToken::new(),
        )
        .map(Option::unwrap)
    };
    let page = read(Model(Ok((5, 2)))).unwrap();
    let expected = "Article | Price\na lamp of brass and glass | 12.00\na rope of hemp, long | 7.50\na bucket | 3.10\na coat of oiled cloth and wool | 48.00";
    assert_eq!(tables_of(&page), [(1, expected)]);
    // One that fails leaves the page to be read without it; a cancellation ends the reading.
    let failed = read(Model(Err(Error::runtime("out of memory")))).unwrap();
    assert_eq!(failed.rects.len(), page.rects.len());
    assert!(read(Model(Err(Error::canceled()))).unwrap_err().is_canceled());
}

#[test]
fn words_have_places_in_points() {
    let mut words = line("ab cd", 100.0, 200.0, 100.0, 20.0);
    words.places = vec![0.1, 0.3, 0.5, 0.7, 0.9];
    let page = page_of(vec![words]);
    let [first, second] = page.rects.as_slice() else {
        panic!("{:?}", page.rects);
    };
    assert_eq!(first.span.of(&page.text), "ab");
    assert_eq!((first.x, first.y, first.height), (50.0, 100.0, 10.0));
    assert!(
        (first.width - 20.0).abs() < 0.01 && (second.x - 80.0).abs() < 0.01,
        "{first:?} {second:?}"
    );
}

#[test]
fn noise_is_no_text_and_the_page_keeps_what_it_had() {
    let extracted = ExtractedPage {
        image: Some(image(3, 3)),
        warning: Some("page 4 has no text layer".into()),
        ..ExtractedPage::new(Page::new(4, "", PageSource::Empty), None)
    };
    struct Noise;
    impl TextRecognizer for Noise {
        fn id(&self) -> String {
            "noise".into()
        }
        fn recognize(&self, _: &PageImage, _: &CancellationToken) -> Result<Vec<RecognizedLine>> {
            Ok(vec![RecognizedLine {
                confidence: 0.3,
                ..line("~", 0.0, 0.0, 2.0, 2.0)
            }])
        }
    }
    let mut warnings = Vec::new();
    let reader = PageReader::new(Some(Arc::new(Noise)));
    let page = reader
        .read(extracted, &mut warnings, &CancellationToken::new())
        .unwrap();
    assert_eq!((page.source, page.text.as_str()), (PageSource::Empty, ""));
    assert_eq!(
        warnings,
        ["page 4 has no text layer; no text was found in its image"]
    );
}

#[test]
fn words_that_are_recognised_on_a_link_carry_it() {
    struct Words;
    impl TextRecognizer for Words {
        fn id(&self) -> String {
            "words".into()
        }
        fn recognize(&self, _: &PageImage, _: &CancellationToken) -> Result<Vec<RecognizedLine>> {
            let mut words = line("see the rules", 0.0, 0.0, 130.0, 10.0);
            words.places = (0..13).map(|n| (n as f32 + 0.5) / 13.0).collect();
            Ok(vec![words])
        }
    }
    let extracted = ExtractedPage {
        image: Some(image(200, 100)),
        // In points, of which two pixels are one.
        links: vec![LinkArea {
            target: "https://example.org".into(),
            places: vec![[19.0, 0.0, 70.0, 6.0]],
        }],
        ..ExtractedPage::new(Page::new(1, "", PageSource::Empty), None)
    };
    let page = PageReader::new(Some(Arc::new(Words)))
        .read(extracted, &mut Vec::new(), &CancellationToken::new())
        .unwrap();
    let links: Vec<_> = page
        .links
        .iter()
        .map(|link| (link.span.of(&page.text), &*link.target))
        .collect();
    assert_eq!(links, [("the rules", "https://example.org")]);
}

#[test]
fn a_cancellation_is_no_warning() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let extracted = ExtractedPage {
        image: Some(image(3, 3)),
        ..ExtractedPage::new(Page::new(1, "", PageSource::Empty), None)
    };
    let reader = PageReader::new(Some(Arc::new(FakeRecognizer::default())));
    let error = reader.read(extracted, &mut Vec::new(), &cancel).unwrap_err();
    assert!(error.is_canceled());
}

proptest! {
    #[test]
    fn any_lines_make_a_page_with_exact_spans(
        lines in prop::collection::vec(
            ("[ a-zé\u{3042}]{0,12}", prop::array::uniform4(prop::array::uniform2(-50.0f32..3000.0)), prop::collection::vec(-1.0f32..2.0, 0..13)),
            0..60,
        )
    ) {
        let lines: Vec<RecognizedLine> = lines
            .into_iter()
            .map(|(text, corners, places)| RecognizedLine { text, confidence: 0.8, corners, places })
            .collect();
        let words: usize = lines.iter().map(|line| line.text.split_whitespace().count()).sum();
        let given = lines.iter().flat_map(|line| line.text.chars()).filter(|c| !c.is_whitespace()).count();
        let page = read_from(&Page::new(1, "", PageSource::Empty), &image(10, 10), lines);
        prop_assert_eq!(page.is_some(), words > 0);
        if let Some(page) = page {
            // Cells of a table are parted by a bar, which no word has; a word that reaches over two is cut.
            let told = page.text.split_whitespace().filter(|word| *word != "|").count();
            prop_assert!(told >= words);
            prop_assert_eq!(page.rects.len(), told);
            let letters = page.text.chars().filter(|c| !c.is_whitespace() && *c != '|').count();
            prop_assert_eq!(letters, given);
            let mut end = 0;
            for block in &page.blocks {
                prop_assert!(block.span.start >= end && !block.span.is_empty());
                end = block.span.end;
            }
            prop_assert_eq!(end as usize, page.text.chars().count());
            for rect in &page.rects {
                prop_assert!(!rect.span.of(&page.text).contains(char::is_whitespace));
                prop_assert!(rect.width >= 0.0 && rect.height >= 0.0);
            }
        }
    }
}

#[test]
fn what_was_read_tells_the_language_recognised_pages_among_it() {
    let text = "The tenant may end the tenancy by giving three months' written notice to the end of a month.";
    let read = |text: &str, declared: Option<&str>| {
        let mut reading = PageReader::default().begin(CancellationToken::new());
        let page = Page::new(1, text, PageSource::Ocr);
        assert!(reading.page(ExtractedPage::new(page, None)).is_some());
        let summary = ExtractSummary {
            language: declared.map(str::to_owned),
            ..ExtractSummary::default()
        };
        reading.end(Ok(summary)).unwrap().0.language
    };
    assert_eq!(read(text, None).as_deref(), Some("en"));
    assert_eq!(read(text, Some("en_GB")).as_deref(), Some("en-GB"));
    assert_eq!(read("No. 14", None), None);
}
