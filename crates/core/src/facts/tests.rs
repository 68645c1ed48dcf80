use super::*;

fn fault(sentence: &str, source: &str) -> Option<Fault> {
    Facts::of(sentence).fault(&Facts::of(source), &HashSet::new())
}

#[test]
fn numbers_are_compared_by_value_and_unit() {
    let source = "The tower, built in 1874, is 38 metres high and cost 1.5 million dollars; 12% was a gift.";
    for right in [
        "The tower is 38 m high.",
        "It was built in 1874.",
        "It cost $1,500,000.",
        "A gift paid 12 percent.",
    ] {
        assert_eq!(fault(right, source), None, "{right}");
    }
    for wrong in [
        "The tower is 83 metres high.",
        "The tower is 38 feet high.",
        "It cost 1.5 billion dollars.",
        "A gift paid two dollars.",
    ] {
        assert_eq!(fault(wrong, source), Some(Fault::Number), "{wrong}");
    }
    assert_eq!(fault("Es kostet 1.500 Euro.", "Price: 1,500 euros"), None);
    assert_eq!(fault("Three keepers live there.", "There are 3 keepers."), None);
}

#[test]
fn powers_of_ten_are_no_other_numbers() {
    let source = "The sample had 3 × 10³ cells and 1,234¹ spores.";
    for right in [
        "It had 3 × 10³ cells.",
        "It had 3 × 10^3 cells.",
        "It had 1,234 spores.",
        "3 × 1000 cells",
    ] {
        assert_eq!(fault(right, source), None, "{right}");
    }
    for wrong in [
        "It had 103 cells.",
        "It had 10 cells.",
        "It had 10⁴ cells.",
        "It had 1,2341 spores.",
    ] {
        assert_eq!(fault(wrong, source), Some(Fault::Number), "{wrong}");
    }
}

#[test]
fn names_must_stand_in_the_source() {
    let source = "Bethencourt took the title of King of the Canary Islands, as vassal to Henry III.";
    assert_eq!(
        fault("Bethencourt became King of the Canary Islands.", source),
        None
    );
    assert_eq!(fault("Approximately that title was taken.", source), None);
    assert_eq!(
        fault("Smith became King of the Canary Islands.", source),
        Some(Fault::Name)
    );
    assert_eq!(fault("He was a vassal to Edward III.", source), Some(Fault::Name));
    let known = content_terms("Who was Edward's vassal?").into_iter().collect();
    let answer = Facts::of("Bethencourt was Edward's vassal.");
    assert_eq!(answer.fault(&Facts::of(source), &known), None);
    assert_eq!(
        fault(
            "Die Lampe ist im Turm und wird geputzt.",
            "Der Turm hat eine Lampe."
        ),
        None
    );
}

#[test]
fn denials_must_agree() {
    let source = "The lamp must not be cleaned with vinegar, but soda is allowed.";
    for right in ["The lamp must not be cleaned with vinegar.", "Soda is allowed."] {
        assert_eq!(fault(right, source), None, "{right}");
    }
    for wrong in ["The lamp must be cleaned with vinegar.", "Soda is not allowed."] {
        assert_eq!(fault(wrong, source), Some(Fault::Negation), "{wrong}");
    }
    assert_eq!(
        fault("The keeper doesn't live there.", "The keeper lives there."),
        Some(Fault::Negation)
    );
    assert_eq!(
        fault("It shines by day.", "It shines not only by night but by day."),
        None
    );
}
