//! Text that is set above or below its line. Read like any other, "10³" says "103" and "1,234¹" another number.

use std::borrow::Cow;

/// Where text stands on its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Script {
    /// On it.
    #[default]
    Line,
    /// Superscript.
    Above,
    /// Subscript.
    Below,
}

/// A superscript longer than this is a text in small type.
const MAX_CHARS: usize = 24;

/// What `text` is written as behind `before`, so that it says the same without its place.
///
/// Superscript digits and signs have characters of their own. Letters are left as they are ("1st", "TM"), unless they stand
/// in an exponent: `e^(−E/kT)`. Subscript digits keep their form behind letters, because that is how formulas are
/// typed and looked for ("CO2"); behind digits they would make another number.
pub(crate) fn written<'a>(text: &'a str, script: Script, before: &str) -> Cow<'a, str> {
    let base = before.chars().next_back();
    match script {
        Script::Line => Cow::Borrowed(text),
        Script::Below if base.is_some_and(|base| base.is_ascii_digit() || raised_digit(base)) => {
            match text.chars().map(below).collect::<Option<String>>() {
                Some(lowered) => Cow::Owned(lowered),
                None => Cow::Borrowed(text),
            }
        }
        Script::Below => Cow::Borrowed(text),
        // In brackets it is told apart already.
        Script::Above if base == Some('[') => Cow::Borrowed(text),
        Script::Above if text.chars().count() > MAX_CHARS || is_word(text) => Cow::Borrowed(text),
        Script::Above => {
            let begin = text.trim_start();
            let is_power = base.is_some_and(|base| base.is_alphanumeric() || matches!(base, ')' | ']'));
            let signed = begin.starts_with(is_minus) || begin.starts_with('+');
            let has_letters = begin.chars().any(|c| c.is_alphabetic() && above(c).is_none());
            let computes = signed || begin.contains(['+', '−', '/', '·']);
            // Commas part the marks of notes and of authors.
            if is_power && has_letters && computes && !begin.contains(',') {
                return Cow::Owned(format!("^({})", text.trim()));
            }
            // "1,3–5" refers to notes; between their numbers stands no minus.
            let mut out = String::with_capacity(text.len() * 3);
            let mut last = None;
            for c in text.chars() {
                let is_range = is_minus(c) && last.is_some_and(|last: char| last.is_ascii_digit());
                let alone = matches!(c, 'n' | 'i' | '(' | ')') && has_letters;
                out.push(above(c).filter(|_| !is_range && !alone).unwrap_or(c));
                last = Some(c);
            }
            Cow::Owned(out)
        }
    }
}

/// Whether there is nothing to raise: no digit, sign or single letter, or brackets that tell it apart already.
fn is_word(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[')
        || text.chars().all(|c| above(c).is_none() || matches!(c, 'n' | 'i')) && !matches!(text, "n" | "i")
}

/// Writes what `text` has from byte `from` on as [`written`] says.
pub(crate) fn rewrite(text: &mut String, from: usize, script: Script) {
    if script == Script::Line || from >= text.len() {
        return;
    }
    let (before, raw) = text.split_at(from);
    if let Cow::Owned(new) = written(raw, script, before) {
        text.truncate(from);
        text.push_str(&new);
    }
}

/// A note's number as it is drawn. In brackets it would look like a citation.
pub(crate) fn superscript(n: u32) -> String {
    n.to_string().chars().filter_map(above).collect()
}

fn is_minus(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{2212}'
    )
}

fn raised_digit(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹')
}

fn above(c: char) -> Option<char> {
    Some(match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '+' => '⁺',
        '=' => '⁼',
        '(' => '⁽',
        ')' => '⁾',
        'n' => 'ⁿ',
        'i' => 'ⁱ',
        c if is_minus(c) => '⁻',
        _ => return None,
    })
}

fn below(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => char::from_u32(u32::from('₀') + u32::from(c) - u32::from('0'))?,
        '+' => '₊',
        '=' => '₌',
        '(' => '₍',
        ')' => '₎',
        c if is_minus(c) => '₋',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above_after(before: &str, text: &str) -> String {
        written(text, Script::Above, before).into_owned()
    }

    #[test]
    fn exponents_and_marks_of_notes_are_told_from_the_number_before() {
        assert_eq!(above_after("10", "3"), "³");
        assert_eq!(above_after("10", "-12"), "⁻¹²");
        assert_eq!(above_after("10", "\u{2212}3"), "⁻³");
        assert_eq!(above_after("Ca", "2+"), "²⁺");
        assert_eq!(above_after("2", "n+1"), "ⁿ⁺¹");
        assert_eq!(above_after("1,234", "1"), "¹");
        assert_eq!(above_after("study", "1,3-5"), "¹,³-⁵");
        assert_eq!(above_after("study", "[12]"), "[12]");
        assert_eq!(above_after("study[", "12"), "12");
        assert_eq!(above_after("", "14"), "¹⁴", "isotopes stand before their letter");
    }

    #[test]
    fn letters_above_the_line_stay_unless_they_are_an_exponent() {
        for letters in ["st", "th", "TM", "er", "in", "*", "†", ""] {
            assert_eq!(above_after("21", letters), letters);
        }
        assert_eq!(above_after("e", "\u{2212}E/kT"), "^(\u{2212}E/kT)");
        assert_eq!(above_after("x", "n"), "ⁿ");
        assert_eq!(above_after("Smith", "1,a,*"), "¹,a,*");
        let long = "1 this is a whole sentence that somebody raised";
        assert_eq!(above_after("word", long), long);
    }

    #[test]
    fn formulas_keep_the_digits_that_people_type() {
        let below = |before, text| written(text, Script::Below, before).into_owned();
        assert_eq!(below("CO", "2"), "2");
        assert_eq!(below("101", "2"), "₂");
        assert_eq!(below("10²", "3"), "₃");
        assert_eq!(below("1", "max"), "max");
    }
}
