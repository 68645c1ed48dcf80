//! Looking before adding.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::preflight::{Copied, KindTally, LeftOut, Preflight};
use crate::types::FileKind;

async fn look(world: &World, engine: &Engine) -> Preflight {
    let cancel = CancellationToken::new();
    engine
        .preflight(
            &[world.folder.path().to_owned()],
            DEFAULT_COLLECTION,
            |_| {},
            &cancel,
        )
        .await
        .unwrap()
}

#[tokio::test]
async fn a_preflight_tells_new_changed_unchanged_copied_and_unread_files_apart() {
    let world = World::new();
    let engine = world.engine().await;
    let lamp = world.file("lamp.txt", LAMP);
    let boat = world.file("boat.txt", "The boat is tarred.");
    world.add(&engine, &lamp).await;
    world.add(&engine, &boat).await;
    world.file("boat.txt", "The boat is tarred twice.");
    let copy = world.file("copy of lamp.txt", LAMP);
    world.file("new.md", "new");
    world.file("film.MP4", "x");
    world.file("film 2.mp4", "x");
    world.file("README", "x");

    let found = look(&world, &engine).await;
    let bytes = (LAMP.len() + "The boat is tarred twice.".len() + "new".len()) as u64;
    assert_eq!(
        found,
        Preflight {
            files: 3,
            bytes,
            kinds: vec![KindTally {
                kind: FileKind::Text,
                files: 3,
                bytes
            }],
            // Two files are too few to tell from.
            seconds: None,
            unchanged: 1,
            changed: 1,
            copies: vec![Copied {
                path: copy.clone(),
                of: lamp
            }],
            unsupported: vec![
                LeftOut {
                    extension: "mp4".into(),
                    files: 2
                },
                LeftOut {
                    extension: String::new(),
                    files: 1
                }
            ],
            errors: Vec::new(),
        }
    );
    // Looking is not adding.
    assert_eq!(engine.documents().await.unwrap().len(), 2);

    let except = std::iter::once(copy).collect();
    let paths = [world.folder.path().to_owned()];
    let added = engine
        .add_except(
            &paths,
            &except,
            DEFAULT_COLLECTION,
            &Silent,
            &CancellationToken::new(),
        )
        .await
        .unwrap();
    assert_eq!(added.jobs.len(), 3);
    assert_eq!(engine.documents().await.unwrap().len(), 3);
    world.file("newer.md", "newer");
    assert_eq!(look(&world, &engine).await.seconds, Some(1));
}

#[tokio::test]
async fn a_preflight_counts_as_it_goes_and_can_be_stopped() {
    let world = World::new();
    let engine = world.engine().await;
    for number in 0..50 {
        world.file(&format!("{number}.txt"), "words");
    }
    let (most, cancel) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let (seen, stop) = (Arc::clone(&most), cancel.clone());
    let found = move |files| {
        seen.store(files, Ordering::Relaxed);
        if files == 20 {
            stop.cancel();
        }
    };
    let ended = engine
        .preflight(
            &[world.folder.path().to_owned()],
            DEFAULT_COLLECTION,
            found,
            &cancel,
        )
        .await;
    assert!(ended.unwrap_err().is_canceled());
    assert_eq!(most.load(Ordering::Relaxed), 20);
}
