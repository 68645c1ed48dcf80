//! Personal data, found and masked on its way out.
//!
//! What is told by its form is found by rules ([`find`]): e-mail addresses, telephone numbers, IBANs, payment cards, some
//! national ids, IP addresses. Where there is a checksum, it has to be right, so that an invoice's number is not taken
//! for a card. Names and postal addresses have no form of their own; a model finds them, where there is one
//! ([`Masker`], [`PersonFinder`](crate::ports::PersonFinder)). Dates of birth and illnesses are not found.

mod masker;
mod rules;

use std::borrow::Cow;
use std::ops::Range;

pub use masker::Masker;
use rules::RULES;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// An account by ISO 13616: the length of its country, and a remainder of 1 modulo 97.
    Iban,
    /// A payment card: the length and first digits of an issuer, and the checksum of ISO/IEC 7812 (Luhn).
    Card,
    /// A national id: of China (GB 11643), France (NIR), Germany (tax id), Spain (DNI, NIE), all with their checksums, and
    /// of the USA (SSN), which has none, but numbers that are not given out.
    NationalId,
    /// A telephone number: international, or grouped as such numbers are.
    Phone,
    /// An address on the internet or in a network, but none that every machine has.
    IpAddress,
    /// A name of a person, or a part of one. Found by a model only.
    Name,
    /// A postal address with its street or its code. Found by a model only.
    Address,
    /// The number of an account in a form of its country's own. Found by a model only.
    Account,
}

impl Kind {
    /// What stands in its place.
    pub fn mask(self) -> &'static str {
        match self {
            Self::Email => "[e-mail]",
            Self::Iban => "[IBAN]",
            Self::Card => "[card]",
            Self::NationalId => "[national id]",
            Self::Phone => "[phone]",
            Self::IpAddress => "[IP address]",
            Self::Name => "[name]",
            Self::Address => "[address]",
            Self::Account => "[account]",
        }
    }
}

/// Where it stands, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub range: Range<usize>,
}

/// All that rules find in a text, in order, without overlaps.
pub fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if !text
        .bytes()
        .any(|b| b.is_ascii_digit() || matches!(b, b'@' | b':'))
    {
        return found;
    }
    // What has a checksum goes first: a card's digits could be a telephone number, too.
    for (kind, find) in RULES {
        for range in find(text) {
            let free = found
                .iter()
                .all(|other| other.range.end <= range.start || range.end <= other.range.start);
            if free {
                found.push(Found { kind: *kind, range });
            }
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// The text with a word in brackets in place of each that rules find.
pub fn masked(text: &str) -> Cow<'_, str> {
    covered(text, &find(text))
}

/// The text with a word in brackets in place of each of `found`, which are in order and without overlaps.
fn covered<'t>(text: &'t str, found: &[Found]) -> Cow<'t, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Found { kind, range } in found {
        out.push_str(&text[at..range.start]);
        out.push_str(kind.mask());
        at = range.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<Kind> {
        find(text).into_iter().map(|found| found.kind).collect()
    }

    #[test]
    fn personal_data_is_found_by_its_form_and_checksum() {
        for (text, kind) in [
            ("write to ada.lovelace+boats@mail.example.org.", Kind::Email),
            ("<jürgen@bücher.de>", Kind::Email),
            ("IBAN DE89 3704 0044 0532 0130 00 is ours", Kind::Iban),
            ("GB82WEST12345698765432", Kind::Iban),
            ("pay NO93 8601 1117 947 now", Kind::Iban),
            ("card 4111 1111 1111 1111, 12/27", Kind::Card),
            ("3782-822463-10005", Kind::Card),
            ("SSN 536-22-1234", Kind::NationalId),
            ("Steuer-ID 86 095 742 719", Kind::NationalId),
            ("DNI 12345678Z", Kind::NationalId),
            ("NIE X1234567L", Kind::NationalId),
            ("NIR 2 55 08 14 168 025 38", Kind::NationalId),
            ("身份证 11010519491231002X", Kind::NationalId),
            ("Tel. +49 (0)30 901820", Kind::Phone),
            ("call 0049-30-901820", Kind::Phone),
            ("(415) 555-0134", Kind::Phone),
            ("030/901820", Kind::Phone),
            ("0151 2345 6789", Kind::Phone),
            ("415-555-0134", Kind::Phone),
            ("from 192.168.3.77, port 80", Kind::IpAddress),
            ("at 2001:db8:85a3::8a2e:370:7334", Kind::IpAddress),
            ("fe80::1ff:fe23:4567:890a", Kind::IpAddress),
        ] {
            assert_eq!(kinds(text), [kind], "{text}: {}", masked(text));
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "DE89 3704 0044 0532 0130 01 has a wrong digit",
            "4111 1111 1111 1112 has a wrong digit",
            "invoice 9999 8888 7777 6666",
            "000-12-3456, 666-12-3456, 912-34-5678",
            "Steuer-ID 86 095 742 718",
            "DNI 12345678A",
            "version 10.2.3, chapter 1.2.3.4.5, 300.1.1.1, 127.0.0.1",
            "std::fmt::Display, a::b, 12:30:45",
            "on 2024-03-01, 01.02.2024, 12/03/2024 at 08:15",
            "1,234,567.89 EUR, 1.234.567 rows, 0.5 m, page 100-120",
            "ISBN 978-3-16-148410-0, section 4.1.2",
            "me@home, @ada, a @ b",
            "0198f3a2-77c1-7e4d-8a11-0a5b9c1d2e3f",
            "Who pays in 2024?",
        ] {
            assert_eq!(kinds(text), [], "{text}: {}", masked(text));
        }
    }

    #[test]
    fn each_is_masked_where_it_stands() {
        let text = "Ada (ada@x.org, +44 20 7946 0958) pays from DE89370400440532013000.";
        assert_eq!(masked(text), "Ada ([e-mail], [phone]) pays from [IBAN].");
    }

    proptest! {
        #[test]
        fn any_text_can_be_masked(text in r"[a-zA-Zé0-9 @.:+/()\-\[\]]{0,80}") {
            let found = find(&text);
            for pair in found.windows(2) {
                prop_assert!(pair[0].range.end <= pair[1].range.start);
            }
            let words: usize = found.iter().map(|found| found.kind.mask().len()).sum();
            let cut: usize = found.iter().map(|found| found.range.len()).sum();
            prop_assert_eq!(masked(&text).len(), text.len() - cut + words);
        }
    }
}
