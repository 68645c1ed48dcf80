//! Words broken by lines, and what the outline says.

use super::*;

fn text_of(lines: &[&str]) -> Page {
    let lines: String = (0..)
        .zip(lines)
        .map(|(n, text)| line(50, 500 - 12 * n, 10, text))
        .collect();
    read(&pdf("", &[&lines])).unwrap().0.remove(0)
}

#[test]
fn a_word_broken_by_a_line_is_one_word_with_two_places() {
    let page = text_of(&[
        "The keeper of the light-",
        "house cleans the lamp, a state-of-",
        "the-art one, pre-",
        "and post-war alike.",
    ]);
    assert_eq!(
        page.text,
        "The keeper of the lighthouse\ncleans the lamp, a state-of-the-art\none, pre-\nand post-war alike."
    );
    let halves: Vec<_> = page
        .rects
        .iter()
        .filter(|rect| ["light", "house"].contains(&rect.span.of(&page.text)))
        .collect();
    assert_eq!(halves.len(), 2);
    assert_eq!(halves[0].span.end, halves[1].span.start);
    assert!(
        halves[1].y > halves[0].y && halves[1].x < halves[0].x,
        "each half stands on its own line: {halves:?}"
    );
}

#[test]
fn soft_hyphens_go_wherever_a_line_breaks_on_them() {
    let soft = "/Span << /ActualText <FEFF00AD> >> BDC (-) Tj EMC";
    let broken = |more: &str| {
        format!("BT /F 10 Tf 50 500 Td (The oil was well) Tj {soft} ET\n") + &line(50, 488, 10, more)
    };
    let (pages, _) = read(&pdf("", &[&broken("ing up.")])).unwrap();
    assert_eq!(pages[0].text, "The oil was welling\nup.");
    // Fonts that call every hyphen a soft one have them inside lines too.
    let inside = format!("BT /F 10 Tf 50 512 Td (A well) Tj {soft} (known lamp) Tj ET\n");
    let (pages, _) = read(&pdf("", &[&(inside + &broken("known to burn"))])).unwrap();
    assert_eq!(
        pages[0].text,
        "A well-known lamp\nThe oil was well-known\nto burn"
    );
}

#[test]
fn cells_of_a_table_are_not_joined() {
    let cells = line(50, 500, 10, "lamp-")
        + &line(200, 500, 10, "1")
        + &line(50, 488, 10, "room")
        + &line(200, 488, 10, "2");
    let (pages, _) = read(&pdf("", &[&cells])).unwrap();
    assert!(pages[0].text.contains("lamp-"), "{}", pages[0].text);
}

/// Two pages whose headings are set like their text; the outline names them.
fn outlined() -> Vec<Page> {
    let first = line(50, 500, 10, "1 Lamp care")
        + &line(
            50,
            488,
            10,
            "The lamp is cleaned before dusk and checked again at dawn.",
        )
        + &line(50, 476, 10, "Every morning")
        + &line(
            50,
            464,
            10,
            "Trim the wick and fill the oil before the glass is wiped.",
        );
    let second = line(50, 560, 10, "Every") + &line(50, 548, 10, "evening") + &line(50, 536, 10, "Light it.");
    // Pages are objects 5 and 7; the first object behind them is 9.
    let objects = [
        "<< /Type /Outlines /First 10 0 R /Last 10 0 R >>",
        "<< /Title (Lamp care) /Parent 9 0 R /First 11 0 R /Last 12 0 R /Dest [5 0 R /XYZ 0 512 0] >>",
        "<< /Title <FEFF004500760065007200790020006500760065006E0069006E0067> /Parent 10 0 R /Next 12 0 R /A << /S /GoTo /D (evening) >> >>",
        "<< /Title (Every morning) /Parent 10 0 R /Next 11 0 R /Dest /morning >>",
        "<< /Names [(evening) [7 0 R /FitH 575]] >>",
    ];
    let catalog = "/Outlines 9 0 R /Dests << /morning << /D [5 0 R /XYZ null 490 null] >> >> /Names << /Dests 13 0 R >>";
    read(&pdf_with(catalog, "", &[&first, &second], &objects))
        .unwrap()
        .0
}

#[test]
fn the_outlines_titles_become_headings_of_its_levels() {
    let pages = outlined();
    let (chapter, section) = (BlockKind::Heading { level: 1 }, BlockKind::Heading { level: 2 });
    assert_eq!(blocks_of(&pages[0], chapter), ["1 Lamp care"]);
    assert_eq!(blocks_of(&pages[0], section), ["Every morning"]);
    assert_eq!(blocks_of(&pages[1], section), ["Every\nevening"]);
    assert_eq!(
        blocks_of(&pages[0], BlockKind::Paragraph),
        [
            "The lamp is cleaned before dusk and checked again at dawn.",
            "Trim the wick and fill the oil before the glass is wiped."
        ]
    );
}

#[test]
fn headings_that_only_type_shows_come_below_those_of_the_outline() {
    let page = line(50, 550, 10, "Lamp care")
        + &line(50, 520, 20, "Wicks")
        + &(0..6)
            .map(|n| {
                line(
                    50,
                    490 - 12 * n,
                    10,
                    "The lamp is cleaned before dusk and checked again at dawn.",
                )
            })
            .collect::<String>();
    let objects = [
        "<< /Type /Outlines /First 8 0 R >>",
        "<< /Title (Lamp care) /Dest [0 /Fit] >>",
    ];
    let bytes = pdf_with("/Outlines 7 0 R", "", &[&page], &objects);
    let (pages, _) = read(&bytes).unwrap();
    assert_eq!(
        blocks_of(&pages[0], BlockKind::Heading { level: 1 }),
        ["Lamp care"]
    );
    assert_eq!(blocks_of(&pages[0], BlockKind::Heading { level: 2 }), ["Wicks"]);
}

#[test]
fn an_outline_that_refers_to_itself_ends() {
    let objects = [
        "<< /Type /Outlines /First 8 0 R >>",
        "<< /Title (one) /First 8 0 R /Next 7 0 R /Dest (x) >>",
        "<< /Kids [9 0 R 9 0 R] >>",
    ];
    let catalog = "/Outlines 7 0 R /Names << /Dests 9 0 R /EmbeddedFiles 9 0 R >>";
    let (pages, about) = read(&pdf_with(catalog, "", &[&line(50, 500, 10, "one")], &objects)).unwrap();
    assert_eq!(pages.len(), 1);
    assert!(about.warnings.is_empty());
}

#[test]
fn bullets_of_symbol_fonts_are_bullets() {
    let shown = crate::pdf::font::readable("\u{f0b7}\u{f020}one");
    assert_eq!(shown, "• one");
}
