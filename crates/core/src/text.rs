//! Sentences and words.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Byte ranges of the sentences of `text`, in order, without surrounding white space.
///
/// Blank lines end a sentence, single line breaks do not: lines of a page are broken by its width.
/// Boundaries are those of Unicode Standard Annex 29, less the ones after abbreviations and initials.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for part in paragraphs(text)
        .into_iter()
        .flat_map(|paragraph| items(text, paragraph))
    {
        // UAX 29 ends a sentence at every line feed; white space of the same length does not.
        let flat: String = text[part.clone()]
            .chars()
            .map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c })
            .collect();
        let flat = with_marks_as_quotes(flat);
        // It would also end one behind the number of an item.
        let label = list_label(&flat).unwrap_or(0);
        let mut open: Option<Range<usize>> = (label > 0).then(|| part.start..part.start + label);
        for (at, piece) in flat[label..].split_sentence_bound_indices() {
            let start = part.start + label + at;
            let end = start + piece.len();
            let range = match open.take() {
                Some(before) => before.start..end,
                None => start..end,
            };
            let so_far = &flat[range.start - part.start..range.end - part.start];
            let next = &flat[label + at + piece.len()..];
            let so_far = so_far.trim_end();
            if ends_in_abbreviation(so_far) || ends_in_ordinal(so_far) || parts_date(so_far, next) {
                open = Some(range);
            } else {
                found.extend(trimmed(text, range));
            }
        }
        found.extend(open.and_then(|range| trimmed(text, range)));
    }
    found
}

/// `text` with closing quotation marks of the same length in place of the marks of notes behind a full stop: "so.¹ Then".
/// Otherwise no sentence would end there.
fn with_marks_as_quotes(text: String) -> String {
    if !text.contains(is_raised) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut in_marks = false;
    for (at, c) in text.char_indices() {
        in_marks = match c {
            c if is_raised(c) => in_marks || out.ends_with(['.', '!', '?', '”', '"', '’', ')']),
            // "¹,²"
            ',' => in_marks && text[at + 1..].starts_with(is_raised),
            _ => false,
        };
        out.push(match c.len_utf8() {
            _ if !in_marks => c,
            1 => ')',
            2 => '»',
            _ => '”',
        });
    }
    out
}

/// A paragraph cut before each line that begins as an item of a list does, and around each line that is a heading of Markdown.
fn items(text: &str, paragraph: Range<usize>) -> Vec<Range<usize>> {
    let mut starts = vec![paragraph.start];
    let mut at = paragraph.start;
    let mut below_heading = false;
    for line in text[paragraph.clone()].split_inclusive('\n') {
        let heading = is_heading(line);
        if at > paragraph.start && (heading || below_heading || list_label(line).is_some()) {
            starts.push(at);
        }
        below_heading = heading;
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([paragraph.end]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

/// Whether a line is a heading as CommonMark writes them: "## Deposit", with no more than three blanks before it.
fn is_heading(line: &str) -> bool {
    let marks = line.trim_start_matches(' ');
    let words = marks.trim_start_matches('#');
    let level = marks.len() - words.len();
    (1..=6).contains(&level) && line.len() - marks.len() <= 3 && words.starts_with([' ', '\t'])
}

/// The bytes that the bullet or number takes which `line` begins with, indent and the blank after it included.
fn list_label(line: &str) -> Option<usize> {
    let begin = line.trim_start();
    let label = &begin[..begin.find(char::is_whitespace)?];
    let is_bullet = matches!(label, "-" | "–" | "—" | "*" | "•" | "·" | "▪" | "◦" | "‣" | "▸");
    let number = label.trim_start_matches('(');
    let is_number = number
        .strip_suffix(['.', ')'])
        .is_some_and(|number| match number.as_bytes() {
            // "A." is an initial.
            [letter] if letter.is_ascii_alphabetic() => label.ends_with(')'),
            // Four digits are a year at the end of a sentence.
            _ => number
                .split('.')
                .all(|digits| (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())),
        });
    let rest = &begin[label.len()..];
    (is_bullet || is_number).then(|| line.len() - rest.trim_start().len())
}

/// Byte ranges of the parts of `text` between blank lines.
pub fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            if let Some(from) = start.take() {
                found.push(from..end);
            }
        } else {
            start.get_or_insert(at);
            end = at + line.len();
        }
        at += line.len();
    }
    if let Some(from) = start {
        found.push(from..end);
    }
    found
        .into_iter()
        .filter_map(|range| trimmed(text, range))
        .collect()
}

/// The range without white space at its ends; none if nothing is left.
pub fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    let end = range.start + slice.trim_end().len();
    (start < end).then_some(start..end)
}

const ABBREVIATIONS: &[&str] = &[
    "dr", "mr", "mrs", "ms", "prof", "st", "no", "nr", "vs", "etc", "e.g", "i.e", "cf", "al", "fig", "eq",
    "sec", "ch", "vol", "pp", "ed", "eds", "approx", "ca", "inc", "ltd", "co", "corp", "jr", "sr", "art",
    "abs", "bzw", "z.b", "d.h", "u.a", "ggf", "evtl", "vgl", "str", "hr", "fr", "usw", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
];

/// Whether the full stop at the end of `sentence` belongs to an abbreviation or an initial.
pub fn ends_in_abbreviation(sentence: &str) -> bool {
    let Some(body) = sentence.strip_suffix('.') else {
        return false;
    };
    let word = body
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“'))
        .next()
        .unwrap_or("");
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Whether `sentence` ends in a German ordinal, whose full stop ends nothing: "bis zum 30.", "die 2.".
pub fn ends_in_ordinal(sentence: &str) -> bool {
    small_number(sentence).is_some_and(|before| {
        let word = before.trim_end().rsplit(|c: char| !c.is_alphabetic()).next();
        let word = word.unwrap_or("").to_lowercase();
        before.ends_with(char::is_whitespace) && BEFORE_ORDINALS.contains(&word.as_str())
    })
}

/// Whether a German date is cut behind its day: "30. Juni", "3. Sept. 2025".
fn parts_date(before: &str, after: &str) -> bool {
    let word = after.trim_start().split(|c: char| !c.is_alphabetic()).next();
    small_number(before).is_some() && word.is_some_and(|word| GERMAN_MONTHS.contains(&word))
}

/// What stands before a number of one or two digits that ends `sentence` with a full stop.
fn small_number(sentence: &str) -> Option<&str> {
    let body = sentence.strip_suffix('.')?;
    let before = body.trim_end_matches(|c: char| c.is_ascii_digit());
    let small = matches!(body.len() - before.len(), 1 | 2);
    (small && !before.ends_with(char::is_alphanumeric)).then_some(before)
}

/// Words that stand before ordinals and not before the last number of a sentence.
const BEFORE_ORDINALS: &[&str] = &[
    "am", "vom", "zum", "zur", "beim", "im", "ab", "bis", "seit", "der", "die", "das", "dem", "den", "des",
    "jeder", "jeden", "jedem", "dieser", "dieses", "diesem",
];

/// And their abbreviations.
const GERMAN_MONTHS: [&str; 26] = [
    "Januar",
    "Jänner",
    "Februar",
    "Feber",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
    "Jan",
    "Feb",
    "Mrz",
    "Apr",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Sept",
    "Okt",
    "Nov",
    "Dez",
];

/// One word as it is compared: folded, and lightly stemmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(pub String);

impl Term {
    /// Whether it holds a digit. Numbers are compared exactly and weigh more.
    pub fn is_number(&self) -> bool {
        self.0.chars().any(|c| c.is_ascii_digit())
    }

    /// Whether it is the same word, or very likely another form of it: "decide" and "decision", "Haustier" and "Haustiere".
    /// Numbers are the same or are not.
    pub(crate) fn is_form_of(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        if self.is_number() || other.is_number() {
            return false;
        }
        let (one, other) = (&self.0, &other.0);
        let both = one.chars().zip(other.chars());
        let common = both.take_while(|(a, b)| a == b).count();
        let longer = one.chars().count().max(other.chars().count());
        common >= 4 && common * 3 >= longer * 2
    }
}

/// Whether `c` is a digit or sign above the line: part of an exponent, or of a note's mark.
pub(crate) fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁺' | '⁻')
}

/// Whether a number that is raised behind `before` must not be read as part of it: "10³" is not 103, and "word¹" is the word.
/// Units are short and keep theirs: "m²" is typed "m2".
pub(crate) fn parts_raised(before: &str) -> bool {
    let letters = before.chars().rev().take_while(|c| c.is_alphabetic()).take(3);
    before.ends_with(|c: char| c.is_numeric()) || letters.count() == 3
}

/// `text` with a sign before the numbers that are raised behind something else; compatibility forms would swallow them.
fn parted(text: &str) -> Cow<'_, str> {
    if !text.contains(is_raised) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_raised(c) && !out.ends_with(is_raised) && parts_raised(&out) {
            out.push('^');
        }
        out.push(c);
    }
    Cow::Owned(out)
}

/// The words of `text` that carry meaning, folded (NFKC, lower case) and lightly stemmed, in order.
pub fn content_terms(text: &str) -> Vec<Term> {
    let folded: String = parted(text).nfkc().collect::<String>().to_lowercase();
    folded
        .unicode_words()
        .filter(|word| !is_stop_word(word))
        .map(|word| Term(stem(word)))
        .collect()
}

/// `text` on one line, with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A question on one line, without what ends it: what patterns of question wording are held against.
pub(crate) fn bare_question(question: &str) -> String {
    let mut bare = one_line(question);
    bare.truncate(bare.trim_end_matches(['?', '.', '!', ' ']).len());
    bare
}

/// A fixed pattern of question wording, whatever the case. Tests compile every one of them.
pub(crate) fn compile(pattern: &str) -> regex::Regex {
    #[allow(
        clippy::expect_used,
        reason = "the patterns are fixed, and tests compile them all"
    )]
    regex::Regex::new(&format!("(?i){pattern}")).expect("a fixed pattern")
}

/// Whether a lower-case word carries no meaning of its own.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

fn stem(word: &str) -> String {
    let word = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("’s"))
        .unwrap_or(word);
    if word.chars().any(|c| c.is_ascii_digit()) {
        // 1,500 and 1500 are one number.
        return word.replace(',', "");
    }
    if word.is_ascii() && word.len() > 3 {
        for (suffix, put) in [
            ("ies", "y"),
            ("ing", ""),
            ("ied", "y"),
            ("ed", ""),
            ("es", ""),
            ("s", ""),
        ] {
            if let Some(base) = word.strip_suffix(suffix)
                && base.len() >= 3
            {
                let base = base.strip_suffix('e').unwrap_or(base);
                return format!("{base}{put}");
            }
        }
        return word.strip_suffix('e').unwrap_or(word).to_owned();
    }
    word.to_owned()
}

const STOP_WORDS: &[&str] = &[
    "a", "an", "the", "and", "or", "but", "if", "of", "in", "on", "at", "to", "for", "from", "by", "with",
    "as", "is", "are", "was", "were", "be", "been", "being", "it", "its", "this", "that", "these", "those",
    "there", "he", "she", "they", "them", "his", "her", "their", "we", "our", "you", "your", "i", "my", "do",
    "does", "did", "has", "have", "had", "will", "would", "can", "could", "should", "may", "might", "must",
    "what", "which", "who", "whom", "whose", "when", "where", "why", "how", "than", "then", "so", "such",
    "into", "about", "also", "any", "all", "some", "der", "die", "das", "den", "dem", "des", "ein", "eine",
    "einen", "einem", "einer", "eines", "und", "oder", "aber", "von", "vom", "zu", "zum", "zur", "mit", "im",
    "am", "auf", "für", "aus", "bei", "nach", "ist", "sind", "war", "waren", "wird", "werden", "wurde",
    "wurden", "es", "sie", "er", "wir", "ich", "man", "als", "auch", "wie", "was", "wer", "wo", "wann",
    "warum", "welche", "welcher", "welches", "dass", "sich", "hat", "haben", "kann",
];

/// Tokens of a text, roughly, where counting them would mean to tokenize much: a quarter for an ASCII letter, three
/// quarters for another.
pub(crate) fn rough_tokens(text: &str) -> usize {
    text.chars().map(quarter_tokens).sum::<usize>() / 4
}

/// Quarters of a token that a letter takes, roughly.
pub(crate) fn quarter_tokens(c: char) -> usize {
    if c.is_ascii() { 1 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn headings_of_markdown_are_sentences_of_their_own() {
        let parted = |text: &'static str| -> Vec<&str> {
            sentences(text).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(
            parted("# Terms\nThe agreement ends\nafter 36 months.\n## Fee\nIt is 940 euros."),
            [
                "# Terms",
                "The agreement ends\nafter 36 months.",
                "## Fee",
                "It is 940 euros."
            ]
        );
        assert_eq!(
            parted("See ticket\n#12 and\n####### this"),
            ["See ticket\n#12 and\n####### this"]
        );
    }

    #[test]
    fn line_breaks_do_not_end_sentences_but_blank_lines_do() {
        let text = "The lamp is\ncleaned daily. It shines.\n\nTitle without stop\n\nNext.";
        assert_eq!(
            split(text),
            [
                "The lamp is\ncleaned daily.",
                "It shines.",
                "Title without stop",
                "Next."
            ]
        );
    }

    #[test]
    fn abbreviations_do_not_end_sentences() {
        assert_eq!(
            split("Dr. Smith and J. Doe met, e.g. Monday. They left."),
            ["Dr. Smith and J. Doe met, e.g. Monday.", "They left."]
        );
    }

    #[test]
    fn the_day_of_a_german_date_ends_no_sentence() {
        assert_eq!(
            split("Das Angebot gilt bis zum 30. Juni 2025. Danach gilt Ziffer 4. Mehr am 3. Sept. 2025."),
            [
                "Das Angebot gilt bis zum 30. Juni 2025.",
                "Danach gilt Ziffer 4.",
                "Mehr am 3. Sept. 2025."
            ]
        );
        assert_eq!(split("Es war 1930. Juni kam."), ["Es war 1930.", "Juni kam."]);
        let chamber = "Die Sache liegt bei der 2. Strafkammer.";
        assert_eq!(split(chamber), [chamber]);
        assert_eq!(
            split("It is on page 12. The rest is not."),
            ["It is on page 12.", "The rest is not."]
        );
    }

    #[test]
    fn items_of_a_list_are_sentences_with_their_numbers() {
        let text = "To clean:\n1. Close the valve.\n2. Wait an\n   hour\n  (a) or two\n- dry it\n10.2. Open";
        assert_eq!(
            split(text),
            [
                "To clean:",
                "1. Close the valve.",
                "2. Wait an\n   hour",
                "(a) or two",
                "- dry it",
                "10.2. Open"
            ]
        );
        assert_eq!(split("3."), ["3."]);
        assert_eq!(
            split("It began in\n1998. A. Doe left."),
            ["It began in\n1998.", "A. Doe left."]
        );
    }

    #[test]
    fn chinese_sentences_are_parted() {
        assert_eq!(split("灯每天清洁。它很亮。"), ["灯每天清洁。", "它很亮。"]);
    }

    #[test]
    fn marks_of_notes_do_not_join_sentences() {
        assert_eq!(
            split("It was so.¹ Then came more.²,⁴ The end (see there).¹² It has 10³ cells."),
            [
                "It was so.¹",
                "Then came more.²,⁴",
                "The end (see there).¹²",
                "It has 10³ cells."
            ]
        );
    }

    #[test]
    fn raised_numbers_are_words_of_their_own_but_for_units() {
        let terms = |text: &str| -> Vec<String> { content_terms(text).into_iter().map(|t| t.0).collect() };
        assert_eq!(terms("10³ km²"), ["10", "3", "km2"]);
        assert_eq!(terms("10⁻³"), terms("10^-3"));
        assert_eq!(terms("1,234¹"), ["1234", "1"]);
        assert_eq!(terms("tides¹"), terms("tides 1"));
        assert_eq!(terms("CO₂"), terms("CO2"));
    }

    #[test]
    fn terms_fold_case_plural_and_thousands() {
        let terms: Vec<_> = content_terms("The Lamps were cleaned 1,500 times")
            .into_iter()
            .map(|t| t.0)
            .collect();
        assert_eq!(terms, ["lamp", "clean", "1500", "tim"]);
        assert_eq!(
            content_terms("lamp cleaning time")[2].0,
            "time".strip_suffix('e').unwrap()
        );
    }
}
