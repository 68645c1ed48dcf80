//! What only the store on disk must do: find rows with and without indexes, leave no trace, survive.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use footnote_core::ports::{ChunkStore, RowFilter};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkRow, IndexSpec};
use footnote_lance::LanceStore;

const SECRET: &str = "xyzzyplugh";

fn spec(dimension: usize) -> IndexSpec {
    IndexSpec {
        embedder: "e".into(),
        dimension,
        chunker: "c".into(),
        schema: 1,
    }
}

fn row(n: usize, document: &str, text: String, dimension: usize) -> ChunkRow {
    let mut vector: Vec<f32> = (0..dimension)
        .map(|i| ((n * 31 + i * 17) % 101) as f32 / 101.0 - 0.5)
        .collect();
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    ChunkRow {
        chunk: Chunk {
            id: format!("{document}-{n}").as_str().into(),
            ordinal: n as u32,
            page: 1,
            span: CharSpan::new(0, text.chars().count() as u32),
            text,
            headings: Vec::new(),
            text_hash: format!("{n}"),
        },
        document: document.into(),
        revision: format!("r-{document}").as_str().into(),
        collection: "default".into(),
        terms: String::new(),
        vector,
    }
}

fn rows(document: &str, count: usize, text: impl Fn(usize) -> String, dimension: usize) -> Vec<ChunkRow> {
    (0..count).map(|n| row(n, document, text(n), dimension)).collect()
}

fn files_holding(dir: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_holding(&path, word));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purged_document_leaves_no_byte_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = LanceStore::open(dir.path()).await.unwrap();
    store.begin(&spec(8)).await.unwrap();
    let plain = |n: usize| format!("plain words number {n}");
    store.append(rows("plain", 400, plain, 8)).await.unwrap();
    // Once in the text index, once outside it.
    store
        .append(rows(
            "secret",
            400,
            |n| format!("the {SECRET} is {n} {SECRET}{n}"),
            8,
        ))
        .await
        .unwrap();
    store.optimize().await.unwrap();
    store.append(rows("plain2", 30, plain, 8)).await.unwrap();
    store
        .append(vec![row(1000, "secret too", format!("late {SECRET}"), 8)])
        .await
        .unwrap();
    assert!(!files_holding(dir.path(), SECRET).is_empty());
    assert_eq!(
        store
            .search_text(SECRET, &RowFilter::default(), 500)
            .await
            .unwrap()
            .len(),
        401
    );

    store
        .purge_documents(&["secret".into(), "secret too".into()])
        .await
        .unwrap();
    assert_eq!(files_holding(dir.path(), SECRET), [""; 0]);
    assert_eq!(
        store
            .search_text(SECRET, &RowFilter::default(), 500)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .search_text("plain", &RowFilter::default(), 1000)
            .await
            .unwrap()
            .len(),
        430
    );
    let health = store.health().await.unwrap();
    assert_eq!((health.rows, health.faults), (430, Vec::new()));
    drop(store);
    let store = LanceStore::open(dir.path()).await.unwrap();
    assert_eq!(
        store
            .search_text("plain", &RowFilter::default(), 1000)
            .await
            .unwrap()
            .len(),
        430
    );
}

/// The text index packs its words, so that their bytes cannot be looked for; its size tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purged_documents_words_leave_the_text_index() {
    let plain = |n: usize| format!("plain words number {}", n % 50);
    let unique = |n: usize| format!("{}q {}w", n * 7_919_777 + 13, n * 104_729_111 + 7);
    let mut sizes = Vec::new();
    // Never there; in a fragment with others; in a fragment of its own; alone in the store.
    for (before, secret) in [(900, 0), (900, 1500), (20_000, 17_000), (0, 1500)] {
        let dir = tempfile::tempdir().unwrap();
        let store = LanceStore::open(dir.path()).await.unwrap();
        store.begin(&spec(8)).await.unwrap();
        store.append(rows("plain", before, plain, 8)).await.unwrap();
        store.append(rows("secret", secret, unique, 8)).await.unwrap();
        store.optimize().await.unwrap();
        let indexes = dir.path().join("chunks.lance").join("_indices");
        let full = bytes_below(&indexes);
        store.purge_documents(&["secret".into()]).await.unwrap();
        let left = bytes_below(&indexes);
        assert_eq!(
            store
                .search_text("plain", &RowFilter::default(), 10)
                .await
                .unwrap()
                .len(),
            before.min(10)
        );
        if secret > 0 {
            assert!(
                full > left + 20_000,
                "{before} and {secret}: {full} then {left} bytes"
            );
        }
        sizes.push(left);
    }
    let near = |size: u64| size < sizes[0] + 10_000;
    assert!(near(sizes[1]) && near(sizes[3]), "{sizes:?}");
}

fn bytes_below(dir: &Path) -> u64 {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        bytes += if path.is_dir() {
            bytes_below(&path)
        } else {
            path.metadata().unwrap().len()
        };
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_found_at_once_before_and_after_they_are_indexed() {
    let dir = tempfile::tempdir().unwrap();
    let store = LanceStore::open(dir.path()).await.unwrap();
    store.begin(&spec(8)).await.unwrap();
    let all = RowFilter::default();
    let mut expected = 0;
    for round in 0..10 {
        let text = |n: usize| format!("common words with Füße {round} and 東京タワーの高さ {n}");
        store
            .append(rows(&format!("d{round}"), 150, text, 8))
            .await
            .unwrap();
        expected += 150;
        if round % 3 == 2 {
            store.optimize().await.unwrap();
        }
        for query in ["common", "fuße", "東京"] {
            let found = store.search_text(query, &all, 5000).await.unwrap().len();
            assert_eq!(found, expected, "{query} after round {round}");
        }
        let near = store
            .search_vector("e", &row(0, "x", String::new(), 8).vector, &all, 5000)
            .await
            .unwrap();
        assert_eq!(near.len(), expected);
    }
    store
        .delete_revisions(&["r-d0".into(), "r-d9".into()])
        .await
        .unwrap();
    assert_eq!(
        store.search_text("common", &all, 5000).await.unwrap().len(),
        expected - 300
    );
    store.optimize().await.unwrap();
    assert_eq!(
        store.search_text("common", &all, 5000).await.unwrap().len(),
        expected - 300
    );
    assert_eq!(store.health().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_imports_do_not_pile_up_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = LanceStore::open(dir.path()).await.unwrap();
    store.begin(&spec(8)).await.unwrap();
    for round in 0..40 {
        let document = format!("d{}", round % 4);
        store
            .delete_revisions(&[format!("r-{document}").as_str().into()])
            .await
            .unwrap();
        store
            .append(rows(&document, 20, |n| format!("words {n}"), 8))
            .await
            .unwrap();
        store.optimize().await.unwrap();
    }
    let mut files = 0;
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files += 1
            }
        }
    }
    assert!(files < 60, "{files} files");
    assert_eq!(store.health().await.unwrap().rows, 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn searches_go_on_while_rows_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let store = LanceStore::open(dir.path()).await.unwrap();
    store.begin(&spec(8)).await.unwrap();
    store
        .append(rows("stays", 50, |n| format!("steady words {n}"), 8))
        .await
        .unwrap();
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..12 {
                let document = format!("d{round}");
                store
                    .append(rows(&document, 60, |n| format!("moving words {n}"), 8))
                    .await
                    .unwrap();
                store.optimize().await.unwrap();
                store.purge_documents(&[document.as_str().into()]).await.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let hits = store
            .search_text("steady", &RowFilter::default(), 100)
            .await
            .unwrap();
        assert_eq!(hits.len(), 50);
        let near = store
            .search_vector("e", &[0.3; 8], &RowFilter::default(), 10)
            .await
            .unwrap();
        assert_eq!(near.len(), 10);
    }
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_folders_work_and_what_cannot_be_stored_is_refused_whole() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["with space", "it's 😀", "100% #1? [x]", "a%20b", "ü&=;,"] {
        let folder = dir.path().join(name);
        let store = LanceStore::open(&folder).await.unwrap();
        store.begin(&spec(8)).await.unwrap();
        store
            .append(rows("d", 3, |n| format!("words {n}"), 8))
            .await
            .unwrap();
        drop(store);
        let store = LanceStore::open(&folder).await.unwrap();
        assert_eq!(store.spec().await.unwrap(), Some(spec(8)), "{name}");
        assert_eq!(
            store
                .revisions()
                .await
                .unwrap()
                .iter()
                .map(|stored| stored.rows)
                .collect::<Vec<_>>(),
            [3],
            "{name}"
        );
        assert!(folder.join("chunks.lance").is_dir(), "{name}");
        let mut mixed = rows("e", 3, |n| format!("words {n}"), 8);
        mixed[2].vector.pop();
        assert!(store.append(mixed).await.is_err());
        assert_eq!(store.health().await.unwrap().rows, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_file_is_reported_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let store = LanceStore::open(dir.path()).await.unwrap();
    store.begin(&spec(8)).await.unwrap();
    store
        .append(rows("d", 3, |n| format!("words {n}"), 8))
        .await
        .unwrap();
    drop(store);
    let data = dir.path().join("chunks.lance").join("data");
    for entry in std::fs::read_dir(data).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let store = LanceStore::open(dir.path()).await.unwrap();
    let faults = store.health().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains("damaged")), "{faults:?}");
    let error = store.chunks(&"r-d".into()).await.unwrap_err();
    assert!(error.hint.unwrap().contains("anew"), "{}", error.message);
}
