//! Finds exact words and forms of words in a text, whatever their case and accents, and says where they stand.

use std::ops::Range;

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::entities::EntityKind;
use crate::text::{is_raised, is_stop_word, parts_raised};

/// Languages whose word forms are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
}

/// Little words of English that the neighbouring languages do not have.
pub(crate) const ENGLISH: &str = "the of and to is are what who which how when where why does do did can could should would \
    has have for from with by it this that there many much on at as about not or be";

/// Those of German.
pub(crate) const GERMAN: &str = "der die das den dem des ein eine einen einem einer ist sind war waren wer wie wo wann warum \
    wieso weshalb welche welcher welches welchen welchem und oder nicht kein keine für mit von vom zu zum zur im am \
    auf aus bei nach über wird werden wurde wurden hat haben hatte kann können darf dürfen muss müssen soll sollen \
    gibt es viel viele ich wir wieviel worum womit wofür wozu woher wohin dass sich einem nenne erkläre liste vergleiche \
    fasse zusammen alle beträgt kostet steht gilt heißt";

impl Language {
    /// The language of a question or a sentence, by the little words that only one of the two has; English where they do
    /// not tell.
    pub fn of(text: &str) -> Self {
        let (mut german, mut english) = (0, 0);
        for word in text.unicode_words() {
            let small = word.to_lowercase();
            let among = |list: &str| list.split_whitespace().any(|other| other == small);
            english += usize::from(among(ENGLISH));
            german += usize::from(among(GERMAN) || small.contains(['ä', 'ö', 'ü', 'ß']));
        }
        if german > english {
            Self::German
        } else {
            Self::English
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// These characters in this order.
    Exact(Exact),
    /// These words in this order, in any of their forms.
    Forms(Forms),
    /// All things of this kind.
    Entities(EntityKind),
}

impl Wanted {
    /// Looks for `text` in any of its word forms, or as it is if it has signs that belong to it ("C++") or is an
    /// acronym that reads like an everyday word ("IT"). None if there is nothing to look for.
    pub fn forms(text: &str, language: Language) -> Option<Self> {
        let forms = Forms::new(text, language)?;
        let signs = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !JOINERS.contains(&c) && c != '.';
        if text.chars().any(signs) || forms.case.is_some() {
            let mut exact = Exact::new(text)?;
            exact.case = forms.case;
            return Some(Self::Exact(exact));
        }
        Some(Self::Forms(forms))
    }

    /// Looks for exactly `text`; none if there is nothing to look for.
    pub fn exact(text: &str) -> Option<Self> {
        Exact::new(text).map(Self::Exact)
    }

    /// Where it stands in `text`: byte ranges in order that do not overlap.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Exact(exact) => exact.find(text),
            Self::Forms(forms) => forms.find(text),
            Self::Entities(kind) => kind.find(text),
        }
    }
}

/// A phrase as it is compared: compatibility forms, accents and case aside, white space as single spaces.
#[derive(Clone, Debug)]
pub struct Exact {
    folded: String,
    /// The letters as they must be written, for acronyms.
    case: Option<String>,
}

impl Exact {
    /// None if the phrase has neither a letter nor a digit.
    pub fn new(phrase: &str) -> Option<Self> {
        let folded = fold(phrase).trim().to_owned();
        folded
            .contains(char::is_alphanumeric)
            .then_some(Self { folded, case: None })
    }

    /// Where it stands in `text`, as whole words: byte ranges in order that do not overlap.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        // Most pages do not have it, and need no map back to their own characters.
        if !fold(text).contains(&self.folded) {
            return Vec::new();
        }
        let (folded, origin) = fold_mapped(text);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = folded[from..].find(&self.folded).map(|at| from + at) {
            let end = at + self.folded.len();
            let range = origin[at]..end_in(text, origin[end - 1]);
            let written = self
                .case
                .as_ref()
                .is_none_or(|case| text[range.clone()] == **case);
            if written && cut_at(&folded, at) && cut_at(&folded, end) {
                found.push(range);
                from = end;
            } else {
                from = at + folded[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        found
    }
}

/// Whether a word can end or begin at byte `at`. Scripts that do not part words are cut anywhere.
fn cut_at(text: &str, at: usize) -> bool {
    let parted = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !unparted(c));
    !(parted(text[..at].chars().next_back()) && parted(text[at..].chars().next()))
}

/// Whether `c` is of a script without spaces between words, or with particles written to them.
fn unparted(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// What may stand between the words of a term.
const JOINERS: &[char] = &[
    '-', '\u{2010}', '\u{2011}', '/', '\'', '’', '‘', '"', '“', '”', '„', '\u{ad}',
];

/// Words in this order, each in any of its forms.
#[derive(Clone, Debug)]
pub struct Forms {
    stems: Vec<String>,
    /// What stands before each word but the first, folded.
    gaps: Vec<String>,
    language: Language,
    /// The word as written, if it is an acronym that reads like an everyday word.
    case: Option<String>,
}

impl Forms {
    /// None if there is no word in it.
    pub fn new(term: &str, language: Language) -> Option<Self> {
        let words: Vec<(usize, &str)> = term.unicode_word_indices().collect();
        let (_, first) = words.first()?;
        let acronym = words.len() == 1
            && first.chars().count() > 1
            && first.chars().all(char::is_uppercase)
            && is_stop_word(&first.to_lowercase());
        Some(Self {
            stems: words.iter().map(|(_, word)| stem(word, language)).collect(),
            gaps: words
                .windows(2)
                .map(|pair| fold(&term[pair[0].0 + pair[0].1.len()..pair[1].0]))
                .collect(),
            language,
            case: acronym.then(|| (*first).to_owned()),
        })
    }

    /// Where the words stand in `text`: byte ranges in order that do not overlap.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
        let first = initial(&self.stems[0]);
        let mut found = Vec::new();
        let mut n = 0;
        while n + self.stems.len() <= words.len() {
            // Stemming is most of the work; no form of a word begins with another letter.
            let fits = initial(words[n].1) == first && self.fits(text, &words[n..]);
            if fits {
                let (last, word) = words[n + self.stems.len() - 1];
                found.push(words[n].0..last + word.len());
                n += self.stems.len();
            } else {
                n += 1;
            }
        }
        found
    }

    fn fits(&self, text: &str, words: &[(usize, &str)]) -> bool {
        self.stems
            .iter()
            .zip(words)
            .enumerate()
            .all(|(n, (wanted, (at, word)))| {
                let near = n == 0 || {
                    let (before, behind) = words[n - 1];
                    self.joined(&text[before + behind.len()..*at], &self.gaps[n - 1])
                };
                near && stem(word, self.language) == *wanted
            })
    }

    /// Whether two words with `gap` between them belong together as those of the term do.
    fn joined(&self, gap: &str, wanted: &str) -> bool {
        let breaks = gap.matches('\n').count();
        breaks < 2 && (gap.chars().all(|c| c.is_whitespace() || JOINERS.contains(&c)) || fold(gap) == wanted)
    }
}

fn initial(word: &str) -> Option<char> {
    let first = word.chars().next()?;
    if first.is_ascii() {
        return Some(first.to_ascii_lowercase());
    }
    fold(word).chars().next()
}

/// A word as it is compared: folded, and cut down to what its forms have in common (Snowball).
pub(crate) fn stem(word: &str, language: Language) -> String {
    let folded = fold(word);
    let bare = folded.strip_suffix("'s").unwrap_or(&folded);
    if bare.contains(|c: char| c.is_ascii_digit()) {
        // 1,500 and 1500 are one number.
        return bare.replace(',', "");
    }
    let algorithm = match language {
        Language::English => Algorithm::English,
        Language::German => Algorithm::German,
    };
    Stemmer::new(algorithm).stem(bare).into_owned()
}

/// `text` as it is compared: compatibility forms, lower case, without accents, white space as single spaces.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        fold_char(c, before, &mut out);
        before = Some(c);
    }
    out
}

/// The first place of `part`, folded already, in `text`, be it inside a word.
pub fn find_part(text: &str, part: &str) -> Option<Range<usize>> {
    let (folded, origin) = fold_mapped(text);
    let at = folded.find(part)?;
    let last = origin.get((at + part.len()).checked_sub(1)?)?;
    Some(origin[at]..end_in(text, *last))
}

/// [`fold`] with the byte in `text` of the character that each byte comes from.
fn fold_mapped(text: &str) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut origin = Vec::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        fold_char(c, before, &mut out);
        before = Some(c);
        origin.resize(out.len(), at);
    }
    (out, origin)
}

fn fold_char(c: char, before: Option<char>, out: &mut String) {
    match c {
        c if c.is_ascii_graphic() => out.push(c.to_ascii_lowercase()),
        c if is_raised(c) => {
            // Otherwise "10³" would be 103.
            if !before.is_some_and(is_raised) && parts_raised(out) {
                out.push('^');
            }
            match c {
                '⁻' => out.push('-'),
                c => out.extend(std::iter::once(c).nfkd()),
            }
        }
        c if c.is_whitespace() => {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        }
        // Soft hyphens and characters without a width.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        '‘' | '’' | '‚' | '‹' | '›' => out.push('\''),
        '“' | '”' | '„' | '«' | '»' => out.push('"'),
        c => out.extend(
            std::iter::once(c)
                .nfkd()
                .flat_map(char::to_lowercase)
                .filter(|c| !is_accent(*c))
                .flat_map(|c| match c {
                    'ß' => ['s', 's'].into_iter().take(2),
                    'ς' => ['σ', ' '].into_iter().take(1),
                    c => [c, ' '].into_iter().take(1),
                }),
        ),
    }
}

/// Marks that readers take for a variant of the letter: accents, and vowel points of Hebrew and Arabic. The marks of
/// other scripts make other letters.
fn is_accent(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x0591..=0x05C7 | 0x064B..=0x065F | 0x0670)
}

/// The end of the character at byte `at`, its accents included.
fn end_in(text: &str, at: usize) -> usize {
    let mut chars = text[at..].char_indices();
    chars.next();
    chars
        .find(|(_, c)| !is_accent(*c))
        .map_or(text.len(), |(more, _)| at + more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_language_of_a_question_is_told_by_its_little_words() {
        for question in [
            "Wie hoch ist die Kaution?",
            "Was kostet das Mittagessen?",
            "Wer leitet den Verein?",
            "Darf man grillen?",
            "Öffnungszeiten der Halle",
        ] {
            assert_eq!(Language::of(question), Language::German, "{question}");
        }
        for question in [
            "How high is the deposit?",
            "What was the war about?",
            "Who leads Müller GmbH and where is it?",
            "deposit 2024",
            "",
            "押金是多少？",
        ] {
            assert_eq!(Language::of(question), Language::English, "{question}");
        }
    }

    fn exact<'a>(phrase: &str, text: &'a str) -> Vec<&'a str> {
        let wanted = Exact::new(phrase).unwrap();
        wanted.find(text).into_iter().map(|range| &text[range]).collect()
    }

    fn forms<'a>(term: &str, language: Language, text: &'a str) -> Vec<&'a str> {
        let wanted = Wanted::forms(term, language).unwrap();
        wanted.find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_is_raised_is_no_digit_of_the_number_before() {
        let text = "about 10³ of 1,234¹ cells; 10⁻³ on 5 m² of the word¹² and CO₂";
        for (phrase, found) in [
            ("103", 0),
            ("10", 2),
            ("10^3", 1),
            ("10³", 1),
            ("10^-3", 1),
            ("1,2341", 0),
        ] {
            assert_eq!(exact(phrase, text).len(), found, "{phrase}");
        }
        assert_eq!(exact("10³", text), ["10³"]);
        assert_eq!(exact("1,234", text), ["1,234"]);
        assert_eq!(exact("5 m2", text), ["5 m²"]);
        assert_eq!(exact("the word", text), ["the word"]);
        assert_eq!(exact("co2", text), ["CO₂"]);
    }

    #[test]
    fn phrases_ignore_case_accents_and_line_breaks_but_not_words() {
        assert_eq!(
            exact("resume the cafe", "RÉSUMÉ\nthe  Cafe\u{301}."),
            ["RÉSUMÉ\nthe  Cafe\u{301}"]
        );
        assert_eq!(exact("lamp", "lamps, Lamp-post, clamp, lamp"), ["Lamp", "lamp"]);
        assert_eq!(exact("C++", "C and C++ and c++."), ["C++", "c++"]);
        assert_eq!(exact("don't", "He said: don’t."), ["don’t"]);
        assert_eq!(exact("Straße", "STRASSE, Straße"), ["STRASSE", "Straße"]);
        assert_eq!(exact("灯塔", "这座灯塔很高"), ["灯塔"]);
        assert_eq!(exact("cleaned daily", "cleaned. Daily"), [""; 0]);
        assert!(Exact::new(" - ").is_none());
    }

    #[test]
    fn terms_are_found_in_all_their_forms() {
        use Language::{English, German};
        assert_eq!(
            forms("lamp", English, "Lamps; the lamp's glass, lamplight, clamp"),
            ["Lamps", "lamp's"]
        );
        assert_eq!(
            forms(
                "lease agreement",
                English,
                "A lease\nagreement. Lease-agreements! Lease. Agreement"
            ),
            ["lease\nagreement", "Lease-agreements"]
        );
        assert_eq!(
            forms("Rechnung", German, "Rechnungen und eine RECHNUNG"),
            ["Rechnungen", "RECHNUNG"]
        );
        assert_eq!(
            forms("Haus", German, "Häuser, des Hauses, Hausboot"),
            ["Häuser", "Hauses"]
        );
        assert_eq!(forms("keeper", English, "keep the keepers"), ["keepers"]);
        assert_eq!(forms("IT", English, "It is IT, isn't it"), ["IT"]);
        assert_eq!(forms("1500", English, "1,500 and 1500 and 15"), ["1,500", "1500"]);
    }

    proptest! {
        #[test]
        fn a_word_stands_where_it_was_put(before in "[a-zA-Zäé ,.]{0,20}", after in "[a-zA-Zäé ,.]{0,20}") {
            let text = format!("{before} Zanzibär {after}");
            let at = before.len() + 1;
            let place = at..at + "Zanzibär".len();
            prop_assert_eq!(Exact::new("zanzibar").unwrap().find(&text), vec![place.clone()]);
            let wanted = Wanted::forms("zanzibar", Language::English).unwrap();
            prop_assert_eq!(wanted.find(&text), vec![place]);
        }

        #[test]
        fn places_are_in_order_and_on_characters(text in "\\PC{0,80}", phrase in "\\PC{1,3}") {
            let found = [Wanted::exact(&phrase), Wanted::forms(&phrase, Language::German)];
            for wanted in found.into_iter().flatten() {
                let mut end = 0;
                for range in wanted.find(&text) {
                    prop_assert!(range.start >= end && range.start < range.end);
                    prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
                    end = range.end;
                }
            }
        }

        #[test]
        fn exact_words_are_counted_as_by_splitting(words in proptest::collection::vec("[ab]{1,2}", 0..30)) {
            let naive = words.iter().filter(|word| *word == "ab").count();
            prop_assert_eq!(Exact::new("ab").unwrap().find(&words.join(" ")).len(), naive);
        }
    }
}
