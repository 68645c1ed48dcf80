//! Days, months and years.

use std::fmt;

use jiff::civil::Date;

/// A day, a month or a year. Ordered by the first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    first: Date,
    last: Date,
}

impl Period {
    /// Reads `2023`, `2023-05`, `2023-05-14` or `14.5.2023`; none if it is no such date.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| -> Option<i16> {
            let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        let german: Vec<&str> = text.split('.').collect();
        if let [day, month, year] = german.as_slice() {
            return Self::new(number(year)?, Some(number(month)?), Some(number(day)?), year);
        }
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [year] => Self::new(number(year)?, None, None, year),
            [year, month] => Self::new(number(year)?, Some(number(month)?), None, year),
            [year, month, day] => Self::new(number(year)?, Some(number(month)?), Some(number(day)?), year),
            _ => None,
        }
    }

    /// Reads the date of a timestamp by RFC 3339, or of the beginning of one.
    pub fn of_timestamp(text: &str) -> Option<Self> {
        Self::parse(text.trim().split(['T', 't', ' ']).next()?)
    }

    fn new(year: i16, month: Option<i16>, day: Option<i16>, written: &str) -> Option<Self> {
        if written.len() != 4 {
            return None;
        }
        let small = |number: Option<i16>| number.map(i8::try_from).transpose();
        Self::of(year, small(month).ok()?, small(day).ok()?)
    }

    /// One day.
    pub fn day(day: Date) -> Self {
        Self {
            first: day,
            last: day,
        }
    }

    /// A day, a month if no day is given, or a year; none if there is no such one.
    pub fn of(year: i16, month: Option<i8>, day: Option<i8>) -> Option<Self> {
        let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        let last = match (month, day) {
            (None, _) => first.last_of_year(),
            (Some(_), None) => first.last_of_month(),
            (Some(_), Some(_)) => first,
        };
        Some(Self { first, last })
    }

    /// Its first day.
    pub fn first(&self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last(&self) -> Date {
        self.last
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.first, self.last);
        if first == last {
            write!(f, "{first}")
        } else if first.month() == last.month() {
            write!(f, "{:04}-{:02}", first.year(), first.month())
        } else {
            write!(f, "{:04}", first.year())
        }
    }
}
