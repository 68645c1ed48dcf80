//! Form fields, comments, links and files inside.

use footnote_core::types::Link;

use super::*;

/// One page with these annotations, whose objects follow the page's.
fn annotated(content: &str, objects: &[&str]) -> (Vec<Page>, ExtractSummary) {
    let list: String = (0..objects.len()).map(|n| format!("{} 0 R ", 7 + n)).collect();
    read(&pdf_with("", &format!("/Annots [{list}]"), &[content], objects)).unwrap()
}

#[test]
fn fields_without_an_appearance_show_their_values_where_they_stand() {
    let content = line(50, 500, 10, "Name:") + &line(50, 480, 10, "Harbour:") + &line(50, 460, 10, "Key:");
    let (pages, _) = annotated(
        &content,
        &[
            "<< /Subtype /Widget /FT /Tx /Rect [100 496 300 510] /DA (/F 10 Tf) /V (Ada Keeper) >>",
            "<< /Subtype /Widget /FT /Ch /Rect [100 476 300 490] /DA (/F 10 Tf 0 g) /V (n) \
             /Opt [[(s) (South)] [(n) (North)]] >>",
            "<< /Subtype /Widget /FT /Tx /Ff 8192 /Rect [100 456 300 470] /V (secret) >>",
        ],
    );
    let text = pages[0].text.replace("\n\n", "\n").replace('\t', " ");
    assert_eq!(text, "Name: Ada Keeper\nHarbour: North\nKey:", "{text}");
    let ada = pages[0]
        .rects
        .iter()
        .find(|rect| rect.span.of(&pages[0].text) == "Ada")
        .unwrap();
    assert!(
        ada.x >= 100.0 && ada.y > 88.0 && ada.y + ada.height < 106.0,
        "{ada:?}"
    );
}

#[test]
fn an_appearance_says_it_once() {
    let (pages, _) = annotated(
        "",
        &[
            "<< /Subtype /Widget /FT /Tx /Rect [100 496 300 510] /V (Ada) /AP << /N 8 0 R >> >>",
            "<< /Type /XObject /Subtype /Form /BBox [0 0 200 14] /Resources << /Font << /F 3 0 R >> >> \
             /Length 34 >>\nstream\nBT /F 10 Tf 2 3 Td (Ada L.) Tj ET \nendstream",
        ],
    );
    assert_eq!(pages[0].text, "Ada L.");
}

#[test]
fn check_boxes_and_radio_buttons_say_whether_they_are_on() {
    let content = line(70, 500, 10, "lit")
        + &line(70, 480, 10, "dark")
        + &line(70, 460, 10, "north")
        + &line(70, 440, 10, "south");
    let (pages, _) = annotated(
        &content,
        &[
            "<< /Subtype /Widget /FT /Btn /Rect [50 498 60 508] /AS /Yes /V /Yes >>",
            "<< /Subtype /Widget /FT /Btn /Rect [50 478 60 488] /AS /Off >>",
            "<< /Subtype /Widget /Parent 11 0 R /Rect [50 458 60 468] /AP << /N << /n 12 0 R /Off 12 0 R >> >> >>",
            "<< /Subtype /Widget /Parent 11 0 R /Rect [50 438 60 448] /AP << /N << /s 12 0 R /Off 12 0 R >> >> >>",
            "<< /FT /Btn /Ff 32768 /V /n >>",
            "<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream",
        ],
    );
    assert_eq!(pages[0].text, "☑ lit\n☐ dark\n◉ north\n◯ south");
}

#[test]
fn comments_follow_the_page_with_their_authors_and_places() {
    let (pages, _) = annotated(
        &line(50, 500, 10, "The lamp was lit at dusk."),
        &[
            "<< /Subtype /Text /Rect [300 490 320 510] /T (Ada) /Contents (Which lamp?\\rAsk Ben.) >>",
            "<< /Subtype /Popup /Rect [0 0 9 9] /Contents (not this) >>",
            "<< /Subtype /Highlight /Rect [50 490 90 510] /F 2 /Contents (hidden) >>",
            "<< /Subtype /FreeText /Rect [50 400 350 420] /DA (/F 10 Tf) /Contents (Typed on the page) >>",
        ],
    );
    let page = &pages[0];
    assert_eq!(
        blocks_of(page, BlockKind::Footnote),
        ["Ada: Which lamp?\nAsk Ben."]
    );
    assert!(page.text.contains("Typed on the page"));
    assert!(!page.text.contains("not this") && !page.text.contains("hidden"));
    let word = page
        .rects
        .iter()
        .find(|rect| rect.span.of(&page.text) == "Which")
        .unwrap();
    assert_eq!(
        (word.x, word.y, word.width, word.height),
        (300.0, 90.0, 20.0, 20.0)
    );
}

#[test]
fn a_comment_does_not_stand_for_the_text_of_a_scan() {
    let list = "/Annots [7 0 R]";
    let drawing = "0 0 m 10 10 l S ".repeat(10);
    let note = "<< /Subtype /Text /Rect [300 490 320 510] /Contents (Read this) >>";
    let (pages, about) = read(&pdf_with("", list, &[&drawing], &[note])).unwrap();
    assert_eq!(pages[0].text, "Read this");
    assert_eq!(about.warnings, ["page 1 has no text layer (a scan?)"]);
}

#[test]
fn links_lie_on_the_words_that_carry_them() {
    let content = line(50, 500, 10, "See the harbour guide or") + &line(50, 488, 10, "the next page of it.");
    let (pages, _) = annotated(
        &content,
        &[
            "<< /Subtype /Link /Rect [86 497 150 509] /A << /S /URI /URI (https://example.org/guide) >> >>",
            "<< /Subtype /Link /Rect [66 485 110 497] /Dest [5 0 R /Fit] >>",
            "<< /Subtype /Link /Rect [300 300 310 310] /A << /S /URI /URI (https://example.org/nothing) >> >>",
        ],
    );
    let page = &pages[0];
    let links: Vec<_> = page
        .links
        .iter()
        .map(|Link { span, target }| (span.of(&page.text), target.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("harbour guide", "https://example.org/guide"),
            ("next page", "#page=1")
        ]
    );
}

#[test]
fn files_inside_are_read_after_the_pages() {
    let list = "Lamp,Oil\nNorth,3\n";
    let objects = [
        "<< /Names [(oil.csv) 8 0 R (thing.bin) 12 0 R] >>".to_owned(),
        "<< /Type /Filespec /F (x) /UF <FEFF006F0069006C002E006300730076> /EF << /F 9 0 R >> >>".to_owned(),
        format!(
            "<< /Type /EmbeddedFile /Length {} >>\nstream\n{list}\nendstream",
            list.len()
        ),
        "<< /Subtype /FileAttachment /Rect [10 10 20 20] /FS << /F (note.txt) /EF << /F 11 0 R >> >> >>"
            .to_owned(),
        "<< /Length 14 >>\nstream\nBring the oil.\nendstream".to_owned(),
        "<< /F (thing.bin) /EF << /F 13 0 R >> >>".to_owned(),
        "<< /Length 4 >>\nstream\n\u{1}\u{2}\u{3}\u{0}\nendstream".to_owned(),
    ];
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let catalog = "/Names << /EmbeddedFiles 7 0 R >>";
    let bytes = pdf_with(
        catalog,
        "/Annots [10 0 R]",
        &[&line(50, 500, 10, "See inside.")],
        &objects,
    );
    let (pages, about) = read(&bytes).unwrap();
    let labels: Vec<_> = pages.iter().map(|page| page.label.as_deref()).collect();
    assert_eq!(
        labels,
        [None, Some("oil.csv · 1"), Some("note.txt")],
        "{:?}",
        about.warnings
    );
    assert_eq!(pages[1].number, 2);
    assert!(pages[1].text.contains("North | 3") && pages[2].text == "Bring the oil.");
    assert_eq!(about.pages, 3);
    assert_eq!(about.warnings, ["not read, their formats are unknown: thing.bin"]);
}

#[test]
fn formulas_that_are_embedded_as_a_supplement_are_not_read_twice() {
    let formula = "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi>n</mi></math>";
    let objects = [
        "<< /Names [(m.xml) 8 0 R] >>".to_owned(),
        "<< /F (m.xml) /AFRelationship /Supplement /EF << /F 9 0 R >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{formula}\nendstream", formula.len()),
    ];
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let content = line(50, 500, 10, "n");
    let (pages, _) = read(&pdf_with(
        "/Names << /EmbeddedFiles 7 0 R >>",
        "",
        &[&content],
        &objects,
    ))
    .unwrap();
    assert_eq!(pages.len(), 1);
}

#[test]
fn a_pdf_that_holds_itself_many_times_ends() {
    let mut inner = pdf("", &[&line(50, 500, 10, "the innermost")]);
    for _ in 0..5 {
        let held = String::from_utf8(inner).unwrap();
        let objects = [
            "<< /Names [(in.pdf) << /F (in.pdf) /EF << /F 8 0 R >> >>] >>".to_owned(),
            format!("<< /Length {} >>\nstream\n{held}\nendstream", held.len()),
        ];
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        inner = pdf_with(
            "/Names << /EmbeddedFiles 7 0 R >>",
            "",
            &[&line(50, 500, 10, "around it")],
            &objects,
        );
    }
    let (pages, about) = read(&inner).unwrap();
    assert_eq!(pages.len(), 4);
    assert!(
        about.warnings.iter().any(|w| w.contains("embedded files")),
        "{:?}",
        about.warnings
    );
}
