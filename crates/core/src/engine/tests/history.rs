//! What became of a document, and reading it again.

use super::*;
use crate::history::{Happening, Occasion};

async fn occasions(engine: &Engine, id: &DocumentId) -> Vec<Occasion> {
    let events = engine.history(id).await.unwrap().events;
    events
        .into_iter()
        .filter_map(|event| match event.happening {
            Happening::Read { occasion, .. } => Some(occasion),
            _ => None,
        })
        .collect()
}

async fn read_again(engine: &Engine, id: &DocumentId) -> Vec<IndexJob> {
    engine
        .read_again(std::slice::from_ref(id), &Silent, &CancellationToken::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_history_tells_why_a_document_was_read_and_what_came_of_it() {
    let (mut world, engine) = library(&[("lamp.txt", LAMP)]).await;
    let document = engine.documents().await.unwrap().remove(0);
    let path = document.path.clone();
    // The same bytes are nothing to tell.
    world.add(&engine, &path).await;
    world.file("lamp.txt", "The lamp burns oil.");
    world.add(&engine, &path).await;
    let embedded = world.embedder.embedded.load(Ordering::Relaxed);
    let again = read_again(&engine, &document.id).await;
    assert_eq!((again.len(), again[0].status), (1, JobStatus::Done));
    // Text that is the same is not embedded again.
    assert_eq!(world.embedder.embedded.load(Ordering::Relaxed), embedded);
    drop(engine);
    world.change_embedder();
    let engine = world.engine().await;
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    let told = occasions(&engine, &document.id).await;
    assert_eq!(
        told,
        [
            Occasion::Added,
            Occasion::Changed,
            Occasion::Asked,
            Occasion::Index
        ]
    );

    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        read_again(&engine, &document.id).await[0].status,
        JobStatus::Failed
    );
    let history = engine.history(&document.id).await.unwrap();
    assert!(
        matches!(&history.events[4].happening, Happening::Failed { error } if error.message.contains("lamp.txt"))
    );
    // What was read before is still found.
    assert_eq!(engine.documents().await.unwrap()[0].chunks, 1);

    engine
        .remove(&document.id, crate::removal::Quotes::Stay)
        .await
        .unwrap();
    let gone = engine.history(&document.id).await.unwrap_err();
    assert_eq!(gone.code, Some(ErrorCode::NotFound));
    assert_eq!(read_again(&engine, &document.id).await, []);
}

#[tokio::test]
async fn a_reading_that_was_asked_for_survives_the_end_of_the_program_and_a_failure() {
    let (world, engine) = library(&[("lamp.txt", LAMP)]).await;
    let document = engine.documents().await.unwrap().remove(0);
    engine.pause(true).await.unwrap();
    assert_eq!(
        read_again(&engine, &document.id).await[0].status,
        JobStatus::Queued
    );
    // Asked twice, it waits once.
    read_again(&engine, &document.id).await;
    assert_eq!(engine.unfinished_jobs().await.unwrap().len(), 1);
    drop(engine);
    let engine = world.engine().await;
    engine.unpause().await.unwrap();
    std::fs::remove_file(&document.path).unwrap();
    let failed = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(failed.jobs[0].status, JobStatus::Failed);
    world.file("lamp.txt", LAMP);
    let retried = engine
        .retry_failed(&Silent, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(retried[0].status, JobStatus::Done);
    assert_eq!(
        occasions(&engine, &document.id).await,
        [Occasion::Added, Occasion::Asked]
    );
}

#[tokio::test]
async fn a_history_says_which_readings_answers_cite() {
    let (world, engine) = library(&[("lamp.txt", LAMP)]).await;
    let request = AskRequest::new("How often must the lamp of the lighthouse be cleaned?");
    let (_, answer) = ask(&engine, request).await;
    let cited = answer.unwrap().citations[0].clone();
    world
        .add(&engine, &world.file("lamp.txt", "The lamp burns oil."))
        .await;
    let history = engine.history(&cited.document).await.unwrap();
    assert_eq!(history.answers(&cited.revision), 1);
    let now = engine.document(&cited.document).await.unwrap().revision;
    assert_eq!(history.answers(&now.unwrap()), 0);
}

#[tokio::test]
async fn images_that_can_be_read_now_and_rows_that_were_lost_are_told() {
    let mut world = World::new();
    let engine = world.engine().await;
    let text = format!("The harbour opens at six.\u{c}{IMAGE}The ferry");
    world.add(&engine, &world.file("scan.txt", &text)).await;
    let id = engine.documents().await.unwrap()[0].id.clone();
    drop(engine);
    world.recognizer = Some(Arc::default());
    let engine = world.engine().await;
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    drop(engine);
    let revisions = world.store.revisions().await.unwrap();
    let lost: Vec<_> = revisions.into_iter().map(|stored| stored.revision).collect();
    world.store.delete_revisions(&lost).await.unwrap();
    let engine = world.engine().await;
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(
        occasions(&engine, &id).await,
        [Occasion::Added, Occasion::Images, Occasion::Repair]
    );
}
