//! Yes-or-no questions, English or German. They are answered by the sentence that decides them, which denies what was
//! asked as often as it confirms it; and most of their words are those of the answer, so that nothing new proves it.

use unicode_segmentation::UnicodeSegmentation;

/// Words that begin a yes-or-no question in English.
const ENGLISH: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "am",
    "do",
    "does",
    "did",
    "can",
    "could",
    "may",
    "might",
    "must",
    "shall",
    "should",
    "will",
    "would",
    "has",
    "have",
    "had",
    "isn't",
    "aren't",
    "wasn't",
    "weren't",
    "don't",
    "doesn't",
    "didn't",
    "can't",
    "couldn't",
    "won't",
    "wouldn't",
    "hasn't",
    "haven't",
    "shouldn't",
    "mustn't",
];

/// Words that ask for something else than yes or no, wherever they stand.
const ENGLISH_ASKING: &[&str] = &[
    "what", "which", "who", "whom", "whose", "when", "where", "why", "how",
];
const GERMAN_ASKING: &[&str] = &[
    "was", "wer", "wen", "wem", "wessen", "wann", "wo", "woher", "wohin", "womit", "wofür", "woran", "wie",
    "warum", "weshalb", "wieso", "welche", "welcher", "welches", "welchem", "welchen", "wieviel", "wieviele",
];

/// Words that stand behind the verb of a German yes-or-no question.
const BEHIND_VERB: &[&str] = &[
    "der", "die", "das", "dem", "den", "ein", "eine", "einer", "einen", "man", "es", "er", "sie", "ich",
    "wir", "ihr", "du", "mein", "meine", "unser", "unsere", "dieser", "diese", "dieses", "jeder", "jede",
    "jedes", "im", "am", "in", "auf", "bei", "alle", "kein", "keine",
];

/// Prepositions, with which a German question begins that asks for something else.
const PREPOSITIONS: &[&str] = &[
    "in", "an", "am", "auf", "bei", "mit", "von", "vom", "zu", "zum", "zur", "für", "über", "unter", "um",
    "bis", "seit", "ab", "aus", "nach", "ohne", "gegen",
];

/// Whether a question asks for yes or no.
pub fn is_polar(question: &str) -> bool {
    let question = question.trim();
    let words: Vec<&str> = question.unicode_words().collect();
    let [first, second, rest @ ..] = &words[..] else {
        return false;
    };
    let (opens, then) = (first.to_lowercase().replace('’', "'"), second.to_lowercase());
    if ENGLISH.contains(&opens.as_str()) && !(opens == "was" && is_german(&words)) {
        // "Can you tell me when it ends?" asks when.
        return !rest
            .iter()
            .any(|word| ENGLISH_ASKING.contains(&word.to_lowercase().as_str()));
    }
    let asks_else = words.iter().any(|word| {
        let word = word.to_lowercase();
        ENGLISH_ASKING.contains(&word.as_str()) || GERMAN_ASKING.contains(&word.as_str())
    });
    question.ends_with('?')
        && !asks_else
        && !PREPOSITIONS.contains(&opens.as_str())
        && (BEHIND_VERB.contains(&then.as_str())
            // A noun without an article; a name of two words begins no question.
            || (GERMAN_VERBS.contains(&opens.as_str()) && second.starts_with(char::is_uppercase)))
}

/// Verbs that begin German questions most often.
const GERMAN_VERBS: &[&str] = &[
    "ist",
    "sind",
    "war",
    "waren",
    "wird",
    "werden",
    "wurde",
    "wurden",
    "hat",
    "haben",
    "hatte",
    "hatten",
    "darf",
    "dürfen",
    "kann",
    "können",
    "konnte",
    "konnten",
    "muss",
    "müssen",
    "musste",
    "mussten",
    "soll",
    "sollen",
    "sollte",
    "sollten",
    "gibt",
    "gilt",
    "gelten",
    "braucht",
    "brauchen",
    "gehört",
    "gehören",
    "zahlt",
    "zahlen",
    "kostet",
    "kosten",
    "enthält",
    "enthalten",
];

fn is_german(words: &[&str]) -> bool {
    words[1..].iter().any(|word| {
        let word = word.to_lowercase();
        matches!(
            word.as_str(),
            "der"
                | "das"
                | "den"
                | "dem"
                | "ist"
                | "sind"
                | "ein"
                | "eine"
                | "und"
                | "wird"
                | "bedeutet"
                | "kostet"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_or_no_questions_are_told_by_their_first_words() {
        for polar in [
            "Is smoking allowed on the roof terrace?",
            "does the warranty cover limescale",
            "Were pests seen in the compost trial?",
            "Was plot 3 mown by mistake?",
            "Isn’t the deposit paid back?",
            "Dürfen Fahrräder im Hausflur stehen?",
            "Kann man die Waschküche am Sonntag benutzen?",
            "Wird Parken am Flughafen bezahlt?",
            "Deckt die Versicherung Hagel?",
            "Ist im Mietvertrag ein Haustier erlaubt?",
        ] {
            assert!(is_polar(polar), "{polar}");
        }
        for other in [
            "How much is the rent?",
            "Can you tell me when the lease ends?",
            "What is allowed?",
            "Was kostet der Lagerraum?",
            "Was ist die Störung F14?",
            "In welchem Jahr wurde das Haus gebaut?",
            "Wie hoch ist die Kaution?",
            "Nenne die Kaution.",
            "Zeige mir die Kaution",
            "Hail damage?",
            "Deposit",
            "Kestrel the technician",
            "",
        ] {
            assert!(!is_polar(other), "{other}");
        }
    }
}
