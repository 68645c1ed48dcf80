//! Words that the end of a line breaks: which are joined, and whether their hyphen stays.

use compact_str::CompactString;
use foldhash::HashSet;

use super::words::Segment;

/// Words of a document that are remembered; more are not needed to know its vocabulary.
const MOST_WORDS: usize = 200_000;

/// English and German first parts of compounds that keep their hyphen.
const FIRST_PARTS: &[&str] = &[
    "all", "anti", "co", "cross", "ex", "far", "first", "full", "half", "high", "ill", "large", "long",
    "low", "mid", "multi", "non", "one", "open", "quasi", "real", "second", "self", "semi", "short",
    "single", "small", "so", "third", "three", "two", "ultra", "vice", "well", "wide",
];

/// What may follow a hyphen that stands for a left out second part, as in "pre- and post-war".
const AND: &[&str] = &[
    "and", "or", "to", "und", "oder", "bis", "sowie", "et", "ou", "y", "o", "e", "en", "of", "och", "og",
];

/// The hyphen that is shown only where a word is broken.
pub(super) const SOFT: char = '\u{ad}';

/// What becomes of a hyphen at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hyphen {
    /// The lines stay apart.
    Ends,
    /// The word goes on behind it, and it belongs to the word.
    Stays,
    /// The word goes on without it.
    Goes,
}

/// The words that a document was seen to use, in small letters.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: HashSet<CompactString>,
    /// Whether soft hyphens stand inside lines too: some fonts call every hyphen one.
    soft_is_hard: bool,
}

impl Vocabulary {
    /// Learns the words of these lines, but for those that a line's end may break.
    pub(super) fn learn(&mut self, segments: &[Segment]) {
        let mut text = String::new();
        for segment in segments {
            let count = segment.words.len();
            for (n, word) in segment.words.iter().enumerate() {
                if self.words.len() >= MOST_WORDS {
                    return;
                }
                text.clear();
                word.letters.iter().for_each(|letter| text.push_str(&letter.text));
                if !text.is_ascii() {
                    let inside = text.trim_end_matches(SOFT).contains(SOFT);
                    self.soft_is_hard |= inside || n + 1 < count && text.contains(SOFT);
                }
                let whole = n > 0 && (n + 1 < count || !text.ends_with(is_hyphen));
                if whole && text.len() > 3 {
                    let word = bare(&text);
                    if word.chars().nth(3).is_some() {
                        self.words.insert(word);
                    }
                }
            }
        }
    }

    fn knows(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// What becomes of the hyphen between the last word of a line and the first of the next one.
    pub(super) fn judge(&self, last: &str, next: &str) -> Hyphen {
        let Some(hyphen) = last.chars().next_back().filter(|c| is_hyphen(*c)) else {
            return Hyphen::Ends;
        };
        let first = last[..last.len() - hyphen.len_utf8()].trim_start_matches(is_opening);
        let next = next.trim_end_matches(|c: char| !c.is_alphanumeric());
        let goes_on = next.chars().next().is_some_and(char::is_lowercase);
        let is_part = first.chars().next_back().is_some_and(char::is_alphanumeric);
        let is_address = first.contains(['/', '@', ':', '_', '\\']);
        if !goes_on || !is_part || is_address || AND.contains(&next) {
            return Hyphen::Ends;
        }
        if hyphen == SOFT && !self.soft_is_hard {
            return Hyphen::Goes;
        }
        let is_letters = first.chars().all(char::is_alphabetic);
        let is_short = first.chars().count() < 2;
        let is_name = first.chars().skip(1).any(char::is_uppercase);
        let in_compound = next.contains(is_hyphen);
        let (first, next) = (first.to_lowercase(), next.to_lowercase());
        if !is_letters || is_short || is_name || in_compound {
            return Hyphen::Stays;
        }
        // The document's own use says more than any rule.
        if self.knows(&format!("{first}{next}")) {
            return Hyphen::Goes;
        }
        if self.knows(&format!("{first}-{next}")) || FIRST_PARTS.contains(&first.as_str()) {
            return Hyphen::Stays;
        }
        Hyphen::Goes
    }
}

/// A word without the signs around it, in small letters and with one kind of hyphen.
fn bare(word: &str) -> CompactString {
    if word.is_ascii() {
        let first = word.bytes().position(|byte| byte.is_ascii_alphanumeric());
        let last = word.bytes().rposition(|byte| byte.is_ascii_alphanumeric());
        let inside = first.zip(last).and_then(|(first, last)| word.get(first..=last));
        let mut small = CompactString::from(inside.unwrap_or_default());
        small.make_ascii_lowercase();
        return small;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let small = word.chars().flat_map(char::to_lowercase);
    small.map(|c| if is_hyphen(c) { '-' } else { c }).collect()
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | SOFT)
}

fn is_opening(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | '"' | '\'' | '“' | '‘' | '„' | '«' | '»' | '‚'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(last: &str, next: &str) -> Hyphen {
        Vocabulary::default().judge(last, next)
    }

    #[test]
    fn broken_words_are_joined_and_compounds_keep_their_hyphen() {
        for (last, next) in [
            ("exam-", "ple,"),
            ("(light\u{2010}", "house)"),
            ("zurück\u{ad}", "gehen"),
        ] {
            assert_eq!(judge(last, next), Hyphen::Goes, "{last} {next}");
        }
        let kept = [
            ("state-of-", "the-art"),
            ("state-", "of-the-art"),
            ("well-", "known"),
            ("x-", "ray"),
            ("NASA-", "funded"),
            ("3-", "dimensional"),
        ];
        for (last, next) in kept {
            assert_eq!(judge(last, next), Hyphen::Stays, "{last} {next}");
        }
        let apart = [
            ("pre-", "and"),
            ("Vor-", "und"),
            ("Anglo-", "American"),
            ("end", "next"),
            ("-", "item"),
            ("--", "he"),
            ("example.org/some-", "page"),
            ("1914-", "1918"),
        ];
        for (last, next) in apart {
            assert_eq!(judge(last, next), Hyphen::Ends, "{last} {next}");
        }
    }

    #[test]
    fn the_documents_own_words_decide() {
        let mut vocabulary = Vocabulary::default();
        vocabulary.words.insert("lamp-room".into());
        vocabulary.words.insert("nonsense".into());
        assert_eq!(vocabulary.judge("lamp-", "room."), Hyphen::Stays);
        assert_eq!(vocabulary.judge("non-", "sense"), Hyphen::Goes);
        assert_eq!(vocabulary.judge("life-", "boat"), Hyphen::Goes);
    }
}
