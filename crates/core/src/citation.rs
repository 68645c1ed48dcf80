//! Markers in answers, and the exact source text that carries a sentence.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::facts::{Facts, Fault};
use crate::ports::TextConstraint;
use crate::span::{CharIndex, CharSpan};
use crate::text::{self, Term, content_terms};
use crate::types::Verdict;
use unicode_segmentation::UnicodeSegmentation;

/// The numbers of the markers in `text`, in order: `[1]`, `[2, 3]`.
pub fn markers(text: &str) -> Vec<u32> {
    marker_ranges(text)
        .into_iter()
        .flat_map(|(_, numbers)| numbers)
        .collect()
}

/// `text` without its markers and the white space before them.
pub fn without_markers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, _) in marker_ranges(text) {
        out.push_str(text[at..range.start].trim_end_matches(' '));
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Byte ranges of the markers of `text` with their numbers.
pub fn marker_ranges(text: &str) -> Vec<(Range<usize>, Vec<u32>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        from = open + 1;
        let Some(close) = text[from..].find(']').map(|at| from + at) else {
            break;
        };
        let numbers: Option<Vec<u32>> = text[from..close]
            .split(',')
            .map(|part| part.trim().parse().ok().filter(|n| *n > 0))
            .collect();
        if let Some(numbers) = numbers {
            found.push((open..close + 1, numbers));
            from = close + 1;
        }
    }
    found
}

/// Lets only markers of passages 1 to `count` be written.
///
/// None begins a line: nothing stands before it that it could prove. A bracket that does not begin with a digit is ordinary
/// text.
pub struct OnlySupplied {
    /// Number of passages supplied.
    pub count: u32,
}

impl TextConstraint for OnlySupplied {
    fn allows(&self, text: &str, piece: &str) -> bool {
        // Only what the piece completes can be wrong; an open bracket is never far back.
        let tail = text.rfind('[').map_or("", |at| &text[at..]);
        let before = text[..text.len() - tail.len()].trim_end_matches(' ');
        let joined = format!("{tail}{piece}");
        let mut rest = joined.as_str();
        while let Some(open) = rest.find('[') {
            let at = joined.len() - rest.len() + open;
            let line = joined[..at].trim_end_matches(' ');
            rest = &rest[open + 1..];
            let begins_line = match line.chars().last() {
                Some(last) => last == '\n',
                None => before.is_empty() || before.ends_with('\n'),
            };
            // Small models that begin like this go on to copy the passages as they were given to them.
            // A bare bracket would leave them no good way on.
            if begins_line && (rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit())) {
                return false;
            }
            let inner = rest.split(']').next().unwrap_or("");
            let closed = inner.len() < rest.len();
            if inner.trim_start().starts_with(|c: char| c.is_ascii_digit()) && !self.fits(inner, closed) {
                return false;
            }
        }
        true
    }
}

impl OnlySupplied {
    /// Whether the inside of a bracket is, or can become, a list of supplied numbers.
    fn fits(&self, inner: &str, closed: bool) -> bool {
        let mut parts = inner.split(',').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let number = part.trim();
            if number.is_empty() && last && !closed {
                continue;
            }
            // What a supplied number begins with is itself a smaller number, so a prefix needs no rule.
            let supplied = number.parse().is_ok_and(|n: u32| (1..=self.count).contains(&n));
            if !supplied || number.starts_with('0') {
                return false;
            }
        }
        true
    }
}

/// The sentences of a page, ready for comparison.
pub struct SourceText<'a> {
    text: &'a str,
    index: CharIndex,
    sentences: Vec<(Range<usize>, HashSet<Term>)>,
    /// Words of its titles: names there need not be repeated in every sentence.
    place: HashSet<Term>,
}

/// The stretch of a source that carries a sentence best.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// Its place in the page's text.
    pub span: CharSpan,
    /// Its characters.
    pub quote: String,
    /// Weighted share of the sentence's words that stand in it, 0 to 1.
    pub coverage: f32,
    /// Where the sentence says something else than it.
    pub fault: Option<Fault>,
    /// The same share of the words that the question did not have; 1 if there are none.
    pub news: f32,
    /// Share of the question's words that stand in it; those beside it and in the titles count half.
    pub topic: f32,
    /// Whether the sentence is a name, a number or a phrase.
    pub short: bool,
    /// Whether numbers are all that it shares with a sentence which has words besides.
    pub only_numbers: bool,
}

impl Alignment {
    /// What this alignment proves.
    pub fn verdict(&self) -> Verdict {
        // An answer's worth is what the question did not say: words it repeats prove nothing. And a phrase alone says
        // nothing: what it is said of must be there too.
        // And a number stands in many places: "3 times a year" has nothing to do with item 3 of a list.
        let by_chance = self.short && self.only_numbers && self.topic < ON_TOPIC;
        if self.coverage < PARTLY || self.news < PARTLY || by_chance {
            Verdict::Unsupported
        } else if self.coverage < SUPPORTED
            || self.news < SUPPORTED
            || self.fault.is_some()
            || (self.short && self.topic < ON_TOPIC)
        {
            Verdict::Partly
        } else {
            Verdict::Supported
        }
    }

    /// By how much it is the one that carries the sentence.
    pub fn strength(&self) -> f32 {
        self.coverage + topic_weight(self.short) * self.topic
    }
}

/// What words of the question count in a source beside those of the answer: for a sentence, enough to choose between
/// places that have the same words of it, and hardly more; a phrase may stand anywhere, so they decide.
fn topic_weight(short: bool) -> f32 {
    if short { 0.5 } else { 0.15 }
}

/// Words that carry meaning which a phrase has at most.
const PHRASE: usize = 5;

/// Topic that the source of a phrase must have.
const ON_TOPIC: f32 = 0.25;

/// Share of a sentence's words that its source must have for it to be supported, and partly so.
const SUPPORTED: f32 = 0.6;
const PARTLY: f32 = 0.35;

impl<'a> SourceText<'a> {
    /// The sentences of `text` that touch `within` (a passage's span on its page). Whole sentences
    /// are taken even where the passage begins or ends inside one. `place` is what stands above them: the
    /// document's title and the headings.
    pub fn new(text: &'a str, within: CharSpan, place: &str) -> Self {
        let index = CharIndex::new(text);
        let sentences = text::sentences(text)
            .into_iter()
            .filter(|range| index.span(range.clone()).overlaps(within))
            .map(|range| {
                let terms = content_terms(&text[range.clone()]).into_iter().collect();
                (range, terms)
            })
            .collect();
        Self {
            text,
            index,
            sentences,
            place: content_terms(place).into_iter().collect(),
        }
    }

    /// Where `sentence`, without markers, disagrees with the source's sentences from `i` to `last`.
    fn fault(&self, sentence: &str, asked: &HashSet<Term>, i: usize, last: usize) -> Option<Fault> {
        let range = self.sentences[i].0.start..self.sentences[last].0.end;
        let source = &self.text[range];
        let mut known: HashSet<Term> = asked.union(&self.place).cloned().collect();
        // "He" was named a little earlier.
        if source
            .unicode_words()
            .any(|word| PRONOUNS.contains(&word.to_lowercase().as_str()))
        {
            let before = &self.sentences[i.saturating_sub(2)..i];
            known.extend(before.iter().flat_map(|(_, terms)| terms).cloned());
        }
        Facts::of(sentence).fault(&Facts::of(source), &known)
    }

    /// The one sentence, or two sentences in a row, that carry `sentence` best; `asked` are the words
    /// of the question it answers. None if no word of it stands in the source.
    pub fn align(&self, sentence: &str, asked: &HashSet<Term>) -> Option<Alignment> {
        let plain = without_markers(sentence);
        let weights = weigh(&plain, asked);
        if weights.is_empty() {
            return None;
        }
        let short = weights.len() <= PHRASE;
        let covered = |terms: &dyn Fn(&Term) -> bool| share(weights.iter(), terms);
        let mut best: Option<(f32, Alignment, usize, usize)> = None;
        for i in 0..self.sentences.len() {
            for last in [i, i + 1] {
                let Some((end, _)) = self.sentences.get(last) else {
                    continue;
                };
                let has = |term: &Term| self.has(i, last, term);
                let coverage = covered(&has);
                // A second sentence must bring something: quotes are as short as they can be.
                let extra = if last > i { 0.12 } else { 0.0 };
                let topic = self.topic(asked, i, last);
                let score = coverage + topic_weight(short) * topic - extra;
                if coverage > 0.0 && best.as_ref().is_none_or(|(top, ..)| score > *top) {
                    let range = self.sentences[i].0.start..end.end;
                    let alignment = Alignment {
                        span: self.index.span(range.clone()),
                        quote: self.text[range].to_owned(),
                        coverage,
                        fault: None,
                        news: share(weights.iter().filter(|(term, _)| !asked.contains(term)), &has),
                        topic,
                        short,
                        only_numbers: weights.keys().any(|term| !term.is_number())
                            && !weights.keys().any(|term| !term.is_number() && has(term)),
                    };
                    best = Some((score, alignment, i, last));
                }
            }
        }
        let (_, alignment, i, last) = best?;
        Some(Alignment {
            fault: self.fault(&plain, asked, i, last),
            ..alignment
        })
    }

    fn has(&self, i: usize, last: usize, term: &Term) -> bool {
        self.sentences[i..=last]
            .iter()
            .any(|(_, terms)| terms.contains(term))
    }

    /// See [`Alignment::topic`]. "He" and "the city" were named a little earlier.
    fn topic(&self, asked: &HashSet<Term>, i: usize, last: usize) -> f32 {
        if asked.is_empty() {
            return 1.0;
        }
        let (before, behind) = (i.saturating_sub(1), (last + 1).min(self.sentences.len() - 1));
        let counts = asked.iter().map(|term| {
            if self.has(i, last, term) {
                1.0
            } else if self.place.contains(term) || self.has(before, behind, term) {
                0.5
            } else {
                0.0
            }
        });
        counts.sum::<f32>() / asked.len() as f32
    }
}

/// Words that stand for a name in the sentences before.
const PRONOUNS: &[&str] = &[
    "he", "she", "it", "they", "him", "her", "his", "its", "their", "them", "this", "these", "who", "er",
    "sie", "es", "sein", "seine", "ihr", "ihre",
];

/// The weighted share of `terms` that `has` says are there; 1 if there are none.
fn share<'t>(terms: impl Iterator<Item = (&'t Term, &'t f32)>, has: &dyn Fn(&Term) -> bool) -> f32 {
    let (mut found, mut all) = (0.0, 0.0);
    for (term, weight) in terms {
        all += weight;
        found += if has(term) { *weight } else { 0.0 };
    }
    if all > 0.0 { found / all } else { 1.0 }
}

/// The words that a sentence without markers asserts, with what each weighs: numbers and names more than others, and words
/// of the question less, so that the quote is where the answer stands.
fn weigh(sentence: &str, asked: &HashSet<Term>) -> HashMap<Term, f32> {
    let names: HashSet<Term> = sentence
        .split_whitespace()
        .skip(1)
        .filter(|word| word.starts_with(char::is_uppercase))
        .flat_map(content_terms)
        .collect();
    content_terms(sentence)
        .into_iter()
        .map(|term| {
            let weight = if term.is_number() {
                2.0
            } else if names.contains(&term) {
                1.5
            } else {
                1.0
            };
            let weight = if asked.contains(&term) {
                weight * 0.7
            } else {
                weight
            };
            (term, weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markers_are_read_in_all_their_forms() {
        assert_eq!(markers("A [1]. B [2, 3] [x] [0] c [4]"), [1, 2, 3, 4]);
        assert_eq!(without_markers("A [1]. B [2, 3]."), "A. B.");
    }

    #[test]
    fn markers_of_passages_that_were_not_supplied_cannot_be_written() {
        let only = OnlySupplied { count: 12 };
        for (text, piece, may) in [
            ("x ", "[1", true),
            ("x [1", "2", true),
            ("x [1", "3", false),
            ("x [1", "]", true),
            ("x [", "0", false),
            ("x ", "[13]", false),
            ("x [1", ", 2]", true),
            ("x [1, ", "99]", false),
            ("see ", "[sic]", true),
            ("x [2", "4", false),
            ("x [1]", " y", true),
            ("", "[1]", false),
            ("[", "1", false),
            (" ", "[", false),
            ("", "[sic]", true),
            ("x\n", " [2", false),
            ("x", "\n\n[2] (", false),
            ("x [1] ", "[2]", true),
        ] {
            assert_eq!(only.allows(text, piece), may, "{text:?} + {piece:?}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_allowed_pieces_makes_a_wrong_marker(
            count in 0u32..15,
            pieces in prop::collection::vec("(\\[|\\]|[0-9]|, |a| |\\[[0-9]{1,2}\\])", 0..40),
        ) {
            let only = OnlySupplied { count };
            let mut text = String::new();
            for piece in pieces {
                if only.allows(&text, &piece) {
                    text.push_str(&piece);
                }
            }
            prop_assert!(markers(&text).iter().all(|n| (1..=count).contains(n)), "{}", text);
        }

        #[test]
        fn a_quote_is_the_source_text_at_its_span(text in "([A-Za-zäß]{1,8}[ .]){1,60}", sentence in "([a-z]{1,8} ){1,8}") {
            let end = text.chars().count() as u32;
            let source = SourceText::new(&text, CharSpan::new(0, end), "");
            if let Some(found) = source.align(&sentence, &HashSet::new()) {
                prop_assert_eq!(found.span.of(&text), found.quote);
            }
        }
    }

    #[test]
    fn a_sentence_is_aligned_with_the_words_that_carry_it() {
        let page =
            "The keeper lives in the tower. The lamp must be cleaned every 14 days.\nRent is 300 euros.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let none = HashSet::new();
        let found = source
            .align("The lamp is cleaned every 14 days [1].", &none)
            .unwrap();
        assert_eq!(found.quote, "The lamp must be cleaned every 14 days.");
        assert_eq!(found.verdict(), Verdict::Supported);
        let wrong = source.align("The lamp is cleaned every 15 days.", &none).unwrap();
        assert_ne!(wrong.verdict(), Verdict::Supported);
    }

    #[test]
    fn of_two_sentences_with_the_answer_the_one_about_the_question_is_quoted() {
        let page = "The pump holds 38 litres. It was painted. The generator burns 38 litres an hour.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let asked = content_terms("How much does the generator burn?")
            .into_iter()
            .collect();
        let found = source.align("38 litres", &asked).unwrap();
        assert_eq!(found.quote, "The generator burns 38 litres an hour.");
    }

    #[test]
    fn a_number_alone_proves_no_phrase() {
        let page = "Maintenance\n\n2. Filter einsetzen.\n3. Deckel schließen.\n\nThe rent is paid 3 times.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).map(|found| found.verdict())
        };
        let list = SourceText::new(page, CharSpan::new(0, 55), "");
        let asked = content_terms("Wie oft muss der Motor geölt werden?")
            .into_iter()
            .collect();
        let chance = list.align("3 mal im Jahr", &asked).unwrap();
        assert_eq!(chance.quote, "3. Deckel schließen.");
        assert_eq!(chance.verdict(), Verdict::Unsupported);
        assert_eq!(
            verdict("How often is the rent paid?", "3 times"),
            Some(Verdict::Supported)
        );
        assert_eq!(
            verdict("How many closings are there?", "3"),
            Some(Verdict::Partly)
        );
    }

    #[test]
    fn words_of_the_question_prove_nothing() {
        let page = "The plague was less common in the Kingdom of Poland. The Treaty of Maastricht created the European Union.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).map(|found| found.verdict())
        };
        let capital = verdict(
            "What is the capital of Poland?",
            "The capital of Poland is Warsaw.",
        );
        assert_eq!(capital, Some(Verdict::Unsupported));
        let question = "Which treaty created the European Union?";
        let nice = verdict(question, "The Treaty of Nice created the European Union.");
        assert_eq!(nice, Some(Verdict::Unsupported));
        let right = verdict(question, "The Treaty of Maastricht created the European Union.");
        assert_eq!(right, Some(Verdict::Supported));
        let yes = verdict(question, "A treaty created the European Union.");
        assert_eq!(yes, Some(Verdict::Supported));
    }
}
