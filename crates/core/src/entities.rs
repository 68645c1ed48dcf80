//! Things that are told by their form wherever they stand: deadlines, dates, amounts of money, addresses, numbers of telephones
//! and accounts. "List all deadlines" is a question about every page; a ranking of passages cannot answer it.
//!
//! A deadline is a date or a length of time that something ties to it: a word before it ("by", "within", "spätestens"), a
//! word of its sentence ("due", "expires", "Frist"), or, for a length of time before or after something, a duty ("shall give
//! notice three months before ..."). All are words, so some deadlines are missed and some dates are taken for one.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::{Measure, calendar_dates, measures};
use crate::find::Language;
use crate::personal;
use crate::text::{compile, sentences};

/// A kind of thing that can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// A date, or a length of time, by which something must be or ends.
    Deadline,
    /// A day or a month.
    Date,
    /// An amount of money, with its currency.
    Money,
    /// A share in percent.
    Percentage,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An address on the web.
    WebAddress,
    /// A bank account by ISO 13616.
    Iban,
}

impl EntityKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Deadline,
        Self::Date,
        Self::Money,
        Self::Percentage,
        Self::Email,
        Self::Phone,
        Self::WebAddress,
        Self::Iban,
    ];

    /// How people ask for several of them: the alternatives of a pattern.
    pub(crate) fn asked(self, language: Language) -> &'static str {
        match (language, self) {
            (Language::English, Self::Deadline) => {
                "deadlines|due dates|time limits|cut-?off dates|closing dates|notice periods"
            }
            (Language::English, Self::Date) => "dates",
            (Language::English, Self::Money) => {
                "amounts(?: of money)?|sums(?: of money)?|money amounts|monetary amounts|prices"
            }
            (Language::English, Self::Percentage) => "percentages",
            (Language::English, Self::Email) => "e-?mail addresses",
            (Language::English, Self::Phone) => "(?:tele)?phone numbers",
            (Language::English, Self::WebAddress) => "(?:web )?links|urls|web addresses|websites",
            (Language::English, Self::Iban) => "ibans|bank accounts|(?:bank )?account numbers",
            (Language::German, Self::Deadline) => {
                "fristen|(?:abgabe|fälligkeits|kündigungs)termine|fälligkeiten|stichtage|kündigungsfristen|deadlines"
            }
            (Language::German, Self::Date) => "datumsangaben|termine|kalenderdaten",
            (Language::German, Self::Money) => "(?:geld)?beträge|geldsummen|summen|preise",
            (Language::German, Self::Percentage) => "prozent(?:angaben|sätze|werte|zahlen)",
            (Language::German, Self::Email) => "(?:e-?)?mail-?adressen",
            (Language::German, Self::Phone) => "telefonnummern|rufnummern",
            (Language::German, Self::WebAddress) => "links|urls|(?:internet|web)-?adressen|webseiten",
            (Language::German, Self::Iban) => "ibans|bankverbindungen|kontonummern",
        }
    }

    /// What so many of them are called.
    pub fn noun(self, language: Language, count: usize) -> &'static str {
        let (one, many) = match (language, self) {
            (Language::English, Self::Deadline) => ("deadline", "deadlines"),
            (Language::English, Self::Date) => ("date", "dates"),
            (Language::English, Self::Money) => ("amount of money", "amounts of money"),
            (Language::English, Self::Percentage) => ("percentage", "percentages"),
            (Language::English, Self::Email) => ("e-mail address", "e-mail addresses"),
            (Language::English, Self::Phone) => ("telephone number", "telephone numbers"),
            (Language::English, Self::WebAddress) => ("web address", "web addresses"),
            (Language::English, Self::Iban) => ("IBAN", "IBANs"),
            (Language::German, Self::Deadline) => ("Frist", "Fristen"),
            (Language::German, Self::Date) => ("Datumsangabe", "Datumsangaben"),
            (Language::German, Self::Money) => ("Geldbetrag", "Geldbeträge"),
            (Language::German, Self::Percentage) => ("Prozentangabe", "Prozentangaben"),
            (Language::German, Self::Email) => ("E-Mail-Adresse", "E-Mail-Adressen"),
            (Language::German, Self::Phone) => ("Telefonnummer", "Telefonnummern"),
            (Language::German, Self::WebAddress) => ("Internetadresse", "Internetadressen"),
            (Language::German, Self::Iban) => ("IBAN", "IBANs"),
        };
        if count == 1 { one } else { many }
    }

    /// Where they stand in `text`: byte ranges in order that do not overlap.
    pub fn find(self, text: &str) -> Vec<Range<usize>> {
        let mut found = match self {
            Self::Deadline => deadlines(text),
            Self::Date => calendar_dates(text),
            Self::Money => measured(text, Measure::Money),
            Self::Percentage => measured(text, Measure::Percentage),
            Self::Email => personal(text, personal::Kind::Email),
            Self::Phone => personal(text, personal::Kind::Phone),
            Self::Iban => personal(text, personal::Kind::Iban),
            Self::WebAddress => web_addresses(text),
        };
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        found.retain(|range| {
            let free = range.start >= end;
            end = end.max(range.end);
            free
        });
        found
    }
}

fn measured(text: &str, wanted: Measure) -> Vec<Range<usize>> {
    let of = measures(text).into_iter();
    of.filter(|(_, measure)| *measure == wanted)
        .map(|(range, _)| range)
        .collect()
}

fn personal(text: &str, wanted: personal::Kind) -> Vec<Range<usize>> {
    let found = personal::find(text).into_iter();
    found
        .filter(|found| found.kind == wanted)
        .map(|found| found.range)
        .collect()
}

fn web_addresses(text: &str) -> Vec<Range<usize>> {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| compile(r#"\b(?:https?://|www\.)[^\s<>"“”„«»|\\^`{}]+"#));
    let trimmed = |range: Range<usize>| {
        // The stop behind an address ends the sentence; a bracket that it did not open is not its own.
        let mut address = &text[range.clone()];
        loop {
            let bare = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '*', '_']);
            let opened = bare.matches('(').count() >= bare.matches(')').count();
            let bare = if opened {
                bare
            } else {
                bare.strip_suffix(')').unwrap_or(bare)
            };
            let bare = bare.strip_suffix(']').unwrap_or(bare);
            if bare.len() == address.len() {
                break range.start..range.start + address.len();
            }
            address = bare;
        }
    };
    let found = ADDRESS.find_iter(text).map(|found| trimmed(found.range()));
    found.filter(|range| text[range.clone()].contains('.')).collect()
}

/// What ties a date or a length of time to a duty or an end.
struct Cues {
    /// Directly before a date.
    by: Regex,
    /// Directly before a length of time.
    within: Regex,
    /// Directly behind a length of time: before or after something, or to give notice.
    reckoned: Regex,
    /// Anywhere in the sentence.
    word: Regex,
    /// A duty, anywhere in the sentence.
    duty: Regex,
    /// Ends of months, quarters and years, which are dates without one.
    end: Regex,
}

static CUES: LazyLock<Cues> = LazyLock::new(|| Cues {
    by: compile(
        r"\b(?:(?:on or )?before|by|un?till?|(?:no|not) later than|at the latest(?: by| on)?|due(?: on| by)?|expir(?:es?|ing)(?: on)?|bis(?: spätestens)?(?: zum?| am)?|spätestens(?: bis)?(?: zum?| am)?|vor dem|fällig(?: am| zum)?|endet am|mit ablauf des|zum)\s+(?:the\s+|den\s+|dem\s+)?$",
    ),
    within: compile(
        r"\b(?:within|(?:no|not) (?:later|more) than|at the latest|in less than|innerhalb(?: von| einer frist von)?|binnen|innert|mit einer frist von|spätestens)\s+(?:the\s+(?:first|next|following)\s+|a (?:period|term) of\s+|a maximum of\s+|at most\s+|höchstens\s+)?$",
    ),
    reckoned: compile(
        r"^(?:['’]s?|s['’])?\s*(?:\(\w+\)\s*)?(?:(?:(?:prior|advance|written|calendar|business|working)\s+)*(?:notice\b|(?:prior )?to\b)|(?:of|from|after|following|before) (?:the |its |their |this )?\w+|(?:vor|nach|ab|zum|zu) \w+)",
    ),
    word: compile(
        r"\b(?:deadlines?|due(?:\s+dates?)?|overdue|expir(?:e|es|ed|ing|y|ation)|cut-?off|time limits?|closing dates?|payable|notice periods?|period of notice|frist(?:en)?|\w+frist(?:en)?|fällig(?:keit)?|stichtag|\w+schluss|abgabetermin|zahlungsziel|zahlbar|läuft (?:ab|am|bis|zum)|abläuft|verjähr(?:t|ung))\b",
    ),
    duty: compile(
        r"\b(?:must|shall|has to|have to|may|can|will|is to|are to|required|obliged|entitled|muss|müssen|ist|sind|hat|haben|kann|können|darf|dürfen|soll|sollen|verpflichtet|berechtigt|beträgt)\b",
    ),
    end: compile(
        r"\b(?:the )?end of (?:the |each |every |this |that )?(?:calendar |financial |business )?(?:day|week|month|quarter|year|term|[12]\d{3})\b|\b(?:monats|quartals|jahres|semester)ende\b|\bende (?:des |der |jedes )?(?:kalender)?(?:woche|monats|quartals|halbjahres|jahres|[12]\d{3})\b|\b(?:close of business|cob|geschäftsschluss)\b",
    ),
});

fn deadlines(text: &str) -> Vec<Range<usize>> {
    let dates = calendar_dates(text).into_iter();
    let ends = CUES.end.find_iter(text).map(|found| found.range());
    let durations = measured(text, Measure::Duration).into_iter();
    let mut times: Vec<(Range<usize>, bool)> = dates
        .chain(ends)
        .map(|range| (range, false))
        .chain(durations.map(|range| (range, true)))
        .collect();
    if times.is_empty() {
        return Vec::new();
    }
    times.sort_by_key(|(range, _)| range.start);
    let mut found = Vec::new();
    for sentence in sentences(text) {
        let inside = |range: &Range<usize>| sentence.start <= range.start && range.end <= sentence.end;
        let first = times.partition_point(|(range, _)| range.start < sentence.start);
        let here = times[first..]
            .iter()
            .take_while(|(range, _)| range.start < sentence.end)
            .filter(|(range, _)| inside(range));
        let whole = &text[sentence.clone()];
        let (mut told, mut owed) = (None, None);
        for (range, lasts) in here {
            let before = &text[sentence.start..range.start];
            let behind = &text[range.end..sentence.end];
            let cue = if *lasts { &CUES.within } else { &CUES.by };
            if let Some(cue) = cue.find(before) {
                found.push(sentence.start + cue.start()..range.end);
                continue;
            }
            let told = *told.get_or_insert_with(|| CUES.word.is_match(whole));
            let reckoned = || *lasts && CUES.reckoned.is_match(behind);
            if told || reckoned() && *owed.get_or_insert_with(|| CUES.duty.is_match(whole)) {
                found.push(range.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(kind: EntityKind, text: &str) -> Vec<&str> {
        kind.find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn deadlines_are_tied_to_something() {
        for (text, deadlines) in [
            (
                "Payment is due within 14 days of receipt.",
                &["within 14 days"][..],
            ),
            (
                "Send the form by 30 June 2026 at the latest.",
                &["by 30 June 2026"],
            ),
            ("The tenant shall give three months' notice.", &["three months"]),
            ("The lease expires on 1 May 2027.", &["expires on 1 May 2027"]),
            (
                "Rent is payable no later than the 3rd of May.",
                &["no later than the 3rd of May"],
            ),
            ("Applications: deadline 2026-01-31", &["2026-01-31"]),
            (
                "Reports must be filed by the end of the month.",
                &["by the end of the month"],
            ),
            (
                "Der Antrag ist bis zum 31. März 2026 zu stellen.",
                &["bis zum 31. März 2026"],
            ),
            (
                "Die Kündigungsfrist beträgt drei Monate zum Monatsende.",
                &["drei Monate", "zum Monatsende"],
            ),
            ("Zahlbar innerhalb von 30 Tagen.", &["innerhalb von 30 Tagen"]),
            (
                "Spätestens am 3. Mai 2026 ist Abgabe.",
                &["Spätestens am 3. Mai 2026"],
            ),
            ("He lived there for three years after the war.", &[]),
            ("The bridge was opened on 3 May 1902.", &[]),
            (
                "Das Mietverhältnis begann am 1. Oktober 2023 und läuft auf unbestimmte Zeit.",
                &[],
            ),
            ("Der Vertrag läuft am 3. Mai 2027 ab.", &["3. Mai 2027"]),
            ("Calls are answered within two hours.", &["within two hours"]),
            ("Cook it for 20 minutes.", &[]),
            ("Die Sitzung fand am 3. Mai 2026 statt.", &[]),
        ] {
            assert_eq!(found(EntityKind::Deadline, text), deadlines, "{text}");
        }
    }

    #[test]
    fn other_things_are_told_by_their_form() {
        let text = "Ask ada@example.org or +49 30 1234567 (see https://example.org/a_(b), www.example.org). The fee is €1,200.50, \
            3 % more than on 4 May 2024; pay to DE89 3704 0044 0532 0130 00.";
        assert_eq!(found(EntityKind::Email, text), ["ada@example.org"]);
        assert_eq!(found(EntityKind::Phone, text), ["+49 30 1234567"]);
        let addresses = ["https://example.org/a_(b)", "www.example.org"];
        assert_eq!(found(EntityKind::WebAddress, text), addresses);
        assert_eq!(found(EntityKind::Money, text), ["€1,200.50"]);
        assert_eq!(found(EntityKind::Percentage, text), ["3 %"]);
        assert_eq!(found(EntityKind::Date, text), ["4 May 2024"]);
        assert_eq!(found(EntityKind::Iban, text), ["DE89 3704 0044 0532 0130 00"]);
        assert_eq!(
            found(EntityKind::Money, "Die Miete beträgt 1.200 Euro im Monat."),
            ["1.200 Euro im Monat"]
        );
    }

    proptest! {
        #[test]
        fn places_are_in_order_and_apart(text in "([a-z ]{0,8}|by |within |due |3 May 2024|14 days|€5|5 %|www\\.a\\.de|ü|\\.|\n){0,20}") {
            for kind in EntityKind::ALL {
                let mut end = 0;
                for range in kind.find(&text) {
                    prop_assert!(range.start >= end && range.end > range.start);
                    prop_assert!(text.get(range.clone()).is_some());
                    end = range.end;
                }
            }
        }
    }
}
