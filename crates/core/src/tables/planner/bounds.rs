//! Numbers and days that a question compares with.

use std::ops::Range;

use super::Asked;
use super::mentions::Header;
use crate::facts::is_year;
use crate::find::{Language, fold};
use crate::query::Period;
use crate::tables::number::{Decimal, asked};
use crate::tables::plan::Test;
use crate::tables::words::Comparison;
use crate::tables::{Value, Values};

/// A number or a time, and how it is compared.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    /// The words of it, those of the comparison included.
    pub at: Range<usize>,
    /// None for one that stands alone.
    pub comparison: Option<Comparison>,
    from: Amount,
    /// The other end of `between`.
    to: Amount,
    /// Whether the comparison is one of times.
    temporal: bool,
}

/// What stands in the question.
#[derive(Clone, Copy, Debug)]
struct Amount {
    number: Option<Decimal>,
    period: Option<Period>,
    /// Whether the period is a year alone, which may be a number just as well.
    year: bool,
}

impl Asked<'_> {
    /// Numbers and days among the words that are not used.
    pub(super) fn bounds(&self, used: &[bool]) -> Vec<Bound> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let bound = if used[at] { None } else { self.bound(at, used) };
            at = bound.as_ref().map_or(at + 1, |bound| bound.at.end);
            found.extend(bound);
        }
        found
    }

    fn bound(&self, at: usize, used: &[bool]) -> Option<Bound> {
        const TEMPORAL: &[&str] = &[
            "after", "later", "since", "before", "earlier", "until", "nach", "seit", "vor", "bis",
        ];
        let compared = self.wording.comparison(&self.words[at..]);
        let (length, comparison) =
            compared.map_or((0, None), |(length, comparison)| (length, Some(comparison)));
        let (from, mut end) = self.amount(at + length)?;
        let mut to = from;
        if comparison == Some(Comparison::Between) {
            if self.words.get(end)?.folded != self.wording.and {
                return None;
            }
            (to, end) = self.amount(end + 1)?;
        }
        if used[at..end].iter().any(|used| *used) {
            return None;
        }
        Some(Bound {
            at: at..end,
            comparison,
            from,
            to,
            temporal: length > 0 && TEMPORAL.contains(&self.words[at].folded.as_str()),
        })
    }

    /// A number, a day, a month with its year, or a year, and where it ends.
    fn amount(&self, at: usize) -> Option<(Amount, usize)> {
        let word = self.words.get(at)?;
        if let Some(month) = self.wording.month(word) {
            let year = self.words.get(at + 1).filter(|word| is_year(&word.text))?;
            let period = Period::parse(&format!("{}-{month:02}", year.text));
            let amount = Amount {
                number: None,
                period,
                year: false,
            };
            return Some((amount, at + 2));
        }
        if !word.text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let year = is_year(&word.text);
        let dated = year || word.text.contains('-') || word.text.matches('.').count() == 2;
        let period = dated.then(|| Period::parse(&word.text)).flatten();
        let number = if period.is_some() && !year {
            None
        } else {
            asked(&word.text, self.language == Language::English)
        };
        (number.is_some() || period.is_some()).then_some((Amount { number, period, year }, at + 1))
    }

    /// Whether a bound that stands alone is the value of a row.
    pub(super) fn occurs(&self, bound: &Bound, column: usize) -> bool {
        self.test(bound, column).is_some_and(|test| {
            let values = self.values(column);
            (0..self.table.rows.len()).any(|row| test.passes(values.get(row).as_ref()))
        })
    }

    /// The column that a bound is about, and the header that says so, if one does; none if it is not clear.
    pub(super) fn column_of(&self, bound: &Bound, headers: &[Header]) -> Option<(usize, Option<usize>)> {
        let fits = |column: usize| self.test(bound, column).is_some();
        let named = |header: &Header| fits(header.column) && self.joined(&header.at, &bound.at);
        let before = headers
            .iter()
            .rposition(|header| header.at.end <= bound.at.start && named(header));
        let behind = headers
            .iter()
            .position(|header| header.at.start == bound.at.end && fits(header.column));
        if let Some(header) = before.or(behind) {
            return Some((headers[header].column, Some(header)));
        }
        let columns = 0..self.table.columns.len();
        let timed = bound.temporal || bound.from.period.is_some() && bound.comparison.is_none();
        let fitting: Vec<usize> = match (timed, bound.comparison) {
            (true, _) => columns
                .filter(|column| self.is_time(*column) && fits(*column))
                .collect(),
            (false, Some(_)) => columns
                .filter(|column| !self.is_time(*column) && fits(*column))
                .collect(),
            // A bare number is about nothing in particular.
            (false, None) => return None,
        };
        match fitting.as_slice() {
            [only] => Some((*only, None)),
            _ => None,
        }
    }

    fn is_time(&self, column: usize) -> bool {
        let name = fold(&self.column(column).name);
        self.values(column).is_date() || matches!(name.trim(), "year" | "jahr")
    }

    /// What a bound asks of a column; none if it has no such values.
    pub(super) fn test(&self, bound: &Bound, column: usize) -> Option<Test> {
        match self.values(column) {
            Values::Text(_) => None,
            Values::Number { .. } => {
                let (from, to) = (bound.from.number?, bound.to.number?);
                let [from, to] = [from, to].map(Value::Number);
                Some(match bound.comparison {
                    None => Test::In(vec![from]),
                    Some(Comparison::Above) => Test::Above(from),
                    Some(Comparison::AtLeast) => Test::AtLeast(from),
                    Some(Comparison::Below) => Test::Below(from),
                    Some(Comparison::AtMost) => Test::AtMost(from),
                    Some(Comparison::Between) => Test::Between(from, to),
                })
            }
            Values::Date(_) => {
                let (from, to) = (bound.from.period?, bound.to.period?);
                let [first, last] = [from.first(), from.last()].map(Value::Date);
                Some(match bound.comparison {
                    None => Test::Between(first, last),
                    Some(Comparison::Above) => Test::Above(last),
                    Some(Comparison::AtLeast) => Test::AtLeast(first),
                    Some(Comparison::Below) => Test::Below(first),
                    Some(Comparison::AtMost) => Test::AtMost(last),
                    Some(Comparison::Between) => Test::Between(first, Value::Date(to.last())),
                })
            }
        }
    }

    /// Whether a bound is a number that may be part of a name ("Pier 4", "expenses 2024").
    pub(super) fn may_be_a_name(bound: &Bound) -> bool {
        bound.comparison.is_none() && (bound.from.year || bound.from.period.is_none())
    }
}
