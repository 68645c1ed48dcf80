use super::*;
use proptest::prelude::*;

pub(crate) fn document(path: &str, date: Option<&str>) -> Document {
    Document {
        id: "d".into(),
        collection: "default".into(),
        path: path.into(),
        title: String::new(),
        author: None,
        date: date.map(str::to_owned),
        language: None,
        media_type: String::new(),
        revision: None,
        content_hash: String::new(),
        bytes: 0,
        pages: 0,
        searchable_pages: 0,
        unread_images: 0,
        chunks: 0,
        warnings: vec![],
        indexed_at: String::new(),
    }
}

#[test]
fn every_operator_is_read_and_the_rest_stays_the_question() {
    let query = Query::parse(
        r#"What does "force majeure" mean file:"my lease" file:*.pdf after:2023 before:2024-05 lang:DE_ch -draft -"old text" -file:tmp?"#,
    );
    assert_eq!(query.question(), r#"What does "force majeure" mean ?"#);
    assert_eq!(query.words(), "What does force majeure mean ?");
    assert_eq!(
        query.filters().shown(),
        [
            "\"force majeure\"",
            "-draft",
            "-\"old text\"",
            "file:\"my lease\"",
            "file:*.pdf",
            "-file:tmp",
            "after:2023",
            "before:2024-05",
            "lang:de-CH"
        ]
    );
    assert_eq!(
        Query::parse("„Höhere Gewalt“ oder »Zufall«").filters().phrases,
        ["Höhere Gewalt", "Zufall"]
    );
}

#[test]
fn what_only_looks_like_an_operator_is_plain_words() {
    for plain in [
        "foo:bar http://x.org",
        "after:yesterday before: file:",
        "lang:German lang: lang:und lang:c++",
        "at -5 degrees, with -v or --json",
        "Maschinen und -teile, Ein- und Ausgabe",
        "well-known a - b",
        "a 5\" pipe and a 6\" pipe",
        "an \"open quote",
        "profile:x",
        "after:2023-13 after:23",
    ] {
        let query = Query::parse(plain);
        assert!(query.filters().is_empty(), "{plain}: {:?}", query.filters());
        assert_eq!(query.question(), plain);
        assert_eq!(query.words(), plain);
    }
}

#[test]
fn file_names_fit_by_part_or_by_pattern() {
    let fits = |filter: &str, path: &str| Query::parse(filter).filters().names(&document(path, None));
    assert!(fits("file:lease", "/home/ada/My Leases/a.pdf"));
    assert!(fits("file:RÉSUMÉ", "/x/resume.doc") && fits("file:a/b", "C:\\a\\b.txt"));
    assert!(fits("file:*.pdf", "/x/a.PDF") && !fits("file:*.pdf", "/x/a.pdf.txt"));
    assert!(fits("file:\"20?4 *\"", "/x/2024 report.md") && !fits("file:20?4", "/x/2024 report.md"));
    assert!(fits("file:x/*.md", "/y/x/a.md") && !fits("file:x/*.md", "/y/z/a.md"));
    assert!(fits("file:a file:b", "/b") && !fits("file:a -file:ab", "/abc"));
}

#[test]
fn dates_pass_by_what_is_known_of_them() {
    let dated = |filter: &str, date: &str| Query::parse(filter).filters().dated(&document("/a", Some(date)));
    assert!(dated("after:2023", "2023-01-01T00:00:00Z") && !dated("after:2023", "2022-12-31"));
    assert!(dated("before:2024-05", "2024-04-30") && !dated("before:2024-05", "2024-05-01"));
    assert!(dated("after:2023-06", "2023") && dated("before:14.5.2023", "2023"));
    assert!(!dated("after:2023", "some day"));
    assert!(!Query::parse("after:2023").filters().dated(&document("/a", None)));
    assert!(Query::parse("x").filters().dated(&document("/a", None)));
}

#[test]
fn languages_pass_with_their_regions() {
    let spoken = |filter: &str, language: Option<&str>| {
        let mut document = document("/a", None);
        document.language = language.map(str::to_owned);
        Query::parse(filter).filters().spoken(&document)
    };
    assert!(spoken("lang:de", Some("de-CH")) && spoken("lang:DEU", Some("de")) && spoken("x", None));
    assert!(!spoken("lang:de-CH", Some("de")) && !spoken("lang:de", Some("en")) && !spoken("lang:de", None));
    assert!(spoken("lang:fr lang:de", Some("de")), "any of them will do");
}

#[test]
fn contradictions_are_named() {
    let why = |query: &str| {
        Query::parse(query)
            .filters()
            .contradiction()
            .map(|advice| advice.told(Language::English))
    };
    assert!(why("after:2024 before:2024 x").unwrap().contains("after:2024"));
    assert!(why("\"old lamps\" -lamp").unwrap().contains("“lamp”"));
    assert_eq!(why("after:2023 before:2024 \"new\" -old x"), None);
    assert!(Query::parse("file:a -beta").check().unwrap_err().hint.is_some());
    assert!(Query::parse("\"a\"").check().is_ok());
}

proptest! {
    #[test]
    fn any_input_is_read_and_nothing_is_lost(
        pieces in proptest::collection::vec(
            prop_oneof!["\\PC{0,8}", Just("\"".to_owned()), Just(" -".to_owned()), Just(" file:".to_owned()),
                Just(" after:2023".to_owned()), Just(" lang:de-ch".to_owned()), Just("„".to_owned()), Just("“".to_owned()), "[ a-z]{0,5}"],
            0..12),
    ) {
        let source: String = pieces.concat();
        let query = Query::parse(&source);
        let rebuilt: String = query.parts().iter().map(|part| &source[part.range.clone()]).collect();
        prop_assert_eq!(&rebuilt, &source);
        prop_assert!(query.parts().iter().all(|part| !part.range.is_empty()));
        if query.filters().is_empty() {
            prop_assert_eq!(query.question(), source.trim());
        }
        // What is shown of the filters, typed again, is the same filters.
        let filters = query.filters();
        let values = filters.phrases.iter().chain(filters.excluded.iter().map(|excluded| &excluded.words));
        let quotes = |text: &String| text.contains(['"', '“', '„', '«', '»', '”']);
        if !values.chain(&filters.files).chain(&filters.not_files).any(quotes) {
            let again = Query::parse(&filters.shown().join(" "));
            prop_assert_eq!(again.filters(), filters);
        }
    }

    #[test]
    fn stars_stand_for_anything(text in "[ab/]{0,12}", cut in 0usize..12) {
        let cut = cut.min(text.len());
        prop_assert!(wild(&"*".chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>()));
        let pattern: Vec<char> = format!("{}*{}", &text[..cut], &text[cut..]).chars().collect();
        prop_assert!(wild(&pattern, &text.chars().collect::<Vec<_>>()));
        let other: Vec<char> = std::iter::once('c').chain(text.chars()).collect();
        prop_assert_eq!(wild(&pattern, &other), cut == 0);
    }
}
