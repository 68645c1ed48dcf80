//! Names and addresses found with the real model.

mod common;

use footnote_core::personal::Kind;
use footnote_core::ports::PersonFinder;
use footnote_onnx::OnnxPersonFinder;
use tokio_util::sync::CancellationToken;

/// What stands in `text`, with its kind.
fn found<'t>(finder: &OnnxPersonFinder, text: &'t str) -> Vec<(Kind, &'t str)> {
    let found = finder.find(text, &CancellationToken::new()).expect("found");
    found
        .into_iter()
        .map(|found| (found.kind, &text[found.range]))
        .collect()
}

#[test]
fn names_and_addresses_are_found_and_what_is_none_is_not() {
    let Some((runtime, folder)) = common::model("rampart") else {
        return;
    };
    let finder = OnnxPersonFinder::open(&runtime, &folder).expect("opens");
    let english = "It was signed by Ruth Amsel and Peter von Hagen in Berlin. They live at 12 Baker Street, London NW1 6XE.";
    assert_eq!(
        found(&finder, english),
        [
            (Kind::Name, "Ruth Amsel"),
            (Kind::Name, "Peter von Hagen"),
            (Kind::Address, "12 Baker Street, London NW1 6XE"),
        ]
    );
    let german = "Der Mietvertrag zwischen Herrn Jürgen Müller, wohnhaft Hauptstraße 14, 80331 München, und Frau Sabine \
                  Köhler wird beendet.";
    assert_eq!(
        found(&finder, german),
        [
            (Kind::Name, "Jürgen Müller"),
            (Kind::Address, "Hauptstraße 14, 80331 München"),
            (Kind::Name, "Sabine Köhler"),
        ]
    );
    for nobody in [
        "The chiller contains refrigerant R-290 and the pump runs at 40 Hz. See section 4.1.2.",
        "The Treaty of Versailles was signed by Germany in 1919; Young's modulus is well known.",
        "",
        "\n\n",
    ] {
        assert_eq!(found(&finder, nobody), [], "{nobody}");
    }
    // Far from the beginning, across windows, and in letters of several bytes.
    let long = format!(
        "{}{english}",
        "Die Prüfung der Anlage verlief ohne Beanstandung. ".repeat(40)
    );
    let names = found(&finder, &long);
    assert!(names.contains(&(Kind::Name, "Ruth Amsel")), "{names:?}");
    assert!(names.contains(&(Kind::Name, "Peter von Hagen")), "{names:?}");
    // More tokens a window than the model takes.
    assert_eq!(found(&finder, &"한글".repeat(400)), []);
    assert!(finder.handle().is_loaded());
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    assert!(
        finder
            .find(english, &cancelled)
            .expect_err("must stop")
            .is_canceled()
    );
}
