//! What repeats from page to page.

use super::*;

/// Running text in the middle of a page, different on every page.
fn body(page: usize) -> String {
    let words = [
        "oil", "wick", "glass", "brass", "tower", "harbour", "keeper", "storm",
    ];
    let line_of = |n: usize| {
        let word = |k: usize| words[(page * 3 + n * 5 + k * 7 + page * n) % words.len()];
        format!(
            "The {} and the {} were seen to before the {} came.",
            word(0),
            word(1),
            word(2)
        )
    };
    (0..8)
        .map(|n| line(50, 450 - 12 * n as u32, 10, &line_of(n)))
        .collect()
}

/// Pages of running text, each with these lines besides.
fn document(pages: usize, besides: impl Fn(usize) -> String) -> Vec<Page> {
    let contents: Vec<String> = (0..pages).map(|n| besides(n) + &body(n)).collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    read(&pdf("", &contents)).unwrap().0
}

fn furniture(page: &Page) -> Vec<&str> {
    blocks_of(page, BlockKind::Furniture)
}

#[test]
fn running_headers_and_counting_footers_are_set_apart() {
    let pages = document(6, |n| {
        line(50, 570, 9, "Log of the lamp room") + &line(180, 30, 9, &format!("Page {} of 6", n + 1))
    });
    for (n, page) in pages.iter().enumerate() {
        let footer = format!("Page {} of 6", n + 1);
        assert_eq!(
            furniture(page),
            ["Log of the lamp room", &footer],
            "{}",
            page.text
        );
        assert!(
            page.text.starts_with("Log of the lamp room\n"),
            "the text stays whole"
        );
        assert_eq!(blocks_of(page, BlockKind::Paragraph).len(), 1);
    }
}

#[test]
fn a_header_close_above_the_text_is_parted_from_it() {
    let pages = document(5, |_| line(50, 462, 10, "CONFIDENTIAL DRAFT"));
    // 462 is in the middle of the page: repeated, but no edge.
    assert!(pages.iter().all(|page| furniture(page).is_empty()));
    let near = |n: u32| {
        line(50, 560, 10, "CONFIDENTIAL DRAFT")
            + &line(50, 548, 10, &format!("The log of day {} speaks of rain.", n * n))
    };
    let pages = document(5, |n| near(n as u32 + 2));
    assert_eq!(furniture(&pages[2]), ["CONFIDENTIAL DRAFT"]);
    assert_eq!(
        blocks_of(&pages[2], BlockKind::Paragraph)[0],
        "The log of day 16 speaks of rain."
    );
}

#[test]
fn page_numbers_change_sides_and_stand_beside_changing_titles() {
    let titles = [
        "Oil", "Wicks", "Glass", "Brass", "Towers", "Storms", "Ships", "Fog",
    ];
    let pages = document(8, |n| {
        let number = n + 11;
        if n % 2 == 0 {
            line(50, 570, 9, &format!("{number}")) + &line(200, 570, 9, titles[n])
        } else {
            line(50, 570, 9, titles[n]) + &line(340, 570, 9, &format!("{number}"))
        }
    });
    let found: Vec<_> = pages.iter().map(furniture).collect();
    assert_eq!(found[2], ["13\tGlass"]);
    assert_eq!(found[5], ["Storms\t16"]);
}

#[test]
fn roman_page_numbers_count_too() {
    let numbers = ["i", "ii", "iii", "iv", "v", "vi"];
    let pages = document(6, |n| line(200, 30, 9, numbers[n]));
    assert_eq!(furniture(&pages[3]), ["iv"]);
}

#[test]
fn two_pages_suffice_where_there_are_no_more() {
    let pages = document(2, |n| {
        line(50, 570, 9, &format!("Harbour office, sheet {}", n + 1))
    });
    assert_eq!(furniture(&pages[1]), ["Harbour office, sheet 2"]);
    let pages = document(1, |_| line(50, 570, 9, "Harbour office, sheet 1"));
    assert!(furniture(&pages[0]).is_empty());
}

#[test]
fn titles_and_rows_of_tables_are_text_although_they_repeat() {
    let pages = document(6, |_| line(50, 560, 18, "Lamp care"));
    assert!(pages.iter().all(|page| furniture(page).is_empty()));
    let row = |y: u32, cells: [&str; 3]| -> String {
        (0..3)
            .map(|n| line(50 + 110 * n as u32, y, 10, cells[n]))
            .collect()
    };
    let pages = document(6, |n| {
        let count = format!("{}", n * 17 % 11);
        row(560, ["Berth", "Depth", "Ships"])
            + &row(546, ["North", "four", &count])
            + &row(532, ["South", "six", "2"])
    });
    assert!(
        pages.iter().all(|page| furniture(page).is_empty()),
        "{:?}",
        pages[3]
    );
}

#[test]
fn numbers_that_do_not_count_along_are_text() {
    let counts = [7, 3, 12, 9, 40, 2];
    let pages = document(6, |n| line(200, 30, 9, &format!("{} lamps", counts[n])));
    assert!(pages.iter().all(|page| furniture(page).is_empty()));
}
