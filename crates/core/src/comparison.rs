//! Requests to compare two things, told by their wording, English or German. One search for both finds the passages of
//! the one that is written about more; each needs its own.

use std::sync::LazyLock;

use regex::Regex;

use crate::find::Language;
use crate::text::{bare_question, compile, content_terms};

/// A request to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The two things.
    pub sides: [String; 2],
    /// In what respect, if the request says so.
    pub respect: Option<String>,
    /// The language it was asked in.
    pub language: Language,
}

/// Most words of a side; longer ones are no things but clauses.
const SIDE_WORDS: usize = 10;

impl Comparison {
    /// Reads a question, without filters; none if it asks for something else.
    pub fn detect(question: &str) -> Option<Self> {
        let question = bare_question(question);
        PATTERNS.iter().find_map(|(language, pattern)| {
            let found = pattern.captures(&question)?;
            let second = found.name("b").or(found.name("other"))?;
            let sides = [&found["a"], second.as_str()].map(|side| bare(side, *language));
            let things = sides
                .iter()
                .all(|side| !content_terms(side).is_empty() && side.split_whitespace().count() <= SIDE_WORDS);
            let differ = sides[0].to_lowercase() != sides[1].to_lowercase();
            (things && differ).then(|| Self {
                respect: found.name("r").map(|respect| bare(respect.as_str(), *language)),
                sides,
                language: *language,
            })
        })
    }

    /// One side, in the respect asked about.
    pub fn about(&self, side: &str) -> String {
        let of = match self.language {
            Language::English => "of",
            Language::German => "von",
        };
        match &self.respect {
            Some(respect) => format!("{respect} {of} {side}"),
            None => side.to_owned(),
        }
    }
}

/// Without an article.
fn bare(words: &str, language: Language) -> String {
    let article = match language {
        Language::English => &*ENGLISH_ARTICLE,
        Language::German => &*GERMAN_ARTICLE,
    };
    article.replace(words.trim(), "").into_owned()
}

static ENGLISH_ARTICLE: LazyLock<Regex> = LazyLock::new(|| compile("^(?:the|a|an) "));
static GERMAN_ARTICLE: LazyLock<Regex> =
    LazyLock::new(|| compile("^(?:der|die|das|den|dem|des|eine?[nmrs]?) "));

static PATTERNS: LazyLock<Vec<(Language, Regex)>> = LazyLock::new(|| {
    let please = "(?:(?:can|could|would|will) you )?(?:please )?";
    let respect = "(?:,? (?:regarding|concerning|with regard to|with respect to|in regard to|in terms of|in respect of|as to|when it comes to) (?P<r>.+))?";
    let bitte = "(?:(?:kannst|könntest|würdest) du )?(?:bitte )?";
    let bezug = "(?:,? (?:hinsichtlich|bezüglich|in bezug auf|im hinblick auf|was) (?P<r>.+?)(?: betrifft| angeht)?)?";
    let english = [
        format!("{please}compare (?P<a>.+?) (?:and|with|to|against|versus|vs\\.?) (?P<b>.+?){respect}"),
        format!(
            "(?:what(?: is| are|'s|’s)|tell me|show me|explain|list) (?:the )?(?:main |key |biggest )?differences? between (?P<a>.+?) and (?P<b>.+?){respect}"
        ),
        format!(
            "how (?:do|does|did) (?P<a>.+?) (?:and (?P<b>.+?) differ|differ from (?P<other>.+?)){respect}"
        ),
    ];
    let german = [
        format!("{bitte}vergleiche?n? (?:sie )?(?P<a>.+?) (?:und|mit) (?P<b>.+?){bezug}"),
        format!(
            "(?:was (?:ist|sind)|worin (?:besteht|bestehen|liegt|liegen)|welche[rs]? (?:ist|sind)) (?:der|die) (?:wichtigste[n]? )?unterschiede? zwischen (?P<a>.+?) und (?P<b>.+?){bezug}"
        ),
        format!("(?:wie|worin) unterscheide(?:n|t) sich (?P<a>.+?) (?:und|von) (?P<b>.+?){bezug}"),
    ];
    let of = |language| move |pattern: String| (language, compile(&format!("^{pattern}$")));
    english
        .into_iter()
        .map(of(Language::English))
        .chain(german.into_iter().map(of(Language::German)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<(String, String, Option<String>)> {
        Comparison::detect(question).map(|comparison| {
            let [a, b] = comparison.sides;
            (a, b, comparison.respect)
        })
    }

    fn two(a: &str, b: &str, respect: Option<&str>) -> Option<(String, String, Option<String>)> {
        Some((a.into(), b.into(), respect.map(Into::into)))
    }

    #[test]
    fn comparisons_are_told_by_their_wording() {
        assert_eq!(
            read("Compare the old lease with the new lease."),
            two("old lease", "new lease", None)
        );
        assert_eq!(
            read("Can you please compare North Wharf and South Wharf in terms of the rent?"),
            two("North Wharf", "South Wharf", Some("rent"))
        );
        assert_eq!(
            read("What is the difference between gross and net weight?"),
            two("gross", "net weight", None)
        );
        assert_eq!(
            read("How do plan A and plan B differ?"),
            two("plan A", "plan B", None)
        );
        assert_eq!(
            read("How does plan A differ from plan B?"),
            two("plan A", "plan B", None)
        );
        assert_eq!(
            read("Vergleiche den Mietvertrag mit dem Pachtvertrag hinsichtlich der Kündigungsfrist"),
            two("Mietvertrag", "Pachtvertrag", Some("Kündigungsfrist"))
        );
        assert_eq!(
            read("Worin unterscheiden sich Antrag und Bescheid?"),
            two("Antrag", "Bescheid", None)
        );
    }

    #[test]
    fn other_questions_are_not() {
        for other in [
            "Who compared the results?",
            "What does the comparison show?",
            "Compare the offers",
            "Compare this and that",
            "How do I get from Bergen to Voss?",
            "Was ist der Unterschied?",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
