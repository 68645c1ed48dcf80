//! `footnote eval`: question sets over an index of their own, made as the app makes one.

mod answers;
mod cases;
mod chunking;
mod compare;
mod gate;
mod grounding;
mod injection;
mod latency;
mod report;
mod retrieval;
mod set;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use footnote_core::chunk::ChunkLimits;
use footnote_core::engine::ROW_SCHEMA;
use footnote_core::inflection::{Tongue, terms_of};
use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::{ChunkStore, Embedder, Extractor, TextRole};
use footnote_core::types::{Chunk, ChunkRow, IndexSpec, Page};
use footnote_core::{DocumentId, Error, Result, RevisionId};
use footnote_lance::LanceStore;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::args::{EvalCommand, Global};
use crate::{compose, output};

pub use cases::compare_prompts;

/// Chunks embedded and written together.
const BATCH: usize = 256;

/// Runs an evaluation; `html` is where its report goes, if one is wanted.
pub async fn run(
    global: &Global,
    command: EvalCommand,
    html: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    if let Some(path) = html {
        output::check_new(path)?;
    }
    match command {
        EvalCommand::Retrieval { dir } => retrieval::run(global, dir, html, cancel).await,
        EvalCommand::Answers(args) => answers::run(global, &args, html, cancel).await,
        EvalCommand::Latency(args) => latency::run(global, &args, html, cancel).await,
        EvalCommand::Grounding { dir, count } => grounding::run(global, &dir, count, html, cancel).await,
        EvalCommand::Injection { dir, limit } => injection::run(global, &dir, limit, html, cancel).await,
        EvalCommand::Cases(args) => cases::run(global, &args, html, cancel).await,
        EvalCommand::Compare { first, second } => compare::run(global, &first, &second, html),
        EvalCommand::Chunking { .. } if html.is_some() => {
            Err(Error::user("`eval chunking` makes no report").hint("Leave --html out"))
        }
        EvalCommand::Chunking { dir } => chunking::run(global, &dir, cancel).await,
    }
}

/// Begins an index in an empty store.
async fn begin(embedder: &Arc<dyn Embedder>, store: &LanceStore) -> Result<ChunkLimits> {
    let limits = ChunkLimits::for_embedder(embedder.max_tokens());
    store
        .begin(&IndexSpec {
            embedder: embedder.id(),
            dimension: embedder.dimension(),
            chunker: limits.version(),
            schema: ROW_SCHEMA,
        })
        .await?;
    Ok(limits)
}

/// The pages of a file, as the app reads it; images are left unread.
async fn read_pages(path: &Path, cancel: &CancellationToken) -> Result<Vec<Page>> {
    let extractor = compose::extractor()?;
    let (file, token) = (std::path::absolute(path)?, cancel.clone());
    tokio::task::spawn_blocking(move || {
        let mut pages = Vec::new();
        let mut sink = |extracted: ExtractedPage| {
            pages.push(extracted.page);
            ControlFlow::Continue(())
        };
        extractor.extract(&file, None, &mut sink, &token)?;
        Ok(pages)
    })
    .await
    .map_err(|e| Error::bug(format!("the reader stopped: {e}")))?
}

/// The files of a folder, by name.
fn files_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    Ok(files)
}

/// A file of a question set; `layout` says what its folder should hold.
fn read_text(path: &Path, layout: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::from(error).at(path.display()).hint(layout))
}

/// The records of a file with a JSON object a line; see [`read_text`].
fn read_lines<T: DeserializeOwned>(path: &Path, layout: &str) -> Result<Vec<T>> {
    read_text(path, layout)?
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line)
                .map_err(|error| Error::user(format!("{}, line {}: {error}", path.display(), at + 1)))
        })
        .collect()
}

/// The value that a share of all is not above; 0 of none. Sorts them.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * share) as usize;
    values.get(at).copied().unwrap_or(0.0)
}

/// Embeds chunks and writes them under the names of their documents. Returns how many, and adds the languages they are in to
/// `tongues`.
async fn write(
    chunks: Vec<(String, Chunk)>,
    embedder: &Arc<dyn Embedder>,
    store: &LanceStore,
    tongues: &mut BTreeSet<Tongue>,
    cancel: &CancellationToken,
) -> Result<usize> {
    if chunks.is_empty() {
        return Ok(0);
    }
    let texts: Vec<String> = chunks.iter().map(|(_, chunk)| chunk.embedded_text()).collect();
    tongues.extend(texts.iter().filter_map(|text| Tongue::of_text(text, None)));
    let terms: Vec<String> = texts.iter().map(|text| terms_of(text, None)).collect();
    let (model, token) = (Arc::clone(embedder), cancel.clone());
    let vectors = tokio::task::spawn_blocking(move || model.embed(&texts, TextRole::Passage, &token))
        .await
        .map_err(|e| Error::bug(format!("the embedder stopped: {e}")))??;
    let count = chunks.len();
    let rows = chunks
        .into_iter()
        .zip(vectors)
        .zip(terms)
        .map(|(((id, chunk), vector), terms)| ChunkRow {
            chunk,
            revision: RevisionId(id.clone()),
            document: DocumentId(id),
            collection: "eval".into(),
            terms,
            vector,
        });
    store.append(rows.collect()).await?;
    Ok(count)
}
