//! Terms that the full-text index cannot make itself.
//!
//! The index cuts words down by the rules of English, whatever the language. So a chunk in another language gets, beside its text,
//! the stems of its words in that language and the parts of its compounds, and a question gets them too: "Frist zur Kündigung"
//! then finds "Kündigungsfristen". English text and English questions get nothing. Nobody sees these terms: quotes, positions,
//! phrases and what is told of a search come from the text.

mod compounds;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use self::compounds::{Compounds, IN_DUTCH, IN_GERMAN, IN_SWEDISH};
use crate::error::Result;
use crate::find::{ENGLISH, GERMAN, fold};
use crate::language::{Told, frequent_words, primary};
use crate::ports::Ledger;
use crate::text::is_stop_word;

/// Letters of the shortest word that gets a term.
const SHORTEST: usize = 4;
/// Letters of the longest one; what is longer is no word.
const LONGEST: usize = 80;

/// A language, other than English, whose inflections are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tongue {
    /// Danish.
    Danish,
    /// Dutch, with compounds.
    Dutch,
    /// Finnish.
    Finnish,
    /// French.
    French,
    /// German, with compounds.
    German,
    /// Italian.
    Italian,
    /// Norwegian.
    Norwegian,
    /// Portuguese.
    Portuguese,
    /// Russian.
    Russian,
    /// Spanish.
    Spanish,
    /// Swedish, with compounds.
    Swedish,
    /// Turkish.
    Turkish,
}

impl Tongue {
    /// That of a language tag (BCP 47), whatever its region; none for English and what is not known.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Some(match primary(tag) {
            "da" => Self::Danish,
            "nl" => Self::Dutch,
            "fi" => Self::Finnish,
            "fr" => Self::French,
            "de" => Self::German,
            "it" => Self::Italian,
            "nb" | "nn" | "no" => Self::Norwegian,
            "pt" => Self::Portuguese,
            "ru" => Self::Russian,
            "es" => Self::Spanish,
            "sv" => Self::Swedish,
            "tr" => Self::Turkish,
            _ => return None,
        })
    }

    /// What a text is in: what it tells itself, else what the document it stands in is in.
    #[must_use]
    pub fn of_text(text: &str, document: Option<&str>) -> Option<Self> {
        let mut told = Told::default();
        told.page(text);
        told.language().or(document).and_then(Self::of)
    }

    /// Those that documents are in.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn of_library(ledger: &dyn Ledger) -> Result<Vec<Self>> {
        let languages = ledger.languages().await?;
        let mut tongues: Vec<Self> = languages.iter().filter_map(|tag| Self::of(tag)).collect();
        tongues.sort_unstable();
        tongues.dedup();
        Ok(tongues)
    }

    fn tag(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::Dutch => "nl",
            Self::Finnish => "fi",
            Self::French => "fr",
            Self::German => "de",
            Self::Italian => "it",
            Self::Norwegian => "no",
            Self::Portuguese => "pt",
            Self::Russian => "ru",
            Self::Spanish => "es",
            Self::Swedish => "sv",
            Self::Turkish => "tr",
        }
    }

    fn stemmer(self) -> Stemmer {
        Stemmer::new(match self {
            Self::Danish => Algorithm::Danish,
            Self::Dutch => Algorithm::Dutch,
            Self::Finnish => Algorithm::Finnish,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Italian => Algorithm::Italian,
            Self::Norwegian => Algorithm::Norwegian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Swedish => Algorithm::Swedish,
            Self::Turkish => Algorithm::Turkish,
        })
    }

    fn compounds(self) -> Option<&'static Compounds> {
        match self {
            Self::German => Some(&IN_GERMAN),
            Self::Dutch => Some(&IN_DUTCH),
            Self::Swedish => Some(&IN_SWEDISH),
            _ => None,
        }
    }

    /// Words that ask, and little ones that [`frequent_words`] does not have.
    fn asking(self) -> &'static str {
        match self {
            Self::Danish => {
                "hvad hvem hvor hvornår hvordan hvilken hvilke hvorfor og er det den ikke til for på en et"
            }
            Self::Dutch => "wat wie waar wanneer hoe hoelang hoeveel welke welk waarom is kan mag moet mijn",
            Self::Finnish => "mikä mitä kuka missä milloin miten miksi kuinka mikä on ja ei se",
            Self::French => {
                "quel quelle quels quelles que quoi où quand comment combien pourquoi les la le de en"
            }
            Self::German => GERMAN,
            Self::Italian => {
                "quale quali chi cosa dove quando come quanto quanta quanti perché la le lo i del"
            }
            Self::Norwegian => {
                "hva hvem hvor når hvordan hvilken hvilke hvorfor og er det den ikke til for på en et"
            }
            Self::Portuguese => "qual quais quem onde quando como quanto quanta porque que de do da",
            Self::Russian => "что кто где когда как какой какая какие какое сколько почему и в на не по для",
            Self::Spanish => {
                "qué que cuál cuáles quién dónde cuándo cómo cuánto cuánta cuántos es de la el en"
            }
            Self::Swedish => "vad vem var när hur vilken vilket vilka varför den det de en",
            Self::Turkish => "kim nerede nasıl kaç hangi neden nedir mı mi mu mü",
        }
    }

    fn is_little(self, word: &str) -> bool {
        let among = |list: &str| list.split_ascii_whitespace().any(|other| other == word);
        is_stop_word(word) || among(frequent_words(self.tag())) || among(self.asking())
    }

    /// Adds the terms of a word that is no little one, in the order of what they say: its stem, then what it is made of.
    fn terms(self, word: &str, terms: &mut Vec<String>) {
        let stemmer = self.stemmer();
        let Some(compounds) = self.compounds() else {
            // Accents are what the endings of other languages are known by.
            terms.push(fold(&stemmer.stem(word)));
            return;
        };
        // The basic words are folded, and German has two spellings for its umlauts and its ß.
        let folded = fold(word);
        let stem = |word: &str| fold(&stemmer.stem(word));
        terms.push(stem(&folded));
        let mut parts = compounds.parts(&folded);
        if parts.is_empty() && self == Self::German {
            parts = respelt(&folded).map_or_else(Vec::new, |folded| compounds.parts(&folded));
        }
        terms.extend(parts.iter().map(|part| stem(part)));
    }
}

/// A German word with umlauts written as two letters, as it is when they are one and folded; none if it has none.
fn respelt(word: &str) -> Option<String> {
    let mut out = String::with_capacity(word.len());
    let mut changed = false;
    for c in word.chars() {
        let umlaut = c == 'e'
            && match out.as_bytes() {
                [.., b'a' | b'e' | b'q', b'u'] | [b'u'] => false,
                [.., b'a' | b'o' | b'u'] => true,
                _ => false,
            };
        changed |= umlaut;
        if !umlaut {
            out.push(c);
        }
    }
    changed.then_some(out)
}

/// What the index makes of a word.
fn indexed(word: &str) -> String {
    fold(&Stemmer::new(Algorithm::English).stem(&word.to_lowercase()))
}

/// The words of a text, lower case and composed; what stands before and behind an apostrophe is two.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.unicode_words()
        .flat_map(|word| word.split(['\'', '’']))
        .filter(|word| !word.is_empty() && word.len() <= LONGEST)
        .map(|word| word.nfc().flat_map(char::to_lowercase).collect())
}

/// The terms of `text` in these languages that the index does not make of it, each once, with spaces between them.
fn missing(text: &str, tongues: &[Tongue]) -> String {
    let mut done = HashSet::new();
    let words: Vec<String> = words(text).filter(|word| done.insert(word.clone())).collect();
    let mut there: HashSet<String> = words.iter().map(|word| indexed(word)).collect();
    let mut out = String::new();
    let mut terms = Vec::new();
    for word in words {
        if word.chars().count() < SHORTEST || !word.chars().all(char::is_alphabetic) {
            continue;
        }
        for tongue in tongues.iter().filter(|tongue| !tongue.is_little(&word)) {
            tongue.terms(&word, &mut terms);
        }
        for term in terms.drain(..) {
            if term.len() >= 3 && there.insert(indexed(&term)) {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(&term);
            }
        }
    }
    out
}

/// The terms that a chunk with this text gets; none if it is in English or in a language that is not known. `document` is the
/// language of what it stands in: a table tells none.
#[must_use]
pub fn terms_of(text: &str, document: Option<&str>) -> String {
    Tongue::of_text(text, document).map_or_else(String::new, |tongue| missing(text, &[tongue]))
}

/// A question as it is searched for by words, given the languages of the documents: with the terms of its own language, or of all
/// of them if its little words do not tell. An English one stays as it is.
#[must_use]
pub fn asked<'a>(question: &'a str, tongues: &[Tongue]) -> Cow<'a, str> {
    let tongues = likely(question, tongues);
    if tongues.is_empty() {
        return Cow::Borrowed(question);
    }
    let terms = missing(question, &tongues);
    if terms.is_empty() {
        return Cow::Borrowed(question);
    }
    Cow::Owned(format!("{question} {terms}"))
}

/// Those of `tongues` that a question may be in; none if it is in English.
fn likely(question: &str, tongues: &[Tongue]) -> Vec<Tongue> {
    if tongues.is_empty() {
        return Vec::new();
    }
    let words: Vec<String> = words(question).collect();
    let count = |lists: [&str; 2]| {
        let among = |word: &str| {
            lists
                .iter()
                .any(|list| list.split_whitespace().any(|other| other == word))
        };
        words.iter().filter(|word| among(word)).count()
    };
    let english = count([ENGLISH, ""]);
    let counts: Vec<usize> = tongues
        .iter()
        .map(|tongue| count([tongue.asking(), frequent_words(tongue.tag())]))
        .collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    if english > 0 && english >= most {
        return Vec::new();
    }
    tongues
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count == most)
        .map(|(tongue, _)| *tongue)
        .collect()
}
