//! The sentence that decides a yes-or-no question. Small models say "not found" to nearly all of these, or "yes"; the
//! sentence itself is exact, and cites itself.

use std::collections::{HashMap, HashSet};

use super::stream::{Source, Written, place_words, proved};
use crate::facts::Facts;
use crate::polar::is_polar;
use crate::question::asked_about;
use crate::span::CharIndex;
use crate::text::{Term, content_terms, one_line, sentences};

/// Share of the question that the sentence must speak of, by the weight of its words.
const DECIDES: f32 = 0.7;
/// Share of it that must stand in the sentence itself; the rest may stand above it or beside it.
const ITSELF: f32 = 0.5;
/// What a word weighs that stands above the sentence or beside it.
const NEARBY: f32 = 0.8;
/// How much more the last word weighs.
const FOCUS: f32 = 1.3;
/// Longer stretches are no sentences but lists and tables.
const LONGEST: usize = 400;

/// Words of little weight, for which a source has many others: "Is it allowed?" is decided by "it is forbidden".
const LIGHT: &str = "allowed permitted possible forbidden prohibited required necessary needed need okay ok true correct \
    use used have get got make made do done keep kept put erlaubt gestattet möglich verboten untersagt nötig notwendig \
    erforderlich zulässig richtig wahr darf dürfen muss müssen können soll sollen sollte gibt stehen steht liegen liegt machen \
    gemacht benutzen benutzt nutzen genutzt stellen";

/// The answer of the sentence that decides a question, if it is a yes-or-no question and there is one. It goes through the
/// same checks as what a model writes.
pub(super) fn decided(question: &str, sources: &[Source]) -> Option<Written> {
    if !is_polar(question) {
        return None;
    }
    let (sentence, n) = deciding(question, sources)?;
    proved(question, sources.to_vec(), &sentence, n)
}

/// The sentence among the passages that decides a question, on one line, with its passage's number. None if none speaks of
/// nearly all that the question is about.
fn deciding(question: &str, sources: &[Source]) -> Option<(String, u32)> {
    let light: HashSet<Term> = content_terms(LIGHT).into_iter().collect();
    let mut about = asked_about(question);
    about.retain(|term| !light.contains(term));
    let mut weights = weights(&about, sources);
    // What is asked stands at the end: "with vinegar?".
    let last = content_terms(question)
        .into_iter()
        .rev()
        .find(|term| about.contains(term));
    if let Some(weight) = last.and_then(|last| weights.get_mut(&last)) {
        *weight *= FOCUS;
    }
    // What names or numbers something must be there: another one's rule decides nothing.
    let named = Facts::of(question);
    let must = |term: &Term| term.is_number() || named.names().contains(term);
    let mut best: Option<(f32, String, u32)> = None;
    for source in sources {
        let above = place_words(&source.passage);
        let index = CharIndex::new(&source.page_text);
        let ranges: Vec<_> = sentences(&source.page_text)
            .into_iter()
            .filter(|range| index.span(range.clone()).overlaps(source.passage.span))
            .collect();
        let terms: Vec<Vec<Term>> = ranges
            .iter()
            .map(|range| content_terms(&source.page_text[range.clone()]))
            .collect();
        for (at, range) in ranges.into_iter().enumerate() {
            let text = one_line(&source.page_text[range]);
            // A heading, or another question, decides nothing.
            if text.len() > LONGEST || !text.ends_with(['.', '!', ';', '。']) {
                continue;
            }
            let beside = &terms[at.saturating_sub(1)..terms.len().min(at + 2)];
            let (mut own, mut all, mut whole, mut of_own) = (0.0, 0.0, 0.0, 0.0);
            let (mut heaviest, mut heaviest_own) = (0.0_f32, 0.0_f32);
            let mut another = false;
            for (term, weight) in &weights {
                let is_above = stands_in(term, &above);
                whole += weight;
                // The title says it once for all sentences.
                of_own += if is_above { 0.0 } else { *weight };
                if stands_in(term, &terms[at]) {
                    own += weight;
                    all += weight;
                    heaviest_own = heaviest_own.max(*weight);
                } else if is_above {
                    all += NEARBY * weight;
                } else if beside.iter().any(|terms| stands_in(term, terms)) {
                    all += NEARBY * weight;
                    heaviest = heaviest.max(*weight);
                } else {
                    another |= must(term);
                }
            }
            // Where a neighbour has the rarest word, it is the neighbour that decides.
            let speaks = heaviest_own > 0.0
                && heaviest_own >= heaviest
                && own >= ITSELF * of_own
                && all >= DECIDES * whole
                && !another;
            if speaks && best.as_ref().is_none_or(|(most, ..)| own + all > *most) {
                best = Some((own + all, text, source.passage.rank));
            }
        }
    }
    best.map(|(_, text, n)| (text, n))
}

/// Words that few sentences of the passages have weigh more, and those that none has most.
fn weights<'t>(about: &'t HashSet<Term>, sources: &[Source]) -> HashMap<&'t Term, f32> {
    let texts = sources.iter().flat_map(|source| {
        let text = &source.passage.text;
        let said = sentences(text)
            .into_iter()
            .map(|range| content_terms(&text[range]));
        said.chain([place_words(&source.passage)])
    });
    let texts: Vec<Vec<Term>> = texts.collect();
    let weigh = |term: &'t Term| {
        let with = texts.iter().filter(|terms| stands_in(term, terms)).count();
        let weight = (1.0 + (texts.len() as f32 + 1.0) / (with as f32 + 1.0)).ln();
        (term, weight)
    };
    about.iter().map(weigh).collect()
}

fn stands_in(term: &Term, terms: &[Term]) -> bool {
    terms.iter().any(|there| term.is_form_of(there))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(rank: u32, title: &str, text: &str) -> Source {
        Source::for_test(rank, "a.md", title, text)
    }

    #[test]
    fn the_sentence_that_speaks_of_the_question_decides_it() {
        let sources = [
            source(
                1,
                "Travel policy",
                "A hotel may cost up to 140 pounds, breakfast included. Parking at an airport is not paid.",
            ),
            source(
                2,
                "Corvo 2: user manual",
                "Warranty\n\nThe warranty lasts two years. It does not cover damage by limescale.\n\nDescale it once a month. Use citric acid; vinegar attacks the seals.",
            ),
            source(
                3,
                "House rules",
                "Smoking is forbidden on the stairs.\nFahrräder gehören in den Keller, nicht in den Hausflur.",
            ),
        ];
        let ask = |question| deciding(question, &sources);
        for (question, sentence, n) in [
            (
                "Can the Corvo 2 be descaled with vinegar?",
                "Use citric acid; vinegar attacks the seals.",
                2,
            ),
            (
                "Is parking at an airport paid?",
                "Parking at an airport is not paid.",
                1,
            ),
            (
                "Does the warranty of the Corvo 2 cover damage by limescale?",
                "It does not cover damage by limescale.",
                2,
            ),
            (
                "Is smoking allowed on the stairs?",
                "Smoking is forbidden on the stairs.",
                3,
            ),
            (
                "Dürfen Fahrräder im Hausflur stehen?",
                "Fahrräder gehören in den Keller, nicht in den Hausflur.",
                3,
            ),
        ] {
            assert_eq!(ask(question), Some((sentence.to_owned(), n)), "{question}");
        }
        for unsaid in [
            "Is parking at a station paid?",
            "Does the warranty of the Corvo 3 cover damage by limescale?",
            "Is the hotel allowed to have a pool?",
            "Is it allowed?",
        ] {
            assert_eq!(ask(unsaid), None, "{unsaid}");
        }
    }
}
