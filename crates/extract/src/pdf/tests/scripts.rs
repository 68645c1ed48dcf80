//! Exponents, indices and marks of notes.

use super::*;

/// Text at 50, 500 in size 10; each further part in its size, raised by so much, right behind what comes before it.
fn set(parts: &[(&str, f64, f64)]) -> String {
    let mut out = String::from("BT 50 500 Td ");
    for (text, size, rise) in parts {
        let _ = write!(out, "/F {size} Tf {rise} Ts ({text}) Tj ");
    }
    out + "ET"
}

fn text(parts: &[(&str, f64, f64)]) -> String {
    let (pages, _) = read(&pdf("", &[&set(parts)])).unwrap();
    pages[0].text.clone()
}

#[test]
fn exponents_do_not_become_digits_of_their_number() {
    // As TeX, a word processor, a spreadsheet and a browser set them.
    for (size, rise) in [(7.0, 3.6), (6.5, 3.3), (5.8, 1.9), (8.3, 3.4)] {
        let shown = text(&[("about 10", 10.0, 0.0), ("3", size, rise), (" cells", 10.0, 0.0)]);
        assert_eq!(shown, "about 10³ cells", "{size}, {rise}");
    }
    assert_eq!(
        text(&[("2 x 10", 10.0, 0.0), ("-12", 7.0, 3.6), (", or so", 10.0, 0.0)]),
        "2 x 10⁻¹², or so"
    );
    assert_eq!(
        text(&[("5 m", 10.0, 0.0), ("2", 7.0, 3.6), (" of floor", 10.0, 0.0)]),
        "5 m² of floor"
    );
}

#[test]
fn marks_of_notes_do_not_become_digits_of_the_number_before() {
    assert_eq!(
        text(&[
            ("it was 1,234", 10.0, 0.0),
            ("1", 7.0, 3.6),
            (" in all", 10.0, 0.0)
        ]),
        "it was 1,234¹ in all"
    );
    assert_eq!(
        text(&[("as shown.", 10.0, 0.0), ("2,5", 7.0, 3.6), (" Later", 10.0, 0.0)]),
        "as shown.²,⁵ Later"
    );
}

#[test]
fn indices_are_part_of_their_word() {
    assert_eq!(
        text(&[("much CO", 10.0, 0.0), ("2", 7.0, -2.8), (" escapes", 10.0, 0.0)]),
        "much CO2 escapes"
    );
    assert_eq!(text(&[("is 101", 10.0, 0.0), ("2", 7.0, -2.8)]), "is 101₂");
}

#[test]
fn what_is_small_for_another_reason_stays() {
    // On the line; raised letters; the upper half of a fraction; a mark that stands apart.
    assert_eq!(text(&[("page 10", 10.0, 0.0), ("3", 7.0, 0.0)]), "page 103");
    assert_eq!(text(&[("the 21", 10.0, 0.0), ("st", 7.0, 3.6)]), "the 21 st");
    assert_eq!(
        text(&[
            ("2", 10.0, 0.0),
            ("3", 7.0, 3.6),
            ("/", 10.0, 0.0),
            ("4", 7.0, 0.0)
        ])
        .replace(' ', ""),
        "23/4"
    );
    assert_eq!(text(&[("pay 10 ", 10.0, 0.0), ("3", 7.0, 3.6)]), "pay 10 3");
}

#[test]
fn marks_have_places_of_their_own() {
    let content = set(&[("10", 10.0, 0.0), ("3", 7.0, 3.6), (" km", 10.0, 0.0)]);
    let (pages, _) = read(&pdf("", &[&content])).unwrap();
    let page = &pages[0];
    let words: Vec<_> = page.rects.iter().map(|rect| rect.span.of(&page.text)).collect();
    assert_eq!(words, ["10", "³", "km"]);
    assert!(page.rects[1].height < page.rects[0].height);
    assert!(page.rects[1].x >= page.rects[0].x + page.rects[0].width - 0.01);
}
