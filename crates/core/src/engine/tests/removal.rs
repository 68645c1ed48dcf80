//! Removals with a grace, and what answers keep.

use super::*;
use crate::removal::{Quotes, RemovalEnd};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(3600);
const QUESTION: &str = "How often must the lamp be cleaned?";

async fn only(engine: &Engine) -> DocumentId {
    let documents = engine.documents().await.unwrap();
    assert_eq!(documents.len(), 1);
    documents[0].id.clone()
}

/// See [`Engine::see_through`], as a task, with the end it tells.
fn seen_through(
    engine: &Engine,
    grace: Grace,
    wait: Duration,
) -> tokio::task::JoinHandle<(Option<RemovalEnd>, Result<()>)> {
    let engine = engine.clone();
    tokio::spawn(async move {
        let mut end = None;
        let cancel = CancellationToken::new();
        let ended = engine
            .see_through(grace, wait, |told| end = Some(told), &cancel)
            .await;
        (end, ended)
    })
}

async fn rows(engine: &Engine) -> u64 {
    engine.store_health().await.unwrap().rows
}

#[tokio::test]
async fn an_undone_removal_brings_everything_back_and_embeds_nothing() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (_, before) = ask(&engine, AskRequest::new(QUESTION)).await;
    let before = before.unwrap();
    let id = only(&engine).await;
    let (removal, grace) = engine
        .remove_for_now(std::slice::from_ref(&id), Quotes::Stay)
        .await
        .unwrap();
    assert_eq!((removal.documents, removal.quoted), (1, true));
    assert!(engine.documents().await.unwrap().is_empty());
    assert!(engine.page(&id, 1).await.is_err());
    let (_, hidden) = ask(&engine, AskRequest::new(QUESTION)).await;
    assert!(hidden.unwrap().abstained);
    let turns = engine.turns(&before.conversation).await.unwrap();
    assert_eq!(
        engine.withdrawn(&turns).await.unwrap(),
        HashSet::from([id.clone()])
    );
    assert_eq!(rows(&engine).await, 1, "nothing is deleted yet");

    let waiting = seen_through(&engine, grace, LONG);
    let embedded = world.embedder.embedded.load(Ordering::SeqCst);
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 1);
    let (end, ended) = waiting.await.unwrap();
    assert_eq!((end, ended), (Some(RemovalEnd::Undone), Ok(())));
    assert_eq!(only(&engine).await, id);
    assert_eq!(world.embedder.embedded.load(Ordering::SeqCst), embedded);
    let turns = engine.turns(&before.conversation).await.unwrap();
    assert_eq!(turns[0].answer, before);
    assert!(engine.withdrawn(&turns).await.unwrap().is_empty());
    let (_, again) = ask(&engine, AskRequest::new(QUESTION)).await;
    assert_eq!(again.unwrap().citations[0].quote, before.citations[0].quote);
    assert!(engine.verify().await.unwrap().iter().all(|v| v.faults.is_empty()));
    // Once is enough.
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 0);
}

#[tokio::test]
async fn a_removal_is_through_when_its_grace_is_over_and_quotes_stay() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (_, answer) = ask(&engine, AskRequest::new(QUESTION)).await;
    let answer = answer.unwrap();
    let id = only(&engine).await;
    let (removal, grace) = engine.remove_for_now(&[id], Quotes::Stay).await.unwrap();
    let (end, ended) = seen_through(&engine, grace, Duration::from_millis(1))
        .await
        .unwrap();
    assert_eq!((end, ended), (Some(RemovalEnd::Removed), Ok(())));
    assert_eq!(rows(&engine).await, 0);
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 0);
    let kept = &engine.turns(&answer.conversation).await.unwrap()[0].answer;
    assert_eq!(kept.citations, answer.citations);
    assert!(kept.passages.is_empty() && kept.trace.candidates.is_empty());
    assert_eq!(kept.trace.prompt_text, "");
}

#[tokio::test]
async fn quotes_go_if_that_is_asked_for_before_the_grace_is_over() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (_, answer) = ask(&engine, AskRequest::new(QUESTION)).await;
    let answer = answer.unwrap();
    let id = only(&engine).await;
    let (removal, grace) = engine.remove_for_now(&[id], Quotes::Stay).await.unwrap();
    assert!(engine.take_quotes(&removal.id).await.unwrap());
    let waiting = seen_through(&engine, grace, LONG);
    engine.finish_removal(&removal.id);
    waiting.await.unwrap().1.unwrap();
    let kept = &engine.turns(&answer.conversation).await.unwrap()[0].answer;
    assert!(
        kept.citations
            .iter()
            .all(|one| one.quote.is_empty() && one.title.is_empty())
    );
    assert!(!engine.take_quotes(&removal.id).await.unwrap());
}

#[tokio::test]
async fn a_held_removal_waits_and_its_grace_begins_anew() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let id = only(&engine).await;
    let (removal, grace) = engine.remove_for_now(&[id], Quotes::Stay).await.unwrap();
    engine.hold_removal(&removal.id, true);
    let waiting = seen_through(&engine, grace, Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(rows(&engine).await, 1);
    engine.hold_removal(&removal.id, false);
    assert_eq!(waiting.await.unwrap().0, Some(RemovalEnd::Removed));
    assert_eq!(rows(&engine).await, 0);
}

#[tokio::test]
async fn a_start_finishes_what_could_be_undone_as_it_was_asked_for() {
    for quotes in [Quotes::Stay, Quotes::Go] {
        let world = World::new();
        let engine = world.engine().await;
        world.add(&engine, &world.file("lamp.txt", LAMP)).await;
        let (_, answer) = ask(&engine, AskRequest::new(QUESTION)).await;
        let answer = answer.unwrap();
        let id = only(&engine).await;
        let (_, grace) = engine.remove_for_now(&[id], quotes).await.unwrap();
        let cancel = CancellationToken::new();
        cancel.cancel();
        let ended = engine.see_through(grace, Duration::ZERO, |_| (), &cancel).await;
        assert!(ended.unwrap_err().is_canceled());
        engine.halt();
        drop(engine);
        let engine = world.engine().await;
        assert_eq!(rows(&engine).await, 0);
        assert!(engine.documents().await.unwrap().is_empty());
        let kept = &engine.turns(&answer.conversation).await.unwrap()[0].answer;
        assert_eq!(kept.citations[0].quote.is_empty(), quotes == Quotes::Go);
    }
}

#[tokio::test]
async fn another_engine_over_the_same_stores_ends_the_grace() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let id = only(&engine).await;
    let (removal, grace) = engine.remove_for_now(&[id], Quotes::Stay).await.unwrap();
    let waiting = seen_through(&engine, grace, LONG);
    tokio::task::yield_now().await;
    engine.retire().await;
    assert_eq!(waiting.await.unwrap().0, Some(RemovalEnd::Removed));
    let next = world.engine().await;
    assert_eq!(rows(&next).await, 0);
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 0);
}

#[tokio::test]
async fn a_file_that_is_added_again_in_the_grace_is_the_document_it_was() {
    let world = World::new();
    let engine = world.engine().await;
    let (lamp, horn) = (
        world.file("lamp.txt", LAMP),
        world.file("horn.txt", "The horn sounds."),
    );
    world.add(&engine, &lamp).await;
    world.add(&engine, &horn).await;
    let documents = engine.documents().await.unwrap();
    let ids: Vec<_> = documents.iter().map(|document| document.id.clone()).collect();
    let (removal, grace) = engine.remove_for_now(&ids, Quotes::Stay).await.unwrap();
    let waiting = seen_through(&engine, grace, LONG);
    let embedded = world.embedder.embedded.load(Ordering::SeqCst);
    assert_eq!(
        world.add(&engine, &lamp).await.jobs[0].status,
        JobStatus::Unchanged
    );
    assert_eq!(world.embedder.embedded.load(Ordering::SeqCst), embedded);
    let back = only(&engine).await;
    assert!(ids.contains(&back));
    // A changed one comes back with its new text; with the last one, the removal is undone.
    world.file("horn.txt", "The horn is silent.");
    assert_eq!(world.add(&engine, &horn).await.jobs[0].status, JobStatus::Done);
    assert_eq!(waiting.await.unwrap().0, Some(RemovalEnd::Undone));
    let now: Vec<_> = engine
        .documents()
        .await
        .unwrap()
        .into_iter()
        .map(|d| d.id)
        .collect();
    assert_eq!(now, ids);
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 0);
    assert!(engine.verify().await.unwrap().iter().all(|v| v.faults.is_empty()));
}

#[tokio::test]
async fn a_file_that_is_added_again_after_its_quotes_were_to_go_is_a_new_document() {
    let world = World::new();
    let engine = world.engine().await;
    let lamp = world.file("lamp.txt", LAMP);
    world.add(&engine, &lamp).await;
    let id = only(&engine).await;
    let (removal, grace) = engine
        .remove_for_now(std::slice::from_ref(&id), Quotes::Go)
        .await
        .unwrap();
    let waiting = seen_through(&engine, grace, LONG);
    assert_eq!(world.add(&engine, &lamp).await.jobs[0].status, JobStatus::Done);
    let new = only(&engine).await;
    assert_ne!(new, id);
    // Its place is taken, so there is nothing to bring back; what was asked for is done.
    assert_eq!(engine.undo_removal(&removal.id).await.unwrap(), 0);
    waiting.await.unwrap().1.unwrap();
    assert_eq!(only(&engine).await, new);
    assert_eq!(rows(&engine).await, 1);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_removed_and_the_rest_can() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let id = only(&engine).await;
    let none = engine
        .remove_for_now(&["none".into()], Quotes::Stay)
        .await
        .unwrap_err();
    assert_eq!(none.code, Some(ErrorCode::NotFound));
    let (removal, _) = engine
        .remove_for_now(&["none".into(), id], Quotes::Stay)
        .await
        .unwrap();
    assert_eq!((removal.documents, removal.quoted), (1, false));
}
