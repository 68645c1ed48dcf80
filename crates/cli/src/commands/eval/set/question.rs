//! What a set asks, and whether it fits its documents.

use std::path::Path;

use footnote_core::text::one_line;
use footnote_core::types::Document;
use footnote_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::compose::Opened;

/// A line of `questions.jsonl`.
#[derive(Deserialize)]
pub(in super::super) struct Question {
    pub id: String,
    pub question: String,
    /// Figures are given for each kind.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The question before it in the same conversation, by its id.
    #[serde(default)]
    pub after: Option<String>,
    /// Any of them is right.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The documents do not answer it.
    #[serde(default)]
    pub is_impossible: bool,
    /// Name of the file that answers it.
    #[serde(default)]
    pub document: Option<String>,
    /// The page that answers it, from 1.
    #[serde(default)]
    pub page: Option<u32>,
    /// The paragraph that answers it: the file's blocks between blank lines, from 0, less a heading in front.
    #[serde(default)]
    pub paragraph: Option<usize>,
    /// The words that answer it, as they stand on that page (1 if none is named).
    #[serde(default)]
    pub quote: Option<String>,
    /// What a scan of all documents must come to.
    #[serde(default)]
    pub counts: Option<Counts>,
}

impl Question {
    pub fn is_unanswerable(&self) -> bool {
        self.is_impossible || matches!(self.kind, Some(Kind::Adversarial | Kind::Absent))
    }
}

/// What a question takes to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum Kind {
    /// One place says it.
    Fact,
    /// Only the question before it says what it is about.
    FollowUp,
    /// A value of a table, or one computed from it.
    Table,
    /// Whether something is so; some of them are not to be answered.
    YesNo,
    /// Every document has to be read.
    Whole,
    /// Not to be answered: the documents say something very like it.
    Adversarial,
    /// Not to be answered: the documents say nothing of the sort.
    Absent,
}

impl Kind {
    /// As in `questions.jsonl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::FollowUp => "follow-up",
            Self::Table => "table",
            Self::YesNo => "yes-no",
            Self::Whole => "whole",
            Self::Adversarial => "adversarial",
            Self::Absent => "absent",
        }
    }
}

/// What a scan counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Counts {
    pub mentions: u32,
    pub documents_with: u32,
    pub documents: u32,
}

/// Whether the questions fit the documents. What does not would count as a wrong answer.
pub(in super::super) async fn check(
    engine: &Opened,
    questions: &[Question],
    documents: &[Document],
) -> Result<()> {
    for (at, question) in questions.iter().enumerate() {
        let wrong = |what: String| Err(Error::user(format!("questions.jsonl, {}: {what}", question.id)));
        let before = &questions[..at];
        if before.iter().any(|earlier| earlier.id == question.id) {
            return wrong("the id is there twice".into());
        }
        if let Some(after) = &question.after
            && !before.iter().any(|earlier| earlier.id == *after)
        {
            return wrong(format!("it goes on from {after}, which does not stand before it"));
        }
        let Some(name) = &question.document else {
            continue;
        };
        let Some(document) = documents.iter().find(|document| is_named(&document.path, name)) else {
            return wrong(format!("there is no {name} in documents/"));
        };
        if let Some(quote) = &question.quote {
            let page = question.page.unwrap_or(1);
            let text = engine.page(&document.id, page).await?.text;
            if !one_line(&text).contains(&one_line(quote)) {
                return wrong(format!("page {page} of {name} does not have its quote"));
            }
        }
    }
    Ok(())
}

/// Whether a path ends in this file name.
pub(in super::super) fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().and_then(|of| of.to_str()) == Some(name)
}
