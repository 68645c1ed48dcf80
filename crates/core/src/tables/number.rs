//! Numbers and days as tables write them: `1,234.50`, `1.234,50 €`, `(12)`, `12 %`, `9.3.2024`.
//!
//! One cell does not tell whether `1,234` has thousands or decimals. All cells of a table together mostly do; where
//! they do not, the column has no numbers: no sum is better than one that is a thousand times too large.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil::Date;

/// Most digits of a number; sums of a hundred million of them still fit.
const MAX_DIGITS: usize = 18;
/// Most decimals.
const MAX_DECIMALS: usize = 9;
/// Most characters of a unit.
const MAX_UNIT: usize = 6;

/// An exact decimal number. Numbers of the same worth are equal, whatever their scale.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    /// In units of the last decimal.
    pub units: i128,
    /// How many decimals.
    pub scale: u8,
}

impl Decimal {
    /// `units` · 10^-`scale`.
    pub fn new(units: i128, scale: u8) -> Self {
        Self { units, scale }
    }

    /// In units of `scale` decimals; none if it has more decimals than that, or is too large.
    pub fn at_scale(self, scale: u8) -> Option<i128> {
        let least = self.least();
        let more = scale.checked_sub(least.scale)?;
        10_i128.checked_pow(more.into())?.checked_mul(least.units)
    }

    /// With `scale` decimals at most, half a unit rounded away from zero.
    #[must_use]
    pub fn rounded(self, scale: u8) -> Self {
        let Some(less) = self.scale.checked_sub(scale).filter(|less| *less > 0) else {
            return self;
        };
        let by = 10_i128.pow(less.into());
        let half = by / 2 * self.units.signum();
        Self::new((self.units + half) / by, scale)
    }

    /// With as few decimals as it can be written.
    fn least(self) -> Self {
        let mut least = self;
        while least.scale > 0 && least.units % 10 == 0 {
            least = Self::new(least.units / 10, least.scale - 1);
        }
        least
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.at_scale(scale), other.at_scale(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Too large for the finer scale is larger than what fits.
            (a, b) => match (a, b) {
                (None, _) => self.units.cmp(&0),
                _ => 0.cmp(&other.units),
            },
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let least = self.least();
        (least.units, least.scale).hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!(
            "{:0>width$}",
            self.units.unsigned_abs(),
            width = usize::from(self.scale) + 1
        );
        let (whole, part) = digits.split_at(digits.len() - usize::from(self.scale));
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if part.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{part}")
    }
}

/// How the numbers of a column are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Parts whole and decimals.
    pub decimal: Option<char>,
    /// Parts thousands.
    pub group: Option<char>,
    /// Most decimals of a cell.
    pub decimals: u8,
    /// What stands before a number: `$`, `EUR `.
    pub before: String,
    /// What stands behind: `%`, ` €`.
    pub behind: String,
}

impl Look {
    /// A number in this look.
    pub fn write(&self, number: Decimal) -> String {
        let plain = number.to_string();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", &*plain), |rest| ("-", rest));
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let mut out = format!("{sign}{}", self.before);
        for (n, digit) in whole.chars().enumerate() {
            if let Some(group) = self.group
                && n > 0
                && (whole.len() - n) % 3 == 0
            {
                out.push(group);
            }
            out.push(digit);
        }
        if !part.is_empty() {
            // Of a column without decimals, the thousands tell what parts them.
            let other = if self.group == Some('.') { ',' } else { '.' };
            out.push(self.decimal.unwrap_or(other));
            out.push_str(part);
        }
        out + &self.behind
    }
}

/// A number as written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written<'a> {
    negative: bool,
    /// Digits and what parts them.
    body: &'a str,
    before: &'a str,
    behind: &'a str,
}

/// What `.` and `,` are in the numbers of a table, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Convention {
    decimal: Option<char>,
    group: Option<char>,
    /// Two cells say different things.
    contradicts: bool,
}

impl Convention {
    /// Numbers are written with this decimal sign, unless they show otherwise.
    pub fn decimal(sign: char) -> Self {
        Self {
            decimal: Some(sign),
            ..Self::default()
        }
    }

    /// What these cells show.
    pub fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut shown = Self::default();
        let (mut either, mut small, mut large) = ([0_usize; 2], false, false);
        for cell in cells {
            let Some(written) = take_apart(cell) else { continue };
            match parts(written.body) {
                Parts::Decimal(sign) => shown.is_decimal(sign),
                Parts::Group(sign) => shown.is_group(sign),
                Parts::Both { decimal, group } => {
                    shown.is_decimal(decimal);
                    shown.is_group(group);
                }
                Parts::Either(sign) => either[usize::from(sign == ',')] += 1,
                Parts::Plain => {
                    small |= written.body.len() <= 3;
                    large |= written.body.len() > 3;
                }
                Parts::Neither => {}
            }
        }
        // Small numbers bare, large ones parted, none large and bare: these are thousands.
        for (count, sign) in either.into_iter().zip(['.', ',']) {
            let known = shown.decimal.is_some() || shown.group.is_some();
            if count > 1 && small && !large && !known {
                shown.is_group(sign);
            }
        }
        shown
    }

    /// What is not known taken from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.decimal.is_some() || self.group.is_some() || other.contradicts {
            return self;
        }
        other
    }

    /// What both show.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        other.decimal.into_iter().for_each(|sign| self.is_decimal(sign));
        other.group.into_iter().for_each(|sign| self.is_group(sign));
        self.contradicts |= other.contradicts;
        self
    }

    fn is_decimal(&mut self, sign: char) {
        self.contradicts |= self.decimal.is_some_and(|known| known != sign) || self.group == Some(sign);
        self.decimal = Some(sign);
    }

    fn is_group(&mut self, sign: char) {
        // Spaces and apostrophes group beside either.
        if matches!(sign, '.' | ',') {
            self.contradicts |= self.decimal == Some(sign) || self.group.is_some_and(|known| known != sign);
        }
        self.group = Some(sign);
    }

    /// Whether a sign with three digits behind it is a decimal sign; none if that is not known.
    fn reads_as_decimal(&self, sign: char) -> Option<bool> {
        if self.contradicts {
            return None;
        }
        if self.decimal == Some(sign) {
            return Some(true);
        }
        (self.group == Some(sign) || self.decimal.is_some()).then_some(false)
    }
}

/// What parts the digits of a number.
enum Parts {
    Plain,
    Decimal(char),
    Group(char),
    Both {
        decimal: char,
        group: char,
    },
    /// Thousands or three decimals.
    Either(char),
    Neither,
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
}

fn parts(body: &str) -> Parts {
    let signs: Vec<(usize, char)> = body.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let Some((at, last)) = signs.last().copied() else {
        return Parts::Plain;
    };
    let first = signs[0].1;
    let behind = body.len() - at - last.len_utf8();
    let same = signs.iter().all(|(_, c)| *c == first);
    if same {
        let grouped = thousands(body, first);
        return match (signs.len(), is_gap(first)) {
            (_, true) | (2.., _) if grouped => Parts::Group(first),
            (1, false) if grouped && !body.starts_with('0') => Parts::Either(first),
            (1, false) if behind > 0 => Parts::Decimal(first),
            _ => Parts::Neither,
        };
    }
    let group_only = signs[..signs.len() - 1].iter().all(|(_, c)| *c == first);
    if group_only && !is_gap(last) && behind > 0 && thousands(&body[..at], first) {
        return Parts::Both {
            decimal: last,
            group: first,
        };
    }
    Parts::Neither
}

/// Whether `sign` parts the digits in threes.
fn thousands(digits: &str, sign: char) -> bool {
    let mut groups = digits.split(sign);
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    first && groups.all(|group| group.len() == 3)
}

/// A cell as a number; none if it is something else.
fn take_apart(cell: &str) -> Option<Written<'_>> {
    let mut text = without_marks(cell.trim());
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        (negative, text) = (true, inner.trim());
    }
    let signed = |text: &str| text.starts_with(['-', '−', '–', '+']);
    let minus = |text: &str| text.starts_with(['-', '−', '–']);
    let bare = |text: &'_ str| -> usize { text.chars().next().map_or(0, char::len_utf8) };
    if signed(text) {
        negative ^= minus(text);
        text = text[bare(text)..].trim_start();
    }
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (before, mut rest) = text.split_at(digits);
    let mut unit = before;
    if let Some(cut) = before.trim_end().strip_suffix(['-', '−']) {
        negative = !negative;
        unit = cut;
    }
    if !is_money(unit.trim()) {
        return None;
    }
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',') && !is_gap(c))
        .unwrap_or(rest.len());
    let body = rest[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
    rest = &rest[body.len()..];
    if let Some(cut) = rest.strip_suffix('-') {
        negative = !negative;
        rest = cut;
    }
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let id = body.len() > 1 && body.bytes().all(|b| b.is_ascii_digit()) && body.starts_with('0');
    if !is_unit(rest.trim()) || digits > MAX_DIGITS || id {
        return None;
    }
    Some(Written {
        negative,
        body,
        before: unit,
        behind: rest.trim_end(),
    })
}

/// Whether this can stand before a number: a currency, or nothing. "Gate 4" is no number of gates.
fn is_money(text: &str) -> bool {
    const CODES: &[&str] = &[
        "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "AUD",
        "CAD",
    ];
    let signed = |text: &str| matches!(text, "$" | "€" | "£" | "¥" | "₹" | "US$" | "A$" | "C$");
    text.is_empty() || signed(text) || CODES.contains(&text)
}

/// Whether this can be the unit of a number, or none.
fn is_unit(text: &str) -> bool {
    let sign = |c: char| {
        c.is_alphabetic() || matches!(c, '$' | '€' | '£' | '¥' | '₹' | '%' | '°' | '²' | '³' | '/' | '.')
    };
    text.chars().count() <= MAX_UNIT && text.chars().all(sign) && !text.starts_with('.')
}

/// Without marks of footnotes at the end.
fn without_marks(text: &str) -> &str {
    let text = match text.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((before, mark)) if mark.len() <= 2 && !before.trim().is_empty() => before,
        _ => text,
    };
    let mark = |c: char| matches!(c, '*' | '†' | '‡' | '§' | '¹' | '⁴'..='⁹' | '⁰');
    let cut = text.trim_end_matches(mark);
    // "m²" and "m³" are units; behind a digit they are marks.
    let high = cut.trim_end_matches(['²', '³']);
    if high.ends_with(|c: char| c.is_ascii_digit()) {
        high.trim_end()
    } else {
        cut.trim_end()
    }
}

/// Whether a cell is a number, whatever it is worth: with a currency, a unit or a sign, too.
pub fn is_number(cell: &str) -> bool {
    take_apart(cell).is_some()
}

/// Whether a cell says that there is no value.
pub fn is_blank(cell: &str) -> bool {
    // Nearly every cell is longer than all of these, or begins with a digit.
    if cell.len() > 8 || cell.starts_with(|c: char| c.is_ascii_digit()) {
        return cell.trim().is_empty();
    }
    matches!(
        cell.trim().to_lowercase().as_str(),
        "" | "-" | "–" | "—" | "n/a" | "na" | "n.a." | "k. a." | "k.a." | "null" | "--" | "." | "…"
    )
}

/// The cells of a column as numbers, if they all are, of one unit, and it is clear what they are worth.
/// `around`: what the rest of the table shows.
pub fn numbers(cells: &[Option<&str>], around: Convention) -> Option<(Vec<Option<i128>>, Look)> {
    let filled = || cells.iter().flatten().copied().filter(|cell| !is_blank(cell));
    let own = Convention::of(filled());
    if own.contradicts {
        return None;
    }
    let convention = own.or(around);
    let mut read: Vec<Option<(Decimal, &str)>> = Vec::with_capacity(cells.len());
    let mut look = Look {
        group: own.group,
        decimal: own.decimal.or(convention.decimal),
        ..Look::default()
    };
    let (mut unit, mut bare, mut any) = (None::<(&str, &str)>, false, false);
    for cell in cells {
        let Some(cell) = cell.filter(|cell| !is_blank(cell)) else {
            read.push(None);
            continue;
        };
        let written = take_apart(cell)?;
        let number = worth(&written, &convention)?;
        let here = (written.before, written.behind);
        if here.0.trim().is_empty() && here.1.trim().is_empty() {
            bare = true;
        } else if let Some(known) = unit {
            if (known.0.trim(), known.1.trim()) != (here.0.trim(), here.1.trim()) {
                return None;
            }
        } else {
            unit = Some(here);
        }
        any = true;
        look.decimals = look.decimals.max(number.scale);
        if look.group.is_none() && matches!(parts(written.body), Parts::Either(_)) && number.scale == 0 {
            look.group = written.body.chars().find(|c| !c.is_ascii_digit());
        }
        read.push(Some((number, cell)));
    }
    let percent = unit.is_some_and(|unit| unit.1.trim() == "%");
    if !any || percent && bare {
        return None;
    }
    if let Some((before, behind)) = unit {
        (look.before, look.behind) = (before.to_owned(), behind.to_owned());
    }
    let units = read
        .into_iter()
        .map(|cell| cell.and_then(|(number, _)| number.at_scale(look.decimals)))
        .collect();
    Some((units, look))
}

fn worth(written: &Written<'_>, convention: &Convention) -> Option<Decimal> {
    let body = written.body;
    let decimal = match parts(body) {
        Parts::Plain | Parts::Group(_) => None,
        Parts::Decimal(sign) | Parts::Both { decimal: sign, .. } => Some(sign),
        Parts::Either(sign) => convention.reads_as_decimal(sign)?.then_some(sign),
        Parts::Neither => return None,
    };
    let scale = decimal.map_or(0, |sign| body.rsplit(sign).next().map_or(0, str::len));
    if scale > MAX_DECIMALS {
        return None;
    }
    let digits: String = body.chars().filter(char::is_ascii_digit).collect();
    let units: i128 = digits.parse().ok()?;
    let units = if written.negative { -units } else { units };
    Some(Decimal::new(units, u8::try_from(scale).ok()?))
}

/// A number of a question; where `1,234` could be two things, it has thousands if `english`, else decimals, and
/// `1.234` the other way round.
pub fn asked(text: &str, english: bool) -> Option<Decimal> {
    let convention = Convention::decimal(if english { '.' } else { ',' });
    worth(&take_apart(text)?, &convention)
}

/// The cells of a column as days, if they all are, and it is clear which.
pub fn dates(cells: &[Option<&str>]) -> Option<Vec<Option<Date>>> {
    let orders: [fn(&str) -> Option<Date>; 3] = [
        |cell| iso(cell).or_else(|| numbered(cell, '.', [0, 1])),
        |cell| numbered(cell, '/', [0, 1]),
        |cell| numbered(cell, '/', [1, 0]),
    ];
    let mut fitting = orders.into_iter().filter_map(|order| {
        let mut any = false;
        let dates = cells
            .iter()
            .map(|cell| match cell.filter(|cell| !is_blank(cell)) {
                Some(cell) => {
                    any = true;
                    order(cell.trim()).map(Some)
                }
                None => Some(None),
            });
        let dates: Option<Vec<Option<Date>>> = dates.collect();
        dates.filter(|_| any)
    });
    let first = fitting.next()?;
    // 3/4/2024 alone may be either day.
    fitting.all(|other| other == first).then_some(first)
}

fn iso(cell: &str) -> Option<Date> {
    let (day, time) = cell.split_once(['T', ' ']).unwrap_or((cell, "0"));
    let timed = time.starts_with(|c: char| c.is_ascii_digit());
    (day.len() == 10 && timed).then(|| day.parse().ok()).flatten()
}

/// A date with a four-digit year at the end; `order`: where day and month stand.
fn numbered(cell: &str, sign: char, order: [usize; 2]) -> Option<Date> {
    let parts: Vec<&str> = cell.split(sign).collect();
    let [_, _, year] = parts.as_slice() else {
        return None;
    };
    let number = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    let (day, month) = (number(parts[order[0]])?, number(parts[order[1]])?);
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Option<Vec<Option<String>>> {
        let cells: Vec<Option<&str>> = cells.iter().map(|cell| Some(*cell)).collect();
        let (units, look) = numbers(&cells, Convention::default())?;
        let shown = units
            .iter()
            .map(|units| units.map(|units| Decimal::new(units, look.decimals).least().to_string()));
        Some(shown.collect())
    }

    fn worths(cells: &[&str]) -> Vec<String> {
        read(cells).unwrap().into_iter().flatten().collect()
    }

    #[test]
    fn thousands_and_decimals_are_told_by_the_whole_column() {
        assert_eq!(worths(&["1,234.50", "12", "1,000"]), ["1234.5", "12", "1000"]);
        assert_eq!(
            worths(&["1.234,50 €", "12,00 €", "1.000 €"]),
            ["1234.5", "12", "1000"]
        );
        assert_eq!(worths(&["1,234", "2,345,678"]), ["1234", "2345678"]);
        assert_eq!(worths(&["1.250", "2.5"]), ["1.25", "2.5"]);
        assert_eq!(worths(&["950", "1.234", "12.500"]), ["950", "1234", "12500"]);
        assert_eq!(worths(&["0,125", "3,250"]), ["0.125", "3.25"]);
        assert_eq!(worths(&["1 234 567", "89"]), ["1234567", "89"]);
        // Nothing shows which it is.
        assert_eq!(read(&["1,234", "2,345"]), None);
        assert_eq!(read(&["1,5", "1.5"]), None);
    }

    #[test]
    fn signs_units_and_marks_of_footnotes_are_no_digits() {
        assert_eq!(
            worths(&["(1,234.50)", "-2", "−3.5", "4-"]),
            ["-1234.5", "-2", "-3.5", "-4"]
        );
        assert_eq!(worths(&["$12.50", "-$3", "$1,000.25"]), ["12.5", "-3", "1000.25"]);
        assert_eq!(worths(&["12*", "15¹", "7 [a]", "8†"]), ["12", "15", "7", "8"]);
        assert_eq!(worths(&["12.5%", "7 %"]), ["12.5", "7"]);
        assert_eq!(worths(&["4.5 m", "3 m"]), ["4.5", "3"]);
        assert_eq!(worths(&["5 m²", "6 m²"]), ["5", "6"]);
    }

    #[test]
    fn what_is_not_clearly_one_kind_of_number_is_none() {
        for cells in [
            &["5 kg", "5 g"][..],
            &["€5", "$5"],
            &["12 %", "0.4"],
            &["007", "123"],
            &["12", "unknown"],
            &["12.03.2024"],
            &["Gate 4", "Gate 5"],
            &["-", "n/a"],
            &["+49 40 123456"],
            &["1234567890123456789"],
        ] {
            assert_eq!(read(cells), None, "{cells:?}");
        }
        assert_eq!(read(&["5", "–", "n/a"]), Some(vec![Some("5".into()), None, None]));
    }

    #[test]
    fn results_are_written_as_the_column_is() {
        let written = |cells: &[&str], units, scale| {
            let cells: Vec<Option<&str>> = cells.iter().map(|cell| Some(*cell)).collect();
            let (_, look) = numbers(&cells, Convention::default()).unwrap();
            look.write(Decimal::new(units, scale))
        };
        assert_eq!(
            written(&["1.234,50 €", "12,00 €"], 123_456_789, 2),
            "1.234.567,89 €"
        );
        assert_eq!(written(&["$1,000.25"], -123_450, 2), "-$1,234.50");
        assert_eq!(written(&["12", "15"], 1_350, 2), "13.50");
        assert_eq!(written(&["950", "1.234", "2.000"], 123_450, 2), "1.234,50");
    }

    #[test]
    fn days_are_read_only_if_it_is_clear_which() {
        let read = |cells: &[&str]| {
            let cells: Vec<Option<&str>> = cells.iter().map(|cell| Some(*cell)).collect();
            dates(&cells).map(|dates| {
                dates
                    .iter()
                    .flatten()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            })
        };
        let days = |days: &[&str]| Some(days.iter().map(|day| (*day).to_owned()).collect());
        assert_eq!(
            read(&["2024-03-09", "2024-03-10 10:00"]),
            days(&["2024-03-09", "2024-03-10"])
        );
        assert_eq!(
            read(&["9.3.2024", "31.12.2024"]),
            days(&["2024-03-09", "2024-12-31"])
        );
        assert_eq!(
            read(&["3/31/2024", "4/1/2024"]),
            days(&["2024-03-31", "2024-04-01"])
        );
        assert_eq!(read(&["3/4/2024", "4/1/2024"]), None);
        assert_eq!(read(&["5/5/2024"]), days(&["2024-05-05"]));
        assert_eq!(read(&["2024-13-01"]), None);
    }

    #[test]
    fn decimals_compare_by_their_worth_and_round_away_from_zero() {
        assert_eq!(Decimal::new(150, 2), Decimal::new(15, 1));
        assert!(Decimal::new(-151, 2) < Decimal::new(-15, 1));
        assert_eq!(Decimal::new(12_345, 4).rounded(2).to_string(), "1.23");
        assert_eq!(Decimal::new(-12_350, 4).rounded(2).to_string(), "-1.24");
        assert_eq!(Decimal::new(-5, 2).to_string(), "-0.05");
        assert_eq!(asked("1,500", true), Some(Decimal::new(1500, 0)));
        assert_eq!(asked("1,500", false), Some(Decimal::new(15, 1)));
        assert_eq!(asked("1.500,50", true), Some(Decimal::new(150_050, 2)));
    }
}
