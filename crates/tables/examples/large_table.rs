//! Times questions over a table of 100,000 rows, and the same figures by a plain DataFusion query over the CSV file and by
//! pandas, in one run: `npm run cargo -- build --workspace --example large_table`, then `large_table [PYTHON]`.
//!
//! Reading files in a process of its own and SQLite are left out: pages come as the reader of sheets makes them, and the
//! register is the one in memory.

#![allow(clippy::print_stdout, clippy::expect_used, missing_docs)]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use datafusion::prelude::{CsvReadOptions, SessionConfig, SessionContext};
use footnote_core::answer::AskRequest;
use footnote_core::engine::{Engine, EngineParts};
use footnote_core::memory::engine_parts;
use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::report::Silent;
use footnote_core::span::CharSpan;
use footnote_core::types::{
    Block, BlockKind, DEFAULT_COLLECTION, ExtractSummary, FileKind, Page, PageSource, PageUnit, Place,
};
use footnote_core::{Password, Result};
use footnote_tables::DataFusionTables;
use tokio_util::sync::CancellationToken;

const ROWS: u32 = 100_000;
/// As many as fit on a page of a sheet of these columns.
const ROWS_A_PAGE: usize = 400;
const QUESTIONS: [&str; 4] = [
    "What is the total amount in Hamburg?",
    "What is the average amount per city?",
    "How many orders have an amount over 500?",
    "Which order has the highest amount?",
];
const QUERIES: [&str; 4] = [
    "SELECT SUM(\"Amount\") FROM orders WHERE \"City\" = 'Hamburg'",
    "SELECT \"City\", AVG(\"Amount\") FROM orders GROUP BY \"City\" ORDER BY \"City\"",
    "SELECT COUNT(*) FROM orders WHERE \"Amount\" > 500",
    "SELECT * FROM orders WHERE \"Amount\" = (SELECT MAX(\"Amount\") FROM orders)",
];
const PANDAS: &str = r#"
import sys, time
import pandas as pd
def timed(name, work):
    at = time.perf_counter(); work(); print(f"{(time.perf_counter() - at) * 1e3:8.1f} ms  pandas {pd.__version__}: {name}")
path = sys.argv[1]
def read(): return pd.read_csv(path)
timed("read_csv and sum", lambda: (lambda d: d[d.City == "Hamburg"].Amount.sum())(read()))
d = read()
timed("sum", lambda: d[d.City == "Hamburg"].Amount.sum())
timed("mean per city", lambda: d.groupby("City").Amount.mean())
timed("count", lambda: (d.Amount > 500).sum())
timed("highest", lambda: d[d.Amount == d.Amount.max()])
"#;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, csv()).expect("a file");
    let engine = engine().await;
    let cancel = CancellationToken::new();
    let added = engine.add(std::slice::from_ref(&path), DEFAULT_COLLECTION, &Silent, &cancel);
    assert!(
        added
            .await
            .expect("an outcome")
            .jobs
            .iter()
            .all(|job| job.error.is_none())
    );
    for round in ["first", "again"] {
        for question in QUESTIONS {
            let (began, sink) = (Instant::now(), Arc::new(|_| {}));
            let answer = engine
                .ask(AskRequest::new(question), sink, cancel.clone())
                .await
                .expect("an answer");
            assert!(answer.trace.table.is_some(), "{}", answer.answer);
            say(began, &format!("footnote, {round}: {question}"));
        }
    }
    for query in QUERIES {
        let began = Instant::now();
        let session = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        let file = path.to_string_lossy();
        session
            .register_csv("orders", &*file, CsvReadOptions::new())
            .await
            .expect("a table");
        session
            .sql(query)
            .await
            .expect("a query")
            .collect()
            .await
            .expect("a result");
        say(began, &format!("DataFusion over the file: {query}"));
    }
    if let Some(python) = std::env::args().nth(1) {
        let run = Command::new(python).args(["-c", PANDAS]).arg(&path).status();
        assert!(run.expect("Python").success());
    }
}

fn say(began: Instant, what: &str) {
    println!("{:8.1} ms  {what}", began.elapsed().as_secs_f64() * 1e3);
}

fn csv() -> String {
    let mut csv = String::from("Order,City,Product,Amount,Day\n");
    for n in 0..ROWS {
        let city = ["Hamburg", "Bremen", "Kiel", "Lübeck"][(n % 4) as usize];
        let (day, month) = (n % 28 + 1, n % 12 + 1);
        csv.push_str(&format!(
            "O{n},{city},product {},{}.{:02},2024-{month:02}-{day:02}\n",
            n % 97,
            n % 900,
            n % 100
        ));
    }
    csv
}

async fn engine() -> Engine {
    Engine::open(EngineParts {
        extractor: Arc::new(Sheets),
        tables: Arc::new(DataFusionTables),
        ..engine_parts()
    })
    .await
    .expect("an engine")
}

/// Reads CSV as the reader of sheets does: rows as lines, their header on every page, a place a row.
struct Sheets;

impl Extractor for Sheets {
    fn kind(&self, _: &Path) -> Option<FileKind> {
        Some(FileKind::Sheet)
    }

    fn extract(
        &self,
        path: &Path,
        _: Option<&Password>,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        _: &CancellationToken,
    ) -> Result<ExtractSummary> {
        let text = std::fs::read_to_string(path)?.replace(',', " | ");
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let rows: Vec<&str> = lines.collect();
        let (mut pages, mut row) = (0, 2);
        for part in rows.chunks(ROWS_A_PAGE) {
            pages += 1;
            let mut page = Page::new(pages, "", PageSource::Text);
            let mut at = 0;
            for (n, line) in std::iter::once(&header).chain(part).enumerate() {
                let end = at + line.chars().count() as u32;
                let number = if n == 0 { 1 } else { row };
                row += u32::from(n > 0);
                page.places.push(Place {
                    span: CharSpan::new(at, end),
                    address: format!("A{number}:E{number}"),
                });
                page.text.push_str(line);
                page.text.push('\n');
                at = end + 1;
            }
            page.text.pop();
            page.unit = PageUnit::Sheet;
            page.blocks = vec![Block {
                kind: BlockKind::Table { header_rows: 1 },
                span: CharSpan::new(0, at - 1),
            }];
            if sink(ExtractedPage::new(page, None)).is_break() {
                break;
            }
        }
        Ok(ExtractSummary {
            pages,
            media_type: "text/csv".into(),
            ..ExtractSummary::default()
        })
    }
}
