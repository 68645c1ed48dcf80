//! Personal data that is told by its form.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;

pub(super) type Finder = fn(&str) -> Vec<Range<usize>>;
/// Whether what has the form of an id has its checksum, too.
type Check = fn(&str) -> bool;

pub(super) const RULES: &[(Kind, Finder)] = &[
    (Kind::Email, emails),
    (Kind::Iban, ibans),
    (Kind::Card, cards),
    (Kind::NationalId, national_ids),
    (Kind::IpAddress, ip_addresses),
    (Kind::Phone, phones),
];

fn compiled(pattern: &str) -> Regex {
    #[expect(
        clippy::unwrap_used,
        reason = "patterns are constants, each compiled by a test"
    )]
    Regex::new(pattern).unwrap()
}

/// Matches that stand alone: neither in the middle of a word nor of a longer number.
fn alone<'t>(regex: &'t Regex, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    regex
        .find_iter(text)
        .map(|found| found.range())
        .filter(|range| stands_alone(text, range))
}

fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let before: Vec<char> = text[..range.start].chars().rev().take(2).collect();
    let behind: Vec<char> = text[range.end..].chars().take(2).collect();
    let goes_on = |side: &[char]| match side {
        [near, ..] if near.is_alphanumeric() || *near == '_' => true,
        [near, far, ..] => matches!(near, '.' | ',' | '-' | '/' | ':') && far.is_ascii_digit(),
        _ => false,
    };
    !goes_on(&before) && !goes_on(&behind)
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn emails(text: &str) -> Vec<Range<usize>> {
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        compiled(r"[\p{L}\p{N}][\p{L}\p{N}._%+'-]{0,63}@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.)+\p{L}{2,24}")
    });
    EMAIL.find_iter(text).map(|found| found.range()).collect()
}

/// Characters of an IBAN by country: ISO 13616's register, 2025.
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 \
    DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 \
    KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 \
    QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

fn ibans(text: &str) -> Vec<Range<usize>> {
    static START: LazyLock<Regex> = LazyLock::new(|| compiled(r"[A-Za-z]{2}[0-9]{2}"));
    START
        .find_iter(text)
        .filter_map(|start| {
            let country = start.as_str()[..2].to_ascii_uppercase();
            let length = IBAN_LENGTHS
                .split_whitespace()
                .find_map(|entry| entry.strip_prefix(&country))?;
            let range = start.start()..grouped(&text[start.start()..], length.parse().ok()?)? + start.start();
            (stands_alone(text, &range) && is_iban(&text[range.clone()])).then_some(range)
        })
        .collect()
}

/// Where `count` letters and digits end that have at most one space or hyphen between two of them.
fn grouped(text: &str, count: usize) -> Option<usize> {
    let (mut seen, mut gap) = (0, false);
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() {
            (seen, gap) = (seen + 1, false);
            if seen == count {
                return Some(at + 1);
            }
        } else if gap || !matches!(c, ' ' | '-' | '\u{a0}') {
            return None;
        } else {
            gap = true;
        }
    }
    None
}

/// The remainder modulo 97 of the number that the letters and digits make, the first four at the end, is 1.
fn is_iban(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().filter_map(|c| c.to_digit(36)).collect();
    let turned = signs[4..].iter().chain(&signs[..4]);
    turned.fold(0, |rest, sign| {
        let by = if *sign > 9 { 100 } else { 10 };
        (rest * by + sign) % 97
    }) == 1
}

fn cards(text: &str) -> Vec<Range<usize>> {
    static CARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"[0-9](?:[ \u{a0}-]?[0-9]){12,18}"));
    let is_card = |range: &Range<usize>| {
        let digits = digits(&text[range.clone()]);
        is_issued(&digits) && luhn(&digits)
    };
    alone(&CARD, text).filter(is_card).collect()
}

/// Whether an issuer of cards uses these first digits with this length.
fn is_issued(digits: &[u32]) -> bool {
    let first = |count: usize| {
        digits[..count]
            .iter()
            .fold(0, |number, digit| number * 10 + digit)
    };
    match digits.len() {
        13 | 19 => digits[0] == 4 || first(2) == 62,
        14 => matches!(first(3), 300..=305) || matches!(first(2), 36 | 38 | 39),
        15 => matches!(first(2), 34 | 37),
        16 => {
            digits[0] == 4
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(first(3), 644..=649)
        }
        _ => false,
    }
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| match (n % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn national_ids(text: &str) -> Vec<Range<usize>> {
    static IDS: LazyLock<[(Regex, Check); 5]> = LazyLock::new(|| {
        [
            (compiled(r"[0-9]{17}[0-9Xx]"), is_chinese as Check),
            (
                compiled(r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"),
                is_french,
            ),
            (compiled(r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"), is_german),
            (compiled(r"[0-9XYZxyz][0-9]{7}-?[A-Za-z]"), is_spanish),
            (compiled(r"[0-9]{3}-[0-9]{2}-[0-9]{4}"), is_american),
        ]
    });
    let of = |(regex, is): &'static (Regex, Check)| {
        alone(regex, text)
            .filter(|range| is(&text[range.clone()]))
            .collect::<Vec<_>>()
    };
    IDS.iter().flat_map(of).collect()
}

/// GB 11643: a date of birth, and a last sign by ISO 7064 MOD 11-2.
fn is_chinese(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().map(|c| c.to_digit(10).unwrap_or(10)).collect();
    let number = |range: Range<usize>| signs[range].iter().fold(0, |number, digit| number * 10 + digit);
    let born = (1900..2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14));
    born && signs.iter().fold(0, |rest, sign| (rest * 2 + sign) % 11) == 1
}

/// Thirteen digits with a month, and 97 less their remainder modulo 97.
fn is_french(text: &str) -> bool {
    let digits = digits(text);
    let number = |range: Range<usize>| {
        digits[range]
            .iter()
            .fold(0_u64, |number, digit| number * 10 + u64::from(*digit))
    };
    matches!(number(3..5), 1..=12 | 20..=42 | 50..=99) && 97 - number(0..13) % 97 == number(13..15)
}

/// Eleven digits by ISO 7064 MOD 11,10, of whose first ten one digit comes twice or three times and no other does.
fn is_german(text: &str) -> bool {
    let digits = digits(text);
    let times: Vec<usize> = (0..10)
        .map(|digit| digits[..10].iter().filter(|d| **d == digit).count())
        .collect();
    let repeated: Vec<usize> = times.into_iter().filter(|times| *times > 1).collect();
    let rest = digits[..10]
        .iter()
        .fold(10, |product, digit| match (digit + product) % 10 {
            0 => 10 * 2 % 11,
            sum => sum * 2 % 11,
        });
    matches!(repeated.as_slice(), [2 | 3]) && (11 - rest) % 10 == digits[10]
}

/// A letter by the remainder of the number modulo 23.
fn is_spanish(text: &str) -> bool {
    let text = text.to_ascii_uppercase().replace('-', "").replacen('X', "0", 1);
    let text = match text.as_bytes()[0] {
        b'Y' => text.replacen('Y', "1", 1),
        b'Z' => text.replacen('Z', "2", 1),
        _ => text,
    };
    let (number, letter) = text.split_at(text.len() - 1);
    let number: Option<usize> = number.parse().ok();
    number.is_some_and(|number| "TRWAGMYFPDXBNJZSQVHLCKE".get(number % 23..=number % 23) == Some(letter))
}

/// Parts that were ever given out.
fn is_american(text: &str) -> bool {
    let (area, rest) = text.split_at(3);
    !matches!(area, "000" | "666") && !area.starts_with('9') && &rest[1..3] != "00" && &rest[4..] != "0000"
}

fn ip_addresses(text: &str) -> Vec<Range<usize>> {
    static V4: LazyLock<Regex> = LazyLock::new(|| compiled(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"));
    static V6: LazyLock<Regex> = LazyLock::new(|| compiled(r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}"));
    let v4 = alone(&V4, text).filter(|range| {
        let parsed: Option<Ipv4Addr> = text[range.clone()].parse().ok();
        parsed.is_some_and(|address| {
            !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast()
        })
    });
    let v6 = alone(&V6, text).filter(|range| {
        let address = &text[range.clone()];
        let parsed: Option<Ipv6Addr> = address.parse().ok();
        // "a::b" is a path in a program.
        let groups = address.split(':').filter(|group| !group.is_empty()).count();
        let whole = groups > 2 || address.to_ascii_lowercase().starts_with("fe80:");
        let digit = address.bytes().any(|b| b.is_ascii_digit());
        whole && digit && parsed.is_some_and(|address| !address.is_loopback() && !address.is_unspecified())
    });
    v4.chain(v6).collect()
}

fn phones(text: &str) -> Vec<Range<usize>> {
    static PHONES: LazyLock<[Regex; 4]> = LazyLock::new(|| {
        [
            // +49 (0)30 901820, 0049-30-901820
            compiled(r"(?:\+|\b00)[1-9][0-9]{0,2}(?:[ \u{a0}./-]?(?:\([0-9]{1,5}\)|[0-9]{1,5})){2,6}"),
            // (030) 901820, (415) 555-0134
            compiled(r"\(0?[0-9]{2,5}\)[ \u{a0}/-]?[0-9]{2,8}(?:[ \u{a0}-][0-9]{2,5}){0,3}"),
            // 030/901820, 0151 2345 6789
            compiled(r"\b0[1-9][0-9]{1,4}[ \u{a0}/-][0-9]{2,9}(?:[ \u{a0}-][0-9]{2,5}){0,3}"),
            // 415-555-0134, 415.555.0134
            compiled(r"\b[2-9][0-9]{2}[.-][0-9]{3}[.-][0-9]{4}"),
        ]
    });
    let is_phone = |range: &Range<usize>| {
        // The middle of a longer number in groups is no number of its own.
        let mut before = text[..range.start].chars().rev();
        let grouped = matches!(before.next(), Some(' ' | '\u{a0}'))
            && before.next().is_some_and(|c| c.is_ascii_digit());
        !grouped && (7..=15).contains(&digits(&text[range.clone()]).len())
    };
    PHONES
        .iter()
        .flat_map(|regex| alone(regex, text))
        .filter(is_phone)
        .collect()
}
