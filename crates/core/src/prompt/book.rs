//! Which prompts there are, and which text of each is in use.

use std::borrow::Cow;
use std::collections::HashMap;

use super::copies::{PromptCopies, PromptCopy};
use super::{ABOUT, LONGEST, NOT_FOUND, SENTENCES};
use crate::error::{Error, ErrorCode, Result};
use crate::polar::is_polar;
use crate::problem::Problem;

/// A prompt that comes with Footnote.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Name and version.
    pub id: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The template: instructions, and behind a line of `---` what stands behind the passages.
    pub text: &'static str,
    /// What each copy must have, because what the model writes could not be understood without it.
    needs: &'static [&'static str],
}

/// All of them.
pub const BUILT_IN: [BuiltIn; 6] = [ANSWER, ANSWER_BRIEF, DECIDE, SUMMARY, FACTS_ABOUT, REWRITE];

/// For models that keep to one simple rule: sentences.
const ANSWER: BuiltIn = BuiltIn {
    id: "answer.v1",
    purpose: "Answers of models with less than half a billion weights",
    text: include_str!("../../../../assets/prompts/answer.v1.txt"),
    needs: &[NOT_FOUND],
};
/// For models that can tell what a question needs: a phrase, or sentences.
const ANSWER_BRIEF: BuiltIn = BuiltIn {
    id: "answer-brief.v1",
    purpose: "Answers of larger models",
    text: include_str!("../../../../assets/prompts/answer-brief.v1.txt"),
    needs: &[NOT_FOUND],
};
/// For yes-or-no questions, whatever the model: asked as others are, models say that nothing is found.
const DECIDE: BuiltIn = BuiltIn {
    id: "decide.v1",
    purpose: "Yes-or-no questions",
    text: include_str!("../../../../assets/prompts/decide.v1.txt"),
    needs: &[NOT_FOUND],
};
/// The most important facts: of a document's section, or of what was noted about its sections.
const SUMMARY: BuiltIn = BuiltIn {
    id: "summary.v1",
    purpose: "Summaries",
    text: include_str!("../../../../assets/prompts/summary.v1.txt"),
    needs: &[SENTENCES],
};
/// The facts about one thing.
const FACTS_ABOUT: BuiltIn = BuiltIn {
    id: "about.v1",
    purpose: "Each side of a comparison",
    text: include_str!("../../../../assets/prompts/about.v1.txt"),
    needs: &[SENTENCES, ABOUT, NOT_FOUND],
};
/// What makes a follow-up stand alone.
const REWRITE: BuiltIn = BuiltIn {
    id: "rewrite.v2",
    purpose: "Follow-ups, made to stand alone",
    text: include_str!("../../../../assets/prompts/rewrite.v2.txt"),
    needs: &["JSON"],
};

/// Weights, embeddings aside, from which on [`ANSWER_BRIEF`] is the better one, and [`PassageOrder::BestAtTheEnds`] the better
/// order. Measured on models of 0.2 and 0.8 billion; see `BENCHMARKS.md`.
const WEIGHTS_OF_LARGE: u64 = 500_000_000;

impl BuiltIn {
    /// The prompt of that id.
    ///
    /// # Errors
    /// There is none.
    pub fn of(id: &str) -> Result<&'static Self> {
        BUILT_IN.iter().find(|prompt| prompt.id == id).ok_or_else(|| {
            let known: Vec<&str> = BUILT_IN.iter().map(|prompt| prompt.id).collect();
            Error::user(format!("There is no prompt {id}"))
                .code(ErrorCode::NotFound)
                .problem(Problem::Gone)
                .hint(format!("There are {}", known.join(", ")))
        })
    }

    /// A copy's text as it is kept: lines that end as everywhere, none of them blank at the end.
    ///
    /// # Errors
    /// It is empty, too long, or lacks what must be in it.
    pub fn checked(&self, text: &str) -> Result<String> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.trim().is_empty() {
            return Err(Error::user(format!("The copy of {} is empty", self.id))
                .problem(Problem::PromptEmpty)
                .hint("Write what the model is to do"));
        }
        let length = text.chars().count();
        if length > LONGEST {
            return Err(Error::user(format!(
                "The copy of {} has {length} characters, and every question would wait for them",
                self.id
            ))
            .problem(Problem::PromptTooLong {
                length: length as u32,
                most: LONGEST as u32,
            })
            .hint(format!("Shorten it to {LONGEST}")));
        }
        if let Some(lacking) = self.needs.iter().find(|needed| !text.contains(**needed)) {
            return Err(
                Error::user(format!("The copy of {} does not say {lacking}", self.id))
                    .problem(Problem::PromptLacks {
                        words: (*lacking).to_owned(),
                    })
                    .hint(match *lacking {
                        NOT_FOUND => {
                            "Tell the model to write NOT FOUND if the passages do not answer; \
                                  otherwise it makes something up"
                        }
                        SENTENCES => "{sentences} is where the number of sentences comes to stand",
                        ABOUT => "{about} is where what the facts are to be about comes to stand",
                        _ => "The reply is read as JSON; tell the model to write that",
                    }),
            );
        }
        Ok(text.to_owned())
    }
}

/// A prompt as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// For traces: `answer.v1`, or `answer.v1+2` for the user's second copy of it.
    pub id: Cow<'static, str>,
    pub(super) text: Cow<'static, str>,
    /// The order in which an answer's passages are read.
    pub(super) order: PassageOrder,
}

/// In which order a model reads passages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PassageOrder {
    /// By rank.
    #[default]
    BestFirst,
    /// The best nearest to the question and the second best first: what stands in the middle of a long prompt is used
    /// least (Liu et al., "Lost in the Middle", 2024).
    BestAtTheEnds,
}

impl PassageOrder {
    /// That of a generator of so many weights. Small models, with the best passage last, say that nothing is found where
    /// there is something.
    fn of(weights: u64) -> Self {
        if weights >= WEIGHTS_OF_LARGE {
            Self::BestAtTheEnds
        } else {
            Self::BestFirst
        }
    }
}

/// The prompts in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts {
    /// In place of a built-in one.
    copies: HashMap<&'static str, Prompt>,
}

impl Prompts {
    /// Those that `copies` say are in use.
    pub fn new(copies: &[PromptCopy]) -> Self {
        let mut prompts = Self::default();
        for copy in copies.iter().filter(|copy| copy.in_use) {
            // A copy of a version that is no more is for a model that is asked otherwise now.
            if let Ok(built_in) = BuiltIn::of(&copy.prompt) {
                prompts.insert(built_in, &copy.number.to_string(), copy.text.clone());
            }
        }
        prompts
    }

    /// Takes `text` in place of a prompt, as the trial that it is.
    ///
    /// # Errors
    /// See [`BuiltIn::of`] and [`BuiltIn::checked`].
    pub fn try_out(&mut self, id: &str, text: &str) -> Result<()> {
        let built_in = BuiltIn::of(id)?;
        let text = built_in.checked(text)?;
        self.insert(built_in, "trial", text);
        Ok(())
    }

    /// With the copies of `other` in place of those here.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.copies.extend(other.copies.clone());
        self
    }

    fn insert(&mut self, built_in: &'static BuiltIn, which: &str, text: String) {
        let prompt = Prompt {
            id: format!("{}+{which}", built_in.id).into(),
            text: text.into(),
            order: PassageOrder::default(),
        };
        self.copies.insert(built_in.id, prompt);
    }

    fn get(&self, built_in: &BuiltIn) -> Prompt {
        self.copies.get(built_in.id).cloned().unwrap_or(Prompt {
            id: built_in.id.into(),
            text: built_in.text.into(),
            order: PassageOrder::default(),
        })
    }

    /// The prompt of a question for a generator of so many weights ([`crate::ports::Generator::weights`]).
    pub fn to_answer(&self, question: &str, weights: u64) -> Prompt {
        let prompt = self.get(if is_polar(question) {
            &DECIDE
        } else if weights >= WEIGHTS_OF_LARGE {
            &ANSWER_BRIEF
        } else {
            &ANSWER
        });
        Prompt {
            order: PassageOrder::of(weights),
            ..prompt
        }
    }

    /// The prompt for the most important facts.
    pub fn to_summarize(&self) -> Prompt {
        self.get(&SUMMARY)
    }

    /// The prompt for facts about one thing.
    pub fn to_tell_about(&self) -> Prompt {
        self.get(&FACTS_ABOUT)
    }

    /// The prompt that makes a follow-up stand alone.
    pub fn to_rewrite(&self) -> Prompt {
        self.get(&REWRITE)
    }
}

impl PromptCopies {
    /// Those of a prompt among all.
    pub fn of(built_in: &'static BuiltIn, all: &[PromptCopy]) -> Self {
        let own = all.iter().filter(|copy| copy.prompt == built_in.id);
        Self {
            prompt: built_in,
            copies: own.cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(prompt: &str, number: u32, in_use: bool) -> PromptCopy {
        PromptCopy {
            prompt: prompt.into(),
            number,
            text: format!("Copy {number}. NOT FOUND"),
            made_at: "2026-01-01T00:00:00Z".into(),
            in_use,
        }
    }

    #[test]
    fn built_in_prompts_are_what_their_copies_must_be() {
        for prompt in &BUILT_IN {
            let kept = prompt.checked(prompt.text).unwrap();
            assert_eq!(kept, prompt.text.trim_end(), "{}", prompt.id);
            assert_eq!(BuiltIn::of(prompt.id).unwrap(), prompt);
        }
    }

    #[test]
    fn a_copy_in_use_takes_the_place_of_its_prompt_and_is_named_in_traces() {
        let all = [
            copy("answer.v1", 1, false),
            copy("answer.v1", 2, true),
            copy("answer.v0", 1, true),
        ];
        let prompts = Prompts::new(&all);
        let prompt = prompts.to_answer("Who keeps it?", 1);
        assert_eq!(prompt.id, "answer.v1+2");
        assert_eq!(prompt.answer("Who?", &[])[0].text, "Copy 2. NOT FOUND");
        assert_eq!(prompts.to_summarize().id, "summary.v1");

        let mut trial = Prompts::default();
        trial.try_out("answer.v1", "Trial. NOT FOUND\r\n\n").unwrap();
        let prompt = prompts.clone().with(&trial).to_answer("Who keeps it?", 1);
        assert_eq!(
            (prompt.id.as_ref(), prompt.text.as_ref()),
            ("answer.v1+trial", "Trial. NOT FOUND")
        );
        assert_eq!(PromptCopies::of(&ANSWER, &all).in_use(), Some(2));
    }

    #[test]
    fn what_could_not_be_understood_is_refused_with_a_remedy() {
        let long = format!("NOT FOUND{}", " x".repeat(LONGEST));
        for (id, text, said) in [
            ("answer.v1", " \n ", "empty"),
            ("answer.v1", "Answer briefly.", "NOT FOUND"),
            ("answer.v1", long.as_str(), "characters"),
            ("summary.v1", "Summarize.", "{sentences}"),
            ("about.v1", "{sentences} sentences or NOT FOUND", "{about}"),
            ("rewrite.v2", "Rewrite it.", "JSON"),
            ("answer.v9", "NOT FOUND", "no prompt answer.v9"),
        ] {
            let error = Prompts::default().try_out(id, text).unwrap_err();
            assert!(error.message.contains(said) && error.hint.is_some(), "{error:?}");
        }
    }
}
