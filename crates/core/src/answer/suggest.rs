//! What could be asked next: about parts of the documents that were found for a question and not used in its answer.
//!
//! Nothing is written by a model. A question is about a heading that stands in a document, and is offered only if a search
//! for it finds that place, with enough evidence for an answer.

use std::collections::HashSet;

use tokio_util::sync::CancellationToken;

use super::Answerer;
use crate::error::Result;
use crate::find::Language;
use crate::query::Query;
use crate::question::goes_its_own_way;
use crate::tables::words::{language, may_be_computed};
use crate::text::{Term, content_terms, one_line};
use crate::types::{Passage, Turn};

/// Questions that are offered.
const OFFERED: usize = 3;
/// Passages searched with.
const PASSAGES: usize = 5;
/// Longest heading, in characters: a longer one is no topic but a sentence.
const HEADING_CHARS: usize = 60;

impl Answerer {
    /// At most three questions that the documents can answer, after this turn, the last of `turns`. None if nothing was
    /// found that was not used.
    ///
    /// # Errors
    /// What searching says, or [`crate::Error::canceled`].
    pub async fn suggest(&self, turns: &[Turn], cancel: &CancellationToken) -> Result<Vec<String>> {
        let Some(turn) = turns.last() else {
            return Ok(Vec::new());
        };
        let asked: Vec<HashSet<Term>> = turns.iter().map(|turn| terms(&turn.question)).collect();
        let mut offered: Vec<String> = Vec::new();
        for topic in topics(turn) {
            let question = topic.question(language(&turn.question));
            let new = asked.iter().all(|asked| !topic.terms.is_subset(asked));
            if !new || !is_plain(&question) || offered.contains(&question) {
                continue;
            }
            let query = Query::parse(&question);
            let scope = turn.answer.trace.scope.clone();
            let found = self.retrieve(query, scope, PASSAGES, cancel).await?;
            let leads_there = found.passages.iter().any(|passage| {
                passage.document == topic.passage.document && passage.headings == topic.passage.headings
            });
            if leads_there && self.gate.passes(&self.gate.measure(&question, &found.passages)) {
                offered.push(question);
            }
            if offered.len() == OFFERED {
                break;
            }
        }
        Ok(offered)
    }
}

/// A heading that the answer did not come from.
struct Topic<'a> {
    passage: &'a Passage,
    heading: String,
    terms: HashSet<Term>,
    /// Whether passages of other documents were found, too.
    several: bool,
}

impl Topic<'_> {
    fn question(&self, language: Language) -> String {
        let (heading, title) = (&self.heading, one_line(&self.passage.title));
        match (language, self.several) {
            (Language::English, true) => format!("What does {title} say about {heading}?"),
            (Language::English, false) => format!("What is said about {heading}?"),
            (Language::German, true) => format!("Was steht in {title} über {heading}?"),
            (Language::German, false) => format!("Was steht über {heading}?"),
        }
    }
}

/// The headings of passages that were found and not cited, in the order they were found, each once.
fn topics(turn: &Turn) -> Vec<Topic<'_>> {
    let answer = &turn.answer;
    let cited: HashSet<u32> = answer.citations.iter().map(|citation| citation.n).collect();
    let (used, unused): (Vec<&Passage>, Vec<&Passage>) = answer
        .passages
        .iter()
        .partition(|passage| cited.contains(&passage.rank));
    let known: HashSet<Term> = used
        .iter()
        .filter_map(|passage| passage.headings.last())
        .flat_map(|h| terms(h))
        .collect();
    let several = answer
        .passages
        .iter()
        .any(|passage| passage.document != answer.passages[0].document);
    let mut topics: Vec<Topic<'_>> = Vec::new();
    for passage in unused {
        // The first heading of a document is its title.
        let Some(heading) = passage
            .headings
            .last()
            .filter(|heading| **heading != passage.title)
        else {
            continue;
        };
        let heading = topic_of(heading);
        let terms = terms(&heading);
        let short = heading.chars().count() <= HEADING_CHARS && !passage.is_marked();
        let new = !terms.is_subset(&known) && topics.iter().all(|other| other.terms != terms);
        if short && new && !terms.is_empty() {
            topics.push(Topic {
                passage,
                heading,
                terms,
                several,
            });
        }
    }
    topics
}

/// A heading without its number and without what stands at its end.
fn topic_of(heading: &str) -> String {
    let line = one_line(heading);
    let words = line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '§' | ' '));
    words.trim_end_matches(['.', ':', '?', '!', ' ']).to_owned()
}

/// Whether a question is answered from passages, and none of its words is taken for a filter.
fn is_plain(question: &str) -> bool {
    let filtered =
        question.contains(['"', '“', '”', '„', '«', '»']) || Query::parse(question).question() != question;
    !filtered && !goes_its_own_way(question) && !may_be_computed(question)
}

fn terms(text: &str) -> HashSet<Term> {
    content_terms(text).into_iter().collect()
}
