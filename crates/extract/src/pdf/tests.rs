//! Pages drawn by hand, one feature each.

mod annotations;
mod furniture;
mod scripts;
mod tables;
mod text;

use std::fmt::Write;
use std::ops::ControlFlow;

use footnote_core::ErrorCode;
use footnote_core::types::{BlockKind, ExtractSummary, Page, PageSource};
use proptest::prelude::*;

use crate::nest::Nest;

/// A PDF with one page a content stream; `page` is added to every page's dictionary.
fn pdf(page: &str, contents: &[&str]) -> Vec<u8> {
    pdf_with("", page, contents, &[])
}

/// As [`pdf`], with entries for the catalog and further objects: the first one's number is 5 and
/// two a page.
fn pdf_with(catalog: &str, page: &str, contents: &[&str], objects: &[&str]) -> Vec<u8> {
    let mut out = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    let mut object = |out: &mut String, body: &str| {
        places.push(out.len());
        let number = places.len();
        let _ = write!(out, "{number} 0 obj\n{body}\nendobj\n");
    };
    let kids: String = (0..contents.len())
        .map(|n| format!("{} 0 R ", 5 + 2 * n))
        .collect();
    object(&mut out, &format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"));
    object(
        &mut out,
        &format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", contents.len()),
    );
    object(
        &mut out,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    object(
        &mut out,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    );
    for (n, content) in contents.iter().enumerate() {
        let body = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] {page} /Contents {} 0 R \
             /Resources << /Font << /F 3 0 R /B 4 0 R >> >> >>",
            6 + 2 * n
        );
        object(&mut out, &body);
        object(
            &mut out,
            &format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        );
    }
    for body in objects {
        object(&mut out, body);
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let _ = write!(
        out,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        places.len() + 1
    );
    out.into_bytes()
}

fn read(bytes: &[u8]) -> footnote_core::Result<(Vec<Page>, ExtractSummary)> {
    let (mut pages, mut about) = (Vec::new(), ExtractSummary::default());
    let mut images = Vec::new();
    about.pages = super::read(bytes, None, &Nest::outermost(), &mut about, &mut |extracted| {
        assert_eq!(extracted.image.is_some(), extracted.warning.is_some());
        images.extend(extracted.warning);
        let page = extracted.page;
        crate::invariants::check(&page);
        pages.push(page);
        ControlFlow::Continue(())
    })?;
    about.warnings.extend(images);
    Ok((pages, about))
}

/// The texts of a page's blocks of one kind.
fn blocks_of(page: &Page, kind: BlockKind) -> Vec<&str> {
    let blocks = page.blocks.iter().filter(|block| block.kind == kind);
    blocks.map(|block| block.span.of(&page.text)).collect()
}

fn line(x: u32, y: u32, size: u32, text: &str) -> String {
    format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n")
}

#[test]
fn words_stand_where_they_are_drawn() {
    let (pages, _) = read(&pdf("", &[&line(50, 500, 10, "Mind the lamp")])).unwrap();
    let page = &pages[0];
    assert_eq!(page.text, "Mind the lamp");
    assert_eq!(page.size, Some((400.0, 600.0)));
    let words: Vec<_> = page.rects.iter().map(|rect| rect.span.of(&page.text)).collect();
    assert_eq!(words, ["Mind", "the", "lamp"]);
    let first = page.rects[0];
    // Widths of M, i, n, d in Helvetica: 833 + 222 + 556 + 556 thousandths.
    assert!(
        (first.x - 50.0).abs() < 0.01 && (first.width - 21.67).abs() < 0.01,
        "{first:?}"
    );
    assert!(
        first.y < 100.0 && first.y + first.height > 100.0,
        "the baseline lies inside: {first:?}"
    );
}

#[test]
fn crop_and_rotation_are_those_of_the_viewer() {
    let bytes = pdf(
        "/Rotate 90 /CropBox [40 100 400 600]",
        &[&line(50, 500, 10, "turned")],
    );
    let (pages, _) = read(&bytes).unwrap();
    assert_eq!(pages[0].size, Some((500.0, 360.0)));
    let rect = pages[0].rects[0];
    // 100 below the top becomes 400 from the left; 10 from the left becomes 10 from the top.
    assert!(
        (rect.y - 10.0).abs() < 0.1 && rect.x < 400.0 && rect.x + rect.width > 400.0,
        "{rect:?}"
    );
    assert!(rect.height > rect.width, "the word runs down the page: {rect:?}");
}

#[test]
fn larger_lines_are_headings_and_gaps_part_paragraphs() {
    let mut content = line(50, 550, 20, "Lamp room");
    for n in 0..4 {
        content += &line(
            50,
            520 - 12 * n,
            10,
            "The lamp is cleaned before dusk and checked again at dawn.",
        );
    }
    for n in 0..3 {
        content += &line(
            50,
            450 - 12 * n,
            10,
            "Oil is brought up on Mondays and entered in the log book.",
        );
    }
    let (pages, _) = read(&pdf("", &[&content])).unwrap();
    let kinds: Vec<_> = pages[0].blocks.iter().map(|block| block.kind).collect();
    assert_eq!(
        kinds,
        [
            BlockKind::Heading { level: 1 },
            BlockKind::Paragraph,
            BlockKind::Paragraph
        ]
    );
}

#[test]
fn columns_are_read_one_after_the_other_and_tables_by_row() {
    let mut columns = String::new();
    for n in 0..6 {
        columns += &line(
            40,
            500 - 12 * n,
            8,
            &format!("left line {n} goes on to the gutter"),
        );
        columns += &line(
            220,
            500 - 12 * n,
            8,
            &format!("right line {n} goes on to the edge"),
        );
    }
    let (pages, _) = read(&pdf("", &[&columns])).unwrap();
    let text = &pages[0].text;
    assert!(
        text.find("left line 5").unwrap() < text.find("right line 0").unwrap(),
        "{text}"
    );

    let mut table = String::new();
    for n in 0..6 {
        table += &line(40, 500 - 12 * n, 8, &format!("item {n}"));
        table += &line(220, 500 - 12 * n, 8, &format!("{n}0.00"));
    }
    let (pages, _) = read(&pdf("", &[&table])).unwrap();
    assert!(
        pages[0].text.starts_with("item 0 | 00.00\nitem 1 | 10.00"),
        "{}",
        pages[0].text
    );
    assert_eq!(pages[0].blocks[0].kind, BlockKind::Table { header_rows: 0 });
}

#[test]
fn letters_drawn_one_by_one_or_twice_make_one_word() {
    let content = "BT /F 10 Tf 50 500 Td [(l) 20 (amp) -300 (oil)] TJ ET BT /F 10 Tf 50.2 500 Td (l) Tj ET";
    let (pages, _) = read(&pdf("", &[content])).unwrap();
    assert_eq!(pages[0].text, "lamp oil");
}

#[test]
fn narrow_letters_that_a_word_has_twice_stay_twice() {
    // Set to 80 % of its width, an "l" of Helvetica is 0.18 of its size wide.
    let (pages, _) = read(&pdf("", &["BT /F 10 Tf 80 Tz 50 500 Td (all will tell) Tj ET"])).unwrap();
    assert_eq!(pages[0].text, "all will tell");
}

#[test]
fn pages_without_text_are_empty_and_say_so() {
    let drawing = "0 0 m 10 10 l S ".repeat(10);
    let (pages, summary) = read(&pdf("", &[&line(50, 500, 10, "one"), &drawing])).unwrap();
    assert_eq!(pages[1].source, PageSource::Empty);
    assert_eq!(summary.warnings, ["page 2 has no text layer (a scan?)"]);
}

#[test]
fn a_page_without_text_comes_with_its_image_as_displayed() {
    let drawing = "0 0 m 10 10 l S ".repeat(10) + "100 500 200 50 re f";
    let mut extracted = Vec::new();
    let bytes = pdf("/Rotate 90", &[&line(50, 500, 10, "one"), &drawing]);
    super::read(
        &bytes,
        None,
        &Nest::outermost(),
        &mut ExtractSummary::default(),
        &mut |page| {
            extracted.push(page);
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    assert!(extracted[0].image.is_none(), "a page with text is left alone");
    let image = extracted[1].image.as_ref().unwrap();
    let points = 72.0 / image.dpi;
    let (width, height) = extracted[1].page.size.unwrap();
    assert!(
        (image.width as f32 * points - width).abs() < 1.0,
        "{} {width}",
        image.width
    );
    assert!(
        (image.height as f32 * points - height).abs() < 1.0,
        "{} {height}",
        image.height
    );
    // The bar from (100, 500) to (300, 550), turned clockwise: 500 to 550 from the left, 100 to 300 from the top.
    let at =
        |x: f32, y: f32| image.grey[(y / points) as usize * image.width as usize + (x / points) as usize];
    assert_eq!(
        (at(525.0, 200.0), at(525.0, 90.0), at(490.0, 200.0)),
        (0, 255, 255)
    );
}

#[test]
fn a_broken_table_of_objects_is_rebuilt() {
    let bytes = pdf("", &[&line(50, 500, 10, "still here")]);
    let cut = bytes.windows(4).rposition(|w| w == b"xref").unwrap() - 60;
    let (pages, _) = read(&bytes[..cut]).unwrap();
    assert_eq!(pages[0].text, "still here");
}

#[test]
fn a_password_is_asked_for_by_code() {
    let bytes = pdf("", &[""]);
    let text = String::from_utf8(bytes).unwrap();
    let dict = "/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <00> /U <00> >>";
    let error = read(text.replace("/Root 1 0 R", dict).as_bytes()).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::PasswordNeeded));
    assert!(error.hint.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_drawing_keeps_the_invariants(
        lines in prop::collection::vec((0u32..400, 0u32..600, 1u32..40, "[a-z .]{0,30}"), 0..40)
    ) {
        let content: String = lines.iter().map(|(x, y, size, text)| line(*x, *y, *size, text)).collect();
        read(&pdf("", &[&content])).unwrap();
    }

    #[test]
    fn flipped_bytes_never_panic(at in 0usize..1200, to in any::<u8>()) {
        let mut bytes = pdf("", &[&line(50, 500, 10, "one"), &line(50, 500, 10, "two")]);
        let at = at % bytes.len();
        bytes[at] = to;
        let _ = read(&bytes);
    }
}

#[test]
fn the_catalog_names_the_language() {
    let named = |catalog| {
        read(&pdf_with(
            catalog,
            "",
            &["BT /F 10 Tf 50 500 Td (Lampe) Tj ET"],
            &[],
        ))
        .unwrap()
        .1
    };
    assert_eq!(named("/Lang (de-CH)").language.as_deref(), Some("de-CH"));
    assert_eq!(named("/Lang <FEFF00640065>").language.as_deref(), Some("de"));
    assert_eq!(named("/Lang ()").language, None);
    assert_eq!(named("").language, None);
}
