//! The engine's own chunks, embeddings and first-stage ranking over a question set in BEIR form.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use footnote_core::chunk::Chunker;
use footnote_core::inflection::Tongue;
use footnote_core::ports::{ChunkStore, Embedder, RowFilter};
use footnote_core::retrieve::{BareIndex, QueryEmbedders, rank};
use footnote_core::types::{Page, PageSource, SearchMode};
use footnote_core::{Error, Result};
use footnote_lance::LanceStore;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::report::Report;
use super::{BATCH, begin, files_in, percentile, read_lines, read_pages, read_text, write};
use crate::args::Global;
use crate::compose::Composition;
use crate::{output, progress};

const LAYOUT: &str = "A BEIR folder has corpus.jsonl, queries.jsonl and qrels/test.tsv";
/// Chunks asked of each search; more than 100 documents' worth.
const DEPTH: usize = 400;

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// A document of the set: a line of `corpus.jsonl`, or a file of the folder `documents` that has the
/// document's id for a name.
enum Text {
    Record(Record),
    File(String, PathBuf),
}

/// Documents judged relevant to a query, with their grade.
type Judgements = HashMap<String, HashMap<String, f64>>;

#[derive(Serialize, Default)]
struct Metrics {
    mode: String,
    queries: usize,
    #[serde(rename = "ndcg@10")]
    ndcg_10: f64,
    #[serde(rename = "recall@10")]
    recall_10: f64,
    #[serde(rename = "recall@100")]
    recall_100: f64,
    #[serde(rename = "mrr@10")]
    mrr_10: f64,
    #[serde(rename = "hit@1")]
    hit_1: f64,
    #[serde(rename = "hit@5")]
    hit_5: f64,
    p50_ms: f64,
    p95_ms: f64,
}

/// How one query went.
#[derive(Serialize)]
struct Ranking {
    id: String,
    query: String,
    #[serde(rename = "ndcg@10")]
    ndcg_10: f64,
    #[serde(rename = "recall@100")]
    recall_100: f64,
    /// Place of the first relevant document, from 1.
    first: Option<usize>,
    /// What ranks first.
    best: Option<String>,
    ms: f64,
}

pub(super) async fn run(
    global: &Global,
    dir: PathBuf,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let corpus = read_corpus(&dir)?;
    let queries: Vec<Record> = read_lines(&dir.join("queries.jsonl"), LAYOUT)?;
    let judgements = read_judgements(&judgement_file(&dir)?)?;
    let composition = Composition::new(global)?;
    let current = composition.embedder().await?;
    let embedder = Arc::clone(&current.embedder);
    let embedders = QueryEmbedders {
        current,
        earlier: Vec::new(),
    };
    // A store of its own: the user's documents have no part in this.
    let folder = tempfile::tempdir()?;
    let store = LanceStore::open(folder.path()).await?;
    let started = Instant::now();
    let (chunks, tongues) = index(&corpus, &embedder, &store, cancel).await?;
    let searched = BareIndex {
        embedders: &embedders,
        store: &store,
        tongues: &tongues,
    };
    let seconds = started.elapsed().as_secs_f64();
    output::note(format!(
        "{} documents, {chunks} chunks, {:.1} documents/s",
        corpus.len(),
        corpus.len() as f64 / seconds
    ));
    let (mut results, mut rankings) = (Vec::new(), Vec::new());
    for (name, mode) in [
        ("vector", SearchMode::Vector),
        ("text", SearchMode::Text),
        ("hybrid", SearchMode::Hybrid),
    ] {
        let (metrics, of_mode) = measure(name, mode, &queries, &judgements, searched, cancel).await?;
        results.push(metrics);
        rankings = of_mode;
    }
    if let Some(path) = html {
        let mut report = Report::new("Retrieval", &dir);
        report.about("Embedder", embedder.id());
        report.about("Index", format!("{} documents, {chunks} chunks", corpus.len()));
        for metrics in &results {
            report.measures(&metrics.mode, metrics)?;
        }
        report.records(&rankings, |ranking| ranking.ndcg_10)?;
        report.write(path)?;
    }
    if global.json {
        output::json(&serde_json::json!({
            "dataset": dir, "embedder": embedder.id(), "documents": corpus.len(), "chunks": chunks,
            "index_seconds": seconds, "modes": results,
        }))?;
    } else {
        output::line("mode     nDCG@10  R@10   R@100  MRR@10  hit@1  hit@5  p50 ms  p95 ms")?;
        for m in &results {
            output::line(format!(
                "{:<8} {:.3}    {:.3}  {:.3}  {:.3}   {:.3}  {:.3}  {:>6.1}  {:>6.1}",
                m.mode, m.ndcg_10, m.recall_10, m.recall_100, m.mrr_10, m.hit_1, m.hit_5, m.p50_ms, m.p95_ms
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn index(
    corpus: &[Text],
    embedder: &Arc<dyn Embedder>,
    store: &LanceStore,
    cancel: &CancellationToken,
) -> Result<(usize, Vec<Tongue>)> {
    let limits = begin(embedder, store).await?;
    let bar = progress::count_bar(corpus.len() as u64, "indexing");
    let mut waiting = Vec::new();
    let (mut count, mut tongues) = (0, BTreeSet::new());
    for text in corpus {
        let tokenizer = Arc::clone(embedder);
        let mut chunker = Chunker::new(limits, Box::new(move |text: &str| tokenizer.token_offsets(text)));
        let (id, pages) = match text {
            Text::Record(record) if record.title.is_empty() => (&record.id, vec![page(record.text.clone())]),
            Text::Record(record) => (
                &record.id,
                vec![page(format!("{}\n\n{}", record.title, record.text))],
            ),
            Text::File(id, path) => (id, read_pages(path, cancel).await?),
        };
        for page in &pages {
            waiting.extend(chunker.page(page)?.into_iter().map(|chunk| (id.clone(), chunk)));
        }
        bar.inc(1);
        if waiting.len() >= BATCH {
            let full = std::mem::take(&mut waiting);
            count += write(full, embedder, store, &mut tongues, cancel).await?;
        }
    }
    count += write(waiting, embedder, store, &mut tongues, cancel).await?;
    store.optimize().await?;
    bar.finish_and_clear();
    Ok((count, tongues.into_iter().collect()))
}

async fn measure(
    name: &str,
    mode: SearchMode,
    queries: &[Record],
    judgements: &Judgements,
    searched: BareIndex<'_>,
    cancel: &CancellationToken,
) -> Result<(Metrics, Vec<Ranking>)> {
    let mut rankings = Vec::new();
    let mut metrics = Metrics {
        mode: name.to_owned(),
        ..Metrics::default()
    };
    let mut times = Vec::new();
    for query in queries {
        let Some(relevant) = judgements.get(&query.id) else {
            continue;
        };
        let started = Instant::now();
        let filter = RowFilter::default();
        let found = rank(searched, &query.text, mode, &filter, DEPTH, cancel).await?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        times.push(ms);
        let mut seen = HashSet::new();
        let ranking: Vec<String> = found
            .into_iter()
            .map(|ranked| ranked.hit.document.0)
            .filter(|id| seen.insert(id.clone()))
            .take(100)
            .collect();
        metrics.add(&ranking, relevant);
        let mut own = Metrics::default();
        own.add(&ranking, relevant);
        let is_relevant = |id: &String| relevant.get(id).is_some_and(|grade| *grade > 0.0);
        rankings.push(Ranking {
            id: query.id.clone(),
            query: query.text.clone(),
            ndcg_10: own.ndcg_10,
            recall_100: own.recall_100,
            first: ranking.iter().position(is_relevant).map(|at| at + 1),
            best: ranking.into_iter().next(),
            ms,
        });
    }
    let n = times.len().max(1) as f64;
    metrics.queries = times.len();
    for sum in [
        &mut metrics.ndcg_10,
        &mut metrics.recall_10,
        &mut metrics.recall_100,
        &mut metrics.mrr_10,
        &mut metrics.hit_1,
        &mut metrics.hit_5,
    ] {
        *sum /= n;
    }
    metrics.p50_ms = percentile(&mut times, 0.5);
    metrics.p95_ms = percentile(&mut times, 0.95);
    Ok((metrics, rankings))
}

impl Metrics {
    /// Adds one query's measures. Gains are linear, as in trec_eval's `ndcg_cut`.
    fn add(&mut self, ranking: &[String], relevant: &HashMap<String, f64>) {
        let gain = |id: &String| relevant.get(id).copied().unwrap_or(0.0);
        let discounted = |gains: &[f64]| {
            gains
                .iter()
                .enumerate()
                .map(|(i, g)| g / ((i + 2) as f64).log2())
                .sum::<f64>()
        };
        let gains: Vec<f64> = ranking.iter().take(10).map(gain).collect();
        let mut ideal: Vec<f64> = relevant.values().copied().collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        ideal.truncate(10);
        let best = discounted(&ideal);
        self.ndcg_10 += if best > 0.0 {
            discounted(&gains) / best
        } else {
            0.0
        };
        let total = relevant.values().filter(|grade| **grade > 0.0).count().max(1) as f64;
        let hits = |k: usize| ranking.iter().take(k).filter(|id| gain(id) > 0.0).count() as f64;
        self.recall_10 += hits(10) / total;
        self.recall_100 += hits(100) / total;
        self.hit_1 += hits(1).min(1.0);
        self.hit_5 += hits(5).min(1.0);
        let first = ranking.iter().take(10).position(|id| gain(id) > 0.0);
        self.mrr_10 += first.map_or(0.0, |at| 1.0 / (at + 1) as f64);
    }
}

fn page(text: String) -> Page {
    Page::new(1, text, PageSource::Text)
}

/// The files of the folder `documents` if there is one, else `corpus.jsonl`.
fn read_corpus(dir: &Path) -> Result<Vec<Text>> {
    let Ok(files) = files_in(&dir.join("documents")) else {
        let records: Vec<Record> = read_lines(&dir.join("corpus.jsonl"), LAYOUT)?;
        return Ok(records.into_iter().map(Text::Record).collect());
    };
    let named = files.into_iter().filter_map(|path| {
        let id = path.file_stem()?.to_string_lossy().into_owned();
        Some(Text::File(id, path))
    });
    Ok(named.collect())
}

/// `qrels/test.tsv`, or the only other one.
fn judgement_file(dir: &Path) -> Result<PathBuf> {
    let test = dir.join("qrels").join("test.tsv");
    if test.exists() {
        return Ok(test);
    }
    let mut others =
        files_in(&dir.join("qrels")).map_err(|error| Error::from(error).at(dir.join("qrels").display()))?;
    others.retain(|path| path.extension().is_some_and(|extension| extension == "tsv"));
    match (others.pop(), others.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(Error::user(format!("{} has no qrels/test.tsv", dir.display()))),
    }
}

fn read_judgements(path: &Path) -> Result<Judgements> {
    let mut judgements = Judgements::new();
    for (at, line) in read_text(path, LAYOUT)?.lines().enumerate() {
        let mut fields = line.split('\t');
        let (Some(query), Some(document), Some(grade)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        match grade.trim().parse::<f64>() {
            Ok(grade) => {
                judgements
                    .entry(query.to_owned())
                    .or_default()
                    .insert(document.to_owned(), grade);
            }
            Err(_) if at == 0 => {}
            Err(_) => {
                return Err(Error::user(format!(
                    "{}, line {}: no grade",
                    path.display(),
                    at + 1
                )));
            }
        }
    }
    Ok(judgements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_agree_with_a_worked_example() {
        let relevant = HashMap::from([("a".to_owned(), 1.0), ("b".to_owned(), 2.0)]);
        let mut metrics = Metrics::default();
        metrics.add(&["x".to_owned(), "b".to_owned(), "a".to_owned()], &relevant);
        let got = 2.0 / 3f64.log2() + 1.0 / 4f64.log2();
        let best = 2.0 / 2f64.log2() + 1.0 / 3f64.log2();
        assert!((metrics.ndcg_10 - got / best).abs() < 1e-12);
        assert_eq!(
            (metrics.mrr_10, metrics.hit_1, metrics.hit_5, metrics.recall_10),
            (0.5, 0.0, 1.0, 1.0)
        );
    }
}
