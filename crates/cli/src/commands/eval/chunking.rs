//! How well chunks fit what questions ask for: the share of the gold characters that the first chunks
//! found hold (recall), how much of these chunks is gold (precision), and both in one (intersection
//! over union). The measures of Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval"
//! (Chroma, 2024), over characters instead of tokens.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use footnote_core::chunk::Chunker;
use footnote_core::ports::{ChunkStore, RowFilter};
use footnote_core::retrieve::{BareIndex, QueryEmbedders, rank};
use footnote_core::span::CharSpan;
use footnote_core::types::{Page, SearchMode};
use footnote_core::{Error, Result};
use footnote_lance::LanceStore;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{BATCH, begin, read_lines, read_pages, write};
use crate::args::Global;
use crate::compose::Composition;
use crate::{output, progress};

const LAYOUT: &str = "The folder has questions.jsonl and the texts in corpora/";
/// Chunks looked at for a question.
const DEPTHS: [usize; 2] = [5, 10];

#[derive(Deserialize)]
struct Question {
    question: String,
    corpus: String,
    references: Vec<CharSpan>,
}

#[derive(Serialize, Default)]
struct Metrics {
    mode: String,
    depth: usize,
    questions: usize,
    recall: f64,
    precision: f64,
    iou: f64,
}

pub(super) async fn run(global: &Global, dir: &Path, cancel: &CancellationToken) -> Result<ExitCode> {
    let questions: Vec<Question> = read_lines(&dir.join("questions.jsonl"), LAYOUT)?;
    let current = Composition::new(global)?.embedder().await?;
    let embedder = Arc::clone(&current.embedder);
    let embedders = QueryEmbedders {
        current,
        earlier: Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let store = LanceStore::open(folder.path()).await?;
    let limits = begin(&embedder, &store).await?;
    let mut names: Vec<&str> = questions
        .iter()
        .map(|question| question.corpus.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let bar = progress::count_bar(names.len() as u64, "indexing");
    let (mut lengths, mut places) = (Vec::new(), HashMap::new());
    let mut tongues = BTreeSet::new();
    for name in names {
        let pages = pages_of(&dir.join("corpora").join(name), cancel).await?;
        let tokenizer = Arc::clone(&embedder);
        let mut chunker = Chunker::new(limits, Box::new(move |text: &str| tokenizer.token_offsets(text)));
        let mut chunks = Vec::new();
        let mut offset = 0;
        for page in &pages {
            for chunk in chunker.page(page)? {
                let span = CharSpan::new(chunk.span.start + offset, chunk.span.end + offset);
                lengths.push(span.len());
                places.insert(chunk.id.clone(), span);
                chunks.push((name.to_owned(), chunk));
            }
            offset += page.text.chars().count() as u32;
        }
        while !chunks.is_empty() {
            let rest = chunks.split_off(chunks.len().min(BATCH));
            let full = std::mem::replace(&mut chunks, rest);
            write(full, &embedder, &store, &mut tongues, cancel).await?;
        }
        bar.inc(1);
    }
    store.optimize().await?;
    bar.finish_and_clear();
    let mean = lengths.iter().sum::<u32>() as f64 / lengths.len().max(1) as f64;
    output::note(format!("{} chunks of {mean:.0} characters", lengths.len()));

    let tongues: Vec<_> = tongues.into_iter().collect();
    let searched = BareIndex {
        embedders: &embedders,
        store: &store,
        tongues: &tongues,
    };
    let mut results = Vec::new();
    for (name, mode) in [
        ("vector", SearchMode::Vector),
        ("text", SearchMode::Text),
        ("hybrid", SearchMode::Hybrid),
    ] {
        let mut sums = DEPTHS.map(|depth| Metrics {
            mode: name.to_owned(),
            depth,
            ..Metrics::default()
        });
        for question in &questions {
            let filter = RowFilter::default();
            let found = rank(searched, &question.question, mode, &filter, 50, cancel).await?;
            for sum in &mut sums {
                let mut spans: Vec<CharSpan> = found
                    .iter()
                    .take(sum.depth)
                    .filter(|ranked| ranked.hit.document.0 == question.corpus)
                    .filter_map(|ranked| places.get(&ranked.hit.chunk.id).copied())
                    .collect();
                // What lies in another text is gold for nothing, and still has to be read.
                let astray: u32 = found
                    .iter()
                    .take(sum.depth)
                    .filter(|ranked| ranked.hit.document.0 != question.corpus)
                    .filter_map(|ranked| places.get(&ranked.hit.chunk.id).map(|span| span.len()))
                    .sum();
                sum.add(&mut spans, astray, &question.references);
            }
        }
        for mut sum in sums {
            let n = sum.questions.max(1) as f64;
            sum.recall /= n;
            sum.precision /= n;
            sum.iou /= n;
            results.push(sum);
        }
    }
    if global.json {
        output::json(&serde_json::json!({
            "dataset": dir, "embedder": embedder.id(), "chunks": lengths.len(), "mean_chars": mean, "results": results,
        }))?;
    } else {
        output::line("mode     chunks  recall  precision  IoU")?;
        for m in &results {
            output::line(format!(
                "{:<8} {:>6}  {:.3}   {:.3}      {:.3}",
                m.mode, m.depth, m.recall, m.precision, m.iou
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Metrics {
    /// Adds one question: the places found in its text, `astray` characters found elsewhere, and the
    /// places that answer it.
    fn add(&mut self, found: &mut Vec<CharSpan>, astray: u32, gold: &[CharSpan]) {
        let (found, gold) = (union(found), union(&mut gold.to_vec()));
        let count = |spans: &[CharSpan]| f64::from(spans.iter().map(|span| span.len()).sum::<u32>());
        let common: f64 = found
            .iter()
            .flat_map(|f| {
                gold.iter()
                    .map(|g| f.end.min(g.end).saturating_sub(f.start.max(g.start)))
            })
            .map(f64::from)
            .sum();
        let read = count(&found) + f64::from(astray);
        self.questions += 1;
        self.recall += common / count(&gold).max(1.0);
        self.precision += common / read.max(1.0);
        self.iou += common / (read + count(&gold) - common).max(1.0);
    }
}

/// The same characters, each once, in order.
fn union(spans: &mut Vec<CharSpan>) -> Vec<CharSpan> {
    spans.sort_by_key(|span| span.start);
    let mut joined: Vec<CharSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(*span),
        }
    }
    joined
}

/// The pages of a text. Together they must be the file to the letter, as the gold places count its
/// characters.
async fn pages_of(path: &Path, cancel: &CancellationToken) -> Result<Vec<Page>> {
    let pages = read_pages(path, cancel).await?;
    let whole = std::fs::read_to_string(path).map_err(|error| Error::from(error).at(path.display()))?;
    let read: String = pages.iter().map(|page| page.text.as_str()).collect();
    if read == whole {
        Ok(pages)
    } else {
        Err(Error::user(format!(
            "{} is not read to the letter, so its places cannot be compared",
            path.display()
        ))
        .hint("Use Markdown or plain text with line feeds only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_agree_with_a_worked_example() {
        let mut metrics = Metrics::default();
        let mut found = vec![CharSpan::new(30, 50), CharSpan::new(0, 20), CharSpan::new(10, 30)];
        metrics.add(&mut found, 50, &[CharSpan::new(40, 60)]);
        assert_eq!(metrics.questions, 1);
        assert!((metrics.recall - 0.5).abs() < 1e-12);
        assert!((metrics.precision - 0.1).abs() < 1e-12);
        assert!((metrics.iou - 10.0 / 110.0).abs() < 1e-12);
    }
}
