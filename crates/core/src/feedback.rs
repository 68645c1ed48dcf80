//! A second look at what both searches found: the best of it says what the question is about.
//!
//! Pseudo-relevance feedback. The vector of the question moves towards those of the best passages (Rocchio, "Relevance
//! Feedback in Information Retrieval", 1971), and the words that set those passages apart are looked for in all
//! candidates (after Lavrenko and Croft, "Relevance-Based Language Models", SIGIR 2001, over the candidates alone).
//! Nothing is searched again. What each of meaning, words and feedback gives is scaled to 0 to 1 over the candidates and
//! added up.
//!
//! The numbers below were chosen on Cranfield, NFCorpus and the paragraphs of SQuAD 2.0, where anything near them does
//! nearly as well: see `BENCHMARKS.md`.

use std::collections::HashMap;

use crate::text::Term;

/// Most candidates that are taken for relevant, and how many there must be for each.
const TRUSTED: usize = 3;
const FOR_EACH: usize = 8;
/// Weight of their mean vector beside that of the question.
const SHIFT: f32 = 0.5;
/// Words of theirs that are looked for.
const WORDS: usize = 20;
/// Weights of meaning, the question's own words, and the words of the trusted.
const WEIGHTS: [f32; 3] = [0.4, 0.3, 0.3];
/// BM25's saturation and its weight of length.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What is known of a candidate.
pub(crate) struct Candidate<'a> {
    /// Its words.
    pub terms: &'a [Term],
    /// Its vector, of length one; empty if it cannot be compared with the question's.
    pub vector: &'a [f32],
    /// What the search by words gave it, if it found it.
    pub by_text: Option<f32>,
    /// What the search by meaning gave it, if it found it.
    pub by_vector: Option<f32>,
}

/// A number from 0 to 1 for each candidate, the higher the better; none if they are too few to tell anything from.
/// `candidates`: best first, as far as is known; `question`: its vector, if there is one to compare with.
pub(crate) fn look_again(question: Option<&[f32]>, candidates: &[Candidate<'_>]) -> Option<Vec<f32>> {
    let trusted = TRUSTED.min(candidates.len() / FOR_EACH);
    if trusted == 0 {
        return None;
    }
    let meaning = question.map_or_else(
        || candidates.iter().map(|candidate| candidate.by_vector).collect(),
        |question| nearness(question, candidates, trusted),
    );
    let words = candidates.iter().map(|candidate| candidate.by_text).collect();
    let parts = [meaning, words, likeness(candidates, trusted)].map(scaled);
    let sum = |at: usize| {
        let weighted = parts.iter().zip(WEIGHTS).map(|(part, weight)| weight * part[at]);
        weighted.sum()
    };
    Some((0..candidates.len()).map(sum).collect())
}

/// Cosines with the question's vector, moved towards the trusted candidates'.
fn nearness(question: &[f32], candidates: &[Candidate<'_>], trusted: usize) -> Vec<Option<f32>> {
    let comparable = |candidate: &&Candidate<'_>| candidate.vector.len() == question.len();
    let trusted: Vec<_> = candidates.iter().take(trusted).filter(comparable).collect();
    let mut moved = question.to_vec();
    for candidate in &trusted {
        for (moved, number) in moved.iter_mut().zip(candidate.vector) {
            *moved += SHIFT / trusted.len() as f32 * number;
        }
    }
    candidates
        .iter()
        .map(|candidate| {
            comparable(&candidate).then(|| moved.iter().zip(candidate.vector).map(|(a, b)| a * b).sum())
        })
        .collect()
}

/// How much each candidate has of the words that set the trusted ones apart.
fn likeness(candidates: &[Candidate<'_>], trusted: usize) -> Vec<Option<f32>> {
    let counts: Vec<HashMap<&Term, f32>> = candidates
        .iter()
        .map(|candidate| counted(candidate.terms))
        .collect();
    let mut holding: HashMap<&Term, f32> = HashMap::new();
    for term in counts.iter().flat_map(HashMap::keys) {
        *holding.entry(term).or_default() += 1.0;
    }
    let total = candidates.len() as f32;
    let rarity = |term: &Term| {
        let holding = holding.get(term).copied().unwrap_or_default();
        (1.0 + (total - holding + 0.5) / (holding + 0.5)).ln()
    };
    let mut weights: HashMap<&Term, f32> = HashMap::new();
    for (rank, (candidate, counts)) in candidates.iter().zip(&counts).take(trusted).enumerate() {
        for (term, count) in counts {
            let share = count / candidate.terms.len() as f32 / (rank + 1) as f32;
            *weights.entry(term).or_default() += share * rarity(term);
        }
    }
    let mut wanted: Vec<(&Term, f32)> = weights.into_iter().collect();
    // By the word too, because the order of a hash map is another each time.
    wanted.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    wanted.truncate(WORDS);

    let lengths: usize = candidates.iter().map(|candidate| candidate.terms.len()).sum();
    let mean = (lengths as f32 / total).max(1.0);
    let score = |candidate: &Candidate<'_>, counts: &HashMap<&Term, f32>| {
        let length = K1 * (1.0 - B + B * candidate.terms.len() as f32 / mean);
        let of = |(term, weight): &(&Term, f32)| {
            let count = counts.get(term).copied().unwrap_or_default();
            weight * count * (K1 + 1.0) / (count + length)
        };
        wanted.iter().map(of).sum()
    };
    candidates
        .iter()
        .zip(&counts)
        .map(|(candidate, counts)| Some(score(candidate, counts)))
        .collect()
}

fn counted(terms: &[Term]) -> HashMap<&Term, f32> {
    let mut counts = HashMap::new();
    for term in terms {
        *counts.entry(term).or_default() += 1.0;
    }
    counts
}

/// The numbers from 0, the least, to 1, the largest; 0 for none. If all are equal, each is 1.
fn scaled(scores: Vec<Option<f32>>) -> Vec<f32> {
    let known = || scores.iter().flatten().copied().filter(|score| score.is_finite());
    let (least, most) = (
        known().fold(f32::INFINITY, f32::min),
        known().fold(f32::NEG_INFINITY, f32::max),
    );
    let scale = |score: Option<f32>| match score {
        Some(score) if most > least => ((score - least) / (most - least)).clamp(0.0, 1.0),
        Some(_) => 1.0,
        None => 0.0,
    };
    scores.into_iter().map(scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::content_terms;
    use proptest::prelude::*;

    /// A pool of eight: what is given, and others that have nothing to do with it.
    fn looked(question: Option<&[f32]>, pool: &[(&str, &[f32], Option<f32>)]) -> Vec<f32> {
        let others = (pool.len()..8).map(|_| ("Bread is baked.", &[][..], None));
        let pool: Vec<_> = pool.iter().copied().chain(others).collect();
        let terms: Vec<Vec<Term>> = pool.iter().map(|(text, ..)| content_terms(text)).collect();
        let candidates: Vec<Candidate<'_>> = pool
            .iter()
            .zip(&terms)
            .map(|(&(_, vector, by_text), terms)| Candidate {
                terms,
                vector,
                by_text,
                by_vector: Some(0.5),
            })
            .collect();
        look_again(question, &candidates).expect("enough candidates")
    }

    #[test]
    fn few_candidates_are_left_as_they_are() {
        let candidate = || Candidate {
            terms: &[],
            vector: &[],
            by_text: None,
            by_vector: None,
        };
        let few: Vec<_> = (0..FOR_EACH - 1).map(|_| candidate()).collect();
        assert!(look_again(None, &few).is_none());
    }

    #[test]
    fn a_candidate_that_speaks_of_what_the_best_speak_of_comes_forward() {
        let scores = looked(
            None,
            &[
                (
                    "The keeper trims the lamp's wick with brass scissors.",
                    &[],
                    Some(3.0),
                ),
                (
                    "A wick of the lamp is cut with scissors each week.",
                    &[],
                    Some(2.9),
                ),
                ("Scissors for the wick hang beside the lamp.", &[], Some(2.8)),
                ("The harbour has a lamp.", &[], Some(1.0)),
                ("Brass scissors cut the wick.", &[], Some(1.0)),
            ],
        );
        assert!(scores[4] > scores[3], "{scores:?}");
    }

    #[test]
    fn the_question_moves_towards_the_meaning_of_the_best() {
        let pool: [(&str, &[f32], Option<f32>); 5] = [
            ("one", &[0.8, 0.6, 0.0], None),
            ("two", &[0.8, 0.6, 0.0], None),
            ("three", &[0.8, 0.6, 0.0], None),
            ("four", &[0.6, 0.0, 0.8], None),
            ("five", &[0.6, 0.8, 0.0], None),
        ];
        let scores = looked(Some(&[1.0, 0.0, 0.0]), &pool);
        assert!(
            scores[4] > scores[3],
            "equally near to the question alone: {scores:?}"
        );
        let other = looked(Some(&[1.0, 0.0]), &pool);
        assert!(
            other.iter().all(|score| score.is_finite()),
            "vectors of another embedder: {other:?}"
        );
    }

    proptest! {
        #[test]
        fn scores_are_within_bounds_and_always_the_same(
            pool in prop::collection::vec(("[a-e ]{0,20}", prop::option::of(0.0f32..9.0)), 0..12),
        ) {
            let pool: Vec<(&str, &[f32], Option<f32>)> =
                pool.iter().map(|(text, score)| (text.as_str(), &[][..], *score)).collect();
            let scores = looked(None, &pool);
            prop_assert_eq!(&scores, &looked(None, &pool));
            prop_assert!(scores.iter().all(|score| (0.0..=1.0001).contains(score)));
        }
    }
}
