use super::*;
use proptest::prelude::*;

fn page(number: u32, text: &str) -> PageText {
    PageText {
        number,
        text: text.to_owned(),
        furniture: Vec::new(),
        failed: false,
    }
}

fn quoted(page: u32, text: &str) -> Quoted {
    Quoted {
        page,
        start: 0,
        text: text.to_owned(),
        around: None,
    }
}

fn look(pages: &[PageText], quoted: Vec<Quoted>) -> Vec<Standing> {
    let mut search = Search::new(quoted);
    pages.iter().for_each(|page| search.exactly(page));
    if search.incomplete() {
        pages.iter().for_each(|page| search.alike(page));
    }
    search.finish()
}

fn one(pages: &[PageText], quote: Quoted) -> Standing {
    look(pages, vec![quote]).pop().unwrap()
}

/// "three [-months'-]{+weeks'+} notice".
fn marked(standing: &Standing) -> String {
    let Standing::Changed { pieces, .. } = standing else {
        panic!("{standing:?} is no change");
    };
    pieces
        .iter()
        .map(|piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Deleted => format!("[-{}-]", piece.text),
            PieceKind::Inserted => format!("{{+{}+}}", piece.text),
        })
        .collect()
}

/// What stands at a standing's places.
fn there(pages: &[PageText], standing: &Standing) -> Vec<(u32, String)> {
    let (Standing::Stands { places } | Standing::Changed { places, .. }) = standing else {
        return Vec::new();
    };
    let text = |number| &pages.iter().find(|page| page.number == number).unwrap().text;
    places
        .iter()
        .map(|place| (place.page, place.span.of(text(place.page)).to_owned()))
        .collect()
}

const NOTICE: &str = "Either party may end the tenancy by giving three months' written notice.";

#[test]
fn words_that_moved_still_stand() {
    let pages = [
        page(1, "A new preface, which was not there before."),
        page(
            2,
            "4. Notice 🏠\n\nEither party may end the tenancy by\ngiving three months'  written notice. And so on.",
        ),
    ];
    let standing = one(&pages, quoted(1, NOTICE));
    assert!(matches!(standing, Standing::Stands { .. }), "{standing:?}");
    assert_eq!(
        there(&pages, &standing),
        [(
            2,
            "Either party may end the tenancy by\ngiving three months'  written notice.".to_owned()
        )]
    );
}

#[test]
fn of_equal_places_the_nearest_counts() {
    let pages: Vec<PageText> = (1..=9)
        .map(|number| page(number, &format!("{NOTICE} {NOTICE}")))
        .collect();
    let mut quote = quoted(6, NOTICE);
    quote.start = 80;
    let Standing::Stands { places } = one(&pages, quote) else {
        panic!("it stands");
    };
    assert_eq!((places[0].page, places[0].span.start), (6, 73));
}

#[test]
fn changed_words_are_told_from_those_that_stayed() {
    let pages = [
        page(
            1,
            "The tenancy begins on 1 March. Either party is bound for two years.",
        ),
        page(
            2,
            "4. Notice\n\nEither party may end the tenancy by giving six weeks' written notice. Keys are handed back.",
        ),
    ];
    let standing = one(&pages, quoted(1, NOTICE));
    assert_eq!(
        marked(&standing),
        "Either party may end the tenancy by giving [-three months-]{+six weeks+}' written notice."
    );
    assert_eq!(
        there(&pages, &standing),
        [(
            2,
            "Either party may end the tenancy by giving six weeks' written notice.".to_owned()
        )]
    );
}

#[test]
fn a_sentence_that_begins_or_ends_otherwise_is_compared_whole() {
    let pages = [page(
        1,
        "Rent is due. Both the landlord and the tenant may end the tenancy by giving three months' written notice to the end of a quarter. Keys are handed back.",
    )];
    assert_eq!(
        marked(&one(&pages, quoted(1, NOTICE))),
        "[-Either party -]{+Both the landlord and the tenant +}may end the tenancy by giving three months' written notice {+to the end of a quarter+}."
    );
}

#[test]
fn a_change_in_case_or_punctuation_is_a_change() {
    let pages = [page(
        1,
        "EITHER party may end the tenancy by giving three months' written notice!",
    )];
    assert_eq!(
        marked(&one(&pages, quoted(1, NOTICE))),
        "[-Either -]{+EITHER +}party may end the tenancy by giving three months' written notice[-.-]{+!+}"
    );
}

#[test]
fn what_is_not_there_any_more_is_gone() {
    let pages = [
        page(
            1,
            "The deposit is held in a separate account and is returned within six weeks.",
        ),
        page(2, ""),
        page(
            3,
            "The landlord may enter the flat after giving notice, and may end a party in it.",
        ),
    ];
    assert_eq!(one(&pages, quoted(1, NOTICE)), Standing::Gone);
    assert_eq!(one(&[], quoted(1, NOTICE)), Standing::Gone);
    assert_eq!(one(&pages, quoted(1, "  ")), Standing::Gone);
}

#[test]
fn a_sentence_that_now_runs_over_the_end_of_a_page_still_stands() {
    let mut second = page(
        2,
        "Lease, page 2\nby giving three months' written notice. Keys are handed back.",
    );
    second.furniture = vec![CharSpan::new(0, 13)];
    let pages = [page(1, "Rent is due. Either party may end the tenancy"), second];
    let standing = one(&pages, quoted(1, NOTICE));
    assert!(matches!(standing, Standing::Stands { .. }), "{standing:?}");
    assert_eq!(
        there(&pages, &standing),
        [
            (1, "Either party may end the tenancy".to_owned()),
            (2, "by giving three months' written notice.".to_owned())
        ]
    );
    let changed = [pages[0].clone(), page(2, "by giving six weeks' written notice.")];
    assert_eq!(
        marked(&one(&changed, quoted(1, NOTICE))),
        "Either party may end the tenancy by giving [-three months-]{+six weeks+}' written notice."
    );
}

#[test]
fn a_figure_alone_is_looked_for_in_its_row() {
    let row = |rent: &str| format!("City | Rent\nHamburg | {rent} | paid\nBerlin | 1,200 | paid");
    let quote = Quoted {
        page: 1,
        start: 22,
        text: "1,200".into(),
        around: Some(row("1,200")),
    };
    assert_eq!(
        marked(&one(&[page(1, &row("1,350"))], quote.clone())),
        "Hamburg | [-1,200 -]{+1,350 +}| paid"
    );
    assert!(matches!(
        one(&[page(1, &row("1,200"))], quote),
        Standing::Stands { .. }
    ));
}

#[test]
fn words_without_spaces_between_them_are_compared_too() {
    let pages = [page(1, "租約可由任何一方提前六個月書面通知終止。")];
    assert_eq!(
        marked(&one(
            &pages,
            quoted(1, "租約可由任何一方提前三個月書面通知終止。")
        )),
        "租約可由任何一方提前[-三-]{+六+}個月書面通知終止。"
    );
}

#[test]
fn many_quotes_are_looked_for_at_once() {
    let text: String = (0..400)
        .map(|i| format!("Clause {i} is about matter number {i} and nothing else. "))
        .collect();
    let pages: Vec<PageText> = (1..=40)
        .map(|number| page(number, &text.replace("matter", &format!("matter{number}"))))
        .collect();
    let quotes = (1..=40)
        .map(|i| {
            quoted(
                i,
                &format!("Clause {i} is about matter{i} number {i} and nothing more."),
            )
        })
        .collect();
    let standings = look(&pages, quotes);
    for (i, standing) in (1..).zip(&standings) {
        let Standing::Changed { places, .. } = standing else {
            panic!("{standing:?}");
        };
        assert_eq!(places[0].page, i);
    }
}

fn prose() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-dA-B]{1,3}|[äß🏠租,.|]|the|of|12", 0..40)
        .prop_flat_map(|words| {
            let gaps = prop::collection::vec("[ \n]{1,2}", words.len());
            (Just(words), gaps)
        })
        .prop_map(|(words, gaps)| {
            words
                .into_iter()
                .zip(gaps)
                .map(|(word, gap)| word + &gap)
                .collect()
        })
}

proptest! {
    #[test]
    fn both_texts_can_be_read_off_a_comparison(quote in prose(), texts in prop::collection::vec(prose(), 0..4)) {
        let pages: Vec<PageText> = (1..).zip(&texts).map(|(number, text)| page(number, text)).collect();
        let standing = one(&pages, quoted(1, &quote));
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let today: String = there(&pages, &standing).into_iter().map(|(_, text)| text).collect();
        match &standing {
            Standing::Gone => {}
            Standing::Stands { .. } => prop_assert_eq!(bare(&today), bare(&quote)),
            Standing::Changed { pieces, .. } => {
                let of = |kind| pieces.iter().filter(|piece| piece.kind != kind).map(|piece| piece.text.as_str()).collect::<String>();
                prop_assert_eq!(bare(&of(PieceKind::Inserted)), bare(&quote));
                prop_assert_eq!(bare(&of(PieceKind::Deleted)), bare(&today));
                prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
            }
        }
    }

    #[test]
    fn what_stands_on_a_page_is_found(before in prose(), quote in prose(), after in prose()) {
        let words = quote.split_word_bounds().any(|word| !word.trim().is_empty());
        let pages = [page(1, &format!("{before}\n{quote}\n{after}"))];
        let found = one(&pages, quoted(1, &quote));
        prop_assert_eq!(matches!(found, Standing::Stands { .. }), words, "{:?}", found);
    }
}
