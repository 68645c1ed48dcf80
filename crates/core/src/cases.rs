//! The user's own regression set: questions with the answers that were confirmed or corrected.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::citation::without_markers;
use crate::error::{Error, Result};
use crate::ids::{CaseId, DocumentId};
use crate::metrics::{exact, has_words, token_f1, touches};
use crate::removal::Quotes;
use crate::types::Answer;

/// Token F1 from which on an answer says what is expected, if it does not have every word of it.
const LEAST_F1: f64 = 0.5;

/// A question with what is expected of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Identity.
    pub id: CaseId,
    /// Stands alone, with its filters.
    pub question: String,
    /// The answer.
    #[serde(flatten)]
    pub expected: Expected,
    /// What the answer has to cite, if that matters.
    pub source: Option<CaseSource>,
    /// RFC 3339.
    pub made_at: String,
}

/// What is expected of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expected", rename_all = "snake_case")]
pub enum Expected {
    /// That it says this.
    Answer {
        /// In these words, or others much like them.
        text: String,
    },
    /// That it says that the documents do not.
    Abstention,
}

/// Words of a document that an answer has to cite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSource {
    /// The document.
    pub document: DocumentId,
    /// Where it was read. Empty once the document was removed with its quotes.
    #[serde(with = "crate::types::path_text")]
    pub path: PathBuf,
    /// Page number.
    pub page: u32,
    /// The words on that page; empty: any of them.
    pub quote: String,
    /// Whether the document was removed. Added again, the file at this place carries the words once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// How an answer does against a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Whether nothing is wrong.
    pub passed: bool,
    /// Whether the answer is an abstention.
    pub abstained: bool,
    /// 1 if it has the words expected and no others; 0 where an abstention was expected.
    pub exact: f64,
    /// Token F1 with the answer expected, 0 to 1; 0 where an abstention was expected.
    pub f1: f64,
    /// Whether the words expected are cited; none if no source is expected.
    pub quote_cited: Option<bool>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// What is wrong with an answer to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It abstains, and there is an answer.
    Abstained,
    /// It answers, and the documents do not say.
    Answered,
    /// It says something else.
    OtherWords,
    /// It does not cite the words expected.
    NotCited,
    /// The document expected was removed.
    SourceRemoved,
}

impl Fault {
    /// What is wrong, in a few words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Abstained => "says it cannot find it",
            Self::Answered => "answers what the documents do not say",
            Self::OtherWords => "says something else",
            Self::NotCited => "does not cite the words expected",
            Self::SourceRemoved => "its document was removed",
        }
    }
}

impl Case {
    /// Judges an answer.
    pub fn judge(&self, answer: &Answer) -> Judgement {
        let text = if answer.abstained {
            String::new()
        } else {
            without_markers(&answer.answer)
        };
        let mut faults = Vec::new();
        let (mut is_exact, mut f1) = (0.0, 0.0);
        let mut quote_cited = None;
        match &self.expected {
            Expected::Abstention if !answer.abstained => faults.push(Fault::Answered),
            Expected::Abstention => {}
            Expected::Answer { .. } if answer.abstained => faults.push(Fault::Abstained),
            Expected::Answer { text: right } => {
                (is_exact, f1) = (exact(&text, right), token_f1(&text, right));
                if f1 < LEAST_F1 && !has_words(&text, right) {
                    faults.push(Fault::OtherWords);
                }
            }
        }
        if let (Expected::Answer { .. }, Some(source)) = (&self.expected, &self.source) {
            let cited = !answer.abstained && source.is_cited(answer);
            quote_cited = Some(cited);
            if source.is_removed() && !cited {
                faults.push(Fault::SourceRemoved);
            } else if !cited && !answer.abstained {
                faults.push(Fault::NotCited);
            }
        }
        Judgement {
            passed: faults.is_empty(),
            abstained: answer.abstained,
            exact: is_exact,
            f1,
            quote_cited,
            faults,
        }
    }

    /// Notes that a document was removed, and takes its words out if `quotes` go; what the user expects as an answer
    /// stays. Returns whether it was of that document.
    pub fn withdraw(&mut self, document: &DocumentId, quotes: Quotes) -> bool {
        let held = self.source.as_mut().filter(|source| source.document == *document);
        held.map(|source| {
            source.withdrawn = true;
            if quotes == Quotes::Go {
                source.path = PathBuf::new();
                source.quote.clear();
            }
        })
        .is_some()
    }
}

impl CaseSource {
    /// Whether its document was removed.
    pub fn is_removed(&self) -> bool {
        // Earlier versions took path and words and noted nothing.
        self.withdrawn || self.path.as_os_str().is_empty()
    }

    fn is_cited(&self, answer: &Answer) -> bool {
        answer.citations.iter().any(|citation| {
            // A file that was removed and added again is another document at the same place.
            let same =
                citation.path == self.path || (!self.is_removed() && citation.document == self.document);
            let words = self.quote.is_empty() || touches(&self.quote, &citation.quote);
            same && citation.page == self.page && words
        })
    }
}

/// A case as a line of `questions.jsonl`, as `footnote eval answers` reads it; `quote` and `made_at` are its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseLine {
    /// Identity.
    pub id: String,
    /// The question.
    pub question: String,
    /// Right answers; the first one counts.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Whether the documents do not answer it.
    #[serde(default)]
    pub is_impossible: bool,
    /// Name of the file that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The page that answers it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The words on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<String>,
}

impl From<&Case> for CaseLine {
    fn from(case: &Case) -> Self {
        let source = case
            .source
            .as_ref()
            .filter(|source| !source.path.as_os_str().is_empty());
        let name = |source: &CaseSource| Some(source.path.file_name()?.to_string_lossy().into_owned());
        Self {
            id: case.id.0.clone(),
            question: case.question.clone(),
            answers: match &case.expected {
                Expected::Answer { text } => vec![text.clone()],
                Expected::Abstention => Vec::new(),
            },
            is_impossible: case.expected == Expected::Abstention,
            document: source.and_then(name),
            page: source.map(|source| source.page),
            quote: source
                .map(|source| source.quote.clone())
                .filter(|quote| !quote.is_empty()),
            made_at: Some(case.made_at.clone()),
        }
    }
}

impl CaseLine {
    /// What is expected.
    ///
    /// # Errors
    /// It has no answer, though there should be one.
    pub fn expected(&self) -> Result<Expected> {
        match self.answers.first() {
            _ if self.is_impossible => Ok(Expected::Abstention),
            Some(text) => Ok(Expected::Answer { text: text.clone() }),
            None => Err(Error::user(format!("The case {} has no answer", self.id))
                .hint("Give one under `answers`, or say `\"is_impossible\": true`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::CharSpan;
    use crate::types::Citation;

    fn answer(text: &str, quote: &str) -> Answer {
        let mut answer: Answer = serde_json::from_value(serde_json::json!({
            "answer": text, "abstained": text.is_empty(), "sentences": [], "citations": [], "passages": [],
            "trace": {"query": "", "prompt": "", "prompt_text": "", "models": [], "index": null, "candidates": [],
                "evidence": 0.0},
            "timings_ms": {"rewrite": 0.0, "search": 0.0, "rerank": 0.0, "first_token": null, "total": 0.0},
            "tokens": {"prompt": 0, "generated": 0}, "conversation": "c", "turn": "t",
        }))
        .unwrap();
        answer.citations.push(Citation {
            n: 1,
            document: "d".into(),
            revision: "r".into(),
            path: "/lamp.md".into(),
            title: "Lamp".into(),
            page: 2,
            span: CharSpan::new(0, 4),
            locator: Default::default(),
            quote: quote.into(),
            score: 1.0,
        });
        answer
    }

    fn case(expected: Expected) -> Case {
        Case {
            id: "k".into(),
            question: "How often?".into(),
            expected,
            source: Some(CaseSource {
                document: "d".into(),
                path: "/lamp.md".into(),
                page: 2,
                quote: "The lamp is cleaned every 14 days.".into(),
                withdrawn: false,
            }),
            made_at: "2026-01-01T00:00:00Z".into(),
        }
    }

    fn fourteen() -> Case {
        case(Expected::Answer {
            text: "every 14 days".into(),
        })
    }

    #[test]
    fn an_answer_passes_if_it_says_the_same_and_cites_the_same_words() {
        let quote = "The lamp is cleaned\nevery 14 days.";
        let judged = |text: &str, quote: &str| fourteen().judge(&answer(text, quote)).faults;
        assert_eq!(judged("It is cleaned every 14 days [1].", quote), []);
        assert_eq!(judged("It is cleaned weekly [1].", quote), [Fault::OtherWords]);
        assert_eq!(
            judged("Every 14 days [1].", "The horn sounds in fog."),
            [Fault::NotCited]
        );
        assert_eq!(judged("", quote), [Fault::Abstained]);
    }

    #[test]
    fn an_abstention_passes_where_one_is_expected() {
        let abstains = case(Expected::Abstention);
        assert!(abstains.judge(&answer("", "")).passed);
        assert_eq!(abstains.judge(&answer("Yes [1].", "")).faults, [Fault::Answered]);
    }

    #[test]
    fn a_removed_document_takes_its_words_out_of_a_case_and_is_named_as_the_fault() {
        let mut case = fourteen();
        assert!(!case.withdraw(&"other".into(), Quotes::Go));
        assert!(case.withdraw(&"d".into(), Quotes::Go));
        let left = serde_json::to_string(&case).unwrap();
        assert!(!left.contains("lamp"), "{left}");
        let faults = case.judge(&answer("Every 14 days [1].", "words")).faults;
        assert_eq!(faults, [Fault::SourceRemoved]);
    }

    #[test]
    fn a_case_that_keeps_its_words_holds_again_once_the_file_is_back() {
        let mut case = fourteen();
        assert!(case.withdraw(&"d".into(), Quotes::Stay));
        let words = "The lamp is cleaned every 14 days.";
        let faults = |answer: &Answer| case.judge(answer).faults;
        assert_eq!(
            faults(&answer("Every 14 days [1].", "other words")),
            [Fault::SourceRemoved]
        );
        let mut again = answer("Every 14 days [1].", words);
        again.citations[0].document = "new".into();
        again.citations[0].path = "/lamp.md".into();
        assert_eq!(faults(&again), []);
        assert_eq!(CaseLine::from(&case).quote.as_deref(), Some(words));
    }

    #[test]
    fn a_line_has_what_is_needed_to_make_the_case_again() {
        let line = CaseLine::from(&fourteen());
        assert_eq!(line.document.as_deref(), Some("lamp.md"));
        assert_eq!(line.expected().unwrap(), fourteen().expected);
        let plain: CaseLine = serde_json::from_str(r#"{"id": "1", "question": "Q?"}"#).unwrap();
        assert!(plain.expected().is_err());
    }
}
