//! Whether a model computes anything, before it takes the place of one that does.

use std::ops::ControlFlow;

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::ports::{GenerateRequest, Generator, Message, Reranker, Sampling, Speaker};
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
        Err(Error::runtime("The model's scores are not numbers")
            .problem(Problem::ModelMiscomputes {
                detail: "its scores are not numbers".into(),
            })
            .hint("Choose another model"))
    }
}

#[cfg(test)]
mod tests {
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
}
