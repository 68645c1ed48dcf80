//! The two searches. Both rank only what the filter lets through.

use footnote_core::Result;
use footnote_core::ports::RowFilter;
use footnote_core::types::ChunkHit;
use futures::TryStreamExt;
use lancedb::index::scalar::{FtsQuery, FullTextSearchQuery, MatchQuery, Operator};
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::{DistanceType, Table};

use crate::error::Translate;
use crate::filter;
use crate::rows::{self, CHUNK_COLUMNS, SEARCH_TEXT, VECTOR};

/// Partitions that a vector search looks into. Lance looks into more if a filter leaves too few rows.
const PROBES: usize = 24;
/// A scope of at most this many rows is searched exactly: the index, which looks only into some
/// partitions, would miss most of a few rows that lie in all of them.
const EXACT_ROWS: usize = 20_000;
/// Candidates per wanted hit that are compared again with their exact vectors.
const REFINE: u32 = 2;
/// Longest query, in bytes: more words only cost time.
const QUERY_BYTES: usize = 4_096;

/// The `k` rows nearest to `vector` by cosine.
pub(crate) async fn by_vector(
    table: &Table,
    vector: &[f32],
    filter: &RowFilter,
    k: usize,
) -> Result<Vec<ChunkHit>> {
    const DOING: &str = "searching by meaning";
    let mut query = table
        .query()
        .nearest_to(vector)
        .and_then(|query| {
            let query = query.column(VECTOR).distance_type(DistanceType::Cosine);
            query.minimum_nprobes(PROBES)?.maximum_nprobes(None)
        })
        .during(DOING)?
        .refine_factor(REFINE)
        .limit(k)
        .select(columns("_distance"));
    if let Some(condition) = filter::condition(filter) {
        if filter.is_scoped() && table.count_rows(Some(condition.clone())).await.during(DOING)? <= EXACT_ROWS
        {
            query = query.bypass_vector_index();
        }
        query = query.only_if(condition);
    }
    run(query, DOING, "_distance", |distance| 1.0 - distance).await
}

/// The `k` best rows for any of the words of `text` by BM25.
pub(crate) async fn by_text(
    table: &Table,
    text: &str,
    filter: &RowFilter,
    k: usize,
) -> Result<Vec<ChunkHit>> {
    const DOING: &str = "searching by words";
    let words = &text[..text.floor_char_boundary(QUERY_BYTES)];
    if !words.chars().any(char::is_alphanumeric) {
        return Ok(Vec::new());
    }
    // A match query takes its text as words; it has no syntax that punctuation could break.
    let words = MatchQuery::new(words.to_owned())
        .with_column(Some(SEARCH_TEXT.to_owned()))
        .with_operator(Operator::Or)
        .with_fuzziness(Some(0));
    let mut query = table
        .query()
        .full_text_search(FullTextSearchQuery::new_query(FtsQuery::Match(words)).limit(Some(k as i64)))
        .limit(k)
        .select(columns("_score"));
    if let Some(condition) = filter::condition(filter) {
        query = query.only_if(condition);
    }
    run(query, DOING, "_score", |score| score).await
}

/// Runs a search; `score` makes of its `column` what is the higher the better.
async fn run(
    query: impl ExecutableQuery,
    doing: &str,
    column: &str,
    score: fn(f32) -> f32,
) -> Result<Vec<ChunkHit>> {
    let batches: Vec<_> = query
        .execute()
        .await
        .during(doing)?
        .try_collect()
        .await
        .during(doing)?;
    let mut hits = Vec::new();
    for batch in &batches {
        hits.extend(rows::hits(batch, column, score)?);
    }
    Ok(best_first(hits))
}

fn columns(score: &str) -> Select {
    let mut columns = CHUNK_COLUMNS.to_vec();
    columns.extend([VECTOR, score]);
    Select::columns(&columns)
}

/// The `k` best of what the tables gave.
pub(crate) fn best(found: Vec<Vec<ChunkHit>>, k: usize) -> Vec<ChunkHit> {
    let mut hits = best_first(found.into_iter().flatten().collect());
    hits.truncate(k);
    hits
}

/// Batches come in order, but that is not promised; ties keep theirs.
fn best_first(mut hits: Vec<ChunkHit>) -> Vec<ChunkHit> {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits
}
