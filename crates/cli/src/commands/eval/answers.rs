//! Answers of the whole app to a question set: are they right, are they cited, are they held back where the
//! documents do not say. Exact match and token F1 are those of SQuAD (Rajpurkar et al., 2016), over the
//! answer without its markers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use footnote_core::answer::AskRequest;
use footnote_core::report::{Reporter, Silent};
use footnote_core::types::{Answer, DEFAULT_COLLECTION, Document, JobStatus, Scope};
use footnote_core::{Result, citation};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{percentile, read_lines, read_text};
use crate::args::{AnswersArgs, Global};
use crate::compose::{Composition, Opened};
use crate::{output, progress};

const LAYOUT: &str = "The folder has questions.jsonl and the files in documents/";

/// A line of `questions.jsonl`.
#[derive(Deserialize)]
struct Question {
    id: String,
    question: String,
    /// Any of them is right.
    #[serde(default)]
    answers: Vec<String>,
    /// The documents do not answer it.
    #[serde(default)]
    is_impossible: bool,
    /// Name of the file that answers it.
    #[serde(default)]
    document: Option<String>,
    /// The page that answers it, from 1.
    #[serde(default)]
    page: Option<u32>,
    /// The paragraph that answers it: the file's blocks between blank lines, from 0, less a heading in front.
    #[serde(default)]
    paragraph: Option<usize>,
}

/// How one question went.
#[derive(Serialize)]
struct Record {
    id: String,
    question: String,
    /// What was to be abstained from.
    unanswerable: bool,
    abstained: bool,
    answer: String,
    exact: f64,
    f1: f64,
    /// Of the cited quotes, those that stand where the answer stands.
    quotes_right: usize,
    quotes: usize,
    /// Sentences with a citation.
    cited: usize,
    sentences: usize,
    evidence: f32,
    /// Whether a passage that was found holds the place of the answer.
    found: bool,
    first_token_ms: Option<f64>,
    total_ms: f64,
}

#[derive(Serialize, Default)]
struct Metrics {
    questions: usize,
    answerable: usize,
    exact_match: f64,
    f1: f64,
    passage_found: f64,
    citation_precision: f64,
    citation_recall: f64,
    abstention_precision: f64,
    abstention_recall: f64,
    false_refusals: f64,
    false_answers: f64,
    first_token_p50_ms: f64,
    first_token_p95_ms: f64,
    total_p50_ms: f64,
    total_p95_ms: f64,
}

pub(super) async fn run(global: &Global, args: &AnswersArgs, cancel: &CancellationToken) -> Result<ExitCode> {
    let mut questions: Vec<Question> = read_lines(&args.dir.join("questions.jsonl"), LAYOUT)?;
    questions.truncate(args.limit.unwrap_or(usize::MAX));
    // A library of its own: the user's documents have no part in this.
    let temporary = tempfile::tempdir()?;
    let mut global = global.clone();
    global.data_dir = Some(args.index.clone().unwrap_or_else(|| temporary.path().to_owned()));
    let engine = Composition::new(&global)?.answering_engine().await?;
    if global.json {
        add(&engine, &args.dir, &Silent, cancel).await?;
    } else {
        add(&engine, &args.dir, &progress::Terminal::new(false), cancel).await?;
    }
    let documents = engine.documents().await?;

    let bar = progress::count_bar(questions.len() as u64, "asking");
    let mut records = Vec::with_capacity(questions.len());
    for question in &questions {
        let record = ask(&engine, question, &documents, args, cancel).await?;
        if global.json {
            output::json(&record)?;
        }
        records.push(record);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let metrics = Metrics::of(&records);
    if global.json {
        output::json(
            &serde_json::json!({ "dataset": args.dir, "without_source": args.without_source, "summary": metrics }),
        )?;
    } else {
        print(&metrics)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(engine: &Opened, dir: &Path, reporter: &dyn Reporter, cancel: &CancellationToken) -> Result<()> {
    let folder = dir.join("documents");
    let outcome = engine
        .add(&[folder], DEFAULT_COLLECTION, reporter, cancel)
        .await?;
    let failed = outcome
        .jobs
        .into_iter()
        .find(|job| job.status == JobStatus::Failed);
    if let Some(error) = outcome.errors.into_iter().next() {
        return Err(error.hint(LAYOUT));
    }
    match failed.and_then(|job| Some((job.path, job.error?))) {
        Some((path, error)) => Err(error.at(path.display())),
        None => Ok(()),
    }
}

async fn ask(
    engine: &Opened,
    question: &Question,
    documents: &[Document],
    args: &AnswersArgs,
    cancel: &CancellationToken,
) -> Result<Record> {
    let is_source = |path: &Path| {
        let name = question.document.as_deref();
        name.is_some() && path.file_name().and_then(|name| name.to_str()) == name
    };
    let mut request = AskRequest::new(&question.question);
    if args.without_source {
        let others = documents.iter().filter(|document| !is_source(&document.path));
        request.scope = Scope {
            documents: others.map(|document| document.id.clone()).collect(),
            ..Scope::default()
        };
    }
    let answer = engine.ask(request, Arc::new(|_| {}), cancel.clone()).await?;
    let source = documents.iter().find(|document| is_source(&document.path));
    let gold = Gold {
        path: source.map(|document| document.path.clone()),
        page: question.page,
        paragraph: match (source, question.paragraph) {
            (Some(document), Some(at)) => paragraph(&read_text(&document.path, LAYOUT)?, at),
            _ => None,
        },
    };
    Ok(Record::new(question, &answer, &gold, args.without_source))
}

/// Where a question's answer stands.
struct Gold {
    path: Option<PathBuf>,
    page: Option<u32>,
    paragraph: Option<String>,
}

impl Gold {
    /// Whether this text of a page stands there, or a part of it does.
    fn touches(&self, path: &Path, page: u32, text: &str) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.path.as_deref() != Some(path) || self.page.is_some_and(|gold| gold != page) {
            return false;
        }
        self.paragraph.as_ref().is_none_or(|paragraph| {
            let (paragraph, text) = (words(paragraph), words(text));
            // A passage may hold the paragraph, begin in it or end in it; a quote lies in it.
            paragraph.contains(&text)
                || text.contains(&paragraph)
                || footnote_core::text::sentences(&text)
                    .into_iter()
                    .any(|sentence| sentence.len() > 20 && paragraph.contains(&text[sentence]))
        })
    }
}

/// A block between blank lines, from 0, less a heading in front.
fn paragraph(text: &str, at: usize) -> Option<String> {
    let blocks = footnote_core::text::paragraphs(text).into_iter();
    let blocks = blocks.map(|range| &text[range]);
    blocks
        .filter(|block| !block.starts_with("# "))
        .nth(at)
        .map(ToOwned::to_owned)
}

impl Record {
    fn new(question: &Question, answer: &Answer, gold: &Gold, without_source: bool) -> Self {
        let text = if answer.abstained {
            String::new()
        } else {
            citation::without_markers(&answer.answer)
        };
        let unanswerable = question.is_impossible || without_source;
        let best = |measure: fn(&str, &str) -> f64| {
            let scores = question.answers.iter().map(|right| measure(&text, right));
            scores.fold(0.0, f64::max)
        };
        let right = |citation: &&footnote_core::types::Citation| {
            gold.touches(&citation.path, citation.page, &citation.quote)
        };
        let sentences = if answer.abstained {
            &[][..]
        } else {
            &answer.sentences
        };
        let citations = if answer.abstained {
            &[][..]
        } else {
            &answer.citations
        };
        Self {
            id: question.id.clone(),
            question: question.question.clone(),
            unanswerable,
            abstained: answer.abstained,
            exact: if unanswerable { 0.0 } else { best(exact) },
            f1: if unanswerable { 0.0 } else { best(token_f1) },
            quotes_right: citations.iter().filter(right).count(),
            quotes: citations.len(),
            cited: sentences.iter().filter(|s| !s.citations.is_empty()).count(),
            sentences: sentences.len(),
            evidence: answer.trace.evidence,
            found: answer
                .passages
                .iter()
                .any(|passage| gold.touches(&passage.path, passage.page, &passage.text)),
            first_token_ms: answer.timings_ms.first_token,
            total_ms: answer.timings_ms.total,
            answer: text,
        }
    }
}

impl Metrics {
    fn of(records: &[Record]) -> Self {
        let answerable: Vec<&Record> = records.iter().filter(|record| !record.unanswerable).collect();
        let impossible: Vec<&Record> = records.iter().filter(|record| record.unanswerable).collect();
        let abstained = records.iter().filter(|record| record.abstained).count();
        let held_back = impossible.iter().filter(|record| record.abstained).count();
        let mean = |of: fn(&Record) -> f64| {
            let sum: f64 = answerable.iter().map(|record| of(record)).sum();
            share(sum, answerable.len())
        };
        let sum = |of: fn(&Record) -> usize| answerable.iter().map(|record| of(record)).sum::<usize>();
        let mut first: Vec<f64> = records
            .iter()
            .filter_map(|record| record.first_token_ms)
            .collect();
        let mut total: Vec<f64> = records.iter().map(|record| record.total_ms).collect();
        Self {
            questions: records.len(),
            answerable: answerable.len(),
            exact_match: mean(|record| record.exact),
            f1: mean(|record| record.f1),
            passage_found: mean(|record| f64::from(u8::from(record.found))),
            citation_precision: share(
                sum(|record| record.quotes_right) as f64,
                sum(|record| record.quotes),
            ),
            citation_recall: share(sum(|record| record.cited) as f64, sum(|record| record.sentences)),
            abstention_precision: share(held_back as f64, abstained),
            abstention_recall: share(held_back as f64, impossible.len()),
            false_refusals: mean(|record| f64::from(u8::from(record.abstained))),
            false_answers: share((impossible.len() - held_back) as f64, impossible.len()),
            first_token_p50_ms: percentile(&mut first, 0.5),
            first_token_p95_ms: percentile(&mut first, 0.95),
            total_p50_ms: percentile(&mut total, 0.5),
            total_p95_ms: percentile(&mut total, 0.95),
        }
    }
}

fn share(part: f64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part / of as f64 }
}

fn print(m: &Metrics) -> Result<()> {
    let impossible = m.questions - m.answerable;
    output::line(format!(
        "{} questions, {} of them answerable",
        m.questions, m.answerable
    ))?;
    if m.answerable > 0 {
        output::line(format!("exact match           {:.3}", m.exact_match))?;
        output::line(format!("token F1              {:.3}", m.f1))?;
        output::line(format!("right passage found   {:.3}", m.passage_found))?;
        output::line(format!("citation precision    {:.3}", m.citation_precision))?;
        output::line(format!("citation recall       {:.3}", m.citation_recall))?;
        output::line(format!("false refusals        {:.3}", m.false_refusals))?;
    }
    if impossible > 0 {
        output::line(format!("abstention precision  {:.3}", m.abstention_precision))?;
        output::line(format!("abstention recall     {:.3}", m.abstention_recall))?;
        output::line(format!("false answers         {:.3}", m.false_answers))?;
    }
    output::line(format!(
        "first token p50 / p95 {:.0} / {:.0} ms",
        m.first_token_p50_ms, m.first_token_p95_ms
    ))?;
    output::line(format!(
        "whole p50 / p95       {:.0} / {:.0} ms",
        m.total_p50_ms, m.total_p95_ms
    ))
}

/// Words as SQuAD compares them: small letters, no punctuation, no English articles.
fn normalized(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    plain
        .split_whitespace()
        .filter(|word| !matches!(*word, "a" | "an" | "the"))
        .map(ToOwned::to_owned)
        .collect()
}

fn exact(answer: &str, right: &str) -> f64 {
    f64::from(u8::from(normalized(answer) == normalized(right)))
}

fn token_f1(answer: &str, right: &str) -> f64 {
    let (answer, right) = (normalized(answer), normalized(right));
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in &right {
        *left.entry(word).or_default() += 1;
    }
    let mut shared = 0;
    for word in &answer {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    if shared == 0 {
        return 0.0;
    }
    let (precision, recall) = (
        shared as f64 / answer.len() as f64,
        shared as f64 / right.len() as f64,
    );
    2.0 * precision * recall / (precision + recall)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_as_squad_does() {
        assert_eq!(exact("The soft-power.", "a softpower"), 1.0);
        assert_eq!(exact("soft power", "power"), 0.0);
        // Two of three words shared, both of the right answer's.
        assert!((token_f1("the great soft power", "soft power") - 0.8).abs() < 1e-12);
        assert_eq!(token_f1("", "soft power"), 0.0);
        assert_eq!(token_f1("soft soft", "soft power"), 0.5);
    }

    #[test]
    fn quotes_are_right_where_the_answer_stands() {
        let text = "# Title\n\nFirst block.\n\nThe second block says it. And goes on.";
        assert_eq!(
            paragraph(text, 1).as_deref(),
            Some("The second block says it. And goes on.")
        );
        let gold = Gold {
            path: Some("/d/a.md".into()),
            page: None,
            paragraph: paragraph(text, 1),
        };
        let at = |path: &str, quote: &str| gold.touches(Path::new(path), 1, quote);
        assert!(at("/d/a.md", "The second\nblock says it."));
        assert!(at("/d/a.md", "First block.\n\nThe second block says it."));
        assert!(!at("/d/b.md", "The second block says it."));
        assert!(!at("/d/a.md", "First block."));
    }
}
