//! Text recognition with the real model, on a page of this repository.

mod common;

use footnote_core::ocr::{ExtractedPage, PageImage, PageReader};
use footnote_core::types::{Page, PageSource};
use tokio_util::sync::CancellationToken;

/// Three lines set in a serif face at 100 dpi; see `fixtures/README.md`.
const PAGE: &[u8] = include_bytes!("fixtures/ocr-page.pgm");
const TEXT: &str = "The harbour opens at six in the morning.\nThe ferry to Norderney leaves at eight.\nTickets cost 12 euros, children pay half.";

fn image() -> PageImage {
    let text = String::from_utf8_lossy(&PAGE[..40]);
    let mut fields = text.split_ascii_whitespace();
    assert_eq!(fields.next(), Some("P5"));
    let mut number = || fields.next().and_then(|n| n.parse().ok()).expect("a number");
    let (width, height): (u32, u32) = (number(), number());
    let grey = PAGE[PAGE.len() - (width * height) as usize..].to_vec();
    PageImage {
        width,
        height,
        dpi: 100.0,
        grey,
    }
}

/// The image after `quarters` quarter turns clockwise.
fn turned(image: &PageImage, quarters: u32) -> PageImage {
    let mut image = image.clone();
    for _ in 0..quarters {
        let (w, h) = (image.width as usize, image.height as usize);
        let grey = (0..w * h)
            .map(|at| image.grey[(h - 1 - at % h) * w + at / h])
            .collect();
        image = PageImage {
            width: h as u32,
            height: w as u32,
            grey,
            ..image
        };
    }
    image
}

#[test]
fn a_page_is_read_however_it_lies_in_the_scanner() {
    let Some(recognizer) = common::recognizer() else {
        return;
    };
    let reader = PageReader::new(Some(std::sync::Arc::new(recognizer)));
    for quarters in 0..4 {
        let image = turned(&image(), quarters);
        let (width, height) = (image.width as f32 * 0.72, image.height as f32 * 0.72);
        let extracted = ExtractedPage {
            image: Some(image),
            ..ExtractedPage::new(Page::new(1, "", PageSource::Empty), None)
        };
        let mut warnings = Vec::new();
        let page = reader
            .read(extracted, &mut warnings, &CancellationToken::new())
            .expect("the page is read");
        assert_eq!(
            (page.text.as_str(), page.source, &warnings),
            (TEXT, PageSource::Ocr, &Vec::new()),
            "{quarters} quarter turns"
        );
        assert!(
            page.confidence.is_some_and(|sure| sure > 0.9),
            "{:?}",
            page.confidence
        );
        assert_eq!(page.rects.len(), TEXT.split_whitespace().count());
        for rect in &page.rects {
            assert!(rect.x >= 0.0 && rect.x + rect.width <= width + 1.0, "{rect:?}");
            assert!(rect.y >= 0.0 && rect.y + rect.height <= height + 1.0, "{rect:?}");
        }
    }
}

#[test]
fn a_blank_page_has_no_lines_and_a_cancelled_one_is_not_read() {
    let Some(recognizer) = common::recognizer() else {
        return;
    };
    use footnote_core::ports::TextRecognizer;
    let blank = PageImage {
        width: 300,
        height: 200,
        dpi: 100.0,
        grey: vec![255; 60_000],
    };
    let cancel = CancellationToken::new();
    assert_eq!(recognizer.recognize(&blank, &cancel).expect("it runs"), []);
    cancel.cancel();
    let error = recognizer
        .recognize(&image(), &cancel)
        .expect_err("it was cancelled");
    assert!(error.is_canceled());
}
