//! Collections: what is asked of one, and what moving and renaming leave.

use super::*;
use crate::query::Query;
use crate::types::{Scope, SearchMode};

/// Names of the files that a search of a collection finds for a word.
async fn found(engine: &Engine, word: &str, collection: Option<&str>) -> Vec<String> {
    let request = SearchRequest {
        query: Query::parse(word),
        scope: Scope {
            collection: collection.map(str::to_owned),
            documents: Vec::new(),
        },
        mode: SearchMode::Text,
        limit: 50,
        per_document: None,
    };
    let outcome = engine.search(&request, &CancellationToken::new()).await.unwrap();
    let mut names: Vec<String> = outcome
        .passages
        .iter()
        .map(|passage| passage.path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

async fn names(engine: &Engine) -> Vec<(String, u32)> {
    let collections = engine.collections().await.unwrap();
    collections.into_iter().map(|c| (c.name, c.documents)).collect()
}

async fn id(engine: &Engine, path: &Path) -> DocumentId {
    engine.documents_at(path).await.unwrap().remove(0).id
}

const LAMPS: [(&str, &str); 3] = [
    ("a.txt", "The lamp is cleaned with vinegar."),
    ("b.txt", "The lamp is blue."),
    ("c.txt", "The lamp is loud."),
];

#[tokio::test]
async fn a_moved_document_is_found_in_its_new_collection_without_being_read_again() {
    let (world, engine) = library(&LAMPS).await;
    let [a, b] = [
        id(&engine, &world.folder.path().join("a.txt")).await,
        id(&engine, &world.folder.path().join("b.txt")).await,
    ];
    let before = world.embedder.embedded.load(Ordering::SeqCst);
    assert_eq!(
        engine
            .move_to_collection(&[a.clone(), b.clone()], " Work ")
            .await
            .unwrap(),
        []
    );
    assert_eq!(names(&engine).await, [("Work".into(), 2), ("default".into(), 1)]);
    assert_eq!(found(&engine, "lamp", Some("Work")).await, ["a.txt", "b.txt"]);
    assert_eq!(found(&engine, "lamp", Some("default")).await, ["c.txt"]);
    assert_eq!(found(&engine, "lamp", None).await.len(), 3);
    assert_eq!(found(&engine, "lamp", Some("None")).await, Vec::<String>::new());
    // Read again where it is now, its rows are written under the new name.
    world.file("a.txt", "The lamp is new.");
    let cancel = CancellationToken::new();
    engine
        .read_again(std::slice::from_ref(&a), &Silent, &cancel)
        .await
        .unwrap();
    assert_eq!(found(&engine, "new", Some("Work")).await, ["a.txt"]);
    assert_eq!(found(&engine, "new", Some("default")).await, Vec::<String>::new());
    assert_eq!(world.embedder.embedded.load(Ordering::SeqCst), before + 1);
    // Back again.
    engine
        .move_to_collection(&[a, b], DEFAULT_COLLECTION)
        .await
        .unwrap();
    assert_eq!(names(&engine).await, [("default".into(), 3)]);
    assert_eq!(found(&engine, "lamp", Some("default")).await.len(), 3);
    assert_eq!(found(&engine, "lamp", Some("Work")).await, Vec::<String>::new());
    // A start repairs nothing, as nothing is broken.
    let engine = world.engine().await;
    assert_eq!(engine.unfinished_jobs().await.unwrap(), []);
    assert_eq!(found(&engine, "lamp", Some("default")).await.len(), 3);
}

#[tokio::test]
async fn a_file_that_is_in_the_other_collection_already_stays_where_it_is() {
    let (world, engine) = library(&LAMPS[..2]).await;
    let path = world.folder.path().join("a.txt");
    let cancel = CancellationToken::new();
    let first = id(&engine, &path).await;
    engine
        .add(std::slice::from_ref(&path), "Work", &Silent, &cancel)
        .await
        .unwrap();
    let other = id(&engine, &world.folder.path().join("b.txt")).await;
    let stayed = engine
        .move_to_collection(&[first.clone(), other, "gone".into()], "Work")
        .await;
    assert_eq!(stayed.unwrap(), [first]);
    assert_eq!(names(&engine).await, [("Work".into(), 2), ("default".into(), 1)]);
}

#[tokio::test]
async fn a_renamed_collection_keeps_what_is_in_it_and_what_waits_for_it() {
    let (world, engine) = library(&LAMPS).await;
    let a = id(&engine, &world.folder.path().join("a.txt")).await;
    engine.move_to_collection(&[a], "Work").await.unwrap();
    let mut waiting = queued(world.file("d.txt", "The lamp waits."), "Work");
    world.ledger.add_job(&waiting).await.unwrap();
    engine.rename_collection("Work", "Home").await.unwrap();
    // Who holds the job from before does not bring the old name back.
    waiting.step = Step::Hashing;
    world.ledger.update_job(&waiting).await.unwrap();
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(names(&engine).await, [("Home".into(), 2), ("default".into(), 2)]);
    assert_eq!(found(&engine, "lamp", Some("Home")).await, ["a.txt", "d.txt"]);
    assert_eq!(found(&engine, "lamp", Some("Work")).await, Vec::<String>::new());
    for (from, to, said) in [
        ("Work", "Other", "There is no such collection"),
        ("Home", "default", "already"),
        ("default", "Mine", "keeps its name"),
        ("Home", " ", "needs a name"),
    ] {
        let error = engine.rename_collection(from, to).await.unwrap_err();
        assert!(error.message.contains(said), "{error}");
    }
    engine.rename_collection("Home", "Home").await.unwrap();
}

#[tokio::test]
async fn an_answer_is_from_the_collection_that_was_asked() {
    let (world, engine) = library(&LAMPS).await;
    let b = id(&engine, &world.folder.path().join("b.txt")).await;
    engine
        .move_to_collection(std::slice::from_ref(&b), "Work")
        .await
        .unwrap();
    let mut request = AskRequest::new("What colour is the lamp?");
    request.scope.collection = Some("Work".into());
    let (_, answer) = ask(&engine, request).await;
    let answer = answer.unwrap();
    assert!(!answer.passages.is_empty());
    assert!(answer.passages.iter().all(|passage| passage.document == b));
    assert_eq!(answer.trace.scope.collection.as_deref(), Some("Work"));
}

#[tokio::test]
async fn a_move_is_told_in_the_history_of_the_document() {
    let (world, engine) = library(&LAMPS).await;
    let b = id(&engine, &world.folder.path().join("b.txt")).await;
    for (to, events) in [("Work", 2), ("Work", 2), (DEFAULT_COLLECTION, 3)] {
        engine
            .move_to_collection(std::slice::from_ref(&b), to)
            .await
            .unwrap();
        let history = engine.history(&b).await.unwrap();
        assert_eq!(history.events.len(), events, "a move to where it is is none");
    }
    let last = engine.history(&b).await.unwrap().events.pop().unwrap();
    let (from, to) = ("Work".into(), DEFAULT_COLLECTION.into());
    assert_eq!(last.happening, crate::history::Happening::Collected { from, to });
}

#[tokio::test]
async fn a_watched_folder_goes_to_another_collection_with_its_documents() {
    let (world, engine) = library(&LAMPS).await;
    let path = world.folder.path();
    let folder = engine
        .watch_folder(path, DEFAULT_COLLECTION, Vec::new())
        .await
        .unwrap();
    let a = id(&engine, &path.join("a.txt")).await;
    engine.move_to_collection(&[a], "Home").await.unwrap();
    let waiting = queued(world.file("d.txt", "The lamp waits."), DEFAULT_COLLECTION);
    world.ledger.add_job(&waiting).await.unwrap();
    assert_eq!(engine.move_folder(&folder.id, " Work ").await.unwrap(), []);
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(names(&engine).await, [("Home".into(), 1), ("Work".into(), 3)]);
    let watched = engine.watched_folders().await.unwrap().remove(0);
    assert_eq!(watched.folder.collection, "Work");
    assert_eq!(watched.documents, 4, "what was moved out is still the folder's");
    assert!(engine.move_folder(&"nobody".into(), "Work").await.is_err());
    assert!(engine.move_folder(&folder.id, " ").await.is_err());
}
