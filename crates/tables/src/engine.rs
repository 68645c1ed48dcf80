//! The session that queries run in.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::TableReference;
use footnote_core::ports::TableEngine;
use footnote_core::tables::{Answered, Computed, Measure, Plan, Table};
use footnote_core::{Error, Problem, Result};
use tokio_util::sync::CancellationToken;

use crate::{batch, sql};

/// Bytes that a query may hold beside the table.
const MEMORY: usize = 256 << 20;
/// A query that takes longer is given up.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Computes plans with DataFusion. Each gets a session of its own, in which nothing but its table is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct DataFusionTables;

#[async_trait]
impl TableEngine for DataFusionTables {
    async fn compute(
        &self,
        table: &Arc<Table>,
        plan: &Plan,
        shown: &[usize],
        cancel: &CancellationToken,
    ) -> Result<Computed> {
        let row = batch::row_name(table);
        let queries = sql::queries(plan, table, &row, shown);
        let mut columns = plan.columns();
        columns.extend(shown);
        columns.sort_unstable();
        columns.dedup();
        let whole = Arc::clone(table);
        let held = tokio::task::spawn_blocking(move || batch::batch(&whole, &columns, &row))
            .await
            .map_err(|e| Error::bug(format!("the table's columns were not made: {e}")))?
            .map_err(|e| Error::bug(format!("the table has no columns: {e}")))?;
        let session = session()?;
        session
            .register_batch(TableReference::bare(table.name.as_str()), held)
            .map_err(|e| translated(&e))?;
        let run = async {
            let answer = query(&session, &queries.answer).await?;
            let matched = query(&session, &queries.matched).await?;
            Ok::<_, Error>((answered(plan, &answer)?, batch::rows(&matched)?))
        };
        let (answered, matched) = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::canceled()),
            result = tokio::time::timeout(TIME_LIMIT, run) => match result {
                Ok(result) => result?,
                Err(_) => return Err(Error::runtime(format!(
                    "The query over the table {} took more than {} seconds",
                    table.name, TIME_LIMIT.as_secs()
                ))
                .problem(Problem::QueryTookLong { table: table.name.clone(), seconds: TIME_LIMIT.as_secs() as u32 })
                .hint("Ask about a part of the table, for example one of its files")),
            },
        };
        Ok(Computed {
            sql: queries.answer,
            matched,
            answered,
        })
    }
}

fn session() -> Result<SessionContext> {
    // What does not fit is an error: no document text goes to the system's temporary folder.
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_limit(MEMORY, 1.0)
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(|e| translated(&e))?;
    let mut config = SessionConfig::new().with_target_partitions(1);
    // Decimals are exact; a literal with a point must not make them floats.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// Runs one query, and nothing that is not one.
async fn query(session: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    let options = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let frame = session.sql_with_options(sql, options).await;
    match frame {
        Ok(frame) => frame.collect().await.map_err(|e| translated(&e)),
        Err(error) => Err(translated(&error)),
    }
}

fn answered(plan: &Plan, batches: &[RecordBatch]) -> Result<Answered> {
    if matches!(
        plan.measure,
        Measure::Rows | Measure::Extreme(..) | Measure::Top(..)
    ) {
        return Ok(Answered::Rows(batch::rows(batches)?));
    }
    if plan.group.is_some() {
        let mut groups = Vec::new();
        for batch in batches {
            for row in 0..batch.num_rows() {
                groups.push((
                    batch::value(batch.column(0), row)?,
                    batch::value(batch.column(1), row)?,
                ));
            }
        }
        return Ok(Answered::Groups(groups));
    }
    match batches.iter().find(|batch| batch.num_rows() > 0) {
        Some(first) => Ok(Answered::Value(batch::value(first.column(0), 0)?)),
        None => Ok(Answered::Value(None)),
    }
}

fn translated(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => {
            Error::runtime("The table is too large to be computed with")
                .problem(Problem::TableTooLarge)
                .hint("Ask about a part of it, for example one of its files")
        }
        other => Error::bug(format!("The query over the table failed: {other}")),
    }
}
