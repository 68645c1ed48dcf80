//! What the user thinks of answers, the cases made of it, and why something was not found.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Engine, not_found};
use crate::answer::AskRequest;
use crate::cases::{Case, CaseLine, CaseSource, Expected, Judgement};
use crate::error::{Error, Result};
use crate::explain::{ExplainRequest, Explainer, Explanation, Target};
use crate::find::Exact;
use crate::ids::{CaseId, DocumentId, TurnId};
use crate::ingest::now;
use crate::metrics::touches;
use crate::problem::Problem;
use crate::query::Query;
use crate::retrieve::{Retriever, check_query};
use crate::sieve::{Pages, spans_in};
use crate::types::{Answer, Feedback};

/// Longest note and longest expected answer, in characters.
const TEXT_CHARS: usize = 4_000;

/// A case to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// Stands alone, with its filters.
    pub question: String,
    /// What is expected of the answer.
    pub expected: Expected,
    /// Document, page and words that it has to cite, if that matters; no words: any on that page.
    pub source: Option<(DocumentId, u32, String)>,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The answer of now.
    pub answer: Answer,
    /// How it does.
    pub judgement: Judgement,
}

impl Engine {
    /// Says why a document, a page or a stretch of one was not found, or not used, for a question.
    ///
    /// # Errors
    /// There is no such document, page or answer, the question cannot be searched, or what the models and stores say.
    pub async fn explain(&self, request: &ExplainRequest, cancel: &CancellationToken) -> Result<Explanation> {
        let _waiting = self.inner.foreground.enter();
        let _visible = self.inner.visibility.read().await;
        let parts = &self.inner.parts;
        let answerer = match self.inner.writers.generator() {
            Some(generator) => Some(self.answerer(generator).await?),
            None => None,
        };
        Explainer {
            retriever: Retriever {
                embedders: &parts.embedders,
                store: parts.store.as_ref(),
                ledger: parts.ledger.as_ref(),
                reranker: parts.reranker.as_ref(),
            },
            gate: self.gate(),
            answerer: answerer.as_ref(),
            cancel,
        }
        .run(request)
        .await
    }

    /// The first place of words in a document, or on one page of it, whatever their case and line breaks; what repeats
    /// from page to page aside.
    ///
    /// # Errors
    /// The words do not stand there, there is no such document, or what the ledger says.
    pub async fn locate(
        &self,
        document: &DocumentId,
        page: Option<u32>,
        words: &str,
        cancel: &CancellationToken,
    ) -> Result<Target> {
        let found = self.document(document).await?;
        let nowhere = || {
            let place = page.map_or_else(
                || found.file_name(),
                |n| format!("page {n} of {}", found.file_name()),
            );
            Error::user(format!("“{}” does not stand in {place}", words.trim()))
                .problem(Problem::WordsMissing {
                    words: words.trim().to_owned(),
                })
                .hint("Give the words as they stand there, or only the page")
        };
        let (Some(revision), Some(exact)) = (&found.revision, Exact::new(words)) else {
            return Err(nowhere());
        };
        let mut pages = Pages {
            ledger: self.inner.parts.ledger.as_ref(),
            revision,
            from: page.unwrap_or(0),
        };
        loop {
            let batch = pages.next(cancel).await?;
            if batch.is_empty() {
                return Err(nowhere());
            }
            for text in batch {
                if page.is_some_and(|wanted| wanted != text.number) {
                    return Err(nowhere());
                }
                if let Some(span) = spans_in(&text, |text| exact.find(text)).into_iter().next() {
                    return Ok(Target {
                        document: document.clone(),
                        page: Some(text.number),
                        span: Some(span),
                    });
                }
            }
        }
    }

    /// The latest kept answer to exactly this question.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn answered_before(&self, question: &str) -> Result<Option<TurnId>> {
        let texts = self.inner.parts.ledger.turn_texts().await?;
        let same = texts.into_iter().find(|text| text.question == question.trim());
        Ok(same.map(|text| text.turn))
    }

    /// Keeps what the user thinks of an answer; none takes it back.
    ///
    /// # Errors
    /// There is no such answer, the note is too long, or what the ledger says.
    pub async fn set_feedback(&self, turn: &TurnId, feedback: Option<Feedback>) -> Result<()> {
        let ledger = &self.inner.parts.ledger;
        if let Some(Feedback::Down { note, .. }) = &feedback {
            bounded("note", note)?;
        }
        ledger.turn(turn).await?.ok_or_else(|| not_found("answer"))?;
        ledger.set_feedback(turn, feedback.as_ref()).await
    }

    /// The user's cases, the oldest first.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn cases(&self) -> Result<Vec<Case>> {
        self.inner.parts.ledger.cases().await
    }

    /// Makes a case.
    ///
    /// # Errors
    /// A question that cannot be searched, an answer that is empty or too long, a source whose words do not stand on
    /// that page, or what the ledger says.
    pub async fn make_case(&self, new: NewCase) -> Result<Case> {
        let case = self.checked(CaseId::new(), new, now()).await?;
        self.inner
            .parts
            .ledger
            .add_cases(std::slice::from_ref(&case))
            .await?;
        Ok(case)
    }

    /// Deletes a case.
    ///
    /// # Errors
    /// There is no such case, or what the ledger says.
    pub async fn remove_case(&self, id: &CaseId) -> Result<()> {
        let known = self.cases().await?.iter().any(|case| case.id == *id);
        if !known {
            return Err(not_found("case"));
        }
        self.inner.parts.ledger.remove_case(id).await
    }

    /// Makes cases of lines; those whose ids are there already are written anew. All or none.
    ///
    /// # Errors
    /// A line that makes no case (it says which), a document that is not here, or what the ledger says.
    pub async fn import_cases(&self, lines: Vec<CaseLine>) -> Result<Vec<Case>> {
        let mut cases = Vec::with_capacity(lines.len());
        for line in lines {
            let id = CaseId(line.id.clone());
            let made_at = line.made_at.clone().unwrap_or_else(now);
            let new = self.of_line(line).await;
            let case = match new {
                Ok(new) => self.checked(id.clone(), new, made_at).await,
                Err(error) => Err(error),
            };
            cases.push(case.map_err(|error| error.at(format!("case {id}")))?);
        }
        self.inner.parts.ledger.add_cases(&cases).await?;
        Ok(cases)
    }

    /// Asks a case's question of all documents, without keeping it, and judges the answer.
    ///
    /// # Errors
    /// Those of [`Engine::ask`].
    pub async fn replay(&self, case: &Case, cancel: &CancellationToken) -> Result<Replay> {
        let mut request = AskRequest::new(&case.question);
        request.keep = false;
        let answer = self.ask(request, Arc::new(|_| {}), cancel.clone()).await?;
        Ok(Replay {
            judgement: case.judge(&answer),
            answer,
        })
    }

    async fn of_line(&self, line: CaseLine) -> Result<NewCase> {
        let expected = line.expected()?;
        let source = match (line.document, line.page) {
            (Some(name), Some(page)) if !line.is_impossible => {
                let documents = self.documents().await?;
                let document = documents.iter().find(|document| document.file_name() == name);
                let document = document.ok_or_else(|| {
                    Error::user(format!("{name} is not among the documents")).hint("Add it first")
                })?;
                Some((document.id.clone(), page, line.quote.unwrap_or_default()))
            }
            _ => None,
        };
        Ok(NewCase {
            question: line.question,
            expected,
            source,
        })
    }

    async fn checked(&self, id: CaseId, new: NewCase, made_at: String) -> Result<Case> {
        let question = new.question.trim().to_owned();
        let query = Query::parse(&question);
        query.check()?;
        check_query(&query.words())?;
        let expected = match new.expected {
            Expected::Abstention => Expected::Abstention,
            Expected::Answer { text } => {
                bounded("answer", &text)?;
                let text = text.trim().to_owned();
                if text.is_empty() {
                    return Err(Error::user("The right answer is empty")
                        .problem(Problem::AnswerEmpty)
                        .hint("Say what is right, or that it is not in the documents"));
                }
                Expected::Answer { text }
            }
        };
        let source = match new.source {
            Some((document, page, quote)) => {
                let text = self.page(&document, page).await?.text;
                let quote = quote.trim().to_owned();
                if !quote.is_empty() && !touches(&text, &quote) {
                    return Err(Error::user(format!("These words do not stand on page {page}"))
                        .problem(Problem::WordsMissing { words: quote })
                        .hint("Give them as they stand there, or none"));
                }
                let path = self.document(&document).await?.path;
                Some(CaseSource {
                    document,
                    path,
                    page,
                    quote,
                    withdrawn: false,
                })
            }
            None => None,
        };
        Ok(Case {
            id,
            question,
            expected,
            source,
            made_at,
        })
    }
}

fn bounded(what: &str, text: &str) -> Result<()> {
    let length = text.chars().count();
    if length > TEXT_CHARS {
        return Err(Error::user(format!(
            "The {what} has {length} characters; at most {TEXT_CHARS} are kept"
        ))
        .problem(Problem::TextTooLong {
            length: length as u32,
            most: TEXT_CHARS as u32,
        })
        .hint("Shorten it"));
    }
    Ok(())
}
