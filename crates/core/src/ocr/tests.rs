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
    recognized(&Page::new(1, "", PageSource::Empty), &image(1000, 1400), lines).unwrap()
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
    let read = recognized(&page, &image(1000, 1400), lines).unwrap();
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
    let text = page_of(lines).text;
    assert!(text.starts_with("berth 0\tdepth 0\tfee 0\nberth 1\t"), "{text}");
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
        let page = recognized(&Page::new(1, "", PageSource::Empty), &image(10, 10), lines);
        prop_assert_eq!(page.is_some(), words > 0);
        if let Some(page) = page {
            prop_assert_eq!(page.text.split_whitespace().count(), words);
            prop_assert_eq!(page.rects.len(), words);
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
