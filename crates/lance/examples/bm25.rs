//! nDCG@10 of the full-text search on BEIR folders.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use footnote_core::ports::{ChunkStore, RowFilter};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkRow, IndexSpec};
use footnote_lance::LanceStore;
use std::collections::HashMap;
#[tokio::main]
async fn main() {
    for folder in std::env::args().skip(1) {
        let dir = tempfile::tempdir().unwrap();
        let store = LanceStore::open(dir.path()).await.unwrap();
        store
            .reset(&IndexSpec {
                embedder: "e".into(),
                dimension: 1,
                chunker: "c".into(),
                schema: 1,
            })
            .await
            .unwrap();
        let read = |f: &str| std::fs::read_to_string(format!("{folder}/{f}")).unwrap();
        let json = |f: &str| -> Vec<serde_json::Value> {
            read(f)
                .lines()
                .map(|l| serde_json::from_str(l).unwrap())
                .collect()
        };
        let rows: Vec<ChunkRow> = json("corpus.jsonl")
            .iter()
            .map(|d| ChunkRow {
                chunk: Chunk {
                    id: d["_id"].as_str().unwrap().into(),
                    ordinal: 0,
                    page: 1,
                    span: CharSpan::new(0, 1),
                    text: format!(
                        "{} {}",
                        d["title"].as_str().unwrap_or(""),
                        d["text"].as_str().unwrap()
                    ),
                    headings: vec![],
                    text_hash: String::new(),
                },
                document: "d".into(),
                revision: "r".into(),
                collection: "c".into(),
                vector: vec![1.0],
            })
            .collect();
        store.append(rows).await.unwrap();
        store.optimize().await.unwrap();
        let mut qrels: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for l in read("qrels/test.tsv").lines().skip(1) {
            let p: Vec<&str> = l.split('\t').collect();
            qrels
                .entry(p[0].into())
                .or_default()
                .insert(p[1].into(), p[2].parse().unwrap());
        }
        let (mut sum, mut n, mut time) = (0.0, 0.0, 0.0);
        for q in json("queries.jsonl") {
            let Some(rel) = qrels.get(q["_id"].as_str().unwrap()) else {
                continue;
            };
            let t = std::time::Instant::now();
            let hits = store
                .search_text(q["text"].as_str().unwrap(), &RowFilter::default(), 10)
                .await
                .unwrap();
            time += t.elapsed().as_secs_f64();
            let dcg: f64 = hits
                .iter()
                .enumerate()
                .map(|(i, h)| rel.get(h.chunk.id.as_str()).copied().unwrap_or(0.0) / (i as f64 + 2.0).log2())
                .sum();
            let mut ideal: Vec<f64> = rel.values().copied().collect();
            ideal.sort_by(|a, b| b.total_cmp(a));
            let idcg: f64 = ideal
                .iter()
                .take(10)
                .enumerate()
                .map(|(i, r)| r / (i as f64 + 2.0).log2())
                .sum();
            if idcg > 0.0 {
                sum += dcg / idcg;
                n += 1.0;
            }
        }
        println!(
            "{folder}: nDCG@10 {:.4} over {n} queries, {:.1} ms/query",
            sum / n,
            time / n * 1e3
        );
    }
}
