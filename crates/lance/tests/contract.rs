//! What every chunk store must do: run over LanceDB and over the twin in memory.

#![allow(clippy::unwrap_used)]

use footnote_core::collections::{Which, Written};
use footnote_core::memory::MemoryChunkStore;
use footnote_core::ports::{ChunkStore, RowFilter, StoredRevision};
use footnote_core::span::CharSpan;
use footnote_core::types::{Chunk, ChunkHit, ChunkRow, IndexSpec};
use footnote_lance::LanceStore;

fn spec(embedder: &str) -> IndexSpec {
    IndexSpec {
        embedder: embedder.into(),
        dimension: 4,
        chunker: "c".into(),
        schema: 1,
    }
}

fn row(id: &str, document: &str, revision: &str, text: &str, vector: [f32; 4]) -> ChunkRow {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    ChunkRow {
        chunk: Chunk {
            id: id.into(),
            ordinal: id.len() as u32,
            page: 2,
            span: CharSpan::new(3, 3 + text.chars().count() as u32),
            text: text.into(),
            headings: vec!["Part 'one'".into(), format!("Heading{document}")],
            text_hash: format!("hash of {id}"),
        },
        document: document.into(),
        revision: revision.into(),
        terms: String::new(),
        collection: if document == "other" {
            "it's another".into()
        } else {
            "default".into()
        },
        vector: vector.iter().map(|x| x / length).collect(),
    }
}

fn ids(hits: &[ChunkHit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.chunk.id.as_str()).collect()
}

fn stored(document: &str, revision: &str, rows: u64, current: bool) -> StoredRevision {
    StoredRevision {
        document: document.into(),
        revision: revision.into(),
        rows,
        current,
    }
}

fn scoped(collection: Option<&str>, documents: &[&str], hidden: &[&str]) -> RowFilter {
    RowFilter {
        within: collection.map(|name| vec![Written::all(name)]),
        documents: documents.iter().map(|id| (*id).into()).collect(),
        hidden: hidden.iter().map(|id| (*id).into()).collect(),
    }
}

async fn filled(store: &dyn ChunkStore) {
    store.begin(&spec("e")).await.unwrap();
    let first = vec![
        row("1", "a", "ra", "apples grow on trees", [1.0, 0.0, 0.0, 0.0]),
        row(
            "22",
            "a",
            "ra",
            "apples and pears are fruit",
            [0.9, 0.1, 0.0, 0.0],
        ),
    ];
    let second = vec![
        row("333", "b'b", "rb", "pears pears grow too", [0.0, 1.0, 0.0, 0.0]),
        row("4444", "other", "ro", "apples cost money", [0.5, 0.5, 0.5, 0.0]),
    ];
    store.append(first).await.unwrap();
    store.append(second).await.unwrap();
    store.append(Vec::new()).await.unwrap();
}

async fn an_empty_store_answers(store: &dyn ChunkStore) {
    assert_eq!(store.spec().await.unwrap(), None);
    let all = RowFilter::default();
    assert_eq!(store.search_text("apples", &all, 5).await.unwrap(), []);
    assert_eq!(
        store
            .search_vector("e", &[1.0, 0.0, 0.0, 0.0], &all, 5)
            .await
            .unwrap(),
        []
    );
    store
        .purge_documents(&["a".into(), "never".into()])
        .await
        .unwrap();
    store.delete_revisions(&["r".into()]).await.unwrap();
    store.optimize().await.unwrap();
    assert_eq!(store.revisions().await.unwrap(), []);
    store.begin(&spec("e")).await.unwrap();
    assert_eq!(store.spec().await.unwrap(), Some(spec("e")));
    assert_eq!(store.search_text("apples", &all, 5).await.unwrap(), []);
    assert_eq!(
        store
            .search_vector("e", &[1.0, 0.0, 0.0, 0.0], &all, 5)
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.health().await.unwrap().rows, 0);
}

async fn rows_come_back_as_they_were(store: &dyn ChunkStore) {
    filled(store).await;
    let expected = row(
        "22",
        "a",
        "ra",
        "apples and pears are fruit",
        [0.9, 0.1, 0.0, 0.0],
    );
    let chunks = store.chunks(&"ra".into()).await.unwrap();
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[1], expected.chunk);
    let second = (2, "hash of 22".to_owned(), expected.vector);
    assert_eq!(store.vectors(&"ra".into(), 2..9).await.unwrap(), [second]);
    assert_eq!(store.vectors(&"ra".into(), 0..9).await.unwrap().len(), 2);
    let mut revisions = store.revisions().await.unwrap();
    revisions.sort_by(|a, b| a.document.cmp(&b.document));
    let expected = [
        stored("a", "ra", 2, true),
        stored("b'b", "rb", 1, true),
        stored("other", "ro", 1, true),
    ];
    assert_eq!(revisions, expected);
    let health = store.health().await.unwrap();
    assert_eq!((health.rows, health.faults), (4, Vec::new()));
}

async fn searches_rank(store: &dyn ChunkStore) {
    filled(store).await;
    let all = RowFilter::default();
    let hits = store
        .search_vector("e", &[1.0, 0.0, 0.0, 0.0], &all, 3)
        .await
        .unwrap();
    assert_eq!(ids(&hits), ["1", "22", "4444"]);
    assert!((hits[0].score - 1.0).abs() < 1e-5, "{}", hits[0].score);
    assert!(
        (hits[2].score - 1.0 / 3f32.sqrt()).abs() < 1e-4,
        "{}",
        hits[2].score
    );
    assert_eq!(
        (hits[0].document.as_str(), hits[0].revision.as_str()),
        ("a", "ra")
    );
    assert_eq!(hits[0].chunk.text, "apples grow on trees");

    let hits = store.search_text("APPLES trees?", &all, 5).await.unwrap();
    assert_eq!(ids(&hits)[0], "1");
    assert_eq!(hits.len(), 3);
    assert!(hits[0].score > hits[1].score);
    assert_eq!(store.search_text("apples", &all, 1).await.unwrap().len(), 1);
    // Headings are searched.
    assert_eq!(
        ids(&store.search_text("headingother", &all, 5).await.unwrap()),
        ["4444"]
    );
    assert_eq!(store.search_text("zebra", &all, 5).await.unwrap(), []);
}

async fn no_query_is_a_syntax_error(store: &dyn ChunkStore) {
    filled(store).await;
    let all = RowFilter::default();
    for query in [
        "",
        " ",
        "?",
        "\"",
        "'",
        "AND",
        "apples AND (",
        "apples\"~3 +-*:^[]{}!\\/",
        "a:b",
        "NOT apples",
        "😀",
        "apples'; DROP TABLE chunks --",
        "\0",
        "%_",
        "\u{202e}apples",
    ] {
        let hits = store.search_text(query, &all, 5).await;
        assert!(hits.is_ok(), "{query:?}: {hits:?}");
    }
    let long = "apples ".repeat(20_000);
    assert!(!store.search_text(&long, &all, 5).await.unwrap().is_empty());
}

async fn filters_apply_before_ranking(store: &dyn ChunkStore) {
    filled(store).await;
    let vector = [1.0, 0.0, 0.0, 0.0];
    let both = async |filter: RowFilter, k: usize| {
        let by_vector = store.search_vector("e", &vector, &filter, k).await.unwrap();
        let by_text = store.search_text("apples pears", &filter, k).await.unwrap();
        (by_vector, by_text)
    };
    // k = 1: a filter applied afterwards would leave nothing.
    let (by_vector, by_text) = both(scoped(Some("it's another"), &[], &[]), 1).await;
    assert_eq!((ids(&by_vector), ids(&by_text)), (vec!["4444"], vec!["4444"]));
    let (by_vector, by_text) = both(scoped(None, &["other", "nobody's"], &[]), 1).await;
    assert_eq!((ids(&by_vector), ids(&by_text)), (vec!["4444"], vec!["4444"]));
    let (by_vector, by_text) = both(scoped(Some("default"), &[], &["ra"]), 9).await;
    assert!(by_vector.iter().all(|hit| hit.document.as_str() == "b'b"));
    assert_eq!(ids(&by_text), ["333"]);
    let (by_vector, by_text) = both(scoped(None, &["b'b"], &["rb"]), 9).await;
    assert_eq!((by_vector, by_text), (vec![], vec![]));
    let (by_vector, by_text) = both(scoped(Some("default"), &["other"], &[]), 9).await;
    assert_eq!((by_vector, by_text), (vec![], vec![]));
    // As moving documents from one collection to another leaves it.
    let moved = |within: &[(&str, Which)]| RowFilter {
        within: Some(
            within
                .iter()
                .map(|(name, which)| Written {
                    name: (*name).into(),
                    which: which.clone(),
                })
                .collect(),
        ),
        ..RowFilter::default()
    };
    let without = Which::Except(vec!["a".into()]);
    let (by_vector, by_text) = both(moved(&[("default", without.clone())]), 9).await;
    assert!(by_vector.iter().all(|hit| hit.document.as_str() == "b'b"));
    assert_eq!(ids(&by_text), ["333"]);
    let only = Which::Only(vec!["b'b".into()]);
    let (by_vector, by_text) = both(moved(&[("it's another", Which::All), ("default", only)]), 9).await;
    assert!(by_vector.iter().all(|hit| hit.document.as_str() != "a"));
    // What is at right angles to the question may be left out by meaning.
    assert!(ids(&by_vector).contains(&"4444"));
    assert_eq!(by_text.len(), 2);
    let (by_vector, by_text) = both(moved(&[("it's another", without)]), 1).await;
    assert_eq!((ids(&by_vector), ids(&by_text)), (vec!["4444"], vec!["4444"]));
    let (by_vector, by_text) = both(moved(&[]), 9).await;
    assert_eq!((by_vector, by_text), (vec![], vec![]));
}

async fn deleted_rows_are_gone_and_others_stay(store: &dyn ChunkStore) {
    filled(store).await;
    let all = RowFilter::default();
    store
        .delete_revisions(&["rb".into(), "unknown'".into()])
        .await
        .unwrap();
    assert_eq!(ids(&store.search_text("grow", &all, 5).await.unwrap()), ["1"]);
    store.optimize().await.unwrap();
    store
        .purge_documents(&["a".into(), "never'".into()])
        .await
        .unwrap();
    store.purge_documents(&[]).await.unwrap();
    assert_eq!(
        ids(&store.search_text("apples pears grow", &all, 5).await.unwrap()),
        ["4444"]
    );
    let near = store
        .search_vector("e", &[1.0, 0.0, 0.0, 0.0], &all, 5)
        .await
        .unwrap();
    assert_eq!(ids(&near), ["4444"]);
    assert_eq!(store.revisions().await.unwrap(), [stored("other", "ro", 1, true)]);
    assert_eq!(store.chunks(&"ra".into()).await.unwrap(), []);
    store
        .append(vec![row("5", "new", "rn", "apples again", [1.0, 0.0, 0.0, 0.0])])
        .await
        .unwrap();
    assert_eq!(store.search_text("apples", &all, 5).await.unwrap().len(), 2);
}

async fn an_index_is_replaced_beside_the_old_one(store: &dyn ChunkStore) {
    filled(store).await;
    store.begin(&spec("e")).await.unwrap();
    let all = RowFilter::default();
    let mut before = store.search_text("apples", &all, 5).await.unwrap();
    assert!(!before.is_empty(), "the same stamp again changes nothing");
    assert!(before.iter().all(|hit| hit.vector.len() == 4));

    store.begin(&spec("another")).await.unwrap();
    assert_eq!(store.spec().await.unwrap(), Some(spec("another")));
    assert_eq!(store.embedders().await.unwrap(), ["another", "e"]);
    // Their vectors cannot be compared with those of the new embedder.
    before.iter_mut().for_each(|hit| hit.vector.clear());
    assert_eq!(store.search_text("apples", &all, 5).await.unwrap(), before);
    let x = [1.0, 0.0, 0.0, 0.0];
    let old = store.search_vector("e", &x, &all, 9).await.unwrap();
    assert!(old.iter().any(|hit| hit.revision.as_str() == "ra"));
    assert_eq!(store.search_vector("another", &x, &all, 9).await.unwrap(), []);
    assert!(
        store
            .revisions()
            .await
            .unwrap()
            .contains(&stored("other", "ro", 1, false))
    );
    assert_eq!(store.vectors(&"ra".into(), 0..9).await.unwrap(), []);

    // Document by document, the new rows take the place of the old ones.
    store
        .append(vec![row(
            "9",
            "a",
            "rz",
            "apples once more",
            [1.0, 0.0, 0.0, 0.0],
        )])
        .await
        .unwrap();
    store.delete_revisions(&["ra".into()]).await.unwrap();
    store.optimize().await.unwrap();
    let new = store.search_vector("another", &x, &all, 9).await.unwrap();
    assert_eq!(ids(&new), ["9"]);
    let by_words = store.search_text("apples", &all, 5).await.unwrap();
    let mut found = ids(&by_words);
    found.sort_unstable();
    assert_eq!(found, ["4444", "9"]);
    let revisions = store.revisions().await.unwrap();
    assert!(
        revisions.contains(&stored("a", "rz", 1, true))
            && revisions.contains(&stored("other", "ro", 1, false))
    );
    assert_eq!(store.chunks(&"ro".into()).await.unwrap().len(), 1);

    for revision in ["rb", "ro"] {
        store.delete_revisions(&[revision.into()]).await.unwrap();
    }
    store.optimize().await.unwrap();
    assert_eq!(store.embedders().await.unwrap(), ["another"]);
    assert_eq!(store.revisions().await.unwrap(), [stored("a", "rz", 1, true)]);
    assert_eq!(store.health().await.unwrap().rows, 1);
}

macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        mod on_disk {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let dir = tempfile::tempdir().unwrap();
                super::$case(&LanceStore::open(dir.path()).await.unwrap()).await;
            })*
        }
        mod in_memory {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                super::$case(&MemoryChunkStore::default()).await;
            })*
        }
    };
}

contract!(
    an_empty_store_answers,
    rows_come_back_as_they_were,
    searches_rank,
    no_query_is_a_syntax_error,
    filters_apply_before_ranking,
    deleted_rows_are_gone_and_others_stay,
    an_index_is_replaced_beside_the_old_one,
);

#[tokio::test]
async fn search_terms_are_found_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let store = LanceStore::open(folder.path()).await.unwrap();
    store.begin(&spec("e")).await.unwrap();
    let text = "Die Kündigungsfristen des Lagers sind nach dem Vertrag lang, und die Miete ist mit der Post zu senden.";
    let mut with = row("1", "a", "r1", text, [1.0, 0.0, 0.0, 0.0]);
    with.terms = footnote_core::inflection::terms_of(text, None);
    let without = row("22", "b", "r2", "Nothing of the kind", [0.0, 1.0, 0.0, 0.0]);
    store.append(vec![with, without]).await.unwrap();
    let all = RowFilter::default();
    let german = [footnote_core::inflection::Tongue::German];
    for question in [
        "Kündigungsfrist",
        "Frist zur Kündigung",
        "Kuendigungen",
        "Mietvertragskündigung",
    ] {
        let asked = footnote_core::inflection::asked(question, &german);
        let hits = store.search_text(&asked, &all, 5).await.unwrap();
        assert_eq!(ids(&hits), ["1"], "{question}");
        assert_eq!(hits[0].chunk.text, text, "{question}");
    }
    assert_eq!(store.search_text("Freundschaft", &all, 5).await.unwrap(), []);
}
