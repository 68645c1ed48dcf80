//! Whether a model computes anything, before it takes the place of one that does.

use std::ops::ControlFlow;

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::ports::{Entailment, GenerateRequest, Generator, Message, Reranker, Sampling, Speaker};
use crate::problem::Problem;

/// Lets a generator write a little, so that what cannot be loaded or does not compute is found out before it is relied on.
///
/// # Errors
/// What the model says, or that it wrote nothing; [`Error::canceled`].
pub fn generator(generator: &dyn Generator, cancel: &CancellationToken) -> Result<()> {
    let messages = [Message {
        speaker: Speaker::User,
        text: "Count from one to five.".into(),
    }];
    let request = GenerateRequest {
        messages: &messages,
        max_tokens: 8,
        stop: &[],
        sampling: Sampling::Greedy,
        constraint: None,
    };
    let written = generator.generate(&request, &mut |_| ControlFlow::Continue(()), cancel)?;
    if cancel.is_cancelled() {
        return Err(Error::canceled());
    }
    if written.text.trim().is_empty() {
        return Err(Error::user("The model writes nothing when it is asked something")
            .problem(Problem::ModelSilent)
            .hint("Choose a model made for conversation (its name often ends in “instruct” or “it”)"));
    }
    Ok(())
}

/// Lets a reranker score two passages.
///
/// # Errors
/// What the model says, or that its scores are not numbers.
pub fn reranker(reranker: &dyn Reranker, cancel: &CancellationToken) -> Result<()> {
    let passages = [
        "The lease ends on 31 March 2027.".to_owned(),
        "Four steel girders carry the deck.".to_owned(),
    ];
    let scores = reranker.rerank("When does the lease end?", &passages, cancel)?;
    if scores.len() == passages.len() && scores.iter().all(|score| score.is_finite()) {
        Ok(())
    } else {
        Err(miscomputes("its scores are not numbers"))
    }
}

/// Lets a grounder judge two sentences.
///
/// # Errors
/// What the model says, or that what it computes are no probabilities.
pub fn grounder(grounder: &dyn Entailment, cancel: &CancellationToken) -> Result<()> {
    let text = "The lease ends on 31 March 2027, and the keys are returned on that day.";
    let sentences = [
        "The lease ends in March 2027.",
        "Four steel girders carry the deck.",
    ];
    let pairs = sentences.map(|sentence| (text.to_owned(), sentence.to_owned()));
    let judged = grounder.infer(&pairs, cancel)?;
    let probability = |value: f32| (0.0..=1.0).contains(&value);
    if judged.len() == pairs.len()
        && judged
            .iter()
            .all(|judged| probability(judged.entailed) && probability(judged.contradicted))
    {
        Ok(())
    } else {
        Err(miscomputes("what it computes are no probabilities"))
    }
}

fn miscomputes(what: &str) -> Error {
    Error::runtime(format!("The model computes what cannot be: {what}"))
        .problem(Problem::ModelMiscomputes { detail: what.into() })
        .hint("Choose another model")
}

#[cfg(test)]
mod tests {
    use crate::ports::Inference;

    use super::*;

    struct Scores(Vec<f32>);

    impl Reranker for Scores {
        fn id(&self) -> String {
            "scores".into()
        }

        fn rerank(&self, _: &str, _: &[String], _: &CancellationToken) -> Result<Vec<f32>> {
            Ok(self.0.clone())
        }
    }

    #[test]
    fn a_reranker_whose_scores_are_no_numbers_is_not_taken() {
        let proved = |scores: &[f32]| reranker(&Scores(scores.to_vec()), &CancellationToken::new());
        assert!(proved(&[0.9, -3.0]).is_ok());
        for broken in [&[0.9][..], &[f32::NAN, 0.1], &[f32::INFINITY, 0.1]] {
            assert!(proved(broken).unwrap_err().message.contains("not numbers"));
        }
    }

    struct Judges(Vec<(f32, f32)>);

    impl Entailment for Judges {
        fn id(&self) -> String {
            "judges".into()
        }

        fn infer(&self, _: &[(String, String)], _: &CancellationToken) -> Result<Vec<Inference>> {
            let judged = self.0.iter();
            Ok(judged
                .map(|&(entailed, contradicted)| Inference {
                    entailed,
                    contradicted,
                })
                .collect())
        }
    }

    #[test]
    fn a_grounder_that_computes_no_probabilities_is_not_taken() {
        let proved = |judged: &[(f32, f32)]| grounder(&Judges(judged.to_vec()), &CancellationToken::new());
        assert!(proved(&[(0.9, 0.05), (0.0, 1.0)]).is_ok());
        for broken in [
            &[(0.9, 0.1)][..],
            &[(f32::NAN, 0.1), (0.2, 0.1)],
            &[(0.2, 0.1), (1.7, -3.0)],
        ] {
            assert!(proved(broken).unwrap_err().message.contains("no probabilities"));
        }
    }
}
