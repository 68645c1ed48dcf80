//! The language that a text is written in, for documents that do not say.

use isolang::Language;
use whatlang::{Lang, detect};

/// Letters that are looked at. More of them make the answer no surer.
pub const LETTERS: usize = 4_000;
/// Letters below which nothing is said: names and figures are of no language.
const LEAST: usize = 60;

/// The language of `text` (BCP 47), if it is long enough to tell and the detector trusts itself (whatlang: trigrams and scripts,
/// after Cavnar and Trenkle, "N-Gram-Based Text Categorization", 1994).
pub fn language_of(text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // Scripts without spaces say more with a letter.
    let enough = letters >= LEAST
        || (letters >= LEAST / 4 && !text.is_ascii() && text.split_whitespace().count() < letters / 8);
    let found = detect(text).filter(|found| enough && found.is_reliable())?;
    match found.lang() {
        // ISO 639-1 names the language these are a part of.
        Lang::Cmn => Some("zh"),
        Lang::Pes => Some("fa"),
        Lang::Ori => Some("or"),
        other => Language::from_639_3(other.code())?.to_639_1(),
    }
}

/// Collects the beginning of a document's text.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    text: String,
    letters: usize,
}

impl Sample {
    /// Takes as much of a page as is still wanted.
    pub fn take(&mut self, page: &str) {
        for c in page.chars() {
            if self.letters >= LETTERS {
                return;
            }
            self.letters += usize::from(c.is_alphabetic());
            self.text.push(c);
        }
        self.text.push('\n');
    }

    /// Its language, if that can be told.
    pub fn language(&self) -> Option<&'static str> {
        language_of(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_sentences_tell_their_language() {
        for (text, language) in [
            (
                "The tenant may end the tenancy by giving three months' written notice to the end of a calendar month. The deposit is returned.",
                "en",
            ),
            (
                "Der Mieter kann das Mietverhältnis mit einer Frist von drei Monaten zum Ende eines Kalendermonats kündigen. Die Kaution wird erstattet.",
                "de",
            ),
            (
                "Le locataire peut mettre fin au bail en donnant un préavis écrit de trois mois avant la fin d'un mois civil. Le dépôt est rendu.",
                "fr",
            ),
            (
                "租户可以提前三个月书面通知终止租约，押金将在交还钥匙后六周内退还给租户。",
                "zh",
            ),
            (
                "Арендатор может расторгнуть договор, письменно уведомив об этом за три месяца до конца календарного месяца.",
                "ru",
            ),
        ] {
            assert_eq!(language_of(text), Some(language), "{text}");
        }
    }

    #[test]
    fn what_is_too_little_or_no_prose_tells_none() {
        for text in ["", "Lamp 14", "1,204.50 88,000 2024-05-03", "ISO 9001 SLA GmbH"] {
            assert_eq!(language_of(text), None, "{text}");
        }
        let mut sample = Sample::default();
        sample.take(&"x".repeat(LETTERS * 2));
        assert_eq!(sample.letters, LETTERS);
    }
}
