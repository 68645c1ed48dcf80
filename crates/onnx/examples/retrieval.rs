//! nDCG@10 and recall@100 of plain cosine search on BEIR folders: `retrieval MODEL_FOLDER BEIR_FOLDER...`.
#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use footnote_core::ports::{Embedder, TextRole};
use footnote_core::{Error, Result};
use footnote_onnx::{EmbedderOptions, OnnxEmbedder, Runtime, RuntimeOptions};
use tokio_util::sync::CancellationToken;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or_else(|| Error::user("Usage: retrieval MODEL_FOLDER BEIR_FOLDER..."))?;
    let runtime = Runtime::load(RuntimeOptions::default())?;
    let embedder = OnnxEmbedder::open(&runtime, folder.as_ref(), EmbedderOptions::default())?;
    for set in arguments {
        measure(&embedder, Path::new(&set))?;
    }
    Ok(())
}

/// Identifiers and texts of a JSON-lines file.
fn read(path: &Path) -> Result<(Vec<String>, Vec<String>)> {
    let text = std::fs::read_to_string(path)?;
    let rows = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    Ok(rows
        .map(|row| {
            let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            (
                field("_id"),
                format!("{} {}", field("title"), field("text")).trim().to_owned(),
            )
        })
        .unzip())
}

fn measure(embedder: &OnnxEmbedder, set: &Path) -> Result<()> {
    let (document_ids, documents) = read(&set.join("corpus.jsonl"))?;
    let (query_ids, queries) = read(&set.join("queries.jsonl"))?;
    let mut relevant: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for file in std::fs::read_dir(set.join("qrels"))?.flatten() {
        for line in std::fs::read_to_string(file.path())?.lines().skip(1) {
            let mut parts = line.split('\t');
            if let (Some(query), Some(document), Some(grade)) = (parts.next(), parts.next(), parts.next()) {
                let grade = grade.trim().parse().unwrap_or(0.0);
                relevant
                    .entry(query.into())
                    .or_default()
                    .insert(document.into(), grade);
            }
        }
    }
    let cancel = CancellationToken::new();
    let start = Instant::now();
    let vectors = embedder.embed(&documents, TextRole::Passage, &cancel)?;
    let seconds = start.elapsed().as_secs_f64();
    let asked = embedder.embed(&queries, TextRole::Query, &cancel)?;
    let (mut ndcg, mut recall, mut count) = (0.0, 0.0, 0.0);
    for (id, query) in query_ids.iter().zip(&asked) {
        let Some(grades) = relevant
            .get(id)
            .filter(|grades| grades.values().any(|grade| *grade > 0.0))
        else {
            continue;
        };
        let mut ranked: Vec<(f32, &str)> = vectors
            .iter()
            .zip(&document_ids)
            .filter(|(_, document)| *document != id)
            .map(|(vector, document)| {
                (
                    vector.iter().zip(query).map(|(a, b)| a * b).sum(),
                    document.as_str(),
                )
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let gain = |grades: &[f64]| -> f64 {
            grades
                .iter()
                .enumerate()
                .map(|(rank, grade)| grade / (rank as f64 + 2.0).log2())
                .sum()
        };
        let grade = |document: &str| grades.get(document).copied().unwrap_or(0.0).max(0.0);
        let found: Vec<f64> = ranked
            .iter()
            .take(10)
            .map(|(_, document)| grade(document))
            .collect();
        let mut ideal: Vec<f64> = grades.values().map(|grade| grade.max(0.0)).collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        ideal.truncate(10);
        ndcg += gain(&found) / gain(&ideal);
        let hits = ranked
            .iter()
            .take(100)
            .filter(|(_, document)| grade(document) > 0.0)
            .count();
        recall += hits as f64 / grades.values().filter(|grade| **grade > 0.0).count() as f64;
        count += 1.0;
    }
    println!(
        "{} {}: nDCG@10 {:.4}, recall@100 {:.4}, {count} queries, {} documents at {:.1}/s",
        embedder.id(),
        set.file_name().unwrap_or_default().to_string_lossy(),
        ndcg / count,
        recall / count,
        documents.len(),
        documents.len() as f64 / seconds
    );
    Ok(())
}
