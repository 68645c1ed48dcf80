//! How alike an embedder finds texts, measured: what the evidence gate needs to know of one that no table knows.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::ports::{Embedder, TextRole};
use crate::problem::Problem;
use crate::retrieve::CalibratedEmbedder;

/// Questions with the passages that answer them, each pair about something else.
const PAIRS: [(&str, &str); 8] = [
    (
        "When does the lease end?",
        "The lease of the premises ends on 31 March 2027 unless both parties agree in writing to renew it.",
    ),
    (
        "What dose of amoxicillin was prescribed?",
        "The patient was given 500 mg of amoxicillin three times a day for a week.",
    ),
    (
        "How is the bridge deck supported?",
        "Four steel girders carry the deck; each rests on elastomeric bearings on top of the piers.",
    ),
    (
        "Who won the 1966 World Cup?",
        "England beat West Germany 4–2 at Wembley in the final of the 1966 football World Cup.",
    ),
    (
        "Wie lange ist die Kündigungsfrist?",
        "Das Arbeitsverhältnis kann von beiden Seiten mit einer Frist von drei Monaten zum Quartalsende gekündigt werden.",
    ),
    (
        "What temperature must the freezer have?",
        "Samples are kept at minus 80 degrees; an alarm sounds when the freezer gets warmer than minus 70.",
    ),
    (
        "How do I reset the router?",
        "Press and hold the small button at the back of the device for ten seconds to restore its factory settings.",
    ),
    (
        "What does the insurance not cover?",
        "Damage caused by war, by nuclear energy or by the insured person's own intent is excluded from the policy.",
    ),
];

/// Embeds a few questions with their answers, and takes the median similarity of question and own answer as
/// `related`, that of question and other answers as `unrelated`. Sixteen short texts.
///
/// # Errors
/// What the embedder says, and vectors that tell nothing apart.
pub fn calibrate(embedder: Arc<dyn Embedder>, cancel: &CancellationToken) -> Result<CalibratedEmbedder> {
    let questions: Vec<String> = PAIRS.iter().map(|(question, _)| (*question).to_owned()).collect();
    let passages: Vec<String> = PAIRS.iter().map(|(_, passage)| (*passage).to_owned()).collect();
    let questions = embedder.embed(&questions, TextRole::Query, cancel)?;
    let passages = embedder.embed(&passages, TextRole::Passage, cancel)?;
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for (q, question) in questions.iter().enumerate() {
        for (p, passage) in passages.iter().enumerate() {
            let cosine = question.iter().zip(passage).map(|(a, b)| a * b).sum::<f32>();
            if q == p { &mut own } else { &mut other }.push(cosine);
        }
    }
    let (related, unrelated) = (median(own), median(other));
    if related > unrelated {
        Ok(CalibratedEmbedder {
            embedder,
            unrelated,
            related,
        })
    } else {
        let id = embedder.id();
        Err(Error::user(format!(
            "The embedder {id} does not tell answers from other texts"
        ))
        .problem(Problem::ModelUnsuitable {
            detail: format!("{id} does not tell answers from other texts"),
        })
        .hint("It may be made for another task; choose an embedder made for search"))
    }
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::FakeEmbedder;

    /// Every text is the same to it.
    struct Blind;

    impl Embedder for Blind {
        fn id(&self) -> String {
            "blind".into()
        }
        fn dimension(&self) -> usize {
            2
        }
        fn max_tokens(&self) -> usize {
            512
        }
        fn embed(&self, texts: &[String], _: TextRole, _: &CancellationToken) -> Result<Vec<Vec<f32>>> {
            Ok(vec![vec![1.0, 0.0]; texts.len()])
        }
        fn token_offsets(&self, _: &str) -> Result<Vec<std::ops::Range<usize>>> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn own_answers_are_nearer_than_others() {
        let cancel = CancellationToken::new();
        let found = calibrate(Arc::new(FakeEmbedder::default()), &cancel).unwrap();
        assert!(found.unrelated < found.related && found.related < 1.0);
        let error = calibrate(Arc::new(Blind), &cancel).err().unwrap();
        assert!(error.message.contains("blind") && error.hint.is_some());
    }
}
