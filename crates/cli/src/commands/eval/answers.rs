//! Answers of the whole app to a question set: are they right, are they cited, are they held back where the
//! documents do not say. Exact match and token F1 are over the answer without its markers.

mod gold;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use footnote_core::answer::AskRequest;
use footnote_core::metrics::{exact, says, token_f1};
use footnote_core::types::{Answer, Citation, Passage, Scope, Verdict};
use footnote_core::{ConversationId, Error, Result, citation};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use self::gold::{Gold, paragraph};
use super::gate::{self, Gate};
use super::report::Report;
use super::set::{Counts, Kind, LAYOUT, Question, QuestionSet, is_named};
use super::{percentile, read_text};
use crate::args::{AnswersArgs, Global};
use crate::{output, progress};

/// How one question went.
#[derive(Serialize)]
struct Record {
    id: String,
    question: String,
    kind: Option<Kind>,
    /// What was to be abstained from.
    unanswerable: bool,
    abstained: bool,
    answer: String,
    /// Whether the answer has the right words or counts, or there is none where there should be none.
    right: bool,
    /// None where no right answer is given.
    exact: Option<f64>,
    f1: Option<f64>,
    /// What the scan of all documents came to, if there was one.
    counts: Option<Counts>,
    /// Of the cited quotes, those that stand where the answer stands.
    quotes_right: usize,
    quotes: usize,
    /// Sentences with a citation.
    cited: usize,
    sentences: usize,
    /// Whether each of them is called supported.
    supported: bool,
    evidence: f32,
    /// Whether a passage that was found holds the place of the answer; none if that is not known.
    found: Option<bool>,
    first_token_ms: Option<f64>,
    total_ms: f64,
}

#[derive(Serialize, Default)]
struct Metrics {
    questions: usize,
    answerable: usize,
    right: f64,
    exact_match: Option<f64>,
    f1: Option<f64>,
    passage_found: Option<f64>,
    citation_precision: Option<f64>,
    citation_recall: Option<f64>,
    abstention_precision: Option<f64>,
    abstention_recall: Option<f64>,
    false_refusals: Option<f64>,
    false_answers: Option<f64>,
    /// Share of the questions that got a wrong answer with nothing in it marked.
    wrong_unmarked: Option<f64>,
    first_token_p50_ms: f64,
    first_token_p95_ms: f64,
    total_p50_ms: f64,
    total_p95_ms: f64,
}

pub(super) async fn run(
    global: &Global,
    args: &AnswersArgs,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let gate = args.gate.as_deref().map(Gate::read).transpose()?;
    let set = QuestionSet::open(global, &args.set, cancel).await?;

    let bar = progress::count_bar(set.questions.len() as u64, "asking");
    let mut records = Vec::with_capacity(set.questions.len());
    let mut conversations: HashMap<&str, ConversationId> = HashMap::new();
    for question in &set.questions {
        let before = question.after.as_deref().and_then(|id| conversations.get(id));
        let (record, conversation) = ask(&set, question, before.cloned(), args, cancel).await?;
        if global.json {
            output::json(&record)?;
        }
        conversations.insert(&question.id, conversation);
        records.push(record);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (metrics, kinds) = (
        Metrics::of(&records.iter().collect::<Vec<_>>()),
        by_kind(&records),
    );
    let breaches = match &gate {
        Some(gate) => gate.breaches(&measured(&metrics, &kinds)?)?,
        None => Vec::new(),
    };
    if let Some(path) = html {
        let mut report = Report::new("Answers", &args.set.dir);
        report.measures("All questions", &metrics)?;
        report.records(&records, |record| {
            // Counts and abstentions are right or wrong.
            record.f1.unwrap_or(f64::from(u8::from(record.right)))
        })?;
        report.write(path)?;
    }
    if global.json {
        output::json(&serde_json::json!({
            "dataset": args.set.dir, "without_source": args.without_source, "summary": metrics, "kinds": kinds,
            "breaches": breaches,
        }))?;
    } else {
        print(&metrics)?;
        print_kinds(&kinds)?;
    }
    Ok(gate::exit_code(&breaches))
}

/// The kinds that there are, in a fixed order.
fn by_kind(records: &[Record]) -> BTreeMap<&'static str, Metrics> {
    let mut groups: BTreeMap<&'static str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        if let Some(kind) = record.kind {
            groups.entry(kind.name()).or_default().push(record);
        }
    }
    let of = |(name, group): (&'static str, Vec<&Record>)| (name, Metrics::of(&group));
    groups.into_iter().map(of).collect()
}

/// Every figure by the name that a gate has for its group.
fn measured(all: &Metrics, kinds: &BTreeMap<&'static str, Metrics>) -> Result<Map<String, Value>> {
    let groups = std::iter::once(("all", all)).chain(kinds.iter().map(|(name, metrics)| (*name, metrics)));
    groups
        .map(|(name, metrics)| {
            let value =
                serde_json::to_value(metrics).map_err(|e| Error::bug(format!("figures as JSON: {e}")))?;
            Ok((name.to_owned(), value))
        })
        .collect()
}

async fn ask(
    set: &QuestionSet,
    question: &Question,
    conversation: Option<ConversationId>,
    args: &AnswersArgs,
    cancel: &CancellationToken,
) -> Result<(Record, ConversationId)> {
    let is_source = |path: &Path| {
        let name = question.document.as_deref();
        name.is_some_and(|name| is_named(path, name))
    };
    let mut request = AskRequest::new(&question.question);
    request.conversation = conversation;
    if args.without_source {
        let others = set.documents.iter().filter(|document| !is_source(&document.path));
        request.scope = Scope {
            documents: others.map(|document| document.id.clone()).collect(),
            ..Scope::default()
        };
    }
    let answer = set.engine.ask(request, Arc::new(|_| {}), cancel.clone()).await?;
    let source = set.documents.iter().find(|document| is_source(&document.path));
    let gold = Gold {
        path: source.map(|document| document.path.clone()),
        page: question.page,
        paragraph: match (source, question.paragraph) {
            _ if question.quote.is_some() => question.quote.clone(),
            (Some(document), Some(at)) => paragraph(&read_text(&document.path, LAYOUT)?, at),
            _ => None,
        },
    };
    let record = Record::new(question, &answer, &gold, args.without_source);
    Ok((record, answer.conversation))
}

impl Record {
    fn new(question: &Question, answer: &Answer, gold: &Gold, without_source: bool) -> Self {
        let text = if answer.abstained {
            String::new()
        } else {
            citation::without_markers(&answer.answer)
        };
        let unanswerable = question.is_unanswerable() || without_source;
        let best = |measure: fn(&str, &str) -> f64| {
            let scores = question.answers.iter().map(|right| measure(&text, right));
            scores.reduce(f64::max).filter(|_| !unanswerable)
        };
        let counts = answer.trace.scan.as_ref().map(|scan| Counts {
            mentions: scan.mentions,
            documents_with: scan.documents_with,
            documents: scan.documents,
        });
        let right = match question.counts {
            _ if unanswerable => answer.abstained,
            Some(_) => counts == question.counts,
            None => question.answers.iter().any(|right| says(&text, right)),
        };
        let stands_right =
            |citation: &&Citation| gold.touches(&citation.path, citation.page, &citation.quote);
        let sentences = if answer.abstained {
            &[][..]
        } else {
            &answer.sentences
        };
        // Nothing is known about the others.
        let judged = !answer.abstained && gold.path.is_some();
        let citations = if judged { &answer.citations } else { &[][..] };
        let found = |passage: &Passage| gold.touches(&passage.path, passage.page, &passage.text);
        Self {
            id: question.id.clone(),
            question: question.question.clone(),
            kind: question.kind,
            unanswerable,
            abstained: answer.abstained,
            right,
            exact: best(exact),
            f1: best(token_f1),
            counts,
            quotes_right: citations.iter().filter(stands_right).count(),
            quotes: citations.len(),
            cited: sentences.iter().filter(|s| !s.citations.is_empty()).count(),
            sentences: sentences.len(),
            supported: !sentences.is_empty()
                && sentences
                    .iter()
                    .all(|sentence| sentence.verdict == Verdict::Supported),
            evidence: answer.trace.evidence,
            found: gold.path.is_some().then(|| answer.passages.iter().any(found)),
            first_token_ms: answer.timings_ms.first_token,
            total_ms: answer.timings_ms.total,
            answer: text,
        }
    }
}

impl Metrics {
    fn of(records: &[&Record]) -> Self {
        let (impossible, answerable): (Vec<&Record>, Vec<&Record>) =
            records.iter().copied().partition(|record| record.unanswerable);
        let abstained = records.iter().filter(|record| record.abstained).count();
        let held_back = impossible.iter().filter(|record| record.abstained).count();
        let mean = |of: fn(&Record) -> Option<f64>| {
            let known: Vec<f64> = answerable.iter().filter_map(|record| of(record)).collect();
            share(known.iter().sum(), known.len())
        };
        let right = records.iter().filter(|record| record.right).count();
        let unmarked = |record: &&&Record| record.supported && !record.right;
        let wrong_unmarked = records.iter().filter(unmarked).count();
        let sum = |of: fn(&Record) -> usize| answerable.iter().map(|record| of(record)).sum::<usize>();
        let mut first: Vec<f64> = records
            .iter()
            .filter_map(|record| record.first_token_ms)
            .collect();
        let mut total: Vec<f64> = records.iter().map(|record| record.total_ms).collect();
        Self {
            questions: records.len(),
            answerable: answerable.len(),
            right: share(right as f64, records.len()).unwrap_or_default(),
            exact_match: mean(|record| record.exact),
            f1: mean(|record| record.f1),
            passage_found: mean(|record| record.found.map(one_if)),
            citation_precision: share(
                sum(|record| record.quotes_right) as f64,
                sum(|record| record.quotes),
            ),
            citation_recall: share(sum(|record| record.cited) as f64, sum(|record| record.sentences)),
            abstention_precision: share(held_back as f64, abstained),
            abstention_recall: share(held_back as f64, impossible.len()),
            false_refusals: mean(|record| Some(one_if(record.abstained))),
            false_answers: share((impossible.len() - held_back) as f64, impossible.len()),
            wrong_unmarked: share(wrong_unmarked as f64, records.len()),
            first_token_p50_ms: percentile(&mut first, 0.5),
            first_token_p95_ms: percentile(&mut first, 0.95),
            total_p50_ms: percentile(&mut total, 0.5),
            total_p95_ms: percentile(&mut total, 0.95),
        }
    }
}

fn one_if(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// None of nothing.
fn share(part: f64, of: usize) -> Option<f64> {
    (of > 0).then(|| part / of as f64)
}

fn figure(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}

fn print(m: &Metrics) -> Result<()> {
    let impossible = m.questions - m.answerable;
    output::line(format!(
        "{} questions, {} of them answerable",
        m.questions, m.answerable
    ))?;
    output::line(format!("right                 {:.3}", m.right))?;
    if m.answerable > 0 {
        output::line(format!("exact match           {}", figure(m.exact_match)))?;
        output::line(format!("token F1              {}", figure(m.f1)))?;
        output::line(format!("right passage found   {}", figure(m.passage_found)))?;
        output::line(format!("citation precision    {}", figure(m.citation_precision)))?;
        output::line(format!("citation recall       {}", figure(m.citation_recall)))?;
        output::line(format!("false refusals        {}", figure(m.false_refusals)))?;
    }
    if impossible > 0 {
        output::line(format!(
            "abstention precision  {}",
            figure(m.abstention_precision)
        ))?;
        output::line(format!("abstention recall     {}", figure(m.abstention_recall)))?;
        output::line(format!("false answers         {}", figure(m.false_answers)))?;
    }
    output::line(format!("wrong, and unmarked   {}", figure(m.wrong_unmarked)))?;
    output::line(format!(
        "first token p50 / p95 {:.0} / {:.0} ms",
        m.first_token_p50_ms, m.first_token_p95_ms
    ))?;
    output::line(format!(
        "whole p50 / p95       {:.0} / {:.0} ms",
        m.total_p50_ms, m.total_p95_ms
    ))
}

fn print_kinds(kinds: &BTreeMap<&'static str, Metrics>) -> Result<()> {
    if kinds.is_empty() {
        return Ok(());
    }
    output::line("\nkind         asked  right  token F1  quotes right  abstained")?;
    for (name, m) in kinds {
        let abstained = m.false_refusals.or(m.abstention_recall);
        output::line(format!(
            "{name:<12} {:>5}  {:>5.3}  {:>8}  {:>12}  {:>9}",
            m.questions,
            m.right,
            figure(m.f1),
            figure(m.citation_precision),
            figure(abstained)
        ))?;
    }
    Ok(())
}
