use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn terms(text: &str, language: &str) -> Vec<String> {
    missing(text, &[Tongue::of(language).unwrap()])
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// Whether the index finds the one by the other: both as the index and the terms have them.
fn meet(a: &str, b: &str, language: &str) -> bool {
    let all = |text: &str| -> HashSet<String> {
        let own = words(text).map(|word| indexed(&word));
        own.chain(terms(text, language).iter().map(|term| indexed(term)))
            .collect()
    };
    !all(a).is_disjoint(&all(b))
}

#[test]
fn german_words_meet_in_their_forms_spellings_and_compounds() {
    for (asked, written) in [
        ("Kündigungsfrist", "Kündigungsfristen"),
        ("Frist", "Kündigungsfristen"),
        ("Kündigung", "Mietvertragskündigung"),
        ("Mietvertragskündigung", "Kündigungen"),
        ("Kuendigung", "Kündigungen"),
        ("Kuendigungsfrist", "Frist"),
        ("Strasse", "Straßen"),
        ("Haus", "Häusern"),
        ("Haus", "Haeuser"),
        ("Gebühr", "Muellgebuehren"),
        ("Übergabe", "Wohnungsübergabeprotokoll"),
    ] {
        assert!(meet(asked, written, "de"), "{asked} {written}");
        assert!(meet(written, asked, "de-CH"), "{written} {asked}");
    }
    for (asked, written) in [
        ("Vertrag", "Antrag"),
        ("Ende", "Reisender"),
        ("Form", "Information"),
    ] {
        assert!(!meet(asked, written, "de"), "{asked} {written}");
    }
}

#[test]
fn words_of_other_languages_meet_in_their_forms() {
    for (language, asked, written) in [
        ("fr", "résiliation", "résiliations"),
        ("fr", "contrat", "contrats"),
        ("fr", "locataire", "l'locataires"),
        ("fr", "mensuel", "mensuelles"),
        ("es", "contrato", "contratos"),
        ("es", "cancelación", "cancelaciones"),
        ("it", "contratto", "contratti"),
        ("it", "scadenza", "scadenze"),
        ("nl", "overeenkomst", "huurovereenkomsten"),
        ("nl", "termijn", "opzegtermijn"),
        ("sv", "uppsägning", "uppsägningstiden"),
        ("sv", "avtal", "hyresavtalet"),
        ("pt", "contrato", "contratos"),
        ("ru", "договор", "договора"),
    ] {
        assert!(meet(asked, written, language), "{language}: {asked} {written}");
    }
}

#[test]
fn an_english_text_and_an_english_question_get_nothing() {
    let text = "The tenant may end the lease with three months' notice in writing. The notice must reach the landlord by the third \
        working day of the month.";
    assert_eq!(terms_of(text, None), "");
    assert_eq!(terms_of(text, Some("de")), "", "one in a German document");
    assert_eq!(terms_of("Rent 2024 Deposit", Some("en")), "");
    assert_eq!(terms_of("押金是多少", None), "");
    let all = [Tongue::Dutch, Tongue::German, Tongue::French, Tongue::Swedish];
    for question in [
        "What is the notice period of the lease?",
        "How long are the notice periods?",
        "Who runs the Hausverwaltung and where is it?",
        "",
    ] {
        assert!(
            matches!(asked(question, &all), Cow::Borrowed(same) if same == question),
            "{question}"
        );
    }
    assert_eq!(asked("deposit 2024", &[Tongue::German]), "deposit 2024");
    // Nothing is in another language than English: whatever is asked stays as it is.
    assert_eq!(asked("Frist zur Kündigung", &[]), "Frist zur Kündigung");
}

#[test]
fn a_question_gets_the_terms_of_its_language_and_of_all_if_it_does_not_tell() {
    let all = [Tongue::Dutch, Tongue::French, Tongue::German];
    assert_eq!(
        asked("Wie lang ist die Kündigungsfrist?", &all),
        "Wie lang ist die Kündigungsfrist? kundig frist"
    );
    assert_eq!(
        asked("Wat is de opzegtermijn?", &all),
        "Wat is de opzegtermijn? opzeg termijn"
    );
    assert!(asked("Kündigungsfristen Lager", &all).contains(" kundigungsfrist"));
}

#[test]
fn a_text_gets_each_term_once_and_none_that_is_there() {
    let text = "Die Kündigungsfristen sind lang. Die Kündigungsfristen sind kurz, und die Frist ist fest.";
    assert_eq!(terms_of(text, None), "kundigungsfrist kundig");
    // A table tells no language; the document does.
    assert_eq!(terms_of("Häuser 12", Some("de")), "haus");
    assert_eq!(terms_of("Häuser 12", None), "");
}

/// Where each question's own text ranks by BM25 among all of the set, from 0.
fn ranks(set: &[(String, String)], k1: f64, b: f64) -> Vec<usize> {
    let analyzed = |text: &str| words(text).map(|word| indexed(&word)).collect::<Vec<_>>();
    let texts: Vec<Vec<String>> = set.iter().map(|(_, text)| analyzed(text)).collect();
    let mean = texts.iter().map(Vec::len).sum::<usize>() as f64 / texts.len() as f64;
    let mut having: HashMap<&str, f64> = HashMap::new();
    for text in &texts {
        let once: HashSet<&str> = text.iter().map(String::as_str).collect();
        for word in once {
            *having.entry(word).or_default() += 1.0;
        }
    }
    let score = |asked: &[String], text: &[String]| -> f64 {
        let one = |word: &String| {
            let count = text.iter().filter(|other| *other == word).count() as f64;
            let rarity = having.get(word.as_str()).copied().unwrap_or(0.0);
            let weight = (1.0 + (texts.len() as f64 - rarity + 0.5) / (rarity + 0.5)).ln();
            weight * count * (k1 + 1.0) / (count + k1 * (1.0 - b + b * text.len() as f64 / mean))
        };
        asked.iter().map(one).sum()
    };
    set.iter()
        .enumerate()
        .map(|(at, (question, _))| {
            let asked = analyzed(question);
            let own = score(&asked, &texts[at]);
            if own == 0.0 {
                return usize::MAX;
            }
            let better = |other: &usize| *other != at && score(&asked, &texts[*other]) >= own;
            (0..texts.len()).filter(better).count()
        })
        .collect()
}

/// Questions and passages of our own that differ by an ending, a compound or a spelling.
#[test]
fn german_passages_are_found_by_other_forms_of_their_words() {
    let plain: Vec<(String, String)> = include_str!("german.txt")
        .lines()
        .filter_map(|line| line.split_once(" | "))
        .map(|(question, text)| (question.to_owned(), text.to_owned()))
        .collect();
    let with: Vec<(String, String)> = plain
        .iter()
        .map(|(question, text)| {
            let terms = terms_of(text, Some("de"));
            (
                asked(question, &[Tongue::German]).into_owned(),
                format!("{text}\n{terms}"),
            )
        })
        .collect();
    let within =
        |set: &[(String, String)], k: usize| ranks(set, 1.2, 0.75).iter().filter(|rank| **rank < k).count();
    let bytes = |set: &[(String, String)]| set.iter().map(|(_, text)| text.len()).sum::<usize>();
    let grown = bytes(&with) * 100 / bytes(&plain) - 100;
    let (before, after) = (
        (within(&plain, 1), within(&plain, 3)),
        (within(&with, 1), within(&with, 3)),
    );
    println!(
        "of {}: first {} then {}, in three {} then {}, grown by {grown} %",
        plain.len(),
        before.0,
        after.0,
        before.1,
        after.1
    );
    for ((question, _), rank) in with
        .iter()
        .zip(ranks(&with, 1.2, 0.75))
        .filter(|(_, rank)| *rank > 0)
    {
        println!("{question}: {rank}");
    }
    assert_eq!(plain.len(), 42);
    assert!(before.1 <= 24, "the set asks for what the index has anyway");
    assert!(after.0 >= 36 && after.1 >= 40, "{after:?}");
    assert!(grown <= 60, "{grown}");
}

proptest! {
    #[test]
    fn any_text_gets_a_bounded_number_of_terms(text in "\\PC{0,200}", at in 0_usize..4) {
        let tongue = [Tongue::German, Tongue::Dutch, Tongue::Swedish, Tongue::French][at];
        let terms = missing(&text, &[tongue]);
        prop_assert!(terms.split(' ').all(|term| !term.contains(char::is_whitespace)));
        // A word is at most its stem and its parts.
        prop_assert!(terms.len() <= 4 * text.len() + 8);
    }

    #[test]
    fn any_row_of_known_words_is_parted_without_end(words in proptest::collection::vec("(kündigung|frist|miete|vertrag|s|en|ue|ß|haus)", 1..12)) {
        let word = words.concat();
        let terms = terms(&word, "de");
        prop_assert!(terms.len() <= 7);
        prop_assert!(terms.iter().all(|term| !term.is_empty()));
    }
}
