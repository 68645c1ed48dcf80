//! Questions for all things of a kind: "List all deadlines in the lease", "Welche Fristen gibt es?".

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Ask, Term, WholeScope};
use crate::entities::EntityKind;
use crate::find::{Language, Wanted};
use crate::meant::Meant;
use crate::text::compile;

struct Pattern {
    regex: Regex,
    ask: Ask,
    language: Language,
    kind: EntityKind,
}

/// The question, if it asks for things of a kind.
pub(super) fn read(question: &str) -> Option<WholeScope> {
    PATTERNS.iter().find_map(|pattern| {
        let found = pattern.regex.captures(question)?;
        Some(WholeScope {
            terms: vec![Term {
                text: pattern.kind.noun(pattern.language, 2).to_owned(),
                wanted: Wanted::Entities(pattern.kind),
            }],
            all: false,
            ask: pattern.ask,
            within: within(&found, pattern.language),
            language: pattern.language,
        })
    })
}

/// Where they are looked for; none if that is everywhere.
fn within(found: &Captures<'_>, language: Language) -> Option<Meant> {
    let place = ["at", "in"].into_iter().find_map(|name| found.name(name))?;
    let meant = Meant::read(place.as_str(), language);
    (meant != Meant::All).then_some(meant)
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let languages = [Language::English, Language::German].into_iter();
    languages
        .flat_map(|language| {
            EntityKind::ALL
                .into_iter()
                .flat_map(move |kind| patterns(language, kind))
        })
        .collect()
});

fn patterns(language: Language, kind: EntityKind) -> Vec<Pattern> {
    let things = format!("(?:{})", kind.asked(language));
    let texts = match language {
        Language::English => english(&things, kind),
        Language::German => german(&things),
    };
    texts
        .into_iter()
        .map(|(ask, text)| Pattern {
            regex: compile(&format!("^{text}$")),
            ask,
            language,
            kind,
        })
        .collect()
}

fn english(things: &str, kind: EntityKind) -> Vec<(Ask, String)> {
    const SAID: &str = "(?:mentioned|named|given|listed|stated|set|set out|agreed|specified|found|contained)";
    const SAY: &str = "(?:mention|name|contain|have|set|give|state|include|list|specify|agree on)";
    const IN: &str = "(?: (?:anywhere|(?:in|from|across|within|throughout|on) (?P<at>.+)))?";
    const THE: &str = "(?:(?:the|my|our|different|upcoming) )*";
    // "What are the dates?" may be of something; a deadline or an address is one by itself.
    let all = match kind {
        EntityKind::Date | EntityKind::Money | EntityKind::Percentage => "all (?:of )?",
        _ => "(?:all (?:of )?)?",
    };
    vec![
        (
            Ask::List,
            format!(
                "(?:please )?(?:list|show|find|name|give|extract|collect|get) (?:me )?(?:(?:all|every|any)(?: of)? )?(?:a list of (?:all )?)?{THE}{things}(?: {SAID})?{IN}"
            ),
        ),
        (
            Ask::List,
            format!(
                "(?:please )?(?:list|show|find|name|give|extract|collect|get) (?:me )?(?:every|each) {}(?: {SAID})?{IN}",
                kind.noun(Language::English, 1)
            ),
        ),
        (
            Ask::List,
            format!("(?:which|what) {THE}{things} (?:are|were) (?:there|{SAID}){IN}"),
        ),
        (
            Ask::List,
            format!("(?:which|what) {THE}{things} (?:do|does|did) (?P<in>.+?) {SAY}"),
        ),
        (
            Ask::List,
            format!("what (?:are|were) {all}{THE}{things}(?: {SAID})?{IN}"),
        ),
        (Ask::List, format!("all {THE}{things}(?: {SAID})?{IN}")),
        (
            Ask::Count,
            format!("how many {THE}{things} (?:are|were) (?:there|{SAID}){IN}"),
        ),
        (
            Ask::Count,
            format!("how many {THE}{things} (?:do|does|did) (?P<in>.+?) {SAY}"),
        ),
        (
            Ask::Any,
            format!("(?:are|were) there (?:any )?{things}(?: {SAID})?{IN}"),
        ),
    ]
}

fn german(things: &str) -> Vec<(Ask, String)> {
    const SAID: &str = "(?:genannt|erwähnt|gesetzt|angegeben|vereinbart|enthalten|aufgeführt|festgelegt)";
    const SAY: &str = "(?:nennt|enthält|hat|setzt|nennen|enthalten|haben|setzen|gibt es in|stehen in)";
    const IN: &str = "(?: (?:irgendwo|überhaupt|(?:in|im|aus|auf|von|vom) (?P<at>.+?)))?";
    vec![
        (
            Ask::List,
            format!(
                "(?:bitte )?(?:liste|nenne?|zeige?|finde|gib|suche|sammle|such) (?:mir )?(?:bitte )?(?:(?:alle|sämtliche|die|alle die) )?{things}(?: {SAID})?{IN}(?: auf| an| heraus)?"
            ),
        ),
        (
            Ask::List,
            format!("welche {things} (?:gibt es|stehen|finden sich|werden|wurden|sind){IN}(?: {SAID})?"),
        ),
        (Ask::List, format!("welche {things} {SAY} (?P<in>.+)")),
        (Ask::List, format!("(?:was sind )?alle {things}{IN}")),
        (
            Ask::Count,
            format!("wie ?viele {things} (?:gibt es|stehen|finden sich|werden|wurden|sind){IN}(?: {SAID})?"),
        ),
        (Ask::Count, format!("wie ?viele {things} {SAY} (?P<in>.+)")),
        (Ask::Any, format!("gibt es (?:irgendwelche )?{things}{IN}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<(Ask, EntityKind, Option<Meant>)> {
        let whole = WholeScope::detect(question)?;
        Some((whole.ask, whole.entity()?, whole.within))
    }

    #[test]
    fn things_are_asked_for_by_their_kind() {
        use EntityKind::{Date, Deadline, Email, Iban, Money, Phone};
        let named = |name: &str| Some(Meant::Named(name.into()));
        for (question, ask, kind, within) in [
            ("List all deadlines", Ask::List, Deadline, None),
            ("List all deadlines in my documents.", Ask::List, Deadline, None),
            (
                "Please list every deadline in the lease",
                Ask::List,
                Deadline,
                named("lease"),
            ),
            (
                "What deadlines does the lease contain?",
                Ask::List,
                Deadline,
                named("lease"),
            ),
            (
                "What are the deadlines in lease-2024.pdf?",
                Ask::List,
                Deadline,
                named("lease-2024.pdf"),
            ),
            ("Which amounts of money are mentioned?", Ask::List, Money, None),
            (
                "Find all dates in this document",
                Ask::List,
                Date,
                Some(Meant::This),
            ),
            ("How many e-mail addresses are there?", Ask::Count, Email, None),
            (
                "Are there any phone numbers in the folder Letters?",
                Ask::Any,
                Phone,
                Some(Meant::Folder("Letters".into())),
            ),
            ("Welche Fristen gibt es?", Ask::List, Deadline, None),
            (
                "Welche Fristen stehen im Mietvertrag?",
                Ask::List,
                Deadline,
                named("Mietvertrag"),
            ),
            (
                "Welche Fristen nennt der Mietvertrag?",
                Ask::List,
                Deadline,
                named("Mietvertrag"),
            ),
            (
                "Liste alle Fristen im Mietvertrag auf",
                Ask::List,
                Deadline,
                named("Mietvertrag"),
            ),
            (
                "Welche Beträge werden in den Dokumenten genannt?",
                Ask::List,
                Money,
                None,
            ),
            ("Nenne alle Bankverbindungen", Ask::List, Iban, None),
            ("Wie viele Telefonnummern gibt es?", Ask::Count, Phone, None),
        ] {
            assert_eq!(read(question), Some((ask, kind, within)), "{question}");
        }
    }

    #[test]
    fn other_questions_are_not() {
        for question in [
            "What is the deadline for applications?",
            "What are the dates of the war?",
            "What were the prices?",
            "Which deadline is the earliest?",
            "How many dates does he go on?",
            "Welche Frist gilt für die Kündigung?",
            "Welche Termine hat Frau Okafor abgesagt, und warum?",
        ] {
            let whole = WholeScope::detect(question);
            let named = |whole: &WholeScope| matches!(whole.within, Some(Meant::Named(_)));
            assert!(whole.as_ref().is_none_or(named), "{question} {whole:?}");
        }
    }
}
