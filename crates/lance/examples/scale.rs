//! Search times, import speed and recall of the store at scale.
//!
//! `cargo run -p footnote-lance --example scale -- [ROWS] [FOLDER]`; a folder that holds the rows
//! already is used as it is, and only searched.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use footnote_core::collections::Written;
use footnote_core::ports::{ChunkStore, RowFilter, StoredRevision};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkRow, IndexSpec};
use footnote_core::{ChunkId, DocumentId, RevisionId};
use footnote_lance::LanceStore;

const EMBEDDER: &str = "random";
const DIMENSION: usize = 384;
/// Rows that are written together, and writes after which the store is tidied up, as the ingestion of a long document does.
const WRITTEN: usize = 512;
const WRITES: usize = 16;
const QUERIES: usize = 200;

/// A small generator of numbers, so that runs can be compared.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }
    fn normal(&mut self) -> f32 {
        (0..6).map(|_| self.unit()).sum::<f32>() - 3.0
    }
}

fn normalized(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

struct World {
    random: Random,
    centers: Vec<Vec<f32>>,
    words: Vec<String>,
}

impl World {
    fn new() -> Self {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let centers = (0..500)
            .map(|_| (0..DIMENSION).map(|_| random.normal()).collect())
            .collect();
        let words = (0..30_000)
            .map(|n| {
                let letters = 3 + (random.next() % 8) as usize;
                let word: String = (0..letters)
                    .map(|_| (b'a' + (random.next() % 26) as u8) as char)
                    .collect();
                format!("{word}{}", if n % 50 == 0 { "ing" } else { "" })
            })
            .collect();
        Self {
            random,
            centers,
            words,
        }
    }

    fn vector(&mut self) -> Vec<f32> {
        let center = (self.random.next() % self.centers.len() as u64) as usize;
        let near = (0..DIMENSION)
            .map(|i| self.centers[center][i] + 0.7 * self.random.normal())
            .collect();
        normalized(near)
    }

    /// Words as frequent as Zipf says.
    fn word(&mut self) -> String {
        let rank = (self.words.len() as f32).powf(self.random.unit()) as usize - 1;
        self.words[rank.min(self.words.len() - 1)].clone()
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn row(&mut self, n: usize) -> ChunkRow {
        let text = self.text(145);
        ChunkRow {
            chunk: Chunk {
                id: format!("c{n}").as_str().into(),
                ordinal: (n % 100) as u32,
                page: (n % 100 / 4) as u32,
                span: CharSpan::new(0, text.len() as u32),
                text,
                headings: vec!["Part".into(), "Chapter".into()],
                text_hash: format!("{n:064x}"),
            },
            document: format!("d{}", n / 100).as_str().into(),
            revision: format!("r{}", n / 100).as_str().into(),
            collection: "default".into(),
            terms: String::new(),
            vector: self.vector(),
        }
    }
}

fn percentiles(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |p: f64| times[((times.len() - 1) as f64 * p) as usize];
    println!(
        "{name:<34} p50 {:7.1} ms  p95 {:7.1} ms  max {:7.1} ms",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    footnote_lance::bound_memory();
    tokio::runtime::Runtime::new()?.block_on(measured())
}

async fn measured() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: usize = arguments.next().map_or(Ok(50_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let dir = arguments.next().map_or(temporary.path().to_owned(), Into::into);
    let store = LanceStore::open(&dir).await?;
    let mut world = World::new();
    if store.health().await?.rows < rows as u64 * 9 / 10 {
        let spec = IndexSpec {
            embedder: EMBEDDER.into(),
            dimension: DIMENSION,
            chunker: "words".into(),
            schema: 1,
        };
        store.begin(&spec).await?;
        fill(&store, &mut world, rows).await?;
        let start = Instant::now();
        store.optimize().await?;
        println!(
            "optimize with nothing to do: {:.3} s",
            start.elapsed().as_secs_f64()
        );
        for size in [50, 600, 6_000] {
            let extra: Vec<ChunkRow> = (0..size).map(|i| world.row(rows + i)).collect();
            let revisions: HashSet<_> = extra.iter().map(|row| row.revision.clone()).collect();
            store.append(extra).await?;
            let start = Instant::now();
            store.optimize().await?;
            println!(
                "optimize after {size} more rows: {:.3} s",
                start.elapsed().as_secs_f64()
            );
            store
                .delete_revisions(&revisions.into_iter().collect::<Vec<_>>())
                .await?;
        }
        for document in ["d0", "d499"] {
            let start = Instant::now();
            store.purge_documents(&[document.into()]).await?;
            println!("purge of a document: {:.2} s", start.elapsed().as_secs_f64());
        }
        let many: Vec<DocumentId> = (100..120).map(|n| format!("d{n}").as_str().into()).collect();
        let start = Instant::now();
        store.purge_documents(&many).await?;
        println!("purge of 20 documents: {:.2} s", start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    let health = store.health().await?;
    println!("health: {health:?} in {:.2} s", start.elapsed().as_secs_f64());

    let everything = RowFilter::default();
    let scoped = RowFilter {
        within: Some(vec![Written::all("default")]),
        documents: (0..5).map(|n| format!("d{n}").as_str().into()).collect(),
        hidden: vec!["r1".into()],
    };
    let hiding = RowFilter {
        hidden: (0..20).map(|n| format!("r{n}").as_str().into()).collect(),
        ..RowFilter::default()
    };
    let start = Instant::now();
    let (vector, text) = (world.vector(), world.text(8));
    store.search_vector(EMBEDDER, &vector, &everything, 50).await?;
    store.search_text(&text, &everything, 50).await?;
    println!(
        "first hybrid search: {:.0} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    for (name, filter) in [
        ("all", &everything),
        ("20 hidden revisions", &hiding),
        ("5 documents", &scoped),
    ] {
        let (mut by_vector, mut by_text, mut both) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..QUERIES {
            let (vector, text) = (world.vector(), world.text(8));
            let start = Instant::now();
            store.search_vector(EMBEDDER, &vector, filter, 50).await?;
            by_vector.push(start.elapsed().as_secs_f64() * 1e3);
            let start = Instant::now();
            store.search_text(&text, filter, 50).await?;
            by_text.push(start.elapsed().as_secs_f64() * 1e3);
            let start = Instant::now();
            tokio::try_join!(
                store.search_vector(EMBEDDER, &vector, filter, 50),
                store.search_text(&text, filter, 50)
            )?;
            both.push(start.elapsed().as_secs_f64() * 1e3);
        }
        percentiles(&format!("vector, {name}"), by_vector);
        percentiles(&format!("text, {name}"), by_text);
        percentiles(&format!("both at once, {name}"), both);
    }

    for (name, filter) in [("all", &everything), ("5 documents", &scoped)] {
        println!(
            "recall@10, {name}: {:.3}",
            recall(&store, &mut world, filter).await?
        );
    }
    Ok(())
}

/// Writes the rows as the ingestion of one long document does, and says every tenth of the way how it goes.
async fn fill(store: &LanceStore, world: &mut World, rows: usize) -> Result<(), Box<dyn std::error::Error>> {
    let (mut n, mut writes, mut told) = (0, 0_usize, 0);
    let (mut appending, mut tidying) = (0.0, 0.0);
    while n < rows {
        let batch: Vec<ChunkRow> = (n..rows.min(n + WRITTEN)).map(|n| world.row(n)).collect();
        n += batch.len();
        let start = Instant::now();
        store.append(batch).await?;
        appending += start.elapsed().as_secs_f64();
        writes += 1;
        if writes.is_multiple_of(WRITES) || n == rows {
            let start = Instant::now();
            store.optimize().await?;
            tidying += start.elapsed().as_secs_f64();
        }
        if (n - told) * 10 >= rows || n == rows {
            println!(
                "{n} rows: {:.0} rows/s, of the time {:.0} % tidying up; memory {} MB, most so far {} MB",
                (n - told) as f64 / (appending + tidying),
                100.0 * tidying / (appending + tidying),
                memory("RssAnon")?,
                memory("VmHWM")?,
            );
            (told, appending, tidying) = (n, 0.0, 0.0);
        }
    }
    Ok(())
}

/// A line of this process's status, in MB; 0 where the system has no such file.
fn memory(line: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return Ok(0);
    };
    let value = status.lines().find_map(|found| found.strip_prefix(line));
    let kilobytes = value.and_then(|value| value.split_whitespace().nth(1));
    Ok(kilobytes.map_or(Ok(0), str::parse)? / 1024)
}

/// The share of the exact ten best rows, over the vectors as stored, that a search for ten finds.
async fn recall(
    store: &LanceStore,
    world: &mut World,
    filter: &RowFilter,
) -> Result<f64, Box<dyn std::error::Error>> {
    const BEST: usize = 10;
    let queries: Vec<Vec<f32>> = (0..50).map(|_| world.vector()).collect();
    // The best of each query so far, best first: a million vectors are read once and not kept.
    let mut exact: Vec<Vec<(f32, ChunkId)>> = vec![Vec::new(); queries.len()];
    let wanted = |document: &DocumentId, revision: &RevisionId| {
        (filter.documents.is_empty() || filter.documents.contains(document))
            && !filter.hidden.contains(revision)
    };
    for StoredRevision {
        document, revision, ..
    } in store.revisions().await?
    {
        if !wanted(&document, &revision) {
            continue;
        }
        let ids: HashMap<_, _> = store
            .chunks(&revision)
            .await?
            .into_iter()
            .map(|chunk| (chunk.text_hash, chunk.id))
            .collect();
        for (_, hash, vector) in store.vectors(&revision, 0..u32::MAX).await? {
            for (query, best) in queries.iter().zip(&mut exact) {
                let score = vector.iter().zip(query).map(|(a, b)| a * b).sum::<f32>();
                if best.len() < BEST || score > best[BEST - 1].0 {
                    let at = best.partition_point(|(other, _)| *other >= score);
                    best.insert(at, (score, ids[&hash].clone()));
                    best.truncate(BEST);
                }
            }
        }
    }
    let (mut found, mut all) = (0, 0);
    for (query, best) in queries.iter().zip(&exact) {
        let hits = store.search_vector(EMBEDDER, query, filter, BEST).await?;
        found += hits
            .iter()
            .filter(|hit| best.iter().any(|(_, id)| *id == hit.chunk.id))
            .count();
        all += best.len();
    }
    Ok(found as f64 / all as f64)
}
