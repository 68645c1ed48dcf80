//! Where documents do not agree: beside the source of an answer, a sentence of another document that gives another
//! number, another name or the opposite for the same thing. Both are shown with their dates; which one holds is for
//! the reader to say.

use std::collections::HashSet;

use super::stream::{Source, place_words};
use crate::citation;
use crate::facts::Facts;
use crate::ids::DocumentId;
use crate::span::CharIndex;
use crate::text::{Term, content_terms};
use crate::types::{Citation, Sentence, Verdict};

/// Share of the words of two sentences that must be common for them to be about the same thing, where it is not a number
/// of the same unit that says so.
const ALIKE: f32 = 0.6;
/// Words that must be common besides.
const COMMON: usize = 3;

/// A sentence of a source with what it states.
struct Statement<'a> {
    text: &'a str,
    facts: Facts,
    /// Its words, without numbers.
    terms: HashSet<Term>,
    /// Those of its document's titles and name, and of the headings above it.
    place: HashSet<Term>,
}

impl<'a> Statement<'a> {
    fn new(text: &'a str, source: &Source) -> Self {
        Self {
            text,
            facts: Facts::of(text),
            terms: words(text),
            place: place_words(&source.passage).into_iter().collect(),
        }
    }

    fn says(&self, term: &Term) -> bool {
        self.terms.contains(term) || self.place.contains(term)
    }

    /// Whether the two have enough words in common, names aside.
    fn is_like(&self, other: &Self) -> bool {
        let common = self.plain().filter(|term| other.terms.contains(term)).count();
        let all = self.plain().count() + other.plain().count();
        common >= COMMON && (2 * common) as f32 >= ALIKE * all as f32
    }

    fn plain(&self) -> impl Iterator<Item = &Term> {
        let names = self.facts.names();
        self.terms.iter().filter(|term| !names.contains(term))
    }

    /// Whether it speaks of whatever of the question the other speaks of.
    fn covers(&self, other: &Self, about: &HashSet<Term>) -> bool {
        let wanted: Vec<&Term> = about.iter().filter(|term| other.says(term)).collect();
        // One word of a long question is too little to be about the same thing.
        !wanted.is_empty()
            && wanted.len() * 2 >= about.len()
            && wanted
                .iter()
                .all(|term| self.says(term) || number_in(term, self.text))
            && about.iter().any(|term| self.terms.contains(term))
    }
}

/// For each sentence of an answer that another document contradicts: what carries it, and what the others say, the best
/// sentence of each document. `about` are the words that the question is about.
pub(super) fn disagreements(
    question: &str,
    about: &HashSet<Term>,
    answer: &[Sentence],
    citations: &[Citation],
    sources: &[Source],
) -> Vec<Vec<Citation>> {
    let asked = Facts::of(question);
    let mut found = Vec::new();
    let mut told: HashSet<DocumentId> = HashSet::new();
    let mut citations = citations.iter();
    for sentence in answer {
        let own: Vec<&Citation> = citations.by_ref().take(sentence.citations.len()).collect();
        let Some(carrier) = own.first().filter(|_| sentence.verdict != Verdict::Unsupported) else {
            continue;
        };
        let Some(source) = sources.get(carrier.n as usize - 1) else {
            continue;
        };
        let said = Facts::of(&citation::without_markers(&sentence.text));
        let quoted = Statement::new(&carrier.quote, source);
        let cited: HashSet<&DocumentId> = own.iter().map(|citation| &citation.document).collect();
        let mut sides = vec![(*carrier).clone()];
        for other in sources {
            if cited.contains(&other.passage.document) || told.contains(&other.passage.document) {
                continue;
            }
            if let Some(rival) = rival(&quoted, &said, &asked, about, other) {
                told.insert(other.passage.document.clone());
                sides.push(rival);
            }
        }
        if sides.len() > 1 {
            found.push(sides);
        }
    }
    found
}

/// The sentence or row of `source` that says otherwise than `quoted`, the one with the most words in common.
fn rival(
    quoted: &Statement<'_>,
    said: &Facts,
    asked: &Facts,
    about: &HashSet<Term>,
    source: &Source,
) -> Option<Citation> {
    let index = CharIndex::new(&source.page_text);
    let mut best: Option<(usize, Citation)> = None;
    for range in citation::quotable(&source.page_text) {
        let span = index.span(range.clone());
        if !span.overlaps(source.passage.span) {
            continue;
        }
        let other = Statement::new(&source.page_text[range], source);
        let alike = other.is_like(quoted);
        let of_one_thing = other.covers(quoted, about);
        let differs = (of_one_thing && quoted.facts.counts_otherwise(said, &other.facts, asked, alike))
            || (alike && quoted.facts.names_another(said, &other.facts, asked))
            || (alike && of_one_thing && quoted.facts.reverses(&other.facts, 1));
        if !differs {
            continue;
        }
        let common = other.terms.intersection(&quoted.terms).count();
        if best.as_ref().is_none_or(|(most, _)| common > *most) {
            let citation = source.cite(span, other.text.to_owned(), 0.0);
            best = Some((common, citation));
        }
    }
    best.map(|(_, citation)| citation)
}

fn words(text: &str) -> HashSet<Term> {
    let terms = content_terms(text).into_iter();
    terms.filter(|term| !term.is_number()).collect()
}

fn number_in(term: &Term, text: &str) -> bool {
    term.is_number() && content_terms(text).contains(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::asked_about;
    use crate::span::CharSpan;

    fn source(rank: u32, name: &str, text: &str) -> Source {
        Source::for_test(rank, name, "", text)
    }

    /// What the second document is found to say against an answer from the first, whose whole text is the quote.
    fn against(question: &str, answer: &str, first: (&str, &str), second: (&str, &str)) -> Option<String> {
        let sources = [source(1, first.0, first.1), source(2, second.0, second.1)];
        let citation = Citation {
            n: 1,
            document: first.0.into(),
            revision: "r".into(),
            path: first.0.into(),
            title: String::new(),
            page: 1,
            span: CharSpan::new(0, first.1.chars().count() as u32),
            locator: Default::default(),
            quote: first.1.into(),
            score: 1.0,
        };
        let sentence = Sentence {
            text: format!("{answer} [1]"),
            verdict: Verdict::Supported,
            citations: vec![1],
        };
        let found = disagreements(
            question,
            &asked_about(question),
            &[sentence],
            &[citation],
            &sources,
        );
        assert!(found.len() <= 1);
        let sides = found.into_iter().next()?;
        assert_eq!((sides[0].n, sides[1].n, sides.len()), (1, 2, 2));
        Some(sides[1].quote.clone())
    }

    #[test]
    fn another_number_for_the_same_thing_is_a_disagreement() {
        let old = (
            "lease_2021.md",
            "The tenant pays a monthly rent of 1,200 euros in advance.",
        );
        let new = (
            "lease_2024.md",
            "Keys are handed over on Monday. The rent is 1,450 euros a month.",
        );
        let ask = |question, first, second| against(question, "1,200 euros", first, second);
        assert_eq!(
            ask("How much is the rent?", old, new).as_deref(),
            Some("The rent is 1,450 euros a month.")
        );
        // The question says which of the two is meant.
        assert_eq!(ask("How much is the rent of the 2021 lease?", old, new), None);
        for agrees in [
            "The rent of 1200 EUR is due.",
            "The rent is raised each year.",
            "The rent is due after 14 days.",
            "The garage costs 80 euros.",
        ] {
            assert_eq!(
                ask("How much is the rent?", old, ("b.md", agrees)),
                None,
                "{agrees}"
            );
        }
        assert_eq!(
            ask(
                "How much is the rent of the garage?",
                ("a.md", "The rent of the garage is 1,200 euros."),
                ("b.md", "The rent of the boathouse is 300 euros.")
            ),
            None
        );
    }

    #[test]
    fn the_row_of_another_table_is_what_says_otherwise_and_not_the_whole_table() {
        let ask = |second| {
            against(
                "What is the deposit of the coal pier?",
                "1,200 euros",
                ("fees_2023.md", "Coal pier | 1,200 euros"),
                ("fees_2024.md", second),
            )
        };
        let other =
            "Berth | Deposit\nNorth quay | 900 euros\nCoal pier | 1,450 euros\nOil jetty | 2,000 euros";
        assert_eq!(ask(other).as_deref(), Some("Coal pier | 1,450 euros"));
        let same =
            "Berth | Deposit\nNorth quay | 900 euros\nCoal pier | 1,200 euros\nOil jetty | 2,000 euros";
        assert_eq!(ask(same), None);
    }

    #[test]
    fn numbers_without_a_unit_are_compared_where_they_count_the_same() {
        let first = ("a.md", "The hall has 120 seats and a stage.");
        let ask = |second| {
            against(
                "How many seats does the hall have?",
                "120",
                first,
                ("b.md", second),
            )
        };
        assert!(ask("For 90 seats the hall is let without a guard.").is_some());
        assert_eq!(ask("The hall was built in 1974."), None);
        assert_eq!(ask("The hall with its 120 seats was built in 1974."), None);
    }

    #[test]
    fn other_names_and_denials_count_in_sentences_that_are_alike() {
        let lead = ("a.md", "The compost trial is led by Dr. Ines Okafor.");
        let ask = |second| {
            against(
                "Who leads the compost trial?",
                "Ines Okafor",
                lead,
                ("b.md", second),
            )
        };
        assert!(ask("The compost trial is led by Jonas Lindqvist.").is_some());
        assert_eq!(ask("The compost trial is led by Okafor from Berlin."), None);
        assert_eq!(ask("Jonas Lindqvist visited the compost trial in June."), None);
        let smoking = ("a.md", "Smoking is allowed on the roof terrace.");
        let ask = |second| {
            against(
                "Is smoking allowed on the roof terrace?",
                "Smoking is allowed on the roof terrace.",
                smoking,
                ("b.md", second),
            )
        };
        assert!(ask("Smoking is not allowed on the roof terrace.").is_some());
        assert_eq!(ask("Smoking is allowed on the roof terrace until ten."), None);
    }

    #[test]
    fn what_a_document_says_twice_is_told_once() {
        let sources = [
            source(1, "a.md", "The rent is 1,200 euros."),
            source(2, "b.md", "The rent is 900 euros."),
            source(3, "b.md", "The rent is 950 euros."),
        ];
        let citation = |source: &Source| Citation {
            n: source.passage.rank,
            document: source.passage.document.clone(),
            revision: "r".into(),
            path: source.passage.path.clone(),
            title: String::new(),
            page: 1,
            span: source.passage.span,
            locator: Default::default(),
            quote: source.passage.text.clone(),
            score: 1.0,
        };
        let sentence = |text: &str, citations: Vec<u32>| Sentence {
            text: text.into(),
            verdict: Verdict::Supported,
            citations,
        };
        let question = "How much is the rent?";
        let about = asked_about(question);
        let one = [sentence("1,200 euros [1]", vec![1])];
        let found = disagreements(question, &about, &one, &[citation(&sources[0])], &sources);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].iter().map(|side| side.n).collect::<Vec<_>>(), [1, 2]);
        // An answer that gives both hides nothing.
        let both = [sentence("1,200 or 900 euros [1, 2]", vec![1, 2])];
        let cited = [citation(&sources[0]), citation(&sources[1])];
        assert!(disagreements(question, &about, &both, &cited, &sources).is_empty());
    }
}
