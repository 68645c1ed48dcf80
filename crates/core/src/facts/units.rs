//! Units behind numbers, with what they are worth in each other.
//!
//! Factors are those of the SI brochure (BIPM, 9th edition, 2019, tables 2 to 8), of NIST SP 811 (appendix B.8) for units
//! outside the SI, and of UCUM (ucum.org) for clinical ones. International units, tablets, drops and money are worth
//! nothing in each other and only ever the same as themselves.

mod table;

use super::Measure;
use table::{SYMBOLS, WORDS};

/// What one unit may mean: so much of a product of bases. "Pounds" are a mass, or money.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// Bases with their powers, sorted.
    base: Vec<(&'static str, i8)>,
    factor: f64,
    /// Added after the factor; only scales of temperature have one.
    offset: f64,
}

impl Reading {
    fn times(&self, other: &Self, power: i8) -> Self {
        let mut base = self.base.clone();
        for (name, exponent) in &other.base {
            match base.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => *own += exponent * power,
                None => base.push((name, exponent * power)),
            }
        }
        base.retain(|(_, exponent)| *exponent != 0);
        base.sort_unstable();
        Self {
            base,
            factor: self.factor * other.factor.powi(power.into()),
            offset: 0.0,
        }
    }

    fn one() -> Self {
        Self {
            base: Vec::new(),
            factor: 1.0,
            offset: 0.0,
        }
    }

    fn is_money(&self) -> bool {
        matches!(self.base[..], [(base, 1)] if table::MONEY.contains(&base))
    }

    fn is_temperature(&self) -> bool {
        matches!(self.base[..], [("K", 1)])
    }
}

/// The unit of a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    readings: Vec<Reading>,
    /// What it is so much in, where it is often left out: "1,200 euros (a month)", "50 mg (daily)".
    per: Option<Vec<Reading>>,
}

impl Unit {
    /// Whether so many of this are so many of the other. Where only one says in which time, that is not compared.
    pub fn same(&self, value: f64, other: &Self, there: f64) -> bool {
        let amounts = |one: &Reading, two: &Reading, by: f64| {
            one.base == two.base
                && equal(
                    (value * one.factor + one.offset) * by,
                    there * two.factor + two.offset,
                )
        };
        self.pairs(other).any(|(one, two)| match (&self.per, &other.per) {
            (Some(per), Some(time)) => per.iter().any(|per| {
                time.iter()
                    .any(|time| per.base == time.base && amounts(one, two, time.factor / per.factor))
            }),
            _ => amounts(one, two, 1.0),
        })
    }

    /// Whether the two measure the same kind of thing, in the same unit; all money is of one kind.
    pub fn is_of_the_kind_of(&self, other: &Self) -> bool {
        self.pairs(other).any(|(one, two)| {
            one.is_money() && two.is_money() || one.base == two.base && equal(one.factor, two.factor)
        })
    }

    /// What it measures, of what is listed by kind.
    pub fn measure(&self) -> Option<Measure> {
        let all = |is: fn(&Reading) -> bool| !self.readings.is_empty() && self.readings.iter().all(is);
        let lasts = |of: &Reading| match of.base[..] {
            [("s", 1)] => of.factor >= HOUR,
            [("mo", 1)] => true,
            _ => false,
        };
        // "Pounds" are more often money than not.
        if self.readings.iter().any(Reading::is_money) {
            Some(Measure::Money)
        } else if all(|of| of.base == [("%", 1)] && equal(of.factor, 1.0)) {
            Some(Measure::Percentage)
        } else if self.per.is_none() && all(lasts) {
            Some(Measure::Duration)
        } else {
            None
        }
    }

    /// Whether it can be above and below nought.
    pub fn is_temperature(&self) -> bool {
        self.readings.iter().any(Reading::is_temperature)
    }

    fn pairs<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a Reading, &'a Reading)> {
        self.readings
            .iter()
            .flat_map(|one| other.readings.iter().map(move |two| (one, two)))
    }

    /// Whether what it is divided by is often left out.
    fn leaves_out(&self, by: &[Reading]) -> bool {
        let calendar = by
            .iter()
            .any(|by| matches!(by.base[..], [("s", 1)] if by.factor >= DAY) || by.base == [("mo", 1)]);
        let counted = |of: &Reading| {
            of.is_money()
                || matches!(
                    of.base[..],
                    [("times" | "%" | "tablet" | "drop" | "capsule" | "puff", 1)]
                )
        };
        calendar || self.readings.iter().any(counted)
    }

    fn divided(mut self, by: Vec<Reading>, of: f64) -> Self {
        let every = of > 1.0 && by.iter().any(|by| matches!(by.base[..], [("s" | "mo", 1)]));
        if self.per.is_none() && (every || equal(of, 1.0) && self.leaves_out(&by)) {
            let of_each = by.into_iter().map(|mut by| {
                by.factor *= of;
                by
            });
            self.per = Some(of_each.collect());
            return self;
        }
        self.combined(&by, -1, of)
    }

    fn combined(mut self, with: &[Reading], power: i8, of: f64) -> Self {
        self.readings = self
            .readings
            .iter()
            .flat_map(|one| with.iter().map(move |by| one.times(by, power)))
            .map(|mut reading| {
                reading.factor /= of;
                reading
            })
            .collect();
        self
    }
}

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// Values that differ by no more than what computing with them does.
pub(super) fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// The unit that `text` begins with, which stands right behind a number, and the bytes that it takes.
pub(super) fn behind(text: &str) -> Option<(Unit, usize)> {
    let start = skip_joint(text);
    let (readings, length) = factor(&text[start..])?;
    let unit = Unit { readings, per: None };
    let (unit, more) = rest(unit, &text[start + length..]);
    Some((unit, start + length + more))
}

/// The currency that `text` ends with, which stands right before a number, with what follows it (`tail`): "$20 a day"; and
/// where it begins in `text`, and the bytes that it takes of `tail`.
pub(super) fn before(text: &str, tail: &str) -> Option<(Unit, usize, usize)> {
    let parted = text.strip_suffix([' ', '\u{a0}', '\u{202f}']);
    let text = parted.unwrap_or(text);
    let sign = text.chars().next_back()?;
    let start = if sign.is_alphabetic() {
        text.len()
            - text
                .chars()
                .rev()
                .take_while(|c| c.is_alphabetic())
                .map(char::len_utf8)
                .sum::<usize>()
    } else {
        text.len() - sign.len_utf8()
    };
    // "5 € 10 days": it belongs to the number before.
    if parted.is_some() && text[..start].trim_end().ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let readings = SYMBOLS.get(&text[start..])?;
    let money = readings.iter().all(Reading::is_money);
    money.then(|| {
        let unit = Unit {
            readings: readings.clone(),
            per: None,
        };
        let (unit, length) = rest(unit, tail);
        (unit, start, length)
    })
}

/// "3x", "three times".
pub(super) fn times(tail: &str) -> Option<(Unit, usize)> {
    let readings = WORDS.get("times")?.clone();
    Some(rest(Unit { readings, per: None }, tail))
}

/// A unit with what it is multiplied with and divided by, and the bytes that this takes.
fn rest(mut unit: Unit, whole: &str) -> (Unit, usize) {
    let mut text = whole;
    // "Std. pro Woche"
    if let Some(behind) = text.strip_prefix('.')
        && behind.starts_with([' ', '\u{a0}', '/'])
    {
        text = behind;
    }
    loop {
        if let Some((by, of, length)) = divisor(text) {
            unit = unit.divided(by, of);
            text = &text[length..];
        } else if let Some((with, length)) = product(text) {
            unit = unit.combined(&with, 1, 1.0);
            text = &text[length..];
        } else {
            return (unit, whole.len() - text.len());
        }
    }
}

/// "/dl", "per 100 g", "am Tag", "daily": what is divided by, how often, and how many bytes that takes.
fn divisor(text: &str) -> Option<(Vec<Reading>, f64, usize)> {
    const PER: &[&str] = &["per", "pro", "je", "every", "alle"];
    const IN: &[&str] = &[
        "a", "an", "each", "am", "im", "in", "die", "der", "den", "das", "jeden", "jede", "jedes",
    ];
    let begin = text.trim_start_matches([' ', '\u{a0}', '\u{202f}', '\n']);
    let mut at = text.len() - begin.len();
    if let Some(behind) = begin.strip_prefix(['/', '⁄', '∕']) {
        at = text.len() - behind.len() + skip_blank(behind);
        let (count, length) = count(&text[at..]);
        let (by, end) = factor(&text[at + length..])?;
        return Some((by, count, at + length + end));
    }
    let word = first_word(begin);
    let small = word.to_lowercase();
    at += word.len();
    if at == word.len() {
        return None;
    }
    if let Some(time) = adverb(&small) {
        return Some((WORDS.get(time)?.clone(), 1.0, at));
    }
    let blank = skip_blank(&text[at..]);
    if blank == 0 {
        return None;
    }
    let behind = &text[at + blank..];
    if PER.contains(&small.as_str()) {
        let (count, length) = count(behind);
        let (by, end) = factor(&behind[length..])?;
        return Some((by, count, at + blank + length + end));
    }
    if !IN.contains(&small.as_str()) {
        return None;
    }
    // "In der Woche". "Im Jahr 2024" and "a month later" are no rates.
    let article = first_word(behind);
    let skipped = match article {
        "der" | "dem" if small == "in" => article.len() + 1,
        _ if small == "in" => return None,
        _ => 0,
    };
    let noun = first_word(behind.get(skipped..)?);
    let time = WORDS.get(noun.to_lowercase().as_str())?;
    let end = at + blank + skipped + noun.len();
    let is_time = time.iter().all(|time| matches!(time.base[..], [("s" | "mo", 1)]));
    let next = text[end..].trim_start();
    let other = next.starts_with(|c: char| c.is_ascii_digit())
        || ["later", "ago", "after", "before", "später"].contains(&first_word(next));
    (is_time && !other).then(|| (time.clone(), 1.0, end))
}

fn adverb(word: &str) -> Option<&'static str> {
    Some(match word {
        "daily" | "täglich" => "day",
        "weekly" | "wöchentlich" => "week",
        "monthly" | "monatlich" => "month",
        "yearly" | "annually" | "jährlich" => "year",
        "hourly" | "stündlich" => "hour",
        _ => return None,
    })
}

/// "·m", " s⁻¹": what is multiplied with.
fn product(text: &str) -> Option<(Vec<Reading>, usize)> {
    let dotted = text.strip_prefix(['·', '⋅', '∙', '*']);
    let begin = dotted.or_else(|| text.strip_prefix([' ', '\u{a0}', '\u{202f}']))?;
    let at = text.len() - begin.len();
    let (with, length) = factor(begin)?;
    let raised = begin[..length].contains(['⁻', '^', '-']);
    (dotted.is_some() || raised).then_some((with, at + length))
}

/// How many of it: "per 100 g".
fn count(text: &str) -> (f64, usize) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let Ok(count) = text[..length].parse::<f64>() else {
        return (1.0, 0);
    };
    if count > 0.0 {
        (count, length + skip_blank(&text[length..]))
    } else {
        (1.0, 0)
    }
}

/// One unit with its power, and the bytes that it takes.
fn factor(text: &str) -> Option<(Vec<Reading>, usize)> {
    let (readings, mut at, power) = atom(text)?;
    let (raised, length) = exponent(&text[at..], &readings);
    at += length;
    if text[at..].starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let power = power * raised;
    if power == 1 {
        return Some((readings, at));
    }
    let raise = |reading: &Reading| Reading::one().times(reading, power);
    Some((readings.iter().map(raise).collect(), at))
}

/// A unit's name, the bytes that it takes, and the power that is in the name.
fn atom(text: &str) -> Option<(Vec<Reading>, usize, i8)> {
    for sign in [
        "cmH2O", "cmH₂O", "mm Hg", "I.E.", "I.U.", "i.E.", "U/min", "°C", "°F", "° C", "° F",
    ] {
        if let Some(behind) = text.strip_prefix(sign)
            && !behind.starts_with(char::is_alphanumeric)
        {
            let name: String = sign.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
            return Some((SYMBOLS.get(name.as_str())?.clone(), sign.len(), 1));
        }
    }
    let first = text.chars().next()?;
    if !first.is_alphabetic() {
        let length = first.len_utf8();
        return Some((SYMBOLS.get(&text[..length])?.clone(), length, 1));
    }
    let word = first_word(text);
    let small = word.to_lowercase();
    let behind = &text[word.len()..];
    let power = match small.as_str() {
        "square" | "sq" => 2,
        "cubic" | "cu" => 3,
        _ => 1,
    };
    if power > 1 {
        let noun = behind.trim_start_matches(['.', ' ', '\u{a0}', '\n', '-']);
        let of = first_word(noun);
        let readings = named(of).filter(|readings| readings.iter().any(is_length))?;
        return Some((readings, text.len() - noun.len() + of.len(), power));
    }
    for (prefix, power) in [("quadrat", 2), ("kubik", 3)] {
        if let Some(of) = small.strip_prefix(prefix)
            && let Some(readings) = named(of)
        {
            return Some((readings, word.len(), power));
        }
    }
    // "percentage points", "nautical miles".
    if behind.starts_with([' ', '-', '\u{a0}', '\n']) {
        let second = first_word(behind.trim_start_matches([' ', '-', '\u{a0}', '\n']));
        let both = format!("{small} {}", second.to_lowercase());
        let end = behind.find(second).map(|at| word.len() + at + second.len());
        if let (false, Some(readings), Some(end)) = (second.is_empty(), WORDS.get(both.as_str()), end) {
            return Some((readings.clone(), end, 1));
        }
    }
    // "Figure 5 A new …" has no ampere.
    let follows = behind
        .strip_prefix(' ')
        .is_some_and(|next| next.starts_with(char::is_alphabetic));
    if matches!(word, "A" | "E") && follows {
        return None;
    }
    Some((named(word)?, word.len(), 1))
}

fn is_length(reading: &Reading) -> bool {
    reading.base == [("m", 1)]
}

/// The unit of a name: symbols as they are written, words in any case and in their endings.
fn named(word: &str) -> Option<Vec<Reading>> {
    let symbol: String = word
        .chars()
        .map(|c| match c {
            'μ' => 'µ',
            'º' => '°',
            '\u{2126}' => 'Ω',
            '\u{212a}' => 'K',
            c => c,
        })
        .collect();
    let small = symbol.to_lowercase().replace('μ', "µ");
    let shouted = || {
        let small = ["KG", "KM", "CM", "MM", "ML", "MG", "MIN", "H"]
            .contains(&word)
            .then(|| word.to_lowercase())?;
        SYMBOLS.get(small.as_str())
    };
    let inflected = || {
        let base = small.strip_suffix(['s', 'n'])?;
        WORDS.get(base).filter(|_| base.chars().count() > 2)
    };
    SYMBOLS
        .get(symbol.as_str())
        .or_else(|| WORDS.get(small.as_str()))
        .or_else(inflected)
        .or_else(shouted)
        .cloned()
}

/// The power behind a unit, and the bytes that it takes. A plain digit is one behind lengths only: "m2".
fn exponent(text: &str, of: &[Reading]) -> (i8, usize) {
    let digit = |c: char| match c {
        '1' | '¹' => Some(1),
        '2' | '²' => Some(2),
        '3' | '³' => Some(3),
        _ => None,
    };
    let mut signs = text.chars();
    match (signs.next(), signs.next(), signs.next()) {
        (Some('⁻' | '-'), Some(c @ ('¹' | '²' | '³')), _) => {
            (-digit(c).unwrap_or(1), text.len() - signs_left(text, 2))
        }
        (Some('^'), Some('-' | '−'), Some(c)) if digit(c).is_some() => {
            (-digit(c).unwrap_or(1), text.len() - signs_left(text, 3))
        }
        (Some('^'), Some(c), _) if digit(c).is_some() => {
            (digit(c).unwrap_or(1), text.len() - signs_left(text, 2))
        }
        (Some(c @ ('²' | '³')), ..) => (digit(c).unwrap_or(1), c.len_utf8()),
        (Some(c @ ('2' | '3')), next, _)
            if of.iter().any(is_length) && !next.is_some_and(char::is_alphanumeric) =>
        {
            (digit(c).unwrap_or(1), 1)
        }
        _ => (1, 0),
    }
}

/// Bytes of `text` behind its first `count` characters.
fn signs_left(text: &str, count: usize) -> usize {
    text.chars().skip(count).map(char::len_utf8).sum()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// Bytes of the white space, or the hyphen, between a number and its unit.
fn skip_joint(text: &str) -> usize {
    match text.chars().next() {
        Some(c @ ('-' | '\u{2010}' | '\u{2011}'))
            if text[c.len_utf8()..].starts_with(char::is_alphabetic) =>
        {
            c.len_utf8()
        }
        _ => skip_blank(text),
    }
}

fn skip_blank(text: &str) -> usize {
    text.len()
        - text
            .trim_start_matches([' ', '\u{a0}', '\u{202f}', '\u{2009}', '\n', '\t'])
            .len()
}
