//! Which indexes the table has, and when they are brought up to date.
//!
//! Searches always see every row: rows that no index covers are scanned. So these rules trade the
//! cost of a search against the cost of an import, and never what is found.

use lancedb::Table;
use lancedb::index::Index;
use lancedb::index::scalar::{BTreeIndexBuilder, BitmapIndexBuilder, FtsIndexBuilder};
use lancedb::index::vector::IvfSqIndexBuilder;
use lancedb::table::{CompactionOptions, Duration, OptimizeAction, OptimizeOptions};
use lancedb::{DistanceType, Error};

use crate::rows::{SEARCH_TEXT, VECTOR};

/// Names of the indexes; Lance would derive them from the columns, this fixes them.
const TEXT_INDEX: &str = "search_text_idx";
const VECTOR_INDEX: &str = "vector_idx";

/// Columns that filters name.
const FILTER_COLUMNS: [&str; 3] = ["collection", "document", "revision"];

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

/// How text is cut into words: by Unicode's rules, with dictionaries for scripts without spaces, so
/// that Chinese, Japanese or Thai can be searched next to English; lower case, stemmed, accents
/// dropped. Stop words stay: a question may consist of nothing else, and BM25 weighs them at nothing.
///
/// nDCG@10 (nfcorpus, cranfield, scifact): stemmed .291 .375 .696; not stemmed .267 .349 .668;
/// stemmed without the stop words of all languages .293 .384 .693.
fn text_index() -> Index {
    Index::FTS(
        FtsIndexBuilder::default()
            .base_tokenizer("icu/split".to_owned())
            .lower_case(true)
            .stem(true)
            .ascii_folding(true)
            .remove_stop_words(false)
            .with_position(false),
    )
}

/// Gives a new table its indexes. Though they are empty, rows are cut into words by the text index's
/// rules from the first.
pub(crate) async fn create_all(table: &Table) -> Result<(), Error> {
    for column in FILTER_COLUMNS {
        let index = if column == "collection" {
            // Few values with many rows each: sets of rows are what a filter needs of it.
            Index::Bitmap(BitmapIndexBuilder::default())
        } else {
            Index::BTree(BTreeIndexBuilder::default())
        };
        table
            .create_index(&[column], index)
            .name(name_of(column))
            .execute()
            .await?;
    }
    create_text_index(table).await
}

fn name_of(column: &str) -> String {
    format!("{column}_idx")
}

async fn create_text_index(table: &Table) -> Result<(), Error> {
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
pub(crate) async fn bring_up_to_date(table: &Table) -> Result<(), Error> {
    let stats = table.stats().await?;
    let deleted = stats.num_deleted_rows.unwrap_or(0);
    let small = match table.as_native() {
        Some(native) => native.num_small_files(FRAGMENT_ROWS).await?,
        None => stats.fragment_stats.num_small_fragments,
    };
    if small >= SMALL_FRAGMENTS || deleted * 10 > stats.num_rows {
        compact(table, 0.1).await?;
    }
    let coverage = Coverage::of(table).await?;
    if coverage.text_unindexed > UNINDEXED_TEXT_ROWS {
        // Adding a part costs what is new; merging them costs everything, so it is done now and then.
        let options = if coverage.text_parts >= TEXT_INDEX_PARTS {
            OptimizeOptions::merge(coverage.text_parts as usize)
        } else {
            OptimizeOptions::append()
        };
        update(table, options, vec![TEXT_INDEX.to_owned()]).await?;
        update(
            table,
            OptimizeOptions::merge(1),
            FILTER_COLUMNS.map(name_of).to_vec(),
        )
        .await?;
    }
    match coverage.vector_indexed {
        None if coverage.rows >= VECTOR_INDEX_ROWS => {
            create_vector_index(table, coverage.rows).await?;
        }
        Some(indexed) if coverage.rows.saturating_sub(indexed) > UNINDEXED_VECTOR_ROWS => {
            update(table, OptimizeOptions::merge(1), vec![VECTOR_INDEX.to_owned()]).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn update(table: &Table, options: OptimizeOptions, names: Vec<String>) -> Result<(), Error> {
    table
        .optimize(OptimizeAction::Index(options.index_names(names)))
        .await?;
    Ok(())
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

/// Partitions of a vector index over `rows` rows: the root of their number, with room to grow, for
/// they stay when rows are added.
fn partitions(rows: usize) -> u32 {
    (rows as f64).sqrt().max(256.0) as u32
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

/// Deletes the rows under `condition` and rewrites everything that held them, the text index with
/// its list of words included. Old versions still hold them until [`prune`].
pub(crate) async fn delete_for_good(table: &Table, condition: &str) -> Result<(), Error> {
    // Rewriting a fragment takes its deleted rows' words out of the text index. A fragment that
    // loses all of its rows is not rewritten but dropped; joined with others first, it is not.
    compact(table, 0.1).await?;
    let (before, fragments) = (Coverage::of(table).await?, fragments(table).await?);
    table.delete(condition).await?;
    let after = Coverage::of(table).await?;
    let deleted = before.rows.saturating_sub(after.rows);
    let unindexed = before.text_unindexed.saturating_sub(after.text_unindexed);
    let dropped = fragments != self::fragments(table).await?;
    compact(table, 0.0).await?;
    // Without rows and with old versions about, an earlier attempt may have been cut short here.
    let resumed = deleted == 0 && table.list_versions().await?.len() > 1;
    if resumed || (dropped && deleted > unindexed) {
        create_text_index(table).await?;
        if before.vector_indexed.is_some() {
            if after.rows == 0 {
                table.drop_index(VECTOR_INDEX).await?;
            } else {
                create_vector_index(table, after.rows).await?;
            }
        }
    }
    Ok(())
}

async fn fragments(table: &Table) -> Result<usize, Error> {
    match table.as_native() {
        Some(native) => native.count_fragments().await,
        None => Ok(table.stats().await?.fragment_stats.num_fragments),
    }
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
