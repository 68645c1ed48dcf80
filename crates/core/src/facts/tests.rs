use super::*;
use proptest::prelude::*;

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
fn names_with_digits_are_told_apart_in_both_languages() {
    differ(
        Fault::Name,
        &[
            (
                "Das Gerät enthält R290 und ist dicht.",
                "Das Gerät enthält R32 und ist dicht.",
            ),
            ("F11: Der Fühler ist defekt.", "F14: Der Fühler ist defekt."),
            ("It binds CD5.", "It binds CD4."),
        ],
    );
    agree(&[
        ("Das Mittel ist R290.", "Das Kältemittel des Geräts ist R290."),
        ("It binds CD4.", "Cells bind CD-4."),
        ("CO2 is stored.", "They store CO₂."),
        ("80 m2", "80 m²"),
    ]);
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

/// Each answer with its source: the same thing in other words.
fn agree(pairs: &[(&str, &str)]) {
    for (answer, source) in pairs {
        assert_eq!(fault(answer, source), None, "{answer} / {source}");
    }
}

fn differ(found: Fault, pairs: &[(&str, &str)]) {
    for (answer, source) in pairs {
        assert_eq!(fault(answer, source), Some(found), "{answer} / {source}");
    }
}

#[test]
fn a_dose_in_another_unit_is_another_dose() {
    differ(
        Fault::Number,
        &[
            ("take 50 µg", "take 50 mg"),
            ("take 50 mcg", "take 50 mg"),
            ("50 Mikrogramm", "50 Milligramm"),
            ("inject 10 IU", "inject 10 ml"),
            ("20 Einheiten Insulin", "20 Milliliter Insulin"),
            ("two tablets", "two drops"),
            ("2 Tabletten", "2 Tropfen"),
            ("5 mg/kg", "5 mg"),
            ("5 mg per kg", "5 mg"),
            ("50 mg per day", "50 mg per week"),
            ("3 times a day", "3 times a week"),
            ("3-mal am Tag", "3-mal in der Woche"),
            ("glucose of 100 mg/dl", "glucose of 100 mmol/l"),
            ("80 mmHg", "80 kPa"),
            ("2.5 bar", "2.5 psi"),
            ("100 ml/h", "100 l/min"),
            ("12.5 mg", "125 mg"),
            ("50 to 100 µg", "50 to 100 mg"),
        ],
    );
    agree(&[
        ("50 µg", "50 \u{3bc}g"),
        ("50 mcg", "50 micrograms"),
        ("50 ug", "50 Mikrogramm"),
        ("100 IE", "100 I.U."),
        ("100 units", "100 Einheiten"),
        ("1 g", "1000 mg"),
        ("0.5 g", "500 Milligramm"),
        ("5 mg/kg", "5 mg per kg"),
        ("5 mg pro kg", "5 mg·kg⁻¹"),
        ("100 mg/dl", "1 g/l"),
        ("5.6 mmol/l", "5,6 mmol/L"),
        ("50 mg", "50 mg daily"),
        ("50 mg daily", "50 mg per day"),
        ("50 mg täglich", "50 mg/Tag"),
        ("500 mg every 6 hours", "500 mg/6 h"),
        ("drei Tropfen", "3 drops"),
        ("dreimal täglich", "3 times a day"),
        ("5-mg tablets", "tablets of 5mg"),
        ("50 patients", "50 of the patients"),
        ("50", "50 mg"),
        ("50 mg", "50 to 100 mg"),
    ]);
}

#[test]
fn units_of_engineering_and_time_are_converted() {
    agree(&[
        ("2.5 km", "2500 m"),
        ("1 h", "60 minutes"),
        ("1 Std.", "60 Min."),
        ("two weeks", "14 days"),
        ("zwei Jahre", "24 Monate"),
        ("72 km/h", "20 m/s"),
        ("72 km/h", "20 m s⁻¹"),
        ("60 mph", "60 miles per hour"),
        ("80 m²", "80 square metres"),
        ("80 Quadratmeter", "80 qm"),
        ("80 m2", "80 Quadratmetern"),
        ("5 m³", "5,000 litres"),
        ("1 bar", "100 kPa"),
        ("20 °C", "68 °F"),
        ("20 degrees", "20 °C"),
        ("35 Grad", "35 Grad Celsius"),
        ("12 per cent", "12 %"),
        ("12 Prozent", "12 percent"),
        ("1 kWh", "3.6 MJ"),
        ("16 GB", "16 gigabytes"),
        ("5 Mio. Euro", "€5m"),
        ("$1.5 billion", "1.5 billion dollars"),
        ("640 Euro im Monat", "a monthly rent of 640 euros"),
        ("100 euros a month", "1,200 euros a year"),
        ("twenty-five metres", "25 m"),
        ("fünfundzwanzig Meter", "25 m"),
        ("10 000 m", "10\u{202f}000 m"),
        ("1'000 CHF", "CHF 1000"),
        ("5 pounds", "5 lb"),
        ("5 pounds", "£5"),
    ]);
    differ(
        Fault::Number,
        &[
            ("20 °C", "20 °F"),
            ("20 °C", "20 K"),
            ("-5 °C", "5 °C"),
            ("38 m", "38 ft"),
            ("1 h", "1 min"),
            ("230 V", "230 W"),
            ("5 mW", "5 MW"),
            ("5 Nm", "5 J"),
            ("80 m²", "80 m"),
            ("5 Quadratkilometer", "5 Quadratmeter"),
            ("16 GB", "16 MB"),
            ("16 GB", "16 Gbit"),
            ("5 percentage points", "5 percent"),
            ("60 miles per hour", "60 miles"),
            ("5 €", "5 $"),
            ("5 pounds", "5 euros"),
            ("100 euros a month", "100 euros a year"),
            ("version 3.2.0", "version 32.0"),
            ("1.5 Millionen Euro", "1.5 Milliarden Euro"),
        ],
    );
}

#[test]
fn the_same_day_is_the_same_however_it_is_written() {
    const DAY: [&str; 9] = [
        "3 May 2024",
        "May 3, 2024",
        "the 3rd of May 2024",
        "3. Mai 2024",
        "03.05.2024",
        "2024-05-03",
        "3/5/2024",
        "5/3/2024",
        "03.05.24",
    ];
    for one in DAY {
        for other in DAY {
            agree(&[(one, other)]);
        }
        agree(&[
            ("May 2024", one),
            ("im Mai 2024", one),
            ("05/2024", one),
            ("2024", one),
            ("3. Mai", one),
        ]);
        differ(
            Fault::Date,
            &[
                (one, "4 May 2024"),
                (one, "3. Juni 2024"),
                (one, "2023-05-03"),
                (one, "May 2024"),
                (one, "7/9/2024"),
            ],
        );
    }
    differ(
        Fault::Date,
        &[
            ("am 3. Mai", "am 3. Juni"),
            ("Die Frist endet im Mai.", "Die Frist endet im Juni."),
            ("Sie endet am Montag.", "Sie endet am Dienstag."),
            ("3/5/2024", "4/6/2024"),
            ("am 3.5.", "am 3.6."),
            ("Sept. 3, 2024", "Oct 3, 2024"),
            ("3. Dez. 2024", "3. Nov. 2024"),
        ],
    );
    agree(&[
        ("on 3 May", "from 3 to 5 May"),
        ("on 5 May 2024", "3–5 May 2024"),
        ("am 5. Mai", "vom 3. bis 5. Mai 2024"),
        ("May 5", "May 3-5, 2024"),
        ("3 to 5 May", "3–5 May"),
        ("on 3 May 2024", "from 3 May to 7 June 2024"),
        ("Sie endet am Montag.", "Sie endet am Montagabend."),
        ("Sept. 3, 2024", "3. September 2024"),
        ("am 3.5.", "am 3. Mai"),
        ("the 3rd", "3 May 2024"),
        ("You may take 3.", "You may take 3."),
    ]);
}

#[test]
fn a_date_may_be_completed_by_what_is_known() {
    let known = content_terms("Minutes 2025-03-11").into_iter().collect();
    let said = |answer: &str, source: &str| Facts::of(answer).fault(&Facts::of(source), &known);
    assert_eq!(
        said("On 11 March 2025 it was open.", "On 11 March it was open."),
        None
    );
    assert_eq!(said("It met on 11 March 2025.", "It met."), None);
    assert_eq!(said("It met on 12 March 2025.", "It met."), Some(Fault::Date));
}

#[test]
fn times_of_day_are_compared() {
    agree(&[
        ("14:30", "2:30 pm"),
        ("14.30 Uhr", "14:30"),
        ("2:30 p.m.", "14:30 Uhr"),
        ("um 19 Uhr", "at 7 pm"),
        ("9 am", "from 9 to 10 am"),
        ("9 Uhr", "von 9 bis 17 Uhr"),
        ("2:30", "2:30 pm"),
        (
            "Der Zug steht auf Gleis 4 und ist lang.",
            "Der Zug ist auf Gleis 4 am Bahnhof und ist lang.",
        ),
    ]);
    differ(
        Fault::Date,
        &[
            ("14:30", "2:30 am"),
            ("14.30 Uhr", "15.30 Uhr"),
            ("14:30", "14:45"),
            ("um 19 Uhr", "um 18 Uhr"),
            ("7 pm", "7 am"),
        ],
    );
}

#[test]
fn other_dates_are_disagreements_where_sentences_are_alike() {
    let facts = Facts::of;
    let asked = facts("When is the deadline?");
    let (said, here) = (facts("3 May 2024"), facts("The deadline is 3 May 2024."));
    assert!(here.counts_otherwise(&said, &facts("The deadline is 7 June 2024."), &asked, true));
    assert!(!here.counts_otherwise(&said, &facts("The deadline is 7 June 2024."), &asked, false));
    assert!(!here.counts_otherwise(&said, &facts("Die Frist endet am 03.05.2024."), &asked, true));
    assert!(!here.counts_otherwise(&said, &facts("The deadline is in May 2024."), &asked, true));
}

/// Units of one kind with what they are worth.
const ALIKE: &[&[(&str, f64)]] = &[
    &[
        ("µg", 1.0),
        ("mcg", 1.0),
        ("mg", 1e3),
        ("Milligramm", 1e3),
        ("g", 1e6),
        ("kilograms", 1e9),
    ],
    &[
        ("s", 1.0),
        ("Sekunden", 1.0),
        ("min", 60.0),
        ("hours", 3600.0),
        ("Tage", 86_400.0),
    ],
    &[("mm", 1.0), ("Zentimeter", 10.0), ("m", 1e3), ("kilometres", 1e6)],
    &[("ml", 1.0), ("cm³", 1.0), ("Liter", 1e3), ("m³", 1e6)],
    &[("mmol/l", 1.0), ("mol/l", 1e3), ("µmol/ml", 1.0)],
    &[("Pa", 1.0), ("hPa", 100.0), ("kPa", 1e3), ("bar", 1e5)],
    &[("IU", 1.0), ("I.E.", 1.0), ("Einheiten", 1.0)],
    &[("drops", 1.0), ("Tropfen", 1.0)],
    &[("€", 1.0), ("Euro", 1.0), ("EUR", 1.0)],
    &[("%", 1.0), ("Prozent", 1.0), ("per cent", 1.0)],
];

proptest! {
    #[test]
    fn amounts_agree_if_and_only_if_they_are_as_much(
        kind in 0..ALIKE.len(), other in 0..ALIKE.len(), one in 0usize..6, two in 0usize..6, value in 2u32..100_000,
    ) {
        let (one, two) = (ALIKE[kind][one % ALIKE[kind].len()], ALIKE[kind][two % ALIKE[kind].len()]);
        let worth = f64::from(value) * one.1 / two.1;
        // Sentences are about readable numbers.
        prop_assume!((1e-3..1e15).contains(&worth) && (worth * 1e3).fract() == 0.0);
        let said = format!("It has {value} {} of it", one.0);
        let groups = format!("{worth}").split('.').nth(1).is_some_and(|rest| rest.len() == 3);
        prop_assert_eq!(fault(&said, &format!("It has {worth} {} of it", two.0)), None);
        // "1.002" may be a thousand and two.
        if !groups {
            let more = format!("It has {} {} of it", worth * 3.0, two.0);
            let grouped = format!("{}", worth * 3.0).split('.').nth(1).is_some_and(|rest| rest.len() == 3);
            prop_assert!(grouped || fault(&said, &more) == Some(Fault::Number), "{said} / {more}");
        }
        if other != kind {
            let unit = ALIKE[other][0].0;
            prop_assert_eq!(fault(&said, &format!("It has {value} {unit} of it")), Some(Fault::Number));
        }
    }

    #[test]
    fn dates_agree_if_and_only_if_they_are_one_day(
        year in 1900u16..2100, month in 1usize..13, day in 1u8..29, form in 0usize..5, other in 0usize..5, later in 1usize..12,
    ) {
        const ENGLISH: [&str; 12] = ["January", "Feb.", "March", "April", "May", "June", "Jul", "August", "Sept.", "October", "Nov", "December"];
        const GERMAN: [&str; 12] = ["Januar", "Februar", "März", "Apr.", "Mai", "Jun.", "Juli", "Aug.", "September", "Okt.", "November", "Dez."];
        let written = |month: usize, form: usize| match form {
            0 => format!("{day} {} {year}", ENGLISH[month - 1]),
            1 => format!("{} {day}, {year}", ENGLISH[month - 1]),
            2 => format!("{day}. {} {year}", GERMAN[month - 1]),
            3 => format!("{day:02}.{month:02}.{year}"),
            _ => format!("{year}-{month:02}-{day:02}"),
        };
        let said = format!("it was on {}", written(month, form));
        prop_assert_eq!(fault(&said, &format!("it was on {}", written(month, other))), None);
        let another = (month + later - 1) % 12 + 1;
        prop_assert_eq!(fault(&said, &format!("it was on {}", written(another, other))), Some(Fault::Date));
    }

    #[test]
    fn a_text_gives_its_own_numbers_and_dates(
        pieces in prop::collection::vec(
            "([0-9]{1,4}|[.,:/°%€$µ–-]|mg|km/h|kg⁻¹|per|a day|Mai|May|Uhr| pm|im|²|³|\\^|million|sechs|\\PC| | )", 0..30,
        ),
    ) {
        let text = pieces.concat();
        let found = fault(&text, &text);
        prop_assert!(!matches!(found, Some(Fault::Number | Fault::Date)), "{text:?}: {found:?}");
    }
}
