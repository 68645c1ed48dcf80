//! Which indexes the table has, and when they are brought up to date.
//!
//! Searches always see every row: rows that no index covers are scanned. So these rules trade the
//! cost of a search against the cost of an import, and never what is found.

use lancedb::Table;
use lancedb::index::Index;
use lancedb::index::scalar::FtsIndexBuilder;
use lancedb::index::vector::IvfSqIndexBuilder;
use lancedb::table::{CompactionOptions, Duration, OptimizeAction, OptimizeOptions};
use lancedb::{DistanceType, Error};

use crate::rows::{SEARCH_TEXT, VECTOR};

/// Names of the indexes; Lance would derive them from the columns, this fixes them.
const TEXT_INDEX: &str = "search_text_idx";
const VECTOR_INDEX: &str = "vector_idx";

/// Fragments with fewer rows are small. Larger ones are not rewritten when a few rows come, so an
/// import costs what it adds, not what is there.
const FRAGMENT_ROWS: usize = 16_384;
/// Small fragments are merged when there are this many.
const SMALL_FRAGMENTS: usize = 8;
/// Rows outside the text index that a search may scan.
const UNINDEXED_TEXT_ROWS: usize = 500;
/// Parts of the text index that a search may merge.
const TEXT_INDEX_PARTS: u32 = 8;
/// Below this many rows the exact scan is fast enough, and exact.
const VECTOR_INDEX_ROWS: usize = 20_000;
/// Rows outside the vector index that a search may scan.
const UNINDEXED_VECTOR_ROWS: usize = 5_000;

/// How text is cut into words: by Unicode's rules with dictionaries for scripts without spaces, so
/// that Chinese, Japanese or Thai can be searched next to English; lower case; accents dropped.
fn text_index() -> Index {
    let env = |name: &str| std::env::var(name).unwrap_or_default();
    let tokenizer = if env("FTS_TOK").is_empty() {
        "icu/split".to_owned()
    } else {
        env("FTS_TOK")
    };
    Index::FTS(
        FtsIndexBuilder::default()
            .base_tokenizer(tokenizer)
            .lower_case(true)
            .ascii_folding(true)
            .stem(env("FTS_STEM") != "0")
            .remove_stop_words(env("FTS_STOP") == "1")
            .with_position(false),
    )
}

/// Gives a new table its text index, so that rows are cut into words by its rules from the first.
pub(crate) async fn create(table: &Table) -> Result<(), Error> {
    table
        .create_index(&[SEARCH_TEXT], text_index())
        .name(TEXT_INDEX.to_owned())
        .execute()
        .await
}

/// Rows that the text index and the vector index do not cover.
pub(crate) struct Coverage {
    pub(crate) rows: usize,
    pub(crate) text_unindexed: usize,
    pub(crate) text_parts: u32,
    /// None: there is no vector index.
    pub(crate) vector_indexed: Option<usize>,
}

impl Coverage {
    pub(crate) async fn of(table: &Table) -> Result<Self, Error> {
        let rows = table.count_rows(None).await?;
        let text = table.index_stats(TEXT_INDEX).await?;
        let vector = table.index_stats(VECTOR_INDEX).await?;
        Ok(Self {
            rows,
            text_unindexed: text
                .as_ref()
                .map_or(rows, |stats| stats.num_unindexed_rows.min(rows)),
            text_parts: text.and_then(|stats| stats.num_indices).unwrap_or(0),
            vector_indexed: vector.map(|stats| rows.saturating_sub(stats.num_unindexed_rows)),
        })
    }
}

/// Merges small fragments and folds new rows into the indexes, where that is worth its cost.
/// Returns whether anything was written.
pub(crate) async fn bring_up_to_date(table: &Table) -> Result<bool, Error> {
    let stats = table.stats().await?;
    let mut changed = false;
    let deleted = stats.num_deleted_rows.unwrap_or(0);
    let small = match table.as_native() {
        Some(native) => native.num_small_files(FRAGMENT_ROWS).await?,
        None => stats.fragment_stats.num_small_fragments,
    };
    if small >= SMALL_FRAGMENTS || deleted * 10 > stats.num_rows {
        compact(table, 0.1).await?;
        changed = true;
    }
    let coverage = Coverage::of(table).await?;
    if coverage.text_unindexed > UNINDEXED_TEXT_ROWS {
        // Adding a part costs what is new; merging them costs everything, so it is done now and then.
        let options = if coverage.text_parts >= TEXT_INDEX_PARTS {
            OptimizeOptions::merge(coverage.text_parts as usize)
        } else {
            OptimizeOptions::append()
        };
        table
            .optimize(OptimizeAction::Index(
                options.index_names(vec![TEXT_INDEX.to_owned()]),
            ))
            .await?;
        changed = true;
    }
    match coverage.vector_indexed {
        None if coverage.rows >= VECTOR_INDEX_ROWS => {
            create_vector_index(table, coverage.rows).await?;
            changed = true;
        }
        Some(indexed) if coverage.rows.saturating_sub(indexed) > UNINDEXED_VECTOR_ROWS => {
            // The partitions were cut for fewer rows; past twice as many they are cut anew.
            create_vector_index(table, coverage.rows).await?;
            changed = true;
        }
        _ => {}
    }
    Ok(changed)
}

/// Partitions with vectors of one byte a number; candidates are compared again exactly.
async fn create_vector_index(table: &Table, rows: usize) -> Result<(), Error> {
    let builder = IvfSqIndexBuilder::default()
        .distance_type(DistanceType::Cosine)
        .num_partitions(partitions(rows))
        .sample_rate(64)
        .max_iterations(20);
    table
        .create_index(&[VECTOR], Index::IvfSq(builder))
        .name(VECTOR_INDEX.to_owned())
        .execute()
        .await
}

/// Partitions of a vector index over `rows` rows.
fn partitions(rows: usize) -> u32 {
    ((rows as f64).sqrt() as u32).max(1)
}

/// Rewrites small fragments, and those of whose rows more than `deleted` (0 to 1) are deleted.
async fn compact(table: &Table, deleted: f32) -> Result<(), Error> {
    let options = CompactionOptions {
        target_rows_per_fragment: FRAGMENT_ROWS,
        materialize_deletions: true,
        materialize_deletions_threshold: deleted,
        ..CompactionOptions::default()
    };
    table
        .optimize(OptimizeAction::Compact {
            options,
            remap_options: None,
        })
        .await?;
    Ok(())
}

/// Rewrites everything that holds deleted rows, the text index with its list of words included.
pub(crate) async fn forget_deleted(table: &Table) -> Result<(), Error> {
    compact(table, 0.0).await?;
    create(table).await
}

/// Removes every file that the current version does not need. Nothing may read or write meanwhile.
pub(crate) async fn prune(table: &Table) -> Result<(), Error> {
    table
        .optimize(OptimizeAction::Prune {
            older_than: Some(Duration::zero()),
            delete_unverified: Some(true),
            error_if_tagged_old_versions: Some(false),
        })
        .await?;
    Ok(())
}
