//! Numbers, in digits and in words, with what they count or measure.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::YEARS;
use super::units::{self, Unit, equal};
use crate::text::{Term, content_terms, is_raised};

/// A number as it may be meant: "1.500" is one and a half or, in German, fifteen hundred.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    pub values: Vec<f64>,
    /// What is written like a number and is none: a version, "3.2.0".
    label: Option<String>,
    pub unit: Option<Unit>,
    /// The word behind it, if it has no unit: what is counted.
    pub counted: Option<Term>,
    below_nought: bool,
    /// Where it stands, its unit included.
    pub range: Range<usize>,
}

impl Number {
    /// Whether the two are the same number, whatever they count.
    pub fn equals(&self, other: &Self) -> bool {
        self.label == other.label && (self.label.is_some() || self.any(other, equal))
    }

    /// Whether the two may be said of the same thing: the same number, of the same unit if both have one, or as much in
    /// another unit.
    pub fn agrees(&self, other: &Self) -> bool {
        let (Some(unit), Some(there)) = (&self.unit, &other.unit) else {
            return self.equals(other);
        };
        let sides = !unit.is_temperature() || self.below_nought == other.below_nought;
        sides && self.any(other, |one, two| unit.same(one, there, two))
    }

    /// Whether the two measure or count the same kind of thing.
    pub fn is_of_the_kind_of(&self, other: &Self, alike: bool) -> bool {
        match (&self.unit, &other.unit) {
            (Some(one), Some(other)) => one.is_of_the_kind_of(other),
            (None, None) => alike || (self.counted.is_some() && self.counted == other.counted),
            _ => false,
        }
    }

    fn any(&self, other: &Self, is: impl Fn(f64, f64) -> bool) -> bool {
        self.values
            .iter()
            .any(|one| other.values.iter().any(|two| is(*one, *two)))
    }

    fn is_year(&self) -> bool {
        self.values
            .iter()
            .any(|value| YEARS.contains(value) && value.fract() == 0.0)
    }
}

/// A number being read: where it ends.
struct Read {
    values: Vec<f64>,
    label: Option<String>,
    end: usize,
    /// "5th": it counts nothing.
    ordinal: bool,
    /// "3x".
    times: bool,
}

/// The numbers of a text, whose words are given with their places, but for those within `taken`.
pub(super) fn numbers(text: &str, words: &[(usize, &str)], taken: &[Range<usize>]) -> Vec<Number> {
    let mut found: Vec<(Range<usize>, Number)> = Vec::new();
    for (n, (at, word)) in words.iter().enumerate() {
        let done = found.last().map_or(0, |(range, _)| range.end);
        if *at < done || taken.iter().any(|range| range.contains(at)) {
            continue;
        }
        let Some(mut read) = read(text, *at, word) else {
            continue;
        };
        if text[..*at].trim_end_matches(['-', '−', '(', '{']).ends_with('^') {
            continue;
        }
        if let Some(power) = power_of_ten(word, &text[at + word.len()..]) {
            read.values = vec![power];
        }
        let money = units::before(&text[..*at], &text[read.end..]);
        scaled(text, &mut read, money.is_some());
        let tail = &text[read.end..];
        let mut start = *at;
        let measured = if read.ordinal {
            None
        } else if read.times {
            units::times(tail)
        } else if money.is_some() {
            units::before(&text[..*at], tail).map(|(unit, begin, length)| {
                start = begin;
                (unit, length)
            })
        } else {
            units::behind(tail)
        };
        let length = measured.as_ref().map_or(0, |(_, length)| *length);
        let unit = measured.map(|(unit, _)| unit);
        let behind = words[n + 1..].iter().find(|(next, _)| *next >= read.end);
        let counted = behind.filter(|_| unit.is_none());
        let number = Number {
            values: read.values,
            label: read.label,
            counted: counted.and_then(|(_, next)| content_terms(&next.to_lowercase()).into_iter().next()),
            unit,
            below_nought: is_below_nought(&text[..*at]),
            range: start..read.end + length,
        };
        found.push((*at..read.end, number));
    }
    // "50 to 100 mg": both are milligrams.
    for n in (1..found.len()).rev() {
        let between = text.get(found[n - 1].0.end..found[n].0.start).unwrap_or_default();
        let (one, two) = (&found[n - 1].1, &found[n].1);
        let joins = match between.trim() {
            "-" | "–" | "—" | "to" | "bis" => true,
            "and" | "or" | "und" | "oder" => !one.is_year(),
            _ => false,
        };
        if joins && one.unit.is_none() && two.unit.is_some() {
            found[n - 1].1.unit = two.unit.clone();
        }
    }
    found.into_iter().map(|(_, number)| number).collect()
}

/// "−5", "minus 5"; the hyphen of "3-5" and of "type-5" is no sign.
fn is_below_nought(before: &str) -> bool {
    if before.trim_end().to_lowercase().ends_with("minus") {
        return true;
    }
    let mut signs = before.chars().rev();
    matches!(signs.next(), Some('-' | '−' | '–'))
        && signs.next().is_none_or(|c| c.is_whitespace() || c == '(')
}

/// What "10" means with the exponent behind it.
fn power_of_ten(word: &str, behind: &str) -> Option<f64> {
    if word != "10" {
        return None;
    }
    let digits: String = match behind.strip_prefix('^') {
        Some(typed) => {
            let typed = typed.trim_start_matches(['(', '{']).replace('−', "-");
            let end = typed.find(|c: char| !c.is_ascii_digit() && c != '-');
            typed[..end.unwrap_or(typed.len())].to_owned()
        }
        None => behind
            .chars()
            .take_while(|c| is_raised(*c))
            .nfkc()
            .map(|c| if c == '−' { '-' } else { c })
            .collect(),
    };
    Some(10_f64.powi(digits.parse().ok()?))
}

/// The number that the word at `at` begins.
fn read(text: &str, at: usize, word: &str) -> Option<Read> {
    let mut read = Read {
        values: Vec::new(),
        label: None,
        end: at + word.len(),
        ordinal: false,
        times: false,
    };
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return spelled(text, at, word, read);
    }
    let separator = |c: char| matches!(c, '.' | ',' | '\'' | '’');
    let length = word
        .find(|c: char| !c.is_ascii_digit() && !separator(c))
        .unwrap_or(word.len());
    let digits = word[..length].trim_end_matches(separator);
    // A narrow blank does not part words.
    let suffix = word[digits.len()..].split('\u{202f}').next().unwrap_or_default();
    if suffix.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match values(digits) {
        Some(values) => read.values = values,
        None => read.label = Some(digits.to_owned()),
    }
    read.end = at + digits.len();
    // "10 000"
    let grouped = &text[read.end..];
    let blank = grouped
        .chars()
        .next()
        .filter(|c| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'));
    if let Some(blank) = blank.filter(|_| suffix.is_empty() && (1..=3).contains(&digits.len())) {
        let group = &grouped[blank.len_utf8()..];
        let length = group.bytes().take_while(u8::is_ascii_digit).count();
        let whole = length == 3 && (blank != ' ' || group.starts_with("000"));
        if let (true, Ok(value)) = (whole, format!("{digits}{}", &group[..length]).parse()) {
            read.values = vec![value];
            read.end += blank.len_utf8() + length;
            return Some(read);
        }
    }
    match suffix.to_lowercase().as_str() {
        "st" | "nd" | "rd" | "th" => read.ordinal = true,
        // The sixties are no seconds.
        "s" | "er" if digits.ends_with('0') => read.ordinal = true,
        "x" => read.times = true,
        "k" => {
            let thousand = read.values.iter().map(|value| value * 1e3);
            read.values = match suffix {
                "k" => thousand.collect(),
                _ => thousand.chain(read.values.iter().copied()).collect(),
            };
        }
        _ => return Some(read),
    }
    read.end = at + digits.len() + suffix.len();
    Some(read)
}

/// A number written in words.
fn spelled(text: &str, at: usize, word: &str, mut read: Read) -> Option<Read> {
    let small = word.to_lowercase();
    // "dreimal"
    let (name, times) = match small.strip_suffix("mal") {
        Some(name) if !name.is_empty() => (name, true),
        _ => (small.as_str(), false),
    };
    read.times = times;
    if let Some((one, ten)) = name.split_once("und")
        && let (Some(one), Some(ten)) = (digit_of(one), word_value(ten).filter(|ten| *ten >= 20.0))
    {
        read.values = vec![ten + one];
        return Some(read);
    }
    let value = word_value(name)?;
    read.values = vec![value];
    if value >= 20.0
        && let Some(behind) = text[read.end..].strip_prefix(['-', '\u{2010}', '\u{2011}'])
    {
        let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        if let Some(one) = digit_of(&behind[..end].to_lowercase()) {
            read.values = vec![value + one];
            read.end = at + word.len() + (text[read.end..].len() - behind.len()) + end;
        }
    }
    Some(read)
}

fn digit_of(word: &str) -> Option<f64> {
    match word {
        "one" | "ein" => Some(1.0),
        _ => word_value(word).filter(|value| *value < 10.0),
    }
}

fn word_value(word: &str) -> Option<f64> {
    const WORDS: &[(f64, &[&str])] = &[
        (2.0, &["two", "zwei"]),
        (3.0, &["three", "drei"]),
        (4.0, &["four", "vier"]),
        (5.0, &["five", "fünf"]),
        (6.0, &["six", "sechs"]),
        (7.0, &["seven", "sieben"]),
        (8.0, &["eight", "acht"]),
        (9.0, &["nine", "neun"]),
        (10.0, &["ten", "zehn"]),
        (11.0, &["eleven", "elf"]),
        (12.0, &["twelve", "zwölf"]),
        (13.0, &["thirteen", "dreizehn"]),
        (14.0, &["fourteen", "vierzehn"]),
        (15.0, &["fifteen", "fünfzehn"]),
        (16.0, &["sixteen", "sechzehn"]),
        (17.0, &["seventeen", "siebzehn"]),
        (18.0, &["eighteen", "achtzehn"]),
        (19.0, &["nineteen", "neunzehn"]),
        (20.0, &["twenty", "zwanzig"]),
        (30.0, &["thirty", "dreißig"]),
        (40.0, &["forty", "vierzig"]),
        (50.0, &["fifty", "fünfzig"]),
        (60.0, &["sixty", "sechzig"]),
        (70.0, &["seventy", "siebzig"]),
        (80.0, &["eighty", "achtzig"]),
        (90.0, &["ninety", "neunzig"]),
    ];
    let known = WORDS.iter().find(|(_, names)| names.contains(&word));
    known.map(|(value, _)| *value)
}

/// What digits with separators may mean; none if they are no number. Groups are of three; "12.5" is no 125.
fn values(digits: &str) -> Option<Vec<f64>> {
    let digits = digits.replace(['\'', '’'], "");
    let groups = |sign: char| {
        let mut parts = digits.split(sign);
        let first = parts.next().unwrap_or_default();
        let of_three = parts.all(|part| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()));
        of_three && (1..=3).contains(&first.len()) && !first.starts_with('0')
    };
    let number = |text: String| text.parse::<f64>().ok();
    match (digits.matches('.').count(), digits.matches(',').count()) {
        (0, 0) => Some(vec![number(digits)?]),
        (1, 0) | (0, 1) => {
            let sign = if digits.contains('.') { '.' } else { ',' };
            let whole = groups(sign).then(|| digits.replace(sign, ""));
            let values = [Some(digits.replace(sign, ".")), whole];
            Some(values.into_iter().flatten().filter_map(number).collect())
        }
        (_, 0) if groups('.') => Some(vec![number(digits.replace('.', ""))?]),
        (0, _) if groups(',') => Some(vec![number(digits.replace(',', ""))?]),
        (dots, commas) => {
            let (last, other) = if digits.rfind('.') > digits.rfind(',') {
                ('.', ',')
            } else {
                (',', '.')
            };
            let once = if last == '.' { dots } else { commas } == 1;
            let plain = digits.replace(other, "").replace(last, ".");
            Some(vec![number(plain).filter(|_| once && dots > 0 && commas > 0)?])
        }
    }
}

/// Moves behind "million" and the like, and takes them into account.
fn scaled(text: &str, read: &mut Read, money: bool) {
    while !read.ordinal && !read.times {
        let tail = &text[read.end..];
        let begin = tail.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-', '\n']);
        let word = &begin[..begin.find(|c: char| !c.is_alphabetic()).unwrap_or(begin.len())];
        let attached = tail.len() == begin.len();
        let short = match word {
            // "$5m"
            "m" | "mn" | "M" if money && attached => Some(1e6),
            "b" | "B" if money && attached => Some(1e9),
            _ => None,
        };
        let by = scale(&word.to_lowercase()).or(short);
        let Some(by) = by else { return };
        read.values.iter_mut().for_each(|value| *value *= by);
        read.end += tail.len() - begin.len() + word.len();
        // "5 Mio. Euro"
        if matches!(word, "Mio" | "Mrd" | "Tsd") && text[read.end..].starts_with('.') {
            read.end += 1;
        }
    }
}

fn scale(word: &str) -> Option<f64> {
    match word {
        "hundred" | "hundert" => Some(1e2),
        "thousand" | "tausend" | "tsd" => Some(1e3),
        "million" | "millions" | "millionen" | "mio" => Some(1e6),
        "billion" | "billions" | "milliarde" | "milliarden" | "bn" | "mrd" => Some(1e9),
        "trillion" | "trillions" | "billionen" => Some(1e12),
        _ => None,
    }
}
