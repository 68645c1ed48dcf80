//! Acronyms and what they stand for, as documents explain them: "service level agreement (SLA)", "SLA (service level
//! agreement)". A question that has the one is searched with the other, too.
//!
//! What stands before or in the brackets is matched as by Schwartz and Hearst, "A simple algorithm for identifying
//! abbreviation definitions in biomedical text" (PSB 2003), with two rules besides, for in a library of everything the
//! brackets hold much else: an acronym has as many capitals as small letters at least, and the words explained may not be
//! more than they need to be.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::find::{Language, Wanted};
use crate::text::{compile, content_terms, is_stop_word, one_line};

/// An acronym with what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Acronym {
    /// The letters: "SLA".
    pub short: String,
    /// The words: "service level agreement".
    pub long: String,
}

/// Longest acronym, in characters.
const LONGEST: usize = 10;
/// Meanings of one acronym that a question is searched with. Of more nobody knows which is meant.
const MEANINGS: usize = 2;

static BRACKETS: LazyLock<Regex> = LazyLock::new(|| compile(r"\(([^()\n]{2,120})\)"));

/// All that a text explains, in its order.
pub fn explained_in(text: &str) -> Vec<Acronym> {
    let mut found = Vec::new();
    for captures in BRACKETS.captures_iter(text) {
        let (Some(whole), Some(inner)) = (captures.get(0), captures.get(1)) else {
            continue;
        };
        let before = text[..whole.start()].trim_end();
        // "(SLA; see annex 2)", "(kurz: AGB)", "(the “SLA”)"
        let inner = inner.as_str().split([';', ',']).next().unwrap_or_default();
        let name = inner.rsplit(' ').next().unwrap_or_default();
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        let introduced = inner.split_whitespace().count() <= 3;
        let explained = if introduced && is_acronym(name) {
            words_before(before, name).map(|long| (name, long))
        } else {
            let name = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
            let long = inner.trim();
            let explains = is_acronym(name) && stands_for(name, long).is_some_and(|at| at == 0);
            explains.then(|| (name, one_line(long)))
        };
        let Some((short, long)) = explained else { continue };
        let acronym = Acronym {
            short: short.to_owned(),
            long,
        };
        if !found.contains(&acronym) {
            found.push(acronym);
        }
    }
    found
}

/// Whether a word is written as acronyms are: "SLA", "DSGVO", "PhD", "ISO9001", but not "Table" or "2019".
fn is_acronym(word: &str) -> bool {
    let count = |is: fn(char) -> bool| word.chars().filter(|c| is(*c)).count();
    let (capitals, small) = (count(char::is_uppercase), count(char::is_lowercase));
    let whole = word
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '&' | '/'));
    (2..=LONGEST).contains(&word.chars().count()) && whole && capitals >= 2 && capitals >= small
}

/// The last words of `before` that an acronym is made of.
fn words_before(before: &str, short: &str) -> Option<String> {
    let letters = short.chars().filter(|c| c.is_alphanumeric()).count();
    let most = (letters + 5).min(letters * 2);
    // Not across the end of a sentence or a line of a table.
    let clause = before
        .rsplit(['\n', '.', ':', ';', '(', ')', '|'])
        .next()
        .unwrap_or_default();
    let begins: Vec<usize> = word_begins(clause);
    let from = begins.len().saturating_sub(most);
    let words = &clause[*begins.get(from)?..];
    let at = stands_for(short, words)?;
    Some(one_line(words[at..].trim_matches(|c: char| !c.is_alphanumeric())))
}

fn word_begins(text: &str) -> Vec<usize> {
    let mut before = ' ';
    let mut begins = Vec::new();
    for (at, c) in text.char_indices() {
        if before.is_whitespace() && !c.is_whitespace() {
            begins.push(at);
        }
        before = c;
    }
    begins
}

/// Where the words that `short` is made of begin in `words`, if its letters stand there in order, the first of them at the
/// beginning of a word; the shortest such end of `words`.
fn stands_for(short: &str, words: &str) -> Option<usize> {
    let mut letters = short.chars().filter(|c| c.is_alphanumeric()).rev().peekable();
    let mut chars = words.char_indices().rev().peekable();
    let mut begin = None;
    while let Some(letter) = letters.next() {
        let first = letters.peek().is_none();
        begin = Some(loop {
            let (at, c) = chars.next()?;
            let starts = chars.peek().is_none_or(|(_, before)| !before.is_alphanumeric());
            // "Treaty on the Functioning of the European Union (TFEU)" does not begin with "the".
            if same_letter(c, letter) && (!first || (starts && !begins_with_little_word(&words[at..]))) {
                break at;
            }
        });
    }
    let begin = begin?;
    let long = words[begin..].trim();
    let terms = content_terms(long);
    let has_itself = long
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == short);
    let longer = long.chars().count() > short.chars().count() + 1;
    (longer && !terms.is_empty() && !has_itself).then_some(begin)
}

fn begins_with_little_word(words: &str) -> bool {
    let word = words
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    is_stop_word(&word.to_lowercase())
}

fn same_letter(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase())
}

/// Those of `known` of which the question has one side and not the other, with where it stands.
pub(super) fn meant<'a>(question: &str, known: &'a [Acronym]) -> Vec<(Range<usize>, &'a Acronym)> {
    let mut meant: Vec<(Range<usize>, &Acronym)> = Vec::new();
    let language = Language::of(question);
    for acronym in known {
        let short = short_in(question, &acronym.short);
        let long = Wanted::forms(&acronym.long, language)
            .and_then(|wanted| wanted.find(question).into_iter().next());
        let place = match (short, long) {
            (Some(place), None) | (None, Some(place)) => place,
            _ => continue,
        };
        let same = |(_, other): &(Range<usize>, &Acronym)| {
            other.short == acronym.short && alike(&other.long, &acronym.long)
        };
        if !meant.iter().any(same) {
            meant.push((place, acronym));
        }
    }
    let meanings = |of: &Acronym| meant.iter().filter(|(_, other)| other.short == of.short).count();
    let clear: Vec<bool> = meant
        .iter()
        .map(|(_, acronym)| meanings(acronym) <= MEANINGS)
        .collect();
    let mut clear = clear.into_iter();
    meant.retain(|_| clear.next().unwrap_or(false));
    meant
}

/// Where an acronym stands in a question: people type "sla" as well, but "it" is not IT.
fn short_in(question: &str, short: &str) -> Option<Range<usize>> {
    let word = is_stop_word(&short.to_lowercase()) || short.chars().count() < 3;
    let mut from = 0;
    for part in question.split(|c: char| c.is_whitespace() || ",?!()\"“”„".contains(c)) {
        let bare = part
            .trim_end_matches(['.', ':', ';'])
            .trim_end_matches("'s")
            .trim_end_matches("’s");
        let same = if word {
            bare == short
        } else {
            bare.to_lowercase() == short.to_lowercase()
        };
        if same {
            return Some(from..from + bare.len());
        }
        // All that parts words here is one byte, but for some white space.
        from += part.len();
        from += question[from..].chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// Whether two explanations have the same words.
fn alike(one: &str, other: &str) -> bool {
    let terms = |text| content_terms(text).into_iter().collect::<HashSet<_>>();
    terms(one) == terms(other)
}

/// The question with the other side of each acronym behind the one it has, for a search by words and by meaning.
pub fn with_both(question: &str, meant: &[Acronym]) -> String {
    put(question, meant, |said, other| format!("{said} ({other})"))
}

/// The question as a text would word it: with the other side in place of the one it has, if the text has only the other.
pub fn as_written(question: &str, meant: &[Acronym], text: &str) -> String {
    let has = |words: &str| {
        let forms = Wanted::forms(words, Language::of(text));
        forms.is_some_and(|wanted| !wanted.find(text).is_empty())
    };
    put(question, meant, |said, other| {
        if !has(said) && has(other) {
            other.to_owned()
        } else {
            said.to_owned()
        }
    })
}

fn put(question: &str, known: &[Acronym], replace: impl Fn(&str, &str) -> String) -> String {
    let mut places = meant(question, known);
    // The longest first where two begin together; none within another.
    places.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let (mut out, mut at) = (String::with_capacity(question.len()), 0);
    for (range, acronym) in places {
        if range.start < at {
            continue;
        }
        let said = &question[range.clone()];
        let is_short = said.to_lowercase() == acronym.short.to_lowercase();
        let other = if is_short { &acronym.long } else { &acronym.short };
        out.push_str(&question[at..range.start]);
        out.push_str(&replace(said, other));
        at = range.end;
    }
    out.push_str(&question[at..]);
    out
}

/// Those that the texts explain and the question needs.
pub fn needed<'a>(question: &str, texts: impl Iterator<Item = &'a str>) -> Vec<Acronym> {
    let mut known: Vec<Acronym> = Vec::new();
    for acronym in texts.flat_map(explained_in) {
        if !known.contains(&acronym) {
            known.push(acronym);
        }
    }
    meant(question, &known)
        .into_iter()
        .map(|(_, acronym)| acronym.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn explained(text: &str) -> Vec<(String, String)> {
        let pair = |acronym: Acronym| (acronym.short, acronym.long);
        explained_in(text).into_iter().map(pair).collect()
    }

    fn acronym(short: &str, long: &str) -> Acronym {
        Acronym {
            short: short.into(),
            long: long.into(),
        }
    }

    #[test]
    fn documents_explain_their_acronyms() {
        for (text, short, long) in [
            (
                "The service level agreement (SLA) ends in May.",
                "SLA",
                "service level agreement",
            ),
            (
                "as the General Data Protection Regulation (GDPR) demands",
                "GDPR",
                "General Data Protection Regulation",
            ),
            (
                "Es gelten die Allgemeinen Geschäftsbedingungen (kurz: AGB) der Bank.",
                "AGB",
                "Allgemeinen Geschäftsbedingungen",
            ),
            (
                "nach der Datenschutz-Grundverordnung (DSGVO)",
                "DSGVO",
                "Datenschutz-Grundverordnung",
            ),
            (
                "Our SLA (service level agreement) is short.",
                "SLA",
                "service level agreement",
            ),
            (
                "the Data Processing Agreement (the “DPA”) of 2019",
                "DPA",
                "Data Processing Agreement",
            ),
            (
                "the Treaty on the Functioning of the European Union (TFEU) says",
                "TFEU",
                "Treaty on the Functioning of the European Union",
            ),
            (
                "acute myeloid leukemia (AML; 12 patients)",
                "AML",
                "acute myeloid leukemia",
            ),
        ] {
            assert_eq!(explained(text), [(short.into(), long.into())], "{text}");
        }
    }

    #[test]
    fn brackets_that_explain_nothing_give_nothing() {
        for text in [
            "the lamp (see page 4) and the tower (45 m)",
            "Brahms (1833–1897)",
            "Poland (EU) joined",
            "the board (John Smith) met",
            "it rose (Table 3)",
            "SLA (SLA)",
            "( )",
            "The end. (SLA)",
            "service level\nagreement. Other (SLA)",
        ] {
            assert_eq!(explained(text), [], "{text}");
        }
    }

    #[test]
    fn a_question_is_searched_with_both_sides() {
        let known = [
            acronym("SLA", "service level agreement"),
            acronym("IT", "information technology"),
        ];
        for (question, both) in [
            (
                "When does the SLA end?",
                "When does the SLA (service level agreement) end?",
            ),
            (
                "when does the sla end",
                "when does the sla (service level agreement) end",
            ),
            (
                "Do service level agreements end?",
                "Do service level agreements (SLA) end?",
            ),
            ("Is it high?", "Is it high?"),
            ("Who leads IT?", "Who leads IT (information technology)?"),
            (
                "Is the SLA a service level agreement?",
                "Is the SLA a service level agreement?",
            ),
        ] {
            assert_eq!(with_both(question, &known), both);
        }
    }

    #[test]
    fn a_question_is_worded_as_the_text_is() {
        let known = [acronym("SLA", "service level agreement")];
        let question = "When does the SLA end?";
        let text = "The service level agreement ends in May.";
        assert_eq!(
            as_written(question, &known, text),
            "When does the service level agreement end?"
        );
        for text in ["The SLA ends in May.", "Nothing of the kind."] {
            assert_eq!(as_written(question, &known, text), question);
        }
        assert_eq!(
            as_written(
                "When does the service level agreement end?",
                &known,
                "The SLA ends."
            ),
            "When does the SLA end?"
        );
    }

    #[test]
    fn of_too_many_meanings_none_is_meant() {
        let texts = [
            "the prime minister (PM)",
            "a project manager (PM)",
            "post mortem (PM)",
        ];
        assert_eq!(needed("Who is the PM?", texts[..2].iter().copied()).len(), 2);
        assert_eq!(needed("Who is the PM?", texts.iter().copied()), []);
        assert_eq!(needed("Who is the king?", texts.iter().copied()), []);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,80}", question in "\\PC{0,40}") {
            let known = explained_in(&text);
            let _ = with_both(&question, &known);
            let _ = as_written(&question, &known, &text);
        }

        #[test]
        fn brackets_of_any_letters_can_be_read(words in "[a-zäÖß .-]{0,30}", short in "[A-Zäa-z0-9&.]{0,8}") {
            let _ = explained_in(&format!("{words} ({short}) {short} ({words})"));
        }
    }
}
