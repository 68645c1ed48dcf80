//! Days, months, weekdays and times of day, as they are written in English and German.
//!
//! "3/5/2024" is a day in May or in March; it is the same as any day that it may be. What is written in part agrees with
//! what says more, and not the other way round.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::query::Period;
use crate::text::{Term, content_terms};

/// A point in time, as far as it is said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moment {
    /// What it may be.
    Date(Vec<Date>),
    /// Hour, minute and second; the second may not be said.
    Time(Vec<(u8, u8, Option<u8>)>),
    /// From 0, a Monday.
    Weekday(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Date {
    year: Option<u16>,
    month: Option<u8>,
    day: Option<u8>,
}

/// What is said elsewhere and needs no proof here.
pub(super) struct Known<'a> {
    pub terms: &'a HashSet<Term>,
    /// Whether a number stands in the source by itself.
    pub written: &'a dyn Fn(f64) -> bool,
}

impl Known<'_> {
    fn has(&self, number: u16) -> bool {
        let plain = self.terms.contains(&Term(number.to_string()));
        plain || self.terms.contains(&Term(format!("{number:02}")))
    }

    fn has_month(&self, month: u8) -> bool {
        let names = MONTHS.get(usize::from(month) - 1).copied().unwrap_or_default();
        let named = |name: &&str| {
            let mut terms = content_terms(name).into_iter().peekable();
            terms.peek().is_some() && terms.all(|term| self.terms.contains(&term))
        };
        self.has(month.into()) || names.iter().any(named)
    }
}

impl Moment {
    /// Whether the two may be the same, as far as both are said.
    pub fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Date(one), Self::Date(two)) => pairs(one, two, |one, two| {
                let year = both(one.year, two.year).is_none_or(|(one, two)| same_year(one, two));
                let month = both(one.month, two.month).is_none_or(|(one, two)| one == two);
                let day = both(one.day, two.day).is_none_or(|(one, two)| one == two);
                let common = one.year.and(two.year).is_some()
                    || one.month.and(two.month).is_some()
                    || one.day.and(two.day).is_some();
                common && year && month && day
            }),
            (Self::Time(one), Self::Time(two)) => pairs(one, two, |one, two| {
                let second = both(one.2, two.2).is_none_or(|(one, two)| one == two);
                (one.0, one.1) == (two.0, two.1) && second
            }),
            (Self::Weekday(one), Self::Weekday(two)) => one == two,
            _ => false,
        }
    }

    /// Whether both are days, or both times of day.
    pub fn is_of_the_kind_of(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether a number is the day, the month, the year, the hour or the minute.
    pub fn has_number(&self, number: f64) -> bool {
        let is = |part: u16| f64::from(part) == number;
        match self {
            Self::Date(dates) => dates.iter().any(|date| {
                date.year
                    .is_some_and(|year| is(year) || (year < 100 && is_century_of(number, year)))
                    || date.month.is_some_and(|month| is(month.into()))
                    || date.day.is_some_and(|day| is(day.into()))
            }),
            Self::Time(times) => times
                .iter()
                .any(|(hour, minute, _)| is((*hour).into()) || is((*minute).into())),
            Self::Weekday(_) => false,
        }
    }

    /// Whether the source with these moments says it.
    pub fn stands_in(&self, source: &[Self], known: &Known<'_>) -> bool {
        match self {
            Self::Weekday(day) => {
                source.contains(self)
                    || WEEKDAYS[*day]
                        .iter()
                        .any(|name| content_terms(name).iter().any(|term| known.terms.contains(term)))
            }
            Self::Time(times) => {
                let same = |other: &&Self| self.agrees(other);
                source.iter().any(|other| same(&other))
                    || times.iter().any(|(hour, minute, _)| {
                        known.has((*hour).into()) && (*minute == 0 || known.has((*minute).into()))
                    })
            }
            Self::Date(dates) => {
                let others = || {
                    source.iter().filter_map(|other| match other {
                        Self::Date(dates) => Some(dates),
                        _ => None,
                    })
                };
                let told = |year: u16| {
                    known.has(year)
                        || (known.written)(year.into())
                        || others()
                            .flatten()
                            .any(|other| other.year.is_some_and(|other| same_year(year, other)))
                };
                // "May" is also a word that says nothing, and is not among the terms of a question.
                let unsaid = |date: &Date| {
                    date.month == Some(5)
                        && date.day.is_none()
                        && date.year.is_none()
                        && !others().flatten().any(|other| other.month.is_some())
                };
                let nothing = Date::default();
                let is = |date: &Date, other: &Date| {
                    let year = date.year.is_none_or(|year| match other.year {
                        Some(other) => same_year(year, other),
                        None => told(year),
                    });
                    let month = date.month.is_none_or(|month| match other.month {
                        Some(other) => month == other,
                        None => {
                            known.has_month(month)
                                || (month == 5 && date.day.is_some_and(|day| known.has(day.into())))
                        }
                    });
                    let day = date.day.is_none_or(|day| match other.day {
                        Some(other) => day == other,
                        None => known.has(day.into()),
                    });
                    year && month && day
                };
                dates.iter().any(|date| {
                    unsaid(date) || is(date, &nothing) || others().flatten().any(|other| is(date, other))
                })
            }
        }
    }
}

fn both<T>(one: Option<T>, two: Option<T>) -> Option<(T, T)> {
    one.zip(two)
}

fn pairs<T>(one: &[T], two: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    one.iter().any(|one| two.iter().any(|two| same(one, two)))
}

/// Whether a number is the year that the last two digits are of.
fn is_century_of(number: f64, year: u16) -> bool {
    (1000.0..2200.0).contains(&number) && (number - f64::from(year)) % 100.0 == 0.0
}

/// "24" is 2024 as well as 1924.
fn same_year(one: u16, two: u16) -> bool {
    one == two || ((one < 100 || two < 100) && one % 100 == two % 100)
}

const MONTHS: [&[&str]; 12] = [
    &["January", "Januar", "Jänner", "Jan"],
    &["February", "Februar", "Feber", "Feb"],
    &["March", "März", "Maerz", "Mar", "Mär", "Mrz"],
    &["April", "Apr"],
    &["May", "Mai"],
    &["June", "Juni", "Jun"],
    &["July", "Juli", "Jul"],
    &["August", "Aug"],
    &["September", "Sept", "Sep"],
    &["October", "Oktober", "Oct", "Okt"],
    &["November", "Nov"],
    &["December", "Dezember", "Dec", "Dez"],
];

const WEEKDAYS: [&[&str]; 7] = [
    &["Monday", "Montag"],
    &["Tuesday", "Dienstag"],
    &["Wednesday", "Mittwoch"],
    &["Thursday", "Donnerstag"],
    &["Friday", "Freitag"],
    &["Saturday", "Samstag", "Sonnabend"],
    &["Sunday", "Sonntag"],
];

fn month_of(name: &str) -> Option<u8> {
    let same = |other: &&str| name.to_lowercase() == other.to_lowercase();
    let at = MONTHS.iter().position(|names| names.iter().any(same))?;
    u8::try_from(at + 1).ok()
}

/// How a kind of date or time is written, and what is read from it.
struct Form {
    pattern: Regex,
    read: fn(&Captures<'_>) -> Vec<Moment>,
}

impl Form {
    fn new(pattern: &str, read: fn(&Captures<'_>) -> Vec<Moment>) -> Self {
        let all = |names: &[&[&str]]| names.concat().join("|");
        let months = all(&MONTHS);
        let pattern = pattern
            .replace(
                "%MONTH%",
                &format!("(?P<month>{months}|{})", months.to_uppercase()),
            )
            .replace("%WEEKDAY%", &all(&WEEKDAYS))
            .replace("%NTH%", "(?:st|nd|rd|th|\\.)?")
            .replace("%TO%", "(?:-|–|—|to|and|or|bis|und|oder|until|through|&)");
        Self {
            pattern: crate::text::compile(&format!("(?-i){pattern}")),
            read,
        }
    }
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    vec![
        // 2024-05-03
        Form::new(
            r"\b(?P<y>\d{4})(?P<s>[-/.])(?P<a>\d{1,2})(?P<t>[-/.])(?P<b>\d{1,2})(?:\b|T)",
            |of| {
                let date = day(number(of, "y"), number(of, "a"), number(of, "b"));
                dates([date.filter(|_| of.name("s").map(|s| s.as_str()) == of.name("t").map(|t| t.as_str()))])
            },
        ),
        // 03.05.2024, 3/5/24
        Form::new(
            r"\b(?P<a>\d{1,2})(?P<s>[-/.])\s?(?P<b>\d{1,2})(?P<t>[-/.])\s?(?P<y>\d{4}|\d{2})\b",
            numeric,
        ),
        // 3 May 2024, 3.–5. Mai, the 3rd of May
        Form::new(
            r"\b(?P<days>(?:\d{1,2}%NTH%\s*,\s*)*\d{1,2}%NTH%\s*%TO%\s*)?(?P<d>\d{1,2})%NTH%(?:\s*(?:of\s+)?|-)%MONTH%\b\.?(?:,?\s+(?P<y>[12]\d{3})\b)?",
            named_days,
        ),
        // May 3, 2024; May 3-5
        Form::new(
            r"\b%MONTH%\b\.?\s+(?P<d>\d{1,2})%NTH%\b(?:\s*%TO%\s*(?P<last>\d{1,2})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<y>[12]\d{3})\b)?",
            named_days,
        ),
        // May 2024, 05/2024
        Form::new(
            r"\b%MONTH%\b\.?,?\s+(?:of\s+|des Jahres\s+)?(?P<y>[12]\d{3})\b",
            named_days,
        ),
        Form::new(r"\b(?P<m>0?[1-9]|1[0-2])/(?P<y>[12]\d{3})\b", |of| {
            dates([Some(Date {
                year: number(of, "y"),
                month: small(of, "m"),
                day: None,
            })])
        }),
        // am 3.5.
        Form::new(
            r"\b(?:[Aa]m|[Vv]om|[Bb]is|[Zz]um|[Aa]b|[Ss]eit|dem|den|der|und)\s+(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.",
            |of| dates([day(None, number(of, "m"), number(of, "d"))]),
        ),
        // 2:30 pm, 14.30 Uhr
        Form::new(
            r"\b(?:(?P<h0>\d{1,2})(?:[:.](?P<n0>\d{2}))?\s*%TO%\s*)?(?P<h>\d{1,2})[:.](?P<n>\d{2})(?:[:.](?P<s>\d{2}))?\s*(?P<mark>[ap]\.?\s?m\b\.?|[AP]\.?M\b\.?|Uhr\b|h\b)",
            clock,
        ),
        Form::new(
            r"\b(?:(?P<h0>\d{1,2})(?:[:.](?P<n0>\d{2}))?\s*%TO%\s*)?(?P<h>\d{1,2})\s*(?P<mark>[ap]\.\s?m\.|[ap]m\b|[AP]M\b|Uhr\b|o['’]clock\b)(?:\s(?P<n>[0-5]\d)\b)?",
            clock,
        ),
        // 14:30
        Form::new(r"\b(?P<h>\d{1,2}):(?P<n>[0-5]\d)(?::(?P<s>[0-5]\d))?\b", clock),
        // im Mai, since June
        Form::new(
            r"\b(?:[Ii]n|[Ii]m|[Ss]ince|[Uu]ntil|[Dd]uring|[Ss]eit|[Bb]is|[Aa]b|[Aa]nfang|[Mm]itte|[Ee]nde|[Ee]arly|[Ll]ate|[Ll]ast|[Nn]ext|[Ee]very|[Jj]eden)\s+%MONTH%\b",
            named_days,
        ),
        Form::new(
            r"\b(?P<weekday>%WEEKDAY%)(?:s|abend|morgen|mittag|nacht|vormittag|nachmittag)?\b",
            |of| {
                let name = of.name("weekday").map_or("", |name| name.as_str());
                let day = WEEKDAYS.iter().position(|names| names.contains(&name));
                day.map(Moment::Weekday).into_iter().collect()
            },
        ),
    ]
});

/// The date that a text begins with, and its length in bytes; none if its year is not said, or if it can be read in several
/// ways.
pub(crate) fn date_at(text: &str) -> Option<(Period, usize)> {
    let found = moments(text, false);
    let mut first = found.iter().filter(|(range, _)| range.start == 0);
    let (Some((range, Moment::Date(dates))), None) = (first.next(), first.next()) else {
        return None;
    };
    let [date] = dates[..] else { return None };
    let year = date.year.filter(|year| *year >= 1000)?;
    let small = |number: Option<u8>| number.map(i8::try_from).transpose();
    let period = Period::of(
        i16::try_from(year).ok()?,
        small(date.month).ok()?,
        small(date.day).ok()?,
    )?;
    Some((period, range.end))
}

/// The dates and times of a text with their places, none within another. In a German one, "am" is no time of day.
pub(super) fn moments(text: &str, german: bool) -> Vec<(Range<usize>, Moment)> {
    let mut found: Vec<(Range<usize>, Moment)> = Vec::new();
    for form in FORMS.iter() {
        for captures in form.pattern.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            let range = whole.range();
            let overlaps =
                |(other, _): &(Range<usize>, Moment)| other.start < range.end && range.start < other.end;
            // Part of a longer number, a version or a path.
            let before = text[..range.start].chars().next_back();
            let behind = text[range.end..].chars().next();
            let joined =
                |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || matches!(c, '/' | '$' | '€' | '£'));
            let dotted = text[..range.start].ends_with(['.', ':', ',', '-'])
                && text[..range.start - 1].ends_with(|c: char| c.is_ascii_digit());
            // "Gleis 4 am Bahnhof"
            let at = german && whole.as_str().ends_with("am");
            if at || found.iter().any(overlaps) || joined(before) || joined(behind) || dotted {
                continue;
            }
            found.extend(
                (form.read)(&captures)
                    .into_iter()
                    .map(|moment| (range.clone(), moment)),
            );
        }
    }
    found
}

fn number(of: &Captures<'_>, name: &str) -> Option<u16> {
    of.name(name)?.as_str().parse().ok()
}

fn small(of: &Captures<'_>, name: &str) -> Option<u8> {
    of.name(name)?.as_str().parse().ok()
}

fn dates<const N: usize>(readings: [Option<Date>; N]) -> Vec<Moment> {
    let readings: Vec<Date> = readings.into_iter().flatten().collect();
    if readings.is_empty() {
        Vec::new()
    } else {
        vec![Moment::Date(readings)]
    }
}

/// A day that there may be.
fn day(year: Option<u16>, month: Option<u16>, day: Option<u16>) -> Option<Date> {
    let month = u8::try_from(month?)
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let day = u8::try_from(day?).ok().filter(|day| (1..=31).contains(day))?;
    Some(Date {
        year,
        month: Some(month),
        day: Some(day),
    })
}

fn numeric(of: &Captures<'_>) -> Vec<Moment> {
    let part = |name| of.name(name).map_or("", |part| part.as_str());
    // "3.2.10" is a version, "03.02.10" a day.
    let short = part("y").len() == 2 && part("s") != "/" && (part("a").len(), part("b").len()) != (2, 2);
    if part("s") != part("t") || short {
        return Vec::new();
    }
    let (year, a, b) = (number(of, "y"), number(of, "a"), number(of, "b"));
    match (day(year, b, a), day(year, a, b)) {
        (Some(date), _) if part("s") == "." => dates([Some(date)]),
        (one, other) if one == other => dates([one]),
        (one, other) => dates([one, other]),
    }
}

/// The days of a month that is named, or the month itself.
fn named_days(of: &Captures<'_>) -> Vec<Moment> {
    let Some(month) = of.name("month").and_then(|month| month_of(month.as_str())) else {
        return Vec::new();
    };
    let year = number(of, "y");
    let listed = of.name("days").map_or("", |days| days.as_str());
    let listed = listed
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|day| day.parse().ok());
    let days: Vec<u16> = listed.chain(number(of, "d")).chain(number(of, "last")).collect();
    if days.is_empty() {
        return dates([Some(Date {
            year,
            month: Some(month),
            day: None,
        })]);
    }
    let read = days.into_iter().map(|on| day(year, Some(month.into()), Some(on)));
    let Some(read) = read.collect::<Option<Vec<Date>>>() else {
        return Vec::new();
    };
    read.into_iter().map(|date| Moment::Date(vec![date])).collect()
}

fn clock(of: &Captures<'_>) -> Vec<Moment> {
    let mark = of.name("mark").map(|mark| mark.as_str().to_lowercase());
    let at = |hour: &str, minute: &str| {
        let written = of.name(hour)?.as_str();
        let minute = small(of, minute).unwrap_or(0);
        let of_day: u8 = written.parse().ok().filter(|hour| *hour <= 24)?;
        let half = of_day % 12;
        let first = matches!(hour, "h0");
        let hours = match mark.as_deref().and_then(|mark| mark.chars().next()) {
            _ if minute > 59 => return None,
            Some('a' | 'p') if of_day > 12 || of_day == 0 => return None,
            // "From 9 to 5 pm": the first may be either.
            Some('a' | 'p') if first => vec![half, half + 12],
            Some('a') => vec![half],
            Some('p') => vec![half + 12],
            Some('u' | 'h') => vec![of_day % 24],
            _ if of_day > 12 || written.starts_with('0') => vec![of_day % 24],
            _ => vec![half, half + 12],
        };
        let second = if first { None } else { small(of, "s") };
        let times = hours.into_iter().map(|hour| (hour, minute, second)).collect();
        Some(Moment::Time(times))
    };
    let Some(last) = at("h", "n") else {
        return Vec::new();
    };
    at("h0", "n0").into_iter().chain([last]).collect()
}
