//! Tables, ruled and borderless, and what only looks like one.

use super::*;

/// The tables of the first page: how many rows name the columns, and the text.
fn tables(content: &str) -> Vec<(u16, String)> {
    let (pages, _) = read(&pdf("", &[content])).unwrap();
    let page = &pages[0];
    let found = page.blocks.iter().filter_map(|block| match block.kind {
        BlockKind::Table { header_rows } => Some((header_rows, block.span.of(&page.text).to_owned())),
        _ => None,
    });
    found.collect()
}

fn bold(x: u32, y: u32, size: u32, text: &str) -> String {
    line(x, y, size, text).replace("/F ", "/B ")
}

/// Lines around cells with these edges.
fn ruled(xs: &[u32], ys: &[u32]) -> String {
    let (left, right) = (xs[0], xs[xs.len() - 1]);
    let (low, high) = (ys[0], ys[ys.len() - 1]);
    let level = ys.iter().map(|y| format!("{left} {y} m {right} {y} l S\n"));
    // Some writers draw thin boxes instead of lines.
    let upright = xs.iter().map(|x| format!("{x} {low} 0.5 {} re f\n", high - low));
    level.chain(upright).collect()
}

#[test]
fn cells_between_lines_make_a_table_with_their_own_lines_joined() {
    let content = ruled(&[50, 150, 250, 350], &[400, 440, 480, 500])
        + &bold(55, 487, 10, "Berth")
        + &bold(155, 487, 10, "Depth")
        + &bold(255, 487, 10, "Remarks")
        + &line(55, 467, 10, "North")
        + &line(155, 467, 10, "four")
        + &line(255, 467, 10, "mud below, light-")
        + &line(255, 455, 10, "house beside it")
        + &line(55, 427, 10, "South")
        + &line(255, 427, 10, "sand")
        + &line(50, 380, 10, "The harbour is open all year.");
    assert_eq!(
        tables(&content),
        [(
            1,
            "Berth | Depth | Remarks\nNorth | four | mud below, lighthouse beside it\nSouth |  | sand"
                .to_owned()
        )]
    );
    let (pages, _) = read(&pdf("", &[&content])).unwrap();
    assert!(
        pages[0].text.ends_with("\n\nThe harbour is open all year."),
        "{}",
        pages[0].text
    );
}

#[test]
fn a_ruled_table_stands_where_it_is_among_columns() {
    let mut content = String::new();
    for n in 0..6 {
        let y = 560 - 12 * n;
        content += &line(40, y, 8, &format!("left line {n} goes on to the gutter"));
        content += &line(220, y, 8, &format!("right line {n} goes on to the edge"));
    }
    content += &ruled(&[40, 200, 360], &[440, 460, 480]);
    content += &(line(45, 465, 8, "Berth") + &line(205, 465, 8, "Depth"));
    content += &(line(45, 445, 8, "North") + &line(205, 445, 8, "4"));
    for n in 0..6 {
        let y = 420 - 12 * n;
        content += &line(40, y, 8, &format!("left line {} goes on to the gutter", n + 6));
        content += &line(220, y, 8, &format!("right line {} goes on to the edge", n + 6));
    }
    let (pages, _) = read(&pdf("", &[&content])).unwrap();
    let text = &pages[0].text;
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
    let order = [
        "left line 5",
        "right line 0",
        "right line 5",
        "Berth | Depth\nNorth | 4",
        "left line 6",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    assert_eq!(tables(&content).len(), 1);
    assert_eq!(tables(&content)[0].0, 1, "names stand over numbers");
}

#[test]
fn cells_under_one_another_make_a_table_without_lines() {
    let mut content =
        line(50, 520, 10, "Berth") + &line(150, 520, 10, "Depth") + &line(250, 520, 10, "Ships at rest");
    for (n, row) in [
        ["North", "4.5", "12"],
        ["South", "6.0", "7"],
        ["West", "3.5", "21"],
    ]
    .iter()
    .enumerate()
    {
        let y = 506 - 14 * n as u32;
        content += &(line(50, y, 10, row[0]) + &line(150, y, 10, row[1]) + &line(270, y, 10, row[2]));
    }
    assert_eq!(
        tables(&content),
        [(
            1,
            "Berth | Depth | Ships at rest\nNorth | 4.5 | 12\nSouth | 6.0 | 7\nWest | 3.5 | 21".to_owned()
        )]
    );
}

#[test]
fn bold_names_of_columns_and_rows_with_a_cell_more_belong_to_the_table() {
    let mut content = bold(150, 520, 10, "Hours") + &bold(250, 520, 10, "Cost");
    for (n, row) in [["Oil", "2", "300"], ["Wick", "1", "22"], ["Glass", "-", "41"]]
        .iter()
        .enumerate()
    {
        let y = 506 - 14 * n as u32;
        content += &(line(50, y, 10, row[0]) + &line(150, y, 10, row[1]) + &line(250, y, 10, row[2]));
    }
    content += &(line(50, 464, 10, "Sum") + &line(250, 464, 10, "363"));
    assert_eq!(
        tables(&content),
        [(
            1,
            " | Hours | Cost\nOil | 2 | 300\nWick | 1 | 22\nGlass | - | 41\nSum |  | 363".to_owned()
        )]
    );
}

#[test]
fn a_line_that_does_not_fit_goes_to_the_nearest_columns() {
    let mut content = String::new();
    let rows = [
        ("Oil", "300.00"),
        ("Wick", "22.00"),
        ("Glass", "1 041.00"),
        ("Brass", "7.00"),
        ("Sum", "1 370.00"),
    ];
    for (n, (name, cost)) in rows.iter().enumerate() {
        let y = 506 - 14 * n as u32;
        content += &(line(50, y, 10, name) + &line(220, y, 10, cost));
    }
    content += &(line(50, 436, 10, "Tax") + &line(200, 436, 10, "10.20 %") + &line(254, 436, 10, "95.90"));
    let found = tables(&content);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].1.ends_with("Sum | 1 370.00\nTax | 10.20 % 95.90"),
        "{}",
        found[0].1
    );
}

#[test]
fn a_line_under_one_cell_goes_on_with_it() {
    let content = line(50, 520, 10, "Lamp")
        + &line(150, 520, 10, "burns oil and is")
        + &line(150, 508, 10, "cleaned at dawn")
        + &line(50, 496, 10, "Bell")
        + &line(150, 496, 10, "rings in fog");
    assert_eq!(
        tables(&content),
        [(
            0,
            "Lamp | burns oil and is cleaned at dawn\nBell | rings in fog".to_owned()
        )]
    );
}

#[test]
fn prose_side_by_side_frames_and_lists_are_no_tables() {
    // Too few lines for the columns to be told by their gutter.
    let mut prose = String::new();
    for n in 0..2 {
        prose += &line(
            20,
            500 - 10 * n,
            6,
            "The keeper of the lamp walks up the stairs at dusk",
        );
        prose += &line(
            200,
            500 - 10 * n,
            6,
            "and the ships come home by the light of it again",
        );
    }
    assert!(tables(&prose).is_empty(), "{:?}", tables(&prose));
    let frame = ruled(&[40, 360], &[380, 560])
        + &line(50, 500, 10, "Only a frame")
        + &line(50, 480, 10, "around text.");
    assert!(tables(&frame).is_empty());
    let mut list = String::new();
    for n in 0..4 {
        list += &(line(50, 500 - 12 * n, 10, &format!("{}.", n + 1))
            + &line(75, 500 - 12 * n, 10, "Trim the wick"));
    }
    assert!(tables(&list).is_empty(), "{:?}", tables(&list));
    let (pages, _) = read(&pdf("", &[&list])).unwrap();
    assert_eq!(blocks_of(&pages[0], BlockKind::ListItem).len(), 4);
    // Cells at random places are a drawing's labels.
    let labels: String = [
        (50, 500),
        (130, 500),
        (90, 486),
        (210, 486),
        (60, 472),
        (170, 472),
        (110, 458),
        (240, 458),
    ]
    .iter()
    .map(|(x, y)| line(*x, *y, 10, "a long label"))
    .collect();
    assert!(tables(&labels).is_empty(), "{:?}", tables(&labels));
}

#[test]
fn lines_that_run_through_words_part_nothing() {
    let mut content = ruled(&[50, 120, 190, 260], &[440, 480, 520]);
    for y in [500, 460] {
        content += &line(
            52,
            y,
            10,
            "thisisonewordoverseveralcells andanotherwordacrossthem",
        );
    }
    assert!(tables(&content).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_lines_and_words_keep_the_invariants(
        rules in prop::collection::vec((0u32..400, 0u32..600, any::<bool>(), 5u32..400), 0..40),
        words in prop::collection::vec((0u32..400, 0u32..600, "[a-z]{1,8}-?"), 0..40),
    ) {
        let mut content = String::new();
        for (x, y, level, long) in rules {
            let (to_x, to_y) = if level { (x + long, y) } else { (x, y + long) };
            content += &format!("{x} {y} m {to_x} {to_y} l S\n");
        }
        for (x, y, text) in words {
            content += &line(x, y, 8, &text);
        }
        read(&pdf("", &[&content])).unwrap();
    }
}
