//! Texts of old Macintoshes, which nothing marks: their lines end with a carriage return alone, and their letters beyond
//! ASCII make words in a code page of their own.

use encoding_rs::{Encoding, MACINTOSH, X_MAC_CYRILLIC};

/// So many bytes show what a text is.
const SAMPLE: usize = 1 << 16;
/// A misplaced sign speaks against an encoding as much as so many letters in words for it.
const AGAINST: i64 = 3;

/// The Macintosh's encoding of a text whose letters would be of `guessed` otherwise, if they clearly are of the former.
pub(super) fn instead_of(guessed: &'static Encoding, bytes: &[u8]) -> Option<&'static Encoding> {
    if !bytes.contains(&b'\r') || bytes.contains(&b'\n') {
        return None;
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let usual = Letters::of(guessed, sample);
    let own = [MACINTOSH, X_MAC_CYRILLIC].map(|encoding| (Letters::of(encoding, sample), encoding));
    let (best, encoding) = own.into_iter().max_by_key(|(letters, _)| letters.worth())?;
    (best.worth() > usual.worth() && best.misplaced * 10 <= best.in_words).then_some(encoding)
}

/// How the characters beyond ASCII stand.
#[derive(Default)]
struct Letters {
    in_words: i64,
    misplaced: i64,
}

impl Letters {
    fn of(encoding: &'static Encoding, bytes: &[u8]) -> Self {
        let (text, _, _) = encoding.decode(bytes);
        let (mut found, mut before) = (Self::default(), ' ');
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if !c.is_ascii() {
                found.count(before, c, rest.peek().copied().unwrap_or(' '));
            }
            before = c;
        }
        found
    }

    fn count(&mut self, before: char, c: char, after: char) {
        let inside = before.is_alphabetic() && after.is_alphabetic();
        let at_edge = before.is_alphabetic() != after.is_alphabetic();
        if c.is_alphabetic() {
            // "fŸr": a capital stands behind small letters in no language.
            let capital = c.is_uppercase() && before.is_lowercase();
            let foreign = before.is_ascii_alphabetic() && !is_latin(c) || before.is_ascii_digit();
            if capital || foreign {
                self.misplaced += 1;
            } else if inside || at_edge {
                self.in_words += 1;
            }
        } else if matches!(c, '’' | '‘' | '“' | '”' | '„' | '‚' | '«' | '»') {
            self.in_words += i64::from(at_edge || (inside && c == '’'));
            self.misplaced += i64::from(inside && c != '’');
        } else if inside || c.is_control() || c == '\u{fffd}' {
            self.misplaced += 1;
        }
    }

    fn worth(&self) -> i64 {
        self.in_words - AGAINST * self.misplaced
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;
    use encoding_rs::{EUC_JP, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    const GERMAN: &str = "Der Käufer schätzt die Größe.\rÄpfel für „übermäßig“ große Körbe\r";
    const FRENCH: &str = "L’été, à la forêt.\rÇa coûte 20 € « là-bas » où le garçon dîne.\r";
    const SPANISH: &str = "¿Dónde está la niña?\rMañana por la mañana, según José.\r";
    const RUSSIAN: &str = "Маяк на мысу горит каждую ночь.\rСмотритель записывает в журнал погоду.\r";

    #[test]
    fn texts_of_the_macintosh_are_recognised() {
        let english = b"The keeper doesn\xd5t sleep.\rHe calls it \xd2the light\xd3.\r";
        assert_eq!(
            decode(english, None),
            "The keeper doesn’t sleep.\nHe calls it “the light”.\n"
        );
        for (text, encoding) in [
            (GERMAN, MACINTOSH),
            (FRENCH, MACINTOSH),
            (SPANISH, MACINTOSH),
            (RUSSIAN, X_MAC_CYRILLIC),
        ] {
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{text}");
            assert_eq!(decode(&bytes, None), text.replace('\r', "\n"));
        }
    }

    #[test]
    fn texts_of_windows_are_not_taken_for_the_macintoshs() {
        let polish = "Zażółć gęślą jaźń, źródło wody.\rŁódź stoi przy nabrzeżu.\r";
        let japanese = "港の灯台は毎週掃除しなければならない。\r看守は天気を書く。\r";
        let signs = "Price: 20 € – “about” half…\rIt’s © 1999 • 10\u{a0}%\r";
        for (text, encoding) in [
            (GERMAN, WINDOWS_1252),
            (FRENCH, WINDOWS_1252),
            (SPANISH, WINDOWS_1252),
            (signs, WINDOWS_1252),
            (polish, WINDOWS_1250),
            (RUSSIAN, WINDOWS_1251),
            (japanese, SHIFT_JIS),
            (japanese, EUC_JP),
        ] {
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{text}");
            assert_eq!(instead_of(encoding, &bytes), None, "{text}");
            let guessed = crate::text::guess(&bytes);
            assert_eq!(
                instead_of(guessed, &bytes),
                None,
                "{} as {}",
                text,
                guessed.name()
            );
        }
        let lines = MACINTOSH
            .encode(GERMAN)
            .0
            .iter()
            .map(|byte| if *byte == b'\r' { b'\n' } else { *byte })
            .collect::<Vec<_>>();
        assert_eq!(instead_of(WINDOWS_1252, &lines), None);
    }
}
