//! A process killed at any moment leaves the store as it was before or after a write.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};
use std::time::Duration;

use footnote_core::ports::{ChunkStore, RowFilter};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkRow, IndexSpec};
use footnote_lance::LanceStore;

/// Set for the process that is killed.
const FOLDER: &str = "FOOTNOTE_TEST_CRASH_FOLDER";
const BATCH: usize = 50;

fn rows(document: usize) -> Vec<ChunkRow> {
    let row = |n: usize| ChunkRow {
        chunk: Chunk {
            id: format!("{document}-{n}").as_str().into(),
            ordinal: n as u32,
            page: 1,
            span: CharSpan::new(0, 4),
            text: format!("words of {document}"),
            headings: Vec::new(),
            text_hash: String::new(),
        },
        document: format!("d{document}").as_str().into(),
        revision: format!("r{document}").as_str().into(),
        collection: "default".into(),
        terms: String::new(),
        vector: vec![0.5; 4],
    };
    (0..BATCH).map(row).collect()
}

/// Writes until it is killed. Does nothing unless it was started for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let store = LanceStore::open(folder.as_ref()).await.unwrap();
    for document in 0.. {
        store.append(rows(document)).await.unwrap();
        if document % 3 == 1 {
            store.optimize().await.unwrap();
        }
        if document % 5 == 4 {
            store
                .purge_documents(&[format!("d{}", document - 2).as_str().into()])
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_leaves_whole_batches() {
    let spec = IndexSpec {
        embedder: "e".into(),
        dimension: 4,
        chunker: "c".into(),
        schema: 1,
    };
    let mut written = 0;
    for round in 0..8u64 {
        let dir = tempfile::tempdir().unwrap();
        let store = LanceStore::open(dir.path()).await.unwrap();
        store.begin(&spec).await.unwrap();
        drop(store);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_killed"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + 173 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        let store = LanceStore::open(dir.path()).await.unwrap();
        let health = store.health().await.unwrap();
        assert_eq!(health.faults, [""; 0], "round {round}");
        let revisions = store.revisions().await.unwrap();
        assert!(
            revisions.iter().all(|stored| stored.rows == BATCH as u64),
            "{revisions:?}"
        );
        let found = store
            .search_text("words", &RowFilter::default(), 100_000)
            .await
            .unwrap()
            .len();
        assert_eq!(found, revisions.len() * BATCH, "round {round}");
        written += found;
        // It goes on from there.
        store.append(rows(999_999)).await.unwrap();
        store.optimize().await.unwrap();
        assert_eq!(store.health().await.unwrap().rows, health.rows + BATCH as u64);
    }
    assert!(written > 0);
}
