//! Documents that a question names by their date: "the minutes of 17 June 2025", "e-mails since March". Only behind a
//! word for a document: "the war of 1812" dates no file.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::Regex;

use crate::facts::date_at;
use crate::query::Period;
use crate::text::compile;

/// Documents of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// Only those that may be of this day or later.
    pub after: Option<Period>,
    /// Only those that may be older than this day.
    pub before: Option<Period>,
    /// The question without the date.
    pub rest: String,
}

static DOCUMENTS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"\b(?:e-?mails?|mails?|messages?|letters?|minutes|protocols?|reports?|notes?|memos?|memoranda|invoices?|receipts?|contracts?|agreements?|leases?|statements?|presentations?|slides|newsletters?|documents?|files?|papers?|drafts?|nachricht(?:en)?|briefen?|briefe?s?|schreiben|protokoll(?:e|en|s)?|bericht(?:e|en|s)?|notiz(?:en)?|vermerk(?:e|en|s)?|rechnung(?:en)?|beleg(?:e|en|s)?|vertrag(?:s|es)?|verträgen?|dokument(?:e|en|s)?|datei(?:en)?|unterlagen|präsentation(?:en)?|folien|entwurf(?:s|es)?|entwürfen?)(?:\s+(?:that\s+)?(?:were\s+|was\s+)?(?:dated|written|sent|received|signed))?\s+(?P<how>from\s+the|from|of|dated|on|in|during|since|after|before|until|vom|von|aus\s+dem|aus\s+der|aus|im|in|seit\s+dem|seit|nach\s+dem|nach|vor\s+dem|vor|bis\s+zum|bis)\s+",
    )
});

static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(?P<today>today|heute)|(?P<yesterday>yesterday|gestern)|(?:(?P<this>this|diese[rmsn]?)|(?P<last>last|letzte[rmsn]?|vergangene[rmsn]?|vorige[rmsn]?))\s+(?:(?P<week>week|woche)|(?P<month>month|monats?)|(?P<year>year|jahre?s?)))\b",
    )
});

static YEAR: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?:the\s+year\s+|dem\s+jahr\s+)?((?:19|20)\d\d)\b"));

/// The days of the documents that `question` names, as seen from `today`; none if it names none.
pub fn dated_in(question: &str, today: Date) -> Option<Dated> {
    for captures in DOCUMENTS.captures_iter(question) {
        let (Some(whole), Some(how)) = (captures.get(0), captures.name("how")) else {
            continue;
        };
        let Some((first, last, length)) = days_at(&question[whole.end()..], today) else {
            continue;
        };
        let how = how.as_str().to_lowercase();
        let how = how.split_whitespace().next().unwrap_or_default();
        let behind = || last.tomorrow().ok();
        let (after, before) = match how {
            "since" | "seit" => (Some(first), None),
            "after" | "nach" => (Some(behind()?), None),
            "before" | "vor" => (None, Some(first)),
            "until" | "bis" => (None, Some(behind()?)),
            _ => (Some(first), Some(behind()?)),
        };
        let end = whole.end() + length;
        let begin = captures.name("how").map_or(end, |how| how.start());
        let rest = format!("{}{}", &question[..begin], question[end..].trim_start());
        return Some(Dated {
            after: after.map(Period::day),
            before: before.map(Period::day),
            rest,
        });
    }
    None
}

/// The first and last day of the date that `text` begins with, and its length in bytes.
fn days_at(text: &str, today: Date) -> Option<(Date, Date, usize)> {
    if let Some(captures) = RELATIVE.captures(text) {
        let (first, last) = relative(&captures, today)?;
        return Some((first, last, captures.get(0)?.end()));
    }
    if let Some((period, length)) = date_at(text) {
        return Some((period.first(), period.last(), length));
    }
    let year = YEAR.captures(text)?;
    let period = Period::parse(year.get(1)?.as_str())?;
    Some((period.first(), period.last(), year.get(0)?.end()))
}

fn relative(captures: &regex::Captures<'_>, today: Date) -> Option<(Date, Date)> {
    let is = |name| captures.name(name).is_some();
    if is("today") {
        return Some((today, today));
    }
    if is("yesterday") {
        let day = today.yesterday().ok()?;
        return Some((day, day));
    }
    let back = i64::from(is("last"));
    if is("week") {
        let since = today.weekday().since(Weekday::Monday);
        let first = today
            .checked_sub(jiff::Span::new().days(i64::from(since) + 7 * back))
            .ok()?;
        return Some((first, first.checked_add(jiff::Span::new().days(6)).ok()?));
    }
    if is("month") {
        let first = today
            .first_of_month()
            .checked_sub(jiff::Span::new().months(back))
            .ok()?;
        return Some((first, first.last_of_month()));
    }
    let first = today
        .first_of_year()
        .checked_sub(jiff::Span::new().years(back))
        .ok()?;
    Some((first, first.last_of_year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn found(question: &str) -> Option<String> {
        let dated = dated_in(question, date(2026, 11, 22))?;
        let shown = |day: Option<Period>| day.map_or("-".to_owned(), |day| day.to_string());
        Some(format!(
            "{} {} {}",
            shown(dated.after),
            shown(dated.before),
            dated.rest
        ))
    }

    #[test]
    fn the_dates_of_documents_narrow() {
        for (question, narrowed) in [
            (
                "What did the minutes of 17 June 2025 decide?",
                "2025-06-17 2025-06-18 What did the minutes decide?",
            ),
            (
                "Which e-mails from March 2024 mention the roof?",
                "2024-03-01 2024-04-01 Which e-mails mention the roof?",
            ),
            (
                "What do reports since 2023 say of bees?",
                "2023-01-01 - What do reports say of bees?",
            ),
            (
                "Was steht in den Protokollen vom 3. Mai 2024 zum Dach?",
                "2024-05-03 2024-05-04 Was steht in den Protokollen zum Dach?",
            ),
            (
                "Welche Rechnungen aus dem letzten Jahr nennen Dünger?",
                "2025-01-01 2026-01-01 Welche Rechnungen nennen Dünger?",
            ),
            (
                "What do the notes from last week say of the lamp?",
                "2026-11-09 2026-11-16 What do the notes say of the lamp?",
            ),
            (
                "Did a letter sent before 2020 name the keeper?",
                "- 2020-01-01 Did a letter sent name the keeper?",
            ),
            (
                "Which invoices after 2024-02-29 are open?",
                "2024-03-01 - Which invoices are open?",
            ),
            (
                "Any e-mails from yesterday?",
                "2026-11-21 2026-11-22 Any e-mails ?",
            ),
        ] {
            assert_eq!(found(question).as_deref(), Some(narrowed), "{question}");
        }
    }

    #[test]
    fn other_dates_are_what_is_asked_about() {
        for question in [
            "Who won the war of 1812?",
            "What was decided on 17 June 2025?",
            "What does the report of the board say?",
            "Which reports of 40 pages are there?",
            "Is the invoice in March due?",
            "notes of 3/5/2024",
            "",
        ] {
            assert_eq!(found(question), None, "{question}");
        }
    }
}
